"""The paper: tasks that were drawn, with their keys, and the one place where answers are judged.

Drawing a function check runs its reference, and so imports TensorFlow. A grader's main process must stay
without it: `Paper.draw_in_child` draws in a process of its own and brings the paper back.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from tfcourse.checks.check import Check, ModelCheck
from tfcourse.checks.guard import quiet
from tfcourse.checks.model_files import FileModel, LoadModel
from tfcourse.checks.records import Key, Problem, ProblemKind, Receipt, Response, Score, Task, digest_task
from tfcourse.checks.registry import find_check
from tfcourse.checks.runtime import versions
from tfcourse.course import ROOT_VARIABLE, Course
from tfcourse.errors import CourseError, GraderBroken, LearnerMistake, UnknownName
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
        respondent = self.task.respondent
        file = respondent.most_bytes if isinstance(respondent, FileModel) else 0
        return max(FEWEST_ANSWER_BYTES, TIMES_THE_KEY * expected) + file

    def judge(self, response: Response, load_model: LoadModel | None, *, reveal: bool) -> tuple[Response, Score]:
        """Score a response.

        Args:
            response: What the learner's process handed back.
            load_model: Asks a model's file for predictions, where the check takes one.
            reveal: As in `Check.score`.

        Returns:
            The response, completed by the predictions of its model file where there is one, and the score.

        Raises:
            GraderBroken: A defect of ours; the message says for which check.
        """
        response, note = self._with_predictions(response, load_model)
        score = self.score(response, reveal=reveal)
        return response, replace(score, message=f"{score.message} {note}") if note else score

    def score(self, response: Response, *, reveal: bool = False) -> Score:
        """Score a response that has its predictions. See `Check.score`.

        Raises:
            GraderBroken: The check's own code failed.
        """
        try:
            return self.check.score(response, self.key, reveal=reveal)
        except Exception as error:
            raise GraderBroken(f"The response to {self.check.id} could not be scored: {error!r}") from error

    def _with_predictions(self, response: Response, load_model: LoadModel | None) -> tuple[Response, str]:
        respondent = self.task.respondent
        if not isinstance(respondent, FileModel):
            return replace(response, model=None), ""
        if response.problem is not None:
            return replace(response, outputs=(), model=None), ""
        if response.model is None:
            message = "Expected a trained model; found an answer without one. Leave the answering to grade()."
            return Response(problem=Problem(ProblemKind.MISTAKE, message)), ""
        if load_model is None:
            raise GraderBroken(f"{self.check.id} takes a model's file, and there is nowhere to load it.")
        try:
            loaded = load_model(response.model, self.key.inputs, respondent)
        except GraderBroken:
            raise
        except LearnerMistake as error:
            problem = Problem(ProblemKind.MISTAKE, str(error))
            return replace(response, outputs=(), parameters=None, problem=problem), ""
        except Exception as error:
            raise GraderBroken(f"The model's file for {self.check.id} could not be asked: {error!r}") from error
        return replace(response, outputs=((loaded.predictions,),), parameters=loaded.parameters), loaded.note


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
    )


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
