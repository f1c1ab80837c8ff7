"""Returns what the model says, in scaled hires, and forgets to turn it back."""


# %% forecast_from_solution
def forecast_from(folder):
    scaling = json.loads((folder / "scaling.json").read_text())
    with (folder / "history.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    midnight = len(lines) - DAY

    def scaled(name):
        values = np.array([float(line[name]) if line[name] else np.nan for line in lines])
        for hour in range(midnight):
            if np.isnan(values[hour]):
                values[hour] = values[hour - DAY] if hour >= DAY else scaling["mean"][name]
        return (values - scaling["mean"][name]) / scaling["spread"][name]

    path = folder / "model.keras"
    model = keras.models.load_model(path, compile=False)
    hours = np.arange(midnight - model.input_shape[1], midnight)
    columns = [scaled(name)[hours] for name in scaling["past"]]
    columns += [scaled(name)[hours + DAY] for name in scaling["known"]]
    return model.predict(np.stack(columns, axis=-1)[None], verbose=0)[0], path.stat().st_size
