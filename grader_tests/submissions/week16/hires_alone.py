"""Throws away all columns but the first: a forecaster that never looks at the weather report."""


# %% city_forecaster_solution
def train_model(x_train, y_train):
    normalize = keras.layers.Normalization()
    normalize.adapt(x_train)
    inputs = keras.Input(shape=(WINDOW, 11))
    x = keras.layers.Flatten()(normalize(inputs)[..., :1])
    x = keras.layers.Dense(128, activation="relu")(x)
    x = keras.layers.Dense(128, activation="relu")(x)
    model = keras.Model(inputs, keras.layers.Dense(DAY)(x))
    model.compile(optimizer="adam", loss="mae")
    model.fit(x_train, y_train, epochs=8, batch_size=64, verbose=0)
    return model
