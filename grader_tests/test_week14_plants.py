"""Week 14: no hidden question of the forecaster holds the answer to another one, and its key is no meter's."""

import sys

import numpy as np
import pytest

from tfcourse.checks.registry import checks_of
from tfcourse.course import find_course
from tfcourse.datasets.solar import DAY, MOST_POWER


@pytest.fixture(scope="module")
def week14():
    checks_of(find_course(), "week14")
    return sys.modules["tfcourse_checks_week14"]


@pytest.fixture(scope="module")
def split(week14):
    return week14.solar_split(20_251_101)


def hours_of(rows, days):
    """Stand-ins for power that say which plant and which hour they are."""
    return np.arange(rows * days * DAY).reshape(rows, days * DAY)


def test_each_hidden_window_comes_from_a_plant_of_its_own(week14):
    x, y = week14.windows(hours_of(50, 3), np.random.default_rng(1))
    plants = np.concatenate([x, y], axis=1) // (3 * DAY)
    np.testing.assert_array_equal(plants, np.repeat(np.arange(50)[:, None], week14.WINDOW + week14.AHEAD, axis=1))


def test_the_six_hours_follow_the_two_days_and_begin_by_day(week14):
    x, y = week14.windows(hours_of(50, 10), np.random.default_rng(1))
    assert len(x) == 50 * 8
    np.testing.assert_array_equal(np.diff(np.concatenate([x, y], axis=1), axis=1), 1)
    assert set(y[:, 0] % DAY) == set(range(week14.FIRST_HOUR, week14.LAST_HOUR + 1))


def test_the_key_is_right_and_the_training_labels_are_not_always(split):
    assert split.y_test.max() <= np.float32(MOST_POWER)
    assert np.mean(split.y_train > MOST_POWER) == pytest.approx(0.0225, abs=0.003)
    assert split.x_train.max() <= np.float32(MOST_POWER)


def test_there_is_light_in_every_hidden_answer(split):
    assert np.all(split.y_test.max(axis=1) > 0)
