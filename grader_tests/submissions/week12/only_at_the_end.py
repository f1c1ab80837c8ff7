"""Answers once, after the last token: return_sequences is missing."""

# %% log_model_solution
def build_model():
    model = keras.Sequential([
        keras.Input(shape=(24,)),
        layers.Embedding(len(VOCABULARY), 32),
        layers.LSTM(96),
        layers.Dense(len(VOCABULARY), activation="softmax"),
    ])
    model.compile(optimizer=keras.optimizers.Adam(0.02), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
