"""Hourly bicycle hires of invented towns, with their weather, their calendar and the weather report.

Week 13's hires (`tfcourse.datasets.demand`) stood alone. Here each hour has what a planner would also have:
what was measured, and what is known about the hour in advance. What one hour's expected number of hires is
made of, multiplied together:

=================  ===========================================================================================
size               of the town, a factor of four between the extremes, and its growth within a year
shape of the day   two peaks on a working day, one broad afternoon on a free one; how much a town commutes is
                   its own
temperature        best at 22 °C; 0 °C leaves a quarter of a free day's hires; above 27 °C it costs hires too
rain               the first half millimetre costs most, and more cannot do much more harm
wind               costs a little, above 6 m/s
kind of day        on a free day the weather counts nearly twice as much as on a working day
event              on one day in ten, something in town (a match, a concert) fills the evening
chance             of the day and of the hour: neighbouring hours share some of it
=================  ===========================================================================================

The hires themselves are Poisson counts of that. Temperature follows the season, the time of day and the spell
of weather; rain comes in showers within wet spells. The report for a whole day is issued at the midnight
before it, and is right less often about the evening than about the morning.
"""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
import numpy.typing as npt

from tfcourse.datasets import generator
from tfcourse.datasets.series import autocorrelated, peak
from tfcourse.errors import CourseError

DAY = 24
"""Hours in a day: the short season."""
WEEK = 7 * DAY
"""Hours in a week: the long season."""
COLUMNS = (
    "hires",
    "temperature",
    "rain",
    "wind",
    "free",
    "event",
    "temperature_forecast",
    "rain_forecast",
    "wind_forecast",
)
"""The columns, in their order. °C, mm an hour, m/s; `free` and `event` are 0 or 1."""
PAST = ("hires", "temperature", "rain", "wind", "free", "event")
"""Columns that are known of hours that have been."""
KNOWN = ("free", "event", "temperature_forecast", "rain_forecast", "wind_forecast")
"""Columns that are known at midnight for each hour of the coming day."""

_DAYS_IN_YEAR = 365.25
_HOLIDAYS = 0.03
_EVENTS = 0.1
_Floats = npt.NDArray[np.float64]


@generator
def make_city_bikes(n: int, *, seed: int, days: int = 14, start: str | None = None) -> npt.NDArray[np.float32]:
    """Draw the hours of `n` towns.

    Each town is a realisation of its own: size, growth, weather, holidays, events and chance of one row
    say nothing about another row.

    Args:
        n: Number of towns, at least 1.
        seed: Any non-negative integer, of any size. The same seed gives the same towns.
        days: Days in each row, at least 1. Default: two weeks.
        start: The Monday that every row begins on, ``2022-01-03`` say. Default: a week of the year of its own.

    Returns:
        float32 of shape ``(n, 24 * days, 9)``, the last axis in the order of `COLUMNS`, without gaps. Hour
        ``h`` of a row is ``h % 24`` o'clock, on weekday ``h // 24 % 7`` (0: Monday).

    Raises:
        CourseError: `n` or `days` is below 1, or `start` is no Monday.

    Example:
        >>> make_city_bikes(3, seed=1).shape
        (3, 336, 9)
    """
    if n < 1 or days < 1:
        raise CourseError(f"Expected n and days of at least 1; found n={n} and days={days}. Ask for more.")
    rng = np.random.default_rng(seed)
    first_day = rng.integers(0, 365, (n, 1)) if start is None else np.full((n, 1), _day_of_year(start))
    day = np.arange(days)
    free = (day % 7 >= 5) | (rng.random((n, days)) < _HOLIDAYS)
    event = _hours(rng.random((n, days)) < _EVENTS) & (np.tile(np.arange(DAY), days) >= 18)

    of_year: _Floats = np.asarray(2 * np.pi * (first_day + day) / _DAYS_IN_YEAR)
    temperature, rain, wind, report = _weather(rng, of_year)
    size = np.exp(rng.uniform(np.log(120), np.log(480), (n, 1)))
    growth = 1 + rng.uniform(-0.1, 0.3, (n, 1)) * day / _DAYS_IN_YEAR
    commuters = rng.uniform(0.2, 0.9, (n, 1))
    share = np.where(free, 1.3 - 0.6 * commuters, 0.5 + 0.6 * commuters)
    luck = np.exp(0.08 * autocorrelated(rng, n, days, 0.5))
    level = _hours(size * growth * share * luck)
    shape = np.where(free[..., None], _FREE_DAY, _WORKING_DAY).reshape(n, -1)
    sensitivity = np.where(_hours(free), 1.0, 0.55)
    evening = 1 + 1.2 * event * np.tile(peak(20.5, 1.8), days)
    expected = level * shape * evening * np.exp(sensitivity * _appetite(temperature, rain, wind))
    expected *= np.exp(0.06 * autocorrelated(rng, n, days * DAY, 0.8))
    hires = rng.poisson(expected)
    rows = np.stack([hires, temperature, rain, wind, _hours(free), event, *report], axis=-1)
    return rows.astype(np.float32)


def city_csv(rows: npt.NDArray[Any], *, start: str = "2022-01-03", gaps: float = 0.0, seed: int = 0) -> str:
    """Write one town as the text of a CSV file, as its data service might send it.

    Args:
        rows: Hours by `COLUMNS`, of shape ``(hours, 9)``. ``NaN`` becomes an empty cell.
        start: The date of the first hour. Default: a Monday.
        gaps: Share of the cells of what is measured (hires and weather) that are left empty; they come in
            runs of a few hours, as failures do. Default: none.
        seed: Of the gaps.

    Returns:
        A header ``time,hires,…`` and a line for each hour.
    """
    rng = np.random.default_rng(seed)
    rows = np.array(rows, dtype=float)
    for column in range(4):
        begins = np.flatnonzero(rng.random(len(rows)) < gaps / 3)
        for begin, length in zip(begins, rng.integers(1, 6, len(begins)), strict=True):
            rows[begin : begin + length, column] = np.nan
    times = np.datetime64(start, "h") + np.arange(len(rows))
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["time", *COLUMNS])
    for time, row in zip(times, rows, strict=True):
        writer.writerow([f"{time}:00", *("" if np.isnan(cell) else f"{cell:.4g}" for cell in row)])
    return file.getvalue()


def _day_of_year(start: str) -> int:
    day = np.datetime64(start, "D")
    if (day.astype(int) + 3) % 7:  # 1 January 1970 was a Thursday
        raise CourseError(f"Expected a Monday to start on; found {start}. 2022-01-03 is one.")
    return int((day - day.astype("datetime64[Y]")).astype(int))


def _weather(rng: np.random.Generator, of_year: _Floats) -> tuple[_Floats, _Floats, _Floats, list[_Floats]]:
    """Return temperature, rain and wind of each hour, and the report of the three."""
    n, days = of_year.shape
    hours = days * DAY
    hour = np.tile(np.arange(DAY), days)
    warmth = -np.cos(of_year - 0.34)  # -1 in the third week of January, 1 in July
    spell = autocorrelated(rng, n, days, 0.6)
    wetness = 0.72 * autocorrelated(rng, n, hours, 0.9) + 0.7 * _hours(spell)
    rain = _rain(wetness)
    temperature = _glide(11 + 10 * warmth + 3.2 * autocorrelated(rng, n, days, 0.8))
    temperature += _glide(3 + 1.5 * warmth - 0.8 * spell) * np.cos(2 * np.pi * (hour - 15) / DAY)
    wind = 4 * np.exp(0.4 * autocorrelated(rng, n, hours, 0.95))

    doubt = 0.4 + 0.6 * hour / (DAY - 1)  # of the report, from midnight on
    report = [
        temperature + 1.5 * doubt * autocorrelated(rng, n, hours, 0.9),
        _rain(np.sqrt(1 - (0.4 * doubt) ** 2) * wetness + 0.4 * doubt * autocorrelated(rng, n, hours, 0.8)),
        wind * np.exp(0.2 * doubt * autocorrelated(rng, n, hours, 0.8)),
    ]
    measured = [np.round(values, 1) for values in (temperature, rain, wind)]
    return measured[0], measured[1], measured[2], [np.round(values, 1) for values in report]


def _rain(wetness: _Floats) -> _Floats:
    """Return mm an hour: none in about six hours of seven, seldom more than 5."""
    rain: _Floats = 1.8 * np.maximum(wetness - 1.05, 0) ** 1.3
    return rain


def _appetite(temperature: _Floats, rain: _Floats, wind: _Floats) -> _Floats:
    """Return the logarithm of what the weather does to a free day's hires: 0 is perfect weather."""
    cold = np.maximum(22 - temperature, 0) / 13
    heat = np.maximum(temperature - 27, 0) / 6
    appetite: _Floats = (
        -0.5 * cold**2 - 0.5 * heat**2 - 1.2 * (1 - np.exp(-rain / 0.5)) - 0.05 * np.maximum(wind - 6, 0)
    )
    return appetite


_WORKING_DAY: _Floats = 0.04 + peak(8, 1.2) + 1.1 * peak(17.5, 1.8) + 0.35 * peak(13, 2.5)
_FREE_DAY: _Floats = 0.05 + 0.95 * peak(14.5, 3.6) + 0.12 * peak(22, 2.0)


def _hours(days: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return each day's value for each of its hours."""
    return np.repeat(days, DAY, axis=1)


def _glide(days: _Floats) -> _Floats:
    """Return values that glide from each day's to the next one's, hour by hour."""
    following = np.concatenate([days[:, 1:], days[:, -1:]], axis=1)
    share = np.tile(np.arange(DAY) / DAY, days.shape[1])
    glided: _Floats = _hours(days) * (1 - share) + _hours(following) * share
    return glided
