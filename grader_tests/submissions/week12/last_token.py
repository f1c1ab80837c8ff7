"""Looks at the last token alone: a Dense layer works on every step by itself, and carries nothing along."""

# %% log_model_solution
def build_model():
    model = keras.Sequential([
        keras.Input(shape=(24,)),
        layers.Embedding(len(VOCABULARY), 32),
        layers.Dense(96, activation="relu"),
        layers.Dense(len(VOCABULARY), activation="softmax"),
    ])
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
