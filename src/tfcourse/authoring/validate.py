"""The rules for authors. Every message names the file and the cell."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbformat.notebooknode import NotebookNode

from tfcourse.checks.check import Check
from tfcourse.checks.problems import KINDS, ExamProblem
from tfcourse.checks.registry import checks_of, problems_of
from tfcourse.course import NOTEBOOKS, Course, Extra, Week
from tfcourse.errors import InvalidCurriculum
from tfcourse.texts import header, is_setup, is_solution, read_text

HEADER_KEYS = {"title": str, "description": str, "prerequisites": list, "minutes": int}
MOST_WORDS = 2_800
FEWEST_CELLS, MOST_CELLS = 25, 60
_GRADE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def curriculum_problems(course: Course) -> list[str]:
    """Return every broken rule of the whole course; empty where all is well."""
    problems = []
    for week in course.weeks:
        try:
            problems += list(_week_problems(course, week))
        except InvalidCurriculum as error:
            problems += error.problems
    for extra in course.extras:
        try:
            problems += list(_extra_problems(course, extra))
        except InvalidCurriculum as error:
            problems += error.problems
    try:
        problems += list(_exam_problems(course))
    except InvalidCurriculum as error:
        problems += error.problems
    return problems


def _exam_problems(course: Course) -> Iterator[str]:
    if course.exam is None:
        return
    where, plan = "curriculum/exam/exam.toml", course.exam
    kinds = [part.kind for part in plan.parts]
    if kinds != [kind for kind in KINDS if kind in kinds]:
        yield f"{where}: expected parts of the kinds {list(KINDS)}, in this order and each once; found {kinds}."
    weights, minutes = sum(part.weight for part in plan.parts), sum(part.minutes for part in plan.parts)
    if weights != 100 or minutes > plan.minutes:
        yield (
            f"{where}: expected weights of 100 and at most {plan.minutes} minutes in all; found {weights:g} and "
            f"{minutes}."
        )
    for part in plan.parts:
        for problem in problems_of(course, part.kind):
            yield from _exam_text_problems(course, problem)


def _exam_text_problems(course: Course, problem: ExamProblem) -> Iterator[str]:
    path = course.exam_folder / f"{problem.name}.py"
    text, where = read_text(path), path.relative_to(course.root)
    for skill in problem.skills:
        if skill not in course.skills:
            yield f"{where}: expected skills of curriculum/handbook.toml; found '{skill}'."
    if header(text).get("title") != problem.title:
        yield f"{where}, header: expected the check's title '{problem.title}'; found {header(text).get('title')!r}."
    statement = "\n".join(cell.source for cell in text.cells if cell.cell_type == "markdown")
    if f"{{{{ladder:{problem.id}}}}}" not in statement:
        yield f"{where}: expected its ladder, {{{{ladder:{problem.id}}}}}; found none."
    code = [(name, cell) for name, cell in _named_cells(text) if cell.cell_type == "code"]
    solutions = [(name, cell) for name, cell in code if is_solution(cell)]
    if len(solutions) != 1 or len(code) != 1 + sum(is_setup(cell) for _, cell in code):
        yield f"{where}: expected set-up cells and one solution cell; found {[name for name, _ in code]}."
    for name, cell in solutions:
        yield from _solution_problems(where, name, cell)
        if "def solution_model():" not in cell.source:
            yield f"{where}, {name}: expected it to define solution_model(), without arguments; found another function."


def _week_problems(course: Course, week: Week) -> Iterator[str]:
    checks = checks_of(course, week.id)
    texts = {name: read_text(course.curriculum(week, name)) for name in NOTEBOOKS}
    where = {name: course.curriculum(week, name).relative_to(course.root) for name in NOTEBOOKS}
    for name, text in texts.items():
        yield from _header_problems(where[name], header(text), needs_objectives=name == "lesson")
        yield from _skill_problems(course, where[name], text)
        yield from _import_problems(where[name], text)
    yield from _length_problems(where["lesson"], texts["lesson"])
    for cell_name, cell in _named_cells(texts["lesson"]):
        if "nbgrader" in cell.metadata:
            yield f"{where['lesson']}, {cell_name}: expected no nbgrader metadata in a lesson, which is never graded."
    yield from _assignment_problems(where["assignment"], texts["assignment"], checks)
    yield from _syllabus_problems(course, week, checks)


def _extra_problems(course: Course, extra: Extra) -> Iterator[str]:
    path, text = course.extra_text(extra).relative_to(course.root), read_text(course.extra_text(extra))
    if extra.id in {week.id for week in course.weeks}:
        yield f"curriculum/syllabus.toml, {extra.id}: expected an id that no week has; found it twice."
    yield from _header_problems(path, header(text), needs_objectives=False)
    yield from _skill_problems(course, path, text)
    yield from _import_problems(path, text)
    for name, cell in _named_cells(text):
        if "nbgrader" in cell.metadata:
            yield f"{path}, {name}: expected no nbgrader metadata in a notebook that is never graded."


def _named_cells(text: NotebookNode) -> Iterator[tuple[str, NotebookNode]]:
    """Yield each cell with a name that an author can find: its grade id, or its number and first words."""
    for number, cell in enumerate(text.cells, start=1):
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        first = cell.source.strip().splitlines()[0][:40] if cell.source.strip() else "empty"
        yield (f"cell '{grade_id}'" if grade_id else f"cell {number} ({first})"), cell


def _header_problems(path: Path, head: dict[str, Any], *, needs_objectives: bool) -> Iterator[str]:
    for key, kind in HEADER_KEYS.items():
        if not isinstance(head.get(key), kind):
            yield f"{path}, header: expected tfcourse.{key} ({kind.__name__}); found {head.get(key)!r}."
    if needs_objectives:
        objectives = head.get("objectives")
        if not objectives or not all(isinstance(row, dict) and {"text", "skills"} <= set(row) for row in objectives):
            yield f"{path}, header: expected tfcourse.objectives, each with text and skills; found {objectives!r}."


def _skill_problems(course: Course, path: Path, text: NotebookNode) -> Iterator[str]:
    objectives = [row for row in header(text).get("objectives") or [] if isinstance(row, dict)]
    named = [("header", skill) for row in objectives for skill in row.get("skills") or []]
    named += [(name, skill) for name, cell in _named_cells(text) for skill in cell.metadata.get("skills", [])]
    for name, skill in named:
        if skill not in course.skills:
            yield f"{path}, {name}: expected a skill of curriculum/handbook.toml; found '{skill}'."


def _import_problems(path: Path, text: NotebookNode) -> Iterator[str]:
    for name, cell in _named_cells(text):
        if cell.cell_type == "code":
            ours, theirs = (
                cell.source.find("tfcourse"),
                re.search(r"^\s*(import|from) (tensorflow|keras)", cell.source, re.M),
            )
            if theirs and (ours < 0 or ours > theirs.start()):
                yield (
                    f"{path}, {name}: expected an import of tfcourse before TensorFlow, so that "
                    "scores repeat; found it after."
                )
            if ours >= 0 or theirs:
                return


def _length_problems(path: Path, text: NotebookNode) -> Iterator[str]:
    count = len(text.cells)
    if not FEWEST_CELLS <= count <= MOST_CELLS:
        yield f"{path}: expected {FEWEST_CELLS} to {MOST_CELLS} cells; found {count}."
    words = sum(len(cell.source.split()) for cell in text.cells if cell.cell_type == "markdown")
    if words > MOST_WORDS:
        yield f"{path}: expected at most {MOST_WORDS} words of text; found {words}."


def _assignment_problems(path: Path, text: NotebookNode, checks: tuple[Check, ...]) -> Iterator[str]:
    by_cell = {check.name: check for check in checks}
    graded, solved, seen = [], set(), set()
    for name, cell in _named_cells(text):
        metadata = cell.metadata.get("nbgrader")
        if metadata is None:
            if is_setup(cell) or "BEGIN SOLUTION" not in cell.source:
                continue
            yield f"{path}, {name}: expected nbgrader metadata on a cell with a solution; found none."
            continue
        grade_id = metadata.get("grade_id", "")
        if not _GRADE_ID.fullmatch(grade_id):
            yield f"{path}, {name}: expected a grade_id of letters, digits, _ and -; found '{grade_id}'."
        if grade_id in seen:
            yield f"{path}, {name}: expected a grade_id that no other cell has; found it twice."
        seen.add(grade_id)
        if metadata.get("schema_version") != 3:
            yield f"{path}, {name}: expected schema_version 3; found {metadata.get('schema_version')!r}."
        if is_solution(cell):
            solved.add(grade_id)
            yield from _solution_problems(path, name, cell)
        if metadata.get("grade"):
            graded.append(grade_id)
            check = by_cell.get(grade_id)
            if check is None:
                yield f"{path}, {name}: expected a check '{grade_id}' in grader_tests; found {sorted(by_cell)}."
            else:
                yield from _test_cell_problems(path, name, cell, check)
                if f"{grade_id}_solution" not in solved:
                    yield f"{path}, {name}: expected a solution cell '{grade_id}_solution' before it; found none."
    if graded != [id for id in by_cell if id in graded] or len(graded) != len(by_cell):
        yield f"{path}: expected a test cell for each check, in the order {list(by_cell)}; found {graded}."


def _test_cell_problems(path: Path, name: str, cell: NotebookNode, check: Check) -> Iterator[str]:
    if cell.metadata.nbgrader.get("points") != check.points:
        yield (
            f"{path}, {name}: expected points {check.points:g}, as the check has; found "
            f"{cell.metadata.nbgrader.get('points')}."
        )
    for call in (f'practice("{check.id}"', f'grade("{check.id}"'):
        if call not in cell.source:
            yield f"{path}, {name}: expected a line {call}, …); found none."
    before = cell.source.split("### BEGIN HIDDEN TESTS")[0]
    if "grade(" in before or "### END HIDDEN TESTS" not in cell.source:
        yield f"{path}, {name}: expected grade(…) between BEGIN and END HIDDEN TESTS; found it in the open."


def _solution_problems(path: Path, name: str, cell: NotebookNode) -> Iterator[str]:
    source = cell.source
    if source.count("### BEGIN SOLUTION") != 1 or source.count("### END SOLUTION") != 1:
        yield (
            f"{path}, {name}: expected one BEGIN and one END SOLUTION; found "
            f"{source.count('### BEGIN SOLUTION')} and {source.count('### END SOLUTION')}."
        )
        return
    marker = next(line for line in source.splitlines() if "### BEGIN SOLUTION" in line)
    if not marker.startswith(" "):
        yield (
            f"{path}, {name}: expected the solution inside a function, so that a release still runs; "
            "found it at the left margin."
        )
    try:
        body = ast.parse(source).body
    except SyntaxError as error:
        yield f"{path}, {name}: expected a solution cell to be Python; found: {error}."
        return
    if not any(isinstance(node, ast.FunctionDef) for node in body):
        yield f"{path}, {name}: expected a solution cell to define a function; found none."


def _syllabus_problems(course: Course, week: Week, checks: tuple[Check, ...]) -> Iterator[str]:
    where = f"curriculum/syllabus.toml, {week.id}"
    ids = tuple(check.id for check in checks)
    if ids != week.checks:
        yield f"{where}: expected checks {list(ids)}, as grader_tests/{week.id}.py has; found {list(week.checks)}."
    for skill in week.skills:
        if skill not in course.skills:
            yield f"{where}: expected skills of curriculum/handbook.toml; found '{skill}'."
    for check in checks:
        if not check.id.startswith(f"{week.id}."):
            yield f"grader_tests/{week.id}.py: expected ids that begin with '{week.id}.'; found '{check.id}'."
        for skill in check.skills:
            if skill not in course.skills:
                yield (
                    f"grader_tests/{week.id}.py, {check.id}: expected skills of "
                    f"curriculum/handbook.toml; found '{skill}'."
                )
        if len(check.hints) < 2:
            yield f"grader_tests/{week.id}.py, {check.id}: expected at least two hints; found {len(check.hints)}."
