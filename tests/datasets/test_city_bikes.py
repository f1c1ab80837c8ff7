"""What the hires of the closing project promise."""

import csv
import io

import numpy as np
import pytest

from tfcourse.datasets.city_bikes import COLUMNS, DAY, KNOWN, PAST, WEEK, city_csv, make_city_bikes
from tfcourse.errors import CourseError


@pytest.fixture(scope="module")
def towns():
    return make_city_bikes(500, seed=5)


@pytest.fixture(scope="module")
def column(towns):
    """Each column of all towns by its name, shape (towns, hours)."""
    return dict(zip(COLUMNS, np.moveaxis(towns, -1, 0), strict=True))


def test_a_row_is_two_weeks_and_every_column_is_of_the_past_or_known(towns):
    assert towns.shape == (500, 14 * DAY, len(COLUMNS))
    assert set(PAST) | set(KNOWN) == set(COLUMNS)


def test_ranges(column):
    assert column["hires"].min() >= 0
    np.testing.assert_array_equal(column["hires"], np.round(column["hires"]))
    for name in ("temperature", "temperature_forecast"):
        assert -25 < column[name].min() < 0
        assert 25 < column[name].max() < 45
    for name in ("rain", "rain_forecast"):
        assert column[name].min() == 0
        assert 0.08 < np.mean(column[name] > 0) < 0.25
        assert column[name].max() < 15
    assert 0 < column["wind"].min() < column["wind"].max() < 35
    for name in ("free", "event"):
        assert set(np.unique(column[name])) == {0, 1}


def test_free_days_are_weekends_and_a_few_holidays(column):
    days = column["free"].reshape(500, 2, 7, DAY)
    np.testing.assert_array_equal(days.min(axis=3), days.max(axis=3))
    assert days[:, :, 5:].min() == 1
    assert 0.01 < days[:, :, :5].mean() < 0.06


def test_events_are_of_the_evening(column):
    events = column["event"].reshape(500, 14, DAY)
    assert events[..., :18].max() == 0
    assert 0.05 < events[..., 18:].mean() < 0.15


def test_the_report_is_nearly_right_and_worse_later_in_the_day(column):
    error = np.abs(column["temperature_forecast"] - column["temperature"]).reshape(-1, DAY).mean(axis=0)
    assert 0.2 < error[:6].mean() < 0.6 * error[-6:].mean() < 1.5
    likeness = np.corrcoef(column["rain"].ravel(), column["rain_forecast"].ravel())[0, 1]
    assert 0.8 < likeness < 0.98


def test_working_days_have_two_peaks_and_free_days_one(column):
    hires, free = (column[name].reshape(-1, DAY) for name in ("hires", "free"))
    working, idle = hires[free[:, 0] == 0].mean(axis=0), hires[free[:, 0] == 1].mean(axis=0)
    assert min(working[8], working[17]) > 1.5 * working[11:15].mean()
    assert 12 <= idle.argmax() <= 16


def test_rain_costs_more_hires_on_a_free_day_than_on_a_working_day(column):
    """Afternoons of the same town, a week apart, of which one is wet."""
    afternoon = np.arange(14 * DAY).reshape(14, DAY)[:, 14:18]
    hires, rain, free = (column[name][:, afternoon].mean(axis=2) for name in ("hires", "rain", "free"))

    def cost(days):
        first, second = days, days + 7
        alike = free[:, first] == free[:, second]
        wet, dry = rain[:, first] > 0.8, rain[:, second] < 0.05
        pairs = alike & wet & dry
        return 1 - hires[:, first][pairs].mean() / hires[:, second][pairs].mean()

    assert cost(np.arange(5, 7)) > 1.3 * cost(np.arange(5)) > 0.2


def test_cold_and_heat_both_cost_hires(column):
    afternoon = np.tile(np.arange(DAY), 14) == 15
    chosen = {name: column[name][:, afternoon] for name in ("hires", "temperature", "free", "rain")}
    fine = (chosen["free"] == 1) & (chosen["rain"] == 0)
    by_degree = [
        chosen["hires"][fine & (chosen["temperature"] > low) & (chosen["temperature"] < low + 4)].mean()
        for low in (0, 10, 20)
    ]
    assert by_degree[0] < 0.6 * by_degree[1] < 0.9 * by_degree[2]


def test_an_event_fills_the_evening(column):
    hires, event = (column[name].reshape(500, 14, DAY) for name in ("hires", "event"))
    evening = hires[..., 19:23].sum(axis=2) / hires[..., 6:18].sum(axis=2)
    assert np.median(evening[event[..., 20] == 1]) > 1.5 * np.median(evening[event[..., 20] == 0])


def test_towns_say_nothing_about_each_other(column):
    totals = column["hires"][:, :WEEK].sum(axis=1)
    assert abs(np.corrcoef(totals[0::2], totals[1::2])[0, 1]) < 0.2


def test_a_start_decides_the_season():
    january = make_city_bikes(30, seed=3, days=7, start="2022-01-03")[..., 1].mean()
    july = make_city_bikes(30, seed=3, days=7, start="2022-07-04")[..., 1].mean()
    assert july > january + 15


def test_the_file_says_what_the_rows_say():
    rows = make_city_bikes(1, seed=8, days=2)[0]
    table = list(csv.DictReader(io.StringIO(city_csv(rows))))
    assert [row["time"] for row in table[:2]] == ["2022-01-03T00:00", "2022-01-03T01:00"]
    read = np.array([[float(row[name]) for name in COLUMNS] for row in table])
    np.testing.assert_allclose(read, rows, rtol=1e-3)


def test_gaps_are_in_what_is_measured_and_repeat():
    rows = make_city_bikes(1, seed=8, days=60)[0]
    text = city_csv(rows, gaps=0.05, seed=2)
    assert text == city_csv(rows, gaps=0.05, seed=2)
    table = list(csv.DictReader(io.StringIO(text)))
    empty = {name: np.mean([row[name] == "" for row in table]) for name in COLUMNS}
    assert all(0.02 < empty[name] < 0.09 for name in PAST[:4])
    assert all(empty[name] == 0 for name in KNOWN)


def test_a_start_is_a_monday():
    with pytest.raises(CourseError, match="Monday"):
        make_city_bikes(1, seed=0, start="2022-01-04")
