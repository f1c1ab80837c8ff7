"""An examiner in the learner's own process: convenient, and no protection against the learner.

It serves a learner at home and plain nbgrader anywhere. Code that looks for the key can find it here. Models are
trained and loaded in another process all the same, see `tfcourse.examiner.model_server`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from tfcourse.checks.asking import AskModel
from tfcourse.checks.records import Receipt, Response, Score, Task
from tfcourse.checks.registry import find_check
from tfcourse.checks.watching import Tell, silent
from tfcourse.course import Course
from tfcourse.examiner import practice_data
from tfcourse.examiner.model_server import ask_model
from tfcourse.examiner.paper import Question, make_receipt
from tfcourse.examiner.secret import PRACTICE_SECRET, Secret, derive_seed


@dataclass
class InProcessExaminer:
    """Implements `tfcourse.examiner.base.Examiner`.

    Args:
        course: Where the checks are found.
        purpose: ``practice`` uses public seeds and may reveal values; ``grade`` uses `secret` and does not.
        secret: Ignored for practice.
        attempt: Other numbers give other data.
        ask_model: Asks learners' models.
        tell: Told of every epoch that is trained there.
    """

    course: Course
    purpose: Literal["practice", "grade"]
    secret: Secret
    attempt: int = 0
    ask_model: AskModel = field(default=ask_model, repr=False)
    tell: Tell = field(default=silent, repr=False)
    _opened: dict[str, Question] = field(default_factory=dict, repr=False)
    _answered: dict[str, tuple[Response, Score, str]] = field(default_factory=dict, repr=False)

    def open(self, check_id: str) -> Task:
        """Draw the task, or return the one that was drawn before."""
        if check_id not in self._opened:
            check = find_check(self.course, check_id)
            seed = derive_seed(self._secret, self.purpose, check_id, self.attempt)
            if self.purpose == "practice":
                self._opened[check_id] = practice_data.question(self.course, check, seed)
            else:
                self._opened[check_id] = Question.draw(check, seed)
        return self._opened[check_id].task

    def answer(self, check_id: str, response: Response) -> Score:
        """Score the first response to a task; later responses get the first one's score."""
        if check_id not in self._answered:
            question = self._opened[check_id]
            reveal = self.purpose == "practice"
            response, score = question.judge(response, self.ask_model, reveal=reveal, tell=self.tell)
            self._answered[check_id] = (response, score, now())
        return self._answered[check_id][1]

    def receipt(self, check_id: str) -> Receipt:
        """Return the record of an answered check."""
        response, score, answered_at = self._answered[check_id]
        return make_receipt(
            self._opened[check_id],
            response,
            score,
            purpose=self.purpose,
            predictable=self._secret.public,
            secret_id=self._secret.id,
            answered_at=answered_at,
        )

    @property
    def _secret(self) -> Secret:
        return PRACTICE_SECRET if self.purpose == "practice" else self.secret


def now() -> str:
    """Return the time as receipts tell it: UTC, ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
