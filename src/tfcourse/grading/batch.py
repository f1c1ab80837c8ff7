"""Many submissions at a time: each is planned, run, stored and recorded; none waits for another.

Planning and recording happen in one thread beside the event loop, one at a time: they use the database,
nbgrader's objects and the working directory, none of which likes company. Running happens wherever the engine
says. Submissions are taken from an iterator one by one, so that the first run starts at once and five hundred
of them need no more memory than five.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from tfcourse.errors import CourseError, GraderBroken
from tfcourse.grading.jobs import Ending, Job, Run
from tfcourse.grading.plan import Action, Found, Planned
from tfcourse.grading.runs import Stored
from tfcourse.kernels.errors import KernelsError

_Value = TypeVar("_Value")
_AHEAD = 2
"""Submissions that are being planned or recorded while the engine is busy with others."""


class Fatal(Exception):
    """Ends a batch: no further submission could be graded. What was stored is not lost."""


class Engine(Protocol):
    """Runs jobs; see `tfcourse.grading.engine`."""

    async def __aenter__(self) -> Engine:
        """Get ready."""

    async def __aexit__(self, *error: Any) -> None:
        """End everything that it started."""

    async def run(self, job: Job) -> Run:
        """Run one submission.

        Raises:
            GraderBroken: A defect of ours; the submission has to be run again.
            SandboxUnavailable: Nothing can be run here.
        """


class Status(enum.StrEnum):
    """What became of a submission in a batch."""

    GRADED = "graded"
    SKIPPED = "skipped"
    FAILED = "failed"
    """It could not be graded; staff have to look at it."""
    BROKEN = "broken"
    """A defect of ours; it has to be run again."""


@dataclass(frozen=True)
class Result:
    """What became of one submission.

    Args:
        student: nbgrader's student id.
        assignment: nbgrader's assignment id.
        status: In one word.
        points: Cell or check to its points; None where staff have to decide.
        total: Points in nbgrader's database, of this assignment.
        most: The most points that there are.
        ending: How its run ended, of its notebooks the worst; None where nothing was run.
        seconds: Wall time of the run.
        reason: Why it failed, or did not run to its end.
        ran: False where it had been run before, and was recorded only.
        sandboxed: Whether it was isolated.
        beside: Staff's ordinary tests, which ran in the learner's own process.
    """

    student: str
    assignment: str
    status: Status
    points: Mapping[str, float | None] = field(default_factory=dict)
    total: float | None = None
    most: float | None = None
    ending: Ending | None = None
    seconds: float = 0.0
    reason: str = ""
    ran: bool = False
    sandboxed: bool = True
    beside: tuple[str, ...] = ()


class Observer:
    """Is told how a batch goes; does nothing by itself."""

    def begin(self, count: int) -> None:
        """There are `count` submissions."""

    def started(self, found: Found) -> None:
        """A submission is being run."""

    def ended(self, result: Result) -> None:
        """A submission is done with."""


class Steps(Protocol):
    """What is done with one submission outside of the engine; called from one thread, one at a time."""

    def plan(self, found: Found) -> Planned:
        """Read, sanitize and decide.

        Raises:
            Exception: Whatever keeps the submission from being graded.
        """

    def job(self, planned: Planned) -> Job | None:
        """Return what is to be run; None where nothing is."""

    def unrun(self, planned: Planned) -> Run:
        """Return the run of a submission of which nothing is to be run."""

    def store(self, planned: Planned, run: Run) -> Stored:
        """Keep a run."""

    def stored(self, planned: Planned) -> Stored:
        """Return the run that was kept before."""

    def record(self, planned: Planned, stored: Stored, *, ran: bool) -> Result:
        """Bring a run into nbgrader's database and folders.

        Raises:
            Exception: Whatever keeps it from being recorded.
        """

    def failed(self, found: Found, error: Exception) -> Result:
        """Note that a submission could not be graded.

        Raises:
            Exception: What must end the batch.
        """

    def broken(self, found: Found, error: Exception) -> Result:
        """Note that we could not grade a submission."""

    def skipped(self, planned: Planned) -> Result:
        """Note that a submission is graded already."""


async def run_batch(
    submissions: Iterable[Found], steps: Steps, engine: Callable[[], Engine], *, workers: int, observer: Observer
) -> list[Result]:
    """Grade submissions.

    Args:
        submissions: Taken one by one.
        steps: What is done outside of the engine.
        engine: Makes the engine, when the first submission has to be run.
        workers: How many run at a time.
        observer: Is told.

    Returns:
        Their results, sorted by student.
    """
    results: list[Result] = []
    queue = iter(submissions)
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="clerk") as clerk:
        async with contextlib.AsyncExitStack() as stack:
            lazy = _Lazy(engine, stack, asyncio.Semaphore(workers))

            async def work(found: Found) -> None:
                result = await _grade(found, steps, lazy, clerk, observer)
                results.append(result)
                observer.ended(result)

            await _together(queue, work, count=workers + _AHEAD)
    return sorted(results, key=lambda result: (result.assignment, result.student))


async def _together(queue: Iterator[Found], work: Callable[[Found], Any], *, count: int) -> None:
    """Let `count` workers take from a queue; the first error of one ends them all."""

    async def worker() -> None:
        for found in queue:
            await work(found)

    workers = [asyncio.ensure_future(worker()) for _ in range(count)]
    try:
        await asyncio.gather(*workers)
    finally:
        for task in workers:
            if not task.cancelling():  # a second time would interrupt what it does to clean up
                task.cancel()
        await asyncio.gather(*workers, return_exceptions=True)


@dataclass
class _Lazy:
    """The engine, started when it is needed: a batch that has nothing to run needs no TensorFlow."""

    make: Callable[[], Engine]
    stack: contextlib.AsyncExitStack
    places: asyncio.Semaphore
    starting: asyncio.Lock = field(default_factory=asyncio.Lock)
    engine: Engine | None = None

    @asynccontextmanager
    async def place(self) -> AsyncIterator[Engine]:
        """Wait for a free place in the engine."""
        async with self.places:
            async with self.starting:
                if self.engine is None:
                    try:
                        self.engine = await self.stack.enter_async_context(self.make())
                    except CourseError as error:
                        raise Fatal(str(error)) from error
            yield self.engine


async def _grade(found: Found, steps: Steps, lazy: _Lazy, clerk: ThreadPoolExecutor, observer: Observer) -> Result:
    async def do(step: Callable[..., _Value], *arguments: Any, **options: Any) -> _Value:
        return await asyncio.get_running_loop().run_in_executor(clerk, lambda: step(*arguments, **options))

    try:
        planned = await do(steps.plan, found)
        if planned.action is Action.SKIP:
            return await do(steps.skipped, planned)
        if planned.action is Action.RECORD:
            return await do(steps.record, planned, await do(steps.stored, planned), ran=False)
        job = await do(steps.job, planned)
        if job is None:
            run = await do(steps.unrun, planned)
        else:
            async with lazy.place() as engine:
                observer.started(found)
                try:
                    run = await engine.run(job)
                except (GraderBroken, OSError) as error:
                    return await do(steps.broken, found, error)
        try:
            stored = await do(steps.store, planned, run)
        except OSError as error:  # a full disk, say: no fault of the submission
            return await do(steps.broken, found, error)
        del job, run
        return await do(steps.record, planned, stored, ran=True)
    except (Fatal, KernelsError):
        raise
    except Exception as error:
        return await do(steps.failed, found, error)


@dataclass
class Clock:
    """Estimates the time that is left from the pace so far."""

    total: int
    done: int = 0
    began: float = field(default_factory=time.monotonic)
    first: float | None = None

    def tick(self, *, ran: bool) -> None:
        """One more submission is done; one that was not run says nothing about the pace."""
        if ran:
            self.done += 1
        else:
            self.total -= 1

    def left(self) -> float | None:
        """Return the seconds that are left; None where nobody can know yet."""
        if not self.done:
            return None
        return (time.monotonic() - self.began) / self.done * max(self.total - self.done, 0)
