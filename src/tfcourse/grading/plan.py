"""What is to be graded, and whether it has to be run: reading submissions, and the digest of a run."""

from __future__ import annotations

import enum
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook

from tfcourse.checks.check import Check
from tfcourse.checks.registry import checks_of
from tfcourse.checks.sources import digest_of_sources
from tfcourse.course import Course, Week, find_course
from tfcourse.errors import CourseNotFound, UnusableNotebook
from tfcourse.examiner.secret import Secret, derive_seed, find_secret
from tfcourse.grading.cells import is_test
from tfcourse.grading.files import TooLarge, find_files, read_within
from tfcourse.grading.jobs import Bounds
from tfcourse.grading.reader import read_notebook
from tfcourse.grading.runs import to_json
from tfcourse.grading.store import Entry

TIMESTAMP = "timestamp.txt"
_FORMAT = 1
"""Changed when a digest means something else than before."""
_PYTHON = ("python", "python3", "tfcourse")
"""Kernels that are there without being asked for."""


class Action(enum.StrEnum):
    """What a batch does with a submission."""

    RUN = "run"
    RECORD = "record"
    """It was run before the last batch was killed; only the recording is missing."""
    SKIP = "skip"


@dataclass(frozen=True)
class Found:
    """A submission on disk.

    Args:
        student: nbgrader's student id.
        assignment: nbgrader's assignment id.
        folder: The submitted folder.
        notebooks: Paths of its notebooks, as far as they were asked for.
    """

    student: str
    assignment: str
    folder: Path
    notebooks: tuple[Path, ...]


@dataclass(frozen=True)
class Facts:
    """What is the same for all submissions of an assignment.

    Args:
        course: None outside of a course of ours.
        week: None where the assignment is no week of the course: then it has no checks of ours.
        checks: Grade id to check.
        seeds: Check id to the seed of its hidden data.
        secret: What the seeds come from; None without checks.
        digests: Notebook id to a digest of the assignment's version: nbgrader's cells, files, checks.
    """

    course: Course | None
    week: Week | None
    checks: Mapping[str, Check]
    seeds: Mapping[str, int]
    secret: Secret | None
    digests: Mapping[str, str]


@dataclass(frozen=True)
class Planned:
    """A submission and what is to be done with it.

    Args:
        found: Where it is.
        action: What to do.
        why: In words, for the plan that `--dry-run` prints.
        sanitized: Notebook id to the notebook as it is to be run.
        files: The other files, of the submission and of the assignment.
        digests: Notebook id to the digest of the run.
        missing: Ids of the assignment's notebooks that were not submitted.
        refused: Files of the submission that were left out, each with the reason.
    """

    found: Found
    action: Action
    why: str = ""
    sanitized: Mapping[str, NotebookNode] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


# ---------------------------------------------------------------------------- the assignment


def assignment_facts(gradebook: Gradebook, assignment: str, source: Path, ignore: Sequence[str]) -> Facts:
    """Return what is the same for all submissions of an assignment.

    Args:
        gradebook: nbgrader's; it has the assignment.
        assignment: Its id.
        source: Folder of the assignment's source, whose files replace the submissions'.
        ignore: nbgrader's patterns of files to be ignored.

    Raises:
        CourseError: The course's checks cannot be loaded, or its secret is not one.
    """
    course, week = _find_week(assignment)
    checks: dict[str, Check] = {}
    secret = None
    code = ""
    if course is not None and week is not None and week.checks:
        checks = {check.name: check for check in checks_of(course, week.id)}
        secret = find_secret()
        code = _digest([secret.id, digest_of_sources(course, week.checks[0])])
    seeds = {check.id: derive_seed(secret, "grade", check.id, 0) for check in checks.values()} if secret else {}
    files = [[str(path.relative_to(source)), _file_digest(path)] for path in source_files(source, ignore)]
    digests = {
        notebook.name: _digest([_FORMAT, _cells_of(notebook), files, code])
        for notebook in gradebook.find_assignment(assignment).notebooks
    }
    return Facts(course, week, checks, seeds, secret, digests)


def source_files(source: Path, ignore: Sequence[str]) -> list[Path]:
    """Return the files of an assignment's source that are no notebooks, sorted."""
    return sorted(find_files(source, [*ignore, "*.ipynb"]))


def _find_week(assignment: str) -> tuple[Course | None, Week | None]:
    try:
        course = find_course()
    except CourseNotFound:
        return None, None
    return course, next((week for week in course.weeks if week.id == assignment), None)


def _cells_of(notebook: Any) -> list[Any]:
    """Return what nbgrader's database knows of a notebook of an assignment."""
    return [
        notebook.kernelspec,
        sorted([cell.name, cell.cell_type, cell.locked, cell.source, cell.checksum] for cell in notebook.source_cells),
        sorted([cell.name, cell.cell_type, cell.max_score] for cell in notebook.grade_cells),
        sorted(cell.name for cell in notebook.solution_cells),
        sorted([cell.name, cell.max_score] for cell in notebook.task_cells),
    ]


# ---------------------------------------------------------------------------- one submission


def read_files(
    found: Found, ignore: Sequence[str], most_bytes: int, most_files: int
) -> tuple[dict[str, bytes], list[str]]:
    """Read the files of a submission that are no notebooks.

    Args:
        found: The submission.
        ignore: nbgrader's patterns of files to be ignored.
        most_bytes: All files together.
        most_files: How many of them.

    Returns:
        Relative path to content, and what was left out with the reason.

    Raises:
        UnusableNotebook: There is more than fits.
    """
    files: dict[str, bytes] = {}
    refused = []
    left = most_bytes
    paths = list(islice(find_files(found.folder, [*ignore, "*.ipynb"]), most_files + 1))
    if len(paths) > most_files:
        raise UnusableNotebook(
            f"Expected at most {most_files:,} files beside the notebooks; found more in {found.folder}. "
            "Remove what is not needed to grade it."
        )
    for path in sorted(paths):
        try:
            content = read_within(path, found.folder, left)
        except TooLarge as error:
            raise UnusableNotebook(
                f"Expected at most {most_bytes >> 20} MB of files beside the notebooks; found more in {found.folder}. "
                "Remove what is not needed to grade it."
            ) from error
        except (OSError, ValueError) as error:
            refused.append(f"{path.relative_to(found.folder)}: {error}")
            continue
        left -= len(content)
        files[path.relative_to(found.folder).as_posix()] = content
    return files, refused


def read_submitted(
    path: Path, folder: Path, most_bytes: int, *, keep_outputs: bool = False
) -> tuple[bytes, NotebookNode]:
    """Read a submitted notebook. See `tfcourse.grading.reader.read_notebook`.

    Returns:
        Its bytes, for the digest, and what they say.

    Raises:
        UnusableNotebook: It is no notebook, or one that cannot be read.
    """
    try:
        raw = read_within(path, folder, most_bytes)
    except (OSError, ValueError) as error:
        raise UnusableNotebook(f"{path.name} cannot be graded. {error}") from error
    return raw, read_notebook(raw, path.name, keep_outputs=keep_outputs)


def check_kernel(notebook: NotebookNode, name: str, wanted: str) -> None:
    """Make sure that a notebook asks for Python.

    Args:
        notebook: Sanitized: with the kernel of the assignment's source, where that names one.
        name: Its id, for messages.
        wanted: A kernel chosen by configuration; empty for the notebook's own.

    Raises:
        UnusableNotebook: There is no such kernel, or it is not Python.
    """
    spec = notebook.metadata.get("kernelspec")
    kernel = wanted or (spec.get("name") if isinstance(spec, dict) else None) or "python3"
    language = _language(kernel) if isinstance(kernel, str) else None
    if language != "python":
        found = f"'{kernel}', which runs {language}" if language else f"{kernel!r}, which is not installed"
        raise UnusableNotebook(f"Expected a Python kernel for {name}.ipynb; found {found}. Ask for kernel python3.")


def forget_wishes(notebook: NotebookNode) -> None:
    """Take from a notebook what would steer its run, and notes of a run that was not ours.

    A test cell tagged ``skip-execution`` is not run, says nothing, and nbgrader gives it full marks.
    """
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if is_test(cell):
            cell.metadata.pop("tags", None)


def run_digest(
    assignment: str, files: Mapping[str, bytes], raw: bytes, bounds: Bounds, settings: Mapping[str, Any]
) -> str:
    """Return the SHA-256 of all that a notebook's points depend on.

    Args:
        assignment: The notebook's digest of `Facts`.
        files: What lies beside it.
        raw: The submitted notebook.
        bounds: Time, memory and output.
        settings: How it is sanitized and executed.
    """
    contents = [[name, hashlib.sha256(content).hexdigest()] for name, content in sorted(files.items())]
    # The time of submission decides about a penalty, and not about the run.
    contents = [entry for entry in contents if entry[0] != TIMESTAMP]
    return _digest([assignment, contents, hashlib.sha256(raw).hexdigest(), to_json(asdict(bounds)), to_json(settings)])


def is_recorded(entries: Mapping[str, Entry], digests: Mapping[str, str], *, execute: bool) -> bool:
    """Tell whether all of these notebooks are recorded as they are now.

    Args:
        entries: What is recorded.
        digests: What would be run.
        execute: Whether cells are to be run; what was only looked at is then not enough.
    """
    return all(
        (entry := entries.get(name)) is not None
        and entry.digest == digest
        and not entry.again
        and (entry.executed or not execute)
        for name, digest in digests.items()
    )


def is_graded(gradebook: Gradebook, found: Found, names: Iterable[str]) -> bool:
    """Tell whether nbgrader's database has a grade, or a wish for one, in every graded cell of some notebooks.

    Stock nbgrader leaves none of both where it was killed while it ran a submission.
    """
    wanted = set(names)
    try:
        submission = gradebook.find_submission(found.assignment, found.student)
    except Exception:  # MissingEntry, which nbgrader raises for everything that is not there
        return False
    notebooks = [notebook for notebook in submission.notebooks if notebook.name in wanted]
    return len(notebooks) == len(wanted) and all(
        grade.auto_score is not None or grade.manual_score is not None or grade.needs_manual_grade
        for notebook in notebooks
        for grade in notebook.grades
    )


def content_of(notebook: NotebookNode) -> bytes:
    """Return a notebook's JSON, as a file of UTF-8 can hold it."""
    return str(nbformat.writes(notebook)).encode("utf-8", "replace")


def first_line(error: BaseException) -> str:
    """Return an error as one line."""
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__)[:300]


@cache
def _language(kernel: str) -> str | None:
    if kernel in _PYTHON:
        return "python"
    try:
        spec = KernelSpecManager().get_kernel_spec(kernel)
    except (NoSuchKernel, ValueError, OSError):
        return None
    return str(spec.language).lower()


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def _file_digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return "unreadable"
