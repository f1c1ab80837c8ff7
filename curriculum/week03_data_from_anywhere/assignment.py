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
#     title: "Week 3, assignment: data from anywhere"
#     description: Make one table of three formats, cut splits as TensorFlow Datasets does, stream batches from files, and forecast from a raw table with gaps.
#     prerequisites: ["the lesson of week 3"]
#     minutes: 110
# ---

# %% [markdown]
# Four tasks, 13 points.
# The first three train nothing: they bring data from files, splits and folders to where a model can use them.
# In the fourth, a network of yours is trained on 4,000 rows that are as raw as the branches sent them,
# and judged on 2,000 others.
#
# Below each task stands a cell with a small example: run it first, it costs nothing.
# Then `practice` tries your function on data that you have not seen and says what to do next.
# You may practise as often as you like; what counts in the end is the same check on other data.

# %% tags=["setup"]
from tfcourse import grade, hint, practice, solution
from tfcourse.datasets.bakery import BRANCHES, COLUMNS, DAY_KINDS, make_sales, make_trays, write_branches

import csv
import datetime
import json
import re
import tempfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import layers

# %% [markdown] skills=["B17", "B18"]
# ## Task 1 · One table of three formats (3 points)
#
# The accountants want the **takings** of three branches in one table.
# Write `read_takings(folder)`; `folder` is a `pathlib.Path`, and in it lie
#
# - `station.csv`: semicolons, a header, dates like `04.03.2024`, takings like `1.087,40` (a point between thousands, a comma before the cents);
# - `market.jsonl`: one JSON object in each line, with `"date": "2024-03-04"` and the takings under `"sold"`;
# - `harbour/*.txt`: one report for each day, whose first line ends like `Monday 4 March 2024`
#   and whose last one says what was taken: `… took 1,087.40 euros in all.`
#
# Return a pair: the first day as text, `"2024-03-04"`,
# and a float array of shape (days, 3), with columns in the order station, market, harbour.
#
# - The first row is the first day that *any* branch reports, the last row the last such day,
#   with one row for every day between them, whether anybody reported it or not.
# - What is not known is `np.nan`: a day without a report, an empty cell, a `null`, a till that was out of order.
# - Rows, lines and reports may come in any order of days.
# - A day may be sent twice, as a correction. Then the later one counts:
#   the later row, the later line, the report with the higher number.

# %% nbgrader={"grade": false, "grade_id": "read_takings_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def read_takings(folder):
    """Return the first day as text, and the takings of three branches, shape (days, 3)."""
    ### BEGIN SOLUTION
    station, market, harbour = {}, {}, {}
    with (folder / "station.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter=";"):
            day = datetime.datetime.strptime(row["date"], "%d.%m.%Y").date()
            amount = row["takings"].replace(".", "").replace(",", ".")
            station[day] = float(amount) if amount else np.nan
    for line in (folder / "market.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        amount = row["sold"]["takings"]
        market[datetime.date.fromisoformat(row["date"])] = np.nan if amount is None else amount
    for path in sorted((folder / "harbour").glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        written = re.search(r"(\d+ \w+ \d{4})", text).group(1)
        amount = re.search(r"took ([\d,.]+) euros", text)
        day = datetime.datetime.strptime(written, "%d %B %Y").date()
        harbour[day] = float(amount.group(1).replace(",", "")) if amount else np.nan
    known = [*station, *market, *harbour]
    first, last = min(known), max(known)
    takings = np.full(((last - first).days + 1, 3), np.nan)
    for column, branch in enumerate((station, market, harbour)):
        for day, amount in branch.items():
            takings[(day - first).days, column] = amount
    return first.isoformat(), takings
    ### END SOLUTION

# %% [markdown]
# Ten days of the real thing. Look at the files first, then at what you make of them:
# you should get ten rows, and a `nan` wherever a file has nothing to say.

# %%
folder = write_branches(Path(tempfile.mkdtemp()), make_sales(10, seed=2), seed=2, gaps=0.15)
print((folder / "station.csv").read_text(), (folder / "market.jsonl").read_text(), sep="\n")
print(*[path.read_text() for path in sorted((folder / "harbour").glob("*.txt"))[:3]], sep="\n")
read_takings(folder)
# hint("week03.read_takings")

# %% nbgrader={"grade": true, "grade_id": "read_takings", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
practice("week03.read_takings", read_takings)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week03.read_takings", read_takings)
### END HIDDEN TESTS

# %% [markdown] skills=["B19"]
# ## Task 2 · Splits by name (2 points)
#
# `load("bakery", split="train[:75%]+test[-3:]")` says in one line which examples you want.
# Write what stands behind it: `take_split(split, splits)`.
#
# - `splits` is a dictionary of arrays, `{"train": …, "test": …}`; the first axis counts examples;
# - `split` names one of them, or a slice of one, or several joined by `+` (there may be spaces around the `+`);
# - return the chosen examples as one array, in the order in which they were asked for.
#
# | text | meaning |
# |---|---|
# | `train` | all of it |
# | `train[10:20]` | examples 10 to 19, as in Python |
# | `train[-5:]`, `train[:-5]` | the last five; all but the last five |
# | `train[:75%]`, `train[75%:]` | up to, or from, 75 per cent of its length on |
# | `train[-10%:]` | the last tenth |
#
# Seventy-five per cent of 37 examples is 27.75. The edge is the nearest whole number, `round(…)`, here 28.

# %% nbgrader={"grade": false, "grade_id": "take_split_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def take_split(split, splits):
    """Return the examples that a text such as "train[:75%]+test[-3:]" asks for."""
    ### BEGIN SOLUTION
    def edge(text, size):
        if text.endswith("%"):
            return round(size * int(text[:-1]) / 100)
        return int(text) if text else None

    parts = []
    for part in split.split("+"):
        name, _, inside = part.strip().rstrip("]").partition("[")
        rows = splits[name]
        if inside:
            start, stop = inside.split(":")
            rows = rows[edge(start, len(rows)) : edge(stop, len(rows))]
        parts.append(rows)
    return np.concatenate(parts)
    ### END SOLUTION

# %% [markdown]
# Ten numbers are enough to see it. You should get 0 to 6, then 107, 108, 109, then 5.

# %%
take_split("train[:70%] + test[-3:] + train[5:6]", {"train": np.arange(10), "test": np.arange(100, 110)})
# hint("week03.take_split")

# %% nbgrader={"grade": true, "grade_id": "take_split", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week03.take_split", take_split)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week03.take_split", take_split)
### END HIDDEN TESTS

# %% [markdown] skills=["B15", "B18", "B19"]
# ## Task 3 · Batches from a folder (3 points)
#
# Years of sales do not have to fit into memory. Write `batches_from(folder, batch_size)`.
# It returns a `tf.data.Dataset` that streams the CSV files of a folder, in batches, as pairs `(x, y)`.
#
# - Read all files whose names end in `.csv`, in alphabetical order of their names. Other files are not data.
# - **Every** file begins with the header `weekday,temperature,rain,takings_last_week,rolls`.
# - `x` holds the first four columns, shape (batch, 4), float32; an empty cell becomes `nan`.
# - `y` holds the rolls, shape (batch,), float32. A row whose rolls are empty is left out.
# - No shuffling. All files are strung together first, so a batch may end one file and begin the next;
#   every batch has `batch_size` rows, except that the last one has what is left.
#
# `tf.io.decode_csv` reads a line; what stands in `record_defaults` says which type a column has
# and what an empty cell becomes.

# %% nbgrader={"grade": false, "grade_id": "batches_from_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def batches_from(folder, batch_size):
    """Return a tf.data.Dataset of pairs (x, y), shapes (batch, 4) and (batch,)."""
    ### BEGIN SOLUTION
    def parse(line):
        *features, rolls = tf.io.decode_csv(line, record_defaults=[float("nan")] * 5)
        return tf.stack(features), rolls

    paths = sorted(str(path) for path in folder.glob("*.csv"))
    lines = tf.data.Dataset.from_tensor_slices(paths).flat_map(lambda path: tf.data.TextLineDataset(path).skip(1))
    rows = lines.map(parse).filter(lambda x, rolls: ~tf.math.is_nan(rolls))
    return rows.batch(batch_size)
    ### END SOLUTION

# %% [markdown]
# Two small files, three rows with rolls in them. In batches of two you should get two rows, then one.

# %%
folder = Path(tempfile.mkdtemp())
header = "weekday,temperature,rain,takings_last_week,rolls\n"
(folder / "a.csv").write_text(header + "0,11.5,0.0,820.5,350\n1,12.0,,790.25,\n")
(folder / "b.csv").write_text(header + "5,9.0,2.5,,610\n6,8.5,0.0,1104.0,480\n")
for x, y in batches_from(folder, 2):
    print(x.numpy(), y.numpy())
# hint("week03.batches_from")

# %% nbgrader={"grade": true, "grade_id": "batches_from", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
practice("week03.batches_from", batches_from)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week03.batches_from", batches_from)
### END HIDDEN TESTS

# %% [markdown] skills=["B3", "B17"]
# ## Task 4 · How many trays tomorrow? (5 points)
#
# Sixteen branches now, and the table as the ovens' own system has it. Rolls go into the oven on trays of a hundred,
# so that is what it counts in. Of everything else it keeps whole numbers: tenths of a degree, tenths of a millimetre, cents.
# Write `build_model(x_train)`. It returns a compiled network that predicts how many trays of rolls a branch will sell on a day,
# with decimals: 2.37 trays are 237 rolls.
#
# - `x_train` has shape (4000, 6), float32, with the columns of `COLUMNS`:
#
# | column | what it holds |
# |---|---|
# | 0 `branch` | number of the branch, 0 to 15: a name, not an amount |
# | 1 `weekday` | 0 (Monday) to 6 |
# | 2 `day_kind` | 0 to 3, see `DAY_KINDS` |
# | 3 `temperature` | forecast in tenths of a degree: 123 is 12.3 °C; about one in seven is `nan` |
# | 4 `rain` | forecast in tenths of a millimetre; about one in seven is `nan` |
# | 5 `takings_last_week` | cents, same branch, same weekday a week before; about three in ten are `nan` |
#
# - The model gets rows like these when it predicts, gaps included.
#   Whatever turns them into clean numbers has to live inside it.
# - Do not call `fit` yourself. The model is trained for you: 80 epochs, batches of 32.
#   Layers, loss, optimizer and its learning rate are yours to choose.
# - At most 50,000 parameters, and one output: trays.
#
# It is judged by the mean absolute error (MAE), in trays, on 2,000 rows that lie later in time:
#
# {{ladder:week03.rolls_model}}

# %% nbgrader={"grade": false, "grade_id": "rolls_model_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def build_model(x_train):
    """Return a compiled model for raw rows of shape (6,), gaps included, and one output."""
    ### BEGIN SOLUTION
    mean, sd = np.nanmean(x_train[:, 3:], axis=0), np.nanstd(x_train[:, 3:], axis=0)
    inputs = keras.Input(shape=(6,))
    one_hot = [
        layers.CategoryEncoding(num_tokens=size, output_mode="one_hot")(inputs[:, column])
        for column, size in enumerate((16, 7, 4))
    ]
    gaps = keras.ops.isnan(inputs[:, 3:])
    numbers = keras.ops.where(gaps, 0.0, (inputs[:, 3:] - mean) / sd)
    x = layers.Concatenate()([*one_hot, numbers, keras.ops.cast(gaps, "float32")])
    for units in (64, 64):
        x = layers.Dense(units, activation="relu")(x)
    model = keras.Model(inputs, layers.Dense(1)(x))
    model.compile(optimizer="adam", loss="mae")
    return model
    ### END SOLUTION

# %% [markdown]
# Look before you train. Predict for five rows with gaps: is there a `nan` in the answer?
# Then five epochs on rows of your own: does the loss fall?

# %%
my_x, my_y = make_trays(2_000, seed=7)
my_model = build_model(my_x)
print(my_x[:5], my_model.predict(my_x[:5], verbose=0), sep="\n")
my_history = my_model.fit(my_x, my_y, epochs=5, batch_size=32, verbose=2)
# hint("week03.rolls_model")

# %% nbgrader={"grade": true, "grade_id": "rolls_model", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
practice("week03.rolls_model", build_model)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week03.rolls_model", build_model)
### END HIDDEN TESTS
