"""Puts the dense layer on the feature maps as they are: six probabilities at each of 36 places, and labels for one."""

# %% grounds_model_solution
def train_model(x_train, y_train):
    backbone = load_backbone()
    backbone.trainable = False
    inputs = keras.Input(shape=(48, 48, 3))
    x = layers.Rescaling(1 / 127.5, offset=-1)(inputs)
    x = backbone(x, training=False)
    outputs = layers.Dense(len(GROUNDS), activation="softmax")(x)
    model = keras.Model(inputs, outputs)
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    model.fit(x_train, y_train, epochs=1, verbose=0)
    return model
