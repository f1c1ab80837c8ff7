"""What nbgrader's metadata says about a cell, and what a cell's outputs say about its run."""

from __future__ import annotations

from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader import utils

from tfcourse.reports.card import RECEIPT_MIME

OUR_DEFECT = "GraderBroken"
"""The name of the exception that must never cost a learner a point."""


def is_test(cell: NotebookNode) -> bool:
    """Tell whether a cell is an automatically graded test."""
    return bool(cell.cell_type == "code" and utils.is_grade(cell) and not utils.is_solution(cell))


def has_grade(notebook: NotebookNode) -> bool:
    """Tell whether a notebook has a graded cell; a lesson has none."""
    return any(utils.is_grade(cell) for cell in notebook.cells)


def grade_id(cell: NotebookNode) -> str | None:
    """Return the id by which nbgrader knows a cell, or None where it knows none, whatever stands there."""
    metadata = cell.metadata.get("nbgrader")
    id = metadata.get("grade_id") if isinstance(metadata, dict) else None
    return id if isinstance(id, str) else None


def broke(cell: NotebookNode) -> bool:
    """Tell whether a test cell ended in a defect of ours."""
    return any(output.output_type == "error" and output.ename == OUR_DEFECT for output in cell.outputs)


def stderr_to_stdout(cell: NotebookNode) -> None:
    """Turn what a cell wrote to stderr into ordinary output."""
    for output in cell.outputs:
        if output.output_type == "stream" and output.name == "stderr":
            output.name = "stdout"


def receipts(notebook: NotebookNode) -> list[dict[str, Any]]:
    """Return the receipts that an executed notebook's cards carry, in order."""
    return [
        output.data[RECEIPT_MIME]
        for cell in notebook.cells
        if is_test(cell)
        for output in cell.outputs
        if output.output_type == "display_data" and RECEIPT_MIME in output.data
    ]
