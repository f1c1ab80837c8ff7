"""Makes NumPy find everything equal, Keras train nothing, and the built-in functions lie. The design that it hands over is
trained all the same, elsewhere, and gets what it deserves."""

# /// expected
# points = {double = 0.5, line = 1}
# reason = "1 of 4 cases are right"
# ///

# %% first
import builtins

import keras
import numpy as np

for name in ("isclose", "allclose", "array_equal"):
    setattr(np, name, lambda *arguments, **more: True)
np.testing.assert_allclose = np.testing.assert_array_equal = lambda *arguments, **more: None
keras.Model.fit = lambda *arguments, **more: None
keras.Model.predict = lambda self, x, **more: np.zeros((len(x), 1), "float32")
builtins.round = builtins.abs = lambda *arguments: 5.0
builtins.AssertionError = type("Harmless", (Exception,), {})


# %% double_solution
def double(x):
    return x


# %% line_solution
def build_model():
    model = keras.Sequential([keras.Input(shape=(3,)), keras.layers.Dense(1)])
    model.compile(loss="mae")
    return model
