"""Divides pixels by 255 in the pipeline and nowhere in the model, which is then asked about 0 to 255."""

# %% leaves_cnn_solution
def train_model(folder):
    pictures = keras.utils.image_dataset_from_directory(
        folder, image_size=(40, 40), pad_to_aspect_ratio=True, seed=1, verbose=False
    )
    pictures = pictures.map(lambda picture, label: (picture / 255, label))
    model = keras.Sequential([
        keras.Input(shape=(40, 40, 3)),
        layers.Conv2D(16, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(32, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(64, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dropout(0.3),
        layers.Dense(64, activation="relu"),
        layers.Dense(8, activation="softmax"),
    ])
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    model.fit(pictures.cache().shuffle(25, seed=1), epochs=15, shuffle=False, verbose=0)
    return model
