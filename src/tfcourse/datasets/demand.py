"""Hourly bicycle hires in the districts of a city: a small model of demand.

What one hour's expected number of hires is made of, multiplied together:

=================  ===========================================================================================
size               of the district, from quiet to busy, a factor of four between the extremes
trend              the scheme grows, or shrinks a little: from 10 % fewer to 30 % more hires after a year
season of year     35 % above the mean in July, 35 % below it in January
weather            one value a day that stays alike for about a week (autocorrelated), as fine and wet spells do;
                   it hardly touches the way to work, and makes or breaks a weekend
shape of the day   two sharp peaks on a working day, one broad afternoon on a Saturday, a Sunday or a holiday
chance             of the hour: neighbouring hours share some of it
=================  ===========================================================================================

The hires themselves are Poisson counts of that, and never more than the district's bicycles can serve. So
the effects are multiplied, depend on the kind of day, and are cut off at the top: what the coming day
brings is no weighted sum of the hours before it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tfcourse.datasets import generator
from tfcourse.datasets.series import autocorrelated, peak
from tfcourse.errors import CourseError

DAY = 24
"""Hours in a day: the short season."""
WEEK = 7 * DAY
"""Hours in a week: the long season."""
MOST_HIRES = 400
"""Hires an hour that a district's bicycles can serve; what is asked for above that is cut off."""

_DAYS_IN_YEAR = 365.25
_HOLIDAYS = 7 / _DAYS_IN_YEAR
_Floats = npt.NDArray[np.float64]


@generator
def make_demand(n: int, *, seed: int, days: int = 14) -> npt.NDArray[np.float32]:
    """Draw the hourly hires of `n` districts.

    Each district is a realisation of its own: size, growth, weather, holidays and chance of one row say
    nothing about another row. Each row begins at midnight between a Sunday and a Monday, in a week of
    the year of its own.

    Args:
        n: Number of districts, at least 1.
        seed: Any non-negative integer, of any size. The same seed gives the same hires.
        days: Days in each row, at least 1. Default: two weeks.

    Returns:
        Hires an hour, float32 of shape ``(n, 24 * days)``: whole numbers from 0 to
        `MOST_HIRES`. Hour ``h`` of a row is ``h % 24`` o'clock, on weekday ``h // 24 % 7`` (0: Monday).

    Raises:
        CourseError: `n` or `days` is below 1.

    Example:
        >>> make_demand(3, seed=1).shape
        (3, 336)
    """
    if n < 1 or days < 1:
        raise CourseError(f"Expected n and days of at least 1; found n={n} and days={days}. Ask for more.")
    rng = np.random.default_rng(seed)
    day = np.arange(days)
    size = np.exp(rng.uniform(np.log(100), np.log(400), (n, 1)))
    growth = rng.uniform(-0.1, 0.3, (n, 1))
    first_day = rng.integers(0, 365, (n, 1))
    commuters = rng.uniform(0, 0.9, (n, 1))
    trend = 1 + growth * day / _DAYS_IN_YEAR
    season = 1 + 0.35 * np.cos(2 * np.pi * (first_day + day - 196) / _DAYS_IN_YEAR)
    free = (day % 7 >= 5) | (rng.random((n, days)) < _HOLIDAYS)
    weather = np.exp(np.where(free, 0.75, 0.25) * autocorrelated(rng, n, days, 0.88))
    level = size * trend * season * weather
    share = np.where(free, 1.3 - 0.8 * commuters, 0.5 + 0.6 * commuters)
    shape = np.where(free[..., None], _FREE_DAY, _WORKING_DAY)
    expected = ((level * share)[..., None] * shape).reshape(n, days * DAY)
    expected *= np.exp(0.06 * autocorrelated(rng, n, days * DAY, 0.8))
    hires: npt.NDArray[np.float32] = np.minimum(rng.poisson(expected), MOST_HIRES).astype(np.float32)
    return hires


_WORKING_DAY: _Floats = 0.04 + peak(8, 1.2) + 1.1 * peak(17.5, 1.8) + 0.35 * peak(13, 2.5)
_FREE_DAY: _Floats = 0.05 + 0.95 * peak(14.5, 3.6) + 0.12 * peak(22, 2.0)
