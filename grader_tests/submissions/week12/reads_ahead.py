"""Reads in both directions: in training, the backward half finds each answer in the piece."""

# %% log_model_solution
def build_model():
    model = keras.Sequential([
        keras.Input(shape=(24,)),
        layers.Embedding(len(VOCABULARY), 32),
        layers.Bidirectional(layers.LSTM(96, return_sequences=True)),
        layers.Dense(len(VOCABULARY), activation="softmax"),
    ])
    model.compile(optimizer=keras.optimizers.Adam(0.02), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
