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
#     title: "Week 13: series and windows"
#     description: What a series is made of, which forecasts cost nothing, how a series becomes examples, and how an answer leaks from the future.
#     prerequisites: ["week 1", "week 3: splitting before shuffling", "NumPy arrays and slicing"]
#     minutes: 75
#     objectives:
#       - text: measure the baselines that a forecaster has to beat, and judge by the mean absolute error
#         skills: [S1, S4]
#       - text: take a series apart into trend, season and noise
#         skills: [S3]
#       - text: choose between trailing and centred windows, and see where a centred one cheats
#         skills: [S6]
#       - text: turn a series into windows and labels, with NumPy and with Keras
#         skills: [S3, S8]
#       - text: find out what a function of the API does, from its own documentation
#         skills: [T2]
#       - text: train a dense network that forecasts a day, hour by hour
#         skills: [S1]
# ---

# %% [markdown] skills=["S1", "S4"]
# ## Before any network: five forecasts that cost nothing
#
# A city lends bicycles, and counts in each of its districts how many are hired each hour.
# At midnight somebody has to decide where the vans take bicycles for the morning.
# So the question of every night is: **how many hires in each of the coming 24 hours?**
#
# The counts are generated, two years of one district. Two real series join them further down.

# %%
import tfcourse  # first: it fixes the number of threads, so that your numbers are the ones in the text

import keras
import matplotlib.pyplot as plt
import numpy as np

from tfcourse.datasets.demand import DAY, WEEK, make_demand
from tfcourse.datasets.real_series import load_co2, load_sunspots

hires = make_demand(1, seed=13, days=728)[0]
print(hires.shape, hires[:12])

# %%
figure, (years, weeks) = plt.subplots(2, 1, figsize=(10, 5), layout="constrained")
years.plot(hires.reshape(-1, DAY).sum(axis=1), linewidth=0.8)
years.set(xlabel="day", ylabel="hires a day", title="two years")
weeks.plot(hires[: 2 * WEEK])
weeks.set(xlabel="hour", ylabel="hires an hour", title="the first two weeks", xticks=range(0, 337, DAY))
plt.show()

# %% [markdown]
# Above, two waves of a year, the second one higher: the scheme grows.
# Below, days with two peaks, the way to work and back, and days with a single broad one:
# the weekends, and on the Thursday of the first week a public holiday.
# A series like this has a **trend**, **seasons** (here three: day, week, year) and **noise**, which is what those leave unexplained.
#
# A forecast is judged on what comes later, so we cut in time:
# the first 540 days are the *past*, to learn from; the rest is the *future*, to be judged on.
# A random split would put Tuesday into the past and Monday into the future.
#
# At each midnight of the future, what is known is the week before it.
# The next cell collects these weeks, and the day that followed each; how such a cut goes wrong is what most of this lesson is about.

# %%
past, future = hires[: 540 * DAY], hires[540 * DAY :]
midnights = np.arange(WEEK, len(future) - DAY + 1, DAY)
x_future = np.stack([future[t - WEEK : t] for t in midnights])
y_future = np.stack([future[t : t + DAY] for t in midnights])
print(x_future.shape, y_future.shape)

# %% [markdown]
# **Predict first.** Five forecasts need no training at all:
# the mean of the past; the last value, for every hour to come; the mean of the last week;
# the same hour yesterday; the same hour a week ago.
# Put them in order, from the worst to the best. Which mistake does "yesterday" make that "a week ago" does not?

# %%
forecasts = {
    "mean of the past": past.mean(),
    "last value": x_future[:, -1:],
    "mean of the last week": x_future.mean(axis=1, keepdims=True),
    "same hour yesterday": x_future[:, -DAY:],
    "same hour a week ago": x_future[:, :DAY],
}
for name, forecast in forecasts.items():
    print(f"{name:22} MAE {np.abs(y_future - forecast).mean():6.1f}")

# %% [markdown]
# The judge is the **mean absolute error**: the average of |truth − forecast| over all hours.
# It speaks the unit of the series: *on average we are 42 hires off*, where an hour of these days has 165.
# It does not let a few bad hours rule, as a squared error would: being off by 80 is twice as bad as 40, not four times.
# And on its own it means nothing: 42 is what copying last week gets.
# A network that is trained for an hour and reaches 44 has learned less than `x[:, :24]` knows.
#
# "Yesterday" loses two days a week: on Saturday it forecasts a Friday, and on Monday a Sunday.
# A week ago is always the right kind of day, but its weather is a week old.

# %% [markdown] skills=["S3"]
# ## What a series is made of
#
# A real series shows the parts more clearly: carbon dioxide over Mauna Loa, one measurement a week from 1958 to 2001, in parts per million (ppm).

# %%
dates, co2 = load_co2()
print(len(co2), "weeks,", np.isnan(co2).sum(), "of them without a measurement; the first ones:", co2[:8])

# %% [markdown]
# `NaN` is contagious: one gap makes a sum, a mean or a loss `NaN`.
# To look at the past, we may fill a gap from both its sides. For a forecast we may not. (Why?)

# %%
week = np.arange(len(co2))
there = ~np.isnan(co2)
filled = np.interp(week, week[there], co2[there])

# %% [markdown]
# Now take it apart.
# The **trend** is what is left when a whole season is averaged away: the mean of the 53 weeks around each week.
# The **season** is what is left of the rest when we average all first weeks of the year, all second weeks, and so on.
# The **noise** is what then remains.

# %%
trend = np.lib.stride_tricks.sliding_window_view(filled, 53).mean(axis=1)
middle = slice(26, -26)  # the weeks that have 26 others on both sides
week_of_year = ((dates - dates.astype("datetime64[Y]")).astype(int) // 7)[middle]
without_trend = filled[middle] - trend
season = np.array([without_trend[week_of_year == w].mean() for w in range(53)])
noise = without_trend - season[week_of_year]

# %%
figure, panels = plt.subplots(4, 1, figsize=(10, 7), sharex=True, layout="constrained")
panels[0].plot(dates, co2, linewidth=0.8)
panels[1].plot(dates[middle], trend)
panels[2].plot(dates[middle], season[week_of_year], linewidth=0.8)
panels[3].plot(dates[middle], noise, linewidth=0.8)
for panel, name in zip(panels, ["measured", "trend", "season", "noise"]):
    panel.set_ylabel(f"{name}\n(ppm)")
plt.show()

# %% [markdown]
# The four pictures have four scales: the trend climbs by 55 ppm, the season swings by 6
# (highest in May, lowest at the end of September, when the northern summer has grown its leaves), and the noise is a few tenths.
#
# Can a forecaster use the noise? Ask whether it remembers: compare it with itself, a week later.

# %%
for lag in (1, 4, 8):
    print(f"noise, {lag} week(s) apart: correlation {np.corrcoef(noise[:-lag], noise[lag:])[0, 1]:.2f}")

# %% [markdown]
# A week with too much carbon dioxide is often followed by another; after two months nothing of that is left.
# In such **autocorrelated** noise, a model that sees the last values can beat one that knows only trend and season.
#
# Not everything that goes up and down is a season. Sunspots come and go in about eleven years, but no calendar holds them to it.

# %%
year, sunspots = load_sunspots()
plt.figure(figsize=(10, 2.2))
plt.plot(year, sunspots, linewidth=1)
plt.xlabel("year")
plt.ylabel("sunspots")
plt.show()

later = np.arange(200, 308)  # forecast each of the years 1900 to 2007
for years_ago in (1, 10, 11):
    print(f"{years_ago:2} years ago: MAE {np.abs(sunspots[later] - sunspots[later - years_ago]).mean():.1f}")

# %% [markdown]
# Copying the value of eleven years ago is no better than copying last year's: the cycle has drifted by then.

# %% [markdown] skills=["S6"]
# ## Trailing or centred?
#
# An average over seven days can be written down in two places: where its window **ends** (*trailing*),
# or in the **middle** of it (*centred*). The numbers are the same. What they mean is not.

# %%
daily = hires.reshape(-1, DAY).sum(axis=1)
means = np.lib.stride_tricks.sliding_window_view(daily, 7).mean(axis=1)  # means[i]: of days i to i + 6
day = np.arange(len(daily))

plt.figure(figsize=(10, 3))
plt.plot(day, daily, color="lightgrey", label="hires a day")
plt.plot(day[6:], means, label="trailing: written at the window's end")
plt.plot(day[3:-3], means, label="centred: written in its middle")
plt.xlim(180, 260)
plt.ylim(1500, 7500)
plt.xlabel("day")
plt.legend()
plt.show()

# %% [markdown]
# The centred average lies where the bumps are; the trailing one arrives three days late.
# For looking back, centred is better: no delay, and that is how we found the trend of the carbon dioxide.
# But to know the centred average of *today*, you need the next three days.
#
# | you want to | use | because |
# |---|---|---|
# | see or describe what has been | centred | nothing is shifted |
# | forecast, raise an alarm, feed a model | trailing | at that moment, nothing else exists |
#
# **Predict first.** Back to the sunspots. Forecast each year from an average of three, written at the year before:
# trailing or centred. Copying last year got 21.9. Which of the two averages beats it?

# %%
threes = np.lib.stride_tricks.sliding_window_view(sunspots, 3).mean(axis=1)  # threes[i]: of years i to i + 2
trailing, centred = threes[later - 3], threes[later - 2]
print(f"trailing average as forecast: MAE {np.abs(sunspots[later] - trailing).mean():.1f}")
print(f"centred average as forecast:  MAE {np.abs(sunspots[later] - centred).mean():.1f}")

# %% [markdown]
# The centred one wins, beats last year's value, and is worthless.
# Written at the year before, its window reaches one year further: into the very year that is to be forecast.
# A third of the forecast *is* the answer. Nobody could have computed it at the time.
#
# This is a **leak from the future**, and the most common one enters just like this:
# somebody smooths the whole series first, and makes a data set of it afterwards. Filling gaps from both sides leaks the same way.
# The test: *at the moment of the forecast, did each number that I use exist?*

# %% [markdown] skills=["S3", "S8"]
# ## Windows and labels
#
# A network learns from examples, and so far we have a single long row.
# So we cut: a **window** of the past is the input, and the values right after it are the label.
# Then we move on by a step and cut again.

# %%
toy = np.arange(10)
for start in range(len(toy) - 4 - 2 + 1):
    print(toy[start : start + 4], "->", toy[start + 4 : start + 6])

plt.figure(figsize=(8, 2.2))
for row in range(5):
    windows = plt.barh([row] * 4, 1, left=row + np.arange(4), color="tab:blue", edgecolor="white")
    labels = plt.barh([row] * 2, 1, left=row + 4 + np.arange(2), color="tab:orange", edgecolor="white")
plt.legend([windows, labels], ["window", "label"])
plt.gca().invert_yaxis()
plt.xticks(np.arange(10) + 0.5, toy)
plt.xlabel("value of the series")
plt.ylabel("example")
plt.show()

# %% [markdown]
# The blue and the orange touch, and never overlap. The last label ends where the series ends.
#
# **How many?** With a series of length *n*, windows of *w* and labels of *h*, the last start is *n − w − h*,
# and start 0 counts too: *n − w − h + 1* examples. Here 10 − 4 − 2 + 1 = 5.
# Whoever forgets the "+ 1" loses the most recent example, which is usually the one that matters most.
#
# Value 5 is a label in the first row, and an input in the third: neighbouring examples share most of their values.
# That is no harm as long as all of them are used for training.
# But deal them out at random, some for training and some for testing, and training has seen most of the test's labels.
# Hence the rule: **split in time first, cut windows afterwards**, each part on its own.
#
# For our vans, one example begins at each midnight, so the step is a day.

# %%
midnights = np.arange(WEEK, len(past) - DAY + 1, DAY)
x_past = np.stack([past[t - WEEK : t] for t in midnights])
y_past = np.stack([past[t : t + DAY] for t in midnights])
print(x_past.shape, y_past.shape)

# %% [markdown] skills=["T2", "S8"]
# ## The same from Keras, and how to find out
#
# You suspect that Keras can do this. How do you find the function, and what it expects?
#
# 1. **Search the reference, not the whole web**: on keras.io or tensorflow.org,
#    "data loading timeseries" leads to `keras.utils.timeseries_dataset_from_array`.
#    (Old tutorials use `TimeseriesGenerator`; Keras 3 no longer has it.)
# 2. **Ask the function itself.** `help(f)`, or `f?` in a notebook, shows the text of the version that *you* run.
# 3. **Read in this order**: the signature with its defaults, the argument that you are unsure about, the examples.

# %%
import inspect

from sklearn.linear_model import LinearRegression

cut = keras.utils.timeseries_dataset_from_array
text = inspect.getdoc(cut)
print(inspect.signature(cut), end="\n\n")
print(text[text.index("targets:") : text.index("sequence_length:")])

# %% [markdown]
# From the signature: batches of 128 and no shuffling, unless you ask. From the text: one sentence about `targets` that is easily missed.
# Let us miss it. One hour ahead this time; the series goes in, and what could be the targets but the series?


# %%
def as_arrays(dataset):
    """Collect all batches of a data set into two arrays."""
    x, y = zip(*dataset)
    return np.concatenate(x), np.concatenate(y)


def error_one_hour_ahead(targets_of):
    """Fit a linear model on windows of the past; return its MAE on those of the future."""
    train, test = (as_arrays(cut(part, targets_of(part), sequence_length=WEEK)) for part in (past, future))
    return np.abs(test[1] - LinearRegression().fit(*train).predict(test[0])).mean()


print(f"MAE {error_one_hour_ahead(lambda part: part):.3f}")

# %% [markdown]
# An error of zero, on hires that are drawn at random. No model can do that; so it is not a triumph, it is a symptom.
# **A result that is too good deserves the same suspicion as one that is too bad.** Look at a pair:

# %%
x, y = next(iter(cut(toy, toy, sequence_length=4)))
for row, label in zip(x.numpy(), y.numpy()):
    print(row, "->", label)

# %% [markdown]
# There is the sentence: `targets[i]` belongs to the window that **starts** at `i`.
# The label was the window's own first value, and the linear model found that out.
# What follows a window of 168 that starts at `i` is the value at `i + 168`, so the targets begin there:

# %%
print(f"MAE {error_one_hour_ahead(lambda part: part[WEEK:]):.1f}")
print(f"last value: {np.abs(np.diff(future[WEEK - 1 :])).mean():.1f}")

# %% [markdown]
# That is a number one can believe, and it still beats the copy.
# Before you train on windows, cut `np.arange(10)` with the same code, and read the pairs.

# %% [markdown] skills=["S1", "S3"]
# ## A network that forecasts a day
#
# Now the question of every midnight. 168 hours go in, 24 numbers come out: one unit for each hour of the coming day.
# The loss is the MAE, since that is what we judge by.
# The inputs are counts up to 400, and the layers start out expecting numbers around 1,
# so a `Normalization` layer comes first. It learns the mean and the standard deviation from the *past* only: a mean over everything would be another leak.


# %%
def build(window=WEEK):
    normalize = keras.layers.Normalization(axis=None)
    normalize.adapt(x_past)
    hidden = [keras.layers.Dense(128, activation="relu") for _ in range(2)]
    model = keras.Sequential([keras.Input(shape=(window,)), normalize, *hidden, keras.layers.Dense(DAY)])
    model.compile(optimizer="adam", loss="mae")
    return model


keras.utils.set_random_seed(13)
model = build()
history = model.fit(x_past, y_past, epochs=40, validation_data=(x_future, y_future), verbose=0)

# %%
plt.figure(figsize=(8, 3))
plt.plot(history.history["loss"], label="past")
plt.plot(history.history["val_loss"], label="future (only watched, nothing is chosen by it)")
plt.axhline(41.9, color="grey", linestyle="--", label="same hour a week ago")
plt.ylim(0, 120)
plt.xlabel("epoch")
plt.ylabel("MAE, hires an hour")
plt.legend()
plt.show()

# %%
forecast = model.predict(x_future, verbose=0)
last_week = x_future[:, :DAY]
print(f"network {np.abs(y_future - forecast).mean():.1f}")
print(f"same hour a week ago {np.abs(y_future - last_week).mean():.1f}")

# %% [markdown]
# More than a quarter better than the best copy, after seconds of training on 533 examples.
# See what it does in nine days, from a Saturday to the Sunday of the next weekend:

# %%
days = slice(60, 69)
plt.figure(figsize=(11, 3.2))
plt.plot(y_future[days].ravel(), color="black", linewidth=1.2, label="truth")
plt.plot(last_week[days].ravel(), color="tab:grey", linestyle=":", label="same hour a week ago")
plt.plot(forecast[days].ravel(), color="tab:orange", label="network, each day forecast at midnight")
plt.xticks(range(0, 9 * DAY + 1, DAY))
plt.xlabel("hour")
plt.ylabel("hires an hour")
plt.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3)
plt.show()

# %% [markdown]
# **Predict first.** Where does the network gain more over the copy, on working days or on weekends?

# %%
weekday = (540 + 7 + np.arange(len(y_future))) % 7  # 0: Monday; the first forecast is of day 547
for name, chosen in [("working days", weekday < 5), ("weekends", weekday >= 5)]:
    ours, copy = (np.abs(y_future - f)[chosen].mean() for f in (forecast, last_week))
    print(f"{name}: network {ours:.1f}, same hour a week ago {copy:.1f}")

# %% [markdown]
# About 12 hires an hour on both, which is a third of the copy's error on a working day and a fifth on a weekend.
# A weekend depends on its weather, and no window of hires knows tomorrow's.
# That part of the error is out of reach for any model that sees nothing else.
# A second series, the weather report, is what would lower this floor; week 16 has one.

# %% [markdown] skills=["S1", "S3"]
# ## Try it
#
# The window is a choice, too. **Predict first**: the same network, but it sees only the last 24 hours.
# Better than the copy (41.9), or worse?
# Then try 48, 72, 96 and 120. Between two of them the error falls steeply: which two, and why there?


# %%
def error_with_window(hours):
    keras.utils.set_random_seed(13)
    model = build(hours)
    model.fit(x_past[:, -hours:], y_past, epochs=40, verbose=0)
    return np.abs(y_future - model.predict(x_future[:, -hours:], verbose=0)).mean()


print(f"24 hours: MAE {error_with_window(24):.1f}")

# %% [markdown]
# <details><summary>What happens, and why</summary>
#
# With one day, 44.2: worse than copying. After a day with two peaks may come another, or a Saturday;
# the network cannot tell, and settles for something in between.
#
# With 48, 72 and 96 hours it gets 39.1, 39.5 and 38.3; with 120 hours 31.8; with the whole week 30.1.
# The jump comes with the fifth day. Four working days in a row may end on a Thursday or on a Friday;
# five can only end on a Friday, and tomorrow is a Saturday.
# A window has to tell apart the situations that go on differently.
# </details>

# %% [markdown] skills=["S3", "S8"]
# ## Common mistakes
#
# **An axis too many.** Recurrent and convolutional layers want windows of shape `(168, 1)`. Dense layers take them as well, and then:

# %%
three_axes = keras.Sequential([keras.Input(shape=(WEEK, 1)), keras.layers.Dense(64), keras.layers.Dense(DAY)])
three_axes.compile(optimizer="adam", loss="mae")
print("gives", three_axes.output_shape, "where", model.output_shape, "is asked for")
try:
    three_axes.fit(x_past[..., None], y_past, verbose=0)
except Exception as error:
    print(type(error).__name__, "…", *[line for line in str(error).splitlines() if "shapes" in line])

# %% [markdown]
# The message comes from the loss, many frames below your `fit`, and does not say which layer is to blame. Read the shapes:
# `[32,24]` are 32 labels of 24 hours; `[32,168,24]` is what the model gave, 24 numbers *for each of 168 hours*.
# A Dense layer works on the last axis only, and leaves the others as they are.
# The cure is a `Flatten` before the first Dense layer, or no extra axis at all; `model.output_shape` would have told.
#
# - **A random split** of overlapping windows. Split in time, then cut.
# - **Smoothing, scaling or filling gaps over the whole series** before the split: the past then knows the future's mean.
# - **Labels one step off.** Too early, and the error is suspiciously small; too late, and a value is skipped that you do know.
# - **No baseline.** A loss curve that falls beautifully to 44 is still worse than copying last week.
# - **Shapes that broadcast.** `(n,)` minus `(n, 1)` is `(n, n)`, as in week 1, and NumPy says nothing.

# %% [markdown]
# ## Summary
#
# - A series has trend, seasons and noise; noise that remembers can be forecast a little.
# - Measure the copies first: last value, last season. MAE, in the unit of the series, is the judge; it needs a baseline beside it.
# - Centred windows describe what has been; trailing windows forecast. At the moment of the forecast, each number used must exist.
# - Windows and labels: *n − w − h + 1* of them; split in time first.
# - In `timeseries_dataset_from_array`, `targets[i]` belongs to the window that starts at `i`. `help()` said so.

# %% [markdown]
# ## Recall questions
#
# <details><summary>1. Your network's MAE is 0.15. Is that good?</summary>
# Nobody can say before knowing the unit, the spread of the series, and the MAE of copying the last value and the last season.
# </details>
#
# <details><summary>2. A series has 1,000 values; windows hold 30, labels 5. How many examples are there, and at which index does the last window begin?</summary>
# 1,000 − 30 − 5 + 1 = 966; the last begins at 965, and its label ends with value 999.
# </details>
#
# <details><summary>3. A hospital plots admissions with a centred average over seven days, and uses the same column as an input to forecast tomorrow. What is wrong?</summary>
# Today's centred average holds the three coming days, tomorrow among them. In the test it looks excellent; on a real evening the number does not exist yet.
# </details>
#
# <details><summary>4. Holidays aside, why does "same hour yesterday" fail on Saturdays and Mondays only?</summary>
# Only then is yesterday another kind of day: Friday is a working day, Sunday is not.
# </details>
#
# <details><summary>5. You pass targets=series[WEEK - 1:] by mistake. What is the label, and what will the error look like?</summary>
# The last value of the window itself. The model learns to copy it, and the error goes to zero.
# </details>
#
# <details><summary>6. Where do you look first for a default of a Keras function: a search engine, a forum, or help()?</summary>
# help(): it belongs to the version that is installed.
# </details>

# %% [markdown]
# ## Take it further
#
# - Shuffle the windows before you split them, train, and compare what the shuffled test promises with what the future keeps.
# - Forecast the carbon dioxide one year ahead. Copying last year is nearly always too low. By how much, and which one-line repair makes it a strong baseline?
# - Forecast from windows that begin at any hour rather than at midnight. What becomes harder?
# - Sunspots month by month, from 1749 to 1983:
#
# ```python
# from tfcourse.datasets.public import load_sunspots
#
# months, sunspots = load_sunspots()
# ```
#
# Measure last value and "eleven years ago" before anything else, for one month ahead and for five years.
# Expect the first to be hard to beat a month ahead, and neither to be worth much in five years.
#
# Then open the assignment. Next week, some of the labels are wrong, and the learning rate stops being a constant.
