"""Warns of wells above the threshold only: one that lies on it is passed."""

# %% count_outcomes_solution
def count_outcomes(labels, probabilities, threshold):
    unsafe = np.reshape(labels, -1) == 1
    warned = np.reshape(probabilities, -1) > threshold
    pairs = (unsafe & warned, unsafe & ~warned, ~unsafe & warned, ~unsafe & ~warned)
    return tuple(int(pair.sum()) for pair in pairs)
