"""Gives words that are not in the vocabulary the number of the padding."""

# %% word_ids_solution
def word_ids(sentences, vocabulary, length):
    place = {word: number for number, word in enumerate(vocabulary)}
    ids = np.zeros((len(sentences), length), dtype=int)
    for row, sentence in zip(ids, sentences):
        found = [place.get(word, 0) for word in sentence[:length]]
        row[: len(found)] = found
    return ids
