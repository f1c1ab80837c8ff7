"""Practice data on disk: they come from a public seed, so they need to be drawn only once.

A file holds one check's task and key, under a digest of everything that they are made of: the check, its data set,
the seed, the versions of what draws. Where anything of it changes, so does the name; the oldest files go when
they take too much room.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from contextlib import suppress
from dataclasses import fields
from pathlib import Path

import platformdirs

from tfcourse.checks.check import Check
from tfcourse.checks.records import Key
from tfcourse.course import Course
from tfcourse.errors import GraderBroken
from tfcourse.examiner.coding import decode_task, encode_task
from tfcourse.examiner.fingerprint import digests, versions
from tfcourse.examiner.messages import ProtocolError, decode, encode
from tfcourse.examiner.paper import Question
from tfcourse.examiner.values import decode_value, encode_value

FOLDER_VARIABLE = "TFCOURSE_CACHE"
"""Environment variable that names another folder; empty for none at all."""
MOST_BYTES = 512 * 2**20
"""Of all files together."""
_SUFFIX = ".practice"
_DIGEST = 32
"""Bytes of the SHA-256 that a file begins with."""


def folder() -> Path | None:
    """Return where the files lie; None where nothing is to be kept."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    if chosen is not None:
        return Path(chosen) if chosen else None
    return Path(platformdirs.user_cache_dir("tfcourse")) / "practice"


def question(course: Course, check: Check, seed: int) -> Question:
    """Return a check's question: as it was kept, or drawn and kept for the next time.

    Args:
        course: Where the check was found.
        check: Which.
        seed: Of its data; a public one.

    Raises:
        CourseError: As in `Question.draw`.
    """
    where = folder()
    if where is None:
        return Question.draw(check, seed)
    path = where / f"{_name(course, check, seed)}{_SUFFIX}"
    kept = _read(path, check, seed)
    if kept is not None:
        return kept
    drawn = Question.draw(check, seed)
    with suppress(OSError, GraderBroken):  # a full disk costs time, and nothing else
        _write(path, drawn)
        _forget_the_oldest(where)
    return drawn


def _name(course: Course, check: Check, seed: int) -> str:
    made_of = [check.id, str(seed), *sorted((versions() | digests(course, [check.id])).items())]
    return f"{check.id}-{hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:24]}"


def _read(path: Path, check: Check, seed: int) -> Question | None:
    try:
        whole = path.read_bytes()
        digest, content = whole[:_DIGEST], whole[_DIGEST:]
        if hashlib.sha256(content).digest() != digest:
            return None
        message = decode(content)
        task = decode_task(message)
        key = Key(**decode_value(message.header["key"], message))
    except (OSError, ProtocolError, KeyError, TypeError):  # there is none, or it is another program's
        return None
    with suppress(OSError):
        os.utime(path)
    return Question(check, task, key, seed)


def _write(path: Path, drawn: Question) -> None:
    header, arrays, blobs = encode_task(drawn.task)
    key = {each.name: getattr(drawn.key, each.name) for each in fields(Key)}
    key["train"] = dict(drawn.key.train)
    content = encode({"task": header, "key": encode_value(key, arrays, blobs)}, arrays, blobs)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{secrets.token_hex(4)}")
    try:
        unfinished.write_bytes(hashlib.sha256(content).digest() + content)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _forget_the_oldest(where: Path) -> None:
    files = sorted(where.glob(f"*{_SUFFIX}"), key=lambda path: path.stat().st_mtime, reverse=True)
    total = 0
    for path in files:
        total += path.stat().st_size
        if total > MOST_BYTES:
            path.unlink(missing_ok=True)
