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
# In the fourth, a network of yours learns six grounds from 90 pictures and is judged on 1,500 others.
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
grade("week08.thaw", thaw)
### END HIDDEN TESTS

# %% [markdown] skills=["B10", "B11", "I2"]
# ## Task 4 · Six grounds from ninety pictures (5 points)
#
# Write `build_model()`. It takes nothing and returns a compiled network
# that tells the six grounds of `GROUNDS` apart. It may stand on `load_backbone()`.
#
# - Inputs have shape (48, 48, 3) and hold **raw** pixels from 0 to 255, in training as in the test.
#   Whatever the backbone expects has to be done by a layer of the model.
# - Labels are integers from 0 to 5. The output is a row of six probabilities that sum to 1.
# - Do not call `fit` yourself. The model is trained for you: 90 pictures, 15 of each ground, 40 epochs, batches of 16.
#   What is frozen, loss, optimizer and its learning rate are yours to choose.
# - At most 300,000 parameters.
#
# It is judged by its accuracy on 1,500 pictures that it has not seen:
#
# {{ladder:week08.grounds_model}}

# %% nbgrader={"grade": false, "grade_id": "grounds_model_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def build_model():
    """Return a compiled model for raw pictures of shape (48, 48, 3) and six probabilities."""
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
    return model
    ### END SOLUTION

# %% [markdown]
# Look before you train. How many parameters are trainable, and is that what you meant?
# Then ten epochs on pictures of your own, a few seconds: does the loss fall below 1.79, which is what guessing among six costs?

# %%
my_pictures, my_labels = make_grounds(90, seed=7)
my_model = build_model()
my_model.summary()
my_history = my_model.fit(my_pictures, my_labels, epochs=10, batch_size=16, verbose=0).history
print("loss:", *(f"{loss:.2f}" for loss in my_history["loss"]))
# hint("week08.grounds_model")

# %% nbgrader={"grade": true, "grade_id": "grounds_model", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
practice("week08.grounds_model", build_model)
### BEGIN HIDDEN TESTS
grade("week08.grounds_model", build_model)
### END HIDDEN TESTS
