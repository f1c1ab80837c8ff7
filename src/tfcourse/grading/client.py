"""Runs a notebook's cells in a kernel that nobody trusts."""

from __future__ import annotations

import asyncio
import contextlib
import queue
from collections.abc import Callable
from typing import Any

from jupyter_client.session import Session
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_output

from tfcourse.grading.jobs import Bounds
from tfcourse.kernels.wire import LARGEST_MESSAGE, Broken, Channel

GRACE_SECONDS = 5.0
"""How long a cell may take to end after it was interrupted."""
FLOOD = 10
"""A cell that puts out this many times what is kept is interrupted, and at twice that the kernel is ended."""
WELCOME_SECONDS = 2.0
"""How long to wait for the kernel's word that what it puts out will reach us; it takes some milliseconds."""
HANG_UP_SECONDS = 0.5
"""How long a kernel's death may take to be known after it hung up."""
_CHEAP = {"status", "execute_input"}


class Unresponsive(Exception):
    """A cell ran out of time, and could not be interrupted."""


class Flooded(Exception):
    """A cell went on putting out more than can be read."""


class Connection:
    """A kernel's shell and its output, as nbclient asks for them.

    Only these two: without a heartbeat, because its owner watches the process, and without standard input.

    Args:
        shell: Requests and replies.
        output: What the kernel puts out.
        session: Signs, and reads what is signed.
    """

    allow_stdin = False

    def __init__(self, shell: Channel, output: Channel, session: Session) -> None:
        self.shell = shell
        self.output = output
        self.session = session
        self._reply_bytes = 0

    @property
    def shell_channel(self) -> Connection:
        """Return this object: here nbclient looks for `get_msg`."""
        return self

    def execute(self, code: str, *, store_history: bool = True, stop_on_error: bool = True) -> str:
        """Ask for a cell to be run. Returns the request's id."""
        self._reply_bytes = 0
        content = {
            "code": code,
            "silent": False,
            "store_history": store_history,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": stop_on_error,
        }
        return self._request("execute_request", content)

    def kernel_info(self) -> str:
        """Ask the kernel who it is. Returns the request's id."""
        return self._request("kernel_info_request", {})

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:
        """Wait for a reply; what makes no sense is left out.

        Raises:
            queue.Empty: None came within `timeout` seconds.
            Broken: The kernel has hung up.
            Flooded: It replies too much to one request.
        """
        try:
            async with asyncio.timeout(timeout):
                while True:
                    parts = await self._receive()
                    self._reply_bytes += sum(map(len, parts))
                    if self._reply_bytes > LARGEST_MESSAGE:
                        raise Flooded
                    message = self.read(parts)
                    if message is not None:
                        return message
        except TimeoutError:
            raise queue.Empty from None

    async def _receive(self) -> list[bytes]:
        try:
            return await self.shell.receive()
        except Broken:
            # A dying kernel hangs up before its death is known, and that says more.
            await asyncio.sleep(HANG_UP_SECONDS)
            raise

    def read(self, parts: list[bytes]) -> dict[str, Any] | None:
        """Return what a message says, or None where it is none."""
        try:
            message: dict[str, Any] = self.session.deserialize(self.session.feed_identities(parts)[1])
            if isinstance(message["parent_header"], dict) and isinstance(message["content"], dict):
                return message
        except Exception:  # a stranger wrote it
            return None
        return None

    def stop_channels(self) -> None:
        """Hang up."""
        self.shell.close()
        self.output.close()

    def _request(self, kind: str, content: dict[str, Any]) -> str:
        message = self.session.msg(kind, content)
        self.shell.send(self.session.serialize(message))
        return str(message["header"]["msg_id"])


async def connect(connection: dict[str, Any]) -> Connection:
    """Connect to a kernel, and wait until it answers and is heard.

    Args:
        connection: As in a connection file, with Unix sockets.

    Raises:
        Broken: The kernel hung up.
        OSError: There is none.
    """
    # Without a memory of signatures: it would grow with what a stranger sends, and a replay harms nobody but him.
    session = Session(
        key=connection["key"].encode(), signature_scheme=connection["signature_scheme"], digest_history_size=0
    )
    with contextlib.ExitStack() as opened:
        output = await Channel.open(f"{connection['ip']}-{connection['iopub_port']}", "SUB")
        opened.callback(output.close)
        shell = await Channel.open(f"{connection['ip']}-{connection['shell_port']}", "DEALER", session.bsession)
        opened.callback(shell.close)
        connected = Connection(shell, output, session)
        connected.kernel_info()
        await connected.get_msg()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(output.receive(), WELCOME_SECONDS)
        opened.pop_all()
        return connected


class Client(NotebookClient):
    """nbclient's, without a kernel manager, and with bounds on what a kernel puts out.

    Args:
        nb: The notebook; changed in place.
        kernel: Connected.
        bounds: How long and how much.
        dead: Set when the kernel has ended.
        interrupt: Interrupts the running cell.
        flooded: Called where a cell would not stop putting out; it is to end the kernel.
        timeout_error: What is shown in a cell that ran out of time.
        more: nbclient's own settings.
    """

    def __init__(
        self,
        nb: NotebookNode,
        *,
        kernel: Connection,
        bounds: Bounds,
        dead: asyncio.Event,
        interrupt: Callable[[], None],
        flooded: Callable[[], None],
        timeout_error: dict[str, Any],
        **more: Any,
    ) -> None:
        super().__init__(
            nb,
            timeout=int(bounds.cell_seconds) if bounds.cell_seconds else None,
            error_on_timeout=timeout_error,
            store_widget_state=False,
            coalesce_streams=True,
            **more,
        )
        self.kc = kernel
        self.comm_open_handlers: dict[str, Any] = {}
        self.bounds = bounds
        self.finished = 0
        """Cells, from the first, that came to an end."""
        self._dead = dead
        self._interrupt = interrupt
        self._end = flooded
        self._cell_bytes = self._kept_bytes = self._notebook_bytes = 0
        self._flooded = False

    async def run(self) -> None:
        """Run every cell.

        Raises:
            DeadKernelError: The kernel has ended.
            Unresponsive: A cell could not be stopped.
            Flooded: A cell would not stop putting out.
        """
        for index, cell in enumerate(self.nb.cells):
            self._cell_bytes, self._flooded = 0, False
            try:
                await self.async_execute_cell(cell, index, execution_count=self.code_cells_executed + 1)
            except CellTimeoutError:
                raise Unresponsive(
                    f"it ran for {self.timeout} s, and for {GRACE_SECONDS:.0f} s more after that."
                ) from None
            self.clear_display_id_mapping(index)
            self.finished = index + 1

    # What follows replaces nbclient's ways of asking a kernel manager.

    async def _async_poll_kernel_alive(self) -> None:
        await self._dead.wait()
        await asyncio.sleep(0.05)  # what it said last may still be on its way
        assert self.task_poll_for_reply is not None
        self.task_poll_for_reply.cancel()

    async def _async_check_alive(self) -> None:
        if self._dead.is_set():
            raise DeadKernelError("Kernel died")

    async def _async_handle_timeout(self, timeout: int, cell: NotebookNode | None = None) -> dict[str, Any] | None:
        """Interrupt a cell that ran out of time, and see that it ends."""
        if not self.interrupt_on_timeout:
            raise Unresponsive(f"A cell did not end within {timeout} s.")
        self._interrupt()
        return {"content": {**self.error_on_timeout, "status": "error"}} if self.error_on_timeout else None

    async def _async_poll_for_reply(self, msg_id: str, cell: NotebookNode, timeout: int | None, *tasks: Any) -> Any:
        # After an interrupt, nbclient waits this long for the cell to end.
        self.iopub_timeout = GRACE_SECONDS
        self.raise_on_iopub_timeout = True
        return await super()._async_poll_for_reply(msg_id, cell, timeout, *tasks)

    async def _async_poll_output_msg(self, parent_msg_id: str, cell: NotebookNode, cell_index: int) -> None:
        try:
            await self._take_outputs(parent_msg_id, cell, cell_index)
        except Flooded:
            # Nobody looks at this task before the cell ends: what ends the kernel cannot wait for that.
            self._end()
            raise

    async def _take_outputs(self, parent_msg_id: str, cell: NotebookNode, cell_index: int) -> None:
        connected: Connection = self.kc
        while True:
            parts = await connected.output.receive()
            may_keep = self._count(parts)
            message = connected.read(parts)
            if message is None or message["parent_header"].get("msg_id") != parent_msg_id:
                continue
            if message["msg_type"] not in _CHEAP and not self._keeps(parts, cell, may_keep):
                continue
            try:
                self.process_message(message, cell, cell_index)
            except Exception as error:
                # nbclient's mark that the cell is done; anything else is a message that makes no sense.
                if type(error).__name__ == "CellExecutionComplete":
                    return

    def _count(self, parts: list[bytes]) -> bool:
        """Count what was put out, whatever it is. Returns whether it may be kept.

        Raises:
            Flooded: It is too much.
        """
        size = sum(map(len, parts))
        self._cell_bytes += size
        self._notebook_bytes += size
        cell, notebook = self.bounds.output_cell_bytes, self.bounds.output_notebook_bytes
        if self._cell_bytes > 2 * FLOOD * cell or self._notebook_bytes > 2 * FLOOD * notebook:
            raise Flooded
        if self._cell_bytes > FLOOD * cell and not self._flooded:
            self._flooded = True
            self._interrupt()
        return self._cell_bytes <= cell and self._kept_bytes + size <= notebook

    def _keeps(self, parts: list[bytes], cell: NotebookNode, may_keep: bool) -> bool:
        if may_keep:
            self._kept_bytes += sum(map(len, parts))
            return True
        note = (
            f"\n[Cut here: more output than {self.bounds.output_cell_bytes:,} bytes in a cell "
            f"or {self.bounds.output_notebook_bytes:,} in a notebook is not kept.]\n"
        )
        if not (cell.outputs and cell.outputs[-1].get("text") == note):
            cell.outputs.append(new_output("stream", name="stdout", text=note))
        return False

    def _update_display_id(self, display_id: str, msg: dict[str, Any]) -> None:
        """Change outputs that were shown before; one update of many would multiply what is kept."""
        copies = sum(map(len, self._display_id_map.get(display_id, {}).values()))
        size = len(str(msg["content"])) * max(0, copies - 1)
        if size + self._cell_bytes <= self.bounds.output_cell_bytes:
            self._cell_bytes += size
            super()._update_display_id(display_id, msg)

    def clear_output(self, outs: list[NotebookNode], msg: dict[str, Any], cell_index: int) -> None:
        """Clear what was put out, but not the count of it."""
        with contextlib.suppress(KeyError):
            super().clear_output(outs, msg, cell_index)


def add_reply_error(*, cell: NotebookNode, execute_reply: dict[str, Any], **ignored: Any) -> None:
    """Put a reply's error into its cell where no output tells it, after a timeout say, as nbgrader does."""
    content = execute_reply.get("content", {})
    if content.get("status") != "error":
        return
    name = content.get("ename", "")
    if not any(output.output_type == "error" and output.ename == name for output in cell.outputs):
        traceback = content.get("traceback") or ["ERROR: An error occurred while showtraceback was disabled"]
        cell.outputs.append(new_output("error", ename=name, evalue=content.get("evalue", ""), traceback=traceback))
