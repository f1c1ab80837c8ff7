"""Checks of week 15: a causal convolution, batches for a stateful layer, a shuffle buffer, bias, and a forecaster."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
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
    both,
    diverged,
    has,
    lacks,
    not_learning,
    overfits,
    past_its_best,
    still_learning,
)
from tfcourse.checks.panel import Build, Train, fitted, stopped_early
from tfcourse.checks.records import Array, Case
from tfcourse.datasets.tides import GATED_COLUMNS, make_gated_harbours

WINDOW, AHEAD = 48, 25
TRAINING_HARBOURS = 3_000
"""Each gives two windows that do not touch."""
HIDDEN_HARBOURS = 6_000
"""Each gives a single window, so that no hidden question can hold another one's answer."""
STEPS_AT_ONCE = 32
"""Batches that Keras takes without coming back to Python: the same steps, in less time."""


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
    length = WINDOW + AHEAD
    x_train, y_train = windows(make_gated_harbours(TRAINING_HARBOURS, seed=seed, hours=2 * length))
    x_test, y_test = windows(make_gated_harbours(HIDDEN_HARBOURS, seed=seed + 1, hours=length))
    return Split(x_train, y_train, x_test, y_test)


def windows(harbours: Array) -> tuple[Array, Array]:
    """Cut each row into pieces of 73 hours that do not touch: 48 to look at, and the level of the last hour."""
    cuts = harbours.reshape(-1, WINDOW + AHEAD, len(GATED_COLUMNS))
    return cuts[:, :WINDOW], cuts[:, -1:, 0]


Layers = Callable[[], list[Any]]


def _dense(*units: int, dropout: float = 0.0) -> Layers:
    """Return a function that makes dense layers on the flattened window."""

    def make() -> list[Any]:
        from keras import layers

        made: list[Any] = [layers.Flatten()]
        for count in units:
            made.append(layers.Dense(count, activation="relu"))
            if dropout:
                made.append(layers.Dropout(dropout))
        return made

    return make


def _convolutions(
    *, kernel: int = 3, pooling: bool = False, activation: str | None = "relu", last: int = 0, flat: bool = True
) -> Layers:
    """Return a function that makes two convolutions and what turns their answers into one.

    Args:
        kernel: Hours that each sees.
        pooling: Whether there is a MaxPooling1D between them.
        activation: Of both.
        last: Units of a dense layer behind them; 0 for none.
        flat: Whether Flatten follows, or else an average over all hours.
    """

    def make() -> list[Any]:
        from keras import layers

        made: list[Any] = [layers.Conv1D(32, kernel, activation=activation)]
        if pooling:
            made.append(layers.MaxPooling1D())
        made.append(layers.Conv1D(32, kernel, activation=activation))
        made.append(layers.Flatten() if flat else layers.GlobalAveragePooling1D())
        if last:
            made.append(layers.Dense(last, activation="relu"))
        return made

    return make


def _gru() -> list[Any]:
    from keras import layers

    return [layers.GRU(32)]


def _lstm_behind_convolution() -> list[Any]:
    from keras import layers

    return [layers.Conv1D(32, 5, strides=2, activation="relu"), layers.LSTM(32)]


def _network(hidden: Layers, *, loss: str = "mae", optimizer: Any = "adam") -> Callable[[Array], Any]:
    """Return a builder: Normalization, some layers, and one unit."""

    def build(x_train: Array) -> Any:
        import keras

        normalize = keras.layers.Normalization()
        normalize.adapt(x_train)
        model = keras.Sequential([keras.Input(shape=x_train.shape[1:]), normalize, *hidden(), keras.layers.Dense(1)])
        optimizing = optimizer() if callable(optimizer) else optimizer
        model.compile(optimizer=optimizing, loss=loss, steps_per_execution=STEPS_AT_ONCE)
        return model

    return build


_fitted = partial(fitted, batch_size=64)


def _stopped_early(build: Build, patience: int = 5, epochs: int = 40) -> Train:
    return stopped_early(build, patience, epochs, batch_size=64)


def _falling_rate() -> Any:
    """Return Adam with a cosine for 20 epochs of batches of 64."""
    import keras

    steps = 20 * (-(-2 * TRAINING_HARBOURS // 64))
    return keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.004, decay_steps=steps))


_recurrent = has("LSTM", "GRU", "SimpleRNN")
_DENSE = FixedBudget(Output("value", (1,)), epochs=10, builder_sees="train inputs")

tide_forecaster = ModelCheck(
    id="week15.tide_forecaster",
    title="The water of tomorrow",
    skills=("S5", "S7"),
    data=tide_split,
    training=OwnTraining(Output("value", (1,)), budget=200, max_parameters=100_000),
    ladder=Ladder(metric=replace(mean_absolute_error, digits=3), thresholds=(0.275, 0.22, 0.175, 0.14, 0.085)),
    baselines=(
        baselines.mean(),
        baselines.last_value(),
        baselines.untrained(_DENSE, _network(_dense(64, 64))),
        baselines.moving_average(24),
        baselines.linear(),
    ),
    panel=(
        ordinary("two convolutions, Flatten, MAE, early stopping", _stopped_early(_network(_convolutions()))),
        ordinary(
            "two convolutions with a kernel of 5, Flatten, Dense(32), MSE",
            _stopped_early(_network(_convolutions(kernel=5, last=32), loss="mse")),
        ),
        ordinary(
            "convolution, MaxPooling, convolution, Flatten, Dense(32)",
            _stopped_early(_network(_convolutions(pooling=True, last=32))),
        ),
        ordinary("GRU(32), MAE, early stopping", _stopped_early(_network(_gru), 3, epochs=20)),
        ordinary(
            "convolution with strides, LSTM(32), MSE", _stopped_early(_network(_lstm_behind_convolution, loss="mse"))
        ),
        rival("two dense layers of 128, early stopping", _stopped_early(_network(_dense(128, 128))), "S5"),
        rival(
            "dense layers of 256 and 128, a rate that falls",
            _fitted(_network(_dense(256, 128), optimizer=_falling_rate), 20),
            "S5",
        ),
        rival(
            "dense layers of 256 and 128, dropout 0.2", _stopped_early(_network(_dense(256, 128, dropout=0.2))), "S5"
        ),
        mistake("two convolutions without activation", _stopped_early(_network(_convolutions(activation=None)))),
        mistake("two convolutions, an average over time", _stopped_early(_network(_convolutions(flat=False)))),
    ),
    advice=(
        Advice(
            "The loss became NaN. Put a Normalization layer in front, adapted to x_train, and take Adam at its default "
            "rate before you try others.",
            when=diverged,
        ),
        Advice(
            "The loss hardly moved. Is the learning rate far too small? Or does the GRU or LSTM read raw columns, of "
            "which one is a hundred times larger than another?",
            rungs=(0, 1, 2),
            when=both(not_learning, _recurrent),
        ),
        Advice(
            "The loss hardly moved. Is the learning rate far too small, or so large that all ReLUs died? "
            'Try "adam" as it comes.',
            rungs=(0, 1, 2),
            when=not_learning,
        ),
        Advice(
            "An average over all hours forgets when each of them was, and the water of yesterday has half run off. "
            "Flatten keeps the hours apart; a recurrent layer that returns its last state does it by reading.",
            rungs=(0, 1, 2, 3),
            when=has("GlobalAveragePooling", "GlobalMaxPooling"),
        ),
        Advice(
            "To dense layers, each of the 48 hours is a column of its own: what wind and gate do together they have to "
            "learn 48 times. A convolution or a recurrent layer uses the same weights at every hour.",
            rungs=(0, 1, 2, 3),
            when=lacks("Conv", "LSTM", "GRU", "SimpleRNN"),
        ),
        Advice(
            "It was still learning when the training ended: the loss falls to the last epoch. Give it more of them, "
            "and let the validation loss say when it is enough. Recurrent layers take longest.",
            rungs=(0, 1, 2, 3, 4),
            when=both(still_learning, _recurrent),
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
            when=past_its_best,
        ),
        Advice(
            "Each pooling layer halves what is known of *when* something was, and the water runs off by the hour. "
            "Try it with one of them less, or with strides in their place.",
            rungs=(2, 3),
            when=has("MaxPooling", "AveragePooling"),
        ),
        Advice(
            "It is clearly better on the harbours that it learned from. A large dense layer behind Flatten is where "
            "most of its weights are: take fewer units, or some dropout, or stop earlier.",
            rungs=(2, 3, 4),
            when=overfits,
        ),
        Advice(
            "No better than always giving the mean. Is the last layer a single unit without activation, and does the "
            "loss fall at all?",
            rungs=(0,),
        ),
        Advice(
            "About what a weighted sum of the window can tell. Whether wind and gate go together, no sum can say: "
            "have the layers an activation, and does a convolution see an order and the wind of two hours later?",
            rungs=(1, 2),
        ),
        Advice(
            "About what dense layers can do. Does the first layer along time have an activation, does its kernel reach "
            "over the two hours between an order and its wind, and was it trained for long enough?",
            rungs=(3,),
        ),
        Advice(
            "The layers are right. What is left: more patience, a rate that falls at the end, or fewer weights between "
            "the convolutions and the answer.",
            rungs=(4,),
        ),
        Advice(
            "Full points. To go on: how good is your model if it sees the last 24 hours only? And how much of that is "
            "lost without the orders?",
            rungs=(5,),
        ),
    ),
    hints=(
        "48 hours of 4 columns go in, one number comes out: one unit without activation at the end. The columns differ "
        "in size, so begin with a Normalization layer, adapted to x_train.",
        "What an hour's wind brings depends on that hour and on the order two hours before it. A convolution whose "
        "kernel reaches that far learns it once for all hours; so does a recurrent layer, which reads them in turn.",
        "*When* it was matters, too, since water runs off. Flatten keeps the hours apart, and so do few or no pooling "
        "layers; an average over time forgets them.",
        "Hold a fifth back, and have EarlyStopping watch it with some patience. Convolutions need some 20 to 40 "
        "epochs, a GRU or LSTM as many, and several times as long for each.",
    ),
    reference=solution_of("week15", "train_model"),
)

CHECKS = (causal_conv, stream_batches, through_buffer, without_bias, tide_forecaster)
