"""Leaves the vectorizer's length open, so that each batch is as long as its longest text."""

# %% vectorizer_solution
def make_vectorizer(texts, vocabulary_size, length):
    vectorizer = layers.TextVectorization(max_tokens=vocabulary_size)
    vectorizer.adapt(texts)
    return vectorizer
