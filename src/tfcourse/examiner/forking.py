"""Learners' models, asked where they can do no harm: in a confined fork with no key near it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import Mapping, Sequence

from tfcourse.checks.records import Asked, ModelRequest
from tfcourse.checks.runtime import ENVIRONMENT
from tfcourse.examiner.model_job import DESCRIPTOR, ENTRY, ask, seconds_for
from tfcourse.examiner.secret import environment_of_others
from tfcourse.kernels import sandbox
from tfcourse.kernels.host import ForkServer
from tfcourse.kernels.hosted import SLOT, Hosted, host
from tfcourse.kernels.limits import Limits

WATCH_SECONDS = 0.1
SERVER_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "HOME": "/tmp",  # noqa: S108 - of the server, inside the sandbox
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    **ENVIRONMENT,
}
"""The variables of a fork server; the only ones where it is confined."""


def start_server(preload: Sequence[str], *, confined: bool) -> ForkServer:
    """Start a fork server, in a sandbox or outside.

    Args:
        preload: Modules that it imports before the first fork.
        confined: Whether it runs inside bubblewrap. Call it then from a thread that lives as long as the server.
    """
    if not confined:
        return ForkServer(preload, environment={**environment_of_others(), **SERVER_ENVIRONMENT})
    readable = sandbox.python_paths()

    def wrap(command: list[str]) -> list[str]:
        return sandbox.command(command, folder=SLOT, readable=readable, environment=SERVER_ENVIRONMENT)

    return ForkServer(preload, environment={"PATH": os.environ.get("PATH", os.defpath)}, wrap=wrap)


async def ask_in_fork(
    server: ForkServer,
    request: ModelRequest,
    *,
    limits: Limits,
    confined: bool,
    uid: int | None,
    environment: Mapping[str, str],
) -> Asked:
    """Have a learner's model asked in a fork of `server`.

    Args:
        server: See `start_server`.
        request: See `tfcourse.examiner.model_job.ask`, which also says what is raised.
        limits: What the fork may use.
        confined: Whether the server is.
        uid: The user that the fork becomes.
        environment: Of the fork.
    """
    ours, theirs = socket.socketpair()
    hosted = None
    try:
        with theirs:
            hosted = await host_job(server, theirs, limits=limits, confined=confined, uid=uid, environment=environment)
        # Whatever the model does, it is asked for no longer than any other answer.
        bounding = asyncio.create_task(bound(hosted, ours, seconds_for(request.wanted)))
        try:
            return await asyncio.to_thread(ask, ours, request)
        finally:
            bounding.cancel()
    finally:
        ours.close()
        if hosted is not None:
            await asyncio.to_thread(hosted.close)


async def host_job(
    server: ForkServer,
    sock: socket.socket,
    *,
    limits: Limits,
    confined: bool,
    uid: int | None,
    environment: Mapping[str, str],
) -> Hosted:
    """Fork a process that answers one request on `sock`; whoever holds the other end asks. See `ask_in_fork`."""
    return await host(
        server,
        ENTRY,
        {"isolated": confined},
        limits=limits,
        confined=confined,
        uid=uid,
        descriptors={DESCRIPTOR: sock.fileno()},
        environment=environment,
    )


async def bound(hosted: Hosted, sock: socket.socket | None, seconds: float) -> None:
    """End a process, and what is said with it, after some seconds or as soon as it takes too much memory.

    Returns as soon as the process has ended by itself, where there is no `sock` to be ended with it.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end and hosted.watch.poll() is None:
        if sock is None and hosted.process.poll() is not None:
            return
        await asyncio.sleep(WATCH_SECONDS)
    hosted.process.kill()
    if sock is not None:
        with contextlib.suppress(OSError):  # without a sandbox, something that it started may still hold the other end
            sock.shutdown(socket.SHUT_RDWR)
