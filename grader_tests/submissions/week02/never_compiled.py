"""Builds a good network and forgets to compile it."""

# %% sources_model_solution
def build_model(x_train):
    normalize = layers.Normalization()
    normalize.adapt(x_train)
    return keras.Sequential([
        keras.Input(shape=(11,)),
        normalize,
        layers.Dense(64, activation="relu"),
        layers.Dense(64, activation="relu"),
        layers.Dense(5, activation="softmax"),
    ])
