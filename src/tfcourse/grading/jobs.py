"""What travels between plan, run and record: plain frozen data, so that a run can happen anywhere."""

from __future__ import annotations

import enum
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from tfcourse.checks.records import Receipt, Response
from tfcourse.kernels.limits import Limits


@dataclass(frozen=True)
class Bounds:
    """How long one submission may take and how much it may say, beside `tfcourse.kernels.limits.Limits`.

    Args:
        cell_seconds: Wall clock of one cell; None for no bound.
        check_seconds: Wall clock of one check from its opening to its answer; None for the check's own
            (`tfcourse.checks.records.Respondent.seconds`) and some seconds of grace.
        notebook_seconds: Wall clock of one notebook from its first cell to its last.
        output_cell_bytes: What one cell may put out; the rest is cut as it arrives.
        output_notebook_bytes: The same for all cells of one notebook.
        message_bytes: Largest message that the examiner accepts.
        kept_bytes: Files left in the working folder that are kept for staff, all together.
        limits: Memory, processes and disk.
    """

    cell_seconds: float | None = 600.0
    check_seconds: float | None = None
    notebook_seconds: float = 1800.0
    output_cell_bytes: int = 2_000_000
    output_notebook_bytes: int = 10_000_000
    message_bytes: int = 64 * 2**20
    kept_bytes: int = 32 * 2**20
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Job:
    """One submission as it is to be run: sanitized notebooks and the files beside them.

    Args:
        id: Names the job in logs; says nothing about who submitted.
        notebooks: Notebook id (file name without ``.ipynb``) to the sanitized notebook's JSON.
        files: Relative path to content, of every other file of the submission.
        bounds: Wall clock, output, memory and the rest.
        allow_errors: Whether the cells behind a cell that raised are run (nbgrader's default).
        error_on_timeout: What nbgrader puts into a cell that ran out of time.
        interrupt_on_timeout: Whether such a cell is interrupted and the notebook goes on.
        environment: Environment variables for the kernel, beside the engine's own.
    """

    id: str
    notebooks: Mapping[str, bytes]
    files: Mapping[str, bytes] = field(default_factory=dict)
    bounds: Bounds = field(default_factory=Bounds)
    allow_errors: bool = True
    interrupt_on_timeout: bool = True
    error_on_timeout: Mapping[str, object] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)


def digest_of(content: bytes, files: Mapping[str, bytes]) -> str:
    """Return the SHA-256 of what is run: a notebook, and the files that it finds."""
    sha = hashlib.sha256(content)
    for path, file in sorted(files.items()):
        sha.update(os.fsencode(f"{len(path)} {path} {len(file)} ") + file)
    return sha.hexdigest()


class Ending(enum.StrEnum):
    """How the run of a notebook ended. What was answered before an early end counts."""

    COMPLETE = "complete"
    KERNEL_DIED = "kernel died"
    OUT_OF_MEMORY = "out of memory"
    OUT_OF_TIME = "out of time"
    TOO_MUCH_OUTPUT = "too much output"
    UNRESPONSIVE = "unresponsive"
    """A cell ran out of time and could not be interrupted."""
    FAILED = "failed"
    """A defect of ours, or of the machine: the submission has to be run again."""


@dataclass(frozen=True)
class NotebookRun:
    """What became of one notebook.

    Args:
        name: Its id.
        content: The executed notebook's JSON, as it came from the kernel; nothing in it is to be believed.
        ending: How the run ended.
        reason: For staff, where the ending is not COMPLETE; one or two lines.
        receipts: The examiner's records, by check id. What the points rest on.
        responses: What was answered, by check id, for `tfcourse rescore`.
        unanswered: Check id to why there is no receipt.
        seconds: Wall time.
        broken: Check id to the defect of ours that kept it from being scored: staff look, nobody loses points.
        finished: How many cells, from the first, came to an end before the run did; None where all did, or
            where nobody counted. A silent test cell counts as passed only if it is known to have ended.
    """

    name: str
    content: bytes
    ending: Ending
    reason: str = ""
    receipts: Mapping[str, Receipt] = field(default_factory=dict)
    responses: Mapping[str, Response] = field(default_factory=dict)
    unanswered: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    broken: Mapping[str, str] = field(default_factory=dict)
    finished: int | None = None


@dataclass(frozen=True)
class Run:
    """What became of one submission.

    Args:
        job_id: Which.
        notebooks: In the order of the job.
        files: What the submission left in its working folder, as far as it may.
        sandboxed: False where the run was not isolated; every receipt says so too.
        worker: Where it ran, for the log.
    """

    job_id: str
    notebooks: tuple[NotebookRun, ...]
    files: Mapping[str, bytes] = field(default_factory=dict)
    sandboxed: bool = True
    worker: str = ""
