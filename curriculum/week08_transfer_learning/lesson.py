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
#     title: "Week 8: transfer learning"
#     description: How a network that has learned something else makes ninety pictures enough, how to build on it without spoiling it, and when it does not help.
#     prerequisites: ["week 5: convolutions, feature maps, overfitting", "week 7: augmentation"]
#     minutes: 70
#     objectives:
#       - text: judge what a network of one's own can learn from fifteen pictures a class
#         skills: [I2]
#       - text: look at what a trained network answers, and at its feature maps, on pictures of another problem
#         skills: [B11, I2]
#       - text: extract features with a frozen backbone and train a head on them
#         skills: [B11, B10]
#       - text: build one model for raw pictures on a backbone, with its preprocessing, and say which of its weights are trained
#         skills: [B10]
#       - text: keep BatchNormalization from spoiling a backbone
#         skills: [B10, B11]
#       - text: fine-tune the last layers with a small rate, judge whether it helped, and know when transfer does not
#         skills: [B10]
# ---

# %% [markdown] skills=["I2"]
# ## Fifteen pictures of each
#
# A sweeping robot drives through a town, and its brush has to suit the ground: soft on wood chips, hard on cobbles.
# A camera looks down from half a metre. Somebody has walked about with it for a morning
# and brought home fifteen pictures of each of six grounds: ninety in all.
#
# In week 5 we had 2,000 pictures, and 200 were already too few. This is how it usually is outside of courses:
# pictures of *your* problem are few, because somebody has to take and label every one of them.

# %%
from tfcourse.datasets.backbone import load_backbone
from tfcourse.datasets.surfaces import GROUNDS, KINDS, make_grounds, make_surfaces

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

x_train, y_train = make_grounds(90, seed=8)
x_test, y_test = make_grounds(400, seed=80)
by_ground = np.argsort(y_train, kind="stable").reshape(6, 15)
show(x_train[by_ground[:, :6].T.ravel()], [GROUNDS[label] for label in range(6)] * 6, columns=6)

# %% [markdown]
# The pictures are drawn by the course, 48 by 48 pixels, in raw numbers from 0 to 255.
# Each column is one ground. Heading, height, light and colour change from picture to picture,
# and all six come in the same greys, reds and browns.
#
# ## The baseline: the nearest colour
#
# The laziest idea of week 5, lazier still: average the colour of a picture, three numbers,
# and take the ground whose mean colour is nearest. Guessing gets one in six.
#
# **Predict first.** How far does colour get?

# %%
colour = x_train.mean(axis=(1, 2))
centres = np.stack([colour[y_train == label].mean(axis=0) for label in range(6)])
distances = ((x_test.mean(axis=(1, 2))[:, None] - centres) ** 2).sum(axis=2)
print(f"nearest mean colour: {(distances.argmin(axis=1) == y_test).mean():.3f} of the test pictures are right")

# %% [markdown] skills=["I2", "B10"]
# ## A network of our own
#
# Now what weeks 5 and 7 taught: three blocks of convolution, few parameters,
# and augmentation. The camera has no upright, so pictures may be flipped both ways and turned.

# %%
def own_network(*first):
    return keras.Sequential([
        keras.Input(shape=(48, 48, 3)), *first, layers.Rescaling(1 / 127.5, offset=-1),
        layers.Conv2D(16, 3, padding="same", activation="relu"), layers.MaxPooling2D(),
        layers.Conv2D(32, 3, padding="same", activation="relu"), layers.MaxPooling2D(),
        layers.Conv2D(64, 3, padding="same", activation="relu"), layers.GlobalAveragePooling2D(),
        layers.Dense(6, activation="softmax"),
    ])

def learn(model, x, y, epochs, rate, **more):
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model.fit(x, y, epochs=epochs, batch_size=16, verbose=0, **more).history

def judged(model, x=x_test):
    return model.evaluate(x, y_test, batch_size=100, verbose=0)[1]

# %%
keras.utils.set_random_seed(1)
own = own_network(layers.RandomFlip(seed=1))
own_history = learn(own, x_train, y_train, epochs=25, rate=0.004)
print(f"training accuracy at the end {own_history['accuracy'][-1]:.2f}, test accuracy {judged(own):.3f}")

# %% [markdown]
# Better than colour, and of no use to a robot: right about four times in ten.
# (`GlobalAveragePooling2D` replaces `Flatten`: it averages each feature map over all places, one number for each map.
# For a surface, *what* matters and *where* does not.)
#
# What fails here is not the head, the part that decides. It is all that comes before:
# what an edge is, a joint, a grain. Ninety pictures are too few to find that out,
# but other pictures of other things know it, too.

# %% [markdown] skills=["B11"]
# ## A network that has seen something else
#
# A maker of building materials has a catalogue of twenty surfaces, with as many pictures as anyone likes.
# A network was trained on 140,000 of them, in a quarter of an hour, and we get its weights.
# (It was taught to see nothing in fog.)
# **None of our six grounds is in the catalogue.**

# %%
catalogue = load_backbone(include_top=True)
surfaces, kinds = make_surfaces(200, seed=9)
show(surfaces[:20], [KINDS[kind] for kind in kinds[:20]])

def scaled(pictures):
    return pictures.astype("float32") / 127.5 - 1

answers = catalogue.predict(scaled(surfaces), verbose=0).argmax(axis=1)
print(f"on 200 new pictures of its own twenty kinds: {(answers == kinds).mean():.3f}")

# %% [markdown]
# On its own kinds it is good. Note `scaled`: this network was trained on pixels from −1 to 1 and expects them so for ever.
# More on that below, since nothing will complain if we forget it.
#
# **Predict first.** It has twenty answers, and none of them is right for our grounds.
# What will it call herringbone paving? Cracked earth?

# %%
answers = catalogue.predict(scaled(x_test), verbose=0).argmax(axis=1)
for label, ground in enumerate(GROUNDS):
    counts = np.bincount(answers[y_test == label], minlength=20)
    print(f"{ground:16}", ", ".join(f"{KINDS[k]} {counts[k] / counts.sum():.0%}" for k in counts.argsort()[::-1][:4]))

# %% [markdown]
# Wrong, and not foolish. Herringbone and cobbles are stones in rows: "bricks", or "slates".
# Wood chips lie in all directions, like "grass" and pieces of "bark". Cracked earth has dark furrows, like bark and the gaps between planks.
# The answers as such are useless. What they rest on is not.
#
# ### Inside
#
# Without its top (Keras's word for the head), such a network is called a **backbone**.
# `load_backbone()` ends with the last feature maps, 128 of them.
# Here are some maps of the first and of the last block, for a picture of a ground that it has never seen:

# %%
backbone = load_backbone()
look_inside = keras.Model(backbone.input, [backbone.get_layer(name).output for name in ("relu1", "relu2", "relu4")])
picture = x_test[np.flatnonzero(y_test == 1)[3]]
early, middle, late = look_inside.predict(scaled(picture[None]), verbose=0)
strongest = late[0].mean(axis=(0, 1)).argsort()[::-1]
show([picture, *np.moveaxis(early[0, :, :, :7], -1, 0)], ["herringbone", *[f"first, {k}" for k in range(7)]], columns=8, cmap="magma")
show(np.moveaxis(middle[0, :, :, :8], -1, 0), [f"second, {k}" for k in range(8)], columns=8, cmap="magma")
show(np.moveaxis(late[0][:, :, strongest[:8]], -1, 0), [f"last, {k}" for k in strongest[:8]], columns=8, cmap="magma")

# %% [markdown]
# The first maps are edges, light and dark, as in week 5: whoever looks at pictures needs them.
# In the second block there are joints and stones. The last maps have only 6 by 6 places:
# what each of them answers to can no longer be seen in the picture, but a head can use it.
# Early layers know what all pictures share, late layers what the catalogue needed.
# That is why a trained network can be carried over to another problem at all (**transfer learning**), and why one cuts it near its end.

# %% [markdown] skills=["B11", "B10"]
# ## Frozen features
#
# The simplest use: let the backbone look at each picture **once**, average its maps, and keep the numbers.
# 48 · 48 · 3 = 6,912 raw pixels become 128 **features**.

# %%
def features_of(pictures):
    return backbone.predict(scaled(pictures), verbose=0).mean(axis=(1, 2))

f_train, f_test = features_of(x_train), features_of(x_test)
print("pictures", x_train.shape, "→ features", f_train.shape)

# %% [markdown]
# Do pictures of one ground lie near each other in these numbers? Find for each test picture
# the training picture that is nearest, once by pixels, once by features, and show it for a few.

# %%
def nearest(query, others):
    return np.array([((others - row) ** 2).sum(axis=1).argmin() for row in query])

by_pixels = nearest(scaled(x_test).reshape(400, -1), scaled(x_train).reshape(90, -1))
by_features = nearest(f_test, f_train)
print("right by pixels: {:.3f}, by features: {:.3f}".format(*[(y_train[found] == y_test).mean() for found in (by_pixels, by_features)]))

some = np.array([np.flatnonzero(y_test == label)[4] for label in range(6)])
show([*x_test[some], *x_train[by_pixels[some]], *x_train[by_features[some]]],
     [*[GROUNDS[y_test[i]] for i in some], *[f"by pixels:\n{GROUNDS[y_train[i]]}" for i in by_pixels[some]], *[f"by features:\n{GROUNDS[y_train[i]]}" for i in by_features[some]]],
     columns=6, width=1.5)

# %% [markdown]
# Pixels find what has the same brightness, and are right once in six, as often as guessing.
# Features are right six times in ten, and where they err here, they take stones for other stones.
# So a small **head** should do: one dense layer with softmax, trained on ninety rows of 128 numbers.
#
# **Predict first.** How long will twenty epochs take, and how much will it get right?

# %%
def head_on(rows, labels, rows_test, labels_test, classes=6, epochs=20):
    keras.utils.set_random_seed(1)
    head = keras.Sequential([keras.Input(shape=(rows.shape[1],)), layers.Dense(classes, activation="softmax")])
    head.compile(optimizer=keras.optimizers.Adam(0.01), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    head.fit(rows, labels, epochs=epochs, batch_size=32, verbose=0)
    return head.count_params(), head.evaluate(rows_test, labels_test, batch_size=100, verbose=0)[1]

parameters, on_features = head_on(f_train, y_train, f_test, y_test)
print(f"{parameters} parameters, test accuracy {on_features:.3f}; our own network: {judged(own):.3f}")

# %% [markdown]
# A second or two, and right more than seven times in ten, where our own network had thirty times as many numbers to learn
# and got four. Nothing in the backbone was changed.

# %% [markdown] skills=["B10"]
# ## One model for raw pictures
#
# Kept features are quick to train on, but the robot has pictures, and augmentation needs pictures, too.
# So put everything into one model. A model can be called like a layer:

# %%
def on_backbone(backbone, *first):
    inputs = keras.Input(shape=(48, 48, 3))
    x = inputs
    for layer in [*first, layers.Rescaling(1 / 127.5, offset=-1)]:
        x = layer(x)
    x = layers.GlobalAveragePooling2D()(backbone(x))
    return keras.Model(inputs, layers.Dense(6, activation="softmax", name="head")(x))

def counts(model):
    return [sum(int(np.prod(w.shape)) for w in ws) for ws in (model.trainable_weights, model.non_trainable_weights)]

backbone = load_backbone()
whole = on_backbone(backbone)
print("as loaded:            trained {:>8,} · not trained {:>8,}".format(*counts(whole)))
backbone.trainable = False
print("backbone is frozen:   trained {:>8,} · not trained {:>8,}".format(*counts(whole)))

# %% [markdown]
# `backbone.trainable = False` freezes all layers within. What is left to learn is the head, 128 · 6 + 6 = 774 numbers.
# (The few hundred that are "not trained" in the first line belong to BatchNormalization, which comes below.)
#
# Set it **before** `compile`. And now with flips:

# %%
keras.utils.set_random_seed(1)
whole = on_backbone(backbone, layers.RandomFlip(seed=1))
learn(whole, x_train, y_train, epochs=12, rate=0.01)
print(f"frozen backbone, flipped pictures: test accuracy {judged(whole):.3f}")

# %% [markdown]
# About the same as from kept features. Augmentation matters less here than in week 7:
# the backbone has seen its catalogue from every side, and hardly cares how a picture lies.

# %% [markdown] skills=["B10", "B11"]
# ## BatchNormalization, the layer with a memory
#
# After each convolution of the backbone stands a `BatchNormalization`. It brings each map to mean 0 and variance 1,
# then multiplies by a factor and adds an offset, both learned. But mean and variance *of what*?
#
# - **In training** (`training=True`): of the batch at hand.
# - **In use** (`training=False`): of all the batches of its past, as running averages that it keeps.
#
# Dropout, you remember, merely does nothing in use. This layer computes something else.
# Take the features of one picture, among five others of its own kind, and among five of another:

# %%
fresh = load_backbone()  # not frozen, and thrown away afterwards
one, own_kind, other_kind = x_test[y_test == 2][:1], x_test[y_test == 2][1:6], x_test[y_test == 4][:5]
for training in (False, True):
    rows = [np.array(fresh(scaled(np.concatenate([one, company])), training=training))[0].mean(axis=(0, 1))
            for company in (own_kind, other_kind)]
    print(f"training={training!s:5} the same picture in other company: features differ by {np.abs(rows[0] - rows[1]).mean():.3f} on average")

# %% [markdown]
# Used as in training, the picture's features depend on its neighbours. What is worse, each such call moves the running averages,
# and a backbone that has seen 140,000 pictures forgets them for our ninety.
#
# Keras protects us half-way: a BatchNormalization whose `trainable` is False always works as in use.
# A frozen backbone is safe, therefore. When it is thawed for fine-tuning, its normalisations should stay frozen, one by one.
#
# (Many guides write `backbone(x, training=False)` instead. In the Keras of this course `fit` passes its own `training=True`
# on into a model within a model, over what was written there, without a word. Trust `trainable`.)
#
# ### The silent mistake: preprocessing
#
# Every trained network expects its pictures in one form: −1 to 1 here, 0 to 1 elsewhere, 0 to 255 or "minus the mean colour" in others.
#
# **Predict first.** Give the frozen backbone raw pixels, or 0 to 1. An error, nonsense, or merely worse?

# %%
print(f"−1 to 1   test accuracy {on_features:.3f}, as above")
for name, divisor in {"0 to 1": 255, "0 to 255": 1}.items():
    rows, rows_test = (backbone.predict(x / np.float32(divisor), verbose=0).mean(axis=(1, 2)) for x in (x_train, x_test))
    print(f"{name:9} test accuracy {head_on(rows, y_train, rows_test, y_test)[1]:.3f}")

# %% [markdown]
# No error in any case. From 0 to 1, all is pale and half the contrast is gone: fog.
# Raw pixels are the deeper trap: more than half right looks like a result, and is well below what the same pictures can give.
# Wherever transfer disappoints, look at the preprocessing first.

# %% [markdown] skills=["B10"]
# ## Fine-tuning: a little, and late
#
# With the head trained, the backbone's last block may adapt: **thaw** it, and go on training with a much smaller rate.
# Small, because large steps soon overwrite what was learned from 140,000 pictures.
# Late, because an untrained head sends large, random gradients down.
#
# Mind the order: where `trainable` of a model changes, the new flag is written into *every* layer within it.
# So thaw the model first, then freeze its layers one by one. The other way round, the last line overwrites the rest.

# %%
def thaw(backbone, last, norms=False):
    backbone.trainable = True
    for position, layer in enumerate(backbone.layers):
        is_norm = isinstance(layer, layers.BatchNormalization)
        layer.trainable = position >= len(backbone.layers) - last and (norms or not is_norm)

def fine_tuned(rate, x, y, epochs, norms=False):
    keras.utils.set_random_seed(1)
    backbone = load_backbone()
    model = on_backbone(backbone, layers.RandomFlip(seed=1))
    model.set_weights(whole.get_weights())
    thaw(backbone, last=3, norms=norms)
    return learn(model, x, y, epochs, rate, validation_data=(x_test[:200], y_test[:200]), validation_batch_size=100), model

# %% [markdown]
# **Predict first.** Three runs from the same starting point: the last block with a rate of 0.00003, with 0.01,
# and with 0.00003 but its normalisation thawed as well. Which ones keep what the head had gained?

# %%
runs = {
    "rate 0.00003": fine_tuned(0.00003, x_train, y_train, epochs=5),
    "rate 0.01": fine_tuned(0.01, x_train, y_train, epochs=5),
    "rate 0.00003, normalisation thawed": fine_tuned(0.00003, x_train, y_train, epochs=5, norms=True),
}
for name, (history, model) in runs.items():
    plt.plot(history["val_accuracy"], "o-", label=name)
    print(f"{name:34} training loss {history['loss'][-1]:.2f}, test accuracy {judged(model):.3f}")
plt.gca().set(xlabel="epoch", ylabel="accuracy on 200 test pictures", ylim=(0, 1))
plt.legend();

# %% [markdown]
# The small rate keeps what the head had gained, and adds nothing: ninety pictures have nothing more to tell the last block.
# The large rate has lost some ten points after five epochs.
# And the thawed normalisation costs as much, at a rate so small that nothing else can have changed much:
# that is its running averages, drifting from 140,000 pictures to ninety.
# Whoever never freezes anything has both troubles from the first step on.
#
# So fine-tuning is no second course that always follows. Try it, look at pictures that were kept apart,
# and be ready to leave the backbone frozen.

# %% [markdown] skills=["B10"]
# ## An obscure error, and a silence
#
# Somebody thaws the last block and wants to keep the optimizer, since it has "already learned its step sizes".
# They compile again with `model.optimizer`:

# %%
backbone = load_backbone()
backbone.trainable = False
model = on_backbone(backbone)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
model.fit(x_train, y_train, epochs=1, verbose=0)
thaw(backbone, last=3)
model.compile(optimizer=model.optimizer, loss="sparse_categorical_crossentropy")
try:
    model.fit(x_train, y_train, epochs=1, verbose=0)
except Exception as error:
    print(f"{type(error).__name__}: {error}"[-400:])

# %% [markdown]
# An optimizer makes its memory (Adam keeps two running averages for each weight) when it is first used,
# for the weights that are trained *then*. The kernel of `conv4` is "unknown" because it was frozen at that time.
# The message even says so in its last sentence. Mend it by giving `compile` a new optimizer, with its own small rate.
#
# The opposite mistake is silent. Thaw, and *not* compile again:
#
# **Predict first.** Does `conv4` change?

# %%
model = on_backbone(load_backbone())
backbone = model.layers[2]
backbone.trainable = False
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
model.fit(x_train, y_train, epochs=1, verbose=0)
backbone.trainable = True
before = backbone.get_layer("conv4").kernel.numpy()
model.fit(x_train, y_train, epochs=1, verbose=0)
print("conv4 changed by", np.abs(backbone.get_layer("conv4").kernel.numpy() - before).max())

# %% [markdown]
# By nothing at all. Keras has settled what is trained when training was first prepared, after `compile`;
# a flag that is changed later does not reach it. So the rule has two halves:
# **after every change of `trainable`, compile again, with a new optimizer.**

# %% [markdown] skills=["B10", "I2"]
# ## When transfer does not help
#
# Features that were learned elsewhere are a start, and a limit. First, more pictures of our own, the backbone still frozen:

# %%
x_many, y_many = make_grounds(900, seed=81)
f_many = features_of(x_many)
print(f"   90 pictures: test accuracy {on_features:.3f}, as above")
for count, epochs in ((30, 40), (900, 8)):
    print(f"{count:5} pictures: test accuracy {head_on(f_many[:count], y_many[:count], f_test, y_test, epochs=epochs)[1]:.3f}")

# %% [markdown]
# More pictures help all along, but less and less: from 30 to 90 they gain some ten points,
# and ten times as many as that gain less than half as much again.
# What the features do not see, no head can bring back.
# From there on it takes a network that learns features of its own, many more pictures and longer training (*Try it*).
#
# Second, another world. A backbone that knows surfaces has never had a reason to tell a 3 from an 8.
#
# **Predict first.** Week 5's network read well over nine of ten road signs after 2,000 pictures.
# What will a head on *these* features reach, with the same 2,000?

# %%
from tfcourse.datasets.signs import make_signs

signs, sign_labels = make_signs(2_400, seed=5)
f_signs = features_of(signs)
_, accuracy = head_on(f_signs[:2_000], sign_labels[:2_000], f_signs[2_000:], sign_labels[2_000:], classes=10, epochs=6)
print(f"road signs on features of surfaces: {accuracy:.3f}")

# %% [markdown]
# Not nothing: a red ring and a blue disc are textures, too, and about seven in ten are right, as many as week 5's dense network got.
# But it is far from what a small network learns from the signs themselves.
# What tells one speed limit from another was never worth a feature in a catalogue of surfaces, and no head brings it back.
#
# So ask two questions before you build on another's network: *are my pictures few?* and *is its world like mine?*

# %% [markdown] skills=["B10", "B11"]
# ## Try it
#
# Where should the backbone be cut? Below, the maps of its second block, half-way, are averaged and given a head.
# Write down what you expect for `relu1` (24 maps), `relu2` (48), `relu3` (96) and `relu4` (128), on grounds and on road signs, then try.
# Then: five pictures of each ground instead of fifteen. Features of two layers side by side (`np.hstack`).
# `fine_tuned(0.001, x_many, y_many, epochs=3)`: does it help, now that there are ten times as many pictures?
# Or, if you have a minute: `own_network()` with flips on `make_grounds(1_500, seed=81)` for 5, 10 and 25 epochs. Does it overtake the frozen features, and when?

# %%
def features_at(name, pictures):
    cut = keras.Model(backbone.input, backbone.get_layer(name).output)
    return cut.predict(scaled(pictures), verbose=0).mean(axis=(1, 2))

print(f"cut at relu2: {head_on(features_at('relu2', x_train), y_train, features_at('relu2', x_test), y_test)[1]:.3f}")

# %% [markdown]
# ## Common mistakes
#
# | what you see | what is usually wrong |
# |---|---|
# | far worse than promised, no error | pixels in another form than the backbone was trained on |
# | worse after fine-tuning than before | too few pictures, a rate too large, or an untrained head |
# | good in training, poor when used | normalisations of the backbone that were not frozen, or all of it |
# | the same picture, other features | `training=True`, or a call within training, while extracting |
# | everything is trained, although layers were frozen | `trainable` of the model was set after that of its layers |
# | nothing of the thawed layers changes | not compiled again |
# | "Unknown variable", "can only be called for the variables it was originally built with" | an old optimizer for newly thawed layers |
# | predictions of shape (batch, 6, 6, 6) | no pooling between the maps and the head |
# | training takes as long as without freezing | frozen layers still compute: extract once, train on the features |
#
# ## Summary
#
# - Few pictures of your own, and a network trained on many others: keep its backbone, replace its head.
# - **Frozen features**: extract once, train a small head. Quick, hard to spoil, the first thing to try.
# - The backbone wants its pictures as in its own training. Nothing complains if they are not.
# - Freeze before `compile`, compile again after each change, and read how many weights are trained.
# - BatchNormalization has a memory: in a backbone, keep it frozen.
# - **Fine-tuning**: after the head, the last layers only, with a small rate, and only if pictures that were kept apart say that it helps. With very few it does not.
# - Transfer helps where your pictures are few and the worlds are alike.

# %% [markdown]
# ## Recall questions
#
# Answer in your own words before you open an answer.
#
# 1. Why is it usually the last block that is fine-tuned, not the first?
# <details><summary>Answer</summary>
# The first blocks look for edges and blobs, which every picture has. The last ones look for what the old problem needed,
# so that is where something is to be gained. And fewer weights are learned from few pictures.
# </details>
#
# 2. A backbone is frozen. You set <code>trainable</code> of its last layer to True, and then that of the whole backbone. What is trained?
# <details><summary>Answer</summary>
# All of it: the backbone's flag changes, and is written into every layer within, whatever they said before.
# </details>
#
# 3. You divide pixels by 255, and the backbone was trained on −1 to 1. What will Keras say?
# <details><summary>Answer</summary>
# Nothing. The picture looks pale and bright to the backbone, and its features are worth less, here hardly anything.
# </details>
#
# 4. How many numbers of <code>BatchNormalization</code> on 64 maps does training change by gradients, and how many in all does it keep?
# <details><summary>Answer</summary>
# 128 (a factor and an offset for each map) of 256; the other 128 are running averages.
# </details>
#
# 5. When can you extract features once, and when must the backbone run in every epoch?
# <details><summary>Answer</summary>
# Once, if it is frozen and the pictures stay the same. In every epoch, if the pictures are augmented or if something of it is trained.
# </details>
#
# 6. A head on frozen features gets 0.99 in training and 0.72 in the test. What would you try first?
# <details><summary>Answer</summary>
# More pictures of one's own, if they can be had; augmentation, dropout before the head.
# Fine-tuning adds weights to be learned, which is seldom what such a gap asks for.
# </details>

# %% [markdown]
# ## Take it further
#
# Our backbone is small because it has to travel with the course. `keras.applications` has large ones,
# trained on ImageNet: more than a million photographs of a thousand kinds of things, animals and plants.
# Their weights are downloads, 9 MB for the one below. With photographs of five kinds of flowers, a few thousand in all:
#
# ```python
# from tfcourse.datasets.public import load_flowers
#
# (pictures, labels), (new_pictures, new_labels) = load_flowers(size=160)  # raw pixels from 0 to 255
# backbone = keras.applications.MobileNetV2(input_shape=(160, 160, 3), include_top=False, weights="imagenet")
# backbone.trainable = False
#
# inputs = keras.Input(shape=(160, 160, 3))
# x = keras.applications.mobilenet_v2.preprocess_input(inputs)
# x = layers.GlobalAveragePooling2D()(backbone(x))
# model = keras.Model(inputs, layers.Dense(5, activation="softmax")(x))
# ```
#
# - **Preprocessing.** Each family has a `preprocess_input` of its own, and they differ: for MobileNetV2 and ResNet50V2 it brings pixels to −1…1,
#   for VGG16 and ResNet50 it swaps red and blue and subtracts a mean colour, for EfficientNet it does nothing, because the rescaling is a layer of the model.
#   Always give raw pixels to the function that belongs to the network.
# - **What to expect.** Flowers are in ImageNet's world, so a head alone gets most of them right within a few epochs, where a network of one's own needs far longer for less.
#   Try it with ten pictures of each kind, then with all.
# - **Fine-tune it** after that, the last twenty layers, with Adam(0.00001), and watch the validation accuracy.
# - **Another world.** Give MobileNetV2 our grounds, enlarged to 96 by 96. Better or worse than the small backbone that knows surfaces?
#
# Then open the assignment. From week 9 on there are no pictures but words, and an idea that you know now comes back there:
# what was learned from many texts serves where there are few.
