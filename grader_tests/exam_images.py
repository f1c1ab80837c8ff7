"""Exam problems of the second kind: small pictures as arrays."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import numpy as np

from tfcourse.checks import (
    Advice,
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
from tfcourse.datasets.blood_cells import make_blood_cells
from tfcourse.datasets.cracks import make_cracks
from tfcourse.datasets.weaves import make_weaves

_SKILLS = ("B1", "B2", "B5", "B9", "B12", "B13", "B17", "I1", "I3", "I5")


def _drawn(name: str, pictures: Array, labels: Array, train: int) -> Split:
    """Return the first `train` pictures as an ``.npz`` file and as arrays, and the others as hidden ones."""
    split = Split(pictures[:train], labels[:train], pictures[train:], labels[train:])
    file = io.BytesIO()
    np.savez_compressed(file, x=split.x_train, y=split.y_train)
    return replace(split, files={name: file.getvalue()})


def _dense(classes: int) -> Any:
    """Return the builder of a dense network: what learns too simply."""

    def build(x_train: Array) -> Any:
        import keras

        last = ("sigmoid", "binary_crossentropy") if classes == 1 else ("softmax", "sparse_categorical_crossentropy")
        model = keras.Sequential(
            [
                keras.Input(x_train.shape[1:]),
                keras.layers.Rescaling(1 / 64, offset=-2),
                keras.layers.Flatten(),
                keras.layers.Dense(64, activation="relu"),
                keras.layers.Dense(classes, activation=last[0]),
            ]
        )
        model.compile(optimizer="adam", loss=last[1])
        return model

    return build


def _training(output: Output) -> FixedBudget:
    return FixedBudget(output, epochs=8, batch_size=64, builder_sees="train inputs")


def _baselines(output: Output) -> tuple[baselines.Baseline, ...]:
    training, builder = _training(output), _dense(output.shape[0])
    return (
        baselines.majority(),
        baselines.untrained(training, builder),
        baselines.logistic(c=0.001),
        baselines.network("dense network", training, builder),
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
    ladder=Ladder(accuracy, (0.23, 0.4, 0.6, 0.82, 0.93)),
    baselines=_baselines(_SIX),
    reference=exam_solution("weaves"),
    advice=(
        Advice(
            "This is hardly better than guessing one of six. Does the loss fall at all? The labels are whole numbers: "
            "sparse_categorical_crossentropy; the pixels want scaling.",
            rungs=(0,),
        ),
        Advice(
            "The model has begun to learn. Scale the pixels to about -1 to 1; then reshape to (28, 28, 1), for "
            "convolutions and pooling.",
            rungs=(1,),
        ),
        Advice(
            "Dense layers get about here: no pixel of a cloth has a meaning of its own. A convolution looks for the "
            "same crossing everywhere.",
            rungs=(2,),
        ),
        Advice(
            "Does the model see enough of the cloth? Two or three blocks of Conv2D and MaxPooling2D, with more "
            "filters in each, see several threads at once; global pooling at their end does not care where they lie.",
            rungs=(3,),
        ),
        Advice(
            "Nearly. Are your augmentations allowed here? A flipped twill is the other twill. Shifts are harmless. "
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

_CELLS, _HIDDEN_CELLS = 1_500, 1_500
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
    ladder=Ladder(accuracy, (0.28, 0.42, 0.6, 0.78, 0.9)),
    baselines=_baselines(_FIVE),
    reference=exam_solution("blood_cells"),
    advice=(
        Advice(
            "This is hardly better than guessing one of five. Does the loss fall at all? The labels are whole numbers: "
            "sparse_categorical_crossentropy; the pixels want scaling.",
            rungs=(0,),
        ),
        Advice(
            "The model has begun to learn. Scale the pixels to about -1 to 1: colours alone bring it further.",
            rungs=(1,),
        ),
        Advice(
            "Models that give every pixel a weight of its own end about here. Convolutions and pooling find a lobe or "
            "a grain wherever it lies.",
            rungs=(2,),
        ),
        Advice(
            "Two or three blocks of Conv2D and MaxPooling2D, with more filters in each, before the first dense layer.",
            rungs=(3,),
        ),
        Advice(
            "Nearly. Is training accuracy far above validation? A cell may lie in any direction, so flips and turns "
            "give pictures that are as good as new ones; dropout helps, too.",
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
    reference=exam_solution("cracks"),
    advice=(
        Advice(
            "This is no better than a coin. Does the model end in one sigmoid, is the loss binary_crossentropy, and "
            "does it fall?",
            rungs=(0,),
        ),
        Advice(
            "Dense layers get here, and no further: a crack may be anywhere. Reshape to (32, 32, 1), then "
            "convolutions and pooling.",
            rungs=(1,),
        ),
        Advice(
            "A convolution has found dark lines; joints are dark lines, too. A second and a third block see how a "
            "line runs.",
            rungs=(2,),
        ),
        Advice(
            "Three blocks of Conv2D and MaxPooling2D, with more filters in each. It is enough that a crack is "
            "somewhere: GlobalMaxPooling2D asks just that.",
            rungs=(3,),
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
