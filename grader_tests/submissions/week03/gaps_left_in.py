"""Adapts Normalization to a table with gaps: its means are nan, and so is every prediction."""

# %% rolls_model_solution
def build_model(x_train):
    normalize = layers.Normalization()
    normalize.adapt(x_train)
    model = keras.Sequential([
        keras.Input(shape=(6,)),
        normalize,
        layers.Dense(64, activation="relu"),
        layers.Dense(64, activation="relu"),
        layers.Dense(1),
    ])
    model.compile(optimizer="adam", loss="mae")
    return model
