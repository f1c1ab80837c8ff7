"""Plain gradient descent on unscaled inputs: the loss explodes, and nothing useful is left."""

# %% energy_model_solution
def build_model(x_train):
    model = keras.Sequential([
        keras.Input(shape=x_train.shape[1:]),
        layers.Dense(64, activation="relu"),
        layers.Dense(64, activation="relu"),
        layers.Dense(1),
    ])
    model.compile(optimizer="sgd", loss="mse")
    return model
