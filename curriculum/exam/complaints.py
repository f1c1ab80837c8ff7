# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   tfcourse:
#     title: What the guest complains about
#     description: Read reviews of hotels, and tell which part of the house each complains about.
# ---

# %% [markdown]
# Hotels get reviews that praise some things and complain about another.
# `data/reviews.jsonl` has 8,000 of them, one JSON object a line:
#
# | field | what it is |
# |---|---|
# | `id` | a whole number without meaning |
# | `text` | the review: English, up to 56 words |
# | `complaint` | **what to predict**: the part of the house that the guest was not content with |
#
# The parts, with their labels: 0 `room` (bed, balcony …), 1 `food` (breakfast, soup …),
# 2 `staff` (porter, cook …), 3 `grounds` (pool, garden …), 4 `transfer` (ferry, minibus …).
# Each review complains about one of them. They are equally frequent.
#
# **Your model** gets the texts in one of two forms; it may be made for either:
#
# - as they are: strings, shape (batch,), for a model that begins with `TextVectorization`, in a `.keras` file;
# - as word numbers: int32, shape (batch, 56), as `encode` below makes them, in a `.keras` or `.h5` file.
#   Words are runs of the letters a to z, in lower case. `data/vocabulary.txt` has one word a line:
#   the first has number 2, the next 3, and so on; 1 is any other word, 0 fills up behind the last word.
#
# It returns one probability for each label, shape (batch, 5), rows that sum to 1.
# It is judged by accuracy on 1,500 reviews that are not in the file.
# At most 500,000 parameters, and a file of at most 10 MB.
#
# {{ladder:exam.complaints}}

# %% tags=["setup"]
import json
import re
from pathlib import Path

import keras
import numpy as np
from keras import layers

DATA = (Path(__file__).parent if "__file__" in globals() else Path()) / "data"
LENGTH = 56


def encode(texts):
    """Return the word numbers of texts, int32 of shape (texts, LENGTH)."""
    words = (DATA / "vocabulary.txt").read_text().split()
    number = {word: place for place, word in enumerate(words, start=2)}
    rows = np.zeros((len(texts), LENGTH), dtype="int32")
    for row, text in zip(rows, texts, strict=True):
        numbers = [number.get(word, 1) for word in re.findall("[a-z]+", text.lower())]
        row[: len(numbers)] = numbers[:LENGTH]
    return rows

# %% nbgrader={"grade": false, "grade_id": "solution_model", "locked": false, "schema_version": 3, "solution": true, "task": false}
def solution_model():
    """Return a trained model."""
    ### BEGIN SOLUTION
    with open(DATA / "reviews.jsonl", encoding="utf-8") as file:
        reviews = [json.loads(line) for line in file]
    parts = ("room", "food", "staff", "grounds", "transfer")
    x = encode([review["text"] for review in reviews])
    y = np.array([parts.index(review["complaint"]) for review in reviews])
    model = keras.Sequential([
        keras.Input(shape=(LENGTH,), dtype="int32"),
        layers.Embedding(int(x.max()) + 1, 32),
        layers.Conv1D(64, 5, padding="same", activation="relu"),
        layers.MaxPooling1D(4),
        layers.Bidirectional(layers.GRU(32, return_sequences=True)),
        layers.GlobalMaxPooling1D(),
        layers.Dropout(0.2),
        layers.Dense(5, activation="softmax"),
    ])
    epochs = 7
    rate = keras.optimizers.schedules.CosineDecay(0.005, epochs * len(x) // 64)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy")
    model.fit(x, y, epochs=epochs, batch_size=64, verbose=0)
    return model
    ### END SOLUTION
