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
#     title: "Week 14: forecasting, and the learning rate"
#     description: Forecast solar power with dense networks, at once and step by step; choose a loss that outliers cannot rule; find a learning rate, and change it while you train.
#     prerequisites: ["week 13", "week 2: learning curves", "NumPy arrays and slicing"]
#     minutes: 75
#     objectives:
#       - text: measure the baselines of a forecast that depends on the hour of the day
#         skills: [S1]
#       - text: choose between squared, absolute and Huber loss by what outliers do to each
#         skills: [S1]
#       - text: forecast several steps, directly with one output for each, and recursively with a one-step model
#         skills: [S7, S1]
#       - text: recognise a learning rate that is too small or too large, and read a loss of nan
#         skills: [S10]
#       - text: find a rate with a range test
#         skills: [S10, S1]
#       - text: change the rate during training, with a schedule, with a callback, or when the loss stops falling
#         skills: [S10]
# ---

# %% [markdown] skills=["S1"]
# ## Six hours of sun
#
# There is a small solar plant on the roof, and an electric van in front of the house.
# Charge it now, or after lunch?
# That depends on a forecast: **how much power will the roof give in each of the next six hours?**
#
# The plant is invented: sun, clouds, snow, and an inverter that passes on 8 kW at most, hour by hour for three years.
# As in week 13 we cut in time: two years are the past, to learn from, and the third is the future, to be judged on.

# %%
from tfcourse.datasets.solar import DAY, add_meter_faults, make_solar

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

power = make_solar(1, seed=14, days=3 * 365, first_day=0)[0]
past, future = power[: 2 * 365 * DAY], power[2 * 365 * DAY :]

# %%
figure, (year, june, january) = plt.subplots(3, 1, figsize=(10, 6), layout="constrained")
year.plot(past[: 365 * DAY].reshape(-1, DAY).sum(axis=1), linewidth=0.8)
year.set(xlabel="day of the year", ylabel="kWh a day", title="the first year")
for panel, first, name in ((june, 160, "ten days in June"), (january, 15, "ten days in January")):
    panel.plot(past[first * DAY : (first + 10) * DAY])
    panel.set(ylabel="kW", title=name, ylim=(0, 8.5), xticks=range(0, 241, DAY))
plt.show()

# %% [markdown]
# A year that swings between 20 and 70 kWh a day, and falls to nearly nothing under clouds or snow.
# In June the inverter cuts the bright days flat at the top; in January a day is a small hump, and the first one lies under snow.
# Bright days come in rows, and so do dark ones: the sky remembers, and that is what a forecaster lives on.
#
# A forecast is made at a full hour between 7 and 14 o'clock, and what is known then are the two days before it.
# Nobody tells the model the hour or the date. It has to see them in the window.


# %%
def cut(series, ahead=6, last=14, window=2 * DAY):
    """Return the two days before each full hour from 7 o'clock to `last`, and the hours that followed."""
    starts = [t for t in range(window, len(series) - ahead + 1) if 7 <= t % DAY <= last]
    return np.stack([series[t - window : t] for t in starts]), np.stack([series[t : t + ahead] for t in starts])


x_past, y_past = cut(past)
x_future, y_future = cut(future)
print(x_past.shape, y_past.shape, x_future.shape)

# %% [markdown]
# **Predict first.** Four forecasts that cost nothing: the mean of the past, the last value, the same hour yesterday,
# and the mean of that hour on both days of the window. Which is worst, and which is best?


# %%
def mae(forecast):
    return np.abs(y_future - forecast).mean()


both_days = x_future.reshape(-1, 2, DAY).mean(axis=1)
print(f"mean of the past       {mae(y_past.mean()):.2f} kW")
print(f"last value             {mae(x_future[:, -1:]):.2f} kW")
print(f"same hour yesterday    {mae(x_future[:, -DAY : -DAY + 6]):.2f} kW")
print(f"same hour on both days {mae(both_days[:, :6]):.2f} kW")

# %% [markdown]
# The last value knows this morning's clouds, but not that the sun will climb and sink.
# Yesterday knows the sun's way, but has yesterday's clouds. The mean of two days is hardly better.
# So the number to beat is about 1.26 kW. A model that knows the sun's way *and* this morning's clouds should be able to.

# %% [markdown] skills=["S1"]
# ## What there is to learn from
#
# Now a nuisance that every real series has.
# What the roof gave is read from a meter, over a poor radio link. A few readings get lost, and are recorded as 0.
# Others come after an outage: all that was counted meanwhile arrives as if it were one hour's.
# The windows come from the inverter's own display and are right. The *labels* of the past are the meter's.
# (For the future we have the true values, to see who is right, not who agrees with the meter.)

# %%
readings = add_meter_faults(y_past, seed=14)
print(f"{np.mean(readings != y_past):.1%} of the readings are wrong; the largest is {readings.max():.0f} kW")
plt.figure(figsize=(10, 2.5))
plt.plot(readings[800:1000, 0], ".", color="tab:red", label="as the meter reports it")
plt.plot(y_past[800:1000, 0], ".", color="tab:blue", label="as it was")
plt.xlabel("example")
plt.ylabel("kW")
plt.legend()
plt.show()

# %% [markdown]
# Three in a hundred. Where a limit is known, throw out what lies above it.
# But lost readings of 0 look like clouds, and most series have no limit. Suppose that we have to live with them.
#
# The network is last week's, a little smaller: two hidden layers, and one output for each of the six hours.
# (`steps_per_execution` lets Keras take 91 steps, half an epoch here, without coming back to Python after each.
# They are the same steps; for a network as small as ours they take half the time.)


# %%
def build(outputs=6):
    hidden = [keras.layers.Dense(64, activation="relu") for _ in range(2)]
    return keras.Sequential([keras.Input(shape=(2 * DAY,)), *hidden, keras.layers.Dense(outputs)])


def train(loss, optimizer="adam", x=x_past, y=readings, epochs=10, callbacks=None):
    keras.utils.set_random_seed(14)
    model = build(y.shape[1])
    model.compile(optimizer=optimizer, loss=loss, steps_per_execution=91)
    history = model.fit(x, y, epochs=epochs, batch_size=32, callbacks=callbacks, verbose=0)
    return model, history.history


def error_of(model):
    return mae(model(x_future).numpy())


squared, _ = train("mse")
print(f"network, squared error: {error_of(squared):.2f} kW")

# %% [markdown]
# No better than copying. With right labels, the same network would do well. What went wrong?

# %% [markdown] skills=["S1"]
# ## The loss decides what a wrong reading does
#
# Five readings of the same hour, one of them from a bad day of the meter.
# Say that the network could give one answer to all five.
# **Predict first.** Which answer makes the sum of the squared errors smallest, and which one the sum of the absolute errors?

# %%
five = np.array([2.0, 2.1, 2.2, 2.3, 45.0])
answers = np.linspace(0, 50, 5001)
error = np.abs(five[:, None] - answers)
bent = np.where(error <= 0.5, error**2 / 2, 0.5 * (error - 0.25))
for name, loss in [("squared", error**2), ("absolute", error), ("Huber, delta 0.5", bent)]:
    print(f"{name:17} best answer {answers[loss.sum(axis=0).argmin()]:5.2f} kW")

# %% [markdown]
# The squared error wants the **mean**, and one reading has dragged it to 10.72 kW, more than the roof can give.
# The absolute error wants the **median**, the one in the middle: it does not care whether the fifth reading is 45 or 4,500.
#
# Why is that? A network learns from the *slope* of its loss. Look at both:

# %%
e = np.linspace(-4, 4, 401)
a = np.abs(e)
bent = (np.where(a <= 1, e**2 / 2, a - 0.5), np.clip(e, -1, 1))
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3), layout="constrained")
for name, (loss, slope) in {"squared": (e**2, 2 * e), "absolute": (a, np.sign(e)), "Huber, delta 1": bent}.items():
    left.plot(e, loss, label=name)
    right.plot(e, slope, label=name)
left.set(title="loss", xlabel="error (kW)", ylim=(0, 8))
right.set(title="its slope: how hard an error pulls", xlabel="error (kW)")
left.legend()
plt.show()

# %% [markdown]
# With the squared error, a reading that is off by 40 kW pulls eighty times as hard as one that is off by half a kilowatt.
# With the absolute error, both pull equally. That protects from outliers, but the pull never gets gentle:
# just before the goal it is as strong as far away.
#
# The **Huber loss** joins the two: a parabola up to an error of *delta*, a straight line beyond.
# Delta is what you would still call an ordinary error, in the unit of the label.
# An **outlier** is then one voice among many.

# %%
huber = keras.losses.Huber(delta=0.5)
absolute, _ = train("mae")
robust, robust_history = train(huber)
for name, model in [("squared", squared), ("absolute", absolute), ("Huber, delta 0.5", robust)]:
    print(f"{name:17} {error_of(model):.2f} kW")

# %% [markdown]
# The same layers, the same data, one word changed: from 1.25 to about 0.8 kW.
# Which of the two robust losses is ahead changes from case to case.
# (Where there are none, and large errors really are much worse than small ones, squared is the right choice.)

# %% [markdown] skills=["S7", "S1"]
# ## Six hours at once, or one hour six times
#
# Our network is **direct**: each hour to come has an output of its own.
# There is another way. Train a model for the next hour only, append its forecast to the window,
# forecast the hour after that, and go on for as long as you like. That is **recursive** forecasting.
#
# The one-step model has to know the afternoon, too, since its own forecasts will bring it there.

# %%
x_one, y_one = cut(past, ahead=1, last=19)
one_step, _ = train(huber, x=x_one, y=add_meter_faults(y_one, seed=15), epochs=6)


def recursive(history, steps=6):
    known = history
    for _ in range(steps):
        following = one_step(known[:, -2 * DAY :]).numpy()
        known = np.concatenate([known, following], axis=1)
    return known[:, -steps:]


# %% [markdown]
# **Predict first.** At one hour ahead both should be about equally good. And at four?

# %%
forecasts = {
    "same hour yesterday": x_future[:, -DAY : -DAY + 6],
    "recursive": recursive(x_future),
    "direct": robust(x_future).numpy(),
}
plt.figure(figsize=(8, 3.2))
for name, forecast in forecasts.items():
    plt.plot(range(1, 7), np.abs(y_future - forecast).mean(axis=0), marker="o", label=f"{name}: {mae(forecast):.2f} kW")
plt.ylim(0, 2.2)
plt.xlabel("hours ahead")
plt.ylabel("MAE, kW")
plt.legend(loc="upper right")
plt.show()

# %% [markdown]
# They start together and drift apart: what the recursive model gets wrong it reads as a fact, and builds on.
# Errors pile up. (All three curves sink at the right, because evening comes, and nothing is easier to forecast than the night.)
#
# | | direct | recursive |
# |---|---|---|
# | a model for | as many steps as it has outputs | any number of steps |
# | errors | each step on its own | pile up |
# | calls of the model | one | one for each step |
#
# Direct is the usual choice for a known horizon.
# Recursive serves every horizon, and is how week 12 writes a text: what has been written is read as if it had been given.

# %% [markdown] skills=["S10"]
# ## The rate: too small, too large
#
# All of this was trained with Adam's default **learning rate** of 0.001: the length of the step in which weights follow the slope.
#
# Week 2 had three pictures of rates that are too small, right and too large. Here is more on each.
#
# **Predict first.** The same network with rates of 0.00003, 0.03 and 0.3. How will the loss move in each case?

# %%
plt.figure(figsize=(8, 3))
plt.plot(robust_history["loss"], label=f"rate 0.001: {error_of(robust):.2f} kW")
for rate in (0.00003, 0.03, 0.3):
    model, history = train(huber, keras.optimizers.Adam(rate))
    plt.plot(history["loss"], label=f"rate {rate:g}: {error_of(model):.2f} kW")
plt.yscale("log")
plt.minorticks_off()
plt.yticks([0.7, 1, 2], ["0.7", "1", "2"])
plt.xlabel("epoch")
plt.ylabel("loss")
plt.legend()
plt.show()

# %% [markdown]
# - **Too small**: the loss falls nicely, and training ends long before it has arrived. A beautiful curve is no proof of a good rate.
# - **Somewhat too large**: it is ahead of all others after the first epoch, and soon behind the default.
#   The steps are too long for the bottom of the valley; it jumps from one side to the other.
# - **Far too large**: one leap at the start, and nothing is learned any more. Its error is about what a constant answer would get.
#
# (The loss ends near 0.7 even for the good ones, and not near 0: the meter's faults are in it, and nobody can foresee those.)
#
# ### Loss: nan
#
# Adam limits its own steps. Plain gradient descent, `SGD`, does not, and neither does the squared error. Put them together:

# %%
def three_epochs(rate, loss):
    keras.utils.set_random_seed(14)
    model = build()
    model.compile(optimizer=keras.optimizers.SGD(rate), loss=loss)
    return model, model.fit(x_past, readings, batch_size=32, epochs=3, verbose=0).history["loss"]


broken, losses = three_epochs(0.1, "mse")
print("loss:", losses)
print("forecast:", broken.predict(x_future[:1], verbose=0))
print("some weights:", broken.layers[0].get_weights()[0][0, :4])

# %% [markdown]
# No error, no warning; only `nan`, *not a number*. Read it backwards:
# a weight that is `nan` makes every output `nan`, every loss, every slope and the next weights, and no further training will heal it.
# Before it came very large numbers: each step overshot, met a steeper slope, and overshot further.
#
# Where to look, in this order:
#
# 1. **The data**: `np.isnan(x).any()`. One gap in one window is enough (week 13).
# 2. **The rate**: a tenth of it, and another tenth.
# 3. **The scale**: inputs or labels in the thousands make slopes in the thousands.
# 4. **The loss**: a slope that has a limit.
#
# `keras.callbacks.TerminateOnNaN()` ends such a training at once.
# **Predict first.** Which of the two cures below does more: a hundredth of the rate, or the same rate with Huber loss?

# %%
for rate, loss in ((0.001, "mse"), (0.1, huber)):
    model, losses = three_epochs(rate, loss)
    print(f"rate {rate:<6} {error_of(model):.2f} kW, loss:", np.round(losses, 2))

# %% [markdown]
# Both cure the `nan`. But the small rate has only made it possible to learn the meter's nonsense in peace; Huber has removed the cause.

# %% [markdown] skills=["S10", "S1"]
# ## Finding a rate: the range test
#
# Instead of ten trainings with ten rates, take one, and raise the rate while it runs:
# from far too small to far too large, by the same factor each time. Note the loss at each rate.
#
# The callback `LearningRateScheduler` sets the rate at the beginning of each epoch,
# by a function of the epoch's number. An epoch may be as short as we like; here it is five batches.

# %%
rates = np.geomspace(1e-5, 1.0, 60)
keras.utils.set_random_seed(14)
probe = build()
probe.compile(optimizer="adam", loss=huber)
batches = tf.data.Dataset.from_tensor_slices((x_past, readings)).shuffle(6_000, seed=14).repeat().batch(32)
rise = keras.callbacks.LearningRateScheduler(lambda epoch: float(rates[epoch]))
short_epochs = {"epochs": 60, "steps_per_epoch": 5, "shuffle": False, "verbose": 0}
tested = probe.fit(batches, callbacks=[rise], **short_epochs).history["loss"]

# %%
smooth = [np.mean(tested[max(0, i - 2) : i + 3]) for i in range(len(tested))]
lowest = rates[np.argmin(smooth)]
plt.figure(figsize=(8, 3))
plt.plot(rates, tested, ".", color="lightgrey", label="five batches at this rate")
plt.plot(rates, smooth, label="mean of five neighbours")
plt.axvline(lowest, color="grey", linestyle=":", label=f"lowest at {lowest:.3f}")
plt.axvline(lowest / 10, color="tab:green", linestyle="--", label=f"a tenth of it, {lowest / 10:.4f}")
plt.xscale("log")
plt.ylim(0, 3)
plt.xlabel("learning rate")
plt.ylabel("loss")
plt.legend()
plt.show()

# %% [markdown]
# From the left: below 0.0001 little moves; then the slope on which the network learns;
# a wide floor, on which steps are long enough to be noisy; and at the right it breaks apart.
#
# Where the loss is lowest you are already near the edge, so the usual rule takes **a tenth** of that rate.
# (A schedule, below, may begin nearer to the edge, since it does not stay there.)
# Single losses depend on the luck of five batches, hence the smoothing; it is the moving average of week 13, a centred one.
# It looks into the future of the test, and may: we are describing what has been.

# %% [markdown] skills=["S10"]
# ## Large first, small later
#
# No single rate is right from beginning to end.
# Far from the goal long steps save time; near it, only short ones find the bottom.
# So plan a **schedule**: a rate for each step of the training.
#
# - `CosineDecay` falls along half a wave of the cosine, slowly at first, slowly at last, down to 0.
# - With a **warm-up**, the rate first rises from 0 in a straight line:
#   at the first steps the weights are random, and long steps in a random direction do lasting harm.
#
# A schedule counts **steps**, and a step is one batch: epochs · batches in an epoch.

# %%
steps = 10 * int(np.ceil(len(x_past) / 32))
cosine = keras.optimizers.schedules.CosineDecay
plans = {
    "constant, 0.01": 0.01,
    "cosine from 0.01": cosine(0.01, decay_steps=steps),
    "warm-up to 0.01, then cosine": cosine(0.0, decay_steps=steps - 200, warmup_target=0.01, warmup_steps=200),
}
plt.figure(figsize=(8, 2.5))
for name, plan in plans.items():
    plt.plot([float(plan(step)) if callable(plan) else plan for step in range(steps)], label=name)
plt.xlabel("step")
plt.ylabel("learning rate")
plt.legend(loc="upper right", bbox_to_anchor=(1, 0.92))
plt.show()

# %% [markdown]
# **Predict first.** A constant rate of 0.001 got about 0.79 kW. Will a constant 0.01 be better or worse? And the two schedules?

# %%
print(f"{'constant, 0.001':30} {error_of(robust):.3f} kW")
for name, plan in plans.items():
    model, _ = train(huber, keras.optimizers.Adam(plan))
    print(f"{name:30} {error_of(model):.3f} kW")

# %% [markdown]
# Ten times the default rate, held to the end, is worse than the default. Let it fall, and it is better than both.
# Steps and weights are as many as before: all the gain comes from *when* the steps were long.
# The warm-up adds little here. It pays where the peak is high or the network deep.
#
# ### When you do not know how long
#
# A cosine has to know the last step. `ReduceLROnPlateau` waits instead:
# when the watched number has not improved for `patience` epochs, it cuts the rate by a factor.

# %%
plateau = keras.callbacks.ReduceLROnPlateau(monitor="loss", factor=0.2, patience=1, min_delta=0.005)
model, history = train(huber, keras.optimizers.Adam(0.01), callbacks=[plateau])
print("rates:", np.round(history["learning_rate"], 5))
print(f"{error_of(model):.3f} kW")

# %% [markdown]
# It kept 0.01 for as long as that paid, then cut to a fifth, and to a fifth again.
# The result is as good as the cosine's, and nobody had to say how long the training would be.
# What it asks for instead is a watched number that is not all noise, and enough epochs to wait in.
#
# | you want | use | it sets the rate |
# |---|---|---|
# | a plan for a known number of steps | a schedule, in the optimizer | at each step |
# | a rule of your own, or a range test | `LearningRateScheduler`, a callback | at each epoch |
# | to wait until learning stalls | `ReduceLROnPlateau`, a callback | when it has stalled |

# %% [markdown] skills=["S1", "S10"]
# ## Try it
#
# Write down what you expect, then change one thing at a time.
#
# - `share=0.1` in `add_meter_faults`: from what share on does the squared error lose to copying yesterday? When does Huber give in?
# - `delta=5`: which loss does Huber become? And with `delta=0.01`?
# - The peak of the cosine: 0.003, 0.03, 0.1. How much does a schedule forgive?

# %%
delta, peak = 0.5, 0.003
mine, _ = train(keras.losses.Huber(delta=delta), keras.optimizers.Adam(cosine(peak, decay_steps=steps)))
print(f"delta {delta}, peak {peak}: {error_of(mine):.3f} kW")

# %% [markdown] skills=["S10"]
# ## Common mistakes
#
# **Epochs for steps.** Ten epochs, so `decay_steps=10`? Look at the loss of the first five:

# %%
model, history = train(huber, keras.optimizers.Adam(cosine(0.01, decay_steps=10)), epochs=5)
print("loss:", np.round(history["loss"], 3), f"· {error_of(model):.2f} kW")

# %% [markdown]
# It falls once, and then moves no more: after ten *batches* the rate is 0, and it stays there.
# Keras has no way to know that you meant epochs.
# A loss that repeats in every digit is not stuck in a valley; something has switched the learning off.
#
# **Two hands on one lever.** A schedule and a callback, both setting the rate:

# %%
try:
    train(huber, keras.optimizers.Adam(cosine(0.01, decay_steps=steps)), callbacks=[rise])
except Exception as error:
    print(type(error).__name__, "…", str(error).splitlines()[-1][:300])

# %% [markdown]
# *Not settable* means: the optimizer asks its schedule at each step, so there is no number that a callback could replace.
# Choose one of the two.
#
# - **Squared error on faulty labels.** Plot the labels first; one histogram is enough to see the outliers.
# - **Delta without its unit.** Labels in watts instead of kilowatts, and `delta=0.5` turns Huber into the absolute error.
# - **A rate that is taken over from elsewhere.** It belongs to a loss, an optimizer, a batch size and a scale of the data. Test it again.
# - **A one-step model that is judged one step ahead,** and used for six. Judge it the way it will be used.

# %% [markdown]
# ## Summary
#
# - The loss decides what a wrong label does: squared goes to the mean, absolute to the median, Huber is the compromise with a limit, delta.
# - Direct: one output for each step. Recursive: one step, again and again, and errors pile up.
# - Too small a rate never arrives; too large a one jumps about or ends in `nan`. `nan` is never healed by more training.
# - A range test raises the rate during one short training. Take about a tenth of where the loss was lowest.
# - Long steps first, short steps last. Schedules count batches, not epochs.

# %% [markdown]
# ## Recall questions
#
# <details><summary>1. Labels are 3, 3, 4, 4 and 96. A network can only give a constant. What does it learn with squared, and what with absolute error?</summary>
# 22, the mean; and 4, the median.
# </details>
#
# <details><summary>2. Why does the squared error need a smaller rate than Huber on the same data?</summary>
# Its slope grows with the error, without limit, and a step is rate times slope. Huber's slope ends at delta.
# </details>
#
# <details><summary>3. You have 6,400 examples, batches of 64 and 20 epochs. What is decay_steps for a cosine that ends with the training?</summary>
# 100 batches an epoch, so 2,000.
# </details>
#
# <details><summary>4. The loss is nan from the first epoch on, whatever the rate. What do you suspect?</summary>
# The data: there is a gap, or an infinity, in the inputs or the labels.
# </details>
#
# <details><summary>5. A colleague's one-step model has an MAE of 0.5 kW. Why does that say little about its forecast of the evening, made at noon?</summary>
# At noon, the model has to read its own forecasts for most of the afternoon, and their errors pile up.
# </details>

# %% [markdown]
# ## Take it further
#
# The lowest temperature of each day in Melbourne, 1981 to 1990, is a real series with one strong season and a noise that remembers:
#
# ```python
# from tfcourse.datasets.public import load_daily_temperatures
# ```
#
# Forecast the next three days from the last thirty, with the last value and last year's same day as baselines.
# Expect the gain over the best copy to be much smaller than on our roof: most of what can be known is in yesterday's value.
# Then spoil 3 % of the training labels by a factor of ten, and compare the losses again.
#
# - Plot a range test for `"mse"` next to the one for Huber. Where does each break apart?
#
# Next week keeps the order of the hours: recurrent and convolutional layers, which read a window from left to right.
# Before that, the assignment has you write the Huber loss, a schedule and the reading of a range test yourself,
# and ends with roofs that your model has never seen. There the whole training is yours: loss, rate, epochs and when to stop.
