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
#     title: "Week 1: a first network"
#     description: From a table on disk to a network that predicts how much electricity a house will use, one neuron at a time.
#     prerequisites: ["Python functions, lists and loops", "NumPy arrays and slicing"]
#     minutes: 60
#     objectives:
#       - text: read a table with gaps from a CSV file and split it
#         skills: [T1, B3, B18]
#       - text: judge a model by a baseline and by the mean absolute error
#         skills: [B4]
#       - text: say what a tensor, a shape and a batch are, and let TensorFlow compute a gradient
#         skills: [B1, B12]
#       - text: explain one neuron, and what a hidden layer with ReLU adds to it
#         skills: [B2, B5]
#       - text: build, compile, fit and use a Sequential model on scaled inputs
#         skills: [B2, B3, B4, B5, B12]
#       - text: read and mend a shape error of Keras
#         skills: [T3, B12]
# ---

# %% [markdown] skills=["T1"]
# ## How much electricity will this house use?
#
# Thousands of houses, all heated by heat pumps and cooled by air conditioners.
# Of each we know one day: the weather, the house, who lives there, and how many kilowatt-hours went through the meter.
# Somebody asks: *frost is forecast; what will my house use?*
#
# You will answer with a neural network, and you will know at each step what the network is.
# It starts as a straight line.
#
# The first cell imports `tfcourse` before Keras.
# That keeps TensorFlow on one processor core, since the number of cores changes the last digits of every result.
# So what you see should be what the text says, give or take a digit.

# %%
from tfcourse.datasets.household_energy import FEATURES, TARGET, write_household_energy

import csv
import tempfile
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from keras import layers

# %% [markdown] skills=["B18", "T1"]
# ## A table on disk
#
# Data arrive as files. This cell writes one, into a temporary folder, as a meter company might export it:

# %%
path = write_household_energy(Path(tempfile.mkdtemp()) / "houses.csv", 2_400, seed=1)
print(*path.read_text().splitlines()[:8], sep="\n")

# %% [markdown]
# Temperature is the day's mean outside in °C, wind in km/h, floor area in m², electricity in kWh.
#
# Two things deserve a second look.
# The addresses hold a comma, but stand in quotation marks: Python's `csv` module knows about that, `line.split(",")` does not.
# And there are gaps: two commas with nothing between them, or a comma at the end of a line. Meters fail.

# %%
with path.open(newline="") as file:
    rows = list(csv.DictReader(file))

rows[0]

# %% [markdown]
# Everything is text. What becomes of a gap?
#
# - In a **feature**, it becomes `nan`, "not a number". Zero would be a lie: 0 °C is a temperature.
# - In the **target**, the row goes. From a question without an answer there is nothing to learn.

# %%
def number(cell):
    return float(cell) if cell else np.nan

rows = [row for row in rows if row[TARGET]]
x = np.array([[number(row[name]) for name in FEATURES] for row in rows], dtype="float32")
y = np.array([number(row[TARGET]) for row in rows], dtype="float32")
print(x.shape, y.shape, "gaps in each column:", np.isnan(x).sum(axis=0))

# %% [markdown] skills=["B3"]
# ### Hide some houses from yourself
#
# A model must be judged on houses that it has not seen, so we put the last ones aside as the **test set**.
# From now on, whatever we measure in order to prepare data, we measure on the **training set** alone.
# The medians that fill the gaps are the first example.

# %%
x_train, x_test = x[:1_900], x[1_900:]
y_train, y_test = y[:1_900], y[1_900:]
median = np.nanmedian(x_train, axis=0)
x_train = np.where(np.isnan(x_train), median, x_train)
x_test = np.where(np.isnan(x_test), median, x_test)
print(len(x_train), "houses to learn from,", len(x_test), "to be judged on; medians:", median)

# %% [markdown] skills=["B4"]
# ## The baseline: what can be had for nothing?
#
# The measure is the **mean absolute error**, MAE: by how many kWh are we wrong on average?
# Before any network, ask what a lazy answer scores. The laziest is the same number for every house: the mean of the training set.
#
# **Predict first.** The mean is about 24 kWh. How far off will it be on average: 5, 15 or 25 kWh?

# %%
def mae(prediction):
    return np.abs(np.reshape(prediction, -1) - y_test).mean()

print(f"mean: {y_train.mean():.1f} kWh, MAE {mae(y_train.mean()):.2f}")

# %% [markdown]
# Fifteen: whatever does not beat that has learned nothing.
#
# The second laziest answer is a straight line through temperature, which NumPy fits in one call.
# The third is a plane through all five columns, by least squares.

# %%
temperature = x_train[:, 0]
slope, start = np.polyfit(temperature, y_train, deg=1)
print(f"line:  {slope:.2f} kWh for each degree, MAE {mae(slope * x_test[:, 0] + start):.2f}")

def with_ones(x):
    return np.column_stack([x, np.ones(len(x))])

plane, *_ = np.linalg.lstsq(with_ones(x_train), y_train)
print(f"plane: MAE {mae(with_ones(x_test) @ plane):.2f}")

# %%
figure, axes = plt.subplots(figsize=(7, 4))
axes.plot(temperature, y_train, ".", alpha=0.3)
axes.axhline(y_train.mean(), color="grey", label="mean")
axes.plot([-15, 36], slope * np.array([-15, 36]) + start, color="tab:red", label="line")
axes.set(xlabel="temperature outside, °C", ylabel="electricity, kWh a day", title="Heating on the left, cooling on the right")
axes.legend()
plt.show()

# %% [markdown]
# The picture shows what no line can do. Electricity falls until about 16 °C, lies flat, and rises again when it gets hot.
# And the cloud is a fan: a degree of frost costs little in a small new house and a lot in a large old one.
# We shall need something that bends.
#
# Did you see the thin tower at 11.6 °C? Those are the houses whose temperature was missing.
# Filling a gap keeps a row, and pays for it: for these houses, the model is told a wrong temperature.
#
# Before anything bends, the line once more, learned in another way.

# %% [markdown] skills=["B1", "B12"]
# ## Tensors and shapes
#
# A **tensor** is a block of numbers with a **shape**: how many there are in each direction.
# A NumPy array is one in all but name, and TensorFlow has a type of its own, which it can compute gradients with.

# %%
print("all houses: ", x_train.shape)
print("one house:  ", x_train[0].shape)
print("batch of one:", x_train[:1].shape)
tf.constant(x_train[:2])

# %% [markdown]
# Three things to keep:
#
# - The **first** direction counts examples. Together they are a **batch**; Keras always works on batches.
# - The rest is the shape of **one** example, here `(5,)`. This is what Keras calls the *input shape*.
# - `x_train[0]` is a house and has no batch direction; `x_train[:1]` is a batch of one. The difference will cost us an error soon.

# %% [markdown] skills=["B1", "B2"]
# ## One neuron is a line
#
# A **neuron** multiplies each input by a **weight**, adds them up, and adds a **bias**: `w · t + b`.
# With one input that is a line.
# What makes it a neuron is how it finds its weights: it starts anywhere and improves by small steps downhill.
#
# Downhill on what? On the **loss**, here the mean of the squared errors (MSE).
# The **gradient** tells how fast the loss rises when `w` or `b` grows; one step goes the other way.

# %%
t = (temperature - temperature.mean()) / temperature.std()
w, b, path_downhill = 0.0, 0.0, []
for step in range(41):
    error = w * t + b - y_train
    path_downhill.append((w, b, np.mean(error**2)))
    w -= 0.1 * np.mean(2 * error * t)
    b -= 0.1 * np.mean(2 * error)

# %% [markdown]
# That is all of **gradient descent**; 0.1 is the **learning rate**.
# (Temperature was scaled first, to mean 0 and standard deviation 1. Why, we shall see when we forget it.)
#
# **Predict first.** The neuron starts as `0 · t + 0`. Which will be found sooner, the height of the line or its slope?

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4))
left.plot(temperature, y_train, ".", color="lightgrey")
ends = np.array([t.min(), t.max()])
for step, shade in zip([0, 2, 5, 10, 40], plt.cm.viridis(np.linspace(0, 0.9, 5))):
    w, b, _ = path_downhill[step]
    left.plot([temperature.min(), temperature.max()], w * ends + b, color=shade, label=f"step {step}")
left.set(xlabel="temperature outside, °C", ylabel="electricity, kWh a day", title="A line finds its place")
left.legend()
right.plot([loss for _, _, loss in path_downhill])
right.set(xlabel="step", ylabel="loss: mean squared error", title="Downhill, fast and then slowly", ylim=(0, None))
plt.show()

# %% [markdown]
# Both arrive together, since both errors shrink by a fifth at every step.
# After 40 steps the neuron lies where `polyfit`'s line lies. Nothing is gained yet, except a method that needs no formula for the best line:
# it needs only the gradient, and that TensorFlow computes for whatever you write, networks of a million weights included.

# %%
w, b = tf.Variable(0.0), tf.Variable(0.0)
with tf.GradientTape() as tape:
    loss = tf.reduce_mean((w * t + b - y_train) ** 2)

print("TensorFlow:", [float(slope) for slope in tape.gradient(loss, [w, b])])
print("by hand:   ", [float(np.mean(2 * -y_train * t)), float(np.mean(2 * -y_train))])

# %% [markdown] skills=["B2", "B4", "B12"]
# ### The same neuron in Keras
#
# Keras says all this in three sentences: what the model is, how it learns, and on what.
# One neuron is a `Dense` layer of one unit; its input shape is that of one example, `(1,)`.

# %%
keras.utils.set_random_seed(1)
neuron = keras.Sequential([keras.Input(shape=(1,)), layers.Dense(1)])
neuron.compile(optimizer=keras.optimizers.SGD(learning_rate=0.01), loss="mse")
neuron.fit(t[:, None], y_train, batch_size=32, epochs=5, verbose=2)

(w,), (b,) = neuron.get_weights()
print(f"Keras:   {w[0]:.2f} · t + {b:.2f}")
print(f"polyfit: {slope * temperature.std():.2f} · t + {slope * temperature.mean() + start:.2f}")

# %% [markdown]
# `fit` takes a step after each **batch** of 32 houses, not after all of them; one pass over all houses is an **epoch**.
# A step on 32 houses is a rough guess at the way down, but sixty guesses cost no more than one exact step.
# That is why the two lines agree only roughly: Keras's keeps trembling around the best one.

# %% [markdown] skills=["B5"]
# ## What a hidden layer adds
#
# To see the bend alone, take houses that resemble each other: 90 to 130 m², built between 1946 and 1985.
# Now put a layer of eight neurons between input and output, each with the **activation** ReLU:
# it passes what is positive and turns the rest into 0.
#
# So each hidden neuron is a **hinge**: flat on one side, a slope on the other.
# The output adds up eight hinges, each with a weight of its own.
#
# **Predict first.** How many kinks can a sum of eight hinges have?

# %%
alike = (x_train[:, 2] > 90) & (x_train[:, 2] < 130) & (x_train[:, 3] > 1946) & (x_train[:, 3] < 1985)
keras.utils.set_random_seed(3)
hinges = keras.Sequential([keras.Input(shape=(1,)), layers.Dense(8, activation="relu"), layers.Dense(1)])
hinges.compile(optimizer=keras.optimizers.Adam(0.02), loss="mse")
hinges.fit(t[alike, None], y_train[alike], epochs=200, verbose=0)
print(f"{alike.sum()} houses, {hinges.count_params()} parameters")

# %%
w1, b1, w2, b2 = hinges.get_weights()
degrees = np.linspace(-12, 34, 200)
scaled = ((degrees - temperature.mean()) / temperature.std())[:, None]
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4))
left.plot(temperature[alike], y_train[alike], ".", color="lightgrey")
left.plot(degrees, hinges.predict(scaled, verbose=0), color="tab:red", linewidth=2)
left.set(xlabel="temperature outside, °C", ylabel="electricity, kWh a day", title="The sum …")
right.plot(degrees, np.maximum(scaled @ w1 + b1, 0) * w2[:, 0])
right.set(xlabel="temperature outside, °C", ylabel="kWh a day", title="… of eight hinges")
plt.show()

# %% [markdown]
# At most eight kinks, one for each hinge, placed where the data ask for them.
# Here four hinges do the work; the others lie nearly flat and found nothing to do.
#
# Without ReLU there would be none: a sum of lines is a line, however many layers you stack.
# The activation is the whole difference between a network and least squares.

# %% [markdown] skills=["B2", "B5", "B12"]
# ## All five columns, and a failure
#
# Enough of one column. With all five, a hinge lies anywhere in the space of temperature, wind, area, age and people,
# and hinges on hinges can let a large floor area steepen the price of frost.
# Thirty-two of them should do for a start.
#
# **Predict first.** The mean had a squared error of about 430. Where will this loss begin, and where will it end?

# %%
def hidden_32():
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input(shape=(5,)), layers.Dense(32, activation="relu"), layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(learning_rate=0.01), loss="mse")
    return model

raw = hidden_32()
losses = raw.fit(x_train, y_train, epochs=20, verbose=0).history["loss"]
print("loss:", *(f"{loss:.3g}" for loss in losses))
print("predictions:", raw.predict(x_test[:5], verbose=0).reshape(-1), f"MAE {mae(raw.predict(x_test, verbose=0)):.2f}")

# %% [markdown]
# The loss exploded, then crept back to the loss of the mean. The network now gives every house the same answer.
# Depending on the seed, you would find `inf` or `nan` here.
#
# What happened? Look at a house as the network sees it:

# %%
for name, value, sd in zip(FEATURES, x_train[0], x_train.std(axis=0)):
    print(f"{name:12} {value:8.1f}   varies by {sd:.1f}")

# %% [markdown] skills=["B3"]
# A weight's gradient is the error times its input. So the weight of `year_built` is pushed almost 2,000 times as hard as it would be by an input of 1.
# One step overshoots, the error grows, the next step overshoots further, until the ReLUs are pushed below 0 for every house.
# There they are flat, their gradient is 0, and they never come back. They are called *dead*.
#
# The cure is to give all columns the same size: subtract the mean, divide by the standard deviation.
# Both are measured, as ever, on the training set, and **the same numbers** are used for the test set.

# %%
mean, sd = x_train.mean(axis=0), x_train.std(axis=0)
scaled_model = hidden_32()
losses = scaled_model.fit((x_train - mean) / sd, y_train, epochs=20, verbose=0).history["loss"]
print("loss:", *(f"{loss:.3g}" for loss in losses))
print(f"MAE {mae(scaled_model.predict((x_test - mean) / sd, verbose=0)):.2f}")

# %% [markdown]
# The same network, optimizer and seed. One line made the difference.

# %% [markdown] skills=["B5", "B3", "B4"]
# ## A model of several layers that scales for itself
#
# Scaling outside the model has a weakness: whoever uses it must remember to scale, with the right numbers.
# `layers.Normalization` keeps them inside. `adapt` measures mean and standard deviation, once, on the training set.
# Then come two hidden layers, the second looking at the hinges of the first.
#
# The optimizer changes too: **Adam** gives each weight a step size of its own, and forgives more than plain `SGD`.

# %%
keras.utils.set_random_seed(1)
normalize = layers.Normalization()
normalize.adapt(x_train)
model = keras.Sequential([
    keras.Input(shape=(5,)),
    normalize,
    layers.Dense(16, activation="relu"),
    layers.Dense(16, activation="relu"),
    layers.Dense(1),
])
model.summary()

# %% [markdown]
# Read a summary from the right. The first hidden layer has 5 weights and a bias for each of 16 neurons: (5 + 1) · 16 = 96.
# The next, (16 + 1) · 16 = 272; the last, 17.
# `Normalization` keeps five means, five variances and a counter, which no gradient changes: 11 *non-trainable* numbers.
# `None` is the batch: any size.

# %%
model.compile(optimizer="adam", loss="mae")
losses = model.fit(x_train, y_train, epochs=40, verbose=0).history["loss"]
print("loss after 1, 10, 20, 30, 40 epochs:", *(f"{losses[epoch - 1]:.2f}" for epoch in (1, 10, 20, 30, 40)))
print(f"MAE {mae(model.predict(x_test, verbose=0)):.2f}")

# %%
figure, panels = plt.subplots(1, 2, figsize=(9, 4.2), sharex=True, sharey=True)
answers = {"plane": with_ones(x_test) @ plane, "two hidden layers": model.predict(x_test, verbose=0).reshape(-1)}
for axes, (name, answer) in zip(panels, answers.items()):
    axes.plot(y_test, answer, ".", alpha=0.4)
    axes.plot([0, 150], [0, 150], color="grey", linewidth=1)
    axes.set(xlabel="true, kWh a day", ylabel="predicted, kWh a day", title=f"{name}: MAE {mae(answer):.1f}")

# %% [markdown]
# On the grey line, a prediction is exact. The plane bends away at both ends, and promises some houses less than nothing.
# The network stays close, with two exceptions.
# A handful of houses lie far below the line: their temperature was missing, and the network took a day of frost for a mild one.
# And it predicts too little where demand is highest.
#
# Is this network too small, or has it not arrived? The losses answer: they were still falling.
# More layers and a better optimizer have bought nothing yet, because Adam's steps of 0.001 were too small for 40 epochs.
# Under *Try it*, this will be yours to mend.

# %% [markdown] skills=["T3", "B12"]
# ## A shape error, read and mended
#
# Now the question we began with: *what will my house use?* One house, frost, a stiff wind.

# %%
my_house = np.array([-6.0, 25, 130, 1962, 3], dtype="float32")
try:
    model.predict(my_house, verbose=0)
except ValueError as error:
    print(error)

# %% [markdown]
# Obscure: no word about houses, and no shape that you know.
# Put two shapes side by side, the one that the model wants and the one that you gave.

# %%
print("wanted:", model.input_shape, " given:", my_house.shape, " mended:", my_house[None, :].shape)
print(f"{model.predict(my_house[None, :], verbose=0)[0, 0]:.0f} kWh")

# %% [markdown]
# `None` stands for any number of houses. The model took five numbers for five houses, each with nothing in it;
# what was missing is the batch, and `my_house[None, :]` adds it.
# (Keras words the same mistake in several ways. In the assignment you will meet a clearer one.)
#
# Another one: the column of people has been lost on the way. The message has dozens of lines; the last ones count.

# %%
try:
    model.predict(x_test[:, :4], verbose=0)
except Exception as error:
    print(type(error).__name__, "…", str(error).splitlines()[-2])

# %% [markdown]
# Here are the two shapes, `[32,4]` and `[1,5]`, and now the *last* numbers differ: a matter of features, not of the batch.
# (32 is the batch size of `predict`; the 1 fits any number of houses.)
# One rule mends most shape errors. **First number: how many examples. Last number: how many features or outputs.**
#
# The worst shape error is the one that says nothing. Below, the MAE is computed without our `mae`:

# %%
prediction = model.predict(x_test, verbose=0)
print("wrong:", np.abs(prediction - y_test).mean(), "right:", mae(prediction))
print(prediction.shape, "-", y_test.shape, "=", (prediction - y_test).shape)

# %% [markdown]
# NumPy *broadcasts* a column of predictions against a row of targets, and compares every house with every other.
# No error, only a number that is far too bad. Hence `np.reshape(prediction, -1)` in `mae`.

# %% [markdown] skills=["B2", "B5"]
# ## Try it
#
# The cell below trains the network of above. Change one thing at a time, and write down what you expect before you run it:
# a learning rate of 0.003, 0.01 or 1.0; other numbers of units; a third layer, or none at all; `"mse"` for `"mae"`.
# Which change helps most?

# %%
units, learning_rate, loss = [16, 16], 0.001, "mae"

keras.utils.set_random_seed(1)
hidden = [layers.Dense(n, activation="relu") for n in units]
mine = keras.Sequential([keras.Input(shape=(5,)), normalize, *hidden, layers.Dense(1)])
mine.compile(optimizer=keras.optimizers.Adam(learning_rate), loss=loss)
mine.fit(x_train, y_train, epochs=40, verbose=0)
print(f"MAE {mae(mine.predict(x_test, verbose=0)):.2f}")

# %% [markdown]
# ## Common mistakes
#
# | what you see | what is usually wrong |
# |---|---|
# | loss `nan`, `inf`, or astronomic | inputs not scaled, or the learning rate too high |
# | the same prediction for every example | dead ReLUs, after such an explosion |
# | no better than a line | no activation in the hidden layers |
# | negative values never predicted | an activation on the last layer |
# | loss still falling at the end | too few epochs, or the learning rate too low |
# | an error about `(None, 5)` and `(5,)`, or about an unknown rank | one example instead of a batch of one |
# | good in the notebook, bad in use | scaled with other numbers than in training |
# | an MAE that is far too bad | shapes (n, 1) and (n,) broadcast to (n, n) |
#
# ## Summary
#
# - Begin with a baseline. A score means something only beside another one.
# - A neuron is a weighted sum and a bias; gradient descent finds the weights, step by step.
# - ReLU makes hinges, a hidden layer adds them up, and further layers bend what is already bent.
# - `Sequential` says what the model is, `compile` how it learns, `fit` on what; `predict` always takes a batch.
# - Scale the inputs, by what the training set tells, best inside the model.
# - In a shape error, look for the two shapes: first number, examples; last number, features or outputs.

# %% [markdown]
# ## Recall questions
#
# Answer in your own words before you open an answer.
#
# 1. Why do we fill the test set's gaps with the training set's medians?
# <details><summary>Answer</summary>
# Because the test set stands for houses that we shall meet later, one at a time: nothing may be learned from it.
# A single house has no median worth the name either.
# </details>
#
# 2. A model has an MAE of 9 kWh. Is that good?
# <details><summary>Answer</summary>
# Nobody can say without a baseline. Here a plane reaches about 10, so 9 says that the network has learned little more than a plane.
# </details>
#
# 3. You stack five `Dense` layers without an activation. What can this network do that one neuron cannot?
# <details><summary>Answer</summary>
# Nothing. Weighted sums of weighted sums are weighted sums.
# </details>
#
# 4. How many parameters has `Dense(10)` on inputs of shape `(7,)`?
# <details><summary>Answer</summary>
# Seven weights and one bias for each of ten units: (7 + 1) · 10 = 80.
# </details>
#
# 5. Your training data have shape `(500, 12)`. What goes into `keras.Input(shape=…)`?
# <details><summary>Answer</summary>
# <code>(12,)</code>: the shape of one example. How many there are is Keras's <code>None</code>.
# </details>
#
# 6. Why did the loss explode without scaling?
# <details><summary>Answer</summary>
# A gradient is the error times the input, and a year is near 2,000: each step overshot by more than it mended.
# </details>

# %% [markdown]
# ## Take it further
#
# - **Where are the kinks?** Compute `-b1 / w1[0]` for the eight hinges and turn it back into degrees.
#   Do some lie near 16 °C and 22 °C, where heating and cooling begin?
# - **How little data is enough?** Train on 50, 200 and 800 houses and draw the MAE. Does the plane ever win?
# - **Is it the units or the steps?** Four networks: 16 or 64 units, 20 or 100 epochs. Which of the two matters more?
# - **Real data.** The districts of California in the census of 1990, and what a house cost in each:
#
# ```python
# from tfcourse.datasets.public import HOUSING_COLUMNS, load_california_housing
#
# (x_train, y_train), (x_test, y_test) = load_california_housing()
# ```
#
# The prices are in dollars, so begin with the MAE of the mean.
# Expect the plane to be a fair baseline, and the network to beat it clearly: longitude and latitude make a coast, and no plane bends along one.
# Scale the inputs as above, and divide the prices by 100,000; what happens to the loss if you do not?
#
# Then open the assignment. Next week the answer will be no number but a choice, yes or no.
