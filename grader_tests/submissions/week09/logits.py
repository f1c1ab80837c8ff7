"""Leaves out the sigmoid, so that the model returns logits."""

# %% reviews_model_solution
def build_model(x_train):
    vectorizer = layers.TextVectorization(max_tokens=4_000, output_sequence_length=45)
    vectorizer.adapt(x_train)
    model = keras.Sequential([
        keras.Input(shape=(), dtype="string"),
        vectorizer,
        layers.Embedding(4_000, 32),
        layers.Conv1D(64, 5, activation="relu"),
        layers.GlobalMaxPooling1D(),
        layers.Dense(1),
    ])
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(0.002), loss=loss, metrics=["accuracy"])
    return model
