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
#     title: What a ship is doing
#     description: Tell from a ship's report which of six things it is doing.
# ---

# %% [markdown]
# Ships report themselves by radio. A coast guard wants to know what each of them is doing.
# For 3,600 reports it has found out.
#
# `data/reports.jsonl` has one report in each line, as JSON:
#
# | name | what it is |
# |---|---|
# | `speed_kn` | speed, knots |
# | `turn` | degrees that the ship turns in a minute |
# | `drift` | degrees between its bow and the direction in which it moves, 0 to 180 |
# | `wind_angle` | where the wind comes from, degrees clockwise from the bow, 0 to 359 |
# | `wind_kn` | wind, knots |
# | `depth_m` | depth of the water, metres |
# | `shore_m` | distance to the shore, metres |
# | `length_m` | length of the ship, metres |
# | `doing` | **what to predict**, in words |
#
# A number that was not received is `null` in the file. In the hidden reports, none is missing.
#
# **Your model** gets the eight numbers, in this order and as they are in the file, as float32 of shape (batch, 8),
# and returns six probabilities, shape (batch, 6), in this order: under way, trawling, drifting, at anchor,
# holding position, moored. Any scaling has to be part of the model.
#
# It is judged by its accuracy on 2,000 reports that are not in the file.
# At most 100,000 parameters, and a file of at most 5 MB.
#
# {{ladder:exam.ships}}

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
    import json

    names = ["speed_kn", "turn", "drift", "wind_angle", "wind_kn", "depth_m", "shore_m", "length_m"]
    doings = ["under way", "trawling", "drifting", "at anchor", "holding position", "moored"]
    reports = [json.loads(line) for line in (DATA / "reports.jsonl").read_text().splitlines()]
    reports = [report for report in reports if None not in report.values()]
    x = np.array([[report[name] for name in names] for report in reports], dtype="float32")
    y = np.array([doings.index(report["doing"]) for report in reports])
    normalize = layers.Normalization()
    normalize.adapt(x)
    model = keras.Sequential([
        keras.Input(shape=(8,)),
        normalize,
        layers.Dense(64, activation="relu"),
        layers.Dense(64, activation="relu"),
        layers.Dense(6, activation="softmax"),
    ])
    epochs = 25
    rate = keras.optimizers.schedules.CosineDecay(0.01, epochs * len(x) // 128)
    model.compile(
        optimizer=keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    model.fit(x, y, epochs=epochs, batch_size=128, verbose=0)
    return model
    ### END SOLUTION
