"""Week 13: no hidden question of the forecaster holds the answer to another one."""

import sys

import numpy as np
import pytest

from tfcourse.checks.registry import checks_of
from tfcourse.course import find_course
from tfcourse.datasets.demand import DAY, WEEK, make_demand


@pytest.fixture(scope="module")
def week13():
    checks_of(find_course(), "week13")
    return sys.modules["tfcourse_checks_week13"]


@pytest.fixture(scope="module")
def split(week13):
    return week13.demand_split(20_251_101)


def hours_of(rows):
    """Stand-ins for hires that say which district and which hour they are."""
    return np.arange(rows * 14 * DAY).reshape(rows, 14 * DAY)


def test_no_hidden_hour_is_used_twice(week13):
    x, y = week13.hidden_windows(hours_of(50))
    used = np.concatenate([x.ravel(), y.ravel()])
    assert len(np.unique(used)) == len(used)


def test_each_hidden_window_comes_from_a_district_of_its_own(week13):
    x, y = week13.hidden_windows(hours_of(50))
    districts = np.concatenate([x, y], axis=1) // (14 * DAY)
    np.testing.assert_array_equal(districts, np.repeat(np.arange(50)[:, None], WEEK + DAY, axis=1))


def test_the_day_follows_the_week(week13):
    for x, y in (week13.hidden_windows(hours_of(50)), week13.training_windows(hours_of(3))):
        np.testing.assert_array_equal(np.diff(np.concatenate([x, y], axis=1), axis=1), 1)


def test_training_and_hidden_windows_share_no_district(week13, split):
    hires = make_demand(week13.TRAINING_DISTRICTS + week13.HIDDEN_DISTRICTS, seed=20_251_101)
    x_train, y_train = week13.training_windows(hires[: week13.TRAINING_DISTRICTS])
    x_test, y_test = week13.hidden_windows(hires[week13.TRAINING_DISTRICTS :])
    np.testing.assert_array_equal(split.x_train, x_train)
    np.testing.assert_array_equal(split.y_train, y_train)
    np.testing.assert_array_equal(split.x_test, x_test)
    np.testing.assert_array_equal(split.y_test, y_test)


def test_no_hidden_day_is_found_in_any_window(split):
    """Single counts recur, and busy afternoons of 400 hires too; a whole day as it was never does."""
    answers = {day.tobytes() for day in split.y_test}
    assert len(answers) == len(split.y_test)
    for windows in (split.x_test, split.x_train, split.y_train):
        days = np.lib.stride_tricks.sliding_window_view(windows, DAY, axis=1).reshape(-1, DAY)
        assert not any(day.tobytes() in answers for day in days)


def test_weekdays_take_turns(week13):
    x, _ = week13.hidden_windows(hours_of(70))
    np.testing.assert_array_equal(np.bincount(x[:, 0] % (14 * DAY) // DAY), 10)
