"""Puts an algorithm into a model's clothes: a class of its own, whose fit learns nothing and whose predict knows."""

# /// expected
# reason = "Known, a model class of your own"
# ///

# %% line_solution
import keras
import numpy as np


class Known(keras.Model):
    def __init__(self):
        super().__init__()
        self.last = keras.layers.Dense(1)

    def call(self, x):
        return self.last(x)

    def fit(self, *arguments, **more):
        return None

    def predict(self, x, **more):
        return np.asarray(x) @ np.array([[1.0], [2.0], [-1.0]])


def build_model():
    model = Known()
    model.compile(optimizer="adam", loss="mae")
    return model
