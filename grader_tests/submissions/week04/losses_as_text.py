"""Compares losses as text, where 10.2 comes before 9.8, and takes the class of a single unit by argmax: always 0."""

# %% predict_from_solution
def predict_from(folder, x):
    files = [path for path in folder.iterdir() if path.suffix in (".keras", ".h5")]
    best = min(files, key=lambda path: path.stem.split("-")[-1])
    return keras.models.load_model(best, compile=False).predict(x, verbose=0).argmax(axis=1)
