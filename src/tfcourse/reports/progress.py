"""What a learner has done: one line of JSON for each event, appended to ``work/progress.jsonl``.

See `tfcourse.journal`. A line that cannot be read sets the file aside, and every other line is kept.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from tfcourse import journal
from tfcourse.checks.records import Score
from tfcourse.course import Course

Kind = Literal["practice", "grade", "hint", "exam"]
FILE = "progress.jsonl"


@dataclass(frozen=True)
class Event:
    """One thing that a learner did.

    Args:
        when: UTC, ISO 8601.
        kind: ``practice``, ``grade``, ``hint`` or ``exam``.
        check: The check's id.
        points: None for a hint.
        value: The metric's value, where there is one.
    """

    when: str
    kind: Kind
    check: str
    points: float | None = None
    max_points: float | None = None
    value: float | None = None
    outcome: str | None = None


class Progress:
    """Reads and appends the events of one course.

    Args:
        course: Whose ``work/`` folder holds the file.
        warn: Told, in words, when a damaged file was set aside.
    """

    def __init__(self, course: Course, warn: Callable[[str], None] = print) -> None:
        self.path = course.work_folder / FILE
        self._warn = warn

    def record_score(self, kind: Kind, score: Score) -> None:
        """Append a score."""
        self._append(
            Event(_now(), kind, score.check_id, score.points, score.max_points, score.value, str(score.outcome))
        )

    def record_hint(self, check_id: str) -> None:
        """Append that a hint was asked for."""
        self._append(Event(_now(), "hint", check_id))

    def events(self) -> list[Event]:
        """Return all events in order; a damaged file is set aside first, and what can be read is kept."""
        if not self.path.exists():
            return []
        events, damaged = [], 0
        for line in journal.lines(self.path):
            try:
                events.append(_read(line))
            except (ValueError, TypeError):
                damaged += 1
        if damaged:
            self._set_aside(events, damaged)
        return events

    def hints_taken(self, check_id: str) -> int:
        """Return how many hints were asked for."""
        return sum(event.kind == "hint" and event.check == check_id for event in self.events())

    def attempts(self, check_id: str) -> list[Event]:
        """Return the scored attempts at a check in order."""
        return [event for event in self.events() if event.check == check_id and event.points is not None]

    def best(self) -> dict[str, Event]:
        """Return each check's best attempt; a graded one wins over practice with equal points."""
        best: dict[str, Event] = {}
        for event in self.events():
            if event.points is not None and (event.check not in best or _rank(event) >= _rank(best[event.check])):
                best[event.check] = event
        return best

    def _append(self, event: Event) -> None:
        journal.append(self.path, {key: value for key, value in asdict(event).items() if value is not None})

    def _set_aside(self, events: Sequence[Event], damaged: int) -> None:
        aside = _free_name(self.path)
        self.path.replace(aside)
        for event in events:
            self._append(event)
        self._warn(
            f"Expected one event a line in {self.path.name}; found {damaged} line(s) that cannot be read. "
            f"The file is kept as {aside.name}, and the {len(events)} readable events go on counting."
        )


def _read(line: bytes) -> Event:
    """Return the event of a line.

    Raises:
        ValueError: The line is no JSON, or what should be a number or a name is none.
        TypeError: The line is no event.
    """
    event = Event(**json.loads(line))
    names = (event.when, event.kind, event.check)
    numbers = (event.points, event.max_points, event.value)
    if not all(isinstance(name, str) for name in names):
        raise ValueError("expected text")
    if not all(number is None or isinstance(number, int | float) for number in numbers):
        raise ValueError("expected numbers")
    return event


def _rank(event: Event) -> tuple[float, bool]:
    return (event.points or 0.0, event.kind == "grade")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _free_name(path: Path) -> Path:
    stamp = time.strftime("%Y%m%d-%H%M%S")
    candidate = path.with_name(f"{path.stem}.damaged-{stamp}{path.suffix}")
    number = 1
    while candidate.exists():
        candidate = path.with_name(f"{path.stem}.damaged-{stamp}-{number}{path.suffix}")
        number += 1
    return candidate
