"""The C library's functions that Python has no name for, with errors that say what was being done."""

from __future__ import annotations

import ctypes
import functools
import os


@functools.cache
def library() -> ctypes.CDLL:
    """Return the C library of this process; opened at first use, so that other systems can import this module."""
    return ctypes.CDLL(None, use_errno=True)


def check(result: int, doing: str) -> int:
    """Return what a C function returned, or raise what it complains of.

    Args:
        result: What it returned; negative means failure, with the cause in ``errno``.
        doing: What was being done, for the message.

    Returns:
        The result.

    Raises:
        OSError: The function failed.
    """
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{doing}: {os.strerror(number)}")
    return result


def prctl(option: int, first: int, second: int, doing: str) -> int:
    """Call ``prctl(option, first, second, 0, 0)``, or raise OSError that says what was being ``doing``."""
    words = (ctypes.c_ulong(word) for word in (first, second, 0, 0))
    return check(library().prctl(ctypes.c_int(option), *words), doing)


def mount(source: str, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    """Mount a file system, or raise OSError that names it and its target."""
    result = library().mount(
        source.encode(),
        os.fsencode(target),
        None if kind is None else kind.encode(),
        ctypes.c_ulong(flags),
        None if options is None else options.encode(),
    )
    check(result, f"mounting {kind or source} on {target}")
