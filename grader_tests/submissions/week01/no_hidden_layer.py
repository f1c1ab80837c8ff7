"""One neuron: scaled and well trained, but a plane through five columns all the same."""

# %% energy_model_solution
def build_model(x_train):
    normalize = layers.Normalization()
    normalize.adapt(x_train)
    model = keras.Sequential([keras.Input(shape=x_train.shape[1:]), normalize, layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(0.1), loss="mae")
    return model
