"""Counts pairs with `str.count`: it finds them inside of longer words, and does not see those that overlap."""

# %% pair_counts_solution
def pair_counts(texts, pairs):
    return np.array([[text.count(pair) for pair in pairs] for text in texts])
