"""Checks of week 16: windows of several series, scaling, skill by the hour, a folder that forecasts, the model."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tfcourse.checks import (
    Advice,
    Baseline,
    FixedBudget,
    Folder,
    FunctionCheck,
    Ladder,
    ModelCheck,
    Output,
    OwnTraining,
    Split,
    baselines,
    mean_absolute_error,
    mistake,
    ordinary,
    rival,
    solution_of,
)
from tfcourse.checks.diagnosis import (
    Diagnosis,
    both,
    diverged,
    has,
    lacks,
    no_hidden_layer,
    not_learning,
    overfits,
    past_its_best,
    still_learning,
    unscaled,
)
from tfcourse.checks.panel import Build, Train, fitted, stopped_early
from tfcourse.checks.records import Array, Case, Task
from tfcourse.datasets.city_bikes import COLUMNS, DAY, KNOWN, PAST, city_csv, make_city_bikes

WINDOW = 3 * DAY
WEEKDAYS = 7
STEPS_AT_ONCE = 32
"""Batches that Keras takes without coming back to Python: the same steps, in less time."""
TRAINING_TOWNS = 1_000
"""Each gives seven windows, one for each weekday that is forecast."""
HIDDEN_TOWNS = 2_500
"""Each gives a single window, so that no hidden question can hold another one's answer."""


# --- Task 1: windows of several series ---------------------------------------------------------------


def multivariate_windows_cases(seed: int) -> Sequence[tuple[str, Case]]:
    """Draw tables and columns; among them one example exactly, and none at all."""
    rng = np.random.default_rng(seed)
    window, horizon = int(rng.integers(5, 9)), int(rng.integers(2, 5))

    def case(about: str, hours: int, window: int, horizon: int, past: list[int], known: list[int]) -> tuple[str, Case]:
        return about, (_table(rng, hours, 5), window, horizon, past, known)

    return [
        case("one hour ahead", 16, window, 1, [0, 1], [2]),
        case("several hours ahead", window + 6 * horizon, window, horizon, [0, 1, 2], [3, 4]),
        case("hours left over at the end", window + 4 * horizon + 1, window, horizon, [0, 2], [4, 1]),
        case("columns in another order", window + 6 * horizon - 1, window, horizon, [3, 0], [4, 2, 1]),
        case("nothing known ahead", window + 5 * horizon, window, horizon, [0, 3], []),
        case("a horizon longer than the window", 30, 3, 7, [0, 1], [2]),
        case("rows for exactly one example", window + horizon, window, horizon, [0, 1], [2, 3]),
        case("one row too few", window + horizon - 1, window, horizon, [0, 1], [2, 3]),
    ]


multivariate_windows = FunctionCheck(
    id="week16.multivariate_windows",
    title="Windows of several series",
    points=2,
    skills=("S2", "S3", "S8"),
    cases=multivariate_windows_cases,
    hints=(
        "Three blocks of hours for an example that starts at hour s: s to s + window for `past`, the same hours plus "
        "`horizon` for `known`, and the `horizon` hours from s + window on for y. The last two end together.",
        "Starts are 0, horizon, 2 · horizon, …; the last one must leave room for window + horizon hours. "
        "np.arange(0, len(rows) - window - horizon + 1, horizon) is all of them, or none.",
        "hours = starts[:, None] + np.arange(window) holds the hours of every window at once. rows[hours] has shape "
        "(count, window, columns), rows[hours][..., past] keeps the columns of a list, in its order, and shapes stay "
        "right even where count is 0.",
    ),
    reference=solution_of("week16", "multivariate_windows"),
)


# --- Task 2: scaled by the past alone -------------------------------------------------------------------


def scale_with_cases(seed: int) -> Sequence[tuple[str, Case]]:
    """Draw tables and windows, whose other part has drifted; with gaps, and with a column that never changes."""
    rng = np.random.default_rng(seed)

    def numbers(*shape: int) -> Array:
        columns = np.arange(1, shape[-1] + 1)
        return np.asarray(np.round(40 * columns + rng.normal(size=shape) * 9 * columns, 2))

    def with_gaps(values: Array) -> Array:
        return np.where(rng.random(values.shape) < 0.15, np.nan, values)

    still = numbers(20, 3)
    still[:, 1] = 7.0
    still_windows = numbers(6, 5, 3)
    still_windows[..., 2] = 0.0
    return [
        ("two tables", (numbers(24, 4), numbers(10, 4) + 25)),
        ("windows", (numbers(8, 6, 3), numbers(5, 6, 3) - 15)),
        ("windows to learn from, and a table", (numbers(8, 6, 3), numbers(6, 3) + 9)),
        ("gaps in both", (with_gaps(numbers(30, 3)), with_gaps(numbers(14, 3)))),
        ("windows with gaps", (with_gaps(numbers(9, 7, 2)), with_gaps(numbers(4, 7, 2)))),
        ("a column that never changes", (still, numbers(9, 3))),
        ("windows with a column that never changes", (still_windows, numbers(4, 5, 3))),
        ("a single hour to scale", (numbers(24, 4), numbers(1, 4))),
    ]


scale_with = FunctionCheck(
    id="week16.scale_with",
    title="Scaled by the past alone",
    points=2,
    skills=("S2", "S3"),
    cases=scale_with_cases,
    hints=(
        "Whatever is measured is measured on `train`. `other` stands for days that have not come yet: nothing about "
        "it may be known, least of all its mean.",
        "One figure a column: average over every axis but the last. For a table that is axis 0, for windows axes 0 "
        "and 1; axes = tuple(range(train.ndim - 1)) says both.",
        "np.nanmean and np.nanstd leave gaps out and take a tuple of axes. Before you divide: "
        "np.where(spread == 0, 1, spread).",
    ),
    reference=solution_of("week16", "scale_with"),
)


# --- Task 3: skill, hour by hour -------------------------------------------------------------------------


def skill_by_hour_cases(seed: int) -> Sequence[tuple[str, Case]]:
    """Draw days whose forecasts get worse by the hour; gaps in each of the three, and hours without an error."""
    rng = np.random.default_rng(seed)

    def case(about: str, days: int, hours: int, gaps: str = "", exact: str = "") -> tuple[str, Case]:
        y = np.round(rng.uniform(20, 300, (days, hours)))
        forecast = y + rng.normal(size=y.shape) * np.linspace(4, 25, hours)
        baseline = y + rng.normal(size=y.shape) * rng.uniform(10, 30, hours)
        parts = {"truth": y, "forecast": forecast, "baseline": baseline}
        for name, part in parts.items():
            if name in gaps:
                holes = rng.random(part.shape) < 0.25
                holes[0] = False  # one day of each hour is whole
                part[holes] = np.nan
        hour = int(rng.integers(hours))
        if exact:
            parts[exact][:, hour] = y[:, hour]
        return about, (y, forecast, baseline)

    return [
        case("no gaps", 12, 6),
        case("a whole day of 24 hours", 9, 24),
        case("gaps in the truth", 12, 5, gaps="truth"),
        case("gaps in the baseline", 12, 5, gaps="baseline"),
        case("gaps in all three", 16, 4, gaps="truth forecast baseline"),
        case("an hour where the forecast is never wrong", 10, 4, exact="forecast"),
        case("an hour where the baseline is never wrong", 10, 4, exact="baseline"),
        case("a single day", 1, 6),
    ]


skill_by_hour = FunctionCheck(
    id="week16.skill_by_hour",
    title="Skill, hour by hour",
    points=2,
    skills=("S1", "S7"),
    cases=skill_by_hour_cases,
    hints=(
        "First one MAE for each hour: the mean over the days, axis 0. Only then divide. A mean of ratios is "
        "something else, and one lucky day of the baseline would rule it.",
        "A fair comparison counts the same cells on both sides. there = ~np.isnan(y + forecast + baseline) marks the "
        "cells where all three exist: NaN plus anything is NaN.",
        "np.nanmean(np.where(there, np.abs(y - prediction), np.nan), axis=0) is the MAE over those cells. Where the "
        "baseline's is 0, put NaN in its place before you divide.",
    ),
    reference=solution_of("week16", "skill_by_hour"),
)


# --- Task 4: a folder that forecasts ---------------------------------------------------------------------


def forecast_from_cases(seed: int) -> Sequence[tuple[str, Case]]:
    """Draw towns, their files with gaps and without, and small networks of random weights."""
    rng = np.random.default_rng(seed)
    towns = make_city_bikes(7, seed=int(rng.integers(2**60)), days=6)
    all_past, all_known = list(PAST), list(KNOWN)
    few_past, few_known = ["temperature", "hires"], ["rain_forecast", "free"]
    wide = _model_file(rng, 2 * DAY, len(PAST) + len(KNOWN))
    narrow = _model_file(rng, DAY, len(few_past) + len(few_known))
    low = _model_file(rng, DAY, len(few_past) + len(few_known), bias=-0.6)

    def case(
        about: str, model: bytes, past: list[str], known: list[str], *, days: int = 4, gaps: float = 0.0, **table: Any
    ) -> tuple[str, Case]:
        rows = np.array(towns[len(cases)][: (days + 1) * DAY], dtype=float)
        scaling = {
            "past": past,
            "known": known,
            "mean": dict(zip(COLUMNS, np.round(rows.mean(axis=0), 3).tolist(), strict=True)),
            "spread": dict(zip(COLUMNS, np.round(rows.std(axis=0) + 0.5, 3).tolist(), strict=True)),
        }
        rows[-DAY:, :4] = np.nan
        text = city_csv(rows, gaps=gaps, seed=int(rng.integers(2**60)))
        if days > 1:  # a first day without gaps, but where that is what the case is about
            text = "\n".join(city_csv(rows).splitlines()[: DAY + 1] + text.splitlines()[DAY + 1 :])
        files = {
            "history.csv": _arranged(text, rng, **table).encode(),
            "scaling.json": json.dumps(scaling).encode(),
            "model.keras": model,
        }
        return about, (Folder(files),)

    cases: list[tuple[str, Case]] = []
    cases.append(case("two columns each, as long a history as the window", narrow, few_past, few_known, days=1))
    cases.append(case("a longer history than the window", narrow, few_past, few_known))
    cases.append(case("all columns, and a window of two days", wide, all_past, all_known))
    cases.append(case("columns in another order, and one more", wide, all_past, all_known, shuffled=True))
    cases.append(case("gaps in what was measured", wide, all_past, all_known, gaps=0.15))
    cases.append(case("gaps in the first day", narrow, few_past, few_known, days=1, gaps=0.2, first_gap=True))
    cases.append(case("a night for which the model answers fewer than no hires", low, few_past, few_known))
    return cases


def _arranged(text: str, rng: np.random.Generator, *, shuffled: bool = False, first_gap: bool = False) -> str:
    """Return a CSV file with a column more and all of them shuffled, or with gaps in its very first line."""
    rows = [line.split(",") for line in text.splitlines()]
    if first_gap:
        rows[1][1:5] = [""] * 4
    if shuffled:
        rows = [[*row, "station" if number == 0 else "Harbour Square"] for number, row in enumerate(rows)]
        order = rng.permutation(len(rows[0]))
        rows = [[row[column] for column in order] for row in rows]
    return "\n".join(",".join(row) for row in rows) + "\n"


def _model_file(rng: np.random.Generator, window: int, features: int, bias: float = 0.0) -> bytes:
    """Return the bytes of a ``.keras`` file with random weights: the same bytes for the same numbers."""
    import keras

    model = keras.Sequential(
        [
            keras.Input(shape=(window, features), name="window"),
            keras.layers.Flatten(name="flatten"),
            keras.layers.Dense(6, activation="tanh", kernel_initializer="zeros", name="hidden"),
            keras.layers.Dense(DAY, kernel_initializer="zeros", name="day"),
        ],
        name="forecaster",
    )
    shapes = [weight.shape for weight in model.get_weights()]
    weights = [rng.normal(size=shape) / np.sqrt(shape[0]) for shape in shapes]
    weights[-1] = 0.3 * weights[-1] + bias
    model.set_weights([weight.astype("float32") for weight in weights])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        return _without_dates(path.read_bytes())


def _without_dates(archive: bytes) -> bytes:
    """Pack a ``.keras`` file anew, so that it no longer says when it was saved."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(packed, "w") as new:
        for name in sorted(old.namelist()):
            content = old.read(name)
            if name == "metadata.json":
                content = json.dumps({**json.loads(content), "date_saved": "2026-01-01@00:00:00"}).encode()
            new.writestr(zipfile.ZipInfo(name), content)
    return packed.getvalue()


forecast_from = FunctionCheck(
    id="week16.forecast_from",
    title="A folder that forecasts",
    points=3,
    skills=("S3", "S7", "T6"),
    cases=forecast_from_cases,
    tolerance=1e-3,
    hints=(
        "Work in the order of the task and print after each step: a list of dictionaries from csv.DictReader, one "
        "array for each column, the gaps filled, the scaled columns, and then one window of shape (1, window, "
        "features). keras.models.load_model(path, compile=False) gives the model, and model.input_shape[1] its window.",
        "Fill gaps from the oldest hour on, so that a value that was filled can fill the next day's gap. Mind the "
        "first 24 lines: values[hour - 24] does not fail there, it counts from the end of the array.",
        "Midnight is hour len(lines) - 24. Past columns are the hours from midnight - window to midnight; known "
        "columns are the same hours plus 24, so that they end with the last line of the file.",
        'The model answers in scaled hires: answer * spread["hires"] + mean["hires"], and then np.maximum(…, 0). '
        'The size is (folder / "model.keras").stat().st_size.',
    ),
    reference=solution_of("week16", "forecast_from"),
)


# --- Task 5: the model -----------------------------------------------------------------------------------


def city_split(seed: int) -> Split:
    """Draw towns: windows of the training towns, and one window from each hidden town."""
    towns = make_city_bikes(TRAINING_TOWNS + HIDDEN_TOWNS, seed=seed)
    x_train, y_train = training_windows(towns[:TRAINING_TOWNS])
    x_test, y_test = hidden_windows(towns[TRAINING_TOWNS:])
    return Split(x_train, y_train, x_test, y_test)


def training_windows(towns: Array) -> tuple[Array, Array]:
    """Cut three days and the day that follows at each of seven midnights from every row of two weeks, town by town."""
    parts = [_cut(towns, np.full(len(towns), DAY * weekday)) for weekday in range(WEEKDAYS)]
    x, y = (np.stack(arrays, axis=1) for arrays in zip(*parts, strict=True))
    return x.reshape(-1, *x.shape[2:]), y.reshape(-1, DAY)


def hidden_windows(towns: Array) -> tuple[Array, Array]:
    """Cut a single window and the day that follows from each row: weekdays take turns, no hour is used twice."""
    return _cut(towns, DAY * (np.arange(len(towns)) % WEEKDAYS))


def _cut(towns: Array, starts: Array) -> tuple[Array, Array]:
    """Cut a window that begins at `starts` from each row, as Task 1 asks for it."""
    past, known = [COLUMNS.index(name) for name in PAST], [COLUMNS.index(name) for name in KNOWN]
    town, hours = np.arange(len(towns))[:, None], starts[:, None] + np.arange(WINDOW)
    x = np.concatenate([towns[town, hours][..., past], towns[town, hours + DAY][..., known]], axis=-1)
    return x, towns[town, starts[:, None] + WINDOW + np.arange(DAY), 0]


Layers = Callable[[], list[Any]]


def _hidden(*units: int, activation: str | None = "relu", dropout: float = 0.0) -> Layers:
    """Return a function that makes dense layers on the flattened window."""

    def make() -> list[Any]:
        from keras import layers

        made: list[Any] = [layers.Flatten()]
        for count in units:
            made.append(layers.Dense(count, activation=activation))
            if dropout:
                made.append(layers.Dropout(dropout))
        return made

    return make


def _convolutions() -> list[Any]:
    from keras import layers

    return [
        layers.Conv1D(32, 3, activation="relu"),
        layers.MaxPooling1D(),
        layers.Conv1D(32, 3, activation="relu"),
        layers.Flatten(),
        layers.Dense(64, activation="relu"),
    ]


def _network(
    hidden: Layers, *, loss: str = "mae", optimizer: Any = "adam", columns: int = 11, scaled: bool = True
) -> Callable[[Array], Any]:
    """Return a builder of a network; optimizers that are named have Keras's own rates.

    Args:
        hidden: Makes the layers between the inputs and the answer.
        loss: By name.
        optimizer: By name, or a function that makes one.
        columns: How many of the columns are looked at, from the first.
        scaled: Whether a Normalization layer comes first.
    """

    def build(x_train: Array) -> Any:
        import keras

        inputs = x = keras.Input(shape=x_train.shape[1:])
        if scaled:
            normalize = keras.layers.Normalization()
            normalize.adapt(x_train)
            x = normalize(x)
        if columns < x_train.shape[-1]:
            x = x[..., :columns]
        for layer in (*hidden(), keras.layers.Dense(DAY)):
            x = layer(x)
        model = keras.Model(inputs, x)
        optimizing = optimizer() if callable(optimizer) else optimizer
        model.compile(optimizer=optimizing, loss=loss, steps_per_execution=STEPS_AT_ONCE)
        return model

    return build


_fitted = partial(fitted, batch_size=64)


def _stopped_early(build: Build, patience: int = 4, epochs: int = 40) -> Train:
    return stopped_early(build, patience, epochs, batch_size=64)


def _slow_adam() -> Any:
    import keras

    return keras.optimizers.Adam(1e-5)


def _two_days_ago(split: Split) -> Array:
    """Copy the day before yesterday."""
    return np.asarray(split.x_test[:, WINDOW - 2 * DAY : WINDOW - DAY, 0])


def _mean_of_the_same_hour(split: Split) -> Array:
    """Average the same hour over the three days of the window."""
    hires = split.x_test[..., 0]
    return np.asarray(hires.reshape(len(hires), -1, DAY).mean(axis=1))


def _named(name: str, baseline: Baseline) -> Baseline:
    return replace(baseline, name=name)


_DENSE = FixedBudget(Output("value", (DAY,)), epochs=20, batch_size=64, builder_sees="train inputs")

city_forecaster = ModelCheck(
    id="week16.city_forecaster",
    title="Tomorrow's hires, from all that is known",
    skills=("S1", "S2", "S7"),
    data=city_split,
    training=OwnTraining(Output("value", (DAY,)), budget=150, max_parameters=300_000),
    ladder=Ladder(metric=replace(mean_absolute_error, digits=2), thresholds=(31.0, 24.5, 19.3, 15.1, 14.2)),
    baselines=(
        baselines.mean(),
        baselines.last_value(),
        _named("same hour yesterday", baselines.last_season(DAY)),
        Baseline("same hour two days ago", "does not learn", _two_days_ago),
        Baseline("mean of the same hour over three days", "does not learn", _mean_of_the_same_hour),
        baselines.untrained(_DENSE, _network(_hidden(64, 64))),
        baselines.linear(),
    ),
    panel=(
        ordinary("two layers of 128, MAE, Adam, early stopping", _stopped_early(_network(_hidden(128, 128)))),
        ordinary("two layers of 64, MSE, early stopping", _stopped_early(_network(_hidden(64, 64), loss="mse"))),
        ordinary("one layer of 64, MAE, 25 epochs", _fitted(_network(_hidden(64)), 25)),
        ordinary("256 and 128 with dropout 0.2", _stopped_early(_network(_hidden(256, 128, dropout=0.2)))),
        ordinary(
            "128 and 64, Huber, RMSprop",
            _stopped_early(_network(_hidden(128, 64), loss="huber", optimizer="rmsprop")),
        ),
        ordinary("two convolutions and Dense(64), 15 epochs", _fitted(_network(_convolutions), 15)),
        rival("two layers of 128 on the hires alone", _stopped_early(_network(_hidden(128, 128), columns=1)), "S2"),
        rival("two layers of 128, and no report", _stopped_early(_network(_hidden(128, 128), columns=6)), "S2"),
        mistake("two layers of 128 without activation", _stopped_early(_network(_hidden(128, 128, activation=None)))),
        mistake("two layers of 128, 2 epochs", _fitted(_network(_hidden(128, 128)), 2)),
        mistake("a rate of 0.00001, 15 epochs", _fitted(_network(_hidden(128, 128), optimizer=_slow_adam), 15)),
    ),
    advice=(
        Advice(
            "The loss became NaN. Columns that differ a thousandfold, a large rate, or both: put a Normalization layer "
            'in front, adapted to x_train, and take "adam" as it comes.',
            when=diverged,
        ),
        Advice(
            "The network has no hidden layer, so each forecast is a weighted sum of the window. Rain multiplies where "
            'a sum can only add: put a Dense layer or two with activation="relu" before the last one.',
            rungs=(0, 1, 2, 3),
            when=no_hidden_layer,
        ),
        Advice(
            "A recurrent layer answers between -1 and 1, and hires are in the hundreds: most of the training goes into "
            "getting there. Let the last Dense layer answer in scaled hires, and put a Rescaling(spread, mean) of "
            "y_train behind it.",
            rungs=(0, 1, 2, 3, 4),
            when=both(still_learning, has("LSTM", "GRU", "SimpleRNN")),
        ),
        Advice(
            "The loss hardly moved. Is the learning rate far too small, or the last layer one with an activation that "
            "cannot say 200 hires?",
            rungs=(0, 1, 2),
            when=not_learning,
        ),
        Advice(
            "It was still learning when the training ended, and its inputs are not scaled. Columns that differ a "
            "thousandfold want a Normalization layer in front, adapted to x_train; and give it more epochs.",
            rungs=(0, 1, 2, 3, 4),
            when=both(still_learning, unscaled),
        ),
        Advice(
            "It was still learning when the training ended: the loss falls to the last epoch. Give it more of them, "
            "and let the validation loss say when it is enough.",
            rungs=(0, 1, 2, 3, 4),
            when=still_learning,
        ),
        Advice(
            "It went on past its best: the validation loss has risen since. Stop there and keep those weights, as "
            "EarlyStopping with restore_best_weights does.",
            rungs=(0, 1, 2, 3, 4),
            when=both(overfits, past_its_best),
        ),
        Advice(
            "It is clearly better on the towns that it learned from. Hold some windows back to see when that begins; "
            "then stop earlier, take fewer units, or try some dropout.",
            rungs=(0, 1, 2, 3, 4),
            when=overfits,
        ),
        Advice(
            "Worse than copying yesterday. Look at the last layer first: 24 units and no activation. Then at the "
            "curve of the loss: does it fall?",
            rungs=(0,),
        ),
        Advice(
            "About as good as copying yesterday. Whatever reads the window at all should pass that: does the model see "
            "all 72 hours, and did it learn for long enough?",
            rungs=(1,),
        ),
        Advice(
            "Better than any copy, and no better than what the hires alone can tell. Does the model see all eleven "
            "columns? The last 24 rows of the report say most about the coming day.",
            rungs=(2,),
        ),
        Advice(
            "About as good as a weighted sum of everything can be. Have the hidden layers an activation, does the "
            "model see the report, and had the loss stopped falling when the training ended?",
            rungs=(3,),
        ),
        Advice(
            "The network has learned what a sum cannot. What is left: another size, a rate that falls at the end, or "
            "training once more on all windows for as many epochs as proved best.",
            rungs=(4,),
        ),
        Advice(
            "Full points. To go on: compute the skill of each hour. Where does the report help most, and where would a "
            "better report help?",
            rungs=(5,),
        ),
    ),
    hints=(
        "A window has two axes, 72 hours and 11 columns, and Dense works on the last one only: flatten before it, "
        "or have convolutions read the hours. The last layer has 24 units, and no activation.",
        "The columns differ a thousandfold in size. normalize = keras.layers.Normalization(), then "
        "normalize.adapt(x_train): one mean and one standard deviation for each column; use it as the first "
        "layer of your model.",
        'Hidden layers with activation="relu" let rain cost more in a busy town than in a quiet one. Behind a '
        "recurrent layer answers are small numbers: a Rescaling(spread, mean) at the very end makes hires of them.",
        "Hold a fifth back and have EarlyStopping watch its loss: the curve falls fast, then slowly for long. Some "
        "patience pays, and so does restore_best_weights.",
    ),
    reference=solution_of("week16", "train_model"),
)


def _table(rng: np.random.Generator, hours: int, columns: int) -> Array:
    """Return numbers with two digits of which no two are alike."""
    return np.asarray(
        np.round(20 + np.cumsum(rng.uniform(0.1, 1.0, (hours, columns)).ravel()), 2).reshape(hours, columns)
    )


CHECKS = (multivariate_windows, scale_with, skill_by_hour, forecast_from, city_forecaster)
