"""Fills gaps with 0 and takes numbers of branches, weekdays and kinds of day for amounts."""

# %% rolls_model_solution
def build_model(x_train):
    normalize = layers.Normalization()
    normalize.adapt(np.nan_to_num(x_train))
    inputs = keras.Input(shape=(6,))
    x = normalize(keras.ops.nan_to_num(inputs))
    x = layers.Dense(64, activation="relu")(x)
    x = layers.Dense(64, activation="relu")(x)
    model = keras.Model(inputs, layers.Dense(1)(x))
    model.compile(optimizer="adam", loss="mae")
    return model
