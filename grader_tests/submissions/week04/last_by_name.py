"""Takes the last file by name, which is the last epoch and not the best."""

# %% predict_from_solution
def predict_from(folder, x):
    last = sorted(path for path in folder.iterdir() if path.suffix in (".keras", ".h5"))[-1]
    said = keras.models.load_model(last, compile=False).predict(x, verbose=0)
    return (said[:, 0] >= 0.5).astype(int) if said.shape[1] == 1 else said.argmax(axis=1)
