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
#     title: "Week 10, assignment: many classes"
#     description: Write the tools that judge a classifier of unequal classes, count word pairs, and train a network that sends tickets to the right desk.
#     prerequisites: ["the lesson of week 10"]
#     minutes: 100
# ---

# %% [markdown]
# Five tasks, 12 points.
# The first four train nothing; in the fifth you train a network on 8,000 tickets,
# and it is judged on 10,000 others.
#
# Below each task stands a cell with a small example: run it first, it costs nothing.
# Then `practice` tries your function on data that you have not seen and says what to do next.
# You may practise as often as you like; what counts in the end is the same check on other data.

# %% tags=["setup"]
from tfcourse import grade, hint, practice, solution
from tfcourse.datasets.tickets import DESKS, make_tickets

import keras
import numpy as np
import tensorflow as tf
from keras import layers

# %% [markdown] skills=["N4", "B4"]
# ## Task 1 · A confusion matrix (2 points)
#
# Write `confusion_matrix(y_true, y_pred, classes)`.
#
# - `y_true` and `y_pred` have shape (n,) and hold integers from 0 to `classes` − 1:
#   what each ticket is, and what the model answered. There may be none, n = 0.
# - Return an array of integers of shape (classes, classes). Row i, column j holds the number of tickets
#   that **are** i and were **answered** j.
# - Classes that do not occur have their row and their column all the same, full of zeros.
#
# NumPy only, and no function that does it all.

# %% nbgrader={"grade": false, "grade_id": "confusion_matrix_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def confusion_matrix(y_true, y_pred, classes):
    """Return counts of shape (classes, classes): rows are true classes, columns are answers."""
    ### BEGIN SOLUTION
    matrix = np.zeros((classes, classes), dtype=int)
    np.add.at(matrix, (y_true, y_pred), 1)
    return matrix
    ### END SOLUTION

# %% [markdown]
# Three tickets of class 0 were answered 0, 0 and 2; one of class 1 was answered 2.
# Expect the rows `[2 0 1]`, `[0 0 1]` and `[0 0 0]`.

# %%
confusion_matrix(np.array([0, 0, 1, 0]), np.array([0, 2, 2, 0]), 3)
# hint("week10.confusion_matrix")

# %% nbgrader={"grade": true, "grade_id": "confusion_matrix", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week10.confusion_matrix", confusion_matrix)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week10.confusion_matrix", confusion_matrix)
### END HIDDEN TESTS

# %% [markdown] skills=["N4"]
# ## Task 2 · Balanced accuracy (2 points)
#
# Write `balanced_accuracy(matrix)`. It gets a confusion matrix as in task 1, of at least one ticket,
# and returns one number: the mean of the classes' recalls.
#
# - The recall of a class is the share of **its** tickets that were answered right.
# - A class that does not occur, whose row holds only zeros, has no recall and is left out of the mean.
# - A class that occurs and is never answered right has a recall of 0, and counts.

# %% nbgrader={"grade": false, "grade_id": "balanced_accuracy_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def balanced_accuracy(matrix):
    """Return the mean recall of the classes that occur."""
    ### BEGIN SOLUTION
    total = matrix.sum(axis=1)
    present = total > 0
    return np.mean(np.diag(matrix)[present] / total[present])
    ### END SOLUTION

# %% [markdown]
# Nine of ten tickets of the first class are right, and one of four of the second; the third does not occur.
# Expect (0.9 + 0.25) / 2 = 0.575.

# %%
balanced_accuracy(np.array([[9, 1, 0], [2, 1, 1], [0, 0, 0]]))
# hint("week10.balanced_accuracy")

# %% nbgrader={"grade": true, "grade_id": "balanced_accuracy", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week10.balanced_accuracy", balanced_accuracy)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week10.balanced_accuracy", balanced_accuracy)
### END HIDDEN TESTS

# %% [markdown] skills=["N4", "B2"]
# ## Task 3 · Class weights (1 point)
#
# Write `class_weights(y, classes)`: what `fit` takes as `class_weight`.
#
# - `y` has shape (n,), integers from 0 to `classes` − 1.
# - Return a dict with a key for each class from 0 to `classes` − 1.
# - The weight of a class is n, divided by (the number of classes that occur, times how often this class occurs).
#   So each class that occurs weighs the same in all, and an example weighs 1 on average.
# - A class that does not occur gets 0.0.

# %% nbgrader={"grade": false, "grade_id": "class_weights_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def class_weights(y, classes):
    """Return a dict of one weight for each class."""
    ### BEGIN SOLUTION
    counts = np.bincount(y, minlength=classes)
    present = np.count_nonzero(counts)
    return {c: len(y) / (present * counts[c]) if counts[c] else 0.0 for c in range(classes)}
    ### END SOLUTION

# %% [markdown]
# Six labels, of which four are 0 and two are 1, and two classes that occur.
# Expect 6 / (2 · 4) = 0.75 for class 0, 6 / (2 · 2) = 1.5 for class 1, and 0 for class 2.

# %%
class_weights(np.array([0, 1, 0, 0, 1, 0]), 3)
# hint("week10.class_weights")

# %% nbgrader={"grade": true, "grade_id": "class_weights", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
practice("week10.class_weights", class_weights)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week10.class_weights", class_weights)
### END HIDDEN TESTS

# %% [markdown] skills=["N2"]
# ## Task 4 · Count word pairs (2 points)
#
# Write `pair_counts(texts, pairs)`.
#
# - `texts` is a list of texts in lower case. Words are what is left when a text is split at white space.
# - `pairs` is a list of word pairs, each one a string with one blank: `"charged twice"`.
# - Return an array of integers of shape (texts, pairs): how often each pair stands in each text,
#   as two words that follow each other, in this order.
# - Pairs may overlap: `"no no no"` holds `"no no"` twice. Parts of words do not count:
#   `"the trams"` does not hold `"the tram"`.

# %% nbgrader={"grade": false, "grade_id": "pair_counts_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def pair_counts(texts, pairs):
    """Return integers of shape (texts, pairs)."""
    ### BEGIN SOLUTION
    place = {pair: column for column, pair in enumerate(pairs)}
    counts = np.zeros((len(texts), len(pairs)), dtype=int)
    for row, text in zip(counts, texts):
        words = text.split()
        for first, second in zip(words, words[1:]):
            if f"{first} {second}" in place:
                row[place[f"{first} {second}"]] += 1
    return counts
    ### END SOLUTION

# %% [markdown]
# Expect the rows `[1 1]` and `[0 0]`: in the second text, the same words stand in another order.

# %%
pair_counts(["the bike is fine but the bill is not", "the bike bill"], ["the bill", "is fine"])
# hint("week10.pair_counts")

# %% nbgrader={"grade": true, "grade_id": "pair_counts", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week10.pair_counts", pair_counts)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week10.pair_counts", pair_counts)
### END HIDDEN TESTS

# %% [markdown] skills=["N1", "N2", "N4"]
# ## Task 5 · To which desk? (5 points)
#
# Write `train_model(x_train, y_train)`. It builds a network that reads a ticket
# and answers with eight probabilities, one for each of `DESKS`, **trains it**, and returns it.
#
# - The inbox is an uneven one: one ticket in three is for billing, one in eighty for lost property,
#   and most of what the small desks get says too little, as *I lost my card case*.
#   `x_train` holds 8,000 tickets as text, shape (8000,), to be given to `fit` as `tf.constant(x_train)`;
#   `y_train` holds integers from 0 to 7.
# - Begin with `keras.Input(shape=(), dtype="string")`: the vectorizer, adapted to `x_train`, lives inside the model.
#   End with eight units and a softmax. At most 500,000 parameters.
# - How long you train is yours to choose, and so is everything else:
#   optimizer, batches, what you hold back, callbacks, weights.
#
# The call is `train_model(x_train, y_train)` on tickets that you have not seen.
# Use nothing but those tickets: the course's generators are closed while your function runs.
#
# It is judged by its **balanced accuracy** on 10,000 other tickets of the same inbox: all eight desks count alike.
#
# {{ladder:week10.tickets_model}}

# %% nbgrader={"grade": false, "grade_id": "tickets_model_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_model(x_train, y_train):
    """Return a network, trained on texts of shape (n,), that gives eight probabilities for each."""
    ### BEGIN SOLUTION
    vectorizer = layers.TextVectorization(max_tokens=4_000, output_sequence_length=60)
    vectorizer.adapt(x_train)
    model = keras.Sequential([
        keras.Input(shape=(), dtype="string"),
        vectorizer,
        layers.Embedding(4_000, 32),
        layers.Conv1D(64, 5, activation="relu"),
        layers.GlobalMaxPooling1D(),
        layers.Dropout(0.5),
        layers.Dense(8, activation="softmax"),
    ])
    model.compile(optimizer=keras.optimizers.Adam(0.002), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    counts = np.bincount(y_train, minlength=8)
    weights = {desk: len(y_train) / (8 * max(count, 1)) for desk, count in enumerate(counts)}
    model.fit(tf.constant(x_train), y_train, epochs=8, batch_size=32, class_weight=weights, verbose=0)
    return model
    ### END SOLUTION

# %% [markdown]
# Look before you train: how many tickets has each desk, and what do those for lost property say?
# Then train on tickets of your own, and print the recall of each desk on others.
# Which ones does your network forget?

# %%
my_x, my_y = make_tickets(10_000, seed=7, uneven=True)
my_train, my_test = slice(0, 8_000), slice(8_000, 10_000)
print(dict(zip(DESKS, np.bincount(my_y[my_train]).tolist())))
print(*my_x[my_train][my_y[my_train] == 7][:5], sep="\n")
my_model = train_model(my_x[my_train], my_y[my_train])
my_answers = my_model.predict(tf.constant(my_x[my_test]), verbose=0).argmax(axis=1)
for desk, name in enumerate(DESKS):
    print(f"{name:14} {np.mean(my_answers[my_y[my_test] == desk] == desk):.2f}")
# hint("week10.tickets_model")

# %% nbgrader={"grade": true, "grade_id": "tickets_model", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
practice("week10.tickets_model", train_model)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week10.tickets_model", train_model)
### END HIDDEN TESTS
