"""What a notebook calls: `practice`, `grade`, `hint` and `solution`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

from tfcourse.checks.registry import find_check
from tfcourse.checks.runtime import in_notebook
from tfcourse.checks.solutions import solution_text
from tfcourse.course import Course, find_course
from tfcourse.errors import CourseError, GraderBroken
from tfcourse.examiner import InProcessExaminer, RemoteExaminer, find_secret, take
from tfcourse.examiner.secret import PRACTICE_SECRET
from tfcourse.reports.card import Card, Note
from tfcourse.reports.progress import Progress

EXECUTION_VARIABLE = "NBGRADER_EXECUTION"
"""nbgrader sets it to ``autograde`` or ``validate`` while it runs a notebook."""


def practice(check_id: str, learner_object: Any) -> float | None:
    """Try a task on public data: points, the ladder, the next step.

    Does nothing while a submission is being graded, so that no model is trained twice.

    Args:
        check_id: For example ``week05.signs_cnn``.
        learner_object: What the task asks for, usually your function's name without parentheses.

    Returns:
        None; the points while nbgrader validates a notebook, so that it can tell what fails.
    """
    execution = os.environ.get(EXECUTION_VARIABLE)
    if execution == "autograde":
        return None
    waiting = _Waiting("Working on it …")
    try:
        course = find_course()
        score = take(check_id, learner_object, InProcessExaminer(course, "practice", PRACTICE_SECRET))
    except GraderBroken as error:
        waiting.replace(_our_fault(error))
        return 0.0 if execution == "validate" else None
    except CourseError as error:
        waiting.replace(Note("The course cannot answer", str(error)))
        return 0.0 if execution == "validate" else None
    except BaseException:
        waiting.replace(Note("Stopped", "Nothing was recorded."))
        raise
    waiting.replace(Card(score))
    if execution == "validate":
        return float(score.points)
    with _recording(course):
        Progress(course, warn=_warn).record_score("practice", score)
    return None


def grade(check_id: str, learner_object: Any) -> float:
    """Take a check on hidden data: the score that counts. Stands in hidden test cells.

    Args:
        check_id: For example ``week05.signs_cnn``.
        learner_object: What the task asks for.

    Returns:
        The points, as a plain float, which is what nbgrader reads.

    Raises:
        GraderBroken: A defect of ours; staff have to look, and the learner loses nothing.
    """
    try:
        examiner = _grading_examiner()
        score = take(check_id, learner_object, examiner)
    except GraderBroken as error:
        _tell_examiner(check_id, error)
        raise
    except CourseError as error:
        # A secret that others can read, a check that is missing: as little the learner's fault.
        raise GraderBroken(str(error)) from error
    receipt = examiner.receipt(check_id) if isinstance(examiner, InProcessExaminer) else None
    _display(Card(score, receipt))
    return float(score.points)


def hint(check_id: str) -> None:
    """Show the next hint for a task: from a nudge to nearly the answer, one stage at each call.

    Does nothing while nbgrader runs the notebook: that is no call of the learner's.
    """
    if os.environ.get(EXECUTION_VARIABLE):
        return
    try:
        course = find_course()
        check = find_check(course, check_id)
    except CourseError as error:
        _display(Note("No hint", str(error)))
        return
    progress = Progress(course, warn=_warn)
    stage = min(progress.hints_taken(check_id), len(check.hints) - 1)
    with _recording(course):
        progress.record_hint(check_id)
    more = "Call hint again for the next one." if stage + 1 < len(check.hints) else "That was the last hint."
    _display(Note(f"Hint {stage + 1} of {len(check.hints)}", f"{check.hints[stage]}\n{more}"))


def solution(check_id: str) -> None:
    """Show the reference solution, where the course allows it."""
    try:
        course = find_course()
        check = find_check(course, check_id)
        if not _may_see_solution(course, check_id):
            _display(Note("Not yet", _WHY_NOT[course.solutions]))
            return
        text = solution_text(course, check.week, f"{check_id.split('.')[1]}_solution")
    except CourseError as error:
        _display(Note("No solution to show", str(error)))
        return
    _display(Note(f"One way to solve {check_id}", "Compare it with yours; yours may be better.", code=text))


_WHY_NOT = {
    "after-practice": "This course shows the solution after your first attempt: run the practice "
    "cell once, then call this again.",
    "never": "This course keeps its solutions. Ask for a hint instead.",
}


def _may_see_solution(course: Course, check_id: str) -> bool:
    if course.solutions == "after-practice":
        attempts = Progress(course, warn=_warn).attempts(check_id)
        return any(event.outcome != "not attempted" for event in attempts)
    return course.solutions == "always"


@contextmanager
def _recording(course: Course) -> Iterator[None]:
    """Let a folder that cannot be written to cost the record, and not the score."""
    try:
        yield
    except OSError as error:
        _warn(f"Expected to write to {course.work_folder}; found: {error}. What is shown here stands, but is not kept.")


@cache
def _grading_examiner() -> InProcessExaminer | RemoteExaminer:
    """One examiner a process, so that the first answer to a check is the one that counts.

    In a batch it sits at the other end of a socket; then there is no course here, and no secret.
    """
    return RemoteExaminer.from_environment() or InProcessExaminer(find_course(), "grade", find_secret())


def _tell_examiner(check_id: str, error: GraderBroken) -> None:
    with suppress(CourseError):
        examiner = _grading_examiner()
        if isinstance(examiner, RemoteExaminer):
            examiner.failed(check_id, str(error))


def _our_fault(error: GraderBroken) -> Note:
    return Note(
        "This is our fault, not yours",
        f"The course's own code failed, and nothing was recorded: {error}\nPlease report it together "
        "with this message.",
    )


def _warn(message: str) -> None:
    _display(Note("Your progress file", message))


class _Waiting:
    """A line that says something is going on, until it is replaced."""

    def __init__(self, message: str) -> None:
        self._handle = None
        if in_notebook():
            from IPython.display import display

            self._handle = display({"text/plain": message}, raw=True, display_id=True)

    def replace(self, shown: Card | Note) -> None:
        if self._handle is not None:
            self._handle.update(shown)
        else:
            _display(shown)


def _display(shown: Card | Note) -> None:
    if in_notebook():
        from IPython.display import display

        display(shown)
    else:
        print(shown.text())
