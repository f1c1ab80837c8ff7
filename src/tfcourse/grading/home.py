"""``tfcourse grade``: the hidden checks on a learner's own notebook, on the learner's own machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat

from tfcourse.checks.check import Check
from tfcourse.checks.records import Outcome, Receipt, Score
from tfcourse.checks.registry import checks_of
from tfcourse.course import Course, Week
from tfcourse.errors import CourseError, GraderBroken, UnusableNotebook
from tfcourse.grading import intake
from tfcourse.grading.cards import score_of
from tfcourse.grading.jobs import Job
from tfcourse.grading.local import LocalEngine
from tfcourse.grading.plan import content_of
from tfcourse.grading.settle import settle

MOST_BYTES = 50 * 2**20
"""Of a notebook's file, outputs included; staff set theirs in `tfcourse.grading.settings.GradingBounds`."""


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


def grade_notebook(
    course: Course, week: Week, path: Path, *, started: Callable[[str], None] = lambda grade_id: None
) -> list[Result]:
    """Run the hidden checks of `week` on a notebook.

    Args:
        course: Where the source is found.
        week: Which week.
        path: The learner's notebook; it is not changed, and runs in its own folder.
        started: Called with the grade id of each test cell when it begins.

    Raises:
        CourseError: The week was not built.
        UnusableNotebook: The notebook is missing, too large, or none.
        GraderBroken: A defect of ours.
    """
    source = course.source(week, "assignment")
    if not source.is_file():
        raise CourseError(f"Expected {course.show(source)}; found none. Run: tfcourse build")
    originals = intake.originals_of(nbformat.read(source, as_version=4))
    notebook = intake.restore(_read(path), originals)
    checks = {check.name: check for check in checks_of(course, week.id)}
    job = Job(week.id, {path.stem: content_of(notebook)}, environment={"NBGRADER_EXECUTION": "autograde"})
    run = LocalEngine(course, checks, path.parent, started).run(job).notebooks[0]
    if run.broken:
        raise GraderBroken(next(iter(run.broken.values())))
    settled = settle(notebook, run, checks, executed=True, most_bytes=len(run.content))
    return [
        Result(check, receipt.points, receipt=receipt)
        if (receipt := run.receipts.get(check.id)) is not None
        else Result(check, 0.0, settled.without_points[name])
        for name, check in checks.items()
    ]


def _read(path: Path) -> nbformat.NotebookNode:
    if not path.is_file():
        raise UnusableNotebook(f"Expected a notebook at {path}; found none. Was it renamed or moved?")
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise UnusableNotebook(
            f"Expected a notebook of at most {MOST_BYTES >> 20} MB; found {size >> 20} MB in {path}. "
            "Clear its outputs and save it again."
        )
    return intake.read_notebook(path.read_bytes(), str(path))
