"""A fork becomes an IPython kernel. Runs in the forked process; see `tfcourse.kernels.server`."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any, ClassVar

import zmq
from ipykernel.kernelapp import IPKernelApp

from tfcourse.kernels.hosted import report

PRELOAD = (
    "tfcourse.kernels.kernel",
    # What a kernel imports in its first milliseconds.
    "ipykernel.ipkernel",
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "ipykernel.datapub",
    "ipykernel.subshell_manager",
)
"""Modules that make a kernel start sooner; those that do not exist in some version are left out by the caller."""


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
    sys.argv = ["ipykernel_launcher", *argv]
    # A number of a process that is not this one's parent: with it, the kernel would take itself for an orphan.
    os.environ.pop("JPY_PARENT_PID", None)
    if os.getppid() > 0:
        os.environ["JPY_PARENT_PID"] = str(os.getppid())
    _choose_backend()
    channels = ("shell", "iopub", "stdin", "control")
    WarmKernelApp.given = {name: descriptors[name] for name in channels if name in descriptors}
    app = WarmKernelApp.instance()
    app.initialize(argv)
    app.start()


def _choose_backend() -> None:
    """Let MPLBACKEND count although matplotlib has been imported, as it does before an import."""
    if "matplotlib" in sys.modules:
        backend = os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
        dict.__setitem__(sys.modules["matplotlib"].rcParams, "backend", backend)
