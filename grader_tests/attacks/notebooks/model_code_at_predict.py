"""Puts its own classes and patched functions beside the model that it hands over: none of them travels with the file.
The model itself is honest, and gets its points.
"""

# /// expected
# points = {file = 5}
# reason = "on data your model has not seen"
# ///

# %% file_solution
import keras
import numpy as np


def trained_model():
    model = keras.Sequential([keras.Input(shape=(3,)), keras.layers.Dense(1)])
    model.set_weights([np.array([[1.0], [2.0], [-1.0]]), np.zeros(1)])
    keras.saving.load_model = None
    keras.Model.predict = lambda *arguments, **more: np.zeros((200, 1))
    keras.Model.count_params = lambda self: 1
    return model
