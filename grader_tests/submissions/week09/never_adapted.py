"""Forgets adapt(), in the vectorizer and in the model: neither has a vocabulary."""

# %% vectorizer_solution
def make_vectorizer(texts, vocabulary_size, length):
    return layers.TextVectorization(max_tokens=vocabulary_size, output_sequence_length=length)

# %% reviews_model_solution
def build_model(x_train):
    model = keras.Sequential([
        keras.Input(shape=(), dtype="string"),
        layers.TextVectorization(max_tokens=4_000, output_sequence_length=45),
        layers.Embedding(4_000, 32),
        layers.Conv1D(64, 5, activation="relu"),
        layers.GlobalMaxPooling1D(),
        layers.Dense(1, activation="sigmoid"),
    ])
    model.compile(optimizer=keras.optimizers.Adam(0.002), loss="binary_crossentropy", metrics=["accuracy"])
    return model
