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
#     title: "Week 16, assignment: a closing project"
#     description: From nine columns to a forecast that somebody can use; windows of several series, honest scaling, skill by the hour, a model, and a folder that answers for itself.
#     prerequisites: ["the lesson of week 16"]
#     minutes: 120
# ---

# %% [markdown]
# Five tasks, 14 points, and one project: tomorrow's bicycle hires, from everything that is known at midnight.
# The first three are its tools and train nothing.
# The fourth is what you would hand over: a folder that turns a file into a forecast.
# The fifth is the model.

# %% tags=["setup"]
from tfcourse import grade, hint, practice, solution

import csv
import json

import keras
import numpy as np

DAY, WINDOW = 24, 72

# %% [markdown] skills=["S2", "S3", "S8"]
# ## Task 1 · Windows of several series (2 points)
#
# Of some columns we know what has been; of others we also know what is coming.
# Write `multivariate_windows(rows, window, horizon, past, known)`:
#
# - `rows` has shape `(hours, columns)`; column 0 is the one to be forecast;
#   `past` and `known` are lists of column numbers;
# - it returns `x` of shape `(count, window, len(past) + len(known))` and `y` of shape `(count, horizon)`;
# - the first example's window begins at hour 0, and each next one begins `horizon` hours later;
#   there are as many as fit;
# - `y` holds column 0 of the `horizon` hours right after the window;
# - in `x`, the row of hour `t` holds the columns `past` of hour `t`, in the order of the list,
#   and then the columns `known` of hour `t + horizon`: what is known about that hour, one horizon ahead of it;
# - where the rows are too few for a single example, `count` is 0, and the shapes are as above.


# %% nbgrader={"grade": false, "grade_id": "multivariate_windows_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def multivariate_windows(rows, window, horizon, past, known):
    """Return windows of the past beside what is known ahead, and the values of column 0 that follow."""
    ### BEGIN SOLUTION
    starts = np.arange(0, len(rows) - window - horizon + 1, horizon)[:, None]
    hours = starts + np.arange(window)
    x = np.concatenate([rows[hours][..., past], rows[hours + horizon][..., known]], axis=-1)
    y = rows[starts + window + np.arange(horizon), 0]
    return x, y
    ### END SOLUTION


# %% [markdown]
# Six hours of two columns, hires and the rain forecast; windows of 3, two hours ahead.
# The last row of a window should show the rain of the last hour that is to be forecast.

# %%
hours = np.stack([np.arange(6), 100 + np.arange(6)], axis=1)
x, y = multivariate_windows(hours, 3, 2, past=[0], known=[1])
print(x.tolist(), "->", y.tolist())  # [[[0, 102], [1, 103], [2, 104]]] -> [[3, 4]]

# %% nbgrader={"grade": true, "grade_id": "multivariate_windows", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week16.multivariate_windows", multivariate_windows)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week16.multivariate_windows", multivariate_windows)
### END HIDDEN TESTS

# %%
# hint("week16.multivariate_windows")

# %% [markdown] skills=["S2", "S3"]
# ## Task 2 · Scaled by the past alone (2 points)
#
# Hires count in hundreds, rain in tenths of a millimetre. Write `scale_with(train, other)`:
#
# - both are arrays whose **last** axis counts columns, the same in both;
#   each may be a table `(hours, columns)` or windows `(count, hours, columns)`, whatever the other one is;
# - it returns both, each as (value − mean) / standard deviation,
#   with **one** mean and one standard deviation a column, over all hours (and windows) that `train` has,
#   as `np.mean` and `np.std` compute them;
# - gaps (`NaN`) are left out of both figures, and stay gaps;
# - a column that never changes in `train` is only centred: subtract its mean, divide by nothing;
# - neither argument is changed.


# %% nbgrader={"grade": false, "grade_id": "scale_with_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def scale_with(train, other):
    """Return both arrays, scaled by the mean and the standard deviation of each column of `train`."""
    ### BEGIN SOLUTION
    axes = tuple(range(train.ndim - 1))
    mean = np.nanmean(train, axis=axes)
    spread = np.nanstd(train, axis=axes)
    spread = np.where(spread == 0, 1, spread)
    return (train - mean) / spread, (other - mean) / spread
    ### END SOLUTION


# %%
tiny_train = np.array([[[0.0, 5.0], [10.0, 5.0]], [[np.nan, 5.0], [20.0, 5.0]]])
tiny_other = np.array([[10.0, 7.0]])
for scaled in scale_with(tiny_train, tiny_other):
    print(scaled.round(2).tolist())  # the other hour is average in the first column, 2 above it in the second

# %% nbgrader={"grade": true, "grade_id": "scale_with", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week16.scale_with", scale_with)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week16.scale_with", scale_with)
### END HIDDEN TESTS

# %%
# hint("week16.scale_with")

# %% [markdown] skills=["S1", "S7"]
# ## Task 3 · Skill, hour by hour (2 points)
#
# One number hides where a forecast is good. The **skill** of an hour is 1 − MAE of the forecast / MAE of the baseline:
# 1 is perfect, 0 no better than the baseline, and below 0 it is worse.
# Write `skill_by_hour(y, forecast, baseline)`:
#
# - all three have shape `(days, hours)`; it returns one skill for each hour, of shape `(hours,)`;
# - each may have gaps (`NaN`), a copy of last week wherever last week has them.
#   **Both errors count the same cells**: those where truth, forecast and baseline all exist.
#   There is at least one such cell in every hour;
# - where the baseline is never wrong, nothing can be gained on it: the skill is `NaN`.


# %% nbgrader={"grade": false, "grade_id": "skill_by_hour_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def skill_by_hour(y, forecast, baseline):
    """Return 1 - MAE of the forecast / MAE of the baseline, for each hour ahead."""
    ### BEGIN SOLUTION
    there = ~np.isnan(y + forecast + baseline)

    def mae(prediction):
        return np.nanmean(np.where(there, np.abs(y - prediction), np.nan), axis=0)

    theirs = mae(baseline)
    return 1 - mae(forecast) / np.where(theirs == 0, np.nan, theirs)
    ### END SOLUTION


# %%
truth = np.array([[10.0, 10.0], [20.0, 20.0]])
copy = np.array([[14.0, 12.0], [24.0, np.nan]])
print(skill_by_hour(truth, truth + 2, copy))  # [0.5, 0.0]: half the error, and none gained

# %% nbgrader={"grade": true, "grade_id": "skill_by_hour", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week16.skill_by_hour", skill_by_hour)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week16.skill_by_hour", skill_by_hour)
### END HIDDEN TESTS

# %%
# hint("week16.skill_by_hour")

# %% [markdown] skills=["S3", "S7", "T6"]
# ## Task 4 · A folder that forecasts (3 points)
#
# A model that lives in a notebook helps nobody at midnight.
# Write `forecast_from(folder)`, which gets the `pathlib.Path` of a folder with three files
# and returns a pair: the 24 hires of the coming day as an array of shape `(24,)`, and the size of the model's file in bytes.
#
# - `history.csv`: a header and one line an hour, the oldest first.
#   **The last 24 lines are the coming day**, so their measured cells are empty.
#   Columns come in any order, and there may be others. An empty cell is a gap.
# - `scaling.json`: `{"past": […], "known": […], "mean": {…}, "spread": {…}}`.
#   The first two list names of columns, in the model's order; the others have a number for each column.
# - `model.keras`: takes windows of shape `(1, window, len(past) + len(known))`, cut and ordered as in Task 1 with a horizon of 24,
#   scaled as (value − mean) / spread. It answers in scaled hires. How long its window is, the model says itself.
#
# In the hours that have been, fill a gap with the column's value of 24 hours before, which may have been filled itself;
# a gap in the file's first 24 lines with the column's mean.
# Turn the model's answer back into hires. There are never fewer than 0.


# %% nbgrader={"grade": false, "grade_id": "forecast_from_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def forecast_from(folder):
    """Return the coming day's hires, and the size of the model's file in bytes."""
    ### BEGIN SOLUTION
    scaling = json.loads((folder / "scaling.json").read_text())
    mean, spread = scaling["mean"], scaling["spread"]
    with (folder / "history.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    midnight = len(lines) - DAY

    def scaled(name):
        values = np.array([float(line[name]) if line[name] else np.nan for line in lines])
        for hour in range(midnight):
            if np.isnan(values[hour]):
                values[hour] = values[hour - DAY] if hour >= DAY else mean[name]
        return (values - mean[name]) / spread[name]

    path = folder / "model.keras"
    model = keras.models.load_model(path, compile=False)
    hours = np.arange(midnight - model.input_shape[1], midnight)
    columns = [scaled(name)[hours] for name in scaling["past"]]
    columns += [scaled(name)[hours + DAY] for name in scaling["known"]]
    answer = model.predict(np.stack(columns, axis=-1)[None], verbose=0)[0]
    return np.maximum(answer * spread["hires"] + mean["hires"], 0), path.stat().st_size
    ### END SOLUTION


# %% [markdown]
# A folder to try it on, with a "model" that you can check in your head:
# for each hour it answers what its window says of the hires of the day before.
# So the forecast should be yesterday's hires, 100 to 123.

# %%
import tempfile
from pathlib import Path

example = Path(tempfile.mkdtemp())
copies = keras.Sequential([keras.Input(shape=(DAY, 2)), keras.layers.Flatten(), keras.layers.Dense(DAY)])
copies.set_weights([np.eye(2 * DAY)[:, ::2], np.zeros(DAY)])
copies.save(example / "model.keras")
figures = {"mean": {"hires": 50, "rain_forecast": 0}, "spread": {"hires": 10, "rain_forecast": 1}}
(example / "scaling.json").write_text(json.dumps({"past": ["hires"], "known": ["rain_forecast"], **figures}))
lines = [f"0.5,{100 + hour}" for hour in range(DAY)] + ["0.5,"] * DAY
(example / "history.csv").write_text("rain_forecast,hires\n" + "\n".join(lines) + "\n");


# %%
forecast, size = forecast_from(example)
print(np.round(forecast), f"from a file of {size:,} bytes")

# %% nbgrader={"grade": true, "grade_id": "forecast_from", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
practice("week16.forecast_from", forecast_from)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week16.forecast_from", forecast_from)
### END HIDDEN TESTS

# %%
# hint("week16.forecast_from")

# %% [markdown] skills=["S1", "S2", "S7"]
# ## Task 5 · Tomorrow's hires, from all that is known (5 points)
#
# A thousand towns lend bicycles. At midnight each asks for the coming day: 24 numbers, the hires of each hour.
#
# Write `train_model(x_train, y_train)`. It builds a Keras model, **trains** it, and returns it:
#
# - `x_train` holds windows, shape `(7000, 72, 11)`, float32, cut as in Task 1 at the midnights of 1,000 towns, and **not scaled**.
#   The row of hour `t`, midnight to midnight over three days, holds
#   - of hour `t` itself: hires, temperature (°C), rain (mm), wind (m/s), free day (0 or 1), event (0 or 1);
#   - of hour `t + 24`: free day, event, and the **report** of temperature, rain and wind.
#     So the last 24 rows hold what is known of the day to forecast;
# - `y_train`, shape `(7000, 24)`, holds the hires of each hour of the coming day;
# - the model takes such windows as they are, and gives 24 numbers for each: hires, not scaled either;
# - at most 300,000 parameters.
#
# This is your project: layers, loss, optimizer, epochs, what you hold back to choose by, when to stop.
# Use nothing but the windows that you get: the course's generators are closed while your function runs.
# The windows stand town by town, seven of each, so that `validation_split`, which takes the last ones,
# holds back whole towns: a fair judge, since you will be judged on other towns, too.
#
# Your model is judged on 2,500 towns that it has never seen, one window from each.
# The judge is the mean absolute error over all hours, in hires an hour:
#
# {{ladder:week16.city_forecaster}}
#
# What a network can learn here and a weighted sum cannot: rain costs a busy town more than a quiet one,
# and a free afternoon more than a working one; a holiday has no way to work.
# And nothing of it can be read from the hires alone, since a shower tomorrow has not happened yet.

# %% [markdown]
# Have a look at such data first: other towns of the same kind.

# %%
from tfcourse.datasets.city_bikes import COLUMNS, KNOWN, PAST, make_city_bikes

towns = make_city_bikes(100, seed=16)
past, known = [COLUMNS.index(name) for name in PAST], [COLUMNS.index(name) for name in KNOWN]


def cut(first):
    """Return the windows that begin at hour `first` of each town, and the day that follows each."""
    x = np.concatenate([towns[:, first : first + WINDOW, past], towns[:, first + DAY : first + DAY + WINDOW, known]], axis=-1)
    return x, towns[:, first + WINDOW : first + WINDOW + DAY, 0]


x_look, y_look = (np.concatenate(parts) for parts in zip(*[cut(DAY * day) for day in range(7)]))
print(x_look.shape, y_look.shape)
for name, days in [("yesterday", 1), ("the day before yesterday", 2)]:
    copy = x_look[:, WINDOW - days * DAY :, 0][:, :DAY]
    print(f"same hour {name}: MAE {np.abs(y_look - copy).mean():.1f}")


# %% nbgrader={"grade": false, "grade_id": "city_forecaster_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_model(x_train, y_train):
    """Return a model, trained on windows of shape (n, 72, 11), that gives the coming 24 hours."""
    ### BEGIN SOLUTION
    normalize = keras.layers.Normalization()
    normalize.adapt(x_train)
    model = keras.Sequential(
        [
            keras.Input(shape=(WINDOW, 11)),
            normalize,
            keras.layers.Flatten(),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(DAY),
        ]
    )
    # steps_per_execution: the same steps, with fewer trips back to Python.
    model.compile(optimizer="adam", loss="mae", steps_per_execution=32)
    stop = keras.callbacks.EarlyStopping(patience=5, restore_best_weights=True)
    model.fit(x_train, y_train, epochs=60, batch_size=64, validation_split=0.15, callbacks=[stop], verbose=0)
    return model
    ### END SOLUTION


# %% [markdown]
# Look before you train on everything: the first five midnights to learn from, the last two to compare with.
# One forecast has the shape `(1, 24)`. 500 windows are few; but is it better than the copies above, and does its loss fall?

# %%
my_model = train_model(x_look[:500], y_look[:500])
print(my_model(x_look[:1]).shape, f"{my_model.count_params():,} parameters")
if getattr(my_model, "history", None):  # a model that was loaded from a file has none
    for name, values in my_model.history.history.items():
        print(f"{name:9}", *(f"{value:.1f}" for value in values[4::5]))
print(f"MAE {np.abs(y_look[500:] - my_model.predict(x_look[500:], verbose=0)).mean():.1f} on other days of the same towns")

# %% nbgrader={"grade": true, "grade_id": "city_forecaster", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
practice("week16.city_forecaster", train_model)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week16.city_forecaster", train_model)
### END HIDDEN TESTS

# %%
# hint("week16.city_forecaster")
