"""Stacks Dense layers without an activation: together they are a single linear map."""


# %% solar_forecaster_solution
def build_model():
    model = keras.Sequential(
        [
            keras.Input(shape=(48,)),
            keras.layers.Dense(128),
            keras.layers.Dense(128),
            keras.layers.Dense(6),
        ]
    )
    rate = keras.optimizers.schedules.CosineDecay(0.003, decay_steps=3_000)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mae")
    return model
