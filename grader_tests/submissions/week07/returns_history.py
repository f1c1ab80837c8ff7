"""Trains well, and returns what fit() returns instead of the model."""

# %% handwriting_cnn_solution
def train_model(x_train, y_train):
    model = keras.Sequential([
        keras.Input(shape=(32, 32, 1)),
        layers.RandomTranslation(0.15, 0.15, fill_mode="nearest"),
        layers.Rescaling(1 / 255),
        layers.Conv2D(16, 3, activation="relu"),
        layers.MaxPooling2D(4),
        layers.Flatten(),
        layers.Dense(10, activation="softmax"),
    ])
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    return model.fit(x_train, y_train, epochs=2, verbose=0)
