"""A process of the fork server with a folder of its own, and a kernel in it: started, bounded, ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tfcourse.kernels import slot
from tfcourse.kernels.errors import KernelsError
from tfcourse.kernels.host import Confinement, Forked, ForkServer
from tfcourse.kernels.limits import Limits
from tfcourse.kernels.watch import Watch

CHANNELS = ("shell", "iopub", "stdin", "control")
SLOT = "/slot"
"""Where a confined process finds its own folder."""
LONGEST_PARENT = 60
START_SECONDS = 60.0
"""After which a fork that has not reported is taken for lost."""


@dataclass
class Hosted:
    """A running process with its folder.

    Args:
        process: The fork.
        folder: Descriptor of its working folder; stays readable after its end.
        watch: Bounds its memory.
    """

    process: Forked
    folder: int
    watch: Watch
    _clean: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def end(self) -> None:
        """Kill the process and all that it has started; its folder stays."""
        self.process.kill()
        self.process.wait(10)

    def close(self) -> None:
        """End the process and forget its folder."""
        self.end()
        self._clean.close()


async def host(
    server: ForkServer,
    entry: str,
    arguments: Mapping[str, Any],
    *,
    limits: Limits,
    confined: bool,
    uid: int | None = None,
    files: Mapping[str, bytes] | None = None,
    descriptors: Mapping[str, int] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Hosted:
    """Fork a process into a folder of its own.

    It begins only when its folder is filled and its memory is watched.

    Args:
        server: Inside a sandbox, where `confined`.
        entry: See `ForkServer.fork`.
        arguments: See `ForkServer.fork`.
        limits: What it may use.
        confined: False for a process that sees what this one sees: only its memory is bounded.
        uid: The user that it becomes, see `Confinement`.
        files: Relative path to content, put into its folder.
        descriptors: Given to the process.
        environment: Of the process; HOME and TMPDIR are set to its own folder.

    Raises:
        KernelsError: It could not be started.
    """
    with contextlib.ExitStack() as clean:
        ours, theirs = socket.socketpair()
        clean.enter_context(theirs)
        failed = clean.enter_context(contextlib.ExitStack())
        failed.callback(ours.close)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        ours.setblocking(False)
        own = SLOT
        if not confined:
            own = tempfile.mkdtemp(prefix="tfcourse-")
            clean.callback(_remove, own)
            for name in ("work", "tmp"):
                os.mkdir(f"{own}/{name}")
        with open(os.devnull, "wb") as nowhere:
            process = server.fork(
                entry,
                arguments,
                descriptors={"report": theirs.fileno(), "output": nowhere.fileno(), **(descriptors or {})},
                environment={**(environment or {}), "HOME": f"{own}/work", "TMPDIR": f"{own}/tmp"},  # noqa: S108
                folder="/" if confined else f"{own}/work",
                confine=Confinement(SLOT, limits, uid) if confined else None,
            )
        theirs.close()
        clean.callback(process.wait, 5)
        clean.callback(process.kill)
        try:
            pid, folder = await asyncio.wait_for(_reported(ours), START_SECONDS)
        except (TimeoutError, EOFError, OSError) as error:
            process.kill()
            process.wait(5)
            raise KernelsError(
                f"Expected a fork to report within {START_SECONDS:.0f} s; found {error!r} and exit {process.poll()}."
            ) from error
        clean.callback(os.close, folder)
        watch = Watch(limits, confined=confined)
        clean.callback(watch.close)
        watch.add(pid)
        slot.put(folder, files or {}, uid)
        ours.setblocking(True)
        with ours:
            ours.send(b"g")
        failed.pop_all()
        # From here on the folder and the watch live as long as what is returned.
        return Hosted(process, folder, watch, clean.pop_all())


def _remove(folder: str) -> None:
    """Remove a folder, however deep."""
    try:
        shutil.rmtree(folder, ignore_errors=True)
    except RecursionError:
        subprocess.run(["/bin/rm", "-rf", "--", folder], check=False)


def report(descriptor: int) -> None:
    """Tell who hosts this process its number and its folder, and wait until it may begin.

    Called in the fork, before anything of a submission runs.

    Raises:
        SystemExit: The host has gone.
    """
    folder = os.open(".", os.O_RDONLY | os.O_DIRECTORY)
    with socket.socket(fileno=descriptor) as channel:
        socket.send_fds(channel, [b"r"], [folder])
        os.close(folder)
        if channel.recv(1) != b"g":
            raise SystemExit(1)


async def _reported(channel: socket.socket) -> tuple[int, int]:
    """Wait for a fork's report: its process number as seen from here, and its folder."""
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(channel, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(channel)
    space = socket.CMSG_SPACE(struct.calcsize("3i")) + socket.CMSG_SPACE(struct.calcsize("i"))
    message, ancillary, _, _ = channel.recvmsg(1, space)
    if not message:
        raise EOFError("the fork ended")
    pid = folder = -1
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS:
            # Written by the operating system, and translated to our view.
            pid = struct.unpack("3i", data)[0]
        elif level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            folder = struct.unpack("i", data[:4])[0]
    return pid, folder


@dataclass
class HostedKernel:
    """A kernel in a hosted process.

    Args:
        hosted: The process.
        connection: What a client needs, as in a connection file.
    """

    hosted: Hosted
    connection: dict[str, Any]
    _sockets: Path

    def interrupt(self) -> None:
        """Raise KeyboardInterrupt in the cell that runs."""
        self.hosted.process.signal(signal.SIGINT)

    def forget_sockets(self) -> None:
        """Remove the files of its sockets, once its owner is connected: nobody else is to connect."""
        shutil.rmtree(self._sockets, ignore_errors=True)

    def close(self) -> None:
        """End the kernel."""
        self.hosted.close()
        self.forget_sockets()


async def host_kernel(
    server: ForkServer,
    *,
    argv: tuple[str, ...] = (),
    expose: Mapping[str, str] | None = None,
    sockets: str | None = None,
    **more: Any,
) -> HostedKernel:
    """Fork a kernel. Its sockets are made here, in a folder that it cannot see.

    Args:
        server: See `host`.
        argv: Of the kernel.
        expose: Environment variable to the name of a descriptor whose number it is to hold.
        sockets: Parent of the folder for its sockets. Default: the folder for temporary files, or ``/tmp`` where
            its name is too long: a socket's path may have about 100 bytes.
        more: For `host`.
    """
    if sockets is None and len(tempfile.gettempdir()) > LONGEST_PARENT:
        sockets = "/tmp"  # noqa: S108
    folder = Path(tempfile.mkdtemp(prefix="tfk-", dir=sockets))
    connection = {
        "transport": "ipc",
        "ip": str(folder / "k"),
        "key": secrets.token_hex(16),
        "signature_scheme": "hmac-sha256",
        "kernel_name": "",
        "hb_port": len(CHANNELS) + 1,
        **{f"{name}_port": number for number, name in enumerate(CHANNELS, start=1)},
    }
    with contextlib.ExitStack() as opened:
        failed = opened.enter_context(contextlib.ExitStack())
        failed.callback(shutil.rmtree, folder, ignore_errors=True)
        listening = {}
        for name in CHANNELS:
            server_socket = opened.enter_context(socket.socket(socket.AF_UNIX))
            server_socket.bind(f"{connection['ip']}-{connection[f'{name}_port']}")
            server_socket.listen(16)
            listening[name] = server_socket.fileno()
        descriptors = {**listening, **more.pop("descriptors", {})}
        arguments = {"argv": list(argv), "connection": connection, "expose": dict(expose or {})}
        hosted = await host(server, "tfcourse.kernels.kernel:serve", arguments, descriptors=descriptors, **more)
        failed.pop_all()
    return HostedKernel(hosted, connection, folder)
