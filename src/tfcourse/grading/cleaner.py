"""The process in which notebooks are cleaned; see `tfcourse.grading.cleaning` and `tfcourse.grading.bounded`."""

from __future__ import annotations

import json

import nbformat
from nbformat.notebooknode import NotebookNode

from tfcourse.grading.bounded import Bounded, serve
from tfcourse.grading.cleaning import clean, plain

MEMORY = 2 * 2**30
"""Bytes of address space."""
SECONDS = 60.0
"""Wall clock for a notebook; `tfcourse.grading.cleaning` gives up long before."""
PROCESS = Bounded(__name__, memory=MEMORY, seconds=SECONDS)


def cleaned(notebook: NotebookNode, process: Bounded = PROCESS) -> NotebookNode:
    """Return a notebook of which nothing acts in a browser, and which nbconvert renders in time.

    Where cleaning takes too much, nothing of the notebook is rendered.

    Args:
        notebook: Of nbformat 4; it is not changed.
        process: Does the work.

    Raises:
        GraderBroken: There is no process to be had.
    """
    answer = process.ask(json.dumps(notebook).encode())
    return plain(notebook) if answer is None else nbformat.from_dict(json.loads(answer))


def _answer(question: bytes) -> bytes:
    return json.dumps(clean(nbformat.from_dict(json.loads(question)))).encode()


if __name__ == "__main__":
    serve(_answer)
