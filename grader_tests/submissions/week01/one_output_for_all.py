"""Mends the table at hand, with one output, and not the general case: Keras broadcasts and says nothing."""

# %% shape_error_solution
def mended(x, y):
    model = keras.Sequential([
        keras.Input(shape=x.shape[1:]),
        layers.Dense(4, activation="relu"),
        layers.Dense(1),
    ])
    model.compile(optimizer="adam", loss="mse")
    model.fit(x, y, verbose=0)
    prediction = model.predict(x[:1], verbose=0)
    return prediction.shape, model.count_params()
