"""A kernel's end of the socket: `grade` works without a course, and says plainly when nobody answers."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import tfcourse
from tfcourse import notebook
from tfcourse.checks import Outcome, Response
from tfcourse.checks.records import digest_outputs
from tfcourse.errors import GraderBroken, UnknownName
from tfcourse.examiner import InProcessExaminer, Paper, RemoteExaminer, Secret, derive_seed, take
from tfcourse.examiner.desk import Desk
from tfcourse.examiner.messages import MOST_PARTS, receive, send
from tfcourse.examiner.model_server import ask_model
from tfcourse.examiner.remote import DESCRIPTOR_VARIABLE

SECRET = Secret(b"a secret of the tests, long enough to be one", "the tests")


def double(x):
    return 2 * np.asarray(x)


def build_line():
    import keras

    model = keras.Sequential([keras.Input(shape=(3,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(0.02), loss="mae")
    return model


@pytest.fixture
def paper(course):
    seeds = {id: derive_seed(SECRET, "grade", id, 0) for id in ("week01.double", "week01.line")}
    return Paper.draw(course, seeds)


@pytest.fixture
def desk(paper):
    """A desk that serves, and the kernel's socket as `desk.kernel`."""
    ours, theirs = socket.socketpair()
    theirs.settimeout(240)
    settings = {"predictable": False, "sandboxed": True, "submission": "digest", "most_bytes": 2**26}
    desk = Desk(paper, ours, **settings, ask_model=ask_model)
    desk.kernel = theirs
    thread = threading.Thread(target=desk.serve)
    thread.start()
    yield desk
    desk.close()
    theirs.close()
    thread.join(20)
    assert not thread.is_alive()


@pytest.fixture
def examiner(desk):
    return RemoteExaminer(desk.kernel)


def test_a_function_gets_what_it_gets_in_process(examiner, desk, course):
    remote = take("week01.double", double, examiner)
    here = InProcessExaminer(course, "grade", SECRET)
    score = take("week01.double", double, here)
    assert (remote.points, remote.outcome, remote.message) == (score.points, score.outcome, score.message)
    there, receipt = desk.receipts["week01.double"], here.receipt("week01.double")
    assert (there.key_digest, there.response_digest) == (receipt.key_digest, receipt.response_digest)
    assert there.task_digest == receipt.task_digest


@pytest.mark.slow
def test_a_model_gets_what_it_gets_in_process(examiner, desk, course):
    remote = take("week01.line", build_line, examiner)
    here = InProcessExaminer(course, "grade", SECRET)
    score = take("week01.line", build_line, here)
    assert (remote.points, remote.value, remote.parameters) == (score.points, score.value, score.parameters)
    assert 0 < remote.points <= 5
    response, _, _ = here._answered["week01.line"]
    assert digest_outputs(desk.responses["week01.line"].outputs) == digest_outputs(response.outputs)
    assert remote.diagnosis == score.diagnosis


def test_what_goes_wrong_in_the_kernel_arrives_as_what_it_is(examiner, desk):
    assert take("week01.double", None, examiner).outcome is Outcome.NOT_ATTEMPTED

    def stops(builder):
        raise ValueError("no\x1b[31m")

    score = take("week01.line", stops, examiner)
    assert score.outcome is Outcome.MISTAKE or score.outcome is Outcome.CRASH
    assert "\x1b" not in score.message
    assert desk.receipts["week01.double"].points == 0


def test_a_check_of_another_week(examiner):
    with pytest.raises(UnknownName, match="There is no check"):
        examiner.open("week02.other")
    assert examiner.open("week01.double").check_id == "week01.double"


def test_an_answer_beyond_all_bounds_is_a_mistake_and_not_the_end(examiner, desk):
    examiner.open("week01.double")
    many = Response(outputs=((np.zeros(1),) * MOST_PARTS,))
    score = examiner.answer("week01.double", many)
    assert (score.points, score.outcome) == (0, Outcome.MISTAKE)
    assert "repeats itself" in score.message
    examiner.open("week01.line")
    score = examiner.answer("week01.line", Response(outputs=((np.zeros(2**22),),)))
    assert score.message.startswith("Expected an answer of at most 20 MB")
    assert desk.violation == ""


def test_a_defect_of_ours_outside_is_one_inside(examiner, desk, monkeypatch):
    monkeypatch.setattr("tfcourse.checks.check.FunctionCheck.score_outputs", lambda *a, **k: 1 / 0)
    with pytest.raises(GraderBroken, match="The staff can see why; it costs no points") as broken:
        take("week01.double", double, examiner)
    assert "division" not in str(broken.value)
    assert "division" in desk.broken["week01.double"]


def test_a_defect_of_ours_inside_is_told_outside(examiner, desk):
    examiner.open("week01.double")
    examiner.failed("week01.double", "no module")
    assert "reports a defect of the course, which nothing outside it confirms: no module" in str(desk.unanswered)


def test_a_connection_that_is_gone(examiner, desk):
    examiner.open("week01.double")
    desk.close()
    for _ in range(2):
        with pytest.raises(GraderBroken, match=r"the connection is broken: .* What was answered before counts"):
            examiner.answer("week01.double", Response())
    examiner.failed("week01.double", "nobody hears")


def test_an_examiner_that_answers_nonsense():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        examiner = RemoteExaminer(theirs)
        for header in ({"type": "task"}, {"type": "task", "task": {"check": 3}}, {"type": "what"}, {}):
            send(ours, header)
            with pytest.raises(GraderBroken):
                examiner.open("week01.double")


def test_an_interrupt_waits_until_the_answer_is_through(paper):
    """Half a message, because a cell ran out of time, would spoil every later one."""
    ours, theirs = socket.socketpair()
    desk = Desk(paper, ours, predictable=False, sandboxed=True, submission="", most_bytes=2**26)

    def serve_late():
        receive(ours, 2**20)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.2)
        send(ours, {"type": "unknown", "message": "late"})
        desk.serve()

    thread = threading.Thread(target=serve_late)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # pytest-xdist's workers ignore it
    with theirs:
        examiner = RemoteExaminer(theirs)
        thread.start()
        with pytest.raises((KeyboardInterrupt, UnknownName)) as interrupted:
            examiner.open("week02.other")
        assert interrupted.type is KeyboardInterrupt
        signal.signal(signal.SIGINT, before)
        assert examiner.open("week01.double").check_id == "week01.double"
    thread.join(20)


# ---------------------------------------------------------------------------- the descriptor


def test_no_descriptor_no_remote_examiner(monkeypatch):
    monkeypatch.delenv(DESCRIPTOR_VARIABLE, raising=False)
    assert RemoteExaminer.from_environment() is None


@pytest.mark.parametrize("named", ["", "nine", "-1", "987"])
def test_a_descriptor_that_is_none(monkeypatch, named):
    monkeypatch.setenv(DESCRIPTOR_VARIABLE, named)
    if not named:
        assert RemoteExaminer.from_environment() is None
        return
    with pytest.raises(GraderBroken, match=f"Expected the examiner at descriptor {named}"):
        RemoteExaminer.from_environment()


def test_what_a_kernel_starts_does_not_inherit_the_examiner(monkeypatch, desk):
    descriptor = os.dup(desk.kernel.fileno())
    os.set_inheritable(descriptor, True)
    monkeypatch.setenv(DESCRIPTOR_VARIABLE, str(descriptor))
    assert RemoteExaminer.from_environment() is not None
    program = f"import os; os.fstat({descriptor})"
    run = subprocess.run([sys.executable, "-c", program], close_fds=False, capture_output=True, check=False)
    assert b"Bad file descriptor" in run.stderr


# ---------------------------------------------------------------------------- what a notebook calls


@pytest.fixture
def graded(monkeypatch, tmp_path, desk):
    """A process as in a graded run: the descriptor, no course anywhere. Returns what is displayed."""
    monkeypatch.setenv(DESCRIPTOR_VARIABLE, str(os.dup(desk.kernel.fileno())))
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    monkeypatch.delenv("TFCOURSE_ROOT")
    monkeypatch.chdir(tmp_path)
    shown = []
    monkeypatch.setattr(notebook, "_display", shown.append)
    return shown


def test_grade_shows_a_card_without_a_receipt(graded, desk):
    assert tfcourse.grade("week01.double", double) == 2.0
    (card,) = graded
    assert card.receipt is None
    assert "Double: 2 of 2 points, right" in card.text()
    assert desk.receipts["week01.double"].points == 2


def test_grade_raises_our_defects_and_tells_the_examiner(graded, desk, monkeypatch):
    with pytest.raises(GraderBroken, match=r"There is no check 'week02\.other'"):
        tfcourse.grade("week02.other", double)
    monkeypatch.setattr("tfcourse.checks.calling.runtime.is_graded", Paper({}).__getitem__)
    with pytest.raises(GraderBroken):
        tfcourse.grade("week01.double", double)
    assert "TypeError: Paper.__getitem__()" in desk.unanswered["week01.double"]


def test_nothing_else_does_harm_where_there_is_no_course(graded, desk, tmp_path):
    assert tfcourse.practice("week01.double", double) is None
    assert tfcourse.hint("week01.double") is None
    assert graded == []
    assert tfcourse.solution("week01.double") is None
    (note,) = graded
    assert "No solution to show" in note.text()
    assert list(tmp_path.iterdir()) == []
    assert desk.opened_at == {}


def test_a_kernel_needs_no_course_to_be_graded(desk, tmp_path):
    """A fresh process, with nothing but the descriptor."""
    program = (
        "import tfcourse, numpy as np\n"
        "points = tfcourse.grade('week01.double', lambda x: 2 * np.asarray(x))\n"
        "print(type(points).__name__, points)\n"
    )
    descriptor = desk.kernel.fileno()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TFCOURSE")}
    run = subprocess.run(
        [sys.executable, "-c", program],
        env=environment | {DESCRIPTOR_VARIABLE: str(descriptor), "PYTHONPATH": str(Path(tfcourse.__file__).parents[1])},
        pass_fds=[descriptor],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-1] == "float 2.0"
    assert desk.receipts["week01.double"].points == 2
