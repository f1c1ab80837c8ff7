"""Thresholds and points."""

import pytest

from tfcourse.checks import Ladder, accuracy, mean_absolute_error
from tfcourse.checks.ladder import ceiling_problem, floor_problem, limit_problem, spacing_problem

UP = Ladder(accuracy, (0.2, 0.4, 0.6, 0.8, 0.9))
DOWN = Ladder(mean_absolute_error, (9.0, 7.0, 5.0, 3.0, 1.0))


@pytest.mark.parametrize(
    ("value", "rung"),
    [(0.0, 0), (0.199, 0), (0.2, 1), (0.59, 2), (0.6, 3), (0.89, 4), (0.9, 5), (1.0, 5)],
)
def test_more_is_better_for_accuracy(value, rung):
    assert UP.rung(value) == rung


@pytest.mark.parametrize(("value", "rung"), [(100.0, 0), (9.0, 1), (8.0, 1), (5.0, 3), (1.01, 4), (1.0, 5), (0.0, 5)])
def test_less_is_better_for_an_error(value, rung):
    assert DOWN.rung(value) == rung


@pytest.mark.parametrize("ladder", [UP, DOWN], ids=["up", "down"])
def test_nan_reaches_nothing(ladder):
    assert ladder.rung(float("nan")) == 0


@pytest.mark.parametrize(("ladder", "value", "expected"), [(UP, 0.5, 0.6), (DOWN, 4.0, 3.0), (UP, 0.95, None)])
def test_the_next_threshold_is_the_easiest_that_is_not_reached(ladder, value, expected):
    assert ladder.next_threshold(value) == expected


@pytest.mark.parametrize(
    ("metric", "thresholds"),
    [
        (accuracy, (0.1, 0.2, 0.3, 0.4)),
        (accuracy, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)),
        (accuracy, (0.5, 0.4, 0.3, 0.2, 0.1)),
        (accuracy, (0.1, 0.2, 0.2, 0.4, 0.5)),
        (mean_absolute_error, (1.0, 2.0, 3.0, 4.0, 5.0)),
        (mean_absolute_error, (5.0, 4.0, 4.0, 2.0, 1.0)),
    ],
    ids=["four", "six", "accuracy falls", "accuracy repeats", "error rises", "error repeats"],
)
def test_thresholds_must_be_five_that_get_harder(metric, thresholds):
    with pytest.raises(ValueError, match=r"5 thresholds|harder one by one"):
        Ladder(metric, thresholds)


def test_rungs_closer_than_two_standard_deviations_are_named():
    problem = spacing_problem(UP, 0.06)
    assert problem is not None
    assert "0.8" in problem
    assert "0.9" in problem
    assert spacing_problem(UP, 0.04) is None


def test_a_baseline_above_its_limit_is_named_with_its_seeds():
    problem = limit_problem(DOWN, "training mean", [10.0, 6.0, 4.0], most=1)
    assert problem == "at most 1 points for 'training mean', found 3 (2 of 3 seeds)"
    assert limit_problem(DOWN, "training mean", [10.0, 8.0], most=1) is None


TEN = [0.85] * 9


@pytest.mark.parametrize(("allowed", "kept"), [(0.1, True), (0.0, False)])
def test_a_solution_may_miss_its_points_on_a_share_of_the_seeds(allowed, kept):
    for problem in (
        floor_problem(UP, "dropout 0.5", [*TEN, 0.5], 4, allowed),
        ceiling_problem(UP, "no recurrence", [*[0.7] * 9, 0.85], 3, allowed),
    ):
        assert (problem is None) is kept


def test_a_solution_that_misses_its_points_is_named_with_all_of_them():
    assert floor_problem(UP, "dropout 0.5", [0.95, 0.5, 0.7], 4, 0.1) == (
        "at least 4 points for 'dropout 0.5', found 5 2 3"
    )
    assert ceiling_problem(DOWN, "no recurrence", [6.0, 0.5, 2.0], 3, 0.1) == (
        "at most 3 points for 'no recurrence', found 2 5 4"
    )
    assert floor_problem(UP, "dropout 0.5", [float("nan")] * 2, 4, 0.1) is not None
