"""Download a file once, check it against a pinned digest, and keep it.

A file is first written beside its place and moved there only when it is whole and right, so what lies in the
cache is never half a file. A download that is cut off goes on from where it stopped, if the server can do
that. Two processes that want the same file wait for each other instead of downloading it twice.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import platformdirs

from tfcourse.errors import DataUnavailable

ATTEMPTS = 4
"""How often a download is begun or continued before it is given up."""
PAUSE = 1.0
"""Seconds before the second attempt; doubled before each further one."""
TIMEOUT = 30.0
"""Seconds without a byte after which a connection counts as cut off."""

_BLOCK = 1 << 18
_LARGEST_UNKNOWN = 1 << 30
"""Most bytes that are taken of a file whose size is not pinned."""
_NO_SCORE_DEPENDS_ON_IT = "No score of the course depends on it."
_WORTH_ANOTHER_TRY = (408, 425, 429, 500, 502, 503, 504)


@dataclass(frozen=True)
class RemoteFile:
    """A file on the web whose content is known beforehand.

    Args:
        name: Of the file in the cache.
        url: Where it is.
        digest: ``sha256:`` or ``md5:`` and hexadecimal digits. MD5 only where the publisher pins nothing else:
            it tells a damaged file from a whole one, not a forged one from a true one.
        size: In bytes, or None where nobody pins it.
    """

    name: str
    url: str
    digest: str
    size: int | None = None


def cache_folder() -> Path:
    """Return the folder of downloads: ``TFCOURSE_DATA``, or ``~/.cache/tfcourse`` (elsewhere on other systems)."""
    chosen = os.environ.get("TFCOURSE_DATA")
    return Path(chosen).expanduser() if chosen else Path(platformdirs.user_cache_dir("tfcourse"))


def fetch(file: RemoteFile) -> Path:
    """Return the path of a file, downloading it if it is not in the cache yet.

    Args:
        file: What to fetch.

    Returns:
        Path of a whole file with the pinned digest.

    Raises:
        DataUnavailable: There is no connection, no such file on the server any more, or another content.
    """
    folder = cache_folder()
    path = folder / file.name
    if path.is_file():
        return path
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder / f".{file.name}.lock"):
            if not path.is_file():  # another process may have been faster
                _download(file, path)
    except OSError as error:
        raise DataUnavailable(
            f"Expected to write {file.name} to {folder}; found: {error}. "
            f"Set TFCOURSE_DATA to a folder with room. {_NO_SCORE_DEPENDS_ON_IT}"
        ) from None
    return path


def _download(file: RemoteFile, path: Path) -> None:
    part = path.with_name(f".{file.name}.part")
    begun = part.exists()
    _complete(file, part)
    found = _digest(part, file.digest)
    if found != file.digest and begun:  # what an earlier run left behind may be to blame
        part.unlink()
        _complete(file, part)
        found = _digest(part, file.digest)
    if found != file.digest:
        part.unlink()
        raise DataUnavailable(
            f"Expected {file.name} with {file.digest[:23]}…; found {found[:23]}… at {file.url}. It was changed or "
            f"damaged on the way, and has been deleted. Try once more, then tell the course's authors. "
            f"{_NO_SCORE_DEPENDS_ON_IT}"
        )
    part.replace(path)


def _complete(file: RemoteFile, part: Path) -> None:
    """Download what is missing of a part, in several attempts."""
    last = ""
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(PAUSE * 2 ** (attempt - 1))
        try:
            _continue(file, part)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 416:  # the part is longer than the file: begin anew
                part.unlink(missing_ok=True)
            elif error.code not in _WORTH_ANOTHER_TRY:
                raise DataUnavailable(
                    f"Expected {file.name} at {file.url}; found: {error.code} {error.reason}. The file has moved: "
                    f"tell the course's authors, and go on without it. {_NO_SCORE_DEPENDS_ON_IT}"
                ) from None
            last = f"{error.code} {error.reason}"
        except (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError) as error:
            last = str(getattr(error, "reason", error)) or type(error).__name__
        else:
            return
    raise DataUnavailable(
        f"Expected to download {file.name}{_megabytes(file.size)} from {urlsplit(file.url).hostname}; found: {last}. "
        f"Connect to the internet and run the cell again: it goes on where it stopped. {_NO_SCORE_DEPENDS_ON_IT}"
    )


def _continue(file: RemoteFile, part: Path) -> None:
    have = part.stat().st_size if part.exists() else 0
    if file.size is not None and have == file.size:
        return
    request = urllib.request.Request(file.url, headers={"User-Agent": "tfcourse", "Accept-Encoding": "identity"})
    if have:
        request.add_header("Range", f"bytes={have}-")
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
        continues = answer.status == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {have}-")
        have = have if continues else 0
        announced = answer.headers.get("Content-Length")
        whole = have + int(announced) if announced else None
        with part.open("r+b" if continues else "wb") as out:
            out.seek(have)
            have = _copy(file, answer, out, have, whole)
            out.flush()
            os.fsync(out.fileno())
    if whole is not None and have < min(whole, _most_bytes(file)):
        raise ConnectionError(f"the connection ended after {have:,} of {whole:,} bytes")


def _copy(file: RemoteFile, source: Any, out: IO[bytes], have: int, whole: int | None) -> int:
    most = _most_bytes(file)
    told = time.monotonic()
    while block := source.read(_BLOCK):
        out.write(block)
        have += len(block)
        if have > most:  # its digest cannot be right any more
            break
        if time.monotonic() - told > 0.5:
            told = time.monotonic()
            print(f"\r{file.name}: {have / 1e6:.0f}{_of(whole)} MB", end="", flush=True)
    if have > 5_000_000:
        print(f"\r{file.name}: {have / 1e6:.0f}{_of(whole)} MB", flush=True)
    return have


def _most_bytes(file: RemoteFile) -> int:
    return _LARGEST_UNKNOWN if file.size is None else file.size


def _of(whole: int | None) -> str:
    return "" if whole is None else f" of {whole / 1e6:.0f}"


def _megabytes(size: int | None) -> str:
    return "" if size is None else f" ({max(size / 1e6, 0.1):.1f} MB)"


def _digest(path: Path, pinned: str) -> str:
    kind = pinned.split(":")[0]
    if kind not in {"sha256", "md5"}:
        raise ValueError(f"a digest begins with sha256: or md5:, found {pinned!r}")
    with path.open("rb") as file:
        return f"{kind}:{hashlib.file_digest(file, lambda: hashlib.new(kind, usedforsecurity=False)).hexdigest()}"


@contextlib.contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold a lock between processes; the system lets go of it when a process ends, however it ends."""
    if sys.platform == "win32":  # two processes at once would both download, and the slower one would begin anew
        yield
        return
    import fcntl

    with lock.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
