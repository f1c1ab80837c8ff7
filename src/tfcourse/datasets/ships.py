"""What ships report of themselves, and what they are doing. A small model of the domain.

The reports are invented. No column tells the answer by itself; what decides:

================  ==================================================================================================
under way         fast for its length; slow near a harbour, where it also turns
trawling          2 to 5 knots over ground that a net reaches, on courses that bend; small ships
drifting          the wind pushes it, bow across the wind; the stronger the wind, the faster
at anchor         near the shore where a chain reaches the ground; in wind the bow points into it and swings, without
                  wind it points anywhere
holding position  engines keep it in one place, bow into the wind with little swing, however deep the water
moored            at a quay: it does not move at all, and the wind comes from anywhere
================  ==================================================================================================
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfcourse.datasets import generator

FEATURES = ("speed_kn", "turn", "drift", "wind_angle", "wind_kn", "depth_m", "shore_m", "length_m")
"""The columns of the inputs: speed in knots, degrees turned in a minute, degrees between the bow and the direction in
which the ship moves, where the wind comes from in degrees clockwise from the bow (0 from ahead, 90 from starboard, 270
from port), the wind in knots, and in metres depth of the water, distance to the shore, and the ship's length."""
DOINGS = ("under way", "trawling", "drifting", "at anchor", "holding position", "moored")
"""What the labels mean, in their order."""

_Column = NDArray[np.float64]


@generator
def make_ships(n: int, *, seed: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Draw reports of `n` ships, one of each.

    Args:
        n: Number of reports.
        seed: Any non-negative integer. The same seed gives the same reports.

    Returns:
        ``x``: float32 of shape (n, 8), the columns of `FEATURES`, one digit after the point; wind angle, depth and
        length without, distances to the shore in whole hundreds.
        ``y``: int64 of shape (n,), the place in `DOINGS`. All six are equally frequent, give or take one report.
    """
    random = np.random.default_rng(seed)
    y = random.permutation(np.arange(n, dtype=np.int64) % len(DOINGS))
    x = np.empty((n, len(FEATURES)))
    for label, draw in enumerate((_under_way, _trawling, _drifting, _at_anchor, _holding, _moored)):
        rows = y == label
        x[rows] = np.stack(draw(int(rows.sum()), random), axis=1)
    x[:, 5] = np.ceil(x[:, 5])
    x[:, 7] = x[:, 7].round()
    x[:, 3] = np.where(random.random(n) < 0.5, x[:, 3], 360 - x[:, 3]).round() % 360
    x = np.maximum(x, 0).round(1)
    x[:, 6] = (1000 * x[:, 6]).round()
    return x.astype(np.float32), y


def _log_uniform(low: float, high: float, n: int, random: np.random.Generator) -> Any:
    return np.exp(random.uniform(np.log(low), np.log(high), n))


def _angle(middle: Any, spread: Any, n: int, random: np.random.Generator) -> Any:
    """Draw angles from 0 to 180 degrees around `middle`: 190 is 170 on the other side."""
    angle = np.abs(random.normal(middle, spread, n)) % 360
    return np.where(angle > 180, 360 - angle, angle)


def _wind(n: int, random: np.random.Generator) -> _Column:
    return random.gamma(3.0, 4.5, n)


def _under_way(n: int, random: np.random.Generator) -> list[_Column]:
    length, wind, shore = _log_uniform(10, 300, n, random), _wind(n, random), _log_uniform(0.1, 80, n, random)
    harbour = np.exp(-shore / 2.0)
    full = 1.6 * np.sqrt(length) * random.uniform(0.5, 1.1, n)
    speed = np.clip(full, 3, 24) * (1 - 0.85 * harbour * random.uniform(0.3, 1, n))
    turn = np.abs(random.normal(0, 1.5 + 14 * harbour, n))
    drift = np.abs(random.normal(0, 2 + 1.0 * wind / np.maximum(speed, 0.5), n)) % 180
    depth = np.minimum(6 * (shore + 0.5) ** 0.8 * random.lognormal(0, 0.6, n) + 4, 400)
    return [speed, turn, drift, random.uniform(0, 180, n), wind, depth, shore, length]


def _trawling(n: int, random: np.random.Generator) -> list[_Column]:
    length, wind, shore = _log_uniform(10, 60, n, random), _wind(n, random), _log_uniform(0.8, 80, n, random)
    speed = random.normal(3.4, 0.8, n)
    turn = np.abs(random.normal(0, 6, n))
    drift = np.abs(random.normal(0, 9, n))
    depth = np.minimum(6 * (shore + 0.5) ** 0.8 * random.lognormal(0.3, 0.5, n) + 8, 250)
    return [speed, turn, drift, random.uniform(0, 180, n), wind, depth, shore, length]


def _drifting(n: int, random: np.random.Generator) -> list[_Column]:
    length, wind, shore = _log_uniform(10, 300, n, random), _wind(n, random), _log_uniform(0.4, 80, n, random)
    speed = np.abs(0.05 * wind + random.normal(0.1, 0.2, n))
    turn = np.abs(random.normal(0, 2.5, n))
    drift = _angle(90, 30, n, random)
    depth = np.minimum(6 * (shore + 0.5) ** 0.8 * random.lognormal(0, 0.6, n) + 4, 400)
    return [speed, turn, drift, _angle(90, 250 / (wind + 4), n, random), wind, depth, shore, length]


def _at_anchor(n: int, random: np.random.Generator) -> list[_Column]:
    length, wind, shore = _log_uniform(10, 300, n, random), _wind(n, random), _log_uniform(0.15, 15, n, random)
    speed = np.abs(random.normal(0, 0.12 + 0.012 * wind, n))
    turn = np.abs(random.normal(0, 3.5, n))
    depth = np.clip(5 * (shore + 0.5) ** 0.8 * random.lognormal(0, 0.5, n) + 4, 4, 70)
    return [speed, turn, random.uniform(0, 180, n), _angle(0, 350 / (wind + 2), n, random), wind, depth, shore, length]


def _holding(n: int, random: np.random.Generator) -> list[_Column]:
    length, wind, shore = _log_uniform(30, 180, n, random), _wind(n, random), _log_uniform(1.0, 80, n, random)
    speed = np.abs(random.normal(0, 0.2, n))
    turn = np.abs(random.normal(0, 1.2, n))
    depth = np.minimum(6 * (shore + 0.5) ** 0.8 * random.lognormal(0.3, 0.6, n) + 6, 400)
    return [speed, turn, random.uniform(0, 180, n), _angle(0, 16, n, random), wind, depth, shore, length]


def _moored(n: int, random: np.random.Generator) -> list[_Column]:
    length, wind, shore = _log_uniform(10, 300, n, random), _wind(n, random), _log_uniform(0.02, 0.8, n, random)
    speed = np.abs(random.normal(0, 0.08, n))
    turn = np.abs(random.normal(0, 0.5, n))
    depth = 2 + 0.05 * length * random.uniform(0.6, 1.6, n)
    return [speed, turn, random.uniform(0, 180, n), random.uniform(0, 180, n), wind, depth, shore, length]
