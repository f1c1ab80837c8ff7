"""Loads the model as it was saved, which the old format refuses for the loss "mse"."""

# %% predict_from_solution
def predict_from(folder, x):
    files = [path for path in folder.iterdir() if path.suffix in (".keras", ".h5")]
    best = min(files, key=lambda path: float(path.stem.split("-")[-1]))
    said = keras.models.load_model(best).predict(x, verbose=0)
    return (said[:, 0] >= 0.5).astype(int) if said.shape[1] == 1 else said.argmax(axis=1)
