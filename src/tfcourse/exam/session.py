"""One exam, or one drill: its folder, its clock, its log.

An exam lives in a folder of its own below ``work/exams/``::

    2026-11-26-1/
      1-basic/ … 5-series/     statement, data, starters: what a candidate works with
      .exam/session.json       what was drawn, and when the clock started
      .exam/log.jsonl          every try, one line each; only ever appended to
      .exam/hidden/            the hidden data, so that a submission does not wait until they are drawn anew

On one's own machine nothing keeps a candidate out of ``.exam``: the exam is on one's honour.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from tfcourse import journal
from tfcourse.checks.problems import ExamProblem
from tfcourse.checks.records import Key, Task
from tfcourse.checks.registry import find_check, problems_of
from tfcourse.checks.runtime import weights_seed
from tfcourse.course import Course, ExamPlan, unknown
from tfcourse.errors import CourseError, GraderBroken, InvalidCurriculum, UnknownName
from tfcourse.exam import hidden
from tfcourse.exam.materials import write_materials
from tfcourse.examiner.paper import Question
from tfcourse.examiner.secret import Secret, derive_seed

FOLDER = "exams"
STATE = ".exam"
MOST_MINUTES = 7 * 24 * 60
_UNFINISHED = ".drawing-"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
Way = Literal["notebook", "script", "command", "page"]
"""How a model file was submitted."""


@dataclass(frozen=True)
class Place:
    """One problem of a session."""

    number: int
    """Counted from 1."""
    kind: str
    check_id: str
    folder: str
    """Name of its folder."""
    weight: float
    """Percent of the score."""
    minutes: int
    """What a drill aims at."""


@dataclass(frozen=True)
class Try:
    """One submission, as the log has it."""

    when: str
    problem: int
    number: int
    """Counted from 1, for each problem."""
    points: float
    outcome: str
    message: str
    way: str
    file: str
    """The name of the model file."""
    sha256: str
    size: int
    """Bytes."""
    value: float | None = None
    """The metric, where there is one."""
    parameters: int | None = None
    seconds: float = 0.0
    """From the submission to its score."""
    diagnosis: str = ""
    """What is known of the model beside its score, in a sentence."""
    advice: str = ""
    """What usually helps from there."""


@dataclass(frozen=True)
class Session:
    """An exam or a drill that was begun.

    Args:
        root: Its folder.
        mode: ``exam``, or ``drill``: one problem, without an end.
        minutes: How long the clock runs.
        seed: What everything was drawn from, in hexadecimal.
        started: When the clock started: UTC, ISO 8601.
        places: The problems, in their order.
        pass_percent: The mark, as it was when the session began.
    """

    root: Path
    mode: Literal["exam", "drill"]
    minutes: int
    seed: str
    started: str
    places: tuple[Place, ...]
    pass_percent: float

    @property
    def id(self) -> str:
        """Return the name of its folder."""
        return self.root.name

    # ------------------------------------------------------------------------ the clock

    @property
    def starts(self) -> datetime:
        """Return when the clock started."""
        return datetime.fromisoformat(self.started)

    @property
    def ends(self) -> datetime | None:
        """Return when the last submission is taken; None for a drill, whose time is an aim."""
        return self.starts + timedelta(minutes=self.minutes) if self.mode == "exam" else None

    def now(self) -> datetime:
        """Return the time. It never runs back behind what was logged, whatever is done to the machine's clock."""
        times = [self.started, *(event["when"] for event in self.events()[-1:])]
        return max(_now(), *(datetime.fromisoformat(time) for time in times))

    def left(self) -> timedelta | None:
        """Return the time that is left, 0 where none is; None for a drill."""
        return None if self.ends is None else max(self.ends - self.now(), timedelta(0))

    @property
    def finished(self) -> bool:
        """Tell whether it is over: finished by the candidate, or out of time."""
        return self.over_because is not None

    @property
    def over_because(self) -> str | None:
        """Return why it is over: ``finished`` or ``time``; None while it runs."""
        if any(event["event"] == "finished" for event in self.events()):
            return "finished"
        return "time" if self.ends is not None and self.now() >= self.ends else None

    # ------------------------------------------------------------------------ the log

    @property
    def log(self) -> Path:
        """Return the path of the log."""
        return self.root / STATE / "log.jsonl"

    def events(self) -> list[dict[str, Any]]:
        """Return what the log holds, in its order; half a line of a machine that died is passed over."""
        found = []
        for line in journal.lines(self.log):
            try:
                event = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(event, dict) and isinstance(event.get("event"), str) and _is_time(event.get("when")):
                found.append(event)
        return found

    def note(self, event: str, **more: Any) -> None:
        """Append an event; it is on the disk when this returns."""
        journal.append(self.log, {"when": self.now().isoformat(), "event": event, **more}, durable=True)

    def tries(self, problem: int | None = None) -> list[Try]:
        """Return the submissions in their order: all, or those of one problem."""
        tries = [_read_try(event) for event in self.events() if event["event"] == "submitted"]
        return [each for each in tries if each is not None and problem in (None, each.problem)]

    def best(self, problem: int) -> Try | None:
        """Return the best try of a problem, the first of equals; None where there is none."""
        tries = self.tries(problem)
        return max(tries, key=lambda each: each.points) if tries else None

    def percent(self) -> float:
        """Return the score: each problem's best points of 5, by its weight."""
        best = {place.number: self.best(place.number) for place in self.places}
        reached = sum(place.weight * found.points / 5 for place in self.places if (found := best[place.number]))
        return 100 * reached / sum(place.weight for place in self.places)

    # ------------------------------------------------------------------------ problems

    def place(self, number: int) -> Place:
        """Return a problem by its number.

        Raises:
            UnknownName: There is none.
        """
        for place in self.places:
            if place.number == number:
                return place
        known = ", ".join(str(place.number) for place in self.places)
        raise UnknownName(f"Expected a problem of {self.id} ({known}); found '{number}'.")

    def problem(self, course: Course, place: Place) -> ExamProblem:
        """Return the family that a problem was drawn from.

        Raises:
            UnknownName: The course has it no more.
        """
        return family(course, place)

    def question(self, course: Course, place: Place) -> Question:
        """Return a problem with its hidden data and their key."""
        path = self.root / STATE / "hidden" / f"{place.number}.npz"
        kept = hidden.read(path)
        if kept is not None:
            return _question(family(course, place), kept, problem_seed(self.seed, place))
        question = draw_question(course, place, self.seed)
        with suppress(OSError):  # a full disk costs time, and no try
            hidden.write(path, question.key)
        return question


# ---------------------------------------------------------------------------- starting and finding


def start(
    course: Course,
    *,
    minutes: int | None = None,
    seed: str | None = None,
    say: Callable[[str], None] = lambda message: None,
) -> Session:
    """Draw an exam of five problems and start its clock.

    Args:
        course: Whose exam.
        minutes: Default: what the plan says, 300.
        seed: Any text; the same gives the same problems. Default: a random one.
        say: Told what is being drawn.

    Raises:
        CourseError: The course has no exam, or the minutes make no sense.
    """
    plan = exam_plan(course)
    minutes = plan.minutes if minutes is None else minutes
    if not 1 <= minutes <= MOST_MINUTES:
        raise CourseError(f"Expected 1 to {MOST_MINUTES} minutes; found {minutes}. The exam's own are {plan.minutes}.")
    return _draw(course, "exam", [part.kind for part in plan.parts], minutes, seed, say)


def start_drill(
    course: Course, kind: str, *, seed: str | None = None, say: Callable[[str], None] = lambda message: None
) -> Session:
    """Draw one fresh problem of a kind.

    Args:
        course: Whose exam.
        kind: ``basic``, ``images``, ``folders``, ``text`` or ``series``.
        seed: As in `start`.
        say: As in `start`.

    Raises:
        UnknownName: There is no such kind.
    """
    return _draw(course, "drill", [kind], exam_plan(course).part(kind).minutes, seed, say)


def exams_folder(course: Course) -> Path:
    """Return where a learner's exams are."""
    return course.work_folder / FOLDER


def sessions(course: Course) -> list[Session]:
    """Return all exams and drills, the oldest first; what cannot be read is passed over."""
    folder = exams_folder(course)
    found = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if not _ID.fullmatch(path.name):  # what a machine that died left while it drew, among others
            continue
        try:
            found.append(read_session(path))
        except CourseError:
            continue
    return sorted(found, key=lambda session: session.started)


def find_session(course: Course, id: str | None = None) -> Session:
    """Return an exam by its id, or, without one, the one that is meant: the only one that runs, or the last.

    A drill has no end. It counts as running until something newer is begun.

    Raises:
        UnknownName: There is no such exam, or several run and none was named.
    """
    known = sessions(course)
    if id is not None:
        for session in known:
            if session.id == id:
                return session
        raise UnknownName(unknown("exam", id, [session.id for session in known]) if known else _NONE)
    if not known:
        raise UnknownName(_NONE)
    running = [
        session for session in known if not session.finished and (session.mode == "exam" or session is known[-1])
    ]
    if len(running) > 1:
        names = ", ".join(session.id for session in running)
        raise UnknownName(f"Expected to know which exam; found {len(running)} that run: {names}. Say --exam ID.")
    return running[0] if running else known[-1]


def session_of_folder(folder: Path) -> tuple[Session, Place]:
    """Return the exam and the problem that a folder belongs to.

    Args:
        folder: A problem's folder, or one below it.

    Raises:
        UnknownName: It belongs to none.
    """
    folder = folder.resolve()
    for inner in (folder, *folder.parents):
        if (inner.parent / STATE / "session.json").is_file():
            session = read_session(inner.parent)
            for place in session.places:
                if place.folder == inner.name:
                    return session, place
    raise UnknownName(
        f"Expected to be called from a problem's folder, such as {FOLDER}/ID/1-basic; found {folder}. "
        "Or use: tfcourse exam submit PROBLEM FILE"
    )


def read_session(root: Path) -> Session:
    """Read what `start` wrote.

    Raises:
        CourseError: There is no exam, or it is damaged.
    """
    path = root / STATE / "session.json"
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        places = tuple(Place(**place) for place in document.pop("places"))
        session = Session(root=root, places=places, **document)
        _check(session)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise CourseError(f"Expected an exam in {root}; found {error!r}. Begin another: tfcourse exam start") from error
    return session


def draw_places(course: Course, kinds: Sequence[str], seed: str) -> tuple[Place, ...]:
    """Choose a family for each kind.

    Args:
        course: Whose exam.
        kinds: In the order of the problems.
        seed: Decides.
    """
    plan, places = exam_plan(course), []
    for number, kind in enumerate(kinds, start=1):
        part, families = plan.part(kind), problems_of(course, kind)
        if not families:
            raise InvalidCurriculum([f"curriculum/exam/exam.toml, {kind}: expected problems; found none."])
        chosen = families[derive_seed(_secret(seed), "family", kind, number) % len(families)]
        places.append(Place(number, kind, chosen.id, f"{number}-{kind}", part.weight, part.minutes))
    return tuple(places)


def family(course: Course, place: Place) -> ExamProblem:
    """Return the family that a problem is drawn from.

    Raises:
        UnknownName: The course has it no more.
    """
    found = find_check(course, place.check_id)
    assert isinstance(found, ExamProblem)
    return found


def problem_seed(seed: str, place: Place) -> int:
    """Return the seed of one problem's data, from that of its exam."""
    return derive_seed(_secret(seed), "exam", place.check_id, place.number)


def draw_question(course: Course, place: Place, seed: str) -> Question:
    """Draw a problem's hidden data and their key, from the seed of its exam."""
    problem, own = family(course, place), problem_seed(seed, place)
    _, key = problem.draw(own)
    return _question(problem, key, own)


def heading(place: Place, mode: str) -> str:
    """Return the line below a statement's title."""
    if mode == "drill":
        return f"A drill. Aim at {place.minutes} minutes."
    return f"Problem {place.number}, {place.weight:g} % of the score."


_NONE = "Expected an exam; none was begun. Run: tfcourse exam start"


def _question(problem: ExamProblem, key: Key, seed: int) -> Question:
    task = Task(problem.id, problem.training, cases=(), weights_seed=weights_seed(seed))
    return Question(problem, task, key, seed)


def _check(session: Session) -> None:
    """Check what was read from a file that anything may have happened to.

    Raises:
        ValueError: Something is not what it has to be.
    """
    numbers = [session.pass_percent, *(number for place in session.places for number in (place.weight, place.minutes))]
    whole = [session.minutes, *(place.number for place in session.places)]
    words = [session.seed, *(word for place in session.places for word in (place.kind, place.check_id, place.folder))]
    if not (
        session.places
        and session.mode in ("exam", "drill")
        and _is_time(session.started)
        and all(type(number) in (int, float) for number in numbers)
        and all(type(number) is int and 1 <= number <= MOST_MINUTES for number in whole)
        and all(isinstance(word, str) for word in words)
    ):
        raise ValueError("what no exam can have")


def _is_time(text: object) -> bool:
    """Tell whether a text is a time that can be compared with others: ISO 8601, with its zone."""
    try:
        return isinstance(text, str) and datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _read_try(event: Mapping[str, Any]) -> Try | None:
    """Return the try that an event of the log tells of; None where the line lacks something."""
    names = set(Try.__dataclass_fields__)
    try:
        found = Try(**{name: value for name, value in event.items() if name in names})
    except TypeError:
        return None
    sound = type(found.problem) is int and type(found.points) in (int, float) and isinstance(found.message, str)
    return found if sound else None


def _draw(
    course: Course, mode: Literal["exam", "drill"], kinds: Sequence[str], minutes: int, seed: str | None, say: Any
) -> Session:
    seed = secrets.token_hex(16) if seed is None else seed
    places = draw_places(course, kinds, seed)
    folder = exams_folder(course)
    folder.mkdir(parents=True, exist_ok=True)
    _remove_cut_off(folder)
    # Under another name until it is whole: an exam that was cut off while it was drawn never was one.
    unfinished = folder / f"{_UNFINISHED}{secrets.token_hex(4)}"
    session = Session(unfinished, mode, minutes, seed, _now().isoformat(), places, exam_plan(course).pass_percent)
    try:
        (unfinished / STATE).mkdir(parents=True, mode=0o700)
        for place in places:
            problem = session.problem(course, place)
            say(f"Problem {place.number}: {problem.title}")
            drawn = problem.data(problem_seed(seed, place))
            write_materials(course, problem, drawn, unfinished / place.folder, heading=heading(place, mode))
            _, key = problem.task_of(drawn, weights_seed(problem_seed(seed, place)))
            hidden.write(unfinished / STATE / "hidden" / f"{place.number}.npz", key)
        return _publish(session, folder)
    except BaseException as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        if isinstance(error, Exception) and not isinstance(error, CourseError | OSError):
            raise GraderBroken(f"{problem.id} could not be drawn: {error!r}") from error
        raise


def _remove_cut_off(folder: Path) -> None:
    """Remove what processes that were killed left while they drew; a day old, so that nobody draws there still."""
    for path in folder.glob(f"{_UNFINISHED}*"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > 86_400:
                shutil.rmtree(path)


def _publish(session: Session, folder: Path) -> Session:
    """Start the clock, and give the folder its name."""
    session = replace(session, started=_now().isoformat())
    document = {name: value for name, value in asdict(session).items() if name != "root"}
    (session.root / STATE / "session.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    session.note("started", mode=session.mode, minutes=session.minutes)
    prefix = f"{'drill-' if session.mode == 'drill' else ''}{datetime.now().astimezone():%Y-%m-%d}"
    number = 1
    while True:
        root = folder / f"{prefix}-{number}"
        try:
            root.mkdir()
        except FileExistsError:
            number += 1
            continue
        session.root.replace(root)
        return replace(session, root=root)


def exam_plan(course: Course) -> ExamPlan:
    """Return the exam's plan.

    Raises:
        CourseError: The course has no exam.
    """
    if course.exam is None:
        raise CourseError(f"Expected a course with an exam; found no {course.show(course.exam_folder / 'exam.toml')}.")
    return course.exam


def _secret(seed: str) -> Secret:
    return Secret(seed.encode(), "an exam's seed")


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
