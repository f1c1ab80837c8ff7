"""Counts the stretches that end before u, not those that end at it: u = 0 draws a token of probability 0."""

# %% draw_solution
def draw(probabilities, u, k):
    smallest_kept = np.sort(probabilities, axis=1)[:, -k]
    kept = np.where(probabilities >= smallest_kept[:, None], probabilities, 0)
    ends = np.cumsum(kept / kept.sum(axis=1, keepdims=True), axis=1)
    return (ends < u[:, None]).sum(axis=1)
