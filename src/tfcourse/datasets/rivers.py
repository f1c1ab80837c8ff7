"""Hourly gauge of a mountain river below a reservoir: a small model of rain, snow, soil, a dam and a valley.

What the level in the town is made of, from the sky downwards:

==========  ====================================================================================================
sky         cold and warm spells on top of the seasons and of the day; rain comes in showers within wet spells
snow        below about 1 °C it stays where it falls, and it melts at so much an hour for each degree above that
soil        drinks what arrives as long as it is dry: what runs off at once is in proportion to the *square* of
            the soil's moisture. It drains slowly, and dries in the warmth
reservoir   catches a good half of the runoff and lets a small steady stream out. When it is full it spills what it
            cannot hold; it is lowered again within some weeks
valley      the water of the catchments passes three basins, one after the other, on its way to the town: its wave
            arrives some hours later, and lower
gauge       a level grows with the square root of the flow; a reading is some millimetres off
==========  ====================================================================================================

The valley and its years are invented. The same 10 mm of rain do nothing to the gauge on dry soil, or on frost, and
make a flood on wet soil below a full dam: the coming hours are no weighted sum of the measurements.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tfcourse.datasets import generator
from tfcourse.datasets.series import autocorrelated
from tfcourse.errors import CourseError

COLUMNS = ("level", "rain", "temperature", "soil", "reservoir")
"""The columns, in their order: cm, mm an hour, °C, percent of what the soil can hold, percent of what the dam can."""
YEAR = 365 * 24
"""Hours in a year."""

_DAYS_IN_YEAR = 365
_SOIL, _RESERVOIR = 90.0, 70.0
"""What soil and dam hold, in mm over the catchment."""
_ON_THE_WAY = 5
"""Hours that the water is under way before it reaches the first of the three basins above the town."""
_WARM_UP = 45 * 24
"""Hours before a row begins, in which soil, snow and reservoir find their state."""
_Floats = npt.NDArray[np.float64]


@generator
def make_rivers(n: int, *, seed: int, hours: int = YEAR, first_day: int | None = None) -> npt.NDArray[np.float32]:
    """Draw `n` stretches of time at the same river.

    Each row has weather of its own, as another year would have: no row says anything about another one.

    Args:
        n: Number of rows, at least 1.
        seed: Any non-negative integer, of any size. The same seed gives the same rows.
        hours: Length of each row, at least 1. Default: a year.
        first_day: Day of the year on which all rows begin, 0 being 1 January. Default: each row begins at an hour of
            its own, anywhere in the year.

    Returns:
        float32 of shape ``(n, hours, 5)``, the last axis in the order of `COLUMNS`, without gaps.

    Raises:
        CourseError: `n` or `hours` is below 1.

    Example:
        >>> make_rivers(3, seed=1, hours=60).shape
        (3, 60, 5)
    """
    if n < 1 or hours < 1:
        raise CourseError(f"Expected n and hours of at least 1; found n={n} and hours={hours}. Ask for more.")
    rng = np.random.default_rng(seed)
    first = rng.integers(0, YEAR, (n, 1)) if first_day is None else np.full((n, 1), 24 * first_day)
    clock = first + np.arange(-_WARM_UP, hours)
    steps = clock.shape[1]
    warmth = -np.cos(2 * np.pi * (clock / 24 - 20) / _DAYS_IN_YEAR)
    wet = autocorrelated(rng, n, steps, 0.985)
    shower = autocorrelated(rng, n, steps, 0.8)
    temperature = 6 + 9 * warmth + 4 * autocorrelated(rng, n, steps, 0.985) - 1.0 * wet
    temperature += (2.5 + 1.5 * warmth) * np.cos(2 * np.pi * (clock - 15) / 24)
    rain = 2.2 * np.maximum(0.7 * wet + 0.75 * shower - 0.9, 0) ** 1.3

    soil, dam = rng.uniform(0.4, 0.8, n) * _SOIL, rng.uniform(0.5, 0.9, n) * _RESERVOIR
    snow, basins = rng.uniform(0, 60, n) * (warmth[:, 0] < -0.3), np.full((3, n), 0.1)
    released = np.full((steps + _ON_THE_WAY, n), 0.1)
    table = np.empty((n, hours, len(COLUMNS)))
    for step in range(steps):
        frozen = np.clip(1.5 - temperature[:, step], 0, 1)
        melt = np.minimum(snow, 0.12 * np.maximum(temperature[:, step] - 1, 0))
        snow += rain[:, step] * frozen - melt
        arriving = rain[:, step] * (1 - frozen) + melt
        moisture = soil / _SOIL
        runoff = arriving * moisture**2
        drained = 0.10 * moisture**3
        dried = 0.004 * np.maximum(temperature[:, step], 0) * moisture
        soil = np.clip(soil + arriving - runoff - drained - dried, 1, _SOIL)
        dam = dam + 0.55 * (runoff + drained) - (0.03 + 0.06 * dam / _RESERVOIR)
        spilled = np.maximum(dam - _RESERVOIR, 0)
        dam = np.maximum(dam - spilled, 0)
        released[step + _ON_THE_WAY] = 0.45 * (runoff + drained) + 0.03 + spilled
        flow = released[step]
        for basin in range(3):
            basins[basin] += (flow - basins[basin]) / 1.5
            flow = basins[basin]
        if step >= _WARM_UP:
            level = 40 + 160 * np.sqrt(flow)
            table[:, step - _WARM_UP] = np.stack(
                [level, rain[:, step], temperature[:, step], 100 * moisture, 100 * dam / _RESERVOIR], axis=-1
            )
    table[..., 0] += rng.normal(0, 0.5, (n, hours))
    table[..., 3] += rng.normal(0, 0.5, (n, hours))
    return table.round(1).astype(np.float32)
