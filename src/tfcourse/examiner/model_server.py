"""A process that waits with TensorFlow imported, so that a learner's model is trained or loaded without delay.

It is shared by all notebooks and exams of this user on this machine: started by the first that needs it, ended when
nobody has asked for half an hour. It knows no key. Each connection to its socket gets a fork, confined where the
machine allows it, which says that it is there and whether it is confined, and then lets
`tfcourse.examiner.model_job` answer one request; see there for what travels. What ends before a fork is there is our
fault; what ends afterwards, the model's.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import hashlib
import os
import queue
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import platformdirs

import tfcourse
from tfcourse import journal
from tfcourse.checks.asking import ask_here
from tfcourse.checks.records import Asked, ModelRequest
from tfcourse.checks.watching import Tell, silent
from tfcourse.errors import CourseError, GraderBroken
from tfcourse.examiner.fingerprint import digest_package
from tfcourse.examiner.model_job import ask, seconds_for
from tfcourse.examiner.secret import environment_of_others
from tfcourse.kernels.errors import KernelsError
from tfcourse.kernels.limits import Limits

PRELOAD = ("tensorflow", "keras", "numpy", "h5py", "tfcourse.examiner.model_job")
IDLE_SECONDS = 1800.0
MOST_SECONDS = 900.0
"""Wall clock of one fork; who asks waits for less."""
MOST_AT_ONCE = 8
START_SECONDS = 30.0
"""After which a loader that does not listen is taken for lost."""
READY_SECONDS = 180.0
"""After which one that gives no fork is: it may have to import TensorFlow, or to answer others, before."""
CONFINED, OPEN = b"c", b"o"
"""What a fork says when it is there: whether it is confined."""
_ANOTHER = "-2.sock"
"""Ends the name of a confined one's socket, where the shared one is not."""
_MOST_ADDRESS = 100
"""Bytes of a socket's path; the system takes a few more."""
LIMITS = Limits(memory_megabytes=3072, disk_megabytes=512)


def ask_model(request: ModelRequest, tell: Tell = silent) -> Asked:
    """Have a learner's model asked by the waiting process. A `tfcourse.checks.asking.AskModel`.

    On systems where a process cannot be forked safely it is asked here, and the score says that `.h5` files are not
    kept from running code.

    Raises:
        LearnerMistake: The model cannot be used, or the process did not survive it.
        LearnerCrash: It cannot be trained.
        GraderBroken: There is no process to be had.
    """
    if sys.platform != "linux":
        return ask_here(request, tell)
    with _fork(_address()) as (sock, _):
        return _ask(sock, request, tell)


def ask_confined(request: ModelRequest, tell: Tell = silent) -> Asked:
    """Have a learner's model asked by a waiting process that is confined, and by none other. As `ask_model` else.

    Raises:
        CourseError: There is none that is confined.
    """
    with _confined_fork() as sock:
        return _ask(sock, request, tell)


def require_confined() -> None:
    """Wait until a process is there that `ask_confined` can use.

    Raises:
        CourseError: There is none that is confined.
    """
    with _confined_fork():
        pass


def _ask(sock: socket.socket, request: ModelRequest, tell: Tell) -> Asked:
    sock.settimeout(seconds_for(request.wanted) + START_SECONDS)
    return ask(sock, request, tell)


def warm_up() -> None:
    """Start the waiting process, without waiting for it, so that the first submission finds it ready."""
    if sys.platform == "linux":
        with contextlib.suppress(CourseError, OSError):
            _connected(_address()).close()


@contextlib.contextmanager
def _fork(path: Path) -> Iterator[tuple[socket.socket, bytes]]:
    """Connect to a fork of the waiting process that is ready to answer; also tell whether it is confined."""
    for _ in range(2):  # a process that ends just now, or was ended, is replaced
        with _connected(path) as sock:
            sock.settimeout(READY_SECONDS)
            try:
                state = sock.recv(1)
            except TimeoutError:
                break
            except OSError:
                continue
            if state in (CONFINED, OPEN):
                yield sock, state
                return
    raise GraderBroken(
        "Expected the process that asks learners' models to give a fork of itself; it does not. "
        f"What it said is in {path.with_suffix('.log')}."
    )


@contextlib.contextmanager
def _confined_fork() -> Iterator[socket.socket]:
    """Connect to a confined fork.

    The process that notebooks and exams share may have been started when there was no bubblewrap, and is theirs to
    use. Then another is started beside it.
    """
    if sys.platform != "linux":
        raise CourseError("Expected a confined process to load models in; found a system without one. It needs Linux.")
    shared = _address()
    another = shared.with_name(f"{shared.stem}{_ANOTHER}")
    for path in (shared, another):
        with _fork(path) as (sock, state):
            if state == CONFINED:
                yield sock
                return
    raise CourseError(
        "Expected the process that loads models to be confined; it is not. "
        f"`tfcourse doctor` tells what the sandbox needs; what the process said is in {another.with_suffix('.log')}."
    )


def _connected(path: Path) -> socket.socket:
    """Connect to the waiting process; start it where there is none."""
    sock = _connect(path)
    if sock is None:
        # Two that find none at the same time must not start two.
        with journal.alone(path):
            sock = _connect(path) or _start(path)
    return sock


def _connect(path: Path) -> socket.socket | None:
    sock = socket.socket(socket.AF_UNIX)
    try:
        sock.connect(str(path))
    except (FileNotFoundError, ConnectionRefusedError):
        sock.close()
        return None
    return sock


def _start(path: Path) -> socket.socket:
    with path.with_suffix(".log").open("wb") as log:
        subprocess.Popen(
            [sys.executable, "-m", "tfcourse.examiner.model_server", str(path)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment_of_others(),
            cwd="/",
            start_new_session=True,
        )
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        sock = _connect(path)
        if sock is not None:
            return sock
        time.sleep(0.02)
    raise GraderBroken(
        f"Expected the process that asks learners' models to listen within {START_SECONDS:.0f} s; it does not. "
        f"What it said is in {path.with_suffix('.log')}."
    )


@functools.cache
def _installation() -> str:
    """Return a digest of this installation and its code: a process with older code would answer in the old way."""
    parts = f"{tfcourse.__version__} {digest_package()} {Path(tfcourse.__file__).parent} {sys.prefix}"
    return hashlib.sha256(parts.encode()).hexdigest()[:12]


def _address() -> Path:
    """Return the socket's path: one for each user and each installation, in a folder that only the user can enter."""
    name = f"models-{_installation()}.sock"
    places = [tempfile.gettempdir(), "/tmp", platformdirs.user_cache_dir()]  # noqa: S108
    for base in (os.environ.get("XDG_RUNTIME_DIR"), *places):
        folder = Path(base or "") / f"tfcourse-{os.getuid()}"
        if not base or len(os.fsencode(folder / name)) + len(_ANOTHER) > _MOST_ADDRESS:
            continue
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
        except OSError:  # a runtime folder that is gone, or is another user's
            continue
        if _is_private(folder):
            return folder / name
    raise CourseError(f"Expected to make a folder in {tempfile.gettempdir()}; could not. Set TMPDIR to one of yours.")


def _is_private(folder: Path) -> bool:
    """Tell whether a folder is ours alone; False where another user has taken its name, so that it is passed over.

    Raises:
        CourseError: It is ours, and others can enter it.
    """
    found = folder.lstat()
    if found.st_uid != os.getuid():
        return False
    if not stat.S_ISDIR(found.st_mode) or found.st_mode & 0o077:
        raise CourseError(
            f"Expected {folder} to be a folder of yours that nobody else can enter; found another. Remove it."
        )
    return True


async def serve(path: Path, *, idle_seconds: float = IDLE_SECONDS) -> None:
    """Answer connections until nobody has asked for `idle_seconds`.

    Args:
        path: Of the socket; replaced where there is an old one.
        idle_seconds: Default: half an hour.
    """
    # Here, since they are not to be had on Windows, where the rest of this module is.
    from tfcourse.examiner.forking import SERVER_ENVIRONMENT, bound, host_job, start_server
    from tfcourse.kernels import sandbox
    from tfcourse.kernels.isolation import unused_uids

    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(16)
    listener.setblocking(False)
    confined = await asyncio.to_thread(sandbox.probe) is None
    uids: queue.SimpleQueue[int | None] = queue.SimpleQueue()
    spare: list[int | None] = [*unused_uids()[:MOST_AT_ONCE]] if confined else []
    for uid in spare or [None] * MOST_AT_ONCE:
        uids.put(uid)
    # Called in this thread, which lives as long as the process: bubblewrap ends with the thread that started it.
    server = start_server(PRELOAD, confined=confined)
    slots = asyncio.Semaphore(uids.qsize())
    answering: set[asyncio.Task[None]] = set()

    async def answer(sock: socket.socket) -> None:
        async with slots:
            uid = uids.get_nowait()
            try:
                with sock:
                    sock.setblocking(True)  # the fork inherits this, too
                    await asyncio.to_thread(functools.partial(server.wait_ready, 120))
                    hosted = await host_job(
                        server, sock, limits=LIMITS, confined=confined, uid=uid, environment=SERVER_ENVIRONMENT
                    )
                    with contextlib.suppress(OSError):  # who asked has gone
                        sock.send(CONFINED if confined else OPEN)
                try:
                    await bound(hosted, None, MOST_SECONDS)
                finally:
                    await asyncio.to_thread(hosted.close)
            except (KernelsError, OSError) as error:
                print(f"{error!r}", flush=True)
            finally:
                uids.put(uid)

    loop = asyncio.get_running_loop()
    try:
        while server.alive:
            try:
                sock, _ = await asyncio.wait_for(loop.sock_accept(listener), idle_seconds)
            except TimeoutError:
                if answering:
                    continue
                break
            task = asyncio.create_task(answer(sock))
            answering.add(task)
            task.add_done_callback(answering.discard)
    finally:
        path.unlink(missing_ok=True)
        listener.close()
        server.close()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
