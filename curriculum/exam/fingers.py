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
#     description: x
# ---

# %% [markdown]
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
    data = data.cache().shuffle(1_000).batch(32)
    model = keras.Sequential([
        keras.Input(shape=(64, 64, 3)),
        layers.Rescaling(1 / 127.5, offset=-1),
        layers.RandomFlip("horizontal"),
        layers.RandomRotation(0.08, fill_mode="nearest"),
        layers.RandomTranslation(0.1, 0.1, fill_mode="nearest"),
        layers.Conv2D(16, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(32, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(64, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(64, 3, padding="same", activation="relu"),
        layers.Flatten(),
        layers.Dropout(0.3),
        layers.Dense(64, activation="relu"),
        layers.Dense(6, activation="softmax"),
    ])
    epochs = 40
    rate = keras.optimizers.schedules.CosineDecay(0.002, epochs * len(data))
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy")
    model.fit(data, epochs=epochs, verbose=0)
    return model
    ### END SOLUTION
