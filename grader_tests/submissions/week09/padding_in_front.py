"""Pads and cuts in front, as the `pad_sequences` of older courses does by default."""

# %% word_ids_solution
def word_ids(sentences, vocabulary, length):
    place = {word: number for number, word in enumerate(vocabulary)}
    rows = [[place.get(word, 1) for word in sentence] for sentence in sentences]
    return keras.utils.pad_sequences(rows, maxlen=length)
