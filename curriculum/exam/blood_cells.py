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
#     title: White blood cells
#     description: Tell five kinds of white blood cells apart in small colour pictures.
# ---

# %% [markdown]
# A teaching laboratory has photographed stained blood through microscopes: one white cell in each picture, among red ones.
# The pictures are invented, and nothing to judge real blood by.
#
# `data/cells.npz` holds two arrays:
#
# | array | what it is |
# |---|---|
# | `x` | colour pictures, uint8 from 0 to 255, shape (2000, 32, 32, 3) |
# | `y` | **what to predict**: the kind of white cell, 0 to 4, shape (2000,) |
#
# | `y` | kind | what is seen |
# |---|---|---|
# | 0 | neutrophil | a nucleus of three to five lobes, fine pale grain around it |
# | 1 | eosinophil | two lobes, coarse grain around them |
# | 2 | basophil | coarse dark grain over everything |
# | 3 | lymphocyte | a round nucleus that nearly fills the cell |
# | 4 | monocyte | a nucleus like a bean |
#
# Every picture is of another smear, stained anew, and a cell may lie in any direction.
#
# **Your model** gets pictures as they are in the file, uint8 from 0 to 255, shape (batch, 32, 32, 3),
# and returns five probabilities, shape (batch, 5). Scaling has to be part of the model.
#
# It is judged by its accuracy on 1,500 pictures of other smears.
# At most 500,000 parameters, and a file of at most 10 MB.
#
# {{ladder:exam.blood_cells}}

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
    with np.load(DATA / "cells.npz") as file:
        x, y = file["x"], file["y"]
    model = keras.Sequential([
        keras.Input(shape=(32, 32, 3)),
        layers.Rescaling(1 / 64, offset=-2),
        layers.RandomFlip("horizontal_and_vertical"),
        layers.Conv2D(16, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(32, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(64, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dropout(0.4),
        layers.Dense(64, activation="relu"),
        layers.Dense(5, activation="softmax"),
    ])
    epochs = 10
    rate = keras.optimizers.schedules.CosineDecay(0.002, epochs * len(x) // 32)
    model.compile(
        optimizer=keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    model.fit(x, y, epochs=epochs, batch_size=32, verbose=0)
    return model
    ### END SOLUTION
