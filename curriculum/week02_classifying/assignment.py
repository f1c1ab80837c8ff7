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
#     title: "Week 2, assignment: classifying"
#     description: Compute the loss of a classifier, count its two kinds of mistakes, stop its training in time, and find out where the trouble in a well comes from.
#     prerequisites: ["the lesson of week 2"]
#     minutes: 100
# ---

# %% [markdown]
# Five tasks, 14 points.
# The first four train nothing, or next to nothing.
# In the fifth, you train a network on 2,000 wells, and it is judged on 5,000 others.
#
# Below each task stands a cell with a small example: run it first, it costs nothing.
# Then `practice` tries your function on data that you have not seen and says what to do next.
# You may practise as often as you like; what counts in the end is the same check on other data.

# %% tags=["setup"]
from tfcourse import grade, hint, practice, solution
from tfcourse.datasets.wells import FEATURES, SOURCES, make_wells

import keras
import numpy as np
from keras import layers

def rehearse(make_callback):
    """Return a function that plays logs to a callback, epoch by epoch, and counts the epochs until training stops."""
    def epochs_until_it_stops(monitor, target, logs):
        callback, model = make_callback(monitor, target), keras.Sequential()
        model.stop_training = False
        callback.set_model(model)
        callback.on_train_begin()
        for epoch, found in enumerate(logs):
            callback.on_epoch_begin(epoch)
            callback.on_epoch_end(epoch, dict(found))
            if model.stop_training:
                return epoch + 1
        return len(logs)
    return epochs_until_it_stops

# %% [markdown] skills=["B6"]
# ## Task 1 · The loss by hand (2 points)
#
# Write `cross_entropy(labels, probabilities)`: the binary cross-entropy, averaged over all wells, as one number.
#
# - `labels` holds 1 for an unsafe well and 0 for a safe one;
#   `probabilities` holds what the model said for *unsafe*.
# - A well costs minus the natural logarithm of the probability that was given to what is true.
# - No probability may be 0 or 1, or a logarithm becomes infinite.
#   Keras moves what is closer than 1e-7 to either end to exactly that distance; do the same, with 64-bit numbers.
# - Either may come as shape (n,) or as (n, 1): labels mostly as a row, predictions mostly as a column.
#
# NumPy only.

# %% nbgrader={"grade": false, "grade_id": "cross_entropy_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def cross_entropy(labels, probabilities):
    """Return the mean binary cross-entropy."""
    ### BEGIN SOLUTION
    y = np.reshape(labels, -1).astype("float64")
    p = np.clip(np.reshape(probabilities, -1).astype("float64"), 1e-7, 1 - 1e-7)
    return float(np.mean(-y * np.log(p) - (1 - y) * np.log(1 - p)))
    ### END SOLUTION

# %% [markdown]
# Keras is your judge: the two numbers should agree to five digits.
# The predictions below are a column, as `model.predict` returns them.

# %%
four_labels = np.array([1, 0, 0, 1])
four_predictions = np.array([[0.9], [0.2], [0.05], [0.4]])
theirs = keras.losses.BinaryCrossentropy()(four_labels[:, None], four_predictions)
print("Keras:", float(theirs), "yours:", cross_entropy(four_labels, four_predictions))
# hint("week02.cross_entropy")

# %% nbgrader={"grade": true, "grade_id": "cross_entropy", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week02.cross_entropy", cross_entropy)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week02.cross_entropy", cross_entropy)
### END HIDDEN TESTS

# %% [markdown] skills=["B6"]
# ## Task 2 · Misses and false alarms (2 points)
#
# Write `count_outcomes(labels, probabilities, threshold)`.
# It warns of each well whose probability is **at least** the threshold, and returns four integers as a tuple:
#
# `(found, missed, false_alarms, passed)`
#
# - found: unsafe, and warned of;
# - missed: unsafe, and not warned of;
# - false alarms: safe, and warned of;
# - passed: safe, and not warned of.
#
# Shapes are as in task 1: (n,) or (n, 1), for either of the two.

# %% nbgrader={"grade": false, "grade_id": "count_outcomes_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def count_outcomes(labels, probabilities, threshold):
    """Return (found, missed, false_alarms, passed) as integers."""
    ### BEGIN SOLUTION
    unsafe = np.reshape(labels, -1) == 1
    warned = np.reshape(probabilities, -1) >= threshold
    pairs = (unsafe & warned, unsafe & ~warned, ~unsafe & warned, ~unsafe & ~warned)
    return tuple(int(pair.sum()) for pair in pairs)
    ### END SOLUTION

# %% [markdown]
# Six wells, two of them unsafe. At 0.5 one is found, one is missed, and one safe well gives a false alarm: (1, 1, 1, 3).
# What should change at 0.3, and what at 0.9?

# %%
six_labels = np.array([1, 1, 0, 0, 0, 0])
six_predictions = np.array([[0.8], [0.3], [0.5], [0.1], [0.2], [0.0]])
for threshold in (0.5, 0.3, 0.9):
    print(threshold, count_outcomes(six_labels, six_predictions, threshold))
# hint("week02.count_outcomes")

# %% nbgrader={"grade": true, "grade_id": "count_outcomes", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week02.count_outcomes", count_outcomes)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week02.count_outcomes", count_outcomes)
### END HIDDEN TESTS

# %% [markdown] skills=["B8", "B16"]
# ## Task 3 · When does it stop? (3 points)
#
# Write `early_stopping(val_losses, patience, min_delta)`. Given the validation loss that each epoch would end with,
# it tells what `keras.callbacks.EarlyStopping(patience=…, min_delta=…, restore_best_weights=True)` makes of it,
# as a tuple of two integers:
#
# `(epochs_run, kept_epoch)`: how many epochs are trained, and the weights of which one remain.
# Epochs count from 1.
#
# The rules of Keras, in words:
#
# - The first epoch is the best so far. A later one is an **improvement** if its loss is lower than the best loss
#   by *more* than `min_delta`; then it becomes the best, and the waiting begins anew.
# - Every other epoch is one of waiting. When as many have passed in a row as `patience` says, training stops.
#   A patience of 0 stops like a patience of 1: at the first epoch that is no improvement.
# - If the losses end before patience does, all epochs are trained. Even then the best epoch's weights are restored.

# %% nbgrader={"grade": false, "grade_id": "early_stopping_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def early_stopping(val_losses, patience, min_delta):
    """Return (epochs_run, kept_epoch), both counted from 1."""
    ### BEGIN SOLUTION
    best, kept_epoch, waited = val_losses[0], 1, 0
    for epoch, loss in enumerate(val_losses[1:], start=2):
        if loss < best - min_delta:
            best, kept_epoch, waited = loss, epoch, 0
        else:
            waited += 1
            if waited >= patience:
                return epoch, kept_epoch
    return len(val_losses), kept_epoch
    ### END SOLUTION

# %% [markdown]
# The loss of the curve below turns after its fourth epoch.
# With a patience of 2 you should get (6, 4); with a patience of 5, training goes on to the end, (8, 4).
# And with a `min_delta` of 0.1, the fourth epoch no longer counts: (5, 3).

# %%
curve = [0.90, 0.60, 0.45, 0.40, 0.42, 0.41, 0.47, 0.55]
print(early_stopping(curve, 2, 0.0), early_stopping(curve, 5, 0.0), early_stopping(curve, 2, 0.1))
# hint("week02.early_stopping")

# %% nbgrader={"grade": true, "grade_id": "early_stopping", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
practice("week02.early_stopping", early_stopping)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week02.early_stopping", early_stopping)
### END HIDDEN TESTS

# %% [markdown] skills=["T3", "B16"]
# ## Task 4 · Mend a callback (2 points)
#
# This callback is meant to end training as soon as a metric reaches a target.
# It stops nothing, except the program:

# %%
def broken_stop_at(monitor, target):
    """Return a callback that ends training when `monitor` has reached `target`. In vain."""
    class StopAt(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if logs[monitor] > target:
                self.stop_training = True
    return StopAt()

some_x, some_unsafe, _ = make_wells(64, seed=1)
tiny = keras.Sequential([keras.Input(shape=(11,)), layers.Dense(1, activation="sigmoid")])
tiny.compile(loss="binary_crossentropy", metrics=["accuracy"])
try:
    tiny.fit(some_x, some_unsafe, epochs=3, verbose=0, callbacks=[broken_stop_at("val_accuracy", 0.9)])
except Exception as error:
    print(type(error).__name__, error)

# %% [markdown]
# Write `stop_at(monitor, target)`, which returns a callback that keeps the promise:
#
# - Training ends with the first epoch at whose end the metric `monitor` has **reached** the target:
#   is at least as high, or, if the name ends in `loss`, at most as high.
# - An epoch whose logs do not hold the metric changes nothing.
#   (`val_` metrics are missing in every second epoch if `fit` was told `validation_freq=2`, and in all of them
#   if it was given no validation data.)
#
# One mistake of the broken callback makes a noise; the others are silent.
# `rehearse`, in the first cell, plays logs to your callback as `fit` would: that is how it is checked.

# %% nbgrader={"grade": false, "grade_id": "stop_at_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def stop_at(monitor, target):
    """Return a callback that ends training when `monitor` has reached `target`."""
    ### BEGIN SOLUTION
    class StopAt(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            value = (logs or {}).get(monitor)
            if value is None:
                return
            if value <= target if monitor.endswith("loss") else value >= target:
                self.model.stop_training = True

    return StopAt()
    ### END SOLUTION

# %% [markdown]
# Played to these logs, it should stop after 2 epochs for the first line and after 3 for the second.

# %%
some_logs = [{"loss": 0.7, "accuracy": 0.6}, {"loss": 0.5, "accuracy": 0.8}, {"loss": 0.3, "accuracy": 0.9}]
print(rehearse(stop_at)("accuracy", 0.8, some_logs))
print(rehearse(stop_at)("loss", 0.35, some_logs))
# hint("week02.stop_at")

# %% nbgrader={"grade": true, "grade_id": "stop_at", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week02.stop_at", rehearse(stop_at))
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week02.stop_at", rehearse(stop_at))
### END HIDDEN TESTS

# %% [markdown] skills=["B7"]
# ## Task 5 · Where does the trouble come from? (5 points)
#
# Write `train_model(x_train, y_train)`. It builds a network that tells for each well
# which of the five `SOURCES` is at work in it: none, farming, sewage, sea water or mining.
# It **trains** the network, and returns it.
#
# - `x_train` has shape (2000, 11) and holds **raw** numbers in the columns of `FEATURES`; `y_train` holds integers from 0 to 4.
#   The model gets raw numbers when it predicts, too, so the scaling has to live inside it.
# - The output is a row of five probabilities that sum to 1. At most 50,000 parameters.
# - How long you train is yours to choose, and so is everything else: layers, loss, optimizer, batches,
#   what you hold back for validation, callbacks.
#
# The call is `train_model(x_train, y_train)` on wells that you have not seen.
# Use nothing but those wells: the course's generators are closed while your function runs.
#
# An office that has to decide where to look first needs honest probabilities.
# So the model is judged by its **cross-entropy** on 5,000 wells that it has not seen: minus the logarithm of the probability
# that it gave to the true source, on average. Lower is better, and to be sure and wrong is dear.
# A network that is trained for too short a time loses here, and so does one that is trained for too long:
# your validation loss shows what is just right.
#
# {{ladder:week02.sources_model}}

# %% nbgrader={"grade": false, "grade_id": "sources_model_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_model(x_train, y_train):
    """Return a network, trained on wells of shape (n, 11), that gives five probabilities for each."""
    ### BEGIN SOLUTION
    normalize = layers.Normalization()
    normalize.adapt(x_train)
    model = keras.Sequential([
        keras.Input(shape=x_train.shape[1:]),
        normalize,
        layers.Dense(64, activation="relu"),
        layers.Dense(64, activation="relu"),
        layers.Dense(5, activation="softmax"),
    ])
    model.compile(optimizer=keras.optimizers.Adam(0.003), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    stop = keras.callbacks.EarlyStopping(patience=10, restore_best_weights=True)
    model.fit(x_train, y_train, epochs=200, batch_size=32, validation_split=0.2, callbacks=[stop], verbose=0)
    return model
    ### END SOLUTION

# %% [markdown]
# Look before you train on everything. Does the summary show the layers that you meant, is the last output shape `(None, 5)`,
# and do the rows of a prediction sum to 1?
# Keras keeps the curves of the last `fit` in `model.history`: draw them, as in the lesson, and read them.
# Where is the validation loss lowest, and for how long did training go on after that?

# %%
my_x, _, my_source = make_wells(2_500, seed=7)
my_model = train_model(my_x[:1_000], my_source[:1_000])
my_model.summary()
if getattr(my_model, "history", None):  # a model that was loaded from a file has none
    for name, values in my_model.history.history.items():
        print(f"{name:14}", *(f"{value:.2f}" for value in values[4::5]))
given = my_model.predict(my_x[1_000:], verbose=0)[np.arange(1_500), my_source[1_000:]]
print(f"cross-entropy on other wells: {-np.log(np.clip(given, 1e-7, 1)).mean():.3f}")
# hint("week02.sources_model")

# %% nbgrader={"grade": true, "grade_id": "sources_model", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
practice("week02.sources_model", train_model)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week02.sources_model", train_model)
### END HIDDEN TESTS
