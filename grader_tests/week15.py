"""Checks of week 15: a causal convolution, batches for a stateful layer, a shuffle buffer, bias, and a forecaster."""

from __future__ import annotations

from collections.abc import Sequence
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
    solution_of,
)
from tfcourse.checks.records import Array, Case
from tfcourse.datasets.tides import COLUMNS, make_tides

WINDOW, AHEAD = 72, 8
TWO_TIDES = 25
"""Hours in which two tides of the moon come and go, rounded."""
TRAINING_HARBOURS = 1_800
"""Each gives two windows that do not touch."""
HIDDEN_HARBOURS = 6_000
"""Each gives a single window, so that no hidden question can hold another one's answer."""


# --- Task 1: a causal convolution ------------------------------------------------------------------------


def causal_conv_cases(seed: int) -> Sequence[tuple[str, Case]]:
    """Draw series and kernels, dilated and not, among them kernels that reach beyond the beginning."""
    rng = np.random.default_rng(seed)

    def case(
        about: str, hours: int, width: int, features: int, dilation: int, *, whole: bool = False
    ) -> tuple[str, Case]:
        series = np.round(rng.normal(size=(hours, features)), 2)
        if whole:
            series = np.round(10 * series).astype(int)
        return about, (series, np.round(rng.normal(size=(width, features)), 2), dilation)

    width = int(rng.integers(3, 6))
    return [
        case("one feature", 20, width, 1, 1),
        case("several features", 20, width, 3, 1),
        case("dilated by 2", 24, width, 1, 2),
        case("dilated by more, several features", 40, 3, 2, int(rng.integers(4, 7))),
        case("a kernel of one hour", 12, 1, 3, 1),
        case("a kernel that reaches further back than the series", 6, 4, 1, 3),
        case("a series of whole numbers", 16, 2, 2, 1, whole=True),
        case("a kernel of two hours, far apart", 30, 2, 1, 12),
    ]


causal_conv = FunctionCheck(
    id="week15.causal_conv",
    title="A causal convolution",
    points=2,
    skills=("S5",),
    cases=causal_conv_cases,
    hints=(
        "Take the hour t. The last row of the kernel looks at hour t, the row before it at hour t - dilation, the "
        "first row at t - (width - 1) * dilation. Nothing looks at t + 1.",
        "Put (width - 1) * dilation hours of zeros in front of the series, and none behind it. Then every row of the "
        "kernel sees a piece of the padded series that is as long as the series.",
        "padded = np.concatenate([np.zeros((reach, features)), series]); row r of the kernel sees "
        "padded[r * dilation : r * dilation + hours], and adds that piece @ kernel[r]. np.convolve would turn the "
        "kernel round.",
    ),
    reference=solution_of("week15", "causal_conv"),
)


# --- Task 2: batches for a stateful layer ------------------------------------------------------------------


def stream_batches_cases(seed: int) -> Sequence[tuple[str, Case]]:
    """Draw long series with batch sizes and steps, with hours that are left over and without."""
    rng = np.random.default_rng(seed)

    def case(about: str, batches: int, batch_size: int, steps: int, features: int, over: int) -> tuple[str, Case]:
        series = np.round(rng.normal(size=(batches * batch_size * steps + over, features)), 2)
        return about, (series, batch_size, steps)

    steps, size = int(rng.integers(5, 9)), int(rng.integers(3, 6))
    return [
        case("two streams", 4, 2, steps, 1, 0),
        case("several streams and features", 5, size, steps, 3, 0),
        case("hours that are left over", 4, size, steps, 2, size),
        case("more hours left over than a row holds", 3, size, steps, 1, steps + 2),
        case("one stream", 6, 1, steps, 2, 1),
        case("a single batch", 1, size, steps, 2, 2),
        case("steps of one hour", 7, size, 1, 1, 0),
        case("a series too short for any batch", 0, size, steps, 2, size * steps - 1),
    ]


stream_batches = FunctionCheck(
    id="week15.stream_batches",
    title="Batches for a stateful layer",
    points=2,
    skills=("S5",),
    cases=stream_batches_cases,
    hints=(
        "First lay the streams out, each a long stretch of neighbouring hours. Only then cut all of them, at the "
        "same places, into batches.",
        "How many batches fit? len(series) // (batch_size * steps). Drop what is left over at the end of the whole "
        "series, so that stream b + 1 begins where stream b ends.",
        "used.reshape(batch_size, batches, steps, features) has the streams on its first axis, where each is cut "
        "into batches. Batches have to come first: swapaxes(0, 1). A reshape to (batches, batch_size, ...) at once "
        "would put neighbouring pieces into one batch.",
    ),
    reference=solution_of("week15", "stream_batches"),
)


# --- Task 3: a shuffle buffer --------------------------------------------------------------------------------


def through_buffer_cases(seed: int) -> Sequence[tuple[str, Case]]:
    """Draw items and picks, with buffers from a single place to more than there are items."""
    rng = np.random.default_rng(seed)

    def case(about: str, count: int, size: int) -> tuple[str, Case]:
        items = rng.permutation(10 * count)[:count]
        return about, (items, size, rng.integers(0, 1_000_000, count))

    size = int(rng.integers(4, 8))
    return [
        case("a small buffer", 30, size),
        case("a buffer of half the items", 20, 10),
        case("a buffer for all items", 15, 15),
        case("a buffer larger than the items", 12, 40),
        case("a buffer of one place", 10, 1),
        case("a buffer of two places", 25, 2),
        case("one item", 1, 3),
        case("many items", 300, 3 * size),
    ]


through_buffer = FunctionCheck(
    id="week15.through_buffer",
    title="What a shuffle buffer does",
    points=2,
    skills=("S9",),
    cases=through_buffer_cases,
    hints=(
        "Keep three lists: the buffer, what is still waiting, and what has been handed out. Each pick moves one item "
        "from the first to the last, and one from the second to the first.",
        "The waiting item takes the very place that has become free, and is not put at the end. Only when nothing is "
        "waiting does the buffer get shorter, and pick % len(buffer) with it.",
        "buffer, waiting, out = list(items[:size]), list(items[size:]), []; for each pick: place = pick % "
        "len(buffer), out.append(buffer[place]), then buffer[place] = waiting.pop(0), or buffer.pop(place) where "
        "nothing is waiting.",
    ),
    reference=solution_of("week15", "through_buffer"),
)


# --- Task 4: taking the bias out -----------------------------------------------------------------------------


def without_bias_cases(seed: int) -> Sequence[tuple[str, Case]]:
    """Draw validation parts and forecasts, with a bias that grows, and with gaps."""
    rng = np.random.default_rng(seed)

    def case(about: str, rows: int, steps: int, others: int, bias: Any, gaps: float = 0.0) -> tuple[str, Case]:
        truth = np.round(100 * rng.normal(size=(rows, steps)), 1)
        forecast = np.round(truth + bias + 5 * rng.normal(size=(rows, steps)), 1)
        truth[rng.random((rows, steps)) < gaps] = np.nan
        return about, (truth, forecast, np.round(100 * rng.normal(size=(others, steps)), 1))

    steps = int(rng.integers(5, 9))
    growing = -3.0 * np.arange(1, steps + 1)
    about, (truth, forecast, others) = case("a step without any true value", 9, steps, 4, growing)
    truth[:, int(rng.integers(1, steps))] = np.nan
    return [
        case("forecasts that are too low", 12, steps, 5, -20.0),
        case("forecasts that are too high", 12, steps, 5, 20.0),
        case("a bias that grows with the hours", 12, steps, 5, growing),
        case("one step", 15, 1, 6, 8.0),
        case("gaps", 14, steps, 5, growing, 0.2),
        case("many gaps", 30, steps, 3, 12.0, 0.7),
        case("a single forecast to correct", 10, steps, 1, growing),
        (about, (truth, forecast, others)),
    ]


without_bias = FunctionCheck(
    id="week15.without_bias",
    title="Taking the bias out",
    points=2,
    skills=("S9", "S7"),
    cases=without_bias_cases,
    hints=(
        "One bias for each step, so the mean runs over the rows, axis=0. A forecast that is too low has a negative "
        "bias, and has to be moved up: subtract the bias.",
        "NaN is contagious: leave the gaps out of the mean. np.nanmean does, and warns where a step has gaps only; "
        "there the bias is to be 0.",
        "error = p_valid - y_valid and there = ~np.isnan(error); the sum of np.where(there, error, 0) over the rows, "
        "divided by np.maximum(1, there.sum(axis=0)). Return bias and p - bias.",
    ),
    reference=solution_of("week15", "without_bias"),
)


# --- Task 5: the model ---------------------------------------------------------------------------------------


def tide_split(seed: int) -> Split:
    """Draw harbours: two windows of each training harbour, and one window of each hidden harbour."""
    x_train, y_train = windows(make_tides(TRAINING_HARBOURS, seed=seed, hours=2 * (WINDOW + AHEAD)))
    x_test, y_test = windows(make_tides(HIDDEN_HARBOURS, seed=seed + 1, hours=WINDOW + AHEAD))
    return Split(x_train, y_train, x_test, y_test)


def windows(harbours: Array) -> tuple[Array, Array]:
    """Cut each row into pieces of 80 hours that do not touch: 72 to look at, and the levels of 8 to forecast."""
    cuts = harbours.reshape(-1, WINDOW + AHEAD, len(COLUMNS))
    return cuts[:, :WINDOW], cuts[:, WINDOW:, 0]


def _dense(x_train: Array) -> Any:
    """Flatten the window, and let two hidden layers see all hours at once."""
    import keras

    normalize = keras.layers.Normalization()
    normalize.adapt(x_train)
    model = keras.Sequential(
        [
            keras.Input(shape=x_train.shape[1:]),
            normalize,
            keras.layers.Flatten(),
            keras.layers.Dense(200, activation="relu"),
            keras.layers.Dense(200, activation="relu"),
            keras.layers.Dense(AHEAD),
        ]
    )
    rate = keras.optimizers.schedules.CosineDecay(0.005, decay_steps=1_808)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mae")
    return model


def _named(name: str, baseline: Baseline) -> Baseline:
    return replace(baseline, name=name)


_training = FixedBudget(
    output=Output("value", (AHEAD,)),
    epochs=16,
    batch_size=32,
    max_parameters=100_000,
    builder_sees="train inputs",
)
_build_model = solution_of("week15", "build_model")

tide_forecaster = ModelCheck(
    id="week15.tide_forecaster",
    title="Eight hours of water",
    skills=("S5", "S7"),
    data=tide_split,
    training=_training,
    ladder=Ladder(metric=replace(mean_absolute_error, digits=2), thresholds=(60.0, 30.0, 15.0, 9.8, 8.2)),
    baselines=(
        baselines.mean(),
        baselines.last_value(),
        _named("two tides (25 hours) before", baselines.last_season(TWO_TIDES)),
        baselines.untrained(_training, _build_model),
        baselines.moving_average(TWO_TIDES),
        baselines.linear(),
        baselines.network("dense network", _training, _dense),
    ),
    advice=(
        Advice(
            "Worse than copying the tide of the day before. Look at the last layer first: eight units, no activation. "
            "Then at the scale: the answers are in the hundreds, which a rate of 0.001 may not reach from a recurrent "
            "layer; a Rescaling(100.0) at the very end lets the layers before it think in numbers around 1.",
            rungs=(0,),
        ),
        Advice(
            "About as good as the copy, so the model hardly sees when the tide turns. A GlobalAveragePooling1D throws "
            "just that away, and so do raw inputs of a thousandfold different size: put a Normalization layer in "
            "front, adapted to x_train, and Flatten (or a GRU) where the average was.",
            rungs=(1,),
        ),
        Advice(
            "Better than the copy, with the tide half known. A weighted sum of the window gets about 17.5 cm: it does "
            "the tide well, and cannot square the wind. What helps is a hidden layer with an activation, and Adam "
            "behind a Normalization layer.",
            rungs=(2,),
        ),
        Advice(
            "As good as a dense network, which has to learn for each hour anew what wind does. A convolution learns "
            'it once: Conv1D(32, 1 or 3, activation="relu"), a second one with strides, and only then Flatten. Where '
            "there is one already, let the rate fall: Adam with a CosineDecay from 0.003 over 1,808 steps.",
            rungs=(3,),
        ),
        Advice(
            "The layers are right. The last rung usually comes from the rate (Adam with a CosineDecay from 0.005 that "
            "ends with the training, at step 1,808), from a Rescaling(100.0) at the end, and from a kernel of one "
            "hour in the first convolution, since speed and heading of the same hour have to be multiplied.",
            rungs=(4,),
        ),
        Advice(
            "Full points. To go on: how far ahead does your model lean on the wind, and how far on the level? Set the "
            "wind of the hidden windows to a calm, and see which hours suffer.",
            rungs=(5,),
        ),
    ),
    hints=(
        "72 hours of 3 columns go in, 8 numbers come out: eight units without activation at the end. The columns "
        "differ a hundredfold, so begin with a Normalization layer, adapted to x_train.",
        "What an hour's wind will do hangs on that hour alone: a Conv1D with a kernel of 1 can learn it once for all "
        "72 hours. A second one with a wider kernel and strides puts hours together, in fewer steps.",
        "After the convolutions, Flatten and Dense keep the order by place, a GRU by reading. Twelve steps are few "
        "enough for GRU(64, unroll=True), which is quick. Answers in the hundreds want Rescaling(100.0) at the end.",
        "Normalization, Conv1D(32, 1, relu), Conv1D(32, 4, strides=2, relu), Flatten, Dense(8), Rescaling(100.0); "
        'loss "mae", Adam with CosineDecay(0.005, decay_steps=1808).',
    ),
    reference=_build_model,
)

CHECKS = (causal_conv, stream_batches, through_buffer, without_bias, tide_forecaster)
