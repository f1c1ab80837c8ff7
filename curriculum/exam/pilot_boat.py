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
#     title: Where the pilot boat is
#     description: Read a harbour's log, and tell whether the pilot boat is in or out in the end.
# ---

# %% [markdown]
# A harbour has kept a log for many years: a few sentences on each day, about whichever boats came in and put out.
# Its master wants to know of every day whether the pilot boat was in harbour or out at sea when the entry ends.
# For 5,000 days somebody has looked it up, in `data/log.csv`:
#
# | column | what it is |
# |---|---|
# | `page` | page of the log, a whole number |
# | `entry` | the entry: text in English, up to 40 words |
# | `pilot_boat` | **what to predict**: `in` or `out`, equally frequent |
#
# Entries are in quotation marks where they hold commas, as is usual in CSV files.
# Hours go on as the day goes on. "She" is the boat that was spoken of last.
# A boat that crosses the bar, passes the pierheads or goes through the sea lock was in and is out now,
# or was out and is in now.
#
# **Your model** gets the texts in one of two forms; it may be made for either:
#
# - as they are: strings, shape (batch,), for a model that begins with `TextVectorization`, in a `.keras` file;
# - as word numbers: int32, shape (batch, 40), as `encode` below makes them, in a `.keras` or `.h5` file.
#   Words are runs of the letters a to z, in lower case. `data/vocabulary.txt` has one word a line:
#   the first has number 2, the next 3, and so on; 1 is any other word, 0 fills up behind the last word.
#
# It returns the probability that the pilot boat is out, shape (batch, 1), from 0 to 1.
# It is judged by accuracy on 1,500 entries that are not in the file: `out` is answered where the probability
# is above one half. At most 500,000 parameters, and a file of at most 10 MB.
#
# {{ladder:exam.pilot_boat}}

# %% tags=["setup"]
import csv
import re
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import layers

DATA = (Path(__file__).parent if "__file__" in globals() else Path()) / "data"
LENGTH = 40


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
    with open(DATA / "log.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    x = tf.constant([row["entry"] for row in rows])
    y = np.array([row["pilot_boat"] == "out" for row in rows], dtype="float32")
    vectorizer = layers.TextVectorization(output_sequence_length=LENGTH)
    vectorizer.adapt(x)
    model = keras.Sequential([
        keras.Input(shape=(), dtype="string"),
        vectorizer,
        layers.Embedding(vectorizer.vocabulary_size(), 32),
        layers.Conv1D(64, 5, padding="same", activation="relu"),
        layers.MaxPooling1D(4),
        layers.Bidirectional(layers.GRU(32)),
        layers.Dense(1, activation="sigmoid"),
    ])
    epochs = 4
    rate = keras.optimizers.schedules.CosineDecay(0.005, epochs * len(y) // 64)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="binary_crossentropy")
    model.fit(x, y, epochs=epochs, batch_size=64, verbose=0)
    return model
    ### END SOLUTION
