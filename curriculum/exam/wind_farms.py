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
#     title: Tomorrow's wind power
#     description: Predict a wind farm's power for each hour of the coming day.
# ---

# %% [markdown]
# At midnight, a wind farm has to tell the grid what it will deliver in each hour of the coming day.
#
# `data/farms.csv` holds 80 farms over 61 days, one line for each hour, without gaps: farm by farm, in the order of time.
#
# | column | what it is |
# |---|---|
# | `farm` | its number, 1 to 80 |
# | `time` | `2023-10-02 00:00` and so on |
# | `power` | **what to predict**: the farm's power, MW |
# | `wind` | wind measured at the farm, m/s |
# | `wind_forecast` | the region's wind in the forecast, m/s |
# | `direction_forecast` | the direction that it comes from in the forecast, degrees (0 north, 90 east) |
# | `turbines` | turbines in service; service is planned a day ahead |
#
# The forecast for a whole day is issued at the midnight before it. In every farm, the turbines stand in a row from west
# to east.
#
# **Your model** gets, at midnight, 24 rows for the hours 0 to 23 with six columns, in this order and in the
# file's units: `power`, `wind`, `wind_forecast` of the **day that has been**, then `wind_forecast`,
# `direction_forecast`, `turbines` of the **coming day**. Float32 of shape (batch, 24, 6).
# It returns the **power of the coming day**, in MW, for the hours 0 to 23: shape (batch, 24).
# Any scaling has to be part of the model.
#
# It is judged by the mean absolute error in MW, over all 24 hours, on one day of each of 1,500 farms that are not in
# the file.
# At most 200,000 parameters, and a file of at most 5 MB.
#
# {{ladder:exam.wind_farms}}

# %% tags=["setup"]
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from keras import layers

DATA = (Path(__file__).parent if "__file__" in globals() else Path()) / "data"

# %% nbgrader={"grade": false, "grade_id": "solution_model", "locked": false, "schema_version": 3, "solution": true, "task": false}
def solution_model():
    """Return a trained model."""
    ### BEGIN SOLUTION
    table = pd.read_csv(DATA / "farms.csv")
    days = table.iloc[:, 2:].to_numpy("float32").reshape(table["farm"].nunique(), -1, 24, 5)
    x = np.concatenate([days[:, :-1, :, :3], days[:, 1:, :, 2:]], axis=-1).reshape(-1, 24, 6)
    y = days[:, 1:, :, 0].reshape(-1, 24)
    normalize = layers.Normalization()
    normalize.adapt(x)
    inputs = keras.Input(shape=(24, 6))
    hours = normalize(inputs)
    day = layers.Dense(32, activation="relu")(layers.Flatten()(hours))
    day = layers.RepeatVector(24)(layers.Dense(8, activation="relu")(day))
    hours = layers.Concatenate()([hours, day])
    for _ in range(2):
        hours = layers.Dense(64, activation="relu")(hours)
    outputs = layers.Flatten()(layers.Dense(1)(hours))
    outputs = layers.Rescaling(float(y.std()), float(y.mean()))(outputs)
    model = keras.Model(inputs, outputs)
    epochs, batch_size = 12, 64
    rate = keras.optimizers.schedules.CosineDecay(0.005, epochs * len(x) // batch_size)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mae")
    model.fit(x, y, epochs=epochs, batch_size=batch_size, verbose=0)
    return model
    ### END SOLUTION
