"""The fork server that this process shares among its kernels: started by the first, ended when the last has gone.

::

    process = shared(("numpy",)).fork("package.module:function", {}, environment=os.environ, folder=".")

Kernels for people, who trust one another: nothing is confined here.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from tfcourse.kernels.errors import KernelsError, PreloadFailed, ServerDied
from tfcourse.kernels.host import Forked, ForkServer

SWITCH = "TFCOURSE_WARM"
"""Environment variable that switches warm kernels off when it is ``0``."""
IDLE_SECONDS = 600.0
READY_SECONDS = 180.0
MOST_DEATHS = 2

READ_AT_START = ("PYTHON", "LD_", "LC_", "TF_", "XLA_", "KERAS_", "OMP_", "OPENBLAS_", "MKL_")
"""How variables begin that Python or a preloaded library reads once, and not again after a fork."""
ALSO_READ_AT_START = {"LANG", "LANGUAGE", "HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "MATPLOTLIBRC", "MPLCONFIGDIR"}
READ_LATER = {"TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"}
"""Exceptions: TensorFlow reads them at its first operation."""


def why_not(environment: Mapping[str, str] | None = None) -> str | None:
    """Return why this machine has no warm kernels; None where it has.

    Args:
        environment: May switch them off. Default: this process's.
    """
    if sys.platform != "linux":
        return f"Expected Linux, where a process can be forked safely; found {sys.platform}."
    if (os.environ if environment is None else environment).get(SWITCH) == "0":
        return f"They are switched off: {SWITCH}=0."
    return None


def probe() -> str | None:
    """Start a fork server with nothing in it, fork once, and return what is wrong; None where nothing is."""
    reason = why_not()
    if reason is None:
        server = WarmServer([])
        try:
            code = server.fork(f"{__name__}:nothing", {}, environment=os.environ, folder="/").wait(10)
        except (KernelsError, OSError) as error:
            reason = str(error)
        else:
            reason = None if code == 0 else f"Expected a forked process to end with code 0; found {code}."
        finally:
            server.close()
    return reason


def nothing(arguments: dict[str, Any], descriptors: dict[str, int]) -> None:
    """Do nothing, in a fork."""


class WarmServer:
    """A fork server that comes and goes with its users.

    Args:
        preload: Modules that it imports, see `tfcourse.kernels.server`.
        idle_seconds: How long it stays after its last process has ended. Default: ten minutes.
        ready_seconds: How long a process waits for the imports. Default: three minutes.
    """

    def __init__(
        self, preload: Sequence[str], *, idle_seconds: float = IDLE_SECONDS, ready_seconds: float = READY_SECONDS
    ) -> None:
        self.idle_seconds = idle_seconds
        self.ready_seconds = ready_seconds
        self._preload = tuple(preload)
        self._lock = threading.Lock()
        self._server: ForkServer | None = None
        self._started_with: dict[str, str] = {}
        self._users = 0
        self._deaths = 0
        self._given_up: str | None = None
        self._timer: threading.Timer | None = None

    @property
    def pid(self) -> int | None:
        """Return the server's process, None where there is none."""
        server = self._server
        return server.pid if server is not None and server.alive else None

    def fork(
        self,
        entry: str,
        arguments: Mapping[str, Any],
        *,
        environment: Mapping[str, str],
        folder: str,
        descriptors: Mapping[str, int] | None = None,
    ) -> Forked:
        """Fork a process and wait until it runs; starts the server where there is none.

        Args:
            entry: See `ForkServer.fork`, also for the other arguments.
            arguments: For `entry`.
            environment: Of the process.
            folder: Its working directory.
            descriptors: Given to the process.

        Raises:
            KernelsError: There is no such process to be had; the message says why.
        """
        while True:
            server = self._enter(environment)
            try:
                server.wait_ready(self.ready_seconds)
                process = server.fork(entry, arguments, environment=environment, folder=folder, descriptors=descriptors)
                process.wait_started()
            except PreloadFailed as error:
                self._given_up = f"The fork server could not import what it is to import:\n{error}"
                self._leave()
                raise KernelsError(self._given_up) from error
            except ServerDied:
                self._leave()
                if server.alive:
                    raise
                # `_enter` counts this end, and replaces the server or gives up.
            except BaseException:
                self._leave()
                raise
            else:
                process.when_ended(self._leave)
                return process

    def close(self) -> None:
        """End the server and all its processes, for good."""
        with self._lock:
            self._given_up = "This process is ending."
            server, self._server = self._server, None
            self._stop_timer()
        if server is not None:
            server.close()

    def forget(self) -> None:
        """Let go of the server without ending it: for a fork of this process, to which it does not belong."""
        self._lock = threading.Lock()
        server, self._server = self._server, None
        if server is not None:
            server.forget()

    def _enter(self, environment: Mapping[str, str]) -> ForkServer:
        """Count a user, and return the server that it is to use."""
        wanted = {name: value for name, value in environment.items() if _read_at_start(name)}
        old = None
        try:
            with self._lock:
                self._stop_timer()
                if self._server is not None and not self._server.alive:
                    old, self._server = self._server, None
                    self._deaths += 1
                    if self._deaths >= MOST_DEATHS:
                        self._given_up = self._given_up or f"The fork server has ended {self._deaths} times."
                if self._given_up is not None:
                    raise KernelsError(self._given_up)
                if self._server is not None and wanted != self._started_with:
                    if self._users:
                        raise KernelsError(
                            f"It needs other values of {self._differing(wanted)} than the kernels that run."
                        )
                    old, self._server = self._server, None
                if self._server is None:
                    # The environment decides what is imported how; but not where pictures go, which is asked later.
                    own = {name: value for name, value in environment.items() if name != "MPLBACKEND"}
                    # The debugger would complain about modules that Python has compiled into itself.
                    own.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
                    self._server = ForkServer(self._preload, environment=own)
                    self._started_with = wanted
                self._users += 1
                return self._server
        finally:
            # Not while the lock is held: the old server's last processes report their end, and need it.
            if old is not None:
                old.close()

    def _leave(self) -> None:
        with self._lock:
            self._users -= 1
            if self._users or self._server is None:
                return
            self._stop_timer()
            self._timer = threading.Timer(self.idle_seconds, self._end_idle)
            self._timer.daemon = True
            with contextlib.suppress(RuntimeError):  # no threads any more: this process is ending
                self._timer.start()

    def _end_idle(self) -> None:
        with self._lock:
            if self._users:
                return
            server, self._server = self._server, None
        if server is not None:
            server.close()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _differing(self, wanted: Mapping[str, str]) -> str:
        names = {*wanted, *self._started_with}
        return ", ".join(sorted(name for name in names if wanted.get(name) != self._started_with.get(name)))


def _read_at_start(name: str) -> bool:
    return (name.startswith(READ_AT_START) or name in ALSO_READ_AT_START) and name not in READ_LATER


_servers: dict[tuple[Any, ...], WarmServer] = {}
_lock = threading.Lock()


def shared(preload: Sequence[str], environment: Mapping[str, str] | None = None) -> WarmServer:
    """Return this process's server with these modules, for kernels that share these settings of theirs."""
    with _lock:
        key = (*preload, *sorted((environment or {}).items()))
        return _servers.setdefault(key, WarmServer(preload))


def _close_all() -> None:
    for server in list(_servers.values()):
        server.close()


def _forget_all() -> None:
    global _lock
    _lock = threading.Lock()
    for server in _servers.values():
        server.forget()
    _servers.clear()


atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
