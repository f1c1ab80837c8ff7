"""Extracts features and trains a head on them, and returns the head, which knows no pictures."""

# %% grounds_model_solution
def train_model(x_train, y_train):
    features = load_backbone().predict(x_train / 127.5 - 1, verbose=0).mean(axis=(1, 2))
    head = keras.Sequential([keras.Input(shape=(128,)), layers.Dense(len(GROUNDS), activation="softmax")])
    head.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    head.fit(features, y_train, epochs=5, verbose=0)
    return head
