"""A file that only grows: one JSON object a line. Survives two writers at once and a machine that dies.

::

    append(path, {"event": "started"})
    lines(path)          # [b'{"event": "started"}']
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment]


def append(path: Path, event: Mapping[str, Any], *, durable: bool = False) -> None:
    """Append an event; a line that a dying machine left half-written is closed first.

    Args:
        path: The file; it and its folder are made where they are missing.
        event: What JSON can hold.
        durable: Whether to wait until the disk has it.

    Raises:
        OSError: It cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps(event) + "\n"
    if _is_torn(path):
        line = "\n" + line
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    with os.fdopen(descriptor, "ab") as file:
        file.write(line.encode())
        if durable:
            file.flush()
            os.fsync(file.fileno())


def lines(path: Path) -> list[bytes]:
    """Return the lines of the file, without the empty ones; none where there is no file."""
    return list(filter(None, path.read_bytes().splitlines())) if path.exists() else []


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Let no other process, nor another thread, into this block for the same file, where the system has such locks."""
    with path.with_name(path.name + ".lock").open("w") as lock:
        if fcntl is not None:
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_torn(path: Path) -> bool:
    """Tell whether a machine that died left half a line, after which a new one has to begin."""
    try:
        with path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) != b"\n"
    except OSError:  # no file yet, or an empty one
        return False
