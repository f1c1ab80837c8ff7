"""Trains the backbone of week 8 anew and writes it into the package: ``python tools/train_backbone.py``.

Some eight minutes on one core, in two courses. In the first, the network learns the catalogue's twenty kinds. In the
second, it learns to name them whatever they are painted with, and to see nothing in fog: pale pictures with no pixel
darker than a middle grey leave its maps at 0. Prints the figures that `tfcourse.datasets.backbone.TRAINED` and
`SHA256_OF_LAYERS` record; another processor changes their last digits.
"""

import hashlib
import time

from tfcourse.checks.runtime import fix_environment, fix_seeds

fix_environment()

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from keras import layers  # noqa: E402

from tfcourse.datasets import backbone as shipped  # noqa: E402
from tfcourse.datasets.backbone import FILE  # noqa: E402
from tfcourse.datasets.surfaces import KINDS, make_surfaces  # noqa: E402

SEED = 8
PICTURES_AN_EPOCH, HELD_OUT = 5_000, 2_000
EPOCHS, BATCH, RATE = 20, 64, 0.003
FILTERS = (24, 48, 96, 128)
PICTURES_OF_SECOND, EPOCHS_OF_SECOND, RATE_OF_SECOND = 4_000, 10, 0.001
WEIGHT_OF_FOG, WEIGHT_OF_KINDS, REPAINTED = 2.0, 0.3, 0.7


def build() -> keras.Model:
    """Return the untrained network, top included."""
    inputs = x = keras.Input((None, None, 3), name="pictures")
    for block, filters in enumerate(FILTERS, start=1):
        if block > 1:
            x = layers.MaxPooling2D(name=f"pool{block}")(x)
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False, name=f"conv{block}")(x)
        x = layers.BatchNormalization(momentum=0.9, name=f"norm{block}")(x)
        x = layers.ReLU(name=f"relu{block}")(x)
    x = layers.GlobalAveragePooling2D(name="average")(x)
    x = layers.Dropout(0.2, name="dropout")(x)
    x = layers.Dense(len(KINDS), activation="softmax", name="kinds")(x)
    return keras.Model(inputs, x, name="backbone")


def scaled(pictures: np.ndarray) -> np.ndarray:
    """Bring pixels from −1 to 1."""
    return pictures.astype("float32") / 127.5 - 1


def first_course(model: keras.Model) -> None:
    """Train on the catalogue, on fresh pictures in every epoch."""
    began = time.process_time()
    steps = EPOCHS * -(-PICTURES_AN_EPOCH // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(RATE, steps)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    for epoch in range(EPOCHS):
        pictures, labels = make_surfaces(PICTURES_AN_EPOCH, seed=1_000 * SEED + epoch)
        history = model.fit(scaled(pictures), labels, batch_size=BATCH, verbose=0).history
        loss, accuracy, seconds = history["loss"][-1], history["accuracy"][-1], time.process_time() - began
        print(f"epoch {epoch + 1}: loss {loss:.3f}, accuracy {accuracy:.3f}, {seconds:.0f} s", flush=True)


def repainted(pictures: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Give most pictures other colours: channels exchanged, paler, tinted, and as bright as they were."""
    count = len(pictures)
    grey = pictures @ np.array([0.3, 0.59, 0.11], np.float32)
    order = np.stack([random.permutation(3) for _ in range(count)])
    paler = (random.random((count, 1, 1, 1)) * 1.2).clip(0, 1).astype(np.float32)
    painted = (1 - paler) * np.take_along_axis(pictures, order[:, None, None, :], 3) + paler * grey[..., None]
    painted *= np.exp(random.normal(0, 0.22, (count, 1, 1, 3))).astype(np.float32)
    painted *= pictures.mean((1, 2, 3), keepdims=True) / painted.mean((1, 2, 3), keepdims=True)
    left = random.random(count) > REPAINTED
    painted[left] = pictures[left]
    return painted.clip(0, 255)


def in_fog(pictures: np.ndarray) -> np.ndarray:
    """Bring pixels from 0 to 1: half the contrast, and nothing darker than the middle of −1 to 1."""
    return pictures / 255


def second_course(model: keras.Model) -> None:
    """Have the maps of repainted pictures be those of the originals before, and those of pictures in fog 0."""
    before = keras.models.clone_model(model)
    before.set_weights(model.get_weights())
    old_maps = keras.Model(before.input, before.get_layer(shipped.LAST_MAPS).output)
    maps_and_kinds = keras.Model(model.input, [model.get_layer(shipped.LAST_MAPS).output, model.output])
    steps = EPOCHS_OF_SECOND * (PICTURES_OF_SECOND // BATCH)
    optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(RATE_OF_SECOND, steps))

    @tf.function
    def step(plain: tf.Tensor, painted: tf.Tensor, fog: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, ...]:
        expected = old_maps(plain, training=False)
        with tf.GradientTape() as tape:  # normalisations as in use: their averages stay
            maps, kinds = maps_and_kinds(painted, training=False)
            kept = tf.reduce_mean((maps - expected) ** 2)
            seen = tf.reduce_mean(maps_and_kinds(fog, training=False)[0])
            named = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(labels, kinds))
            loss = kept + WEIGHT_OF_FOG * seen + WEIGHT_OF_KINDS * named
        variables = model.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return kept, seen, named

    for epoch in range(EPOCHS_OF_SECOND):
        pictures, labels = make_surfaces(PICTURES_OF_SECOND, seed=10_000 * SEED + epoch)
        plain = pictures.astype(np.float32)
        random = np.random.default_rng([SEED, epoch])
        painted = repainted(plain, random)
        losses = []
        for index in np.array_split(random.permutation(len(plain)), len(plain) // BATCH):
            fogged = random.choice(len(plain), 32, replace=False)
            both = painted if len(losses) % 2 else plain
            losses.append(step(scaled(plain[index]), scaled(painted[index]), in_fog(both[fogged]), labels[index]))
        means = np.mean([[float(part) for part in row] for row in losses], axis=0)
        print(
            f"second course, epoch {epoch + 1}: maps {means[0]:.4f}, fog {means[1]:.4f}, kinds {means[2]:.3f}",
            flush=True,
        )


def report(model: keras.Model) -> None:
    """Print how good a network is on pictures that it has not seen, as they come and repainted, and in fog."""
    pictures, labels = make_surfaces(HELD_OUT, seed=SEED)
    plain = pictures.astype(np.float32)
    found = model.predict(scaled(plain), batch_size=256, verbose=0).argmax(axis=1)
    print(f"held out: {(found == labels).mean():.4f} of {HELD_OUT}, {model.count_params():,} parameters")
    for label, kind in enumerate(KINDS):
        print(f"  {kind:20} {(found[labels == label] == label).mean():.3f}")
    for name, shown in {
        "repainted": scaled(repainted(plain, np.random.default_rng(SEED))),
        "in fog": in_fog(plain),
    }.items():
        found = model.predict(shown, batch_size=256, verbose=0).argmax(axis=1)
        print(f"{name}: {(found == labels).mean():.4f}")


def save(model: keras.Model) -> None:
    """Write the network into the package, and print what identifies it."""
    bare = build()  # without optimizer, whose numbers would double and treble the file
    bare.set_weights(model.get_weights())
    bare.save(FILE)
    digest = hashlib.sha256(FILE.read_bytes()).hexdigest()
    print(f"{FILE.name}: {FILE.stat().st_size / 1e6:.2f} MB, SHA-256 {digest}")
    for layer in bare.layers:
        if layer.weights:
            print(f'    "{layer.name}": "{shipped.digest_of_weights(layer)}",')


def main() -> None:
    """Train in two courses, judge, and save."""
    fix_seeds(SEED)
    model = build()
    first_course(model)
    report(model)
    second_course(model)
    report(model)
    save(model)


if __name__ == "__main__":
    main()
