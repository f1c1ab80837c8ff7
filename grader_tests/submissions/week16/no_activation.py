"""Stacks Dense layers without an activation: together they are a single linear map of all that is known."""


# %% city_forecaster_solution
def train_model(x_train, y_train):
    normalize = keras.layers.Normalization()
    normalize.adapt(x_train)
    model = keras.Sequential(
        [
            keras.Input(shape=(WINDOW, 11)),
            normalize,
            keras.layers.Flatten(),
            keras.layers.Dense(128),
            keras.layers.Dense(128),
            keras.layers.Dense(DAY),
        ]
    )
    model.compile(optimizer="adam", loss="mae")
    model.fit(x_train, y_train, epochs=15, batch_size=64, verbose=0)
    return model
