"""Hourly power of small solar plants: a small model of sun, clouds, snow, and of the meter that counts.

Everything here is invented; no plant stands behind it. What one hour's power is made of:

===========  ===================================================================================================
sun          its height and direction by hour and day of the year, at 48 degrees north; in winter its light
             comes low, late and through more air
panel        tilted by 15 to 45 degrees, and turned by up to 60 degrees to the east or the west, so that a plant's
             best hour is its own
clouds       one value a day that often resembles the day before's, and one an hour that resembles the hour
             before's; winters are greyer. A cloud takes the direct light and leaves the diffuse
snow         falls in winter nights and covers the panel until it thaws, some days later
inverter     passes on at most `MOST_POWER`; what the panel gives above that is cut off
===========  ===================================================================================================

So the effects are multiplied and cut off at both ends: the coming hours are no weighted sum of the hours
before. The power itself is right. What a *meter* reports of it may be not: see `add_meter_faults`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from tfcourse.datasets import generator
from tfcourse.datasets.series import autocorrelated
from tfcourse.errors import CourseError

DAY = 24
"""Hours in a day."""
RATED_POWER = 10.0
"""What the panels could give at best, in kW."""
MOST_POWER = 8.0
"""What the inverter passes on at most, in kW."""

_DAYS_IN_YEAR = 365.25
_LATITUDE = np.radians(48)
_THROUGH_SNOW = 0.06
_Floats = npt.NDArray[np.float64]


@generator
def make_solar(n: int, *, seed: int, days: int = 10, first_day: int | None = None) -> npt.NDArray[np.float32]:
    """Draw the hourly power of `n` solar plants.

    Each row is a plant of its own under a sky of its own: no row says anything about another one.

    Args:
        n: Number of plants, at least 1.
        seed: Any non-negative integer, of any size. The same seed gives the same power.
        days: Days in each row, at least 1. Default: 10.
        first_day: Day of the year on which all rows begin, from 0. Default: each row begins on a day of
            its own, and together they are spread evenly over the year.

    Returns:
        Power in kW, float32 of shape ``(n, 24 * days)``, from 0 (at night) to `MOST_POWER`. Rows begin
        at midnight: hour ``h`` of a row is the mean from ``h % 24`` o'clock on, by the sun's time.

    Raises:
        CourseError: `n` or `days` is below 1.

    Example:
        >>> make_solar(3, seed=1, days=2).shape
        (3, 48)
    """
    if n < 1 or days < 1:
        raise CourseError(f"Expected n and days of at least 1; found n={n} and days={days}. Ask for more.")
    rng = np.random.default_rng(seed)
    spread = (rng.permutation(n) + rng.random(n)) * _DAYS_IN_YEAR / n
    begin = spread if first_day is None else np.full(n, float(first_day))
    day = begin[:, None] + np.arange(days)
    height, direct = _sunlight(day, tilt=rng.uniform(15, 45, n), turn=rng.uniform(-60, 60, n))
    winter = np.cos(2 * np.pi * (day - 15) / _DAYS_IN_YEAR)
    clear = 1.3 * autocorrelated(rng, n, days, 0.6) - 0.5 * winter
    clear = np.repeat(clear, DAY, axis=1) + 1.1 * autocorrelated(rng, n, days * DAY, 0.85)
    passed = 1 / (1 + np.exp(-1.6 * clear - 0.4))  # the share of direct light that clouds let through
    diffuse = height * (0.08 + 0.5 * passed * (1 - passed))
    light = (direct * passed + diffuse) * np.repeat(np.where(_snow(rng, winter), _THROUGH_SNOW, 1.0), DAY, axis=1)
    power: npt.NDArray[np.float32] = np.minimum(RATED_POWER * light, MOST_POWER).astype(np.float32)
    return power


def add_meter_faults(
    power: npt.NDArray[np.floating[Any]], *, seed: int, share: float = 0.03
) -> npt.NDArray[np.float32]:
    """Return `power` as a meter with a poor radio link reports it.

    One fault in four is a reading that got lost, and is recorded as 0. The others come after an outage: what the
    meter has counted meanwhile arrives as if it were a single hour's, 20 to 60 kW, more than the plant can give.

    Args:
        power: In kW, any shape. It stays as it is.
        seed: Any non-negative integer.
        share: Share of the readings that are faulty. Default: 0.03.

    Returns:
        Readings in kW, float32 of the same shape.
    """
    rng = np.random.default_rng(seed)
    faulty, lost = rng.random(power.shape) < share, rng.random(power.shape) < 0.25
    wrong = np.where(lost, 0.0, rng.uniform(20, 60, power.shape))
    return np.where(faulty, wrong, power).astype(np.float32)


def _sunlight(day: _Floats, *, tilt: _Floats, turn: _Floats) -> tuple[_Floats, _Floats]:
    """Return, hour by hour, the sine of the sun's height and the direct light on the panel under a clear sky.

    Args:
        day: Of the year, shape (n, days).
        tilt: Of each panel from the horizontal, in degrees.
        turn: Of each panel from south to west, in degrees.

    Returns:
        Two arrays of shape (n, 24 * days), both 0 at night.
    """
    declination = -np.radians(23.44) * np.cos(2 * np.pi * (day + 10) / _DAYS_IN_YEAR)[..., None]
    angle = np.radians(15 * (np.arange(DAY) + 0.5 - 12))  # 0 at noon, positive in the afternoon
    west = np.cos(declination) * np.sin(angle)
    south = np.cos(declination) * np.sin(_LATITUDE) * np.cos(angle) - np.sin(declination) * np.cos(_LATITUDE)
    up = np.sin(_LATITUDE) * np.sin(declination) + np.cos(_LATITUDE) * np.cos(declination) * np.cos(angle)
    height = np.maximum(up, 0)
    lean, turned = np.radians(tilt)[:, None, None], np.radians(turn)[:, None, None]
    facing = up * np.cos(lean) + np.sin(lean) * (south * np.cos(turned) + west * np.sin(turned))
    through_air = 0.72 ** (np.maximum(height, 0.02) ** -0.68)  # the lower the sun, the more air
    direct = np.where(up > 0, 1.2 * through_air * np.maximum(facing, 0), 0.0)
    return height.reshape(len(day), -1), direct.reshape(len(day), -1)


def _snow(rng: np.random.Generator, winter: _Floats) -> npt.NDArray[np.bool_]:
    """Return for each day, shape (n, days), whether snow lies on the panel. `winter` is 1 in the coldest week."""
    falls, thaws = 0.12 * np.maximum(winter, 0), 0.3 + 0.7 * (1 - np.maximum(winter, 0))
    chance = rng.random((2, *winter.shape))
    lies = chance[0, :, 0] < falls[:, 0] / (falls[:, 0] + thaws[:, 0])
    covered = np.empty(winter.shape, dtype=bool)
    for day in range(winter.shape[1]):
        lies = (chance[0, :, day] < falls[:, day]) | (lies & (chance[1, :, day] > thaws[:, day]))
        covered[:, day] = lies
    return covered
