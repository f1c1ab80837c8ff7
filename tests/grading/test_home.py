"""`tfcourse grade`: what a learner's notebook may be, and that it gets the points that nbgrader would give."""

import os

import nbformat
import pytest

from tfcourse.checks import Outcome
from tfcourse.errors import CourseError, GraderBroken, UnusableNotebook
from tfcourse.grading.home import grade_notebook
from tfcourse.grading.nbgrader import receipts
from tfcourse.grading.submissions import make_submission

SECRET = "a secret of the tests, long enough to be one"


def cell(notebook, grade_id):
    return next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def test_a_missing_notebook_is_a_message(course, tmp_path):
    for path in (tmp_path / "assignment.ipynb", tmp_path):
        with pytest.raises(UnusableNotebook, match=r"found none\. Was it renamed or moved"):
            grade_notebook(course, course.weeks[0], path)


def test_a_huge_notebook_is_refused_before_it_is_read(course, tmp_path):
    path = tmp_path / "assignment.ipynb"
    with path.open("wb") as file:
        file.truncate(300 * 2**20)
    with pytest.raises(UnusableNotebook, match=r"at most 50 MB; found 300 MB .*Clear its outputs"):
        grade_notebook(course, course.weeks[0], path)


def test_a_file_that_is_no_notebook_is_a_message(course, tmp_path):
    path = tmp_path / "assignment.ipynb"
    path.write_bytes(b"print('hello')")
    with pytest.raises(UnusableNotebook, match="it is not JSON") as caught:
        grade_notebook(course, course.weeks[0], path)
    assert str(path) in str(caught.value)


def test_a_week_that_was_not_built_is_a_message(own_course, tmp_path):
    with pytest.raises(CourseError, match=r"source/week01/assignment.ipynb; found none. Run: tfcourse build"):
        grade_notebook(own_course, own_course.weeks[0], tmp_path / "assignment.ipynb")


@pytest.fixture
def home(graded, monkeypatch):
    """Grade a submission of the class at home, with the staff's secret."""
    monkeypatch.setenv("TFCOURSE_SECRET", SECRET)
    monkeypatch.setenv("TFCOURSE_ROOT", str(graded.course.root))

    def grade(path, **options):
        results = grade_notebook(graded.course, graded.course.weeks[0], path, **options)
        return {result.check.id: result for result in results}

    return grade


@pytest.mark.slow
@pytest.mark.parametrize("student", ["tampered", "crashing"])
def test_home_and_nbgrader_give_the_same(graded, home, student):
    """… to the digest of the answers, on a notebook whose test cells were edited and deleted."""
    before = dict(os.environ)
    began = []
    results = home(graded.submitted(student) / "assignment.ipynb", started=began.append)
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
    with pytest.raises(GraderBroken, match="could not be drawn: AssertionError"):
        home(graded.submitted("noisy") / "assignment.ipynb")


@pytest.mark.slow
def test_what_was_answered_before_a_kernel_died_counts(graded, home, tmp_path):
    submitted = make_submission(graded.course, graded.course.weeks[0], "reference")
    submitted.cells.insert(
        submitted.cells.index(cell(submitted, "line_solution")), nbformat.v4.new_code_cell("import os\nos._exit(1)")
    )
    nbformat.write(submitted, tmp_path / "assignment.ipynb")
    results = home(tmp_path / "assignment.ipynb")
    assert results["week01.double"].points == 2
    assert results["week01.line"].points == 0
    assert results["week01.line"].reason.startswith("The run ended before this check was answered.")
