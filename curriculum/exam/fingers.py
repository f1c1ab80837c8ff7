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
#     title: How many fingers?
#     description: Count the fingers that a hand holds up.
# ---

# %% [markdown]
# A game for a phone is played by holding up fingers. The camera's picture has to be turned into a number.
# 960 pictures have been sorted into six folders, 160 into each:
# `data/train/five`, `four`, `none`, `one`, `three` and `two`.
#
# They are PNG files in colour, such as `data/train/two/0001.png`, 72 to 120 pixels wide and as many high, of any proportions.
# Hands reach in from below, more or less upright. Those of the 960 pictures were taken for the purpose:
# on all of them, the thumb is on the left, stretched or folded. Players hold up left hands and right hands,
# and show the palm or the back of them: on half of the hidden pictures, the thumb is on the right.
# Which fingers are up is left to the player: two may be the index and the middle finger, or the thumb and the index finger.
#
# **Your model** gets pictures of shape (batch, 64, 64, 3), numbers from 0 to 255 (red, green, blue).
# They were resized as `keras.utils.image_dataset_from_directory(…, image_size=(64, 64))` does by default:
# bilinear, and without regard to proportions; then rounded to whole numbers.
# Any scaling has to be part of the model.
# It returns a probability for each of the six classes, shape (batch, 6),
# in the order of the folders' names in the alphabet: `five` is class 0, `two` is class 5.
#
# It is judged by its accuracy on 1,000 other pictures, about 167 of each class.
# At most 1,000,000 parameters, and a file of at most 15 MB.
#
# {{ladder:exam.fingers}}

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
    data = keras.utils.image_dataset_from_directory(
        DATA / "train", image_size=(64, 64), batch_size=None, verbose=False
    )
    data = data.cache().shuffle(1_000).batch(16)
    model = keras.Sequential([
        keras.Input(shape=(64, 64, 3)),
        layers.RandomFlip("horizontal"),
        layers.RandomTranslation(0.06, 0.06, fill_mode="nearest"),
        layers.Rescaling(1 / 127.5, offset=-1),
        layers.Conv2D(24, 5, strides=2, padding="same", use_bias=False),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.MaxPooling2D(),
        layers.Conv2D(48, 3, padding="same", use_bias=False),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.MaxPooling2D(),
        layers.Conv2D(64, 3, padding="same", use_bias=False),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dropout(0.25),
        layers.Dense(6, activation="softmax"),
    ])
    epochs = 24
    rate = keras.optimizers.schedules.CosineDecay(0.003, epochs * len(data))
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy")
    model.fit(data, epochs=epochs, verbose=0)
    return model
    ### END SOLUTION
