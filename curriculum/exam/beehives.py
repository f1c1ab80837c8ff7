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
#     title: Through the winter
#     description: Tell from what is seen of a beehive in autumn whether its colony lives in spring.
# ---

# %% [markdown]
# A beekeepers' club looks into every hive in October, and counts in April which colonies are alive.
# It wants to know in autumn where help is needed.
#
# `data/hives.csv` has a line for each of 3,000 hives:
#
# | column | what it is |
# |---|---|
# | `stores_g` | honey in the hive, grams |
# | `frames` | frames that are covered with bees |
# | `mites` | mites on 300 bees, counted in July |
# | `treated_week` | calendar week in which the mites were treated |
# | `queen_years` | age of the queen, years |
# | `altitude_m` | height above the sea, metres |
# | `wall_mm` | thickness of the hive's walls, millimetres |
# | `alive` | **what to predict**: 1 where the colony lived in April, 0 where it did not |
#
# **Your model** gets the seven columns above the last, in this order and as they are in the file, as float32 of shape
# (batch, 7), and returns the probability that the colony lives, shape (batch, 1). Any scaling has to be part of the model.
#
# It is judged by its accuracy on 2,000 hives that are not in the file; a probability above 0.5 counts as alive.
# At most 100,000 parameters, and a file of at most 5 MB.
#
# {{ladder:exam.beehives}}

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
    table = np.loadtxt(DATA / "hives.csv", delimiter=",", skiprows=1, dtype="float32")
    x, y = table[:, :7], table[:, 7]
    normalize = layers.Normalization()
    normalize.adapt(x)
    model = keras.Sequential([
        keras.Input(shape=(7,)),
        normalize,
        layers.Dense(32, activation="relu"),
        layers.Dense(32, activation="relu"),
        layers.Dense(1, activation="sigmoid"),
    ])
    epochs = 25
    rate = keras.optimizers.schedules.CosineDecay(0.01, epochs * len(x) // 128)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(x, y, epochs=epochs, batch_size=128, verbose=0)
    return model
    ### END SOLUTION
