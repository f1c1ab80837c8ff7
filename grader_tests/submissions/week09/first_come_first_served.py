"""Leaves equally frequent words in the order of `Counter.most_common`, and lets the size count words only."""

# %% vocabulary_solution
def vocabulary(texts, size):
    delete_punctuation = str.maketrans("", "", string.punctuation)
    counts = collections.Counter()
    for text in texts:
        counts.update(text.lower().translate(delete_punctuation).split())
    return ["", "[UNK]"] + [word for word, _ in counts.most_common(size)]
