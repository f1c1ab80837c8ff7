"""Spends the whole budget of parameters and does nothing against overfitting."""

# %% gearbox_model_solution
def build_model(x_train):
    normalize = layers.Normalization()
    normalize.adapt(x_train)
    model = keras.Sequential([
        keras.Input(shape=x_train.shape[1:]),
        normalize,
        layers.Dense(256, activation="relu"),
        layers.Dense(128, activation="relu"),
        layers.Dense(6, activation="softmax"),
    ])
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    return model
