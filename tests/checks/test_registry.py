"""Finding checks."""

import pytest
from mini_exam import write_mini_exam

from tfcourse.checks.registry import checks_of, exam_ids, find_check
from tfcourse.course import read_course, unknown
from tfcourse.errors import InvalidCurriculum, UnknownName


def test_checks_come_in_their_order(course):
    assert [check.id for check in checks_of(course, "week01")] == ["week01.double", "week01.line"]


def test_a_check_is_found_by_its_id(course):
    assert find_check(course, "week01.line").title == "A line"


@pytest.mark.parametrize("name", ["week01.duoble", "week02.double", "double", ""])
def test_an_unknown_check_names_the_known_ones(course, name):
    with pytest.raises(UnknownName, match=r"week01\.double, week01\.line"):
        find_check(course, name)


def test_a_misspelt_check_is_guessed(course):
    with pytest.raises(UnknownName, match=r"Did you mean week01\.double\?"):
        find_check(course, "week01.duoble")


def test_an_unknown_week(course):
    with pytest.raises(UnknownName, match="week07"):
        checks_of(course, "week07")


def test_a_week_without_a_module_of_checks(own_course):
    (own_course.root / "grader_tests" / "week01.py").unlink()
    with pytest.raises(InvalidCurriculum, match=r"week01\.py: expected the checks of week01"):
        checks_of(own_course, "week01")


@pytest.mark.parametrize(
    ("text", "message"),
    [("X = 1", "expected a tuple CHECKS"), ("import no_such_module", "no_such_module"), ("def", "SyntaxError")],
    ids=["no checks", "import fails", "no Python"],
)
def test_a_module_that_cannot_be_used_is_named(own_course, text, message):
    (own_course.root / "grader_tests" / "week01.py").write_text(text)
    with pytest.raises(InvalidCurriculum, match=message) as caught:
        checks_of(own_course, "week01")
    assert "grader_tests/week01.py" in str(caught.value)


def test_a_family_that_the_plan_does_not_draw_yet_is_found_so_that_it_can_be_calibrated(own_course):
    root = write_mini_exam(own_course.root)
    plan = root / "curriculum" / "exam" / "exam.toml"
    plan.write_text(plan.read_text().replace(', "exam.slope"', ""))
    course = read_course(root)
    assert exam_ids(course) == ("exam.line", "exam.spots", "exam.words")
    assert find_check(course, "exam.slope").title == "A slope"


def test_a_long_list_of_names_is_not_printed():
    known = [f"week{number:02}.task" for number in range(1, 22)]
    told = unknown("check", "week07.tusk", known)
    assert told == (
        "Expected a check of this course (week01.task, week02.task … week21.task); found 'week07.tusk'. "
        "Did you mean week07.task?"
    )
