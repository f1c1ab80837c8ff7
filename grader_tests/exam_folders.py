"""Exam problems of the third kind: real-world pictures in folders, of many shapes and sizes."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from typing import Any

import numpy as np
from PIL import Image

from tfcourse.checks import (
    Advice,
    ExamProblem,
    FileModel,
    FixedBudget,
    Ladder,
    Output,
    Solution,
    Split,
    accuracy,
    baselines,
    exam_solution,
    mistake,
    ordinary,
    rival,
)
from tfcourse.checks.convnets import (
    AVERAGES_LAG,
    NO_CONVOLUTION,
    SCALED_OUTSIDE,
    MakeLayer,
    convnet,
    flips,
    halves,
    knows_little,
    scaled_outside,
    shifts,
    trained,
    turns,
    zooms,
)
from tfcourse.checks.diagnosis import both, lacks, overfits
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


def _small_and_grey(baseline: baselines.Baseline) -> baselines.Baseline:
    """Let a baseline see every fourth row and column, without colour."""

    def look(x: Array) -> Array:
        n, height, width, _ = x.shape
        return x.astype(np.float32).mean(axis=3).reshape(n, height // 4, 4, width // 4, 4).mean(axis=(2, 4))

    return replace(
        baseline,
        predict=lambda split: baseline.predict(replace(split, x_train=look(split.x_train), x_test=look(split.x_test))),
    )


def _mistakes(units: int, *first: MakeLayer) -> tuple[Solution, ...]:
    """Return what goes wrong with folders and files, each trained with a network that is right in all else."""

    def in_another_order(split: Split) -> Any:
        """Number the folders backwards: lists of files come in any order."""
        return trained(units, *first)(replace(split, y_train=split.y_train.max() - split.y_train))

    return (
        mistake("scaled to -1 to 1 outside of the model", scaled_outside(trained(units, *first, to="not"))),
        mistake("folders numbered in another order", in_another_order),
        rival(
            "dense network, early stopping",
            trained(units, *first, filters=(), dropout=0.0, epochs=60, patience=8),
            *("I1", "I2"),
        ),
        rival(
            "dense network on pictures of half the size, 40 epochs",
            trained(units, *first, halves, filters=(), dense=200, dropout=0.2, epochs=40),
            *("I1", "I2"),
        ),
    )


def _baselines(output: Output, shape: tuple[int, int]) -> tuple[baselines.Baseline, ...]:
    training = FixedBudget(output, epochs=10)

    def dense() -> Any:
        return convnet((*shape, 3), output.shape[0], filters=(), dropout=0)

    return (
        baselines.majority(),
        baselines.untrained(training, dense),
        _small_and_grey(baselines.logistic(c=0.001)),
        baselines.network("dense network", training, dense),
    )


_NOT_YET_LEARNED = Advice(
    "Your network does not know the pictures that it learned from, either: it has not learned yet. Train longer; "
    "BatchNormalization after each convolution makes it learn far faster.",
    rungs=(2, 3),
    when=knows_little,
)

# --- What ails the leaf? ---

_LEAF_SIZE = (64, 64)
_LEAVES = 150 * len(sick_leaves.CLASSES)


def _sick_leaves(seed: int) -> Split:
    return _drawn(sick_leaves.make_sick_leaves, sick_leaves.CLASSES, "jpg", _LEAVES, _HIDDEN, _LEAF_SIZE, seed)


_SIX = Output("probabilities", (6,))

SICK_LEAVES = ExamProblem(
    id="exam.sick_leaves",
    title="What ails the leaf?",
    kind="folders",
    skills=("I1", "I2", "I4", "I7", "B7"),
    data=_sick_leaves,
    training=FileModel(_SIX, max_parameters=1_000_000, most_bytes=15 * 2**20),
    ladder=Ladder(accuracy, (0.24, 0.36, 0.48, 0.66, 0.78)),
    baselines=_baselines(_SIX, _LEAF_SIZE),
    panel=(
        ordinary("16, 32 and 64 filters, flips, 25 epochs", trained(6, flips())),
        ordinary(
            "flips, turns and zoom, pixels -1 to 1, 40 epochs",
            trained(6, flips(), turns, zooms, to="-1 to 1", epochs=40),
        ),
        ordinary("no augmentation, RMSprop, 25 epochs", trained(6, optimizer="rmsprop")),
        ordinary(
            "16, 32, 64 and 64 filters, early stopping",
            trained(6, flips(), filters=(16, 32, 64, 64), dense=128, epochs=60, patience=8),
        ),
        ordinary(
            "BatchNormalization, global average pooling, 40 epochs",
            trained(6, flips(), normalized=True, end="average", dense=0, dropout=0.2, epochs=40),
        ),
        *_mistakes(6, flips()),
    ),
    labels=sick_leaves.CLASSES,
    reference=exam_solution("sick_leaves"),
    advice=(
        SCALED_OUTSIDE,
        NO_CONVOLUTION,
        AVERAGES_LAG,
        Advice(
            "Your network knows its own pictures far better than these. A leaf may lie in any direction, so "
            "RandomFlip, both ways, makes four pictures of one; Dropout helps, too.",
            rungs=(2, 3, 4),
            when=overfits,
        ),
        _NOT_YET_LEARNED,
        Advice(
            "This is hardly better than guessing one of six. Compare with the statement: are the labels in the order "
            "of the alphabet, and does your model scale pixels from 0 to 255 itself, once?",
            rungs=(0, 1),
        ),
        Advice(
            "Your model begins to see. Ailments are patterns, wherever they are on the leaf: three blocks of Conv2D "
            "and MaxPooling2D, with more filters in each, see patches, tracks and dots.",
            rungs=(2, 3),
        ),
        Advice(
            "Nearly. Keep some pictures aside to see where accuracy stops rising, and train that long; "
            "BatchNormalization after each convolution, or a learning rate that falls, brings the rest.",
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
_WALLS = 1_000


def _cracked_walls(seed: int) -> Split:
    return _drawn(walls.make_walls, walls.CLASSES, "jpg", _WALLS, _HIDDEN, _WALL_SIZE, seed)


_ONE = Output("probability")

CRACKED_WALLS = ExamProblem(
    id="exam.cracked_walls",
    title="Cracked or sound?",
    kind="folders",
    skills=("I1", "I2", "I4", "I7", "B6"),
    data=_cracked_walls,
    training=FileModel(_ONE, max_parameters=1_000_000, most_bytes=15 * 2**20),
    ladder=Ladder(accuracy, (0.55, 0.62, 0.69, 0.79, 0.84)),
    baselines=_baselines(_ONE, _WALL_SIZE),
    panel=(
        ordinary("16, 32 and 64 filters, flips, 25 epochs", trained(1, flips())),
        ordinary("flips, turns and zoom, 25 epochs", trained(1, flips(), turns, zooms)),
        ordinary("no augmentation, pixels -1 to 1, 20 epochs", trained(1, to="-1 to 1", epochs=20)),
        ordinary(
            "16, 32, 64 and 64 filters, early stopping",
            trained(1, flips(), filters=(16, 32, 64, 64), dense=128, epochs=60, patience=8),
        ),
        ordinary(
            "BatchNormalization, global average pooling, 40 epochs",
            trained(1, flips(), normalized=True, end="average", dense=0, dropout=0.2, epochs=40),
        ),
        *_mistakes(1, flips()),
    ),
    reference=exam_solution("cracked_walls"),
    advice=(
        SCALED_OUTSIDE,
        NO_CONVOLUTION,
        AVERAGES_LAG,
        Advice(
            "Your network knows its own pictures far better than these. Show it more: a crack remains a crack, "
            "mirrored or upside down. RandomFlip, both ways; Dropout helps, too.",
            rungs=(1, 2, 3, 4),
            when=overfits,
        ),
        _NOT_YET_LEARNED,
        Advice(
            "This is hardly better than tossing a coin. Compare with the statement: is the output the probability of "
            "sound, the second folder of the alphabet? Does your model scale pixels itself, once?",
            rungs=(0,),
        ),
        Advice(
            "Dark lines alone do not tell: cables and joints are dark lines, too. Three blocks of Conv2D and "
            "MaxPooling2D, with more filters in each, see how a line runs.",
            rungs=(1, 2, 3),
        ),
        Advice(
            "Nearly. Keep some pictures aside to see where accuracy stops rising, and train that long; "
            "BatchNormalization after each convolution, or a learning rate that falls, brings the rest.",
            rungs=(4,),
        ),
        Advice(
            "Full points. Which sound walls does your model call cracked? Look at them: what do they have in common?",
            rungs=(5,),
        ),
    ),
)


# --- How many fingers? ---

_AUGMENTED = ("B9", "I5", "I6")

_HAND_SIZE = (64, 64)
_HANDS = 160 * len(hands.CLASSES)


def _fingers(seed: int) -> Split:
    # A mirror image is all that half of the hidden hands are: what a flip makes of those to learn from.
    make = partial(hands.make_hands, thumb="left")
    return _drawn(make, hands.CLASSES, "png", _HANDS, _HIDDEN, _HAND_SIZE, seed, make_hidden=hands.photograph_hands)


FINGERS = ExamProblem(
    id="exam.fingers",
    title="How many fingers?",
    kind="folders",
    skills=("I1", "I2", "I4", "I5", "I6", "I7", "B7", "B9"),
    data=_fingers,
    training=FileModel(_SIX, max_parameters=1_000_000, most_bytes=15 * 2**20),
    ladder=Ladder(accuracy, (0.24, 0.38, 0.54, 0.77, 0.83)),
    baselines=_baselines(_SIX, _HAND_SIZE),
    panel=(
        ordinary("flips to the side, 40 epochs", trained(6, flips("horizontal"), epochs=40)),
        ordinary(
            "flips to the side, turns and zoom, pixels -1 to 1, 40 epochs",
            trained(6, flips("horizontal"), turns, zooms, to="-1 to 1", epochs=40),
        ),
        ordinary(
            "flips and shifts, 16, 32, 64 and 64 filters, early stopping",
            trained(
                6,
                flips("horizontal"),
                shifts,
                filters=(16, 32, 64, 64),
                dense=128,
                dropout=0.3,
                epochs=80,
                patience=10,
            ),
        ),
        ordinary(
            "flips to the side, BatchNormalization, 40 epochs",
            trained(6, flips("horizontal"), normalized=True, dense=0, epochs=40),
        ),
        rival("no augmentation, 30 epochs", trained(6, epochs=30), *_AUGMENTED),
        rival("no augmentation, early stopping", trained(6, dropout=0.3, epochs=60, patience=8), *_AUGMENTED),
        rival(
            "no augmentation, BatchNormalization and global average pooling",
            trained(6, normalized=True, end="average", dense=0, dropout=0.2, epochs=30),
            *_AUGMENTED,
        ),
        mistake("turns and zoom without flips, 40 epochs", trained(6, turns, zooms, epochs=40)),
        *_mistakes(6, flips("horizontal")),
    ),
    labels=hands.CLASSES,
    reference=exam_solution("fingers"),
    advice=(
        SCALED_OUTSIDE,
        NO_CONVOLUTION,
        AVERAGES_LAG,
        Advice(
            "Your network knows its own pictures far better than these. There, all thumbs are on the left; players "
            "hold up hands of both kinds. RandomFlip('horizontal') makes one of the other.",
            rungs=(1, 2, 3, 4),
            when=both(overfits, lacks("RandomFlip")),
        ),
        Advice(
            "Your network knows its own pictures far better than these. Dropout, and more changes that leave the "
            "number as it is: small turns, small shifts, a little nearer or further away. They take more epochs.",
            rungs=(2, 3, 4),
            when=overfits,
        ),
        _NOT_YET_LEARNED,
        Advice(
            "This is hardly better than guessing one of six. Compare with the statement: are the labels in the order "
            "of the alphabet (five, four, none, one, three, two), and does your model scale pixels itself, once?",
            rungs=(0, 1),
        ),
        Advice(
            "Your model begins to see hands. Hands of both kinds, mirrored on the way by RandomFlip('horizontal'), and "
            "three blocks of Conv2D and MaxPooling2D: counting takes some depth, and some forty epochs.",
            rungs=(2, 3),
        ),
        Advice(
            "Nearly. BatchNormalization after each convolution, a learning rate that falls towards the end, "
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
