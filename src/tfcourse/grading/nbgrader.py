"""The bridge to nbgrader: its autograde on our engine, and preprocessors for its stock commands."""

from __future__ import annotations

from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader import preprocessors
from nbgrader.api import Gradebook
from nbgrader.preprocessors.base import NbGraderPreprocessor
from traitlets import Bool

from tfcourse.grading.cells import OUR_DEFECT, broke, grade_id, has_grade, is_test, receipts, stderr_to_stdout
from tfcourse.grading.cleaner import cleaned
from tfcourse.grading.converter import Autograde
from tfcourse.grading.intake import Original, restore
from tfcourse.reports.card import RECEIPT_MIME

__all__ = [
    "Autograde",
    "Clean",
    "Execute",
    "HideTests",
    "RestoreCells",
    "SaveAutoGrades",
    "broke",
    "grade_id",
    "is_test",
    "receipts",
    "stderr_to_stdout",
]


class RestoreCells(NbGraderPreprocessor):
    """Gives the assignment's own cells back what nbgrader's database knows of them, and back where they were deleted.

    Takes the place of nbgrader's `DeduplicateCellIds` and `OverwriteCells`, which refuse a copied cell, a changed
    kind of cell, or a deleted pair of cells, and the whole submission with it. See `tfcourse.grading.intake.restore`.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Restore the cells of `nb`."""
        about = resources["nbgrader"]
        with Gradebook(about["db_url"]) as gradebook:
            notebook = gradebook.find_notebook(about["notebook"], about["assignment"])
            return restore(nb, originals_of(notebook)), resources


def originals_of(notebook: Any) -> list[Original]:
    """Return the cells that nbgrader's database has of an assignment's notebook."""
    points = {cell.name: float(cell.max_score) for cell in (*notebook.grade_cells, *notebook.task_cells)}
    graded, solutions, tasks = (
        {cell.name for cell in cells} for cells in (notebook.grade_cells, notebook.solution_cells, notebook.task_cells)
    )
    originals = []
    for cell in notebook.source_cells:
        metadata = {
            "cell_type": cell.cell_type,
            "checksum": cell.checksum,
            "grade": cell.name in graded,
            "grade_id": cell.name,
            "locked": bool(cell.locked),
            "schema_version": 3,
            "solution": cell.name in solutions,
            "task": cell.name in tasks,
        }
        if cell.name in points:
            metadata["points"] = points[cell.name]
        originals.append(Original(cell.name, cell.cell_type, cell.source, metadata))
    return originals


class Clean(NbGraderPreprocessor):
    """For pages: nothing of a learner's acts in the browser of whoever looks, and none makes a page impossible.

    `Autograde` writes cleaned notebooks; this is for those that stock nbgrader wrote, or an earlier version.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Clean a graded notebook; see `tfcourse.grading.cleaning`."""
        return cleaned(nb), resources


class Execute(preprocessors.Execute):
    """Runs graded notebooks only, and keeps stderr from costing points.

    A lesson has no graded cell and is not run. nbgrader gives 0 to a test cell with anything on stderr,
    one warning of TensorFlow included; here such output stays readable as ordinary output.
    """

    graded_only = Bool(True, help="Whether notebooks without graded cells are left alone.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Any = None, km: Any = None) -> tuple[NotebookNode, Any]:
        """Run `nb` if it has a graded cell."""
        if self.graded_only and not has_grade(nb):
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
