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
#     title: "Week 13, assignment: series and windows"
#     description: Cut windows by hand and with Keras, smooth a series in two ways, measure a baseline, and forecast a day of bicycle hires hour by hour.
#     prerequisites: ["the lesson of week 13"]
#     minutes: 90
# ---

# %% [markdown]
# Five tasks, 13 points.
# The first four need no training; together they are the tools that the fifth is built with.
# Each has a cell that shows what your function does on an example that fits in your head:
# run it and compare by eye before you run the test cell.

# %% tags=["setup"]
from tfcourse import grade, hint, practice, solution

import keras
import numpy as np

DAY, WEEK = 24, 7 * 24

# %% [markdown] skills=["S3", "S8"]
# ## Task 1 · Windows and what follows them (2 points)
#
# A network cannot learn from one long series; it learns from many short examples.
# Write `windows(series, window, horizon)`, which cuts a series into all of them:
#
# - `series` is an array of shape `(length,)`, `window` and `horizon` are whole numbers from 1;
# - it returns two arrays, `x` of shape `(count, window)` and `y` of shape `(count, horizon)`;
# - row `i` of `x` holds `window` values from index `i` on, and row `i` of `y` the `horizon` values right after them;
# - the last row of `y` ends with the last value of the series;
# - where the series is too short for a single row, `count` is 0:
#   the arrays then have the shapes `(0, window)` and `(0, horizon)`.


# %% nbgrader={"grade": false, "grade_id": "windows_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def windows(series, window, horizon):
    """Return every window of `series` with the values that follow it."""
    ### BEGIN SOLUTION
    count = max(0, len(series) - window - horizon + 1)
    starts = np.arange(count)[:, None]
    x = series[starts + np.arange(window)]
    y = series[starts + window + np.arange(horizon)]
    return x, y
    ### END SOLUTION


# %%
x, y = windows(np.arange(8), 4, 2)
for row, following in zip(x, y):
    print(row, "->", following)  # three lines, of which the last ends with 7

# %% nbgrader={"grade": true, "grade_id": "windows", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week13.windows", windows)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week13.windows", windows)
### END HIDDEN TESTS

# %%
# hint("week13.windows")

# %% [markdown] skills=["S8", "T2"]
# ## Task 2 · The same windows from Keras, in batches (2 points)
#
# Keras cuts windows too, and hands them out in batches, so that the windows of a long series need not be in memory all at once.
# Write `windowed_dataset(series, window, horizon, batch_size)` with `keras.utils.timeseries_dataset_from_array`:
#
# - it returns a `tf.data.Dataset` whose elements are pairs `(x, y)`
#   of shapes `(batch_size, window)` and `(batch_size, horizon)`;
# - it holds the windows of Task 1, all of them, in the same order; the last batch may be smaller;
# - every series in this task is long enough for at least one window.
#
# This task is also about finding your way around a documentation.
# Before you write anything, read what the function itself has to say:
# run `help(keras.utils.timeseries_dataset_from_array)` in a new cell, or open its page on keras.io,
# and look for what the docstring says about `targets`, `shuffle` and `batch_size`.


# %% nbgrader={"grade": false, "grade_id": "windowed_dataset_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def windowed_dataset(series, window, horizon, batch_size):
    """Return a data set of batches of windows and the values that follow each."""
    ### BEGIN SOLUTION
    labels = np.lib.stride_tricks.sliding_window_view(series[window:], horizon)
    return keras.utils.timeseries_dataset_from_array(
        series[:-horizon], targets=labels, sequence_length=window, batch_size=batch_size
    )
    ### END SOLUTION


# %%
for x, y in windowed_dataset(np.arange(8.0), 4, 2, batch_size=2):
    print(x.numpy().tolist(), "->", y.numpy().tolist())  # a batch of two windows, then one of one

# %% nbgrader={"grade": true, "grade_id": "windowed_dataset", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week13.windowed_dataset", windowed_dataset)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week13.windowed_dataset", windowed_dataset)
### END HIDDEN TESTS

# %%
# hint("week13.windowed_dataset")

# %% [markdown] skills=["S3", "S6"]
# ## Task 3 · Trailing and centred moving averages (2 points)
#
# Write `moving_average(series, width, centred)`:
#
# - it returns an array of floats as long as the series;
# - where `centred` is False, the value at index `t` is the mean of the `width` values that *end* with index `t`:
#   what somebody could have computed at that moment;
# - where `centred` is True, `width` is odd, and the value at `t` is the mean of the `width` values with `t` in their *middle*;
# - where there is no full window, the value is `NaN`; a series shorter than `width` gives nothing but `NaN`;
# - a gap (`NaN`) in the series makes each window that holds it `NaN`, and no other.


# %% nbgrader={"grade": false, "grade_id": "moving_average_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def moving_average(series, width, centred):
    """Return the mean over `width` values for each index, NaN where there is no full window."""
    ### BEGIN SOLUTION
    averages = np.full(len(series), np.nan)
    if width <= len(series):
        means = np.lib.stride_tricks.sliding_window_view(series, width).mean(axis=1)
        first = width // 2 if centred else width - 1
        averages[first : first + len(means)] = means
    return averages
    ### END SOLUTION


# %%
steps = np.array([0.0, 0.0, 0.0, 3.0, 3.0, 3.0])
print("trailing", moving_average(steps, 3, False))  # reaches 3 two steps late
print("centred ", moving_average(steps, 3, True))  # rises one step early: it has seen the future

# %% nbgrader={"grade": true, "grade_id": "moving_average", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week13.moving_average", moving_average)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week13.moving_average", moving_average)
### END HIDDEN TESTS

# %%
# hint("week13.moving_average")

# %% [markdown] skills=["S4", "S8"]
# ## Task 4 · Last season again, and its MAE (2 points)
#
# No forecaster deserves trust before it has beaten this one.
# Write `seasonal_baseline(history, future, period)`, which returns a pair `(forecast, mae)`:
#
# - `history` and `future` are arrays; `future` is what really followed, and is used for the error only;
# - `forecast` is as long as `future` and repeats the last `period` values of `history`, over and over where it has to;
# - `mae` is the mean absolute error of the forecast, in the unit of the series;
# - both arrays may have gaps (`NaN`): the error counts only the steps where forecast and truth both exist.
#   A gap in the last season stays a gap in the forecast.
#
# `history` holds at least `period` values.


# %% nbgrader={"grade": false, "grade_id": "seasonal_baseline_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def seasonal_baseline(history, future, period):
    """Return last season's values as a forecast of `future`, and their mean absolute error."""
    ### BEGIN SOLUTION
    forecast = np.resize(history[-period:], len(future))
    mae = np.nanmean(np.abs(future - forecast))
    return forecast, mae
    ### END SOLUTION


# %%
from tfcourse.datasets.real_series import load_co2, load_sunspots

years, sunspots = load_sunspots()
weeks, co2 = load_co2()
_, sunspots_mae = seasonal_baseline(sunspots[:-22], sunspots[-22:], 11)
_, co2_mae = seasonal_baseline(co2[:-104], co2[-104:], 52)
print(f"the last 22 years of sunspots: {sunspots_mae:.1f}")  # 38.5
print(f"the last two years of carbon dioxide: {co2_mae:.2f} ppm")  # 1.87

# %% nbgrader={"grade": true, "grade_id": "seasonal_baseline", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week13.seasonal_baseline", seasonal_baseline)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week13.seasonal_baseline", seasonal_baseline)
### END HIDDEN TESTS

# %%
# hint("week13.seasonal_baseline")

# %% [markdown] skills=["S1"]
# ## Task 5 · Tomorrow's hires, hour by hour (5 points)
#
# A city lends bicycles. At midnight, the vans that move them about need to know the coming day:
# how many hires will there be in this district, in each of the next 24 hours?
# All they have is the past week.
#
# Write `build_model(x_train)`, which returns a compiled Keras model:
#
# - inputs are windows of shape `(168,)`: the hires of each hour of the past seven days, midnight to midnight,
#   whole numbers from 0 to 400 as `float32`. A window may begin on any day of the week, and nobody says on which;
# - outputs are 24 numbers, the hires of each hour of the coming day;
# - `x_train`, of shape `(7000, 168)`, is handed to your function so that a layer may adapt to it;
#   there is no need to use it;
# - at most 300,000 parameters.
#
# Your model is trained for 40 epochs with batches of 64, on 7,000 windows from 1,000 districts.
# It is judged on 3,500 other districts, one window from each:
# no hour that has to be forecast is found in any other window.
# The judge is the mean absolute error, in hires an hour:
#
# {{ladder:week13.demand_forecaster}}
#
# What makes this harder than it looks: districts differ in size,
# fine weather doubles a Sunday and adds a quarter to a Monday, and more than 400 hires an hour cannot be served.
# None of that is a weighted sum of the hours before.

# %% [markdown]
# Have a look at such data first: the same kind of city, drawn with another seed.

# %%
from tfcourse.datasets.demand import make_demand

hires = make_demand(200, seed=13)  # 200 districts, two weeks each: seven midnights with a week before them
cuts = np.concatenate([hires[:, DAY * d : DAY * d + WEEK + DAY] for d in range(7)])
x_look, y_look = cuts[:, :WEEK], cuts[:, WEEK:]
for name, forecast in [("same hour yesterday", x_look[:, -DAY:]), ("same hour last week", x_look[:, :DAY])]:
    print(f"{name}: MAE {np.abs(y_look - forecast).mean():.1f}")


# %% nbgrader={"grade": false, "grade_id": "demand_forecaster_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def build_model(x_train):
    """Return a compiled model from the past 168 hours to the coming 24."""
    ### BEGIN SOLUTION
    normalize = keras.layers.Normalization(axis=None)
    normalize.adapt(x_train)
    model = keras.Sequential(
        [
            keras.Input(shape=(WEEK,)),
            normalize,
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(DAY),
        ]
    )
    model.compile(optimizer="adam", loss="mae")
    return model
    ### END SOLUTION


# %% [markdown]
# Look before you train: one forecast has the shape `(1, 24)`, and it cannot be any good yet.

# %%
model = build_model(x_look)
print(model(x_look[:1]).shape, f"{model.count_params():,} parameters")

# %% nbgrader={"grade": true, "grade_id": "demand_forecaster", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
practice("week13.demand_forecaster", build_model)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week13.demand_forecaster", build_model)
### END HIDDEN TESTS

# %%
# hint("week13.demand_forecaster")
