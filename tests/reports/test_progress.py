"""The record of what a learner did survives what befalls files."""

import json
import subprocess
import sys

import pytest

from tfcourse.checks import Outcome, Score
from tfcourse.reports.progress import Event, Progress


def score(points, check_id="week01.double", value=None, outcome=Outcome.WEAK):
    return Score(check_id, "Double", points, 5, outcome, "message", value=value)


@pytest.fixture
def warnings():
    return []


@pytest.fixture
def progress(course, warnings):
    return Progress(course, warn=warnings.append)


def kept(progress):
    return [(event.kind, event.check, event.points) for event in progress.events()]


def aside(progress):
    return sorted(path.name for path in progress.path.parent.glob("*.damaged-*"))


def test_without_a_file_there_are_no_events(progress):
    assert progress.events() == []
    assert progress.best() == {}
    assert not progress.path.parent.exists()


def test_the_folder_is_made_when_it_is_missing(progress, course, tmp_path):
    progress.record_score("practice", score(3))
    assert progress.path == tmp_path / "work" / "progress.jsonl"
    assert kept(progress) == [("practice", "week01.double", 3)]


def test_an_event_keeps_what_is_known(progress):
    progress.record_score("grade", score(3.5, value=0.25, outcome=Outcome.RIGHT))
    (event,) = progress.events()
    assert (event.kind, event.points, event.max_points, event.value, event.outcome) == ("grade", 3.5, 5, 0.25, "right")
    assert event.when.endswith("+00:00")
    assert len(progress.path.read_text().splitlines()) == 1


def test_hints_are_counted_for_each_check(progress):
    progress.record_hint("week01.double")
    progress.record_hint("week01.line")
    progress.record_hint("week01.double")
    assert progress.hints_taken("week01.double") == 2
    assert progress.attempts("week01.double") == []


def test_the_best_attempt_counts_and_a_graded_one_wins_a_tie(progress):
    for kind, points in [("practice", 2), ("grade", 4), ("practice", 4), ("practice", 1), ("grade", 3)]:
        progress.record_score(kind, score(points))
    progress.record_hint("week01.line")
    best = progress.best()
    assert set(best) == {"week01.double"}
    assert (best["week01.double"].points, best["week01.double"].kind) == (4, "grade")
    assert [event.points for event in progress.attempts("week01.double")] == [2, 4, 4, 1, 3]


GOOD = json.dumps({"when": "2026-01-01T00:00:00+00:00", "kind": "practice", "check": "week01.line", "points": 2})


@pytest.mark.parametrize(
    "damage",
    [
        b"no json",
        b'{"when": "2026", "kind": "practice", "che',
        b"[1, 2]",
        b"null",
        b'{"when": "2026", "kind": "practice"}',
        b'{"when": "2026", "kind": "practice", "check": "week01.line", "stolen": 1}',
        b'{"when": "2026", "kind": "practice", "check": "week01.line", "points": "two"}',
        b'{"when": "2026", "kind": "practice", "check": ["week01.line"], "points": 2}',
        b"\xff\xfe\x00",
        b"\x00" * 50,
    ],
    ids=["text", "cut", "list", "null", "lacks", "unknown key", "points", "check", "bytes", "zeros"],
)
def test_a_damaged_line_sets_the_file_aside_and_keeps_the_others(progress, warnings, damage):
    progress.record_hint("week01.double")
    original = progress.path.read_bytes() + damage + b"\n" + GOOD.encode() + b"\n"
    progress.path.write_bytes(original)
    assert kept(progress) == [("hint", "week01.double", None), ("practice", "week01.line", 2)]
    (name,) = aside(progress)
    assert (progress.path.parent / name).read_bytes() == original
    assert len(warnings) == 1
    assert name in warnings[0]
    assert "1 line(s)" in warnings[0]
    # It is mended for good: nothing more is set aside or said.
    assert len(kept(progress)) == 2
    assert progress.best()["week01.line"].points == 2
    assert aside(progress) == [name]
    assert len(warnings) == 1


def test_damage_twice_in_a_second_keeps_both_files(progress, warnings):
    for _ in range(3):
        progress.record_hint("week01.double")
        with progress.path.open("ab") as file:
            file.write(b"damage\n")
        progress.events()
    assert len(aside(progress)) == 3
    assert progress.hints_taken("week01.double") == 3


def test_half_a_line_of_a_machine_that_died_does_not_take_the_next_along(progress, warnings):
    progress.record_hint("week01.double")
    with progress.path.open("ab") as file:
        file.write(b'{"when": "2026-01-01", "kind": "prac')
    progress.record_score("practice", score(4))
    assert kept(progress) == [("hint", "week01.double", None), ("practice", "week01.double", 4)]
    assert len(warnings) == 1


def test_an_empty_file_is_no_damage(progress, warnings):
    progress.path.parent.mkdir()
    progress.path.write_text("\n\n")
    assert progress.events() == []
    assert warnings == []


def test_a_folder_that_moved_is_made_again(progress):
    progress.record_hint("week01.double")
    progress.path.unlink()
    progress.path.parent.rmdir()
    progress.record_hint("week01.double")
    assert progress.hints_taken("week01.double") == 1


APPEND = """
import sys
from pathlib import Path
from types import SimpleNamespace
from tfcourse.reports.progress import Progress

progress = Progress(SimpleNamespace(work_folder=Path(sys.argv[1])))
for _ in range(50):
    progress.record_hint(sys.argv[2])
"""


def test_several_notebooks_at_once_lose_nothing(progress, warnings):
    checks = [f"week01.check{number}" for number in range(2)]
    command = [sys.executable, "-c", APPEND, str(progress.path.parent)]
    running = [subprocess.Popen([*command, check]) for check in checks]
    assert [process.wait(timeout=120) for process in running] == [0, 0]
    assert [progress.hints_taken(check) for check in checks] == [50, 50]
    assert warnings == []


def test_an_event_is_what_it_was_after_a_round_trip(progress):
    progress.path.parent.mkdir()
    progress.path.write_text(GOOD + "\n")
    assert progress.events() == [Event("2026-01-01T00:00:00+00:00", "practice", "week01.line", 2)]
