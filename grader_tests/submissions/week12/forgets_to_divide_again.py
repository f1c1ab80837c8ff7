"""Cuts off the tail and leaves the rest as it was, so that a large u lies beyond all stretches."""

# %% draw_solution
def draw(probabilities, u, k):
    smallest_kept = np.sort(probabilities, axis=1)[:, -k]
    kept = np.where(probabilities >= smallest_kept[:, None], probabilities, 0)
    ends = np.cumsum(kept, axis=1)
    return np.minimum((ends <= u[:, None]).sum(axis=1), probabilities.shape[1] - 1)
