"""Trains well, and returns what fit() returns instead of the model."""


# %% solar_forecaster_solution
def train_model(x_train, y_train):
    model = keras.Sequential(
        [
            keras.Input(shape=(48,)),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(6),
        ]
    )
    model.compile(optimizer="adam", loss="mae")
    return model.fit(x_train, y_train, epochs=2, batch_size=64, verbose=0)
