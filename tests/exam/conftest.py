"""The mini course with an exam of three small problems, and a clock that tests set."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from mini_course import write_mini_course
from mini_exam import write_mini_exam

from tfcourse import cli
from tfcourse.checks.diagnosis import Facts
from tfcourse.checks.records import Asked, ModelFile, ModelRequest
from tfcourse.checks.watching import Tell
from tfcourse.course import Course, read_course
from tfcourse.errors import LearnerMistake
from tfcourse.exam import commands, session


@pytest.fixture(scope="session")
def exam_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mini course with an exam; not to be changed."""
    return write_mini_exam(write_mini_course(tmp_path_factory.mktemp("exam")))


@pytest.fixture
def course(exam_root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Course:
    """The course, found by everybody, with a `work/` folder of the test's own."""
    monkeypatch.setenv("TFCOURSE_ROOT", str(exam_root))
    monkeypatch.setenv("TFCOURSE_WORK", str(tmp_path / "work"))
    return read_course(exam_root)


class Clock:
    """A machine's clock. It begins with the real time, which other processes of a test see."""

    def __init__(self) -> None:
        self.time = datetime.now(UTC).replace(microsecond=0)

    def advance(self, **span: float) -> None:
        """Let time pass; a negative span sets the clock back."""
        self.time += timedelta(**span)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock that exams look at."""
    clock = Clock()
    monkeypatch.setattr(session, "_now", lambda: clock.time)
    return clock


def ask_fake(request: ModelRequest, tell: Tell) -> Asked:
    """Answer for a file whose bytes say by how much its predictions of a line are off, without TensorFlow."""
    try:
        off = float(request.model.content)
    except ValueError:
        raise LearnerMistake("Expected a .keras file; found garbage.") from None
    weights = [1.0, 2.0, -1.0] if request.inputs[0].shape[1:] == (3,) else None
    assert weights, "only lines are known here"
    predictions, seen = ((forms[0] @ weights + off).astype("float32") for forms in (request.inputs, request.seen))
    return Asked(predictions, seen, Facts(4, 4, ("Dense",)))


def file_off(by: float) -> ModelFile:
    """Return a file for `ask_fake`: 0.0 gets five points, 9.0 none."""
    return ModelFile(str(by).encode(), "keras")


@pytest.fixture
def run(course, monkeypatch, capsys):
    """Run the command line as `tfcourse` does; returns the exit code, the output and the errors."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["tfcourse", "exam", *map(str, arguments)])
        monkeypatch.setattr(commands.console, "_file", None)
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = end.code or 0
        told = capsys.readouterr()
        return code, told.out, told.err

    return run
