"""Trains the whole backbone from the first step, its normalisations included, with a rate for heads."""

# %% grounds_model_solution
def build_model():
    inputs = keras.Input(shape=(48, 48, 3))
    x = layers.Rescaling(1 / 127.5, offset=-1)(inputs)
    x = load_backbone()(x)
    x = layers.GlobalAveragePooling2D()(x)
    outputs = layers.Dense(len(GROUNDS), activation="softmax")(x)
    model = keras.Model(inputs, outputs)
    model.compile(optimizer=keras.optimizers.Adam(0.002), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
