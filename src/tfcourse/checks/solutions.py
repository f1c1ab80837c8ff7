"""Reference solutions, read from the one place where they are written: the assignment's text."""

from __future__ import annotations

import linecache
import sys
import types
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from tfcourse.checks.problems import SCRIPT
from tfcourse.course import Course, find_course
from tfcourse.errors import InvalidCurriculum, UnknownName
from tfcourse.texts import is_setup, is_solution, read_text, without_markers


def solution_of(week: str, name: str) -> Callable[..., Any]:
    """Return a function defined in a week's solution cells.

    The assignment's set-up and solution cells are run when it is first called.

    Args:
        week: The week's id, ``week05``.
        name: The function's name.
    """

    def reference(*args: Any, **kwargs: Any) -> Any:
        return _function(week, name)(*args, **kwargs)

    reference.__name__ = reference.__qualname__ = name
    return reference


def exam_solution(name: str) -> Callable[..., Any]:
    """Return the reference of an exam problem: a function of a folder that trains and returns a model.

    It runs the set-up and solution cells of ``curriculum/exam/NAME.py`` as if they were the script in that folder,
    so that they find ``data/`` beside them, and calls ``solution_model()``.

    Args:
        name: Of the problem, without ``exam.``.
    """

    def reference(folder: Path) -> Any:
        path = find_course().exam_folder / f"{name}.py"
        namespace = _run_solutions(path, f"solution of {name}", file=folder / SCRIPT)
        if not callable(namespace.get("solution_model")):
            raise InvalidCurriculum([f"{path}: expected a solution cell that defines solution_model(); found none."])
        return namespace["solution_model"]()

    reference.__name__ = reference.__qualname__ = name
    return reference


def solution_text(course: Course, week: str, grade_id: str) -> str:
    """Return the source of a solution cell, without nbgrader's markers.

    Raises:
        UnknownName: The assignment has no solution cell with this id.
    """
    for cell in read_text(course.curriculum(course.week(week), "assignment")).cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id and is_solution(cell):
            return without_markers(cell.source)
    raise UnknownName(f"Expected a solution cell '{grade_id}' in {week}; found none.")


def _function(week: str, name: str) -> Callable[..., Any]:
    course = find_course()
    path = course.curriculum(course.week(week), "assignment")
    namespace = _solutions(path)
    if not callable(namespace.get(name)):
        raise InvalidCurriculum([f"{path}: expected a solution cell that defines {name}(); found none."])
    function: Callable[..., Any] = namespace[name]
    return function


@cache
def _solutions(path: Path) -> dict[str, Any]:
    return _run_solutions(path, f"solutions of {path.parent.name}")


def _run_solutions(path: Path, name: str, *, file: Path | None = None) -> dict[str, Any]:
    """Run the set-up and solution cells in a module of their own; `file` is what it takes itself for.

    The module and the lines of each cell are registered, as IPython does it, for TensorFlow's AutoGraph,
    which reads the source of functions that are handed to `tf.data`.
    """
    module = sys.modules[name] = types.ModuleType(name)
    if file is not None:
        module.__file__ = str(file)
    for number, cell in enumerate(read_text(path).cells):
        if is_setup(cell) or is_solution(cell):
            filename = f"<{name}, cell {number}>"
            linecache.cache[filename] = (len(cell.source), None, cell.source.splitlines(keepends=True), filename)
            exec(compile(cell.source, filename, "exec"), module.__dict__)
    return module.__dict__
