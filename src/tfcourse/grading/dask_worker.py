"""What a Dask worker does: `run`, the task, on an engine that stays warm from one submission to the next.

Dask brings this module to life on the worker by its name, so a worker has this package installed, and a clone of
the course (``TFCOURSE_ROOT``). It needs nothing else: no disk in common, no database, no secret.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import enum
import pickle
import platform
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from distributed import Worker, WorkerPlugin, get_worker

from tfcourse.course import Course, find_course
from tfcourse.errors import CourseError, GraderBroken
from tfcourse.examiner.fingerprint import differences, digest_package, fingerprint
from tfcourse.kernels.errors import KernelsError, SandboxUnavailable

if TYPE_CHECKING:
    # A scheduler imports this module too, and runs nothing.
    from tfcourse.grading.engine import Engine
    from tfcourse.grading.jobs import Job, Run

IDLE_SECONDS = 600.0
"""After which an engine without work gives its memory back; the next submission starts another one."""
GIVEN_UP_SECONDS = 1.0
"""How often a task looks whether anybody still waits for it."""
PLUGIN = "tfcourse"


@dataclass(frozen=True)
class Terms:
    """What is the same for all submissions of a batch; see `tfcourse.grading.engine.Engine`."""

    seeds: Mapping[str, int] = field(repr=False)
    predictable: bool
    secret_id: str
    confined: bool
    preload: Sequence[str]


@dataclass(frozen=True)
class Parcel:
    """What travels to a worker. Shows nothing of itself: Dask writes the arguments of a task into logs.

    Args:
        terms: A pickled `Terms`, the same bytes for a whole batch.
        job: A pickled `tfcourse.grading.jobs.Job`.
    """

    terms: bytes = field(repr=False)
    job: bytes = field(repr=False)


class Verdict(enum.StrEnum):
    """What became of a task."""

    RAN = "ran"
    REFUSED = "refused"
    """This worker must not run submissions of this batch."""
    NO_SANDBOX = "no sandbox"
    """It must not either, for want of a sandbox."""
    BROKEN = "broken"
    """A defect of ours, perhaps of this machine only."""
    STOPPED = "stopped"
    """The worker was asked to stop before the run was over."""


@dataclass(frozen=True)
class Answer:
    """What travels back, pickled.

    Args:
        verdict: What became of the task.
        message: Why there is no run.
        run: The result; None where there is none.
    """

    verdict: Verdict
    message: str = ""
    run: Run | None = None


_CODE = digest_package()
"""Of the code that this process has loaded."""
_COURSES: dict[tuple[str, str], str] = {}
"""Of the checks that it has loaded, by course and week: a module of checks is imported once."""


def greet(expected: Mapping[str, str], check_ids: Sequence[str]) -> str:
    """Say why this worker must not run submissions of a batch; asked before it gets any.

    A worker without this package cannot even be asked, and one with another version might not understand a task:
    Dask ends a worker that cannot unpickle what it is sent.

    Args:
        expected: The submitting machine's `tfcourse.examiner.fingerprint.fingerprint`.
        check_ids: What it was made for.

    Returns:
        The reason; empty where there is none.
    """
    return _meet(expected, check_ids)[1]


def run(expected: Mapping[str, str], check_ids: Sequence[str], parcel: Parcel) -> bytes:
    """Run one submission: the task that is submitted to Dask.

    Refuses as `greet` does, because a clone may have changed since. Nothing is unpickled before.

    Args:
        expected: See `greet`.
        check_ids: See `greet`.
        parcel: Batch and submission.

    Returns:
        A pickled `Answer`. A task of ours never raises: Dask would log its arguments.
    """
    try:
        course, reason = _meet(expected, check_ids)
        if reason:
            answer = Answer(Verdict.REFUSED, reason)
        else:
            answer = Answer(Verdict.RAN, run=_keeper().run(get_worker(), course, parcel))
    except SandboxUnavailable as error:
        answer = Answer(Verdict.NO_SANDBOX, str(error))
    except concurrent.futures.CancelledError:
        answer = Answer(Verdict.STOPPED)
    except (GraderBroken, KernelsError) as error:
        answer = Answer(Verdict.BROKEN, str(error))
    except Exception as error:
        answer = Answer(Verdict.BROKEN, f"{type(error).__name__}: {error}")
    return pickle.dumps(answer)


def _meet(expected: Mapping[str, str], check_ids: Sequence[str]) -> tuple[Course | None, str]:
    """Return this machine's course, and why a submission could get other points here; empty where it cannot."""
    course = None
    try:
        course = find_course() if check_ids else None
        found = fingerprint(course, check_ids)
    except CourseError as error:
        return course, str(error)
    different = differences(expected, found)
    if different:
        return course, f"{different}. Bring it to the same commit and lock file, and restart it."
    stale = _changed_since_loaded(course, found)
    return course, f"{stale} changed since this worker was started. Restart it." if stale else ""


def _changed_since_loaded(course: Course | None, found: Mapping[str, str]) -> str:
    """Name what is on disk in another version than in this process, which would go on with the old one."""
    changed = [] if digest_package() == _CODE else ["tfcourse"]
    for name, digest in found.items():
        if name.startswith("checks of ") and course is not None:
            key = (str(course.root), name)
            changed += [] if _COURSES.setdefault(key, digest) == digest else [name]
    return ", ".join(changed)


# ---------------------------------------------------------------------------- engines


@dataclass
class _Warm:
    """An engine and who uses it."""

    engine: Engine
    started: asyncio.Task[Engine]
    users: int = 0
    left: float = 0.0


_Key = tuple[bytes, int]


class Keeper:
    """Keeps engines warm between tasks, on an event loop in a thread of its own.

    There is one of it in a process. Another batch's engine is ended as soon as it has no work: an imported
    TensorFlow takes a gigabyte.
    """

    def __init__(self) -> None:
        self._warm: dict[_Key, _Warm] = {}
        self._running: set[asyncio.Task[Any]] = set()
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="engines", daemon=True).start()

    def run(self, worker: Worker, course: Course | None, parcel: Parcel) -> Run:
        """Run a submission. Called in a thread of the worker's, by a task.

        Args:
            worker: Runs as many tasks at a time as the engine has places.
            course: This machine's.
            parcel: Batch and submission.

        Raises:
            GraderBroken: See `Engine.run`.
            KernelsError: No engine could be started.
            concurrent.futures.CancelledError: Nobody waits for the result any more.
        """
        key = (parcel.terms, worker.state.nthreads)

        def make() -> Engine:
            from tfcourse.grading.engine import Engine

            terms: Terms = pickle.loads(parcel.terms)
            name = f"{platform.node()} ({worker.name})"
            return Engine(
                course,
                seeds=terms.seeds,
                predictable=terms.predictable,
                secret_id=terms.secret_id,
                workers=key[1],
                confined=terms.confined,
                preload=terms.preload,
                worker_name=name,
            )

        job: Job = pickle.loads(parcel.job)
        future = asyncio.run_coroutine_threadsafe(self._run(key, make, job), self._loop)
        task = worker.get_current_task()
        while not concurrent.futures.wait([future], timeout=GIVEN_UP_SECONDS).done:
            state = worker.state.tasks.get(task)
            if state is None or state.state == "cancelled":
                future.cancel()
        return future.result()

    def close(self) -> None:
        """Begin to end everything, and do not wait: what is left dies with this process."""
        asyncio.run_coroutine_threadsafe(self._close_all(), self._loop)

    async def _run(self, key: _Key, make: Callable[[], Engine], job: Job) -> Run:
        current = asyncio.current_task()
        assert current is not None
        self._running.add(current)
        current.add_done_callback(self._running.discard)
        for other, idle in list(self._warm.items()):
            if other != key and not idle.users:
                await self._end(other, idle)
        warm = self._warm.get(key)
        if warm is None:
            engine = make()
            # In a task of its own: whoever came first may be given up, others wait for the same engine.
            warm = self._warm[key] = _Warm(engine, asyncio.ensure_future(engine.__aenter__()))
        warm.users += 1
        try:
            return await (await asyncio.shield(warm.started)).run(job)
        except Exception:
            # Whatever it is, the next submission gets a fresh start.
            if self._warm.get(key) is warm:
                del self._warm[key]
            raise
        finally:
            warm.users -= 1
            warm.left = self._loop.time()
            if not warm.users and self._warm.get(key) is not warm:
                await self._end(key, warm)
            self._loop.call_later(IDLE_SECONDS, self._look_after, key, warm)

    def _look_after(self, key: _Key, warm: _Warm) -> None:
        """End an engine that has had no work for long enough."""
        if self._warm.get(key) is warm and not warm.users and self._loop.time() - warm.left >= IDLE_SECONDS - 1:
            ending = self._loop.create_task(self._end(key, warm))
            self._running.add(ending)
            ending.add_done_callback(self._running.discard)

    async def _end(self, key: _Key, warm: _Warm) -> None:
        if self._warm.get(key) is warm:
            del self._warm[key]
        try:
            engine = await warm.started
        except Exception:
            return  # it never began
        await engine.__aexit__(None, None, None)

    async def _close_all(self) -> None:
        tasks = list(self._running)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for key, warm in list(self._warm.items()):
            await self._end(key, warm)
        self._loop.stop()


class _Closing(WorkerPlugin):
    """Ends the engines of a worker that stops in good order. One that is killed takes them with it."""

    def __init__(self, keeper: Keeper) -> None:
        self.keeper = keeper

    def teardown(self, worker: Worker) -> None:
        """End them. Takes no time: a worker that is told to stop while it waits for its plugins never stops."""
        global _kept
        with _keeping:
            if _kept is self.keeper:
                _kept = None
        self.keeper.close()


_kept: Keeper | None = None
_keeping = threading.Lock()


def _keeper() -> Keeper:
    """Return this process's keeper; the first call makes it, and has it closed with the worker."""
    global _kept
    with _keeping:
        if _kept is None:
            _kept = Keeper()
            worker = get_worker()
            worker.loop.add_callback(worker.plugin_add, plugin=_Closing(_kept), name=PLUGIN)
        return _kept
