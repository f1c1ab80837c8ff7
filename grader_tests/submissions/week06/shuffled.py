"""Leaves the shuffling on, so that pictures and labels come in another order than the folder's."""

# %% make_dataset_solution
def make_dataset(folder, size, batch_size):
    return keras.utils.image_dataset_from_directory(
        folder, image_size=(size, size), batch_size=batch_size, pad_to_aspect_ratio=True
    )
