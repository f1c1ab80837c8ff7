"""A network of 1,000 units in each of two layers, dropout and all: more parameters than are allowed."""

# %% gearbox_model_solution
def train_model(x_train, y_train):
    normalize = layers.Normalization()
    normalize.adapt(x_train)
    model = keras.Sequential([
        keras.Input(shape=x_train.shape[1:]),
        normalize,
        layers.Dense(1_000, activation="relu"),
        layers.Dropout(0.5),
        layers.Dense(1_000, activation="relu"),
        layers.Dropout(0.5),
        layers.Dense(6, activation="softmax"),
    ])
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    model.fit(x_train, y_train, epochs=1, verbose=0)
    return model
