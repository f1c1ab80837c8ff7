"""Leaves return_sequences=True in the last recurrent layer: eight numbers for each of twelve steps."""


# %% tide_forecaster_solution
def build_model(x_train):
    normalize = keras.layers.Normalization()
    normalize.adapt(x_train)
    model = keras.Sequential(
        [
            keras.Input(shape=x_train.shape[1:]),
            normalize,
            keras.layers.Conv1D(48, 6, strides=6, activation="relu"),
            keras.layers.GRU(48, return_sequences=True, unroll=True),
            keras.layers.Dense(8),
            keras.layers.Rescaling(100.0),
        ]
    )
    rate = keras.optimizers.schedules.CosineDecay(0.005, decay_steps=1_808)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mae")
    return model
