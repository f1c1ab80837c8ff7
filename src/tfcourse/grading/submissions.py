"""Sample submissions: the reference, the blank, and the mistakes that people really make."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode

from tfcourse.checks.registry import checks_of
from tfcourse.course import Course, Week, unknown
from tfcourse.errors import InvalidCurriculum, UnknownName
from tfcourse.texts import is_solution, read_text, without_markers

REFERENCE, BLANK = "reference", "blank"


def submission_names(course: Course, week: Week) -> list[str]:
    """Return the names of a week's submissions: reference, blank, then the wrong ones."""
    return [REFERENCE, BLANK, *sorted(path.stem for path in _folder(course, week).glob("*.py"))]


def make_submission(course: Course, week: Week, *names: str) -> NotebookNode:
    """Return a submitted assignment: the release, with the solution cells filled in.

    Args:
        course: Where it is found.
        week: Which week.
        names: ``reference``, ``blank``, or files below ``grader_tests/submissions``: one, or several that
            change different cells, for a learner who makes several mistakes.

    Raises:
        UnknownName: There is no such submission.
        InvalidCurriculum: It replaces a cell that the assignment does not have.
    """
    known = submission_names(course, week)
    for name in names:
        if name not in known:
            raise UnknownName(unknown("submission", name, known))
    notebook = nbformat.read(course.release(week, "assignment"), as_version=4)
    if BLANK in names:
        return notebook
    answers = _solutions(nbformat.read(course.source(week, "assignment"), as_version=4))
    for name in names:
        if name != REFERENCE:
            answers |= _fragments(course, week, name, set(answers))
    for cell in notebook.cells:
        if is_solution(cell):
            cell.source = answers[cell.metadata.nbgrader.grade_id]
    return notebook


def pack_submissions(course: Course, week: Week) -> list[tuple[str, ...]]:
    """Return the submissions in groups that can be graded as one notebook each.

    Members of a group change different cells and miss different checks, so that one run, with one training
    of each model, proves the points of all of them.
    """
    tables = _tables(course, week)
    groups: list[tuple[tuple[str, ...], set[str]]] = []
    for path in sorted(_folder(course, week).glob("*.py")):
        taken = set(read_fragments(path)) | set(tables[path.stem])
        for index, (names, used) in enumerate(groups):
            if not used & taken:
                groups[index] = ((*names, path.stem), used | taken)
                break
        else:
            groups.append(((path.stem,), taken))
    return [(REFERENCE,), (BLANK,), *(names for names, _ in groups)]


def expected_points(course: Course, week: Week, *names: str) -> Mapping[str, float]:
    """Return the points that a submission must get, by check.

    The blank gets nothing. A check that a wrong submission's table leaves out gets what the reference gets.

    Args:
        course: Where it is found.
        week: Which week.
        names: As for `make_submission`.
    """
    checks = checks_of(course, week.id)
    if BLANK in names:
        return {check.id: 0.0 for check in checks}
    tables = _tables(course, week)
    points = {check.id: float(check.points) for check in checks}
    for name in (REFERENCE, *names):
        points |= tables.get(name, {})
    return points


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


def _tables(course: Course, week: Week) -> dict[str, dict[str, float]]:
    path = _folder(course, week) / "expected.toml"
    tables: dict[str, dict[str, float]] = tomllib.loads(path.read_text(encoding="utf-8"))
    known = submission_names(course, week)
    if set(tables) | {REFERENCE, BLANK} != set(known):
        raise InvalidCurriculum([f"{path}: expected a table for each of {known}; found {sorted(tables)}."])
    ids = {check.id for check in checks_of(course, week.id)}
    for name, table in tables.items():
        if not set(table) <= ids:
            raise InvalidCurriculum([f"{path}, {name}: expected checks of {sorted(ids)}; found {sorted(table)}."])
    return tables


def _fragments(course: Course, week: Week, name: str, known: set[str]) -> dict[str, str]:
    path = _folder(course, week) / f"{name}.py"
    fragments = read_fragments(path)
    if not set(fragments) <= known:
        raise InvalidCurriculum([f"{path}: expected cells of {sorted(known)}; found {sorted(fragments)}."])
    return fragments


def _folder(course: Course, week: Week) -> Path:
    return course.root / "grader_tests" / "submissions" / week.id


def _solutions(notebook: NotebookNode) -> dict[str, str]:
    return {
        cell.metadata.nbgrader.grade_id: without_markers(cell.source) for cell in notebook.cells if is_solution(cell)
    }
