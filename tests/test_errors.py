"""Three branches of exceptions that never mix."""

import inspect

import pytest

from tfcourse import errors
from tfcourse.errors import CourseError, InvalidCurriculum, LearnerCrash, LearnerMistake, TfcourseError

BRANCHES = (LearnerMistake, LearnerCrash, CourseError)
ALL = [cls for _, cls in inspect.getmembers(errors, inspect.isclass)]


@pytest.mark.parametrize("error", [cls for cls in ALL if cls is not TfcourseError])
def test_every_exception_is_of_exactly_one_branch(error):
    assert sum(issubclass(error, branch) for branch in BRANCHES) == 1
    assert issubclass(error, TfcourseError)


@pytest.mark.parametrize("error", ALL)
def test_every_exception_is_in_the_tree_of_the_docstring_and_says_what_it_is(error):
    assert error.__name__ in (errors.__doc__ or "")
    assert error.__doc__


def test_what_exceptions_carry():
    assert LearnerCrash("it stopped", "line 3").lines == "line 3"
    found = InvalidCurriculum(["one", "two"])
    assert found.problems == ["one", "two"]
    assert str(found) == "one\ntwo"
