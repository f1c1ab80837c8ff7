"""Scales by the darkest and the brightest pixel at hand, so that a dark picture becomes a bright one."""

# %% extract_solution
def extract(folder, pictures):
    backbone = keras.models.load_model(folder / "backbone.keras", compile=False)
    low, high = float(pictures.min()), float(pictures.max())
    scaled = 2 * (pictures.astype("float32") - low) / (high - low) - 1
    return backbone.predict(scaled, verbose=0).mean(axis=(1, 2))
