"""What a notebook calls: `practice`, `grade`, `hint` and `solution`."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

from tfcourse.checks.registry import find_check
from tfcourse.checks.runtime import in_notebook
from tfcourse.checks.solutions import solution_text
from tfcourse.checks.watching import Epoch
from tfcourse.course import Course, find_course
from tfcourse.errors import CourseError, GraderBroken
from tfcourse.examiner import InProcessExaminer, RemoteExaminer, find_secret, take
from tfcourse.examiner.secret import PRACTICE_SECRET
from tfcourse.reports.card import Card, Note
from tfcourse.reports.progress import Progress

UPDATE_SECONDS = 0.25
_BAR = 20
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
    waiting = Waiting()
    try:
        course = find_course()
        examiner = InProcessExaminer(course, "practice", PRACTICE_SECRET, tell=waiting.tell)
        score = take(check_id, learner_object, examiner, waiting.tell)
    except GraderBroken as error:
        waiting.replace(_our_fault(error))
        return 0.0 if execution == "validate" else None
    except CourseError as error:
        waiting.replace(Note("The course cannot answer", str(error)))
        return 0.0 if execution == "validate" else None
    except KeyboardInterrupt:
        waiting.replace(Note("Stopped", "Nothing was recorded. Run the cell again whenever you like."))
        # Raised anew, so that "Run all" stops here, and without the long traceback of where the training was.
        raise KeyboardInterrupt from None
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


class Waiting:
    """A line that says what is going on, until it is replaced."""

    def __init__(self) -> None:
        self._handle = None
        self._began = time.monotonic()
        self._told = self._began
        self._fit = 0
        if in_notebook():
            from IPython.display import display

            self._handle = display({"text/plain": "Working on it …"}, raw=True, display_id=True)

    def tell(self, epoch: Epoch) -> None:
        """Show how far a training is; at most a few times a second."""
        now = time.monotonic()
        if epoch.fit != self._fit:
            self._fit, self._began = epoch.fit, now
        if self._handle is not None and now - self._told >= UPDATE_SECONDS:
            self._told = now
            self._handle.update({"text/plain": progress_line(epoch, now - self._began)}, raw=True)

    def replace(self, shown: Card | Note) -> None:
        """Show what came of it."""
        if self._handle is not None:
            self._handle.update(shown)
        else:
            _display(shown)


def progress_line(epoch: Epoch, seconds: float) -> str:
    """Return a training's progress in a line: epoch, bar, loss and an estimate.

    Args:
        epoch: How far it is.
        seconds: Since this ``fit`` began.
    """
    done = (epoch.number - 1 + epoch.share) / max(epoch.of, 1)
    full = round(_BAR * min(done, 1.0))
    which = f"training {epoch.fit}, " if epoch.fit > 1 else ""
    parts = [f"Training: {which}epoch {epoch.number} of {epoch.of}  {'█' * full}{'·' * (_BAR - full)}"]
    if math.isfinite(epoch.loss):
        parts.append(f"loss {epoch.loss:.3g}")
    if epoch.validation_loss is not None and math.isfinite(epoch.validation_loss):
        parts.append(f"val_loss {epoch.validation_loss:.3g}")
    if done > 0.02 and seconds > 1:
        parts.append(f"about {seconds / done - seconds:.0f} s left")
    return "  ".join(parts)


def _display(shown: Card | Note) -> None:
    if in_notebook():
        from IPython.display import display

        display(shown)
    else:
        print(shown.text())
