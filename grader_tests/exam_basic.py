"""Exam problems of the first kind: a basic model of a table."""

from __future__ import annotations

import json
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
    mean_absolute_error,
    mistake,
    ordinary,
)
from tfcourse.checks.records import Array
from tfcourse.datasets import beehives, ships
from tfcourse.datasets.heat_pumps import FEATURES, make_heat_pumps


def _csv(names: tuple[str, ...], x: Array, y: Array, digits: str) -> bytes:
    """Return a table as the text of a CSV file, the target last."""
    rows = [
        ",".join([*(f"{value:g}" for value in row), format(target, digits)]) for row, target in zip(x, y, strict=True)
    ]
    return ("\n".join([",".join(names), *rows]) + "\n").encode()


# --- What a heat pump takes ---

_PUMPS, _HIDDEN_PUMPS = 3_000, 2_000


def _heat_pumps(seed: int) -> Split:
    x, y = make_heat_pumps(_PUMPS + _HIDDEN_PUMPS, seed=seed)
    split = Split(x[:_PUMPS], y[:_PUMPS], x[_PUMPS:], y[_PUMPS:])
    return replace(split, files={"readings.csv": _csv((*FEATURES, "power_kw"), split.x_train, split.y_train, ".3f")})


def _small_network(x_train: Array) -> Any:
    """Build a network without scaling: week 1's mistake."""
    import keras

    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(1)])
    model.compile(optimizer="adam", loss="mse")
    return model


def _scaled_network(x_train: Array) -> Any:
    """Build the same network with scaling, so that its first answers are of an ordinary size."""
    import keras

    normalize = keras.layers.Normalization()
    normalize.adapt(x_train)
    return keras.Sequential(
        [
            keras.Input((6,)),
            normalize,
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(1),
        ]
    )


_ONE_VALUE = FixedBudget(Output("value"), epochs=10, builder_sees="train inputs")

HEAT_PUMPS = ExamProblem(
    id="exam.heat_pumps",
    title="What a heat pump takes",
    kind="basic",
    skills=("B1", "B2", "B3", "B5", "B12", "B18"),
    data=_heat_pumps,
    training=FileModel(Output("value"), max_parameters=100_000, most_bytes=5 * 2**20),
    ladder=Ladder(mean_absolute_error, (1.3, 0.95, 0.5, 0.2, 0.12)),
    baselines=(
        baselines.mean(),
        baselines.untrained(_ONE_VALUE, _scaled_network),
        baselines.linear(),
        baselines.network("small network on raw columns", _ONE_VALUE, _small_network),
    ),
    reference=exam_solution("heat_pumps"),
    advice=(
        Advice(
            "This is no better than always naming the mean. Does the model see the six columns in the file's order, "
            "and is its output a plain number, without an activation?",
            rungs=(0,),
        ),
        Advice(
            "Your model has found the direction, no more. Scale the columns inside the model: Normalization, adapted "
            "to the training data, comes first.",
            rungs=(1,),
        ),
        Advice(
            "You have about what a straight line gets. Put a hidden layer with ReLU between scaling and output.",
            rungs=(2,),
        ),
        Advice(
            "The bends are not there yet: ice near 0 °C, and the rod in the cold. Two hidden layers of 32 to 64 "
            "units, and thirty epochs or more.",
            rungs=(3,),
        ),
        Advice(
            "Nearly. Let the learning rate fall towards the end of training, and train by the error that judges you, "
            "MAE.",
            rungs=(4,),
        ),
        Advice(
            "Full points. How few units still reach this rung?",
            rungs=(5,),
        ),
    ),
)

# --- Through the winter ---

_HIVES, _HIDDEN_HIVES = 3_000, 2_000


def _beehives(seed: int) -> Split:
    x, y = beehives.make_beehives(_HIVES + _HIDDEN_HIVES, seed=seed)
    split = Split(x[:_HIVES], y[:_HIVES], x[_HIVES:], y[_HIVES:])
    return replace(split, files={"hives.csv": _csv((*beehives.FEATURES, "alive"), split.x_train, split.y_train, "d")})


def _small_classifier(classes: int) -> Any:
    """Return the builder of a classifier without scaling."""

    def build(x_train: Array) -> Any:
        import keras

        last = ("sigmoid", "binary_crossentropy") if classes == 1 else ("softmax", "sparse_categorical_crossentropy")
        model = keras.Sequential(
            [
                keras.Input(x_train.shape[1:]),
                keras.layers.Dense(16, activation="relu"),
                keras.layers.Dense(classes, activation=last[0]),
            ]
        )
        model.compile(optimizer="adam", loss=last[1])
        return model

    return build


_ONE_PROBABILITY = FixedBudget(Output("probability"), epochs=10, batch_size=64, builder_sees="train inputs")

BEEHIVES = ExamProblem(
    id="exam.beehives",
    title="Through the winter",
    kind="basic",
    skills=("B1", "B2", "B3", "B5", "B6", "B12", "B18"),
    data=_beehives,
    training=FileModel(Output("probability"), max_parameters=100_000, most_bytes=5 * 2**20),
    ladder=Ladder(accuracy, (0.55, 0.71, 0.78, 0.85, 0.885)),
    baselines=(
        baselines.majority(),
        baselines.untrained(_ONE_PROBABILITY, _small_classifier(1)),
        baselines.logistic(),
        baselines.network("small network on raw columns", _ONE_PROBABILITY, _small_classifier(1)),
    ),
    reference=exam_solution("beehives"),
    advice=(
        Advice(
            "This is no better than a coin. Does the model see the seven columns in the file's order, does it end in "
            "one sigmoid, and is 1 a colony that lives?",
            rungs=(0,),
        ),
        Advice(
            "Your model has found a direction, no more. Scale the columns inside the model: Normalization, adapted to "
            "the training data, comes first.",
            rungs=(1,),
        ),
        Advice(
            "Is the model still learning? Scaled columns and twenty epochs take it further.",
            rungs=(2,),
        ),
        Advice(
            "You have about what logistic regression gets. Two hidden layers with ReLU between scaling and output find "
            "what a straight border cannot.",
            rungs=(3,),
        ),
        Advice(
            "Nearly. Hold some hives back, look where the validation loss stops falling, and let the learning rate "
            "fall towards the end.",
            rungs=(4,),
        ),
        Advice(
            "Full points. Which week of the year is best for a treatment? Ask your model.",
            rungs=(5,),
        ),
    ),
)


# --- What a ship is doing ---

_REPORTS, _HIDDEN_REPORTS = 3_600, 2_000
_GAPS = {"turn": 0.05, "wind_angle": 0.03, "wind_kn": 0.03, "depth_m": 0.04}
"""How often a number of a report was not received."""


def _ships(seed: int) -> Split:
    x, y = ships.make_ships(_REPORTS + _HIDDEN_REPORTS, seed=seed)
    random = np.random.default_rng([seed, 1])
    missing = random.random((_REPORTS, len(ships.FEATURES))) < [_GAPS.get(name, 0) for name in ships.FEATURES]
    lines = []
    for row, gaps, label in zip(x[:_REPORTS], missing, y[:_REPORTS], strict=True):
        numbers = [None if gap else round(float(value), 1) for value, gap in zip(row, gaps, strict=True)]
        lines.append(json.dumps({**dict(zip(ships.FEATURES, numbers, strict=True)), "doing": ships.DOINGS[label]}))
    whole = ~missing.any(axis=1)  # baselines know no gaps
    split = Split(x[:_REPORTS][whole], y[:_REPORTS][whole], x[_REPORTS:], y[_REPORTS:])
    return replace(split, files={"reports.jsonl": ("\n".join(lines) + "\n").encode()})


_SIX_PROBABILITIES = FixedBudget(Output("probabilities", (6,)), epochs=10, batch_size=64, builder_sees="train inputs")

SHIPS = ExamProblem(
    id="exam.ships",
    title="What a ship is doing",
    kind="basic",
    skills=("B1", "B2", "B3", "B5", "B7", "B12", "B17", "B18"),
    data=_ships,
    training=FileModel(Output("probabilities", (6,)), max_parameters=100_000, most_bytes=5 * 2**20),
    ladder=Ladder(accuracy, (0.25, 0.45, 0.66, 0.845, 0.875)),
    baselines=(
        baselines.majority(),
        baselines.untrained(_SIX_PROBABILITIES, _small_classifier(6)),
        baselines.logistic(),
        baselines.network("small network on raw columns", _SIX_PROBABILITIES, _small_classifier(6)),
    ),
    reference=exam_solution("ships"),
    advice=(
        Advice(
            "This is hardly better than guessing one of six. Are the labels numbers in the statement's order, and did "
            "no gap become NaN? Look at the loss.",
            rungs=(0,),
        ),
        Advice(
            "Your model has begun to learn. Scale the columns inside the model: Normalization, adapted to the training "
            "data, comes first; and the loss for labels of whole numbers is sparse_categorical_crossentropy.",
            rungs=(1,),
        ),
        Advice(
            "Is the model still learning? Scaled columns and twenty epochs take it further.",
            rungs=(2,),
        ),
        Advice(
            "You have about what logistic regression gets. The wind from 359 degrees is the wind from 1 degree: hidden "
            "layers with ReLU find that, a straight border cannot.",
            rungs=(3,),
        ),
        Advice(
            "Nearly. More units or a second hidden layer, and a learning rate that falls towards the end.",
            rungs=(4,),
        ),
        Advice(
            "Full points. Which two of the six does your model confuse most?",
            rungs=(5,),
        ),
    ),
)

CHECKS = (HEAT_PUMPS, BEEHIVES, SHIPS)
