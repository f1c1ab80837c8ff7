"""Takes a rate that is far too small for the epochs that it trains: the loss falls nicely, and never arrives."""


# %% solar_forecaster_solution
def train_model(x_train, y_train):
    model = keras.Sequential(
        [
            keras.Input(shape=(48,)),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(6),
        ]
    )
    model.compile(optimizer=keras.optimizers.Adam(1e-5), loss="mae")
    model.fit(x_train, y_train, epochs=7, batch_size=32, verbose=0)
    return model
