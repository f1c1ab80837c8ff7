"""Averages over all hours behind the convolutions, so that nobody knows any more when it was."""


# %% tide_forecaster_solution
def train_model(x_train, y_train):
    normalize = keras.layers.Normalization()
    normalize.adapt(x_train)
    model = keras.Sequential(
        [
            keras.Input(shape=x_train.shape[1:]),
            normalize,
            keras.layers.Conv1D(32, 3, activation="relu"),
            keras.layers.Conv1D(32, 3, activation="relu"),
            keras.layers.GlobalAveragePooling1D(),
            keras.layers.Dense(1),
        ]
    )
    model.compile(optimizer="adam", loss="mae")
    model.fit(x_train, y_train, epochs=6, batch_size=64, verbose=0)
    return model
