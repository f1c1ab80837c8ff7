"""Lays the kept probabilities end to end in the order of their size: fair, but not the tokens that were asked for."""

# %% draw_solution
def draw(probabilities, u, k):
    best = np.argsort(-probabilities, axis=1)[:, :k]
    kept = np.take_along_axis(probabilities, best, axis=1)
    ends = np.cumsum(kept / kept.sum(axis=1, keepdims=True), axis=1)
    place = (ends <= u[:, None]).sum(axis=1)
    return best[np.arange(len(best)), place]
