"""Takes 180 degrees for the whole of RandomRotation's circle: pictures turn twice as far."""

# %% make_augmenter_solution
def make_augmenter(degrees, right):
    return keras.Sequential([
        layers.RandomRotation((degrees[0] / 180, degrees[1] / 180), fill_mode="nearest"),
        layers.RandomTranslation(0.0, right, fill_mode="nearest"),
    ])
