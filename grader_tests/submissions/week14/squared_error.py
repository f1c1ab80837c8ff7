"""Learns by the squared error in large steps, and goes wherever the meter's wrong readings pull."""


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
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mse")
    model.fit(x_train, y_train, epochs=4, batch_size=32, verbose=0)
    return model
