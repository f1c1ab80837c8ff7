"""Takes the formula for many classes: only the wells that are unsafe cost anything. The mean is over all."""

# %% cross_entropy_solution
def cross_entropy(labels, probabilities):
    y = np.reshape(labels, -1)
    p = np.clip(np.reshape(probabilities, -1), 1e-7, 1 - 1e-7)
    return float(np.mean(-y * np.log(p)))
