# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   tfcourse:
#     title: "Week 9, assignment: words to vectors"
#     description: Turn texts into numbers by hand and with a layer, average word vectors without the padding, and train a model that knows praise from blame.
#     prerequisites: ["the lesson of week 9"]
#     minutes: 100
# ---

# %% [markdown]
# Five tasks, 12 points.
# The first four train nothing; the fifth trains a network on 6,000 reviews, and is judged on 3,000 others.
#
# Below each task stands a cell with a small example: run it first, it costs nothing.
# Then `practice` tries your function on data that you have not seen and says what to do next.
# You may practise as often as you like; what counts in the end is the same check on other data.

# %% tags=["setup"]
from tfcourse import grade, hint, practice, solution
from tfcourse.datasets.reviews import make_reviews

import collections
import string

import keras
import numpy as np
import tensorflow as tf
from keras import layers

# %% [markdown] skills=["N2"]
# ## Task 1 · A vocabulary by hand (2 points)
#
# Write `vocabulary(texts, size)`. It gets a list of texts and returns a list of words.
#
# - Turn each text into lower case, delete every character of `string.punctuation` from it
#   (so "first-rate" becomes "firstrate"), and split what is left wherever there is white space.
# - Entry 0 is `""`, for padding. Entry 1 is `"[UNK]"`, for words that are not in the list.
# - Then come the words, the most frequent first. Every occurrence counts.
# - Words that are equally frequent come in alphabetical order.
#   (Keras has them the other way round, from z to a. Any rule will do, as long as it is one.)
# - The whole list, with its first two entries, has at most `size` entries.

# %% nbgrader={"grade": false, "grade_id": "vocabulary_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def vocabulary(texts, size):
    """Return at most `size` entries: "", "[UNK]", and the most frequent words of `texts`."""
    ### BEGIN SOLUTION
    delete_punctuation = str.maketrans("", "", string.punctuation)
    counts = collections.Counter()
    for text in texts:
        counts.update(text.lower().translate(delete_punctuation).split())
    by_count = sorted(counts, key=lambda word: (-counts[word], word))
    return ["", "[UNK]", *by_count][:size]
    ### END SOLUTION

# %% [markdown]
# Look before you practise. You should get `['', '[UNK]', 'not', 'soup', 'bad', 'the']`:
# *not* and *soup* occur three times; *at*, *but* and the like had no room.

# %%
vocabulary(["Not bad. Not at all bad!", "The soup: not hot, but the SOUP is soup."], 6)
# hint("week09.vocabulary")

# %% nbgrader={"grade": true, "grade_id": "vocabulary", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week09.vocabulary", vocabulary)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week09.vocabulary", vocabulary)
### END HIDDEN TESTS

# %% [markdown] skills=["N2", "B12"]
# ## Task 2 · Words to numbers (2 points)
#
# Write `word_ids(sentences, vocabulary, length)`.
#
# - `sentences` is a list of sentences, each one a list of words that are clean already: `["not", "at", "all", "bad"]`.
# - `vocabulary` is a list as in task 1: `""` at 0, `"[UNK]"` at 1, then words.
# - Return a NumPy array of integers of shape (sentences, length). A word becomes its place in the vocabulary.
# - Words that the vocabulary does not have become 1.
# - A sentence that is too long loses its **last** words; one that is too short is filled up with 0 **at its end**.

# %% nbgrader={"grade": false, "grade_id": "word_ids_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def word_ids(sentences, vocabulary, length):
    """Return integers of shape (sentences, length)."""
    ### BEGIN SOLUTION
    place = {word: number for number, word in enumerate(vocabulary)}
    ids = np.zeros((len(sentences), length), dtype=int)
    for row, sentence in zip(ids, sentences):
        found = [place.get(word, 1) for word in sentence[:length]]
        row[: len(found)] = found
    return ids
    ### END SOLUTION

# %% [markdown]
# Expect the rows `[2 4 0 0]` and `[1 2 3 4]`.

# %%
word_ids([["not", "bad"], ["definitely", "not", "so", "bad", "at", "all"]], ["", "[UNK]", "not", "so", "bad"], 4)
# hint("week09.word_ids")

# %% nbgrader={"grade": true, "grade_id": "word_ids", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week09.word_ids", word_ids)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week09.word_ids", word_ids)
### END HIDDEN TESTS

# %% [markdown] skills=["N1", "N2"]
# ## Task 3 · The same by a layer (1 point)
#
# Write `make_vectorizer(texts, vocabulary_size, length)`.
# It returns a `keras.layers.TextVectorization` that has learned its vocabulary from `texts`,
# with at most `vocabulary_size` entries, and turns every text into `length` integers.
#
# Your layer is then called on texts that it may not have seen.

# %% nbgrader={"grade": false, "grade_id": "vectorizer_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def make_vectorizer(texts, vocabulary_size, length):
    """Return an adapted TextVectorization layer."""
    ### BEGIN SOLUTION
    vectorizer = layers.TextVectorization(max_tokens=vocabulary_size, output_sequence_length=length)
    vectorizer.adapt(texts)
    return vectorizer
    ### END SOLUTION

# %% [markdown]
# Expect one row of shape (1, 6). *Bad* and *soup* are known, so their ids are above 1; *mushroom* was never seen,
# and what is left over is padding.

# %%
make_vectorizer(["Not bad. Not at all bad!", "The soup is hot."], 100, 6)(["Bad mushroom soup!"])
# hint("week09.vectorizer")

# %% nbgrader={"grade": true, "grade_id": "vectorizer", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
practice("week09.vectorizer", make_vectorizer)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week09.vectorizer", make_vectorizer)
### END HIDDEN TESTS

# %% [markdown] skills=["N5"]
# ## Task 4 · A mean without the padding (2 points)
#
# Write `mean_embedding(ids, table)` with NumPy alone: what `Embedding(…, mask_zero=True)`
# and `GlobalAveragePooling1D` do together.
#
# - `ids` has shape (reviews, length): word ids, where 0 is padding, at the end or elsewhere.
# - `table` has shape (words, width): row i is the vector of word i. Row 0 may hold anything.
# - Return an array of shape (reviews, width): for each review the mean of the vectors of its **words**. Padding is no word.
#   A word that occurs twice counts twice.
# - A review without any word gets zeros.

# %% nbgrader={"grade": false, "grade_id": "mean_embedding_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mean_embedding(ids, table):
    """Return the mean of each review's word vectors, shape (reviews, width)."""
    ### BEGIN SOLUTION
    real = (ids != 0)[..., None]
    return (table[ids] * real).sum(axis=1) / np.maximum(real.sum(axis=1), 1)
    ### END SOLUTION

# %% [markdown]
# Here words 1 and 2 have the vectors [1, 1] and [3, 5], so the three rows should be [2, 3], [3, 5] and [0, 0].

# %%
mean_embedding(np.array([[1, 2, 0], [2, 0, 0], [0, 0, 0]]), np.array([[9.0, 9.0], [1.0, 1.0], [3.0, 5.0]]))
# hint("week09.mean_embedding")

# %% nbgrader={"grade": true, "grade_id": "mean_embedding", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week09.mean_embedding", mean_embedding)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week09.mean_embedding", mean_embedding)
### END HIDDEN TESTS

# %% [markdown] skills=["N1", "N3", "N5"]
# ## Task 5 · Is this review favourable? (5 points)
#
# Write `build_model(x_train)`. It returns a compiled network that reads a review
# and answers with one number: the probability that the review is favourable.
#
# - `x_train` holds 6,000 reviews as text, shape (6000,): restaurants, hotels, films and things to buy.
#   The model gets raw text when it predicts, too, so the vectorizer has to live inside it.
#   That is why your function is given `x_train`: to adapt the vectorizer to it.
# - Begin with `keras.Input(shape=(), dtype="string")`; end with one unit and a sigmoid.
# - Do not call `fit` yourself. The model is trained for you: 8 epochs, batches of 16, labels 0 and 1.
#   Loss, optimizer and its learning rate are yours to choose in `compile`.
# - At most 500,000 parameters.
#
# It is judged by its accuracy on 3,000 reviews that it has not seen:
#
# {{ladder:week09.reviews_model}}

# %% nbgrader={"grade": false, "grade_id": "reviews_model_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def build_model(x_train):
    """Return a compiled model that maps text of shape () to one probability."""
    ### BEGIN SOLUTION
    vectorizer = layers.TextVectorization(max_tokens=4_000, output_sequence_length=45)
    vectorizer.adapt(x_train)
    model = keras.Sequential([
        keras.Input(shape=(), dtype="string"),
        vectorizer,
        layers.Embedding(4_000, 32),
        layers.Conv1D(64, 5, activation="relu"),
        layers.GlobalMaxPooling1D(),
        layers.Dense(1, activation="sigmoid"),
    ])
    model.compile(optimizer=keras.optimizers.Adam(0.002), loss="binary_crossentropy", metrics=["accuracy"])
    return model
    ### END SOLUTION

# %% [markdown]
# Look before you train. Is the last output shape `(None, 1)`?
# How many parameters does the embedding have, and how many all the rest?
# Then try two epochs on reviews of your own: does the accuracy leave 0.5?

# %%
my_x, my_y = make_reviews(6_000, seed=7)
my_model = build_model(my_x)
my_model.summary()
my_model.fit(tf.constant(my_x), my_y, epochs=2, batch_size=16, verbose=2)
# hint("week09.reviews_model")

# %% nbgrader={"grade": true, "grade_id": "reviews_model", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
practice("week09.reviews_model", build_model)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week09.reviews_model", build_model)
### END HIDDEN TESTS
