"""Water of village wells: a laboratory's table, whether one may drink it, and where trouble comes from.

The domain is shallow groundwater in a hilly country with a coast. Rock gives each well its hardness, pH and
potassium: soft sour water in granite, sourer still and with iron where there is peat; salt in some sandstone;
hard water in limestone, often with sulphate from gypsum; and marshes without oxygen, where iron dissolves by
itself and bacteria breathe nitrate away. Onto this comes one of four troubles, faint or strong: fertiliser
from fields (nitrate, potassium, a little sulphate), sewage (chloride, potassium, nitrate, germs), sea water
drawn in by pumping (chloride, and hardness with it), or an old mine (sulphate, with sourness and iron, unless
limestone or clay have neutralised them).

No column tells a source by itself: the same 150 mg/l of chloride may come from a cesspit, from the sea or
from the rock, and what differs is what comes with it. Sulphate means a mine if there is iron or little
hardness with it, and iron means a mine if there is sulphate. Where there is no oxygen, a field's nitrate is
gone and its potassium is left. So sources differ in ratios, and in other ratios in another rock: borders
between them bend, for logarithms as well.

Whether a well is unsafe was decided by an analysis that costs more than this table: germs (which come with
sewage, with mud, and from above into shallow wells), arsenic (dissolved where there is no oxygen and the
water is not sour), lead (dissolved by sour water), or nitrate above the legal 50 mg/l. Each of these alone
is enough.

The wells are invented; the chemistry behind them is simplified from textbooks of hydrochemistry.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tfcourse.datasets import generator

Array = np.ndarray[Any, Any]

FEATURES = (
    "pH",
    "conductivity",
    "hardness",
    "nitrate",
    "chloride",
    "sulphate",
    "iron",
    "potassium",
    "turbidity",
    "temperature",
    "depth",
)
"""Columns of the inputs, in this order."""
UNITS = {
    "pH": "",
    "conductivity": "µS/cm",
    "hardness": "mg/l",
    "nitrate": "mg/l",
    "chloride": "mg/l",
    "sulphate": "mg/l",
    "iron": "mg/l",
    "potassium": "mg/l",
    "turbidity": "NTU",
    "temperature": "°C",
    "depth": "m",
}
"""Units by column name; hardness is given as calcium carbonate, turbidity in nephelometric units."""
SOURCES = ("none", "farming", "sewage", "sea water", "mining")
"""Where trouble comes from, in the order of the labels."""

_SHARES = (0.38, 0.24, 0.16, 0.12, 0.10)
_GRANITE, _SANDSTONE, _LIMESTONE, _MARSH = range(4)


@generator
def make_wells(n: int, *, seed: int) -> tuple[Array, Array, Array]:
    """Generate the analyses of `n` wells.

    Args:
        n: Number of wells, one sample of each.
        seed: Any non-negative integer. The same seed gives the same wells.

    Returns:
        ``x`` of shape (n, 11), float32, raw, in the columns of `FEATURES` and the units of `UNITS`. Most
        columns are skewed: half of the wells have less than 5 mg/l of nitrate, a few more than 100.

        ``unsafe`` of shape (n,), int64: 1 where the full analysis found something, about one well in seven.

        ``source`` of shape (n,), int64: an index into `SOURCES`. Almost four in ten wells have no trouble,
        one in ten has a mine's.
    """
    random = np.random.default_rng(seed)

    def around(median: Any, spread: float) -> Array:
        return np.asarray(median * random.lognormal(0, spread, n))

    source = random.choice(len(SOURCES), size=n, p=_SHARES)
    strength = around(1.3, 0.45)
    farming, sewage, sea, mining = (np.where(source == k, strength, 0.0) for k in range(1, 5))

    rock = random.choice(4, size=n, p=(0.25, 0.24, 0.29, 0.22))
    depth = np.clip(around(13.0, 0.65), 2.5, 150)
    no_oxygen = random.random(n) < np.where(rock == _MARSH, 0.85, np.where(depth > 25, 0.35, 0.08))
    salt = np.where((rock == _SANDSTONE) & (random.random(n) < 0.6), around(1.2, 0.6), 0.0)
    gypsum = np.where((rock == _LIMESTONE) & (random.random(n) < 0.6), around(1.2, 0.6), 0.0)
    peat = np.where((rock == _GRANITE) & (random.random(n) < 0.5), around(1.0, 0.4), 0.0)
    neutralised = rock >= _LIMESTONE  # clay in a marsh does it as well

    hardness = around(np.array([45, 120, 270, 190])[rock], 0.22)
    ph = np.array([6.4, 6.9, 7.3, 7.0])[rock] + random.normal(0, 0.2, n) + 0.3 * no_oxygen
    nitrate = around(4.5, 0.6) + 27 * farming * random.lognormal(0, 0.2, n) + 20 * sewage
    nitrate = nitrate * np.where(no_oxygen, random.uniform(0.005, 0.06, n), 1.0)
    chloride = around(16.0, 0.5) + 12 * farming + 50 * sewage + 110 * sea + 120 * salt
    sulphate = around(22.0, 0.4) + 14 * farming + 15 * sewage + 17 * sea + 150 * mining + 150 * gypsum + 4 * salt
    sulphate = sulphate + np.where(no_oxygen, 20 * farming, 0.0)  # nitrate, breathed away, leaves some
    potassium = around(np.array([2.4, 1.5, 0.9, 5.0])[rock], 0.35)
    potassium = potassium + 3.2 * farming + 5.5 * sewage + 2.0 * sea + 0.4 * mining + 0.7 * salt
    hardness = hardness + 30 * farming + 20 * sewage + 37 * sea + 60 * mining + 150 * gypsum
    ph = ph - np.where(neutralised, 0.1, 1.1) * np.minimum(mining, 1.6) - 0.8 * np.minimum(peat, 1.6) - 0.1 * sewage
    mine_iron = np.where(neutralised, 0.05 * mining, np.where(mining > 0, around(2.5, 0.6), 0.0))
    iron = around(np.where(no_oxygen, 2.2, 0.05), 0.6) + 2.2 * peat + mine_iron
    turbidity = around(0.7 * (10 / depth) ** 0.3, 0.6) + 0.35 * np.where(no_oxygen, iron, 0.0) + 0.5 * sewage
    season = np.cos(2 * np.pi * random.random(n))
    temperature = 10.8 + 5.0 * season * np.exp(-depth / 8) + 0.02 * depth + random.normal(0, 0.5, n)

    germs = np.log(0.06 + sewage) + 0.9 * np.log(turbidity) - 1.3 * np.log(depth / 9) + 0.25 * (temperature - 11)
    arsenic = np.where(no_oxygen, np.log(iron) + 2.4 * (ph - 7.35), -9.0)
    unsafe = (germs + random.normal(0, 0.35, n) > 1.15) | (arsenic + random.normal(0, 0.3, n) > 1.55)
    unsafe = unsafe | (nitrate > 50) | (ph + random.normal(0, 0.08, n) < 4.75)

    conductivity = 60 + 1.45 * hardness + 2.9 * chloride + 0.9 * sulphate + 1.3 * nitrate + 1.5 * potassium
    conductivity = conductivity * random.lognormal(0, 0.03, n)
    measured = {
        "pH": (ph + random.normal(0, 0.05, n)).clip(3.0, 9.0).round(2),
        "conductivity": conductivity.round(),
        "hardness": (hardness * random.lognormal(0, 0.03, n)).round(),
        "nitrate": (nitrate * random.lognormal(0, 0.05, n)).round(1),
        "chloride": (chloride * random.lognormal(0, 0.04, n)).round(1),
        "sulphate": (sulphate * random.lognormal(0, 0.04, n)).round(1),
        "iron": (iron * random.lognormal(0, 0.08, n)).round(2),
        "potassium": (potassium * random.lognormal(0, 0.05, n)).round(1),
        "turbidity": (turbidity * random.lognormal(0, 0.08, n)).round(2),
        "temperature": temperature.clip(3, 22).round(1),
        "depth": depth.round(1),
    }
    x = np.stack([measured[name] for name in FEATURES], axis=1).astype(np.float32)
    return x, unsafe.astype(np.int64), source.astype(np.int64)
