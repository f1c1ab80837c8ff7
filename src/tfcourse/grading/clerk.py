"""What is done with one submission before and after its run, with nbgrader's own objects."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import sqlalchemy
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.nbgraderformat import SchemaTooNewError, SchemaTooOldError, ValidationError

from tfcourse.errors import CourseError, GraderBroken, UnusableNotebook
from tfcourse.grading import plan, record
from tfcourse.grading.batch import Fatal, Result, Status
from tfcourse.grading.files import remove, remove_temporaries, replace_folder
from tfcourse.grading.jobs import Ending, Job, NotebookRun, Run
from tfcourse.grading.plan import Action, Facts, Found, Planned
from tfcourse.grading.settle import Settled, settle
from tfcourse.grading.store import Store, Stored
from tfcourse.grading.transaction import SharedGradebook, one_transaction, open_database

if TYPE_CHECKING:
    from tfcourse.grading.converter import Autograde

_JSON_GROWTH = 8
"""A byte of output takes at most six in JSON."""


@dataclass
class Clerk:
    """Implements `tfcourse.grading.batch.Steps` with the help of a converter.

    Args:
        converter: nbgrader's, with its configuration, log and preprocessors.
        store: Where runs are kept; None where nothing may be written.
    """

    converter: Autograde
    store_of_runs: Store
    _facts: dict[str, Facts] = field(default_factory=dict, repr=False)
    _jobs: int = 0

    @property
    def log(self) -> logging.Logger:
        """Return nbgrader's log."""
        log: logging.Logger = self.converter.log
        return log

    # ------------------------------------------------------------------------ plan

    def plan(self, found: Found) -> Planned:
        """Read a submission, decide what to do with it, and sanitize it where it is to be run."""
        if not self.converter.dry_run:
            self._remove_leftovers(found)
        with self._reading() as gradebook:
            if not self.converter.create_student:
                record.find_student(gradebook, found.student, self.log)
            facts = self._facts_of(gradebook, found.assignment)
            planned, raw = self._read(found, facts)
            if planned.action is Action.RUN and self.converter.pre_convert_hook and not self.converter.dry_run:
                self._run_hook(found, self.converter.run_pre_convert_hook)
                planned, raw = self._read(found, facts)  # The hook is there to change something.
            planned = self._decided(gradebook, planned)
            if planned.action is Action.SKIP or self.converter.dry_run:
                return planned
            notebooks = {path.stem: self._sanitized(found, path, raw[path.stem]) for path in found_notebooks(planned)}
        return replace(planned, sanitized=notebooks)

    def _read(self, found: Found, facts: Facts) -> tuple[Planned, dict[str, NotebookNode]]:
        """Read everything of a submission once: what is digested is what is run."""
        converter = self.converter
        files, refused = plan.read_files(found, converter.coursedir.ignore, converter.bounds.submitted_megabytes << 20)
        for reason in refused:
            self.log.warning("Leaving out a file of %s: %s", found.student, reason)
        files |= self._source_files(found.assignment)
        known = []
        for path in found.notebooks:
            if path.stem in facts.digests:
                known.append(path)
            else:
                self.log.warning("Skipping unknown notebook: %s", path)
        if not known:
            message = "No notebooks found, did you forget to run 'nbgrader generate_assignment'?"
            self.log.error(message)
            names = ", ".join(f"{name}.ipynb" for name in facts.digests) or "none"
            raise UnusableNotebook(
                f"Expected {names}; found {', '.join(path.name for path in found.notebooks)}. Was it renamed?"
            )
        settings = converter.execution.digested() | {"preprocessors": converter.preprocessor_names()}
        bounds = converter.bounds.bounds(converter.execution.cell_seconds)
        raw, digests = {}, {}
        for path in known:
            content, raw[path.stem] = plan.read_submitted(path, found.folder, converter.bounds.notebook_megabytes << 20)
            digests[path.stem] = plan.run_digest(facts.digests[path.stem], files, content, bounds, settings)
        missing = tuple(name for name in facts.digests if not (found.folder / f"{name}.ipynb").exists())
        found = replace(found, notebooks=tuple(known))
        planned = Planned(found, Action.RUN, "", {}, files, digests, missing, tuple(refused))
        return planned, raw

    def _decided(self, gradebook: Gradebook, planned: Planned) -> Planned:
        """Say what to do with a submission.

        Where stock nbgrader looks at the folder alone, this looks at the record of what was run. A folder in
        ``autograded/`` of which there is no record was made by stock nbgrader: it counts as graded if it has
        every notebook, and the database a grade in every graded cell; not so where nbgrader was killed.
        """
        found, converter = planned.found, self.converter
        destination = converter.destination(found)
        whole = converter.coursedir.notebook_id == "*"
        kind = "assignment" if whole else "notebook"
        entries = self.store_of_runs.entries(found.student, found.assignment)
        there = destination.is_dir() and (whole or all((destination / path.name).exists() for path in found.notebooks))
        execute = converter.execution.enabled
        if not converter.force:
            pending = self.store_of_runs.pending(found.student, found.assignment)
            if pending is not None and _answers(pending, planned, execute=execute):
                return replace(planned, action=Action.RECORD, why="was run, not recorded")
        if not there:
            return replace(planned, why="not graded yet")
        if converter.force:
            self.log.warning("Removing existing %s: %s", kind, destination)
            return replace(planned, why="forced")
        submitted = record.parse_timestamp(planned.files.get(plan.TIMESTAMP), found.folder, self.log)
        graded = record.parse_timestamp(_read(destination / plan.TIMESTAMP), destination, self.log)
        if submitted is not None and graded is not None and submitted > graded:
            self.log.warning("Updating existing %s: %s", kind, destination)
            return replace(planned, why="submitted anew")
        recorded = {name: entries[name] for name in planned.digests if name in entries}
        if plan.is_recorded(entries, planned.digests, execute=execute):
            return self._skip(planned, destination, "graded")
        if not recorded and plan.is_graded(gradebook, found, planned.digests) and _complete(destination, found):
            return self._skip(planned, destination, "graded by stock nbgrader")
        why = "submission, assignment or checks changed" if recorded else "graded in part only"
        if any(entry.again for entry in recorded.values()):
            why = "a defect of ours kept it from being graded"
        self.log.warning("Updating existing %s: %s (%s)", kind, destination, why)
        return replace(planned, why=why)

    def _skip(self, planned: Planned, destination: Path, why: str) -> Planned:
        self.log.info("Skipping existing assignment: %s", destination)
        return replace(planned, action=Action.SKIP, why=why)

    def _sanitized(self, found: Found, path: Path, notebook: NotebookNode) -> NotebookNode:
        converter = self.converter
        self.log.info("Sanitizing %s", path)
        for preprocessors in (converter.sanitize_preprocessors, converter.before_execution):
            text, _ = converter.export(notebook, preprocessors, found, path)
            notebook = nbformat.reads(text, as_version=4)
        if converter.execution.enabled:
            plan.forget_wishes(notebook)
            if converter.execution.runs(notebook):
                plan.check_kernel(notebook, path.stem, converter.execution.kernel_name)
        return notebook

    def _source_files(self, assignment: str) -> dict[str, bytes]:
        """Return the files of the assignment that replace the submission's."""
        converter = self.converter
        self.log.info("Overwriting files with master versions from the source directory")
        source = converter.source_folder(assignment)
        excluded = {source / name for name in converter.exclude_overwriting.get(assignment, [])}
        paths = [path for path in plan.source_files(source, converter.coursedir.ignore) if path not in excluded]
        return {path.relative_to(source).as_posix(): path.read_bytes() for path in paths}

    def _facts_of(self, gradebook: Gradebook, assignment: str) -> Facts:
        if assignment not in self._facts:
            record.find_assignment(gradebook, assignment, self.log)
            source = self.converter.source_folder(assignment)
            ignore = self.converter.coursedir.ignore
            self._facts[assignment] = plan.assignment_facts(gradebook, assignment, source, ignore)
        return self._facts[assignment]

    def facts(self, assignments: Collection[str]) -> list[Facts]:
        """Return what is known of assignments; one that cannot be graded is left out."""
        found = []
        for assignment in assignments:
            # The preprocessors, and the name `Gradebook` in their modules, belong to the clerk's own thread.
            with one_transaction(self._database, self.converter.course_id, (), writes=False) as gradebook_of:
                gradebook = gradebook_of()
                with suppress(CourseError):
                    found.append(self._facts_of(gradebook, assignment))
                gradebook.close()
        return found

    # ------------------------------------------------------------------------ run

    def job(self, planned: Planned) -> Job | None:
        """Return what is to be run of a submission: its graded notebooks, and None where there is none."""
        execution = self.converter.execution
        notebooks = {
            name: _content(notebook)
            for name, notebook in planned.sanitized.items()
            if execution.enabled and execution.runs(notebook)
        }
        for path in planned.found.notebooks:
            self.log.info("Autograding %s", path)
        if not notebooks:
            return None
        self._jobs += 1
        return Job(
            id=f"{self._jobs:05d}-{next(iter(planned.digests.values()))[:8]}",
            notebooks=notebooks,
            files=planned.files,
            seeds=self._facts[planned.found.assignment].seeds,
            bounds=self.converter.bounds.bounds(execution.cell_seconds),
            allow_errors=execution.allow_errors,
            interrupt_on_timeout=execution.interrupt_on_timeout,
            error_on_timeout=execution.error_on_timeout,
            environment={"NBGRADER_EXECUTION": "autograde"},
        )

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
            ran.get(name) or NotebookRun(name, _content(notebook), Ending.COMPLETE)
            for name, notebook in planned.sanitized.items()
        )
        stored = Stored(replace(run, notebooks=notebooks), planned.digests, self.converter.execution.enabled)
        found = planned.found
        stored = self.store_of_runs.save(found.student, found.assignment, stored)
        self._note("ran", found, run=stored.number, **_told(stored.run))
        return stored

    def stored(self, planned: Planned) -> Stored:
        """Return the run that was kept before the last batch was killed."""
        stored = self.store_of_runs.pending(planned.found.student, planned.found.assignment)
        if stored is None:
            raise GraderBroken(f"Expected a stored run of {planned.found.student}; it is gone. Grade again.")
        return stored

    def _was_to_run(self, notebook: NotebookNode) -> bool:
        return bool(self.converter.execution.enabled and self.converter.execution.runs(notebook))

    # ------------------------------------------------------------------------ record

    def record(self, planned: Planned, stored: Stored, *, ran: bool) -> Result:
        """Bring a run into nbgrader's database and into ``autograded/``, in that order.

        Killed before the end, it is done again, from the beginning and with the same result.
        """
        found, converter = planned.found, self.converter
        facts = self._facts_of_planned(found)
        destination = converter.destination(found)
        settled = {run.name: self._settled(planned, run, facts, stored) for run in stored.run.notebooks}
        timestamp = record.parse_timestamp(planned.files.get(plan.TIMESTAMP), found.folder, self.log)
        with self._writing() as gradebook_of:
            gradebook = gradebook_of()
            record.open_submission(gradebook, found, timestamp, planned.missing, self.log)
            gradebook.close()
            exported = self._exported(found, settled, gradebook_of)
            new = record.make_folder(
                destination,
                keep=converter.coursedir.notebook_id != "*",
                files=planned.files,
                left=stored.run.files,
                notebooks=[f"{name}.ipynb" for name in exported],
                write_notebooks=lambda folder: self._write_notebooks(folder, exported),
                log=self.log,
            )
            gradebook = gradebook_of()
            points, total, most = record.recorded_points(gradebook, found, self._check_ids(facts))
            gradebook.close()
        replace_folder(new, destination)
        converter.set_permissions(found.assignment, found.student)
        self.store_of_runs.mark_recorded(found.student, found.assignment, stored)
        self._run_hook(found, converter.run_post_convert_hook)
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
        most_bytes = _JSON_GROWTH * self.converter.bounds.output_notebook_bytes + 2 * len(_content(sanitized)) + 2**21
        return settle(sanitized, run, facts.checks, executed=stored.executed, most_bytes=most_bytes)

    def _exported(self, found: Found, settled: Mapping[str, Settled], gradebook_of: Any) -> dict[str, tuple[str, Any]]:
        """Let nbgrader's preprocessors save the grades; return what is to be written of each notebook."""
        exported = {}
        for path in found.notebooks:
            one = settled[path.stem]
            exported[path.stem] = self.converter.export(
                one.notebook, self.converter.after_execution, found, path, folder=self.converter.destination(found)
            )
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
        if isinstance(error, sqlalchemy.exc.OperationalError):
            self.log.error(details)
            raise Fatal(
                "There was an error accessing the nbgrader database. This may occur if you recently upgraded nbgrader. "
                "To resolve the issue, first BACK UP your database and then run the command `nbgrader db upgrade`."
            ) from error
        if isinstance(error, GraderBroken):
            return self.broken(found, error)
        reason = _reason(error)
        self.log.error("There was an error processing assignment: %s", found.folder)
        (self.log.error if not isinstance(error, CourseError) else self.log.debug)("%s", details)
        self.log.error("%s", reason)
        if not self.converter.dry_run:
            self._remove_graded(found)
            self._know_of(found)
            self._note("failed", found, reason=reason)
        return Result(found.student, found.assignment, Status.FAILED, reason=reason)

    def broken(self, found: Found, error: Exception) -> Result:
        """Note that we could not grade a submission; what there is of it stays."""
        self.log.error("There was an error processing assignment: %s", found.folder)
        self.log.error("%s", "".join(traceback.format_exception(error)))
        self._note("broken", found, reason=str(error))
        return Result(found.student, found.assignment, Status.BROKEN, ending=Ending.FAILED, reason=str(error))

    def skipped(self, planned: Planned) -> Result:
        """Note that a submission is graded already."""
        found = planned.found
        facts = self._facts_of_planned(found)
        with self._reading() as gradebook:
            points, total, most = record.recorded_points(gradebook, found, self._check_ids(facts))
        return Result(found.student, found.assignment, Status.SKIPPED, points, total, most, reason=planned.why)

    def _remove_graded(self, found: Found) -> None:
        destination = self.converter.destination(found)
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
            with self._writing() as gradebook_of:
                gradebook = gradebook_of()
                gradebook.find_assignment(found.assignment)
                if not self.converter.create_student:
                    gradebook.find_student(found.student)
                record.open_submission(gradebook, found, None, (), self.log)
        except Exception as error:  # the failure itself is told already
            self.log.debug("%s is not in the database: %s", found.student, error)

    # ------------------------------------------------------------------------ database, hooks, log

    @contextmanager
    def _reading(self) -> Iterator[SharedGradebook]:
        classes = self.converter.preprocessor_classes()
        with one_transaction(self._database, self.converter.course_id, classes, writes=False) as gradebook_of:
            gradebook = gradebook_of()
            try:
                yield gradebook
            finally:
                gradebook.close()

    def _writing(self) -> Any:
        classes = self.converter.preprocessor_classes()
        return one_transaction(self._database, self.converter.course_id, classes, writes=True)

    @cached_property
    def _database(self) -> sqlalchemy.Engine:
        url = self.converter.coursedir.db_url
        if not self.converter.dry_run:
            Gradebook(url, self.converter.course_id).close()  # Makes the tables, where there are none.
        return open_database(url)

    def close(self) -> None:
        """Close the connections to the database."""
        if "_database" in self.__dict__:
            self._database.dispose()

    def _facts_of_planned(self, found: Found) -> Facts:
        return self._facts[found.assignment]

    @staticmethod
    def _check_ids(facts: Facts) -> dict[str, str]:
        return {id: check.id for id, check in facts.checks.items()}

    def _run_hook(self, found: Found, hook: Any) -> None:
        self.converter.notebooks = [str(path) for path in found.notebooks]
        hook()

    def _remove_leftovers(self, found: Found) -> None:
        self.store_of_runs.clean(found.student, found.assignment)
        remove_temporaries(self.converter.destination(found).parent)

    def _note(self, event: str, found: Found, **values: Any) -> None:
        self.converter.note(event, student=found.student, assignment=found.assignment, **values)


def found_notebooks(planned: Planned) -> tuple[Path, ...]:
    """Return the paths of the notebooks that are graded."""
    return planned.found.notebooks


def _answers(stored: Stored, planned: Planned, *, execute: bool) -> bool:
    """Tell whether a stored run is the one that is planned."""
    return (
        dict(stored.digests) == dict(planned.digests)
        and (stored.executed or not execute)
        and all(notebook.ending is not Ending.FAILED for notebook in stored.run.notebooks)
    )


def _complete(destination: Path, found: Found) -> bool:
    return all((destination / path.name).is_file() for path in found.notebooks)


def _content(notebook: NotebookNode) -> bytes:
    return str(nbformat.writes(notebook)).encode("utf-8", "replace")


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _told(run: Run) -> dict[str, Any]:
    return {
        "sandboxed": run.sandboxed,
        "worker": run.worker,
        "seconds": round(sum(notebook.seconds for notebook in run.notebooks), 3),
        "notebooks": {
            notebook.name: {"ending": notebook.ending, "reason": notebook.reason} for notebook in run.notebooks
        },
    }


def _result(
    planned: Planned, stored: Stored, settled: Mapping[str, Settled], points: Any, total: Any, most: Any, *, ran: bool
) -> Result:
    runs = stored.run.notebooks
    endings: list[Ending] = [notebook.ending for notebook in runs if notebook.ending is not Ending.COMPLETE]
    ending = Ending.FAILED if Ending.FAILED in endings else next(iter(endings), Ending.COMPLETE)
    reasons = [one.reason for one in settled.values() if one.reason]
    reasons += [why for notebook in runs for why in notebook.broken.values()]
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
