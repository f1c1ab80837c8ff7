"""Divides by the number of all classes, those that do not occur as well, and leaves these out of the dict."""

# %% class_weights_solution
def class_weights(y, classes):
    found, counts = np.unique(y, return_counts=True)
    return {int(c): len(y) / (classes * count) for c, count in zip(found, counts)}
