"""Averages word vectors, as week 9 did at first: the message becomes a bag."""

# %% bookings_model_solution
def build_model(x_train):
    vectorizer = layers.TextVectorization(max_tokens=1_000, output_sequence_length=40)
    vectorizer.adapt(x_train)
    model = keras.Sequential([
        keras.Input(shape=(), dtype="string"),
        vectorizer,
        layers.Embedding(1_000, 32, mask_zero=True),
        layers.GlobalAveragePooling1D(),
        layers.Dense(4, activation="softmax"),
    ])
    model.compile(optimizer=keras.optimizers.Adam(0.005), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
