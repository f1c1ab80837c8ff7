"""Masks the padding, and forgets that a review may hold nothing else."""

# %% mean_embedding_solution
def mean_embedding(ids, table):
    real = (ids != 0)[..., None]
    return (table[ids] * real).sum(axis=1) / real.sum(axis=1)
