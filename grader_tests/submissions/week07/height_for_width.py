"""Moves up and down instead of to the side, and fills with black."""

# %% make_augmenter_solution
def make_augmenter(degrees, right):
    return keras.Sequential([
        layers.RandomRotation((degrees[0] / 360, degrees[1] / 360), fill_mode="constant"),
        layers.RandomTranslation(right, 0.0, fill_mode="constant"),
    ])
