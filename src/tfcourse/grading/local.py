"""Runs a learner's own notebook in an ordinary kernel, on the learner's own machine: no sandbox, no second process."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat.notebooknode import NotebookNode

from tfcourse.checks.check import Check
from tfcourse.checks.records import Outcome, Receipt
from tfcourse.checks.runtime import ENVIRONMENT
from tfcourse.course import ROOT_VARIABLE, Course
from tfcourse.grading.cells import broke, grade_id, is_test, receipts
from tfcourse.grading.client import add_reply_error
from tfcourse.grading.jobs import Ending, Job, NotebookRun, Run

KERNEL = "python3"
KERNEL_ARGUMENTS = ["--HistoryManager.hist_file=:memory:", "--IPKernelApp.log_level=ERROR"]


@dataclass(frozen=True)
class LocalEngine:
    """Runs jobs, one after the other, in the learner's own folder.

    The examiner sits in the kernel itself, and a cell's card carries its receipt. Nothing here is proof against
    the learner, who has the secret anyway.

    Args:
        course: Where the kernel finds checks.
        checks: Grade id to check.
        folder: Working directory of the kernel.
        started: Called with the grade id of each test cell when it begins.
    """

    course: Course
    checks: Mapping[str, Check]
    folder: Path
    started: Callable[[str], None] = lambda grade_id: None

    def run(self, job: Job) -> Run:
        """Run the notebooks of a job. Whatever they do ends in the result."""
        return Run(job.id, tuple(self._run(job, *one) for one in job.notebooks.items()), sandboxed=False)

    def _run(self, job: Job, name: str, content: bytes) -> NotebookRun:
        notebook = nbformat.reads(content.decode(), as_version=4)
        finished = 0

        def announce(cell: NotebookNode, cell_index: int) -> None:
            if is_test(cell):
                self.started(str(grade_id(cell)))

        def count(cell: NotebookNode, cell_index: int) -> None:
            nonlocal finished
            finished = cell_index + 1

        client = NotebookClient(
            notebook,
            kernel_name=KERNEL,
            extra_arguments=KERNEL_ARGUMENTS,
            resources={"metadata": {"path": str(self.folder)}},
            timeout=job.bounds.cell_seconds,
            allow_errors=job.allow_errors,
            interrupt_on_timeout=job.interrupt_on_timeout,
            on_cell_start=announce,
            on_cell_executed=add_reply_error,
            on_cell_complete=count,
        )
        try:
            client.execute(env=self._environment(job))
        except DeadKernelError:
            ending, reason = Ending.KERNEL_DIED, "The kernel ended before the notebook did."
        else:
            ending, reason, finished = Ending.COMPLETE, "", len(notebook.cells)
        return NotebookRun(
            name=name,
            content=nbformat.writes(notebook).encode("utf-8", "replace"),
            ending=ending,
            reason=reason,
            receipts=_receipts(notebook),
            broken=self._broken(notebook),
            finished=finished,
        )

    def _environment(self, job: Job) -> dict[str, str]:
        return {**os.environ, **ENVIRONMENT, ROOT_VARIABLE: str(self.course.root), **job.environment}

    def _broken(self, notebook: NotebookNode) -> dict[str, str]:
        """Return the checks in which our own code failed, with what it said."""
        return {
            self.checks[id].id: next(output.evalue for output in cell.outputs if output.output_type == "error")
            for cell in notebook.cells
            if is_test(cell) and (id := grade_id(cell) or "") in self.checks and broke(cell)
        }


def _receipts(notebook: NotebookNode) -> dict[str, Receipt]:
    """Return the receipts on a notebook's cards by check id; of two for one check, the first counts."""
    return {
        found["check_id"]: Receipt(**{**found, "outcome": Outcome(found["outcome"])})
        for found in reversed(receipts(notebook))
    }
