"""From a run to what nbgrader is told: every graded cell gets outputs that say what it earned, and why."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from nbformat.notebooknode import NotebookNode
from nbgrader import utils

import tfcourse
from tfcourse.checks.check import Check
from tfcourse.grading import cards
from tfcourse.grading.cells import grade_id, is_test, stderr_to_stdout
from tfcourse.grading.jobs import Ending, NotebookRun
from tfcourse.grading.outputs import Unusable, with_outputs

_MOST_OF_AN_ERROR = 300
"""Characters of an error's message that are quoted."""


@dataclass(frozen=True)
class Settled:
    """A run notebook as nbgrader's preprocessors get it.

    Args:
        notebook: With outputs that are ours, or checked.
        to_staff: Grade id to why staff have to decide; no points are recorded there, and no 0 either.
        without_points: Grade id to why a cell got none without being judged.
        beside: Grade ids of staff's ordinary tests: they ran in the learner's own process, which could have
            changed what they found.
        reason: Why the run as a whole is not what it should be; empty where it is.
    """

    notebook: NotebookNode
    to_staff: Mapping[str, str] = field(default_factory=dict)
    without_points: Mapping[str, str] = field(default_factory=dict)
    beside: tuple[str, ...] = ()
    reason: str = ""


def settle(
    sanitized: NotebookNode, run: NotebookRun, checks: Mapping[str, Check], *, executed: bool, most_bytes: int
) -> Settled:
    """Put outputs into every graded cell of a run notebook.

    - A cell of a check of ours shows the examiner's receipt, whatever the kernel printed. No receipt: no
      points, with the reason. A defect of ours: staff.
    - An ordinary test cell keeps nbgrader's meaning where it came to its end; otherwise it gets no points,
      for nbgrader gives full marks to a cell that says nothing.

    Args:
        sanitized: The notebook as it was sent to be run.
        run: What became of it.
        checks: Grade id to check, for the cells that belong to checks of ours.
        executed: False where staff wished that nothing be run.
        most_bytes: Larger executed notebooks are not read.
    """
    reason = run.reason
    try:
        notebook = with_outputs(sanitized, run.content, most_bytes=most_bytes)
    except Unusable as error:
        notebook = with_outputs(sanitized, _content_without_outputs(sanitized), most_bytes=2**62)
        reason = " ".join(part for part in (reason, str(error)) if part)
        ended = [False] * len(notebook.cells)
    else:
        ended = _ended(run, len(notebook.cells))
    judge = _Judge(run, reason or f"The run ended early: {run.ending}.", checks, executed)
    for cell, cell_ended in zip(notebook.cells, ended, strict=True):
        if is_test(cell):
            judge.settle(cell, cell_ended)
    return Settled(notebook, judge.to_staff, judge.without_points, tuple(judge.beside), reason)


@dataclass
class _Judge:
    """Settles the test cells of one notebook, and remembers what it found."""

    run: NotebookRun
    reason: str
    """Why cells did not come to their end."""
    checks: Mapping[str, Check]
    executed: bool
    to_staff: dict[str, str] = field(default_factory=dict)
    without_points: dict[str, str] = field(default_factory=dict)
    beside: list[str] = field(default_factory=list)

    def settle(self, cell: NotebookNode, ended: bool) -> None:
        id = grade_id(cell) or ""
        if id in self.checks:
            self._settle_check(cell, id, self.checks[id])
        else:
            self._settle_ordinary(cell, id, ended)

    def _settle_check(self, cell: NotebookNode, id: str, check: Check) -> None:
        receipt = self.run.receipts.get(check.id)
        if receipt is not None and not self._usable(receipt.points, cell):
            self._to_staff(
                cell,
                id,
                f"Expected at most {_points(cell):g} points, which this cell is worth; its receipt says "
                f"{receipt.points}. The assignment or its check was changed: build the week, and grade again.",
                defect=True,
            )
        elif receipt is not None:
            cell.outputs = cards.answered(check, receipt, receipt.points)
        elif not self.executed:
            self._to_staff(cell, id, "The notebook was not run (--no-execute), so nothing was checked.", defect=False)
        elif check.id in self.run.broken or self.run.ending is Ending.FAILED:
            self._to_staff(cell, id, self.run.broken.get(check.id) or self.reason, defect=True)
        else:
            self._nothing(cell, id, self.run.unanswered.get(check.id) or self._why_unanswered(cell))

    def _settle_ordinary(self, cell: NotebookNode, id: str, ended: bool) -> None:
        if not self.executed:
            return
        stderr_to_stdout(cell)
        if self.run.ending is Ending.FAILED:
            self._to_staff(cell, id, self.reason, defect=True)
        elif not ended:
            self._nothing(cell, id, f"This test did not come to its end. {self.reason}")
        else:
            self.beside.append(id)
            problem = _unreadable(cell)
            if problem:
                self._to_staff(cell, id, problem, defect=False)
            elif self.checks:
                cell.outputs.insert(0, cards.note("Ordinary test", "Run beside the learner's code, and in its reach."))

    def _why_unanswered(self, cell: NotebookNode) -> str:
        if self.run.ending is not Ending.COMPLETE:
            return f"The run ended before this check was answered. {self.reason}"
        for output in cell.outputs:
            if output.output_type == "error":
                error = f"{output.ename}: {output.evalue}" if output.evalue else output.ename
                return f"The cell stopped with {error[:_MOST_OF_AN_ERROR]}. {_next_step(output.ename, output.evalue)}"
        return "The cell ran, but nothing was handed over to the examiner. Hand over what the task asks for."

    def _to_staff(self, cell: NotebookNode, id: str, reason: str, *, defect: bool) -> None:
        cell.outputs = cards.left_to_staff(reason, defect=defect)
        self.to_staff[id] = reason

    def _nothing(self, cell: NotebookNode, id: str, reason: str) -> None:
        cell.outputs = cards.unanswered(reason)
        self.without_points[id] = reason

    @staticmethod
    def _usable(points: float, cell: NotebookNode) -> bool:
        return math.isfinite(points) and 0 <= points <= _points(cell)


def _next_step(name: str, value: str) -> str:
    """Say what to do about the error that ended a test cell."""
    missing = re.match(r"name '(\w+)' is not defined", value) if name == "NameError" else None
    if missing and missing[1] in tfcourse.__all__:
        return (
            "It comes from the notebook's first code cell; put this line back: "
            "from tfcourse import grade, hint, practice, solution"
        )
    return "Run your notebook from top to bottom: every name that the cell uses must be defined above it."


def _points(cell: NotebookNode) -> float:
    return float(cell.metadata.nbgrader.get("points", 0))


def _unreadable(cell: NotebookNode) -> str:
    """Say what keeps nbgrader from reading a cell's points: it would give up the whole submission."""
    try:
        utils.determine_grade(cell)
    except Exception as error:
        return (
            f"Expected a number from 0 to {_points(cell):g}, or no result, or an error; nbgrader cannot read the "
            f"points of this cell: {str(error)[:_MOST_OF_AN_ERROR]}"
        )
    return ""


def _ended(run: NotebookRun, count: int) -> list[bool]:
    """Tell of each cell whether it came to its end."""
    if run.finished is not None:
        return [index < run.finished for index in range(count)]
    return [run.ending is Ending.COMPLETE] * count


def _content_without_outputs(notebook: NotebookNode) -> bytes:
    import json

    return json.dumps({"cells": [{} for _ in notebook.cells]}).encode()
