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
#     title: "Week 15: sequence models"
#     description: Convolutions and recurrent layers on series; what a stateful layer keeps; how the order of the examples bends a forecast, and what puts it right.
#     prerequisites: ["week 13", "week 14", "week 11: what an LSTM and a GRU compute"]
#     minutes: 80
#     objectives:
#       - text: say why a dense network does not know that hours are neighbours
#         skills: [S5]
#       - text: choose kernel, strides, padding and dilation of a convolution along time
#         skills: [S5]
#       - text: forecast with a convolution, and with a recurrent layer behind one, and compare them hour by hour
#         skills: [S5, S7]
#       - text: decide whether a recurrent layer should be stateful, and lay out its batches
#         skills: [S5]
#       - text: recognise sequence bias by the signed error, and compensate for it
#         skills: [S9]
# ---

# %% [markdown] skills=["S7"]
# ## Water that comes up the river
#
# A harbour lies far up a river. When a storm blows inland at the mouth, the water that it piles up needs hours to arrive.
# Whoever closes the floodgates asks: **how high will the water stand in each of the next eight hours?**
#
# Harbours, tides and storms are invented. Three columns an hour: the level in cm, the speed of the wind at the mouth in m/s,
# and its heading, 1 for straight inland, 0 for across, −1 for straight out to sea.

# %%
from tfcourse.datasets.tides import make_tides, surge_of

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from keras import layers
from sklearn.linear_model import LinearRegression

harbours = make_tides(1_500, seed=15, hours=160)  # each row a harbour of its own
others = make_tides(3_000, seed=16, hours=80)  # to be judged on

# %%
level, speed, heading = make_tides(1, seed=25, hours=240)[0].T
figure, (above, below) = plt.subplots(2, 1, figsize=(10, 4.4), sharex=True, layout="constrained")
above.plot(level, color="black", linewidth=1)
above.set(ylabel="level, cm")
below.plot(speed, label="speed, m/s")
below.plot(speed * heading, label="speed times heading", linewidth=1)
below.set(xlabel="hour", xticks=range(0, 241, 24))
below.legend()
plt.show()

# %% [markdown]
# Two tides a day, and above and below them swells that follow the wind, many hours late.
#
# A window is the 72 hours before, its label the eight levels after. Each harbour of `harbours` gives two windows, each of `others` one.
#
# **Predict first.** Four baselines: the mean, the last value, the level 25 hours before (two tides),
# and a linear model that sees all 216 numbers of the window. Which will surprise you?

# %%
def cut(rows):
    pieces = rows.reshape(-1, 80, 3)
    return pieces[:, :72], pieces[:, 72:, 0]

(x, y), (x_new, y_new) = cut(harbours), cut(others)
def mae(forecast):
    return np.abs(y_new - forecast).mean()

line = LinearRegression().fit(x.reshape(len(x), -1), y)
linear = line.predict(x_new.reshape(len(x_new), -1))
print(x.shape, y.shape, x_new.shape)
print(f"mean {mae(y.mean()):.1f} · last value {mae(x_new[:, -1:, 0]):.1f} · two tides before {mae(x_new[:, -25:-17, 0]):.1f} · linear {mae(linear):.1f} cm")

# %% [markdown]
# The straight line. A tide is a sum of waves, and the next value of a wave is a weighted sum of earlier ones: what could be more linear?
# So any network has to beat 17.8 cm, not the copies.
# Where does the line go wrong? With the wind: the water rises with the *square* of the speed, times the heading,
# and a weighted sum can neither square nor multiply.

# %% [markdown] skills=["S5"]
# ## Neighbours
#
# **Predict first.** We shuffle the 72 hours, the same way in all windows, past and new.
# What happens to the linear model?

# %%
mixed = np.random.default_rng(1).permutation(72)
line.fit(x[:, mixed].reshape(len(x), -1), y)
print(f"in order {mae(linear):.2f}, shuffled {mae(line.predict(x_new[:, mixed].reshape(len(x_new), -1))):.2f} cm")

# %% [markdown]
# Nothing at all. To a linear model, and to any `Flatten` with `Dense` behind it, a window is 216 columns of a table;
# that hour 41 comes after hour 40 is nowhere said.
# What wind does, such a network has to learn for hour 40, and anew for hour 41, from the same few thousand examples.
#
# A convolution (week 5, along one axis now) and a recurrent layer (week 11) use the *same weights at every hour*.
# Both want the shape **(batch, time, features)**, here `(3000, 72, 3)`: three features, as pictures have three colours.

# %%
def build(*body, shape=(72, 3)):
    normalize = layers.Normalization()
    normalize.adapt(x)
    return keras.Sequential([keras.Input(shape=shape), normalize, *body, layers.Dense(8), layers.Rescaling(100.0)])

def train(model, x, y, epochs=6, rate=0.005):
    falling = keras.optimizers.schedules.CosineDecay(rate, decay_steps=epochs * -(-len(x) // 32))
    model.compile(optimizer=keras.optimizers.Adam(falling), loss="mae")
    return model.fit(x, y, epochs=epochs, batch_size=32, verbose=0)

# %% [markdown]
# (`Rescaling(100.0)` at the end lets all layers before it think in numbers around 1, while answers are in the hundreds.
# Recurrent layers, whose states stay between −1 and 1, need it most.)

# %% [markdown] skills=["S5"]
# ## A convolution along time
#
# A kernel is a small pattern in time, laid on every stretch of hours. By hand, one that asks how fast the water rises:

# %%
rises = np.array([-1.0, 0.0, 1.0])  # in the order of time: the last number belongs to the latest hour
by_hand = [rises @ level[hour : hour + 3] for hour in range(len(level) - 2)]
layer = layers.Conv1D(1, 3, use_bias=False)
layer.build((None, None, 1))
layer.set_weights([rises[:, None, None]])
print(np.abs(layer(level[None, :, None]).numpy().ravel() - by_hand).max() < 1e-3, "· hours:", len(level), "->", len(by_hand))

# %% [markdown]
# For our question, two layers:
#
# - `Conv1D(32, 1)`: a kernel of **one** hour. It sees speed and heading together, and can learn what that hour's wind is worth, once for all hours.
# - `Conv1D(32, 4, strides=2)`: four hours at a time, every second hour. 72 hours become 35.
#
# `Flatten` and the last layer then weigh *where* in the window that was.

# %%
keras.utils.set_random_seed(15)
dense = build(layers.Flatten(), layers.Dense(128, activation="relu"), layers.Dense(128, activation="relu"))
convolution = build(layers.Conv1D(32, 1, activation="relu"), layers.Conv1D(32, 4, strides=2, activation="relu"), layers.Flatten())
for name, model in (("dense", dense), ("convolution", convolution)):
    history = train(model, x, y)
    print(f"{name:12} {model.count_params():>6,} parameters  past {history.history['loss'][-1]:5.1f}   new harbours {mae(model.predict(x_new, verbose=0)):5.1f} cm")

# %% [markdown]
# Fewer than a third of the weights, and the error on new harbours is smaller by more than a third. Compare the columns:
# the dense network is far better on the harbours of the past, which it has begun to learn by heart.

# %% [markdown] skills=["S5"]
# ## Which hours does an answer see?
#
# Keras lays a kernel in three ways. To see what each does, let one hour be 1 and all others 0, and ask which answers notice.

# %%
def noticed(*stack, hours=72, at=20):
    """Return which answers change when the value of one hour does."""
    wave = np.zeros((1, hours, 1), "float32")
    wave[0, at] = 1.0
    return np.flatnonzero(np.abs(keras.Sequential(stack)(wave).numpy()).sum(axis=(0, 2)))

for padding in ("valid", "same", "causal"):
    print(f"{padding:7} hour 20 is seen by the answers {noticed(layers.Conv1D(1, 3, padding=padding, kernel_initializer='ones'))}")

# %% [markdown]
# - `valid` has no answers for the edges, so everything moves forward by two places: answer 18 belongs to hour 20.
# - `same` keeps the length, and answer 19 has seen hour 20: **its future**.
# - `causal` puts all the padding in front. Answer 20 and later ones see hour 20; no earlier one does.
#
# In our forecaster every padding is honest, since the whole window lies in the past. But where a model answers at *every* hour,
# `same` is week 13's centred average, and leaks in the same way. There it has to be `causal`.
#
# **Dilation** leaves gaps in the kernel. A kernel of 2 with dilation 8 sees this hour and the one eight hours ago.
# Stacked with 1, 2, 4, 8 …, five small layers see far:

# %%
stack = [layers.Conv1D(1, 3, padding="causal", dilation_rate=2**level, kernel_initializer="ones") for level in range(5)]
seen_by = noticed(*stack, at=5)
print(f"hour 5 is seen by the answers {seen_by[0]} to {seen_by[-1]}: a view of {len(seen_by)} hours with {sum(layer.count_params() for layer in stack)} weights")

# %% [markdown]
# Each layer adds (kernel − 1) · dilation hours: 2 · (1 + 2 + 4 + 8 + 16) + 1 = 63.
# With dilation 1 everywhere, five such layers would see 11.

# %% [markdown] skills=["S5", "S7"]
# ## A recurrent layer behind a convolution
#
# A GRU reads hour by hour, and each hour waits for the one before: slow, and 72 steps are a long way for a gradient.
# So let a convolution read first: with `strides=6`, twelve steps are left. At so few, `unroll=True` writes the loop out, which is faster.
#
# **Predict first.** The GRU sees each of the twelve pieces once, and keeps 48 numbers. Better than the convolution with `Flatten`, or worse?

# %%
keras.utils.set_random_seed(15)
recurrent = build(layers.Conv1D(32, 1, activation="relu"), layers.Conv1D(48, 6, strides=6, activation="relu"), layers.GRU(48, unroll=True))
train(recurrent, x, y)
forecasts = {"linear": linear} | {name: model.predict(x_new, verbose=0) for name, model in (("dense", dense), ("convolution", convolution), ("convolution and GRU", recurrent))}
under_way = np.abs(x_new[:, -8:, 1] ** 2 * x_new[:, -8:, 2]).mean(axis=1)  # what the wind of the last hours has moved
groups = np.digitize(under_way, np.quantile(under_way, [0.25, 0.5, 0.75, 0.95]))

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 3.8), sharey=True, layout="constrained")
for name, forecast in forecasts.items():
    error = np.abs(y_new - forecast)
    left.plot(range(1, 9), error.mean(axis=0), "o-", markersize=4, label=f"{name}: {error.mean():.1f}")
    right.plot([error[groups == group].mean() for group in range(5)], "o-", markersize=4)
left.set(xlabel="hours ahead", ylabel="MAE, cm")
left.legend()
right.set_xticks(range(5), ["calm", "breeze", "wind", "gale", "storm"])
left.set_ylim(0, 45)
right.set_xlabel("water under way: calmest quarter … stormiest twentieth")
plt.show()

# %% [markdown]
# On the left: one hour ahead, no network beats the line. It falls behind with every hour, since what arrives later has to be read from the wind.
# On the right is what matters to whoever closes a gate: in a storm the line is off by four decimetres, the convolution by one and a half.
# An average over all hours would not have shown it.
#
# The GRU lies between the dense network and the convolution: six epochs are few for it, and they take about twice as long.
# It sums the window up in 48 numbers, where `Flatten` keeps 1,120.
# With 64 units, 3,600 windows and 20 epochs, it came to 7.0 in a trial. Which one wins is a question of what you can spend.
#
# A `Bidirectional` layer would be honest here too, as any padding is. Where a model answers at every hour, its backward half reads the future.

# %% [markdown] skills=["S5"]
# ## Stateful or not
#
# Now another task. The gauge has failed, and only the wind is left. How much water has it piled up, hour by hour?
# (The generator tells us: `surge_of`.) This is a **stream**: no windows, an answer at every hour, and no end.
#
# We cut the stream into pieces of 12 hours. An ordinary LSTM starts each piece with a state of zeros: it has forgotten the storm of this morning.
# With `stateful=True` it goes on from the state in which it ended. Keras keeps one state for each *row of a batch*, so
#
# - row 5 of a batch has to continue row 5 of the batch before: the long series is laid out in parallel streams;
# - nothing may be shuffled, and every batch has the same, fixed size;
# - whoever begins again elsewhere has to say so: `reset_state()`.

# %%
ROWS, STEPS = 16, 12

def streams(series):
    """Lay (hours, features) out so that row b of a batch goes on where row b of the batch before ended."""
    return series.reshape(ROWS, -1, STEPS, series.shape[-1]).swapaxes(0, 1).reshape(-1, STEPS, series.shape[-1])

def wind_and_surge(seed, batches):
    _, speed, heading = np.moveaxis(make_tides(1, seed=seed, hours=ROWS * STEPS * batches), -1, 0)
    return np.stack([speed[0] / 10, heading[0]], axis=-1), surge_of(speed, heading)[0][:, None]

(wind, surge), (wind_new, surge_new) = wind_and_surge(15, 60), wind_and_surge(16, 20)
print(streams(np.arange(ROWS * STEPS * 60)[:, None])[[0, 1, 16], :, 0])

# %% [markdown]
# Hours 0 to 11 in row 0 of the first batch, hours 720 to 731 in row 1, and hours 12 to 23 in row 0 of the *second* batch.

# %%
def read_stream(stateful, arrange=streams, epochs=10):
    """Train an LSTM that answers at each hour; return its error at each of the 12 hours of a piece."""
    keras.utils.set_random_seed(15)
    memory = layers.LSTM(24, return_sequences=True, stateful=stateful, unroll=True)
    model = keras.Sequential([keras.Input(batch_shape=(ROWS, STEPS, 2)), layers.Conv1D(16, 1, activation="relu"), memory, layers.Dense(1), layers.Rescaling(50.0)])
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mae")
    for _ in range(epochs):
        if stateful:
            memory.reset_state()
        model.fit(arrange(wind), arrange(surge), batch_size=ROWS, shuffle=not stateful, verbose=0)
    if stateful:
        memory.reset_state()
    error = np.abs(model.predict(streams(wind_new), batch_size=ROWS, verbose=0) - streams(surge_new))
    return model, error[3 * ROWS :].mean(axis=(0, 2))  # the first batches, which have no past, are left out

def in_a_row(series):
    return series.reshape(-1, STEPS, series.shape[-1])  # the wrong layout: piece after piece within one batch

# %% [markdown]
# **Predict first.** At which hours of a piece is the ordinary LSTM bad?
# And what becomes of a stateful one whose batches hold piece after piece, as a plain `reshape` makes them?

# %%
for name, how in (("not stateful", (False,)), ("stateful", (True,)), ("stateful, rows mixed up", (True, in_a_row))):
    reader, error = read_stream(*how)
    plt.plot(range(1, 13), error, "o-", markersize=4, label=f"{name}: {error.mean():.1f} cm")
plt.ylim(0, 40)
plt.xlabel("hour of the piece")
plt.ylabel("MAE, cm")
plt.legend()
plt.show()

# %% [markdown]
# The ordinary one begins each piece knowing nothing, and gets better as it reads. The stateful one is as good at the first hour as at the last.
# With the wrong layout a state is handed to a stranger, from an hour that lies elsewhere. It learns to distrust its memory,
# and is no better than one without. **Keras said nothing.**
#
# Is it worth it? A window of 72 hours, as above, needs no state: everything that matters is in it, and windows can be shuffled.
# Take `stateful=True` where the past that matters is longer than any window, or where values come one by one
# and each answer has to be cheap. For most forecasts, a window is the simpler choice.

# %% [markdown] skills=["S9"]
# ## Sequence bias, first kind: the order of the examples
#
# One harbour now, hour by hour for nine months; the windows begin at every hour, and come in the order of time.
# The 32 windows of a batch then lie within a day and a half: one weather, one phase of the moon.
# Whatever they say, the network follows, and the next batch says something else.
# That is **sequence bias**: a model leans to what it saw last. An MAE does not show it, for it has no sign.
# The **signed error**, forecast minus truth, is near zero on average in a good model.
#
# `dataset.shuffle(size)` draws from a buffer of the next `size` windows. It shuffles *windows*; the hours in them stay in order.
# **Predict first.** Is a buffer of 200 enough?

# %%
year = make_tides(1, seed=15, hours=9_600)[0]

def hourly(series):
    pieces = np.lib.stride_tricks.sliding_window_view(series, 80, axis=0).swapaxes(1, 2)
    return pieces[:, :72], pieces[:, 72:, 0]

(x_then, y_then), (x_later, y_later) = hourly(year[:6_479]), hourly(year[6_480:])
watched = slice(None, None, 20)
print(x_then.shape, x_later.shape)

# %%
class Watch(keras.callbacks.Callback):
    """Note the mean signed error on later windows after every eighth batch."""

    def on_train_begin(self, logs=None):
        self.signed = []

    def on_train_batch_end(self, batch, logs=None):
        if batch % 8 == 0:
            self.signed.append((self.model(x_later[watched]).numpy() - y_later[watched]).mean())

# %%
def convolve():
    keras.utils.set_random_seed(15)
    return build(layers.Conv1D(16, 1, activation="relu"), layers.Conv1D(32, 4, strides=2, activation="relu"), layers.Flatten())

plt.figure(figsize=(10, 3.4))
for size in (1, 200, len(x_then)):
    model, watch = convolve(), Watch()
    model.compile(optimizer=keras.optimizers.Adam(0.002), loss="mae")
    data = tf.data.Dataset.from_tensor_slices((x_then, y_then)).shuffle(size, seed=1).batch(32)
    model.fit(data, epochs=2, shuffle=False, callbacks=[watch], verbose=0)
    error = np.abs(model.predict(x_later, verbose=0) - y_later).mean()
    plt.plot(8 * np.arange(len(watch.signed)), watch.signed, linewidth=1, label=f"buffer {size}: swings by {np.std(watch.signed[-25:]):.1f} cm, ends at MAE {error:.1f}")
plt.axhline(0, color="grey", linewidth=1)
plt.ylim(-90, 60)
plt.xlabel("batch")
plt.ylabel("signed error, cm")
plt.legend(loc="lower right")
plt.show()

# %% [markdown]
# In order of time, the forecasts rise and fall by some 20 cm with what the last batches held, and where training stops is a matter of luck.
# A buffer of 200 hours is little more than a week: the swings are smaller, and still there.
# Only a buffer **as large as the data set** mixes calm weeks with storms. (`fit` does that by itself with arrays, and never with a `tf.data.Dataset`.)
#
# The same happens with examples sorted by harbour, by class or by size. Where a data set is too large for such a buffer,
# write it to many files in random order first.

# %% [markdown] skills=["S9"]
# ## Second kind: the level moves on
#
# Shuffling cannot help where the *future* differs. In autumn the gauge is rebuilt, and its zero now lies a metre lower:
# from that day on, all readings are 100 cm higher. The water knows nothing of it, and neither does the network.
#
# **Predict first.** What sign will the error have, and at which hours ahead will it be largest?

# %%
x_later, y_later = x_later + np.array([100.0, 0, 0]), y_later + 100
x_valid, y_valid, x_last, y_last = x_later[:1_000], y_later[:1_000], x_later[1_080:], y_later[1_080:]
train(plain := convolve(), x_then, y_then, epochs=3)
p_valid, p_last = (plain.predict(x, verbose=0) for x in (x_valid, x_last))
bias = (p_valid - y_valid).mean(axis=0)
print("signed error by hour ahead, validation:", bias.round(1))

# %% [markdown]
# Two remedies.
#
# - **Take off each window's own level** before the network sees it, and put it back afterwards.
#   The network learns how the water moves, not where it stands. (Differences from hour to hour do the same.)
# - **Correct the bias** that the validation part shows, hour ahead by hour ahead. It takes nothing but a subtraction, and lasts until the level moves again.

# %%
def own_level(x):
    return x[:, :, :1].mean(axis=1)  # shape (n, 1)

def without_level(x):
    return x - own_level(x)[:, None] * np.array([1.0, 0.0, 0.0])

train(relative := convolve(), without_level(x_then), y_then - own_level(x_then), epochs=3)
p_relative = relative.predict(without_level(x_last), verbose=0) + own_level(x_last)
for name, forecast in (("as it is", p_last), ("bias corrected", p_last - bias), ("own level taken off", p_relative)):
    print(f"{name:20} signed error {(forecast - y_last).mean():6.1f}   MAE {np.abs(forecast - y_last).mean():5.1f} cm")

# %% [markdown]
# All forecasts were too low, and the more so further ahead: half of the metre the network took for a flood, which will run off.
# The correction brings the signed error to zero, and the MAE down by a quarter.
# From its own level, the new gauge looks like the old one, so the network meets nothing strange: that does better still.
#
# | you see | it may be | what compensates |
# |---|---|---|
# | signed error swings during training | examples in an order | shuffle windows, buffer as large as the data |
# | signed error not 0 on later data | level or spread has moved | own level taken off, differences, train on newer data |
# | signed error that grows by hour ahead | the model underrates what is coming | bias correction from validation, more history |
# | error depends on the place in the piece | a state that starts from zero | stateful, or longer windows |

# %% [markdown] skills=["S5", "S9"]
# ## Try it
#
# Write down what you expect, then change one thing at a time.
#
# - `kernel=3` in place of 1 in the first layer; `kernel=12`.
# - The last 24 hours only, `x[:, -24:]` (and `shape=(24, 3)`). What is in the two days before?
# - The wind taken away: `x * [1, 0, 0]`. At which hours ahead is the loss largest, and why there?

# %%
keras.utils.set_random_seed(15)
kernel = 3
mine = build(layers.Conv1D(32, kernel, activation="relu"), layers.Conv1D(32, 4, strides=2, activation="relu"), layers.Flatten())
train(mine, x, y, epochs=3)
print(f"kernel {kernel}: {mae(mine.predict(x_new, verbose=0)):.1f} cm")

# %% [markdown] skills=["S5"]
# ## Common mistakes
#
# **Time and features swapped.** A table with one row for each column of the gauge, and the windows come out as `(n, 3, 72)`:

# %%
turned = keras.Sequential([keras.Input(shape=(3, 72)), layers.GRU(48, unroll=True), layers.Dense(8), layers.Rescaling(100.0)])
train(turned, x.swapaxes(1, 2) / 100, y, epochs=3)
print(f"GRU on (3, 72): {np.abs(turned.predict(x_new.swapaxes(1, 2) / 100, verbose=0) - y_new).mean():.1f} cm")
for shape, kernel in (((3, 72), 4), ((72,), 4)):
    try:
        keras.Sequential([keras.Input(shape=shape), layers.Conv1D(8, kernel)])
    except Exception as error:
        print(shape, type(error).__name__, str(error).splitlines()[0][:150])

# %% [markdown]
# The GRU does not complain: it reads three steps, "level", "speed" and "heading", of 72 features each. It even learns something,
# and is worse than a straight line.
# A convolution may complain that its *output size would be zero or negative*: a kernel of four hours does not fit into three.
# Print `model.input_shape` and say it aloud: batch, *time*, features.
# The last message, *expected min_ndim=3, found ndim=2*, is a missing axis: a series of one feature is `(n, 72, 1)`, so `x[..., None]`.
#
# **A stateful model and a batch of another size:**

# %%
try:
    reader.predict(streams(wind_new)[:10], verbose=0)
except Exception as error:
    print(type(error).__name__, "…", *[line[:200] for line in str(error).splitlines() if "shapes" in line][:1])

# %% [markdown]
# Ten rows, where the layer holds sixteen states (96 is four gates of 24 units). Fill up the batch, or build the same layers with `batch_shape=(1, STEPS, 2)`
# and copy the weights: `set_weights`.
#
# - **No `reset_state()`** between training and forecast: the first answers go on from the end of the training series.
# - **`return_sequences=True`** in the last recurrent layer gives an answer for each hour, and `False` in a stack loses the time axis (week 11).
# - **Shuffled hours** inside a window. Shuffle windows, never what is in them.
# - **An average over time**, or pooling again and again, where it matters how long ago something was.
# - **Bias corrected on the test.** Any forecast can be made to average right afterwards.

# %% [markdown]
# ## Summary
#
# - A dense network does not know that hours are neighbours. Convolutions and recurrent layers use the same weights at every hour.
# - (batch, time, features). Causal padding where a model answers at every hour; dilation for a long view; strides for fewer steps.
# - A recurrent layer pays behind a convolution that shortens its way. On windows, both can be equally good.
# - Stateful: one state for each row of a batch, parallel streams, no shuffling, `reset_state()`.
# - Sequence bias shows in the signed error. Shuffle windows through a full buffer; take off each window's own level; correct by validation.

# %% [markdown]
# ## Questions to recall
#
# <details><summary>1. You shuffle the hours of all windows in the same way. Which suffers: a dense network, a convolution, a GRU?</summary>
# The last two. To the dense network, hours are columns, and their order means nothing.
# </details>
#
# <details><summary>2. Four causal layers with kernel 2 and dilations 1, 2, 4, 8: how many hours does an answer see?</summary>
# 1 + 2 + 4 + 8 + 1 = 16.
# </details>
#
# <details><summary>3. A model answers at every hour and uses padding="same" with a kernel of 5. What is wrong?</summary>
# Each answer sees the two hours after it. Use causal.
# </details>
#
# <details><summary>4. A series of 9,600 hours is read by a stateful layer in batches of 8 rows and 24 steps. Which hour begins row 1 of the first batch, and row 0 of the second?</summary>
# Hour 1,200 (a stream is an eighth of the series), and hour 24.
# </details>
#
# <details><summary>5. A forecaster has an MAE of 20 cm and a signed error of −18. What do you do first?</summary>
# Look whether the level of the new data has moved, and subtract −18, measured on validation data: most of the error is bias.
# </details>
#
# <details><summary>6. A data set of a million windows, sorted by year, goes through shuffle(1_000). What do you expect?</summary>
# Batches that hold a single year's windows, and a model that leans to the last year.
# </details>

# %% [markdown]
# ## Take it further
#
# A weather station in Jena, every ten minutes of 2020, with 21 columns, wind speed and its direction in degrees among them:
#
# ```python
# from tfcourse.datasets.public import load_climate
#
# times, measurements, names = load_climate()
# ```
#
# Take every sixth row, and forecast the temperature of the next twelve hours; the last value and yesterday's same hour are the baselines.
# Direction in degrees jumps from 359 to 0: give the network its sine and cosine.
# Train on January to August and judge on the rest. Expect a signed error that grows towards December, and see what taking off each window's own level does.
#
# - Does a column of the wind help the temperature at all? Leave it out, and compare.
# - Judge by month, not only by hour ahead.
#
# Next week is the closing project: one file, many columns, some of them known ahead, and everything since week 13 in one piece.
# Before that, the assignment: a causal convolution, streams and a shuffle buffer by your own hand,
# and harbours behind a gate, for which you choose the layers and train them yourself.
# Watch the loss on harbours that you hold back: a recurrent layer is often still learning where a convolution has finished.
