"""Hands over a model of far more parameters than are allowed, in a file that is no larger for it."""

# /// expected
# reason = "Expected at most|was ended, for want of memory"
# ///

# %% file_solution
import json
import zipfile

import keras


def trained_model():
    model = keras.Sequential([keras.Input(shape=(3,)), keras.layers.Dense(1)])
    model.save("good.keras")
    with zipfile.ZipFile("good.keras") as good, zipfile.ZipFile("model.keras", "w") as bad:
        for name in good.namelist():
            content = good.read(name).decode("latin-1")
            if name == "config.json":
                content = content.replace('"units": 1', '"units": 300000000')
            bad.writestr(name, content.encode("latin-1"))
    return "model.keras"
