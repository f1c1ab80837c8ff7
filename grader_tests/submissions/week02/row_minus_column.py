"""Multiplies labels of shape (n,) with predictions of shape (n, 1): every well meets every other one."""

# %% cross_entropy_solution
def cross_entropy(labels, probabilities):
    p = np.clip(probabilities, 1e-7, 1 - 1e-7)
    return float(np.mean(-labels * np.log(p) - (1 - labels) * np.log(1 - p)))

# %% count_outcomes_solution
def count_outcomes(labels, probabilities, threshold):
    unsafe = labels == 1
    warned = probabilities >= threshold
    pairs = (unsafe & warned, unsafe & ~warned, ~unsafe & warned, ~unsafe & ~warned)
    return tuple(int(pair.sum()) for pair in pairs)
