"""Beehives in autumn, and whether their colonies live in spring. A small model of the domain.

The hives are invented. A colony dies of one of two things, and being well off in one does not help in the other:

=========  =========================================================================================================
hunger     it eats what it has stored. A long winter (high up) takes more, and so do thin walls; many bees eat more,
           but few bees eat more each, since a small cluster keeps warm badly. So there is a best size
mites      what a treatment leaves of the summer's mites makes winter bees die early. Too early in the year, new mites
           come in from other hives; too late, the winter bees are harmed already. What is left of the bees in spring
           has to be enough for a start, and an old queen lays late
=========  =========================================================================================================

Both are decided by a margin and by luck: the weather is in no column.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tfcourse.datasets import generator

FEATURES = ("stores_g", "frames", "mites", "treated_week", "queen_years", "altitude_m", "wall_mm")
"""The columns of the inputs: grams of honey in the hive, frames that are covered with bees, mites on 300 bees in
summer, calendar week of the treatment, age of the queen, height above the sea, and thickness of the hive's walls."""


@generator
def make_beehives(n: int, *, seed: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Draw `n` hives, as they are looked at in October.

    Args:
        n: Number of hives.
        seed: Any non-negative integer. The same seed gives the same hives.

    Returns:
        ``x``: float32 of shape (n, 7), the columns of `FEATURES`.
        ``y``: int64 of shape (n,): 1 where the colony lives in spring, 0 where it does not. A little more than half of
        them live.
    """
    random = np.random.default_rng(seed)
    stores = random.uniform(5, 26, n).round(1)
    frames = random.uniform(3, 14, n).round(1)
    mites = np.exp(random.uniform(np.log(1), np.log(60), n)).round(0)
    treated = random.integers(28, 45, n)
    queen = random.integers(0, 4, n)
    altitude = random.uniform(20, 1200, n).round(0)
    wall = random.uniform(18, 45, n).round(0)

    weeks = 13 + altitude / 100
    each_week = (0.05 * frames + 2.0 / frames) * (1 + 0.3 * (28 - wall) / 20)
    fed = stores / (weeks * each_week) - 1
    works = 0.97 * np.exp(-(((treated - 35) / 4.5) ** 2))
    left = mites * (1 - works)
    bees = frames * (0.85 - 0.85 / (1 + np.exp(-1.8 * np.log((left + 0.1) / 6))))
    strong = np.log(np.maximum(bees, 0.01) / (1.7 + 0.3 * queen))
    chance = 1 / (1 + np.exp(-14 * (fed + 0.12))) / (1 + np.exp(-7 * (strong + 0.1)))
    y = (random.random(n) < chance).astype(np.int64)
    x = np.stack([(1000 * stores).round(), frames, mites, treated, queen, altitude, wall], axis=1)
    return x.astype(np.float32), y
