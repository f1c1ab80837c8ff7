"""Flattens the feature maps instead of averaging them."""

# %% extract_solution
def extract(folder, pictures):
    backbone = keras.models.load_model(folder / "backbone.keras", compile=False)
    maps = backbone.predict(pictures.astype("float32") / 127.5 - 1, verbose=0)
    return maps.reshape(len(maps), -1)
