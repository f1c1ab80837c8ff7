"""``tfcourse grade``: the hidden checks on a learner's own notebook, on the learner's own machine.

Test cells which were edited or deleted are restored first, as nbgrader does it, but without a gradebook;
then the notebook runs in an ordinary kernel.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbclient.exceptions import DeadKernelError
from nbformat.notebooknode import NotebookNode

from tfcourse.checks.check import Check
from tfcourse.checks.records import Outcome, Receipt, Score
from tfcourse.checks.registry import checks_of
from tfcourse.checks.runtime import ENVIRONMENT
from tfcourse.course import ROOT_VARIABLE, Course, Week
from tfcourse.errors import CourseError, GraderBroken, UnusableNotebook
from tfcourse.grading.cards import score_of
from tfcourse.grading.nbgrader import DeduplicateIds, Execute, broke, grade_id, is_test, receipts
from tfcourse.texts import is_solution

CELL_SECONDS = 600
"""Wall clock of one cell; training has its own, tighter bound."""
KERNEL_ARGUMENTS = ["--HistoryManager.hist_file=:memory:", "--IPKernelApp.log_level=ERROR"]
_LARGEST = 100 * 2**20


@dataclass(frozen=True)
class Result:
    """What one check of a graded notebook got.

    Args:
        check: Which one.
        points: 0 where there is no receipt.
        reason: Why there is no receipt; empty where there is one.
        receipt: The examiner's record.
    """

    check: Check
    points: float
    reason: str = ""
    receipt: Receipt | None = None

    def score(self) -> Score:
        """Return what is shown to the learner."""
        receipt, check = self.receipt, self.check
        if receipt is None:
            return Score(check.id, check.title, 0.0, check.points, Outcome.CRASH, self.reason)
        return score_of(check, receipt)


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook that somebody else wrote.

    Raises:
        UnusableNotebook: It is missing, empty, too large, or no notebook.
    """
    if not path.is_file():
        raise UnusableNotebook(f"Expected a notebook at {path}; found none. Was it renamed or moved?")
    size = path.stat().st_size
    if size > _LARGEST:
        raise UnusableNotebook(
            f"Expected a notebook of at most {_LARGEST >> 20} MB; found {size >> 20} MB in {path}. "
            "Clear its outputs and save it again."
        )
    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UnusableNotebook(
            f"Expected a Jupyter notebook in {path}; it cannot be read: {reason}. Save it again from "
            "JupyterLab, or begin from a fresh copy."
        ) from error
    return notebook


def grade_notebook(
    course: Course,
    week: Week,
    submitted: NotebookNode,
    *,
    folder: Path,
    started: Callable[[str], None] = lambda grade_id: None,
) -> list[Result]:
    """Run the hidden checks of `week` on a notebook.

    Args:
        course: Where the source is found.
        week: Which week.
        submitted: The learner's notebook; it is not changed.
        folder: Working directory of the run.
        started: Called with the id of each test cell when it begins.

    Raises:
        CourseError: The week was not built.
        GraderBroken: A defect of ours.
    """
    path = course.source(week, "assignment")
    if not path.is_file():
        raise CourseError(f"Expected {course.show(path)}; found none. Run: tfcourse build")
    source = nbformat.read(path, as_version=4)
    executed = _execute(course, restore(source, submitted), folder, started)
    return _results(course, week, executed)


def restore(source: NotebookNode, submitted: NotebookNode) -> NotebookNode:
    """Return `submitted` as it is to be run: the learner's cells, and every test cell as in `source`.

    Test cells that were edited get their text back; deleted ones come back behind the cell that they
    followed; of cells with the same id, the first counts. Outputs are cleared.
    """
    originals = {cell.metadata.nbgrader.grade_id: cell for cell in source.cells if "nbgrader" in cell.metadata}
    notebook, _ = DeduplicateIds().preprocess(copy.deepcopy(submitted), {})
    cells: list[NotebookNode] = []
    present: set[str] = set()
    for cell in notebook.cells:
        id = grade_id(cell)
        original = originals.get(id) if id else None
        if id is None or original is None:
            cell.metadata.pop("nbgrader", None)
        else:
            present.add(id)
            cell = _restored(cell, original)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        cells.append(cell)
    _put_back(cells, originals, present)
    return nbformat.from_dict(
        {"cells": cells, "metadata": source.metadata, "nbformat": 4, "nbformat_minor": source.nbformat_minor}
    )


def _restored(cell: NotebookNode, original: NotebookNode) -> NotebookNode:
    if is_solution(original):
        answer = copy.deepcopy(original)
        answer.source = cell.source
        return answer
    return copy.deepcopy(original)


def _put_back(cells: list[NotebookNode], originals: dict[str, NotebookNode], present: set[str]) -> None:
    """Insert missing test cells, each behind the nearest earlier cell of the source that is there."""
    previous: str | None = None
    for id, original in originals.items():
        if id not in present and is_test(original):
            behind = [index for index, cell in enumerate(cells) if grade_id(cell) == previous]
            cells.insert(behind[0] + 1 if behind and previous else len(cells), copy.deepcopy(original))
            present.add(id)
        if id in present:
            previous = id


def _execute(course: Course, notebook: NotebookNode, folder: Path, started: Callable[[str], None]) -> NotebookNode:
    def announce(cell: NotebookNode, cell_index: int) -> None:
        if is_test(cell):
            started(cell.metadata.nbgrader.grade_id)

    execute = Execute(
        timeout=CELL_SECONDS, kernel_name="python3", extra_arguments=KERNEL_ARGUMENTS, on_cell_start=announce
    )
    environment = {**ENVIRONMENT, ROOT_VARIABLE: str(course.root), "NBGRADER_EXECUTION": "autograde"}
    # A cell that ends its kernel ends the run; what was answered before it counts.
    with _environment(environment), suppress(DeadKernelError):
        execute.preprocess(notebook, {"metadata": {"path": str(folder)}})
    return notebook


def _results(course: Course, week: Week, executed: NotebookNode) -> list[Result]:
    found = {receipt["check_id"]: receipt for receipt in reversed(receipts(executed))}
    cells = {cell.metadata.nbgrader.grade_id: cell for cell in executed.cells if is_test(cell)}
    results = []
    for check in checks_of(course, week.id):
        cell = cells.get(check.id.split(".")[1])
        if cell is not None and broke(cell):
            error = next(output for output in cell.outputs if output.output_type == "error")
            raise GraderBroken(error.evalue)
        if check.id in found:
            receipt = Receipt(**{**found[check.id], "outcome": Outcome(found[check.id]["outcome"])})
            results.append(Result(check, receipt.points, receipt=receipt))
        else:
            results.append(Result(check, 0.0, reason=_why_no_receipt(cell)))
    return results


def _why_no_receipt(cell: NotebookNode | None) -> str:
    if cell is None:
        return "The test cell is missing, and could not be put back."
    for output in cell.outputs:
        if output.output_type == "error":
            detail = f"{output.ename}: {output.evalue}" if output.evalue else output.ename
            return (
                f"The cell stopped with {detail}. Run your notebook from top to bottom; every name "
                "must be defined above."
            )
    return "The notebook stopped before this cell."


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """Set environment variables for the kernel that is started in the body.

    nbgrader's `utils.setenv` looks up the old values by the wrong name, and restores none after an error.
    """
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
