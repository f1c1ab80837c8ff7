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
#     title: "Week 14, assignment: forecasting, and the learning rate"
#     description: Write a loss that outliers cannot rule, forecast step by step, plan a learning rate, and forecast solar power from what a poor meter has recorded.
#     prerequisites: ["the lesson of week 14"]
#     minutes: 90
# ---

# %% [markdown]
# Five tasks, 13 points.
# The first four need no training; the fifth needs what you have written in them.
# Each has a cell that shows what your function does on an example that fits in your head:
# run it and compare by eye before you run the test cell.

# %% tags=["setup"]
from tfcourse import grade, hint, practice, solution

import keras
import numpy as np

# %% [markdown] skills=["S1"]
# ## Task 1 · The Huber loss (2 points)
#
# The squared error lets a single faulty reading rule; the absolute error pulls as hard at a tiny error as at a large one.
# The **Huber loss** is half the squared error near zero, and a straight line further out.
# For a single error *e* = *y* − *p*:
#
# - where |*e*| is at most `delta`: *e*² / 2;
# - where it is larger: `delta` · (|*e*| − `delta` / 2).
#
# Write `huber(y, p, delta)`:
#
# - `y` and `p` are arrays of the same shape, truth and forecast; `delta` is a positive number;
# - it returns one number, the mean of the loss over all values.


# %% nbgrader={"grade": false, "grade_id": "huber_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def huber(y, p, delta):
    """Return the mean Huber loss of the forecast `p` against the truth `y`."""
    ### BEGIN SOLUTION
    error = np.abs(y - p)
    return np.where(error <= delta, error**2 / 2, delta * (error - delta / 2)).mean()
    ### END SOLUTION


# %%
truth = np.zeros(1)
for error in (0.5, 1.0, 2.0, 40.0):
    print(f"off by {error:4}: {huber(truth, truth + error, 1.0):6.3f}", end=" · Keras: ")
    print(f"{float(keras.losses.Huber(delta=1.0)(truth, truth + error)):6.3f}")

# %% nbgrader={"grade": true, "grade_id": "huber", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week14.huber", huber)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week14.huber", huber)
### END HIDDEN TESTS

# %%
# hint("week14.huber")

# %% [markdown] skills=["S1", "S7"]
# ## Task 2 · One step, again and again (2 points)
#
# A model that forecasts a single step can forecast any number of them: it reads its own forecasts.
# The one-step model of this task is a weighted sum,
# so that you can follow every number: the next value is `weights[0]` · (the oldest value of the window)
# + … + `weights[-1]` · (the most recent one) + `bias`.
#
# Write `recursive_forecast(history, weights, bias, steps)`:
#
# - `history` has shape `(n, length)`: `n` series, one a row, oldest value first. It may hold whole numbers;
# - `weights` has shape `(window,)`, where `window` is at most `length`;
# - it returns an array of floats of shape `(n, steps)`: the next `steps` values of each series,
#   each forecast from the `window` values before it, of which more and more are forecasts themselves;
# - `history` stays as it is.


# %% nbgrader={"grade": false, "grade_id": "recursive_forecast_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def recursive_forecast(history, weights, bias, steps):
    """Return the next `steps` values of each row of `history`, forecast one by one."""
    ### BEGIN SOLUTION
    known = history.astype(float)
    for _ in range(steps):
        following = known[:, -len(weights) :] @ weights + bias
        known = np.column_stack([known, following])
    return known[:, -steps:]
    ### END SOLUTION


# %%
# The next value is the sum of the last two, and two such rows:
print(recursive_forecast(np.array([[1, 1], [2, 1]]), np.array([1.0, 1.0]), 0.0, 5))
# [[ 2.  3.  5.  8. 13.]
#  [ 3.  4.  7. 11. 18.]]

# %% nbgrader={"grade": true, "grade_id": "recursive_forecast", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week14.recursive_forecast", recursive_forecast)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week14.recursive_forecast", recursive_forecast)
### END HIDDEN TESTS

# %%
# hint("week14.recursive_forecast")

# %% [markdown] skills=["S10"]
# ## Task 3 · Warm up, then follow a cosine (2 points)
#
# Write `warmup_cosine(step, peak, warmup_steps, total_steps)`, which returns the learning rate at a step:
#
# - from step 0 to step `warmup_steps` it rises in a straight line from 0 to `peak`;
# - from there to step `total_steps` it falls along half a wave of the cosine:
#   `peak` · (1 + cos(π · *progress*)) / 2, where *progress* runs from 0 at `warmup_steps` to 1 at `total_steps`;
# - after `total_steps` it stays at 0;
# - `step` is a whole number or an array of them; what is returned has the same shape;
# - `warmup_steps` may be 0: then it begins at `peak`. It is always smaller than `total_steps`.


# %% nbgrader={"grade": false, "grade_id": "warmup_cosine_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def warmup_cosine(step, peak, warmup_steps, total_steps):
    """Return the learning rate at `step`: up in a straight line, down along a cosine."""
    ### BEGIN SOLUTION
    up = peak * np.asarray(step) / max(1, warmup_steps)
    progress = np.clip((np.asarray(step) - warmup_steps) / (total_steps - warmup_steps), 0, 1)
    down = peak * (1 + np.cos(np.pi * progress)) / 2
    return np.where(np.asarray(step) < warmup_steps, up, down)
    ### END SOLUTION


# %%
theirs = keras.optimizers.schedules.CosineDecay(0.0, decay_steps=80, warmup_target=0.01, warmup_steps=20)
for step in (0, 10, 20, 60, 100, 120):
    print(f"step {step:3}: {float(warmup_cosine(step, 0.01, 20, 100)):.5f} · Keras: {float(theirs(step)):.5f}")

# %% nbgrader={"grade": true, "grade_id": "warmup_cosine", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week14.warmup_cosine", warmup_cosine)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week14.warmup_cosine", warmup_cosine)
### END HIDDEN TESTS

# %%
# hint("week14.warmup_cosine")

# %% [markdown] skills=["S1", "S10"]
# ## Task 4 · Reading a range test (2 points)
#
# A range test raises the learning rate step by step and notes the loss.
# Where the loss was lowest, the rate was already about to be too large; so people take a part of it.
# Write `pick_rate(rates, losses)`, which does so by a rule that leaves nothing to the eye:
#
# 1. `rates` rise; `losses` are what was noted at each of them. The first loss that is `NaN` or infinite ended the test:
#    leave it out, and everything after it. The first loss of all is always finite;
# 2. smooth what is left: replace each loss by the mean of itself and of its neighbours up to two places away
#    on each side. At the ends there are fewer neighbours: take those that exist;
# 3. find the lowest of the smoothed losses, and return **a tenth of the rate** at that place.


# %% nbgrader={"grade": false, "grade_id": "pick_rate_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def pick_rate(rates, losses):
    """Return a tenth of the rate at which the smoothed loss of a range test was lowest."""
    ### BEGIN SOLUTION
    ended = np.flatnonzero(~np.isfinite(losses))
    kept = losses[: ended[0]] if len(ended) else losses
    smooth = [kept[max(0, i - 2) : i + 3].mean() for i in range(len(kept))]
    return rates[np.argmin(smooth)] / 10
    ### END SOLUTION


# %%
rates = np.geomspace(0.001, 1, 13)
losses = np.array([6.0, 6.0, 1.0, 6.0, 5.0, 4.0, 3.0, 2.0, 2.0, 2.0, 3.0, 9.0, np.nan])
print(f"{pick_rate(rates, losses):.4f}")  # 0.0100: the loss of 1 was luck, and the smoothing evens it out

# %% nbgrader={"grade": true, "grade_id": "pick_rate", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week14.pick_rate", pick_rate)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week14.pick_rate", pick_rate)
### END HIDDEN TESTS

# %%
# hint("week14.pick_rate")

# %% [markdown] skills=["S1", "S7"]
# ## Task 5 · The sun in the next six hours (5 points)
#
# At a full hour between 7 and 14 o'clock, somebody asks how much power a roof will give in each of the next six hours.
# The roofs differ: they are tilted, and turned to the east or to the west, and lie under a sky of their own.
#
# Write `train_model(x_train, y_train)`. It builds a Keras model, **trains** it, and returns it:
#
# - `x_train` has shape (12000, 48): the power of the past 48 hours in kW, oldest first, from 0 to 8, as `float32`.
#   There are eight windows from each of 1,500 roofs. Nobody says at which hour a window ends, nor on which day of the year;
# - `y_train` has shape (12000, 6): the power in each of the coming 6 hours, in kW, **as a poor meter reports it**.
#   About three readings in a hundred are lost (0) or far too large (20 to 60 kW);
# - the model takes such windows, and gives 6 numbers for each, in kW; at most 100,000 parameters.
#
# Layers, loss, optimizer, epochs, batches, what you hold back and callbacks are yours to choose.
# Use nothing but the windows that you get: the course's generators are closed while your function runs.
#
# Your model is judged on 12,000 other roofs, one window from each, against what they really gave.
# The judge is the mean absolute error in kW:
#
# {{ladder:week14.solar_forecaster}}
#
# Read your curves with the meter in mind: whatever you hold back for validation has its faults in it, too,
# so that no loss comes near 0. Compare losses with each other, not with the ladder.
#
# The lower rungs ask for a loss that outliers cannot rule and a rate that learns.
# The last one usually takes a rate that falls: long steps first, short ones last.

# %% [markdown]
# Have a look at such data first, and at what copying is worth.

# %%
from tfcourse.datasets.solar import add_meter_faults, make_solar

roofs = make_solar(2_000, seed=14, days=3)  # three days each: two to look at, and a third to forecast from 10 o'clock
x_look, y_look = roofs[:, 10:58], roofs[:, 58:64]
print("labels as a meter reports them:", add_meter_faults(y_look, seed=1)[:4].round(1), sep="\n")
print(f"same hour yesterday: MAE {np.abs(y_look - x_look[:, -24:-18]).mean():.2f} kW")


# %% nbgrader={"grade": false, "grade_id": "solar_forecaster_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_model(x_train, y_train):
    """Return a model, trained on windows of shape (n, 48), that gives the coming 6 hours."""
    ### BEGIN SOLUTION
    model = keras.Sequential(
        [
            keras.Input(shape=(48,)),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(6),
        ]
    )
    epochs, batch = 12, 64
    steps = epochs * int(np.ceil(len(x_train) / batch))
    rise = min(200, steps // 10)
    rate = keras.optimizers.schedules.CosineDecay(0.0, steps - rise, warmup_target=0.004, warmup_steps=rise)
    # steps_per_execution: the same steps, with fewer trips back to Python.
    model.compile(optimizer=keras.optimizers.Adam(rate), loss=keras.losses.Huber(delta=0.3), steps_per_execution=25)
    model.fit(x_train, y_train, epochs=epochs, batch_size=batch, verbose=0)
    return model
    ### END SOLUTION


# %% [markdown]
# Look before you train on everything: 1,000 of the roofs above to learn from, the others to compare with.
# One forecast has the shape `(1, 6)`. Is the loss still falling at the end, or does it jump about?

# %%
my_model = train_model(x_look[:1_000], add_meter_faults(y_look[:1_000], seed=1))
print(my_model(x_look[:1]).shape, f"{my_model.count_params():,} parameters")
if getattr(my_model, "history", None):  # a model that was loaded from a file has none
    for name, values in my_model.history.history.items():
        print(f"{name:9}", *(f"{value:.3f}" for value in values))
print(f"MAE {np.abs(y_look[1_000:] - my_model.predict(x_look[1_000:], verbose=0)).mean():.2f} kW on other roofs")

# %% nbgrader={"grade": true, "grade_id": "solar_forecaster", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
practice("week14.solar_forecaster", train_model)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week14.solar_forecaster", train_model)
### END HIDDEN TESTS

# %%
# hint("week14.solar_forecaster")
