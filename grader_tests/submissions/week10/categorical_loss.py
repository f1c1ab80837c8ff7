"""Asks for one-hot labels with its loss, and is given integers."""

# %% tickets_model_solution
def train_model(x_train, y_train):
    vectorizer = layers.TextVectorization(max_tokens=4_000, output_sequence_length=60)
    vectorizer.adapt(x_train)
    model = keras.Sequential([
        keras.Input(shape=(), dtype="string"),
        vectorizer,
        layers.Embedding(4_000, 32),
        layers.Conv1D(64, 5, activation="relu"),
        layers.GlobalMaxPooling1D(),
        layers.Dropout(0.4),
        layers.Dense(8, activation="softmax"),
    ])
    model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    model.fit(tf.constant(x_train), y_train, epochs=2, batch_size=32, verbose=0)
    return model
