"""Fills each gap with the value 24 places before: in the first day, that is a place at the end of the file."""


# %% forecast_from_solution
def forecast_from(folder):
    scaling = json.loads((folder / "scaling.json").read_text())
    mean, spread = scaling["mean"], scaling["spread"]
    with (folder / "history.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    midnight = len(lines) - DAY

    def scaled(name):
        values = np.array([float(line[name]) if line[name] else np.nan for line in lines])
        for hour in np.flatnonzero(np.isnan(values[:midnight])):
            values[hour] = values[hour - DAY]
        return (values - mean[name]) / spread[name]

    path = folder / "model.keras"
    model = keras.models.load_model(path, compile=False)
    hours = np.arange(midnight - model.input_shape[1], midnight)
    columns = [scaled(name)[hours] for name in scaling["past"]]
    columns += [scaled(name)[hours + DAY] for name in scaling["known"]]
    answer = model.predict(np.stack(columns, axis=-1)[None], verbose=0)[0]
    return np.maximum(answer * spread["hires"] + mean["hires"], 0), path.stat().st_size
