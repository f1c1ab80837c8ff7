"""A small convolutional network of one's own, as in week 5, from ninety pictures."""

# %% grounds_model_solution
def train_model(x_train, y_train):
    model = keras.Sequential([
        keras.Input(shape=(48, 48, 3)),
        layers.RandomFlip(),
        layers.Rescaling(1 / 127.5, offset=-1),
        layers.Conv2D(16, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(32, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(64, 3, padding="same", activation="relu"),
        layers.GlobalAveragePooling2D(),
        layers.Dense(len(GROUNDS), activation="softmax"),
    ])
    model.compile(optimizer=keras.optimizers.Adam(0.003), loss="sparse_categorical_crossentropy")
    model.fit(x_train, y_train, epochs=60, batch_size=16, verbose=0)
    return model
