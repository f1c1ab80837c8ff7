"""Exam problems of the last kind: forecasts from windows of a time series."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
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
    baselines,
    exam_solution,
    mean_absolute_error,
    mistake,
    ordinary,
)
from tfcourse.checks.records import Array
from tfcourse.datasets.rivers import COLUMNS as RIVER_COLUMNS
from tfcourse.datasets.rivers import make_rivers
from tfcourse.datasets.sumps import MINUTES, make_sumps
from tfcourse.datasets.wind_farms import COLUMNS as FARM_COLUMNS
from tfcourse.datasets.wind_farms import DAY, make_wind_farms

_LIMITS = {"max_parameters": 200_000, "most_bytes": 5 * 2**20}


def _csv(header: Iterable[str], lines: Iterable[Sequence[str]]) -> bytes:
    """Return the text of a CSV file."""
    return ("\n".join([",".join(header), *(",".join(line) for line in lines)]) + "\n").encode()


def _times(start: str, count: int, minutes: int) -> list[str]:
    """Return `count` times, as ``2024-03-04 00:05``."""
    times = np.datetime64(start, "m") + minutes * np.arange(count)
    return [text.replace("T", " ") for text in np.datetime_as_string(times).tolist()]


def in_metres(centimetres: Array) -> Array:
    """Return levels in m, float32, to the millimetre: of the size of 1, as the numbers that networks begin with."""
    return np.round(np.asarray(centimetres, dtype=np.float64) / 100, 3).astype(np.float32)


def cut_windows(rows: Array, starts: Array, window: int, ahead: Array) -> tuple[Array, Array]:
    """Cut windows out of every row.

    Args:
        rows: Shape (n, time) or (n, time, columns); the first column is what is forecast.
        starts: Where windows begin, shape (k,).
        window: Their length.
        ahead: Which steps are forecast, counted from the end of a window, 0 being the first one.

    Returns:
        Inputs of shape (n * k, window) or (n * k, window, columns), and targets of shape (n * k, len(ahead)).
    """
    at = np.asarray(starts)[:, None]
    x = rows[:, at + np.arange(window)]
    series = rows if rows.ndim == 2 else rows[..., 0]
    y = series[:, at + window + ahead]
    return x.reshape(-1, *x.shape[2:]), y.reshape(-1, len(ahead))


def _network(window: int, columns: int, horizon: int, units: int, *, steps: int = 1) -> Any:
    """Return what builds a network on the flattened, normalized window: linear where `units` is 0.

    Its outputs begin around the mean of the first column, so that few of the `steps` of training are lost on the way.
    """

    def build(x_train: Array) -> Any:
        import keras

        layers = keras.layers
        normalize = layers.Normalization()
        normalize.adapt(x_train)
        series = x_train[..., 0]
        hidden = [layers.Dense(units, activation="relu")] if units else []
        model = keras.Sequential(
            [
                keras.Input(shape=(window, columns)),
                normalize,
                layers.Flatten(),
                *hidden,
                layers.Dense(horizon),
                layers.Rescaling(float(series.std()), float(series.mean())),
            ]
        )
        rate = keras.optimizers.schedules.CosineDecay(0.01, steps)
        model.compile(optimizer=keras.optimizers.Adam(rate), loss="mae")
        return model

    return build


def _dense(*units: int, dropout: float = 0.0) -> Callable[[], list[Any]]:
    """Return a function that makes dense layers on the flattened window."""

    def make() -> list[Any]:
        from keras import layers

        made: list[Any] = [layers.Flatten()]
        for count in units:
            made += [layers.Dense(count, activation="relu"), *([layers.Dropout(dropout)] if dropout else [])]
        return made

    return make


def _convolutions() -> list[Any]:
    from keras import layers

    return [
        layers.Conv1D(32, 3, activation="relu"),
        layers.Conv1D(32, 3, activation="relu"),
        layers.Flatten(),
        layers.Dense(64, activation="relu"),
    ]


def _lstm() -> list[Any]:
    from keras import layers

    return [layers.LSTM(64)]


def _fitted(
    middle: Callable[[], list[Any]],
    *,
    epochs: int = 30,
    patience: int = 0,
    loss: str = "mae",
    optimizer: str = "adam",
    normalized: bool = True,
    activation: str | None = None,
) -> Callable[[Split], Any]:
    """Return a training, optimizer and rate as Keras has them.

    Args:
        middle: Makes the layers between inputs and answer.
        epochs: At most.
        patience: Epochs without progress on the last fifth, after which training stops and the best weights return;
            0: nothing is held back.
        loss: By name.
        optimizer: By name.
        normalized: Whether a Normalization layer comes first.
        activation: Of the last layer.
    """

    def train(split: Split) -> Any:
        import keras

        model = keras.Sequential([keras.Input(shape=split.x_train.shape[1:])])
        if normalized:
            normalize = keras.layers.Normalization()
            normalize.adapt(split.x_train)
            model.add(normalize)
        for layer in (*middle(), keras.layers.Dense(split.y_train.shape[-1], activation=activation)):
            model.add(layer)
        model.compile(optimizer=optimizer, loss=loss, steps_per_execution=32)
        stop = keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True)
        more = {"validation_split": 0.2, "callbacks": [stop]} if patience else {}
        model.fit(split.x_train, split.y_train, epochs=epochs, batch_size=32, verbose=0, **more)
        return model

    return train


def _scaled_outside(split: Split) -> Any:
    """Train on columns that were scaled beforehand: the model itself knows nothing of it."""
    axes = tuple(range(split.x_train.ndim - 1))
    x = (split.x_train - split.x_train.mean(axis=axes)) / split.x_train.std(axis=axes)
    return _fitted(_dense(64, 64), epochs=10, normalized=False)(replace(split, x_train=x))


_PANEL = (
    ordinary("two dense layers of 64, early stopping", _fitted(_dense(64, 64), epochs=100, patience=8)),
    ordinary("128 and 64, MSE, 30 epochs", _fitted(_dense(128, 64), loss="mse")),
    ordinary("two convolutions, Flatten, Dense(64), 20 epochs", _fitted(_convolutions, epochs=20)),
    ordinary("LSTM(64), MAE, early stopping", _fitted(_lstm, epochs=40, patience=5)),
    ordinary("128 and 64, Huber, RMSprop, 30 epochs", _fitted(_dense(128, 64), loss="huber", optimizer="rmsprop")),
    mistake("no hidden layer", _fitted(_dense())),
    mistake("scaled outside of the model", _scaled_outside),
    mistake("a sigmoid at the end", _fitted(_dense(64, 64), epochs=10, activation="sigmoid")),
)
"""Of all problems of this kind."""


# --- The level in a sump, half an hour ahead ---

SUMP_WINDOW, SUMP_AHEAD = 48, 6
_STATIONS, _READINGS, _HIDDEN_STATIONS = 100, 3 * 288, 1_500


def hidden_sumps(stations: Array) -> tuple[Array, Array]:
    """Cut a single window, and the level half an hour after it, from each station."""
    return cut_windows(stations, np.array([0]), SUMP_WINDOW, np.array([SUMP_AHEAD - 1]))


def _sumps(seed: int) -> Split:
    stations = in_metres(make_sumps(_STATIONS, seed=seed, readings=_READINGS, start="midnight"))
    hidden = in_metres(make_sumps(_HIDDEN_STATIONS, seed=seed + 1, readings=SUMP_WINDOW + SUMP_AHEAD))
    starts = np.arange(0, _READINGS - SUMP_WINDOW - SUMP_AHEAD + 1, 5)
    x_train, y_train = cut_windows(stations, starts, SUMP_WINDOW, np.array([SUMP_AHEAD - 1]))
    x_test, y_test = hidden_sumps(hidden)
    header = ["time", *(f"station_{number:03}" for number in range(1, _STATIONS + 1))]
    columns = zip(*([f"{level:.3f}" for level in station] for station in stations.tolist()), strict=True)
    times = _times("2024-03-05", _READINGS, MINUTES)
    lines = ([time, *levels] for time, levels in zip(times, columns, strict=True))
    split = Split(x_train[..., None], y_train, x_test[..., None], y_test)
    return replace(split, files={"levels.csv": _csv(header, lines)})


_SUMP_TRAINING = FixedBudget(Output("value"), epochs=4, batch_size=128, builder_sees="train inputs")

SUMPS = ExamProblem(
    id="exam.sumps",
    title="The next turn of a pump",
    kind="series",
    skills=("B14", "B18", "S1", "S2", "S3", "S4", "S7", "S8"),
    data=_sumps,
    training=FileModel(Output("value"), **_LIMITS),
    ladder=Ladder(replace(mean_absolute_error, digits=3), (0.245, 0.200, 0.175, 0.108, 0.086)),
    baselines=(
        baselines.mean(),
        baselines.last_value(),
        baselines.untrained(_SUMP_TRAINING, _network(SUMP_WINDOW, 1, 1, 32)),
        baselines.moving_average(SUMP_WINDOW),
        baselines.linear(),
        baselines.network(
            "linear network, loss MAE", _SUMP_TRAINING, _network(SUMP_WINDOW, 1, 1, 0, steps=4 * 16_300 // 128)
        ),
    ),
    panel=_PANEL,
    reference=exam_solution("sumps"),
    advice=(
        Advice(
            "This is no better than always naming the mean. Is the target the sixth reading after the window, of the "
            "same station? Windows must never run from one station's column into the next one's.",
            rungs=(0,),
        ),
        Advice(
            "About as good as the mean level. Whatever reads the window at all should pass it: scale the readings "
            "inside the model, give the last layer no activation, and let Adam train for ten epochs.",
            rungs=(1,),
        ),
        Advice(
            "Better than an average, behind a straight line through the window. Check that scaling is part of the file "
            "that you submitted, and use windows from all stations.",
            rungs=(2,),
        ),
        Advice(
            "As good as a weighted sum of the readings can be. A saw-tooth turns, and a sum cannot: it takes layers "
            "that bend, dense ones with ReLU on the flattened window, or convolutions before them.",
            rungs=(3,),
        ),
        Advice(
            "The model knows that the level turns, and not well enough where. More windows from all stations (every "
            "fifth start or closer), 128 units in two layers, MAE as the loss, and a learning rate that falls to the "
            "end.",
            rungs=(4,),
        ),
        Advice(
            "Full points. Where are the largest errors: just before a start, just before a stop, or in the showers?",
            rungs=(5,),
        ),
    ),
)


# --- A river's level, eight hours ahead ---

RIVER_WINDOW, RIVER_HORIZON = 24, 8
_YEARS, _HIDDEN_YEARS = (2002, 2004, 2006, 2008, 2010, 2012, 2014, 2016), 2_000
_FIRST_OF_OCTOBER = 273


def hidden_rivers(years: Array) -> tuple[Array, Array]:
    """Cut a single window, and the eight levels after it, from each year."""
    return cut_windows(years, np.array([0]), RIVER_WINDOW, np.arange(RIVER_HORIZON))


def with_gaps(years: Array, rng: np.random.Generator) -> Array:
    """Return rows as loggers keep them: NaN where one sensor failed, and in all columns where the whole logger did."""
    years = years.copy()
    columns: list[Any] = [[0], [1], [3], list(range(years.shape[2]))]
    for year in years:
        for column, share in zip(columns, (0.03, 0.03, 0.03, 0.01), strict=True):
            begins = np.flatnonzero(rng.random(len(year)) < share / 12)
            for begin, length in zip(begins, rng.integers(1, 24, len(begins)), strict=True):
                year[begin : begin + length, column] = np.nan
    return years


def _river_csv(year: int, rows: Array) -> bytes:
    """Return a water year as a logger wrote it: empty cells for failed sensors, no line where it was off itself."""
    lines = [
        [
            time,
            *(
                "" if np.isnan(value) else f"{value:.{digits}f}"
                for value, digits in zip(row, (3, 1, 1, 1, 1), strict=True)
            ),
        ]
        for time, row in zip(_times(f"{year}-10-01", len(rows), 60), rows.tolist(), strict=True)
        if not np.isnan(row).all()
    ]
    return _csv(("time", *RIVER_COLUMNS), lines)


def _rivers(seed: int) -> Split:
    years = make_rivers(len(_YEARS), seed=seed, first_day=_FIRST_OF_OCTOBER)
    hidden = make_rivers(_HIDDEN_YEARS, seed=seed + 1, hours=RIVER_WINDOW + RIVER_HORIZON)
    for rows in (years, hidden):
        rows[..., 0] = in_metres(rows[..., 0])
    years = with_gaps(years, np.random.default_rng((seed, 1)))
    starts = np.arange(0, years.shape[1] - RIVER_WINDOW - RIVER_HORIZON + 1, 4)
    x_train, y_train = cut_windows(years, starts, RIVER_WINDOW, np.arange(RIVER_HORIZON))
    whole = ~(np.isnan(x_train).any(axis=(1, 2)) | np.isnan(y_train).any(axis=1))
    files = {
        f"{year}-{year % 100 + 1:02}.csv": _river_csv(year, rows) for year, rows in zip(_YEARS, years, strict=True)
    }
    return replace(Split(x_train[whole], y_train[whole], *hidden_rivers(hidden)), files=files)


_RIVER_TRAINING = FixedBudget(Output("value", (RIVER_HORIZON,)), epochs=3, batch_size=64, builder_sees="train inputs")

RIVERS = ExamProblem(
    id="exam.rivers",
    title="The river in eight hours",
    kind="series",
    skills=("B14", "B18", "S1", "S2", "S3", "S4", "S7", "S8"),
    data=_rivers,
    training=FileModel(Output("value", (RIVER_HORIZON,)), **_LIMITS),
    ladder=Ladder(replace(mean_absolute_error, digits=3), (0.140, 0.077, 0.071, 0.058, 0.038)),
    baselines=(
        baselines.mean(),
        baselines.last_value(),
        baselines.untrained(_RIVER_TRAINING, _network(RIVER_WINDOW, 5, RIVER_HORIZON, 32)),
        baselines.moving_average(RIVER_WINDOW),
        baselines.linear(),
        baselines.network(
            "linear network, loss MAE",
            _RIVER_TRAINING,
            _network(RIVER_WINDOW, 5, RIVER_HORIZON, 0, steps=3 * 12_700 // 64),
        ),
    ),
    panel=_PANEL,
    reference=exam_solution("rivers"),
    advice=(
        Advice(
            "This is no better than always naming the mean. Look at the training loss first: a single NaN among the "
            "windows makes every weight NaN. Then at the windows: eight levels that follow, oldest first.",
            rungs=(0,),
        ),
        Advice(
            "About as good as saying the last level eight times. Whatever reads the rain should pass that: columns "
            "that differ a hundredfold want a Normalization layer, adapted to the training windows, as the first one.",
            rungs=(1,),
        ),
        Advice(
            "About what a weighted sum of the window gets. Ten millimetres on dry soil are not ten on wet soil: give "
            "the model layers that bend, two of them with ReLU on the flattened window.",
            rungs=(2,),
        ),
        Advice(
            "Better than a weighted sum, and not by much. Do some windows jump over missing lines? Put every year on "
            "an unbroken hourly clock before you cut it. Then 64 units or more in two layers, and twenty passes.",
            rungs=(3,),
        ),
        Advice(
            "The bends are there. The last rung usually comes from MAE as the loss, from 128 units a layer, from a "
            "learning rate that falls to the end of training, and from windows that start every few hours of all "
            "years.",
            rungs=(4,),
        ),
        Advice(
            "Full points. By how much does the error grow from the first hour to the eighth, and why there?",
            rungs=(5,),
        ),
    ),
)


# --- Tomorrow's power of a wind farm ---

_FARMS, _DAYS, _HIDDEN_FARMS = 80, 61, 1_500


def day_pairs(farms: Array) -> tuple[Array, Array]:
    """Cut each day but the first: what is known at its beginning, and the power that followed.

    Args:
        farms: Shape (n, 24 * days, 5), as `make_wind_farms` draws them.

    Returns:
        Inputs of shape (n * (days - 1), 24, 6): power, wind and forecast of the day before, and the coming day's
        forecast of wind and direction and its turbines. Targets of shape (n * (days - 1), 24).
    """
    days = farms.reshape(len(farms), -1, DAY, farms.shape[2])
    before, coming = days[:, :-1, :, :3], days[:, 1:]
    x = np.concatenate([before, coming[..., 2:]], axis=-1)
    return x.reshape(-1, DAY, 6), coming[..., 0].reshape(-1, DAY)


def _wind_farms(seed: int) -> Split:
    farms = make_wind_farms(_FARMS, seed=seed, days=_DAYS)
    times = _times("2023-10-02", _DAYS * DAY, 60)
    lines = (
        [str(number), time, f"{power:.2f}", f"{wind:.1f}", f"{forecast:.1f}", f"{direction:.0f}", f"{turbines:.0f}"]
        for number, farm in enumerate(farms.tolist(), start=1)
        for time, (power, wind, forecast, direction, turbines) in zip(times, farm, strict=True)
    )
    hidden = make_wind_farms(_HIDDEN_FARMS, seed=seed + 1, days=2)
    files = {"farms.csv": _csv(("farm", "time", *FARM_COLUMNS), lines)}
    return replace(Split(*day_pairs(farms), *day_pairs(hidden)), files=files)


_FARM_TRAINING = FixedBudget(Output("value", (DAY,)), epochs=8, batch_size=64, builder_sees="train inputs")

WIND_FARMS = ExamProblem(
    id="exam.wind_farms",
    title="Tomorrow's wind power",
    kind="series",
    skills=("B14", "B18", "S1", "S2", "S3", "S4", "S7", "S8"),
    data=_wind_farms,
    training=FileModel(Output("value", (DAY,)), **_LIMITS),
    ladder=Ladder(replace(mean_absolute_error, digits=2), (15.5, 11.5, 9.0, 6.9, 4.3)),
    baselines=(
        baselines.mean(),
        baselines.last_value(),
        replace(baselines.last_season(DAY), name="same hour yesterday"),
        baselines.untrained(_FARM_TRAINING, _network(DAY, 6, DAY, 32)),
        baselines.moving_average(DAY),
        baselines.linear(),
        baselines.network("linear network, loss MAE", _FARM_TRAINING, _network(DAY, 6, DAY, 0, steps=8 * 4_800 // 64)),
    ),
    panel=_PANEL,
    reference=exam_solution("wind_farms"),
    advice=(
        Advice(
            "This is no better than always naming the mean. Look at the columns' order in the window, and at the "
            "shape of the output: 24 values for each window, midnight first, no activation on the last layer.",
            rungs=(0,),
        ),
        Advice(
            "About as good as an average of yesterday. The forecast for the coming day says much more: scale all six "
            "columns inside the model with Normalization, and train long enough for the loss to settle.",
            rungs=(1,),
        ),
        Advice(
            "Better than yesterday's wind, behind a weighted sum of the window. Is tomorrow's forecast really "
            "tomorrow's, and are pairs of days always from one farm?",
            rungs=(2,),
        ),
        Advice(
            "As good as a weighted sum can be. Power bends with the wind, and is multiplied by the turbines: it takes "
            "hidden layers with ReLU.",
            rungs=(3,),
        ),
        Advice(
            "The network bends. Flattening the window makes it learn the same power curve 24 times over; layers that "
            "treat each hour alike (Conv1D, or Dense on the last axis) learn it once. What is common to the day, such "
            "as how this farm's wind differs from its forecast, can join each hour by way of a second branch.",
            rungs=(4,),
        ),
        Advice(
            "Full points. How large is the error left if the forecast is right, and in which winds?",
            rungs=(5,),
        ),
    ),
)

CHECKS = (SUMPS, RIVERS, WIND_FARMS)
