"""Exam problems of the first kind: a basic model of a table."""

from __future__ import annotations

from typing import Any

from tfcourse.checks import (
    Drawn,
    ExamProblem,
    FileModel,
    Ladder,
    Output,
    Split,
    TrainModel,
    baselines,
    exam_solution,
    mean_absolute_error,
)
from tfcourse.checks.records import Array
from tfcourse.datasets.heat_pumps import FEATURES, make_heat_pumps


def _csv(names: tuple[str, ...], x: Array, y: Array, digits: str) -> bytes:
    """Return a table as the text of a CSV file, the target last."""
    rows = [
        ",".join([*(f"{value:g}" for value in row), format(target, digits)]) for row, target in zip(x, y, strict=True)
    ]
    return ("\n".join([",".join(names), *rows]) + "\n").encode()


# --- What a heat pump takes ---

_PUMPS, _HIDDEN_PUMPS = 3_000, 2_000


def _heat_pumps(seed: int) -> Drawn:
    x, y = make_heat_pumps(_PUMPS + _HIDDEN_PUMPS, seed=seed)
    split = Split(x[:_PUMPS], y[:_PUMPS], x[_PUMPS:], y[_PUMPS:])
    return Drawn({"readings.csv": _csv((*FEATURES, "power_kw"), split.x_train, split.y_train, ".3f")}, split)


def _small_network(x_train: Array) -> Any:
    """Build a network without scaling: week 1's mistake."""
    import keras

    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(1)])
    model.compile(optimizer="adam", loss="mse")
    return model


_ONE_VALUE = TrainModel(Output("value"), epochs=20, builder_sees="train inputs")

HEAT_PUMPS = ExamProblem(
    id="exam.heat_pumps",
    title="What a heat pump takes",
    kind="basic",
    skills=("B1", "B2", "B3", "B5", "B12", "B18"),
    scenario=_heat_pumps,
    training=FileModel(Output("value"), max_parameters=100_000, most_bytes=5 * 2**20),
    ladder=Ladder(mean_absolute_error, (1.3, 0.95, 0.5, 0.2, 0.12)),
    baselines=(
        baselines.mean(),
        baselines.untrained(_ONE_VALUE, _small_network),
        baselines.linear(),
        baselines.network("small network on raw columns", _ONE_VALUE, _small_network),
    ),
    reference=exam_solution("heat_pumps"),
    advice=(
        "This is no better than always naming the mean. Does the model see the six columns in the file's order, and "
        "is its output a plain number, without an activation?",
        "Your model has found the direction, no more. Scale the columns inside the model: Normalization, adapted to "
        "the training data, comes first.",
        "You have about what a straight line gets. Put a hidden layer with ReLU between scaling and output.",
        "The bends are not there yet: ice near 0 °C, and the rod in the cold. Two hidden layers of 32 to 64 units, and "
        "fifty epochs or more.",
        "Nearly. Let the learning rate fall towards the end of training, and train by the error that judges you, MAE.",
        "Full points. How few units still reach this rung?",
    ),
)

CHECKS = (HEAT_PUMPS,)
