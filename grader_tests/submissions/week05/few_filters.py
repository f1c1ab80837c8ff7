"""Three blocks with 2, 4 and 8 filters and small steps: the right kind of network, and too little of it."""

# %% signs_cnn_solution
def build_model():
    model = keras.Sequential([
        keras.Input(shape=(40, 40, 3)),
        layers.Rescaling(1 / 127.5, offset=-1),
        layers.Conv2D(2, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(4, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(8, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(32, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ])
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    return model
