"""Runs a notebook's cells in a kernel that nobody trusts."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import zmq
import zmq.asyncio
from jupyter_client.asynchronous import AsyncKernelClient
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_output

from tfcourse.grading.jobs import Bounds

LARGEST_MESSAGE = 8 * 2**20
"""Bytes of one part of a message from a kernel. A larger one ends the connection."""
MOST_WAITING = 64
"""Messages that may wait on our side: with LARGEST_MESSAGE, what a flood can cost us."""
GRACE_SECONDS = 5.0
"""How long a cell may take to end after it was interrupted."""
FLOOD = 10
"""A cell that puts out this many times what is kept is interrupted, and at twice that the kernel is ended."""
_CHEAP = {"status", "execute_input"}


class Unresponsive(Exception):
    """A cell ran out of time, and could not be interrupted."""


class Flooded(Exception):
    """A cell went on putting out more than can be read."""


def connect(context: zmq.asyncio.Context, connection: dict[str, Any]) -> AsyncKernelClient:
    """Open the channels to a kernel.

    Only three: without a heartbeat, because its owner watches the process, and without standard input.
    """
    client = AsyncKernelClient(context=context)
    client.load_connection_info(connection)
    client.start_channels(stdin=False, hb=False, control=False)
    return client


def bounded_context() -> zmq.asyncio.Context:
    """Return a context whose sockets take only what `LARGEST_MESSAGE` and `MOST_WAITING` say, and connect once."""
    context = zmq.asyncio.Context()
    context.setsockopt(zmq.MAXMSGSIZE, LARGEST_MESSAGE)
    context.setsockopt(zmq.RCVHWM, MOST_WAITING)
    context.setsockopt(zmq.RECONNECT_IVL, -1)
    context.setsockopt(zmq.LINGER, 0)
    return context


class Client(NotebookClient):
    """nbclient's, without a kernel manager, and with bounds on what a kernel puts out.

    Args:
        nb: The notebook; changed in place.
        kernel: A connected client of the kernel.
        bounds: How long and how much.
        dead: Set when the kernel has ended.
        interrupt: Interrupts the running cell.
        timeout_error: What is shown in a cell that ran out of time.
        more: nbclient's own settings.
    """

    def __init__(
        self,
        nb: NotebookNode,
        *,
        kernel: AsyncKernelClient,
        bounds: Bounds,
        dead: asyncio.Event,
        interrupt: Callable[[], None],
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
        self.comm_open_handlers = {}
        self.bounds = bounds
        self.finished = 0
        """Cells, from the first, that came to an end."""
        self._dead = dead
        self._interrupt = interrupt
        self._cell_bytes = self._notebook_bytes = 0
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
            except CellTimeoutError as error:
                raise Unresponsive(str(error)) from None
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
        assert self.kc is not None
        while True:
            parts = await self.kc.iopub_channel.socket.recv_multipart(copy=True)
            try:
                message = self.kc.session.deserialize(self.kc.session.feed_identities(parts)[1])
                parent = message["parent_header"].get("msg_id")
                kind = message["msg_type"]
            except Exception:
                self._count(parts)
                continue  # not a message at all
            if parent != parent_msg_id or (kind not in _CHEAP and not self._keeps(parts, cell)):
                continue
            try:
                self.process_message(message, cell, cell_index)
            except Exception as error:
                # nbclient's mark that the cell is done; anything else is a message that makes no sense.
                if type(error).__name__ == "CellExecutionComplete":
                    return

    def _count(self, parts: list[bytes]) -> bool:
        """Count what was put out. Returns whether it may be kept."""
        size = sum(map(len, parts))
        self._cell_bytes += size
        if self._cell_bytes > 2 * FLOOD * self.bounds.output_cell_bytes:
            raise Flooded
        if self._cell_bytes > FLOOD * self.bounds.output_cell_bytes and not self._flooded:
            self._flooded = True
            self._interrupt()
        if (
            self._cell_bytes > self.bounds.output_cell_bytes
            or self._notebook_bytes + size > self.bounds.output_notebook_bytes
        ):
            return False
        self._notebook_bytes += size
        return True

    def _keeps(self, parts: list[bytes], cell: NotebookNode) -> bool:
        if self._count(parts):
            return True
        note = (
            f"\n[Cut here: more output than {self.bounds.output_cell_bytes:,} bytes in a cell "
            f"or {self.bounds.output_notebook_bytes:,} in a notebook is not kept.]\n"
        )
        if not (cell.outputs and cell.outputs[-1].get("text") == note):
            cell.outputs.append(new_output("stream", name="stdout", text=note))
        return False

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
