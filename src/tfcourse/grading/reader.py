"""The process in which large notebooks are read; see `tfcourse.grading.intake` and `tfcourse.grading.bounded`."""

from __future__ import annotations

import json

import nbformat
from nbformat.notebooknode import NotebookNode

from tfcourse.errors import UnusableNotebook
from tfcourse.grading import intake
from tfcourse.grading.bounded import Bounded, serve

SMALL = 2**20
"""Bytes of a notebook that can do no harm: it is read where one is."""
MEMORY = 3 * 2**30
"""Bytes of address space."""
SECONDS = 30.0
"""Wall clock for one notebook; one of 50 MB takes about two."""
PROCESS = Bounded(__name__, memory=MEMORY, seconds=SECONDS)


def read_notebook(raw: bytes, name: str, *, keep_outputs: bool = False, process: Bounded = PROCESS) -> NotebookNode:
    """Read a notebook as `tfcourse.grading.intake.read_notebook` does, a large one in a process of its own.

    Args:
        raw: Its file.
        name: Of the file, for messages.
        keep_outputs: Whether well-formed outputs stay.
        process: Reads large ones.

    Raises:
        UnusableNotebook: It is none, or takes more memory or time to read than a notebook may.
    """
    if len(raw) <= SMALL:
        return intake.read_notebook(raw, name, keep_outputs=keep_outputs)
    answer = process.ask(json.dumps([name, keep_outputs]).encode() + b"\n" + raw)
    if answer is None:
        raise UnusableNotebook(
            f"Expected a Jupyter notebook in {name}; reading it took more than {process.seconds:g} s or "
            f"{process.memory >> 20} MB of memory. Clear its outputs, save it again, and hand it in again."
        )
    found = json.loads(answer)
    if "problem" in found:
        raise UnusableNotebook(found["problem"])
    return nbformat.from_dict(found)


def _answer(question: bytes) -> bytes:
    head, raw = question.split(b"\n", 1)
    name, keep_outputs = json.loads(head)
    try:
        return json.dumps(intake.read_notebook(raw, name, keep_outputs=keep_outputs)).encode()
    except UnusableNotebook as error:
        return json.dumps({"problem": str(error)}).encode()


if __name__ == "__main__":
    serve(_answer)
