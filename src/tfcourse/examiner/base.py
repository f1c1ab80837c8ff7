"""The examiner's interface, and the one way in which every check is taken."""

from __future__ import annotations

from typing import Any, Protocol

from tfcourse.checks import guard
from tfcourse.checks.records import Response, Score, Task
from tfcourse.checks.watching import Tell, silent


class Examiner(Protocol):
    """Hands out tasks and has responses scored. Where it is not in the learner's process, only it sees a key."""

    def open(self, check_id: str) -> Task:
        """Draw the task of a check.

        Raises:
            UnknownName: There is no such check.
            GraderBroken: The task could not be drawn.
        """

    def answer(self, check_id: str, response: Response) -> Score:
        """Score a response to an opened task. The first answer counts; later ones get the same score.

        Raises:
            GraderBroken: The response could not be scored.
        """


def take(check_id: str, learner_object: Any, examiner: Examiner, tell: Tell = silent) -> Score:
    """Take a check: open it, let the learner's object respond, have it scored.

    Args:
        check_id: For example ``week05.signs_cnn``.
        learner_object: What the task asks for: a function, as a rule.
        examiner: Holds the key.
        tell: Told of every epoch of a training of the learner's own.
    """
    task = examiner.open(check_id)
    respondent = task.respondent
    response = guard.attempt(lambda: respondent.respond(learner_object, task, tell), seconds=respondent.seconds)
    return examiner.answer(check_id, response)
