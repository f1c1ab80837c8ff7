"""One hidden unit: nothing is learned by heart, and little is learned at all."""

# %% gearbox_model_solution
def train_model(x_train, y_train):
    normalize = layers.Normalization()
    normalize.adapt(x_train)
    model = keras.Sequential([
        keras.Input(shape=x_train.shape[1:]),
        normalize,
        layers.Dense(1, activation="relu"),
        layers.Dense(6, activation="softmax"),
    ])
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    model.fit(x_train, y_train, epochs=20, verbose=0)
    return model
