"""Takes the mean over the padded length, padding included: a short review is pulled towards row 0 of the table."""

# %% mean_embedding_solution
def mean_embedding(ids, table):
    return table[ids].mean(axis=1)
