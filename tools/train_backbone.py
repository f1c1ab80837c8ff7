"""Trains the backbone of week 8 anew and writes it into the package: ``python tools/train_backbone.py``.

Some four minutes on one core. Prints the figures that `tfcourse.datasets.backbone.TRAINED` records; another
processor changes their last digits.
"""

import hashlib
import time

from tfcourse.checks.runtime import fix_environment, fix_seeds

fix_environment()

import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras import layers  # noqa: E402

from tfcourse.datasets.backbone import FILE  # noqa: E402
from tfcourse.datasets.surfaces import KINDS, make_surfaces  # noqa: E402

SEED = 8
PICTURES_AN_EPOCH, HELD_OUT = 5_000, 2_000
EPOCHS, BATCH, RATE = 20, 64, 0.003
FILTERS = (24, 48, 96, 128)


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


def main() -> None:
    """Train on fresh pictures in every epoch, judge, and save."""
    fix_seeds(SEED)
    began = time.process_time()
    model = build()
    steps = EPOCHS * -(-PICTURES_AN_EPOCH // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(RATE, steps)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    for epoch in range(EPOCHS):
        pictures, labels = make_surfaces(PICTURES_AN_EPOCH, seed=1_000 * SEED + epoch)
        history = model.fit(scaled(pictures), labels, batch_size=BATCH, verbose=0).history
        loss, accuracy, seconds = history["loss"][-1], history["accuracy"][-1], time.process_time() - began
        print(f"epoch {epoch + 1}: loss {loss:.3f}, accuracy {accuracy:.3f}, {seconds:.0f} s", flush=True)
    pictures, labels = make_surfaces(HELD_OUT, seed=SEED)
    found = model.predict(scaled(pictures), batch_size=256, verbose=0).argmax(axis=1)
    print(f"held out: {(found == labels).mean():.4f} of {HELD_OUT}, {model.count_params():,} parameters")
    for label, kind in enumerate(KINDS):
        print(f"  {kind:20} {(found[labels == label] == label).mean():.3f}")
    bare = build()  # without optimizer, whose numbers would double and treble the file
    bare.set_weights(model.get_weights())
    bare.save(FILE)
    digest = hashlib.sha256(FILE.read_bytes()).hexdigest()
    print(f"{FILE.name}: {FILE.stat().st_size / 1e6:.2f} MB, SHA-256 {digest}")


if __name__ == "__main__":
    main()
