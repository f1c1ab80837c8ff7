"""Flattens the window for dense layers, which have to learn for each hour anew what wind does."""


# %% tide_forecaster_solution
def train_model(x_train, y_train):
    normalize = keras.layers.Normalization()
    normalize.adapt(x_train)
    model = keras.Sequential(
        [
            keras.Input(shape=x_train.shape[1:]),
            normalize,
            keras.layers.Flatten(),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(1),
        ]
    )
    model.compile(optimizer="adam", loss="mae")
    model.fit(x_train, y_train, epochs=15, batch_size=64, verbose=0)
    return model
