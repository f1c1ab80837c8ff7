"""Gives `fit` weights whose keys are the names of the desks: they are nobody's, and change nothing."""

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
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    counts = np.bincount(y_train, minlength=8)
    weights = {name: len(y_train) / (8 * count) for name, count in zip(DESKS, counts)}
    model.fit(tf.constant(x_train), y_train, epochs=10, batch_size=32, class_weight=weights, verbose=0)
    return model
