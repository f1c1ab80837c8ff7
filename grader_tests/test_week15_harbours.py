"""Week 15: no hidden question of the forecaster holds the answer to another one."""

import sys

import numpy as np
import pytest

from tfcourse.checks.registry import checks_of
from tfcourse.course import find_course
from tfcourse.datasets.tides import GATED_COLUMNS, GATED_DELAY, make_gated_harbours


@pytest.fixture(scope="module")
def week15():
    checks_of(find_course(), "week15")
    return sys.modules["tfcourse_checks_week15"]


@pytest.fixture(scope="module")
def split(week15):
    return week15.tide_split(20_251_126)


def hours_of(rows, hours):
    """Stand-ins for levels and winds that say which harbour and which hour they are."""
    return np.repeat(np.arange(rows * hours).reshape(rows, hours, 1), len(GATED_COLUMNS), axis=2)


def test_the_answer_is_the_level_when_the_water_of_the_last_hour_arrives(week15):
    for hours in (73, 146):
        x, y = week15.windows(hours_of(20, hours))
        assert len(x) == 20 * hours // 73
        np.testing.assert_array_equal(np.diff(x[..., 0], axis=1), 1)
        np.testing.assert_array_equal(y - x[:, -1:, 0], GATED_DELAY)


def test_no_hour_is_used_twice(week15):
    x, y = week15.windows(hours_of(50, 146))
    used = np.concatenate([x[..., 0].ravel(), y.ravel()])
    assert len(np.unique(used)) == len(used)


def test_each_hidden_window_comes_from_a_harbour_of_its_own(week15, split):
    x, y = week15.windows(make_gated_harbours(week15.HIDDEN_HARBOURS, seed=20_251_127, hours=73))
    assert len(x) == week15.HIDDEN_HARBOURS
    np.testing.assert_array_equal(x, split.x_test)
    np.testing.assert_array_equal(y, split.y_test)


def test_hidden_windows_are_no_windows_of_the_training(split):
    """Two levels in a row, as they were to the last digit, occur in no training window."""
    pairs = {pair.tobytes() for pair in split.x_test[:, -2:, 0]}
    known = np.lib.stride_tricks.sliding_window_view(split.x_train[..., 0], 2, axis=1).reshape(-1, 2)
    assert not any(pair.tobytes() in pairs for pair in known)


def test_other_harbours_do_not_help(split):
    """The level of one hidden harbour says nothing about the answer of the next one."""
    answer, neighbour = split.y_test[1:, 0], split.x_test[:-1, -1, 0]
    assert abs(np.corrcoef(answer, neighbour)[0, 1]) < 0.06
