"""The fork server: imports what is slow once, then forks a process at each request.

Run as ``python -m tfcourse.kernels.server DESCRIPTOR MODULE...`` by `tfcourse.kernels.host.ForkServer`.
DESCRIPTOR is one end of a pair of SOCK_SEQPACKET sockets, and the only way to talk to this process: it is
inherited, has no name, and is closed in every fork. Each packet is a JSON object; descriptors that a fork is
to get travel beside it. When the other end closes, everything that was forked is killed and the server ends.

It holds no secret: whatever lies in its memory can be read by every process that it forks.
"""

from __future__ import annotations

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
from typing import Any

PACKET = 2**18
"""Bytes of the largest request: an environment and a few paths."""
MOST_DESCRIPTORS = 16
_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Preload, say so, and serve until the other end closes."""
    control = socket.socket(fileno=int(arguments[0]))
    control.set_inheritable(False)
    began = time.perf_counter()
    try:
        preload(arguments[1:])
    except BaseException:
        _send(control, {"event": "failed", "error": traceback.format_exc(limit=-3)})
        return
    _send(control, {"event": "ready", "seconds": time.perf_counter() - began})
    Server(control).serve()


def preload(modules: list[str]) -> None:
    """Import `modules` and keep their pages shared: no garbage collection will touch them."""
    gc.disable()
    for name in modules:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    gc.enable()


class Server:
    """Forks, signals and reaps. Single-threaded: only then is a fork safe."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
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
            while True:
                for key, _ in selector.select():
                    if key.fileobj is woken:
                        with contextlib.suppress(BlockingIOError):
                            woken.recv(4096)
                    elif not self._answer():
                        self._kill_all()
                        return
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
        process = os.fork()
        if process == 0:
            os.close(pipe[0])
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
        descriptors: By name. ``output`` takes the place of stdout and stderr.
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


def _reset_signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _redirect(descriptors: dict[str, int]) -> None:
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    if "output" in descriptors:
        for standard in (1, 2):
            os.dup2(descriptors["output"], standard)
        os.close(descriptors.pop("output"))


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
