"""A kernel's working folder, seen from outside: filled before it runs, read after it has ended.

Everything goes through the folder's descriptor and follows no link, so that nothing that a submission leaves
there leads anywhere else.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator, Mapping

MOST_LEVELS = 16
"""Folders within folders that are looked into."""
_NOT_KEPT = {"__pycache__", ".ipynb_checkpoints"}


def put(folder: int, files: Mapping[str, bytes], uid: int | None = None) -> None:
    """Write files into a folder.

    Args:
        folder: The folder's descriptor.
        files: Relative path, with ``/``, to content.
        uid: Who is to own them; None for who writes them.

    Raises:
        ValueError: A path leads out of the folder.
        OSError: They do not fit.
    """
    for path, content in files.items():
        *parents, name = path.split("/")
        if any(part in {"", ".", ".."} for part in (*parents, name)):
            raise ValueError(f"Expected a path within the folder; found {path!r}.")
        with contextlib.ExitStack() as opened:
            where = folder
            for parent in parents:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(parent, 0o700, dir_fd=where)
                    if uid is not None:
                        os.chown(parent, uid, uid, dir_fd=where, follow_symlinks=False)
                where = os.open(parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=where)
                opened.callback(os.close, where)
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
            with open(os.open(name, flags, 0o600, dir_fd=where), "wb") as file:
                file.write(content)
                if uid is not None:
                    os.fchown(file.fileno(), uid, uid)


def take(folder: int, most_bytes: int, most_files: int = 1000) -> tuple[dict[str, bytes], bool]:
    """Read what lies in a folder: regular files, in order of their paths, as long as they fit.

    Args:
        folder: The folder's descriptor.
        most_bytes: All contents together.
        most_files: How many.

    Returns:
        Relative path to content; and whether anything was left out.
    """
    files: dict[str, bytes] = {}
    complete = True
    with contextlib.suppress(OSError):
        os.fchmod(folder, 0o700)  # it may have been closed to everybody
    size = 0
    for parent, folders, names, descriptor in _walk(folder):
        folders[:] = sorted(name for name in folders if name not in _NOT_KEPT)
        if parent.count("/") >= MOST_LEVELS and folders:
            complete = False
            folders.clear()
        for name in sorted(names):
            try:
                status = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
                if not stat.S_ISREG(status.st_mode):
                    complete = False
                    continue
                if len(files) >= most_files or size + status.st_size > most_bytes:
                    complete = False
                    continue
                path = os.path.normpath(os.path.join(parent, name))
                path.encode("utf-8")  # a name that is no text cannot be kept
                flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
                with open(os.open(name, flags, dir_fd=descriptor), "rb") as file:
                    files[path] = file.read(most_bytes - size)
                    size += len(files[path])
            except (OSError, UnicodeError):
                complete = False
    return files, complete


def _walk(folder: int) -> Iterator[tuple[str, list[str], list[str], int]]:
    """Walk as `os.fwalk`, and end quietly at a folder that cannot be entered."""
    with contextlib.suppress(OSError):
        yield from os.fwalk(".", dir_fd=folder, follow_symlinks=False)
