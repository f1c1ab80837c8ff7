"""What is done with one submission outside of the engine: planned, stored, recorded."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from nbformat.notebooknode import NotebookNode

from tfcourse.checks.check import Check
from tfcourse.errors import GraderBroken
from tfcourse.grading.batch import Result
from tfcourse.grading.jobs import Ending, Job, NotebookRun, Run
from tfcourse.grading.plan import Facts, Found, Planned, content_of
from tfcourse.grading.planner import Planner
from tfcourse.grading.recorder import Recorder
from tfcourse.grading.runs import Stored
from tfcourse.grading.store import Store
from tfcourse.grading.transaction import Database

if TYPE_CHECKING:
    from tfcourse.grading.converter import Autograde


@dataclass
class Clerk:
    """Implements `tfcourse.grading.batch.Steps` with the help of a converter.

    Args:
        converter: nbgrader's, with its configuration, log and preprocessors.
        runs: Where runs are kept.
    """

    converter: Autograde
    runs: Store
    planner: Planner = field(init=False, repr=False)
    recorder: Recorder = field(init=False, repr=False)
    _jobs: int = 0

    def __post_init__(self) -> None:
        coursedir = self.converter.coursedir
        self.database = Database(
            coursedir.db_url,
            self.converter.course_id,
            self.converter.preprocessor_classes(),
            make=not self.converter.dry_run,
        )
        self.planner = Planner(self.converter, self.runs, self.database)
        self.recorder = Recorder(self.converter, self.runs, self.database, self.planner)

    def close(self) -> None:
        """Close the connections to the database."""
        self.database.close()

    def facts(self, assignments: Collection[str]) -> list[Facts]:
        """Return what is known of assignments; see `Planner.facts`."""
        return self.planner.facts(assignments)

    def plan(self, found: Found) -> Planned:
        """Read, sanitize and decide; see `Planner.plan`."""
        return self.planner.plan(found)

    def job(self, planned: Planned) -> Job | None:
        """Return what is to be run of a submission: its graded notebooks, and None where there is none."""
        execution = self.converter.execution
        notebooks = {
            name: content_of(notebook)
            for name, notebook in planned.sanitized.items()
            if execution.enabled and execution.runs(notebook)
        }
        for path in planned.found.notebooks:
            self.converter.log.info("Autograding %s", path)
        if not notebooks:
            return None
        self._jobs += 1
        return Job(
            id=f"{self._jobs:05d}-{next(iter(planned.digests.values()))[:8]}",
            notebooks=notebooks,
            files=planned.files,
            bounds=self.converter.bounds.bounds(execution.cell_seconds, self._checks_of(planned)),
            allow_errors=execution.allow_errors,
            interrupt_on_timeout=execution.interrupt_on_timeout,
            error_on_timeout=execution.error_on_timeout,
            environment={"NBGRADER_EXECUTION": "autograde"},
        )

    def _checks_of(self, planned: Planned) -> Collection[Check]:
        return self.planner.facts_of(planned.found).checks.values()

    def unrun(self, planned: Planned) -> Run:
        """Return the run of a submission of which nothing is to be run."""
        return Run("", ())

    def store(self, planned: Planned, run: Run) -> Stored:
        """Keep a run, with the notebooks that there was no need to run."""
        ran = {notebook.name: notebook for notebook in run.notebooks}
        missing = {name for name, notebook in planned.sanitized.items() if self._was_to_run(notebook)} - set(ran)
        if missing:
            raise GraderBroken(f"Expected the engine to run {sorted(missing)}; it returned {sorted(ran)}.")
        notebooks = tuple(
            ran.get(name) or NotebookRun(name, content_of(notebook), Ending.COMPLETE)
            for name, notebook in planned.sanitized.items()
        )
        stored = Stored(replace(run, notebooks=notebooks), planned.digests, self.converter.execution.enabled)
        found = planned.found
        stored = self.runs.save(found.student, found.assignment, stored)
        self.converter.note(
            "ran", student=found.student, assignment=found.assignment, run=stored.number, **_told(stored.run)
        )
        return stored

    def stored(self, planned: Planned) -> Stored:
        """Return the run that was kept before the last batch was killed."""
        stored = self.runs.pending(planned.found.student, planned.found.assignment)
        if stored is None:
            raise GraderBroken(f"Expected a stored run of {planned.found.student}; it is gone. Grade again.")
        return stored

    def _was_to_run(self, notebook: NotebookNode) -> bool:
        return bool(self.converter.execution.enabled and self.converter.execution.runs(notebook))

    def record(self, planned: Planned, stored: Stored, *, ran: bool) -> Result:
        """Bring a run into nbgrader's database and folders; see `Recorder.record`."""
        return self.recorder.record(planned, stored, ran=ran)

    def failed(self, found: Found, error: Exception) -> Result:
        """Note that a submission could not be graded; see `Recorder.failed`."""
        return self.recorder.failed(found, error)

    def broken(self, found: Found, error: Exception) -> Result:
        """Note that we could not grade a submission; see `Recorder.broken`."""
        return self.recorder.broken(found, error)

    def skipped(self, planned: Planned) -> Result:
        """Note that a submission is graded already; see `Recorder.skipped`."""
        return self.recorder.skipped(planned)


def _told(run: Run) -> dict[str, Any]:
    return {
        "sandboxed": run.sandboxed,
        "worker": run.worker,
        "seconds": round(sum(notebook.seconds for notebook in run.notebooks), 3),
        "notebooks": {
            notebook.name: {"ending": notebook.ending, "reason": notebook.reason} for notebook in run.notebooks
        },
    }
