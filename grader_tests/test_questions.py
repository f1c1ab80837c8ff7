"""Hidden questions do not answer each other, and none was seen in training."""

from functools import lru_cache

import numpy as np
import pytest

from tfcourse.checks import FunctionCheck, ModelCheck
from tfcourse.checks.registry import checks_of, exam_problems
from tfcourse.checks.runtime import weights_seed
from tfcourse.course import find_course

COURSE = find_course()
CHECKS = [check for week in COURSE.weeks for check in checks_of(COURSE, week.id)]
MODEL_CHECKS = [check for check in CHECKS if isinstance(check, ModelCheck)]
EXAM_PROBLEMS = [pytest.param(problem, marks=pytest.mark.sampled) for problem in exam_problems(COURSE)]
FUNCTION_CHECKS = [check for check in CHECKS if isinstance(check, FunctionCheck)]


def by_id(check):
    return check.id


BY_ID = {check.id: check for check in (*CHECKS, *exam_problems(COURSE))}


def rows(x):
    return [row.tobytes() for row in np.ascontiguousarray(x)]


CHANCE = 0.02
"""Of the rows of a column, how many may be equal to a target that is a single number: both are rounded."""


@lru_cache(maxsize=1)
def split_of(check_id):
    return BY_ID[check_id].data(11)


@pytest.mark.parametrize("check", [*MODEL_CHECKS, *EXAM_PROBLEMS], ids=by_id, scope="class")
class TestAModelCheck:
    """One data set after the other: drawing them is what takes long."""

    def test_no_test_input_occurs_twice_or_in_training_or_tells_a_target(self, check):
        """A whole target never stands, in order, in any hidden input; a single number is never in one place of it."""
        split = split_of(check.id)
        hidden = rows(split.x_test)
        assert len(set(hidden)) == len(hidden)
        assert not set(hidden) & set(rows(split.x_train))
        if check.training.output.kind != "value":
            return
        x = np.asarray(split.x_test, dtype=np.float64).reshape(len(split.x_test), -1)
        y = np.asarray(split.y_test, dtype=np.float64).reshape(len(x), -1)
        if y.shape[1] == 1:
            assert (x == y).mean(axis=0).max() <= CHANCE
            return
        windows = np.lib.stride_tricks.sliding_window_view(x, y.shape[1], axis=1)
        seen = set(rows(windows.reshape(-1, y.shape[1])))
        assert not any(target in seen for target in rows(y))

    def test_other_seeds_give_other_questions(self, check):
        check_seeds(check, check.task_of(split_of(check.id), weights_seed(11)))


@lru_cache(maxsize=1)
def drawn(check_id):
    return BY_ID[check_id].draw(11)


@pytest.mark.parametrize("check", FUNCTION_CHECKS, ids=by_id, scope="class")
class TestAFunctionCheck:
    def test_it_asks_several_things(self, check):
        task, key = drawn(check.id)
        assert len(task.cases) >= 4
        assert len(set(key.about)) == len(key.about)

    def test_other_seeds_give_other_questions(self, check):
        check_seeds(check, drawn(check.id))


def check_seeds(check, drawn):
    """Draw the same questions again, and others."""
    (first, first_key), (again, again_key), (second, second_key) = drawn, check.draw(11), check.draw(12)
    assert first_key.digest() == again_key.digest()
    assert first_key.digest() != second_key.digest()
    assert first.weights_seed == again.weights_seed != second.weights_seed
