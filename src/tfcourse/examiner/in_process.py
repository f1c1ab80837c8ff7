"""An examiner in the learner's own process: convenient, and no protection against the learner.

It serves a learner at home and plain nbgrader anywhere. Code that looks for the key can find it here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from tfcourse.checks.check import Check, ModelCheck
from tfcourse.checks.guard import quiet
from tfcourse.checks.records import Key, Receipt, Response, Score, Task
from tfcourse.checks.registry import find_check
from tfcourse.checks.runtime import versions
from tfcourse.course import Course
from tfcourse.errors import CourseError, GraderBroken
from tfcourse.examiner.secret import PRACTICE_SECRET, Secret, derive_seed


@dataclass
class InProcessExaminer:
    """Implements `tfcourse.examiner.base.Examiner`.

    Args:
        course: Where the checks are found.
        purpose: ``practice`` uses public seeds and may reveal values; ``grade`` uses `secret` and does not.
        secret: Ignored for practice.
        attempt: Other numbers give other data.
    """

    course: Course
    purpose: Literal["practice", "grade"]
    secret: Secret
    attempt: int = 0
    _opened: dict[str, tuple[Check, Task, Key]] = field(default_factory=dict, repr=False)
    _answered: dict[str, tuple[Response, Score]] = field(default_factory=dict, repr=False)

    def open(self, check_id: str) -> Task:
        """Draw the task, or return the one that was drawn before."""
        if check_id not in self._opened:
            check = find_check(self.course, check_id)
            secret = PRACTICE_SECRET if self.purpose == "practice" else self.secret
            seed = derive_seed(secret, self.purpose, check_id, self.attempt)
            try:
                with quiet():
                    task, key = check.draw(seed)
            except CourseError:
                raise
            except Exception as error:
                raise GraderBroken(f"The task of {check_id} could not be drawn: {error!r}") from error
            self._opened[check_id] = (check, task, key)
        return self._opened[check_id][1]

    def answer(self, check_id: str, response: Response) -> Score:
        """Score the first response to a task; later responses get the first one's score."""
        if check_id not in self._answered:
            check, _, key = self._opened[check_id]
            try:
                score = check.score(response, key, reveal=self.purpose == "practice")
            except Exception as error:
                raise GraderBroken(f"The response to {check_id} could not be scored: {error!r}") from error
            self._answered[check_id] = (response, score)
        return self._answered[check_id][1]

    def receipt(self, check_id: str) -> Receipt:
        """Return the record of an answered check."""
        check, _, key = self._opened[check_id]
        response, score = self._answered[check_id]
        ladder = check.ladder if isinstance(check, ModelCheck) else None
        return Receipt(
            check_id=check_id,
            points=score.points,
            max_points=score.max_points,
            outcome=score.outcome,
            message=score.message,
            next_step=score.next_step,
            lines=score.lines,
            metric=ladder.metric.name if ladder else None,
            value=score.value,
            rung=ladder.rung(score.value) if ladder and score.value is not None else None,
            thresholds=ladder.thresholds if ladder else (),
            purpose=self.purpose,
            predictable=self.purpose == "practice" or self.secret.public,
            key_digest=key.digest(),
            response_digest=response.digest(),
            versions=versions(),
            seconds=score.seconds,
        )
