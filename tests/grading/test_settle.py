"""From a run to points: receipts decide, silence never does."""

import json

import nbformat
import pytest
from nbgrader.utils import determine_grade
from plain_course import cell, graded_cell

from tfcourse.checks.records import Outcome, Receipt
from tfcourse.checks.registry import checks_of
from tfcourse.grading.cells import broke, receipts
from tfcourse.grading.jobs import Ending, NotebookRun
from tfcourse.grading.settle import settle

MOST = 10**6


@pytest.fixture
def checks(course):
    return {check.id.split(".")[1]: check for check in checks_of(course, "week01")}


def receipt(points=1.5, check_id="week01.double", **more):
    return Receipt(
        check_id,
        points,
        2.0,
        Outcome.WEAK,
        "half of it",
        "think",
        "",
        None,
        None,
        None,
        (),
        "grade",
        False,
        "k",
        "r",
        {},
        1.0,
        **more,
    )


def notebook():
    """A cell of a check of ours, called `double`, and one of staff's own, called `zero`."""
    return nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("x = 1"), graded_cell("grade()", "double"), graded_cell("assert x", "zero")]
    )


def run(*, double=(), zero=(), ending=Ending.COMPLETE, **more):
    cells = [{}, {"outputs": list(double)}, {"outputs": list(zero)}]
    return NotebookRun("p1", json.dumps({"cells": cells}).encode(), ending, **more)


def settled(checks, run, *, executed=True):
    found = settle(notebook(), run, checks, executed=executed, most_bytes=MOST)
    nbformat.validate(found.notebook)
    cells = {cell.metadata.nbgrader.grade_id: cell for cell in found.notebook.cells if "nbgrader" in cell.metadata}
    return (
        found,
        {id: determine_grade(one)[0] for id, one in cells.items()},
        {id: text(one) for id, one in cells.items()},
    )


def text(cell):
    return "\n".join(str(out.get("data", {}).get("text/plain", out.get("text", ""))) for out in cell.outputs)


def value(data):
    return {"output_type": "execute_result", "data": {"text/plain": data}, "metadata": {}, "execution_count": 1}


ERROR = {"output_type": "error", "ename": "NameError", "evalue": "name 'double' is not defined", "traceback": ["l"]}
STDERR = {"output_type": "stream", "name": "stderr", "text": "a warning"}


@pytest.mark.parametrize("printed", [(), (value("2.0"),), (value("99"),), (ERROR,), (STDERR,), (value("nan"),)])
def test_a_receipt_decides_whatever_the_kernel_printed(checks, printed):
    found, points, said = settled(checks, run(double=printed, receipts={"week01.double": receipt()}))
    assert points["double"] == 1.5
    assert "Double: 1.5 of 2 points" in said["double"]
    assert [one["points"] for one in receipts(found.notebook)] == [1.5]
    assert found.to_staff == found.without_points == {}


@pytest.mark.parametrize("printed", [(), (value("2.0"),), (value("True"),), (STDERR,)])
def test_no_receipt_no_points(checks, printed):
    found, points, said = settled(checks, run(double=printed))
    assert points["double"] == 0
    assert "nothing was handed over to the examiner" in said["double"]
    assert found.without_points["double"]


def test_the_engines_reason_comes_first_then_the_cells_error(checks):
    _, points, said = settled(checks, run(double=[ERROR]))
    assert points["double"] == 0
    assert "NameError: name 'double' is not defined" in said["double"]
    _, points, said = settled(checks, run(double=[ERROR], unanswered={"week01.double": "It asked and never answered."}))
    assert points["double"] == 0
    assert "It asked and never answered." in said["double"]
    assert "NameError" not in said["double"]


def test_a_defect_of_ours_is_never_a_zero(checks):
    found, _, said = settled(checks, run(broken={"week01.double": "The key could not be read."}))
    assert found.to_staff == {"double": "The key could not be read."}
    assert broke(found.notebook.cells[1])
    assert "The key could not be read." in said["double"]


def test_a_learner_who_raises_our_exception_is_not_believed(checks):
    forged = {**ERROR, "ename": "GraderBroken"}
    found, points, _ = settled(checks, run(double=[forged]))
    assert points["double"] == 0
    assert found.to_staff == {}
    assert not broke(found.notebook.cells[1])


def test_a_failed_run_leaves_everything_to_staff_but_what_was_answered(checks):
    failed = run(ending=Ending.FAILED, reason="The machine is full.", receipts={"week01.double": receipt()})
    found, points, _ = settled(checks, failed)
    assert points["double"] == 1.5
    assert found.to_staff == {"zero": "The machine is full."}


@pytest.mark.parametrize("wrong", [2.5, -1.0, float("nan"), float("inf")])
def test_points_that_the_cell_is_not_worth_are_left_to_staff(checks, wrong):
    found, _, _ = settled(checks, run(receipts={"week01.double": receipt(wrong)}))
    assert "double" in found.to_staff


def test_without_execution_checks_are_left_to_staff_and_tests_stay_as_they_are(checks):
    found, points, said = settled(checks, run(zero=[value("1.0")]), executed=False)
    assert "--no-execute" in found.to_staff["double"]
    assert points["zero"] == 1.0
    assert said["zero"] == "1.0"


# ---------------------------------------------------------------------------- staff's ordinary tests


def test_an_ordinary_test_keeps_nbgraders_meaning_and_is_marked(checks):
    found, points, said = settled(checks, run(zero=[value("0.5")]))
    assert points["zero"] == 0.5
    assert "Run beside the learner's code" in said["zero"]
    assert found.beside == ("zero",)
    assert settled(checks, run())[1]["zero"] == 1.0
    assert settled(checks, run(zero=[ERROR]))[1]["zero"] == 0


def test_where_there_are_no_checks_of_ours_its_output_is_not_touched():
    found = settle(notebook(), run(zero=[value("0.5")]), {}, executed=True, most_bytes=MOST)
    assert text(found.notebook.cells[2]) == "0.5"
    assert found.beside == ("double", "zero")


def test_stderr_costs_nothing(checks):
    assert settled(checks, run(zero=[STDERR]))[1]["zero"] == 1.0


@pytest.mark.parametrize("ending", [one for one in Ending if one not in (Ending.COMPLETE, Ending.FAILED)])
def test_a_test_that_never_ran_gets_nothing_though_it_is_silent(checks, ending):
    _, points, said = settled(checks, run(ending=ending, reason="It was killed.", finished=2))
    assert points == {"double": 0, "zero": 0}
    assert "did not come to its end. It was killed." in said["zero"]
    assert "The run ended before this check was answered. It was killed." in said["double"]


def test_a_test_that_ended_before_the_kernel_did_counts(checks):
    assert settled(checks, run(ending=Ending.KERNEL_DIED, finished=3))[1]["zero"] == 1.0
    assert settled(checks, run(ending=Ending.KERNEL_DIED, finished=2))[1]["zero"] == 0
    assert settled(checks, run(finished=2))[1]["zero"] == 0
    assert settled(checks, run(ending=Ending.KERNEL_DIED))[1]["zero"] == 0


def test_what_was_answered_before_an_early_end_counts(checks):
    died = run(ending=Ending.KERNEL_DIED, receipts={"week01.double": receipt()}, finished=2)
    assert settled(checks, died)[1] == {"double": 1.5, "zero": 0}


@pytest.mark.parametrize("printed", [value("7.0"), {**value("x"), "data": {"image/png": "iVBOR"}}])
def test_points_that_would_stop_nbgrader_are_left_to_staff(checks, printed):
    found, _, said = settled(checks, run(zero=[printed]))
    assert "nbgrader cannot read the points of this cell" in found.to_staff["zero"]
    assert "nbgrader cannot read" in said["zero"]


@pytest.mark.parametrize("content", [b"", b"{", b'{"cells": []}', b"x" * (MOST + 1)])
def test_a_notebook_that_cannot_be_read_costs_its_tests_and_not_its_receipts(checks, content):
    broken = NotebookRun("p1", content, Ending.COMPLETE, receipts={"week01.double": receipt()})
    found, points, _ = settled(checks, broken)
    assert points == {"double": 1.5, "zero": 0}
    assert found.reason.startswith("Expected")


def test_what_is_graded_by_hand_is_left_alone(checks):
    essay = nbformat.v4.new_notebook(cells=[cell("markdown", "Why?", "double", grade=True, solution=True, points=3)])
    content = json.dumps({"cells": [{}]}).encode()
    found = settle(essay, NotebookRun("p1", content, Ending.FAILED), checks, executed=True, most_bytes=MOST)
    assert found.notebook.cells[0].source == "Why?"
    assert found.to_staff == {}
