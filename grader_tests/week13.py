"""Checks of week 13: windows, moving averages, the seasonal baseline, a dense forecaster."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tfcourse.checks import (
    Advice,
    Baseline,
    FixedBudget,
    FunctionCheck,
    Ladder,
    ModelCheck,
    Output,
    Split,
    baselines,
    mean_absolute_error,
    mistake,
    ordinary,
    solution_of,
)
from tfcourse.checks.diagnosis import (
    Diagnosis,
    both,
    diverged,
    lacks,
    no_hidden_layer,
    overfits,
    still_learning,
    unscaled,
)
from tfcourse.checks.records import Array, Case
from tfcourse.datasets.demand import DAY, MOST_HIRES, WEEK, make_demand

WEEKDAYS = 7
TRAINING_DISTRICTS = 1_000
"""Each gives seven windows, one for each weekday that is forecast."""
HIDDEN_DISTRICTS = 3_500
"""Each gives a single window, so that no hidden question can hold another one's answer."""


# --- Task 1: windows ---------------------------------------------------------------------------------


def windows_cases(seed: int) -> Sequence[tuple[str, Case]]:
    """Draw series and window sizes; among them one window exactly, and none at all."""
    rng = np.random.default_rng(seed)

    def case(about: str, length: int, window: int, horizon: int) -> tuple[str, Case]:
        return about, (_walk(rng, length), window, horizon)

    window, horizon = int(rng.integers(4, 8)), int(rng.integers(2, 4))
    return [
        case("one step ahead", 20 + int(rng.integers(10)), window, 1),
        case("several steps ahead", 20 + int(rng.integers(10)), window, horizon),
        case("a horizon longer than the window", 30, 3, 8),
        case("windows of one value", 12, 1, horizon),
        case("a series that holds exactly one window and its label", window + horizon, window, horizon),
        case("a series one value too short for any window", window + horizon - 1, window, horizon),
        case("a series shorter than the window", window - 1, window, horizon),
    ]


windows = FunctionCheck(
    id="week13.windows",
    title="Windows and what follows them",
    points=2,
    skills=("S3", "S8"),
    cases=windows_cases,
    hints=(
        "Write the series 0, 1, 2, …, 9 on paper and mark the windows of 4 with the 2 values that follow. How many "
        "are there, and where does the last one begin?",
        "The last window has to leave room for its label: it begins at len(series) - window - horizon, and that "
        "start counts too. So there are len(series) - window - horizon + 1 of them, or none where that is negative.",
        "Indices can be an array: starts = np.arange(count)[:, None], then series[starts + np.arange(window)] are "
        "all windows at once. The labels are the same with indices shifted by `window`, and shapes stay right even "
        "where count is 0.",
    ),
    reference=solution_of("week13", "windows"),
)


# --- Task 2: the same, in batches from Keras ------------------------------------------------------------


def windowed_dataset_cases(seed: int) -> Sequence[tuple[str, Case]]:
    """Draw series, windows and batch sizes, with full and with smaller last batches."""
    rng = np.random.default_rng(seed)
    window, horizon = int(rng.integers(5, 9)), int(rng.integers(2, 5))

    def case(about: str, count: int, window: int, horizon: int, batch_size: int) -> tuple[str, Case]:
        return about, (_walk(rng, count + window + horizon - 1), window, horizon, batch_size)

    return [
        case("one step ahead", 24, window, 1, 8),
        case("several steps ahead", 24, window, horizon, 8),
        case("a smaller last batch", 24 + int(rng.integers(1, 8)), window, horizon, 8),
        case("fewer windows than a batch holds", 5, window, horizon, 32),
        case("one window only", 1, window, horizon, 4),
        case("more windows than Keras' default batch of 128", 150, window, horizon, 140),
    ]


windowed_dataset = FunctionCheck(
    id="week13.windowed_dataset",
    title="The same windows from Keras, in batches",
    points=2,
    skills=("S8", "T2"),
    cases=windowed_dataset_cases,
    hints=(
        "help(keras.utils.timeseries_dataset_from_array) answers two questions here: what may `targets` be, and "
        "which order and which batch size do you get when you ask for none?",
        "The target with index i goes with the window that BEGINS at i. With the series itself as targets, the label "
        "of each window would be its own first value.",
        "Two ways. Labels that begin where the first window ends: "
        "np.lib.stride_tricks.sliding_window_view(series[window:], horizon). Or sequences of window + horizon "
        "values with targets=None, and each batch cut in two by .map(lambda both: (both[:, :window], both[:, "
        "window:])).",
    ),
    reference=solution_of("week13", "windowed_dataset"),
)


# --- Task 3: trailing and centred moving averages ---------------------------------------------------------


def moving_average_cases(seed: int) -> Sequence[tuple[str, Case]]:
    """Draw series, with gaps and without, and averages of both kinds."""
    rng = np.random.default_rng(seed)

    def case(about: str, length: int, width: int, centred: bool, gap: int | None = None) -> tuple[str, Case]:
        series = _walk(rng, length)
        if gap is not None:
            series[gap] = np.nan
        return about, (series, width, centred)

    odd = 2 * int(rng.integers(1, 4)) + 1
    return [
        case("trailing", 20, odd, False),
        case("centred", 20, odd, True),
        case("trailing, even width", 20, 4, False),
        case("centred, wide", 40, 21, True),
        case("width 1", 8, 1, bool(rng.integers(2))),
        case("a series shorter than the width", 4, 7, True),
        case("trailing, over a gap", 24, odd, False, int(rng.integers(8, 12))),
        case("centred, over a gap", 24, odd, True, int(rng.integers(8, 12))),
    ]


moving_average = FunctionCheck(
    id="week13.moving_average",
    title="Trailing and centred moving averages",
    points=2,
    skills=("S3", "S6"),
    cases=moving_average_cases,
    hints=(
        "Both averages are the same numbers, the means of all full windows. They differ only in the place where "
        "each is written.",
        "A trailing mean is written where its window ends: the first one at index width - 1. A centred one is "
        "written in its middle: the first one at index width // 2.",
        "np.lib.stride_tricks.sliding_window_view(series, width).mean(axis=1) are the means; it raises where the "
        "series is shorter than the width. Begin with np.full(len(series), np.nan) and write them in. A cumulative "
        "sum would carry one gap to the end.",
    ),
    reference=solution_of("week13", "moving_average"),
)


# --- Task 4: the seasonal baseline, and its MAE -------------------------------------------------------------


def seasonal_baseline_cases(seed: int) -> Sequence[tuple[str, Case]]:
    """Draw seasonal histories and what followed, shorter and longer than a season, with gaps and without."""
    rng = np.random.default_rng(seed)

    def case(about: str, period: int, horizon: int, gap: str = "") -> tuple[str, Case]:
        length = 3 * period + int(rng.integers(1, period + 1))
        series = _walk(rng, length + horizon) + 5 * np.sin(2 * np.pi * np.arange(length + horizon) / period)
        history, future = series[:length].copy(), series[length:].copy()
        if gap == "future":
            future[rng.integers(1, horizon)] = np.nan
        if gap == "history":
            history[-int(rng.integers(1, period))] = np.nan
        return about, (history, future, period)

    period = int(rng.integers(6, 10))
    return [
        case("a whole season ahead", period, period),
        case("less than a season ahead", period, period - 3),
        case("two seasons ahead", period, 2 * period),
        case("a season and a half ahead", 8, 12),
        case("a season of one step, which is the last value", 1, 5),
        case("a gap in what followed", period, period, "future"),
        case("a gap in the last season", period, period, "history"),
        case("a gap, two seasons ahead", period, 2 * period, "future"),
    ]


seasonal_baseline = FunctionCheck(
    id="week13.seasonal_baseline",
    title="Last season again, and its MAE",
    points=2,
    skills=("S4", "S8"),
    cases=seasonal_baseline_cases,
    hints=(
        "Take the last `period` values of the history, and say them again and again until there are as many as in "
        "the future.",
        "history[-period + step] is right for the first season only: from step == period on, the index is 0 or "
        "more, and NumPy counts from the beginning of the history. step % period keeps it within the last season.",
        "np.resize(history[-period:], len(future)) repeats as often as it takes. For the MAE, np.nanmean leaves out "
        "the steps where the difference is NaN; np.mean would make the whole MAE NaN.",
    ),
    reference=solution_of("week13", "seasonal_baseline"),
)


# --- Task 5: a dense forecaster ----------------------------------------------------------------------------


def demand_split(seed: int) -> Split:
    """Draw a city: windows of the training districts, and one window from each hidden district."""
    hires = make_demand(TRAINING_DISTRICTS + HIDDEN_DISTRICTS, seed=seed)
    x_train, y_train = training_windows(hires[:TRAINING_DISTRICTS])
    x_test, y_test = hidden_windows(hires[TRAINING_DISTRICTS:])
    return Split(x_train, y_train, x_test, y_test)


def training_windows(districts: Array) -> tuple[Array, Array]:
    """Cut a week and the day that follows at each of seven midnights from every row of two weeks."""
    starts = DAY * np.arange(WEEKDAYS)
    cuts = np.concatenate([districts[:, start : start + WEEK + DAY] for start in starts])
    return cuts[:, :WEEK], cuts[:, WEEK:]


def hidden_windows(districts: Array) -> tuple[Array, Array]:
    """Cut a single week and the day that follows from each row: weekdays take turns, no hour is used twice."""
    starts = DAY * (np.arange(len(districts)) % WEEKDAYS)
    cuts = np.take_along_axis(districts, starts[:, None] + np.arange(WEEK + DAY), axis=1)
    return cuts[:, :WEEK], cuts[:, WEEK:]


def _dense(
    *units: int,
    scaled: str = "Normalization",
    activation: str | None = "relu",
    dropout: float = 0.0,
    loss: str = "mae",
    optimizer: Any = "adam",
    last: str | None = None,
) -> Callable[[Array], Any]:
    """Return a builder of a dense network; optimizers that are named have Keras's own rates.

    Args:
        units: Of the hidden layers.
        scaled: ``Normalization``, ``Rescaling`` to the range from 0 to 1, or empty for raw inputs.
        activation: Of the hidden layers.
        dropout: After each of them.
        loss: By name.
        optimizer: By name, or a function that makes one.
        last: Activation of the last layer.
    """

    def build(x_train: Array) -> Any:
        import keras
        from keras import layers

        model = keras.Sequential([keras.Input(shape=(WEEK,))])
        if scaled == "Normalization":
            normalize = layers.Normalization(axis=None)
            normalize.adapt(x_train)
            model.add(normalize)
        elif scaled == "Rescaling":
            model.add(layers.Rescaling(1 / MOST_HIRES))
        for count in units:
            model.add(layers.Dense(count, activation=activation))
            if dropout:
                model.add(layers.Dropout(dropout))
        model.add(layers.Dense(DAY, activation=last))
        model.compile(optimizer=optimizer() if callable(optimizer) else optimizer, loss=loss)
        return model

    return build


def _slow_adam() -> Any:
    import keras

    return keras.optimizers.Adam(1e-5)


def _named(name: str, baseline: Baseline) -> Baseline:
    return replace(baseline, name=name)


_training = FixedBudget(
    output=Output("value", (DAY,)),
    epochs=40,
    batch_size=64,
    max_parameters=300_000,
    builder_sees="train inputs",
)
_build_model = solution_of("week13", "build_model")

demand_forecaster = ModelCheck(
    id="week13.demand_forecaster",
    title="Tomorrow's hires, hour by hour",
    skills=("S1",),
    data=demand_split,
    training=_training,
    ladder=Ladder(metric=replace(mean_absolute_error, digits=2), thresholds=(33.0, 27.5, 24.5, 21.0, 19.3)),
    baselines=(
        baselines.mean(),
        baselines.last_value(),
        _named("same hour yesterday", baselines.last_season(DAY)),
        _named("same hour last week", baselines.last_season(WEEK)),
        baselines.untrained(_training, _build_model),
        baselines.moving_average(WEEK),
        baselines.linear(),
    ),
    panel=(
        ordinary("one layer of 64, Normalization, MSE", _dense(64, loss="mse")),
        ordinary("two layers of 64, Rescaling, MAE", _dense(64, 64, scaled="Rescaling")),
        ordinary("two layers of 64, raw inputs, MSE", _dense(64, 64, scaled="", loss="mse")),
        ordinary("two layers of 64, Normalization, RMSprop", _dense(64, 64, optimizer="rmsprop")),
        ordinary("256, 128 and 64 with dropout 0.2, MAE", _dense(256, 128, 64, dropout=0.2)),
        mistake("two layers of 64 without activation", _dense(64, 64, activation=None)),
        mistake("no hidden layer, raw inputs, MSE", _dense(scaled="", loss="mse")),
        mistake("a sigmoid at the end", _dense(64, 64, scaled="Rescaling", last="sigmoid")),
        mistake("two layers of 64, a rate of 0.00001", _dense(64, 64, optimizer=_slow_adam)),
        mistake("two layers of 64, raw inputs, MSE, SGD", _dense(64, 64, scaled="", loss="mse", optimizer="sgd")),
    ),
    advice=(
        Advice(
            "The loss became NaN: hires in the hundreds make steep slopes, and the steps overshot. Scale the inputs "
            'with a Normalization layer, and take "adam", which limits its steps.',
            when=diverged,
        ),
        Advice(
            "The network has no hidden layer, so each forecast is a weighted sum of the week, and no such sum can "
            'tell a Sunday from a Monday. Put a Dense layer or two with activation="relu" before the last one.',
            rungs=(0, 1, 2, 3),
            when=no_hidden_layer,
        ),
        Advice(
            "It was still learning after the last epoch, on inputs of up to 400. A Normalization layer in front, "
            "adapted to x_train, usually makes it faster.",
            rungs=(0, 1, 2, 3, 4),
            when=both(still_learning, unscaled),
        ),
        Advice(
            "It was still learning after the last epoch, and the number of epochs is given. Is the learning rate "
            "below Adam's 0.001, or are there very few units?",
            rungs=(0, 1, 2, 3, 4),
            when=still_learning,
        ),
        Advice(
            "Your model is clearly better on the districts that it learned from. Fewer units, or some dropout, "
            "leave it less room for that.",
            rungs=(0, 1, 2, 3, 4),
            when=overfits,
        ),
        Advice(
            "Worse than copying last week. Look at the last layer first: 24 units and no activation, since a sigmoid "
            "cannot say 200 hires. Then at the optimizer, and at its rate.",
            rungs=(0,),
        ),
        Advice(
            "About as good as copying last week. What usually helps is a hidden layer of 32 or more units with "
            'activation="relu", and Adam with its default learning rate.',
            rungs=(1,),
        ),
        Advice(
            "Better than copying, and still short of the best weighted sum of the week. Have the hidden layers an "
            "activation, and does the loss fall from epoch to epoch?",
            rungs=(2,),
        ),
        Advice(
            "About as good as a weighted sum of the week can be. Without an activation any number of Dense layers is "
            "one such sum; with one, see whether more units, or a second hidden layer, get further.",
            rungs=(3,),
        ),
        Advice(
            "The network has learned what a weighted sum cannot. What is left: another size, a second hidden layer, or "
            "training on what you are judged by, the absolute error.",
            rungs=(4,),
        ),
        Advice(
            "Full points. To go on: is your model better on working days or on weekends, by night or by day? And what "
            'does the loss "mse" do to its MAE?',
            rungs=(5,),
        ),
    ),
    hints=(
        "168 numbers go in and 24 come out: the last layer has 24 units, one for each hour of the coming day, and "
        "no activation, since hires are no probabilities.",
        'Hidden layers with activation="relu" let the network treat a weekend differently from a working day.',
        "Counts up to 400 are large inputs. normalize = keras.layers.Normalization(axis=None), then "
        "normalize.adapt(x_train): one mean and one standard deviation for all hours; use it as the first "
        "layer of your model.",
        'The ladder measures the mean absolute error, and a network can be trained on just that: loss="mae".',
    ),
    reference=_build_model,
)


def _walk(rng: np.random.Generator, length: int) -> Array:
    """Return a random walk with two digits: a series in which neither values nor differences repeat themselves."""
    return np.round(20 + np.cumsum(rng.normal(size=length)), 2)


CHECKS = (windows, windowed_dataset, moving_average, seasonal_baseline, demand_forecaster)
