"""Week 12: no hidden context of the language model holds the answer to another one, and none was read in training."""

import sys

import numpy as np
import pytest

from tfcourse.checks.registry import checks_of
from tfcourse.course import find_course
from tfcourse.datasets.harbour_log import encode, make_harbour_log, tokens_of


@pytest.fixture(scope="module")
def week12():
    checks_of(find_course(), "week12")
    return sys.modules["tfcourse_checks_week12"]


@pytest.fixture(scope="module")
def split(week12):
    return week12.log_split(20_251_101)


def places(*lengths, first=0):
    """Stand-ins for days whose tokens say where in the log they stand: day times 1,000, and the place in it."""
    return [1_000 * (first + day) + np.arange(length) for day, length in enumerate(lengths)]


def test_no_hidden_token_is_used_twice(week12):
    x, y = week12.hidden_contexts([], places(*range(40, 90)), np.random.default_rng(1))
    used = np.concatenate([x.ravel(), y])
    assert len(np.unique(used)) == len(used)


def test_each_hidden_context_comes_from_a_day_of_its_own_and_its_answer_follows(week12):
    x, y = week12.hidden_contexts([], places(*range(40, 90)), np.random.default_rng(1))
    np.testing.assert_array_equal(np.diff(np.column_stack([x, y]), axis=1), 1)
    np.testing.assert_array_equal(np.sort(y // 1_000), np.arange(50))
    np.testing.assert_array_equal(x[:, 0] // 1_000, y // 1_000)


def test_neighbours_tell_no_date(week12):
    """Weekdays and tides go on from day to day, so hidden days stand in random order."""
    _, y = week12.hidden_contexts([], places(*[60] * 200), np.random.default_rng(1))
    assert np.mean(np.diff(y // 1_000) == 1) < 0.05


def test_answers_are_asked_for_everywhere_in_a_day(week12):
    _, y = week12.hidden_contexts([], places(*[week12.CONTEXT + 10] * 300), np.random.default_rng(1))
    assert set(y % 1_000) == set(range(week12.CONTEXT, week12.CONTEXT + 10))


def test_a_context_that_is_known_or_was_cut_is_not_used(week12):
    day = np.arange(40)
    known = [day[:30]]
    x, _ = week12.hidden_contexts(known, [day] * 5, np.random.default_rng(1))
    starts = x[:, 0]
    assert starts.min() > 30 - week12.CONTEXT
    assert len(set(starts)) == len(starts) == 5


def test_training_and_hidden_days_are_one_harbour_and_share_no_day(week12, split):
    days = [encode(tokens_of(day)) for day in make_harbour_log(week12.TRAINING_DAYS + 200, seed=20_251_101)]
    x, y = week12.pieces(days[: week12.TRAINING_DAYS])
    np.testing.assert_array_equal(x, split.x_train)
    np.testing.assert_array_equal(y, split.y_train)
    later = {
        window.tobytes()
        for day in days[week12.TRAINING_DAYS :]
        for window in np.lib.stride_tricks.sliding_window_view(day, week12.CONTEXT)
    }
    assert sum(row.tobytes() in later for row in split.x_test) > 150


def test_no_hidden_context_stands_anywhere_in_the_training_days(week12, split):
    days = [encode(tokens_of(day)) for day in make_harbour_log(week12.TRAINING_DAYS, seed=20_251_101)]
    read = {
        window.tobytes() for day in days for window in np.lib.stride_tricks.sliding_window_view(day, week12.CONTEXT)
    }
    assert not any(row.tobytes() in read for row in split.x_test)
    assert len(split.x_test) > 0.99 * week12.HIDDEN_DAYS


def test_pieces_are_shifted_by_one_and_stay_in_their_day(week12):
    x, y = week12.pieces(places(24, 25, 60, 49))
    np.testing.assert_array_equal(y, x + 1)
    assert list(x[:, 0]) == [1_000, 2_000, 2_024, 3_000, 3_024]
