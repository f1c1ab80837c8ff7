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
#     title: Which weave
#     description: Tell six weaves of cloth apart in small grey pictures.
# ---

# %% [markdown]
# A museum has photographed its cloth through a loupe and wants it sorted by weave: how the threads that run up and down
# cross those that run across. Restorers have sorted 1,200 pictures.
#
# `data/weaves.npz` holds two arrays:
#
# | array | what it is |
# |---|---|
# | `x` | grey pictures, uint8 from 0 to 255, shape (1200, 28, 28) |
# | `y` | **what to predict**: the weave, 0 to 5, shape (1200,) |
#
# | `y` | weave | what is seen |
# |---|---|---|
# | 0 | plain | one over, one under |
# | 1 | basket | the same with two threads at a time |
# | 2 | twill right | lines that rise to the right |
# | 3 | twill left | lines that rise to the left |
# | 4 | herringbone | lines that rise and fall in turn |
# | 5 | satin | single crossings, without lines |
#
# Twills are the most common: a quarter of the pictures show a right one, and a quarter a left one.
# Each picture is of another piece of cloth. The pieces were laid down roughly straight, anywhere below the loupe.
#
# **Your model** gets pictures as they are in the file, uint8 from 0 to 255, shape (batch, 28, 28): without a last axis for
# the channel. It returns six probabilities, shape (batch, 6). Scaling and reshaping have to be part of the model.
#
# It is judged by its accuracy on 1,500 pictures of other pieces.
# At most 500,000 parameters, and a file of at most 10 MB.
#
# {{ladder:exam.weaves}}

# %% tags=["setup"]
from pathlib import Path

import keras
import numpy as np
from keras import layers

DATA = (Path(__file__).parent if "__file__" in globals() else Path()) / "data"

# %% nbgrader={"grade": false, "grade_id": "solution_model", "locked": false, "schema_version": 3, "solution": true, "task": false}
def solution_model():
    """Return a trained model."""
    ### BEGIN SOLUTION
    with np.load(DATA / "weaves.npz") as file:
        x, y = file["x"], file["y"]
    model = keras.Sequential([
        keras.Input(shape=(28, 28)),
        layers.Reshape((28, 28, 1)),
        layers.Rescaling(1 / 64, offset=-2),
        layers.Conv2D(16, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(32, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(64, 3, padding="same", activation="relu"),
        layers.Flatten(),
        layers.Dropout(0.3),
        layers.Dense(64, activation="relu"),
        layers.Dense(6, activation="softmax"),
    ])
    epochs = 24
    rate = keras.optimizers.schedules.CosineDecay(0.003, epochs * len(x) // 32)
    model.compile(
        optimizer=keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    model.fit(x, y, epochs=epochs, batch_size=32, verbose=0)
    return model
    ### END SOLUTION
