"""Hidden data on disk: what a model file is asked about, and the key. Never a pickle."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import numpy as np

from tfcourse.checks.records import Key


def write(path: Path, key: Key) -> None:
    """Write a problem's hidden inputs, in each of their forms, and the key; whole or not at all.

    Beside them lie the training examples that a model is asked about, for its diagnosis.

    Args:
        path: Ends in ``.npz``; its folder is made, for this user alone.
        key: With one expected output.

    Raises:
        ValueError: It holds what only a pickle could.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = path.with_name(f".{secrets.token_hex(4)}.npz")
    arrays: dict[str, Any] = {f"x{number}": array for number, array in enumerate(key.inputs)}
    arrays |= {f"seen{number}": array for number, array in enumerate(key.seen)}
    arrays["y"] = key.expected[0][0]
    if key.seen_expected is not None:
        arrays["seen_y"] = key.seen_expected
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
            inputs, seen = (
                tuple(file[name] for name in sorted(file.files) if name[:-1] == kind) for kind in ("x", "seen")
            )
            expected = file["seen_y"] if "seen_y" in file.files else None
            return Key(expected=((file["y"],),), inputs=inputs, seen=seen, seen_expected=expected)
    except Exception:  # a damaged archive fails in many ways
        return None
