"""Exam problems of the first kind: a basic model of a table."""

from __future__ import annotations

import json
from collections.abc import Callable
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
    rival,
)
from tfcourse.checks.diagnosis import Diagnosis, no_hidden_layer, overfits, unscaled
from tfcourse.checks.records import Array
from tfcourse.datasets import beehives, ships
from tfcourse.datasets.heat_pumps import FEATURES, make_heat_pumps


def _csv(names: tuple[str, ...], x: Array, y: Array, digits: str) -> bytes:
    """Return a table as the text of a CSV file, the target last."""
    rows = [
        ",".join([*(f"{value:g}" for value in row), format(target, digits)]) for row, target in zip(x, y, strict=True)
    ]
    return ("\n".join([",".join(names), *rows]) + "\n").encode()


_Last = tuple[int, str | None, str]
"""Units, activation and loss of a last layer."""
_VALUE: _Last = (1, None, "mse")
_PROBABILITY = (1, "sigmoid", "binary_crossentropy")
_PROBABILITIES = (6, "softmax", "sparse_categorical_crossentropy")


def _network(
    last: _Last,
    x_train: Array,
    units: tuple[int, ...] = (64, 64),
    *,
    scaled: bool = True,
    dropout: float = 0.0,
    loss: str | None = None,
    optimizer: str = "adam",
) -> Any:
    """Build a network of dense layers; optimizer and rate as Keras has them."""
    import keras
    from keras import layers

    model = keras.Sequential([keras.Input(x_train.shape[1:])])
    if scaled:
        model.add(layers.Normalization())
        model.layers[0].adapt(x_train)
    for count in units:
        model.add(layers.Dense(count, activation="relu"))
        if dropout:
            model.add(layers.Dropout(dropout))
    model.add(layers.Dense(last[0], activation=last[1]))
    model.compile(optimizer=optimizer, loss=loss or last[2])
    return model


def _small(last: _Last, *, scaled: bool = True) -> Callable[[Array], Any]:
    """Return the builder of a small one, for a baseline."""
    return lambda x_train: _network(last, x_train, (16,), scaled=scaled)


def _fitted(
    last: _Last,
    *units: int,
    epochs: int = 50,
    batch_size: int = 32,
    patience: int = 0,
    **network: Any,
) -> Callable[[Split], Any]:
    """Return a training of such a network.

    Args:
        last: Its last layer.
        units: Of its hidden layers.
        epochs: At most.
        batch_size: Examples in a step.
        patience: Epochs without progress on a fifth that is held back, after which training stops and the best weights
            return; 0: nothing is held back.
        network: As in `_network`.
    """

    def train(split: Split) -> Any:
        import keras

        model = _network(last, split.x_train, units, **network)
        stop = keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True)
        more = {"validation_split": 0.2, "callbacks": [stop]} if patience else {}
        model.fit(split.x_train, split.y_train, epochs=epochs, batch_size=batch_size, verbose=0, **more)
        return model

    return train


def _scaled_outside(last: _Last, epochs: int = 50) -> Callable[[Split], Any]:
    """Return a training on columns that were scaled beforehand: the model itself knows nothing of it."""

    def train(split: Split) -> Any:
        x = (split.x_train - split.x_train.mean(axis=0)) / split.x_train.std(axis=0)
        return _fitted(last, 64, 64, epochs=epochs, scaled=False)(replace(split, x_train=x))

    return train


# --- What a heat pump takes ---

_PUMPS, _HIDDEN_PUMPS = 3_000, 2_000


def _heat_pumps(seed: int) -> Split:
    x, y = make_heat_pumps(_PUMPS + _HIDDEN_PUMPS, seed=seed)
    split = Split(x[:_PUMPS], y[:_PUMPS], x[_PUMPS:], y[_PUMPS:])
    return replace(split, files={"readings.csv": _csv((*FEATURES, "power_kw"), split.x_train, split.y_train, ".3f")})


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
        baselines.untrained(_ONE_VALUE, _small(_VALUE)),
        baselines.linear(),
        baselines.network("small network on raw columns", _ONE_VALUE, _small(_VALUE, scaled=False)),
    ),
    panel=(
        ordinary("64 and 64 units, mse, 50 epochs", _fitted(_VALUE, 64, 64)),
        ordinary("64 and 64 units, mae, RMSprop, 50 epochs", _fitted(_VALUE, 64, 64, loss="mae", optimizer="rmsprop")),
        ordinary("128, 64 and 32 units, early stopping", _fitted(_VALUE, 128, 64, 32, epochs=150, patience=10)),
        ordinary("32 and 16 units, 60 epochs", _fitted(_VALUE, 32, 16, epochs=60)),
        ordinary("one layer of 64, 60 epochs", _fitted(_VALUE, 64, epochs=60)),
        mistake("raw columns, 64 and 64 units, 100 epochs", _fitted(_VALUE, 64, 64, epochs=100, scaled=False)),
        mistake(
            "raw columns, 128 and 128 units, mae, early stopping",
            _fitted(_VALUE, 128, 128, epochs=200, patience=20, loss="mae", scaled=False),
        ),
        mistake("scaled outside of the model", _scaled_outside(_VALUE)),
        rival("no hidden layer, 100 epochs", _fitted(_VALUE, epochs=100), "B5"),
    ),
    reference=exam_solution("heat_pumps"),
    advice=(
        Advice(
            "Values in the thousands reach the first layer. Normalization, adapted to the training data, belongs into "
            "the model, in front of it: what you scale before fit(), the hidden houses never see.",
            rungs=(0, 1, 2, 3),
            when=unscaled,
        ),
        Advice(
            "Without a hidden layer, a model knows straight lines. Put one or two Dense layers with ReLU between "
            "scaling and output.",
            rungs=(0, 1, 2, 3),
            when=no_hidden_layer,
        ),
        Advice(
            "This is no better than always naming the mean. Does the model see the six columns in the file's order, "
            "and is its output a plain number, without an activation?",
            rungs=(0,),
        ),
        Advice(
            "You have about what a straight line gets. Is the loss mse or mae, are there hidden layers with ReLU, and "
            "did training go on until the loss hardly fell?",
            rungs=(1, 2),
        ),
        Advice(
            "The bends are not there yet: ice near 0 °C, and the rod in the cold. A few more units, and training until "
            "the validation loss no longer falls.",
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
        baselines.untrained(_ONE_PROBABILITY, _small(_PROBABILITY)),
        baselines.logistic(),
        baselines.network("small network on raw columns", _ONE_PROBABILITY, _small(_PROBABILITY, scaled=False)),
    ),
    panel=(
        ordinary("64 and 64 units, 30 epochs", _fitted(_PROBABILITY, 64, 64, epochs=30)),
        ordinary("64 and 32 units, early stopping", _fitted(_PROBABILITY, 64, 32, epochs=100, patience=10)),
        ordinary("32 and 16 units, RMSprop, 50 epochs", _fitted(_PROBABILITY, 32, 16, optimizer="rmsprop")),
        ordinary("128, 64 and 32 units, dropout 0.3", _fitted(_PROBABILITY, 128, 64, 32, dropout=0.3)),
        ordinary("one layer of 64, 50 epochs", _fitted(_PROBABILITY, 64)),
        mistake("raw columns, 64 and 64 units, 100 epochs", _fitted(_PROBABILITY, 64, 64, epochs=100, scaled=False)),
        mistake(
            "raw columns, 128 and 128 units, early stopping",
            _fitted(_PROBABILITY, 128, 128, epochs=200, patience=20, scaled=False),
        ),
        mistake("scaled outside of the model", _scaled_outside(_PROBABILITY)),
        rival("no hidden layer, 100 epochs", _fitted(_PROBABILITY, epochs=100), "B5"),
    ),
    reference=exam_solution("beehives"),
    advice=(
        Advice(
            "Values in the thousands reach the first layer. Normalization, adapted to the training data, belongs into "
            "the model, in front of it: what you scale before fit(), the hidden hives never see.",
            rungs=(0, 1, 2, 3),
            when=unscaled,
        ),
        Advice(
            "Without a hidden layer, a model draws one straight border. Put one or two Dense layers with ReLU between "
            "scaling and output.",
            rungs=(0, 1, 2, 3),
            when=no_hidden_layer,
        ),
        Advice(
            "Your network knows its own hives far better than these. Train fewer epochs, hold some hives back to see "
            "how many, and try Dropout.",
            rungs=(2, 3, 4),
            when=overfits,
        ),
        Advice(
            "This is no better than a coin. Does the model see the seven columns in the file's order, does it end in "
            "one sigmoid, and is 1 a colony that lives?",
            rungs=(0,),
        ),
        Advice(
            "Your model has begun to learn, no more. Is the loss binary_crossentropy, and does it still fall in the "
            "last epoch? Thirty epochs are not many for a table of this size.",
            rungs=(1, 2),
        ),
        Advice(
            "You have about what logistic regression gets. Two hidden layers of 32 to 64 units and some thirty epochs "
            "find what a straight border cannot: a best week for the treatment, say.",
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


def _by_the_alphabet(split: Split) -> Any:
    number = np.argsort(np.argsort(ships.DOINGS))
    return _fitted(_PROBABILITIES, 64, 64, epochs=30)(replace(split, y_train=number[split.y_train]))


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
        baselines.untrained(_SIX_PROBABILITIES, _small(_PROBABILITIES)),
        baselines.logistic(),
        baselines.network(
            "small network on raw columns",
            _SIX_PROBABILITIES,
            _small(_PROBABILITIES, scaled=False),
        ),
    ),
    panel=(
        ordinary("64 and 64 units, 30 epochs", _fitted(_PROBABILITIES, 64, 64, epochs=30)),
        ordinary("64 and 32 units, early stopping", _fitted(_PROBABILITIES, 64, 32, epochs=150, patience=10)),
        ordinary("32 and 16 units, RMSprop, 50 epochs", _fitted(_PROBABILITIES, 32, 16, optimizer="rmsprop")),
        ordinary("128, 64 and 32 units, dropout 0.3", _fitted(_PROBABILITIES, 128, 64, 32, dropout=0.3)),
        ordinary("one layer of 64, 50 epochs", _fitted(_PROBABILITIES, 64)),
        mistake("raw columns, 64 and 64 units, 100 epochs", _fitted(_PROBABILITIES, 64, 64, epochs=100, scaled=False)),
        mistake(
            "raw columns, 128 and 128 units, early stopping",
            _fitted(_PROBABILITIES, 128, 128, epochs=200, patience=20, scaled=False),
        ),
        mistake("scaled outside of the model", _scaled_outside(_PROBABILITIES)),
        mistake("doings numbered by the alphabet", _by_the_alphabet),
        rival("no hidden layer, 100 epochs", _fitted(_PROBABILITIES, epochs=100), "B5"),
    ),
    labels=ships.DOINGS,
    reference=exam_solution("ships"),
    advice=(
        Advice(
            "Values in the thousands reach the first layer. Normalization, adapted to the training data, belongs into "
            "the model, in front of it: what you scale before fit(), the hidden reports never see.",
            rungs=(0, 1, 2, 3),
            when=unscaled,
        ),
        Advice(
            "Without a hidden layer, a model draws straight borders. Put one or two Dense layers with ReLU between "
            "scaling and output.",
            rungs=(0, 1, 2, 3),
            when=no_hidden_layer,
        ),
        Advice(
            "Your network knows its own reports far better than these. Train fewer epochs, hold some reports back to "
            "see how many, and try Dropout.",
            rungs=(3, 4),
            when=overfits,
        ),
        Advice(
            "This is hardly better than guessing one of six. Do the numbers of your labels follow the statement's "
            "order, not the alphabet's, and did no gap become NaN? Look at the loss.",
            rungs=(0, 1),
        ),
        Advice(
            "Are the labels numbered in the statement's order, and the columns in that of the file? If so, is the loss "
            "still falling in the last epoch? Then train longer.",
            rungs=(2,),
        ),
        Advice(
            "You have about what straight borders get. The wind from 359 degrees is the wind from 1 degree: hidden "
            "layers with ReLU find that, given some thirty epochs.",
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
