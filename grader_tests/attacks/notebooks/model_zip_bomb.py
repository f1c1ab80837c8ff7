"""Hands over a .keras file of 1 MB that unpacks to gigabytes.
"""

# /// expected
# reason = "unpack"
# ///

# %% file_solution
import zipfile


def trained_model():
    with zipfile.ZipFile("model.keras", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("config.json", "{}")
        with bomb.open("model.weights.h5", "w") as file:
            for _ in range(1000):
                file.write(bytes(2**20))
    return "model.keras"
