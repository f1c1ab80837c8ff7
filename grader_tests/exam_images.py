"""Exam problems of the second kind: small pictures as arrays."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

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
    convnet,
    flips,
    halves,
    scaled_outside,
    shifts,
    trained,
    turns,
)
from tfcourse.checks.diagnosis import has, overfits
from tfcourse.checks.records import Array
from tfcourse.datasets.blood_cells import CLASSES as KINDS_OF_CELLS
from tfcourse.datasets.blood_cells import make_blood_cells
from tfcourse.datasets.cracks import make_cracks
from tfcourse.datasets.weaves import CLASSES as KINDS_OF_CLOTH
from tfcourse.datasets.weaves import make_weaves

_SKILLS = ("B1", "B2", "B5", "B12", "B13", "B17", "I1", "I3")


def _drawn(name: str, pictures: Array, labels: Array, train: int) -> Split:
    """Return the first `train` pictures as an ``.npz`` file and as arrays, and the others as hidden ones."""
    split = Split(pictures[:train], labels[:train], pictures[train:], labels[train:])
    file = io.BytesIO()
    np.savez_compressed(file, x=split.x_train, y=split.y_train)
    return replace(split, files={name: file.getvalue()})


_trained = partial(trained, epochs=20, dropout=0.3)


def _without_convolutions(units: int) -> tuple[Solution, ...]:
    """Return dense networks, trained as well as one can."""
    return (
        rival(
            "dense network, early stopping",
            trained(units, filters=(), dense=128, dropout=0.0, epochs=60, patience=8),
            *("I1", "I3"),
        ),
        rival(
            "dense network, shifted pictures of half the size, 60 epochs",
            _trained(units, shifts, halves, filters=(), dense=256, epochs=60),
            *("I1", "I3"),
        ),
    )


def _training(output: Output) -> FixedBudget:
    return FixedBudget(output, epochs=8, batch_size=64, builder_sees="train inputs")


def _baselines(output: Output) -> tuple[baselines.Baseline, ...]:
    training = _training(output)

    def dense(x_train: Array) -> Any:
        return convnet(x_train.shape[1:], output.shape[0], filters=(), to="-1 to 1", dropout=0)

    return (
        baselines.majority(),
        baselines.untrained(training, dense),
        baselines.logistic(c=0.001),
        baselines.network("dense network", training, dense),
    )


_OVERFITTING = Advice(
    "Your network knows its own pictures far better than these. Hold some back to see after how many epochs that "
    "begins, put Dropout in front of the dense layers, or show it changed pictures: those that keep their label.",
    rungs=(2, 3, 4),
    when=overfits,
)

# --- Which weave ---

_WEAVES, _HIDDEN_WEAVES = 1_200, 1_500
_SIX = Output("probabilities", (6,))


def _weaves(seed: int) -> Split:
    return _drawn("weaves.npz", *make_weaves(_WEAVES + _HIDDEN_WEAVES, seed=seed), _WEAVES)


WEAVES = ExamProblem(
    id="exam.weaves",
    title="Which weave",
    kind="images",
    skills=("B7", *_SKILLS),
    data=_weaves,
    training=FileModel(_SIX, max_parameters=500_000, most_bytes=10 * 2**20),
    ladder=Ladder(accuracy, (0.3, 0.45, 0.65, 0.9, 0.935)),
    baselines=_baselines(_SIX),
    panel=(
        ordinary("16, 32 and 64 filters, Flatten, 20 epochs", _trained(6)),
        ordinary(
            "32 and 64 filters, pixels -1 to 1, 128 units, RMSprop, 15 epochs",
            _trained(6, filters=(32, 64), to="-1 to 1", dense=128, optimizer="rmsprop", epochs=15),
        ),
        ordinary("32, 64 and 128 filters, early stopping", _trained(6, filters=(32, 64, 128), epochs=60, patience=6)),
        ordinary(
            "BatchNormalization, global average pooling, 40 epochs",
            _trained(6, normalized=True, end="average", dense=0, epochs=40),
        ),
        ordinary("shifted pictures, 30 epochs", _trained(6, shifts, epochs=30)),
        mistake("flips to the side, 40 epochs", _trained(6, flips("horizontal"), epochs=40)),
        mistake("flips to the side, early stopping", _trained(6, flips("horizontal"), epochs=60, patience=10)),
        mistake("scaled to -1 to 1 outside of the model", scaled_outside(_trained(6, to="not"))),
        *_without_convolutions(6),
    ),
    labels=KINDS_OF_CLOTH,
    reference=exam_solution("weaves"),
    advice=(
        SCALED_OUTSIDE,
        NO_CONVOLUTION,
        AVERAGES_LAG,
        Advice(
            "Seen in a mirror, a twill is the other twill, and your network was told one name after the other for the "
            "same cloth. Take RandomFlip out; shifts are harmless.",
            rungs=(0, 1, 2, 3, 4),
            when=has("RandomFlip"),
        ),
        _OVERFITTING,
        Advice(
            "This is hardly better than guessing one of six. Does the loss fall at all? The labels are whole numbers: "
            "sparse_categorical_crossentropy; the pixels want scaling, once.",
            rungs=(0, 1),
        ),
        Advice(
            "Your model begins to see. Two or three blocks of Conv2D and MaxPooling2D, with more filters in each, see "
            "several threads at once; twenty epochs are not many.",
            rungs=(2, 3),
        ),
        Advice(
            "Nearly. Shifted pictures are as good as new ones, since the pieces lay anywhere: RandomTranslation. "
            "And let the learning rate fall towards the end.",
            rungs=(4,),
        ),
        Advice(
            "Full points. How few filters still reach this rung?",
            rungs=(5,),
        ),
    ),
)


# --- White blood cells ---

_CELLS, _HIDDEN_CELLS = 2_000, 1_500
_FIVE = Output("probabilities", (5,))


def _blood_cells(seed: int) -> Split:
    return _drawn("cells.npz", *make_blood_cells(_CELLS + _HIDDEN_CELLS, seed=seed), _CELLS)


BLOOD_CELLS = ExamProblem(
    id="exam.blood_cells",
    title="White blood cells",
    kind="images",
    skills=("B7", *_SKILLS),
    data=_blood_cells,
    training=FileModel(_FIVE, max_parameters=500_000, most_bytes=10 * 2**20),
    ladder=Ladder(accuracy, (0.28, 0.42, 0.57, 0.68, 0.88)),
    baselines=_baselines(_FIVE),
    panel=(
        ordinary("16, 32 and 64 filters, Flatten, 15 epochs", _trained(5, epochs=15)),
        ordinary("the same without dropout", _trained(5, dropout=0.0, epochs=15)),
        ordinary(
            "32 and 64 filters, pixels -1 to 1, early stopping",
            _trained(5, filters=(32, 64), to="-1 to 1", epochs=40, patience=5),
        ),
        ordinary(
            "BatchNormalization, global average pooling, 40 epochs",
            _trained(5, normalized=True, end="average", dense=0, epochs=40),
        ),
        ordinary("flips and turns, 25 epochs", _trained(5, flips(), turns, epochs=25)),
        mistake("scaled to -1 to 1 outside of the model", scaled_outside(_trained(5, to="not"))),
        *_without_convolutions(5),
    ),
    labels=KINDS_OF_CELLS,
    reference=exam_solution("blood_cells"),
    advice=(
        SCALED_OUTSIDE,
        NO_CONVOLUTION,
        AVERAGES_LAG,
        _OVERFITTING,
        Advice(
            "This is hardly better than guessing one of five. Does the loss fall at all? The labels are whole numbers: "
            "sparse_categorical_crossentropy; the pixels want scaling, once.",
            rungs=(0, 1),
        ),
        Advice(
            "Your model begins to see. Two or three blocks of Conv2D and MaxPooling2D, with more filters in each, find "
            "a lobe or a grain wherever it lies. Train until the validation loss no longer falls.",
            rungs=(2, 3),
        ),
        Advice(
            "Nearly. A cell may lie in any direction, so flips and turns give pictures that are as good as new ones; "
            "they take more epochs.",
            rungs=(4,),
        ),
        Advice(
            "Full points. Which two kinds does your model confuse most?",
            rungs=(5,),
        ),
    ),
)


# --- Cracks in concrete ---

_PIECES, _HIDDEN_PIECES = 2_400, 2_000
_ONE = Output("probability")


def _cracks(seed: int) -> Split:
    return _drawn("concrete.npz", *make_cracks(_PIECES + _HIDDEN_PIECES, seed=seed), _PIECES)


CRACKS = ExamProblem(
    id="exam.cracks",
    title="Cracks in concrete",
    kind="images",
    skills=("B6", *_SKILLS),
    data=_cracks,
    training=FileModel(_ONE, max_parameters=500_000, most_bytes=10 * 2**20),
    ladder=Ladder(accuracy, (0.54, 0.62, 0.72, 0.82, 0.9)),
    baselines=_baselines(_ONE),
    panel=(
        ordinary("16, 32 and 64 filters, Flatten, 15 epochs", _trained(1, epochs=15)),
        ordinary(
            "32, 64 and 128 filters, pixels -1 to 1, early stopping",
            _trained(1, filters=(32, 64, 128), to="-1 to 1", epochs=30, patience=5),
        ),
        ordinary(
            "BatchNormalization, global average pooling, 40 epochs",
            _trained(1, normalized=True, end="average", dense=0, epochs=40),
        ),
        ordinary("global max pooling, RMSprop, 25 epochs", _trained(1, end="max", optimizer="rmsprop", epochs=25)),
        ordinary("flips and turns, 25 epochs", _trained(1, flips(), turns, epochs=25)),
        mistake("scaled to -1 to 1 outside of the model", scaled_outside(_trained(1, to="not"))),
        rival("one block of convolutions, 30 epochs", _trained(1, filters=(32,), epochs=30), "I3"),
        *_without_convolutions(1),
    ),
    reference=exam_solution("cracks"),
    advice=(
        SCALED_OUTSIDE,
        NO_CONVOLUTION,
        AVERAGES_LAG,
        _OVERFITTING,
        Advice(
            "This is no better than a coin. Does the model end in one sigmoid, is the loss binary_crossentropy, and "
            "does it fall?",
            rungs=(0, 1),
        ),
        Advice(
            "A convolution has found dark lines; joints are dark lines, too. A second and a third block, with more "
            "filters in each, see how a line runs. Train until the validation loss no longer falls.",
            rungs=(2, 3),
        ),
        Advice(
            "Nearly. Flips give pictures as good as new ones here. Train longer, and let the learning rate fall "
            "towards the end.",
            rungs=(4,),
        ),
        Advice(
            "Full points. How thin may a crack be until your model misses it?",
            rungs=(5,),
        ),
    ),
)

CHECKS = (WEAVES, BLOOD_CELLS, CRACKS)
