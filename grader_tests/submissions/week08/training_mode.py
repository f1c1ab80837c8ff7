"""Calls the backbone as in training, so that it normalises by the pictures at hand."""

# %% extract_solution
def extract(folder, pictures):
    backbone = keras.models.load_model(folder / "backbone.keras", compile=False)
    maps = backbone(pictures.astype("float32") / 127.5 - 1, training=True)
    return np.array(maps).mean(axis=(1, 2))
