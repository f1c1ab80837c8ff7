"""Checks of week 14: the Huber loss, recursive forecasts, a schedule, a range test, and a robust forecaster."""

from __future__ import annotations

import math
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
    solution_of,
)
from tfcourse.checks.diagnosis import Diagnosis, diverged, past_its_best, still_learning
from tfcourse.checks.panel import Build, Train, fitted, stopped_early
from tfcourse.checks.records import Array, Case
from tfcourse.datasets.solar import DAY, add_meter_faults, make_solar

WINDOW, AHEAD = 2 * DAY, 6
FIRST_HOUR, LAST_HOUR = 7, 14
"""Forecasts are made at a full hour between these two: there is light in each of the following six hours' rows."""
TRAINING_PLANTS, TRAINING_DAYS = 1_500, 10
"""Each gives one window for each day but the first two."""
HIDDEN_PLANTS = 12_000
"""Each gives a single window, so that no hidden question can hold another one's answer."""
STEPS_AT_ONCE = 32
"""Batches that Keras takes without coming back to Python: the same steps, in a third of the time."""


# --- Task 1: the Huber loss --------------------------------------------------------------------------


def huber_cases(seed: int) -> Sequence[tuple[str, Case]]:
    """Draw truths and predictions with errors on both sides of delta, and exactly on it."""
    rng = np.random.default_rng(seed)

    def case(about: str, errors: Array, delta: float) -> tuple[str, Case]:
        truth = np.round(rng.uniform(0, 8, errors.shape), 2)
        return about, (truth, truth + errors, delta)

    def errors(low: float, high: float, shape: Any = 12) -> Array:
        return rng.uniform(low, high, shape) * rng.choice([-1, 1], shape)

    return [
        case("small errors only", errors(0.1, 0.9), 1.0),
        case("large errors only", errors(2.0, 9.0), 1.0),
        case("small and large errors", np.concatenate([errors(0.1, 0.9), errors(2.0, 9.0)]), 1.0),
        case("a small delta", errors(0.05, 3.0), 0.25),
        case("a large delta", errors(0.5, 9.0), 3.0),
        case("predictions that are all too low", -rng.uniform(0.1, 6.0, 12), 1.5),
        case("several steps for each example", errors(0.1, 4.0, (5, 6)), 1.0),
        case("a single reading of a faulty meter", np.array([*errors(0.0, 0.3, 11), -45.0]), 0.5),
    ]


huber = FunctionCheck(
    id="week14.huber",
    title="The Huber loss",
    points=2,
    skills=("S1",),
    cases=huber_cases,
    hints=(
        "Two formulas, and for each single error the question which of them holds: the question is about |y - p|, "
        "so take np.abs first.",
        "The two pieces meet at delta: both give delta² / 2 there. If yours do not, the large errors lack the part "
        "that is subtracted.",
        "error = np.abs(y - p), then np.where(error <= delta, error**2 / 2, delta * (error - delta / 2)), and the "
        "mean of all of them.",
    ),
    reference=solution_of("week14", "huber"),
)


# --- Task 2: a recursive forecast ----------------------------------------------------------------------


def recursive_forecast_cases(seed: int) -> Sequence[tuple[str, Case]]:
    """Draw series and one-step models, with histories as long as the window, and longer, and of integers."""
    rng = np.random.default_rng(seed)

    def case(about: str, series: int, length: int, window: int, steps: int, *, whole: bool = False) -> tuple[str, Case]:
        history = np.round(5 + np.cumsum(rng.normal(size=(series, length)), axis=1), 2)
        if whole:
            history = np.round(10 * history).astype(int)
        weights = rng.normal(size=window)
        weights *= 0.95 / np.abs(weights).sum()  # forecasts that neither die out at once nor run away
        return about, (history, np.round(weights, 3), round(float(rng.uniform(0.5, 2)), 2), steps)

    window = int(rng.integers(4, 7))
    return [
        case("one step", 3, window, window, 1),
        case("several steps", 3, window, window, 3),
        case("more steps than the window is long", 2, window, window, 3 * window),
        case("a history longer than the window", 2, 20, window, 4),
        case("a single series", 1, window, window, 5),
        case("a window of one value", 4, 6, 1, 4),
        case("a history of whole numbers", 3, window + 2, window, 5, whole=True),
    ]


recursive_forecast = FunctionCheck(
    id="week14.recursive_forecast",
    title="One step, again and again",
    points=2,
    skills=("S1", "S7"),
    cases=recursive_forecast_cases,
    hints=(
        "After each step, the forecast is the most recent value there is: the next window ends with it, and the "
        "oldest value drops out.",
        "Keep one growing array of shape (n, length): forecast from its last `window` columns, then append a column. "
        "At the end, the last `steps` columns are the answer.",
        "known = history.astype(float), because writing 3.7 into an array of integers stores 3. Then, `steps` times: "
        "following = known[:, -window:] @ weights + bias, and np.column_stack([known, following]).",
    ),
    reference=solution_of("week14", "recursive_forecast"),
)


# --- Task 3: warm-up and cosine -------------------------------------------------------------------------


def warmup_cosine_cases(seed: int) -> Sequence[tuple[str, Case]]:
    """Draw schedules and the steps at which they are asked for."""
    rng = np.random.default_rng(seed)
    peak = round(float(rng.uniform(0.1, 0.9)), 3)
    warmup = int(rng.integers(20, 60))
    total = warmup + 2 * int(rng.integers(100, 200))
    middle = (warmup + total) // 2
    return [
        ("the first step", (0, peak, warmup, total)),
        ("on the way up", (int(rng.integers(1, warmup)), peak, warmup, total)),
        ("the last step of the warm-up", (warmup, peak, warmup, total)),
        ("half-way down", (middle, peak, warmup, total)),
        ("shortly before the end", (total - int(rng.integers(2, 30)), peak, warmup, total)),
        ("the end, and long after it", (np.array([total, total + 1, total + warmup, 2 * total]), peak, warmup, total)),
        ("no warm-up at all", (np.arange(0, total, 7), peak, 0, total)),
        ("all steps at once", (np.arange(total + 10), peak, warmup, total)),
    ]


warmup_cosine = FunctionCheck(
    id="week14.warmup_cosine",
    title="Warm up, then follow a cosine",
    points=2,
    skills=("S10",),
    cases=warmup_cosine_cases,
    tolerance=1e-5,
    hints=(
        "Three stretches: a straight line up, half a wave of the cosine down, and 0 for ever. Find the value at each "
        "of the two seams first.",
        "The cosine takes total_steps - warmup_steps steps, and it begins where the warm-up ends: its progress is "
        "(step - warmup_steps) / (total_steps - warmup_steps), from 0 to 1. Beyond 1 a cosine rises again, so cut "
        "the progress off with np.clip.",
        "down = peak * (1 + np.cos(np.pi * progress)) / 2 and up = peak * step / max(1, warmup_steps), then "
        "np.where(step < warmup_steps, up, down). With arrays, np.where works out both sides everywhere: neither "
        "may divide by zero.",
    ),
    reference=solution_of("week14", "warmup_cosine"),
)


# --- Task 4: reading a range test -----------------------------------------------------------------------


def pick_rate_cases(seed: int) -> Sequence[tuple[str, Case]]:
    """Draw range tests: smooth and noisy ones, ones that run into NaN, and ones that come back from infinity."""
    rng = np.random.default_rng(seed)

    def bowl(count: int, noise: float) -> tuple[Array, Array]:
        rates = np.geomspace(1e-3, 10.0, count)
        place, lowest = np.linspace(0, 1, count), rng.uniform(0.55, 0.75)
        losses = 1 + 1.2 * np.where(place < lowest, lowest - place, 4 * (place - lowest)) ** 2
        return rates, np.round(losses * np.exp(noise * rng.normal(size=count)), 4)

    def case(about: str, rates: Array, losses: Array) -> tuple[str, Case]:
        return about, (rates, losses)

    smooth = bowl(40, 0.002)
    noisy = bowl(60, 0.05)
    lucky_rates, lucky = bowl(50, 0.01)
    lucky[int(rng.integers(5, 12))] = 0.3  # one easy batch, long before the best rate
    ends_rates, ends = bowl(45, 0.01)
    ends[-int(rng.integers(4, 8)) :] = np.nan
    back_rates, back = bowl(45, 0.01)
    back[36], back[37], back[38:] = np.inf, np.nan, 0.2
    still = np.geomspace(1e-3, 0.1, 20)
    return [
        case("a smooth range test", *smooth),
        case("a noisy range test", *noisy),
        case("one lucky batch", lucky_rates, lucky),
        case("NaN at the end", ends_rates, ends),
        case("a few losses after the first infinite one", back_rates, back),
        case("a loss that still falls at the end", still, np.round(2 - np.linspace(0, 1, 20) ** 2, 4)),
        case("a loss that rises from the start", still, np.round(1 + np.linspace(0, 1, 20) ** 2, 4)),
        case("four rates", np.array([0.01, 0.1, 1.0, 10.0]), np.array([3.0, 1.0, 5.0, 40.0])),
    ]


pick_rate = FunctionCheck(
    id="week14.pick_rate",
    title="Reading a range test",
    points=2,
    skills=("S1", "S10"),
    cases=pick_rate_cases,
    tolerance=1e-7,
    hints=(
        "Do the three steps in the order in which they are written: cut off, smooth, look for the lowest. NaN is "
        "contagious, so a mean over one that was not cut off is NaN, too.",
        "np.isfinite(losses) is False for NaN and for infinity; ~np.isfinite(losses) has its first True where the "
        "test ended. What comes after that place does not count, even if it is finite.",
        "At index i, the mean of losses[max(0, i - 2) : i + 3]: at the right end, slicing stops by itself; at the "
        "left end, a negative start would count from the back. np.convolve with mode='same' would count zeros.",
    ),
    reference=solution_of("week14", "pick_rate"),
)


# --- Task 5: a forecaster that a poor meter does not mislead ---------------------------------------------


def solar_split(seed: int) -> Split:
    """Draw plants: the training targets are a poor meter's readings, the hidden ones are right."""
    plants = make_solar(TRAINING_PLANTS, seed=seed, days=TRAINING_DAYS)
    x_train, y_train = windows(plants, np.random.default_rng(seed))
    x_test, y_test = windows(make_solar(HIDDEN_PLANTS, seed=seed + 1, days=3), np.random.default_rng(seed + 1))
    return Split(x_train, add_meter_faults(y_train, seed=seed + 2), x_test, y_test)


def windows(plants: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Cut one window from each day but the first two: two days, up to a full hour by day, and what followed.

    Args:
        plants: Shape (n, 24 * days). The last day is long enough: forecasts end in the evening.
        rng: Draws the hour at which each forecast is made.
    """
    midnights = np.arange(WINDOW, plants.shape[1], DAY)
    hours = rng.integers(FIRST_HOUR, LAST_HOUR + 1, (len(plants), len(midnights)))
    starts = (midnights + hours - WINDOW).reshape(-1)
    rows = np.repeat(np.arange(len(plants)), len(midnights))
    cuts = plants[rows[:, None], starts[:, None] + np.arange(WINDOW + AHEAD)]
    return cuts[:, :WINDOW], cuts[:, WINDOW:]


def _dense(
    *units: int,
    loss: Any = "mae",
    optimizer: Any = "adam",
    activation: str | None = "relu",
    scaled: bool = False,
) -> Callable[[Array], Any]:
    """Return a builder of a dense network; optimizers that are named have Keras's own rates.

    Losses and optimizers may be functions that make one: Keras's own objects belong to a single model.
    """

    def build(x_train: Array) -> Any:
        import keras

        model = keras.Sequential([keras.Input(shape=(WINDOW,))])
        if scaled:
            normalize = keras.layers.Normalization()
            normalize.adapt(x_train)
            model.add(normalize)
        for count in units:
            model.add(keras.layers.Dense(count, activation=activation))
        model.add(keras.layers.Dense(AHEAD))
        return _compiled(model, loss, optimizer)

    return build


def _compiled(model: Any, loss: Any, optimizer: Any) -> Any:
    loss = loss() if callable(loss) else loss
    optimizer = optimizer() if callable(optimizer) else optimizer
    model.compile(optimizer=optimizer, loss=loss, steps_per_execution=STEPS_AT_ONCE)
    return model


_fitted = partial(fitted, batch_size=64)


def _stopped_early(build: Build, patience: int = 3, *, most: float = math.inf) -> Train:
    """Return a training that stops early, and throws examples with a label above `most` out."""
    train = stopped_early(build, patience, 20, batch_size=64)

    def train_model(x_train: Array, y_train: Array) -> Any:
        right = (y_train <= most).all(axis=1)
        return train(x_train[right], y_train[right])

    return train_model


def _huber(delta: float) -> Callable[[], Any]:
    def loss() -> Any:
        import keras

        return keras.losses.Huber(delta=delta)

    return loss


def _adam(rate: float) -> Callable[[], Any]:
    def optimizer() -> Any:
        import keras

        return keras.optimizers.Adam(rate)

    return optimizer


def _cosine(peak: float, steps: int) -> Callable[[], Any]:
    def optimizer() -> Any:
        import keras

        return keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(peak, decay_steps=steps))

    return optimizer


def _named(name: str, baseline: Baseline) -> Baseline:
    return replace(baseline, name=name)


def _loss_beyond_error(found: Diagnosis) -> bool:
    """Tell whether the loss is far above the mean absolute error: it squares the faults of the meter."""
    loss = found.history.loss
    return bool(loss) and found.training is not None and math.isfinite(loss[-1]) and loss[-1] > 2.5 * found.training


def _switched_off(found: Diagnosis) -> bool:
    """Tell whether the loss is the same in the last three epochs, to four digits: the rate is 0."""
    loss = found.history.loss[-3:]
    return len(loss) == 3 and all(map(math.isfinite, loss)) and max(loss) - min(loss) < 1e-4 * abs(loss[-1])


def _single_layer(found: Diagnosis) -> bool:
    layers = [name for name in found.facts.layers if name not in ("InputLayer", "Normalization", "Rescaling")]
    return layers == ["Dense"]


_DENSE = FixedBudget(Output("value", (AHEAD,)), epochs=4, builder_sees="train inputs")

solar_forecaster = ModelCheck(
    id="week14.solar_forecaster",
    title="The sun in the next six hours",
    skills=("S1", "S7"),
    data=solar_split,
    training=OwnTraining(Output("value", (AHEAD,)), budget=90, max_parameters=100_000),
    ladder=Ladder(metric=replace(mean_absolute_error, digits=3), thresholds=(1.6, 1.16, 0.99, 0.85, 0.73)),
    baselines=(
        baselines.mean(),
        baselines.last_value(),
        _named("same hour yesterday", baselines.last_season(DAY)),
        baselines.untrained(_DENSE, _dense(64, 64)),
        baselines.moving_average(DAY),
        baselines.linear(),
    ),
    panel=(
        ordinary("two layers of 64, Huber with delta 0.5, 10 epochs", _fitted(_dense(64, 64, loss=_huber(0.5)), 10)),
        ordinary("two layers of 128, MAE, early stopping", _stopped_early(_dense(128, 128))),
        ordinary(
            "Normalization, two layers of 64, Huber, cosine",
            _fitted(_dense(64, 64, loss="huber", optimizer=_cosine(0.003, 1_880), scaled=True), 10),
        ),
        ordinary("two layers of 64, MAE, RMSprop, 15 epochs", _fitted(_dense(64, 64, optimizer="rmsprop"), 15)),
        ordinary("labels above 8 kW thrown out, MSE", _stopped_early(_dense(64, 64, loss="mse"), most=8.0)),
        mistake("two layers of 128, MSE, early stopping", _stopped_early(_dense(128, 128, loss="mse"), 5)),
        mistake("no hidden layer, MAE, early stopping", _stopped_early(_dense())),
        mistake("a rate of 0.00003, 10 epochs", _fitted(_dense(64, 64, optimizer=_adam(3e-5)), 10)),
        mistake("a cosine that counts epochs", _fitted(_dense(64, 64, optimizer=_cosine(0.01, 10)), 10)),
    ),
    advice=(
        Advice(
            "The loss became NaN: a step overshot, and nothing heals it. Take a tenth of the rate, or a loss whose "
            "slope has a limit; plain SGD and the squared error are the usual pair.",
            when=diverged,
        ),
        Advice(
            "The loss is the same in each of the last epochs: nothing was learned any more. Is there a schedule? It "
            "counts batches, not epochs, and once its steps are over the rate stays where it ended: a cosine's at 0.",
            rungs=(0, 1, 2, 3, 4),
            when=_switched_off,
        ),
        Advice(
            "Your loss is far larger than the error in kW: it squares what the meter got wrong, and three readings in "
            "a hundred rule it. Try a loss that grows in a straight line, or keep such readings out of the training.",
            rungs=(0, 1, 2, 3, 4),
            when=_loss_beyond_error,
        ),
        Advice(
            "A single Dense layer is a weighted sum of the window, and clouds, noon and the inverter's limit are none. "
            'Put a hidden layer or two with activation="relu" before it.',
            rungs=(0, 1, 2, 3),
            when=_single_layer,
        ),
        Advice(
            "It was still learning when the training ended. More epochs are allowed; or is the rate too small for "
            "those that you gave it?",
            rungs=(0, 1, 2, 3, 4),
            when=still_learning,
        ),
        Advice(
            "The validation loss has risen since its best epoch. Stop there: EarlyStopping with restore_best_weights "
            "keeps those weights.",
            rungs=(0, 1, 2, 3, 4),
            when=past_its_best,
        ),
        Advice(
            "Worse than copying yesterday. Has the last layer six units and no activation? If it has, look at "
            "the curve of the loss: does it fall at all?",
            rungs=(0,),
        ),
        Advice(
            "About as good as copying yesterday. Which loss is it? Three training labels in a hundred are nonsense, "
            "and the squared error goes where they pull.",
            rungs=(1,),
        ),
        Advice(
            "Better than yesterday's sun, and still behind what a straight line through the window reaches with a "
            "robust loss. Look at the curve of your loss: a rate that is too small never arrives, one that is too "
            "large jumps about.",
            rungs=(2,),
        ),
        Advice(
            "About as good as a weighted sum of the window. Do the hidden layers have an activation, does the loss "
            "have a limit for outliers, and did the loss settle, or was it jumping to the end?",
            rungs=(3,),
        ),
        Advice(
            "Layers and loss are right. What is left is mostly the end of the training: a rate that falls, by a "
            "schedule or when the validation loss stalls, settles where a constant one jumps about.",
            rungs=(4,),
        ),
        Advice(
            "Full points. To go on: at which hours is your model worst? And does it gain more from a higher peak, or "
            "from 128 more units?",
            rungs=(5,),
        ),
    ),
    hints=(
        "48 numbers go in and 6 come out: hidden layers with relu, and six units without activation at the end.",
        "The labels that you learn from are a poor meter's, those you are judged by are right. What a network does "
        "about wrong labels is decided by its loss.",
        "Hold a part of the windows back and draw its loss. Where the curve goes flat and trembles, a smaller rate "
        "usually gets further: ReduceLROnPlateau cuts it there, a schedule plans it.",
        "A schedule goes into the optimizer, and it counts batches: epochs times len(x_train) / batch_size. "
        "Let it end with the training; a range test, as in Task 4, tells how high it may begin.",
    ),
    reference=solution_of("week14", "train_model"),
)

CHECKS = (huber, recursive_forecast, warmup_cosine, pick_rate, solar_forecaster)
