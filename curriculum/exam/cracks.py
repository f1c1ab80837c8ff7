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
#     title: Cracks in concrete
#     description: Tell pictures of concrete with a crack from those without one.
# ---

# %% [markdown]
# A drone flies along bridges and photographs their concrete, piece by piece. An engineer has looked at 2,400 pieces
# and noted where there is a crack.
#
# `data/concrete.npz` holds two arrays:
#
# | array | what it is |
# |---|---|
# | `x` | grey pictures, uint8 from 0 to 255, shape (2400, 32, 32) |
# | `y` | **what to predict**: 1 where there is a crack, 0 where there is none, shape (2400,) |
#
# A crack is a thin dark line that wanders, in any direction. Joints, the marks of the boards that the concrete was cast
# between, are straight dark lines that run roughly across or down, and do no harm. There may be joints and pores in
# pictures of both kinds; half of the pictures show a crack.
#
# **Your model** gets pictures as they are in the file, uint8 from 0 to 255, shape (batch, 32, 32): without a last axis for
# the channel. It returns the probability of a crack, shape (batch, 1). Scaling and reshaping have to be part of the model.
#
# It is judged by its accuracy on 2,000 pictures of other pieces; a probability above 0.5 counts as a crack.
# At most 500,000 parameters, and a file of at most 10 MB.
#
# {{ladder:exam.cracks}}

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
    with np.load(DATA / "concrete.npz") as file:
        x, y = file["x"], file["y"]
    model = keras.Sequential([
        keras.Input(shape=(32, 32)),
        layers.Reshape((32, 32, 1)),
        layers.Rescaling(1 / 64, offset=-2),
        layers.RandomFlip("horizontal_and_vertical"),
        layers.Conv2D(16, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(32, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(64, 3, padding="same", activation="relu"),
        layers.GlobalMaxPooling2D(),
        layers.Dropout(0.2),
        layers.Dense(1, activation="sigmoid"),
    ])
    epochs = 10
    rate = keras.optimizers.schedules.CosineDecay(0.004, epochs * len(x) // 32)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(x, y, epochs=epochs, batch_size=32, verbose=0)
    return model
    ### END SOLUTION
