"""Trains well, and returns what fit() returns instead of the model."""


# %% tide_forecaster_solution
def train_model(x_train, y_train):
    normalize = keras.layers.Normalization()
    normalize.adapt(x_train)
    model = keras.Sequential(
        [
            keras.Input(shape=x_train.shape[1:]),
            normalize,
            keras.layers.Conv1D(32, 3, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(1),
        ]
    )
    model.compile(optimizer="adam", loss="mae")
    return model.fit(x_train, y_train, epochs=2, batch_size=64, verbose=0)
