"""Kernels from a fork server, for JupyterLab, nbclient and nbgrader: a kernel provisioner named ``tfcourse-warm``.

A kernelspec that names it in ``metadata.kernel_provisioner`` starts kernels in which slow modules are imported
already. Where that cannot be had, the same kernelspec starts an ordinary kernel, and the log says why, once.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from jupyter_client.provisioning import LocalProvisioner
from traitlets import Dict, Float, List, Unicode

from tfcourse.kernels import warm
from tfcourse.kernels.errors import KernelsError
from tfcourse.kernels.host import Forked
from tfcourse.kernels.preload import PRELOAD

LAUNCHER = ("-m", "ipykernel_launcher")
UNDERSTOOD = {"env", "cwd", "stdin", "stdout", "stderr", "independent", "kernel_id", "extra_arguments"}
"""What may be asked of a kernel's process, as of `subprocess.Popen`; with anything else it is an ordinary one."""

Result = TypeVar("Result")
_said: set[str] = set()


class WarmProcess:
    """A forked kernel, with that part of the interface of `subprocess.Popen` that provisioners use.

    Signals go by way of the fork server, and to the whole process group: only the server knows whether a number
    still means the same process.
    """

    stdin = stdout = stderr = None

    def __init__(self, process: Forked) -> None:
        assert process.pid is not None
        self.pid = process.pid
        self.poll = process.poll
        self.wait = process.wait
        self.send_signal = process.signal
        self.kill = process.kill

    def terminate(self) -> None:
        """Ask the kernel to end, by SIGTERM."""
        self.send_signal(signal.SIGTERM)


class WarmProvisioner(LocalProvisioner):
    """Starts a kernel by forking it from a server, or as an ordinary process where that is impossible.

    Everything else is an ordinary local kernel's: connection file, ports, heartbeat, signals.
    """

    preload = List(Unicode(), help="Modules that the fork server imports. Default: none but the kernel's own.").tag(
        config=True
    )
    environment = Dict(
        value_trait=Unicode(), key_trait=Unicode(), help="Variables that a kernel gets where they are not set."
    ).tag(config=True)
    idle_seconds = Float(
        warm.IDLE_SECONDS, help="How long the fork server stays after its last kernel has ended. Default: 600."
    ).tag(config=True)
    ready_seconds = Float(
        warm.READY_SECONDS, help="How long a kernel waits for the fork server's imports. Default: 180."
    ).tag(config=True)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Start the kernel's process; see `LocalProvisioner.launch_kernel`."""
        reason = self._why_not(cmd, kwargs)
        if reason is None:
            try:
                process = await _in_thread(lambda: self._fork(cmd, kwargs), undo=Forked.kill)
            except KernelsError as error:
                reason = str(error)
            else:
                self.process = WarmProcess(process)
                self.pid = process.pid
                # None: so that signals are sent by `self.process`.
                self.pgid = None
                self.cwd = _folder(kwargs)
                return self.connection_info
        self._say(reason)
        return await super().launch_kernel(cmd, **kwargs)

    async def get_provisioner_info(self) -> dict[str, Any]:
        """Return what a manager keeps of this provisioner."""
        info: dict[str, Any] = await super().get_provisioner_info()
        if isinstance(self.process, WarmProcess):
            info["pgid"] = self.pid  # a fork leads a group of its own
        return info

    def _finalize_env(self, env: dict[str, str]) -> None:
        super()._finalize_env(env)
        for name, value in self.environment.items():
            env.setdefault(name, value)

    def _why_not(self, cmd: list[str], kwargs: Mapping[str, Any]) -> str | None:
        """Return why this kernel has to be an ordinary one; None where it need not."""
        reason = warm.why_not(kwargs.get("env"))
        if reason is not None:
            return reason
        if cmd[:1] != [sys.executable] or tuple(cmd[1:3]) != LAUNCHER:
            return f"Expected the command {sys.executable} {' '.join(LAUNCHER)}, found {' '.join(cmd)}."
        if not Path(_folder(kwargs)).is_dir():
            return f"There is no folder {_folder(kwargs)}."
        others = {name for name, value in kwargs.items() if value and name not in UNDERSTOOD}
        if kwargs.get("independent") or kwargs.get("stdin") is not None:
            others |= {"independent", "stdin"}
        if others or None in _descriptors(kwargs).values():
            return f"A process of its own is asked for: {', '.join(sorted(others)) or 'pipes'}."
        return None

    def _fork(self, cmd: list[str], kwargs: Mapping[str, Any]) -> Forked:
        # A kernel's modules differ from version to version, so not one of them has to exist.
        preload = (PRELOAD[0], *(f"{name}?" for name in PRELOAD[1:]), *self.preload)
        server = warm.shared(preload, self.environment)
        server.idle_seconds, server.ready_seconds = self.idle_seconds, self.ready_seconds
        return server.fork(
            "tfcourse.kernels.kernel:serve",
            {"argv": cmd[3:]},
            environment=kwargs.get("env") or os.environ,
            folder=_folder(kwargs),
            descriptors={name: number for name, number in _descriptors(kwargs).items() if number is not None},
        )

    def _say(self, reason: str) -> None:
        if reason in _said:
            return
        _said.add(reason)
        chosen = warm.SWITCH in reason
        (self.log.debug if chosen else self.log.warning)(
            "An ordinary kernel is started instead of a warm one. %s", reason
        )


def _folder(kwargs: Mapping[str, Any]) -> str:
    return str(kwargs.get("cwd") or Path.cwd())


def _descriptors(kwargs: Mapping[str, Any]) -> dict[str, int | None]:
    """Return the descriptors that stdout and stderr are to be; None for one that would be a pipe."""
    found: dict[str, int | None] = {}
    for name in ("stdout", "stderr"):
        target = kwargs.get(name)
        if target is not None:
            number = target if isinstance(target, int) else target.fileno()
            found[name] = number if number >= 0 else None
    return found


async def _in_thread(call: Callable[[], Result], *, undo: Callable[[Result], None]) -> Result:
    """Wait for a call that blocks, in a thread that does not keep this process from ending.

    Args:
        call: What to call.
        undo: Called with the result that came when nobody waited any more.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Result] = loop.create_future()

    def settle(result: Result | None, error: BaseException | None) -> None:
        if error is not None:
            if not future.done():
                future.set_exception(error)
        elif result is not None:
            if future.done():
                undo(result)
            else:
                future.set_result(result)

    def run() -> None:
        result, failure = None, None
        try:
            result = call()
        except BaseException as error:
            failure = error
        try:
            loop.call_soon_threadsafe(settle, result, failure)
        except RuntimeError:  # the loop is closed
            if result is not None:
                undo(result)

    threading.Thread(target=run, name="start a kernel", daemon=True).start()
    return await future
