"""``tfcourse autograde``: nbgrader's command on our engine, with its progress, a summary, and exit codes."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from jupyter_core.application import JupyterApp
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import AutogradeApp as StockApp
from nbgrader.apps.autogradeapp import aliases as stock_aliases
from nbgrader.apps.autogradeapp import flags as stock_flags
from nbgrader.converters.base import NbGraderException
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from traitlets import default
from traitlets.config import Config

from tfcourse.course import Course
from tfcourse.errors import CourseError, GraderBroken
from tfcourse.grading.batch import Clock, Fatal, Observer, Result, Status
from tfcourse.grading.converter import Autograde
from tfcourse.grading.jobs import Ending
from tfcourse.grading.plan import Action, Found, Planned
from tfcourse.grading.settings import GradingBounds
from tfcourse.kernels.errors import KernelsError, SandboxUnavailable
from tfcourse.reports.card import show_number
from tfcourse.texts import escape

DONE, NEEDS_STAFF, WRONG_ARGUMENTS, OUR_DEFECT, NO_SANDBOX = 0, 1, 2, 3, 4
"""Exit codes, which scripts may rely on."""


class AutogradeApp(StockApp):  # type: ignore[misc]  # nbgrader has no types
    """nbgrader's `AutogradeApp` with our `Autograde`: every argument means the same."""

    name = "tfcourse-autograde"
    description = "Grade submissions of a week: sandboxed, in parallel, resumable"
    aliases: ClassVar = {
        **stock_aliases,
        "workers": "Autograde.workers",
        "scheduler": "Autograde.scheduler",
        "log": "Autograde.event_log",
    }
    flags: ClassVar = {
        **stock_flags,
        "dry-run": ({"Autograde": {"dry_run": True}}, "Say what would be done, and do nothing."),
        "no-sandbox": (
            {"Autograde": {"sandbox": False}},
            "Run submissions unprotected: they can read and change what you can. Every receipt says so.",
        ),
    }
    course: Course
    show: Console
    errors: Console

    @default("log_level")  # type: ignore[untyped-decorator]
    def _log_level_default(self) -> int:
        # nbgrader warns of every hidden test that it puts back. What staff have to know is in the lines of
        # progress, in the summary and, with tracebacks, in the log of events.
        return logging.CRITICAL

    @default("classes")  # type: ignore[untyped-decorator]
    def _classes_default(self) -> list[type]:
        stock = [one for one in super()._classes_default() if one.__name__ != "Autograde"]
        return [*stock, Autograde, GradingBounds]

    def build_extra_config(self) -> Config:
        """Let nbgrader look for the course where we found it, unless it is told otherwise."""
        config = super().build_extra_config()
        config.CourseDirectory.root = str(self.course.root)
        return config

    def initialize(self, argv: Sequence[str] | None = None, root: str = "") -> None:
        """Read arguments and configuration; the course's own, also for another course directory."""
        super().initialize(argv, root)
        if self.course.root not in (Path.cwd(), Path(self.coursedir.root)):
            load = super(JupyterApp, self).load_config_file  # type: ignore[misc]  # as nbgrader's own apps do
            load("nbgrader_config.py", path=str(self.course.root))

    def start(self) -> None:
        """Grade.

        Raises:
            SystemExit: With one of this module's exit codes, where it is not `DONE`.
        """
        super(StockApp, self).start()
        self.take_assignment()
        observer = _Bar(self.errors) if self.errors.is_terminal else _Lines(self.errors)
        converter = Autograde(coursedir=self.coursedir, parent=self, observer=observer)
        if not converter.sandbox and not converter.dry_run:
            self.errors.print("[yellow]![/] No sandbox: submissions run with your rights. Every receipt records it.")
        try:
            with observer.shown(self.log):
                converter.start()
        except NbGraderException as error:
            failure: Exception | None = converter.failure or (error if not converter.results else None)
        else:
            failure = None
        if converter.dry_run:
            self.show.print(plan_table(converter.plans))
        elif converter.results:
            self.show.print(summary_table(converter.results))
            for line in remarks(converter.results):
                self.show.print(line, soft_wrap=True)
        if failure is not None:
            self.errors.print(f"[red]✗[/] {escape(str(failure))}", soft_wrap=True)
        code = exit_code([one for one in converter.plans if isinstance(one, Result)] or converter.results, failure)
        if code:
            sys.exit(code)

    def take_assignment(self) -> None:
        """Find out which week is meant, and make sure that nbgrader knows it."""
        named = [*self.extra_args, *([self.coursedir.assignment_id] if self.coursedir.assignment_id else [])]
        if len(named) != 1:
            raise CourseError(
                f"Expected one week; found {' '.join(named) or 'none'}. For example: tfcourse autograde week05"
            )
        self.coursedir.assignment_id = named[0]
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            try:
                gradebook.find_assignment(named[0])
            except MissingEntry:
                self.course.week(named[0])  # says what the weeks are, where it is none of them
                raise CourseError(
                    f"Expected {named[0]} in nbgrader's gradebook; found no such assignment. "
                    f"Run: nbgrader generate_assignment {named[0]} --force"
                ) from None


def run(course: Course, arguments: Sequence[str], *, show: Console, errors: Console) -> None:
    """Run the command.

    Args:
        course: Where the weeks are found.
        arguments: nbgrader's, and ours.
        show: Gets the summary.
        errors: Gets progress and complaints.

    Raises:
        SystemExit: With one of this module's exit codes.
        CourseError: The arguments name no week of the course.
    """
    app = AutogradeApp()
    app.course, app.show, app.errors = course, show, errors
    app.initialize(list(arguments))
    app.start()


def exit_code(results: Sequence[Result], failure: Exception | None) -> int:
    """Return what the command ends with.

    Args:
        results: What became of the submissions.
        failure: What ended the batch before its time.
    """
    if isinstance(failure, SandboxUnavailable):
        return NO_SANDBOX
    if isinstance(failure, Fatal):
        failure = failure.__cause__ if isinstance(failure.__cause__, Exception) else failure
    if isinstance(failure, GraderBroken | KernelsError):
        return OUR_DEFECT
    if failure is not None:
        return WRONG_ARGUMENTS
    statuses = {result.status for result in results}
    return OUR_DEFECT if Status.BROKEN in statuses else NEEDS_STAFF if Status.FAILED in statuses else DONE


# ---------------------------------------------------------------------------- tables


def plan_table(plans: Sequence[Planned | Result]) -> Table:
    """Return what would be done with each submission."""
    table = Table(title="What would be done (nothing was changed)", box=None, pad_edge=False)
    for title in ("student", "would", "why", "notebooks"):
        table.add_column(title, no_wrap=title == "student")
    for one in plans:
        if isinstance(one, Result):
            table.add_row(escape(one.student), "fail", escape(one.reason), "")
            continue
        does = {Action.RUN: "be run", Action.RECORD: "be recorded", Action.SKIP: "be skipped"}[one.action]
        why = " ".join([one.why, *(f"Left out: {reason}" for reason in one.refused)])
        table.add_row(escape(one.found.student), does, escape(why), ", ".join(one.digests))
    return table


def summary_table(results: Sequence[Result]) -> Table:
    """Return points, ending and time of each submission, and their count."""
    ids = list(dict.fromkeys(id for result in results for id in result.points))
    counts = ", ".join(
        f"{count} {status}" for status in Status if (count := sum(result.status is status for result in results))
    )
    table = Table(title=counts, box=None, pad_edge=False)
    table.add_column("student", no_wrap=True)
    for id in ids:
        table.add_column(id.replace("/", ".").split(".")[-1].replace("_", " "), justify="right")
    for title, justify in (("total", "right"), ("", "left"), ("time", "right")):
        table.add_column(title, justify=justify)  # type: ignore[arg-type]
    for result in results:
        cells = ["staff" if value is None else show_number(value) for value in map(result.points.get, ids)]
        if not result.points:
            cells = ["–"] * len(ids)
        total = "–" if result.total is None else f"{show_number(result.total)} of {show_number(result.most or 0.0)}"
        seconds = f"{result.seconds:.1f} s" if result.seconds else ""
        table.add_row(escape(result.student), *cells, total, _ending(result), seconds)
    return table


def remarks(results: Sequence[Result]) -> Iterator[str]:
    """Yield what staff should know beside the table, one line each: reasons, and tests that could be forged."""
    for result in results:
        if result.reason:
            yield f"[bold]{escape(result.student)}[/]: {escape(result.reason)}"
    beside = sorted({test for result in results for test in result.beside})
    if beside:
        yield f"[yellow]![/] Run beside the learner's code, and in its reach: {escape(', '.join(beside))}"


def _ending(result: Result) -> str:
    if result.status is Status.GRADED and result.ending not in (None, Ending.COMPLETE):
        return f"[yellow]{result.ending}[/]"
    colour = {Status.FAILED: "red", Status.BROKEN: "red", Status.SKIPPED: "dim"}.get(result.status)
    return f"[{colour}]{result.status}[/]" if colour else str(result.status)


# ---------------------------------------------------------------------------- progress


class _Shown(Observer):
    """An observer that a person sees."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.count = self.done = self.failed = 0
        self.running: dict[tuple[str, str], None] = {}
        self.clock = Clock(0)

    @contextmanager
    def shown(self, log: logging.Logger) -> Iterator[None]:
        """Show progress while the body runs, and `log` above it."""
        yield

    def begin(self, count: int) -> None:
        self.count, self.clock = count, Clock(count)

    def started(self, found: Found) -> None:
        self.running[found.student, found.assignment] = None

    def ended(self, result: Result) -> None:
        self.running.pop((result.student, result.assignment), None)
        self.done += 1
        self.failed += result.status in (Status.FAILED, Status.BROKEN)
        self.clock.tick(ran=result.ran)

    def _left(self) -> str:
        left = self.clock.left()
        if left is None or self.done == self.count:
            return ""
        return f"about {left / 60:.0f} min left" if left >= 90 else f"about {left:.0f} s left"


class _Lines(_Shown):
    """Progress for files and pipes: a line for every submission that is done."""

    def ended(self, result: Result) -> None:
        super().ended(result)
        points = "" if result.total is None else f", {show_number(result.total)} of {show_number(result.most or 0.0)}"
        seconds = f", {result.seconds:.1f} s" if result.ran else ""
        reason = f": {result.reason}" if result.reason and result.status is not Status.SKIPPED else ""
        ending = result.ending if result.status is Status.GRADED and result.ending else result.status
        left = f" ({self._left()})" if self._left() else ""
        self.console.print(
            escape(f"[{self.done}/{self.count}] {result.student}: {ending}{points}{seconds}{reason}{left}"),
            soft_wrap=True,
        )


class _Bar(_Shown):
    """Progress for a terminal: one line that changes."""

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self.bar = Progress(
            BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), console=console, transient=True
        )
        self.row = self.bar.add_task("", total=None)

    @contextmanager
    def shown(self, log: logging.Logger) -> Iterator[None]:
        with self.bar:
            # While the bar is shown, what is written to sys.stderr appears above it; handlers hold the old one.
            handlers = [one for one in log.handlers if isinstance(one, logging.StreamHandler)]
            handlers = [one for one in handlers if one.stream is sys.__stderr__]
            before = [one.setStream(sys.stderr) for one in handlers]
            try:
                yield
            finally:
                for handler, stream in zip(handlers, before, strict=True):
                    handler.setStream(stream or sys.__stderr__)

    def begin(self, count: int) -> None:
        super().begin(count)
        self.bar.update(self.row, total=count)

    def started(self, found: Found) -> None:
        super().started(found)
        self._update()

    def ended(self, result: Result) -> None:
        super().ended(result)
        self._update()

    def _update(self) -> None:
        names = ", ".join(student for student, _ in list(self.running)[:4])
        parts = [
            f"running {len(self.running)} ({names})" if names else "",
            f"{self.failed} failed" if self.failed else "",
        ]
        description = escape(" · ".join(part for part in (*parts, self._left()) if part))
        self.bar.update(self.row, completed=self.done, description=description)
