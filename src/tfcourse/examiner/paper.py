"""The paper: tasks that were drawn, with their keys, and the one place where answers are judged.

Drawing a function check runs its reference, and so imports TensorFlow. A grader's main process must stay
without it: `Paper.draw_in_child` draws in a process of its own and brings the paper back.
"""

from __future__ import annotations

import math
import os
import pickle
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any

from tfcourse.checks.asking import AskModel
from tfcourse.checks.check import Check, ModelCheck
from tfcourse.checks.guard import quiet
from tfcourse.checks.records import (
    Key,
    ModelRequest,
    Problem,
    ProblemKind,
    Receipt,
    Response,
    Score,
    Task,
    digest_task,
)
from tfcourse.checks.registry import find_check
from tfcourse.checks.runtime import versions
from tfcourse.checks.watching import Tell, silent
from tfcourse.course import ROOT_VARIABLE, Course
from tfcourse.errors import CourseError, GraderBroken, LearnerCrash, LearnerMistake, UnknownName
from tfcourse.examiner import child
from tfcourse.examiner.coding import encode_task
from tfcourse.examiner.messages import encode

FEWEST_ANSWER_BYTES = 4 * 2**20
"""An answer may always be this large."""
TIMES_THE_KEY = 16
"""… or this many times as large as the key."""
DRAWING_SECONDS = 600.0
"""Wall clock for drawing all tasks of a week in a child process."""


@dataclass(frozen=True)
class Question:
    """One task, drawn from a seed, with its key.

    Args:
        check: Knows how to score.
        task: What goes out.
        key: What stays.
        seed: What both were drawn from; never shown.
    """

    check: Check
    task: Task = field(repr=False)
    key: Key = field(repr=False)
    seed: int = field(repr=False)

    @classmethod
    def draw(cls, check: Check, seed: int) -> Question:
        """Draw a check's task.

        Raises:
            CourseError: The course says what is wrong.
            GraderBroken: The check's own code failed.
        """
        try:
            with quiet():
                task, key = check.draw(seed)
        except CourseError:
            raise
        except Exception as error:
            raise GraderBroken(f"The task of {check.id} could not be drawn: {error!r}") from error
        return cls(check, task, key, seed)

    @cached_property
    def task_digest(self) -> str:
        """Return the SHA-256 of the hidden inputs and the training data."""
        return digest_task(self.task, self.key)

    @cached_property
    def encoded(self) -> bytes:
        """Return the message that hands the task to a kernel; encoded once for all kernels.

        Raises:
            GraderBroken: The task holds what cannot be sent.
        """
        header, arrays, blobs = encode_task(self.task)
        return encode({"type": "task", "task": header, "most_bytes": self.most_bytes}, arrays, blobs)

    @cached_property
    def most_bytes(self) -> int:
        """Return how large an answer may be: generous, and far from what would fill a grader's memory."""
        expected = sum(array.nbytes for outputs in self.key.expected for array in outputs)
        model = int(getattr(self.task.respondent, "most_bytes", 0))
        return max(FEWEST_ANSWER_BYTES, TIMES_THE_KEY * expected) + model

    def judge(
        self, response: Response, ask_model: AskModel | None, *, reveal: bool, tell: Tell = silent
    ) -> tuple[Response, Score]:
        """Score a response.

        Args:
            response: What the learner's process handed back.
            ask_model: Asks a learner's model, where the check takes one: trains a design, or loads a file.
            reveal: As in `Check.score`.
            tell: Told of every epoch that we train.

        Returns:
            The response, completed by what its model was asked where there is one, and the score.

        Raises:
            GraderBroken: A defect of ours; the message says for which check.
        """
        if isinstance(self.check, ModelCheck):
            response = self._with_predictions(response, ask_model, tell)
        else:
            response = replace(response, model=None)
        return response, self.score(response, reveal=reveal)

    def score(self, response: Response, *, reveal: bool = False) -> Score:
        """Score a response that has its predictions. See `Check.score`.

        Raises:
            GraderBroken: The check's own code failed.
        """
        try:
            return self.check.score(response, self.key, reveal=reveal)
        except Exception as error:
            raise GraderBroken(f"The response to {self.check.id} could not be scored: {error!r}") from error

    def _with_predictions(self, response: Response, ask_model: AskModel | None, tell: Tell) -> Response:
        """Return a response with the predictions of its model; what it claims to be predictions is not looked at."""
        if response.problem is not None:
            return replace(response, outputs=(), model=None)
        if response.model is None:
            message = "Expected a model; found an answer without one. Leave the answering to practice() and grade()."
            return Response(problem=Problem(ProblemKind.MISTAKE, message))
        if ask_model is None:
            raise GraderBroken(f"{self.check.id} takes a model, and there is nowhere to ask it.")
        key = self.key
        request = ModelRequest(
            response.model, self.task.respondent, key.inputs, key.seen, key.train, self.task.weights_seed
        )
        try:
            asked = ask_model(request, tell)
        except GraderBroken:
            raise
        except LearnerMistake as error:
            problem = Problem(ProblemKind.MISTAKE, str(error))
            return replace(response, outputs=(), parameters=None, problem=problem)
        except LearnerCrash as error:
            problem = Problem(ProblemKind.CRASH, str(error), error.lines)
            return replace(response, outputs=(), parameters=None, problem=problem)
        except Exception as error:
            raise GraderBroken(f"The model for {self.check.id} could not be asked: {error!r}") from error
        return replace(
            response,
            outputs=((asked.predictions,),),
            parameters=asked.facts.parameters,
            seconds=response.seconds + asked.seconds,
            history=asked.history if response.model.format == "design" else response.history,
            facts=asked.facts,
            seen=asked.seen,
            note=" ".join(filter(None, (response.note, asked.note))),
        )


def make_receipt(
    question: Question,
    response: Response,
    score: Score,
    *,
    purpose: str,
    predictable: bool,
    secret_id: str = "",
    submission: str = "",
    sandboxed: bool = False,
    answered_at: str = "",
) -> Receipt:
    """Return the record of one answered check: the only place where a receipt is made.

    Args:
        question: What was asked.
        response: As `Question.judge` returned it.
        score: What the examiner said.
        purpose: ``practice`` or ``grade``.
        predictable: Whether the hidden data could be known beforehand.
        secret_id: Of the secret that the seeds come from.
        submission: Digest of what was run.
        sandboxed: Whether the learner's code was isolated.
        answered_at: UTC, ISO 8601.
    """
    check = question.check
    ladder = check.ladder if isinstance(check, ModelCheck) else None
    return Receipt(
        check_id=check.id,
        points=float(score.points),
        max_points=score.max_points,
        outcome=score.outcome,
        message=score.message,
        next_step=score.next_step,
        lines=score.lines,
        metric=ladder.metric.name if ladder else None,
        value=score.value,
        rung=ladder.rung(score.value) if ladder and score.value is not None else None,
        thresholds=ladder.thresholds if ladder else (),
        purpose=purpose,
        predictable=predictable,
        key_digest=question.key.digest(),
        response_digest=response.digest(),
        versions=versions(),
        seconds=score.seconds,
        submission=submission,
        task_digest=question.task_digest,
        sandboxed=sandboxed,
        answered_at=answered_at,
        secret_id=secret_id,
        diagnosis=_plain(asdict(score.diagnosis)) if score.diagnosis is not None else {},
    )


def _plain(value: Any) -> Any:
    """Return nested values as JSON has them, without NaN and infinity: receipts stand in notebooks."""
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


@dataclass(frozen=True)
class Paper:
    """The questions of one run, by check id. Holds keys: it stays with the examiner.

    ::

        seeds = {"week01.double": derive_seed(secret, "grade", "week01.double", 0)}
        paper = Paper.draw_in_child(course, seeds)
        paper["week01.double"].encoded       # what every kernel gets
    """

    questions: Mapping[str, Question] = field(repr=False)

    @classmethod
    def draw(cls, course: Course, seeds: Mapping[str, int]) -> Paper:
        """Draw tasks in this process.

        Args:
            course: Where the checks are found.
            seeds: Check id to the seed of its data.

        Raises:
            UnknownName: There is no such check.
            CourseError: The course says what is wrong.
            GraderBroken: A check's own code failed.
        """
        return cls({id: Question.draw(find_check(course, id), seed) for id, seed in seeds.items()})

    @classmethod
    def draw_in_child(cls, course: Course, seeds: Mapping[str, int], *, seconds: float = DRAWING_SECONDS) -> Paper:
        """Draw tasks in a fresh process, which imports TensorFlow where a check's reference needs it.

        Args:
            course: Where the checks are found.
            seeds: Check id to the seed of its data.
            seconds: Wall clock for all of it.

        Raises:
            UnknownName: There is no such check.
            CourseError: The course says what is wrong.
            GraderBroken: A check's own code failed, or the process did.
        """
        checks = {id: find_check(course, id) for id in seeds}
        if not seeds:
            return cls({})
        # Seeds go through the pipe: a command line can be read by every user of the machine.
        command = [sys.executable, "-m", child.__name__]
        try:
            run = subprocess.run(
                command,
                input=pickle.dumps(dict(seeds)),
                capture_output=True,
                timeout=seconds,
                check=False,
                env={**os.environ, ROOT_VARIABLE: str(course.root)},
            )
        except subprocess.TimeoutExpired:
            raise GraderBroken(
                f"Expected the tasks of {', '.join(seeds)} within {seconds:.0f} s; they were still being drawn."
            ) from None
        if run.returncode:
            end = run.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
            raise GraderBroken(f"The process that draws tasks ended with {run.returncode}: {' '.join(end)}")
        found = pickle.loads(run.stdout)
        if isinstance(found, child.Failure):
            raise found.error()
        drawn = {id: (*found[id], seeds[id]) for id in seeds}
        return cls({id: Question(checks[id], task, key, seed) for id, (task, key, seed) in drawn.items()})

    def __getitem__(self, check_id: str) -> Question:
        try:
            return self.questions[check_id]
        except KeyError:
            known = ", ".join(self.questions) or "none"
            raise UnknownName(f"Expected one of the checks {known}; found {check_id!r}.") from None

    def __contains__(self, check_id: object) -> bool:
        return check_id in self.questions
