"""The usual first text model: it averages word vectors, and so forgets which word stood next to which."""

# %% reviews_model_solution
def build_model(x_train):
    vectorizer = layers.TextVectorization(max_tokens=4_000, output_sequence_length=45)
    vectorizer.adapt(x_train)
    model = keras.Sequential([
        keras.Input(shape=(), dtype="string"),
        vectorizer,
        layers.Embedding(4_000, 32, mask_zero=True),
        layers.GlobalAveragePooling1D(),
        layers.Dense(1, activation="sigmoid"),
    ])
    model.compile(optimizer=keras.optimizers.Adam(0.005), loss="binary_crossentropy", metrics=["accuracy"])
    return model
