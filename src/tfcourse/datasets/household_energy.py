"""Electricity that a heated and cooled house uses in a day: a table with a kink and an interaction.

The domain is all-electric houses in a continental climate: a heat pump warms them below 16 °C, an air
conditioner cools them above 22 °C, and people cook, wash and light the rooms whatever the weather.
What the weather costs depends on the house: demand for heat is degrees times floor area times heat
loss. Heat loss follows from the year in which the house was built, falls steeply after 1977, when
insulation began to be asked for, and grows with the wind. The colder it is, the less heat the pump
makes of one kilowatt-hour.

So electricity falls with temperature, lies flat and rises again (two kinks), and the slope differs
from house to house (an interaction): a linear model can follow neither. Every row is another house on
another day; no two rows share a house, so nothing about one row can be read in another.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tfcourse.datasets import generator

Array = np.ndarray[Any, Any]

FEATURES = ("temperature", "wind", "floor_area", "year_built", "people")
"""Columns of the inputs, in this order."""
TARGET = "electricity"
"""The column that is to be predicted."""
COLUMNS = ("address", *FEATURES, TARGET)
"""The CSV file's header; ``address`` is text and says nothing about the target."""
UNITS = {
    "temperature": "°C",
    "wind": "km/h",
    "floor_area": "m²",
    "year_built": "year",
    "people": "persons",
    "electricity": "kWh a day",
}
"""Units by column name."""

_COLDEST, _HOTTEST = -16.0, 37.0
_HEATING_BELOW, _COOLING_ABOVE = 16.0, 22.0
_STREETS = ("Mill Lane", "Station Road", "Elm Street", "Harbour View", "Church Hill", "Orchard Close", "Quarry Road")
_QUARTERS = ("Northgate", "Old Town", "Riverside", "West End")


@generator
def make_household_energy(n: int, *, seed: int) -> tuple[Array, Array]:
    """Generate days in the lives of `n` houses.

    Args:
        n: Number of houses, one day each.
        seed: Any non-negative integer. The same seed gives the same table.

    Returns:
        ``x`` of shape (n, 5), float32, with the columns of `FEATURES`:

        - temperature: mean of the day outside, -16.0 to 37.0 °C, one decimal
        - wind: mean of the day, 0 to 70 km/h, whole numbers
        - floor_area: 32 to 280 m², whole numbers
        - year_built: 1900 to 2024
        - people: 1 to 6 who live there, more in larger houses

        and ``y`` of shape (n,), float32: electricity in kWh that day, at least 1.0; about 25 on average,
        half of the days between 10 and 31, a large old house in hard frost above 150. Even with the
        domain's formula at hand, noise would leave a mean absolute error of about 1.3 kWh.
    """
    random = np.random.default_rng(seed)
    day = random.uniform(0, 365, n)
    season = 11.5 - 13 * np.cos(2 * np.pi * (day - 20) / 365)
    temperature = np.clip(season + random.normal(0, 4.5, n), _COLDEST, _HOTTEST).round(1)
    wind = np.clip(random.gamma(2.2, 6.5, n), 0, 70).round()
    floor_area = np.clip(random.lognormal(np.log(112), 0.38, n), 32, 280).round()
    is_old = random.random(n) < 0.3
    year_built = np.where(is_old, random.integers(1900, 1946, n), random.integers(1946, 2025, n))
    people = 1 + random.binomial(5, np.clip(0.12 + floor_area / 500, 0.1, 0.6))

    expected = _expected_use(temperature, wind, floor_area, year_built, people)
    electricity = expected * random.lognormal(0, 0.06, n) + random.normal(0, 0.5, n)
    x = np.stack([temperature, wind, floor_area, year_built, people], axis=1)
    return x.astype(np.float32), np.maximum(electricity, 1.0).astype(np.float32)


def household_energy_csv(
    n: int,
    *,
    seed: int,
    gaps: float = 0.03,
    gaps_in: Sequence[str] = (*FEATURES, TARGET),
    columns: Sequence[str] = COLUMNS,
    blank: str = "",
) -> str:
    """Write houses as the text of a CSV file with a header and gaps, as exports of real meters have them.

    Args:
        n: Number of rows.
        seed: Of the houses (see `make_household_energy`), their addresses and the gaps.
        gaps: Share of numbers that are missing, 0 to 1.
        gaps_in: The columns that have gaps.
        columns: The columns to write and their order; any of `COLUMNS`.
        blank: What stands in a gap.

    Returns:
        The header and one line for each house; electricity is rounded to 0.1 kWh. Addresses hold a comma,
        so they are quoted.
    """
    x, y = make_household_energy(n, seed=seed)
    random = np.random.default_rng((seed, 1))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for inputs, target in zip(x, y, strict=True):
        temperature, *whole = inputs
        address = f"{random.integers(1, 200)} {random.choice(_STREETS)}, {random.choice(_QUARTERS)}"
        numbers = [f"{temperature:.1f}", *(f"{value:.0f}" for value in whole), f"{target:.1f}"]
        row = dict(zip(COLUMNS, [address, *numbers], strict=True))
        missing = dict(zip(COLUMNS[1:], random.random(6) < gaps, strict=True))
        row.update({column: blank for column in gaps_in if missing[column]})
        writer.writerow([row[column] for column in columns])
    return out.getvalue()


def write_household_energy(path: str | Path, n: int, *, seed: int, gaps: float = 0.03) -> Path:
    """Write `household_energy_csv` to a file.

    Args:
        path: The file to write (UTF-8); folders above it are made.
        n: Number of rows.
        seed: See `household_energy_csv`.
        gaps: Share of numbers that are missing.

    Returns:
        The file's path.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(household_energy_csv(n, seed=seed, gaps=gaps), encoding="utf-8", newline="\n")
    return path


def _expected_use(temperature: Array, wind: Array, floor_area: Array, year_built: Array, people: Array) -> Array:
    """Return kWh a day before noise."""
    # W lost through each m² of floor area for each degree between inside and outside
    heat_loss = np.interp(year_built, [1900, 1950, 1977, 1995, 2010, 2024], [2.3, 2.2, 2.0, 1.2, 0.75, 0.45])
    kwh_per_watt = 0.024  # 24 hours / 1000
    heat = np.maximum(_HEATING_BELOW - temperature, 0) * floor_area * heat_loss * (1 + 0.012 * wind) * kwh_per_watt
    heat_per_kwh = np.interp(temperature, [-16, -5, 7, 16], [1.3, 2.2, 3.4, 4.3])
    gain_through_walls = 0.5 + 0.6 * heat_loss
    warmth = np.maximum(temperature - _COOLING_ABOVE, 0) * floor_area * gain_through_walls * kwh_per_watt
    household = 2.5 + 1.9 * people**0.8 + 0.015 * floor_area
    return np.asarray(heat / heat_per_kwh + warmth / 2.5 + household)
