"""What is put into a graded cell: outputs of ours, made from the examiner's receipt."""

from __future__ import annotations

from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode

from tfcourse.checks.check import Check, ModelCheck
from tfcourse.checks.diagnosis import from_plain
from tfcourse.checks.records import Receipt, Score
from tfcourse.grading.cells import OUR_DEFECT
from tfcourse.grading.runs import to_json
from tfcourse.reports.card import RECEIPT_MIME, Card, Note


def score_of(check: Check, receipt: Receipt) -> Score:
    """Return what is shown of an answered check."""
    return Score(
        check_id=check.id,
        title=check.title,
        points=receipt.points,
        max_points=receipt.max_points,
        outcome=receipt.outcome,
        message=receipt.message,
        next_step=receipt.next_step,
        lines=receipt.lines,
        value=receipt.value,
        ladder=check.ladder if isinstance(check, ModelCheck) else None,
        landmarks=check.landmarks if isinstance(check, ModelCheck) else {},
        seconds=receipt.seconds,
        diagnosis=from_plain(receipt.diagnosis),
    )


def answered(check: Check, receipt: Receipt, points: float) -> list[NotebookNode]:
    """Return the outputs of a check's cell that was answered.

    Args:
        check: Which one.
        receipt: What the points rest on; it travels with the card, and `HideTests` takes it out of feedback.
        points: What nbgrader is to read.
    """
    card = Card(score_of(check, receipt))
    return [_shown(card, {RECEIPT_MIME: to_json(receipt)}), result(points)]


def unanswered(reason: str) -> list[NotebookNode]:
    """Return the outputs of a graded cell that gets no points, with the reason."""
    return [_shown(Note("No points", reason)), result(0.0)]


def left_to_staff(reason: str, *, defect: bool) -> list[NotebookNode]:
    """Return the outputs of a cell that staff have to look at.

    Args:
        reason: For staff and learner.
        defect: Whether it is our own fault; then nbgrader's stock preprocessors know it by its error, too.
    """
    outputs = [_shown(Note("Course staff will look at this", reason))]
    if defect:
        outputs.append(nbformat.v4.new_output("error", ename=OUR_DEFECT, evalue=reason, traceback=[reason]))
    return outputs


def note(title: str, body: str) -> NotebookNode:
    """Return a remark of ours, to stand above a cell's own outputs."""
    return _shown(Note(title, body))


def result(points: float) -> NotebookNode:
    """Return the output from which nbgrader reads points: a plain number."""
    return nbformat.v4.new_output("execute_result", {"text/plain": repr(float(points))}, execution_count=None)


def _shown(shown: Card | Note, more: dict[str, Any] | None = None) -> NotebookNode:
    return nbformat.v4.new_output("display_data", {**shown._repr_mimebundle_(), **(more or {})})
