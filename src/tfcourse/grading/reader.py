"""Reads large notebooks in a process of its own: what a stranger's file costs, in memory and time, it costs there."""

from __future__ import annotations

import json
import multiprocessing
import sys
import threading
from multiprocessing.connection import Connection
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode

from tfcourse.errors import UnusableNotebook
from tfcourse.grading import intake

SMALL = 2**20
"""Bytes of a notebook that can do no harm: it is read where one is."""
MEMORY = 3 * 2**30
"""Bytes of address space that reading 50 MB may take."""
SECONDS = 30.0
"""Wall clock for one notebook; one of 50 MB takes about two."""


class Reader:
    """Reads notebooks. Safe to call from several threads.

    Args:
        memory: Bytes of address space of the process.
        seconds: Wall clock for one notebook.
    """

    def __init__(self, memory: int = MEMORY, seconds: float = SECONDS) -> None:
        self._memory, self._seconds = memory, seconds
        self._process: Any = None
        self._connection: Connection | None = None
        self._lock = threading.Lock()

    def read_notebook(self, raw: bytes, name: str, *, keep_outputs: bool = False) -> NotebookNode:
        """Read a notebook; see `tfcourse.grading.intake.read_notebook`.

        Raises:
            UnusableNotebook: It is none, or takes more memory or time to read than a notebook may.
        """
        if len(raw) <= SMALL:
            return intake.read_notebook(raw, name, keep_outputs=keep_outputs)
        with self._lock:
            if self._connection is None:
                self._start()
            assert self._connection is not None
            try:
                self._connection.send((raw, name, keep_outputs))
                answer = self._connection.recv_bytes() if self._connection.poll(self._seconds) else None
            except (EOFError, OSError):
                answer = None
            if answer is None:
                self._end()
                raise UnusableNotebook(
                    f"Expected a Jupyter notebook in {name}; reading it took more than {self._seconds:g} s or "
                    f"{self._memory >> 20} MB of memory. Clear its outputs, save it again, and hand it in again."
                )
        found = json.loads(answer)
        if "problem" in found:
            raise UnusableNotebook(found["problem"])
        return nbformat.from_dict(found)

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._memory), name="notebook reader", daemon=True)
        self._process.start()
        theirs.close()

    def _end(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._process.kill()
            self._process.join()
        self._connection = self._process = None


def _serve(connection: Connection, memory: int) -> None:
    """Read what is sent, until nobody sends any more."""
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    while True:
        try:
            raw, name, keep_outputs = connection.recv()
        except EOFError:
            return
        try:
            answer: dict[str, Any] = intake.read_notebook(raw, name, keep_outputs=keep_outputs)
        except UnusableNotebook as error:
            answer = {"problem": str(error)}
        connection.send_bytes(json.dumps(answer).encode())
