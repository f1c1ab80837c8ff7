"""A dense network on letterboxed pictures."""

# %% leaves_cnn_solution
def build_model():
    model = keras.Sequential([
        keras.Input(shape=(40, 40, 3)),
        layers.Rescaling(1 / 127.5, offset=-1),
        layers.Flatten(),
        layers.Dense(48, activation="relu"),
        layers.Dense(8, activation="softmax"),
    ])
    model.compile(optimizer=keras.optimizers.Adam(0.0003), loss="sparse_categorical_crossentropy")
    return model
