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
#     title: The river in eight hours
#     description: Predict a river's level for the next eight hours from rain, soil, and a reservoir.
# ---

# %% [markdown]
# A town lies on a mountain river, below a reservoir. Its flood service wants to know the river's level
# for each of the next eight hours.
#
# `data/` holds a file for each of eight years, `2002-03.csv` to `2016-17.csv`. Each begins on 1 October and has a line
# for each hour:
#
# | column | what it is |
# |---|---|
# | `time` | `2002-10-01 00:00` and so on |
# | `level` | **what to predict**: the river's level in the town, m |
# | `rain` | rain (or melted snow) in the gauge in the mountains, mm in this hour |
# | `temperature` | °C in the mountains |
# | `soil` | moisture of the soil, percent of what it can hold |
# | `reservoir` | how full the reservoir is, percent |
#
# Where a sensor failed, the cell is empty; where the whole logger was off, lines are missing.
#
# **Your model** gets windows of 24 consecutive hours, oldest first, with the five columns above from `level` to
# `reservoir`, in this order and in the file's units: float32 of shape (batch, 24, 5). These windows have no gaps.
# It returns the **levels of the eight hours that follow**, in m, the next hour first: shape (batch, 8).
# Any scaling has to be part of the model.
#
# It is judged by the mean absolute error in m, over all eight hours, on 2,000 windows from other years,
# from all seasons.
# At most 200,000 parameters, and a file of at most 5 MB.
#
# {{ladder:exam.rivers}}

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
    window, horizon = 24, 8
    x, y = [], []
    for path in sorted(DATA.glob("*.csv")):
        year = pd.read_csv(path, index_col="time", parse_dates=True).asfreq("h")
        rows = year.interpolate(limit=2, limit_area="inside").to_numpy("float32")
        for start in range(0, len(rows) - window - horizon + 1, 3):
            cut = rows[start : start + window + horizon]
            if not np.isnan(cut).any():
                x.append(cut[:window])
                y.append(cut[window:, 0])
    x, y = np.stack(x), np.stack(y)
    normalize = layers.Normalization()
    normalize.adapt(x)
    model = keras.Sequential([
        keras.Input(shape=(window, 5)),
        normalize,
        layers.Flatten(),
        layers.Dense(128, activation="relu"),
        layers.Dense(128, activation="relu"),
        layers.Dense(horizon),
        layers.Rescaling(float(y.std()), float(y.mean())),
    ])
    epochs, batch_size = 20, 128
    rate = keras.optimizers.schedules.CosineDecay(0.003, epochs * len(x) // batch_size)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mae")
    model.fit(x, y, epochs=epochs, batch_size=batch_size, verbose=0)
    return model
    ### END SOLUTION
