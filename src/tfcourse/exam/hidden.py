"""Hidden data on disk: what a model file is asked about, and the key. Never a pickle."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import numpy as np

from tfcourse.checks.records import Key


def write(path: Path, key: Key) -> None:
    """Write a problem's hidden inputs, in each of their forms, and the key; whole or not at all.

    Args:
        path: Ends in ``.npz``; its folder is made, for this user alone.
        key: With one expected output.

    Raises:
        ValueError: It holds what only a pickle could.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = path.with_name(f".{secrets.token_hex(4)}.npz")
    arrays: dict[str, Any] = {f"x{number}": array for number, array in enumerate(key.inputs)}
    arrays["y"] = key.expected[0][0]
    if any(array.dtype.hasobject for array in arrays.values()):
        raise ValueError("Expected arrays of numbers or text; found one of objects.")
    try:
        np.savez(unfinished, **arrays)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def read(path: Path) -> Key | None:
    """Return what `write` wrote; None where it is missing or damaged, so that it has to be drawn again."""
    try:
        with np.load(path, allow_pickle=False) as file:
            inputs = tuple(file[f"x{number}"] for number in range(len(file.files) - 1))
            return Key(expected=((file["y"],),), inputs=inputs)
    except Exception:  # a damaged archive fails in many ways
        return None
