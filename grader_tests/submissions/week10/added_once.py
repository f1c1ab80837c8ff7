"""Counts with `matrix[y_true, y_pred] += 1`, which adds 1 to each place only once."""

# %% confusion_matrix_solution
def confusion_matrix(y_true, y_pred, classes):
    matrix = np.zeros((classes, classes), dtype=int)
    matrix[y_true, y_pred] += 1
    return matrix
