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
#     title: "Week 5, assignment: convolutions"
#     description: Count a network's parameters, write a convolution and a pooling layer, and train a network that reads road signs.
#     prerequisites: ["the lesson of week 5"]
#     minutes: 100
# ---

# %% [markdown]
# Four tasks, 12 points.
# The first three train nothing: you count, then write by hand the two layers that the fourth task uses.
# In the fourth, a network of yours is trained on 2,000 road signs and judged on 2,000 others.
#
# Below each task stands a cell with a small example: run it first, it costs nothing.
# Then `practice` tries your function on data that you have not seen and says what to do next.
# You may practise as often as you like; what counts in the end is the same check on other data.

# %% tags=["setup"]
from tfcourse import grade, hint, practice, solution
from tfcourse.datasets.signs import CLASSES, make_signs

import keras
import numpy as np
from keras import layers

# %% [markdown] skills=["T5", "I1"]
# ## Task 1 · Count parameters (2 points)
#
# Before you train a network, know how big it is.
# Write `count_parameters(picture_shape, stack)`. It returns how many numbers (weights and biases)
# a network has, as one integer.
#
# - `picture_shape` is (height, width, channels) of one picture;
# - `stack` is a list of layers, each a tuple:
#
# | tuple | layer |
# |---|---|
# | `("conv", filters, size, padding)` | Conv2D with square kernels, strides of 1, padding `"same"` or `"valid"` |
# | `("pool", size)` | MaxPooling2D over squares of this size; what does not fill a square, at the bottom and on the right, is dropped |
# | `("flatten",)` | Flatten |
# | `("dense", units)` | Dense; always somewhere after a flatten |
#
# Every conv and every dense layer has biases, as in Keras.

# %% nbgrader={"grade": false, "grade_id": "count_parameters_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def count_parameters(picture_shape, stack):
    """Return the number of weights and biases of a stack of layers."""
    ### BEGIN SOLUTION
    height, width, channels = picture_shape
    total = 0
    for kind, *settings in stack:
        if kind == "conv":
            filters, size, padding = settings
            total += (size * size * channels + 1) * filters
            if padding == "valid":
                height, width = height - size + 1, width - size + 1
            channels = filters
        elif kind == "pool":
            (size,) = settings
            height, width = height // size, width // size
        elif kind == "flatten":
            height, width, channels = 1, 1, height * width * channels
        elif kind == "dense":
            (units,) = settings
            total += (channels + 1) * units
            channels = units
    return total
    ### END SOLUTION

# %% [markdown]
# Keras can count, too. The two numbers should agree; take a layer away on both sides if they do not.

# %%
stack = [("conv", 8, 3, "valid"), ("pool", 2), ("flatten",), ("dense", 10)]
network = keras.Sequential([
    keras.Input(shape=(28, 28, 3)),
    layers.Conv2D(8, 3, padding="valid"),
    layers.MaxPooling2D(2),
    layers.Flatten(),
    layers.Dense(10),
])
network.count_params(), count_parameters((28, 28, 3), stack)
# hint("week05.count_parameters")

# %% nbgrader={"grade": true, "grade_id": "count_parameters", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week05.count_parameters", count_parameters)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week05.count_parameters", count_parameters)
### END HIDDEN TESTS

# %% [markdown] skills=["I3"]
# ## Task 2 · Convolve (3 points)
#
# Write `convolve(image, kernels)`: what a Conv2D layer computes for one picture,
# with strides of 1, padding `"valid"`, no bias and no activation.
#
# - `image` has shape (height, width, channels): 1 channel, 3, or any other number;
# - `kernels` has shape (kernel height, kernel width, channels, filters), as Keras stores it;
# - the result has shape (rows, columns, filters), one map for each filter,
#   and holds the sum of pixel times weight over the kernel's rows, columns and all channels.
#
# Nothing is flipped, nothing is padded, and nothing is lost:
# a picture of whole numbers from 0 to 255 (`uint8`) with negative weights gives sums below 0 and above 255.
# NumPy only; loops are welcome.

# %% nbgrader={"grade": false, "grade_id": "convolve_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def convolve(image, kernels):
    """Return the feature maps of one picture, shape (rows, columns, filters)."""
    ### BEGIN SOLUTION
    height, width, _, filters = kernels.shape
    rows, columns = image.shape[0] - height + 1, image.shape[1] - width + 1
    maps = np.zeros((rows, columns, filters))
    for i in range(rows):
        for j in range(columns):
            patch = image[i : i + height, j : j + width]
            maps[i, j] = (patch[..., None] * kernels).sum(axis=(0, 1, 2))
    return maps
    ### END SOLUTION

# %% [markdown]
# Let Keras be the judge again, on a kernel of three rows and two columns.
# The largest difference should be tiny: Keras computes with 32 bits, you with 64.

# %%
random = np.random.default_rng(5)
tiny_image, tiny_kernels = random.random((5, 6, 3)), random.normal(size=(3, 2, 3, 4))
theirs = keras.ops.conv(tiny_image[None].astype("float32"), tiny_kernels.astype("float32"), padding="valid")[0]
ours = convolve(tiny_image, tiny_kernels)
print(ours.shape, "should be", theirs.shape, "· largest difference:", np.abs(ours - theirs).max())
# hint("week05.convolve")

# %% nbgrader={"grade": true, "grade_id": "convolve", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
practice("week05.convolve", convolve)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week05.convolve", convolve)
### END HIDDEN TESTS

# %% [markdown] skills=["I1"]
# ## Task 3 · Pool (2 points)
#
# Write `max_pool(maps, size)`: what MaxPooling2D computes for one set of feature maps.
#
# - `maps` has shape (height, width, channels); its values may be negative;
# - it is cut into squares of `size` by `size` that do not overlap, and of each square the largest value stays,
#   for each channel by itself;
# - rows and columns that are left over at the bottom and on the right are not used,
#   so the result has shape (height // size, width // size, channels).

# %% nbgrader={"grade": false, "grade_id": "max_pool_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def max_pool(maps, size):
    """Return the largest value of each square, shape (height // size, width // size, channels)."""
    ### BEGIN SOLUTION
    height, width, channels = maps.shape
    rows, columns = height // size, width // size
    squares = maps[: rows * size, : columns * size].reshape(rows, size, columns, size, channels)
    return squares.max(axis=(1, 3))
    ### END SOLUTION

# %% [markdown]
# One map of four rows and five columns. In squares of 2, the last column is left over,
# and what should stay is 5, 4 above 9, 7.

# %%
one_map = np.array([
    [1, 5, 2, 4, 8],
    [0, 3, 4, 1, 8],
    [9, 2, 7, 7, 8],
    [6, 6, 0, 5, 8],
])
max_pool(one_map[:, :, None], 2)[:, :, 0]
# hint("week05.max_pool")

# %% nbgrader={"grade": true, "grade_id": "max_pool", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week05.max_pool", max_pool)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week05.max_pool", max_pool)
### END HIDDEN TESTS

# %% [markdown] skills=["I1", "I3", "B7"]
# ## Task 4 · Read the sign (5 points)
#
# Write `build_model()`. It takes nothing and returns a compiled network
# that tells ten road signs apart, those of `CLASSES`.
#
# - Inputs have shape (40, 40, 3) and hold **raw** pixels, whole numbers from 0 to 255,
#   in training as in the test. Whatever scaling you want has to be a layer of the model.
# - Labels are integers from 0 to 9.
# - The output is a row of ten probabilities that sum to 1.
# - Do not call `fit` yourself. The model is trained for you: 2,000 pictures, 10 epochs, batches of 32.
#   Layers, loss, optimizer and its learning rate are yours to choose.
# - At most 500,000 parameters. (Your `count_parameters` knows.)
#
# It is judged by its accuracy on 2,000 pictures that it has not seen:
#
# {{ladder:week05.signs_cnn}}

# %% nbgrader={"grade": false, "grade_id": "signs_cnn_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def build_model():
    """Return a compiled model for raw pictures of shape (40, 40, 3) and ten probabilities."""
    ### BEGIN SOLUTION
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
        layers.Dropout(0.5),
        layers.Dense(64, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ])
    model.compile(optimizer=keras.optimizers.Adam(0.002), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
    ### END SOLUTION

# %% [markdown]
# Look before you train. Which layer holds most of the parameters? Is the last output shape `(None, 10)`?
# Then one epoch on pictures of your own, a few seconds: does the loss fall below 2.3,
# which is what guessing among ten costs?

# %%
my_pictures, my_labels = make_signs(1_000, seed=7)
my_model = build_model()
my_model.summary()
my_history = my_model.fit(my_pictures, my_labels, epochs=1, batch_size=32, verbose=2)
# hint("week05.signs_cnn")

# %% nbgrader={"grade": true, "grade_id": "signs_cnn", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
practice("week05.signs_cnn", build_model)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week05.signs_cnn", build_model)
### END HIDDEN TESTS
