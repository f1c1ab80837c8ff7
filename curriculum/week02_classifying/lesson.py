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
#     title: "Week 2: classifying"
#     description: Networks that answer with probabilities, how to judge them, how to read their learning curves, and when to stop.
#     prerequisites: ["week 1"]
#     minutes: 65
#     objectives:
#       - text: say why accuracy misleads when one class is rare, and count misses and false alarms
#         skills: [B6]
#       - text: compute a binary cross-entropy by hand, and choose a threshold
#         skills: [B6]
#       - text: tell five classes apart with softmax, and read a table of confusions
#         skills: [B7]
#       - text: draw learning curves, and tell too slow, too fast and overfitting from each other
#         skills: [B8]
#       - text: end training with EarlyStopping, and with a callback of your own
#         skills: [B16]
#       - text: match the last layer, the loss and the labels, and read what Keras says when they do not match
#         skills: [T3, B7]
# ---

# %% [markdown] skills=["B6"]
# ## May one drink it?
#
# A health office looks after thousands of village wells.
# For each one it can afford a small table of eleven numbers; the full analysis, with germs, arsenic and lead, costs ten times as much.
# Somebody asks: *can you tell from the small table whom we have to warn?*
#
# Week 1 predicted a number. This week's answers are **classes**: yes or no, and later one of five.
# The wells are invented, their chemistry is not far from the textbooks'.

# %%
from tfcourse.datasets.wells import FEATURES, SOURCES, UNITS, make_wells

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

x, unsafe, source = make_wells(6_000, seed=2)
x_train, x_test = x[:3_000], x[3_000:]
y_train, y_test = unsafe[:3_000], unsafe[3_000:]
print(x_train.shape, y_train.shape, "· unsafe wells in training:", y_train.sum())

# %%
for column, name in enumerate(FEATURES):
    print(f"{name:12}", *(f"{value:8.2f}" for value in x_train[:6, column]), " ", UNITS[name])
print(f"{'unsafe':12}", *(f"{label:8}" for label in y_train[:6]))

# %%
figure, axes = plt.subplots(1, 4, figsize=(13, 3))
for ax, name in zip(axes, ("nitrate", "turbidity", "pH", "depth")):
    values = x_train[:, FEATURES.index(name)]
    bins = np.linspace(*np.percentile(values, [0, 99]), 30)
    for label, colour in ((0, "tab:blue"), (1, "tab:red")):
        ax.hist(values[y_train == label], bins, density=True, alpha=0.5, color=colour, label=("safe", "unsafe")[label])
    ax.set(xlabel=f"{name} {UNITS[name]}", yticks=[])
axes[0].legend();

# %% [markdown]
# Blue is safe, red unsafe, each drawn to the same area.
# Unsafe wells are more often rich in nitrate, turbid or sour, but in no column do the colours part.
# Several things make a well unsafe, and each alone is enough.
#
# ## The baseline: always say yes
#
# A lazy office warns nobody.
#
# **Predict first.** In how many of a hundred cases is it right?

# %%
def report(name, probabilities, threshold=0.5, y=y_test):
    warned = np.reshape(probabilities, -1) >= threshold
    accuracy = (warned == y).mean()
    missed, alarms = np.sum(~warned & (y == 1)), np.sum(warned & (y == 0))
    print(f"{name:24} accuracy {accuracy:.3f}   missed {missed:3} of {y.sum()}   false alarms {alarms:4} of {(y == 0).sum()}")

report("warn nobody", np.zeros(3_000))
report("nitrate above 50", x_test[:, FEATURES.index("nitrate")] > 50)
report("shallow and turbid", (x_test[:, FEATURES.index("depth")] < 8) & (x_test[:, FEATURES.index("turbidity")] > 1.5))

# %% [markdown]
# About one mistake in seven wells, and it misses every unsafe one.
# That is the trap of a rare class: **accuracy** counts all mistakes alike, and there are few chances to make one that matters.
# So look at both kinds:
#
# - a **miss**: unsafe, and nobody was warned;
# - a **false alarm**: safe, and somebody was warned for nothing.
#
# The second line is the law. It is hardly ever wrong, since nitrate above 50 mg/l *is* unsafe
# (its few false alarms are the table's own error of measurement), and it knows nothing of germs, arsenic or lead.
# The third is a rule of thumb against germs. It finds fewer, and by accuracy it is worse than warning nobody.

# %% [markdown] skills=["B6"]
# ## From any number to a probability
#
# Last week's neuron gives any number at all: −3 or 812. In front of a probability, such a number is called a **logit**.
# A class needs a probability, between 0 and 1, and the **sigmoid** makes one: 1 / (1 + exp(−z)).
# It leaves the order as it was, gives 0.5 for 0, and flattens towards both ends.

# %%
z = np.linspace(-6, 6, 100)
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3))
left.plot(z, 1 / (1 + np.exp(-z)))
left.set(xlabel="what the neuron says (a logit)", ylabel="probability of unsafe", title="sigmoid")
p = np.linspace(0.005, 0.995, 200)
right.plot(p, -np.log(p), color="tab:red", label="if the well is unsafe")
right.plot(p, -np.log(1 - p), color="tab:blue", label="if it is safe")
right.set(xlabel="probability of unsafe", ylabel="loss", title="binary cross-entropy")
right.legend();

# %% [markdown]
# On the right is the **loss** that goes with it, the **binary cross-entropy**:
# minus the logarithm of the probability that was given to what is true.
# A well that is unsafe and got 0.9 costs −log(0.9), about 0.1. At 0.5 it costs 0.69. At 0.01 it costs 4.6:
# to be sure and wrong is the most expensive thing there is.
#
# Why not train on accuracy itself? Because it moves in jumps, and between jumps it is flat.
# A flat function has a gradient of 0, and tells no weight where to go.
#
# **Predict first.** Three wells: unsafe, safe, safe. The model says 0.8, 0.3 and 0.9. Which one costs most?

# %%
labels, said = np.array([1, 0, 0]), np.array([0.8, 0.3, 0.9])
costs = -labels * np.log(said) - (1 - labels) * np.log(1 - said)
print("each:", costs.round(2), "· mean:", costs.mean().round(4))
print("Keras:", round(float(keras.losses.BinaryCrossentropy()(labels, said)), 4))

# %% [markdown]
# A baseline for this loss, too: give every well the same probability.
# The best such number is the share of unsafe wells in training.

# %%
share = y_train.mean()
print(f"share {share:.3f}, loss {-np.mean(y_test * np.log(share) + (1 - y_test) * np.log(1 - share)):.3f}")

# %% [markdown] skills=["B6"]
# ## A network that answers with a probability
#
# Everything but the end is week 1: `Normalization`, adapted to the training set, and hidden layers with ReLU.
# The last layer has one unit with sigmoid, and the loss is `binary_crossentropy`.
# `metrics=["accuracy"]` has Keras report the accuracy beside the loss; `evaluate` returns both, the loss first.
#
# We build two: one without a hidden layer, and one with two.
# The first is a single neuron, and older than Keras: it is called **logistic regression**.

# %%
normalize = layers.Normalization()
normalize.adapt(x_train)

def compiled(*hidden, last, loss, learning_rate=0.003):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input(shape=(11,)), normalize, *hidden, last])
    model.compile(optimizer=keras.optimizers.Adam(learning_rate), loss=loss, metrics=["accuracy"])
    return model

def two_hidden(units=32):
    return layers.Dense(units, activation="relu"), layers.Dense(units, activation="relu")

neuron = compiled(last=layers.Dense(1, activation="sigmoid"), loss="binary_crossentropy")
network = compiled(*two_hidden(), last=layers.Dense(1, activation="sigmoid"), loss="binary_crossentropy")
for name, model in (("one neuron", neuron), ("two hidden layers", network)):
    model.fit(x_train, y_train, epochs=12, verbose=0)
    report(name, model.predict(x_test, verbose=0))
    print(f"{'':24} loss {model.evaluate(x_test, y_test, verbose=0)[0]:.3f}")

# %% [markdown]
# A single neuron draws one border, a plane, and "unsafe" is a place with several separate corners:
# shallow and muddy, sour, or without oxygen and not sour. The hidden layers can fence in each.
# In accuracy the two differ by three hundredths. Look at the misses: one of them misses more than twice as many.

# %% [markdown] skills=["B6"]
# ### The threshold is a decision
#
# The network gives probabilities. Where to draw the line is not the network's business:
# it depends on what a miss costs, and what a false alarm.
#
# **Predict first.** Lower the threshold from 0.5 to 0.1. What happens to misses, to false alarms, and to accuracy?

# %%
said = network.predict(x_test, verbose=0)
for threshold in (0.9, 0.5, 0.2, 0.1, 0.02):
    report(f"threshold {threshold}", said, threshold)

# %%
thresholds = np.linspace(0.005, 0.995, 100)
plt.figure(figsize=(6, 3.5))
for name, model in (("one neuron", neuron), ("two hidden layers", network)):
    found = model.predict(x_test, verbose=0).reshape(-1)
    missed = [(found[y_test == 1] < threshold).mean() for threshold in thresholds]
    alarms = [(found[y_test == 0] >= threshold).mean() for threshold in thresholds]
    plt.plot(alarms, missed, label=name)
plt.gca().set(xlabel="false alarms, share of safe wells", ylabel="missed, share of unsafe wells", xlim=(0, 0.5), ylim=(0, 1))
plt.legend();

# %% [markdown]
# Each point of a curve is one threshold; lower left is better.
# Moving the threshold slides along a curve: misses are paid for with false alarms. A better model is another curve.
#
# An analysis costs money, an ill child costs more: an office would take a low threshold, have the full analysis made of what is flagged,
# and accept an accuracy *below* the lazy one's.
# Accuracy was never the question.

# %% [markdown] skills=["B7"]
# ## Five classes: where does it come from?
#
# Now the second question. Something is wrong with a well: is it the fields, sewage, the sea, or a mine?
# With "none", these are five classes, and the labels are integers from 0 to 4.

# %%
s_train, s_test = source[:3_000], source[3_000:]
for label, name in enumerate(SOURCES):
    print(label, f"{name:10}", np.sum(s_train == label))
print(f"majority baseline: {np.mean(s_test == 0):.3f}")

# %% [markdown]
# Five classes take five units, and **softmax** instead of sigmoid:
# take the exponential of each unit, and divide by their sum. Positive numbers with sum 1, one for each class.

# %%
logits = np.array([2.0, 1.0, -1.0, 0.0, -2.0])
print("exponentials:", np.exp(logits).round(2))
print("softmax:     ", (np.exp(logits) / np.exp(logits).sum()).round(3))

# %% [markdown]
# The loss is the same idea: minus the logarithm of the probability that the true class was given.
# Saying a fifth for each class costs −log(1/5), about 1.61. With this number in mind you can judge a first epoch.
#
# For labels that are integers, its name is `sparse_categorical_crossentropy`.

# %%
def five_classes(units=32, **more):
    return compiled(*two_hidden(units), last=layers.Dense(5, activation="softmax"), loss="sparse_categorical_crossentropy", **more)

finder = five_classes()
losses = finder.fit(x_train, s_train, epochs=12, verbose=0).history["loss"]
print("loss:", *(f"{loss:.2f}" for loss in losses))
guess = finder.predict(x_test, verbose=0).argmax(axis=1)
print(f"accuracy on test wells: {(guess == s_test).mean():.3f}")

# %%
table = np.array([[np.sum((s_test == true) & (guess == said)) for said in range(5)] for true in range(5)])
plt.figure(figsize=(6.5, 4.5))
plt.imshow(table / table.sum(axis=1, keepdims=True), cmap="Blues", vmin=0, vmax=1)
for (true, said), count in np.ndenumerate(table):
    plt.text(said, true, count, ha="center", va="center", color="white" if count > 0.6 * table[true].sum() else "black")
plt.gca().set(xticks=range(5), yticks=range(5), xticklabels=SOURCES, yticklabels=SOURCES, xlabel="the network says", ylabel="true");

# %% [markdown]
# A **confusion matrix**: each row is a true class, each column an answer; what is right stands on the diagonal.
# More than nine of ten do. What is left is not spread evenly: mines are taken for "none" more often than for anything else,
# and fields, sewage and the sea change places between eighty and ninety times.
# A chemist would err in the same places: a faint mine in hard water looks much like gypsum, which is in the rock by nature.

# %% [markdown] skills=["B8"]
# ## Learning curves
#
# One number at the end does not tell what to change. The loss after each epoch does, if you draw two of them:
# on the wells that the network learns from, and on others, the **validation** wells, that it does not.
# `fit` measures both, if you tell it what to validate on. `validation_split=0.2` keeps the last fifth of the training data aside.
# (The last, as they stand: shuffle before, if the data are sorted.)
#
# **Predict first.** Three learning rates: 0.00003, 0.003 and 0.3. How will the three pairs of curves look?

# %%
def draw(histories):
    figure, axes = plt.subplots(1, len(histories), figsize=(4.3 * len(histories), 3.2), sharey=True, squeeze=False)
    for ax, (name, history) in zip(axes[0], histories.items()):
        ax.plot(history["loss"], label="training")
        ax.plot(history["val_loss"], "--", label="validation")
        ax.set(xlabel="epoch", title=name, ylim=(0, 1.8))
    axes[0, 0].set_ylabel("loss")
    axes[0, 0].legend()

histories = {}
for rate in ("0.00003", "0.003", "0.3"):
    model = five_classes(learning_rate=float(rate))
    histories[f"learning rate {rate}"] = model.fit(x_train, s_train, epochs=10, validation_split=0.2, verbose=0).history
draw(histories)

# %% [markdown]
# - **Too slow:** both curves fall like a straight line, and end while still falling. More epochs or larger steps.
# - **About right:** steep, then a bend, then nearly flat, and validation close to training.
# - **Too fast:** no bend at all. The loss stays near 1.5, which is what one gets for answering every well with the shares of the classes.
#   The first steps were so large that the ReLUs died, as in week 1. Rates a little smaller make a loss that trembles, high above where the second one arrived.
#
# `history` holds the accuracies as well, `accuracy` and `val_accuracy`. Draw both: they need not agree.
#
# The fourth shape needs few data and a large network:

# %%
few_x, few_s = x_train[:300], s_train[:300]
elsewhere = (x_train[2_000:], s_train[2_000:])
large = five_classes(units=128)
history = large.fit(few_x, few_s, epochs=30, validation_data=elsewhere, verbose=0).history
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.2))
for ax, name in ((left, "loss"), (right, "accuracy")):
    ax.plot(history[name], label="training")
    ax.plot(history["val_" + name], "--", label="validation")
    ax.set(xlabel="epoch", title=name, ylim=(0, None))
left.legend()
print("validation loss: lowest", f"{min(history['val_loss']):.2f} after epoch {np.argmin(history['val_loss']) + 1},", f"at the end {history['val_loss'][-1]:.2f}")

# %% [markdown]
# **Overfitting:** the training loss goes to 0, and the validation loss turns and rises, although the accuracy does not fall.
# Both can be true at once: the answers stay the same, and the network grows surer of the wrong ones.
# Week 4 is about what to do against it. The simplest thing is to stop in time.

# %% [markdown] skills=["B16"]
# ## Stopping in time
#
# A **callback** is an object that `fit` calls at certain moments: after a batch, after an epoch, at the end.
# Keras has a dozen of them. `EarlyStopping` watches a metric, and ends training when it has not improved for a while.
#
# **Predict first.** With `patience=8`, and the lowest validation loss where you saw it above: after which epoch will it end?

# %%
stop = keras.callbacks.EarlyStopping(monitor="val_loss", patience=8, restore_best_weights=True)
large = five_classes(units=128)
found = large.fit(few_x, few_s, epochs=30, validation_data=elsewhere, callbacks=[stop], verbose=0).history
print(f"{len(found['loss'])} epochs, the best was number {stop.best_epoch + 1}")
print(f"last epoch:  validation loss {found['val_loss'][-1]:.3f}")
print(f"model now:   validation loss {large.evaluate(*elsewhere, verbose=0)[0]:.3f}")

# %% [markdown]
# It waits `patience` epochs after the best one, so what the model holds when training ends is *not* its best state.
# `restore_best_weights=True` puts the best weights back. It is False unless you say so, the most common oversight with this callback.
#
# - A small patience takes every tremor for the end; a large one costs epochs.
# - `min_delta` says by how much a loss has to fall to count.
# - The wells that decide when to stop are no longer unseen. The final judgement needs others: the test set.
#
# ### A callback of your own
#
# Sometimes the order is: *train until it reaches 90 per cent, then stop.* No built-in callback does that; five lines do.
# `on_epoch_end` gets the epoch's number, from 0, and a dictionary of its metrics.
# And the thing to stop is the model, `self.model.stop_training`.

# %%
class StopAt(keras.callbacks.Callback):
    def __init__(self, target):
        super().__init__()
        self.target = target

    def on_epoch_end(self, epoch, logs=None):
        if logs["val_accuracy"] >= self.target:
            print(f"{logs['val_accuracy']:.3f} after epoch {epoch + 1}: enough")
            self.model.stop_training = True

model = five_classes()
model.fit(x_train, s_train, epochs=100, validation_split=0.2, callbacks=[StopAt(0.9)], verbose=0);

# %% [markdown] skills=["T3", "B7"]
# ## Last layer, loss, labels
#
# These three must match, and most errors of a first classifier are a mismatch:
#
# | question | last layer | labels | loss |
# |---|---|---|---|
# | yes or no | 1 unit, sigmoid | 0 or 1 | `binary_crossentropy` |
# | one of k | k units, softmax | integers 0 to k − 1 | `sparse_categorical_crossentropy` |
# | one of k | k units, softmax | rows of k with a single 1 | `categorical_crossentropy` |
#
# Three mismatches, and what Keras says. **Predict first:** which of the three will it notice at all?

# %%
def try_out(last, loss, labels=s_train):
    model = compiled(*two_hidden(), last=last, loss=loss)
    try:
        losses = model.fit(x_train, labels, epochs=3, verbose=0).history["loss"]
        print("no complaint. loss:", *(f"{loss:.2f}" for loss in losses))
    except Exception as error:
        print(type(error).__name__, "…", *(line for line in str(error).splitlines() if "Received" in line))
    return model

softmax = layers.Dense(5, activation="softmax")
wrong_loss = try_out(softmax, "binary_crossentropy")

# %%
too_few = try_out(layers.Dense(4, activation="softmax"), "sparse_categorical_crossentropy")

# %%
one_unit = try_out(layers.Dense(1, activation="sigmoid"), "binary_crossentropy")
print("predictions:", one_unit.predict(x_test[:6], verbose=0).reshape(-1).round(3), "· true:", s_test[:6])

# %% [markdown]
# - The first message is of week 1's kind: `target.shape=(None,)`, `output.shape=(None, 5)`, one integer against five numbers.
#   The integers are right, the loss is not: the *sparse categorical* one was meant.
# - The second speaks plainly, once you have found this line among all the others: label 4 is outside [0, 4).
#   Four units know the classes 0 to 3, and a fifth class was never provided for.
# - The third says nothing. It is the model for yes or no with the labels of five classes, and its loss is **negative**,
#   which minus the logarithm of a probability can never be. For a label of 4, the formula of the binary loss computes nonsense,
#   and training makes the best of it: say 1, always. A number that cannot be is worth as much as an error. Stop and look.
#
# And an error that has nothing to do with shapes: leave out `compile`.

# %%
forgotten = keras.Sequential([keras.Input(shape=(11,)), normalize, layers.Dense(1, activation="sigmoid")])
try:
    forgotten.fit(x_train, y_train, verbose=0)
except ValueError as error:
    print(error)

# %% [markdown] skills=["B7", "B8", "B16"]
# ## Try it
#
# Write down what you expect, then change one thing at a time: `units`, the learning rate, the patience, the number of wells to learn from.
# Which change helps most? How many epochs does each take?

# %%
units, learning_rate, patience, wells = 32, 0.003, 3, 1_500

mine = five_classes(units=units, learning_rate=learning_rate)
stop = keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True)
history = mine.fit(x_train[:wells], s_train[:wells], epochs=40, validation_split=0.2, callbacks=[stop], verbose=0).history
print(f"{len(history['loss'])} epochs, test accuracy {mine.evaluate(x_test, s_test, verbose=0)[1]:.3f}")

# %% [markdown]
# ## Common mistakes
#
# | what you see | what is usually wrong |
# |---|---|
# | high accuracy, and every rare case missed | the majority class; count misses and false alarms |
# | a loss below 0 | labels above 1 with `binary_crossentropy` |
# | accuracy equal to the share of one class, forever | softmax on a single unit, which always says 1; or dead ReLUs |
# | an error about "target.shape" and "output.shape" | last layer, labels and loss do not match |
# | "label value … outside the valid range" | fewer units than classes, or labels that begin with 1 |
# | `logs["val_accuracy"]`: KeyError | no validation data, or another name in `metrics` |
# | training that EarlyStopping never ends | it watches `loss`, or patience is larger than what is left |
# | worse after EarlyStopping than its best epoch | `restore_best_weights` left at False |
# | validation far worse from the first epoch on | sorted data: `validation_split` took the last rows |
#
# ## Summary
#
# - A classifier answers with probabilities: one unit with sigmoid for yes or no, k units with softmax for one of k.
# - Cross-entropy is minus the logarithm of what the truth was given. Guessing costs 0.69 for two classes, −log(1/k) for k.
# - With a rare class, accuracy flatters. Misses and false alarms are two numbers, and the threshold trades one for the other.
# - Two curves tell more than one number: still falling, trembling, flat, or turning.
# - `EarlyStopping` waits, then stops; `restore_best_weights=True` brings the best epoch back. A callback of your own sets `self.model.stop_training`.
# - Last layer, labels and loss go together.

# %% [markdown]
# ## Recall questions
#
# Answer in your own words before you open an answer.
#
# 1. Of 1,000 patients, 5 have a disease. A model is right for 99.5 per cent. What do you ask?
# <details><summary>Answer</summary>
# How many of the five it found. Whoever calls everybody healthy is right for 99.5 per cent.
# </details>
#
# 2. A model gives 0.2 to a well that is unsafe. What does that cost, and what would 0.4 have cost?
# <details><summary>Answer</summary>
# −log(0.2) is about 1.61, −log(0.4) about 0.92: twice the probability costs 0.69 less, wherever one starts.
# </details>
#
# 3. Why not simply train on accuracy?
# <details><summary>Answer</summary>
# It changes in jumps; between them its gradient is 0, and gradient descent does not know where to go.
# </details>
#
# 4. You lower the threshold. Which of the two kinds of mistakes can become more frequent?
# <details><summary>Answer</summary>
# False alarms. Misses can only become fewer.
# </details>
#
# 5. The validation loss was lowest in epoch 12, the patience is 4. When does training stop, and with which weights, if nothing was said about restoring?
# <details><summary>Answer</summary>
# After epoch 16, with the weights of epoch 16.
# </details>
#
# 6. Labels are 1, 2 and 3. What goes wrong with three units and the sparse loss?
# <details><summary>Answer</summary>
# The labels have to be 0, 1 and 2: label 3 is outside the range of three units. Subtract 1.
# </details>
#
# 7. Validation loss rises, validation accuracy does not fall. How can that be?
# <details><summary>Answer</summary>
# The answers stay the same, but the network becomes surer of those that are wrong.
# </details>

# %% [markdown]
# ## Take it further
#
# - **Weigh the misses.** `fit(…, class_weight={0: 1, 1: 5})` makes an unsafe well count five times.
#   Compare with lowering the threshold: do you land on another curve, or further along the same one?
# - **Look at the columns.** Most are skewed: the mean of nitrate lies far above its median. Train on `np.log(x + 0.1)` instead. What changes for the single neuron, and what for the network?
# - **Is it sure for good reason?** Of the wells that got a probability between 0.7 and 0.8, are about three quarters unsafe?
# - **Real data.** Fashion-MNIST has 70,000 small grey pictures of ten kinds of clothes, integers from 0 to 9 as labels.
#   Everything of this week carries over: ten units with softmax, and `Flatten` and a division by 255 in front.
#
# ```python
# from tfcourse.datasets.public import load_fashion_mnist
#
# (x_train, y_train), (x_test, y_test) = load_fashion_mnist()
# ```
#
# Expect a steep start, then a long flat stretch, and a confusion matrix with a dark spot where shirts, coats and pullovers meet.
# Does a second hidden layer help, and where does `EarlyStopping` end?
#
# Then open the assignment. Next week is about data: files of several kinds, and how they reach a network.
