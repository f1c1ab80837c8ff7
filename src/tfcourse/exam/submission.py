"""The one way in which a model file is submitted: from a notebook, a script, the command line or the exam's page."""

from __future__ import annotations

import hashlib
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from tfcourse import journal
from tfcourse.checks.asking import AskModel
from tfcourse.checks.records import ModelFile, Problem, ProblemKind, Response, Score
from tfcourse.course import Course
from tfcourse.errors import CourseError, LearnerMistake
from tfcourse.exam.session import Place, Session, Way
from tfcourse.examiner import model_server
from tfcourse.reports.progress import Progress
from tfcourse.texts import printable


class Late(CourseError):
    """The exam is over: the submission was not taken."""


@dataclass(frozen=True)
class Submission:
    """What came of a submission.

    Args:
        place: The problem.
        number: Which try of this problem it was, counted from 1.
        score: Points, metric, ladder.
        best: The best points of this problem so far, this try included.
        left: The time that is left; None in a drill.
    """

    place: Place
    number: int
    score: Score
    best: float
    left: timedelta | None


def submit(
    course: Course,
    session: Session,
    number: int,
    file: ModelFile | LearnerMistake,
    *,
    name: str,
    way: Way,
    ask_model: AskModel = model_server.ask_model,
) -> Submission:
    """Score a model file on hidden data, and note the try.

    Args:
        course: Where the problems are found.
        session: Which exam.
        number: Which problem.
        file: The model; or why there is none, which is a try, too.
        name: Of the file.
        way: How it was submitted.
        ask_model: Asks the file for predictions.

    Raises:
        Late: The exam is over; the log says so, and nothing counts.
        UnknownName: There is no such problem.
        GraderBroken: A defect of ours; no try is counted.
    """
    began, arrived = time.perf_counter(), session.now()
    place = session.place(number)
    _check_time(session, place, name)
    response = response_of(file)
    response, score = session.question(course, place).judge(response, ask_model, reveal=False)
    seconds = time.perf_counter() - began
    advice, diagnosis = score.next_step, _sentence(score)
    if session.mode == "exam":
        # Advice is for afterwards: the report has it.
        score = replace(score, next_step="", diagnosis=None)
    content = response.model.content if response.model is not None else b""
    with journal.alone(session.log):
        earlier = session.tries(number)
        session.note(
            "submitted",
            problem=number,
            number=len(earlier) + 1,
            points=float(score.points),
            outcome=str(score.outcome),
            message=score.message,
            value=score.value,
            parameters=score.parameters,
            way=way,
            file=name,
            sha256=hashlib.sha256(content).hexdigest(),
            size=len(content),
            arrived=arrived.isoformat(),
            seconds=round(seconds, 3),
            diagnosis=diagnosis,
            advice=advice,
        )
    with suppress(OSError):  # the exam's own log stands
        Progress(course).record_score("exam", score)
    best = max([float(score.points), *(each.points for each in earlier)])
    return Submission(place, len(earlier) + 1, replace(score, seconds=seconds), best, session.left())


def _sentence(score: Score) -> str:
    if score.diagnosis is None or score.ladder is None:
        return ""
    return score.diagnosis.sentence(score.ladder.metric)


def read_model(course: Course, session: Session, number: int, model: Any) -> ModelFile | LearnerMistake:
    """Return the file of a model, or that at a path; or why it cannot be one, which is a try, too.

    Raises:
        CourseError: A path leads to no file. A typing error is no try.
        UnknownName: There is no such problem.
    """
    training = session.problem(course, session.place(number)).training
    if isinstance(model, str | Path) and not Path(model).is_file():
        raise CourseError(
            f"Expected a model's file; found none at {printable(str(model))}. No try was counted. "
            "Is the name right, and was the model saved there?"
        )
    try:
        return training.read(model)
    except LearnerMistake as mistake:
        return mistake


def response_of(file: ModelFile | LearnerMistake) -> Response:
    """Return a model file as an answer to a check; or, where there is none, the reason as one."""
    if isinstance(file, LearnerMistake):
        return Response(problem=Problem(ProblemKind.MISTAKE, str(file)))
    return Response(model=file)


def _check_time(session: Session, place: Place, name: str) -> None:
    why = session.over_because
    if why is None:
        return
    with journal.alone(session.log):
        session.note("refused", problem=place.number, file=name, why=why)
    when = "its time is over" if why == "time" else "you have finished it"
    raise Late(
        f"Expected an exam that runs; found that {session.id} takes no more models: {when}. "
        f"Read its report: tfcourse exam report --exam {session.id}"
    )
