"""Runs submissions on the workers of a Dask scheduler: ``tfcourse autograde --scheduler tcp://HOST:PORT``.

Planning and recording stay where they are; only `run` moves. What leaves this machine for each submission: its
sanitized notebooks and files, and the seeds of the batch's checks. What comes back: executed notebooks, receipts,
answers and files. A worker has this package and a clone of the course; it refuses a submission where either is
another version. No shared disk, no database, and not the secret, of which seeds tell nothing.

**Trust.** Dask itself speaks in pickles, so its machines trust each other with everything, and so do these: they
are the staff's own. No live object of a submission is ever among what travels: a run is made outside of the
sandbox, from bounded messages that were checked there. But whoever can reach the scheduler's port can run code on
all workers and read the seeds. On a network that is not the staff's alone use TLS, which asks every party for a
certificate: ``tls://`` addresses, and Dask's own configuration ``distributed.comm.tls``; see docs/cluster.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
import pickle
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tfcourse.course import Course
from tfcourse.errors import CourseError, GraderBroken, UnusableNotebook
from tfcourse.examiner.fingerprint import fingerprint
from tfcourse.grading.batch import Fatal
from tfcourse.grading.engine import PRELOAD
from tfcourse.grading.jobs import Job, Run
from tfcourse.kernels.errors import SandboxUnavailable

if TYPE_CHECKING:
    from tfcourse.grading.dask_worker import Answer

CONNECT_SECONDS = 15.0
POLL_SECONDS = 1.0
"""How often workers are counted."""
ANSWER_SECONDS = 30.0
"""After which a scheduler that does not answer is taken for lost."""
MEET_SECONDS = 60.0
"""How long a worker may take to say whether it has the same course: it imports this package first."""
TELL_SECONDS = 3.0
"""After which it is said that there are no workers."""
REFUSED_SECONDS = 20.0
"""How long others are waited for where every worker refuses."""
MOST_DEFECTS = 3
"""On so many workers a submission may meet a defect of ours before it counts as one that is everywhere."""
MOST_DEATHS = 3
"""A submission whose workers died so many times is not given another one."""

_log = logging.getLogger(__name__)


@dataclass(eq=False)
class _Worker:
    """A worker process as its scheduler knows it.

    Args:
        address: Its own.
        threads: Submissions that it runs at a time.
        running: Places that are taken.
        met: Whether it was found to have the same course.
        refused: Why it is not used; empty where it is.
        sandbox: False where it refused for want of a sandbox.
        gone: Set when it has left the scheduler.
    """

    address: str
    threads: int
    running: int = 0
    met: bool = False
    refused: str = ""
    sandbox: bool = True
    gone: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class DaskEngine:
    """Runs jobs on Dask workers. An asynchronous context manager, and used like `tfcourse.grading.engine.Engine`.

    As many jobs are under way as the workers have threads, those that join later included; further calls of `run`
    wait. A submission whose worker dies is run on another one. From the second time on it gets a worker for
    itself, so that one that kills its workers takes no other submission along, and the third time it fails.

    Args:
        course: Where checks are found on this machine; None where there are none.
        seeds: Check id to the seed of its hidden data.
        predictable: Whether anybody could draw the same data; goes into receipts.
        secret_id: Of the secret that the seeds come from; goes into receipts.
        workers: Not used; the cluster says how many submissions run at a time.
        confined: False runs without a sandbox; every receipt says so.
        preload: Modules that a worker's engine imports once.
        scheduler: Its address, ``tcp://HOST:PORT`` or ``tls://HOST:PORT``.
        patience: Seconds that workers are waited for, where there are none.

    Raises:
        CourseError: On entering, where Dask is not installed or no scheduler answers.
    """

    course: Course | None
    seeds: Mapping[str, int] = field(default_factory=dict)
    predictable: bool = True
    secret_id: str = ""
    workers: int = 0
    confined: bool = True
    preload: Sequence[str] = PRELOAD
    scheduler: str = ""
    patience: float = 300.0
    _workers: dict[str, _Worker] = field(default_factory=dict, init=False, repr=False)
    _lost: str = field(default="", init=False, repr=False)

    async def __aenter__(self) -> DaskEngine:
        self._distributed = _import_distributed()
        from tfcourse.grading import dask_worker

        self._task = dask_worker
        self._expected = fingerprint(self.course, self.seeds)
        terms = dask_worker.Terms(dict(self.seeds), self.predictable, self.secret_id, self.confined, self.preload)
        self._terms = pickle.dumps(terms)
        self._changed = asyncio.Condition()
        self._loss = asyncio.Event()
        self._meetings: set[asyncio.Task[None]] = set()
        self._useless_since: float | None = None
        self._told = False
        try:
            self._client = await self._distributed.Client(
                self.scheduler, asynchronous=True, set_as_default=False, name="tfcourse", timeout=CONNECT_SECONDS
            )
        except (OSError, ValueError, TypeError) as error:
            raise CourseError(
                f"Expected a Dask scheduler at {self.scheduler}; found {_one_line(error)}. Start one (`dask "
                "scheduler`), or correct the address; for tls:// set Dask's distributed.comm.tls, see docs/cluster.md."
            ) from error
        # Submissions with data sets beside them are what Dask calls a large graph.
        self._settings = importlib.import_module("dask").config.set(
            {"distributed.admin.large-graph-warning-threshold": "1 GiB"}
        )
        self._watching = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *exception: object) -> None:
        for task in (self._watching, *self._meetings):
            task.cancel()
        await asyncio.gather(self._watching, *self._meetings, return_exceptions=True)
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self._client.close(), 10)
        self._settings.__exit__(None, None, None)

    async def run(self, job: Job) -> Run:
        """Run one submission on some worker.

        Raises:
            GraderBroken: A defect of ours, on several workers; the submission has to be run again.
            UnusableNotebook: The submission's workers died, time after time.
            SandboxUnavailable: No worker has a sandbox.
            Fatal: The scheduler is lost, there are no workers, or none that has the same course.
        """
        verdicts = self._task.Verdict
        deaths = 0
        defects: dict[_Worker, str] = {}
        while True:
            worker = await self._take(defects, alone=deaths > 1)
            places = worker.threads if deaths > 1 else 1
            worker.running += places  # nobody else could run since it was found to have them
            try:
                # Packed only now, so that those who wait for a place take no more memory.
                answer = await self._ask(worker, self._task.Parcel(self._terms, pickle.dumps(job)))
            finally:
                worker.running -= places
                await self._tell()
            if answer is None:
                deaths += 1
                if deaths == MOST_DEATHS:
                    raise UnusableNotebook(
                        f"Expected a worker to live through this submission; {deaths} ended while they ran it, the "
                        f"last of them {worker.address}. Look into its log, and grade this submission by itself."
                    )
                _log.warning("Worker %s ended before submission %s; it is run again.", worker.address, job.id)
            elif answer.verdict is verdicts.RAN:
                assert answer.run is not None
                return answer.run
            elif answer.verdict is verdicts.BROKEN:
                defects[worker] = answer.message
            elif answer.verdict is verdicts.STOPPED:
                self._refuse(worker, "It is being stopped.")
            else:
                self._refuse(worker, answer.message, sandbox=answer.verdict is not verdicts.NO_SANDBOX)

    # ------------------------------------------------------------------------ one task

    async def _ask(self, worker: _Worker, parcel: Any) -> Answer | None:
        """Have a worker run a submission; None where it died."""
        if self._client.status != "running":
            self._lose("the connection has ended")
            self._raise_if_lost()
        future = self._client.submit(
            self._task.run,
            self._expected,
            sorted(self.seeds),
            parcel,
            key=f"grade-{uuid.uuid4().hex}",
            pure=False,
            # We choose, because Dask knows nothing of refusals, nor of who is to blame for a dead worker.
            workers=[worker.address],
            allow_other_workers=False,
        )
        result = asyncio.create_task(_result(future))
        ends = [asyncio.create_task(event.wait()) for event in (worker.gone, self._loss)]
        try:
            await asyncio.wait([result, *ends], return_when=asyncio.FIRST_COMPLETED)
            if result.done():
                found = result.result()
                if isinstance(found, bytes):
                    answer: Answer = pickle.loads(found)
                    return answer
                if future.cancelled() and not worker.gone.is_set():
                    self._lose(f"it gave up a task ({_one_line(found)})")
                elif not worker.gone.is_set() and not isinstance(found, self._distributed.scheduler.KilledWorker):
                    # Our task never raises: the worker, or the scheduler, could not even begin it.
                    return self._task.Answer(self._task.Verdict.REFUSED, _explain(found))
            self._raise_if_lost()
            return None
        finally:
            for task in (result, *ends):
                task.cancel()
            await asyncio.gather(result, *ends, return_exceptions=True)
            # Where nobody waits for it any more, the worker ends the run; where it is done, it is forgotten.
            future.release()

    # ------------------------------------------------------------------------ workers

    async def _take(self, defects: Mapping[_Worker, str], *, alone: bool) -> _Worker:
        """Wait for a worker with a free place.

        Args:
            defects: Workers that could not run this submission, with the reason.
            alone: Whether nothing else may run on it.
        """
        async with self._changed:
            while True:
                self._raise_if_lost()
                usable = [worker for worker in self._workers.values() if worker.met and not worker.refused]
                if usable:
                    self._useless_since = None
                if defects and (len(defects) == MOST_DEFECTS or all(worker in defects for worker in usable)):
                    worker = list(defects)[-1]
                    raise GraderBroken(f"{defects[worker]} (on worker {worker.address})")
                free = [
                    worker
                    for worker in usable
                    if worker not in defects and (not worker.running if alone else worker.running < worker.threads)
                ]
                if free:
                    return min(free, key=lambda worker: worker.running / worker.threads)
                if not usable:
                    self._wait_or_raise()
                # The watch tells at every count, changed or not, so that bounds of time are seen here.
                await self._changed.wait()

    def _wait_or_raise(self) -> None:
        """Bound the time without any worker that can be used."""
        now = asyncio.get_running_loop().time()
        if self._useless_since is None:
            self._useless_since, self._told = now, False
        waited = now - self._useless_since
        refused = [worker for worker in self._workers.values() if worker.refused]
        if refused and waited > REFUSED_SECONDS:
            message = "; ".join(f"{worker.address}: {worker.refused}" for worker in refused)
            if not any(worker.sandbox for worker in refused):
                raise SandboxUnavailable(f"No worker of {self.scheduler} has a sandbox. {message}")
            raise _fatal(CourseError(f"No worker of {self.scheduler} can be used. {message}"))
        if not refused and waited > self.patience:
            raise _fatal(
                CourseError(
                    f"Expected workers at {self.scheduler}; found none for {self.patience:.0f} s. Start some on other "
                    f"machines (`dask worker {self.scheduler}`), then run this command again."
                )
            )
        if not self._workers and not self._told and waited > TELL_SECONDS:
            self._told = True
            _log.warning(
                "No workers at %s yet; waiting up to %.0f s for `dask worker %s`.",
                self.scheduler,
                self.patience,
                self.scheduler,
            )

    def _refuse(self, worker: _Worker, reason: str, *, sandbox: bool = True) -> None:
        """Note that a worker is not to be used."""
        if not worker.refused:
            worker.refused, worker.sandbox = reason, sandbox
            _log.warning("Worker %s is not used. %s", worker.address, reason)

    async def _watch(self) -> None:
        """Keep count of the workers, until the scheduler is lost."""
        while True:
            if self._client.status != "running":
                self._lose("the connection has ended")
                await self._tell()
                return
            try:
                threads = await asyncio.wait_for(self._client.nthreads(), ANSWER_SECONDS)
            except Exception as error:
                self._lose(_one_line(error))
                await self._tell()
                return
            for address in self._workers.keys() - threads.keys():
                self._workers.pop(address).gone.set()
            for address, count in threads.items():
                if address not in self._workers:
                    self._workers[address] = _Worker(address, count)
                    meeting = asyncio.create_task(self._meet(self._workers[address]))
                    self._meetings.add(meeting)
                    meeting.add_done_callback(self._meetings.discard)
                self._workers[address].threads = count
            await self._tell()
            await asyncio.sleep(POLL_SECONDS)

    async def _meet(self, worker: _Worker) -> None:
        """Ask a worker whether it has the same course."""
        try:
            asked = self._client.run(
                self._task.greet, self._expected, sorted(self.seeds), workers=[worker.address], on_error="return"
            )
            found = (await asyncio.wait_for(asked, MEET_SECONDS)).get(worker.address)
        except Exception as error:  # it, or the scheduler, is gone: the watch tells which; or it does not answer
            found = error
        if isinstance(found, str):
            worker.met = True
            if found:
                self._refuse(worker, found)
        elif not self._lost:
            self._refuse(worker, _explain(found) if found is not None else "It does not answer.")
        await self._tell()

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    def _lose(self, why: str) -> None:
        if not self._lost:
            self._lost = why
            self._loss.set()

    def _raise_if_lost(self) -> None:
        if self._lost:
            raise _fatal(
                GraderBroken(
                    f"The Dask scheduler {self.scheduler} is lost: {self._lost}. What was recorded stays. "
                    "Start it again, then run this command again: it goes on with the rest."
                )
            )


async def _result(future: Any) -> bytes | Exception:
    """Wait for a task; what Dask raises for it is returned, because some of it looks like our own cancellation."""
    try:
        found: bytes = await future
    except Exception as error:
        return error
    return found


def _explain(error: Exception) -> str:
    said = _one_line(error)
    if "deserialization of the task graph" in said:
        cause = f" ({_one_line(error.__cause__)})" if error.__cause__ else ""
        return f"The scheduler cannot read our tasks{cause}. Start it in an environment with tfcourse[cluster]."
    return f"It cannot be asked: {said}. Install the same tfcourse[cluster] there."


def _fatal(cause: CourseError) -> Fatal:
    """Return what ends a batch: the cause's class decides the command's exit code."""
    fatal = Fatal(str(cause))
    fatal.__cause__ = cause
    return fatal


def _one_line(error: BaseException) -> str:
    words = " ".join(str(error).split())
    return f"{type(error).__name__}: {words}"[:400] if words else type(error).__name__


def _import_distributed() -> Any:
    try:
        return importlib.import_module("distributed")
    except ImportError as error:
        raise CourseError(
            f"Expected Dask for --scheduler; found none ({error}). "
            'Install it here and on the workers: pip install "tfcourse[cluster]"'
        ) from error
