"""The secret from which hidden data are drawn, and the seeds derived from it."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from tfcourse.errors import CourseError

VALUE_VARIABLE = "TFCOURSE_SECRET"
FILE_VARIABLE = "TFCOURSE_SECRET_FILE"
SHORTEST = 32
"""Characters of a secret that is accepted."""


@dataclass(frozen=True)
class Secret:
    """A secret and where it came from.

    Args:
        value: Never printed.
        origin: In words, for reports and for `tfcourse doctor`.
        public: True where everybody knows it, so that hidden data are predictable.
    """

    value: bytes
    origin: str
    public: bool = False

    def __repr__(self) -> str:
        return f"Secret(origin={self.origin!r}, public={self.public})"

    @property
    def id(self) -> str:
        """Return a short name that does not reveal the value."""
        return hashlib.sha256(b"id:" + self.value).hexdigest()[:12]


PRACTICE_SECRET = Secret(b"tfcourse practice: known to everybody", "built in, for practice", public=True)
PUBLIC_SECRET = Secret(b"tfcourse grade: no secret was set", "none is set: hidden data are predictable", public=True)


def derive_seed(secret: Secret, purpose: str, check_id: str, attempt: int) -> int:
    """Return the 256-bit seed of one check's data: HMAC-SHA256 of purpose, check and attempt."""
    message = f"{purpose}:{check_id}:{attempt}".encode()
    return int.from_bytes(hmac.digest(secret.value, message, "sha256"), "big")


def secret_file() -> Path:
    """Return where the secret's file is, or would be: outside the repository."""
    chosen = os.environ.get(FILE_VARIABLE)
    return Path(chosen) if chosen else Path(platformdirs.user_config_dir("tfcourse")) / "secret"


def find_secret() -> Secret:
    """Return the secret that is set, or a public one that says so.

    Looks at ``TFCOURSE_SECRET``, then at the file of `secret_file`.

    Raises:
        CourseError: The secret is too short, or its file can be read by others.
    """
    value = os.environ.get(VALUE_VARIABLE)
    if value:
        return _checked(value, f"environment variable {VALUE_VARIABLE}")
    path = secret_file()
    if not path.exists():
        return PUBLIC_SECRET
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and mode & 0o077:
        raise CourseError(
            f"Expected {path} to be readable by you alone (mode 600); found mode {mode:o}. "
            f"Run: chmod 600 {path}. If others could read it, make a new one: tfcourse secret --new."
        )
    return _checked(path.read_text(encoding="utf-8").strip(), f"file {path}")


def environment_of_others() -> dict[str, str]:
    """Return this process's environment without the secret, which a learner's code could print by mistake."""
    return {name: value for name, value in os.environ.items() if name not in (VALUE_VARIABLE, FILE_VARIABLE)}


def write_secret(*, replace: bool = False) -> Path:
    """Make a new random secret.

    Args:
        replace: Whether an existing one may be replaced; data drawn from it cannot be drawn again.

    Raises:
        CourseError: There is one already.
    """
    path = secret_file()
    if path.exists() and not replace:
        raise CourseError(
            f"A secret is already set in {path}. Use --new to replace it: past data cannot be drawn again then."
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(32) + "\n")
    return path


def _checked(value: str, origin: str) -> Secret:
    if len(value) < SHORTEST:
        raise CourseError(
            f"Expected a secret of at least {SHORTEST} characters in the {origin}; found "
            f"{len(value)}. Run: tfcourse secret --new."
        )
    return Secret(value.encode(), origin)
