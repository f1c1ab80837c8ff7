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
#     title: The next turn of a pump
#     description: Predict the level in a pumping station's pit half an hour ahead.
# ---

# %% [markdown]
# Sewage runs into the pit of a pumping station, its *sump*. At a level that was set by hand, a pump starts and empties
# the pit down to another level; then it rests, and the water rises again.
# The waterworks want to know where the level will be in half an hour.
#
# `data/levels.csv` holds the readings of 100 stations over three days, one line every five minutes, without gaps:
#
# | column | what it is |
# |---|---|
# | `time` | `2024-03-05 00:00` and so on |
# | `station_001` … `station_100` | level in the pit of that station, m above its floor |
#
# Every station has its own start and stop levels, its own pump, and its own inflow.
#
# **Your model** gets windows of 48 readings, four hours of one station, oldest first, in m as they are in the file:
# float32 of shape (batch, 48, 1).
# It returns **one value for each window**: the level half an hour after the window's last reading,
# which is the sixth reading that follows, in m, shape (batch, 1).
# Any scaling has to be part of the model.
#
# It is judged by the mean absolute error in m on 1,500 windows, each of a station that is not in the file,
# at any hour of the day.
# At most 200,000 parameters, and a file of at most 5 MB.
#
# {{ladder:exam.sumps}}

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
    levels = pd.read_csv(DATA / "levels.csv", index_col="time").to_numpy("float32").T
    window, ahead = 48, 6
    starts = np.arange(0, levels.shape[1] - window - ahead + 1, 5)
    x = levels[:, starts[:, None] + np.arange(window)].reshape(-1, window, 1)
    y = levels[:, starts + window + ahead - 1].reshape(-1)
    middle, spread = float(x.mean()), float(x.std())
    model = keras.Sequential([
        keras.Input(shape=(window, 1)),
        layers.Rescaling(1 / spread, -middle / spread),
        layers.Flatten(),
        layers.Dense(128, activation="relu"),
        layers.Dense(128, activation="relu"),
        layers.Dense(1),
        layers.Rescaling(spread, middle),
    ])
    epochs, batch_size = 12, 128
    rate = keras.optimizers.schedules.CosineDecay(0.003, epochs * len(x) // batch_size)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mae")
    model.fit(x, y, epochs=epochs, batch_size=batch_size, verbose=0)
    return model
    ### END SOLUTION
