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
#     title: "Week 8, assignment: transfer learning"
#     description: Count what is trained, extract features, thaw the right layers, and read six grounds from fifteen pictures each.
#     prerequisites: ["the lesson of week 8"]
#     minutes: 95
# ---

# %% [markdown]
# Four tasks, 13 points.
# In the first you count which numbers of a frozen network still change. In the second and third you write the two tools
# of this week: one that extracts features with a trained network, one that thaws its last layers.
# In the fourth, your function trains a network on 90 pictures of six grounds; it is judged on 2,000 others.
#
# Below each task stands a cell with a small example: run it first, it costs little.
# Then `practice` tries your function on data that you have not seen and says what to do next.
# You may practise as often as you like; what counts in the end is the same check on other data.

# %% tags=["setup"]
from tfcourse import grade, hint, practice, solution
from tfcourse.datasets.backbone import load_backbone
from tfcourse.datasets.surfaces import GROUNDS, make_grounds

import tempfile
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

# %% [markdown] skills=["B10"]
# ## Task 1 · What is still trained? (2 points)
#
# Write `count_trained(stack, frozen)`. It returns two integers as a tuple:
# how many numbers of a network training changes by its gradients, and how many it does not.
#
# - `stack` is a list of layers from input to output, each a tuple:
#
# | tuple | layer |
# |---|---|
# | `("conv", size, channels, filters)` | Conv2D, square kernels, with biases |
# | `("norm", channels)` | BatchNormalization |
# | `("relu",)`, `("pool",)`, `("average",)`, `("dropout",)` | layers without any numbers of their own |
# | `("dense", inputs, units)` | Dense, with biases |
#
# - `frozen` says how many layers of the stack, from the front, have `trainable = False`. All tuples count as layers.
#
# A BatchNormalization keeps four numbers for each channel: a factor and an offset, which are trained,
# and a running mean and a running variance, which follow the data but no gradient: they count as not trained, frozen or not.

# %% nbgrader={"grade": false, "grade_id": "count_trained_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def count_trained(stack, frozen):
    """Return (numbers that gradients change, numbers that they do not)."""
    ### BEGIN SOLUTION
    trained, fixed = 0, 0
    for position, (kind, *settings) in enumerate(stack):
        own, following = 0, 0
        if kind == "conv":
            size, channels, filters = settings
            own = (size * size * channels + 1) * filters
        elif kind == "norm":
            (channels,) = settings
            own, following = 2 * channels, 2 * channels
        elif kind == "dense":
            inputs, units = settings
            own = (inputs + 1) * units
        if position < frozen:
            fixed += own
        else:
            trained += own
        fixed += following
    return trained, fixed
    ### END SOLUTION

# %% [markdown]
# Keras is the judge again: the same network in both forms, its first two layers frozen.

# %%
network = keras.Sequential([
    keras.Input(shape=(32, 32, 3)),
    layers.Conv2D(8, 3), layers.BatchNormalization(), layers.Conv2D(16, 3), layers.BatchNormalization(),
    layers.GlobalAveragePooling2D(), layers.Dense(6),
])
for layer in network.layers[:2]:
    layer.trainable = False
stack = [("conv", 3, 3, 8), ("norm", 8), ("conv", 3, 8, 16), ("norm", 16), ("average",), ("dense", 16, 6)]
theirs = tuple(
    sum(int(np.prod(weight.shape)) for weight in weights)
    for weights in (network.trainable_weights, network.non_trainable_weights)
)
print("Keras:", theirs, "· yours:", count_trained(stack, 2))
# hint("week08.count_trained")

# %% nbgrader={"grade": true, "grade_id": "count_trained", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week08.count_trained", count_trained)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week08.count_trained", count_trained)
### END HIDDEN TESTS

# %% [markdown] skills=["B11"]
# ## Task 2 · Extract features (3 points)
#
# Write `extract(folder, pictures)`: what a trained network sees in pictures, as one row of numbers for each.
#
# - `folder` is a `pathlib.Path`. In it lies `backbone.keras`, a trained network that ends with feature maps
#   and, like ours, expects pixels **from −1 to 1**. The hidden ones are smaller than ours, and each is another one.
# - `pictures` has shape (n, height, width, 3) and holds **raw** pixels from 0 to 255, as whole numbers or as floats.
# - The result has shape (n, k): for each picture and each of the k feature maps, the **average** over its rows and columns.
#
# A picture's features are its own: they must not depend on which other pictures are extracted with it.

# %% nbgrader={"grade": false, "grade_id": "extract_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def extract(folder, pictures):
    """Return the averages of the backbone's feature maps, shape (n, k)."""
    ### BEGIN SOLUTION
    backbone = keras.models.load_model(folder / "backbone.keras", compile=False)
    maps = backbone.predict(pictures.astype("float32") / 127.5 - 1, verbose=0)
    return maps.mean(axis=(1, 2))
    ### END SOLUTION

# %% [markdown]
# Our own backbone in a folder of its own, and five pictures. The shape should be (5, 128);
# and the features of the first picture should be the same when it comes alone.

# %%
my_folder = Path(tempfile.mkdtemp())
load_backbone().save(my_folder / "backbone.keras")
five, _ = make_grounds(5, seed=7)
together, alone = extract(my_folder, five), extract(my_folder, five[:1])
print(together.shape, "· largest difference:", np.abs(together[0] - alone[0]).max(), "· mean:", together.mean())
# hint("week08.extract")

# %% nbgrader={"grade": true, "grade_id": "extract", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
practice("week08.extract", extract)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week08.extract", extract)
### END HIDDEN TESTS

# %% [markdown] skills=["B10"]
# ## Task 3 · Thaw the last layers (3 points)
#
# Before fine-tuning, somebody has to say which layers may change. Write `thaw(folder, last)`.
#
# - In `folder` lies `model.keras`. It holds a **model within a model**: one of its layers is called `"backbone"` and is itself a model;
#   the layers behind it are the head.
# - Load it, and prepare it so that training would change the head, and of the backbone's own layers only the `last` ones
#   (counted from its end, as in `backbone.layers`), **except** that no BatchNormalization *within the backbone* is trained.
#   With `last` of 0, the whole backbone stays frozen. How the file was saved, frozen or not, must not matter.
# - The head's own layers stay as they are, whatever they are.
# - Return the model. Train nothing yourself.
#
# It is judged by what happens to it: the check compiles it, takes one step of training on a few pictures,
# and looks which weights have changed, running averages included.

# %% nbgrader={"grade": false, "grade_id": "thaw_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def thaw(folder, last):
    """Return the model, prepared for fine-tuning: its head and the `last` layers of its backbone are trained."""
    ### BEGIN SOLUTION
    model = keras.models.load_model(folder / "model.keras", compile=False)
    backbone = model.get_layer("backbone")
    backbone.trainable = True
    first = len(backbone.layers) - last
    for position, layer in enumerate(backbone.layers):
        layer.trainable = position >= first and not isinstance(layer, layers.BatchNormalization)
    return model
    ### END SOLUTION

# %% [markdown]
# Our backbone ends with `conv4`, `norm4` and `relu4`.
# With `last` of 3 there should be three weights: the kernel of `conv4` (it has no biases), and kernel and bias of the head.
# Keras tells which weights it would train:

# %%
inputs = keras.Input(shape=(48, 48, 3))
features = layers.GlobalAveragePooling2D()(load_backbone()(inputs))
keras.Model(inputs, layers.Dense(6, name="head")(features)).save(my_folder / "model.keras")
for last in (0, 3):
    print(last, sorted(weight.path for weight in thaw(my_folder, last).trainable_weights))
# hint("week08.thaw")

# %% nbgrader={"grade": true, "grade_id": "thaw", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
practice("week08.thaw", thaw)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week08.thaw", thaw)
### END HIDDEN TESTS

# %% [markdown] skills=["B10", "B11", "I2"]
# ## Task 4 · Six grounds from ninety pictures (5 points)
#
# Write `train_model(x_train, y_train)`. It builds a network that tells the six grounds of `GROUNDS` apart,
# **trains it**, and returns it. It may stand on `load_backbone()`.
#
# - It gets 90 pictures, 15 of each ground. `x_train` has shape (90, 48, 48, 3) and holds **raw** pixels from 0 to 255;
#   `y_train` holds integers from 0 to 5.
# - All of them are from *one walk* through one part of a town, where each ground was met in two of its colours.
#   The network is judged on 2,000 pictures from the whole town, where there are other colours, too.
# - It is asked about raw pixels. Whatever the backbone expects has to be done by a layer of the model.
# - The output is a row of six probabilities that sum to 1. At most 500,000 parameters.
# - How you train is yours to choose: what is frozen and when, optimizer, rates, epochs, batches,
#   what you hold back, callbacks.
#
# The call is `train_model(x_train, y_train)` on pictures that you have not seen.
# Use nothing but those pictures and the backbone: the course's generators are closed while your function runs.
#
# The network is judged by its accuracy on the 2,000 pictures:
#
# {{ladder:week08.grounds_model}}

# %% nbgrader={"grade": false, "grade_id": "grounds_model_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_model(x_train, y_train):
    """Return a network, trained on pictures of shape (n, 48, 48, 3), that gives six probabilities for each."""
    ### BEGIN SOLUTION
    backbone = load_backbone()
    backbone.trainable = False
    inputs = keras.Input(shape=(48, 48, 3))
    x = layers.RandomFlip()(inputs)
    x = layers.Rescaling(1 / 127.5, offset=-1)(x)
    x = backbone(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.3)(x)
    outputs = layers.Dense(len(GROUNDS), activation="softmax")(x)
    model = keras.Model(inputs, outputs)
    model.compile(optimizer=keras.optimizers.Adam(0.003), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x_train, y_train, epochs=40, batch_size=16, verbose=0)

    # Then, gently, the last block; its normalisation keeps what it has seen.
    backbone.trainable = True
    for layer in backbone.layers:
        layer.trainable = layer.name == "conv4"
    model.compile(optimizer=keras.optimizers.Adam(0.00001), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x_train, y_train, epochs=5, batch_size=16, verbose=0)
    return model
    ### END SOLUTION

# %% [markdown]
# Look before you train: two pictures of each ground from a walk of your own, and two from the whole town.
# Then train on the walk, and see what becomes of the town. Which grounds are mixed up?

# %%
walk, walk_labels = make_grounds(90, seed=7, colours=2)
town, town_labels = make_grounds(300, seed=8)
figure, axes = plt.subplots(2, 12, figsize=(12, 2.4))
for row, pictures, labels in zip(axes, (walk, town), (walk_labels, town_labels)):
    for ax, index in zip(row, np.argsort(labels, kind="stable").reshape(6, -1)[:, :2].ravel()):
        ax.imshow(pictures[index])
        ax.set_title(GROUNDS[labels[index]], fontsize=6)
        ax.axis("off")
my_model = train_model(walk, walk_labels)
for name, pictures, labels in (("walk", walk, walk_labels), ("town", town, town_labels)):
    right = my_model.predict(pictures, verbose=0).argmax(axis=1) == labels
    print(f"{name}: {right.mean():.2f}")
# hint("week08.grounds_model")

# %% nbgrader={"grade": true, "grade_id": "grounds_model", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
practice("week08.grounds_model", train_model)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week08.grounds_model", train_model)
### END HIDDEN TESTS
