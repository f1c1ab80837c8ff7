"""Resizes height and width by factors of their own, which is what Keras does by default."""

# %% letterbox_solution
def letterbox(picture, size):
    height, width, _ = picture.shape
    rows = (2 * np.arange(size) + 1) * height // (2 * size)
    columns = (2 * np.arange(size) + 1) * width // (2 * size)
    return picture[rows][:, columns]

# %% make_dataset_solution
def make_dataset(folder, size, batch_size):
    return keras.utils.image_dataset_from_directory(
        folder, image_size=(size, size), batch_size=batch_size, shuffle=False
    )

# %% leaves_cnn_solution
def train_model(folder):
    pictures = keras.utils.image_dataset_from_directory(folder, image_size=(40, 40), seed=1, verbose=False)
    model = keras.Sequential([
        keras.Input(shape=(40, 40, 3)),
        layers.Rescaling(1 / 127.5, offset=-1),
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
    model.fit(pictures.cache().shuffle(25, seed=1), epochs=20, shuffle=False, verbose=0)
    return model
