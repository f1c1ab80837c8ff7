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
#     title: "Week 15, assignment: sequence models"
#     description: Write a causal convolution, the batches of a stateful model and a shuffle buffer, take the bias out of a forecast, and forecast high water in harbours that your model has never seen.
#     prerequisites: ["the lesson of week 15"]
#     minutes: 90
# ---

# %% [markdown]
# Five tasks, 13 points.
# The first four need no training, only NumPy and care about which hour is which.
# Each has a cell that shows what your function does on an example that fits in your head:
# run it and compare by eye before you run the test cell.

# %% tags=["setup"]
from tfcourse import grade, hint, practice, solution

import keras
import numpy as np

# %% [markdown] skills=["S5"]
# ## Task 1 · A causal convolution (2 points)
#
# Write `causal_conv(series, kernel, dilation)`, one filter of a `Conv1D` with `padding="causal"`, without bias and activation:
#
# - `series` has shape `(hours, features)`, oldest hour first; it may hold whole numbers;
# - `kernel` has shape `(width, features)`, in the order of time as well: its **last** row belongs to the present hour,
#   the row before it to the hour that lies `dilation` hours back, and so on;
# - it returns an array of shape `(hours,)`: at each hour the sum, over the rows of the kernel and over the features,
#   of kernel times series;
# - hours before the beginning of the series count as zeros;
# - `dilation` is a whole number, 1 or more.


# %% nbgrader={"grade": false, "grade_id": "causal_conv_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def causal_conv(series, kernel, dilation):
    """Return what a causal, dilated filter answers at each hour of `series`."""
    ### BEGIN SOLUTION
    reach = (len(kernel) - 1) * dilation
    padded = np.concatenate([np.zeros((reach, series.shape[1])), series])
    answer = np.zeros(len(series))
    for row, weights in enumerate(kernel):
        start = row * dilation
        answer += padded[start : start + len(series)] @ weights
    return answer
    ### END SOLUTION


# %%
one_wave = np.array([0, 0, 1, 0, 0, 0, 0, 0])[:, None]
kernel = np.array([5.0, 3.0, 1.0])[:, None]
layer = keras.layers.Conv1D(1, 3, padding="causal", dilation_rate=2, use_bias=False)
layer.build((None, None, 1))
layer.set_weights([kernel[:, :, None]])
print("you:  ", causal_conv(one_wave, kernel, 2))  # the wave shows at once as 1, two hours later as 3, then as 5
print("Keras:", layer(one_wave[None].astype("float32")).numpy().ravel())

# %% nbgrader={"grade": true, "grade_id": "causal_conv", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week15.causal_conv", causal_conv)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week15.causal_conv", causal_conv)
### END HIDDEN TESTS

# %%
# hint("week15.causal_conv")

# %% [markdown] skills=["S5"]
# ## Task 2 · Batches for a stateful layer (2 points)
#
# A stateful layer keeps a state for each row of a batch, and goes on from it in the same row of the next batch.
# So a long series has to be laid out in **streams**: with a batch size of 4, the first quarter of the series is read in row 0,
# the second quarter in row 1, and so on, all four at the same time.
#
# Write `stream_batches(series, batch_size, steps)`:
#
# - `series` has shape `(hours, features)`;
# - it returns an array of shape `(batches, batch_size, steps, features)`;
# - row `b` of a batch goes on exactly where row `b` of the batch before has ended;
# - row `b + 1` of the first batch begins exactly where row `b` of the last batch has ended;
# - there are as many batches as whole ones fit; the hours that are left over, at the end of the series, are dropped.


# %% nbgrader={"grade": false, "grade_id": "stream_batches_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def stream_batches(series, batch_size, steps):
    """Lay a long series out in `batch_size` streams, cut into batches of `steps` hours."""
    ### BEGIN SOLUTION
    batches = len(series) // (batch_size * steps)
    used = series[: batches * batch_size * steps]
    streams = used.reshape(batch_size, batches, steps, series.shape[1])
    return streams.swapaxes(0, 1)
    ### END SOLUTION


# %%
# Hours 0 to 13, two streams, three hours a batch: hours 0 to 5 in row 0, hours 6 to 11 in row 1, and two are dropped.
print(stream_batches(np.arange(14)[:, None], 2, 3)[..., 0])
# [[[ 0  1  2]
#   [ 6  7  8]]
#  [[ 3  4  5]
#   [ 9 10 11]]]

# %% nbgrader={"grade": true, "grade_id": "stream_batches", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week15.stream_batches", stream_batches)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week15.stream_batches", stream_batches)
### END HIDDEN TESTS

# %%
# hint("week15.stream_batches")

# %% [markdown] skills=["S9"]
# ## Task 3 · What a shuffle buffer does (2 points)
#
# `dataset.shuffle(size)` does not shuffle the data set. It keeps a **buffer** of `size` examples and draws from that.
# Play it by hand, with the random numbers handed over. Write `through_buffer(items, size, picks)`:
#
# 1. the buffer is filled with the first `size` items, in their order (with all of them, if there are fewer);
# 2. each pick draws one item: the one at place `pick % (number of items in the buffer)`. It is handed out;
# 3. the **next** item that has not been in the buffer yet takes the place that has become free.
#    When there is none left, the place is removed, and what stood behind it moves up.
#
# `items` and `picks` are arrays of the same length, so that everything is handed out. Return the items in the order
# in which they were handed out, as an array of shape `(len(items),)`.


# %% nbgrader={"grade": false, "grade_id": "through_buffer_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def through_buffer(items, size, picks):
    """Return `items` in the order in which a shuffle buffer of `size` hands them out."""
    ### BEGIN SOLUTION
    buffer, waiting, out = list(items[:size]), list(items[size:]), []
    for pick in picks:
        place = pick % len(buffer)
        out.append(buffer[place])
        if waiting:
            buffer[place] = waiting.pop(0)
        else:
            buffer.pop(place)
    return np.array(out)
    ### END SOLUTION


# %%
print(through_buffer(np.arange(8), 3, np.array([1, 1, 0, 2, 2, 0, 1, 0])))  # [1 3 0 2 6 5 7 4]
thousand = through_buffer(np.arange(1_000), 50, np.random.default_rng(1).integers(0, 10**6, 1_000))
print("the first ten of a thousand, buffer 50:", thousand[:10])

# %% nbgrader={"grade": true, "grade_id": "through_buffer", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week15.through_buffer", through_buffer)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week15.through_buffer", through_buffer)
### END HIDDEN TESTS

# %%
# hint("week15.through_buffer")

# %% [markdown] skills=["S9", "S7"]
# ## Task 4 · Taking the bias out (2 points)
#
# A forecast that is too low on average, and more so the further ahead, can be put right afterwards.
# How far it has to be moved is learned on the **validation** part, hour ahead by hour ahead, and never on what is to be judged.
#
# Write `without_bias(y_valid, p_valid, p)`:
#
# - `y_valid` and `p_valid` have shape `(n, steps)`: what the water did in the validation part, and what was forecast for it.
#   Where the gauge failed, `y_valid` is `NaN`;
# - `p` has shape `(m, steps)`: forecasts for other hours, which are to be corrected;
# - the **bias** of a step is the mean of *forecast − truth* over the validation part, gaps left out.
#   It is negative where forecasts are too low;
# - where a step has no true value at all, its bias is taken to be 0;
# - return a pair: the biases, of shape `(steps,)`, and the corrected forecasts, of shape `(m, steps)`.


# %% nbgrader={"grade": false, "grade_id": "without_bias_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def without_bias(y_valid, p_valid, p):
    """Return the bias of each step, measured on the validation part, and `p` without it."""
    ### BEGIN SOLUTION
    error = p_valid - y_valid
    there = ~np.isnan(error)
    bias = np.where(there, error, 0.0).sum(axis=0) / np.maximum(1, there.sum(axis=0))
    return bias, p - bias
    ### END SOLUTION


# %%
y_valid = np.array([[100.0, 120.0], [50.0, np.nan]])
p_valid = np.array([[101.0, 110.0], [51.0, 60.0]])  # one centimetre too high in the first hour, ten too low in the second
print(*without_bias(y_valid, p_valid, np.array([[0.0, 0.0], [200.0, 210.0]])), sep="\n")
# [  1. -10.]
# [[ -1.  10.]
#  [199. 220.]]

# %% nbgrader={"grade": true, "grade_id": "without_bias", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week15.without_bias", without_bias)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week15.without_bias", without_bias)
### END HIDDEN TESTS

# %%
# hint("week15.without_bias")

# %% [markdown] skills=["S5", "S7"]
# ## Task 5 · The water of tomorrow (5 points)
#
# These harbours lie so far up long rivers that hardly a tide arrives. What does arrive is the water of squalls:
# a few hours of strong wind at the mouth, which press water in or draw it out.
# It passes while the **gate** at the mouth is open, takes **25 hours** to come up the river, and then runs off slowly.
# How high will the water stand 25 hours after the last hour that is known?
#
# Write `train_model(x_train, y_train)`. It builds a Keras model, **trains** it, and returns it:
#
# - `x_train` holds windows, shape `(6000, 48, 4)`, oldest hour first, as `float32`: the level in **m**, the speed of the wind in m/s,
#   its heading (1 straight inland, −1 straight out to sea), and the order to the gate, 1 for *open* and 0 for *close*.
#   An order is carried out **two hours later**: whether the water of an hour passes, the order of two hours before decides.
#   Two windows come from each of 3,000 harbours, one after the other;
# - `y_train`, shape `(6000, 1)`, is the level in m, 25 hours after the last hour of the window;
# - the model takes such windows, and gives one number for each; at most 100,000 parameters.
#
# Layers, loss, optimizer, epochs, batches, what you hold back and callbacks are yours to choose.
# Use nothing but the windows that you get: the course's generators are closed while your function runs.
#
# Your model is judged on 6,000 other harbours, one window from each, by the mean absolute error in m:
#
# {{ladder:week15.tide_forecaster}}
#
# All that will arrive by then has happened in the window, so the answer is there to be read:
# which winds met an open gate, and how long ago.

# %% [markdown]
# Have a look at such data first, and at what the mean and the last value are worth.

# %%
from tfcourse.datasets.tides import make_gated_harbours

harbours = make_gated_harbours(2_000, seed=15, hours=73)
x_look, y_look = harbours[:, :48], harbours[:, 72:, 0]
print("mean of each column:", x_look.mean(axis=(0, 1)).round(2), "spread:", x_look.std(axis=(0, 1)).round(2))
print(f"mean: MAE {np.abs(y_look - y_look.mean()).mean():.3f} m")
print(f"last value: MAE {np.abs(y_look - x_look[:, -1:, 0]).mean():.3f} m")


# %% nbgrader={"grade": false, "grade_id": "tide_forecaster_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_model(x_train, y_train):
    """Return a model, trained on windows of shape (n, 48, 4), that gives the level 25 hours later."""
    ### BEGIN SOLUTION
    normalize = keras.layers.Normalization()
    normalize.adapt(x_train)
    model = keras.Sequential(
        [
            keras.Input(shape=x_train.shape[1:]),
            normalize,
            keras.layers.Conv1D(32, 3, activation="relu"),
            keras.layers.Conv1D(32, 3, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(1),
        ]
    )
    epochs, batch = 15, 64
    rate = keras.optimizers.schedules.CosineDecay(0.004, decay_steps=epochs * int(np.ceil(len(x_train) / batch)))
    # steps_per_execution: the same steps, with fewer trips back to Python.
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mae", steps_per_execution=32)
    model.fit(x_train, y_train, epochs=epochs, batch_size=batch, verbose=0)
    return model
    ### END SOLUTION


# %% [markdown]
# Look before you train on everything: 1,000 of the harbours above to learn from, the others to compare with.
# One forecast has the shape `(1, 1)`. Is it better than the mean, and is the loss still falling at the end?

# %%
my_model = train_model(x_look[:1_000], y_look[:1_000])
print(my_model(x_look[:1]).shape, f"{my_model.count_params():,} parameters")
if getattr(my_model, "history", None):  # a model that was loaded from a file has none
    for name, values in my_model.history.history.items():
        print(f"{name:9}", *(f"{value:.3f}" for value in values[1::2]))
print(f"MAE {np.abs(y_look[1_000:] - my_model.predict(x_look[1_000:], verbose=0)).mean():.3f} m on other harbours")

# %% nbgrader={"grade": true, "grade_id": "tide_forecaster", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
practice("week15.tide_forecaster", train_model)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week15.tide_forecaster", train_model)
### END HIDDEN TESTS

# %%
# hint("week15.tide_forecaster")
