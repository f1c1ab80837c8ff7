"""Hands over a .keras file whose layers are functions of other modules: os.system, exec (CVE-2025-1550)."""

# /// expected
# reason = "Expected a model of Keras's own layers|Expected a model that Keras can load"
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
            content = good.read(name)
            if name == "config.json":
                config = json.loads(content)
                config["config"]["layers"].append(
                    {
                        "module": "os",
                        "class_name": "system",
                        "registered_name": None,
                        "config": {"command": "touch {{course}}/MODEL-WAS-RUN"},
                        "name": "x",
                        "inbound_nodes": [{"args": ["touch {{course}}/MODEL-WAS-RUN"], "kwargs": {}}],
                    }
                )
                content = json.dumps(config)
            bad.writestr(name, content)
    return "model.keras"
