"""Keeps the 500 most frequent words: most adjectives, which are many and rare, become [UNK]."""

# %% reviews_model_solution
def build_model(x_train):
    vectorizer = layers.TextVectorization(max_tokens=500, output_sequence_length=45)
    vectorizer.adapt(x_train)
    model = keras.Sequential([
        keras.Input(shape=(), dtype="string"),
        vectorizer,
        layers.Embedding(500, 32),
        layers.Conv1D(64, 5, activation="relu"),
        layers.GlobalMaxPooling1D(),
        layers.Dense(1, activation="sigmoid"),
    ])
    model.compile(optimizer=keras.optimizers.Adam(0.002), loss="binary_crossentropy", metrics=["accuracy"])
    return model
