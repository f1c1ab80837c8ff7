"""Trains for 120 epochs with large steps and holds nothing back: sure of its mistakes."""

# %% sources_model_solution
def train_model(x_train, y_train):
    normalize = layers.Normalization()
    normalize.adapt(x_train)
    model = keras.Sequential([
        keras.Input(shape=(11,)),
        normalize,
        layers.Dense(64, activation="relu"),
        layers.Dense(64, activation="relu"),
        layers.Dense(5, activation="softmax"),
    ])
    model.compile(optimizer=keras.optimizers.Adam(0.003), loss="sparse_categorical_crossentropy")
    model.fit(x_train, y_train, epochs=120, verbose=0)
    return model
