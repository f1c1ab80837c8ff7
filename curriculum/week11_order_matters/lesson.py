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
#     title: "Week 11: order matters"
#     description: Layers that carry a state from word to word, why a plain one forgets, and what the gates of an LSTM and a GRU change.
#     prerequisites: ["week 9", "week 2: softmax", "week 5: what a convolution does"]
#     minutes: 75
#     objectives:
#       - text: say what a recurrent layer computes, and compute it by hand
#         skills: [N7]
#       - text: explain what the gates of an LSTM and of a GRU do, and count their weights
#         skills: [N6, N7]
#       - text: train an LSTM that classifies texts, with padding masked
#         skills: [N6]
#       - text: choose between a mean, a convolution and a recurrent layer, alone or together
#         skills: [N8]
# ---

# %% [markdown] skills=["N8"]
# ## What does the guest want?
#
# *"I wanted to cancel our room, then my sister found the tickets, so please keep it."*
# A small hotel gets such messages all day, and the desk has to know what to do:
# **keep** the booking, **cancel** it, **move** it, or **answer** a question before anything else is done.
#
# Week 9 ended with a network that looks at five words at a time. Here that is not enough,
# since people change their minds, and what counts is what they want *in the end*.

# %%
from tfcourse.datasets.bookings import WISHES, make_bookings

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from keras import layers

# %%
texts, labels = make_bookings(7_000, seed=1)
x_train, x_test = texts[:5_000], texts[5_000:]
y_train, y_test = labels[:5_000], labels[5_000:]
for text, label in zip(x_train[:8], y_train[:8]):
    print(f"{WISHES[label]:7} {text}")

# %% [markdown]
# The messages are written by a grammar; hotel and guests are invented. The four wishes are equally frequent.
#
# Read them as the desk would. How do you know what is wanted? Not by the words that occur:
# most messages speak of cancelling *and* of keeping or moving.
# You keep a guess in mind, change it when the guest changes theirs, go back when they take a wish back,
# and leave it alone when the rest is only the weather and a name.

# %% [markdown] skills=["N8"]
# ## The baseline: a bag, and windows of five words
#
# Guessing is right in one of four. What do week 9's two networks reach, the mean of embeddings and the convolution?
#
# **Predict first.** A convolution sees *no, wait: please keep* in one window.
# For which messages is that enough, and for which not?

# %%
vectorizer = layers.TextVectorization(max_tokens=1_000, output_sequence_length=40)
vectorizer.adapt(x_train)
print(vectorizer.vocabulary_size(), "entries; longest message:", max(len(text.split()) for text in texts), "words")

# %%
def make_model(*middle, mask=True, learning_rate=0.01):
    """Return a compiled model: text, ids, vectors, the layers in the middle, four probabilities."""
    keras.utils.set_random_seed(1)
    model = keras.Sequential([
        keras.Input(shape=(), dtype="string"),
        vectorizer,
        layers.Embedding(1_000, 32, mask_zero=mask),
        *middle,
        layers.Dense(4, activation="softmax"),
    ])
    model.compile(optimizer=keras.optimizers.Adam(learning_rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model

# %%
def train(model, **more):
    return model.fit(tf.constant(x_train), y_train, epochs=6, batch_size=128, verbose=0, **more)

def ask(model, texts):
    return model.predict(tf.constant(texts), batch_size=250, verbose=0)

def accuracy(model):
    return np.mean(ask(model, x_test).argmax(axis=1) == y_test)

# %%
bag = make_model(layers.GlobalAveragePooling1D())
windows = make_model(layers.Conv1D(64, 5, activation="relu"), layers.GlobalMaxPooling1D(), mask=False)
reached = {}
for name, model in (("mean of embeddings", bag), ("windows of five", windows)):
    train(model)
    reached[name] = accuracy(model)
    print(f"{name:20} {reached[name]:.3f}")

# %%
first, farewell = "Please cancel our room. It is raining in Leeds.", "Yours, Vera Holm, booking 4093."
keep, move = "No, wait: please keep it.", "Sorry, no. Please move it to June."
turn = [f"{first} {keep} {farewell}", f"{first} {move} {farewell}"]
aside = "Sorry for the trouble."
turns = [f"{first} {keep} {aside} {move} {aside} {farewell}", f"{first} {move} {aside} {keep} {aside} {farewell}"]
for text, says in zip(turn + turns, ask(windows, turn + turns)):
    print(*(f"{wish} {p:.2f}  " for wish, p in zip(WISHES, says)), text)

# %% [markdown]
# The bag knows which wishes are mentioned, and that is right a little more often than every second time.
# Windows do much better: *no, wait* and *please keep* fit into one of them,
# and a window with a change of mind in it most likely holds the wish that counts.
#
# The first three messages above are read correctly. The last is taken for *move*, as the third is, but it ends with *keep*.
# These two hold two changes of mind each, in the same words, and nearly the same windows;
# only which of them comes later is different. The maximum over all places has forgotten just that.
# A wider window is no way out: the two may be ten words apart, or twenty, and every distance would be a pattern of its own.

# %% [markdown] skills=["N7"]
# ## A state that is carried along
#
# So read as the desk does: from left to right, with a **state**, a vector that says what is known so far.
# At each word the state is updated from two things: the word's vector, and the state before.
#
# $$h_t = \tanh(x_t W + h_{t-1} U + b)$$
#
# $W$ and $b$ are those of a `Dense` layer. New is $U$, through which the layer sees what it had a word ago.
# The same $W$, $U$ and $b$ serve every word, as a filter of a convolution serves every place.
# A layer that feeds its own output back like this is called **recurrent**.
#
# In Keras it is `SimpleRNN`. By hand it is a loop; let both read the same five words, of three numbers each:

# %%
keras.utils.set_random_seed(1)
layer = layers.SimpleRNN(4, return_sequences=True)
words = np.random.default_rng(1).normal(size=(1, 5, 3)).astype("float32")
from_layer = layer(words).numpy()
w, u, b = layer.get_weights()

h = np.zeros(4)
for t in range(5):
    h = np.tanh(words[0, t] @ w + h @ u + b)
    print(h.round(3), np.allclose(h, from_layer[0, t], atol=1e-5))

# %% [markdown]
# `return_sequences=True` gives the states after all words, shape (batch, steps, units).
# Without it you get the last one only, shape (batch, units): a summary of the whole text, ready for a `Dense` layer.
#
# **Predict first.** How many weights has `SimpleRNN(48)` on vectors of 32 numbers? And if messages were ten times as long?

# %%
recurrent = make_model(layers.SimpleRNN(48))
print(f"{recurrent.layers[2].count_params():,} weights")
train(recurrent)
reached["SimpleRNN"] = accuracy(recurrent)
print(f"windows of five {reached['windows of five']:.3f}, SimpleRNN {reached['SimpleRNN']:.3f}")

# %% [markdown]
# 32 · 48 weights for the words, 48 · 48 for the state and 48 biases make 3,888. The length of a text does not occur.
#
# The network has a state now and could, in principle, do what the desk does.
# In practice it is a little better than windows, and wrong on every seventh message or so. On which?

# %% [markdown] skills=["N7"]
# ## What a plain state forgets
#
# What a `SimpleRNN` knows passes through $U$ and tanh at every word, whether that word matters or not.
# A wish that is followed by two words has gone through twice; one that is followed by fifteen, fifteen times.
# Let us see what that does: accuracy, by how many words follow the last *keep*, *cancel* or *move*.

# %%
VERBS = ("keep", "cancel", "mov")

def words_after(text):
    """Return how many words follow the last one that keeps, cancels or moves something."""
    words = text.lower().split()
    return len(words) - 1 - max(place for place, word in enumerate(words) if word.startswith(VERBS))

after = np.array([words_after(text) for text in x_test])
edges = [4, 8, 12, 16, 20, 40]

def accuracy_by_distance(model):
    right = ask(model, x_test).argmax(axis=1) == y_test
    return [right[(after >= low) & (after < high)].mean() for low, high in zip(edges, edges[1:])]

print("messages in each group:", np.histogram(after, edges)[0])
print("SimpleRNN:", np.round(accuracy_by_distance(recurrent), 2))

# %% [markdown]
# Where the wish is close to the end, the plain state is nearly always right.
# Where twenty words or more follow, it is wrong more often than right: the wish has worn off.
#
# The trouble begins in training. What the loss says about the last word has to find its way back
# to a word thirty steps earlier, through thirty products with $U$ and thirty slopes of tanh, none of them above 1.
# Such a **gradient vanishes** on the way, or, if $U$ is large, explodes; and what does not reach a word cannot teach it.

# %% [markdown] skills=["N6", "N7"]
# ## Gates: an LSTM and a GRU
#
# The cure is to let the network decide, word by word, what to keep.
# An **LSTM** (*long short-term memory*) has a second vector, the **cell** $c$, and three **gates**.
# A gate is a vector of numbers from 0 to 1, a sigmoid of word and state, by which something is multiplied:
#
# | | computed from word and state | what it does |
# |---|---|---|
# | forget gate $f$ | sigmoid | how much of the old cell is kept |
# | input gate $i$ | sigmoid | how much of the candidate is added |
# | candidate $g$ | tanh | what would be added |
# | output gate $o$ | sigmoid | how much of the cell is shown |
#
# $$c_t = f \cdot c_{t-1} + i \cdot g \qquad h_t = o \cdot \tanh(c_t)$$
#
# The dot multiplies number by number. Look at the first formula. With $f = 1$ and $i = 0$ the cell stays as it is, through a hundred words if need be:
# nothing is multiplied by a matrix, nothing is squeezed by a tanh. At a name or a *thank you*, that is what is wanted.
# At *no, wait* it is the reverse: let go of the old, and make room for the new.
#
# A **GRU** (*gated recurrent unit*) is a lighter version of it: two gates and no separate cell,
# and what is not kept is overwritten. It often does as well.
#
# **Predict first.** Each of the four rows has weights like those of a `SimpleRNN`.
# How many has `LSTM(48)` on vectors of 32 numbers? And the GRU, with three such rows?

# %%
for kind in (layers.SimpleRNN, layers.LSTM, layers.GRU):
    layer = kind(48)
    layer.build((None, None, 32))
    print(f"{kind.__name__:10} {layer.count_params():>6,} weights:", *[weight.shape for weight in layer.weights])

# %% [markdown]
# Four times as many for the LSTM. Keras keeps the four parts side by side in one matrix, in the order
# input gate, forget gate, candidate, output gate. The assignment lets you take such a step by hand.
#
# A GRU has three parts, and a surprise in its last shape: (2, 144).
# Keras's GRU adds one bias to what comes from the word and another to what comes from the state,
# so that it computes what the fast implementations on graphics cards do.

# %%
reading = make_model(layers.LSTM(48))
history = train(reading, validation_data=(tf.constant(x_test[:500]), y_test[:500]))
reached["LSTM"] = accuracy(reading)
print(*(f"{name} {share:.3f}  " for name, share in reached.items()))

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 3.8), layout="constrained")
left.plot(range(1, 7), history.history["accuracy"], "--", color="tab:blue", label="training")
left.plot(range(1, 7), history.history["val_accuracy"], "o-", color="tab:blue", label="not seen before")
left.set(xlabel="epoch", ylabel="accuracy", title="The LSTM learns", ylim=(0, 1.02))
left.legend()
places = np.arange(len(edges) - 1)
for name, model, colour in (("windows of five", windows, "tab:grey"), ("SimpleRNN", recurrent, "tab:orange"), ("LSTM", reading, "tab:blue")):
    right.plot(places, accuracy_by_distance(model), "o-", color=colour, label=name)
right.set_xticks(places, [f"{low} to {high - 1}" for low, high in zip(edges, edges[1:])])
right.set(xlabel="words after the last keep, cancel or move", title="Who remembers?", ylim=(0, 1.02))
right.legend();

# %% [markdown]
# Nearly all messages are read correctly now, with the same words and the same number of epochs.
# It has found out that a later wish replaces an earlier one, and what *take that back* means,
# for which the wish before has to be remembered as well.
#
# On the right, windows and plain state fall with the distance, below one half, and the plain state falls further;
# the LSTM falls a little.

# %% [markdown] skills=["N6"]
# ## Watch it change its mind
#
# A model that reads from left to right can be asked after every word. Give it the message word by word,
# each time a little longer, and draw the four probabilities.

# %%
def draw_reading(axes, message):
    """Draw the four probabilities after each word of a message."""
    words = message.split()
    says = ask(reading, [" ".join(words[: place + 1]) for place in range(len(words))])
    for wish, probabilities in zip(WISHES, says.T):
        axes.plot(probabilities, "o-", markersize=4, label=wish)
    axes.set_xticks(range(len(words)), words, rotation=60, ha="right")
    axes.set(ylabel="probability", ylim=(-0.03, 1.03))

figure, rows = plt.subplots(2, 1, figsize=(10, 7), layout="constrained")
draw_reading(rows[0], turns[0])
draw_reading(rows[1], f"{first} {keep} No, take that back. {farewell}")
rows[0].legend(ncols=4, loc="upper center", bbox_to_anchor=(0.5, 1.18));

# %% [markdown]
# Read along. The first wish is understood a word or two after its verb, and neither the weather nor the name at the end moves the lines:
# gates that are shut. At each change of mind, one line falls and another rises.
# In the lower picture a wish is taken back, and a few words later the *first* one is back:
# the state has kept it all the time, without showing it.
#
# Nobody labelled the words in between. The network was told 5,000 times what a guest wanted in the end, and nothing else.

# %% [markdown] skills=["N7", "N8"]
# ## Both directions, stacks, and a convolution in front
#
# Three ways to build on a recurrent layer:
#
# - `Bidirectional(LSTM(24))` reads the text twice, from the left and from the right, with weights of its own for each,
#   and joins both summaries: 48 numbers. Useful where what comes *later* explains a word. It cannot be asked half-way.
# - **A stack**: `LSTM(48, return_sequences=True)` hands its states on to a second recurrent layer, as if they were words.
# - **A convolution in front**: `Conv1D(48, 3, activation="relu")` finds phrases,
#   `MaxPooling1D(4)` keeps the strongest of each four, and the recurrent layer keeps track of them, in a quarter of the steps.
#
# Slow it is: a convolution works on all places at once, a recurrent layer has to wait for the word before.
#
# **Predict first.** The convolution alone found the phrases, and the LSTM alone their order. What do they reach together?

# %%
together = make_model(layers.Conv1D(48, 3, activation="relu"), layers.MaxPooling1D(4), layers.GRU(48), mask=False)
train(together)
print(f"LSTM {reached['LSTM']:.3f}, convolution and GRU {accuracy(together):.3f}")

# %% [markdown]
# Together they are at least as good as the LSTM alone here, in a fraction of the time, since the GRU takes a quarter of the steps.
# (`Conv1D` does not pass a mask on, so this GRU reads the padding as well, and learns to leave it alone.)

# %% [markdown] skills=["N6", "N7"]
# ## Try it
#
# Each of these takes some seconds. Predict the accuracy before you run it, then change one thing:
#
# 1. `layers.Bidirectional(layers.LSTM(24))`: as many numbers in the summary as before. Better, worse, or the same?
# 2. `layers.GRU(8)`: four wishes are not much to remember. How small a state will do?
# 3. `layers.LSTM(48, go_backwards=True)`: the message from its end to its beginning. What does the network have to do now?

# %%
mine = make_model(layers.GRU(8))
train(mine)
print(f"{accuracy(mine):.3f} with {mine.layers[2].count_params():,} weights in the GRU")

# %% [markdown] skills=["N7"]
# ## Common mistakes
#
# **A stack without `return_sequences`.** The first layer hands over its last state alone, and the second asks for a sequence:

# %%
try:
    make_model(layers.LSTM(48), layers.LSTM(48))
except Exception as error:
    print(type(error).__name__, str(error)[-160:])

# %% [markdown]
# *expected ndim=3, found ndim=2*: three axes are (batch, steps, features), two are (batch, units). The steps are gone.
# Write `return_sequences=True` in every recurrent layer but the last.
# The reverse mistake, `return_sequences=True` in the last one, gives one answer for each word,
# and the loss then complains of shapes.
#
# **A mask that was forgotten.** Nothing complains at all:

# %%
unmasked = make_model(layers.LSTM(48), mask=False)
unmasked.set_weights(reading.get_weights())
print(f"the same weights: with mask {reached['LSTM']:.3f}, without {accuracy(unmasked):.3f}")

# %% [markdown]
# Without `mask_zero=True`, the network reads the padding as words, one after the other, up to place 40.
# These weights never saw padding, and what they remembered is spoilt by it.
# Trained without a mask, an LSTM learns to shut its gates there, at the price of some epochs; a plain state has no gates to shut.
# Which layers pass a mask on is written in their documentation: `Embedding` makes one, recurrent layers obey it,
# `Dropout` passes it on, and `Conv1D` drops it, with a warning that it *does not support masking*.
#
# **Padding in front or behind.** Older courses pad in front, as `pad_sequences` does:
# without a mask, a recurrent layer had better end on words than on padding.
# With `TextVectorization` and a mask, padding behind is right.
#
# **A text that is cut.** `output_sequence_length` keeps the beginning. Here the last words decide:
# with 20 in place of 40, the answers to long messages would be out of date.
#
# **`recurrent_dropout` or an activation other than tanh** on a graphics card: Keras then leaves the fast implementation,
# and training takes several times as long. On a processor it makes no difference.

# %% [markdown]
# ## Summary
#
# - A recurrent layer carries a state from word to word, with the same weights at every step.
# - A plain state is rewritten at every word and forgets. Gates let a network keep, add and show:
#   an LSTM with three gates and a cell, a GRU with two gates.
# - SimpleRNN, GRU and LSTM have one, three and four sets of weights.
# - `mask_zero=True` lets the layer stop at the last word. `return_sequences=True` gives all states, for stacks.
# - On messages where people change their minds, the bag got a little more than half of the answers right, windows of five words
#   four in five, a plain state a few more, the LSTM nearly all.
# - Where no order beyond a few words matters, a convolution is as good, and many times faster.

# %% [markdown]
# ## Recall questions
#
# Answer before you open.
#
# <details><summary>An LSTM layer was built for texts of 30 words. How many more weights does it need for texts of 300?</summary>
#
# None: the same weights serve every step. It needs ten times as long, and has to remember ten times as far.
# </details>
#
# <details><summary>A forget gate is 0.9 at every word. What is left of a value in the cell after 20 words? And with 0.99?</summary>
#
# 0.9 to the power of 20 is about 0.12, so an eighth. With 0.99, about 0.82. Small differences of a gate make a long memory or a short one.
# </details>
#
# <details><summary>"Keep it, do not cancel it" and "cancel it, do not keep it": which of the week's networks cannot tell them apart at all?</summary>
#
# The mean of embeddings: both have the same words. The convolution has windows with *not cancel* in the one and *not keep* in the other.
# </details>
#
# <details><summary>Why can a bidirectional layer not be used to tell, while somebody is still typing, what they want?</summary>
#
# Its backward half begins at the last word, which is not there yet.
# </details>
#
# <details><summary>Your LSTM has 0.25 on four classes after two epochs. Name three things to look at.</summary>
#
# Whether the texts are words at all (print the vectorizer's output); whether the mask is there;
# whether it only needs longer: recurrent layers often stand still for a while before they learn.
# </details>

# %% [markdown]
# ## Take it further
#
# The same on real sentences, in which order decides: linguists wrote some that are English and some that are not,
# and the words are often the same (the Corpus of Linguistic Acceptability).
#
# ```python
# from tfcourse.datasets.public import load_acceptability
#
# (x_train, y_train), (x_test, y_test) = load_acceptability()
# ```
#
# Count first: most of the sentences are acceptable, so the majority is a strong baseline, and accuracy a poor judge
# (week 2's two kinds of mistakes tell more). Then the bag of words, a convolution, a GRU.
# Expect to be humbled: a few thousand sentences are too few to learn a language from, and each network will soon
# know its training sentences by heart.
#
# Next week, the state gets another task: not to sum up a text, but to say what comes next, and so to write.
