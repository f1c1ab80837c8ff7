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
#     title: What ails the leaf?
#     description: Tell from a gardener's photograph what is wrong with a leaf.
# ---

# %% [markdown]
# Gardeners send photographs of leaves and ask what is wrong with them.
# An adviser has sorted 900 of them into folders, 150 into each of six:
#
# | folder below `data/train/` | what it shows |
# |---|---|
# | `chewed` | bites and holes: caterpillars |
# | `healthy` | nothing is wrong |
# | `mildewed` | soft white patches |
# | `mined` | pale winding tracks of a larva within the leaf |
# | `rusty` | small brown dots |
# | `scorched` | dry and brown from the edge inwards |
#
# The pictures are JPEG files in colour, such as `data/train/rusty/0001.jpg`.
# Their longer side has 84 to 132 pixels, their shorter side at least 40,
# and leaves of three trees lie on them in any direction.
#
# **Your model** gets pictures of shape (batch, 64, 64, 3), numbers from 0 to 255 (red, green, blue).
# They were resized as `keras.utils.image_dataset_from_directory(…, image_size=(64, 64))` does by default:
# bilinear, and without regard to proportions; then rounded to whole numbers.
# Any scaling has to be part of the model.
# It returns a probability for each of the six classes, shape (batch, 6), in the order of the table.
#
# It is judged by its accuracy on 1,000 other photographs, about 167 of each class.
# At most 1,000,000 parameters, and a file of at most 15 MB.
#
# {{ladder:exam.sick_leaves}}

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
        layers.GlobalAveragePooling2D(),
        layers.Dropout(0.2),
        layers.Dense(6, activation="softmax"),
    ])
    epochs = 12
    rate = keras.optimizers.schedules.CosineDecay(0.004, epochs * len(data))
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy")
    model.fit(data, epochs=epochs, verbose=0)
    return model
    ### END SOLUTION
