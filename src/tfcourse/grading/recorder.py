"""After a run: what it came to is brought into nbgrader's database and folders, or why it came to nothing."""

from __future__ import annotations

import errno
import logging
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy
from nbgrader.nbgraderformat import SchemaTooNewError, SchemaTooOldError, ValidationError

from tfcourse.errors import CourseError, GraderBroken
from tfcourse.grading import plan, record
from tfcourse.grading.batch import Fatal, Result, Status
from tfcourse.grading.files import remove, remove_temporaries, replace_folder
from tfcourse.grading.jobs import Ending, NotebookRun
from tfcourse.grading.plan import Facts, Found, Planned, content_of
from tfcourse.grading.planner import Planner
from tfcourse.grading.runs import Stored
from tfcourse.grading.settle import Settled, settle
from tfcourse.grading.store import Store
from tfcourse.grading.transaction import Database, SharedGradebook

if TYPE_CHECKING:
    from tfcourse.grading.converter import Autograde

_JSON_GROWTH = 8
"""A byte of output takes at most six in JSON."""


@dataclass
class Recorder:
    """Records runs with nbgrader's own preprocessors.

    Args:
        converter: nbgrader's, with its configuration, log and preprocessors.
        runs: Where runs are kept.
        database: nbgrader's.
        planner: Knows the assignments.
    """

    converter: Autograde
    runs: Store
    database: Database
    planner: Planner

    @property
    def log(self) -> logging.Logger:
        """Return nbgrader's log."""
        log: logging.Logger = self.converter.log
        return log

    def record(self, planned: Planned, stored: Stored, *, ran: bool) -> Result:
        """Bring a run into nbgrader's database and into ``autograded/``, in that order.

        Killed before the end, it is done again, from the beginning and with the same result.
        """
        found, converter = planned.found, self.converter
        facts = self.planner.facts_of(found)
        destination = converter.destination(found)
        settled = {run.name: self._settled(planned, run, facts, stored) for run in stored.run.notebooks}
        timestamp = record.parse_timestamp(planned.files.get(plan.TIMESTAMP), found.folder, self.log)
        with self.database.writing() as gradebook_of:
            gradebook = gradebook_of()
            record.open_submission(gradebook, found, timestamp, planned.missing, self.log)
            gradebook.close()
            exported = self._exported(found, settled, gradebook_of)
            new = record.make_folder(
                destination,
                keep=converter.coursedir.notebook_id != "*",
                files=planned.files,
                left=stored.run.files if converter.hand_back_files else {},
                notebooks=[f"{name}.ipynb" for name in exported],
                write_notebooks=lambda folder: self._write_notebooks(folder, exported),
                log=self.log,
            )
            gradebook = gradebook_of()
            points, total, most = record.recorded_points(gradebook, found, self._check_ids(facts))
            gradebook.close()
        replace_folder(new, destination)
        converter.set_permissions(found.assignment, found.student)
        self.runs.mark_recorded(found.student, found.assignment, stored)
        converter.run_hook(found, converter.run_post_convert_hook)
        result = _result(planned, stored, settled, points, total, most, ran=ran)
        self._note(
            "recorded",
            found,
            run=stored.number,
            status=result.status,
            points=points,
            total=total,
            most=most,
            reason=result.reason,
            beside=list(result.beside),
            unjudged={f"{n}/{id}": why for n, s in settled.items() for id, why in s.without_points.items()},
            to_staff={f"{n}/{id}": why for n, s in settled.items() for id, why in s.to_staff.items()},
        )
        if result.beside:
            self.log.info("Run beside the learner's code, and in its reach: %s", ", ".join(result.beside))
        return result

    def _settled(self, planned: Planned, run: NotebookRun, facts: Facts, stored: Stored) -> Settled:
        sanitized = planned.sanitized[run.name]
        most_bytes = _JSON_GROWTH * self.converter.bounds.output_notebook_bytes + 2 * len(content_of(sanitized)) + 2**21
        return settle(sanitized, run, facts.checks, executed=stored.executed, most_bytes=most_bytes)

    def _exported(
        self, found: Found, settled: Mapping[str, Settled], gradebook_of: Callable[[], SharedGradebook]
    ) -> dict[str, tuple[str, Any]]:
        """Let nbgrader's preprocessors save the grades; return what is to be written of each notebook."""
        exported = {}
        for path in found.notebooks:
            one = settled[path.stem]
            exported[path.stem] = self.converter.export_graded(one.notebook, found, path)
            gradebook = gradebook_of()
            record.leave_to_staff(gradebook, found, path.stem, one.to_staff)
            gradebook.close()
        return exported

    def _write_notebooks(self, folder: Path, exported: Mapping[str, tuple[str, Any]]) -> None:
        self.converter.writer.build_directory = str(folder)
        for name, (text, resources) in exported.items():
            text = text.encode("utf-8", "replace").decode("utf-8")
            self.converter.writer.write(text, resources, notebook_name=name)

    # ------------------------------------------------------------------------ the other endings

    def failed(self, found: Found, error: Exception) -> Result:
        """Note that a submission could not be graded, and remove what there was of it, as nbgrader does."""
        details = "".join(traceback.format_exception(error))
        if _is_of_the_database(error):
            self.log.error(details)
            raise Fatal(
                "There was an error accessing the nbgrader database. This may occur if you recently upgraded nbgrader. "
                "To resolve the issue, first BACK UP your database and then run the command `nbgrader db upgrade`."
            ) from error
        if isinstance(error, GraderBroken) or _is_of_the_machine(error):
            return self.broken(found, error)
        reason = _reason(error)
        self.log.error("There was an error processing assignment: %s", found.folder)
        (self.log.error if not isinstance(error, CourseError) else self.log.debug)("%s", details)
        self.log.error("%s", reason)
        if not self.converter.dry_run:
            self._remove_graded(found)
            self._know_of(found)
            self._note(
                "failed", found, reason=reason, **({} if isinstance(error, CourseError) else {"details": details})
            )
        return Result(found.student, found.assignment, Status.FAILED, reason=reason)

    def broken(self, found: Found, error: Exception) -> Result:
        """Note that we could not grade a submission; what there is of it stays."""
        details = "".join(traceback.format_exception(error))
        self.log.error("There was an error processing assignment: %s", found.folder)
        self.log.error("%s", details)
        self._note("broken", found, reason=str(error), details=details)
        return Result(found.student, found.assignment, Status.BROKEN, ending=Ending.FAILED, reason=str(error))

    def skipped(self, planned: Planned) -> Result:
        """Note that a submission is graded already."""
        found = planned.found
        facts = self.planner.facts_of(found)
        with self.database.reading() as gradebook:
            points, total, most = record.recorded_points(gradebook, found, self._check_ids(facts))
        return Result(found.student, found.assignment, Status.SKIPPED, points, total, most, reason=planned.why)

    def _remove_graded(self, found: Found) -> None:
        destination = self.converter.destination(found)
        remove_temporaries(destination.parent)
        if self.converter.coursedir.notebook_id == "*":
            if destination.is_dir():
                self.log.warning("Removing failed assignment: %s", destination)
                remove(destination)
            return
        destination.mkdir(parents=True, exist_ok=True)
        for path in found.notebooks:
            if (destination / path.name).exists():
                self.log.warning("Removing failed notebook: %s", destination / path.name)
                remove(destination / path.name)

    def _know_of(self, found: Found) -> None:
        """Let the database know that there is a submission, so that staff see who has no grade."""
        try:
            with self.database.writing() as gradebook_of:
                gradebook = gradebook_of()
                gradebook.find_assignment(found.assignment)
                if not self.converter.create_student:
                    gradebook.find_student(found.student)
                record.open_submission(gradebook, found, None, (), self.log)
        except Exception as error:  # the failure itself is told already
            self.log.debug("%s is not in the database: %s", found.student, error)

    @staticmethod
    def _check_ids(facts: Facts) -> dict[str, str]:
        return {id: check.id for id, check in facts.checks.items()}

    def _note(self, event: str, found: Found, **values: Any) -> None:
        self.converter.note(event, student=found.student, assignment=found.assignment, **values)


def _result(
    planned: Planned, stored: Stored, settled: Mapping[str, Settled], points: Any, total: Any, most: Any, *, ran: bool
) -> Result:
    runs = stored.run.notebooks
    endings: list[Ending] = [notebook.ending for notebook in runs if notebook.ending is not Ending.COMPLETE]
    ending = Ending.FAILED if Ending.FAILED in endings else next(iter(endings), Ending.COMPLETE)
    reasons = [one.reason for one in settled.values() if one.reason]
    reasons += [why for notebook in runs for why in notebook.broken.values()]
    reasons += [f"Left out: {reason}." for reason in planned.refused]
    defect = ending is Ending.FAILED or any(notebook.broken for notebook in runs)
    return Result(
        planned.found.student,
        planned.found.assignment,
        Status.BROKEN if defect else Status.GRADED,
        points,
        total,
        most,
        ending,
        sum(notebook.seconds for notebook in runs),
        " ".join(dict.fromkeys(reasons)),
        ran,
        stored.run.sandboxed,
        tuple(f"{name}/{id}" for name, one in settled.items() for id in one.beside),
    )


def _is_of_the_machine(error: Exception) -> bool:
    """Tell whether the machine has run out of something, which is no fault of the submission."""
    short = {errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.EIO, errno.ENOMEM, errno.EROFS}
    return isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno in short)


def _is_of_the_database(error: BaseException | None) -> bool:
    """Tell whether the database could not be used; nbgrader wraps such errors like those of a wrong entry."""
    while error is not None:
        if isinstance(error, sqlalchemy.exc.OperationalError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _reason(error: Exception) -> str:
    """Say for staff what keeps a submission from being graded."""
    if isinstance(error, SchemaTooOldError | SchemaTooNewError):
        age = "older" if isinstance(error, SchemaTooOldError) else "newer"
        return (
            f"Expected nbgrader's present metadata format; this notebook has an {age} one. Back up the course, run: "
            "nbgrader update, or ask for the notebook again."
        )
    if isinstance(error, CourseError):
        return str(error)
    if isinstance(error, ValidationError):
        return f"nbgrader's metadata in this submission are damaged: {plan.first_line(error)} See the log above."
    return f"{type(error).__name__}: {plan.first_line(error)}"
