"""`tfcourse grade`: what a learner's notebook may be, and that it gets the points that nbgrader would give."""

import copy
import os

import nbformat
import pytest

from tfcourse.checks import Outcome
from tfcourse.errors import CourseError, GraderBroken, UnusableNotebook
from tfcourse.grading.home import grade_notebook, read_notebook, restore
from tfcourse.grading.nbgrader import receipts
from tfcourse.grading.submissions import make_submission

SECRET = "a secret of the tests, long enough to be one"


def cell(notebook, grade_id):
    return next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def ids(notebook):
    return [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]


# ---------------------------------------------------------------------------- files that cannot be graded


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "cannot be read"),
        (b"print('hello')", "cannot be read"),
        (b"\x00\xff\xfe binary", "cannot be read"),
        (b"[]", "cannot be read"),
        (b"null", "cannot be read"),
        (b'{"a": 1}', "cannot be read"),
        (b'{"cells": 3, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "cannot be read"),
        (b'{"cells": [{}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "cannot be read"),
        (b'{"cells": [], "metadata": {}, "nbformat": 4', "cannot be read"),
    ],
    ids=["empty", "text", "binary", "list", "null", "no notebook", "cells are a number", "no cell", "cut off"],
)
def test_what_is_no_notebook_is_a_message(tmp_path, content, reason):
    path = tmp_path / "assignment.ipynb"
    path.write_bytes(content)
    with pytest.raises(UnusableNotebook, match=reason) as caught:
        read_notebook(path)
    assert str(path) in str(caught.value)
    assert "Save it again" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_missing_notebook_is_a_message(tmp_path):
    with pytest.raises(UnusableNotebook, match=r"found none\. Was it renamed or moved"):
        read_notebook(tmp_path / "assignment.ipynb")


def test_a_folder_is_no_notebook(tmp_path):
    with pytest.raises(UnusableNotebook, match="found none"):
        read_notebook(tmp_path)


def test_a_huge_notebook_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "assignment.ipynb"
    with path.open("wb") as file:
        file.truncate(300 * 2**20)
    with pytest.raises(UnusableNotebook, match=r"at most 100 MB; found 300 MB .*Clear its outputs"):
        read_notebook(path)


def test_an_older_notebook_is_read(tmp_path):
    path = tmp_path / "assignment.ipynb"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")])
    notebook.nbformat_minor = 4
    del notebook.cells[0]["id"]
    path.write_text(nbformat.writes(notebook))
    assert read_notebook(path).cells[0].source == "1"


# ---------------------------------------------------------------------------- restoring


@pytest.fixture
def source(course):
    return nbformat.read(course.source(course.weeks[0], "assignment"), as_version=4)


@pytest.fixture
def submitted(course):
    return make_submission(course, course.weeks[0], "reference")


def test_hidden_tests_come_back_and_answers_stay(source, submitted):
    cell(submitted, "double_solution").source = "def double(x):\n    return x + x"
    before = copy.deepcopy(submitted)
    restored = restore(source, submitted)
    assert cell(restored, "double").source == cell(source, "double").source
    assert cell(restored, "double_solution").source == "def double(x):\n    return x + x"
    assert submitted == before
    nbformat.validate(restored)


def test_an_edited_test_cell_gets_its_text_and_points_back(source, submitted):
    cell(submitted, "double").source = "2.0"
    cell(submitted, "double").metadata.nbgrader.points = 100
    cell(submitted, "line").cell_type = "markdown"
    restored = restore(source, submitted)
    for id in ("double", "line"):
        assert cell(restored, id) == cell(source, id)


@pytest.mark.parametrize(
    ("deleted", "expected"),
    [
        (["double"], ["double_solution", "double", "line_solution", "line"]),
        (["line"], ["double_solution", "double", "line_solution", "line"]),
        (["double", "line"], ["double_solution", "double", "line_solution", "line"]),
        (["double_solution", "double"], ["line_solution", "line", "double"]),
        (["double_solution", "double", "line_solution", "line"], ["double", "line"]),
    ],
)
def test_deleted_test_cells_come_back_behind_their_solution(source, submitted, deleted, expected):
    submitted.cells = [c for c in submitted.cells if c.metadata.get("nbgrader", {}).get("grade_id") not in deleted]
    assert [id for id in ids(restore(source, submitted)) if id] == expected


def test_of_copies_the_first_counts_and_the_others_are_ordinary_cells(source, submitted):
    at = submitted.cells.index(cell(submitted, "double"))
    for number in range(2):
        extra = copy.deepcopy(cell(submitted, "double"))
        extra.id, extra.source = f"copy-{number}", f"copy = {number}"
        submitted.cells.insert(at + 1, extra)
    restored = restore(source, submitted)
    assert ids(restored).count("double") == 1
    assert [c.source for c in restored.cells if c.source.startswith("copy")] == ["copy = 1", "copy = 0"]
    assert cell(restored, "double").source == cell(source, "double").source


def test_a_learners_own_cells_stay_where_they_are_without_outputs(source, submitted):
    extra = nbformat.v4.new_code_cell("x = 1", outputs=[nbformat.v4.new_output("stream", text="old")])
    submitted.cells.insert(3, extra)
    restored = restore(source, submitted)
    assert restored.cells[3].source == "x = 1"
    assert all(not c.get("outputs") for c in restored.cells)


@pytest.mark.parametrize(
    "metadata", [None, [], "text", {}, {"grade_id": None}, {"grade_id": ["double"]}, {"grade": True}]
)
def test_metadata_that_make_no_sense_are_dropped(source, submitted, metadata):
    submitted.cells[1].metadata["nbgrader"] = metadata
    restored = restore(source, submitted)
    assert "nbgrader" not in restored.cells[1].metadata
    assert [id for id in ids(restored) if id] == ["double_solution", "double", "line_solution", "line"]


def test_a_kernel_that_the_learner_chose_is_not_used(source, submitted):
    submitted.metadata.kernelspec = {"name": "ir", "display_name": "R", "language": "R"}
    assert restore(source, submitted).metadata.kernelspec.name == "python3"


def test_an_empty_notebook_has_its_test_cells(source):
    restored = restore(source, nbformat.v4.new_notebook())
    assert [id for id in ids(restored) if id] == ["double", "line"]


# ---------------------------------------------------------------------------- grading


def test_a_week_that_was_not_built_is_a_message(own_course, tmp_path):
    with pytest.raises(CourseError, match=r"source/week01/assignment.ipynb; found none. Run: tfcourse build"):
        grade_notebook(own_course, own_course.weeks[0], nbformat.v4.new_notebook(), folder=tmp_path)


@pytest.fixture
def home(graded, monkeypatch, tmp_path):
    """Grade a submission of the class at home, with the staff's secret."""
    monkeypatch.setenv("TFCOURSE_SECRET", SECRET)
    monkeypatch.setenv("TFCOURSE_ROOT", str(graded.course.root))

    def grade(submitted, folder=tmp_path, **options):
        results = grade_notebook(graded.course, graded.course.weeks[0], submitted, folder=folder, **options)
        return {result.check.id: result for result in results}

    return grade


@pytest.mark.slow
@pytest.mark.parametrize("student", ["tampered", "crashing"])
def test_home_and_nbgrader_give_the_same(graded, home, student):
    """… to the digest of the answers, on a notebook whose test cells were edited and deleted."""
    before = dict(os.environ)
    began = []
    path = graded.submitted(student) / "assignment.ipynb"
    results = home(read_notebook(path), started=began.append)
    official = {found["check_id"]: found for found in receipts(graded.autograded(student))}
    assert began == ["double", "line"]
    for check_id, result in results.items():
        if check_id in official:
            assert result.points == official[check_id]["points"]
            assert result.receipt.value == official[check_id]["value"]
            assert result.receipt.response_digest == official[check_id]["response_digest"]
            assert result.receipt.predictable is False
        else:
            assert result.points == 0
            assert "The cell stopped with NameError: name 'double' is not defined" in result.reason
            assert result.score().outcome is Outcome.CRASH
    assert dict(os.environ) == before


@pytest.mark.slow
def test_our_own_defect_is_raised(graded, home):
    submitted = graded.submitted("noisy")
    with pytest.raises(GraderBroken, match="could not be drawn: AssertionError"):
        home(read_notebook(submitted / "assignment.ipynb"), folder=submitted)


@pytest.mark.slow
def test_what_was_answered_before_a_kernel_died_counts(graded, home):
    submitted = make_submission(graded.course, graded.course.weeks[0], "reference")
    submitted.cells.insert(
        submitted.cells.index(cell(submitted, "line_solution")), nbformat.v4.new_code_cell("import os\nos._exit(1)")
    )
    results = home(submitted)
    assert results["week01.double"].points == 2
    assert results["week01.line"].points == 0
    assert results["week01.line"].reason == "The notebook stopped before this cell."
