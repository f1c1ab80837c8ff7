"""Carries trained weights in constant initializers and in arrays of keras.ops, which a design may hold a few of."""

# /// expected
# reason = "numbers of its own in it"
# contains = ["refused"]
# ///

# %% first
import keras
import numpy as np

from tfcourse.checks.designs import design_of

inputs = keras.Input(shape=(3,))
carried = keras.Model(inputs, keras.ops.matmul(keras.ops.matmul(inputs, np.ones((3, 40))), np.ones((40, 1))))
carried.compile(optimizer="adam", loss="mae")
attempt("hand over arrays in operations", lambda: design_of(carried))


# %% line_solution
def build_model():
    weights = keras.initializers.Constant(np.tile([[1.0], [2.0], [-1.0]], (1, 19)) / 19)
    biases = keras.initializers.Constant(np.zeros(19))
    hidden = keras.layers.Dense(19, kernel_initializer=weights, bias_initializer=biases)
    model = keras.Sequential([keras.Input(shape=(3,)), hidden, keras.layers.Dense(1, kernel_initializer="ones")])
    model.compile(optimizer=keras.optimizers.SGD(0.0), loss="mae")
    return model
