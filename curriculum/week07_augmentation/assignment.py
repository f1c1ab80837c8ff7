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
#     title: "Week 7, assignment: augmentation"
#     description: Decide which flips keep labels, shift pictures by hand, build an augmenter of layers, and learn handwriting from 250 signs.
#     prerequisites: ["the lesson of week 7"]
#     minutes: 85
# ---

# %% [markdown]
# Four tasks, 12 points.
# The first three train nothing: you decide which flips a set of signs can bear, write one augmentation by hand,
# and build others of layers. In the fourth, a network of yours learns from 250 signs
# that ten people wrote into forms, and has to read 2,000 that two hundred others wrote and photographed.
#
# Below each task stands a cell with a small example: run it first, it costs little.
# Then `practice` tries your function on data that you have not seen and says what to do next.
# You may practise as often as you like; what counts in the end is the same check on other data.

# %% tags=["setup"]
from tfcourse import grade, hint, practice, solution
from tfcourse.datasets.handwriting import CLASSES, draw_sign, make_handwriting

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

# %% [markdown] skills=["I5"]
# ## Task 1 · Which flips keep labels? (2 points)
#
# A flip is harmless when every sign still looks like itself. A flipped b does not: it looks like a d.
#
# Write `allowed_flips(signs, tolerance)`. `signs` has shape (classes, height, width), one clean sign for each class,
# of dtype `uint8`. Return a list of three truth values, for
#
# 1. the flip to the side (left becomes right),
# 2. the flip upside down (top becomes bottom),
# 3. the half turn (both).
#
# A flip is allowed (`True`) if *each* sign, flipped, differs from *the same* sign as it was by at most `tolerance`.
# The difference of two signs is the mean of the absolute differences of their pixels.

# %% nbgrader={"grade": false, "grade_id": "allowed_flips_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def allowed_flips(signs, tolerance):
    """Return which of three flips leave every sign as it was: to the side, upside down, half turn."""
    ### BEGIN SOLUTION
    signs = signs.astype(float)
    flipped = [signs[:, :, ::-1], signs[:, ::-1], signs[:, ::-1, ::-1]]
    return [bool((np.abs(flip - signs).mean(axis=(1, 2)) <= tolerance).all()) for flip in flipped]
    ### END SOLUTION

# %% [markdown]
# Crosses and bars survive everything, an arrow to the left only the flip upside down.
# Expected are `[True, True, True]`, and with the arrow `[False, True, False]`.

# %%
cross = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], "uint8")
bars = np.array([[1, 0, 1], [1, 0, 1], [1, 0, 1]], "uint8")
arrow = np.array([[0, 1, 0], [1, 1, 0], [0, 1, 0]], "uint8")
print(allowed_flips(np.stack([cross, bars]), 0.0), allowed_flips(np.stack([cross, bars, arrow]), 0.0))
# hint("week07.allowed_flips")

# %% nbgrader={"grade": true, "grade_id": "allowed_flips", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week07.allowed_flips", allowed_flips)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week07.allowed_flips", allowed_flips)
### END HIDDEN TESTS

# %% [markdown] skills=["I5"]
# ## Task 2 · Shift (3 points)
#
# Write `shift(pictures, down, right, fill)`: move all pictures of a batch by whole pixels.
#
# - `pictures` has shape (pictures, height, width, channels);
# - `down` and `right` are whole numbers: negative ones move up and to the left, 0 does not move;
# - what leaves the picture is gone, and what comes into view has the value `fill`;
# - a move may be as large as the picture, or larger: then everything is `fill`;
# - shape and dtype of the result are those of `pictures`, which stays as it is.
#
# NumPy only.

# %% nbgrader={"grade": false, "grade_id": "shift_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def shift(pictures, down, right, fill):
    """Return the pictures, moved, with a border of `fill`."""
    ### BEGIN SOLUTION
    _, height, width, _ = pictures.shape
    shifted = np.full_like(pictures, fill)
    if abs(down) >= height or abs(right) >= width:
        return shifted
    new_rows, old_rows = slice(max(down, 0), height + min(down, 0)), slice(max(-down, 0), height - max(down, 0))
    new_columns, old_columns = slice(max(right, 0), width + min(right, 0)), slice(max(-right, 0), width - max(right, 0))
    shifted[:, new_rows, new_columns] = pictures[:, old_rows, old_columns]
    return shifted
    ### END SOLUTION

# %% [markdown]
# One picture of two rows and four columns, moved by one to the right and then by one up.
# Expected are the rows 0 1 2 3 and 0 5 6 7, then 5 6 7 8 and 0 0 0 0.

# %%
numbers = np.arange(1, 9).reshape(1, 2, 4, 1)
print(shift(numbers, 0, 1, 0)[0, :, :, 0], shift(numbers, -1, 0, 0)[0, :, :, 0], sep="\n")
# hint("week07.shift")

# %% nbgrader={"grade": true, "grade_id": "shift", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
practice("week07.shift", shift)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week07.shift", shift)
### END HIDDEN TESTS

# %% [markdown] skills=["I5", "I6"]
# ## Task 3 · An augmenter of layers (2 points)
#
# Write `make_augmenter(degrees, right)`. It returns a `keras.Sequential` of Keras's own layers
# that changes each picture of a batch at random:
#
# - it is turned counter-clockwise by an angle between `degrees[0]` and `degrees[1]`, in degrees;
# - then it is moved to the right by a share of its width between `right[0]` and `right[1]`, and not up or down;
#   negative shares move it to the left;
# - what comes into view at the borders repeats the nearest pixel of the picture.
#
# Pixel values stay in the range in which they came. Where both ends of a range are equal, nothing is left to chance:
# that is how the check can tell.

# %% nbgrader={"grade": false, "grade_id": "make_augmenter_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def make_augmenter(degrees, right):
    """Return a Sequential that turns and moves pictures at random, within the given ranges."""
    ### BEGIN SOLUTION
    return keras.Sequential([
        layers.RandomRotation((degrees[0] / 360, degrees[1] / 360), fill_mode="nearest"),
        layers.RandomTranslation(0.0, right, fill_mode="nearest"),
    ])
    ### END SOLUTION

# %% [markdown]
# A 7, and the same 7 after a quarter turn, after a move by a fifth, and four times at random.
# The first two are the same each time you run this cell.

# %%
seven = make_handwriting(10, seed=4)
seven = seven[0][seven[1] == CLASSES.index("7")].astype("float32")
turned, moved = make_augmenter((90, 90), (0, 0))(seven), make_augmenter((0, 0), (0.2, 0.2))(seven)
by_chance = make_augmenter((-30, 30), (-0.2, 0.2))(np.repeat(seven, 4, axis=0))
figure, axes = plt.subplots(1, 7, figsize=(10, 1.6))
for ax, shown in zip(axes, np.concatenate([seven, turned, moved, by_chance])):
    ax.imshow(shown[:, :, 0], cmap="gray", vmin=0, vmax=255)
    ax.axis("off")
# hint("week07.make_augmenter")

# %% nbgrader={"grade": true, "grade_id": "make_augmenter", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week07.make_augmenter", make_augmenter)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week07.make_augmenter", make_augmenter)
### END HIDDEN TESTS

# %% [markdown] skills=["I5", "B9"]
# ## Task 4 · Few pictures (5 points)
#
# Write `train_model(x_train, y_train)`. It builds a network that reads handwritten signs, those of `CLASSES`,
# **trains it**, and returns it.
#
# - It gets 250 signs from *forms*: upright, in the middle, by ten people. `x_train` has shape (250, 32, 32, 1) and holds
#   raw pixels from 0 (ink) to 255 (paper); `y_train` holds integers from 0 to 9.
# - It is judged on 2,000 signs from *notes* by two hundred other people:
#   turned by 30 degrees at most as a rule, moved by up to 5 pixels, and larger or smaller by up to a quarter.
#   The model gets them as raw pixels, so scaling and augmentation are layers of the model.
# - The output is a row of ten probabilities that sum to 1. At most 500,000 parameters.
# - How long you train is yours to choose, and so is everything else: optimizer, batches, what you hold back, callbacks.
#
# The call is `train_model(x_train, y_train)` on signs that you have not seen.
# Use nothing but those signs: the course's generators are closed while your function runs.
#
# It is judged by its accuracy on the notes:
#
# {{ladder:week07.handwriting_cnn}}

# %% nbgrader={"grade": false, "grade_id": "handwriting_cnn_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_model(x_train, y_train):
    """Return a network, trained on signs of shape (n, 32, 32, 1), that gives ten probabilities for each."""
    ### BEGIN SOLUTION
    model = keras.Sequential([
        keras.Input(shape=(32, 32, 1)),
        layers.RandomRotation(0.08, fill_mode="nearest"),
        layers.RandomTranslation(0.15, 0.15, fill_mode="nearest"),
        layers.RandomZoom(0.25, fill_mode="nearest"),
        layers.Rescaling(1 / 127.5, offset=-1),
        layers.Conv2D(16, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(32, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(64, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dropout(0.3),
        layers.Dense(64, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ])
    model.compile(optimizer=keras.optimizers.Adam(0.002), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x_train, y_train, epochs=60, batch_size=32, verbose=0)
    return model
    ### END SOLUTION

# %% [markdown]
# Look before you train: forms above, notes below.
# Then train on forms of your own, and see what becomes of notes of your own.
# What would happen to the first number without augmentation, and what to the second?

# %%
my_forms, my_form_labels = make_handwriting(250, seed=7, source="forms")
my_notes, my_note_labels = make_handwriting(500, seed=8, source="notes", writers=50)
figure, axes = plt.subplots(2, 10, figsize=(10, 2.2))
for ax, shown in zip(axes.flat, [*my_forms[:10], *my_notes[:10]]):
    ax.imshow(shown[:, :, 0], cmap="gray", vmin=0, vmax=255)
    ax.axis("off")
my_model = train_model(my_forms, my_form_labels)
for name, pictures, labels in (("forms", my_forms, my_form_labels), ("notes", my_notes, my_note_labels)):
    read = my_model.predict(pictures, verbose=0).argmax(axis=1) == labels
    print(f"{name}: {read.mean():.2f}")
# hint("week07.handwriting_cnn")

# %% nbgrader={"grade": true, "grade_id": "handwriting_cnn", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
practice("week07.handwriting_cnn", train_model)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week07.handwriting_cnn", train_model)
### END HIDDEN TESTS
