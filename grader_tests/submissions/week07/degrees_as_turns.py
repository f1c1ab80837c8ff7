"""Hands degrees to RandomRotation, which counts in full turns and refuses more than one."""

# %% make_augmenter_solution
def make_augmenter(degrees, right):
    return keras.Sequential([
        layers.RandomRotation(degrees, fill_mode="nearest"),
        layers.RandomTranslation(0.0, right, fill_mode="nearest"),
    ])
