"""A dense network on letterboxed pictures."""

# %% leaves_cnn_solution
def train_model(folder):
    pictures = keras.utils.image_dataset_from_directory(
        folder, image_size=(40, 40), pad_to_aspect_ratio=True, seed=1, verbose=False
    )
    model = keras.Sequential([
        keras.Input(shape=(40, 40, 3)),
        layers.Rescaling(1 / 127.5, offset=-1),
        layers.Flatten(),
        layers.Dense(48, activation="relu"),
        layers.Dense(8, activation="softmax"),
    ])
    model.compile(optimizer=keras.optimizers.Adam(0.0003), loss="sparse_categorical_crossentropy")
    model.fit(pictures.cache().shuffle(25, seed=1), epochs=20, shuffle=False, verbose=0)
    return model
