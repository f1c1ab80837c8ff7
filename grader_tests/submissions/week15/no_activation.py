"""Stacks convolutions without an activation: together they are one linear map, which cannot square the wind."""


# %% tide_forecaster_solution
def build_model(x_train):
    normalize = keras.layers.Normalization()
    normalize.adapt(x_train)
    model = keras.Sequential(
        [
            keras.Input(shape=x_train.shape[1:]),
            normalize,
            keras.layers.Conv1D(32, 1),
            keras.layers.Conv1D(32, 4, strides=2),
            keras.layers.Flatten(),
            keras.layers.Dense(8),
            keras.layers.Rescaling(100.0),
        ]
    )
    rate = keras.optimizers.schedules.CosineDecay(0.005, decay_steps=1_808)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mae")
    return model
