"""``tfcourse build``: every week's notebooks, written or compared."""

from __future__ import annotations

import copy
from pathlib import Path

from nbformat.notebooknode import NotebookNode
from nbgrader import preprocessors as nbgrader

from tfcourse.authoring.notebooks import make_extra, make_source, write_notebook
from tfcourse.authoring.validate import curriculum_problems
from tfcourse.course import NOTEBOOKS, Course
from tfcourse.errors import InvalidCurriculum

RELEASE_STEPS = (
    nbgrader.LockCells,
    nbgrader.ClearSolutions,
    nbgrader.ClearOutput,
    nbgrader.CheckCellMetadata,
    nbgrader.ComputeChecksums,
    nbgrader.ClearHiddenTests,
    nbgrader.ClearMarkScheme,
    nbgrader.ComputeChecksums,
    nbgrader.CheckCellMetadata,
)
"""nbgrader's own steps from source to release, less the one that writes to the gradebook."""


def make_release(source: NotebookNode) -> NotebookNode:
    """Return the learner's version: no solution, no hidden test, locked test cells, checksums."""
    notebook = copy.deepcopy(source)
    for step in RELEASE_STEPS:
        notebook, _ = step().preprocess(notebook, {})
    return notebook


def build_all(course: Course) -> dict[Path, str]:
    """Return the text of every notebook of the course by its path.

    Raises:
        InvalidCurriculum: Something breaks the rules for authors.
    """
    problems = curriculum_problems(course)
    if problems:
        raise InvalidCurriculum(problems)
    built = {}
    for week in course.weeks:
        for name in NOTEBOOKS:
            source = make_source(course, week, name)
            built[course.source(week, name)] = write_notebook(source)
            built[course.release(week, name)] = write_notebook(make_release(source))
    for extra in course.extras:
        built[course.extra_release(extra)] = write_notebook(make_extra(course, extra))
    return built


def write_all(course: Course) -> list[Path]:
    """Build the course, and return the files that changed."""
    built = build_all(course)
    changed = []
    for path, text in built.items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
            changed.append(path)
    for path in _strays(course, set(built)):
        path.unlink()
        changed.append(path)
    return changed


def differences(course: Course) -> list[str]:
    """Return where the committed notebooks differ from their texts; empty where they do not."""
    built = build_all(course)
    found = []
    for path, text in built.items():
        where = path.relative_to(course.root)
        if not path.is_file():
            found.append(f"{where}: missing")
        elif path.read_text(encoding="utf-8") != text:
            found.append(f"{where}: differs from its text")
    return found + [f"{path.relative_to(course.root)}: built from nothing" for path in _strays(course, set(built))]


def _strays(course: Course, built: set[Path]) -> list[Path]:
    """Return files in the course's folders that no text builds: everything in source/ would be released."""
    folders = [course.root / top / week.id for top in ("source", "release") for week in course.weeks]
    folders += [course.extra_release(extra).parent for extra in course.extras]
    files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    return [path for path in files if path not in built and ".ipynb_checkpoints" not in path.parts]
