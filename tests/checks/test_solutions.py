"""References are read from the assignment's text."""

import numpy as np
import pytest

from tfcourse.checks.solutions import solution_of, solution_text
from tfcourse.errors import InvalidCurriculum, UnknownName


def test_a_reference_runs_with_the_assignments_imports(course):
    np.testing.assert_array_equal(solution_of("week01", "double")([1, 2]), [2, 4])


def test_a_reference_is_named_like_the_learners_function(course):
    assert solution_of("week01", "double").__name__ == "double"


def test_a_reference_that_nobody_defines(course):
    with pytest.raises(InvalidCurriculum, match=r"expected a solution cell that defines treble\(\)"):
        solution_of("week01", "treble")([1])


def test_the_text_of_a_solution_has_no_markers(course):
    assert solution_text(course, "week01", "double_solution") == (
        'def double(x):\n    """Return twice `x`."""\n    return 2 * np.asarray(x)'
    )


@pytest.mark.parametrize("grade_id", ["treble_solution", "double"])
def test_a_solution_cell_that_is_not_there(course, grade_id):
    with pytest.raises(UnknownName, match=f"solution cell '{grade_id}' in week01"):
        solution_text(course, "week01", grade_id)
