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
from tfcourse.reports.card import RECEIPT_MIME

__all__ = [
    "Autograde",
    "Clean",
    "DeduplicateIds",
    "Execute",
    "HideTests",
    "RestoreMetadata",
    "SaveAutoGrades",
    "broke",
    "grade_id",
    "is_test",
    "receipts",
    "stderr_to_stdout",
    "take_over",
]


def take_over() -> None:
    """Let nbgrader's own commands and its formgrader grade with `Autograde`, in this process.

    nbgrader has no setting for it; ``nbgrader_config.py`` is Python, and may call this.
    """
    from nbgrader.apps import api, autogradeapp

    for module in (autogradeapp, api):
        module.Autograde = Autograde


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


class RestoreMetadata(NbGraderPreprocessor):
    """Gives every cell the metadata back that nbgrader's database knows of it.

    A learner, or another program, may have changed them: a test cell that calls itself a solution is not
    restored by `OverwriteCells`, and one of an old format, or of another assignment, is refused at the end,
    with the whole submission. Stands behind `DeduplicateIds` and before `OverwriteCells`.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Restore the metadata of known cells, and take them from others."""
        about = resources["nbgrader"]
        with Gradebook(about["db_url"]) as gradebook:
            notebook = gradebook.find_notebook(about["notebook"], about["assignment"])
            known = {cell.name: cell for cell in notebook.source_cells}
            points = {cell.name: float(cell.max_score) for cell in (*notebook.grade_cells, *notebook.task_cells)}
            graded, solutions, tasks = (
                {cell.name for cell in cells}
                for cells in (notebook.grade_cells, notebook.solution_cells, notebook.task_cells)
            )
            for cell in nb.cells:
                id = grade_id(cell)
                if id is None or id not in known:
                    cell.metadata.pop("nbgrader", None)
                    continue
                metadata = {
                    "cell_type": known[id].cell_type,
                    "checksum": known[id].checksum,
                    "grade": id in graded,
                    "grade_id": id,
                    "locked": bool(known[id].locked),
                    "schema_version": 3,
                    "solution": id in solutions,
                    "task": id in tasks,
                }
                if id in points:
                    metadata["points"] = points[id]
                cell.metadata["nbgrader"] = NotebookNode(metadata)
        return nb, resources


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
