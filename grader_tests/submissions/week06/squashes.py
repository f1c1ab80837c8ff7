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

# %% load_picture_solution
def load_picture(data):
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB").resize((40, 40)))
