"""What two machines must have in common so that a submission gets the same points on both."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import tfcourse
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
    found = {"Python": ".".join(platform.python_version_tuple()[:2])}
    found["tfcourse"] = f"{tfcourse.__version__}, code {digest_package()}"
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = ABSENT
    if course is not None:
        for id in sorted({check_id.split(".")[0] for check_id in check_ids}):
            week = course.week(id)
            files = [course.checks_folder / f"{id}.py", course.curriculum(week, "assignment")]
            found[f"checks of {id}"] = _digest(files, course.root)
    return found


def digest_package() -> str:
    """Return a digest of this package's code, as it is on disk."""
    package = Path(tfcourse.__file__).parent
    return _digest(sorted(package.rglob("*.py")), package)


def differences(expected: Mapping[str, str], found: Mapping[str, str]) -> str:
    """Say in what two fingerprints differ; nothing where they agree."""
    return "; ".join(
        f"{name}: expected {expected.get(name, ABSENT)}, found {found.get(name, ABSENT)}"
        for name in {**expected, **found}
        if expected.get(name, ABSENT) != found.get(name, ABSENT)
    )


def _digest(paths: Iterable[Path], folder: Path) -> str:
    sha = hashlib.sha256()
    for path in paths:
        # As text, because git writes other line ends on other systems.
        content = path.read_text(encoding="utf-8").encode() if path.is_file() else b""
        sha.update(f"{path.relative_to(folder).as_posix()} {len(content)} ".encode() + content)
    return sha.hexdigest()[:12]
