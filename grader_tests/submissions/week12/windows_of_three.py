"""Sees the last three tokens, which know the set phrases and not the boat."""

# %% log_model_solution
def build_model():
    model = keras.Sequential([
        keras.Input(shape=(24,)),
        layers.Embedding(len(VOCABULARY), 32),
        layers.Conv1D(96, 3, padding="causal", activation="relu"),
        layers.Dense(len(VOCABULARY), activation="softmax"),
    ])
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
