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
#     title: Who ran into whom
#     description: Read letters to a motor insurer, and tell who ran into whom.
# ---

# %% [markdown]
# A motor insurer gets letters from its customers about what happened on the road.
# A clerk has read 5,000 of them, and has put each into one of four folders:
#
# | folder | label | what happened |
# |---|---|---|
# | `data/writer/` | 0 | the writer's vehicle ran into another one |
# | `data/other/` | 1 | another vehicle ran into the writer's |
# | `data/witness/` | 2 | two others collided, and the writer saw it |
# | `data/nobody/` | 3 | there was no collision |
#
# Each letter is a plain text file of up to 64 words in English; the names of the files are numbers and mean nothing.
# What counts is this accident, as the writer wants it understood:
# letters also tell of earlier accidents, of near misses, and of what other people say.
#
# **Your model** gets the texts in one of two forms; it may be made for either:
#
# - as they are: strings, shape (batch,), for a model that begins with `TextVectorization`, in a `.keras` file;
# - as word numbers: int32, shape (batch, 64), as `encode` below makes them, in a `.keras` or `.h5` file.
#   Words are runs of the letters a to z, in lower case. `data/vocabulary.txt` has one word a line:
#   the first has number 2, the next 3, and so on; 1 is any other word, 0 fills up behind the last word.
#
# It returns one probability for each label, shape (batch, 4), rows that sum to 1.
# It is judged by accuracy on 1,500 letters that are in no folder; the four labels are equally frequent.
# At most 500,000 parameters, and a file of at most 10 MB.
#
# {{ladder:exam.accidents}}

# %% tags=["setup"]
import re
from pathlib import Path

import keras
import numpy as np
from keras import layers

DATA = (Path(__file__).parent if "__file__" in globals() else Path()) / "data"
LENGTH = 64


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
    texts, labels = [], []
    for label, name in enumerate(("writer", "other", "witness", "nobody")):
        for path in sorted((DATA / name).glob("*.txt")):
            texts.append(path.read_text())
            labels.append(label)
    x, y = encode(texts), np.array(labels)
    model = keras.Sequential([
        keras.Input(shape=(LENGTH,), dtype="int32"),
        layers.Embedding(int(x.max()) + 1, 32),
        layers.Conv1D(64, 5, padding="same", activation="relu"),
        layers.MaxPooling1D(4),
        layers.Bidirectional(layers.GRU(32, return_sequences=True)),
        layers.GlobalMaxPooling1D(),
        layers.Dropout(0.2),
        layers.Dense(4, activation="softmax"),
    ])
    epochs = 6
    rate = keras.optimizers.schedules.CosineDecay(0.005, epochs * len(x) // 64)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy")
    model.fit(x, y, epochs=epochs, batch_size=64, verbose=0)
    return model
    ### END SOLUTION
