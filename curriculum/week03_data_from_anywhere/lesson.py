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
#     title: "Week 3: data from anywhere"
#     description: From files in three formats to batches that a network can learn from, and what goes wrong on the way.
#     prerequisites: ["week 1", "Python dictionaries and generators"]
#     minutes: 75
#     objectives:
#       - text: bring CSV, JSON and plain text from several sources into one table, gaps included
#         skills: [B17, B18]
#       - text: build a tf.data pipeline, and say what an element, a batch and an epoch of it are
#         skills: [B15, B19]
#       - text: shuffle where it helps, and see where it spoils batches or leaks validation rows
#         skills: [B15, B19]
#       - text: stream lines from files that need not fit into memory
#         skills: [B15, B18, B19]
#       - text: put the preprocessing of categories and gaps into the model
#         skills: [B3]
#       - text: ask for a data set as TensorFlow Datasets does, by name, split and slice
#         skills: [B19]
# ---

# %% [markdown] skills=["B17", "B18"]
# ## Three branches, three kinds of files
#
# A chain of bakeries has to decide each evening how many rolls to bake for the morning.
# Too few, and the shelf is empty at ten; too many, and the pigs eat well.
#
# The sales of two years would tell. But every branch has a till of its own, and sends what that till writes:
# the station a CSV file, the market square JSON, and the harbour's baker types a report each day.
# (The chain is invented, so that you can have as many years as you like. The formats are not.)

# %%
from tfcourse.datasets.bakery import BRANCHES, make_sales, write_branches

import csv
import datetime
import json
import re
import tempfile
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from keras import layers

sales = make_sales(728, seed=3, first=datetime.date(2023, 1, 2))
folder = write_branches(Path(tempfile.mkdtemp()), sales, seed=3)
print(*(folder / "station.csv").read_text().splitlines()[:4], sep="\n")
print(*(folder / "market.jsonl").read_text().splitlines()[:3], sep="\n")
print((folder / "harbour" / "001.txt").read_text())

# %% [markdown]
# Before you write a line of code, read the files. Three things would have gone wrong:
#
# - The station's columns are separated by semicolons, because its numbers use the comma: `0,8` degrees.
#   On a good day it takes `1.087,40` euros, where the point only groups thousands.
#   `float` refuses both. Worse, it would accept `1.412` rolls, as not quite one and a half.
# - Days are written in three ways, and `03.01.2023` is in January.
# - The market's file is not one JSON document but one in each line (hence the name *JSON lines*), and each is nested.
#
# ### One reader for each format
#
# Each reader turns its format into the same four values: day, temperature, rain, rolls.
# Text becomes numbers and dates here, at the border, and nowhere else.

# %%
def number(text):
    """Read a number with a decimal comma; nothing becomes nan."""
    return float(text.replace(".", "").replace(",", ".")) if text else np.nan

def read_station(path):
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter=";"):
            day = datetime.datetime.strptime(row["date"], "%d.%m.%Y").date()
            yield day, number(row["temperature"]), number(row["rain"]), number(row["rolls"])

def read_market(path):
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        rolls = row["sold"]["rolls"]
        day = datetime.date.fromisoformat(row["date"])
        yield day, row["weather"]["temperature"], row["weather"]["rain"], np.nan if rolls is None else rolls

# %%
def read_harbour(reports):
    for path in sorted(reports.glob("*.txt")):
        heading, weather, sold = path.read_text(encoding="utf-8").splitlines()
        day = datetime.datetime.strptime(heading.split(", ")[1], "%A %d %B %Y").date()
        temperature, rain = re.findall(r"-?\d+\.\d", weather)
        rolls = re.search(r"([\d,]+) rolls", sold)
        yield day, float(temperature), float(rain), float(rolls[1].replace(",", "")) if rolls else np.nan

next(read_harbour(folder / "harbour"))

# %% [markdown]
# JSON says `null`, which Python reads as `None`; the CSV has an empty cell, the harbour a till that was out of order.
# All three become `nan`. A reader that does not find what it looks for says "unknown" or fails loudly. It never says 0.
#
# Now the table. Its rows are *all* days from the first to the last, not the days that were sent:
# a day that is missing is a fact, too.

# %%
names = ["Central Station", "Market Square", "Harbour"]
sources = [read_station(folder / "station.csv"), read_market(folder / "market.jsonl"), read_harbour(folder / "harbour")]
first, days = sales.dates[0], len(sales.dates)
rolls, weather = np.full((days, 3), np.nan), np.full((days, 2), np.nan)
for branch, source in enumerate(sources):
    for day, temperature, rain, sold in source:
        rolls[(day - first).days, branch] = sold
        weather[(day - first).days] = temperature, rain

print(rolls[:9])
truth = sales.rolls[:, [BRANCHES.index(name) for name in names]]
print("as sold:", (rolls == truth)[~np.isnan(rolls)].all())
print("gaps:", np.isnan(rolls).sum(axis=0), "days without any weather:", np.isnan(weather[:, 0]).sum())

# %%
figure, panels = plt.subplots(3, 1, figsize=(10, 5.5), sharex=True, layout="constrained")
for panel, name, sold in zip(panels, names, rolls.T):
    panel.plot(sold[140:238], ".-", linewidth=0.8)
    for day in np.flatnonzero(np.isnan(sold[140:238])):
        panel.axvspan(day - 0.5, day + 0.5, color="tab:red", alpha=0.3)
    panel.set(ylabel=f"{name}\nrolls", ylim=(0, None))
panels[2].set(xlabel="days from 22 May 2023 on; red: nothing known", xticks=range(0, 99, 7));

# %% [markdown]
# Invented data have one advantage: we know the truth, and every number that was read is right.
# With real files, a picture has to do.
#
# Three branches, three rhythms. Commuters buy from Monday to Friday, the market lives on Saturday,
# and the harbour on weekends with sun. Many mistakes of a reader would show here at once:
# a zero, a peak that is a thousand times too high, a week that is shifted.
#
# **Look at what you have read before you train on it.** A network learns from wrong numbers without complaint.

# %% [markdown] skills=["B17"]
# ## The baseline: the same day last week
#
# The last 182 days are for judging, the 546 before them for learning: a cut in time, as it will be in use.
#
# **Predict first.** Three answers need no network: the branch's mean; the mean of the branch on this weekday;
# what the branch sold on the same weekday last week. Which is best? And which of them cannot always answer?

# %%
weekday = np.arange(days) % 7  # the first day is a Monday
past, future = slice(0, 546), slice(546, days)
means = np.nanmean(rolls[past], axis=0)
by_weekday = np.stack([np.nanmean(rolls[past][weekday[past] == d], axis=0) for d in range(7)])
last_week = np.concatenate([np.full((7, 3), np.nan), rolls[:-7]])

def mae(answers):
    return np.nanmean(np.abs(answers - rolls[future]))

print(f"rolls sold on average    {np.nanmean(rolls[future]):6.1f}")
print(f"mean of the branch       {mae(means):6.1f}")
print(f"mean of this weekday     {mae(by_weekday[weekday[future]]):6.1f}")
print(f"same weekday last week   {mae(last_week[future]):6.1f}, for {np.isnan(last_week[future]).mean():.0%} of days no answer")

# %% [markdown]
# Knowing the weekday takes away more than a third of the error, and copying last week nearly half.
# But where last week has a gap, the copy has nothing to say (its error is that of the days on which it answers),
# and it knows nothing of tomorrow's weather. A network could have all of it: branch, weekday, weather, last week.

# %% [markdown] skills=["B15", "B19"]
# ## What a pipeline is
#
# First, one row for each branch and day whose sales are known:
# number of the branch, weekday, temperature, rain, rolls sold last week. Gaps stay `nan` for now.

# %%
def rows_of(part):
    x, y = [], []
    for branch in range(3):
        columns = [np.full(days, branch), weekday, *weather.T, last_week[:, branch]]
        known = ~np.isnan(rolls[part, branch])
        x.append(np.column_stack(columns)[part][known])
        y.append(rolls[part, branch][known])
    return np.concatenate(x).astype("float32"), np.concatenate(y).astype("float32")

x_train, y_train = rows_of(past)
x_test, y_test = rows_of(future)
print(x_train.shape, y_train.shape, x_test.shape)

# %% [markdown]
# Arrays of this size you can hand to `fit` as they are. Ten million photographs you cannot:
# they do not fit into memory, and have to be read, decoded and thrown away again while the network learns.
# A `tf.data.Dataset` is the tool for that. It is not a container, it is a **recipe**:
# it says how to get the next element, and nothing happens until somebody asks.

# %%
data = tf.data.Dataset.from_tensor_slices((x_train, y_train))
print(data.element_spec)
print(len(data), "elements; the first:")
print(*next(iter(data)))

# %% [markdown]
# `from_tensor_slices` cuts along the first axis: one element is one row, a pair of features and target.
# `element_spec` tells shape and type of **one element**, and is the first thing to look at when something does not fit.
#
# Each method returns a new recipe that begins where the old one ends.
# The two that you will use most are `map`, which does something to each element, and `batch`, which stacks elements.
#
# **Predict first.** Batches of 32 from these rows. How many, and how large is the last one?

# %%
in_dozens = data.map(lambda features, sold: (features, sold / 12)).batch(32)
print(in_dozens.element_spec)
sizes = [len(target) for _, target in in_dozens]
print(len(sizes), "batches; sizes:", sizes[:3], "…", sizes[-2:])

# %% [markdown]
# One element of the new recipe is a batch. Its first axis is `None`: 32 nearly always, but the last batch has what is left.
# (`drop_remainder=True` would drop those rows; in a test, quietly.)
#
# An **epoch** is one walk through the recipe, from the beginning to the end. `fit` takes such a data set in place of `x` and `y`,
# without `batch_size`: the batches are there already.

# %% [markdown] skills=["B15", "B19"]
# ## Shuffle, then batch
#
# Files are nearly always sorted by something: by date, by branch, by name.
# Suppose the chain's office exports our table with the quietest days first. Then an epoch begins with dull Mondays
# and ends with sunny Saturdays.
#
# `shuffle(n)` keeps a **buffer** of n elements, hands out a random one and fills its place with the next.
# So a small buffer shuffles neighbours only. Four recipes, and how many rolls were sold in each row of their batches:

# %%
order = np.argsort(y_train)
exported = tf.data.Dataset.from_tensor_slices((x_train[order], y_train[order]))
recipes = {
    "batch(32)": exported.batch(32),
    "shuffle(100).batch(32)": exported.shuffle(100, seed=3).batch(32),
    "shuffle(2000).batch(32)": exported.shuffle(2_000, seed=3).batch(32),
    "batch(32).shuffle(100)": exported.batch(32).shuffle(100, seed=3),
}
figure, panels = plt.subplots(1, 4, figsize=(12, 3.6), sharey=True, layout="constrained")
for panel, (name, recipe) in zip(panels, recipes.items()):
    sold = [target for _, target in recipe if len(target) == 32]
    panel.imshow(np.transpose(sold), cmap="viridis", aspect="auto", interpolation="nearest")
    panel.set(title=name, xlabel="batch")
panels[0].set_ylabel("row of the batch");

# %% [markdown]
# Dark is quiet, bright is busy.
# The last picture is the treacherous one: batches in random order, but inside each only days of one kind.
# `shuffle` shuffles elements, and after `batch` an element *is* a batch.
#
# **Predict first.** The same small network, ten epochs, from each recipe. For which does it matter, and in which direction will it be wrong?

# %%
centre, spread = np.nanmean(x_train, axis=0), np.nanstd(x_train, axis=0)

def prepare(features, sold):
    scaled = (features - centre) / spread
    return tf.where(tf.math.is_nan(scaled), 0.0, scaled), sold

def small_network():
    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.Input(shape=(5,)), layers.Dense(32, activation="relu"), layers.Dense(32, activation="relu"), layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(0.01), loss="mae")
    return model

prepared_test, _ = prepare(x_test, y_test)
for name, recipe in recipes.items():
    network = small_network()
    network.fit(recipe.map(prepare), epochs=10, shuffle=False, verbose=0)
    surplus = np.array(network(prepared_test))[:, 0] - y_test
    print(f"{name:24} MAE {np.abs(surplus).mean():6.1f}, on average {surplus.mean():+.1f} rolls")

# %% [markdown]
# From sorted rows, the network promises far too much for every day.
# Each step pulls the weights towards the batch at hand, and what comes last is remembered best: here, the busiest days.
# A buffer of 100 moves rows by a few batches only, and much of the surplus remains.
# Whole batches in random order are a lottery: wherever the last ones pull, the network stays.
# Here that was near the truth; with other seeds we have seen twenty rolls too many, and twenty too few.
#
# So: shuffle before `batch`, with a buffer as large as the data if memory allows.
# Where it does not, shuffle the list of files first, then with a buffer over their rows.
# (`shuffle=False` in `fit`: a data set comes in its own order, and Keras warns where it sees no shuffle at the end of the recipe.)

# %% [markdown] skills=["B15", "B19"]
# ## Split first, shuffle afterwards
#
# `take(n)` is a recipe for the first n elements, `skip(n)` for the rest. Together they split a data set:
# 200 of a thousand rows for validation, 800 for training. Somebody shuffles first, so that both parts get a bit of everything.
#
# **Predict first.** Over five epochs of training, how many of the 200 validation rows will training have seen?

# %%
shuffled = tf.data.Dataset.range(1_000).shuffle(1_000, seed=3)
validation, training = shuffled.take(200), shuffled.skip(200)
held_out = {int(row) for row in validation}
seen = set()
for epoch in range(1, 6):
    seen |= {int(row) for row in training}
    print(f"after epoch {epoch}, training has seen {len(held_out & seen)} of the 200")

# %% [markdown]
# A recipe again, not a container: every walk through `training` shuffles anew and then skips 200 *other* rows.
# The validation error of such a model looks splendid, and means nothing.
#
# Split first, by time or by file where you can, then shuffle the training part alone:
# `data.skip(200).shuffle(800)`. (`reshuffle_each_iteration=False` mends the leak, too, at the price of one order for all epochs.)

# %% [markdown] skills=["B18", "B19", "B15"]
# ## Straight from files
#
# So far all rows were in memory. A pipeline can also begin at the files and read them while it runs.
# The harbour's reports, through the reader that we have: `from_generator` takes a function that makes a generator,
# and has to be told what an element looks like.

# %%
def harbour_rolls():
    for day, temperature, rain, sold in read_harbour(folder / "harbour"):
        yield (temperature, rain), sold

signature = (tf.TensorSpec((2,), tf.float32), tf.TensorSpec((), tf.float32))
reports = tf.data.Dataset.from_generator(harbour_rolls, output_signature=signature)
print(*next(iter(reports.batch(3))), sep="\n")

# %% [markdown]
# Flexible, and slow: Python reads every report, in every epoch.
# For tables of plain lines, TensorFlow reads and parses by itself. We write our table as three tidy CSV files first:

# %%
tidy = Path(tempfile.mkdtemp())
for branch, name in enumerate(["station", "market", "harbour"]):
    lines = ["weekday,temperature,rain,last_week,rolls"]
    lines += [",".join("" if np.isnan(v) else f"{v:g}" for v in row) for row in np.column_stack([weekday, weather, last_week[:, branch], rolls[:, branch]])]
    (tidy / f"{name}.csv").write_text("\n".join(lines) + "\n")

print(*(tidy / "harbour.csv").read_text().splitlines()[:9], sep="\n")

# %% [markdown]
# `TextLineDataset` makes an element of each line, `skip(1)` drops the header, and `tf.io.decode_csv` takes a line apart.
# Its `record_defaults` say two things at once: how many columns of which type, and what an empty cell becomes.

# %%
def parse(line):
    *features, sold = tf.io.decode_csv(line, record_defaults=[np.nan] * 5)
    return tf.stack(features), sold

one_file = tf.data.TextLineDataset(str(tidy / "harbour.csv")).skip(1).map(parse)
for features, sold in one_file.skip(7).take(2):
    print(features.numpy(), sold.numpy())

# %% [markdown]
# For several files, `flat_map` makes a small data set of each path and strings them together;
# `filter` keeps the rows whose target is known.
#
# **Predict first.** Why does `skip(1)` stand inside, at the single file, and what would happen if it stood at the end?

# %%
paths = sorted(str(path) for path in tidy.glob("*.csv"))
lines = tf.data.Dataset.from_tensor_slices(paths).flat_map(lambda path: tf.data.TextLineDataset(path).skip(1))
streamed = lines.map(parse).filter(lambda features, sold: ~tf.math.is_nan(sold))
print(sum(1 for _ in streamed), "rows;", len(x_train) + len(x_test), "in the arrays")
print("len:", streamed.cardinality().numpy(), "batches of:", streamed.batch(32).element_spec[0].shape)

# %% [markdown]
# The same rows as before. At the end, `skip(1)` would drop the first header only, and leave two lines of words among the numbers.
# The length is −2, "unknown": before reading, nobody can tell how many rows a filter keeps.
#
# ### Cache and prefetch, in steps
#
# How often is a report read? Let the generator count.

# %%
reads = []

def counted():
    for element in harbour_rolls():
        reads.append(element)
        yield element

def from_reports():
    return tf.data.Dataset.from_generator(counted, output_signature=signature)

for name, recipe in {"plain": from_reports().batch(32), "cache": from_reports().cache().batch(32)}.items():
    reads.clear()
    for epoch in range(3):
        sum(1 for _ in recipe)
    print(f"{name:6} three epochs: {len(reads)} reports read")

# %% [markdown]
# `cache()` keeps what has come through, in memory or in a file that you name, and answers from there in later epochs.
# Whatever stands *before* it happens once. So: reading and parsing before, shuffling and whatever else has to differ from epoch to epoch after;
# a shuffle before the cache would freeze one order for ever.
#
# `prefetch(n)` lets the pipeline work ahead while the model trains: when the first batch is handed out, the next n are begun.

# %%
import time

waiting = tf.data.Dataset.from_generator(counted, output_signature=signature).batch(32)
for name, recipe in {"batch(32)": waiting, "batch(32).prefetch(4)": waiting.prefetch(4)}.items():
    reads.clear()
    batches = iter(recipe)
    next(batches)
    time.sleep(2)  # a training step that takes its time
    print(f"{name:22} {len(reads) // 32} batches read while the model works on the first")

# %% [markdown]
# Left alone, model and files would wait for each other in turn, so TensorFlow by itself reads one batch ahead: hence 2 above.
# With `prefetch(4)` it is four, and model and files work at the same time.
# It changes no number, belongs at the very end, and `prefetch(tf.data.AUTOTUNE)` chooses n itself.
#
# So most pipelines look alike:
# **files → parse → (split) → cache → shuffle → batch → prefetch.**

# %% [markdown] skills=["B19"]
# ## A data set in one line
#
# Much of this work has been done for you, for some hundreds of public data sets.
# **TensorFlow Datasets** (the package `tensorflow_datasets`, commonly `tfds`) downloads, checks and prepares them,
# and hands you a `tf.data.Dataset`:
#
# ```python
# import tensorflow_datasets as tfds
# train, info = tfds.load("titanic", split="train[:80%]", as_supervised=True, with_info=True)
# ```
#
# The package is not part of this course's environment, but its interface is worth knowing.
# So the course's own data sets stand behind a small `load` with the same arguments.
# What the real one adds: the public data, downloads with checksums, and files prepared for fast reading.

# %%
from tfcourse.datasets.catalogue import load

train_part, info = load("bakery", split="train[:75%]", as_supervised=True, with_info=True)
print({name: split.num_examples for name, split in info.splits.items()}, "·", len(train_part), "in the slice")
print(train_part.element_spec)

# %% [markdown]
# - **name**: which data set;
# - **split**: `train`, `test`, or a slice, by number or per cent, from either end; `+` joins several.
#   The order is always the same, so `train[:75%]` and `train[75%:]` never overlap;
# - **as_supervised**: pairs of input and target, which is what `fit` wants. Without it, each element is a dictionary of all features;
# - **with_info**: what the data set says of itself: features, splits and their sizes.

# %%
parts = load("signs", split=["train[:10%]", "train[-10%:]", "train[:10%]+test"])
print([len(part) for part in parts])
print(parts[0].element_spec)

# %% [markdown] skills=["B3"]
# ## Preprocessing inside the model
#
# Our networks above were fed by `prepare`, outside. Whoever uses such a model must do the same, with the same numbers.
# Week 1 put `Normalization` into the model. With the table of all sixteen branches, two things stand in the way.

# %%
from tfcourse.datasets.bakery import COLUMNS

train_rows, test_rows = load("bakery", split=["train", "test"], as_supervised=True)
x = np.stack([features for features, _ in train_rows])
normalize = layers.Normalization()
normalize.adapt(x)
print(COLUMNS, x[:3], "means:", np.array(normalize.mean)[0], sep="\n")

# %% [markdown]
# The first: **gaps**. One `nan` in a column makes its mean `nan`, then every weight, then every prediction.
# So fill it, inside the model, and tell the network that it was filled: a column of flags, 1 where there was a gap.
# Then 0 can stand for "average" where the flag says "unknown".
#
# The second: **categories**. Branch 2 is not twice branch 1, and Sunday is not six times Tuesday.
# To a dense layer, one number is a slope. A category becomes as many columns as it has values,
# all 0 but one: **one-hot**. Each then has weights of its own.
#
# A chain of layers cannot treat columns differently. Keras's other way to write a model can: call layers on tensors,
# and name the first and the last. (It is called the *functional* way; week 5 will look into a network with it.
# `keras.ops` holds what NumPy would do, for tensors inside a model.)

# %%
mean, sd = np.nanmean(x[:, 3:], axis=0), np.nanstd(x[:, 3:], axis=0)

def inside(one_hot=True, flags=True):
    keras.utils.set_random_seed(3)
    inputs = keras.Input(shape=(6,))
    gaps = keras.ops.isnan(inputs[:, 3:])
    parts = [keras.ops.where(gaps, 0.0, (inputs[:, 3:] - mean) / sd)]
    parts += [keras.ops.cast(gaps, "float32")] if flags else []
    for column, size in enumerate((16, 7, 4)):
        category = inputs[:, column]
        parts += [layers.CategoryEncoding(size, output_mode="one_hot")(category) if one_hot else category[:, None] / size]
    hidden = layers.Dense(64, activation="relu")(layers.Concatenate()(parts))
    hidden = layers.Dense(64, activation="relu")(hidden)
    model = keras.Model(inputs, layers.Dense(1)(hidden))
    model.compile(optimizer=keras.optimizers.Adam(0.003), loss="mae")
    return model

model = inside()
print(model.predict(x[:3], verbose=0).ravel())

# %% [markdown]
# Raw rows go in, gaps and all, and numbers come out, bad ones so far. Now train it, and two poorer versions.
#
# **Predict first.** Which costs more here, numbers for categories or gaps without flags?

# %%
pipeline = train_rows.shuffle(2_000, seed=3).batch(32).prefetch(tf.data.AUTOTUNE)
test_batches = test_rows.batch(256)
for one_hot, flags in ((False, True), (True, False), (True, True)):
    candidate = inside(one_hot, flags)
    candidate.fit(pipeline, epochs=40, shuffle=False, verbose=0)
    print(f"one-hot {one_hot!s:5} flags {flags!s:5}  MAE {candidate.evaluate(test_batches, verbose=0):.1f}")

# %% [markdown]
# With numbers for categories the error is 1.7 times as large. The flags change nothing that could be told from chance:
# our gaps fall at random, and a value of exactly 0 is a mark that the network can learn by itself.
# They begin to matter where a gap *means* something, a till that breaks down on busy days, say.
# Since they cost three columns, keep them until you know.

# %% [markdown] skills=["B15", "B19"]
# ## Try it
#
# The recipe below has a part for each thing of this week. Change one at a time, and write down what you expect first:
# 40 epochs for 10; batches of 8 or 256; `take(500)` for less data; `repeat(4)` before `shuffle`;
# a shuffle buffer of 1, or the shuffle moved behind the batch. Which change matters most, and which only costs time?

# %%
buffer, batch_size, epochs = 2_000, 32, 10

mine = inside()
mine.fit(train_rows.shuffle(buffer, seed=3).batch(batch_size), epochs=epochs, shuffle=False, verbose=0)
print(f"MAE {mine.evaluate(test_batches, verbose=0):.1f}")

# %% [markdown] skills=["B15", "B3"]
# ## Common mistakes
#
# The most common one of all: a data set without `batch`.

# %%
try:
    inside().fit(train_rows, shuffle=False, verbose=0)
except Exception as error:
    print(type(error).__name__, "…", *str(error).splitlines()[:8], sep="\n")
print("wanted:", model.input_shape, "given:", train_rows.element_spec[0].shape, "mended:", train_rows.batch(32).element_spec[0].shape)

# %% [markdown]
# The sentence that matters stands in the middle: expected `(None, 6)`, found `(6,)`.
# As in week 1, put the two shapes side by side. The first number is missing, so the batch is missing:
# Keras took each single row for a batch. In `element_spec` this could be seen before any training.

# %% [markdown]
# | what you see | what is usually wrong |
# |---|---|
# | an error about a shape without its first number | no `batch`, or `batch` twice |
# | loss `nan` from the first step on | a gap in the inputs, or a mean of a column with gaps |
# | the loss jumps within each epoch | sorted data, or `shuffle` after `batch` |
# | validation far better than the test | shuffled before `take` and `skip` |
# | other rows, in another order, at each run | `list_files` shuffles; say `shuffle=False`, or sort the paths |
# | an error about a "field" in the middle of an epoch | a header among the numbers |
# | training never ends | `repeat()` without a number, and no `steps_per_epoch` |
# | values a hundred or a thousand times too large | decimal commas and points between thousands |
#
# ## Summary
#
# - Read the files before you write a reader. Text becomes numbers and dates at the border; what is unknown becomes `nan`.
# - A `Dataset` is a recipe for elements. `element_spec` tells shape and type of one; after `batch`, one element is a batch.
# - Split, then shuffle, then batch. A buffer smaller than the data shuffles neighbours only.
# - `cache` keeps what stands before it, `prefetch` works ahead; neither changes a number.
# - Categories become one-hot columns, gaps a filled value and a flag, both inside the model.
# - `load(name, split="train[:75%]", as_supervised=True, with_info=True)` is the interface of TensorFlow Datasets.

# %% [markdown]
# ## Recall questions
#
# Answer in your own words before you open an answer.
#
# 1. A file of 1,000 rows, `batch(64)`. How many batches, and how large is the last?
# <details><summary>Answer</summary>
# Sixteen: fifteen of 64, which makes 960, and one of 40.
# </details>
#
# 2. Your rows are sorted by date, and you shuffle with a buffer of 10. What does the network see?
# <details><summary>Answer</summary>
# Nearly the order of time: nothing comes more than nine places too early.
# </details>
#
# 3. Why is 0 a bad stand-in for an unknown temperature, and why is it a good one after scaling, beside a flag?
# <details><summary>Answer</summary>
# 0 °C is a cold day, which sells differently. After scaling, 0 is the mean, the least surprising value, and the flag says that it is not a measurement.
# </details>
#
# 4. You put `cache()` after `shuffle()`. What changes from epoch to epoch?
# <details><summary>Answer</summary>
# Nothing: the first epoch's order is kept and repeated.
# </details>
#
# 5. What is the difference between <code>load("x", split="train[:20]")</code> and <code>load("x", split="train[:20%]")</code>?
# <details><summary>Answer</summary>
# The first twenty examples, and the first fifth of them.
# </details>

# %% [markdown]
# ## Take it further
#
# - **How much buffer is enough?** Train with buffers of 1, 10, 100, 1,000 and draw the error. Is there a point from which on it does not matter?
# - **One branch more.** Invent a fourth format (tabs, and `n/a` for gaps), and write its reader.
# - **Gaps that mean something.** Let the till fail on busy days only. Does the flag help more than before? What has the network learned from it?
# - **A real table.** The passengers of the *Titanic*: numbers, categories and gaps in one CSV file, and the question who survived.
#
# ```python
# from tfcourse.datasets.public import load_titanic
#
# (x_train, y_train), (x_test, y_test) = load_titanic()
# ```
#
#   Numbers, codes and `nan`, as here. Fill the gaps, make one-hot columns of class, sex and port, and compare with the baseline
#   that says "women survived, men did not". Expect it to be hard to beat by much: there are only 1,309 passengers.
#
# Then open the assignment. Next week there are too few data, and a network that learns them by heart.
