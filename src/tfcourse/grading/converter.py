"""nbgrader's `Autograde`, on our engine: the same arguments, files and database, another way to run."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Collection, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.preprocessors import ExecutePreprocessor
from nbformat.notebooknode import NotebookNode
from nbgrader import converters
from nbgrader.api import MissingEntry
from nbgrader.converters.base import NbGraderException
from traitlets import Any as AnyTrait
from traitlets import Bool, Instance, Integer, Unicode, default
from traitlets.utils.importstring import import_item

from tfcourse.errors import CourseError
from tfcourse.grading.batch import Fatal, Observer, Result, Status, run_batch
from tfcourse.grading.cells import has_grade
from tfcourse.grading.cleaner import cleaned
from tfcourse.grading.clerk import Clerk
from tfcourse.grading.plan import Found, Planned
from tfcourse.grading.runs import to_json
from tfcourse.grading.settings import GradingBounds
from tfcourse.grading.store import FOLDER, LOG, Store, append_line
from tfcourse.kernels.errors import KernelsError

ENGINE = "tfcourse.grading.engine.Engine"
CLUSTER = "tfcourse.grading.dask.DaskEngine"
"""Runs jobs on Dask workers; takes what `ENGINE` takes, and ``scheduler``."""


MOST_IN_FLIGHT = 128
"""Submissions that a cluster is given at a time; it takes as many of them as its workers have threads."""


@dataclass(frozen=True)
class Execution:
    """What nbgrader's `Execute` is configured to do.

    Args:
        enabled: False with ``--no-execute``.
        cell_seconds: Wall clock of one cell; None for no bound.
        allow_errors: Whether the cells behind a cell that raised are run.
        interrupt_on_timeout: Whether a notebook goes on behind a cell that ran out of time.
        error_on_timeout: What is put into such a cell.
        kernel_name: A kernel for all notebooks; empty for each notebook's own.
        graded_only: Whether a notebook without graded cells is left alone.
    """

    enabled: bool
    cell_seconds: float | None
    allow_errors: bool
    interrupt_on_timeout: bool
    error_on_timeout: dict[str, object]
    kernel_name: str
    graded_only: bool

    def runs(self, notebook: NotebookNode) -> bool:
        """Tell whether a notebook is one to be run."""
        return has_grade(notebook) or not self.graded_only

    def digested(self) -> dict[str, Any]:
        """Return what of it changes what a run comes to. Whether there was one is recorded by itself."""
        return {name: value for name, value in to_json(self).items() if name not in ("enabled", "cell_seconds")}


class Autograde(converters.Autograde):  # type: ignore[misc]  # nbgrader has no types
    """A drop-in for `nbgrader.converters.Autograde`.

    Plans, runs and records: see `tfcourse.grading.batch`. What nbgrader does between is done by nbgrader's own
    preprocessors, those of `sanitize_preprocessors` before a run, and those of `autograde_preprocessors`
    behind their `Execute` after it. Its `Execute` itself says how long and whether, and is not called.
    """

    workers = Integer(help="How many submissions are run at a time. Defaults to the number of usable cores.").tag(
        config=True
    )
    sandbox = Bool(True, help="Whether submissions are isolated. Every receipt records where they were not.").tag(
        config=True
    )
    hand_back_files = Bool(
        False,
        help="Whether files that a run wrote are put beside the graded notebook, as nbgrader does, and so into "
        "feedback. They may hold hidden inputs. For staff they are kept in the folder of receipts in any case.",
    ).tag(config=True)
    dry_run = Bool(False, help="Whether to say what would be done, and to do nothing.").tag(config=True)
    scheduler = Unicode("", help="Address of a Dask scheduler, tcp://HOST:PORT, whose workers run submissions.").tag(
        config=True
    )
    receipts_directory = Unicode(FOLDER, help="Folder of runs and receipts, in the course directory.").tag(config=True)
    event_log = Unicode("", help="Log of JSON lines. Defaults to log.jsonl in the folder of receipts.").tag(config=True)
    engine_factory = AnyTrait(None, help="What makes the engine, or its dotted name. Defaults to ours.").tag(
        config=True
    )
    observer = Instance(Observer, args=())
    bounds = Instance(GradingBounds)

    results: Sequence[Result] = ()
    """What became of each submission, after `start`."""
    plans: Sequence[Planned | Result] = ()
    """What would become of each, after `start` with `dry_run`."""
    failure: Exception | None = None
    """What ended the batch before its time."""

    @default("workers")  # type: ignore[untyped-decorator]
    def _default_workers(self) -> int:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

    @default("bounds")  # type: ignore[untyped-decorator]
    def _default_bounds(self) -> GradingBounds:
        return GradingBounds(parent=self)

    @default("classes")  # type: ignore[untyped-decorator]
    def _classes_default(self) -> list[type]:
        return [*super()._classes_default(), GradingBounds]

    # ------------------------------------------------------------------------ nbgrader's entry

    def convert_notebooks(self) -> None:
        """Grade the submissions that `init_notebooks` found.

        Raises:
            NbGraderException: One or more could not be graded, or the batch had to end.
        """
        found = self.submissions()
        try:
            if self.dry_run:
                self.plans = self._plan_only(found)
                return
            self.results = self._grade(found)
        except (Fatal, KernelsError, CourseError) as error:
            self.failure = error
            self.log.error("%s", error)  # noqa: TRY400 - the message says it all
            raise NbGraderException(str(error)) from error
        except KeyboardInterrupt:
            self.log.error("Canceled")  # noqa: TRY400
            raise
        self._tell_failures()

    def submissions(self) -> list[Found]:
        """Return the submissions that `init_notebooks` found, without those of excluded students."""
        excluded = set((self.coursedir.student_id_exclude or "").split(","))
        found = [self._found(path) for path in sorted(self.assignments)]
        return [one for one in found if one.student not in excluded]

    def _grade(self, found: Sequence[Found]) -> list[Result]:
        store = self.store()
        with store.locked():
            clerk = Clerk(self, store)
            self.note("batch", submissions=len(found), workers=self.workers, sandbox=self.sandbox, force=self.force)
            self.observer.begin(len(found))
            engine = partial(self._engine, clerk, {one.assignment for one in found})
            workers = MOST_IN_FLIGHT if self.scheduler else self.workers
            try:
                self._look_up_all(clerk, found)
                results = _run(run_batch(found, clerk, engine, workers=workers, observer=self.observer))
            finally:
                clerk.close()
            counts = {status.value: sum(result.status is status for result in results) for status in Status}
            self.note("end", **counts)
            return results

    @staticmethod
    def _look_up_all(clerk: Clerk, found: Sequence[Found]) -> None:
        """Make sure that checks and secret can be used, before any submission is touched.

        Raises:
            CourseError: They cannot.
        """
        for assignment in {one.assignment for one in found}:
            # What else may be wrong, an assignment that nbgrader does not know, is said of each submission.
            with suppress(MissingEntry):
                clerk.planner.look_up(assignment)

    def _plan_only(self, found: Sequence[Found]) -> list[Planned | Result]:
        clerk = Clerk(self, self.store())
        plans: list[Planned | Result] = []
        try:
            for one in found:
                try:
                    plans.append(clerk.plan(one))
                except Exception as error:
                    plans.append(clerk.failed(one, error))
        finally:
            clerk.close()
        return plans

    def _engine(self, clerk: Clerk, assignments: Collection[str]) -> Any:
        """Make the engine for the assignments that are being graded; as a rule it is one."""
        facts = clerk.facts(assignments)
        factory = self.engine_factory or (CLUSTER if self.scheduler else ENGINE)
        if isinstance(factory, str):
            factory = import_item(factory)
        secrets = {one.secret for one in facts if one.secret is not None}
        options: dict[str, Any] = {"scheduler": self.scheduler} if self.scheduler else {}
        return factory(
            course=next((one.course for one in facts if one.seeds), None),
            seeds={id: seed for one in facts for id, seed in one.seeds.items()},
            predictable=all(secret.public for secret in secrets),
            secret_id=next((secret.id for secret in secrets), ""),
            workers=self.workers,
            confined=self.sandbox,
            **options,
        )

    def store(self) -> Store:
        """Return where runs and receipts are kept."""
        return Store(Path(self.coursedir.root) / self.receipts_directory, shared=self.coursedir.groupshared)

    def run_hook(self, found: Found, hook: Callable[[], None]) -> None:
        """Call one of nbgrader's hooks, which are told the notebooks of a submission."""
        self.notebooks = [str(path) for path in found.notebooks]
        hook()

    def note(self, event: str, **values: Any) -> None:
        """Append a line to the batch's log."""
        path = Path(self.event_log) if self.event_log else self.store().folder / LOG
        append_line(path, event, **values)

    def _tell_failures(self) -> None:
        failed = [result for result in self.results if result.status in (Status.FAILED, Status.BROKEN)]
        if not failed:
            return
        for result in failed:
            self.log.error(
                "There was an error processing assignment '%s' for student '%s'", result.assignment, result.student
            )
        where = f"the error log ({self.logfile})" if self.logfile else "the the above traceback"
        message = f"Please see {where} for details on the specific errors on the above failures."
        self.log.error(message)
        raise NbGraderException(message)

    # ------------------------------------------------------------------------ what nbgrader is configured to do

    @property
    def execution(self) -> Execution:
        """Return what the `Execute` of `autograde_preprocessors` is configured to do."""
        index = self._execute_index()
        if index is None:
            return Execution(False, None, True, True, {}, "", False)
        execute = self._classes(self.autograde_preprocessors)[index](parent=self.exporter)
        return Execution(
            enabled=execute.enabled,
            cell_seconds=execute.timeout,
            allow_errors=execute.allow_errors,
            interrupt_on_timeout=execute.interrupt_on_timeout,
            error_on_timeout=dict(execute.error_on_timeout or {}),
            kernel_name=execute.kernel_name or "",
            graded_only=getattr(execute, "graded_only", False),
        )

    @property
    def before_execution(self) -> list[Any]:
        """Return the autograde preprocessors before `Execute`; they work on the sanitized notebook."""
        index = self._execute_index()
        return [] if index is None else list(self.autograde_preprocessors[:index])

    @property
    def after_execution(self) -> list[Any]:
        """Return the autograde preprocessors behind `Execute`; they save the grades."""
        index = self._execute_index()
        return list(self.autograde_preprocessors[0 if index is None else index + 1 :])

    def preprocessor_classes(self) -> list[type]:
        """Return all configured preprocessors."""
        return self._classes([*self.sanitize_preprocessors, *self.autograde_preprocessors])

    def preprocessor_names(self) -> list[str]:
        """Return the dotted names of all configured preprocessors."""
        return [f"{one.__module__}.{one.__qualname__}" for one in self.preprocessor_classes()]

    def _execute_index(self) -> int | None:
        classes = self._classes(self.autograde_preprocessors)
        return next((index for index, one in enumerate(classes) if issubclass(one, ExecutePreprocessor)), None)

    @staticmethod
    def _classes(entries: Sequence[Any]) -> list[type]:
        found: list[Any] = [import_item(entry) if isinstance(entry, str) else entry for entry in entries]
        return [entry if isinstance(entry, type) else type(entry) for entry in found]

    # ------------------------------------------------------------------------ paths, and nbconvert

    @property
    def course_id(self) -> str:
        """Return nbgrader's id of the course."""
        return str(self.coursedir.course_id)

    def source_folder(self, assignment: str) -> Path:
        """Return where the assignment's source is."""
        return Path(self.coursedir.format_path(self.coursedir.source_directory, ".", assignment))

    def destination(self, found: Found) -> Path:
        """Return where a submission's graded notebooks go."""
        return Path(os.path.normpath(self._format_dest(found.assignment, found.student)))

    def export(
        self, notebook: NotebookNode, preprocessors: Sequence[Any], found: Found, path: Path, folder: Path | None = None
    ) -> tuple[str, Any]:
        """Let preprocessors work on a notebook.

        Args:
            notebook: It is not changed.
            preprocessors: As configured.
            found: Whose it is.
            path: The submitted file.
            folder: Where the notebook is said to be; the submission's by default.

        Returns:
            The notebook's JSON, and nbconvert's resources.
        """
        exporter = self.exporter
        exporter._preprocessors = []
        for preprocessor in preprocessors:
            exporter.register_preprocessor(preprocessor)
        resources = self.init_single_notebook_resources(str(path))
        resources["metadata"] = {"name": path.stem, "path": str(folder or found.folder)}
        if not exporter._preprocessors:
            # nbconvert's validation stumbles over an empty list.
            exporter.register_preprocessor(lambda notebook, resources: (notebook, resources))
        text, resources = exporter.from_notebook_node(notebook, resources=resources)
        return str(text), resources

    def export_graded(self, notebook: NotebookNode, found: Found, path: Path) -> tuple[str, Any]:
        """Let the preprocessors behind `Execute` save the grades, and clean what is to be written.

        Cleaned last, so that it changes no grade; see `tfcourse.grading.cleaning`.

        Args:
            notebook: Run, with the outputs from which nbgrader reads points; it is not changed.
            found: Whose it is.
            path: The submitted file.

        Returns:
            The notebook's JSON as it goes to ``autograded/``, and nbconvert's resources.
        """
        text, resources = self.export(notebook, self.after_execution, found, path, folder=self.destination(found))
        return str(nbformat.writes(cleaned(nbformat.reads(text, as_version=4)))), resources

    def _found(self, path: str) -> Found:
        pattern = self._format_source("(?P<assignment_id>.*)", "(?P<student_id>.*)", escape=True)
        match = re.match(pattern, path)
        if match is None:
            message = f"Could not match '{path}' with regexp '{pattern}'"
            self.log.error(message)
            raise NbGraderException(message)
        notebooks = tuple(Path(name) for name in sorted(self.assignments[path]))
        return Found(match["student_id"], match["assignment_id"], Path(path), notebooks)


def _run(work: Coroutine[Any, Any, list[Result]]) -> list[Result]:
    """Run a coroutine, also in a thread that has an event loop already: nbgrader's formgrader does that."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="batch") as pool:
        return pool.submit(asyncio.run, work).result()
