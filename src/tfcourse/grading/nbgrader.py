"""The bridge to nbgrader: preprocessors that `nbgrader_config.py` puts into the stock commands."""

from __future__ import annotations

from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader import preprocessors, utils
from nbgrader.preprocessors.base import NbGraderPreprocessor

from tfcourse.reports.card import RECEIPT_MIME

OUR_DEFECT = "GraderBroken"
"""The name of the exception that must never cost a learner a point."""


class DeduplicateIds(NbGraderPreprocessor):
    """Makes copies of a graded cell ordinary cells; the first counts.

    nbgrader's own leaves an empty mark on a copy, which it refuses afterwards, and the submission with it.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Take nbgrader's metadata from copies, and from cells where they are none."""
        seen: set[str] = set()
        for cell in nb.cells:
            id = grade_id(cell)
            if id is None or id in seen:
                cell.metadata.pop("nbgrader", None)
            else:
                seen.add(id)
        return nb, resources


class Execute(preprocessors.Execute):
    """Runs graded notebooks only, and keeps stderr from costing points.

    A lesson has no graded cell and is not run. nbgrader gives 0 to a test cell with anything on stderr,
    one warning of TensorFlow included; here such output stays readable as ordinary output.
    """

    def preprocess(self, nb: NotebookNode, resources: Any = None, km: Any = None) -> tuple[NotebookNode, Any]:
        """Run `nb` if it has a graded cell."""
        if not any(utils.is_grade(cell) for cell in nb.cells):
            return nb, resources
        nb, resources = super().preprocess(nb, resources, km)
        for cell in nb.cells:
            if is_test(cell):
                stderr_to_stdout(cell)
        return nb, resources


class SaveAutoGrades(preprocessors.SaveAutoGrades):
    """Leaves a cell in which the grader itself broke for staff to look at, instead of giving 0."""

    def _add_score(self, cell: NotebookNode, resources: Any) -> None:
        super()._add_score(cell, resources)
        if is_test(cell) and broke(cell):
            grade = self.gradebook.find_grade(
                cell.metadata["nbgrader"]["grade_id"], self.notebook_id, self.assignment_id, self.student_id
            )
            grade.auto_score = None
            grade.needs_manual_grade = True
            self.gradebook.db.commit()


class HideTests(NbGraderPreprocessor):
    """For feedback: removes hidden tests, and the tracebacks that would quote them.

    What stays of an error in a test cell is its name; the card of our own checks says the rest.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Clear every test cell of `nb`."""
        clear = preprocessors.ClearHiddenTests(parent=self.parent, enforce_metadata=False)
        for index, cell in enumerate(nb.cells):
            if is_test(cell):
                clear.preprocess_cell(cell, resources, index)
                for output in cell.outputs:
                    _shorten(output)
        return nb, resources


def is_test(cell: NotebookNode) -> bool:
    """Tell whether a cell is an automatically graded test."""
    return bool(cell.cell_type == "code" and utils.is_grade(cell) and not utils.is_solution(cell))


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


def _shorten(output: NotebookNode) -> None:
    if output.output_type == "error":
        output.evalue = ""
        output.traceback = [
            f"This test cell stopped with {output.ename} before it could be scored. "
            "Run your notebook from top to bottom: every name that the cell uses must be defined above it."
            if output.ename != OUR_DEFECT
            else "The course's own code failed here. This costs no points; the staff will look at it."
        ]
    elif output.output_type in {"display_data", "execute_result"}:
        output.data.pop(RECEIPT_MIME, None)
