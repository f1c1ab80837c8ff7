"""Killed with -9 at any moment, and run again: everything is recorded once, and nothing is run twice."""

import collections
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from fake_engine import COUNT_VARIABLE, SECONDS_VARIABLE
from plain_course import autograde, grades, submission, submit, write_course

from tfcourse.grading.batch import Status

SCRIPT = Path(__file__).parents[1] / "kill_batches.py"
STUDENTS = 60
KILLS = 25

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system to kill"),
]


def kill_often(root, monkeypatch, seed, **options):
    monkeypatch.setenv(COUNT_VARIABLE, str(root / "count"))
    monkeypatch.setenv(SECONDS_VARIABLE, "0.01")
    run = subprocess.run(
        [sys.executable, "-W", "ignore", str(SCRIPT), str(root), str(KILLS), str(seed), json.dumps(options)],
        env={**os.environ, "PYTHONPATH": str(SCRIPT.parent)},
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    return json.loads(run.stdout)


def students(root):
    for number in range(STUDENTS):
        submit(root, f"s{number:02d}", submission("2 * x" if number % 3 else "0"))
    (submit(root, "bad") / "p1.ipynb").write_text("{")


def check_points(root):
    for number in range(STUDENTS):
        right = 2.0 if number % 3 else 0.0
        found = grades(root, f"s{number:02d}")
        assert found == {
            "double": (right, False), "zero": (1.0, False), "partial": (2 * right, False), "essay": (None, True),
        }  # fmt: skip


@pytest.mark.everything
@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_random_moments(tmp_path, monkeypatch, seed):
    write_course(tmp_path)
    students(tmp_path)
    told = kill_often(tmp_path, monkeypatch, seed)
    assert told["wrong"] == []
    assert told["hits"] >= 20
    results = autograde(tmp_path)
    assert {result.status for student, result in results.items() if student != "bad"} <= {"graded", "skipped"}
    assert results["bad"].status is Status.FAILED
    check_points(tmp_path)
    assert not list(tmp_path.rglob("*tfcourse-*"))
    assert len(list((tmp_path / "autograded").glob("*/ps1/p1.ipynb"))) == STUDENTS
    lines = (tmp_path / "count").read_text().splitlines()
    ended = collections.Counter(line.split()[1] for line in lines if line.startswith("ended"))
    assert len(ended) == STUDENTS
    # A run may end in the moment before it is stored; that is the only way to be run twice.
    assert sum(ended.values()) <= STUDENTS + 4 * told["hits"]
    before = (tmp_path / "count").read_text()
    assert {result.status for result in autograde(tmp_path).values()} == {"skipped", "failed"}
    assert (tmp_path / "count").read_text() == before


def test_killed_between_any_two_steps_of_recording(tmp_path, monkeypatch):
    """Not at random: once before and once behind each step that changes something."""
    write_course(tmp_path)
    steps = [
        "tfcourse.grading.store.Store.save",
        "tfcourse.grading.record.open_submission",
        "tfcourse.grading.record.leave_to_staff",
        "tfcourse.grading.record.make_folder",
        "tfcourse.grading.recorder.replace_folder",
        "tfcourse.grading.converter.Autograde.set_permissions",
        "tfcourse.grading.store.Store.mark_recorded",
    ]
    for index, name in enumerate(steps):
        for when in ("before", "behind"):
            student = f"{when}-{index}"
            submit(tmp_path, student)
            code = die_at(tmp_path, name, when, student)
            assert code == 9, (name, when)
            ran = not (name.endswith("save") and when == "before")
            result = autograde(tmp_path, course={"student_id": student})[student]
            if name.endswith("mark_recorded") and when == "behind":
                assert result.status is Status.SKIPPED
            else:
                assert (result.status, result.ran) == (Status.GRADED, not ran)
            assert grades(tmp_path, student)["double"] == (2.0, False)
            assert (tmp_path / "autograded" / student / "ps1" / "p1.ipynb").exists()
            assert not list(tmp_path.rglob("*tfcourse-*"))


def die_at(root, name, when, student):
    """Grade one submission in a process that ends at a step; return how it ended."""
    child = os.fork()
    if child == 0:
        try:
            from importlib import import_module

            path, attribute = name.rsplit(".", 1)
            try:
                holder = import_module(path)
            except ImportError:
                module, kind = path.rsplit(".", 1)
                holder = getattr(import_module(module), kind)
            step = getattr(holder, attribute)

            def dying(*arguments, **options):
                if when == "behind":
                    step(*arguments, **options)
                os._exit(9)

            setattr(holder, attribute, dying)
            autograde(root, course={"student_id": student})
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
