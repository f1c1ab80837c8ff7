"""Water levels in the sumps of pumping stations: a small model of a float switch.

Sewage runs into a pit, the *sump*. When the water reaches the start level, a pump empties the pit down to the stop
level and rests. So the level is a saw-tooth that no clock drives: how soon it turns depends on what runs in. What a
station is made of, minute by minute:

==========  ====================================================================================================
inflow      low at night, with a peak in the morning and a broader one in the evening; neighbouring minutes are
            alike. A shower multiplies it for an hour or two
switch      the level at which the pump starts and the one at which it stops, set by hand at each station
pump        takes several times the usual inflow; a station's pump is as strong as its inflow needs, and worn or new
high water  a second pump of the same strength starts a hand's breadth above the first one, and stops with it
float       the reading is a few millimetres off, up or down, at random
==========  ====================================================================================================

The stations are invented. The next half-hour is no weighted sum of the hours before: a level that rises will go on
rising, or fall, according to how near the turning point is, and that is another one at each station.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from tfcourse.datasets import generator
from tfcourse.errors import CourseError

MINUTES = 5
"""Minutes between two readings."""

_Floats = npt.NDArray[np.float64]


@generator
def make_sumps(n: int, *, seed: int, readings: int = 288, start: str | None = None) -> npt.NDArray[np.float32]:
    """Draw the readings of `n` stations.

    Each row is a station of its own with an inflow of its own: no row says anything about another one.

    Args:
        n: Number of stations, at least 1.
        seed: Any non-negative integer, of any size. The same seed gives the same readings.
        readings: Readings in each row, at least 1; `MINUTES` apart. Default: a day.
        start: ``midnight`` where every row is to begin then. Default: each row begins at an hour of its own.

    Returns:
        Levels in cm above the pit's floor, one decimal, float32 of shape ``(n, readings)``.

    Raises:
        CourseError: `n` or `readings` is below 1.

    Example:
        >>> make_sumps(3, seed=1).shape
        (3, 288)
    """
    if n < 1 or readings < 1:
        raise CourseError(f"Expected n and readings of at least 1; found n={n}, readings={readings}. Ask for more.")
    rng = np.random.default_rng(seed)
    stop = rng.uniform(25, 65, n)
    begin = stop + rng.uniform(50, 110, n)
    usual = rng.uniform(0.7, 1.7, n)
    strength = usual * rng.uniform(3.0, 5.0, n)
    first = np.zeros(n) if start == "midnight" else rng.uniform(0, 24, n)

    level = rng.uniform(stop, begin)
    pumping = rng.random(n) < 0.3
    second = np.zeros(n, dtype=bool)
    likeness = 0.97
    drift, shower = rng.normal(size=n), np.ones(n)
    levels = np.empty((n, readings))
    for minute in range(-120, readings * MINUTES):
        drift = likeness * drift + np.sqrt(1 - likeness**2) * rng.normal(size=n)
        shower = 1 + (shower - 1) * 0.985 + (rng.random(n) < 0.0005) * rng.uniform(1, 3, n)
        inflow = usual * _of_day(first + minute / 60) * shower * np.exp(0.12 * drift)
        level = level + inflow - strength * (pumping * 1.0 + second)
        pumping = (pumping | (level >= begin)) & (level > stop)
        second = (second | (level >= begin + 15)) & pumping
        if minute >= 0 and minute % MINUTES == 0:
            levels[:, minute // MINUTES] = level
    levels += rng.normal(0, 0.4, levels.shape)
    return np.maximum(levels, 0).round(1).astype(np.float32)


def _of_day(hours: Any) -> _Floats:
    """Return the inflow by the hours since midnight, about 1 on average."""
    hour = np.asarray(hours) % 24
    morning, evening = np.exp(-0.5 * ((hour - 7.5) / 1.5) ** 2), np.exp(-0.5 * ((hour - 19) / 2.5) ** 2)
    shape: _Floats = 0.55 + 0.9 * morning + 0.75 * evening
    return shape
