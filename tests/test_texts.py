"""Reading the curriculum's texts."""

import pytest

from tfcourse.errors import InvalidCurriculum
from tfcourse.texts import header, is_setup, is_solution, read_text


@pytest.fixture
def assignment(course):
    return read_text(course.curriculum(course.weeks[0], "assignment"))


def test_cells_are_told_apart(assignment):
    kinds = [
        (cell.cell_type, is_setup(cell), is_solution(cell)) for cell in assignment.cells if cell.cell_type == "code"
    ]
    assert kinds == [
        ("code", True, False),
        ("code", False, True),
        ("code", False, False),
        ("code", False, True),
        ("code", False, False),
    ]


def test_metadata_of_cells_are_read(assignment):
    assert assignment.cells[1].metadata["skills"] == ["B1"]
    assert assignment.cells[3].metadata["nbgrader"]["points"] == 2


def test_the_header_is_the_courses_part(assignment, tmp_path):
    assert header(assignment)["title"] == "Mini week"
    path = tmp_path / "bare.py"
    path.write_text("# %%\nx = 1\n")
    assert header(read_text(path)) == {}


def test_a_missing_text_is_named(tmp_path):
    with pytest.raises(InvalidCurriculum, match=r"lesson\.py: expected a py:percent text; found no such file"):
        read_text(tmp_path / "lesson.py")


def test_a_text_that_cannot_be_read_is_named(tmp_path):
    path = tmp_path / "lesson.py"
    path.write_text("# ---\n# jupyter: [\n# ---\n")
    path.write_bytes(path.read_bytes() + b"\xff\xff")
    with pytest.raises(InvalidCurriculum, match=r"lesson\.py: expected a py:percent text"):
        read_text(path)
