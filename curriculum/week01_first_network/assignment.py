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
#     title: "Week 1, assignment: a first network"
#     description: Read a table of houses, prepare it, follow a network by hand, mend one, and train one that predicts a day's electricity.
#     prerequisites: ["the lesson of week 1"]
#     minutes: 90
# ---

# %% [markdown]
# Five tasks, 14 points.
# The first four train nothing, or next to nothing; the fifth trains a network on 2,000 houses,
# and is judged on 4,000 others.
#
# Below each task stands a cell with a small example: run it first, it costs nothing.
# Then `practice` tries your function on data that you have not seen and says what to do next.
# You may practise as often as you like; what counts in the end is the same check on other data.
#
# Stuck? The last line of each example is a hint, switched off by its `#`. Take the `#` away and run the cell again:
# each run shows one hint more, from a first idea to nearly the answer.
# Once you have practised a task, `solution("week01.read_table")` shows one way to solve it.

# %% tags=["setup"]
from tfcourse import grade, hint, practice, solution
from tfcourse.datasets.household_energy import FEATURES, TARGET, household_energy_csv, make_household_energy

import csv
import io

import keras
import numpy as np
from keras import layers

# %% [markdown] skills=["T1", "B18"]
# ## Task 1 · Read a table (2 points)
#
# Write `read_table(text)`. It gets the whole content of a CSV file, header included,
# and returns two NumPy arrays of floats:
#
# - `x` of shape (houses, 5): the columns of `FEATURES`, in that order;
# - `y` of shape (houses,): the column `TARGET`.
#
# Files come from many meters, so:
#
# - find columns by the names in the header: their order differs from file to file, and there may be others;
# - a gap in a feature becomes `np.nan`: 0 would be a wrong temperature, not a missing one;
# - a row without electricity is left out: an answer that is missing cannot be learned from;
# - a gap is a cell that is empty or holds only spaces;
# - addresses stand in quotation marks and hold commas.

# %% nbgrader={"grade": false, "grade_id": "read_table_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def read_table(text):
    """Return x of shape (houses, 5), with nan for gaps, and y of shape (houses,)."""
    ### BEGIN SOLUTION
    def number(cell):
        return float(cell) if cell.strip() else np.nan

    rows = [row for row in csv.DictReader(io.StringIO(text)) if row[TARGET].strip()]
    x = np.array([[number(row[name]) for name in FEATURES] for row in rows])
    y = np.array([number(row[TARGET]) for row in rows])
    return x, y
    ### END SOLUTION

# %% [markdown]
# Look before you practise. In the three rows below, one gap is in a feature and one in the target,
# so you should get two rows, with one `nan`.

# %%
three_houses = """address,people,temperature,wind,floor_area,year_built,electricity
"7 Mill Lane, Old Town",2,-3.5,12,96,1931,58.1
"12 Elm Street, Riverside",4,,20,140,2004,33.0
"3 Quarry Road, Northgate",1,18.0,8,51,1988,
"""
read_table(three_houses)
# hint("week01.read_table")

# %% nbgrader={"grade": true, "grade_id": "read_table", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week01.read_table", read_table)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week01.read_table", read_table)
### END HIDDEN TESTS

# %% [markdown] skills=["B3"]
# ## Task 2 · Fill gaps and standardise (3 points)
#
# Write `prepare(x_train, x_test)`. Both are tables of numbers, houses by features, in which `np.nan` marks a gap.
# Return both, prepared, as a pair `x_train, x_test`:
#
# 1. fill each gap with its column's **median in the training table**;
# 2. from the filled training table take each column's mean and standard deviation (`std(axis=0)`),
#    and with these turn **both** tables into (value − mean) / standard deviation;
# 3. a column that is the same in every training house has a standard deviation of 0:
#    only subtract its mean, and divide by nothing.
#
# Leave the tables that you were given as they are: return new ones.

# %% nbgrader={"grade": false, "grade_id": "prepare_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def prepare(x_train, x_test):
    """Return both tables, filled and standardised by what the training table alone tells."""
    ### BEGIN SOLUTION
    median = np.nanmedian(x_train, axis=0)
    x_train = np.where(np.isnan(x_train), median, x_train)
    x_test = np.where(np.isnan(x_test), median, x_test)
    mean, sd = x_train.mean(axis=0), x_train.std(axis=0)
    sd = np.where(sd == 0, 1, sd)
    return (x_train - mean) / sd, (x_test - mean) / sd
    ### END SOLUTION

# %% [markdown]
# A table small enough for mental arithmetic. The first column's median is 10, its filled values are 0, 10, 20;
# the second never changes. The test house should come out as 0 in the first column and 3 in the second.

# %%
tiny_train = np.array([[0.0, 4.0], [np.nan, 4.0], [20.0, 4.0]])
tiny_test = np.array([[np.nan, 7.0]])
prepare(tiny_train, tiny_test)
# hint("week01.prepare")

# %% nbgrader={"grade": true, "grade_id": "prepare", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
practice("week01.prepare", prepare)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week01.prepare", prepare)
### END HIDDEN TESTS

# %% [markdown] skills=["B4", "B5", "B12"]
# ## Task 3 · A network by hand (2 points)
#
# Write `predict_by_hand(x, weights)`, which predicts what a trained Keras network would, with NumPy alone.
#
# - `weights` is what `model.get_weights()` returns for a stack of `Dense` layers:
#   a list `[W1, b1, W2, b2, …]`, where `W` has shape (inputs, units) and `b` has shape (units,).
#   There may be one layer or many.
# - Every layer but the last has ReLU; the last has no activation.
# - `x` has shape (houses, inputs), and the result has shape (houses, units of the last layer).
# - `x` may also be a single house of shape (inputs,). Treat it as a batch of one.

# %% nbgrader={"grade": false, "grade_id": "predict_by_hand_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def predict_by_hand(x, weights):
    """Return the predictions of a stack of Dense layers, ReLU between them."""
    ### BEGIN SOLUTION
    x = np.atleast_2d(x)
    last = len(weights) // 2 - 1
    for layer, (w, b) in enumerate(zip(weights[0::2], weights[1::2])):
        x = x @ w + b
        if layer < last:
            x = np.maximum(x, 0)
    return x
    ### END SOLUTION

# %% [markdown]
# Keras itself is your judge: the two columns of numbers should agree.

# %%
keras.utils.set_random_seed(1)
small = keras.Sequential([keras.Input(shape=(5,)), layers.Dense(4, activation="relu"), layers.Dense(1)])
some_x = np.random.default_rng(1).normal(size=(3, 5)).astype("float32")
np.hstack([small.predict(some_x, verbose=0), predict_by_hand(some_x, small.get_weights())])
# hint("week01.predict_by_hand")

# %% nbgrader={"grade": true, "grade_id": "predict_by_hand", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week01.predict_by_hand", predict_by_hand)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week01.predict_by_hand", predict_by_hand)
### END HIDDEN TESTS

# %% [markdown] skills=["T3", "B12", "B2"]
# ## Task 4 · Mend a shape error (2 points)
#
# The function below is meant to train a small network on a table `x` of shape (houses, features)
# with targets `y` of shape (houses,) or (houses, outputs), and then to predict for the first house.
# It has three mistakes about shapes, and you meet them one at a time.

# %%
def broken(x, y):
    """Return the shape of the first house's prediction, and the network's number of parameters."""
    model = keras.Sequential([
        keras.Input(shape=x.shape),
        layers.Dense(4, activation="relu"),
        layers.Dense(len(x)),
    ])
    model.compile(optimizer="adam", loss="mse")
    model.fit(x, y, verbose=0)
    prediction = model.predict(x[0], verbose=0)
    return prediction.shape, model.count_params()

forty_x, forty_y = make_household_energy(40, seed=1)
try:
    broken(forty_x, forty_y)
except Exception as error:
    print(type(error).__name__, error)

# %% [markdown]
# Write `mended(x, y)`: copy the body of `broken` and mend it.
# Keep the four hidden units, the fit and the two values that it returns.
# It has to work for any number of houses, features and outputs;
# a `y` of shape (houses,) is one output for each house.

# %% nbgrader={"grade": false, "grade_id": "shape_error_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mended(x, y):
    """Return the shape of the first house's prediction, and the network's number of parameters."""
    ### BEGIN SOLUTION
    outputs = 1 if y.ndim == 1 else y.shape[1]
    model = keras.Sequential([
        keras.Input(shape=x.shape[1:]),
        layers.Dense(4, activation="relu"),
        layers.Dense(outputs),
    ])
    model.compile(optimizer="adam", loss="mse")
    model.fit(x, y, verbose=0)
    prediction = model.predict(x[:1], verbose=0)
    return prediction.shape, model.count_params()
    ### END SOLUTION

# %% [markdown]
# With five features and one output, expect a prediction of shape (1, 1),
# and (5 + 1) · 4 + (4 + 1) · 1 = 29 parameters.

# %%
mended(forty_x, forty_y)
# hint("week01.shape_error")

# %% nbgrader={"grade": true, "grade_id": "shape_error", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week01.shape_error", mended)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week01.shape_error", mended)
### END HIDDEN TESTS

# %% [markdown] skills=["B2", "B3", "B5", "B12"]
# ## Task 5 · Predict a day's electricity (5 points)
#
# The grid has to know how much power its houses will draw.
# Write `build_model(x_train)`. It returns a compiled network that predicts the **mean power** of a house over a day, in kW,
# from temperature, wind, floor area, year built and people.
# That is the lesson's electricity in another unit: kWh a day, divided by 24 hours, so it is near 1 and seldom above 5.
#
# - `x_train` has shape (2000, 5) and holds **raw** numbers: degrees, km/h, m², years.
#   The model gets the same raw numbers when it predicts, so the scaling has to live inside it.
#   That is why your function is given `x_train`: to adapt a `layers.Normalization` to it.
# - Do not call `fit` yourself. The model is trained for you: 100 epochs, batches of 32.
#   Loss, optimizer and its learning rate are yours to choose in `compile`.
# - At most 20,000 parameters, and one output.
#
# It is judged by the mean absolute error (MAE), in kW, on 4,000 houses that it has not seen:
#
# {{ladder:week01.energy_model}}

# %% nbgrader={"grade": false, "grade_id": "energy_model_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def build_model(x_train):
    """Return a compiled model for raw inputs of shape (5,) and one output."""
    ### BEGIN SOLUTION
    normalize = layers.Normalization()
    normalize.adapt(x_train)
    model = keras.Sequential([
        keras.Input(shape=x_train.shape[1:]),
        normalize,
        layers.Dense(64, activation="relu"),
        layers.Dense(64, activation="relu"),
        layers.Dense(1),
    ])
    model.compile(optimizer="adam", loss="mae")
    return model
    ### END SOLUTION

# %% [markdown]
# Look before you train. Does the summary show the layers that you meant?
# Is the last output shape `(None, 1)`? Then try five epochs on houses of your own: does the loss fall?

# %%
my_x, my_y = make_household_energy(2_000, seed=7)
my_y = my_y / 24  # kWh a day as mean power in kW
my_model = build_model(my_x)
my_model.summary()
my_history = my_model.fit(my_x, my_y, epochs=5, batch_size=32, verbose=2)
# hint("week01.energy_model")

# %% nbgrader={"grade": true, "grade_id": "energy_model", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
practice("week01.energy_model", build_model)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week01.energy_model", build_model)
### END HIDDEN TESTS
