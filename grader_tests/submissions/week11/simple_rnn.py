"""A SimpleRNN, whose state is written anew at every word: a wish before a long aside is lost."""

# %% bookings_model_solution
def build_model(x_train):
    vectorizer = layers.TextVectorization(max_tokens=1_000, output_sequence_length=40)
    vectorizer.adapt(x_train)
    model = keras.Sequential([
        keras.Input(shape=(), dtype="string"),
        vectorizer,
        layers.Embedding(1_000, 32, mask_zero=True),
        layers.SimpleRNN(64),
        layers.Dense(4, activation="softmax"),
    ])
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
