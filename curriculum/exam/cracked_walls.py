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
#     title: Cracked or sound?
#     description: Tell from a photograph whether a wall has a crack.
# ---

# %% [markdown]
# A town has its walls and bridges photographed, and an engineer looks for cracks.
# A model is to look first. The engineer has sorted 1,000 pictures into two folders, 500 into each:
#
# | folder | what it shows |
# |---|---|
# | `data/train/cracked` | a wall with a crack |
# | `data/train/sound` | a wall without one |
#
# The walls are of concrete, plaster, bricks or tiles.
# Both kinds may have cables, scratches, pencil lines, joints, pores, stains and shadows on them.
# The pictures are JPEG files in colour, such as `data/train/sound/0001.jpg`, 84 to 150 pixels wide and 64 to 110 high.
#
# **Your model** gets pictures of shape (batch, 56, 80, 3), numbers from 0 to 255 (red, green, blue).
# They were resized as `keras.utils.image_dataset_from_directory(…, image_size=(56, 80))` does by default:
# bilinear, and without regard to proportions; then rounded to whole numbers.
# Any scaling has to be part of the model.
# It returns one number from 0 to 1, shape (batch, 1): the probability that the wall is *sound*,
# which is class 1, for folders are numbered in the order of the alphabet.
#
# It is judged by its accuracy on 1,000 other pictures, 500 of each class, with 0.5 as the limit between them.
# At most 1,000,000 parameters, and a file of at most 15 MB.
#
# {{ladder:exam.cracked_walls}}

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
        DATA / "train", image_size=(56, 80), batch_size=None, verbose=False
    )
    data = data.cache().shuffle(1_000).batch(16)
    model = keras.Sequential([
        keras.Input(shape=(56, 80, 3)),
        layers.RandomFlip(),
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
        layers.GlobalMaxPooling2D(),
        layers.Dropout(0.2),
        layers.Dense(1, activation="sigmoid"),
    ])
    epochs = 10
    rate = keras.optimizers.schedules.CosineDecay(0.004, epochs * len(data))
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="binary_crossentropy")
    model.fit(data, epochs=epochs, verbose=0)
    return model
    ### END SOLUTION
