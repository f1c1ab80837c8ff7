"""Lets a class that does not occur count with a recall of 0."""

# %% balanced_accuracy_solution
def balanced_accuracy(matrix):
    return np.mean(np.diag(matrix) / np.maximum(matrix.sum(axis=1), 1))
