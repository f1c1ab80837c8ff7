"""Checks of week 14: the Huber loss, recursive forecasts, a schedule, a range test, and a robust forecaster."""

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
from tfcourse.datasets.solar import DAY, add_meter_faults, make_solar

WINDOW, AHEAD = 2 * DAY, 6
FIRST_HOUR, LAST_HOUR = 7, 14
"""Forecasts are made at a full hour between these two: there is light in each of the following six hours' rows."""
TRAINING_PLANTS, TRAINING_DAYS = 1_500, 10
"""Each gives one window for each day but the first two."""
HIDDEN_PLANTS = 12_000
"""Each gives a single window, so that no hidden question can hold another one's answer."""


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


def _dense(loss: Any, optimizer: Any, activation: str | None = "relu") -> Any:
    """Return the reference's layers with another loss, optimizer or activation."""
    import keras

    model = keras.Sequential(
        [
            keras.Input(shape=(WINDOW,)),
            keras.layers.Dense(128, activation=activation),
            keras.layers.Dense(128, activation=activation),
            keras.layers.Dense(AHEAD),
        ]
    )
    model.compile(optimizer=optimizer, loss=loss)
    return model


def _named(name: str, baseline: Baseline) -> Baseline:
    return replace(baseline, name=name)


_training = FixedBudget(output=Output("value", (AHEAD,)), epochs=4, batch_size=16, max_parameters=100_000)
_build_model = solution_of("week14", "build_model")

solar_forecaster = ModelCheck(
    id="week14.solar_forecaster",
    title="The sun in the next six hours",
    skills=("S1", "S7", "S10"),
    data=solar_split,
    training=_training,
    ladder=Ladder(metric=replace(mean_absolute_error, digits=3), thresholds=(1.6, 1.15, 0.97, 0.8, 0.742)),
    baselines=(
        baselines.mean(),
        baselines.last_value(),
        _named("same hour yesterday", baselines.last_season(DAY)),
        baselines.untrained(_training, _build_model),
        baselines.moving_average(DAY),
        baselines.linear(),
        baselines.network("linear network, loss MAE", _training, lambda: _dense("mae", "adam", activation=None)),
        baselines.network("dense network, loss MSE", _training, lambda: _dense("mse", "adam")),
    ),
    advice=(
        Advice(
            "Worse than copying yesterday. Look at the last layer first: six units and no activation, since power is "
            "no probability. Then at the rate: a schedule counts batches, 3,000 of them here, and one that has "
            "counted epochs is at 0 before the learning begins.",
            rungs=(0,),
        ),
        Advice(
            "About as good as copying yesterday. Which loss is it? Three training labels in a hundred are nonsense, "
            'and the squared error goes where they pull. "mae" or keras.losses.Huber with a delta of half a kilowatt '
            "or less usually brings two rungs at once.",
            rungs=(1,),
        ),
        Advice(
            "Better than yesterday's sun, and still behind a straight line through the window with a robust loss. "
            "What usually helps is a loss with a limit (a Huber delta of several kW has hardly any), then Adam rather "
            "than a slow SGD.",
            rungs=(2,),
        ),
        Advice(
            "As good as a linear map with a robust loss, or as a network that is still led astray by the meter. It "
            'takes both, layers that bend (activation="relu" on two hidden layers of 64 or more units) and a robust '
            'loss: "mae", or Huber with a small delta.',
            rungs=(3,),
        ),
        Advice(
            "Layers and loss are right; what is left is the rate. A constant one ends up jumping about. Give Adam a "
            "CosineDecay from 0.003 or so that ends with the training, at step 3,000, and the last rung usually "
            "follows.",
            rungs=(4,),
        ),
        Advice(
            "Full points. To go on: at which hours is your model worst? And does it gain more from a higher peak, or "
            "from 128 more units?",
            rungs=(5,),
        ),
    ),
    hints=(
        "48 numbers go in and 6 come out: two hidden layers with relu, and six units without activation at the end.",
        "The labels that you learn from are a poor meter's, those you are judged by are right. What a network does "
        "about wrong labels is decided by its loss.",
        "12,000 windows in batches of 16 are 750 steps an epoch, 3,000 in all. A schedule goes into the optimizer: "
        "keras.optimizers.Adam(schedule), and it counts these steps.",
        "Dense(128, relu) twice, Dense(6); loss keras.losses.Huber(delta=0.3); Adam with CosineDecay(0.0, "
        "decay_steps=2800, warmup_target=0.004, warmup_steps=200).",
    ),
    reference=_build_model,
)

CHECKS = (huber, recursive_forecast, warmup_cosine, pick_rate, solar_forecaster)
