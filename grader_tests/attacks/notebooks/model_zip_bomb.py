"""Hands over a .keras file of 1 MB that unpacks to more than half a gigabyte."""

# /// expected
# reason = "unpack"
# ///

# %% file_solution
import zipfile


def trained_model():
    with zipfile.ZipFile("model.keras", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as bomb:
        bomb.writestr("config.json", "{}")
        with bomb.open("model.weights.h5", "w") as file:
            for _ in range(520):
                file.write(bytes(2**20))
    return "model.keras"
