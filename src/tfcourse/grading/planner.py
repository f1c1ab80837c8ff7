"""Before a run: a submission is read, it is decided what to do with it, and it is sanitized."""

from __future__ import annotations

import logging
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook

from tfcourse.errors import CourseError, UnusableNotebook
from tfcourse.grading import plan, record
from tfcourse.grading.files import remove_temporaries
from tfcourse.grading.jobs import Ending
from tfcourse.grading.plan import Action, Facts, Found, Planned
from tfcourse.grading.runs import Stored
from tfcourse.grading.store import Store
from tfcourse.grading.transaction import Database

if TYPE_CHECKING:
    from tfcourse.grading.converter import Autograde


@dataclass
class Planner:
    """Plans submissions with nbgrader's own preprocessors.

    Args:
        converter: nbgrader's, with its configuration, log and preprocessors.
        runs: What was run and recorded before.
        database: nbgrader's.
    """

    converter: Autograde
    runs: Store
    database: Database
    _facts: dict[str, Facts] = field(default_factory=dict, repr=False)

    @property
    def log(self) -> logging.Logger:
        """Return nbgrader's log."""
        log: logging.Logger = self.converter.log
        return log

    def plan(self, found: Found) -> Planned:
        """Read a submission, decide what to do with it, and sanitize it where it is to be run."""
        if not self.converter.dry_run:
            self._remove_leftovers(found)
        with self.database.reading() as gradebook:
            if not self.converter.create_student:
                record.find_student(gradebook, found.student, self.log)
            facts = self._facts_of(gradebook, found.assignment)
            planned, raw = self._read(found, facts)
            planned = self._decided(gradebook, planned)
            if planned.action is Action.RUN and self.converter.pre_convert_hook and not self.converter.dry_run:
                self.converter.run_hook(planned.found, self.converter.run_pre_convert_hook)
                changed, raw = self._read(found, facts)  # The hook is there to change something.
                planned = replace(changed, action=planned.action, why=planned.why)
            if planned.action is Action.SKIP or self.converter.dry_run:
                return planned
            notebooks = {path.stem: self._sanitized(found, path, raw[path.stem]) for path in planned.found.notebooks}
        return replace(planned, sanitized=notebooks)

    def _read(self, found: Found, facts: Facts) -> tuple[Planned, dict[str, NotebookNode]]:
        """Read everything of a submission once: what is digested is what is run."""
        converter = self.converter
        bounds = converter.bounds
        files, refused = plan.read_files(
            found, converter.coursedir.ignore, bounds.submitted_megabytes << 20, bounds.files
        )
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
        run_bounds = bounds.bounds(converter.execution.cell_seconds)
        raw, digests = {}, {}
        for path in known:
            content, raw[path.stem] = plan.read_submitted(
                path,
                found.folder,
                bounds.notebook_megabytes << 20,
                keep_outputs=not converter.execution.enabled,
            )
            digests[path.stem] = plan.run_digest(facts.digests[path.stem], files, content, run_bounds, settings)
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
        entries = self.runs.entries(found.student, found.assignment)
        there = destination.is_dir() and (whole or all((destination / path.name).exists() for path in found.notebooks))
        execute = converter.execution.enabled
        if not converter.force:
            pending = self.runs.pending(found.student, found.assignment)
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
            with suppress(CourseError):
                found.append(self.look_up(assignment))
        return found

    def look_up(self, assignment: str) -> Facts:
        """Return what is the same for all submissions of an assignment.

        Raises:
            CourseError: Its checks, or the course's secret, cannot be used.
        """
        # The preprocessors, and the name `Gradebook` in their modules, belong to the clerk's own thread.
        with self.database.reading(preprocessors=False) as gradebook:
            return self._facts_of(gradebook, assignment)

    def facts_of(self, found: Found) -> Facts:
        """Return what is the same for all submissions of an assignment of which one was planned."""
        return self._facts[found.assignment]

    def _remove_leftovers(self, found: Found) -> None:
        self.runs.clean(found.student, found.assignment)
        remove_temporaries(self.converter.destination(found).parent)


def _answers(stored: Stored, planned: Planned, *, execute: bool) -> bool:
    """Tell whether a stored run is the one that is planned."""
    return (
        dict(stored.digests) == dict(planned.digests)
        and (stored.executed or not execute)
        and all(notebook.ending is not Ending.FAILED for notebook in stored.run.notebooks)
    )


def _complete(destination: Path, found: Found) -> bool:
    return all((destination / path.name).is_file() for path in found.notebooks)


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
