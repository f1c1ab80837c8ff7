# ruff: noqa: E501
"""The rules for authors: each is broken once, and the message names the file and the cell."""

import pytest

from tfcourse.authoring.validate import MOST_WORDS, curriculum_problems
from tfcourse.course import read_course

LESSON = "curriculum/week01_mini/lesson.py"
ASSIGNMENT = "curriculum/week01_mini/assignment.py"
CHECKS = "grader_tests/week01.py"
SYLLABUS = "curriculum/syllabus.toml"

META = '"locked": false, "schema_version": 3, "solution": true, "task": false}'
DOUBLE_SOLUTION = '# %% nbgrader={"grade": false, "grade_id": "double_solution", ' + META
DOUBLE_TEST = (
    '# %% nbgrader={"grade": true, "grade_id": "double", "locked": true, "points": 2, '
    '"schema_version": 3, "solution": false, "task": false}'
)
HIDDEN = '### BEGIN HIDDEN TESTS\ngrade("week01.double", double)\n### END HIDDEN TESTS\n'


def test_the_mini_course_keeps_all_rules(own_course):
    assert curriculum_problems(own_course) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "problem"),
    [
        # headers
        (LESSON, '#     title: "Mini week"\n', "", "header", "expected tfcourse.title (str); found None"),
        (LESSON, "#     minutes: 10\n", "#     minutes: long\n", "header", "tfcourse.minutes (int); found 'long'"),
        (ASSIGNMENT, "#     prerequisites: []\n", "", "header", "tfcourse.prerequisites (list); found None"),
        (ASSIGNMENT, "#     description: A week for tests.\n", "", "header", "tfcourse.description (str)"),
        (LESSON, "#         skills: [B1]\n", "", "header", "expected tfcourse.objectives, each with text and skills"),
        (
            LESSON,
            "#       - text: double a number\n#         skills: [B1]\n",
            "#       - double a number\n",
            "header",
            "expected tfcourse.objectives, each with text and skills; found ['double a number']",
        ),
        (LESSON, "skills: [B1]", "skills: [B9]", "header", "expected a skill of curriculum/handbook.toml; found 'B9'"),
        # cells of a lesson
        (LESSON, 'skills=["B1"]', 'skills=["X7"]', "cell 1 (## A section)", "found 'X7'"),
        (LESSON, "import tfcourse", "import keras\nimport tfcourse", "cell 2 (import keras)", "tfcourse before TensorFlow"),
        (LESSON, "import tfcourse", "from tensorflow import keras", "cell 2", "tfcourse before TensorFlow"),
        (LESSON, "\n# %% [markdown]\n# Cell 0.\n" * 1, "\n" + "\n# %%\nx = 1\n" * 40, "lesson.py", "25 to 60 cells; found 66"),
        (LESSON, "Some words.", "word " * (MOST_WORDS + 1), "lesson.py", f"at most {MOST_WORDS} words"),
        (
            LESSON,
            "# %%\nimport tfcourse",
            DOUBLE_TEST + "\nimport tfcourse",
            "cell 'double'",
            "no nbgrader metadata in a lesson",
        ),
        # grade ids and metadata
        (ASSIGNMENT, '"grade_id": "line"', '"grade_id": "a line"', "cell 'a line'", "grade_id of letters, digits, _ and -"),
        (ASSIGNMENT, '"grade_id": "line_solution"', '"grade_id": "double"', "cell 'double'", "found it twice"),
        (ASSIGNMENT, '"schema_version": 3, "solution": true', '"schema_version": 2, "solution": true', "cell 'double_solution'", "schema_version 3; found 2"),
        (ASSIGNMENT, DOUBLE_SOLUTION, "# %%", 'cell 3 (def double(x):)', "expected nbgrader metadata on a cell with a solution"),
        # test cells
        (ASSIGNMENT, '"points": 2', '"points": 3', "cell 'double'", "expected points 2, as the check has; found 3"),
        (ASSIGNMENT, 'practice("week01.double"', 'practice("week01.line"', "cell 'double'", 'expected a line practice("week01.double"'),
        (ASSIGNMENT, 'grade("week01.double"', 'grade("week01.line"', "cell 'double'", 'expected a line grade("week01.double"'),
        (ASSIGNMENT, "### BEGIN HIDDEN TESTS\n", "", "cell 'double'", "found it in the open"),
        (ASSIGNMENT, "### END HIDDEN TESTS\n", "", "cell 'double'", "found it in the open"),
        (ASSIGNMENT, '"grade_id": "double"', '"grade_id": "treble"', "cell 'treble'", "expected a check 'treble' in grader_tests"),
        (ASSIGNMENT, '"grade_id": "double_solution"', '"grade_id": "answer"', "cell 'double'", "a solution cell 'double_solution' before it"),
        # solutions
        (ASSIGNMENT, "    ### END SOLUTION\n", "", "cell 'double_solution'", "one BEGIN and one END SOLUTION; found 1 and 0"),
        (ASSIGNMENT, "    ### BEGIN SOLUTION\n", "### BEGIN SOLUTION\n", "cell 'double_solution'", "inside a function"),
        (ASSIGNMENT, "def double(x):", "def double(x:", "cell 'double_solution'", "expected a solution cell to be Python"),
        (ASSIGNMENT, "def double(x):", "class Double:", "cell 'double_solution'", "to define a function; found none"),
        # the syllabus and the checks
        (SYLLABUS, '"week01.double", "week01.line"', '"week01.line", "week01.double"', "week01", "expected checks ['week01.double', 'week01.line']"),
        (SYLLABUS, 'skills = ["B1"]', 'skills = ["B2"]', "week01", "found 'B2'"),
        (CHECKS, 'skills=("B1",)', 'skills=("B3",)', "week01.double", "found 'B3'"),
        (CHECKS, 'hints=("Think.", "Use 2 * x.")', 'hints=("Think.",)', "week01.double", "at least two hints; found 1"),
    ],
)  # fmt: skip
def test_a_broken_rule_is_found_with_its_place(edit, file, old, new, place, problem):
    course = edit(file, old, new)
    found = [line for line in curriculum_problems(course) if problem in line]
    assert found, curriculum_problems(course)
    assert place in found[0]
    assert file in found[0]


def test_tasks_in_another_order_than_their_checks(own_course):
    path = own_course.root / ASSIGNMENT
    start, first = path.read_text().split("# %% [markdown] skills", 1)
    one, two = first.split("# %% [markdown]\n# ## Task 2", 1)
    path.write_text(f"{start}# %% [markdown]\n# ## Task 2{two}\n# %% [markdown] skills{one}")
    problems = curriculum_problems(read_course(own_course.root))
    assert len(problems) == 1
    assert "in the order ['double', 'line']; found ['line', 'double']" in problems[0]


def test_an_id_of_another_week(edit):
    course = edit(CHECKS, 'id="week01.double"', 'id="week02.double"')
    assert any(
        "expected ids that begin with 'week01.'; found 'week02.double'" in p for p in curriculum_problems(course)
    )


@pytest.mark.parametrize("file", [LESSON, ASSIGNMENT, CHECKS])
def test_a_missing_file_is_named(own_course, file):
    (own_course.root / file).unlink()
    (problem,) = curriculum_problems(own_course)
    assert str(own_course.root / file) in problem
    assert "no such file" in problem


def test_one_broken_week_does_not_hide_another(own_course, edit):
    row = (own_course.root / SYLLABUS).read_text().split("[[week]]")[1]
    course = edit(SYLLABUS, "[[week]]", "[[week]]" + row.replace("week01", "week02") + "\n[[week]]")
    course = edit(LESSON, "#     minutes: 10\n", "")
    problems = curriculum_problems(course)
    assert any("week02" in problem for problem in problems)
    assert any("tfcourse.minutes" in problem for problem in problems)
