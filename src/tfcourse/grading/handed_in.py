"""A folder of submissions as it came, from an LMS or by hand: whose they are, and what is in them.

Whose a submission is stands in the name of its own file, archive or folder, and never inside of it: an archive is one
student's, whatever folders it holds. These names are understood, each also with ``.zip`` or as a folder where that
makes sense::

    ann.ipynb                                       STUDENT
    ann_assignment.ipynb, ann_lesson.ipynb          STUDENT_NOTEBOOK
    leeann_12345_67890_assignment-1.ipynb           Canvas; also leeann_LATE_12345_67890_…
    Ann Lee_1234567_assignsubmission_file/          Moodle

A browser's or an LMS's number of a copy, ``assignment-1`` or ``assignment (1)``, is not looked at. Where a student has
two submissions of the same notebook that differ, neither is taken: when a file was written says little about when it
was handed in, and staff can tell which one is meant.
"""

from __future__ import annotations

import contextlib
import filecmp
import os
import re
import secrets
import shutil
import stat
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from nbgrader.utils import parse_utc

from tfcourse.course import NOTEBOOKS
from tfcourse.grading.files import is_inside, is_litter, write_synced
from tfcourse.grading.plan import TIMESTAMP
from tfcourse.texts import printable

ASSIGNMENT = "assignment"
FEEDBACK_NAME = "submission_secret.txt"
"""Without it, and without a timestamp, `nbgrader release_feedback` stops."""
MOST_FILES = 10_000
"""Files of one student."""
MOST_UNPACKED = 512 * 2**20
"""Bytes that a student's archive may hold once it is unpacked."""
_MOST_NAME = 100
_COPY = r"(?:-\d+| ?\(\d+\))?"
_NAMES = (
    re.compile(r"(?P<student>.+)_\d+_assignsubmission_\w+?(?:_(?P<rest>.*))?", re.DOTALL),
    re.compile(r"(?P<student>.+?)(?:_LATE)?_\d{3,}_\d{3,}_(?P<rest>.+)", re.DOTALL),
    re.compile(rf"(?P<student>.+)_(?P<rest>(?:{'|'.join(NOTEBOOKS)}){_COPY})", re.DOTALL),
    re.compile(rf"(?!(?:{'|'.join(NOTEBOOKS)}){_COPY}$)(?P<student>.+)", re.DOTALL),
)
_LESSON = re.compile(rf"lesson{_COPY}")
_WEEK = re.compile(r"week[ _-]?\d+", re.IGNORECASE)
_MARKS = "@._ +-'’"
_UNREADABLE = "Ask for it again, or unpack it yourself into a folder of this name."


@dataclass(frozen=True)
class Name:
    """What the name of a file, an archive or a folder says.

    Args:
        student: Whose it is.
        notebook: Which of the week's notebooks it is, where it is a single one.
    """

    student: str
    notebook: str


@dataclass(frozen=True)
class Submission:
    """What one student handed in for a week.

    Args:
        student: Who.
        files: Paths below the submission's folder, with ``/``, to the files that hold their content. The latter are
            there as long as `submissions` has not gone on to the next student.
        time: When it was handed in, as far as its file tells: UTC.
    """

    student: str
    files: dict[str, Path]
    time: datetime

    def write_marks(self, folder: Path, *, anew: bool = True) -> None:
        """Write what `nbgrader submit` puts beside a submission: when it came, and the secret that names its feedback.

        Args:
            folder: Where the submission was written to.
            anew: Whether the time is to be written although there is one.
        """
        if anew or not (folder / TIMESTAMP).exists():
            write_synced(folder / TIMESTAMP, f"{self.time:%Y-%m-%d %H:%M:%S.%f} UTC".encode())
        if not (folder / FEEDBACK_NAME).exists():
            write_synced(folder / FEEDBACK_NAME, secrets.token_hex(64).encode())


class _Unusable(Exception):
    """An archive that cannot be unpacked; the message says why."""


@dataclass
class _Part:
    """A file, an archive or a folder: one way in which a student handed something in."""

    path: Path
    shown: str
    notebook: str
    files: dict[str, Path] = field(default_factory=dict)
    time: datetime = datetime(1970, 1, 1, tzinfo=UTC)


def read_name(name: str) -> Name | None:
    """Return whose a file, an archive or a folder is, from its name without the suffix; None where it does not say.

    An id begins with a letter or a digit, of any alphabet, and holds these, spaces and ``@._+-'``. A week's name is
    no student's.
    """
    for pattern in _NAMES:
        match = pattern.fullmatch(unicodedata.normalize("NFC", name))
        if match is not None:
            student = match["student"].strip()
            rest = match.groupdict().get("rest") or ""
            notebook = "lesson" if _LESSON.fullmatch(rest) else ASSIGNMENT
            return Name(student, notebook) if is_student(student) else None
    return None


def is_student(id: str) -> bool:
    """Tell whether a text can be a student's id, and the name of a folder of ours."""
    return (
        0 < len(id) <= _MOST_NAME
        and id[0].isalnum()
        and id[-1] not in " ."
        and all(each.isalnum() or each in _MARKS or unicodedata.category(each)[0] == "M" for each in id)
        and not _WEEK.fullmatch(id)
        and len(os.fsencode(id)) <= 2 * _MOST_NAME
    )


def submissions(week: str, folder: Path, complaints: list[str]) -> Iterator[Submission]:
    """Yield what each student handed in, by their ids. Neither links are followed, nor archives in archives.

    Args:
        week: Id of the week.
        folder: What came.
        complaints: Gets a line for everything that is left out, with the reason and the remedy.
    """
    parts: dict[str, list[_Part]] = {}
    for path in sorted(folder.iterdir(), key=lambda path: os.fsencode(path.name)):
        if is_litter(path.name):
            continue
        shown, found = printable(str(path)), None
        if path.is_symlink():
            complaints.append(f"{shown} was left out: it is a link. Put the file itself there.")
        elif path.is_dir():
            found = read_name(path.name)
        elif path.suffix.lower() in (".ipynb", ".zip") and path.is_file():
            found = read_name(path.stem)
        else:
            complaints.append(
                f"{shown} was left out: expected STUDENT.ipynb, STUDENT_assignment.ipynb, STUDENT.zip or a folder "
                "STUDENT/."
            )
            continue
        if found is not None:
            parts.setdefault(found.student, []).append(_Part(path, shown, found.notebook))
        elif not path.is_symlink():
            complaints.append(_nobodys(path, shown))
    for student in sorted(parts):
        # Unpacked archives are there until the next student's turn.
        with contextlib.ExitStack() as unpacked:
            usable = [part for part in parts[student] if _read(part, week, unpacked, complaints)]
            try:
                submission = _joined(student, usable)
            except OSError as error:
                submission = f"{usable[0].shown} was left out: it cannot be read: {printable(str(error))}."
            if isinstance(submission, str):
                complaints.append(submission)
            elif submission is not None:
                yield submission


def _nobodys(path: Path, shown: str) -> str:
    if re.fullmatch(rf"(?:{'|'.join(NOTEBOOKS)}){_COPY}", path.stem):
        return (
            f"{shown} was left out: expected the student's name in it; found none. "
            f"Rename it to STUDENT_{printable(path.name)}, or put it into a folder named for the student."
        )
    return (
        f"{shown} was left out: expected a student's id of letters, digits, spaces and @._+-', which begins with a "
        f"letter or a digit and is no week; found {printable(path.name)!r}. Rename it."
    )


def _read(part: _Part, week: str, unpacked: contextlib.ExitStack, complaints: list[str]) -> bool:
    """Find the files of a part, and its time; tell whether there are any that can be used."""
    try:
        if part.path.is_dir():
            return _read_folder(part, week, unpacked, complaints)
        part.time = _modified(part.path)
        if part.path.suffix.lower() == ".zip":
            return _read_archive(part, week, unpacked, complaints)
    except (OSError, ValueError, OverflowError) as error:  # the latter: of a file of the year 10,000
        complaints.append(f"{part.shown} was left out: it cannot be read: {printable(str(error))}.")
        return False
    part.files = {f"{part.notebook}.ipynb": part.path}
    return True


def _read_archive(part: _Part, week: str, unpacked: contextlib.ExitStack, complaints: list[str]) -> bool:
    folder = Path(unpacked.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
    try:
        refused = _unpack(part.path, folder)
    except _Unusable as error:
        complaints.append(f"{part.shown} was left out: {printable(str(error))}. {_UNREADABLE}")
        return False
    complaints += [f"{part.shown}: {printable(name)} was left out: {why}." for name, why in refused]
    root = _root(folder, week, part.shown, complaints)
    if root is None:
        return False
    # A time that stands in an archive is what its maker's clock said; the archive's own is not the student's to set.
    part.files = _files(root, part.shown, complaints)
    for name in (TIMESTAMP, FEEDBACK_NAME):
        part.files.pop(name, None)
    return True


def _read_folder(part: _Part, week: str, unpacked: contextlib.ExitStack, complaints: list[str]) -> bool:
    archives = [path for path in part.path.iterdir() if path.suffix.lower() == ".zip" and not is_litter(path.name)]
    if len(archives) == 1 and archives[0].is_file() and not archives[0].is_symlink() and not _assignments(part.path):
        part.path, part.shown = archives[0], printable(str(archives[0]))
        part.time = _modified(part.path)
        return _read_archive(part, week, unpacked, complaints)
    root = _root(part.path, week, part.shown, complaints)
    if root is None:
        return False
    part.files = _files(root, part.shown, complaints)
    part.time = _modified(root / f"{ASSIGNMENT}.ipynb")
    stamp = part.files.pop(TIMESTAMP, None)
    if stamp is not None:
        try:
            part.time = parse_utc(stamp.read_bytes()[:1000].decode("utf-8").strip()).replace(tzinfo=UTC)
        except Exception:  # what takes every form of a date fails in many ways
            complaints.append(
                f"{printable(str(stamp))} was left out: expected a date and a time in it. "
                "The time of the notebook's file was taken."
            )
    return True


def _unpack(archive: Path, folder: Path) -> list[tuple[str, str]]:
    """Unpack a zip's ordinary files into an empty folder of ours, and nowhere else.

    Returns:
        The names that were left out, each with the reason.

    Raises:
        _Unusable: It is no zip, is damaged, or holds too much.
    """
    try:
        with zipfile.ZipFile(archive) as file:
            return _extract(file, folder)
    except _Unusable:
        raise
    except Exception as error:  # a damaged archive fails in many ways
        raise _Unusable(f"expected a zip that can be read; found {type(error).__name__}: {error}") from error


def _extract(file: zipfile.ZipFile, folder: Path) -> list[tuple[str, str]]:
    entries = [entry for entry in file.infolist() if not entry.is_dir() and not _is_litter(entry.filename)]
    if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise _Unusable(f"expected at most {MOST_FILES:,} files and {MOST_UNPACKED // 2**20} MB; found more")
    refused = []
    for entry in entries:
        name = entry.filename.replace("\\", "/")  # as some programs write it on Windows
        if stat.S_ISLNK(entry.external_attr >> 16) or not is_inside(name) or re.match("[A-Za-z]:", name):
            refused.append((name, "it is a link, or its path does not stay in the archive"))
            continue
        target = folder / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with file.open(entry) as source, target.open("xb") as written:
                shutil.copyfileobj(source, written)
        except FileExistsError:
            raise _Unusable(f"it holds {name} twice") from None
        except (OSError, UnicodeError) as error:
            refused.append((name, f"it cannot be written: {type(error).__name__}"))
    return refused


def _is_litter(name: str) -> bool:
    return any(is_litter(part) for part in PurePosixPath(name.replace("\\", "/")).parts)


def _assignments(folder: Path) -> list[PurePosixPath]:
    """Return where a student's folder holds a file ``assignment.ipynb``, relative to it."""
    return [PurePosixPath(name) for name in _walk(folder, []) if PurePosixPath(name).name == f"{ASSIGNMENT}.ipynb"]


def _root(folder: Path, week: str, shown: str, complaints: list[str]) -> Path | None:
    """Return where in a student's folder the submission is: beside the assignment that is nearest to the top."""

    def rank(path: PurePosixPath) -> tuple[int, bool]:
        of_week = path.parent.name == week
        return len(path.parts) - of_week, not of_week

    found = [
        path
        for path in _assignments(folder)
        if not any(_WEEK.fullmatch(part) and part.lower() != week.lower() for part in path.parts[:-1])
    ]
    nearest = [path for path in found if rank(path) == min(map(rank, found))]
    if len(nearest) == 1:
        return folder / nearest[0].parent
    if nearest:
        names = " and ".join(printable(str(path)) for path in nearest[:5])
        complaints.append(
            f"{shown} was left out: expected one {ASSIGNMENT}.ipynb in it; found {len(nearest)}, {names}. "
            "Remove all but one; where it is a whole class's, unpack it first."
        )
        return None
    inner = folder / week if (folder / week).is_dir() else folder
    names = ", ".join(printable(path.name) for path in sorted(inner.iterdir())[:5]) or "nothing"
    complaints.append(f"{shown} was left out: expected {ASSIGNMENT}.ipynb in it; found {names}. Rename the notebook.")
    return None


def _files(root: Path, shown: str, complaints: list[str]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for name, path in _walk(root, complaints).items():
        if len(found) == MOST_FILES:
            complaints.append(f"{shown}: what goes beyond {MOST_FILES:,} files was left out.")
            break
        found[name] = path
    return found


def _walk(root: Path, complaints: list[str]) -> dict[str, Path]:
    """Return the ordinary files of a folder by their relative paths."""
    found: dict[str, Path] = {}
    for folder, folders, files in os.walk(root):
        here = Path(folder)
        links = [name for name in folders if (here / name).is_symlink()]
        folders[:] = sorted(name for name in folders if not is_litter(name) and name not in links)
        for name in sorted([*files, *links]):
            path = here / name
            if is_litter(name):
                continue
            relative = path.relative_to(root).as_posix()
            if path.is_symlink() or not path.is_file():
                complaints.append(f"{printable(str(path))} was left out: it is no ordinary file.")
            elif not is_inside(relative) or printable(relative) != relative:
                complaints.append(
                    f"{printable(str(path))} was left out: expected a short name without backslashes and "
                    "control characters. Rename it."
                )
            else:
                found[relative] = path
    return found


def _joined(student: str, parts: list[_Part]) -> Submission | str | None:
    """Return what a student's parts are together; or, where they contradict each other, which ones do."""
    files: dict[str, Path] = {}
    givers: dict[str, _Part] = {}
    for part in parts:
        for name, path in part.files.items():
            if name in files and not filecmp.cmp(files[name], path, shallow=False):
                return (
                    f"{givers[name].shown} and {part.shown} were both left out: both have {name} of "
                    f"{student}, and they differ. Remove one of them."
                )
            if name not in files:
                files[name], givers[name] = path, part
    if not files:
        return None
    notebook = givers.get(f"{ASSIGNMENT}.ipynb", parts[0])
    return Submission(student, files, notebook.time)


def _modified(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
