"""Runs submissions: each in a sandbox of its own, on kernels that start warm, with the examiner outside."""

from __future__ import annotations

import asyncio
import contextlib
import platform
import queue
import signal
import socket
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import nbformat
from nbclient.exceptions import CellExecutionError, DeadKernelError

from tfcourse.checks.records import Asked, ModelRequest
from tfcourse.checks.runtime import ENVIRONMENT
from tfcourse.checks.watching import Tell
from tfcourse.course import Course
from tfcourse.errors import GraderBroken
from tfcourse.examiner.desk import Desk
from tfcourse.examiner.forking import WATCH_SECONDS, ask_in_fork, start_server
from tfcourse.examiner.paper import Paper
from tfcourse.examiner.remote import DESCRIPTOR_VARIABLE
from tfcourse.examiner.secret import environment_of_others
from tfcourse.grading.client import (
    HANG_UP_SECONDS,
    Client,
    Connection,
    Flooded,
    Unresponsive,
    add_reply_error,
    connect,
)
from tfcourse.grading.jobs import Ending, Job, NotebookRun, Run, digest_of
from tfcourse.grading.outputs import clean_outputs
from tfcourse.kernels import sandbox, slot
from tfcourse.kernels.errors import KernelsError, SandboxUnavailable, ServerDied
from tfcourse.kernels.host import ForkServer
from tfcourse.kernels.hosted import HostedKernel, host_kernel
from tfcourse.kernels.isolation import unused_uids
from tfcourse.kernels.preload import PRELOAD as KERNEL_PRELOAD
from tfcourse.kernels.wire import Broken, TooLarge

PRELOAD = (
    "tensorflow",
    "keras",
    "numpy",
    "matplotlib.pyplot",
    "tfcourse.notebook",
    "tfcourse.examiner.remote",
    "tfcourse.examiner.model_job",
)
"""What notebooks import, and what a check runs in the learner's process."""
KERNEL_ARGUMENTS = ("--HistoryManager.enabled=False", "--IPKernelApp.log_level=ERROR")
READY_SECONDS = 30.0
FLOODED = "A cell went on putting out more than can be read, also when it was interrupted."
SCORING_SECONDS = 300.0
"""After which an answer that has arrived is given up: its model may still have to be trained."""
CHECK_GRACE_SECONDS = 15.0
"""How much longer than its own bound a check may take before its kernel is ended."""


@dataclass
class Engine:
    """Runs jobs, several at a time. An asynchronous context manager.

    ::

        async with Engine(course, seeds={...}, predictable=False, workers=2) as engine:
            run = await engine.run(job)

    Args:
        course: Where checks are found; None where there are none.
        seeds: Check id to the seed of its hidden data.
        predictable: Whether anybody could draw the same data; goes into receipts.
        secret_id: Of the secret that the seeds come from; goes into receipts.
        workers: How many submissions run at a time.
        confined: False runs without a sandbox; every receipt says so.
        preload: Modules that are imported once, before the first fork.
        worker_name: Goes into the result.

    Raises:
        SandboxUnavailable: On entering, where `confined` and there is no sandbox to be had.
    """

    course: Course | None
    seeds: Mapping[str, int] = field(default_factory=dict)
    predictable: bool = True
    secret_id: str = ""
    workers: int = 1
    confined: bool = True
    preload: Sequence[str] = PRELOAD
    worker_name: str = field(default_factory=platform.node)
    paper: Paper | None = field(default=None, init=False)
    _server: ForkServer | None = field(default=None, init=False, repr=False)

    async def __aenter__(self) -> Engine:
        if sys.platform != "linux":
            raise SandboxUnavailable(
                f"Expected Linux, on which kernels can be forked and confined; found {sys.platform}. Grade in a Linux "
                "machine or container, or use nbgrader's own command: nbgrader autograde."
            )
        self._slots = asyncio.Semaphore(self.workers)
        self._starting = asyncio.Lock()
        self._uids: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        uids: Sequence[int | None] = unused_uids()[: 4 * self.workers] if self.confined else []
        for uid in uids or [None] * 4 * self.workers:
            self._uids.put(uid)
        # One thread that starts every fork server: bubblewrap ends with the thread that started it.
        self._starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="fork server starter")
        # Drawn while the fork server imports: both are slow, and neither needs the other.
        self._drawing: asyncio.Task[Paper | None] = asyncio.create_task(_draw(self.course, self.seeds))
        try:
            if self.confined:
                await self._find_sandbox()
            await self._start()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    @staticmethod
    async def _find_sandbox() -> None:
        reason = await asyncio.to_thread(sandbox.probe)
        if reason is not None:
            raise SandboxUnavailable(
                f"Expected a sandbox to run submissions in; {reason}. To run them unprotected: --no-sandbox."
            )

    async def __aexit__(self, *exception: object) -> None:
        self._drawing.cancel()
        with contextlib.suppress(BaseException):
            await self._drawing
        if self._server is not None:
            await asyncio.to_thread(self._server.close)
        self._starter.shutdown(wait=False)

    async def run(self, job: Job) -> Run:
        """Run one submission. Whatever it does ends in the result.

        Raises:
            GraderBroken: The tasks could not be drawn, or kernels cannot be started on this machine.
        """
        async with self._slots:
            # One job that is given up must not stop the drawing for all.
            self.paper = await asyncio.shield(self._drawing)
            files = dict(job.files)
            done: list[NotebookRun] = []
            for name, content in job.notebooks.items():
                done.append(_after(done, await _NotebookRunner(self, job, name, content, files).run()))
            return Run(job.id, tuple(done), files, self.confined, self.worker_name)

    async def server(self) -> ForkServer:
        """Return a fork server that works; a dead one is replaced.

        Raises:
            GraderBroken: It cannot be started.
        """
        async with self._starting:
            for _ in range(2):
                assert self._server is not None
                try:
                    await asyncio.to_thread(self._server.wait_ready, 120)
                except ServerDied as error:
                    failure = error
                    await asyncio.to_thread(self._server.close)
                    await self._start()
                else:
                    return self._server
        raise GraderBroken(f"The fork server does not start: {failure}")

    async def _start(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._starter, self._start_server)

    def _start_server(self) -> None:
        """Start a fork server; it is ours as soon as it runs, also where nobody waits for it any more."""
        preload = [name for name in (*KERNEL_PRELOAD, *self.preload) if _exists(name)]
        self._server = start_server(preload, confined=self.confined)


@dataclass
class _NotebookRunner:
    """Runs one notebook once.

    Args:
        engine: Whose kernels and papers are used.
        job: The submission.
        name: Of the notebook.
        content: Its JSON.
        files: The working folder's files; replaced by what the notebook leaves there.
    """

    engine: Engine
    job: Job
    name: str
    content: bytes
    files: dict[str, bytes]
    verdict: tuple[Ending, str] | None = None
    """Why the run ended early, where it did."""
    finished: int | None = None
    """Cells that came to an end before that."""
    uid: int | None = None
    """The user that the kernel is."""
    server: ForkServer | None = None
    """Where the kernel was forked."""

    async def run(self) -> NotebookRun:
        began = time.perf_counter()
        self._loop = asyncio.get_running_loop()
        notebook = nbformat.reads(self.content.decode(), as_version=4)
        desk, ours, theirs = self._open_desk()
        serving = None
        kernel = None
        uid = self.uid = self.engine._uids.get_nowait()
        try:
            kernel = await self._start_kernel(theirs, uid)
            theirs.close()
            if desk is not None:
                serving = threading.Thread(target=desk.serve, name="examiner", daemon=True)
                serving.start()
            await self._execute(notebook, kernel, desk)
        except KernelsError as error:
            self._end(Ending.FAILED, f"The kernel could not be started: {error}")
        finally:
            theirs.close()
            try:
                if kernel is not None:
                    await self._end_kernel(kernel)
            finally:
                if desk is not None:
                    desk.close()
                    if serving is not None:
                        # An answer that has arrived is still scored, though a model may have to be loaded for it.
                        await asyncio.to_thread(serving.join, SCORING_SECONDS)
                ours.close()
                self.engine._uids.put(uid)
        ending, reason = self.verdict or (Ending.COMPLETE, "")
        return NotebookRun(
            name=self.name,
            content=_written(notebook),
            ending=ending,
            reason=reason,
            receipts=dict(desk.receipts) if desk else {},
            responses=dict(desk.responses) if desk else {},
            unanswered=dict(desk.unanswered) if desk else {},
            broken=dict(desk.broken) if desk else {},
            finished=self.finished,
            seconds=time.perf_counter() - began,
        )

    def _ask_model(self, request: ModelRequest, tell: Tell) -> Asked:
        """Have a learner's model asked in another confined fork. Called in the desk's thread."""
        del tell  # nobody watches
        return asyncio.run_coroutine_threadsafe(self._ask(request), self._loop).result()

    async def _ask(self, request: ModelRequest) -> Asked:
        uid = self.engine._uids.get_nowait()
        try:
            return await ask_in_fork(
                await self.engine.server(),
                request,
                limits=self.job.bounds.limits,
                confined=self.engine.confined,
                uid=uid,
                environment=self._environment(),
            )
        finally:
            self.engine._uids.put(uid)

    def _open_desk(self) -> tuple[Desk | None, socket.socket, socket.socket]:
        ours, theirs = socket.socketpair()
        paper = self.engine.paper
        if paper is None:
            return None, ours, theirs
        return (
            Desk(
                paper,
                ours,
                predictable=self.engine.predictable,
                sandboxed=self.engine.confined,
                submission=digest_of(self.content, self.files),
                most_bytes=self.job.bounds.message_bytes,
                ask_model=self._ask_model,
                secret_id=self.engine.secret_id,
            ),
            ours,
            theirs,
        )

    async def _start_kernel(self, examiner: socket.socket, uid: int | None) -> HostedKernel:
        self.server = await self.engine.server()
        return await host_kernel(
            self.server,
            argv=KERNEL_ARGUMENTS,
            expose={DESCRIPTOR_VARIABLE: "examiner"},
            limits=self.job.bounds.limits,
            confined=self.engine.confined,
            uid=uid,
            descriptors={"examiner": examiner.fileno()},
            environment=self._environment(),
        )

    def _environment(self) -> dict[str, str]:
        environment = {
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            **ENVIRONMENT,
            **self.job.environment,
        }
        return environment if self.engine.confined else {**environment_of_others(), **environment}

    async def _execute(self, notebook: nbformat.NotebookNode, kernel: HostedKernel, desk: Desk | None) -> None:
        dead = asyncio.Event()
        loop = asyncio.get_running_loop()
        kernel.hosted.process.when_ended(partial(_from_a_thread, loop, dead))
        watching: list[asyncio.Task[None]] = []
        connected: Connection | None = None
        self.finished = 0
        try:
            connected = await self._connect(kernel, dead)
            # Not before: while a kernel starts, it would read settings and modules from its folder.
            await self._put_files(kernel)
            client = Client(
                notebook,
                kernel=connected,
                bounds=self.job.bounds,
                dead=dead,
                interrupt=kernel.interrupt,
                flooded=partial(self._end, Ending.TOO_MUCH_OUTPUT, FLOODED, kernel),
                timeout_error=dict(self.job.error_on_timeout),
                allow_errors=self.job.allow_errors,
                interrupt_on_timeout=self.job.interrupt_on_timeout,
                on_cell_executed=add_reply_error,
            )
            watching = [
                asyncio.create_task(self._watch(kernel, desk)),
                asyncio.create_task(self._watch_connection(connected, kernel)),
            ]
            try:
                await client.run()
            finally:
                self.finished = client.finished
        except DeadKernelError:
            if not dead.is_set():
                # nbclient takes a cancelled task for a dead kernel. Nobody wants this run any more.
                raise asyncio.CancelledError from None
            self._explain_death(kernel)
        except Unresponsive as error:
            self._end(Ending.UNRESPONSIVE, f"A cell did not stop when it was interrupted: {error}".splitlines()[0])
        except Flooded:
            self._end(Ending.TOO_MUCH_OUTPUT, FLOODED)
        except _DoesNotFit as error:
            self._end(Ending.OUT_OF_MEMORY, str(error))
        except CellExecutionError:
            pass  # not allowed to go on after an error; the cell shows it
        except Broken as error:
            self._explain_silence(error, kernel)
        except TimeoutError as error:
            self._end(Ending.FAILED, str(error))
        except Exception as error:
            self._end(
                Ending.KERNEL_DIED, f"What the kernel sent could not be read: {type(error).__name__}: {error}"[:300]
            )
        finally:
            for task in watching:
                task.cancel()
            await asyncio.gather(*watching, return_exceptions=True)
            if connected is not None:
                connected.stop_channels()

    async def _connect(self, kernel: HostedKernel, dead: asyncio.Event) -> Connection:
        """Connect to a kernel that answers. Nothing of the submission has run by then.

        Raises:
            TimeoutError: It does not answer.
        """
        connecting = asyncio.create_task(connect(kernel.connection))
        ended = asyncio.create_task(dead.wait())
        await asyncio.wait({connecting, ended}, timeout=READY_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        if not connecting.done():
            connecting.cancel()
            why = "it ended" if dead.is_set() else "it did not answer"
            raise TimeoutError(f"Expected a kernel within {READY_SECONDS:.0f} s; {why}.")
        try:
            connection = connecting.result()
        except (Broken, OSError) as error:
            raise TimeoutError(f"Expected a kernel; {error}.") from error
        kernel.forget_sockets()
        return connection

    async def _put_files(self, kernel: HostedKernel) -> None:
        try:
            await asyncio.to_thread(slot.put, kernel.hosted.folder, self.files, self.uid)
        except OSError as error:
            limits = self.job.bounds.limits
            raise _DoesNotFit(
                f"Expected files of at most {limits.disk_megabytes} MB, and at most {limits.files} of them, beside the "
                f"notebook; found more than fits: {error.strerror}."
            ) from error

    async def _watch(self, kernel: HostedKernel, desk: Desk | None) -> None:
        """End the kernel where a bound is passed that no cell keeps."""
        began = time.monotonic()
        bounds = self.job.bounds
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            now = time.monotonic()
            reason = kernel.hosted.watch.poll()
            if reason is not None:
                self._end(Ending.OUT_OF_MEMORY, reason, kernel)
                return
            if now - began > bounds.notebook_seconds:
                self._end(Ending.OUT_OF_TIME, f"The notebook ran longer than {bounds.notebook_seconds:.0f} s.", kernel)
                return
            for check_id, opened in list(desk.pending.items()) if desk is not None else []:
                seconds = bounds.check_seconds or self._seconds_of(check_id) + CHECK_GRACE_SECONDS
                if now - opened > seconds:
                    reason = f"{check_id} was not answered within {seconds:.0f} s."
                    self._end(Ending.OUT_OF_TIME, reason, kernel)
                    return

    def _seconds_of(self, check_id: str) -> float:
        assert self.engine.paper is not None
        return self.engine.paper[check_id].task.respondent.seconds

    async def _watch_connection(self, connected: Connection, kernel: HostedKernel) -> None:
        """End the kernel where a connection breaks while it lives: nobody may be waiting for it just then."""
        channels = {connected.shell.ended, connected.output.ended}
        await asyncio.wait(channels, return_when=asyncio.FIRST_COMPLETED)
        why = next(channel.result() for channel in channels if channel.done())
        if not isinstance(why, TooLarge):
            await asyncio.sleep(HANG_UP_SECONDS)  # a dying kernel loses its connection before its death is known
        if kernel.hosted.process.poll() is None:
            self._explain_silence(why, kernel)

    def _explain_silence(self, why: Broken, kernel: HostedKernel) -> None:
        ending = Ending.TOO_MUCH_OUTPUT if isinstance(why, TooLarge) else Ending.KERNEL_DIED
        self._end(ending, f"The kernel's connection was cut: {why}.", kernel)

    def _explain_death(self, kernel: HostedKernel) -> None:
        if self.server is not None and not self.server.alive:
            self._end(Ending.FAILED, "The fork server ended, and with it all kernels. Grade this submission again.")
            return
        reason = kernel.hosted.watch.poll()
        if reason is not None:
            self._end(Ending.OUT_OF_MEMORY, reason)
            return
        code = kernel.hosted.process.poll() or 0
        number = -code if code < 0 else code - 128 if code > 128 else 0
        if number in {item.value for item in signal.Signals}:
            name = signal.Signals(number).name
            detail = f"signal {name}" + (
                ", an error in compiled code" if name in {"SIGSEGV", "SIGABRT", "SIGBUS"} else ""
            )
        else:
            detail = f"exit code {code}"
        self._end(Ending.KERNEL_DIED, f"The kernel ended before the notebook did ({detail}).")

    def _end(self, ending: Ending, reason: str, kernel: HostedKernel | None = None) -> None:
        """Note why the run ends early; the first reason counts."""
        if self.verdict is None:
            self.verdict = (ending, reason)
        if kernel is not None:
            kernel.hosted.process.kill()

    async def _end_kernel(self, kernel: HostedKernel) -> None:
        """End the kernel, and take what it leaves."""
        await asyncio.to_thread(kernel.hosted.end)
        try:
            self._take_files(kernel)
        finally:
            await asyncio.to_thread(kernel.close)

    def _take_files(self, kernel: HostedKernel) -> None:
        kept, _ = slot.take(kernel.hosted.folder, self.job.bounds.kept_bytes)
        self.files.clear()
        self.files.update(kept)


def _after(earlier: Sequence[NotebookRun], run: NotebookRun) -> NotebookRun:
    """Let the first answer to a check count, also where it was given in an earlier notebook of the submission."""
    for before in earlier:
        again = set(before.receipts) & set(run.receipts)
        run = replace(
            run,
            receipts={**run.receipts, **{id: before.receipts[id] for id in again}},
            responses={**run.responses, **{id: before.responses[id] for id in again}},
        )
    return run


def _written(notebook: nbformat.NotebookNode) -> bytes:
    """Return an executed notebook's JSON, without what a stranger put into it that no JSON can hold."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = clean_outputs(cell.outputs)
            cell.execution_count = cell.execution_count if type(cell.execution_count) is int else None
    return str(nbformat.writes(notebook)).encode("utf-8", "replace")


class _DoesNotFit(Exception):
    """The submission's files are more than it may have."""


async def _draw(course: Course | None, seeds: Mapping[str, int]) -> Paper | None:
    if course is None or not seeds:
        return None
    return await asyncio.to_thread(Paper.draw_in_child, course, seeds)


def _from_a_thread(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    with contextlib.suppress(RuntimeError):  # the loop has ended
        loop.call_soon_threadsafe(event.set)


def _exists(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False
