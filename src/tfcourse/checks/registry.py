"""Finding checks: each week's are in ``grader_tests/weekNN.py``, in a tuple named ``CHECKS``.

Exam problems are in ``grader_tests/exam_KIND.py``, one module for each kind, in a tuple of the same name.
"""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

from tfcourse.checks.calibration import REFERENCE, landmarks, read_calibration
from tfcourse.checks.check import Check, ModelCheck
from tfcourse.checks.problems import EXAM, ExamProblem
from tfcourse.course import Course, unknown
from tfcourse.errors import InvalidCurriculum, UnknownName


def checks_of(course: Course, week: str) -> tuple[Check, ...]:
    """Return a week's checks in the order of its assignment.

    Raises:
        UnknownName: The course has no such week.
        InvalidCurriculum: The module is missing, cannot be imported, or defines no ``CHECKS``.
    """
    course.week(week)
    return _load(course.checks_folder, week)


def problems_of(course: Course, kind: str) -> tuple[ExamProblem, ...]:
    """Return the families of exam problems of a kind, in the order of the exam's plan.

    Raises:
        UnknownName: The course has no exam, or its exam no such kind.
        InvalidCurriculum: The module is missing, or does not define what the plan names.
    """
    if course.exam is None:
        raise UnknownName(f"Expected a course with an exam; found no {course.exam_folder / 'exam.toml'}.")
    part = course.exam.part(kind)
    module = f"{EXAM}_{kind}"
    found = {check.id: check for check in _load(course.checks_folder, module)}
    for id in part.problems:
        if not isinstance(found.get(id), ExamProblem):
            raise InvalidCurriculum([f"grader_tests/{module}.py: expected an ExamProblem {id}; found {list(found)}."])
    return tuple(problem for id in part.problems if isinstance(problem := found[id], ExamProblem))


def written_problems(course: Course, kind: str) -> tuple[ExamProblem, ...]:
    """Return every family of a kind that its module holds, also those that the plan does not draw yet."""
    return tuple(c for c in _load(course.checks_folder, f"{EXAM}_{kind}") if isinstance(c, ExamProblem))


def exam_ids(course: Course) -> tuple[str, ...]:
    """Return the ids of all families of exam problems; none where the course has no exam."""
    return tuple(id for part in (course.exam.parts if course.exam else ()) for id in part.problems)


def exam_problems(course: Course) -> tuple[ExamProblem, ...]:
    """Return all families of exam problems, kind by kind; none where the course has no exam."""
    return tuple(
        problem for part in (course.exam.parts if course.exam else ()) for problem in problems_of(course, part.kind)
    )


def find_check(course: Course, check_id: str) -> Check:
    """Return one check: of a week, or an exam problem, also one that the plan does not draw yet.

    Raises:
        UnknownName: The course has no such check.
    """
    known = [id for week in course.weeks for id in week.checks]
    if check_id in known:
        for check in checks_of(course, check_id.split(".")[0]):
            if check.id == check_id:
                return check
    parts = course.exam.parts if course.exam and check_id.startswith(f"{EXAM}.") else ()
    for part in sorted(parts, key=lambda part: check_id not in part.problems):
        for problem in written_problems(course, part.kind):
            if problem.id == check_id:
                return problem
    raise UnknownName(unknown("check", check_id, [*known, *exam_ids(course)]))


@cache
def _load(folder: Path, week: str) -> tuple[Check, ...]:
    path = folder / f"{week}.py"
    name = f"tfcourse_checks_{week}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise InvalidCurriculum([f"{path}: expected the checks of {week}; found no such file."])
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise InvalidCurriculum([f"{path}: expected checks that can be imported; found {error!r}."]) from error
    if not hasattr(module, "CHECKS"):
        raise InvalidCurriculum([f"{path}: expected a tuple CHECKS; found none."])
    return tuple(_with_measurements(check, folder) for check in module.CHECKS)


def _with_measurements(check: Check, folder: Path) -> Check:
    path = folder / "calibration" / f"{check.id}.json"
    if not isinstance(check, ModelCheck) or not path.is_file():
        return check
    found = read_calibration(path)
    reference = found.measured.get(REFERENCE)
    return replace(
        check, landmarks=landmarks(found), reference_seconds=None if reference is None else reference.seconds
    )
