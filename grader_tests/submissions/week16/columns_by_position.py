"""Reads the file's columns by their place, and fills gaps with the mean only."""


# %% forecast_from_solution
def forecast_from(folder):
    scaling = json.loads((folder / "scaling.json").read_text())
    table = np.genfromtxt(folder / "history.csv", delimiter=",", skip_header=1)[:, 1:10]
    names = list(scaling["mean"])
    mean = np.array([scaling["mean"][name] for name in names])
    spread = np.array([scaling["spread"][name] for name in names])
    table = (np.where(np.isnan(table), mean, table) - mean) / spread
    path = folder / "model.keras"
    model = keras.models.load_model(path, compile=False)
    midnight = len(table) - DAY
    hours = np.arange(midnight - model.input_shape[1], midnight)
    past = [names.index(name) for name in scaling["past"]]
    known = [names.index(name) for name in scaling["known"]]
    x = np.concatenate([table[hours][:, past], table[hours + DAY][:, known]], axis=1)
    answer = model.predict(x[None], verbose=0)[0]
    return np.maximum(answer * spread[0] + mean[0], 0), path.stat().st_size
