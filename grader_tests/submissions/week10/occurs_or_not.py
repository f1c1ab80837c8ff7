"""Looks whether a pair occurs, and not how often."""

# %% pair_counts_solution
def pair_counts(texts, pairs):
    counts = np.zeros((len(texts), len(pairs)), dtype=int)
    for i, text in enumerate(texts):
        words = text.split()
        found = [" ".join(words[k : k + 2]) for k in range(len(words) - 1)]
        for j, pair in enumerate(pairs):
            counts[i, j] = pair in found
    return counts
