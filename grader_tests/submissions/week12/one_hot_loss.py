"""Uses the loss for one-hot labels, where the labels are integers."""

# %% log_model_solution
def build_model():
    model = keras.Sequential([
        keras.Input(shape=(24,)),
        layers.Embedding(len(VOCABULARY), 32),
        layers.LSTM(96, return_sequences=True),
        layers.Dense(len(VOCABULARY), activation="softmax"),
    ])
    model.compile(optimizer=keras.optimizers.Adam(0.02), loss="categorical_crossentropy", metrics=["accuracy"])
    return model
