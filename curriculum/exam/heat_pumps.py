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
#     title: What a heat pump takes
#     description: Predict a heat pump's electric power from the weather and from the house.
# ---

# %% [markdown]
# A utility wants to know what its customers' heat pumps will take in a winter's hour.
# It has readings of 3,000 houses, one hour each.
#
# `data/readings.csv` has a line for each house:
#
# | column | what it is |
# |---|---|
# | `outside_c` | degrees Celsius outside |
# | `humidity` | relative humidity, percent |
# | `flow_c` | degrees of the water in the radiators |
# | `area_m2` | heated area, square metres |
# | `insulation` | watts that the house loses for each square metre and degree |
# | `pump_w` | heat that the pump delivers at 7 °C, watts |
# | `power_kw` | **what to predict**: the electric power that it takes, kW |
#
# **Your model** gets the six columns above the last, in this order and as they are in the file, shape (batch, 6),
# and returns the power in kW, shape (batch, 1). Any scaling has to be part of the model.
#
# It is judged by the mean absolute error on 2,000 houses that are not in the file.
# At most 100,000 parameters, and a file of at most 5 MB.
#
# {{ladder:exam.heat_pumps}}

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
    table = np.loadtxt(DATA / "readings.csv", delimiter=",", skiprows=1, dtype="float32")
    x, y = table[:, :6], table[:, 6]
    normalize = layers.Normalization()
    normalize.adapt(x)
    model = keras.Sequential([
        keras.Input(shape=(6,)),
        normalize,
        layers.Dense(64, activation="relu"),
        layers.Dense(64, activation="relu"),
        layers.Dense(1),
    ])
    steps = 30 * len(x) // 64
    rate = keras.optimizers.schedules.CosineDecay(0.005, steps)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mae")
    model.fit(x, y, epochs=30, batch_size=64, verbose=0)
    return model
    ### END SOLUTION
