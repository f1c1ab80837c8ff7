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
#     title: "Week 9: words to vectors"
#     description: How a network gets to read, from characters to word ids to vectors, and why the order of words is worth more than 25 points of accuracy.
#     prerequisites: ["week 2: binary classification", "week 5: what a convolution does"]
#     minutes: 70
#     objectives:
#       - text: turn text into numbers with TextVectorization, and say what padding and [UNK] are
#         skills: [N2]
#       - text: judge a text model by what counting words can do
#         skills: [N3]
#       - text: explain an embedding as a table that is looked up and learned, and draw one
#         skills: [N5]
#       - text: build, train and question a model that takes raw text
#         skills: [N1, N3]
# ---

# %% [markdown] skills=["N1", "N3"]
# ## Was this review favourable?
#
# *"The soup was not at all bad."* You know at once that somebody liked the soup.
# The words *not* and *bad* know nothing of it.
#
# This week a network learns to read reviews of restaurants, hotels, films and things to buy,
# and to say whether they are favourable. That is week 2's **binary classification** again, with one new difficulty:
# a network multiplies and adds numbers, and a review is made of letters.
# So most of the week is about the way from letters to numbers, and about what gets lost on it.

# %%
from tfcourse.datasets import reviews_words
from tfcourse.datasets.reviews import make_reviews

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from keras import layers

# %%
texts, labels = make_reviews(6_000, seed=1)
x_train, x_test = texts[:4_000], texts[4_000:]
y_train, y_test = labels[:4_000], labels[4_000:]
for text, label in zip(x_train[:6], y_train[:6]):
    print(label, text)

# %% [markdown]
# 1 means favourable. The reviews are written by a grammar, so that every learner can have fresh ones;
# the pitfalls in them are those of real reviews.

# %% [markdown] skills=["N3"]
# ## The baseline: what can counting words do?
#
# Half of the reviews are favourable, so guessing is right in half of the cases.
#
# The classic next step ignores order altogether:
# count how often each word occurs in a review, a **bag of words**,
# and let a logistic regression give every word a weight: how much it speaks for a favourable review.
#
# **Predict first.** Which words will have the lowest weights, and which the highest?
# And *not*: will it be low?

# %%
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

counter = CountVectorizer()
bag = LogisticRegression(max_iter=500).fit(counter.fit_transform(x_train), y_train)
words, weights = counter.get_feature_names_out(), bag.coef_[0]
order = np.argsort(weights)
print("lowest: ", *words[order[:10]])
print("highest:", *words[order[-10:]])
print("not:    ", weights[counter.vocabulary_["not"]].round(2))

# %%
def accuracy(probabilities):
    return np.mean((probabilities > 0.5) == y_test)

bag_says = bag.predict_proba(counter.transform(x_test))[:, 1]
print(f"guessing 0.5, counting words {accuracy(bag_says):.3f}")

# %% [markdown]
# Counting is better than guessing, and it has found words that anybody would call good or bad.
# *Can* is high and *cannot* is low, though neither judges anything: people write "can recommend" and "cannot recommend".
# And *not* itself weighs nothing: it makes praise of blame as often as blame of praise.
#
# Look at reviews where the bag was sure and wrong:

# %%
wrong = np.argsort(-np.abs(bag_says - y_test))
for i in wrong[[0, 1, 3, 4]]:
    print(f"{bag_says[i]:.2f}, but it is {y_test[i]}: {x_test[i]}")

# %% [markdown]
# What breaks it is **negation** ("far from overlong", "by no means dreadful")
# and **contrast** ("in spite of the painless airport transfer, the owners weren't efficient").
# In a bag, *the screen was lovely, but the battery was dreadful*
# and *the battery was dreadful, but the screen was lovely* are the same nine words.
#
# About 0.70, then, is what a network must beat to be worth its trouble.

# %% [markdown] skills=["N2"]
# ## From letters to numbers
#
# Three steps lead from a text to numbers. By hand, on one sentence:
#
# 1. **Standardise**: lower case, no punctuation. *Soup*, *soup* and *soup.* should be one word.
# 2. **Split** into **tokens**, here words.
# 3. **Look up** each token in a **vocabulary**, a list of known words. Its place in the list is its number.

# %%
import string

sentence = "The soup was not bad. Not at all!"
tokens = sentence.lower().translate(str.maketrans("", "", string.punctuation)).split()
small_vocabulary = ["", "[UNK]", "the", "was", "not", "bad", "at", "all"]
print(tokens)
print([small_vocabulary.index(token) if token in small_vocabulary else 1 for token in tokens])

# %% [markdown]
# The vocabulary begins with two entries that are no words:
#
# - **1** is `[UNK]`, *unknown*: any token that is not in the list, like *soup* here.
# - **0** is **padding**. A batch is a rectangle, and reviews are not equally long,
#   so short ones are filled up with 0.
#
# In Keras all of this is one layer. It has to see the training texts once, in `adapt`, to collect its vocabulary.

# %%
vectorizer = layers.TextVectorization(max_tokens=4_000, output_sequence_length=12)
vectorizer.adapt(x_train)
print(vectorizer.vocabulary_size(), "entries:", *[repr(str(word)) for word in vectorizer.get_vocabulary()[:12]])
vectorizer(["The soup was not bad.", "Not at all bad, but the hippopotamus snored!"])

# %% [markdown]
# The most frequent words come first. Read the second row aloud: *not at all bad but the [UNK] [UNK]*, then padding.
# *Hippopotamus* is in no review, and after this layer it cannot be told from *snored*.
#
# Two numbers are yours to choose, and both throw something away:
#
# - `max_tokens`: how many words get a number of their own;
# - `output_sequence_length`: how many tokens of a review are kept, from its beginning.
#
# Look at the data before you choose.

# %%
lengths = [len(text.split()) for text in x_train]
counts = np.sort(np.asarray(counter.transform(x_train).sum(axis=0)).ravel())[::-1]

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.5), layout="constrained")
left.hist(lengths, bins=range(10, 48), color="tab:blue")
left.set(xlabel="words in a review", ylabel="reviews", title="Lengths")
right.loglog(np.arange(1, len(counts) + 1), counts, color="tab:blue")
right.set(xlabel="rank of a word", ylabel="how often it occurs", title="A few words are everywhere, most are rare")
for limit, colour in ((200, "tab:red"), (4_000, "tab:green")):
    right.axvline(limit, color=colour, linestyle="--", label=f"max_tokens = {limit:,}")
right.legend();

# %% [markdown]
# No review is longer than 45 words, so a length of 45 loses nothing.
# A length of 10 would keep the beginnings, which tell where somebody was and not how it was.
#
# The right-hand picture looks much like this in every language: a few words everywhere, and a long tail.
# With a vocabulary of 200, two tokens of three still get a number of their own.
# What gets lost is nearly all that is *said*:

# %%
def seen_through(text, size):
    narrow = layers.TextVectorization(max_tokens=size, output_sequence_length=None)
    narrow.adapt(x_train)
    return " ".join(narrow.get_vocabulary()[number] for number in narrow([text]).numpy()[0])

review = "The waiter was attentive, but the chowder was greasy."
print(seen_through(review, 200))
print(seen_through(review, 4_000))

# %% [markdown] skills=["N5"]
# ## From numbers to vectors
#
# Above, *bad* was number 253 and *soup* was 849. That says nothing: the numbers are names, given by frequency,
# and to a network that multiplied them, *soup* would be more than three times *bad*.
#
# The honest translation is **one-hot**: a vector with a place for each word, 1 at the word's own place, 0 elsewhere.
# No two words are nearer than any other two, and each costs 4,000 numbers.
#
# An **embedding** is a shorter vector for each word, say of 16 numbers, kept as the rows of a table.
# The table starts at random and is *learned*, like any other weights.
# To embed a word is to look up its row, and nothing else:

# %%
keras.utils.set_random_seed(1)
embedding = layers.Embedding(input_dim=8, output_dim=3)
ids = np.array([4, 6, 7, 5])
from_layer = embedding(ids).numpy()
table = embedding.get_weights()[0]
print(table.round(3))
print("a lookup:           ", np.array_equal(from_layer, table[ids]))
print("one-hot times table:", np.allclose(from_layer, np.eye(8)[ids] @ table))

# %% [markdown]
# The last line says what an embedding is: a `Dense` layer without bias on one-hot vectors,
# with the multiplications by zero left out.
# So it is trained in the same way, and its size is easy to tell: words times width.
#
# **Predict first.** 4,000 words, 16 numbers each: how many weights? And the layer that decides at the end, one neuron on 16 numbers?

# %% [markdown] skills=["N1", "N3", "N5"]
# ## A first network: the mean of all words
#
# Each word is a vector; a review is up to 45 of them. The simplest summary is their mean.
# With `mask_zero=True`, the embedding tells the layers behind it which places are padding,
# and the mean leaves those out.
#
# The vectorizer is the first layer, so this model takes raw text: what you train is what you can hand to somebody.

# %%
vectorizer = layers.TextVectorization(max_tokens=4_000, output_sequence_length=45)
vectorizer.adapt(x_train)

def make_model(*middle, width, learning_rate, mask=False):
    """Return a compiled model: text, ids, vectors, the layers in the middle, one probability."""
    keras.utils.set_random_seed(1)
    model = keras.Sequential([
        keras.Input(shape=(), dtype="string"),
        vectorizer,
        layers.Embedding(4_000, width, mask_zero=mask),
        *middle,
        layers.Dense(1, activation="sigmoid"),
    ])
    model.compile(optimizer=keras.optimizers.Adam(learning_rate), loss="binary_crossentropy", metrics=["accuracy"])
    return model

# %%
averaging = make_model(layers.GlobalAveragePooling1D(), width=16, learning_rate=0.005, mask=True)
averaging.summary()

# %% [markdown] skills=["N1"]
# Each text is one string, so its shape is `()`, and the batch is `(None,)`.
# 64,000 weights stand in the table and 17 behind it: in text models, most of the weights are words.
#
# Now train it.

# %%
try:
    averaging.fit(x_train, y_train, epochs=1)
except Exception as error:
    print(type(error).__name__, error)

# %% [markdown]
# A number type `str` with a length in bits behind it: that is NumPy's own way to store text, and Keras 3 does not take it.
# The layer did, in `adapt`; `fit`, `evaluate` and `predict` do not.
# Give them TensorFlow's strings instead, by way of `tf.constant`:

# %%
def train(model):
    return model.fit(
        tf.constant(x_train), y_train, validation_data=(tf.constant(x_test), y_test), epochs=6, batch_size=32, verbose=0
    )

def ask(model, texts):
    return model.predict(tf.constant(texts), verbose=0)[:, 0]

averaging_history = train(averaging)
print(f"counting words {accuracy(bag_says):.3f}, mean of embeddings {accuracy(ask(averaging, x_test)):.3f}")

# %% [markdown]
# A neural network with 64,017 weights, and no better than counting.
# **Before you read on:** why can it not be better?
#
# A mean does not know in which order the words came. To this network, these two sentences are one:

# %%
pair = ["The battery was dreadful, but the screen was lovely.", "The screen was lovely, but the battery was dreadful."]
ask(averaging, pair)

# %% [markdown] skills=["N1", "N3"]
# ## A network that sees order
#
# In week 5, a convolution slid a small window over a picture and looked for a pattern in it.
# `Conv1D` does the same along one direction. With `kernel_size=5`, each filter looks at five words at a time,
# that is, at five vectors in order, and answers with a large number where it finds its pattern:
# *not at all* and then something bad, say.
#
# `GlobalMaxPooling1D` then keeps each filter's largest answer: was the pattern anywhere in this review?
# Where in the review it was does not matter.

# %%
reading = make_model(
    layers.Conv1D(64, kernel_size=5, activation="relu"), layers.GlobalMaxPooling1D(), width=32, learning_rate=0.002
)
for layer in reading.layers:
    print(f"{layer.name:25} {layer.count_params():>8,} weights, output {layer.output.shape}")

# %% [markdown]
# A window of five fits into 45 places 41 times.
# (No `mask_zero` this time: `Conv1D` cannot skip places, so padding is one more word to it.)
#
# **Predict first.** Where will it end up, given that counting has 0.70: at 0.75, 0.85, 0.95?

# %%
reading_history = train(reading)
print(f"mean of embeddings {accuracy(ask(averaging, x_test)):.3f}, windows of five words {accuracy(ask(reading, x_test)):.3f}")

# %%
figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
for name, history, colour in (("mean", averaging_history, "tab:grey"), ("windows", reading_history, "tab:blue")):
    epochs = range(1, 7)
    axes.plot(epochs, history.history["accuracy"], "--", color=colour, label=f"{name}: training")
    axes.plot(epochs, history.history["val_accuracy"], "o-", color=colour, label=f"{name}: not seen before")
axes.set(xlabel="epoch", ylabel="accuracy", ylim=(0.45, 1.02), title="Order is worth more than 25 points")
axes.legend();

# %% [markdown]
# Read the grey lines, too. The averaging network goes on improving on its training reviews:
# it learns which brands and which towns happened to go with which label there.
# On new reviews it stands still. That gap is week 4's overfitting, and no further epoch closes it.

# %% [markdown] skills=["N3"]
# ## Question your model
#
# An accuracy is one number. Sentences of your own tell more.

# %%
questions = [
    "The soup was bad.",
    "The soup was not at all bad.",
    "The soup was not at all good.",
    *pair,
    "My sister found the plot dull. I found it gripping.",
    "This is not a bad kettle.",
]
for text, mean_says, windows_say in zip(questions, ask(averaging, questions), ask(reading, questions)):
    print(f"mean {mean_says:.2f}   windows {windows_say:.2f}   {text}")

# %% [markdown]
# With windows, all answers but the last are right, and the two sentences about screen and battery have become different ones.
#
# The last one is a warning. *Not a bad kettle* is harmless English, but in 4,000 reviews nobody says *not a bad*
# in front of a noun, so no filter has learned it. A model knows the language of its training texts.
#
# Which words decided? For each filter, look up where its maximum was, and multiply the maximum by the filter's weight
# in the last layer. That credits every window of five words with what it added to the verdict.
# A dot is padding.

# %%
vocabulary = [str(word) for word in vectorizer.get_vocabulary()]

def window_credits(text):
    """Return the windows of a text, and what each adds to a favourable verdict."""
    ids = vectorizer([text])
    answers = reading.layers[2](reading.layers[1](ids)).numpy()[0]
    found = np.zeros(len(answers))
    np.add.at(found, answers.argmax(axis=0), answers.max(axis=0) * reading.layers[-1].get_weights()[0][:, 0])
    tokens = [vocabulary[number] or "·" for number in ids.numpy()[0]]
    windows = [" ".join(tokens[i : i + 5]) for i in range(len(answers)) if tokens[i] != "·"]
    return windows, found[: len(windows)]

figure, rows = plt.subplots(2, 1, figsize=(9, 6), layout="constrained", sharex=True)
for axes, text in zip(rows, pair):
    windows, found = window_credits(text)
    axes.barh(windows[::-1], found[::-1], color=np.where(found[::-1] > 0, "tab:green", "tab:red"))
    axes.set_title(text)
rows[-1].set_xlabel("adds to a favourable verdict");

# %% [markdown]
# Compare *battery was dreadful* in both. Before *but*, it weighs little; at the end, several times as much.
# Nobody wrote that rule down. The filters found that blame in front of *but* is about to be taken back.
#
# They found a shortcut, too: most reviews end with what counts, so an adjective followed by padding is loud.
# A model takes whatever lowers the loss, and it pays to look.

# %% [markdown] skills=["N5"]
# ## What is in the table?
#
# The embedding had nothing to go by but 4,000 labels. What has it learned about *words*?
# Take the vectors of the 1,600 most frequent ones, and draw them in the two directions in which they differ most.
# (These are the **principal components**; NumPy's singular value decomposition finds them.)

# %%
vectors = reading.layers[1].get_weights()[0][2:1_600]
centred = vectors - vectors.mean(axis=0)
_, _, directions = np.linalg.svd(centred, full_matrices=False)
plane = centred @ directions[:2].T
plane.shape

# %%
def clean(words):
    return {word.replace("-", "") for word in words}

known = vocabulary[2:1_600]
praise = clean(word for judgement in reviews_words.JUDGEMENTS.values() for word in judgement.praise)
blame = clean(word for judgement in reviews_words.JUDGEMENTS.values() for word in judgement.blame)
colours = ["tab:green" if word in praise else "tab:red" if word in blame else "lightgrey" for word in known]

figure, axes = plt.subplots(figsize=(10, 6), layout="constrained")
axes.scatter(*plane.T, c=colours, s=14)
for word in "superb liked dreadful disappointed although even though but yet still however kettle lisbon".split():
    axes.plot(*plane[known.index(word)], "k.")
    axes.annotate(f" {word}", plane[known.index(word)], fontsize=12)
axes.set(xlabel="first direction", ylabel="second direction", title="1,598 word vectors. Green: praise, red: blame, grey: all others");

# %% [markdown]
# In the first direction the table has sorted its words into blame, praise, and a grey middle of kettles and cities.
# Verbs have joined the adjectives: *liked* stands with praise, *disappointed* with blame.
#
# The second direction is grammar. At one end stand *although* and *even though*, which announce something that will not count;
# at the other *but*, *yet*, *still* and *however*, behind which comes what does.
# Nobody told the network that these four are alike. They were used alike, and that is all that an embedding sees.
#
# That is also what makes embeddings better than one-hot vectors: what a filter learns about *but*,
# it knows about *yet*, because their vectors are neighbours.
# (Which end is up is chance; with another seed the picture may be mirrored.)

# %% [markdown]
# ## Try it
#
# Each of these takes a few seconds. Predict the accuracy before you run it, then change one thing:
#
# 1. `kernel_size=1`: windows of a single word, but the maximum instead of the mean.
# 2. `kernel_size=2`, and then 7. Which phrases fit into two words, and which need seven?
# 3. `GlobalAveragePooling1D` in place of the maximum, behind the same convolution.

# %%
mine = make_model(
    layers.Conv1D(64, kernel_size=2, activation="relu"), layers.GlobalMaxPooling1D(), width=32, learning_rate=0.002
)
train(mine)
print(f"{accuracy(ask(mine, x_test)):.3f}")

# %% [markdown] skills=["N2"]
# ## Common mistakes
#
# **No `adapt`.** The layer has no vocabulary, and says so in its own way:

# %%
forgotten = layers.TextVectorization(max_tokens=4_000, output_sequence_length=8)
try:
    forgotten(["The soup was not bad."])
except Exception as error:
    print(type(error).__name__, error)

# %% [markdown]
# Three words in the middle of that matter. *Table not initialized* means: call `adapt` before you use the layer.
#
# **`adapt` on the test texts**, or on all texts before the split. Nothing breaks, but the test has become dishonest:
# the vocabulary knows words that only the test texts have. Tomorrow's reviews will not be so kind.
# A vocabulary is learned from training data, like every other part of the model.
#
# **Text straight into an `Embedding`.** A lookup needs whole numbers:

# %%
try:
    layers.Embedding(4_000, 16)(tf.constant(["the soup"]))
except Exception as error:
    print(type(error).__name__, error)

# %% [markdown]
# **A table that is too small.** `Embedding(1_000, 16)` behind `max_tokens=4_000` meets id 1,000 and stops:
# *indices … is not in [0, 1000)*. The table needs a row for every id: `input_dim` at least `max_tokens`.
#
# **`compile("adam", "binary_crossentropy", ["accuracy"])`.** The third argument is `loss_weights`, so write `metrics=["accuracy"]`.
# Without the name, `fit` says *dtype='string' is not a valid dtype*, and you look for the mistake in your texts, where it is not.
#
# **Cutting in the wrong place.** `output_sequence_length` keeps the *beginning* of a text.
# Where the verdict comes at the end, choose it generously.
#
# **`Tokenizer` and `pad_sequences`** are what older courses use for all this: text became lists outside the model,
# padded in front. The package `keras` has no `Tokenizer` any more.
# `TextVectorization` travels with the model, and pads at the end.

# %% [markdown]
# ## Summary
#
# - Text becomes numbers in three steps: standardise, split, look up. `TextVectorization` does all three,
#   after `adapt` on the training texts.
# - 0 is padding, 1 is unknown. Choose vocabulary and length by looking at the data.
# - An embedding is a table of vectors, one row a word, looked up and learned.
#   Words that are used alike end up close together.
# - Counting words, and the mean of embeddings, forget order: 0.70 here.
#   A convolution over five words sees negation and contrast: 0.97.
# - Begin with counting. Where counting is as good as your network, you do not need the network.

# %% [markdown]
# ## Recall questions
#
# Answer before you open.
#
# <details><summary>A review contains a word that no training review had. What does the model see?</summary>
#
# `[UNK]`, number 1: the same vector for every unknown word.
# And if the vocabulary had room for all training words, as here, no training text held an `[UNK]`,
# so this vector is still as random as it began.
# </details>
#
# <details><summary>Why is padding given a number of its own, and not just the number of some frequent word?</summary>
#
# So that it can be told from words: a mean can leave it out (`mask_zero=True`),
# and a convolution can learn that it means nothing.
# </details>
#
# <details><summary>How many weights has Embedding(10_000, 64), and which of them change when one review is learned from?</summary>
#
# 640,000. Only the rows of words that occur in the review (and of padding, unless it is masked) get a gradient.
# Adam, with its memory of earlier steps, may move others a little.
# </details>
#
# <details><summary>"Not good" and "good, not" have the same mean of embeddings. Have they the same answers from Conv1D with kernel_size=2?</summary>
#
# No. A filter has separate weights for the first and for the second place of its window.
# </details>
#
# <details><summary>Your network has 0.90 on news texts. What do you compute before you are pleased?</summary>
#
# The share of the largest class, and what counting words has. Where topics differ by their words, counting may have 0.90, too.
# </details>

# %% [markdown]
# ## Take it further
#
# - Let the vectorizer count pairs: `TextVectorization(ngrams=2, output_mode="multi_hot")` and one `Dense` layer.
#   How far do pairs get, and what does the table of weights cost?
# - Print the reviews on which the windows of five words are sure and wrong. Which of them would need a longer memory?
#   Week 11 has layers that carry a state from word to word.
# - Put vectors into the table that somebody else has learned from billions of words (GloVe, word2vec, fastText),
#   and freeze it with `trainable=False`. When does that help: with many reviews, or with few?
# - Real reviews: 50,000 of films, many of them longer than a page (Maas and others, 2011).
#
# ```python
# from tfcourse.datasets.public import load_imdb
#
# (x_train, y_train), (x_test, y_test) = load_imdb()
# ```
#
# Look at the lengths before you choose one, and begin with the bag of words again.
# Expect it to be far harder to beat than here. A long review says what it means many times over,
# so order decides less, and a network that reads the first 45 words may never reach the verdict.
#
# Then open the assignment. Next week, the answer is one of many classes.
