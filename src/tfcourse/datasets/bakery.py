"""Rolls that a chain of bakeries sells: sixteen branches, one calendar, and tills that write three formats.

An invented chain in an invented town, made like real ones. What a branch sells on a day is multiplied
together from:

=================  ===========================================================================================
size               of the branch, a factor of five between the smallest and the largest
weekday            by the kind of branch: commuters buy from Monday to Friday, residents on Saturday and Sunday,
                   a campus is nearly empty at weekends, trippers come when they have time
day kind           school holidays empty the campus and fill the castle; a public holiday is like a Sunday;
                   on the day before one, people buy for two days
weather            sun sends trippers out, rain keeps them at home; commuters hardly notice
level              of the branch, which drifts slowly: a building site opens, a baker is ill, a school class comes by
chance             of the day, about 6 %
=================  ===========================================================================================

Branches have numbers that mean nothing: number 7 is not more of anything than number 6. Two days of the
same weekday a week apart share most of the level, so last week's takings tell much, where they are known;
tills fail, and forecasts arrive too late.
"""

from __future__ import annotations

import csv
import datetime
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tfcourse.datasets import generator
from tfcourse.datasets.series import autocorrelated, remembered
from tfcourse.errors import CourseError

BRANCHES = (
    "Airport",
    "Castle Hill",
    "Central Station",
    "Chapel Street",
    "Harbour",
    "Hospital",
    "Lakeside",
    "Library",
    "Market Square",
    "Mill Lane",
    "North Station",
    "Old Bridge",
    "Orchard Close",
    "Shopping Mall",
    "University",
    "Zoo",
)
"""Names of the branches; a branch's number is its place in this list, 0 to 15."""

DAY_KINDS = ("ordinary", "school holidays", "day before a public holiday", "public holiday")
"""Names of the kinds of day, 0 to 3."""

COLUMNS = ("branch", "weekday", "day_kind", "temperature", "rain", "takings_last_week")
"""Columns of the inputs of `make_rolls`, in this order. The first three are categories, the others numbers."""

ROLLS_A_TRAY = 100

Row = Mapping[str, Any]
"""A branch's day: ``date`` (a `datetime.date`), ``temperature``, ``rain``, ``rolls``, ``takings``; None is a gap."""

_KINDS = {
    "commuters": ("Airport", "Central Station", "Hospital", "North Station"),
    "shoppers": ("Market Square", "Old Bridge", "Shopping Mall"),
    "residents": ("Chapel Street", "Mill Lane", "Orchard Close"),
    "trippers": ("Castle Hill", "Harbour", "Lakeside", "Zoo"),
    "students": ("Library", "University"),
}
_WEEK = {  # Monday to Sunday
    "commuters": (1.15, 1.10, 1.10, 1.15, 1.20, 0.60, 0.40),
    "shoppers": (0.80, 0.80, 0.90, 0.90, 1.15, 1.70, 0.45),
    "residents": (0.75, 0.70, 0.75, 0.75, 0.90, 1.60, 1.85),
    "trippers": (0.60, 0.60, 0.65, 0.65, 0.85, 1.60, 1.90),
    "students": (1.25, 1.35, 1.35, 1.30, 1.00, 0.40, 0.25),
}
_SCHOOL_HOLIDAYS = {"commuters": 0.80, "shoppers": 1.05, "residents": 0.80, "trippers": 1.60, "students": 0.45}
_DAY_BEFORE = {"commuters": 1.05, "shoppers": 1.35, "residents": 1.40, "trippers": 1.00, "students": 0.75}
_WARMTH = {"commuters": -0.002, "shoppers": 0.004, "residents": -0.004, "trippers": 0.035, "students": 0.0}
"""Change of the logarithm of sales for each degree above 12 °C."""
_RAIN = {"commuters": 0.004, "shoppers": -0.020, "residents": -0.006, "trippers": -0.055, "students": 0.002}
"""Change of the logarithm of sales for each mm of rain, up to 15 mm."""

_FIRST_DAY = datetime.date(2015, 1, 5)  # a Monday
_EASTER_MONDAYS = {
    datetime.date(2015 + i, month, day)
    for i, (month, day) in enumerate(
        [(4, 6), (3, 28), (4, 17), (4, 2), (4, 22), (4, 13), (4, 5), (4, 18), (4, 10), (4, 1), (4, 21), (4, 6)]
    )
}
_PUBLIC_HOLIDAYS = {(1, 1), (5, 1), (8, 15), (10, 3), (11, 1), (12, 25), (12, 26)}
_FEWEST_ROLLS = 40
_LIKENESS = 0.975
"""How alike the level of a branch is from one day to the next."""
_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Sales:
    """What the chain sold, day by day, without gaps.

    Args:
        dates: The days, in order; `d` of them.
        day_kind: Shape (d,), int64: index into `DAY_KINDS`.
        temperature: Shape (d,), float64: mean of the opening hours, °C, one decimal.
        rain: Shape (d,), float64: mm over the day, 0 to 39.9, one decimal.
        rolls: Shape (d, 16), int64: sold in each branch, at least 40.
        takings: Shape (d, 16), float64: euros for everything sold in each branch, cents included.
    """

    dates: Sequence[datetime.date]
    day_kind: npt.NDArray[np.int64]
    temperature: _Floats
    rain: _Floats
    rolls: npt.NDArray[np.int64]
    takings: _Floats


@generator
def make_sales(days: int, *, seed: int, first: datetime.date = _FIRST_DAY) -> Sales:
    """Let the chain sell for some days.

    Args:
        days: How many, at least 1.
        seed: Any non-negative integer. The same seed gives the same sales.
        first: The first day, from 2015 on. Default: Monday 5 January 2015.

    Raises:
        CourseError: `days` is below 1.
    """
    if days < 1:
        raise CourseError(f"Expected at least 1 day; found days={days}. Ask for more.")
    rng = np.random.default_rng(seed)
    dates = [first + datetime.timedelta(day) for day in range(days)]
    day_kind = np.array([_kind_of_day(date) for date in dates], dtype=np.int64)
    day_of_year = np.array([date.timetuple().tm_yday for date in dates])
    weekday = np.array([date.weekday() for date in dates])
    temperature = (
        11 - 10 * np.cos(2 * np.pi * (day_of_year - 20) / 365.25) + 3.8 * autocorrelated(rng, 1, days, 0.75)[0]
    )
    temperature = np.clip(temperature, -15, 36).round(1)
    wet = rng.random(days) < 0.42
    rain = np.where(wet, np.clip(rng.gamma(0.9, 6.0, days), 0.1, 39.9), 0.0).round(1)

    kinds = [next(kind for kind, names in _KINDS.items() if name in names) for name in BRANCHES]
    size = rng.permutation(np.geomspace(120, 600, len(BRANCHES)))
    sells_like = np.where(day_kind == 3, 6, weekday)
    expected = np.stack([np.array(_WEEK[kind])[sells_like] for kind in kinds], axis=1) * size
    for kind_number, factors in ((1, _SCHOOL_HOLIDAYS), (2, _DAY_BEFORE)):
        expected[day_kind == kind_number] *= [factors[kind] for kind in kinds]
    warmth, wetness = np.array([_WARMTH[k] for k in kinds]), np.array([_RAIN[k] for k in kinds])
    expected *= np.exp(warmth * (temperature[:, None] - 12) + wetness * np.minimum(rain, 15)[:, None])
    expected *= np.exp(0.16 * remembered(rng.normal(size=(days, len(BRANCHES))).T, _LIKENESS).T)
    rolls = np.maximum(rng.poisson(expected * rng.lognormal(0, 0.05, expected.shape)), _FEWEST_ROLLS)
    takings = (rolls * 2.3 * rng.lognormal(0, 0.03, expected.shape)).round(2)
    return Sales(dates, day_kind, temperature, rain, rolls, takings)


@generator
def make_rolls(n: int, *, seed: int, gaps: float = 0.3) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Draw days of single branches: what is known the evening before, and how many rolls were then sold.

    From each branch's days every eighth is taken, so that the day that last week's takings come from is never
    a row of its own. Rows are in the order of time.

    Args:
        n: Number of rows.
        seed: Of sales and gaps. The same seed gives the same rows.
        gaps: Share of missing takings; of temperature and rain, half as many are missing.

    Returns:
        ``x`` of shape (n, 6), float32, with the columns of `COLUMNS`:

        - branch: number of the branch, 0 to 15; weekday: 0 (Monday) to 6; day_kind: 0 to 3, see `DAY_KINDS`
        - temperature: forecast for the day, °C; rain: mm; both may be `nan`
        - takings_last_week: euros, on the same weekday a week before, in the same branch; may be `nan`

        and ``y`` of shape (n,), float32: rolls sold, whole numbers from 40 on; about 300 on average.
    """
    rows_a_branch = -(-n // len(BRANCHES))
    days = 8 * rows_a_branch + 16
    sales = make_sales(days, seed=seed)
    rng = np.random.default_rng((seed, 1))
    at = [(8 + 8 * row + branch % 8, branch) for row in range(rows_a_branch) for branch in range(len(BRANCHES))]
    day, branch = np.array(sorted(at), dtype=np.int64).reshape(-1, 2)[:n].T
    weekday = np.array([sales.dates[d].weekday() for d in day], dtype=np.int64)
    x = np.column_stack(
        [
            branch,
            weekday,
            sales.day_kind[day],
            (sales.temperature[day] + rng.normal(0, 1.0, n)).round(1),  # a forecast is not the weather
            sales.rain[day],
            sales.takings[day - 7, branch],
        ]
    ).astype(np.float32)
    whole = x.copy()
    for column, share in ((3, gaps / 2), (4, gaps / 2), (5, gaps)):
        x[rng.random(n) < share, column] = np.nan
    seen: set[bytes] = set()
    for row, known in zip(x, whole, strict=True):  # with all its gaps, a row may look like another one: fill them
        if row.tobytes() in seen:
            row[:] = known
        seen.add(row.tobytes())
    return x, sales.rolls[day, branch].astype(np.float32)


@generator
def make_trays(n: int, *, seed: int, gaps: float = 0.3) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Draw the rows of `make_rolls` as the ovens' own system has them: trays for rolls, and whole numbers for the rest.

    Args:
        n: Number of rows.
        seed: Of sales and gaps. The same seed gives the same rows.
        gaps: Share of missing takings; of temperature and rain, half as many are missing.

    Returns:
        ``x`` of shape (n, 6), float32, as in `make_rolls`, but with temperature in tenths of a degree, rain in tenths
        of a millimetre and takings_last_week in cents; and ``y`` of shape (n,), float32: trays sold, of
        `ROLLS_A_TRAY` rolls each; 0.4 and more, about 3 on average.
    """
    x, rolls = make_rolls(n, seed=seed, gaps=gaps)
    x[:, 3:] = (x[:, 3:] * (10, 10, 100)).round()
    return x, (rolls / ROLLS_A_TRAY).astype(np.float32)


# --- files, as the branches send them -----------------------------------------------------------------


def branch_rows(sales: Sales, branch: str, *, seed: int, gaps: float = 0.04) -> list[dict[str, Any]]:
    """Return the days of one branch as rows with gaps.

    Args:
        sales: See `make_sales`.
        branch: One of `BRANCHES`.
        seed: Of the gaps.
        gaps: Share of days that are missing altogether; of the others, as large a share has no takings and no rolls.

    Returns:
        A dictionary for each day that is there, see `Row`.
    """
    rng = np.random.default_rng((seed, BRANCHES.index(branch)))
    column = BRANCHES.index(branch)
    rows = []
    for day, date in enumerate(sales.dates):
        missing, till_failed = rng.random(2) < gaps
        if not missing:
            rows.append(
                {
                    "date": date,
                    "temperature": float(sales.temperature[day]),
                    "rain": float(sales.rain[day]),
                    "rolls": None if till_failed else int(sales.rolls[day, column]),
                    "takings": None if till_failed else float(sales.takings[day, column]),
                }
            )
    return rows


def semicolon_csv(rows: Iterable[Row]) -> str:
    """Write rows as the till of Central Station does: semicolons, decimal commas, points between thousands."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    writer.writerow(["date", "temperature", "rain", "rolls", "takings"])
    for row in rows:
        numbers = [_with_comma(row["temperature"], 1), _with_comma(row["rain"], 1)]
        sold = [_with_comma(row["rolls"], 0), _with_comma(row["takings"], 2)]
        writer.writerow([row["date"].strftime("%d.%m.%Y"), *numbers, *sold])
    return out.getvalue()


def json_lines(rows: Iterable[Row]) -> str:
    """Write rows as the till of Market Square does: one nested JSON object in each line."""
    lines = []
    for row in rows:
        nested = {
            "date": row["date"].isoformat(),
            "weather": {"temperature": row["temperature"], "rain": row["rain"]},
            "sold": {"rolls": row["rolls"], "takings": row["takings"]},
        }
        lines.append(json.dumps(nested))
    return "".join(line + "\n" for line in lines)


def text_report(row: Row) -> str:
    """Write one day as the baker at Harbour does, by hand."""
    date = row["date"]
    if row["takings"] is None:
        sold = "The till was out of order, nobody counted."
    else:
        sold = f"Sold {row['rolls']:,} rolls and took {row['takings']:,.2f} euros in all."
    return (
        f"Harbour branch, {date:%A} {date.day} {date:%B} {date.year}\n"
        f"{row['temperature']:.1f} degrees, {row['rain']:.1f} mm of rain.\n{sold}\n"
    )


def write_branches(folder: str | Path, sales: Sales, *, seed: int, gaps: float = 0.04) -> Path:
    """Write what three branches send.

    Args:
        folder: Is made if it is not there; gets ``station.csv`` (see `semicolon_csv`), ``market.jsonl``
            (see `json_lines`) and ``harbour/001.txt`` and so on (see `text_report`).
        sales: What they sold.
        seed: Of the gaps.
        gaps: See `branch_rows`.

    Returns:
        The folder's path.
    """
    folder = Path(folder)
    (folder / "harbour").mkdir(parents=True, exist_ok=True)
    station = semicolon_csv(branch_rows(sales, "Central Station", seed=seed, gaps=gaps))
    market = json_lines(branch_rows(sales, "Market Square", seed=seed, gaps=gaps))
    (folder / "station.csv").write_text(station, encoding="utf-8", newline="\n")
    (folder / "market.jsonl").write_text(market, encoding="utf-8", newline="\n")
    for number, row in enumerate(branch_rows(sales, "Harbour", seed=seed, gaps=gaps), start=1):
        path = folder / "harbour" / f"{number:03}.txt"
        path.write_text(text_report(row), encoding="utf-8", newline="\n")
    return folder


def _with_comma(value: float | None, decimals: int) -> str:
    """Return 1234.5 as ``1.234,50``; nothing for None."""
    return "" if value is None else f"{value:,.{decimals}f}".translate(str.maketrans(",.", ".,"))


# --- calendar and chance ------------------------------------------------------------------------------


def _is_public_holiday(date: datetime.date) -> bool:
    return (date.month, date.day) in _PUBLIC_HOLIDAYS or date in _EASTER_MONDAYS


def _kind_of_day(date: datetime.date) -> int:
    if _is_public_holiday(date):
        return 3
    if _is_public_holiday(date + datetime.timedelta(1)):
        return 2
    summer = (7, 15) <= (date.month, date.day) <= (8, 31)
    winter = (date.month, date.day) >= (12, 21) or (date.month, date.day) <= (1, 6)
    autumn_or_february = (10, 20) <= (date.month, date.day) <= (10, 31) or (2, 10) <= (date.month, date.day) <= (2, 20)
    return 1 if summer or winter or autumn_or_february else 0
