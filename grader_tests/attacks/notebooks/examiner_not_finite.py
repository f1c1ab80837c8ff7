"""Hands over a model that predicts NaN and infinity, and claims losses that are no numbers."""

# /// expected
# reason = "Expected finite predictions"
# ///

# %% trained_solution
import keras
import numpy as np


def train_model(x_train, y_train):
    model = keras.Sequential([keras.Input(shape=(3,)), keras.layers.Dense(1)])
    model.compile(loss="mae")
    model.fit(x_train * np.nan, y_train, verbose=0)
    model.set_weights([np.full((3, 1), np.nan), np.full(1, np.inf)])
    return model
