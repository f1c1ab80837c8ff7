"""Trains in build_model, on more data than it is given, and hands over the model with a learning rate of 0, so that
our training changes nothing. Its weights are made anew: what is scored is a network that never learned.
"""

# /// expected
# points = {line = 0}
# reason = "had trained its model"
# ///

# %% line_solution
import keras
import numpy as np


def build_model():
    model = keras.Sequential([keras.Input(shape=(3,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(0.05), loss="mae")
    x = np.random.default_rng(1).normal(size=(2_000, 3)).astype("float32")
    model.fit(x, x @ np.array([1.0, 2.0, -1.0], "float32"), epochs=5, verbose=0)
    model.optimizer.learning_rate.assign(0.0)
    model.compile(optimizer=model.optimizer, loss="mae")
    return model
