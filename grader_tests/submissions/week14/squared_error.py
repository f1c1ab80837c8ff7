"""Learns by the squared error, and goes where the meter's wrong readings pull."""


# %% solar_forecaster_solution
def build_model():
    model = keras.Sequential(
        [
            keras.Input(shape=(48,)),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(6),
        ]
    )
    rate = keras.optimizers.schedules.CosineDecay(0.004, decay_steps=3_000)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mse")
    return model
