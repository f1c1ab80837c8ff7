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
#     title: "Week 10: many classes"
#     description: Send tickets to one of eight desks of very unequal size, read a confusion matrix, and decide whose mistakes count how much.
#     prerequisites: ["week 9", "week 2: softmax and the confusion matrix", "week 4: dropout"]
#     minutes: 70
#     objectives:
#       - text: build and train a model that sorts raw text into many classes
#         skills: [N4, N1]
#       - text: read recall and precision in a confusion matrix, and say why accuracy flatters
#         skills: [N4]
#       - text: let a vectorizer count pairs of words, and say what pairs see that words do not
#         skills: [N2]
#       - text: weigh classes in training, in fit and in a loss, and say what that costs
#         skills: [N4]
# ---

# %% [markdown] skills=["N4"]
# ## To which desk?
#
# A city's works sell power, gas and heating, run the trams, lend bikes and charge cars.
# Five thousand messages have come in through one form on one web page.
# Each of them has to go to one of eight desks, and until today somebody has read them all, from the first to the last.
#
# The company and its customers are invented, and the messages are written by a grammar.
# What makes them hard is taken from life.

# %%
from tfcourse.datasets.tickets import DESKS, make_tickets

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from keras import layers

# %%
texts, labels = make_tickets(7_000, seed=1)
x_train, x_test = texts[:5_000], texts[5_000:]
y_train, y_test = labels[:5_000], labels[5_000:]
for text, label in zip(x_train[:6], y_train[:6]):
    print(f"{DESKS[label]:14}", text)

# %% [markdown]
# Read them as if you had to send them on. Often a ticket names things of two desks,
# and one of them is not what it is about.
#
# In week 9 there were two classes, each with half of the reviews. How is it here?

# %%
counts = np.bincount(y_train)
plt.figure(figsize=(8, 3))
bars = plt.bar(DESKS, counts, color="tab:blue")
plt.bar_label(bars)
plt.margins(y=0.12)
plt.gca().set(ylabel="training tickets", title="Desks are not equally busy")
plt.xticks(rotation=20);

# %% [markdown] skills=["N4"]
# ## Two baselines, and two ways to count
#
# The laziest router sends every ticket to billing.
#
# **Predict first.** How many of a hundred tickets does it route right?
# And of a hundred tickets for lost property?

# %%
def accuracy(answers):
    return np.mean(answers == y_test)

def recalls(answers):
    """Return, for each desk, the share of its tickets that reach it."""
    return np.array([np.mean(answers[y_test == desk] == desk) for desk in range(8)])

always_billing = np.zeros(len(y_test), dtype=int)
print(f"accuracy {accuracy(always_billing):.3f}", "· recalls", recalls(always_billing))

# %% [markdown]
# The share of a class's examples that are recognised is its **recall**.
# Here one desk has a recall of 1, and seven have 0.
# The mean of the recalls is called **balanced accuracy**, because every class weighs the same in it, however rare.
# Whoever always gives the same answer has 1/8 = 0.125, whichever answer it is.
#
# The second baseline counts words, as in week 9:

# %%
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

counter = TfidfVectorizer()
bag = LogisticRegression(C=10, max_iter=500).fit(counter.fit_transform(x_train), y_train)
bag_answers = bag.predict(counter.transform(x_test))
print(f"accuracy {accuracy(bag_answers):.3f}, balanced accuracy {recalls(bag_answers).mean():.3f}")

# %% [markdown]
# The two numbers differ, and the second is the lower one. Where is the difference lost?

# %%
for desk, recall in zip(DESKS, recalls(bag_answers)):
    print(f"{desk:14} {recall:.2f}")

# %% [markdown]
# From faults on, the quieter the desk, the lower its recall.
# Six in ten of those who have lost something write in vain, and an accuracy of three quarters says nothing of it:
# they are one ticket in forty.

# %% [markdown] skills=["N4"]
# ## The confusion matrix: who is taken for whom
#
# One number for each desk is better than one for all. Better still is a table of all pairs, as in week 2:
# row i, column j holds how many tickets **are** i and were **answered** j.
# What is right stands on the diagonal. Everything else is a mistake, and its place says which one.
# In the picture, the darker a field, the larger its share of its row.

# %%
def confusion(answers):
    return tf.math.confusion_matrix(y_test, answers, num_classes=8).numpy()

def show_confusion(answers, title):
    matrix = confusion(answers)
    figure, axes = plt.subplots(figsize=(7.5, 6), layout="constrained")
    axes.imshow(matrix / matrix.sum(axis=1, keepdims=True), cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(8, 8):
        colour = "white" if matrix[row, column] > matrix[row].sum() / 2 else "black"
        axes.text(column, row, matrix[row, column] or "·", ha="center", va="center", color=colour)
    axes.set(xticks=range(8), yticks=range(8), yticklabels=DESKS, xlabel="answered", ylabel="is", title=title)
    axes.set_xticks(range(8), DESKS, rotation=40, ha="right")

show_confusion(bag_answers, "Counting words, on 2,000 tickets")

# %% [markdown]
# Read the last row: what becomes of tickets for lost property? And the first column: what gets sent to billing
# without belonging there?
#
# Two questions can be asked of each desk, and they are not the same:
#
# - **recall**, along its row: of the tickets that **are** for this desk, how many were sent to it?
# - **precision**, along its column: of the tickets that **were sent** to this desk, how many belong there?

# %%
matrix = confusion(bag_answers)
recall, precision = np.diag(matrix) / matrix.sum(axis=1), np.diag(matrix) / matrix.sum(axis=0)
for desk in (0, 7):
    print(f"{DESKS[desk]:14} recall {recall[desk]:.2f}, precision {precision[desk]:.2f}")

# %% [markdown]
# Somebody who waits for an umbrella cares about recall; somebody who sits at the desk cares about precision.
# Balanced accuracy looks at recall alone: it asks on behalf of those who write, desk by desk.

# %% [markdown] skills=["N2"]
# ## Words in pairs
#
# Why is counting words not enough? *Charged*, *twice* and *my car* stand in both of these:

# %%
two = ["I was charged twice for my car.", "I tried it twice, and my car was not charged."]
for text, row in zip(two, bag.predict_proba(counter.transform(two))):
    print(f"{DESKS[row.argmax()]:14} {row.max():.2f}  {text}")

# %% [markdown]
# The second should go to charging. To a bag of words, *charged* and *twice* speak for billing, wherever they stand.
#
# A cheap remedy is to count pairs of neighbours as well: *charged twice* and *not charged* become entries of their own.
# `TextVectorization` does it with `ngrams=2`. With `output_mode="multi_hot"` it answers with one long row
# of zeros and ones instead of a sequence: which of its words and pairs occur in the text, and which do not.

# %%
tiny = layers.TextVectorization(ngrams=2, output_mode="multi_hot")
tiny.adapt(["not charged twice"])
print([str(entry) for entry in tiny.get_vocabulary()])
print(tiny(["charged twice", "twice charged"]).numpy())

# %% [markdown]
# One dense layer behind that is a network for many classes, and the smallest there is:
# for each desk one weight for each word and pair, and softmax over the eight sums.

# %%
def train(model, **how):
    return model.fit(tf.constant(x_train), y_train, epochs=8, batch_size=32, verbose=0, **how)

def probabilities(model, texts):
    return model(tf.constant(texts)).numpy()

keras.utils.set_random_seed(1)
pair_counter = layers.TextVectorization(max_tokens=8_000, ngrams=2, output_mode="multi_hot")
pair_counter.adapt(x_train)
pairs = keras.Sequential([keras.Input(shape=(), dtype="string"), pair_counter, layers.Dense(8, activation="softmax")])
pairs.compile(optimizer=keras.optimizers.Adam(0.005), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
train(pairs)
pair_answers = probabilities(pairs, x_test).argmax(axis=1)
print(f"{pairs.count_params():,} weights, accuracy {accuracy(pair_answers):.3f}, balanced {recalls(pair_answers).mean():.3f}")

# %% [markdown]
# Hardly better than single words, and by balanced accuracy not at all. *Not charged* can be seen now, and so can *is settled*.
# But what is settled stands in front of it, some words back, and a pair reaches back one.

# %% [markdown] skills=["N1", "N4"]
# ## Windows of five words, and eight probabilities
#
# The network of week 9 needs two changes for eight classes: eight units with softmax in place of one with a sigmoid,
# and `sparse_categorical_crossentropy`, since the labels are integers. Both come from week 2.
# What is in between stays as it was: vectors for words, filters for windows of words, the maximum of each filter.
# Week 4's dropout joins them, since a hundred tickets for lost property are soon learned by heart.

# %%
vectorizer = layers.TextVectorization(max_tokens=4_000, output_sequence_length=60)
vectorizer.adapt(x_train)

def make_windows(loss="sparse_categorical_crossentropy", kernel_size=5):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([
        keras.Input(shape=(), dtype="string"),
        vectorizer,
        layers.Embedding(4_000, 32),
        layers.Conv1D(64, kernel_size, activation="relu"),
        layers.GlobalMaxPooling1D(),
        layers.Dropout(0.4),
        layers.Dense(8, activation="softmax"),
    ])
    model.compile(optimizer=keras.optimizers.Adam(0.002), loss=loss, metrics=["accuracy"])
    return model

# %% [markdown]
# **Predict first.** Counting has about two thirds of balanced accuracy. And this?

# %%
windows = make_windows()
history = train(windows)
p_windows = probabilities(windows, x_test)
answers = p_windows.argmax(axis=1)
print("loss after each epoch:", *(f"{loss:.2f}" for loss in history.history["loss"]))
print(f"accuracy {accuracy(answers):.3f}, balanced accuracy {recalls(answers).mean():.3f}")
show_confusion(answers, "Windows of five words")

# %%
for text, row in zip(two, probabilities(windows, two)):
    print(f"{DESKS[row.argmax()]:14} {row.max():.2f}  {text}")

# %% [markdown]
# Far more tickets are on the diagonal now. Windows of five words see *the bike is fine again, but*, and look elsewhere.
# Of the second sentence it is no longer sure, though not right either: no training ticket speaks like that,
# and a model knows the language of its training texts.
#
# What is left is not spread evenly. It lies in a few pairs of desks:
# bikes and billing, charging and billing, passes and contracts, lost property and passes.
#
# ### Tickets that say too little
#
# Look at what is left between *passes* and *lost property*:

# %%
left = np.flatnonzero((y_test == 7) & (answers == DESKS.index("passes")))
for i in left[:4]:
    print(f"passes {p_windows[i, 4]:.2f}, lost property {p_windows[i, 7]:.2f}: {x_test[i]}")

# %% [markdown]
# The umbrella is a plain mistake. But the other three?
# Somebody has lost a pass, or what it is kept in. Are they looking for it, or do they need a new one?
# They do not say, and no network can read what is not written.
# All that is left is to bet, and the network bets on what it has seen more often.
# Of the training tickets that are like these, the larger part went to passes,
# because passes gets far more tickets of any kind than lost property.
#
# Seen from lost property, it looks different. Tickets like these are half of all that it gets,
# and it loses most of them to a desk for which they are a trifle.

# %% [markdown] skills=["N4"]
# ## Whose mistakes count how much
#
# A loss that is a mean over all tickets says: every ticket counts the same. That is a decision, though nobody has made it.
# Another one is: every **desk** counts the same. Then each ticket of a quiet desk has to weigh more than one of a busy desk.
#
# These are **class weights**: the number of tickets, divided by the number of classes times the class's count.
# Keras takes them as a dictionary, in `fit`.

# %%
weights = {desk: len(y_train) / (8 * count) for desk, count in enumerate(counts)}
for desk, weight in weights.items():
    print(f"{DESKS[desk]:14} {counts[desk]:5} tickets, weight {weight:.2f}, together {counts[desk] * weight:.0f}")

# %%
weighted = make_windows()
train(weighted, class_weight=weights)
p_weighted = probabilities(weighted, x_test)
weighted_answers = p_weighted.argmax(axis=1)
for name, found in (("without weights", answers), ("with weights", weighted_answers)):
    print(f"{name:16} accuracy {accuracy(found):.3f}, balanced accuracy {recalls(found).mean():.3f}")

# %%
places = np.arange(8)
plt.figure(figsize=(9, 3.5))
for shift, (name, found) in enumerate([("counting words", bag_answers), ("windows", answers), ("windows, with weights", weighted_answers)]):
    plt.bar(places + 0.27 * (shift - 1), recalls(found), width=0.25, label=name, color=("lightgrey", "tab:blue", "tab:orange")[shift])
plt.xticks(places, DESKS, rotation=20)
plt.gca().set(ylabel="recall", ylim=(0, 1.18), title="From the busiest desk to the quietest")
plt.legend(loc="upper center", ncols=3);

# %% [markdown]
# The three quietest desks have gained, lost property most of all. Most of the others pay for it, billing and passes the most.
# Fewer tickets are right in all, and the eight desks are served more alike.
#
# Neither router is the better one. They answer two questions, and which one to ask is for people to decide.

# %%
for name, found in (("without weights", answers), ("with weights", weighted_answers)):
    matrix = confusion(found)
    print(f"{name:16} answered 'lost property' {matrix[:, 7].sum()} times, {matrix[7, 7]} of them rightly")

# %% [markdown]
# That is the price: lost property now gets twice as much as it did, and more than a third of it is not for it.
# Its recall rose, and its precision fell.
#
# ### What `class_weight` does
#
# It multiplies each example's loss by the weight of its class, before the mean is taken. Nothing else.
# So it can also be written into the loss itself, and then it is a part of the model and needs nothing from `fit`.
# (Keras hands the labels to a loss as floats. `take` looks weights up and wants whole numbers, hence the `cast`.)

# %%
desk_weights = keras.ops.convert_to_tensor([weights[desk] for desk in range(8)], dtype="float32")

def weighted_loss(labels, probabilities):
    labels = keras.ops.cast(keras.ops.reshape(labels, (-1,)), "int32")
    losses = keras.losses.sparse_categorical_crossentropy(labels, probabilities)
    return losses * keras.ops.take(desk_weights, labels)

# %% [markdown]
# Three tickets, computed in both ways:

# %%
three, truth = p_windows[:3], y_test[:3]
by_hand = [-np.log(three[i, truth[i]]) * weights[truth[i]] for i in range(3)]
print("by hand: ", np.round(by_hand, 4))
print("the loss:", np.round(weighted_loss(truth, three), 4))

# %% [markdown]
# In the assignment you train, so `class_weight` will do. A loss of your own is for places where others call `fit`.
#
# How many epochs? Losses with weights and without cannot be compared, and `val_loss` knows no `class_weight`:
# Keras gives it the plain mean, in which the busy desks decide. What to look at is the metric that counts,
# on tickets that were held back: the balanced accuracy, after 5, 10 and 15 epochs.

# %% [markdown] skills=["N4"]
# ## When the router is not sure
#
# Eight probabilities are more than one answer. A ticket for which the largest of them is small
# need not be sent anywhere: somebody can read it, as before.
#
# **Predict first.** If people read the tenth of the tickets about which the network is least sure,
# how many of its mistakes does that take away?

# %%
sure = np.sort(p_windows.max(axis=1))
right = (answers == y_test)[np.argsort(p_windows.max(axis=1))]
kept = np.linspace(0.5, 1, 26)
plt.figure(figsize=(6, 3.5))
plt.plot(1 - kept, [right[int(len(right) * (1 - share)) :].mean() for share in kept], "o-")
plt.gca().set(xlabel="share of tickets that people read", ylabel="accuracy on the others", title="Handing over what is doubtful");

# %%
doubtful = len(right) // 10
print(f"the doubtful tenth: {doubtful} tickets, {np.sum(~right[:doubtful])} of all {np.sum(~right)} mistakes, largest probability below {sure[doubtful]:.2f}")

# %% [markdown]
# A tenth of the tickets holds more than a third of the mistakes. With weights, or with half of the tickets, it would look different:
# what to hand over is again a question of what mistakes cost, and what readers cost.

# %% [markdown]
# ## Try it
#
# Each takes some seconds. Predict the balanced accuracy before you run it, then change one thing:
#
# 1. `kernel_size=1`: single words, but the loudest ones. Then 3, then 9. What do windows of nine words see more?
# 2. Weights halfway: `np.sqrt` of each. Which desks gain, which lose?
# 3. Weights ten times as large for every class. What should change, and what does?

# %%
halfway = {desk: np.sqrt(weight) for desk, weight in weights.items()}
mine = make_windows(kernel_size=5)
train(mine, class_weight=halfway)
mine_answers = probabilities(mine, x_test).argmax(axis=1)
print(f"accuracy {accuracy(mine_answers):.3f}, balanced accuracy {recalls(mine_answers).mean():.3f}")

# %% [markdown] skills=["N4"]
# ## Common mistakes
#
# **Labels that are words.** The model takes text, so why should labels not be text?

# %%
def last_lines(function, *arguments, **how):
    """Call something that fails, and print the end of what Keras says."""
    try:
        function(*arguments, **how)
    except Exception as error:
        print(type(error).__name__, "…", str(error).strip()[-200:])

names = np.array(DESKS)[y_train]
last_lines(make_windows().fit, tf.constant(x_train), names, verbose=0)

# %% [markdown]
# An invalid type, and no word of labels: `str` is NumPy's text, and the number behind it its length in bits.
# A loss computes, so labels have to be numbers. The repair is a dictionary, or one line:

# %%
numbers = np.array([DESKS.index(name) for name in names])
np.array_equal(numbers, y_train)

# %% [markdown]
# **One-hot labels with a sparse loss.** `sparse_categorical_crossentropy` wants one integer for each ticket,
# `categorical_crossentropy` wants a row of eight zeros and ones. Mixed up, they complain about ranks:

# %%
one_hot = keras.utils.to_categorical(y_train, 8)
last_lines(make_windows().fit, tf.constant(x_train), one_hot, verbose=0)

# %% [markdown]
# *Target* is what you called labels, *output* is what the model answered, and the *rank* of a shape is how long it is.
# A target of shape (None, 8), where None is the batch, has eight numbers for each ticket, and one was wanted. Drop `sparse_` from the loss, or the one-hot from the labels.
#
# **`class_weight` with names as keys.** `class_weight={"lost property": 5.3}` raises nothing at all:
# a class whose number is not among the keys weighs 1, so all of them do, and you wonder why nothing changed.
#
# **A confusion matrix the other way round.** Some tools have answers in rows. Before you read one, check it by a sum that you know: row i adds up to the number of tickets that are i.
#
# **Weights from the test labels**, or from all labels before the split: a leak, however small. Count in training.
#
# **A loss near 2.08.** That is log 8: guessing among eight. Nothing has been learned yet.

# %% [markdown]
# ## Summary
#
# - Many classes: one unit each, softmax, sparse categorical cross-entropy for integer labels.
# - Where classes are unequal, accuracy speaks for the large ones. Balanced accuracy is the mean recall; it speaks for all alike.
# - A confusion matrix has a row for each true class and a column for each answer. Recall divides by the row, precision by the column.
# - Pairs of words see what words do not; windows of five see more.
# - Class weights multiply each example's loss. They help the small classes where the text leaves a doubt, and the large ones pay for it.
# - Which mistakes cost more is for the desks to say. The metric only says what you asked for.

# %% [markdown]
# ## Recall questions
#
# Answer before you open.
#
# <details><summary>A test set has 90 tickets of class A and 10 of class B. A model answers A always. Accuracy and balanced accuracy?</summary>
#
# 0.90, and (1 + 0) / 2 = 0.50.
# </details>
#
# <details><summary>Of 20 tickets that were answered "charging", 15 are charging. Is that recall or precision? What is missing for the other one?</summary>
#
# Precision, 0.75. For recall you need to know how many tickets there are for charging in all.
# </details>
#
# <details><summary>With class weights, should the accuracy of a good model rise or fall?</summary>
#
# It usually falls a little. Without weights, training looks for what is right most often; with weights, for something else.
# </details>
#
# <details><summary>Every class weighs 5. What does that change?</summary>
#
# The loss is five times as large, and its gradients too. Adam divides by their size, so next to nothing changes;
# plain SGD would take steps five times as long.
# </details>
#
# <details><summary>How many weights has one dense layer on 8,000 words and pairs, for eight desks?</summary>
#
# 8,000 · 8 + 8 = 64,008.
# </details>
#
# <details><summary>A new desk opens next year, and has twelve tickets so far. What would you do?</summary>
#
# Twelve are few to learn from and fewer to judge by: a recall measured on three of them means little.
# Let people route them for a while, collect, and keep some aside for testing.
# </details>

# %% [markdown]
# ## Take it further
#
# The messages of twenty newsgroups of 1993 are a classic: some nineteen thousand, about computers, cars, hockey,
# medicine, politics. Which group was a message sent to?
#
# ```python
# from tfcourse.datasets.public import load_newsgroups
#
# help(load_newsgroups)  # source, licence, shapes
# (x_train, y_train), (x_test, y_test) = load_newsgroups()
# ```
#
# - Count the groups first. They are nearly of one size, so accuracy and balanced accuracy should lie close together.
# - Begin with counting words. Groups differ by their words, so expect it to be strong, and far harder to beat than here.
# - Look at the confusion matrix. Which groups are taken for each other, and would you have told them apart?
# - Now make it unbalanced yourself: keep a tenth of the messages of five groups. What do class weights do for those?
# - **Costs.** Suppose a lost umbrella that is sent to billing costs one euro, and a gas smell that is not sent to faults a thousand.
#   Which weights would you choose, and would you still look at the largest probability?
#
# Windows see five words at a time. Week 11 has layers that read from the first word to the last, and remember.
