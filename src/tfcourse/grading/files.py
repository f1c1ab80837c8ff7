"""Files that are there completely or not at all, and what may be read of a folder that a stranger filled."""

from __future__ import annotations

import ctypes
import fnmatch
import os
import secrets
import shutil
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

_MARK = ".tfcourse-"
"""In the name of everything that is half-written or doomed."""
_DEEPEST = 50
"""Folders in each other; Python's own functions for trees of files give up at a thousand."""
_LITTER = {".ipynb_checkpoints", "__pycache__", "__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini"}
_HERE, _EXCHANGE = -100, 2
"""Linux's AT_FDCWD and RENAME_EXCHANGE."""


def temporary_beside(path: Path) -> Path:
    """Return an unused name in the same folder as `path`, which `remove_temporaries` knows again.

    It begins with a dot, so neither nbgrader's nor a shell's patterns find it.
    """
    return path.with_name(f".{path.name}{_MARK}{secrets.token_hex(4)}")


def remove_temporaries(folder: Path) -> list[Path]:
    """Remove what a killed process left half-written or half-removed in a folder; return what that was."""
    found = list(folder.glob(f".*{_MARK}*")) if folder.is_dir() else []
    for path in found:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return found


def new_folder(path: Path) -> None:
    """Make a folder, and those above it."""
    path.mkdir(parents=True, exist_ok=True)


def write_synced(path: Path, content: bytes) -> None:
    """Write a file, its folder too, and wait until both are on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    sync(path.parent)


def sync(folder: Path) -> None:
    """Wait until a folder's list of names is on the disk."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_folder(new: Path, old: Path) -> None:
    """Put a complete folder in the place of another, or of none.

    On Linux the two change places in one step. Elsewhere it takes two; killed between them, there is none for
    a moment, and the caller has to do it again.
    """
    if not (old.exists() or old.is_symlink()):
        new.rename(old)
    elif _exchange(new, old):
        remove(new)
    else:
        doomed = temporary_beside(old)
        old.rename(doomed)
        new.rename(old)
        remove(doomed)


def _exchange(one: Path, other: Path) -> bool:
    """Let two paths change places; tell whether the system could."""
    rename = getattr(ctypes.CDLL(None), "renameat2", None) if sys.platform == "linux" else None
    if rename is None:
        return False
    return bool(rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0)


def remove(path: Path) -> None:
    """Remove a file or a folder, whatever is in it."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def find_files(folder: Path, ignore: Sequence[str]) -> Iterator[Path]:
    """Find the files below a folder in one walk; links to folders are not followed.

    nbgrader's own `find_all_files` searches a file's folder once for each file and pattern.

    Args:
        folder: Where to look.
        ignore: Patterns of names, of files and of folders, as nbgrader has them: like a shell's, so that ``*`` fits
            no name that begins with a dot.
    """

    def ignored(name: str) -> bool:
        return any(
            fnmatch.fnmatchcase(name, pattern) and (pattern.startswith(".") or not name.startswith("."))
            for pattern in ignore
        )

    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not ignored(name)]
        yield from (Path(parent, name) for name in names if not ignored(name))


class TooLarge(ValueError):
    """A file that is larger than it may be."""


def read_within(path: Path, folder: Path, most_bytes: int) -> bytes:
    """Read a file that a stranger put into `folder`.

    A submission may hold links to anything (the gradebook, a solution), pipes that never end, and more than
    memory holds.

    Raises:
        TooLarge: It is larger than `most_bytes`.
        ValueError: It is no ordinary file of this folder.
        OSError: It cannot be read.
    """
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ValueError(f"Expected a file of the submission; {path} is a link to {path.resolve()}, outside of it.")
    # Without O_NONBLOCK, opening a pipe waits for somebody to write into it.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise ValueError(f"Expected an ordinary file; {path} is none.")
        if found.st_size > most_bytes:
            raise TooLarge(f"Expected at most {_megabytes(most_bytes)}; {path.name} has {_megabytes(found.st_size)}.")
        return file.read(most_bytes)


def is_litter(name: str) -> bool:
    """Tell whether a file or a folder is what systems and programs leave everywhere: no part of a submission."""
    return name in _LITTER or name.startswith("._")


def is_inside(name: str) -> bool:
    """Tell whether a relative path of a stranger's stays inside the folder that it is put into."""
    path = PurePosixPath(name)
    if not name or "\0" in name or "\\" in name or path.is_absolute() or len(name.encode("utf-8", "replace")) > 1000:
        return False
    return 0 < len(path.parts) <= _DEEPEST and all(
        part not in ("", ".", "..") and len(part) < 200 for part in path.parts
    )


def write_files(folder: Path, files: Iterable[tuple[str, bytes]]) -> list[str]:
    """Write files into a folder of ours, as far as their paths stay in it and do not clash.

    Returns:
        The names that were not written.
    """
    refused = []
    for name, content in files:
        path = folder / name
        if not is_inside(name):
            refused.append(name)
            continue
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except (OSError, ValueError):  # A file where another's folder should be, or a name that no disk takes.
            refused.append(name)
    return refused


def _megabytes(count: int) -> str:
    return f"{count / 2**20:.0f} MB"
