"""A process that works on strangers' data: what takes too much costs that piece of work, and nothing else."""

import os
import signal
import sys

import pytest

from tfcourse.errors import GraderBroken
from tfcourse.grading import bounded
from tfcourse.grading.bounded import Bounded

MODULE = """
import time
from tfcourse.grading.bounded import serve

def work(question):
    print("noise")
    if question == b"sleep":
        time.sleep(60)
    if question == b"memory":
        bytes(2**33)
    return question.upper()

serve(work)
"""


@pytest.fixture
def process(tmp_path, monkeypatch):
    (tmp_path / "upper.py").write_text(MODULE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    process = Bounded("upper", memory=2**31, seconds=30.0)
    yield process
    process.close()


def test_questions_are_answered_by_one_process(process):
    assert process.ask(b"a\nb") == b"A\nB"
    first = process._process
    assert process.ask(b"") == b""
    assert process.ask(b"x" * 3_000_000) == b"X" * 3_000_000
    assert process._process is first


def test_what_takes_too_long_has_no_answer(process):
    process.ask(b"")  # it has started
    process.seconds = 0.5
    assert process.ask(b"sleep") is None
    process.seconds = 30.0
    assert process.ask(b"a") == b"A"


@pytest.mark.skipif(sys.platform != "linux", reason="there is no such bound")
def test_what_takes_too_much_memory_has_no_answer(process):
    assert process.ask(b"memory") is None
    assert process.ask(b"a") == b"A"


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal")
def test_a_process_that_was_killed_is_started_anew(process):
    process.ask(b"")
    os.kill(process._process.pid, signal.SIGKILL)
    process._process.wait()
    assert process.ask(b"a") == b"A"


def test_a_process_that_does_not_start_is_a_defect_of_ours(process, monkeypatch):
    monkeypatch.setattr(bounded.sys, "executable", "/bin/false")
    with pytest.raises(GraderBroken, match="Start it by hand"):
        process.ask(b"a")


@pytest.mark.skipif(sys.platform != "linux", reason="its environment cannot be seen")
def test_the_process_knows_no_secret(process, monkeypatch):
    monkeypatch.setenv("TFCOURSE_SECRET", "a secret of the tests, long enough to be one")
    process.ask(b"")
    with open(f"/proc/{process._process.pid}/environ", "rb") as file:
        assert b"TFCOURSE_SECRET=" not in file.read()
