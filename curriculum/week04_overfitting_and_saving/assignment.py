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
#     title: "Week 4, assignment: overfitting, and keeping a model"
#     description: Reckon a file's size, write dropout by hand, bring data to a model's shape, predict from a saved model, and learn from few examples.
#     prerequisites: ["the lesson of week 4"]
#     minutes: 105
# ---

# %% [markdown]
# Five tasks, 14 points.
# The first four train nothing.
# In the fifth, you train a network on 4,000 gearboxes, many of them wrongly labelled, and it is judged on 3,000 others.
#
# Below each task stands a cell with a small example: run it first, it costs nothing.
# Then `practice` tries your function on data that you have not seen and says what to do next.
# You may practise as often as you like; what counts in the end is the same check on other data.

# %% tags=["setup"]
from tfcourse import grade, hint, practice, solution
from tfcourse.datasets.gearboxes import STATES, make_archive

import tempfile
from pathlib import Path

import keras
import numpy as np
from keras import layers, regularizers

# %% [markdown] skills=["T5", "T6"]
# ## Task 1 · How large is the file? (2 points)
#
# A model's file is mostly numbers. Write `model_bytes(units, normalization, dtype, optimizer)`,
# which returns how many bytes these numbers take, as an integer.
#
# - `units` is a list: how many inputs there are, then the units of each dense layer.
#   `[128, 64, 6]` is a network with 128 inputs, a hidden layer of 64 units and a last layer of 6.
#   Every dense layer has biases.
# - `normalization` is True where the network begins with a `Normalization` layer:
#   it holds a mean and a variance for each input. No gradient changes them.
#   (Its counter, one number more, we leave out.)
# - `dtype` is `"float16"`, `"float32"` or `"float64"`: 16, 32 or 64 *bits* for each number.
# - `optimizer` says what is saved with the model, so that training can go on:
#   `None` or `"sgd"` remember nothing, `"momentum"` remembers one number for each weight and bias that is trained, and `"adam"` two.
#   They have the same dtype.

# %% nbgrader={"grade": false, "grade_id": "model_bytes_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def model_bytes(units, normalization, dtype, optimizer):
    """Return the bytes of all numbers in a saved network."""
    ### BEGIN SOLUTION
    trained = sum((inputs + 1) * outputs for inputs, outputs in zip(units[:-1], units[1:]))
    fixed = 2 * units[0] if normalization else 0
    remembered = {None: 0, "sgd": 0, "momentum": 1, "adam": 2}[optimizer]
    bytes_each = {"float16": 2, "float32": 4, "float64": 8}[dtype]
    return (trained * (1 + remembered) + fixed) * bytes_each
    ### END SOLUTION

# %% [markdown]
# Keras can tell, once a model is on disk. The file is a little larger than your number:
# it also holds the model's plan, and a few hundred bytes about each array.

# %%
saved = keras.Sequential([keras.Input(shape=(128,)), layers.Dense(256, activation="relu"), layers.Dense(6)])
path = Path(tempfile.mkdtemp()) / "saved.keras"
saved.save(path)
print(f"file: {path.stat().st_size:,} bytes, yours: {model_bytes([128, 256, 6], False, 'float32', None):,}")
# hint("week04.model_bytes")

# %% nbgrader={"grade": true, "grade_id": "model_bytes", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week04.model_bytes", model_bytes)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week04.model_bytes", model_bytes)
### END HIDDEN TESTS

# %% [markdown] skills=["B9"]
# ## Task 2 · Dropout by hand (2 points)
#
# Write `dropout(x, rate, chance, training)`: what a `Dropout(rate)` layer makes of the numbers `x`, as floats.
#
# - `chance` has the shape of `x` and holds random numbers, evenly spread from 0 to 1.
#   A value of `x` is switched off, that is, becomes 0, where its `chance` is **below** `rate`.
# - What stays is made larger, so that the sum is on average the same as before: divided by the share that stays.
# - When the network predicts, `training` is False, and nothing is changed.
#
# NumPy only. Leave `x` as it is: return a new array.

# %% nbgrader={"grade": false, "grade_id": "dropout_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dropout(x, rate, chance, training):
    """Return x with a random share switched off and the rest made larger."""
    ### BEGIN SOLUTION
    if not training:
        return x.astype("float64")
    return np.where(chance < rate, 0.0, x / (1 - rate))
    ### END SOLUTION

# %% [markdown]
# A quarter is switched off on average, so what stays is divided by 0.75.
# The mean of many ones should stay near 1. What would it be if nothing were made larger?

# %%
chance = np.random.default_rng(1).random((100, 100))
dropped = dropout(np.ones((100, 100)), 0.25, chance, True)
print(dropped[0, :8].round(3), "· mean:", dropped.mean().round(3))
# hint("week04.dropout")

# %% nbgrader={"grade": true, "grade_id": "dropout", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week04.dropout", dropout)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week04.dropout", dropout)
### END HIDDEN TESTS

# %% [markdown] skills=["B13"]
# ## Task 3 · What the model asks for (2 points)
#
# A trained model gets spectra from instruments of several makers. Write `fit_input(x, input_shape)`,
# which brings them to the shape, order, unit and dtype that the model was trained on.
#
# - `input_shape` is `model.input_shape`: `(None, bins)` or `(None, bins, 1)`. Return an array of that shape, `float32`,
#   with as many gearboxes in place of `None` as there are in `x`.
# - `x` may have the shape
#   - `(n, bins)` or `(n, bins, 1)`: one gearbox in each row;
#   - `(bins,)`: a single gearbox;
#   - `(bins, n)`: one gearbox in each **column**, as one maker's software exports them.
#     (Where n equals bins, take the gearboxes to be in rows.)
# - Floats are decibels. Integers are hundredths of a decibel: 1250 is 12.5 dB. The model was trained on decibels.

# %% nbgrader={"grade": false, "grade_id": "fit_input_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fit_input(x, input_shape):
    """Return x as the model wants it: float32, in decibels, of shape (n, *input_shape[1:])."""
    ### BEGIN SOLUTION
    bins = input_shape[1]
    if np.issubdtype(x.dtype, np.integer):
        x = x / 100
    if x.ndim == 3:
        x = x[:, :, 0]
    if x.ndim == 1:
        x = x[None, :]
    if x.shape[1] != bins:
        x = x.T
    return x.reshape(len(x), *input_shape[1:]).astype("float32")
    ### END SOLUTION

# %% [markdown]
# Two gearboxes with three bins each, once in rows and once in columns. The results should be the same.

# %%
in_rows = np.array([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]])
print(fit_input(in_rows, (None, 3)), fit_input(in_rows.T, (None, 3)))
print(fit_input(np.array([125, 250, 375]), (None, 3, 1)).shape)
# hint("week04.fit_input")

# %% nbgrader={"grade": true, "grade_id": "fit_input", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week04.fit_input", fit_input)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week04.fit_input", fit_input)
### END HIDDEN TESTS

# %% [markdown] skills=["T6", "T7", "B14"]
# ## Task 4 · Predict from a folder (3 points)
#
# Somebody trained a model with `ModelCheckpoint`, and sends you the folder.
# Write `predict_from(folder, x)`, which predicts with the best model in it.
#
# - `folder` is a `pathlib.Path`. Models are files whose names end in `.keras` or, from older versions, in `.h5`:
#   `epoch-07-val-0.431.keras` was saved after epoch 7, with a validation loss of 0.431.
#   There may be other files, which have nothing to do with it.
# - The best model is the one with the lowest validation loss. Compare losses as numbers: as text, "10.2" comes before "9.8".
# - You only want to predict, so load it without its loss and optimizer, `compile=False`.
#   (Some of the `.h5` files cannot be loaded otherwise.)
# - `x` is a batch that fits the model. The test asks for **classes**: integers of shape (n,).
#   If the last layer has several units, it has softmax; if it has a single one, it has sigmoid, and 0.5 or more means class 1.

# %% nbgrader={"grade": false, "grade_id": "predict_from_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def predict_from(folder, x):
    """Return the classes, shape (n,), that the best model of a folder predicts."""
    ### BEGIN SOLUTION
    files = [path for path in folder.iterdir() if path.suffix in (".keras", ".h5")]
    best = min(files, key=lambda path: float(path.stem.split("-")[-1]))
    model = keras.models.load_model(best, compile=False)
    said = model.predict(x, verbose=0)
    if said.shape[1] == 1:
        return (said[:, 0] >= 0.5).astype(int)
    return said.argmax(axis=1)
    ### END SOLUTION

# %% [markdown]
# A folder with two models that have learned nothing, and know it: the first always says class 0, the second class 2.
# The second has the lower loss, so you should get three times 2.

# %%
sent = Path(tempfile.mkdtemp())
for name, favourite in (("epoch-01-val-1.100.keras", 0), ("epoch-02-val-0.950.keras", 2)):
    biased = keras.Sequential([keras.Input(shape=(4,)), layers.Dense(3, activation="softmax")])
    biased.set_weights([np.zeros((4, 3)), 5 * np.eye(3)[favourite]])
    biased.save(sent / name)
print(predict_from(sent, np.zeros((3, 4))))
# hint("week04.predict_from")

# %% nbgrader={"grade": true, "grade_id": "predict_from", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
practice("week04.predict_from", predict_from)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week04.predict_from", predict_from)
### END HIDDEN TESTS

# %% [markdown] skills=["B9"]
# ## Task 5 · Learn from wrong notes (5 points)
#
# The rolling mill has an archive: 4,000 gearboxes, measured with another sensor at 64 orders, each with its work order.
# There are more of them than in the lesson, and they were copied without care: **four in ten name the wrong state**.
# Write `train_model(x_train, y_train)`. It builds a network that tells the six `STATES` apart, **trains it**, and returns it.
#
# - `x_train` has shape (4000, 64): levels in decibels, **raw**. The model gets raw levels when it predicts, too,
#   so the scaling has to live inside it. `y_train` holds integers from 0 to 5, as they were noted.
# - The output is a row of six probabilities that sum to 1. At most 100,000 parameters.
# - How long you train is yours to choose, and so is everything else: layers, cures, batches, what you hold back, callbacks.
#   Your function runs in an empty folder of its own, where it may save models.
#   If its time runs out before it returns, the newest model that it has saved there counts.
#
# The call is `train_model(x_train, y_train)` on gearboxes that you have not seen.
# Use nothing but those: the course's generators are closed while your function runs.
# What you hold back for validation carries notes as well, so a validation accuracy near 0.6 is the most that you will see.
# Its loss still tells when learning by heart begins.
#
# The model is judged by its accuracy on 3,000 other gearboxes, which were taken apart: these labels are true.
#
# {{ladder:week04.gearbox_model}}

# %% nbgrader={"grade": false, "grade_id": "gearbox_model_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_model(x_train, y_train):
    """Return a network, trained on spectra of shape (n, 64), that gives six probabilities for each."""
    ### BEGIN SOLUTION
    normalize = layers.Normalization()
    normalize.adapt(x_train)
    model = keras.Sequential([
        keras.Input(shape=x_train.shape[1:]),
        normalize,
        layers.Dropout(0.2),
        layers.Dense(128, activation="relu"),
        layers.Dropout(0.5),
        layers.Dense(64, activation="relu"),
        layers.Dropout(0.5),
        layers.Dense(6, activation="softmax"),
    ])
    model.compile(optimizer=keras.optimizers.Adam(0.002), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    stop = keras.callbacks.EarlyStopping(patience=10, restore_best_weights=True)
    model.fit(x_train, y_train, epochs=80, batch_size=64, validation_split=0.2, callbacks=[stop], verbose=0)
    return model
    ### END SOLUTION

# %% [markdown]
# Look before you train on everything. Below, your function learns from 1,000 gearboxes of the archive, wrong notes and all.
# Six in ten notes are right. What does an accuracy far above 0.6 *on these notes* tell you?
# And which of the two lines is the one that counts?

# %%
my_x, my_noted, my_true = make_archive(2_500, seed=7)
my_model = train_model(my_x[:1_000], my_noted[:1_000])
print(f"{my_model.count_params():,} parameters")
for name, x, labels in (("its notes", my_x[:1_000], my_noted[:1_000]), ("other gearboxes", my_x[1_000:], my_true[1_000:])):
    print(f"{name:16} {(my_model.predict(x, verbose=0).argmax(axis=1) == labels).mean():.2f}")
# hint("week04.gearbox_model")

# %% nbgrader={"grade": true, "grade_id": "gearbox_model", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
practice("week04.gearbox_model", train_model)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week04.gearbox_model", train_model)
### END HIDDEN TESTS
