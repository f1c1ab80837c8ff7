"""A fork becomes an IPython kernel. Runs in the forked process; see `tfcourse.kernels.server`."""

from __future__ import annotations

import atexit
import importlib.util
import json
import logging
import os
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any, ClassVar

import zmq
from ipykernel.kernelapp import IPKernelApp

from tfcourse.kernels.hosted import report
from tfcourse.kernels.preload import PRELOAD as PRELOAD


class WarmKernelApp(IPKernelApp):
    """An IPython kernel whose sockets may have been made by somebody else.

    Attributes:
        given: Channel name to the descriptor of a listening socket. The kernel then neither sees nor can replace
            the files that a client connects to, and has no heartbeat: its owner watches the process itself.
    """

    given: ClassVar[dict[str, int]] = {}

    def _try_bind_socket(self, s: Any, port: int) -> int:
        channels = {getattr(self, f"{name}_port"): name for name in self.given}
        if port in channels:
            s.setsockopt(zmq.USE_FD, self.given[channels[port]])
            # The owner bounds what it takes, so nothing may be dropped: without the message that the kernel is
            # idle, a cell would never end. What waits here counts as the kernel's own memory.
            s.sndhwm = 0
        return int(super()._try_bind_socket(s, port))

    def init_heartbeat(self) -> None:
        """Start the heartbeat, where the kernel has a place for it."""
        if not self.given:
            super().init_heartbeat()


def serve(arguments: dict[str, Any], descriptors: dict[str, int]) -> None:
    """Be a kernel until it is shut down.

    Args:
        arguments: ``argv``: of the kernel, after the program's name; ``connection``: what a connection file would
            hold, where `argv` names none; ``expose``: environment variables that are to hold a descriptor's number.
        descriptors: Listening sockets by channel (``shell``, ``iopub``, ``stdin``, ``control``); none for a kernel
            that binds its own.
    """
    if "report" in descriptors:
        report(descriptors.pop("report"))
    for variable, name in arguments.get("expose", {}).items():
        os.environ[variable] = str(descriptors[name])
    argv = list(arguments["argv"])
    if "connection" in arguments:
        own = Path(tempfile.mkdtemp())
        (own / "connection.json").write_text(json.dumps(arguments["connection"]), encoding="utf-8")
        argv = ["-f", str(own / "connection.json"), *argv]
        # A profile is made anew for each, and is not left in the working folder.
        os.environ["IPYTHONDIR"] = str(own)
    launcher = importlib.util.find_spec("ipykernel_launcher")
    sys.argv = [str(launcher.origin) if launcher else "ipykernel_launcher", *argv]
    # A number of a process that is not this one's parent: with it, the kernel would take itself for an orphan.
    os.environ.pop("JPY_PARENT_PID", None)
    if os.getppid() > 0:
        os.environ["JPY_PARENT_PID"] = str(os.getppid())
    _choose_backend()
    channels = ("shell", "iopub", "stdin", "control")
    WarmKernelApp.given = {name: descriptors[name] for name in channels if name in descriptors}
    app = WarmKernelApp.instance() if WarmKernelApp.given else IPKernelApp.instance()
    try:
        before = sys.stdout, sys.stderr
        handlers = _stream_handlers()
        if not WarmKernelApp.given:
            app.parent_handle = os.getppid()  # it has read JPY_PARENT_PID while it was imported
        app.initialize(argv)
        for handler in handlers:
            # Made while modules were preloaded; made in a notebook, it would write into the notebook.
            for old, new in zip(before, (sys.stdout, sys.stderr), strict=True):
                if vars(handler).get("stream") is old:
                    handler.setStream(new)
        app.start()
    finally:
        if not WarmKernelApp.given:
            _finish()


def _choose_backend() -> None:
    """Let MPLBACKEND count although matplotlib has been imported, as it does before an import."""
    if "matplotlib" in sys.modules:
        backend = os.environ.get("MPLBACKEND") or "module://matplotlib_inline.backend_inline"
        os.environ["MPLBACKEND"] = backend
        dict.__setitem__(sys.modules["matplotlib"].rcParams, "backend", backend)


def _stream_handlers() -> list[Any]:
    """Return all handlers of all loggers that write to a stream."""
    handlers = [reference() for reference in logging._handlerList]  # type: ignore[attr-defined]
    return [handler for handler in handlers if isinstance(handler, logging.StreamHandler)]


def _finish() -> None:
    """Do what Python does at its end, and `os._exit` leaves out: threads, then what was registered for the exit.

    IPython's history is saved there, and temporary folders are removed.
    """
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
