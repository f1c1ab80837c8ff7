"""Exam problems of the third kind: real-world pictures in folders, of many shapes and sizes."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from PIL import Image

from tfcourse.checks import (
    Advice,
    Baseline,
    ExamProblem,
    FileModel,
    FixedBudget,
    Ladder,
    Output,
    Split,
    accuracy,
    baselines,
    exam_solution,
)
from tfcourse.checks.records import Array
from tfcourse.datasets import hands, sick_leaves, walls

_HIDDEN = 1_000
"""Pictures that a model is asked about."""

Make = Callable[..., tuple[list[bytes], Array]]


def resized(picture: bytes | Image.Image, size: tuple[int, int]) -> Array:
    """Read and resize a picture as ``keras.utils.image_dataset_from_directory`` does by default.

    Args:
        picture: Of any shape, in a file or not.
        size: Height and width that are asked for.

    Returns:
        Shape (height, width, 3), uint8: bilinear, proportions not kept, rounded to whole numbers.
    """
    if isinstance(picture, bytes):
        picture = Image.open(io.BytesIO(picture)).convert("RGB")
    (height, width), (old_width, old_height) = size, picture.size
    # Each new row, and then each new column, is a mix of the two nearest, however far the picture shrinks.
    low, high, share = _neighbours(old_height, height)
    rows = np.asarray(picture).reshape(old_height, -1)
    mixed = _mixed(rows[low].astype(np.float32), rows[high], share[:, None]).reshape(height, old_width, 3)
    low, high, share = _neighbours(old_width, width)
    below, above = (mixed.take(at, axis=1).reshape(height, -1) for at in (low, high))
    return np.rint(_mixed(below, above, np.repeat(share, 3))).astype(np.uint8).reshape(height, width, 3)


@cache
def _neighbours(old: int, new: int) -> tuple[Array, Array, Array]:
    """Return for each new row (or column) its two nearest old ones, and the second one's share."""
    at = ((np.arange(new, dtype=np.float32) + 0.5) * np.float32(old / new) - 0.5).clip(0, old - 1)
    low = np.floor(at).astype(int)
    return low, np.minimum(low + 1, old - 1), (at - low).astype(np.float32)


def _mixed(below: Array, above: Array, share: Array) -> Array:
    mixed: Array = below + (above - below) * share
    return mixed


def _drawn(
    make: Make,
    classes: tuple[str, ...],
    suffix: str,
    train: int,
    hidden: int,
    size: tuple[int, int],
    seed: int,
    make_hidden: Callable[..., Any] | None = None,
) -> Split:
    """Draw pictures twice, from seeds of their own: files in folders for training, and hidden ones as arrays."""
    train_seed, hidden_seed = (int(part) for part in np.random.SeedSequence(seed).generate_state(2, np.uint64))
    files, y_train = make(train, seed=train_seed)
    hidden_pictures, y_hidden = (make_hidden or make)(hidden, seed=hidden_seed)
    seen: Counter[str] = Counter()
    folders = {}
    for file, label in zip(files, y_train, strict=True):
        seen[classes[label]] += 1
        folders[f"train/{classes[label]}/{seen[classes[label]]:04}.{suffix}"] = file
    x_train, x_hidden = (np.stack([resized(each, size) for each in some]) for some in (files, hidden_pictures))
    return Split(x_train, y_train, x_hidden, y_hidden, files=folders)


def _small_and_grey(baseline: Baseline) -> Baseline:
    """Let a baseline see every fourth row and column, without colour."""

    def look(x: Array) -> Array:
        n, height, width, _ = x.shape
        return x.astype(np.float32).mean(axis=3).reshape(n, height // 4, 4, width // 4, 4).mean(axis=(2, 4))

    return replace(
        baseline,
        predict=lambda split: baseline.predict(replace(split, x_train=look(split.x_train), x_test=look(split.x_test))),
    )


def _plain_network(shape: tuple[int, int, int], units: int) -> Callable[[], Any]:
    """Return a builder of week 5's kind of network: convolutions, and neither augmentation nor normalisation."""

    def build() -> Any:
        import keras
        from keras import layers

        model = keras.Sequential(
            [
                keras.Input(shape),
                layers.Rescaling(1 / 255),
                layers.Conv2D(16, 5, strides=2, activation="relu"),
                layers.MaxPooling2D(),
                layers.Conv2D(32, 3, activation="relu"),
                layers.MaxPooling2D(),
                layers.Flatten(),
                layers.Dense(64, activation="relu"),
                layers.Dense(units, activation="sigmoid" if units == 1 else "softmax"),
            ]
        )
        loss = "binary_crossentropy" if units == 1 else "sparse_categorical_crossentropy"
        model.compile(optimizer="adam", loss=loss)
        return model

    return build


# --- What ails the leaf? ---

_LEAF_SIZE = (64, 64)
_LEAVES = 80 * len(sick_leaves.CLASSES)


def _sick_leaves(seed: int) -> Split:
    return _drawn(sick_leaves.make_sick_leaves, sick_leaves.CLASSES, "jpg", _LEAVES, _HIDDEN, _LEAF_SIZE, seed)


_LEAF_TRAINING = FixedBudget(Output("probabilities", (len(sick_leaves.CLASSES),)), epochs=10)
_LEAF_NETWORK = _plain_network((*_LEAF_SIZE, 3), len(sick_leaves.CLASSES))

SICK_LEAVES = ExamProblem(
    id="exam.sick_leaves",
    title="What ails the leaf?",
    kind="folders",
    skills=("I1", "I2", "I4", "I5", "I6", "I7", "B7", "B9"),
    data=_sick_leaves,
    training=FileModel(_LEAF_TRAINING.output, max_parameters=1_000_000, most_bytes=15 * 2**20),
    ladder=Ladder(accuracy, (0.24, 0.36, 0.48, 0.6, 0.72)),
    baselines=(
        baselines.majority(),
        baselines.untrained(_LEAF_TRAINING, _LEAF_NETWORK),
        _small_and_grey(baselines.logistic(c=0.001)),
        baselines.network("small network without augmentation", _LEAF_TRAINING, _LEAF_NETWORK),
    ),
    reference=exam_solution("sick_leaves"),
    advice=(
        Advice(
            "This is hardly better than guessing one of six. Compare with the statement: are the labels in the order "
            "of the alphabet, and does your model scale pixels from 0 to 255 itself, once?",
            rungs=(0,),
        ),
        Advice(
            "This is what a small network gets within a few epochs. Look at its accuracy on the training pictures: if "
            "that is low, too, it has not learned yet. BatchNormalization after each convolution makes it learn far "
            "faster.",
            rungs=(1,),
        ),
        Advice(
            "Your model begins to see. Ailments are patterns, wherever they are on the leaf: three blocks of Conv2D, "
            "BatchNormalization and pooling, then GlobalAveragePooling2D instead of Flatten.",
            rungs=(2,),
        ),
        Advice(
            "Half way. 480 pictures are few, and a leaf may lie in any direction: RandomFlip as the first layer, both "
            "ways, makes four pictures of one.",
            rungs=(3,),
        ),
        Advice(
            "Nearly. Let the learning rate fall towards the end of training, keep some training pictures aside to see "
            "where accuracy stops rising, and train longer.",
            rungs=(4,),
        ),
        Advice(
            "Full points. Which two ailments does your model still confuse, and would larger pictures help?",
            rungs=(5,),
        ),
    ),
)


# --- Cracked or sound? ---

_WALL_SIZE = (56, 80)
_WALLS = 600


def _cracked_walls(seed: int) -> Split:
    return _drawn(walls.make_walls, walls.CLASSES, "jpg", _WALLS, _HIDDEN, _WALL_SIZE, seed)


_WALL_TRAINING = FixedBudget(Output("probability"), epochs=10)
_WALL_NETWORK = _plain_network((*_WALL_SIZE, 3), 1)

CRACKED_WALLS = ExamProblem(
    id="exam.cracked_walls",
    title="Cracked or sound?",
    kind="folders",
    skills=("I1", "I2", "I4", "I5", "I6", "I7", "B6", "B9"),
    data=_cracked_walls,
    training=FileModel(_WALL_TRAINING.output, max_parameters=1_000_000, most_bytes=15 * 2**20),
    ladder=Ladder(accuracy, (0.57, 0.64, 0.71, 0.77, 0.81)),
    baselines=(
        baselines.majority(),
        baselines.untrained(_WALL_TRAINING, _WALL_NETWORK),
        _small_and_grey(baselines.logistic(c=0.001)),
        baselines.network("small network without augmentation", _WALL_TRAINING, _WALL_NETWORK),
    ),
    reference=exam_solution("cracked_walls"),
    advice=(
        Advice(
            "This is hardly better than tossing a coin. Compare with the statement: is the output the probability of "
            "sound, the second folder of the alphabet? Does your model scale pixels itself, once?",
            rungs=(0,),
        ),
        Advice(
            "A little better than chance: about what brightness and dark lines tell. Look at the accuracy on the "
            "training pictures: if that is low, too, your network has not learned yet. BatchNormalization helps it to.",
            rungs=(1,),
        ),
        Advice(
            "Your model begins to see. A crack is a small thing that may be anywhere: three blocks of Conv2D, "
            "BatchNormalization and pooling, then GlobalMaxPooling2D, which asks whether there is one at all.",
            rungs=(2,),
        ),
        Advice(
            "Half way. If your model is far better on the training pictures than here, show it more: RandomFlip, both "
            "ways. A crack remains a crack.",
            rungs=(3,),
        ),
        Advice(
            "Nearly. Let the learning rate fall towards the end of training, and keep some training pictures aside to "
            "see where accuracy stops rising.",
            rungs=(4,),
        ),
        Advice(
            "Full points. Which sound walls does your model call cracked? Look at them: what do they have in common?",
            rungs=(5,),
        ),
    ),
)


# --- How many fingers? ---

_HAND_SIZE = (64, 64)
_HANDS = 100 * len(hands.CLASSES)


def _fingers(seed: int) -> Split:
    return _drawn(
        hands.make_hands, hands.CLASSES, "png", _HANDS, _HIDDEN, _HAND_SIZE, seed, make_hidden=hands.photograph_hands
    )


_HAND_TRAINING = FixedBudget(Output("probabilities", (len(hands.CLASSES),)), epochs=10)
_HAND_NETWORK = _plain_network((*_HAND_SIZE, 3), len(hands.CLASSES))

FINGERS = ExamProblem(
    id="exam.fingers",
    title="How many fingers?",
    kind="folders",
    skills=("I1", "I2", "I4", "I5", "I6", "I7", "B7", "B9"),
    data=_fingers,
    training=FileModel(_HAND_TRAINING.output, max_parameters=1_000_000, most_bytes=15 * 2**20),
    ladder=Ladder(accuracy, (0.24, 0.38, 0.52, 0.655, 0.715)),
    baselines=(
        baselines.majority(),
        baselines.untrained(_HAND_TRAINING, _HAND_NETWORK),
        _small_and_grey(baselines.logistic(c=0.001)),
        baselines.network("small network without augmentation", _HAND_TRAINING, _HAND_NETWORK),
    ),
    reference=exam_solution("fingers"),
    advice=(
        Advice(
            "This is hardly better than guessing one of six. Compare with the statement: are the labels in the order "
            "of the alphabet (five, four, none, one, three, two), and does your model scale pixels itself, once?",
            rungs=(0,),
        ),
        Advice(
            "This is what a small network gets within a few epochs. Look at its accuracy on the training pictures: if "
            "that is low, too, it has not learned yet. BatchNormalization after each convolution makes it learn far "
            "faster.",
            rungs=(1,),
        ),
        Advice(
            "Your model begins to see hands. Counting needs places: three blocks of Conv2D, BatchNormalization and "
            "pooling, then Flatten rather than a mean over the whole picture.",
            rungs=(2,),
        ),
        Advice(
            "Half way. 600 pictures are few. What may happen to a hand without changing the number? A mirror makes a "
            "left hand of a right one: RandomFlip('horizontal'). A small RandomTranslation moves it.",
            rungs=(3,),
        ),
        Advice(
            "Nearly. Dropout before the last layer, a learning rate that falls towards the end of training, "
            "and more epochs: with augmentation, networks need longer.",
            rungs=(4,),
        ),
        Advice(
            "Full points. Which numbers does your model still confuse? Would larger pictures help?",
            rungs=(5,),
        ),
    ),
)

CHECKS = (SICK_LEAVES, CRACKED_WALLS, FINGERS)
