"""Submissions from a plain folder, copied to where nbgrader looks for them."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tfcourse.course import NOTEBOOKS, Course, Week
from tfcourse.errors import CourseError
from tfcourse.grading.files import temporary_beside

ASSIGNMENT = "assignment"
_STUDENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9@._ +-]*")
_NOTEBOOK_OF = re.compile(rf"(?P<student>.+)_(?P<notebook>{'|'.join(NOTEBOOKS)})")
_IGNORED = {".ipynb_checkpoints", "__pycache__", "__MACOSX", ".DS_Store", "Thumbs.db"}


@dataclass
class Collected:
    """What became of the files of a folder.

    Args:
        copied: Paths below ``submitted/`` that were written.
        same: Those that were there already, with the same content.
        complaints: What was left out, with the reason and the remedy.
    """

    copied: list[Path] = field(default_factory=list)
    same: list[Path] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Piece:
    """A file and where it belongs: `name` is relative to the student's submission."""

    path: Path
    student: str
    name: Path


def collect(course: Course, week: Week, folder: Path, *, replace: bool = False) -> Collected:
    """Copy the submissions of a week into ``submitted/STUDENT/WEEK/``.

    Understands ``STUDENT/assignment.ipynb`` with whatever lies beside it, ``STUDENT/WEEK/assignment.ipynb``
    (nbgrader's own layout), ``STUDENT_assignment.ipynb`` and ``STUDENT.ipynb``. Links are not followed.

    Args:
        course: Where ``submitted/`` is.
        week: Which week they belong to.
        folder: Where they are.
        replace: Whether what is there and differs may be replaced.

    Raises:
        CourseError: The folder is not there, or lies in ``submitted/`` itself.
    """
    if not folder.is_dir():
        raise CourseError(f"Expected a folder with submissions; found none at {folder}.")
    if folder.resolve().is_relative_to((course.root / "submitted").resolve()):
        raise CourseError(f"Expected a folder outside of submitted/; found {folder}. What is there is collected.")
    done = Collected()
    taken: dict[Path, Path] = {}
    for piece in _pieces(week, folder, done):
        target = course.root / "submitted" / piece.student / week.id / piece.name
        if target in taken:
            done.complaints.append(
                f"{piece.path} was left out: {taken[target]} is the same student's, too. Remove one of them."
            )
            continue
        taken[target] = piece.path
        _copy(piece.path, target, done, replace=replace)
    return done


def _pieces(week: Week, folder: Path, done: Collected) -> Iterator[_Piece]:
    for path in sorted(folder.iterdir()):
        if path.name in _IGNORED:
            continue
        if path.is_symlink():
            done.complaints.append(f"{path} was left out: it is a link. Put the file itself there.")
        elif path.is_dir():
            yield from _pieces_of_student(week, path, done)
        elif path.suffix == ".ipynb":
            match = _NOTEBOOK_OF.fullmatch(path.stem)
            student, notebook = (match["student"], match["notebook"]) if match else (path.stem, ASSIGNMENT)
            if match is None and path.stem in NOTEBOOKS:
                done.complaints.append(
                    f"{path} was left out: expected the student's name in it; found none. "
                    f"Rename it to STUDENT_{path.name}, or put it into a folder named for the student."
                )
            elif _is_student(student, path, done):
                yield _Piece(path, student, Path(f"{notebook}.ipynb"))
        else:
            done.complaints.append(
                f"{path} was left out: expected STUDENT.ipynb, STUDENT_assignment.ipynb or a folder STUDENT/."
            )


def _pieces_of_student(week: Week, folder: Path, done: Collected) -> Iterator[_Piece]:
    student = folder.name
    if not _is_student(student, folder, done):
        return
    inner = folder / week.id if (folder / week.id).is_dir() else folder
    if not (inner / f"{ASSIGNMENT}.ipynb").is_file():
        found = ", ".join(sorted(path.name for path in inner.iterdir())[:5]) or "nothing"
        done.complaints.append(
            f"{inner} was left out: expected {ASSIGNMENT}.ipynb in it; found {found}. Rename the notebook."
        )
        return
    for name, folders, files in os.walk(inner):
        folders[:] = sorted(set(folders) - _IGNORED)
        for file in sorted(set(files) - _IGNORED):
            path = Path(name) / file
            if path.is_symlink() or not path.is_file():
                done.complaints.append(f"{path} was left out: it is no ordinary file.")
            else:
                yield _Piece(path, student, path.relative_to(inner))


def _is_student(student: str, path: Path, done: Collected) -> bool:
    if _STUDENT.fullmatch(student):
        return True
    done.complaints.append(
        f"{path} was left out: expected a student's id of letters, digits and @._+-; found {student!r}. Rename it."
    )
    return False


def _copy(path: Path, target: Path, done: Collected, *, replace: bool) -> None:
    if target.exists():
        if target.is_file() and target.read_bytes() == path.read_bytes():
            done.same.append(target)
            return
        if not replace:
            done.complaints.append(
                f"{path} was left out: {target} is there and differs. To replace it: tfcourse collect --force"
            )
            return
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_beside(target)
    shutil.copyfile(path, temporary)
    temporary.replace(target)
    done.copied.append(target)
