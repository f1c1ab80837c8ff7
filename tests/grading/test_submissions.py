"""Sample submissions, made from the course."""

import pytest

from tfcourse.errors import InvalidCurriculum, UnknownName
from tfcourse.grading.submissions import (
    expected_points,
    make_submission,
    pack_submissions,
    read_fragments,
    submission_names,
)

FOLDER = "grader_tests/submissions/week01"


def solution(notebook, grade_id):
    return next(c.source for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


@pytest.fixture
def built(own_course):
    from tfcourse.authoring.build import write_all

    write_all(own_course)
    return own_course


def test_names_begin_with_the_reference_and_the_blank(course):
    assert submission_names(course, course.weeks[0]) == ["reference", "blank", "not_doubled"]


def test_the_blank_is_the_release(course):
    blank = make_submission(course, course.weeks[0], "blank")
    assert "raise NotImplementedError()" in solution(blank, "double_solution")


def test_the_reference_is_the_release_with_every_solution(course):
    reference = make_submission(course, course.weeks[0], "reference")
    assert "return 2 * np.asarray(x)" in solution(reference, "double_solution")
    assert "Dense(1)" in solution(reference, "line_solution")
    assert "HIDDEN" not in str(reference)


def test_a_wrong_submission_differs_in_the_cells_that_it_states(course):
    wrong = make_submission(course, course.weeks[0], "not_doubled")
    assert solution(wrong, "double_solution") == "def double(x):\n    return x"
    assert "Dense(1)" in solution(wrong, "line_solution")


def test_an_unknown_submission_is_a_message(course):
    with pytest.raises(UnknownName, match="reference, blank, not_doubled"):
        make_submission(course, course.weeks[0], "not_trebled")


def test_expected_points_are_full_where_a_table_says_nothing(course):
    week = course.weeks[0]
    assert expected_points(course, week, "reference") == {"week01.double": 2, "week01.line": 5}
    assert expected_points(course, week, "blank") == {"week01.double": 0, "week01.line": 0}
    assert expected_points(course, week, "not_doubled") == {"week01.double": 0.5, "week01.line": 5}


def test_submissions_that_change_different_cells_are_graded_together(own_course):
    folder = own_course.root / FOLDER
    for name, cell in (("bent", "line"), ("other", "double")):
        (folder / f"{name}.py").write_text(f'"""Wrong."""\n\n# %% {cell}_solution\n{name} = 1\n')
    with (folder / "expected.toml").open("a") as file:
        file.write('\n[bent]\n"week01.line" = 1\n\n[other]\n"week01.double" = 0\n')
    week = own_course.weeks[0]
    packed = pack_submissions(own_course, week)
    assert packed == [("reference",), ("blank",), ("bent", "not_doubled"), ("other",)]
    assert expected_points(own_course, week, *packed[2]) == {"week01.double": 0.5, "week01.line": 1}


@pytest.mark.parametrize(
    "text", ["", '[not_doubled]\n"week01.double" = 0.5\n\n[forgotten]\n'], ids=["missing", "extra"]
)
def test_tables_and_files_must_agree(own_course, text):
    (own_course.root / FOLDER / "expected.toml").write_text(text)
    with pytest.raises(InvalidCurriculum, match=r"expected\.toml: expected a table for each"):
        expected_points(own_course, own_course.weeks[0], "reference")


def test_a_cell_that_the_assignment_does_not_have(built):
    (built.root / FOLDER / "not_doubled.py").write_text('"""Wrong."""\n\n# %% treble_solution\nx = 1\n')
    with pytest.raises(InvalidCurriculum, match=r"not_doubled\.py: .*found \['treble_solution'\]"):
        make_submission(built, built.weeks[0], "not_doubled")


def test_a_file_without_cells(own_course):
    path = own_course.root / FOLDER / "not_doubled.py"
    path.write_text("x = 1\n")
    with pytest.raises(InvalidCurriculum, match="expected cells that begin with"):
        read_fragments(path)
