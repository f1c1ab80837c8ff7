"""Divides by the sums of columns: that is precision, the share of a class's answers that are right."""

# %% balanced_accuracy_solution
def balanced_accuracy(matrix):
    total = matrix.sum(axis=0)
    present = total > 0
    return np.mean(np.diag(matrix)[present] / total[present])
