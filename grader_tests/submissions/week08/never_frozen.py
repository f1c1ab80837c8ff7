"""Builds on the backbone and forgets to freeze it: ninety pictures overwrite what a hundred thousand taught."""

# %% grounds_model_solution
def train_model(x_train, y_train):
    inputs = keras.Input(shape=(48, 48, 3))
    x = layers.RandomFlip()(inputs)
    x = layers.Rescaling(1 / 127.5, offset=-1)(x)
    x = load_backbone()(x)
    x = layers.GlobalAveragePooling2D()(x)
    outputs = layers.Dense(len(GROUNDS), activation="softmax")(x)
    model = keras.Model(inputs, outputs)
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    model.fit(x_train, y_train, epochs=30, batch_size=16, verbose=0)
    return model
