"""What two machines must have in common so that a submission gets the same points on both."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import tfcourse
from tfcourse.checks.sources import digest_of_sources
from tfcourse.course import Course

PACKAGES = ("tensorflow", "keras", "numpy", "scikit-learn", "statsmodels", "pillow")
"""What hidden data are drawn with, and what learners' models are trained with."""
ABSENT = "none"


def fingerprint(course: Course | None, check_ids: Iterable[str]) -> dict[str, str]:
    """Return what decides the points of checks, apart from their seeds: read from disk, in some milliseconds.

    Processors are left out: what they change is covered by the distance between a ladder's rungs.

    Args:
        course: Where the checks are found; None where there are none.
        check_ids: Of the checks that are to be run.

    Returns:
        Names, as staff know them, to versions and digests: the same on two machines that agree.
    """
    found = {**versions(), "tfcourse": f"{tfcourse.__version__}, code {digest_package()}"}
    return found | (digests(course, check_ids) if course is not None else {})


def digests(course: Course, check_ids: Iterable[str]) -> dict[str, str]:
    """Return a digest of what decides the points of checks, week by week. See `tfcourse.checks.sources`."""
    one_of_each = {check_id.split(".")[0]: check_id for check_id in check_ids}
    return {f"checks of {week}": digest_of_sources(course, id) for week, id in sorted(one_of_each.items())}


def versions() -> dict[str, str]:
    """Return the versions of Python and of `PACKAGES`."""
    found = {"Python": ".".join(platform.python_version_tuple()[:2])}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = ABSENT
    return found


def digest_package() -> str:
    """Return a digest of this package's code, as it is on disk."""
    package = Path(tfcourse.__file__).parent
    sha = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        # As text, because git writes other line ends on other systems.
        content = path.read_text(encoding="utf-8").encode()
        sha.update(f"{path.relative_to(package).as_posix()} {len(content)} ".encode() + content)
    return sha.hexdigest()[:12]


def differences(expected: Mapping[str, str], found: Mapping[str, str]) -> str:
    """Say in what two fingerprints differ; nothing where they agree."""
    return "; ".join(
        f"{name}: expected {expected.get(name, ABSENT)}, found {found.get(name, ABSENT)}"
        for name in {**expected, **found}
        if expected.get(name, ABSENT) != found.get(name, ABSENT)
    )
