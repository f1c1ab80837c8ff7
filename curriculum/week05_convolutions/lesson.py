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
#     title: "Week 5: convolutions"
#     description: Why a dense network fails on pictures, and what convolution and pooling change.
#     prerequisites: ["week 2: softmax and cross-entropy", "week 4: overfitting", "NumPy arrays and slicing"]
#     minutes: 75
#     objectives:
#       - text: train a network with softmax on ten classes, and read its loss and its probabilities
#         skills: [B7]
#       - text: show why a dense network fails when a sign moves by a few pixels
#         skills: [I3]
#       - text: compute a convolution by hand and get what Conv2D gets
#         skills: [I3, I1]
#       - text: build a network from Conv2D and MaxPooling2D, and look at its feature maps
#         skills: [I1, I3]
#       - text: count the parameters of dense and convolutional layers, and choose a size
#         skills: [T5]
#       - text: recognise overfitting on few pictures, and counter it with dropout and augmentation
#         skills: [B9]
# ---

# %% [markdown] skills=["I3"]
# ## Ten road signs
#
# A camera behind a windscreen has to read road signs.
# Signs come in families. Shape and colour tell the family: a red ring limits something, a blue disc commands.
# What is inside tells the rest: our three speed limits differ in one digit, our two arrows in their direction.

# %%
from tfcourse.datasets.signs import CLASSES, draw_sign, make_signs

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

def show(pictures, titles, columns=10, width=1.25, **how):
    rows = -(-len(pictures) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(width * columns, (width + 0.3) * rows), squeeze=False)
    for ax in axes.flat:
        ax.axis("off")
    for ax, picture, title in zip(axes.flat, pictures, titles):
        ax.imshow(picture, **how)
        ax.set_title(title, fontsize=8)

show([draw_sign(label) for label in range(10)], CLASSES)

# %% [markdown]
# That is the book of rules. On the road there are distance, angle, shade, faded paint, blur and leaves.
# The course draws such pictures itself, as many as we want: 2,000 to learn from and 1,000 to be judged on.

# %%
pictures, labels = make_signs(3_000, seed=5)
x_train, y_train = pictures[:2_000], labels[:2_000]
x_test, y_test = pictures[2_000:], labels[2_000:]
print(x_train.shape, x_train.dtype, "from", x_train.min(), "to", x_train.max(), "· labels:", y_train[:12])
show(x_train[:20], [CLASSES[label] for label in y_train[:20]])

# %% [markdown]
# A picture is an array of shape (height, width, channels), here (40, 40, 3):
# red, green and blue, whole numbers from 0 (dark) to 255. A label is an integer from 0 to 9.
#
# ## The baseline: which average is nearest?
#
# Guessing gets one in ten. A lazy idea that is better: average all pictures of a class,
# and give a new picture to the class whose average looks most like it.
#
# **Predict first.** How many of a hundred signs will this get right?

# %%
averages = np.stack([x_train[y_train == label].mean(axis=0) for label in range(10)])
show(averages / 255, CLASSES)

# %%
distances = np.stack([((x_test - average) ** 2).sum(axis=(1, 2, 3)) for average in averages])
print(f"nearest average: {(distances.argmin(axis=0) == y_test).mean():.3f} of the test signs are right")

# %% [markdown]
# The averages show what is left when signs stand here in one picture and there in the next: a coloured fog.
# The colour survives, the digits do not. Remember that fog.

# %% [markdown] skills=["B7"]
# ## A dense network, and softmax
#
# The end of the network is that of week 2: a unit for each class, and **softmax**, which makes probabilities of their numbers.
# The loss is the **cross-entropy**, minus the logarithm of the probability that the network gave to the true class;
# for labels that are integers, `sparse_categorical_crossentropy`.
# A tenth for each class costs −log(0.1) = 2.303, a number worth knowing by heart:
# a network with ten classes and a loss near 2.3 has learned nothing yet.
#
# In front stand two layers for pictures.
# `Rescaling` brings pixels from 0…255 to −1…1, and `Flatten` makes one row of 4,800 numbers out of each picture.
# (With so many inputs to each unit, small steps work better: hence 0.0003.)

# %%
def compiled(*middle, learning_rate=0.002):
    model = keras.Sequential([
        keras.Input(shape=(40, 40, 3)),
        layers.Rescaling(1 / 127.5, offset=-1),
        *middle,
        layers.Dense(10, activation="softmax"),
    ])
    model.compile(optimizer=keras.optimizers.Adam(learning_rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model

keras.utils.set_random_seed(1)
dense = compiled(layers.Flatten(), layers.Dense(64, activation="relu"), learning_rate=0.0003)
dense.fit(x_train, y_train, epochs=12, batch_size=32, verbose=0)
print("training: loss {:.2f}, accuracy {:.3f}".format(*dense.evaluate(x_train, y_train, verbose=0)))
print("test:     loss {:.2f}, accuracy {:.3f}".format(*dense.evaluate(x_test, y_test, verbose=0)))

# %% [markdown]
# Nearly all signs right in training, and a third wrong in the test.
# The network has not learned signs, it has learned 2,000 pictures. Why does what it knows not carry over?
#
# ### Four pixels to the right
#
# Move each test picture four pixels to the right, a tenth of its width. To you, hardly anything has changed.
#
# **Predict first.** For how many of a hundred signs will the network change its answer?

# %%
def shifted(pictures, right):
    """Move pictures to the right; the column at the left border is repeated."""
    columns = np.arange(pictures.shape[2]) - right
    return pictures[:, :, columns.clip(0)]

before = dense.predict(x_test, verbose=0)
after = dense.predict(shifted(x_test, 4), verbose=0)
changed = before.argmax(axis=1) != after.argmax(axis=1)
print(f"{changed.mean():.0%} of the answers change; accuracy {(after.argmax(axis=1) == y_test).mean():.3f}")

# %%
def told(row):
    return f"{CLASSES[row.argmax()]}\n{row.max():.0%}"

lost = np.flatnonzero(changed & (before.argmax(axis=1) == y_test) & (before.max(axis=1) > 0.9))[:5]
show([*x_test[lost], *shifted(x_test[lost], 4)], [told(row) for row in [*before[lost], *after[lost]]], columns=5)

# %% [markdown]
# Above, five signs that it read with more than 90 % as they are; below, the same five, moved, and misread,
# some of them with as much confidence as before.
#
# To a dense layer, a picture is a row of 4,800 numbers, each with a weight of its own.
# A red pixel at row 10, column 12 has nothing to do with a red pixel at row 10, column 16:
# what was learned about one place is unknown at the next.
# You could shuffle all pixels, in the same way in every picture, and the dense network would learn as well as before.
#
# What we want is a layer that looks for the same thing *everywhere*.

# %% [markdown] skills=["I3"]
# ## What a convolution computes
#
# A **kernel** is a small window of weights, 3 by 3 for instance.
# Lay it on the picture, multiply each weight with the pixel below it, add up: one number.
# Move it by one pixel, do it again. All those numbers together are a **feature map**.
#
# This kernel asks: is it brighter on the right than on the left?

# %%
kernel = np.array([
    [-1, 0, 1],
    [-1, 0, 1],
    [-1, 0, 1],
])
step = np.array([
    [10, 10, 10, 90, 90],
    [10, 10, 10, 90, 90],
    [10, 10, 10, 90, 90],
    [10, 10, 10, 90, 90],
])

# %% [markdown]
# **Predict first.** Into how many places of this small picture does the kernel fit?
# And what does it give at the left end, where everything is 10?

# %%
edges = np.zeros((2, 3))
for row in range(2):
    for column in range(3):
        patch = step[row : row + 3, column : column + 3]
        edges[row, column] = (patch * kernel).sum()
edges

# %% [markdown]
# Two rows and three columns: a kernel of 3 loses one pixel on each side.
# Where nothing changes it gives 0, and wherever it meets the step it gives 3 · (90 − 10) = 240.
#
# Now the same on a sign, in grey, with this kernel and with the same kernel lying on its side:

# %%
def edge_map(grey, kernel):
    rows, columns = grey.shape[0] - 2, grey.shape[1] - 2
    result = np.zeros((rows, columns))
    for row in range(rows):
        for column in range(columns):
            result[row, column] = (grey[row : row + 3, column : column + 3] * kernel).sum()
    return result

sign = x_test[np.flatnonzero(y_test == 1)[4]]
grey = sign.mean(axis=2) / 255
maps = [edge_map(grey, kernel), edge_map(grey, kernel.T)]
show([sign, grey, *maps], ["picture", "grey", "brighter on the right", "brighter below"], columns=4, width=2, cmap="gray")

# %% [markdown]
# White is a step up, black a step down, grey is nothing. The rim and the digits are there, the colours are gone.
# A sign that stands elsewhere would give the same lines, elsewhere.
#
# `Conv2D` does exactly this. It wants a batch, (pictures, height, width, channels),
# and kernels of shape (height, width, channels, filters). Give it our two kernels and compare:

# %%
conv = layers.Conv2D(filters=2, kernel_size=3)
batch = grey[None, :, :, None]
conv.build(batch.shape)
conv.set_weights([np.stack([kernel, kernel.T], axis=-1)[:, :, None, :], np.zeros(2)])
theirs = np.array(conv(batch))[0]
print("shape:", theirs.shape, "· largest difference:", np.abs(theirs - np.stack(maps, axis=-1)).max())

# %% [markdown]
# The same numbers. What Keras adds:
#
# - **channels:** on a colour picture a kernel is a block, 3 · 3 · 3, and sums over all channels;
# - **filters:** each kernel makes one map; 16 kernels make 16 maps, the channels of the next layer;
# - **a bias** for each filter and an **activation**, as in a dense layer;
# - **padding:** `"valid"` loses the border, `"same"` adds zeros around the picture and keeps its size;
# - and the weights are not given, they are **learned**.
#
# (In signal processing a convolution flips the kernel first. Keras, like all deep learning, does not.)
#
# **Predict first.** Move the picture by four pixels. What happens to the feature maps?

# %%
moved = np.array(conv(shifted(grey[None], 4)[..., None]))[0]
difference = moved[:, 5:] - theirs[:, 1:-4]  # column 5 now shows what column 1 showed
print("largest difference, away from the left border:", np.abs(difference).max())

# %% [markdown]
# They move along, and nothing else happens.
# Whatever a kernel has learned at one place it knows at every place. That is how convolutions improve a network.

# %% [markdown] skills=["I1"]
# ## Pooling: roughly where is enough
#
# A map still says too exactly *where*. **Max pooling** cuts it into squares of two by two, and keeps the largest value of each:

# %%
small = np.array([
    [0, 9, 1, 0],
    [2, 3, 0, 1],
    [0, 0, 5, 6],
    [1, 0, 7, 4],
])
np.array(layers.MaxPooling2D(2)(small[None, :, :, None]))[0, :, :, 0]

# %% [markdown]
# A quarter of the numbers is left. The 9 may sit anywhere in its square, and the answer stays the same.
# After pooling, the next 3 by 3 kernel sees twice as far: first strokes, then corners and curves, then digits.

# %% [markdown] skills=["I1", "T5"]
# ## A convolutional network
#
# Blocks of convolution and pooling, the number of filters growing as the maps shrink;
# then `Flatten` and dense layers, to decide.

# %%
def block(filters):
    return [layers.Conv2D(filters, 3, padding="same", activation="relu"), layers.MaxPooling2D()]

keras.utils.set_random_seed(1)
cnn = compiled(*block(16), *block(32), *block(64), layers.Flatten(), layers.Dense(64, activation="relu"))
cnn.summary()

# %% [markdown]
# Read the parameters from the right:
#
# - first convolution: 3 · 3 · 3 weights and a bias for each of 16 filters, (27 + 1) · 16 = 448;
# - second: its input has 16 channels, (3 · 3 · 16 + 1) · 32 = 4,640; third: (3 · 3 · 32 + 1) · 64 = 18,496;
# - pooling: 40 → 20 → 10 → 5, and 5 · 5 · 64 = 1,600 numbers are left to flatten;
# - dense: (1,600 + 1) · 64 = 102,464, four fifths of the whole network.
#
# A convolution's size does not depend on the picture's. A dense layer's does, and painfully:

# %%
sizes = {
    "dense network": dense,
    "a convolution without pooling": compiled(layers.Conv2D(16, 3, padding="same"), layers.Flatten(), layers.Dense(64)),
    "one block": compiled(*block(16), layers.Flatten(), layers.Dense(64)),
    "two blocks": compiled(*block(16), *block(32), layers.Flatten(), layers.Dense(64)),
    "three blocks": cnn,
}
for name, model in sizes.items():
    print(f"{name:30} {model.count_params():>9,} parameters")

# %% [markdown]
# Three blocks are the smallest of these networks, and, as you can check under *Try it*, also the best.
# When a network is too big, look for the dense layer after `Flatten`, and pool once more before it.
#
# **Predict first.** The dense network got about two thirds of the test signs. This one has less than half its parameters.

# %%
history = cnn.fit(x_train, y_train, epochs=8, batch_size=32, verbose=0).history
print("loss after each epoch:", *(f"{loss:.2f}" for loss in history["loss"]))
print(f"test accuracy: dense {dense.evaluate(x_test, y_test, verbose=0)[1]:.3f}, convolutions {cnn.evaluate(x_test, y_test, verbose=0)[1]:.3f}")

# %% [markdown]
# And when the signs move?

# %%
def reads(model, right):
    return (model.predict(shifted(x_test[:500], right), verbose=0).argmax(axis=1) == y_test[:500]).mean()

plt.figure(figsize=(6, 3.5))
for name, model in (("dense", dense), ("convolutions", cnn)):
    plt.plot([0, 2, 4, 6, 8], [reads(model, right) for right in (0, 2, 4, 6, 8)], "o-", label=name)
plt.gca().set(xlabel="moved to the right by, pixels", ylabel="accuracy on test signs", ylim=(0, 1.02))
plt.legend();

# %% [markdown]
# The convolutions lose little up to four pixels, then more, as signs begin to leave the picture at the right.
# The dense network loses from the first pixel on.
# (Nor are the convolutions wholly indifferent to place: the dense layers behind them still tell 5 by 5 places apart.)
#
# ### What the kernels found
#
# Nobody told the network what to look for. These are the 16 maps of its first layer for our sign,
# and the first 16 of the 64 after the third convolution:

# %%
convolutions = [layer for layer in cnn.layers if isinstance(layer, layers.Conv2D)]
look_inside = keras.Model(cnn.inputs, [layer.output for layer in convolutions])
first, _, third = look_inside.predict(sign[None], verbose=0)
show(np.moveaxis(first[0], -1, 0), [f"first, {k}" for k in range(16)], columns=8, cmap="magma")
show(np.moveaxis(third[0, :, :, :16], -1, 0), [f"third, {k}" for k in range(16)], columns=8, cmap="magma")

# %% [markdown]
# The first layer still looks like the sign: edges, the red rim, the dark digits, the background.
# In the third, maps are small and mostly dark. Each answers to something particular,
# and the bright spots say where it was found. The dense layers read this table.
#
# ### What it still confuses

# %%
probabilities = cnn.predict(x_test, verbose=0)
wrong = np.flatnonzero(probabilities.argmax(axis=1) != y_test)
print(len(wrong), "of 1,000 wrong")
show(x_test[wrong[:10]], [f"{CLASSES[y_test[i]]}\nread as {told(probabilities[i])}" for i in wrong[:10]], columns=5, width=2)

# %% [markdown] skills=["B9"]
# Most of what is left are digits and arrows: families are learned first, their members later.
#
# ## Few pictures
#
# 2,000 labelled pictures cost somebody's week. What if there are only 200?
#
# We watch a smaller network learn them, and after each epoch try it on 300 others, the **validation** pictures.
# (Ours are test pictures, since we choose nothing by them. Where you do, keep the two apart.)

# %%
x_few, y_few = np.tile(x_train[:200], (3, 1, 1, 1)), np.tile(y_train[:200], 3)  # an epoch shows each one three times

def learn_from_few(*first, before_the_end=()):
    keras.utils.set_random_seed(1)
    model = compiled(*first, *block(8), *block(16), *block(32), layers.Flatten(), *before_the_end, layers.Dense(64, activation="relu"))
    validation = (x_test[:300], y_test[:300])
    return model.fit(x_few, y_few, epochs=16, batch_size=32, validation_data=validation, verbose=0).history

def draw(histories):
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.5))
    for name, history in histories.items():
        (line,) = left.plot(history["loss"], label=name)
        left.plot(history["val_loss"], "--", color=line.get_color())
        right.plot(history["val_accuracy"], "--", color=line.get_color(), label=name)
    left.set(xlabel="epoch", ylabel="loss", ylim=(0, 3), xticks=range(0, 16, 3), title="training —   validation - -")
    right.set(xlabel="epoch", ylabel="accuracy", ylim=(0, 1), xticks=range(0, 16, 3), title="validation - -")
    right.legend(loc="lower right")

plain = learn_from_few()
draw({"plain": plain})

# %% [markdown]
# The shape of **overfitting**, known from week 4: the training loss goes to 0, the validation loss turns and rises.
# The network knows its 200 pictures by heart, and grows ever surer of wrong answers.
#
# Two cures:
#
# - **Dropout**, as in week 4: at each training step a random share of the numbers is switched off, so that no answer can hang on a single one.
# - **Augmentation** changes each picture a little, differently in every epoch, and keeps its label.
#   Here we only move pictures; week 7 does more.
#
# Both are layers, and both do nothing when the network predicts.

# %%
move = layers.RandomTranslation(0.15, 0.15, fill_mode="nearest", seed=1)
dropout = learn_from_few(before_the_end=[layers.Dropout(0.5, seed=1)])
both = learn_from_few(move, before_the_end=[layers.Dropout(0.5, seed=1)])
histories = {"plain": plain, "dropout": dropout, "dropout and augmentation": both}
draw(histories)
for name, found in histories.items():
    print(f"{name:26} at the end: accuracy {np.mean(found['val_accuracy'][-3:]):.2f}, loss {np.mean(found['val_loss'][-3:]):.2f}")

# %% [markdown]
# Nothing here replaces 2,000 pictures, but each cure helps, and the validation loss no longer runs away.
# Notice the price: with augmentation the training loss falls more slowly. It needs more epochs, and is still learning at the end.
#
# **Predict first.** `layers.RandomFlip("horizontal")` is the most popular augmentation of all.
# For which of our ten classes is it poison?

# %%
arrow, limit = x_train[y_train == 8][1], x_train[y_train == 1][0]
show([arrow, arrow[:, ::-1], limit, limit[:, ::-1]], ["turn left", "flipped: turn left?", "speed limit 50", "flipped: 02?"], columns=4, width=2)

# %% [markdown]
# A flipped "turn left" *is* a "turn right", with the wrong label. Mirrored digits are merely useless: no road shows them.
# An augmentation may do whatever leaves the label true, and what the camera might really see.

# %% [markdown] skills=["B7", "I1"]
# ## Two errors and a silence
#
# Three small networks, each with one mistake. The first has no `Flatten`.
# The second has a loss for labels in rows of zeros and ones, and gets integers.

# %%
def broken(*last, loss):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input(shape=(40, 40, 3)), layers.Rescaling(1 / 127.5, offset=-1), *block(8), *block(16), *last])
    model.compile(optimizer="adam", loss=loss, metrics=["accuracy"])
    try:
        print("loss:", *(f"{loss:.2f}" for loss in model.fit(x_few, y_few, epochs=3, verbose=0).history["loss"]))
    except ValueError as error:
        print(error)
    return model

softmax = layers.Dense(10, activation="softmax")
no_flatten = broken(softmax, loss="sparse_categorical_crossentropy")
one_hot_loss = broken(layers.Flatten(), layers.Dense(10, activation="softmax"), loss="categorical_crossentropy")

# %% [markdown]
# Two messages about ranks, hardly a word about the cause. Put the shapes side by side.
#
# The first number is the batch, 32 (or `None`); look at the rest.
#
# - `output.shape=(32, 10, 10, 10)`: ten probabilities at each of 10 by 10 places. One row for each picture was meant: flatten first.
# - `target.shape=(32,)`, `output.shape=(32, 10)`: an integer against a row of ten. The loss for integers is the *sparse* one.
#
# The third has no softmax. **Predict first:** will Keras complain?

# %%
silent = broken(layers.Flatten(), layers.Dense(10), loss="sparse_categorical_crossentropy")
print("sums of the first rows:", silent.predict(x_test[:4], verbose=0).sum(axis=1))
print(f"test accuracy {silent.evaluate(x_test, y_test, verbose=0)[1]:.3f}")

# %% [markdown]
# Not a word, and the loss even falls. But the last layer gives any numbers at all (they are called *logits*),
# and the loss takes them for probabilities, so neither the loss nor what is learned from it means much.
# Either the last layer has softmax, or the loss is told: `SparseCategoricalCrossentropy(from_logits=True)`.
# One of the two, never both and never neither.
# The quick test is the second line above: do the rows sum to 1?

# %% [markdown] skills=["I1", "T5"]
# ## Try it
#
# A camera has little memory. The network below has a ninth of the parameters of ours.
# Write down what you expect, then change one thing at a time: one block less, kernels of 5,
# 32 filters in the first block, `strides=2` in a convolution (it moves by two pixels at a time) instead of pooling,
# `layers.GlobalAveragePooling2D()` (the average of each map) for `layers.Flatten()`. How small can it get and still read nine of ten?

# %%
keras.utils.set_random_seed(1)
mine = compiled(*block(8), *block(16), *block(32), layers.Flatten())
mine.fit(x_train, y_train, epochs=5, batch_size=32, verbose=0)
print(f"{mine.count_params():,} parameters, test accuracy {mine.evaluate(x_test, y_test, verbose=0)[1]:.3f}")

# %% [markdown]
# ## Common mistakes
#
# | what you see | what is usually wrong |
# |---|---|
# | loss stays near 2.3 | a learning rate far too high or too low |
# | learning is slow, or differs much from seed to seed | pixels left at 0…255, or scaled to 0…1: centre them, −1…1 |
# | rank of target and output differ | no `Flatten`, or "sparse" is missing in the loss |
# | rows of the prediction do not sum to 1 | no softmax |
# | millions of parameters | `Flatten` on large maps: pool once more before it |
# | training loss near 0, validation loss rising | overfitting: dropout, augmentation, more pictures |
# | augmentation makes it worse | it changes the label: a flipped arrow |
# | an error about `min_ndim=4`, or a shape `(32, 40, 3)` | a grey picture without its channel; one picture without its batch |
# | "output size would be zero or negative" | pooled more often than the picture can be halved |
#
# ## Summary
#
# - A dense layer learns each place by itself. A convolution learns a kernel once and uses it everywhere.
# - A kernel is multiplied and summed over a window and all channels; each filter makes one map, and a moved picture makes moved maps.
# - Max pooling keeps *what*, forgets a little of *where*, and lets the next kernel see further.
# - Parameters: convolution (height · width · channels + 1) · filters, whatever the picture's size; dense (inputs + 1) · units.
# - Ten classes: ten units, softmax, sparse categorical cross-entropy for integer labels. 2.303 is what guessing costs.
# - Few pictures are learned by heart. Dropout and augmentation help, as long as the label stays true.

# %% [markdown]
# ## Recall questions
#
# Answer in your own words before you open an answer.
#
# 1. Shuffle the pixels of all pictures in the same way. Which network suffers, the dense one or the one with convolutions?
# <details><summary>Answer</summary>
# The one with convolutions: its kernels look at neighbours, and there are none any more.
# To a dense layer the order of its inputs means nothing.
# </details>
#
# 2. How many parameters has <code>Conv2D(32, 5)</code> on pictures of shape (100, 100, 3)? And on (200, 200, 3)?
# <details><summary>Answer</summary>
# (5 · 5 · 3 + 1) · 32 = 2,432, both times.
# </details>
#
# 3. A picture of 28 by 28 goes through <code>Conv2D(8, 3)</code> with padding "valid", then <code>MaxPooling2D()</code>. What shape comes out?
# <details><summary>Answer</summary>
# 26 by 26 by 8, then (13, 13, 8).
# </details>
#
# 4. With a hundred classes, what does guessing cost?
# <details><summary>Answer</summary>
# −log(1/100), about 4.6.
# </details>
#
# 5. Why do feature maps usually grow in number as they shrink in size?
# <details><summary>Answer</summary>
# There are few kinds of edges and many kinds of things made of edges.
# And since pooling leaves a quarter of the places, twice the filters are affordable.
# </details>
#
# 6. Does dropout change what a trained network predicts?
# <details><summary>Answer</summary>
# No: when it predicts, nothing is switched off. It changed what was learned.
# </details>

# %% [markdown]
# ## Take it further
#
# - **Learn from one side.** Train both networks on pictures moved by four pixels to the left, and test on pictures moved to the right.
# - **Which kernel is which?** Draw the 16 kernels of `cnn`'s first convolution as small colour pictures
#   (`cnn.layers[1].get_weights()[0]`, scaled to 0…1). Which ones look for edges, which for colours?
# - **Cover it up.** Slide a grey square over a sign and draw, for each place, how sure the network remains. Where does it look?
# - **Real photographs.** Ten classes again, from aeroplane to lorry, 32 by 32 pixels, 50,000 of them (a download of 170 MB):
#
# ```python
# from tfcourse.datasets.public import load_cifar10
#
# (x_train, y_train), (x_test, y_test) = load_cifar10()
# ```
#
# Everything of this lesson fits, with `keras.Input(shape=(32, 32, 3))`. Take 5,000 pictures first.
# Expect the dense network to stay well below half, the convolutions to pass it clearly, and both to stay far from what they reach on signs:
# a sign is drawn to be told apart, a cat is not. Here a horizontal flip *is* a good augmentation. Why?
#
# Then open the assignment. Next week, pictures come from folders, in all sizes.
