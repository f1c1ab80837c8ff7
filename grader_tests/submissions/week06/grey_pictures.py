"""Reads one channel, where the model is going to get three."""

# %% leaves_cnn_solution
def train_model(folder):
    pictures = keras.utils.image_dataset_from_directory(
        folder, image_size=(40, 40), color_mode="grayscale", pad_to_aspect_ratio=True, seed=1, verbose=False
    )
    model = keras.Sequential([
        keras.Input(shape=(40, 40, 1)),
        layers.Rescaling(1 / 127.5, offset=-1),
        layers.Conv2D(16, 3, activation="relu"),
        layers.MaxPooling2D(4),
        layers.Flatten(),
        layers.Dense(8, activation="softmax"),
    ])
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    model.fit(pictures.cache(), epochs=2, shuffle=False, verbose=0)
    return model
