"""Which files decide the points of a week, or of a family of exam problems: the one answer to that question.

They are the week's checks, its assignment, where references are found, and what these import of our checks and data
sets, from module to module; with each module, files that share its name, such as ``backbone.keras`` with
``backbone.py``. An edit of another week, or of an exam's data set, changes none of them.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import tfcourse
from tfcourse.checks.problems import EXAM
from tfcourse.course import Course

_PACKAGE = Path(tfcourse.__file__).parent
_PARTS = ("checks", "datasets")
"""Parts of the package that points depend on; the others carry, show and store."""


def sources_of(course: Course, check_id: str) -> tuple[Path, ...]:
    """Return the files that decide a check's points, sorted.

    Args:
        course: Where the checks are found.
        check_id: ``week05.signs_cnn``, or of an exam problem. The checks of a week have the same files.
    """
    part, name = check_id.split(".", 1)
    if part == EXAM:
        roots = [*sorted(course.checks_folder.glob(f"{EXAM}_*.py")), course.exam_folder / f"{name}.py"]
    else:
        roots = [course.checks_folder / f"{part}.py", course.curriculum(course.week(part), "assignment")]
    return tuple(sorted({*roots, *_imported(tuple(roots))}))


def digest_of_sources(course: Course, check_id: str) -> str:
    """Return a digest of `sources_of`, the same on every system: 12 hexadecimal digits."""
    sha = hashlib.sha256()
    for path in sources_of(course, check_id):
        content = path.read_bytes() if path.is_file() else b""
        if path.suffix == ".py":
            content = content.replace(b"\r\n", b"\n")  # git writes other line ends on other systems
        sha.update(f"{path.name} {len(content)} ".encode() + content)
    return sha.hexdigest()[:12]


def _imported(roots: tuple[Path, ...]) -> set[Path]:
    """Return the package's files that some files import, directly or through others."""
    found: set[Path] = set()
    waiting = list(roots)
    while waiting:
        for module in _modules_in(waiting.pop()):
            if module not in found:
                found |= {module, *module.parent.glob(f"{module.stem}.*")}
                waiting.append(module)
    return {path for path in found if path.suffix != ".pyc"}


def _modules_in(path: Path) -> set[Path]:
    return _parsed(path, path.stat().st_mtime_ns) if path.is_file() else set()


@cache
def _parsed(path: Path, changed: int) -> set[Path]:
    del changed  # a file that was edited is parsed anew
    return {
        module
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in _names(node)
        if (module := _file_of(name)) is not None
    }


def _names(node: ast.AST) -> Iterator[str]:
    """Yield what a statement may import: a module, or a name in it, which may be a module."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
        yield node.module
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _file_of(name: str) -> Path | None:
    """Return the file of a module that points may depend on; None for another name."""
    package, *parts = name.split(".")
    if package != "tfcourse" or not parts or parts[0] not in _PARTS:
        return None
    path = _PACKAGE.joinpath(*parts)
    candidates = (path.with_suffix(".py"), path / "__init__.py")
    return next((file for file in candidates if file.is_file()), None)
