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
#     title: "Week 4: overfitting, and keeping a model"
#     description: What a network does with too few examples, four cures, how to choose a size, and how a model survives on disk.
#     prerequisites: ["weeks 1 and 2"]
#     minutes: 70
#     objectives:
#       - text: show that a network can learn by heart, and recognise it in its learning curves
#         skills: [B9]
#       - text: counter overfitting with more data, a smaller network, dropout, L2 and early stopping
#         skills: [B9]
#       - text: choose a size by validation, and say what it costs in parameters and bytes
#         skills: [T5, T6]
#       - text: save a model, keep the best epoch with ModelCheckpoint, and resume training
#         skills: [T6]
#       - text: say what .keras, .h5 and an export hold, and what breaks between versions
#         skills: [T7]
#       - text: find out what others know of an error, and ask so that one can answer
#         skills: [T4]
#       - text: bring test data to the shape that a model asks for, and its answers to the form that a test asks for
#         skills: [B13, B14]
# ---

# %% [markdown] skills=["B9"]
# ## Five hundred gearboxes
#
# In a rolling mill, gearboxes fail slowly, and one can hear it.
# A mechanic sticks a sensor to each and gets a **spectrum**: how loud it hums at one, two, three … times its shaft's speed (its *orders*), in decibels.
# For 500 gearboxes there is a work order that names what is wrong.
# Work orders are written in a hurry: one in four names the wrong state.
# Some more gearboxes were taken apart later. What was found in those is true, and they will judge us.
#
# Five hundred is few, and wrong notes make it fewer. The whole week is about that.
# (The gearboxes are invented; where a fault shows in a spectrum is not.)

# %%
from tfcourse.datasets.gearboxes import ORDERS, STATES, make_gearboxes

import json
import tempfile
import zipfile
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers, regularizers

x, noted, true = make_gearboxes(8_100, seed=4)
x_train, y_train = x[:500], noted[:500]
x_val, y_val = x[500:1_500], true[500:1_500]
x_test, y_test = x[1_500:3_500], true[1_500:3_500]
print(x_train.shape, "from", x_train.min(), "to", x_train.max(), "dB · of each state:", np.bincount(y_train))

# %%
figure, axes = plt.subplots(2, 3, figsize=(13, 5), sharex=True, sharey=True)
for label, ax in enumerate(axes.flat):
    for row in np.flatnonzero(y_val == label)[:2]:
        ax.plot(ORDERS, x_val[row], linewidth=0.8)
    ax.set_title(STATES[label])
axes[1, 1].set_xlabel("order: multiples of the shaft's speed")
axes[0, 0].set_ylabel("vibration, dB");

# %% [markdown]
# Two opened gearboxes of each state. Where teeth meet, the spectrum has a hump: at order 18 in one make, at 27 in the other.
# Faults raise it further, or raise something else, and a noise of four decibels lies over everything.
# To make it harder, one hump means one thing in the one make and another in the other:
# at order 9, it is a cracked tooth in gearboxes that mesh at 18, and a bearing in those that mesh at 27.
#
# ## The baseline
#
# A lazy idea that needs no network: average the spectra of each state, and give a new one to the nearest average.
#
# **Predict first.** The most frequent state has a quarter of all gearboxes. Will the nearest average get half of them right?

# %%
print(f"majority: {np.mean(y_test == np.bincount(y_train).argmax()):.3f}")
averages = np.stack([x_train[y_train == label].mean(axis=0) for label in range(6)])
distances = ((x_test[:, None, :] - averages) ** 2).sum(axis=2)
print(f"nearest average: {(distances.argmin(axis=1) == y_test).mean():.3f}")

# %% [markdown] skills=["B9"]
# ## A large network
#
# Two in three: not bad for four lines. But the average of a fault mixes two makes, in which it sounds differently.
# Here is week 2's classifier, large: two hidden layers of 256 units.

# %%
normalize = layers.Normalization()
normalize.adapt(x_train)

def network(*hidden, inputs=128, learning_rate=0.002):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input(shape=(inputs,)), normalize, *hidden, layers.Dense(6, activation="softmax")])
    model.compile(optimizer=keras.optimizers.Adam(learning_rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model

def relu(units, **more):
    return layers.Dense(units, activation="relu", **more)

def learn(model, epochs=20, data=(x_train, y_train), **more):
    return model.fit(*data, epochs=epochs, batch_size=50, validation_data=(x_val, y_val), validation_batch_size=1_000, verbose=0, **more).history

large = network(relu(256), relu(256))
plain = learn(large)
print(f"{large.count_params():,} parameters, {large.count_params() / 500:.0f} for each gearbox")
print(f"accuracy: training {plain['accuracy'][-1]:.3f}, validation {plain['val_accuracy'][-1]:.3f}")

# %% [markdown]
# Hardly better than the lazy idea, on boxes that it has not seen. And a training accuracy of 1, where a quarter of the notes are wrong? Then it repeats the wrong ones, too:

# %%
wrong_notes = np.flatnonzero(y_train != true[:500])

def on_wrong_notes(model):
    said = model.predict(x_train[wrong_notes], verbose=0).argmax(axis=1)
    repeats, knows_better = said == y_train[wrong_notes], said == true[wrong_notes]
    print(f"of {len(wrong_notes)} wrong notes it repeats {repeats.sum()}, and names the true state for {knows_better.sum()}")

on_wrong_notes(large)

# %%
def draw(histories):
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 3.5))
    for name, history in histories.items():
        (line,) = left.plot(history["loss"], label=name)
        left.plot(history["val_loss"], "--", color=line.get_color())
        right.plot(history["val_accuracy"], "--", color=line.get_color(), label=name)
    left.set(xlabel="epoch", ylabel="loss", ylim=(0, 2.2), title="training —   validation - -")
    right.set(xlabel="epoch", ylabel="accuracy", title="validation - -")
    right.legend(loc="lower right")

draw({"large": plain})

# %% [markdown]
# **Overfitting**, the shape that you know from week 2: the training loss goes to 0, the validation loss turns and rises.
#
# What has it learned, if not faults? Here is an unkind experiment. We shuffle the labels, so that no spectrum has anything to do with its label.
# There is nothing left to learn.
#
# **Predict first.** What training accuracy will the large network reach on shuffled labels?

# %%
shuffled = np.random.default_rng(4).permutation(y_train)
nonsense = learn(network(relu(256), relu(256)), epochs=15, data=(x_train, shuffled))
print(f"accuracy: training {nonsense['accuracy'][-1]:.3f}, validation {nonsense['val_accuracy'][-1]:.3f}")

# %% [markdown]
# It learns nonsense by heart, all 500 lines of it.
# So a training accuracy of 1 says nothing at all about what was understood. With many more parameters than examples, a network *can* always learn by heart;
# the cures below make it harder or dearer to do so.

# %% [markdown] skills=["B9"]
# ## First cure: more data
#
# **Predict first.** Draw in your mind the validation accuracy for 100, 500, 1,500 and 5,000 gearboxes.

# %%
def validated(model):
    return model.evaluate(x_val, y_val, batch_size=1_000, verbose=0)[1]

accuracies = {500: validated(large)}
for size in (100, 1_500, 5_000):
    more_x, more_y = np.concatenate([x_train, x[3_500:]])[:size], np.concatenate([y_train, noted[3_500:]])[:size]
    model = network(relu(256), relu(256))
    model.fit(more_x, more_y, epochs=max(4, 4_000 // size), batch_size=50, verbose=0)
    accuracies[size] = validated(model)
sizes = sorted(accuracies)
plt.figure(figsize=(6, 3.2))
plt.semilogx(sizes, [accuracies[size] for size in sizes], "o-")
plt.gca().set(xlabel="gearboxes to learn from", ylabel="validation accuracy", xticks=sizes, xticklabels=sizes);

# %% [markdown]
# With the same network and the same share of wrong notes, 100 gearboxes give half of the answers,
# 500 seven in ten, 1,500 eight in ten, 5,000 six in seven. Where there are enough, a wrong note is outvoted by the right ones around it.
# But each of these gearboxes had to be visited by somebody with a sensor.

# %% [markdown] skills=["T5", "B9"]
# ## Second cure: a smaller network
#
# A network that cannot hold 500 spectra cannot learn them by heart. How small is small enough?

# %%
results = {}
for units in (2, 16, 512):
    model = network(relu(units))
    history = model.fit(x_train, y_train, epochs=20, batch_size=50, verbose=0).history
    results[units] = history["accuracy"][-1], validated(model)
    print(f"{units:4} units, {model.count_params():>7,} parameters: training {results[units][0]:.3f}, validation {results[units][1]:.3f}")

# %%
plt.figure(figsize=(6, 3.2))
for index, name in enumerate(("training", "validation")):
    plt.semilogx(list(results), [pair[index] for pair in results.values()], "o-", label=name)
plt.gca().set(xlabel="hidden units", ylabel="accuracy", xticks=list(results), xticklabels=list(results))
plt.legend();

# %% [markdown]
# Read the lines one by one. With 2 units, both are low and close together: too small to learn by heart,
# and too small to learn. With 16, both have risen and a gap has opened.
# With 512, training is at 1: everything is known by heart, wrong notes included.
# And yet its validation accuracy is the highest of the three.
#
# A smaller network is the first thing to try against overfitting, since it costs nothing; here it is no cure.
# To see one hump together with another takes units. So we keep the size, and make learning by heart harder.

# %% [markdown] skills=["B9"]
# ## Third cure: dropout
#
# In training, `Dropout(0.5)` switches off each number with a probability of one half, anew for every batch,
# and doubles what stays, so that the next layer gets about as much as ever.
# No unit can rely on its neighbour, since it may not be there. When the network predicts, nothing is switched off.

# %%
keras.utils.set_random_seed(1)
half = layers.Dropout(0.5)
ones = np.ones((1, 8), dtype="float32")
print("training:  ", half(ones, training=True).numpy()[0])
print("predicting:", half(ones, training=False).numpy()[0])

# %% [markdown] skills=["B9"]
# ## Fourth cure: weights that cost something
#
# A network that learns by heart needs large weights: it has to make much of small differences.
# **L2** adds a price to the loss, a small factor times the sum of all squared weights of a layer. Small weights are nearly free, large ones are dear,
# and one that is used for a single gearbox is not worth its price.
#
# **Predict first.** With such a price, can the training loss still go to 0?

# %%
price = regularizers.L2(0.03)
cures = {
    "large": plain,
    "L2": learn(network(relu(256, kernel_regularizer=price), relu(256, kernel_regularizer=price))),
    "dropout": learn(network(layers.Dropout(0.4), relu(256), layers.Dropout(0.5), relu(256), layers.Dropout(0.5))),
}
draw(cures)
for name, history in cures.items():
    print(f"{name:8} validation at the end: accuracy {np.mean(history['val_accuracy'][-5:]):.3f}, loss {np.mean(history['val_loss'][-5:]):.2f}")

# %% [markdown]
# No, it cannot: the price of the weights is part of the loss, and is never 0.
#
# Dropout lifts the accuracy from about 0.72 to 0.81, as far as three times as many gearboxes did, and it is still rising when we stop.
# Its training loss stays high, since no spectrum is ever seen whole; so the network never gets as far as the wrong notes.
# L2 alone was at its best after four or five epochs, with 0.81, and then went back: at this price it only delays learning by heart.
#
# The fifth cure is week 2's, and goes well with any of the others: stop where the validation loss is lowest, and keep that epoch.

# %% [markdown] skills=["T5"]
# ## Choosing
#
# Size, rate of dropout, factor of L2: these are not learned, you choose them, and you choose by validation.
# A small search, written down before it is run; the factor of L2 stays at 0.03:

# %%
candidates, scores = {}, {}
for units in (32, 128):
    for rate in (0.0, 0.4):
        model = network(layers.Dropout(rate), relu(units, kernel_regularizer=price), layers.Dropout(rate), relu(units), layers.Dropout(rate))
        model.fit(x_train, y_train, epochs=20, batch_size=50, verbose=0)
        candidates[units, rate], scores[units, rate] = model, validated(model)
        print(f"units {units:3}  dropout {rate}  validation accuracy {scores[units, rate]:.3f}")

# %%
best = max(scores, key=scores.get)
print("best:", best, f"validation {scores[best]:.3f}, test {candidates[best].evaluate(x_test, y_test, batch_size=1_000, verbose=0)[1]:.3f}")

# %% [markdown]
# Only now, and once, the test set.
# The winner of four is a little luckier than it is good: its validation accuracy was the reason for choosing it, so it flatters.
# The more candidates, the more it flatters. What the test says is what you may promise.

# %% [markdown] skills=["T6"]
# ## Keeping a model
#
# A trained network is worth an hour of computing, or a year. One line keeps it, one brings it back.

# %%
folder = Path(tempfile.mkdtemp())
model = candidates[best]
model.save(folder / "gearbox.keras")
again = keras.models.load_model(folder / "gearbox.keras")
print("largest difference:", np.abs(again.predict(x_test, verbose=0) - model.predict(x_test, verbose=0)).max())

# %% [markdown]
# **Predict first.** The model has so many parameters of four bytes each. How large is the file: the same, twice, three times?

# %%
print(f"{model.count_params():,} parameters, {4 * model.count_params():,} bytes")
print(f"file: {(folder / 'gearbox.keras').stat().st_size:,} bytes")
with zipfile.ZipFile(folder / "gearbox.keras") as archive:
    for entry in archive.infolist():
        print(f"{entry.file_size:>10,} {entry.filename}")

# %% [markdown]
# A `.keras` file is a ZIP archive of three files. `config.json` is the plan: layers and their settings.
# `metadata.json` says which Keras wrote it. And the weights take three times their place, since Adam remembers two numbers for each of them.
#
# Whoever only predicts needs none of that:

# %%
lean = keras.models.load_model(folder / "gearbox.keras", compile=False)
lean.save(folder / "lean.keras")
model.save_weights(folder / "gearbox.weights.h5")
for path in sorted(folder.iterdir()):
    print(f"{path.stat().st_size:>10,} {path.name}")

# %% [markdown] skills=["T6"]
# ### The best epoch, and the next morning
#
# `ModelCheckpoint` saves while training goes on: after each epoch, or, with `save_best_only=True`, whenever the validation loss is lower than ever.
# Then a power cut costs an epoch, and not a night. It also is early stopping's memory, on disk.

# %%
checkpoint = keras.callbacks.ModelCheckpoint(folder / "epoch-{epoch:02d}-val-{val_loss:.3f}.keras", monitor="val_loss", save_best_only=True)
overnight = network(relu(256), relu(256))
history = learn(overnight, epochs=8, callbacks=[checkpoint])
print(*(path.name for path in sorted(folder.glob("epoch-*"))), sep="\n")

# %% [markdown]
# **Predict first.** Load the last of them and train for one more epoch: where will its loss begin, at −log(1/6), about 1.79, or where it was?

# %%
last = sorted(folder.glob("epoch-*"))[-1]
resumed = keras.models.load_model(last)
print("was:   ", {name: round(value, 3) for name, value in zip(("loss", "accuracy"), resumed.evaluate(x_train, y_train, batch_size=500, verbose=0))})
print("resumed:", round(resumed.fit(x_train, y_train, batch_size=50, verbose=0).history["loss"][0], 3), "· Adam's steps so far:", int(resumed.optimizer.iterations.numpy()))

# %% [markdown]
# It goes on where it was, with Adam's memory: this is what the two thirds of the file are for.
# `initial_epoch` in `fit` keeps the numbering of epochs going.

# %% [markdown] skills=["T7"]
# ## Formats and versions
#
# | ending | what it is | when |
# |---|---|---|
# | `.keras` | plan, weights, optimizer; Keras 3 | always, unless somebody asks for another |
# | `.h5` | the same in one HDF5 file; Keras 1 and 2 wrote it | old files, old exams |
# | `.weights.h5` | the weights alone: you need the code that builds the model | between notebooks of your own |
# | a folder, from `model.export(…)` | a TensorFlow *SavedModel*: predicts without Keras, cannot be trained | servers, phones |
#
# Models live longer than versions. Three things break most often. The first: what used to save a folder.

# %%
try:
    model.save(folder / "gearbox")
except ValueError as error:
    print(str(error)[:400])

# %% [markdown]
# This message is one of the good ones. The second is not. An old habit names the loss by a word, and the old format keeps the word:

# %%
import absl.logging

absl.logging.set_verbosity("error")  # Keras would remark that .h5 is an old format: that is why we are here
old = keras.Sequential([keras.Input(shape=(128,)), layers.Dense(1)])
old.compile(loss="mse")
old.save(folder / "old.h5")
try:
    keras.models.load_model(folder / "old.h5")
except Exception as error:
    print(type(error).__name__, "…", str(error)[:300])

# %% [markdown]
# It speaks of a metric, and means the loss: the old file keeps the word, and Keras 3 looks for a class of that name.
# Nothing is lost. Layers and weights are in the file, and `compile=False` leaves the rest alone:

# %%
mended = keras.models.load_model(folder / "old.h5", compile=False)
print("loaded:", mended.input_shape, "→", mended.output_shape)
with zipfile.ZipFile(folder / "gearbox.keras") as archive:
    print(json.loads(archive.read("metadata.json")))

# %% [markdown]
# The third: a layer that the new version no longer knows, or a function of your own that was never saved (a `Lambda` layer).
# When a file refuses to load, look first who wrote it: a `.keras` file says so, and `keras.__version__` says who reads.
# And mind whose file it is. Loading a model may run code that somebody put into it, `.h5` files most easily:
# open only what you would also run.

# %% [markdown] skills=["T4"]
# ### When the documentation does not help
#
# It says how things are meant. Where something does not go as it is meant, somebody has usually met it before you:
#
# 1. Put the message into a search engine, without what is yours in it (paths, numbers, names of variables), and add *Keras 3*.
# 2. Search the *issues* of Keras and TensorFlow on GitHub, closed ones too. There the people who wrote it say whether it is a bug,
#    since which version, and what to do meanwhile.
# 3. On Stack Overflow and in forums, read the date first. An answer of 2019 is about Keras 2:
#    `lr=`, `fit_generator`, `model.save` into a folder.
# 4. Then ask. A question that others can run gets an answer: the whole message, the versions,
#    and a **minimal example**, the shortest program that shows it, with invented data. Such as this one:

# %%
import keras
import numpy
import tensorflow
print("keras", keras.__version__, "tensorflow", tensorflow.__version__, "numpy", numpy.__version__)
tiny = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
tiny.compile(loss="mse")
tiny.save(folder / "tiny.h5")  # and then: keras.models.load_model("tiny.h5")

# %% [markdown] skills=["B13", "B14"]
# Often you find the answer yourself while you cut your program down to that.
#
# ## Data as the model wants them, answers as the test wants them
#
# Months later, the model meets data of another maker: one gearbox in each *column*, in hundredths of a decibel.

# %%
theirs = (100 * x_test[:5].T).astype("int32")
try:
    lean.predict(theirs, verbose=0)
except Exception as error:
    print(type(error).__name__, "…", str(error).splitlines()[0][:300])
print("wanted:", lean.input_shape, " given:", theirs.shape, theirs.dtype)

# %% [markdown]
# Week 1's rule again: put the two shapes side by side. 128 stands first, where the examples should be.
#
# **Predict first.** `reshape` and `.T` both give (5, 128). Which one is right, and would Keras notice?

# %%
for name, mended in (("reshape", theirs.reshape(5, 128) / 100), (".T", theirs.T / 100), (".T, not divided", theirs.T)):
    print(f"{name:16}", lean.predict(mended, verbose=0).argmax(axis=1), "true:", y_test[:5])

# %% [markdown]
# Only one of the three is right, and none of them raises an error. A shape that fits is no proof: values and their order have to fit as well.
# Look at one spectrum before you trust a thousand.
#
# At the other end, the test says what form it wants. Five rows of six probabilities can be many things:

# %%
said = lean.predict(x_test[:5], verbose=0)
print("classes (n,):     ", said.argmax(axis=1))
print("a column (n, 1):  ", said.argmax(axis=1)[:, None].shape)
print("rows of 0 and 1:  ", np.eye(6, dtype=int)[said.argmax(axis=1)].tolist()[0], "…")
print("names:            ", [STATES[label] for label in said.argmax(axis=1)])
print("healthy or not:   ", (said[:, 0] < 0.5).astype(int))

# %% [markdown] skills=["B9", "T5"]
# ## Try it
#
# Write down what you expect, then change one thing at a time: the rates, the factor, the units, the number of layers, `GaussianNoise(0.5)` after the normalization.
# Which single cure helps most? Do two together help as much as their sum?

# %%
first_rate, second_rate, factor, units, epochs = 0.2, 0.5, 0.01, 64, 15

mine = network(layers.Dropout(first_rate), relu(units, kernel_regularizer=regularizers.L2(factor)), layers.Dropout(second_rate))
history = learn(mine, epochs=epochs)
print(f"{mine.count_params():,} parameters; accuracy: training {history['accuracy'][-1]:.3f}, validation {history['val_accuracy'][-1]:.3f}")

# %% [markdown]
# ## Common mistakes
#
# | what you see | what is usually wrong |
# |---|---|
# | training near 1, validation far below | overfitting: more data, smaller, dropout, L2, stop early |
# | training *below* validation | dropout: it is on while the training accuracy is measured |
# | both low, and close together | too small, or too much of a cure |
# | the loss does not go to 0 with L2 | the price of the weights is part of it; compare accuracies |
# | the best of a hundred trials disappoints | chosen by validation, promised by validation: use a test set, once |
# | an error at `model.save` about the extension | end the name in `.keras`; for a SavedModel, `model.export(folder)` |
# | an `.h5` file that will not load | `compile=False`, then compile it yourself |
# | a file three times as large as expected | Adam's memory: load with `compile=False`, save again |
# | right shape, nonsense answers | `reshape` where `.T` was meant; another unit or scale |
#
# ## Summary
#
# - A network with more parameters than examples can learn nonsense by heart. Training accuracy proves nothing.
# - More data help most. Dropout, L2, a smaller network and early stopping are what one has instead; which of them helps, validation tells.
# - Sizes and rates are chosen by validation, written down first; the test set judges once.
# - `.keras` holds plan, weights and optimizer. With Adam, that is three numbers for each parameter.
# - `ModelCheckpoint` keeps the best epoch; a loaded model trains on where it was.
# - Load with `compile=False` to predict. Look who wrote a file before you read it.
# - Before `predict`: shape, order, unit, dtype. After it: the form that was asked for.

# %% [markdown]
# ## Recall questions
#
# Answer in your own words before you open an answer.
#
# 1. Your network has a training accuracy of 1. What do you know?
# <details><summary>Answer</summary>
# That it is large enough to hold its examples. It could hold shuffled labels as well.
# </details>
#
# 2. Dropout with a rate of 0.2: by what is each number that stays divided, and why?
# <details><summary>Answer</summary>
# By 0.8, the share that stays, so that the next layer gets as much on average as when nothing is switched off.
# </details>
#
# 3. Training accuracy is below validation accuracy. Is something broken?
# <details><summary>Answer</summary>
# Not with dropout: in training, numbers are switched off while the accuracy is measured; in validation, none are.
# </details>
#
# 4. A network has 50,000 parameters and was trained with Adam. How large is its .keras file, about?
# <details><summary>Answer</summary>
# Three times 50,000 numbers of 4 bytes: 600,000 bytes and a little more. Without the optimizer, 200,000.
# </details>
#
# 5. Why is the validation accuracy of the best of many candidates too good?
# <details><summary>Answer</summary>
# Part of it is luck, and by choosing the best you choose the luckiest as well.
# </details>
#
# 6. An <code>.h5</code> file raises an error about <code>mse</code>. What do you do?
# <details><summary>Answer</summary>
# Load it with <code>compile=False</code>. To train on, compile it anew.
# </details>
#
# 7. A model wants (None, 784) and gets pictures of shape (60, 28, 28), with values from 0 to 255. Name two things to look at.
# <details><summary>Answer</summary>
# The shape: <code>reshape(60, 784)</code>, which is right here, since each picture stays together. And the scale that it was trained on: 0 to 255, or 0 to 1?
# </details>

# %% [markdown]
# ## Take it further
#
# - **Noise as a cure.** `layers.GaussianNoise(0.5)` after the normalization makes each spectrum a little different every time. Against what does it help that dropout does not?
# - **A committee.** Train five networks with different seeds and average their probabilities. Is the committee better than its best member?
# - **Half the bytes.** Load the lean model, round its weights to float16 and back, and compare predictions. How much accuracy do two bytes a number cost?
# - **Real data.** MNIST has 70,000 handwritten digits of 28 by 28 pixels. Take only 500 of them for training:
#
# ```python
# from tfcourse.datasets.public import load_mnist
#
# (x_train, y_train), (x_test, y_test) = load_mnist()
# few_x, few_y = x_train[:500], y_train[:500]
# ```
#
# Expect the same curves as here, with a higher accuracy: digits of one kind resemble each other more than gearboxes do.
# Which cure helps most, and how many digits are worth as much as all cures together?
#
# Then open the assignment.
