"""Augments with everything that is popular, flips among it: a b becomes a d, and keeps its label."""

# %% handwriting_cnn_solution
def train_model(x_train, y_train):
    model = keras.Sequential([
        keras.Input(shape=(32, 32, 1)),
        layers.RandomFlip("horizontal_and_vertical"),
        layers.RandomRotation(0.08, fill_mode="nearest"),
        layers.RandomTranslation(0.15, 0.15, fill_mode="nearest"),
        layers.RandomZoom(0.25, fill_mode="nearest"),
        layers.Rescaling(1 / 127.5, offset=-1),
        layers.Conv2D(16, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(32, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(64, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dropout(0.3),
        layers.Dense(64, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ])
    model.compile(optimizer=keras.optimizers.Adam(0.002), loss="sparse_categorical_crossentropy")
    model.fit(x_train, y_train, epochs=60, batch_size=32, verbose=0)
    return model
