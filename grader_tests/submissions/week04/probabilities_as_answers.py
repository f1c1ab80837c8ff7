"""Hands over the probabilities, where the test asks for classes."""

# %% predict_from_solution
def predict_from(folder, x):
    files = [path for path in folder.iterdir() if path.suffix in (".keras", ".h5")]
    best = min(files, key=lambda path: float(path.stem.split("-")[-1]))
    return keras.models.load_model(best, compile=False).predict(x, verbose=0)
