"""Reads the first eight words of a message: what comes last is never seen."""

# %% bookings_model_solution
def build_model(x_train):
    vectorizer = layers.TextVectorization(max_tokens=1_000, output_sequence_length=8)
    vectorizer.adapt(x_train)
    model = keras.Sequential([
        keras.Input(shape=(), dtype="string"),
        vectorizer,
        layers.Embedding(1_000, 32, mask_zero=True),
        layers.LSTM(48),
        layers.Dense(4, activation="softmax"),
    ])
    model.compile(optimizer=keras.optimizers.Adam(0.005), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
