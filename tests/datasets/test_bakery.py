"""The bakery chain: fresh at every seed, files as the branches send them, and rows that do not answer each other."""

import csv
import datetime
import io
import json

import numpy as np
import pytest

from tfcourse.datasets.bakery import (
    BRANCHES,
    COLUMNS,
    DAY_KINDS,
    ROLLS_A_TRAY,
    branch_rows,
    json_lines,
    make_rolls,
    make_sales,
    make_trays,
    semicolon_csv,
    text_report,
    write_branches,
)
from tfcourse.errors import CourseError


@pytest.fixture(scope="module")
def sales():
    return make_sales(728, seed=1)


@pytest.fixture(scope="module")
def rows():
    return make_rolls(3_000, seed=1)


def sold_by(sales, branch, weekdays):
    days = [date.weekday() in weekdays for date in sales.dates]
    return sales.rolls[days, BRANCHES.index(branch)].mean()


def test_sales_are_what_the_docstring_says(sales):
    assert len(sales.dates) == 728
    assert sales.rolls.shape == sales.takings.shape == (728, len(BRANCHES)) == (728, 16)
    assert sales.rolls.dtype == np.int64
    assert sales.rolls.min() >= 40
    assert sales.temperature.min() >= -15
    assert 0 <= sales.rain.min() <= sales.rain.max() < 40


def test_days_follow_each_other_and_begin_where_they_are_told():
    first = datetime.date(2023, 6, 1)
    dates = make_sales(3, seed=1, first=first).dates
    assert dates == [datetime.date(2023, 6, day) for day in (1, 2, 3)]


def test_less_than_a_day():
    with pytest.raises(CourseError, match="Expected at least 1 day; found days=0"):
        make_sales(0, seed=1)


def test_values_are_what_the_docstring_says(rows):
    x, y = rows
    assert len(COLUMNS) == 6
    assert set(x[:, 0]) == set(range(16))
    assert set(x[:, 1]) == set(range(7))
    assert set(x[:, 2]) == set(range(len(DAY_KINDS)))
    assert y.min() >= 40
    assert np.array_equal(y, y.round())


def test_gaps_are_where_they_are_said_to_be(rows):
    shares = np.isnan(rows[0]).mean(axis=0)
    assert not shares[:3].any()
    np.testing.assert_allclose(shares[3:], [0.15, 0.15, 0.3], atol=0.03)
    assert not np.isnan(make_rolls(100, seed=1, gaps=0)[0]).any()


def test_trays_are_the_same_rows_in_other_units(rows):
    x, trays = make_trays(3_000, seed=1)
    np.testing.assert_array_equal(x[:, :3], rows[0][:, :3])
    np.testing.assert_allclose(x[:, 3:] / (10, 10, 100), rows[0][:, 3:], rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(x, x.round())
    np.testing.assert_allclose(trays * ROLLS_A_TRAY, rows[1], rtol=1e-5)


def test_no_row_tells_the_answer_of_another_one(rows):
    """Last week's takings, at some 2.3 euros a roll, belong to days that are no rows themselves."""
    x, y = make_rolls(3_000, seed=1, gaps=0)
    for branch in range(16):
        of_branch = x[:, 0] == branch
        weekday = x[of_branch, 1].astype(int)
        assert set(np.diff(weekday) % 7) == {1}  # eight days apart: the day a week before lies between two rows
    assert not (x == y[:, None]).any()


@pytest.mark.parametrize("seed", [1, 11, 12])
def test_no_two_rows_are_alike(seed):
    x, _ = make_rolls(6_000, seed=seed)
    assert len({row.tobytes() for row in x}) == 6_000


def test_branches_keep_rhythms_of_their_own(sales):
    assert sold_by(sales, "Central Station", range(5)) > 1.5 * sold_by(sales, "Central Station", (5, 6))
    assert sold_by(sales, "Market Square", (5,)) > 1.5 * sold_by(sales, "Market Square", range(4))
    assert sold_by(sales, "Harbour", (5, 6)) > 1.8 * sold_by(sales, "Harbour", range(4))


def test_sun_brings_trippers_and_nobody_to_the_hospital(sales):
    warm, cold = sales.temperature > 16, sales.temperature < 6
    zoo, hospital = BRANCHES.index("Zoo"), BRANCHES.index("Hospital")
    assert sales.rolls[warm, zoo].mean() > 1.3 * sales.rolls[cold, zoo].mean()
    assert abs(np.log(sales.rolls[warm, hospital].mean() / sales.rolls[cold, hospital].mean())) < 0.25


def test_a_public_holiday_is_like_a_sunday_and_the_day_before_is_not(sales):
    kinds = {str(date): DAY_KINDS[kind] for date, kind in zip(sales.dates, sales.day_kind, strict=True)}
    assert kinds["2015-12-25"] == "public holiday"
    assert kinds["2015-04-06"] == "public holiday"  # Easter Monday
    assert kinds["2015-04-30"] == "day before a public holiday"
    assert kinds["2015-08-03"] == "school holidays"
    assert kinds["2015-06-10"] == "ordinary"


# --- files ---


@pytest.fixture
def day():
    return {"date": datetime.date(2024, 3, 4), "temperature": -6.5, "rain": 0.0, "rolls": 1412, "takings": 3087.4}


@pytest.fixture
def failed(day):
    return {**day, "rolls": None, "takings": None}


def test_the_stations_csv(day, failed):
    text = semicolon_csv([day, failed])
    assert text.splitlines() == [
        "date;temperature;rain;rolls;takings",
        "04.03.2024;-6,5;0,0;1.412;3.087,40",
        "04.03.2024;-6,5;0,0;;",
    ]
    assert len(list(csv.DictReader(io.StringIO(text), delimiter=";"))) == 2


def test_the_markets_json_lines(day, failed):
    first, second = (json.loads(line) for line in json_lines([day, failed]).splitlines())
    assert first == {
        "date": "2024-03-04",
        "weather": {"temperature": -6.5, "rain": 0.0},
        "sold": {"rolls": 1412, "takings": 3087.4},
    }
    assert second["sold"] == {"rolls": None, "takings": None}


def test_the_harbours_reports(day, failed):
    assert text_report(day) == (
        "Harbour branch, Monday 4 March 2024\n-6.5 degrees, 0.0 mm of rain.\n"
        "Sold 1,412 rolls and took 3,087.40 euros in all.\n"
    )
    assert text_report(failed).endswith("The till was out of order, nobody counted.\n")


def test_gaps_of_a_branch(sales):
    whole = branch_rows(sales, "Zoo", seed=1, gaps=0)
    assert len(whole) == 728
    assert all(row["takings"] is not None for row in whole)
    some = branch_rows(sales, "Zoo", seed=1, gaps=0.2)
    assert 0.7 < len(some) / 728 < 0.9
    assert 0.1 < np.mean([row["takings"] is None for row in some]) < 0.3


def test_a_folder_of_three_branches(sales, tmp_path):
    folder = write_branches(tmp_path / "new" / "folder", sales, seed=1)
    assert sorted(path.name for path in folder.iterdir()) == ["harbour", "market.jsonl", "station.csv"]
    reports = sorted((folder / "harbour").iterdir())
    assert len(reports) == len(branch_rows(sales, "Harbour", seed=1))
    assert reports[0].name == "001.txt"
