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
#     title: "Recipes"
#     description: Short pieces of Keras to copy, each tested, each with when to use it and the week that explains it.
#     prerequisites: ["the week that a recipe names"]
#     minutes: 20
# ---

# %% [markdown]
# Run the setup cell, then any recipe by itself, in any order.
# The names `x`, `y`, `pictures`, `texts`, `series` and `new_model` come from the setup cell and are small examples: put your own in their place.
# Nothing here is graded.

# %% tags=["setup"]
import tfcourse  # before TensorFlow, so that results repeat

import tempfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import layers

random = np.random.default_rng(0)
folder = Path(tempfile.mkdtemp())
x = random.normal(size=(64, 5)).astype("float32")
y = (x[:, 0] > 0).astype("float32")
pictures = random.integers(0, 256, (12, 32, 32, 3)).astype("float32")
texts = np.array(["the soup was warm", "the soup was not warm", "a warm room", "no soup"])
series = np.sin(np.arange(200) * 2 * np.pi / 24).astype("float32")

def new_model(optimizer="adam"):
    model = keras.Sequential([keras.Input(shape=(5,)), layers.Dense(8, activation="relu"), layers.Dense(1, activation="sigmoid")])
    model.compile(optimizer=optimizer, loss="binary_crossentropy", metrics=["accuracy"])
    return model

# %% [markdown]
# ## Callbacks
#
# ### Stop when it gets no better
# When you do not know how many epochs to train; the best weights come back. Week 2.

# %% tags=["recipe"]
stop = keras.callbacks.EarlyStopping(monitor="val_loss", patience=3, restore_best_weights=True)
history = new_model().fit(x, y, validation_split=0.25, epochs=20, callbacks=[stop], verbose=0).history
print(len(history["loss"]), "epochs")

# %% [markdown]
# ### Stop at a goal
# When a certain accuracy is enough. Week 2.

# %% tags=["recipe"]
class StopAt(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if (logs or {}).get("accuracy", 0) >= 0.9:
            self.model.stop_training = True

history = new_model(keras.optimizers.Adam(0.03)).fit(x, y, epochs=100, callbacks=[StopAt()], verbose=0).history
print(f"{len(history['loss'])} epochs, accuracy {history['accuracy'][-1]:.2f}")

# %% [markdown]
# ### Keep the best model on disk
# When training is long, or may be cut off. Week 4.

# %% tags=["recipe"]
keep = keras.callbacks.ModelCheckpoint(folder / "best.keras", monitor="val_loss", save_best_only=True)
new_model().fit(x, y, validation_split=0.25, epochs=3, callbacks=[keep], verbose=0)
best = keras.models.load_model(folder / "best.keras")

# %% [markdown]
# ### Write the curves to a file
# When you want to compare runs afterwards. Week 2.

# %% tags=["recipe"]
log = keras.callbacks.CSVLogger(folder / "run.csv")
new_model().fit(x, y, epochs=3, callbacks=[log], verbose=0)
print((folder / "run.csv").read_text())

# %% [markdown]
# ### Stop where the loss is not a number
# When a loss of `nan` would only waste the rest of the epochs. Week 14.

# %% tags=["recipe"]
new_model().fit(x, y, epochs=3, callbacks=[keras.callbacks.TerminateOnNaN()], verbose=0)

# %% [markdown]
# ## Optimizers and schedules
#
# ### Start with Adam
# The first try for nearly everything; change the rate by factors of three. Week 1.

# %% tags=["recipe"]
for rate in (0.0003, 0.001, 0.003, 0.01):
    history = new_model(keras.optimizers.Adam(rate)).fit(x, y, epochs=5, verbose=0).history
    print(f"rate {rate}: loss {history['loss'][-1]:.3f}")

# %% [markdown]
# ### SGD with momentum
# When Adam generalises badly, or a text asks for it; each step keeps some of the last one's direction. It wants larger rates. Week 14.

# %% tags=["recipe"]
model = new_model(keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True))
model.fit(x, y, epochs=3, verbose=0)

# %% [markdown]
# ### Find a rate by raising it
# One short run with a rate that grows each epoch: take a tenth of the rate at which the loss is lowest. Week 14.

# %% tags=["recipe"]
rates = 1e-4 * 10 ** (np.arange(20) / 5)
sweep = keras.callbacks.LearningRateScheduler(lambda epoch, rate: float(rates[epoch]))
losses = new_model().fit(x, y, epochs=20, callbacks=[sweep], verbose=0).history["loss"]
lowest = rates[int(np.argmin(losses))]
print(f"lowest loss at a rate of {lowest:.4f}; take {lowest / 10:.4f}")

# %% [markdown]
# ### Lower the rate towards the end
# When the number of steps is known: a cosine from the first rate to nearly 0. Week 14.

# %% tags=["recipe"]
epochs, steps = 5, -(-len(x) // 32)
schedule = keras.optimizers.schedules.CosineDecay(0.01, decay_steps=epochs * steps)
new_model(keras.optimizers.Adam(schedule)).fit(x, y, epochs=epochs, batch_size=32, verbose=0)

# %% [markdown]
# ### Lower the rate when it gets no better
# When the number of steps is not known. Week 14.

# %% tags=["recipe"]
lower = keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.3, patience=2, min_lr=1e-5)
new_model().fit(x, y, validation_split=0.25, epochs=5, callbacks=[lower], verbose=0)

# %% [markdown]
# ### Cut large gradients
# When the loss of a recurrent network jumps, because its gradients explode: week 11.

# %% tags=["recipe"]
new_model(keras.optimizers.Adam(0.001, clipnorm=1.0)).fit(x, y, epochs=2, verbose=0)

# %% [markdown]
# ## Augmentation
#
# ### Layers within the model
# When pictures are few; active in training only. Choose what leaves the label true. Week 7.

# %% tags=["recipe"]
augment = keras.Sequential([
    layers.RandomFlip("horizontal", seed=1),
    layers.RandomRotation(0.05, fill_mode="nearest", seed=1),
    layers.RandomTranslation(0.1, 0.1, fill_mode="nearest", seed=1),
])
changed = augment(pictures, training=True)

# %% [markdown]
# ### In the input pipeline
# When the model is to stay free of it; it runs anew for each batch of each epoch. Week 7.

# %% tags=["recipe"]
flip = layers.RandomFlip("horizontal", seed=1)
data = tf.data.Dataset.from_tensor_slices((pictures, np.arange(12))).batch(4)
data = data.map(lambda batch, labels: (flip(batch, training=True), labels), num_parallel_calls=tf.data.AUTOTUNE)
first_batch, first_labels = next(iter(data))

# %% [markdown]
# ### Brightness and contrast
# When light varies; say in which range the pixels are. Week 7.

# %% tags=["recipe"]
light = keras.Sequential([layers.RandomBrightness(0.2, value_range=(0, 255), seed=1), layers.RandomContrast(0.2, value_range=(0, 255), seed=1)])
relit = light(pictures, training=True)

# %% [markdown]
# ## Input pipelines
#
# ### From arrays
# The usual order: shuffle, batch, prefetch. Week 3.

# %% tags=["recipe"]
data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x), seed=1).batch(16).prefetch(tf.data.AUTOTUNE)
new_model().fit(data, epochs=2, shuffle=False, verbose=0)  # the data set shuffles

# %% [markdown]
# ### Training and validation from one data set
# When `validation_split` cannot be used. Shuffle once, and not anew in each epoch, or the parts mix. Week 3.

# %% tags=["recipe"]
data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x), seed=1, reshuffle_each_iteration=False)
validation, training = data.take(16).batch(16), data.skip(16).shuffle(48, seed=2).batch(16)
new_model().fit(training, validation_data=validation, epochs=2, shuffle=False, verbose=0)

# %% [markdown]
# ### Pictures from folders
# When each class has a folder of its own; its name is the label. Week 6.

# %% tags=["recipe"]
for number, picture in enumerate(pictures):
    (folder / "pictures" / f"class{number % 2}").mkdir(parents=True, exist_ok=True)
    keras.utils.save_img(folder / "pictures" / f"class{number % 2}" / f"{number}.png", picture)
data = keras.utils.image_dataset_from_directory(folder / "pictures", image_size=(24, 24), batch_size=4, seed=1, verbose=False)
print(data.class_names, *(batch.shape for batch, labels in data))

# %% [markdown]
# ### Columns of a CSV
# When a table is small enough to be read at once. Week 3.

# %% tags=["recipe"]
(folder / "table.csv").write_text("height,width,heavy\n1.5,2,0\n,3,1\n2.5,4,1\n")
table = np.genfromtxt(folder / "table.csv", delimiter=",", names=True)
height, heavy = table["height"], table["heavy"].astype(int)
height = np.where(np.isnan(height), np.nanmean(height), height)

# %% [markdown]
# ### Scale by the training data
# When columns have different units; mean and standard deviation travel with the model. Week 1.

# %% tags=["recipe"]
scale = layers.Normalization()
scale.adapt(x[:48])  # training rows only
model = keras.Sequential([keras.Input(shape=(5,)), scale, layers.Dense(1)])

# %% [markdown]
# ## Text preparation
#
# ### Words to ids
# When a model takes raw text; adapt to training texts only. Week 9.

# %% tags=["recipe"]
vectorize = layers.TextVectorization(max_tokens=1_000, output_sequence_length=6)
vectorize.adapt(texts)
print(vectorize.get_vocabulary()[:5], np.array(vectorize(texts[:1])))

# %% [markdown]
# ### A model for raw text
# Padding is masked, so that recurrent layers pass over it. Week 9, week 11.

# %% tags=["recipe"]
words = layers.TextVectorization(max_tokens=1_000, output_sequence_length=6)
words.adapt(texts)
model = keras.Sequential([
    keras.Input(shape=(), dtype="string"), words,
    layers.Embedding(words.vocabulary_size(), 8, mask_zero=True), layers.LSTM(8), layers.Dense(1, activation="sigmoid"),
])

# %% [markdown]
# ### Bags of words, weighted
# When the order of words does not matter: one row for each text, and rare words count more. Week 10.

# %% tags=["recipe"]
bags = layers.TextVectorization(max_tokens=50, output_mode="tf_idf")
bags.adapt(texts)
print(np.array(bags(texts)).shape)

# %% [markdown]
# ### Characters, and back
# When a network writes. Week 12.

# %% tags=["recipe"]
characters = layers.StringLookup(vocabulary=sorted(set("".join(texts))))
back = layers.StringLookup(vocabulary=characters.get_vocabulary(), invert=True)
ids = characters(tf.strings.unicode_split(texts[0], "UTF-8"))
print(b"".join(back(ids).numpy()).decode())

# %% [markdown]
# ## Windows of a series
#
# ### Inputs and next value
# When a model forecasts one step. Week 13.

# %% tags=["recipe"]
window = 24
data = keras.utils.timeseries_dataset_from_array(series[:-1], series[window:], sequence_length=window, batch_size=32)
inputs, labels = next(iter(data))
print(inputs.shape, labels.shape)

# %% [markdown]
# ### Several steps ahead, with NumPy
# When the label is a row of values. Week 13.

# %% tags=["recipe"]
window, horizon = 24, 6
rows = np.lib.stride_tricks.sliding_window_view(series, window + horizon)
inputs, labels = rows[:, :window], rows[:, window:]

# %% [markdown]
# ### Split by time
# Always, for series: train on the past, judge on what follows, and let no window lie across the border. Week 13.

# %% tags=["recipe"]
border = int(0.8 * len(series))
past, future = series[:border], series[border:]
mean, deviation = past.mean(), past.std()
past, future = (past - mean) / deviation, (future - mean) / deviation

# %% [markdown]
# ## Saving
#
# ### The whole model
# Architecture, weights and optimizer in one file that ends in `.keras`. Week 4.

# %% tags=["recipe"]
model = new_model()
model.fit(x, y, verbose=0)
model.save(folder / "model.keras")
again = keras.models.load_model(folder / "model.keras")
print((folder / "model.keras").stat().st_size, "bytes")

# %% [markdown]
# ### Weights alone
# When the code builds the model anyway; the name ends in `.weights.h5`. Week 4.

# %% tags=["recipe"]
model = new_model()
model.save_weights(folder / "some.weights.h5")
other = new_model()
other.load_weights(folder / "some.weights.h5")

# %% [markdown]
# ## Building on a trained network
#
# ### Freeze, and put a head on it
# When your own pictures are few. Each backbone says which pixels it expects; this one, from −1 to 1. Week 8.

# %% tags=["recipe"]
from tfcourse.datasets.backbone import load_backbone

backbone = load_backbone()
backbone.trainable = False
inputs = keras.Input(shape=(32, 32, 3))
maps = backbone(layers.Rescaling(1 / 127.5, offset=-1)(inputs), training=False)
model = keras.Model(inputs, layers.Dense(3, activation="softmax")(layers.GlobalAveragePooling2D()(maps)))
