"""Counts "Soup", "soup" and "soup." as three words: neither lower case nor punctuation is seen to."""

# %% vocabulary_solution
def vocabulary(texts, size):
    counts = collections.Counter(word for text in texts for word in text.split())
    by_count = sorted(counts, key=lambda word: (-counts[word], word))
    return ["", "[UNK]", *by_count][:size]
