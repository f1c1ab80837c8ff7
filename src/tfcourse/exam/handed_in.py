"""What a student handed in for an exam: which model file belongs to which problem, and what belongs to none.

The first name below the student's folder says it, where it begins with a problem's number: ``1-basic/model.keras``,
``1.keras``, ``01 my model.h5``; or a folder that is named as it was handed out: ``exam/1-basic/model.keras``. Otherwise
all names on the way do, where they name one problem and no other: ``basic/model.keras``, ``Problem 1.keras``,
``model_1.h5``.

Of several files of a problem two are asked at most, since each is asked about hidden data: the one that is named as
was asked for, ``model.keras``, and the newest of the others.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from tfcourse.checks.problems import DATA
from tfcourse.exam.materials import MODEL
from tfcourse.exam.session import Place
from tfcourse.grading.files import is_litter
from tfcourse.texts import printable

MOST_FILES = 20_000
"""Files of one student that are looked at."""
MOST_STRANGE = 20
"""Files of no problem that are named."""
_SUFFIXES = (".keras", ".h5", ".hdf5")
_NO_MODELS = (".zip", ".tar", ".gz", ".7z", ".rar", ".pb", ".tflite", ".onnx", ".pkl", ".pt", ".pth", ".npz")
"""What holds a model, perhaps, and is none that can be asked."""
_NUMBER = re.compile(r"(?:^|[ _-])(?:problem|task|model|exercise|p)?[ _.-]*0*(\d+)(?![^\W_])", re.IGNORECASE)


@dataclass(frozen=True)
class HandedIn:
    """What one student handed in.

    Args:
        folder: The student's; its own parent where there is none.
        files: Problem number to the files that are asked, in their order.
        left_out: Problem number to those that are not, since there are too many.
        strange: What belongs to no problem, in words that can be shown.
    """

    folder: Path
    files: Mapping[int, tuple[Path, ...]] = field(default_factory=dict)
    left_out: Mapping[int, tuple[Path, ...]] = field(default_factory=dict)
    strange: tuple[str, ...] = ()


def sort_files(folder: Path | None, places: Sequence[Place]) -> HandedIn:
    """Sort a student's files by problems. Links are not followed.

    Args:
        folder: The student's; None where nothing was handed in.
        places: The problems.
    """
    if folder is None:
        return HandedIn(Path())
    found, strange = _models(folder)
    sorted_: dict[int, list[Path]] = {}
    for path in found:
        relative = PurePosixPath(path.relative_to(folder).as_posix())
        numbers = problems_named(relative, places)
        if len(numbers) == 1:
            sorted_.setdefault(min(numbers), []).append(path)
        else:
            which = f"problems {' and '.join(map(str, sorted(numbers)))}" if numbers else "no problem"
            strange.append(f"{printable(str(relative))} names {which}")
    if len(strange) > MOST_STRANGE:
        strange[MOST_STRANGE:] = [f"{len(strange) - MOST_STRANGE} more"]
    asked = {number: _asked(paths) for number, paths in sorted_.items()}
    left_out = {number: tuple(path for path in paths if path not in asked[number]) for number, paths in sorted_.items()}
    return HandedIn(folder, asked, left_out, tuple(strange))


def may_be_model(name: str) -> bool:
    """Tell whether a file of this name holds a model, perhaps, or is an archive."""
    return Path(name).suffix.lower() in (*_SUFFIXES, *_NO_MODELS)


def problems_named(path: PurePosixPath, places: Sequence[Place]) -> set[int]:
    """Return the numbers of the problems that a path below a student's folder names."""
    first = {place.number for place in places if re.match(rf"0*{place.number}(?![0-9])", path.parts[0])}
    handed_out = {place.number for place in places if place.folder in path.parts[:-1]}
    if first or handed_out:
        return first or handed_out
    found = set()
    for part in (*path.parts[:-1], path.stem):
        words = set(re.split(r"[\W_]+", part.casefold()))
        numbers = {int(number) for number in _NUMBER.findall(part) if len(number) < 4}
        found |= {place.number for place in places if place.kind in words or place.number in numbers}
    return found


def _models(folder: Path) -> tuple[list[Path], list[str]]:
    """Return the model files of a folder; and what looks like one and is none, with the reason."""
    found, strange, count = [], [], 0
    for name, folders, files in os.walk(folder):
        here = Path(name)
        relative = here.relative_to(folder)
        if "saved_model.pb" in files:
            strange.append(f"{printable(str(relative))}/ is a SavedModel folder; expected a file .keras or .h5")
            folders.clear()
            continue
        links = [each for each in folders if (here / each).is_symlink()]
        strange += [f"{printable(str(relative / each))}/ is a link" for each in links]
        folders[:] = sorted(each for each in folders if each not in links and not is_litter(each))
        for file in sorted(each for each in files if not is_litter(each)):
            path, suffix = here / file, Path(file).suffix.lower()
            count += 1
            if suffix in _SUFFIXES and path.is_file() and not path.is_symlink():
                found.append(path)
            elif suffix in _SUFFIXES:
                strange.append(f"{printable(str(relative / file))} is a link or no ordinary file")
            elif suffix in _NO_MODELS and DATA not in relative.parts:
                strange.append(f"{printable(str(relative / file))} is no .keras or .h5")
        if count > MOST_FILES:
            strange.insert(0, f"more than {MOST_FILES:,} files: not all were looked at")
            break
    return found, strange


def _asked(paths: Sequence[Path]) -> tuple[Path, ...]:
    newest = sorted(paths, key=lambda path: (path.lstat().st_mtime, str(path)), reverse=True)
    named = [path for path in newest if path.stem.lower() == Path(MODEL).stem][:1]
    return (*named, *(path for path in newest if path not in named))[:2]
