"""Submissions from a plain folder, copied to where nbgrader looks for them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from tfcourse.course import Course, Week
from tfcourse.errors import CourseError
from tfcourse.grading.files import temporary_beside
from tfcourse.grading.handed_in import ASSIGNMENT, Submission, submissions
from tfcourse.texts import printable


@dataclass
class Collected:
    """What became of the files of a folder.

    Args:
        copied: Paths below ``submitted/`` that were written; what nbgrader wants beside a submission is not listed.
        same: Those that were there already, with the same content.
        complaints: What was left out, with the reason and the remedy.
    """

    copied: list[Path] = field(default_factory=list)
    same: list[Path] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


def collect(course: Course, week: Week, folder: Path, *, replace: bool = False) -> Collected:
    """Copy the submissions of a week into ``submitted/STUDENT/WEEK/``, each with its ``timestamp.txt``.

    Understands files, zips and folders named for the student, by hand, by Canvas or by Moodle; see
    `tfcourse.grading.handed_in`. In a folder or a zip, ``assignment.ipynb`` may lie deeper, in ``WEEK/`` say.

    Args:
        course: Where ``submitted/`` is.
        week: Which week they belong to.
        folder: Where they are.
        replace: Whether what is there and differs may be replaced.

    Raises:
        CourseError: The folder is not there, or lies in ``submitted/`` itself.
    """
    if not folder.is_dir():
        raise CourseError(f"Expected a folder with submissions; found none at {printable(str(folder))}.")
    if folder.resolve().is_relative_to((course.root / "submitted").resolve()):
        raise CourseError(
            f"Expected a folder outside of submitted/; found {printable(str(folder))}. What is there is collected."
        )
    done = Collected()
    for submission in submissions(week.id, folder, done.complaints):
        target = course.root / "submitted" / submission.student / week.id
        if not target.resolve().is_relative_to((course.root / "submitted").resolve()):
            done.complaints.append(f"{submission.student} was left out: {target} is a link that leads elsewhere.")
            continue
        _copy_submission(submission, target, done, replace=replace)
    return done


def _copy_submission(submission: Submission, target: Path, done: Collected, *, replace: bool) -> None:
    before = set(done.copied)
    for name, path in submission.files.items():
        try:
            _copy(path, target / name, done, replace=replace)
        except OSError as error:
            done.complaints.append(f"{printable(str(path))} was left out: {printable(str(error))}.")
    new = set(done.copied) - before
    # The time is the assignment's: a lesson that comes later makes nothing late.
    if target.is_dir():
        submission.write_marks(target, anew=target / f"{ASSIGNMENT}.ipynb" in new)


def _copy(path: Path, target: Path, done: Collected, *, replace: bool) -> None:
    if target.exists():
        if target.is_file() and target.read_bytes() == path.read_bytes():
            done.same.append(target)
            return
        if not replace:
            done.complaints.append(
                f"{printable(str(path))} was left out: {printable(str(target))} is there and differs. "
                "To replace it: tfcourse collect --force"
            )
            return
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_beside(target)
    try:
        shutil.copyfile(path, temporary)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    done.copied.append(target)
