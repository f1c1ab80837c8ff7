"""Keeps a constant rate of 0.004 to the end, so that the weights are still jumping about when it comes."""


# %% tide_forecaster_solution
def build_model(x_train):
    normalize = keras.layers.Normalization()
    normalize.adapt(x_train)
    model = keras.Sequential(
        [
            keras.Input(shape=x_train.shape[1:]),
            normalize,
            keras.layers.Conv1D(32, 1, activation="relu"),
            keras.layers.Conv1D(32, 4, strides=2, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(8),
            keras.layers.Rescaling(100.0),
        ]
    )
    model.compile(optimizer=keras.optimizers.Adam(0.004), loss="mae")
    return model
