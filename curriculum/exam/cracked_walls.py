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
#     description: x
# ---

# %% [markdown]
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
        DATA / "train", image_size=(64, 96), batch_size=None, verbose=False
    )
    data = data.cache().shuffle(1_000).batch(32)
    model = keras.Sequential([
        keras.Input(shape=(64, 96, 3)),
        layers.Rescaling(1 / 127.5, offset=-1),
        layers.RandomFlip(),
        layers.RandomContrast(0.3),
        layers.Conv2D(16, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(32, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(64, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(64, 3, padding="same", activation="relu"),
        layers.GlobalMaxPooling2D(),
        layers.Dropout(0.2),
        layers.Dense(32, activation="relu"),
        layers.Dense(1, activation="sigmoid"),
    ])
    epochs = 30
    rate = keras.optimizers.schedules.CosineDecay(0.003, epochs * len(data))
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="binary_crossentropy")
    model.fit(data, epochs=epochs, verbose=0)
    return model
    ### END SOLUTION
