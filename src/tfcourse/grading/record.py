"""Bringing a run into nbgrader: its database in one transaction, its folder by one rename."""

from __future__ import annotations

import logging
import mimetypes
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path, PurePosixPath

from nbgrader import utils
from nbgrader.api import Gradebook, MissingEntry

from tfcourse.errors import CourseError, UnusableNotebook
from tfcourse.grading.files import new_folder, remove, temporary_beside, write_files
from tfcourse.grading.plan import TIMESTAMP, Found


def parse_timestamp(content: bytes | None, folder: Path, log: logging.Logger) -> datetime | None:
    """Return the time of submission from the content of nbgrader's ``timestamp.txt``, in UTC.

    Args:
        content: None where there is no such file.
        folder: Where it lies, for messages.
        log: Told of an empty file.

    Raises:
        UnusableNotebook: It holds something else.
    """
    if content is None:
        return None
    text = content[:1000].decode("utf-8", "replace").strip()
    if not text:
        log.warning("Empty timestamp file: %s", folder / TIMESTAMP)
        return None
    try:
        found: datetime = utils.parse_utc(text)
    except (ValueError, OverflowError, TypeError) as error:
        raise UnusableNotebook(
            f"Expected a date and time in {folder / TIMESTAMP}; found an invalid timestamp string: {text[:80]!r}. "
            "Correct or remove the file."
        ) from error
    return found


def find_student(gradebook: Gradebook, student: str, log: logging.Logger) -> None:
    """Make sure that a student is in the database.

    Raises:
        CourseError: There is no such student.
    """
    try:
        gradebook.find_student(student)
    except MissingEntry as error:
        message = f"No student with ID '{student}' exists in the database"
        log.error(message)  # noqa: TRY400 - as nbgrader does
        raise CourseError(message) from error


def find_assignment(gradebook: Gradebook, assignment: str, log: logging.Logger) -> None:
    """Make sure that an assignment is in the database.

    Raises:
        CourseError: There is no such assignment.
    """
    try:
        gradebook.find_assignment(assignment)
    except MissingEntry as error:
        message = f"No assignment with ID '{assignment}' exists in the database"
        log.error(message)  # noqa: TRY400 - as nbgrader does
        raise CourseError(f"{message}. Run: nbgrader generate_assignment {assignment} --force") from error


def open_submission(
    gradebook: Gradebook, found: Found, timestamp: datetime | None, missing: Iterable[str], log: logging.Logger
) -> None:
    """Bring a submission into the database, as nbgrader's `init_assignment` does.

    Args:
        gradebook: Where the assignment is.
        found: The submission; its student is made where there is none.
        timestamp: When it was submitted, as far as known.
        missing: Ids of notebooks that were not submitted; they get 0.
        log: Told what nbgrader tells.
    """
    log.info("Creating/updating student with ID '%s': %s", found.student, {})
    gradebook.update_or_create_student(found.student)
    if timestamp is None:
        gradebook.update_or_create_submission(found.assignment, found.student)
    else:
        submission = gradebook.update_or_create_submission(found.assignment, found.student, timestamp=timestamp)
        log.info("%s submitted at %s", submission, timestamp)
        if submission.total_seconds_late > 0:
            log.warning("%s is %s seconds late", submission, submission.total_seconds_late)
    for name in missing:
        log.warning("No submitted file: %s", found.folder / f"{name}.ipynb")
        for grade in gradebook.find_submission_notebook(name, found.assignment, found.student).grades:
            grade.auto_score = 0
            grade.needs_manual_grade = False
    gradebook.db.commit()


def leave_to_staff(gradebook: Gradebook, found: Found, notebook: str, cells: Iterable[str]) -> None:
    """Ask for a manual grade in cells that nobody can be given points for, or 0, by a machine."""
    for cell in cells:
        grade = gradebook.find_grade(cell, notebook, found.assignment, found.student)
        grade.auto_score = None
        grade.needs_manual_grade = True
    gradebook.db.commit()


def recorded_points(
    gradebook: Gradebook, found: Found, checks: Mapping[str, str]
) -> tuple[dict[str, float | None], float | None, float | None]:
    """Return what the database says of a submission.

    Args:
        gradebook: Where it is.
        found: Which.
        checks: Grade id to check id.

    Returns:
        Points by check id, or by ``notebook/cell``, None where staff have to decide; all points; the most.
    """
    try:
        submission = gradebook.find_submission(found.assignment, found.student)
    except MissingEntry:
        return {}, None, None
    points = {
        checks.get(grade.name, f"{notebook.name}/{grade.name}"): None if grade.needs_manual_grade else grade.score
        for notebook in submission.notebooks
        for grade in notebook.grades
    }
    return points, float(submission.score), float(submission.max_score)


def make_folder(
    destination: Path,
    *,
    keep: bool,
    files: Mapping[str, bytes],
    left: Mapping[str, bytes],
    notebooks: Iterable[str],
    write_notebooks: Callable[[Path], None],
    log: logging.Logger,
) -> Path:
    """Make the folder that is to take the place of `destination`, beside it.

    Args:
        destination: Below ``autograded/``.
        keep: Whether what is there stays, but for what is replaced (where only some notebooks are graded).
        files: What lay beside the notebooks when they were run.
        left: What lay there afterwards: a stranger's names and contents.
        notebooks: Names of the files that `write_notebooks` writes.
        write_notebooks: Writes the graded notebooks into a folder.
        log: Told what was left out.

    Returns:
        The new folder, for `tfcourse.grading.files.replace_folder`.
    """
    new = temporary_beside(destination)
    new_folder(new.parent)
    if keep and destination.is_dir():
        shutil.copytree(destination, new, symlinks=True)
        for name in (*notebooks, *files):
            if (new / name).exists():
                remove(new / name)
    else:
        new_folder(new)
    refused = [name for name in {**files, **left} if _acts(name)]
    refused += write_files(new, ((name, content) for name, content in files.items() if not _acts(name)))
    refused += write_files(new, ((name, content) for name, content in left.items() if _may_stay(name)))
    if refused:
        log.warning("%s: not written, for its name: %s", destination, ", ".join(sorted(map(repr, refused)))[:500])
    write_notebooks(new)
    return new


def _acts(name: str) -> bool:
    """Tell whether a browser would run what is in a file; the formgrader serves it from Jupyter's own origin."""
    kind, _ = mimetypes.guess_type(name)
    return kind is not None and (kind in ("text/html", "text/xml", "application/xml") or kind.endswith("+xml"))


def _may_stay(name: str) -> bool:
    """Tell whether a file that a run left may be kept.

    A notebook more would be taken for a graded one, and stop nbgrader's feedback; another time of
    submission would decide about penalties.
    """
    parts = PurePosixPath(os.path.normpath(name)).parts
    notebook = any(part.lower().endswith(".ipynb") for part in parts)
    return not notebook and parts[:1] != (TIMESTAMP,) and not _acts(name)
