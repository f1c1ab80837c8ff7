"""The fork server: imports what is slow once, then forks a process at each request.

Run as ``python -m tfcourse.kernels.server DESCRIPTOR MODULE...`` by `tfcourse.kernels.host.ForkServer`.
DESCRIPTOR is one end of a pair of SOCK_SEQPACKET sockets, and the only way to talk to this process: it is
inherited, has no name, and is closed in every fork. Each packet is a JSON object; descriptors that a fork is
to get travel beside it. When the other end closes, or the process that started this one ends, everything that was
forked is killed and the server ends.

A MODULE with a question mark after its name is imported where it exists.

It holds no secret: whatever lies in its memory can be read by every process that it forks.
"""

from __future__ import annotations

import builtins
import contextlib
import ctypes
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

PACKET = 2**18
"""Bytes of the largest request: an environment and a few paths."""
MOST_DESCRIPTORS = 16
_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Preload, say so, and serve until the other end closes."""
    control = socket.socket(fileno=int(arguments[0]))
    control.set_inheritable(False)
    # `python -m` has put the working folder there; a kernel puts its own.
    if sys.path and sys.path[0] in {"", str(Path.cwd())}:
        del sys.path[0]
    began = time.perf_counter()
    before = dict(os.environ)
    try:
        with _silence(), _as_in_a_notebook():
            preload(arguments[1:])
    except BaseException:
        _send(control, {"event": "failed", "error": traceback.format_exc(limit=-3)})
        return
    _send(control, {"event": "ready", "seconds": time.perf_counter() - began})
    Server(control, {name: value for name, value in os.environ.items() if before.get(name) != value}).serve()


def preload(modules: list[str]) -> None:
    """Import `modules` and keep their pages shared: no garbage collection will touch them.

    Raises:
        RuntimeError: They have left threads behind.
    """
    gc.disable()
    for name in modules:
        try:
            importlib.import_module(name.removesuffix("?"))
        except ModuleNotFoundError as error:
            if not name.endswith("?") or error.name != name.removesuffix("?"):
                raise
    gc.collect()
    gc.freeze()
    gc.enable()
    _end_threads()


class _ZMQShell:
    """Stands in for the shell of IPython while modules are imported; pandas looks at its name."""

    kernel = None
    config: ClassVar[dict[str, Any]] = {"IPKernelApp": {}}


@contextlib.contextmanager
def _as_in_a_notebook() -> Iterator[None]:
    """Have libraries that ask at their import whether they are in a notebook find one.

    TensorFlow decides then where it prints, pandas how wide a table is.
    """
    sys.ps1 = "In : "  # type: ignore[attr-defined,unused-ignore]
    builtins.get_ipython = _ZMQShell  # type: ignore[attr-defined]
    try:
        yield
    finally:
        del sys.ps1, builtins.get_ipython  # type: ignore[attr-defined,unused-ignore]


def _end_threads() -> None:
    """Have idle threads of native libraries ended, and see that no other is left.

    OpenBLAS keeps some, ends them when the process forks, and starts them again where they are needed.
    """
    process = os.fork()
    if process == 0:
        os._exit(0)
    os.waitpid(process, 0)
    if sys.platform == "linux":
        count = len(os.listdir("/proc/self/task"))
        if count > 1:
            names = sorted(
                Path(f"/proc/self/task/{task}/comm").read_text(encoding="utf-8", errors="replace").strip()
                for task in os.listdir("/proc/self/task")
            )
            raise RuntimeError(
                f"Expected one thread after the preloading, as a fork is safe from no more; found {count}: "
                f"{', '.join(names)}. Preload without the module that starts them."
            )


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Keep what libraries write while they are imported from the owner's terminal; errors are told by packet."""
    kept = [(number, os.dup(number)) for number in (1, 2)]
    with open(os.devnull, "wb") as nothing:
        for number, _ in kept:
            os.dup2(nothing.fileno(), number)
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):
                stream.flush()
        for number, copy in kept:
            os.dup2(copy, number)
            os.close(copy)


class Server:
    """Forks, signals and reaps. Single-threaded: only then is a fork safe.

    Args:
        control: Our end of the pair of sockets.
        environment: Variables that the preloaded modules have set, as they would have in the process itself.
    """

    def __init__(self, control: socket.socket, environment: dict[str, str]) -> None:
        self._control = control
        self._environment = environment
        self._running: dict[int, int] = {}  # request -> process
        self._inner: dict[int, int] = {}  # request -> first process of its own PID namespace

    def serve(self) -> None:
        """Answer requests until the other end closes."""
        # A signal that arrives while select sleeps is written to this pair, and wakes it.
        wake, woken = socket.socketpair()
        wake.setblocking(False)
        woken.setblocking(False)
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda signum, frame: None)
        for ignored in (signal.SIGINT, signal.SIGTERM):  # an owner's Ctrl-C is the owner's affair
            signal.signal(ignored, signal.SIG_IGN)
        with selectors.DefaultSelector() as selector:
            selector.register(self._control, selectors.EVENT_READ)
            selector.register(woken, selectors.EVENT_READ)
            # The owner's end may have been inherited by something that outlives the owner.
            owner = _open_owner()
            if owner is not None:
                selector.register(owner, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if key.fileobj is woken:
                        with contextlib.suppress(BlockingIOError):
                            woken.recv(4096)
                    elif key.fileobj == owner or not self._answer():
                        self._kill_all()
                        # What was imported has nothing to save, and takes its time to end.
                        os._exit(0)
                self._reap()

    def _answer(self) -> bool:
        """Handle one request. Returns False where the other end has closed."""
        try:
            packet, descriptors, _, _ = socket.recv_fds(self._control, PACKET, MOST_DESCRIPTORS)
        except ConnectionError:
            return False
        if not packet:
            return False
        request = json.loads(packet)
        try:
            if request["do"] == "fork":
                self._fork(request, descriptors)
            elif request["do"] == "signal":
                self._signal(request["id"], request["signal"])
        except OSError as error:
            self._report({"event": "failed", "id": request["id"], "error": f"{error}"})
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        return True

    def _fork(self, request: dict[str, Any], descriptors: list[int]) -> None:
        pipe = os.pipe()
        try:
            process = os.fork()
        except OSError:
            os.close(pipe[0])
            os.close(pipe[1])
            raise
        if process == 0:
            os.close(pipe[0])
            request["environment"] = {**self._environment, **request["environment"]}
            become(request, dict(zip(request["descriptors"], descriptors, strict=True)), pipe[1])
        os.close(pipe[1])
        with os.fdopen(pipe[0], "rb") as started:
            # Closed when the fork is on its way; a confined one has told which process to signal by then.
            told = started.read()
        self._running[request["id"]] = process
        self._inner[request["id"]] = int(told) if told else process
        self._report({"event": "forked", "id": request["id"], "process": self._inner[request["id"]]})

    def _signal(self, id: int, number: int) -> None:
        inner = self._inner.get(id)
        if inner is None:
            return
        with contextlib.suppress(ProcessLookupError):
            if inner != self._running[id]:
                os.kill(inner, number)
            else:
                os.killpg(inner, number)

    def _kill_all(self) -> None:
        for id in self._running:
            self._signal(id, signal.SIGKILL)

    def _reap(self) -> None:
        while self._running:
            try:
                process, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if process == 0:
                return
            for id in [id for id, running in self._running.items() if running == process]:
                if self._inner[id] == process:
                    # What an ordinary kernel started and left in its process group goes with it.
                    with contextlib.suppress(ProcessLookupError, PermissionError):
                        os.killpg(process, signal.SIGKILL)
                del self._running[id], self._inner[id]
                self._report({"event": "ended", "id": id, "code": os.waitstatus_to_exitcode(status)})

    def _report(self, event: dict[str, Any]) -> None:
        _send(self._control, event)


def become(request: dict[str, Any], descriptors: dict[str, int], started: int) -> None:
    """Turn a fresh fork into what was asked for. Never returns.

    Args:
        request: ``entry`` (``module:function``, called with ``arguments`` and the descriptors), ``environment``,
            ``folder`` (working directory) and ``confine`` (None, or the arguments of
            `tfcourse.kernels.isolation.enter`).
        descriptors: By name. ``output`` takes the place of stdout and stderr, ``stdout`` and ``stderr`` of one of them.
        started: A pipe; a confined process writes the number of the process to signal. Closed once it runs.
    """
    code = 1
    try:
        os.setsid()
        _reset_signals()
        die_with_parent()
        _redirect(descriptors)
        _close_others({*descriptors.values(), started})
        os.environ.clear()
        os.environ.update(request["environment"])
        time.tzset()
        _reseed()
        if request["confine"] is not None:
            from tfcourse.kernels.isolation import enter
            from tfcourse.kernels.limits import Limits

            confine = request["confine"]

            def tell(process: int) -> None:
                os.write(started, b"%d" % process)
                os.close(started)

            enter(confine["folder"], Limits(**confine["limits"]), uid=confine["uid"], started=tell)
            with contextlib.suppress(OSError):
                os.close(started)
        else:
            os.close(started)
            os.chdir(request["folder"])
        module, function = request["entry"].split(":")
        getattr(importlib.import_module(module), function)(request["arguments"], descriptors)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):
                stream.flush()
        os._exit(code)


def die_with_parent() -> None:
    """Ask the kernel to kill this process when the one that forked it ends. Linux only; elsewhere nothing."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _open_owner() -> int | None:
    """Return a descriptor that becomes readable when the process that started this one ends; None without one."""
    if sys.platform != "linux" or os.getppid() == 0:
        return None
    try:
        return os.pidfd_open(os.getppid())
    except OSError:
        return None


def _reset_signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _redirect(descriptors: dict[str, int]) -> None:
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    for name, standards in (("output", (1, 2)), ("stdout", (1,)), ("stderr", (2,))):
        if name in descriptors:
            for standard in standards:
                os.dup2(descriptors[name], standard)
            os.close(descriptors.pop(name))


def _close_others(kept: set[int]) -> None:
    for name in os.listdir("/proc/self/fd" if sys.platform == "linux" else "/dev/fd"):
        if int(name) > 2 and int(name) not in kept:
            with contextlib.suppress(OSError):
                os.close(int(name))


def _reseed() -> None:
    """Python's own generator reseeds itself after a fork; NumPy's would give every kernel the same numbers."""
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()


def _send(control: socket.socket, event: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):  # the owner has gone; the next read tells
        control.send(json.dumps(event).encode())


if __name__ == "__main__":
    main(sys.argv[1:])
