"""Which lesson and which check cover which skill."""

from tfcourse.reports.skills import coverage, coverage_problems, taught_skills

LESSON = "curriculum/week01_mini/lesson.py"


def test_a_covered_skill(course):
    (row,) = coverage(course)
    assert (row.skill.id, row.lessons, row.checks) == ("B1", ("week01",), ("week01.double", "week01.line"))
    assert coverage_problems(course) == []
    assert taught_skills(course, course.weeks[0]) == {"B1"}


def test_a_skill_that_no_lesson_teaches(edit):
    course = edit(LESSON, ' skills=["B1"]', "")
    assert coverage(course)[0].lessons == ()
    assert coverage_problems(course) == [
        "week01: expected a lesson section with skill B1, as the syllabus says; found none."
    ]


def test_a_skill_that_no_check_practises(edit):
    edit("grader_tests/week01.py", 'skills=("B1",)', "skills=()")
    course = edit("grader_tests/week01.py", 'skills=("B1",)', "skills=()")
    assert coverage(course)[0].checks == ()
    assert coverage_problems(course) == ["week01: expected a check with skill B1, as the syllabus says; found none."]


def test_a_skill_of_the_handbook_that_no_week_names_is_no_problem(edit):
    course = edit("curriculum/handbook.toml", "B1 =", 'B0 = "for later"\nB1 =')
    assert (coverage(course)[0].lessons, coverage(course)[0].checks) == ((), ())
    assert coverage_problems(course) == []
