"""Puts answers into the rows and true classes into the columns."""

# %% confusion_matrix_solution
def confusion_matrix(y_true, y_pred, classes):
    matrix = np.zeros((classes, classes), dtype=int)
    for truth, answer in zip(y_true, y_pred):
        matrix[answer, truth] += 1
    return matrix
