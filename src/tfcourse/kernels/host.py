"""The owner's side of the fork server."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tfcourse.kernels.errors import KernelsError, PreloadFailed, ServerDied
from tfcourse.kernels.limits import Limits
from tfcourse.kernels.server import PACKET


@dataclass(frozen=True)
class Confinement:
    """How a fork is confined; needs a server inside a sandbox.

    Args:
        folder: Where its own files lie; an empty folder in the sandbox.
        limits: What it may use.
        uid: The user that it becomes, where the server is root; None where it is not.
    """

    folder: str
    limits: Limits
    uid: int | None


class Forked:
    """A process that the server forked."""

    def __init__(self, id: int, server: ForkServer) -> None:
        self.id = id
        self.pid: int | None = None
        """Its number, once it is known; where it is confined, as its sandbox counts."""
        self.returncode: int | None = None
        self._server = server
        self._known = threading.Event()
        self._ended = threading.Event()
        self._error: str | None = None
        self._watchers: list[Callable[[], None]] = []

    def poll(self) -> int | None:
        """Return how the process ended: its exit code, minus a signal's number, or None while it runs."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for its end, at most `timeout` seconds. Returns as `poll`."""
        self._ended.wait(timeout)
        return self.returncode

    def when_ended(self, call: Callable[[], None]) -> None:
        """Have `call` called once the process has ended, in another thread; at once where it has."""
        self._watchers.append(call)
        if self._ended.is_set():
            self._tell()

    def signal(self, number: int) -> None:
        """Send a signal to the process: where it is not confined, to its whole process group."""
        if self.returncode is None:
            self._server.send({"do": "signal", "id": self.id, "signal": int(number)})

    def kill(self) -> None:
        """Kill it, and where it is confined, whatever it has started."""
        self.signal(signal.SIGKILL)

    def end(self, code: int, error: str | None = None) -> None:
        """Note its end; called by the server's reader."""
        self._error = error
        self.returncode = code
        self._known.set()
        self._ended.set()
        self._tell()

    def started(self, pid: int) -> None:
        """Note that it runs; called by the server's reader."""
        self.pid = pid
        self._known.set()

    def wait_started(self, timeout: float | None = None) -> None:
        """Wait until the process runs.

        Raises:
            ServerDied: It could not be forked.
        """
        self._known.wait(timeout)
        if self._error is not None:
            raise ServerDied(self._error)

    def _tell(self) -> None:
        while True:
            try:
                call = self._watchers.pop()
            except IndexError:  # two threads may come here, and each watcher is told once
                return
            call()


class ForkServer:
    """Starts a fork server and asks it for processes.

    ::

        with ForkServer(["tensorflow"]) as server:
            process = server.fork("package.module:function", {"any": "JSON"})
            process.wait()

    Ends with this object, and with this process at the latest.

    Args:
        preload: Modules that it imports before the first fork.
        environment: Of the server; some variables are read when a module is imported. Default: this process's.
        wrap: Turns the server's command line into the one that is run: puts it into a sandbox, say.
        folder: Working directory of the server.
    """

    def __init__(
        self,
        preload: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        wrap: Callable[[list[str]], list[str]] = lambda command: command,
        folder: str = "/",
    ) -> None:
        self._ids = itertools.count(1)
        self._processes: dict[int, Forked] = {}
        self._lock = threading.Lock()
        self._ready = threading.Event()
        self._failure: ServerDied | None = None
        self.preload_seconds: float | None = None
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        for end in (self._control, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * PACKET)
        command = wrap([sys.executable, "-m", "tfcourse.kernels.server", str(theirs.fileno()), *preload])
        with theirs:
            self._process = subprocess.Popen(
                command,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env=None if environment is None else dict(environment),
                cwd=folder,
                # Ctrl-C in the owner's terminal is for the owner.
                start_new_session=True,
            )
        self._reader = threading.Thread(target=self._read, name="fork server", daemon=True)
        self._reader.start()

    def __enter__(self) -> ForkServer:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """Return the process that was started: the server, or the sandbox around it."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Tell whether forks can still be had."""
        return self._failure is None

    def wait_ready(self, timeout: float | None = None) -> None:
        """Wait until everything is imported.

        Raises:
            ServerDied: It ended before, or is not ready in time.
            PreloadFailed: It could not import something; the message holds the traceback.
        """
        if not self._ready.wait(timeout):
            raise ServerDied(f"Expected the fork server to be ready within {timeout:.0f} s; it is not.")
        if self._failure is not None:
            raise type(self._failure)(*self._failure.args)

    def fork(
        self,
        entry: str,
        arguments: Mapping[str, Any],
        *,
        descriptors: Mapping[str, int] | None = None,
        environment: Mapping[str, str] | None = None,
        folder: str = "/",
        confine: Confinement | None = None,
    ) -> Forked:
        """Fork a process that calls a function. Waits for the preloading, but not for the fork.

        Args:
            entry: ``module:function``, called with `arguments` and the descriptors by name.
            arguments: Whatever JSON can hold.
            descriptors: Inherited by the process under other numbers; ``output`` replaces stdout and stderr,
                ``stdout`` and ``stderr`` one of them.
            environment: Default: this process's.
            folder: Working directory, where it is not confined.
            confine: What it may see and use; None for no bound at all.

        Raises:
            ServerDied: There is no server any more.
            KernelsError: The request is too large.
        """
        self.wait_ready()
        descriptors = descriptors or {}
        with self._lock:
            process = Forked(next(self._ids), self)
            self._processes[process.id] = process
        request = {
            "do": "fork",
            "id": process.id,
            "entry": entry,
            "arguments": dict(arguments),
            "descriptors": list(descriptors),
            "environment": dict(os.environ if environment is None else environment),
            "folder": folder,
            "confine": None if confine is None else asdict(confine),
        }
        try:
            self.send(request, list(descriptors.values()))
        except KernelsError:
            with self._lock:
                self._processes.pop(process.id, None)
            raise
        return process

    def send(self, request: Mapping[str, Any], descriptors: Sequence[int] = ()) -> None:
        """Send a request.

        Raises:
            ServerDied: There is no server any more.
            KernelsError: The request is too large.
        """
        packet = json.dumps(request).encode()
        if len(packet) > PACKET:
            raise KernelsError(
                f"Expected a request to the fork server of at most {PACKET} bytes, found {len(packet)}: "
                "its environment variables may be too many."
            )
        try:
            socket.send_fds(self._control, [packet], descriptors)
        except OSError as error:
            if request["do"] == "signal":
                return  # what was to be signalled has gone with the server
            raise self._failure or ServerDied(f"The fork server does not answer: {error}") from error

    def close(self) -> None:
        """End the server and everything that it forked."""
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(5)
        self._control.close()

    def forget(self) -> None:
        """Let go of the server without ending it: in a fork of its owner, to which it does not belong."""
        self._control.close()
        self._process.returncode = 0  # or Python would wait for a process that is not this one's child

    def _read(self) -> None:
        """Take the server's events until it ends."""
        failure = ServerDied("The fork server has ended.")
        while True:
            try:
                packet = self._control.recv(PACKET)
            except OSError:
                break
            if not packet:
                break
            event = json.loads(packet)
            process = self._processes.get(event.get("id", 0))
            if event["event"] == "ready":
                self.preload_seconds = event["seconds"]
                self._ready.set()
            elif event["event"] == "failed" and process is None:
                failure = PreloadFailed(event["error"].strip())
            elif process is not None:
                if event["event"] == "forked":
                    process.started(event["process"])
                else:
                    with self._lock:
                        del self._processes[process.id]
                    process.end(event.get("code", 1), event.get("error"))
        self._failure = failure
        self._ready.set()
        with self._lock:
            orphans, self._processes = list(self._processes.values()), {}
        for process in orphans:
            process.end(-signal.SIGKILL, str(failure))
