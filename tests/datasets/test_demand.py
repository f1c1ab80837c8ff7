"""What the bicycle hires promise."""

import numpy as np
import pytest

from tfcourse.datasets.demand import DAY, MOST_HIRES, WEEK, make_demand


@pytest.fixture(scope="module")
def hires():
    return make_demand(400, seed=5)


@pytest.fixture(scope="module")
def days(hires):
    """Shape (districts, days, hours)."""
    return hires.reshape(len(hires), -1, DAY)


def test_hires_are_counts_that_the_bicycles_can_serve(hires):
    assert hires.shape == (400, 2 * WEEK)
    assert hires.min() >= 0
    assert hires.max() == MOST_HIRES
    np.testing.assert_array_equal(hires, np.round(hires))
    assert 0.005 < np.mean(hires == MOST_HIRES) < 0.03


def test_working_days_have_two_peaks_and_free_days_one(days):
    working, free = days[:, [0, 1, 2, 3, 4]].mean(axis=(0, 1)), days[:, [5, 6]].mean(axis=(0, 1))
    assert min(working[8], working[17]) > 1.5 * working[11:15].mean()
    assert 12 <= free.argmax() <= 16
    assert free[14] > 2 * free[8]


def test_weather_moves_weekends_more_than_working_days(days):
    totals = days.sum(axis=2)
    working = np.std(np.log(totals[:, 8] / totals[:, 1]))
    free = np.std(np.log(totals[:, 12] / totals[:, 5]))
    assert free > 1.5 * working


def test_districts_differ_in_size(days):
    quiet, busy = np.percentile(days.mean(axis=(1, 2)), [10, 90])
    assert busy > 2.5 * quiet


def test_districts_say_nothing_about_each_other(hires):
    saturdays = hires.reshape(len(hires), -1, DAY)[:, 5].sum(axis=1)
    assert abs(np.corrcoef(saturdays[0::2], saturdays[1::2])[0, 1]) < 0.2


def test_summer_is_busier_than_winter():
    year = make_demand(60, seed=7, days=52 * 7).reshape(60, 52, WEEK).mean(axis=2)
    assert np.all(year.max(axis=1) > 1.3 * year.min(axis=1))
