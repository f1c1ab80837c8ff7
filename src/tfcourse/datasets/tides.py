"""Hourly water levels of river harbours: a small model of tides, river, wind and surge.

Everything here is invented; no harbour stands behind it. What the level of one hour is made of:

==========  ====================================================================================================
tide        three waves of 12.42, 12.00 and 25.82 hours, the moon's, the sun's and a daily one. The first two drift
            apart and together again, so that high waters grow and shrink in turns of about fifteen days
shallows    in shallow water a high tide runs faster than a low one: the water rises steeply and falls slowly
river       floods that rise within a day and fall for several; a full river holds the tide back
wind        speed in m/s, and heading, as a station at the river's mouth reports them: storms that come and go
            within days. The heading is the cosine of the angle between wind and river: 1 straight inland, 0 across,
            -1 straight out to sea
surge       what the wind piles up: it grows with the *square* of the speed, times the heading. It travels up the
            river for eight hours before it arrives, and runs off slowly; over a high tide it stands a little lower
            than over a low one
waves       a few centimetres at each reading, up or down, at random
==========  ====================================================================================================

The same wind does something else eight hours later than one hour later, and a window whose hours are shuffled
says little: the order carries the answer.

`make_gated_harbours` draws others, a day's way up longer rivers, behind a gate that is opened and closed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from tfcourse.datasets import generator
from tfcourse.datasets.series import run_off
from tfcourse.errors import CourseError

COLUMNS = ("level", "speed", "heading")
"""What the last axis holds: cm, m/s, and a cosine."""
MOON, SUN, DAILY = 12.42, 12.00, 25.82
"""Periods of the three tides, in hours."""
MEMORY = 0.85
"""The share of a surge that is still there an hour later."""
DELAY = 8
"""Hours until the water that the wind has moved arrives at the harbour."""

GATED_COLUMNS = ("level", "speed", "heading", "order")
"""What the last axis of gated harbours holds: m, m/s, a cosine, and 1 for *open*, 0 for *close*."""
GATED_DELAY = 25
"""Hours until the water that has passed the gate arrives at a gated harbour."""
ORDER_AHEAD = 2
"""Hours between the order to the gate and its being carried out."""

_GATED_MEMORY = 0.92
_Floats = npt.NDArray[np.float64]


@generator
def make_tides(n: int, *, seed: int, hours: int = 240) -> npt.NDArray[np.float32]:
    """Draw the water levels of `n` harbours, and the wind at the mouths of their rivers.

    Each row is a harbour of its own with weather of its own: no row says anything about another one.

    Args:
        n: Number of harbours, at least 1.
        seed: Any non-negative integer, of any size. The same seed gives the same levels.
        hours: Length of each row, at least 1. Default: 240, ten days.

    Returns:
        Float32 of shape ``(n, hours, 3)``: in the last axis the level in cm, 0 being the harbour's long-term
        mean without wind and floods, the speed of the wind in m/s, and its heading from -1 to 1. See `COLUMNS`.

    Raises:
        CourseError: `n` or `hours` is below 1.

    Example:
        >>> make_tides(3, seed=1).shape
        (3, 240, 3)
    """
    if n < 1 or hours < 1:
        raise CourseError(f"Expected n and hours of at least 1; found n={n} and hours={hours}. Ask for more.")
    rng = np.random.default_rng(seed)
    size = rng.uniform(80, 150, (n, 1))
    river = _floods(rng, n, hours)
    tide = size * _tide(rng, n, hours) / (1 + 0.25 * river)
    speed, heading, surge = _weather(rng, n, hours)
    level = tide + surge * (1 - 0.3 * np.tanh(tide / size)) + 45 * river + rng.normal(0, 3, (n, hours))
    return np.stack([level, speed, heading], axis=-1).astype(np.float32)


@generator
def make_gated_harbours(n: int, *, seed: int, hours: int = 240) -> npt.NDArray[np.float32]:
    """Draw the water levels of `n` harbours far up long rivers, with the wind and the gate at their mouths.

    Hardly a tide comes that far. What comes is the water of squalls, a few hours of strong wind straight inland or
    straight out to sea: it grows with the speed, to the power of 1.5, times the heading. It passes while the gate at
    the mouth is open, needs `GATED_DELAY` hours to arrive, and runs off slowly. The gate is open in an hour if the
    *order* of `ORDER_AHEAD` hours before was 1. On top come floods, a trace of tide, and waves.

    Each row is a harbour of its own with weather of its own: no row says anything about another one.

    Args:
        n: Number of harbours, at least 1.
        seed: Any non-negative integer, of any size. The same seed gives the same levels.
        hours: Length of each row, at least 1. Default: 240, ten days.

    Returns:
        Float32 of shape ``(n, hours, 4)``: in the last axis the level in **m**, the speed of the wind in m/s, its
        heading from -1 to 1, and the order. See `GATED_COLUMNS`.

    Raises:
        CourseError: `n` or `hours` is below 1.

    Example:
        >>> make_gated_harbours(3, seed=1).shape
        (3, 240, 4)
    """
    if n < 1 or hours < 1:
        raise CourseError(f"Expected n and hours of at least 1; found n={n} and hours={hours}. Ask for more.")
    rng = np.random.default_rng(seed)
    warm_up = 100
    shape = (n, warm_up + hours)
    speed = np.maximum(_squalls(rng, shape), np.abs(run_off(rng.normal(size=shape), 0.9) * np.sqrt(1 - 0.9**2)))
    heading = (2 * _now_and_then(rng, shape) - 1) * rng.uniform(0.7, 1.0, shape)
    order = _now_and_then(rng, shape)
    is_open = _later(order, ORDER_AHEAD)
    passed = 0.7 * (speed / 20) ** 1.5 * heading * is_open
    surge = run_off(_later(passed, GATED_DELAY), _GATED_MEMORY)[:, warm_up:]
    trace = rng.uniform(0.02, 0.05, (n, 1)) * _tide(rng, n, hours)
    level = surge + trace + 0.15 * _floods(rng, n, hours) + rng.normal(0, 0.02, (n, hours))
    wind_and_gate = (part[:, warm_up:] for part in (speed, heading, order))
    return np.stack([level, *wind_and_gate], axis=-1).astype(np.float32)


def surge_of(speed: npt.NDArray[Any], heading: npt.NDArray[Any]) -> _Floats:
    """Return the surge that a wind causes at mid-tide, beginning with still water.

    Args:
        speed: Shape (n, hours), in m/s.
        heading: Shape (n, hours), from -1 to 1.

    Returns:
        Float64 of shape (n, hours), in cm. The first `DELAY` hours are 0: nothing has arrived yet.

    Example:
        >>> surge_of(np.full((1, 10), 10.0), np.ones((1, 10)))[0, 7:].round(1).tolist()
        [0.0, 10.0, 18.5]
    """
    pushed = 0.1 * speed**2 * heading
    arrived = np.pad(pushed, ((0, 0), (DELAY, 0)))[:, : speed.shape[1]]
    return run_off(arrived, MEMORY)


def _tide(rng: np.random.Generator, n: int, hours: int) -> _Floats:
    """Return the tide in units of its moon wave, shape (n, hours), steepened as shallow water does it."""
    time = np.arange(hours) + rng.uniform(0, 10_000, (n, 1))
    phases = rng.uniform(0, 2 * np.pi, (2, n, 1))
    shallow = rng.uniform(0.1, 0.25, (n, 1))
    moon = 2 * np.pi * time / MOON
    half_daily = np.cos(moon) + 0.35 * np.cos(2 * np.pi * time / SUN + phases[0])
    daily = rng.uniform(0.05, 0.2, (n, 1)) * np.cos(2 * np.pi * time / DAILY + phases[1])
    return np.asarray(half_daily + daily + shallow * np.cos(2 * moon + np.pi / 2))


def _floods(rng: np.random.Generator, n: int, hours: int) -> _Floats:
    """Return the river's fullness, shape (n, hours): about 0 most of the time, 1 in an ordinary flood."""
    warm_up = 400
    rain = np.where(rng.random((n, warm_up + hours)) < 1 / 240, rng.exponential(1.0, (n, warm_up + hours)), 0.0)
    river = run_off(run_off(rain, 0.9), 0.985)
    return 0.15 * river[:, warm_up:]


def _weather(rng: np.random.Generator, n: int, hours: int) -> tuple[_Floats, _Floats, _Floats]:
    """Return the wind's speed in m/s, its heading, and the surge in cm that it causes, each of shape (n, hours)."""
    warm_up = 80
    both = run_off(rng.normal(size=(2 * n, warm_up + hours)), 0.95) * np.sqrt(1 - 0.95**2)
    inland, across = 7 * both.reshape(2, n, -1)
    speed = np.hypot(inland, across)
    heading = inland / np.maximum(speed, 1e-9)
    surge = surge_of(speed, heading)
    return speed[:, warm_up:], heading[:, warm_up:], surge[:, warm_up:]


def _squalls(rng: np.random.Generator, shape: tuple[int, int]) -> _Floats:
    """Return the speed of squalls, 0 between them: one begins in every twelfth hour, and lasts for three."""
    begins = np.where(rng.random(shape) < 1 / 12, rng.uniform(10, 20, shape), 0.0)
    speed: _Floats = np.maximum.reduce([share * _later(begins, hour) for hour, share in enumerate((1.0, 0.75, 0.5))])
    return speed


def _now_and_then(rng: np.random.Generator, shape: tuple[int, int]) -> _Floats:
    """Return rows of zeros and ones that change in every eighth hour, at random."""
    changes = rng.random(shape) < 1 / 8
    return ((np.cumsum(changes, axis=1) + rng.integers(0, 2, (shape[0], 1))) % 2).astype(np.float64)


def _later(values: _Floats, hours: int) -> _Floats:
    """Return rows in which everything happens `hours` later; the first hours are 0."""
    return np.pad(values, ((0, 0), (hours, 0)))[:, : values.shape[1]]
