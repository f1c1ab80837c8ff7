"""Hourly power of wind farms and the forecast that it is planned by: a small model of wind and turbines.

What one hour's power is made of, multiplied together:

=========  ====================================================================================================
turbines   in service: a farm has 8 to 30, and one or several stand still for a day or more to be serviced
curve      what a turbine makes of the wind: nothing below 3 m/s, then as the *cube* of the speed, and never more
           than `RATED` above 12 m/s
site       the forecast is made for the region and knows no hills: the wind at a farm is 0.75 to 1.3 times of what it
           says, always by the same factor
storm      at 22 m/s turbines begin to switch themselves off, and at 26 m/s they all stand
wake       all farms are rows from west to east: where the wind blows along the row, each turbine stands in the
           lee of the next one, and gets less of it
=========  ====================================================================================================

Wind comes in spells of a day or two, with a little more of it in the afternoon, and its direction drifts with them. The
forecast for a whole day is issued at the midnight before; its error grows through the day, and is in proportion to the
wind. The farms are invented. A power that is cubed, cut off and switched off is no weighted sum of winds.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tfcourse.datasets import generator
from tfcourse.datasets.series import autocorrelated
from tfcourse.errors import CourseError

DAY = 24
"""Hours in a day."""
RATED = 3.0
"""What a turbine gives at most, in MW."""
COLUMNS = ("power", "wind", "wind_forecast", "direction_forecast", "turbines")
"""The columns, in their order: MW, m/s, m/s, degrees that the wind comes from (0 north, 90 east), turbines in
service."""

_Floats = npt.NDArray[np.float64]


@generator
def make_wind_farms(n: int, *, seed: int, days: int = 2) -> npt.NDArray[np.float32]:
    """Draw the hours of `n` farms.

    Each row is a farm of its own in weather of its own: no row says anything about another one.

    Args:
        n: Number of farms, at least 1.
        seed: Any non-negative integer, of any size. The same seed gives the same farms.
        days: Days in each row, at least 1. Rows begin at midnight.

    Returns:
        float32 of shape ``(n, 24 * days, 5)``, the last axis in the order of `COLUMNS`, without gaps.

    Raises:
        CourseError: `n` or `days` is below 1.

    Example:
        >>> make_wind_farms(3, seed=1).shape
        (3, 48, 5)
    """
    if n < 1 or days < 1:
        raise CourseError(f"Expected n and days of at least 1; found n={n} and days={days}. Ask for more.")
    rng = np.random.default_rng(seed)
    hours = days * DAY
    hour = np.arange(hours) % DAY
    size = rng.integers(8, 31, (n, 1))
    windiness = rng.uniform(7.5, 10.5, (n, 1))
    spell = 0.9 * autocorrelated(rng, n, hours, 0.97) + 0.43 * autocorrelated(rng, n, hours, 0.85)
    afternoon = 0.06 * np.cos(2 * np.pi * (hour - 15) / DAY)
    wind = windiness * np.exp(0.48 * spell - 0.1 + afternoon)
    turn = 70 * autocorrelated(rng, n, hours, 0.985)
    direction = (250 + turn + 15 * autocorrelated(rng, n, hours, 0.8)) % 360
    serviced = np.repeat(rng.binomial(size, 0.5 * rng.beta(0.6, 1.5, (n, days))), DAY, axis=1)
    turbines = size - serviced

    doubt = 0.6 + 0.4 * hour / (DAY - 1)
    site = np.exp(rng.uniform(np.log(0.75), np.log(1.3), (n, 1)))
    forecast = wind / site * np.exp(0.10 * doubt * autocorrelated(rng, n, hours, 0.9))
    forecast_direction = (direction + 10 * doubt * autocorrelated(rng, n, hours, 0.9)) % 360
    felt = wind * (1 - 0.22 * _along(direction))
    power = turbines * RATED * _curve(felt) * np.exp(0.02 * rng.normal(size=wind.shape))
    table = [power.round(2), wind.round(1), forecast.round(1), forecast_direction.round(), turbines]
    return np.stack(table, axis=-1).astype(np.float32)


def _curve(wind: _Floats) -> _Floats:
    """Return the share of the rated power that a turbine gives."""
    power = np.clip((wind**3 - 3**3) / (12**3 - 3**3), 0, 1)
    share: _Floats = power * np.clip((26 - wind) / 4, 0, 1)
    return share


def _along(direction: _Floats) -> _Floats:
    """Return how much the wind blows along a row from west to east: 1 fully, 0 across."""
    east_or_west: _Floats = np.exp(-0.5 * (((direction % 180) - 90) / 18) ** 2)
    return east_or_west
