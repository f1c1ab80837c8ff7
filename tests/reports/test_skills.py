"""Which lesson and which check cover which skill."""

from tfcourse.reports.skills import coverage, coverage_problems, skills_page, taught_skills

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


COMPLETE = ("curriculum/syllabus.toml", 'title = "Mini"', 'title = "Mini"\ncomplete = true')


def test_a_complete_course_covers_the_whole_handbook(edit):
    assert coverage_problems(edit(*COMPLETE)) == []
    course = edit("curriculum/handbook.toml", "B1 =", 'B0 = "for later"\nB1 =')
    assert coverage_problems(course) == [
        f"curriculum/handbook.toml, B0: expected a {kind} of some week with this skill, since the course is complete; "
        "found none."
        for kind in ("lesson", "check")
    ]


def test_a_developer_skill_may_be_exempt_for_a_reason(edit):
    edit(*COMPLETE)
    edit("curriculum/handbook.toml", "B1 =", 'T4 = "find help"\nB1 =')
    course = edit("curriculum/handbook.toml", "[[section]]", '[exempt]\nT4 = "no check can see it"\n\n[[section]]')
    assert course.exempt == {"T4": "no check can see it"}
    assert coverage_problems(course) == []
    assert "| T4 | find help | no check can see it | no check can see it | not yet |" in skills_page(course)


def test_an_exemption_of_another_skill_or_without_a_reason_is_a_problem(edit):
    edit(*COMPLETE)
    edit("curriculum/handbook.toml", "B1 =", 'T4 = "find help"\nB1 =')
    course = edit("curriculum/handbook.toml", "[[section]]", '[exempt]\nT4 = " "\nB1 = "too hard"\n\n[[section]]')
    problems = coverage_problems(course)
    assert len(problems) == 2
    assert all("expected developer skills (T…) of the handbook, each with a reason" in problem for problem in problems)


def test_the_page_has_a_row_for_each_skill(course):
    rows = [line for line in skills_page(course).splitlines() if line.startswith("| B1 ")]
    assert rows == ["| B1 | use TensorFlow 2.x | week01 | `week01.double`, `week01.line` | not yet |"]
