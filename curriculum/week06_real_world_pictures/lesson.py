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
#     title: "Week 6: real-world pictures"
#     description: From a folder of photographs of every shape and size to a network, without losing what the shapes say.
#     prerequisites: ["week 5: convolutions, pooling, softmax"]
#     minutes: 60
#     objectives:
#       - text: look through a folder of pictures and say what will give trouble
#         skills: [I2]
#       - text: take labels from the names of folders, and say which order they are numbered in
#         skills: [I7]
#       - text: bring pictures of different shapes and sizes to one, and say what squashing, cropping and padding lose
#         skills: [I4]
#       - text: read a folder with image_dataset_from_directory and train on it
#         skills: [I2, I6]
#       - text: read old code with ImageDataGenerator, and write what replaces it
#         skills: [I6]
# ---

# %% [markdown] skills=["I2"]
# ## Which tree is this?
#
# A park asks its visitors for photographs of leaves, and wants to know which trees they are from.
# There are eight kinds. Four have an outline of their own, four are ovals:

# %%
from tfcourse.datasets.leaves import CLASSES, draw_leaf, write_leaves

import tempfile
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from keras import layers
from PIL import Image

def show(pictures, titles, columns=8, width=1.4):
    rows = -(-len(pictures) // columns)
    size = (width * columns, (width + 0.4) * rows)
    figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False, layout="constrained")
    for ax in axes.flat:
        ax.axis("off")
    for ax, picture, title in zip(axes.flat, pictures, titles):
        ax.imshow(picture, cmap="gray", vmin=0, vmax=255)
        ax.set_title(title, fontsize=8)

show([draw_leaf(label) for label in range(8)], CLASSES)

# %% [markdown]
# So far, data came as arrays: somebody had brought all pictures to one size and written the labels down.
# Visitors send files. Here are 1,000 of them, 600 to learn from and 400 to be judged on,
# sorted into folders as somebody in the park's office would do it.
# (They are drawn by the course, like week 5's signs; the trouble in them is that of real ones.)

# %%
park = Path(tempfile.mkdtemp())
write_leaves(park / "train", 600, seed=1)
write_leaves(park / "test", 400, seed=2)
print(*sorted(path.relative_to(park).as_posix() for path in park.rglob("*"))[:14], sep="\n")

# %% [markdown]
# Before anything else, look at what came in.

# %%
files = sorted((park / "train").glob("*/*.jpg"))
opened = [Image.open(file) for file in files]
sizes = np.array([picture.size for picture in opened])
modes = [picture.mode for picture in opened]
print("width", sizes[:, 0].min(), "to", sizes[:, 0].max(), "· height", sizes[:, 1].min(), "to", sizes[:, 1].max())
print({mode: modes.count(mode) for mode in set(modes)})
show(opened[3::38], [f"{file.parent.name}\n{picture.size[0]} x {picture.size[1]}" for file, picture in zip(files[3::38], opened[3::38])])

# %% [markdown]
# Different sizes, different proportions, upright and lying, in four kinds of light, on paper, wood, soil and stone.
# One photographer has a camera for black and white: mode `L`, for *luminance*, means one channel where `RGB` has three.
# And colour is no help. Leaves of every tree are green in June and brown in November.

# %% [markdown] skills=["I7"]
# ## Labels from folders
#
# Nobody wrote a table of labels. The folder *is* the label.
# A class's number is its place in the sorted list of names:

# %%
class_names = sorted(path.name for path in (park / "train").iterdir())
labels = np.array([class_names.index(file.parent.name) for file in files])
print(class_names)
print(np.bincount(labels), "·", files[100].relative_to(park), "is", labels[100])

# %% [markdown]
# `sorted` is not for neatness. `iterdir` lists names in whatever order the disk keeps them,
# and that may be another one tomorrow, or on the machine where your model is going to be used.
# A network that learned "3 is ginkgo" and is asked with a list in which 3 is lime
# gives wrong answers, in good order, without an error.

# %% [markdown] skills=["I4"]
# ## The baseline: the picture's shape alone
#
# Guessing gets one in eight. Is there something better that does not even look at a pixel?
# Visitors frame what they photograph. A long leaf makes a long picture.
#
# **Predict first.** Width and height, and nothing else: how many of a hundred leaves will that get right?

# %%
def elongation(folder):
    found = [(np.divide(*Image.open(file).size), class_names.index(file.parent.name)) for file in sorted(folder.glob("*/*.jpg"))]
    ratios, labels = np.array(found).T
    return np.abs(np.log(ratios)), labels.astype(int)

long_train, y_train = elongation(park / "train")
long_test, y_test = elongation(park / "test")
plt.figure(figsize=(7, 3))
plt.boxplot([np.exp(long_train[y_train == label]) for label in range(8)], tick_labels=class_names)
plt.ylabel("longer side / shorter side");

# %%
means = np.array([long_train[y_train == label].mean() for label in range(8)])
nearest = np.abs(long_test[:, None] - means).argmin(axis=1)
print(f"the shape of the picture alone: {(nearest == y_test).mean():.2f}")

# %% [markdown]
# More than half, without a single pixel. Keep the boxes above in mind:
# willow stands highest, then bay, beech and, near 1, aspen.
# They are the four ovals, and what tells them apart is how long they are for their width.

# %% [markdown] skills=["I4"]
# ## One shape for all
#
# A batch is a rectangle of numbers, (pictures, height, width, channels). A dense layer after `Flatten` wants to know
# its inputs beforehand. So every picture has to get one height and one width. There are three ways:
#
# - **Squash** it: height and width each by a factor of their own. All is kept, but the proportions.
# - **Crop** it: scale until the shorter side fits, and cut off what sticks out. Proportions are kept, the ends are not.
# - **Pad** it: scale until the longer side fits, and fill up with black, as films are shown on a screen of another shape.
#   That is also called a **letterbox**. All is kept, and a part of the rectangle is wasted.
#
# **Predict first.** Below are one leaf of each oval tree, and the three ways to a square of 48.
# In which rows will you be able to name the trees?

# %%
ovals = [files[np.flatnonzero((labels == class_names.index(name)) & (long_train > low))[5]] for name, low in
         [("willow", 0.8), ("bay", 0.5), ("beech", 0.25), ("aspen", 0)]]
arrays = [tf.constant(np.array(Image.open(file).convert("RGB"))) for file in ovals]

def cropped(picture, size):
    height, width = picture.shape[:2]
    side = min(height, width)
    return tf.image.resize(tf.image.resize_with_crop_or_pad(picture, side, side), (size, size))

ways = {
    "squashed": lambda picture: tf.image.resize(picture, (48, 48)),
    "cropped": lambda picture: cropped(picture, 48),
    "padded": lambda picture: tf.image.resize_with_pad(picture, 48, 48),
}
rows = [way(picture).numpy().astype("uint8") for way in ways.values() for picture in arrays]
show([*[np.array(picture) for picture in arrays], *rows], [file.parent.name for file in ovals] + [name for name in ways for _ in ovals], columns=4)

# %% [markdown]
# Squashed, all four are nearly round. Cropped, tips and stalks are gone, and a willow is a stripe.
# Padded, they are what they were, only smaller.
#
# Which way is right depends on the question.
# To tell a cat from a dog, a squashed cat does no harm; where proportions carry the answer, it does.
# Ask before you choose: *could I still tell, from this?*

# %% [markdown] skills=["I6", "I7"]
# ## image_dataset_from_directory
#
# All of the above is one call: it lists the folders, numbers the classes, opens the files, resizes and makes batches.

# %%
def read(name, size=48, **options):
    return keras.utils.image_dataset_from_directory(
        park / name, image_size=(size, size), batch_size=32, seed=1, verbose=False, **options
    )

train = read("train", pad_to_aspect_ratio=True)
print(train.class_names)
for pictures, batch_labels in train.take(1):
    print(pictures.shape, pictures.dtype, f"from {pictures.numpy().min():.0f} to {pictures.numpy().max():.0f}", batch_labels.numpy())
    show(pictures.numpy().astype("uint8")[:8], [train.class_names[label] for label in batch_labels[:8]])

# %% [markdown]
# What comes out is a `tf.data.Dataset`, which `fit`, `evaluate` and `predict` take as they take arrays.
# It reads files while the network trains, so that a folder may be larger than the memory.
#
# Its defaults are worth knowing by heart, because each of them is wrong for somebody:
#
# | argument | default | what to think of |
# |---|---|---|
# | `image_size` | (256, 256) | forty times as slow as 40 by 40 |
# | `pad_to_aspect_ratio`, `crop_to_aspect_ratio` | both `False` | the default squashes |
# | `color_mode` | `"rgb"` | three channels, also of grey files; `"grayscale"` for one, `"rgba"` keeps transparency |
# | `shuffle` | `True` | good for training; for a test set, take `False` and the order is that of the folder |
# | `label_mode` | `"int"` | with `sparse_categorical_crossentropy`; `"categorical"` gives rows of zeros and ones |
# | `validation_split` | none | needs `subset` and, in both calls, the same `seed` |
#
# Pixels come as floats from 0 to 255, not rescaled.

# %% [markdown] skills=["I2", "I4"]
# ## Three networks, three ways
#
# Now the experiment. One network, week 5's, trained three times. Only the way into the square differs.
# `cache()` keeps the batches after the first epoch, so that files are opened and resized once and not twelve times,
# and `shuffle(20)` deals them in another order in each epoch.
# (Week 3 warned of shuffling after `batch`. Here the reader has mixed the files before it made batches,
# so each batch has trees of all kinds; what stays the same is only which pictures come together.)
# (`shuffle=False` tells `fit` that this is done; otherwise it warns that it cannot shuffle a data set.)
#
# **Predict first.** Which order will they come in, and how far apart?

# %%
def block(filters):
    return [layers.Conv2D(filters, 3, padding="same", activation="relu"), layers.MaxPooling2D()]

def make_network(size=48):
    keras.utils.set_random_seed(1)
    network = keras.Sequential([
        keras.Input(shape=(size, size, 3)),
        layers.Rescaling(1 / 127.5, offset=-1),
        *block(16), *block(32), *block(64),
        layers.Flatten(),
        layers.Dropout(0.4),
        layers.Dense(64, activation="relu"),
        layers.Dense(8, activation="softmax"),
    ])
    network.compile(optimizer=keras.optimizers.Adam(0.0015), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return network

# %%
def learn(size=48, epochs=12, **options):
    network = make_network(size)
    network.fit(read("train", size, **options).cache().shuffle(20, seed=1), epochs=epochs, shuffle=False, verbose=0)
    tested = network.predict(read("test", size, shuffle=False, **options), verbose=0).argmax(axis=1)
    return network, tested

networks = {
    "squashed": learn(),
    "cropped": learn(crop_to_aspect_ratio=True),
    "padded": learn(pad_to_aspect_ratio=True),
}
for name, (network, tested) in networks.items():
    print(f"{name:9} {(tested == y_test).mean():.2f} of the test leaves are right")

# %% [markdown]
# The network is the same, the pictures are the same, the training is the same. One argument more or less
# decides whether a third of the leaves is misread, or half as many, or fewer still.
# Cropping comes out ahead here: it shows larger details, and what it cuts off, the ends, tells little about these trees.
# Where an animal stands at the border of its photograph it would be far behind; only trying tells.
#
# The order of `tested` is that of `y_test`, because both list the folder in sorted order: hence `shuffle=False`.
#
# Which trees profit?

# %%
figure, axes = plt.subplots(figsize=(9, 3.2))
for shift, (name, (network, tested)) in zip((-0.27, 0, 0.27), networks.items()):
    right = [(tested[y_test == label] == label).mean() for label in range(8)]
    axes.bar(np.arange(8) + shift, right, width=0.25, label=name)
axes.set(xticks=range(8), xticklabels=class_names, ylabel="share that is right")
axes.legend(loc="upper left", bbox_to_anchor=(1, 1));

# %% [markdown]
# Look at aspen, bay and beech: squashed, they are one round leaf, and the network has settled on one of the three names.
# Oak, maple and ginkgo lose little. Their outline survives squashing.
#
# What does the padded network still confuse? Rows are the true trees, columns what the network says.

# %%
table = np.zeros((8, 8), int)
np.add.at(table, (y_test, networks["padded"][1]), 1)
print("        " + " ".join(f"{name[:6]:>6}" for name in class_names))
for name, row in zip(class_names, table):
    print(f"{name:8}" + " ".join(f"{count:6}" for count in row))

# %% [markdown]
# Two pairs are mixed up most often. Willow is taken for bay, the other long oval:
# at 48 pixels, a willow that lies askew is as wide as a bay. And lime is taken for aspen, the other round leaf.
# More pictures would help there,
# and so would showing the same leaf in more directions, which is next week's subject.

# %% [markdown] skills=["I6"]
# ## How long? A part of the folder to validate on
#
# Twelve epochs were our guess. Week 2 read the right number off a validation loss, and so can we:
# the same folder is read twice, with the same `seed`, and each call takes its `subset`.
# (With another seed in the second call, some files would be in both parts.)

# %%
fifth = dict(pad_to_aspect_ratio=True, validation_split=0.2)
learned_from = read("train", subset="training", **fifth).cache().shuffle(15, seed=1)
held_back = read("train", subset="validation", **fifth).cache()
stop = keras.callbacks.EarlyStopping(patience=4, restore_best_weights=True)
history = make_network().fit(
    learned_from, validation_data=held_back, epochs=25, callbacks=[stop], shuffle=False, verbose=0
).history
plt.figure(figsize=(6, 2.6))
plt.plot(history["loss"], label="training loss")
plt.plot(history["val_loss"], label="validation loss")
plt.xlabel("epoch")
plt.legend()
print(f"lowest validation loss after epoch {np.argmin(history['val_loss']) + 1} of {len(history['loss'])}")

# %% [markdown]
# `validation_split` of `fit` could not do this: it wants arrays, and takes the last rows of them.
# Of a folder that was read class after class, these are the willows, all of them.
#
# ## A word on ImageDataGenerator
#
# Tutorials from before 2021 or so, and the courses that led to the TensorFlow Developer Certificate, read folders in another way:
#
# ```python
# from tensorflow.keras.preprocessing.image import ImageDataGenerator   # history
#
# generator = ImageDataGenerator(rescale=1 / 255, rotation_range=20, horizontal_flip=True, validation_split=0.2)
# train = generator.flow_from_directory("leaves", target_size=(150, 150), class_mode="categorical", subset="training")
# model.fit_generator(train, steps_per_epoch=100)
# ```
#
# You will meet it, so you should be able to read it. The package `keras` has it no more; `tf.keras` still imports it.
# It does three things at once, and today each has a place of its own:
#
# | then | now |
# |---|---|
# | `flow_from_directory(target_size=…)` | `image_dataset_from_directory(image_size=…)` |
# | `class_mode="categorical"`, its default | `label_mode="int"`, its default: mind the loss |
# | `rescale=1 / 255` | `layers.Rescaling(1 / 255)` in the model |
# | `rotation_range`, `horizontal_flip`, … | `RandomRotation`, `RandomFlip`, … in the model: next week |
# | `fit_generator(…, steps_per_epoch=…)` | `fit(dataset)` |
#
# The change is more than new names. What is a layer of the model travels with the model:
# whoever uses it later cannot forget to rescale.
# (One thing has not changed: the old way squashed, too, unless it was told not to.)

# %% [markdown] skills=["I4"]
# ## Common mistakes
#
# **Pictures of different sizes in one batch.** Whoever reads the files by hand forgets the resizing once, and meets this:

# %%
def decoded(file):
    return tf.io.decode_jpeg(tf.io.read_file(file))

by_hand = tf.data.Dataset.from_tensor_slices([str(file) for file in files]).map(decoded).batch(32)
try:
    next(iter(by_hand))
except Exception as error:
    print(type(error).__name__, str(error).split("}} ")[-1])

# %% [markdown]
# *tensor* is a picture that was to be added, *batch* the one that was there before: two shapes that differ.
# In front of this stand many lines about nodes and devices, which we have cut off; look for the shapes.
# Height and width differ, so resize before you batch.
# But resizing alone is not enough here. Do you see what else could differ?

# %%
def resized(file):
    return tf.image.resize_with_pad(decoded(file), 48, 48)

by_hand = tf.data.Dataset.from_tensor_slices([str(file) for file in files]).map(resized).batch(600)  # all in one, the grey ones too
try:
    next(iter(by_hand))
except Exception as error:
    print(type(error).__name__, str(error).split("}} ")[-1])

# %% [markdown]
# The last number: three channels here, one there. That is the photographer with the black-and-white camera.
# `decode_jpeg(…, channels=3)` makes three of one, and then the batch is made:

# %%
def mended(file):
    picture = tf.io.decode_jpeg(tf.io.read_file(file), channels=3)
    return tf.image.resize_with_pad(picture, 48, 48)

by_hand = tf.data.Dataset.from_tensor_slices([str(file) for file in files]).map(mended).batch(32)
next(iter(by_hand)).shape

# %% [markdown]
# **No error at all** is worse. Here somebody has the test folder shuffled, and compares with labels that are sorted:

# %%
shuffled = networks["padded"][0].predict(read("test", pad_to_aspect_ratio=True), verbose=0).argmax(axis=1)
print(f"accuracy, it seems: {(shuffled == y_test).mean():.2f}")
print(f"evaluate says:      {networks['padded'][0].evaluate(read('test', pad_to_aspect_ratio=True), verbose=0)[1]:.2f}")

# %% [markdown]
# One in eight: the mark of answers and questions in different orders.
# `evaluate` reads picture and label together, so order cannot hurt it.
#
# **Read in one way, asked in another.** The third gives no error, either: a network that has learned from squashed pictures
# gets padded ones, or one that has learned from raw pixels gets some that a `map` has divided by 255.

# %%
padded = read("test", shuffle=False, pad_to_aspect_ratio=True)
found = networks["squashed"][0].predict(padded, verbose=0).argmax(axis=1)
print(f"learned from squashed leaves, asked about padded ones: {(found == y_test).mean():.2f}")
pale = padded.map(lambda pictures, labels: (pictures / 255, labels))
found = networks["padded"][0].predict(pale, verbose=0).argmax(axis=1)
print(f"learned from 0 to 255, asked about 0 to 1:             {(found == y_test).mean():.2f}")

# %% [markdown]
# What can be a layer of the model, should be one: it is then the same wherever the model goes.
# What cannot, such as the way into the square, is to be written down beside `class_names`.
#
# | what you see | what is usually wrong |
# |---|---|
# | *Cannot add tensor to the batch*, *Cannot batch tensors* | pictures not resized, or grey ones among coloured ones |
# | accuracy of guessing, though the training went well | predictions of a shuffled data set, compared with labels in order |
# | good in training, poor for one kind of picture | squashed or cropped what the answer hangs on |
# | good in validation, poor where the model is used | pictures are read or scaled in another way there |
# | *Unknown image file format* | a hidden file that a Mac has left (`._7.jpg`), or a text with a picture's name |
# | classes have moved by one | a folder too many: `.ipynb_checkpoints` is skipped, `backup` is a class |
# | rank of target and output differ | `label_mode="categorical"` with the sparse loss |
# | loss stays near 2.08 | pixels rescaled twice, before the model and in it |
# | pictures lie on their side | a phone's camera noted the direction in the file (EXIF), and Keras does not read it |

# %% [markdown] skills=["I2", "I4"]
# ## Try it
#
# How much of a leaf does the network need? Write down what you expect for each, then change one thing at a time:
# sides of 24 or of 64 instead of 48; `color_mode="grayscale"` (the input shape changes, too); training on pictures of which half are squashed.
# Which trees suffer first?

# %%
_, small = learn(size=24, pad_to_aspect_ratio=True)
print(f"24 by 24, padded: {(small == y_test).mean():.2f}")

# %% [markdown]
# ## Summary
#
# - Look at a folder before you train: sizes, proportions, channels, how many of each class.
# - Labels come from the names of folders, numbered in sorted order. Write `class_names` down beside the model.
# - All pictures of a batch have one shape. Squashing loses proportions, cropping the ends, padding some room.
# - `image_dataset_from_directory` does the whole way, and squashes unless it is told not to.
# - Training data are shuffled, test data are not.
# - `ImageDataGenerator` is history: reading is a data set's work, rescaling and augmenting are layers' work.

# %% [markdown]
# ## Recall questions
#
# Answer in your own words before you open an answer.
#
# 1. A folder holds `yew`, `ash` and `Elm`. Which numbers do they get?
# <details><summary>Answer</summary>
# Elm 0, ash 1, yew 2. Capitals are sorted before small letters.
# </details>
#
# 2. A picture of 120 by 40 (width by height) is padded to 48 by 48. How many rows are black?
# <details><summary>Answer</summary>
# It becomes 48 by 16, so 32 rows of 48 are black: 16 above and 16 below.
# </details>
#
# 3. When would you rather crop than pad?
# <details><summary>Answer</summary>
# When what matters is in the middle and details are small: padding shrinks them, and a part of every picture is wasted.
# </details>
#
# 4. Why does a test set need <code>shuffle=False</code> for <code>predict</code>, but not for <code>evaluate</code>?
# <details><summary>Answer</summary>
# evaluate gets each picture with its label. predict returns answers without labels, and you have to know which is whose.
# </details>
#
# 5. Could a convolutional network take pictures of different sizes at all?
# <details><summary>Answer</summary>
# Its convolutions could, one picture at a time: a kernel does not care how far it slides.
# The dense layer after Flatten could not. With GlobalAveragePooling2D in its place it works,
# but all pictures of one batch still need one shape.
# </details>
#
# 6. Somebody renames the folder <code>lime</code> to <code>tilia</code> and trains anew. What has changed?
# <details><summary>Answer</summary>
# The numbers: maple, oak and tilia are 4, 5 and 6 now, where lime, maple and oak were before.
# A program that translates numbers to names by an old list is wrong for three trees.
# </details>

# %% [markdown] skills=["I2"]
# ## Take it further
#
# - **One class more.** Write a folder `none` with pictures of bare paper, wood and soil, and train again.
#   What did the network say of such pictures before, and how sure was it?
# - **Pad with something else.** Black bars are edges that no camera saw.
#   Fill them with the mean colour of the picture's border instead. Does it matter?
# - **Real pictures.** *Horses or Humans* is a folder of rendered pictures in varied scenes, with two classes in two folders:
#
# ```python
# from tfcourse.datasets.public import load_horses_or_humans
#
# (x_train, y_train), (x_test, y_test) = load_horses_or_humans()
# ```
#
#   Its pictures are square already. Begin by looking, and with a baseline. Two classes want one unit with a sigmoid, as in week 2.
#   Expect the training accuracy to reach the top within a few epochs and the test accuracy to stay behind:
#   there are few scenes, and many pictures of each. Next week has a cure for that.
#
# Then open the assignment.
