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
#     title: "Week 7: augmentation"
#     description: How a network learns more from 250 pictures than is in them, and how the wrong change teaches it nonsense.
#     prerequisites: ["week 5: convolutions, overfitting", "week 6: pictures from folders"]
#     minutes: 60
#     objectives:
#       - text: recognise in curves that a network has learned a few pictures by heart
#         skills: [B9]
#       - text: decide which changes leave a label true, and which the camera could have made
#         skills: [I5]
#       - text: build augmentation from Random layers, and say when they are active and on which range of values
#         skills: [I5, I6]
#       - text: measure what an augmentation is worth, alone and together with others
#         skills: [I5, B9]
# ---

# %% [markdown] skills=["B9"]
# ## 250 signs
#
# An office wants to read what people write by hand. It has scanned *forms*: ten people wrote digits and letters
# into boxes, 25 signs of each kind. What it will have to read are *notes*: other people, photographed by hand.
# (A *sign* is one digit or letter this week, no longer a road sign.)

# %%
from tfcourse.datasets.handwriting import CLASSES, draw_sign, make_handwriting

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

def show(pictures, titles=(), columns=10, width=1.0):
    rows = -(-len(pictures) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(width * columns, (width + 0.25) * rows), squeeze=False)
    for ax in axes.flat:
        ax.axis("off")
    for ax, picture in zip(axes.flat, pictures):
        ax.imshow(np.squeeze(picture), cmap="gray", vmin=0, vmax=255)
    for ax, title in zip(axes.flat, titles):
        ax.set_title(title, fontsize=8)

x_forms, y_forms = make_handwriting(250, seed=1, source="forms", writers=10)
x_notes, y_notes = make_handwriting(1_000, seed=2, source="notes", writers=100)
show([*x_forms[:10], *x_notes[:10]], [CLASSES[label] for label in [*y_forms[:10], *y_notes[:10]]])

# %% [markdown]
# Forms above, notes below. (The course writes both, with strokes that tremble; nobody's handwriting is copied.)
# You read both rows without noticing a difference. What differs?
# In notes, signs are turned by some degrees, moved by some pixels, larger or smaller, and the light is worse.
#
# ## The baseline: the most similar form
#
# The lazy idea of week 5 was an average for each class. Here is one that is even lazier, and often hard to beat:
# find the form that is most similar to the note, pixel by pixel, and answer with its label.
#
# **Predict first.** On other forms by other people, and on notes: how many of a hundred?

# %%
def nearest(pictures):
    distances = [((x_forms / 255 - picture / 255) ** 2).sum(axis=(1, 2, 3)) for picture in pictures]
    return y_forms[np.argmin(distances, axis=1)]

x_others, y_others = make_handwriting(300, seed=3, source="forms", writers=30)
print(f"other people's forms {(nearest(x_others) == y_others).mean():.2f}, notes {(nearest(x_notes[:300]) == y_notes[:300]).mean():.2f}")

# %% [markdown]
# About nine of ten on forms, by people whom it has never met; on notes, hardly a third.
# Where signs stand upright in the middle, similar signs have their ink in the same pixels.
# Move a sign by three pixels, and to this idea it is another sign: week 5's fog once more.
#
# ## A network learns 250 signs by heart
#
# Now week 5's network, smaller. Notes are our validation data;
# we choose nothing by them in this lesson, otherwise a third set would be needed.

# %%
def learn(*first, epochs=30, watched=True):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input(shape=(32, 32, 1)), *first])
    if not any(isinstance(layer, layers.Rescaling) for layer in first):
        model.add(layers.Rescaling(1 / 127.5, offset=-1))
    for filters in (16, 32, 64):
        model.add(layers.Conv2D(filters, 3, padding="same", activation="relu"))
        model.add(layers.MaxPooling2D())
    for layer in (layers.Flatten(), layers.Dropout(0.3), layers.Dense(64, activation="relu"), layers.Dense(10, activation="softmax")):
        model.add(layer)
    model.compile(optimizer=keras.optimizers.Adam(0.002), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    watch = (x_notes[:200], y_notes[:200]) if watched else None
    history = model.fit(x_forms, y_forms, epochs=epochs, batch_size=32, validation_data=watch, verbose=0).history
    return model, history

def draw(histories):
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.3))
    for name, history in histories.items():
        (line,) = left.plot(history["loss"], label=name)
        left.plot(history["val_loss"], "--", color=line.get_color())
        right.plot(history["val_accuracy"], "--", color=line.get_color(), label=name)
    left.set(xlabel="epoch", ylabel="loss", ylim=(0, 3), title="forms —   notes - -")
    right.set(xlabel="epoch", ylabel="accuracy", ylim=(0, 1), title="notes - -")
    right.legend(loc="lower right")

def reads(model):
    return model.evaluate(x_notes, y_notes, verbose=0)[1]

plain, plain_history = learn()
draw({"plain": plain_history})
print(f"forms {plain_history['accuracy'][-1]:.2f}, notes {reads(plain):.2f}")

# %% [markdown]
# You know this shape from week 5: **overfitting**. The loss on forms falls to nothing, the loss on notes rises to the upper edge of the picture.
# The network has 250 signs in its memory and a rule that fits these 250.
# "Ink in column 12, rows 4 to 20, is a b" is such a rule, and true of every b that it has seen.
#
# More pictures would help. We have none. But we know something that the network does not:
# a b that is turned by ten degrees is a b.

# %% [markdown] skills=["I5"]
# ## What may happen to a picture?
#
# **Augmentation** changes each training picture a little, differently in every epoch, and keeps its label.
# It is a way to tell the network what does *not* matter. So, for every change, two questions:
#
# 1. **Is the label still true?** If not, you teach nonsense.
# 2. **Might the camera see this?** If not, you teach what is never asked, and that costs room and time.
#
# Take the most popular change of all, the flip.
#
# **Predict first.** Ten signs, flipped to the side. Which of them keep their label?

# %%
signs = np.stack([draw_sign(label) for label in range(10)])
show([*signs, *signs[:, :, ::-1], *signs[:, ::-1]], [*CLASSES, *["to the side"] * 10, *["upside down"] * 10])

# %% [markdown]
# Only A does. A 2 and a 7 become signs that nobody writes, a 3 becomes a round E,
# and b and d, p and q change places: exactly the classes that the network has to keep apart.
# A flip upside down exchanges b and p, d and q. It leaves E as it is, and 3 nearly.
#
# The answer hangs on *all* labels: a flip is allowed when every class survives it.
# Horses may be flipped to the side and not upside down, pictures from above in every direction, road signs not at all.
#
# Which changes made notes of forms? Turning by a small angle, moving, coming nearer. All three leave every label true.
# How far may they go? A 7 that is turned by 90 degrees has become something else; by 20 degrees it has not.

# %% [markdown] skills=["I5", "I6"]
# ## Random layers
#
# In Keras, each change is a layer that stands at the beginning of the model.
# (In week 6's history, `ImageDataGenerator` did this with arguments such as `rotation_range=20`.)

# %%
b = x_forms[y_forms == CLASSES.index("b")][:1].astype("float32")
augment = keras.Sequential([
    layers.RandomRotation(0.08, fill_mode="nearest", seed=1),
    layers.RandomTranslation(0.15, 0.15, fill_mode="nearest", seed=2),
    layers.RandomZoom(0.25, fill_mode="nearest", seed=3),
])
show([b, *[augment(b, training=True) for _ in range(9)]], ["as written"])

# %% [markdown]
# Nine new signs from one. Read the arguments:
#
# - `RandomRotation(0.08)` turns by up to 0.08 of a *full turn* in either direction, 29 degrees. Not 0.08 degrees, and not radians.
# - `RandomTranslation(0.15, 0.15)` moves by up to 15 % of the height, then of the width.
# - `RandomZoom(0.25)` makes the sign larger or smaller by up to a quarter.
#
# A pair in place of a number gives the ends of the range: `(0.0, 0.1)` turns counter-clockwise only.
#
# ### When are they active?
#
# A Random layer changes pictures while the network trains, and does nothing when it predicts.
# `fit` says `training=True` to every layer, `predict` and `evaluate` say `training=False`:

# %%
same = np.array_equal(augment(b, training=False), b)
print("training=False gives the picture back:", same)

# %% [markdown]
# That has a consequence for curves. The loss of an augmented network is measured on changed pictures,
# which are harder, and the validation loss on pictures as they are.
# So do not be surprised when validation looks *better* than training.
#
# ### What fills the corners?
#
# A picture that is turned has corners that no camera saw. `fill_mode` says what goes there.
#
# **Predict first.** `"reflect"` is the default. What will it do to a b that moves far to the right?

# %%
modes = ("reflect", "constant", "wrap", "nearest")
filled = [layers.RandomTranslation((0, 0), (0.4, 0.4), fill_mode=mode)(b, training=True) for mode in modes]
show([b, *filled], ["as written", *modes], columns=5, width=1.5)

# %% [markdown]
# `"reflect"` mirrors what stands near the border, here a piece of the b itself; `"wrap"` takes it from the other side;
# and `"constant"` paints it black, the colour of ink. On paper, `"nearest"` is right: more paper.
# On photographs of a meadow, `"reflect"` is. Look at some pictures, then decide.

# %% [markdown] skills=["I5", "B9"]
# ## Right, and wrong
#
# Now measure. Once more the same network, with the right changes, and with a popular wrong one.
#
# **Predict first.** Where will the three end, and which loss on forms will be the lowest?

# %%
def right_changes():
    return [
        layers.RandomRotation(0.08, fill_mode="nearest"),
        layers.RandomTranslation(0.15, 0.15, fill_mode="nearest"),
        layers.RandomZoom(0.25, fill_mode="nearest"),
    ]

right, right_history = learn(*right_changes())
flipped, flipped_history = learn(layers.RandomFlip("horizontal_and_vertical"), *right_changes())
draw({"plain": plain_history, "right changes": right_history, "flips as well": flipped_history})
for name, model in (("plain", plain), ("right changes", right), ("flips as well", flipped)):
    print(f"{name:14} {reads(model):.2f} of the notes are read")

# %% [markdown]
# The same 250 signs, and the same network. Without changes it reads about six of ten notes,
# with the right ones more than nine of ten, and with flips added to them it falls back to hardly more than six.
#
# Look at the solid lines: the loss on forms is lowest where notes are read worst.
# And the two dashed lines of the augmented networks lie mostly *below* their solid ones: they are tested on easier pictures than they learn from.
#
# Where do flips hurt? Not everywhere:

# %%
def by_class(model):
    answers = model.predict(x_notes, verbose=0).argmax(axis=1)
    return [(answers[y_notes == label] == label).mean() for label in range(10)]

figure, axes = plt.subplots(figsize=(9, 3))
for shift, (name, model) in zip((-0.27, 0, 0.27), {"plain": plain, "right changes": right, "flips as well": flipped}.items()):
    axes.bar(np.arange(10) + shift, by_class(model), width=0.25, label=name)
axes.set(xticks=range(10), xticklabels=CLASSES, ylabel="share of notes that is read", ylim=(0, 1.25))
axes.legend(loc="upper center", ncols=3);

# %% [markdown]
# 7, A and 5 hardly mind: no other class looks like them, flipped, so the network learns two or four forms of each.
# But b, d, p and q are read less often than without any augmentation, most of them in fewer than half of the cases. To this network, they are one sign
# with four names, and it was told a different name each time.
#
# ### One at a time
#
# Which of the three changes is worth most? Leave two out each time.
# (With 20 epochs each, and no look at notes in between, to save time.)

# %%
for name, change in zip(("turning", "moving", "zooming"), right_changes()):
    model, _ = learn(change, epochs=20, watched=False)
    print(f"{name:8} alone: {reads(model):.2f}")

# %% [markdown]
# Moving alone brings most of it. Turning and zooming alone hardly help: a network that is lost as soon as a sign
# stands elsewhere has little use for knowing how it looks turned. Added to moving, they are worth the rest.
# That is worth remembering when you try changes one by one and drop those that seem to do nothing.

# %% [markdown] skills=["I5"]
# ## Common mistakes
#
# **Brightness after rescaling.** `RandomBrightness(0.2)` makes a picture lighter or darker by up to a fifth of its range,
# and has to be told the range: it takes 0 to 255 for granted, and cuts off what is outside.
# Behind `Rescaling(1 / 127.5, offset=-1)` the values are −1 to 1.
#
# **Predict first.** What is left of them?

# %%
rescaled = layers.Rescaling(1 / 127.5, offset=-1)(b)
wrong_range = layers.RandomBrightness(0.2, seed=1)(rescaled, training=True)
right_range = layers.RandomBrightness(0.2, value_range=(-1, 1), seed=1)(rescaled, training=True)
for name, values in (("before", rescaled), ("0 to 255 assumed", wrong_range), ("range named", right_range)):
    print(f"{name:17} from {values.numpy().min():6.2f} to {values.numpy().max():6.2f}")

# %% [markdown]
# No error. The layer added some 39 of 255 to values between −1 and 1, as if they were nearly black.
# Had it made the picture darker instead, everything would have come out below 0, and been cut off there: a picture of nothing but zeros.
# A network that trains on such numbers learns nothing of use, since it is asked with others. Either augment before you rescale, or name the range.
#
# **Augmenting what is judged.** Somebody calls the layers by hand, to see what they do, and keeps the result:

# %%
changed_notes = augment(x_notes.astype("float32"), training=True)
print(f"notes {reads(right):.2f}, notes that were changed once more {right.evaluate(changed_notes, y_notes, verbose=0)[1]:.2f}")

# %% [markdown]
# A Random layer that is called without `training` changes pictures: by itself it takes `training=True` for granted.
# `fit`, `predict` and `evaluate` tell it what is the case.
#
# **A grey picture without its channel.** One sign, handed to a layer:

# %%
try:
    layers.RandomRotation(0.08)(x_forms[0, :, :, 0])
except Exception as error:
    print(type(error).__name__, error)

# %% [markdown]
# The line in the middle counts: *rank 3 or 4*, and what came has two axes, (32, 32).
# A picture needs its channel, (32, 32, 1), and a batch one axis more, (1, 32, 32, 1). `picture[:, :, None]` adds the channel.
#
# | what you see | what is usually wrong |
# |---|---|
# | training loss falls slowly, validation is better than training | nothing: that is augmentation |
# | some classes are confused more than without | the change does not keep their labels |
# | accuracy of guessing | values clipped: a Random layer behind `Rescaling` without `value_range` |
# | test results differ from run to run | pictures were augmented outside of the model, the test's as well |
# | dark bars, and a network that looks at them | `fill_mode` |
# | pictures turn like wheels | degrees given to `RandomRotation`, which counts in turns |
# | augmentation changes nothing | the test's pictures do not differ in that way |

# %% [markdown] skills=["I5"]
# ## Try it
#
# Write down what you expect, then change one thing at a time: `RandomRotation(0.5)`, any angle at all;
# `RandomContrast(0.5)` before the rescaling; half the forms with twice the epochs; zoom that only makes smaller, `(0.0, 0.4)`.

# %%
mine, _ = learn(layers.RandomRotation(0.5, fill_mode="nearest"), epochs=12, watched=False)
print(f"turned by any angle: {reads(mine):.2f}")

# %% [markdown]
# ## Summary
#
# - Few pictures are learned by heart: training loss near 0, validation loss rising.
# - Augmentation changes each training picture anew in every epoch, and keeps the label. It says what does not matter.
# - A change is right when every label stays true, and when the camera might have made it. Flips need a look at all classes.
# - Random layers stand first in the model, before rescaling. They are active in `fit`, and do nothing in `predict`.
# - Rotation counts in turns; translation and zoom in shares; brightness and contrast want to know the range of values.
# - An augmented network learns more slowly, and needs more epochs. Next week borrows what others have learned.

# %% [markdown]
# ## Recall questions
#
# Answer in your own words before you open an answer.
#
# 1. May pictures of horses and of people be flipped to the side? Upside down? And X-ray pictures of the chest?
# <details><summary>Answer</summary>
# Horses and people: to the side yes, upside down no, since no camera sees that. X-ray pictures: with care,
# the heart is on the left, and a flip makes a picture that is true of very few.
# </details>
#
# 2. With <code>RandomRotation(0.25)</code>, by how much is a picture turned at most?
# <details><summary>Answer</summary>
# By a quarter of a full turn, 90 degrees, in either direction.
# </details>
#
# 3. How many different pictures does a network see in 30 epochs on 250 forms, with augmentation and without?
# <details><summary>Answer</summary>
# Without, 250, each of them 30 times. With it, 7,500, no two alike; but still only ten people's handwriting.
# </details>
#
# 4. Why are Random layers better placed in the model than in front of it?
# <details><summary>Answer</summary>
# They switch themselves off when the network predicts, they are saved with it, and each epoch gets fresh changes.
# </details>
#
# 5. The training loss is higher with augmentation than without. Is that bad?
# <details><summary>Answer</summary>
# No. The changed pictures are harder. What counts is the loss on pictures that the network has not seen.
# </details>
#
# 6. Dropout and augmentation both counter overfitting. What does each of them change?
# <details><summary>Answer</summary>
# Augmentation changes what comes in, in ways that we know to be harmless. Dropout switches off numbers inside, and knows nothing of pictures.
# </details>

# %% [markdown]
# ## Take it further
#
# - **What is a person worth?** Compare 250 forms of ten people with 250 forms of fifty. Is there an augmentation that replaces people?
# - **By hand.** Write a change that Keras has not: a thicker pen (the minimum over neighbouring pixels), or lines on the paper.
# - **Real hands.** *Rock, Paper, Scissors* holds pictures of hands in three positions:
#
# ```python
# from tfcourse.datasets.public import load_rock_paper_scissors
#
# (x_train, y_train), (x_test, y_test) = load_rock_paper_scissors()
# ```
#
#   The hands to learn from come from one side; those of the test do not all.
#   Which changes keep the label of a hand? (A flip makes a left hand of a right one.)
#   Expect training to be perfect within a few epochs without augmentation, and the test to fall well behind.
#
# Then open the assignment. Next week, pictures are fewer still, and a network comes to help that has seen others.
