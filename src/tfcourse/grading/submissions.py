"""Sample submissions: the reference, the blank, and the mistakes that people really make."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Mapping
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode

from tfcourse.checks.registry import checks_of
from tfcourse.course import Course, Week, unknown
from tfcourse.errors import InvalidCurriculum, UnknownName
from tfcourse.texts import is_solution, read_text

REFERENCE, BLANK = "reference", "blank"


def submission_names(course: Course, week: Week) -> list[str]:
    """Return the names of a week's submissions: reference, blank, then the wrong ones."""
    return [REFERENCE, BLANK, *sorted(path.stem for path in _folder(course, week).glob("*.py"))]


def make_submission(course: Course, week: Week, name: str) -> NotebookNode:
    """Return a submitted assignment: the release, with the solution cells filled in.

    Args:
        course: Where it is found.
        week: Which week.
        name: ``reference``, ``blank``, or the name of a file below ``grader_tests/submissions``.

    Raises:
        UnknownName: There is no such submission.
        InvalidCurriculum: It replaces a cell that the assignment does not have.
    """
    names = submission_names(course, week)
    if name not in names:
        raise UnknownName(unknown("submission", name, names))
    notebook = nbformat.read(course.release(week, "assignment"), as_version=4)
    if name == BLANK:
        return notebook
    answers = _solutions(nbformat.read(course.source(week, "assignment"), as_version=4))
    if name != REFERENCE:
        path = _folder(course, week) / f"{name}.py"
        fragments = read_fragments(path)
        unknown_cells = sorted(set(fragments) - set(answers))
        if unknown_cells:
            raise InvalidCurriculum([f"{path}: expected cells of {sorted(answers)}; found {unknown_cells}."])
        answers |= fragments
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        if is_solution(cell):
            cell.source = answers[cell.metadata.nbgrader.grade_id]
    return notebook


def expected_points(course: Course, week: Week) -> Mapping[str, Mapping[str, float]]:
    """Return the points that each submission must get, by submission and check.

    The blank gets nothing. A check that a wrong submission's table leaves out gets what the reference gets.
    """
    path = _folder(course, week) / "expected.toml"
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    names = submission_names(course, week)
    listed = set(tables) | {REFERENCE, BLANK}
    if listed != set(names):
        raise InvalidCurriculum([f"{path}: expected a table for each of {names}; found {sorted(tables)}."])
    ids = [check.id for check in checks_of(course, week.id)]
    full = {check.id: float(check.points) for check in checks_of(course, week.id)}
    expected = {name: {**full, **tables.get(name, {})} for name in names}
    expected[BLANK] = dict.fromkeys(ids, 0.0)
    return expected


def read_fragments(path: Path) -> dict[str, str]:
    """Return the cells that a wrong submission states, by grade id.

    The id stands behind the cell marker: ``# %% signs_cnn_solution``.
    """
    fragments = {}
    for cell in read_text(path).cells:
        if cell.cell_type == "code" and cell.metadata.get("title"):
            fragments[cell.metadata["title"]] = cell.source
    if not fragments:
        raise InvalidCurriculum([f"{path}: expected cells that begin with '# %% GRADE_ID'; found none."])
    return fragments


def _folder(course: Course, week: Week) -> Path:
    return course.root / "grader_tests" / "submissions" / week.id


def _solutions(notebook: NotebookNode) -> dict[str, str]:
    return {cell.metadata.nbgrader.grade_id: cell.source for cell in notebook.cells if is_solution(cell)}
