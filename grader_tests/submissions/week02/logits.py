"""Returns logits, and tells the loss so: trained well, but not what was asked for."""

# %% sources_model_solution
def train_model(x_train, y_train):
    normalize = layers.Normalization()
    normalize.adapt(x_train)
    model = keras.Sequential([
        keras.Input(shape=(11,)),
        normalize,
        layers.Dense(64, activation="relu"),
        layers.Dense(64, activation="relu"),
        layers.Dense(5),
    ])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer="adam", loss=loss)
    model.fit(x_train, y_train, epochs=10, verbose=0)
    return model
