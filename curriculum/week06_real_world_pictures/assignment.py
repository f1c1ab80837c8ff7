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
#     title: "Week 6, assignment: real-world pictures"
#     description: Read labels from folders, bring pictures to one shape without squashing them, and train a network that tells trees by their leaves.
#     prerequisites: ["the lesson of week 6"]
#     minutes: 90
# ---

# %% [markdown]
# Four tasks, 12 points.
# The first three train nothing: you read labels from folders, bring a picture to another shape by hand,
# and then let Keras do both. In the fourth, your function gets a folder of 800 leaves, trains a network on them
# and returns it; that is judged on 1,500 other leaves.
#
# Below each task stands a cell with a small example: run it first, it costs little.
# Then `practice` tries your function on data that you have not seen and says what to do next.
# You may practise as often as you like; what counts in the end is the same check on other data.

# %% tags=["setup"]
from tfcourse import grade, hint, practice, solution
from tfcourse.datasets.leaves import CLASSES, write_leaves

import tempfile
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from keras import layers
from PIL import Image, ImageOps

# %% [markdown] skills=["I7"]
# ## Task 1 · Labels from folders (2 points)
#
# Write `labels_from_folders(folder)`. `folder` is a `pathlib.Path`; below it stand folders, one for each class,
# with pictures in them. Return a tuple of three lists:
#
# - `names`: each picture's path below `folder`, as text with `/` between folders, `"oak/07.jpg"`;
# - `labels`: for each of them the number of its class, a whole number;
# - `class_names`: the names of the classes.
#
# The rules are those of `image_dataset_from_directory`, but for one:
#
# - A class is a folder that stands directly in `folder`. Classes are numbered from 0 in the order of their sorted names.
#   A class without a single picture is still a class, and keeps its number.
# - A picture is a file whose name ends in `.jpg`, `.jpeg` or `.png`, in capital or small letters.
#   It may stand deeper, in `oak/summer/07.jpg` say; its class is `oak`.
# - What is not in a class is not used, and nor are other files.
# - What is hidden is not used: names that begin with a dot, be they folders of classes or files.
#   (Keras skips hidden classes, and trips over hidden files.)
# - Pictures come sorted by class, and within a class by `names`.

# %% nbgrader={"grade": false, "grade_id": "labels_from_folders_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def labels_from_folders(folder):
    """Return names, labels and class names of the pictures below a folder."""
    ### BEGIN SOLUTION
    class_names = sorted(path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    names, labels = [], []
    for label, class_name in enumerate(class_names):
        found = [
            path.relative_to(folder).as_posix()
            for path in (folder / class_name).rglob("*")
            if path.suffix.lower() in {".jpg", ".jpeg", ".png"} and not path.name.startswith(".")
        ]
        names += sorted(found)
        labels += [label] * len(found)
    return names, labels, class_names
    ### END SOLUTION

# %% [markdown]
# A small folder with a few traps. What should come out are three pictures, with the labels 0, 0 and 1.

# %%
with tempfile.TemporaryDirectory() as temporary:
    for name in ("oak/2.jpg", "lime/10.jpg", "lime/9.JPG", "lime/._9.jpg", "oak/notes.txt", "cover.jpg"):
        path = Path(temporary) / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"")
    found = labels_from_folders(Path(temporary))
found
# hint("week06.labels_from_folders")

# %% nbgrader={"grade": true, "grade_id": "labels_from_folders", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week06.labels_from_folders", labels_from_folders)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week06.labels_from_folders", labels_from_folders)
### END HIDDEN TESTS

# %% [markdown] skills=["I4"]
# ## Task 2 · Letterbox (3 points)
#
# Write `letterbox(picture, size)`: bring a picture of any shape to `size` by `size` without squashing it.
#
# - `picture` has shape (height, width, channels), 1 channel or 3.
# - Its longer side becomes `size`, whether it was longer or shorter than that before.
#   Each side of length `n` becomes `n * size // longer`, rounded down, but at least 1.
# - No averaging: row `i` of the resized picture is row `(2 * i + 1) * height // (2 * new_height)` of the old one,
#   the row under its middle. Columns in the same way.
# - The resized picture stands in the middle of zeros. Where the zeros left over are odd in number,
#   the one more is at the bottom or on the right.
# - The result has shape (size, size, channels) and the dtype of `picture`.
#
# NumPy only.

# %% nbgrader={"grade": false, "grade_id": "letterbox_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def letterbox(picture, size):
    """Return the picture in the middle of a black square, shape (size, size, channels)."""
    ### BEGIN SOLUTION
    height, width, channels = picture.shape
    longer = max(height, width)
    new_height, new_width = max(1, height * size // longer), max(1, width * size // longer)
    rows = (2 * np.arange(new_height) + 1) * height // (2 * new_height)
    columns = (2 * np.arange(new_width) + 1) * width // (2 * new_width)
    result = np.zeros((size, size, channels), picture.dtype)
    top, left = (size - new_height) // 2, (size - new_width) // 2
    result[top : top + new_height, left : left + new_width] = picture[rows][:, columns]
    return result
    ### END SOLUTION

# %% [markdown]
# A picture twice as wide as high, made smaller and made larger.
# Both should have black bars of the same height above and below, and the same grey stripes between them.

# %%
striped = (np.indices((20, 40)).sum(axis=0) // 10 % 2 * 120 + 80)[:, :, None].astype("uint8")
figure, axes = plt.subplots(1, 3, figsize=(7, 2.5))
for ax, shown in zip(axes, (striped, letterbox(striped, 24), letterbox(striped, 64))):
    ax.imshow(shown[:, :, 0], cmap="gray", vmin=0, vmax=255)
    ax.set_title(shown.shape)
# hint("week06.letterbox")

# %% nbgrader={"grade": true, "grade_id": "letterbox", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
practice("week06.letterbox", letterbox)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week06.letterbox", letterbox)
### END HIDDEN TESTS

# %% [markdown] skills=["I6", "I7", "I4"]
# ## Task 3 · A data set from a folder (2 points)
#
# Write `make_dataset(folder, size, batch_size)`. It returns a `tf.data.Dataset` of batches `(pictures, labels)`:
#
# - `pictures` has shape (batch, size, size, 3), also where files are grey, with values from 0 to 255;
#   their proportions are kept, and what is left free is black;
# - `labels` are integers, from the names of the folders;
# - the pictures come in the order of the folder, class after class. (This is a data set to test with.)
#
# `keras.utils.image_dataset_from_directory` does all of this, and by default does several things differently.

# %% nbgrader={"grade": false, "grade_id": "make_dataset_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def make_dataset(folder, size, batch_size):
    """Return batches of pictures and labels from a folder with one folder for each class."""
    ### BEGIN SOLUTION
    return keras.utils.image_dataset_from_directory(
        folder, image_size=(size, size), batch_size=batch_size, shuffle=False, pad_to_aspect_ratio=True
    )
    ### END SOLUTION

# %% [markdown]
# Twenty leaves in a folder. The labels should come in ascending order,
# and the pictures should show leaves in their proportions, with black beside them.

# %%
with tempfile.TemporaryDirectory() as temporary:
    write_leaves(temporary, 20, seed=3)
    seen = [(np.array(pictures), np.array(labels)) for pictures, labels in make_dataset(temporary, 64, 8)]
print([pictures.shape for pictures, labels in seen], [labels.tolist() for pictures, labels in seen])
figure, axes = plt.subplots(1, 8, figsize=(10, 1.5))
for ax, picture in zip(axes, seen[0][0]):
    ax.imshow(picture.astype("uint8"))
    ax.axis("off")
# hint("week06.make_dataset")

# %% nbgrader={"grade": true, "grade_id": "make_dataset", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week06.make_dataset", make_dataset)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week06.make_dataset", make_dataset)
### END HIDDEN TESTS

# %% [markdown] skills=["I2", "I4", "I6", "I7"]
# ## Task 4 · Which tree? (5 points)
#
# Write `train_model(folder)`. It reads a folder of leaves, builds a network, **trains it**, and returns it.
#
# - `folder` is a `pathlib.Path` with 800 JPEG files of every shape, one folder for each class: `folder / "oak" / "0001.jpg"`.
#   `image_dataset_from_directory` reads it, and so may a pipeline of your own.
# - The model is judged on 1,500 other leaves. It gets them as an array of shape (n, 40, 40, 3) with raw pixels
#   from 0 to 255, brought to that shape as in task 3: **letterboxed**, not squashed. So what it learns from should look the same,
#   and scaling is a layer of the model.
# - The output is a row of eight probabilities that sum to 1, in the order of the sorted names of the folders,
#   which is that of `CLASSES`. At most 1,000,000 parameters.
# - How you train is yours to choose: optimizer, epochs, batches, what you hold back for validation, callbacks.
#
# The call is `train_model(folder)` on a folder that you have not seen.
# Use nothing but those pictures: the course's generators are closed while your function runs.
#
# The model is judged by its accuracy on the 1,500 leaves:
#
# {{ladder:week06.leaves_cnn}}

# %% nbgrader={"grade": false, "grade_id": "leaves_cnn_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_model(folder):
    """Return a network, trained on a folder of leaves, that gives eight probabilities for each picture."""
    ### BEGIN SOLUTION
    pictures = keras.utils.image_dataset_from_directory(
        folder, image_size=(40, 40), batch_size=32, pad_to_aspect_ratio=True, seed=1, verbose=False
    )
    model = keras.Sequential([
        keras.Input(shape=(40, 40, 3)),
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
        layers.Dense(8, activation="softmax"),
    ])
    model.compile(optimizer=keras.optimizers.Adam(0.002), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(pictures.cache().shuffle(25, seed=1), epochs=20, shuffle=False, verbose=0)
    return model
    ### END SOLUTION

# %% [markdown]
# Look before you train: the same leaves as the model is going to get them. Can *you* still tell a willow from an aspen?
# Then train on a folder of your own, and try the network on the leaves of another.
# The ones that it misreads: which trees are they, and which does it take them for?

# %%
with tempfile.TemporaryDirectory() as temporary:
    write_leaves(Path(temporary) / "train", 400, seed=7)
    write_leaves(Path(temporary) / "others", 300, seed=8)
    others = [(np.array(x), np.array(y)) for x, y in make_dataset(Path(temporary) / "others", 40, 300)]
    figure, axes = plt.subplots(1, 8, figsize=(10, 1.6))
    for label, ax in enumerate(axes):
        ax.imshow(others[0][0][others[0][1] == label][0].astype("uint8"))
        ax.set_title(CLASSES[label], fontsize=8)
        ax.axis("off")
    my_model = train_model(Path(temporary) / "train")
found = my_model.predict(others[0][0], verbose=0).argmax(axis=1)
print(f"right: {(found == others[0][1]).mean():.2f}")
print([f"{CLASSES[y]} taken for {CLASSES[p]}" for y, p in zip(others[0][1], found) if y != p][::6])
# hint("week06.leaves_cnn")

# %% nbgrader={"grade": true, "grade_id": "leaves_cnn", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
practice("week06.leaves_cnn", train_model)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week06.leaves_cnn", train_model)
### END HIDDEN TESTS
