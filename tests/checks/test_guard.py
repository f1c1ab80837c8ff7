"""What a learner's code may do wrong, and that nothing of it is ever written anywhere."""

import logging
import os
import signal
import subprocess
import sys
import threading
import warnings
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tfcourse.checks.guard import MOST_PRINTED, NOT_ATTEMPTED, attempt, call, learner_code, quiet
from tfcourse.checks.records import ProblemKind, Response, digest_outputs
from tfcourse.errors import GraderBroken, LearnerCrash, LearnerMistake, NotAttempted

LONG = 60.0


def problem_of(code, seconds=LONG):
    def respond():
        code()
        return Response()

    problem = attempt(respond, seconds=seconds).problem
    assert problem is not None
    return problem


def test_what_works_is_handed_through():
    response = Response(outputs=((np.array([1.0]),),), parameters=3, seconds=0.5)
    found = attempt(lambda: response, seconds=LONG)
    assert found.outputs is response.outputs
    assert (found.problem, found.parameters, found.seconds) == (None, 3, 0.5)


def test_the_end_of_what_was_printed_is_kept_for_the_learner():
    def chatty():
        print("x" * 10 * MOST_PRINTED)
        print("the end")
        return Response()

    printed = attempt(chatty, seconds=LONG).printed
    assert printed.endswith("the end\n")
    assert len(printed) == MOST_PRINTED


def test_what_was_printed_before_a_crash_is_kept_as_well():
    def chatty():
        print("before")
        raise ValueError("crash")

    assert attempt(chatty, seconds=LONG).printed == "before\n"


def test_a_released_cell_is_not_attempted():
    def double(x):
        # YOUR CODE HERE
        raise NotImplementedError()

    problem = problem_of(lambda: double(1))
    assert problem.kind is ProblemKind.NOT_ATTEMPTED
    assert problem.message == NOT_ATTEMPTED


def test_a_library_that_has_not_implemented_something_is_a_crash():
    class Base:
        def work(self):
            raise NotImplementedError("Base.work is abstract")

    problem = problem_of(lambda: Base().work())
    assert problem.kind is ProblemKind.CRASH
    assert problem.message == "NotImplementedError: Base.work is abstract"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (NotAttempted("not yet"), ProblemKind.NOT_ATTEMPTED),
        (LearnerMistake("a list"), ProblemKind.MISTAKE),
        (LearnerCrash("it stopped", "line 1"), ProblemKind.CRASH),
    ],
    ids=["not attempted", "mistake", "crash"],
)
def test_the_three_branches_stay_apart(error, kind):
    def respond():
        raise error

    problem = attempt(respond, seconds=LONG).problem
    assert problem.kind is kind
    assert problem.message == str(error)


def test_a_crash_shows_the_learners_lines_and_no_others():
    def learners_step(x):
        return np.linalg.inv(x)

    def learners_function():
        return learners_step(np.zeros((2, 2)))

    problem = problem_of(learners_function)
    assert problem.message == "LinAlgError: Singular matrix"
    assert "in learners_step: return np.linalg.inv(x)" in problem.lines
    assert "in learners_function: return learners_step(np.zeros((2, 2)))" in problem.lines
    assert "linalg.py" not in problem.lines
    assert "guard" not in problem.lines
    assert "raise LinAlgError" not in problem.lines


@pytest.mark.parametrize(
    ("error", "name"),
    [(SystemExit(3), "SystemExit"), (MemoryError(), "MemoryError"), (GeneratorExit(), "GeneratorExit")],
)
def test_what_is_no_exception_is_a_crash_as_well(error, name):
    def leave():
        raise error

    problem = problem_of(leave)
    assert problem.kind is ProblemKind.CRASH
    assert problem.message.startswith(name)
    assert "in leave: raise error" in problem.lines


def test_sys_exit_does_not_end_the_process():
    assert problem_of(lambda: sys.exit("enough")).message == "SystemExit: enough"


def test_a_recursion_is_told_in_a_few_lines():
    def again(x):
        return again(x)

    problem = problem_of(lambda: again(1))
    assert problem.message.startswith("RecursionError")
    assert len(problem.lines.splitlines()) < 20
    assert "more lines" in problem.lines


def test_a_long_message_is_cut():
    def fail():
        raise ValueError("x" * 10_000 + "\n\nand a second paragraph")

    assert len(problem_of(fail).message) < 500


def test_a_message_keeps_its_first_paragraph_only():
    def fail():
        raise ValueError("first\nsecond\n\nthird")

    assert problem_of(fail).message == "ValueError: first\nsecond"


def test_a_defect_of_ours_is_no_crash_of_the_learner():
    with pytest.raises(GraderBroken, match="AttributeError"):
        attempt(partial(digest_outputs, ((None,),)), seconds=LONG)


def test_the_wrong_number_of_arguments_is_the_learners_crash():
    def takes_nothing():
        """Return nothing."""

    problem = attempt(partial(call, takes_nothing, 1), seconds=LONG).problem
    assert problem.kind is ProblemKind.CRASH
    assert "takes 0 positional arguments but 1 was given" in problem.message


def test_interrupting_the_cell_interrupts_it():
    def interrupt():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        attempt(interrupt, seconds=LONG)


# ---------------------------------------------------------------------------- time


def endless():
    while True:
        pass


def endless_that_swallows():
    while True:
        try:
            while True:
                pass
        except Exception:
            continue


@pytest.mark.parametrize("code", [endless, endless_that_swallows])
def test_code_without_an_end_is_stopped(code):
    problem = problem_of(code, seconds=0.2)
    assert problem.kind is ProblemKind.OUT_OF_TIME
    assert "still running" in problem.message
    assert problem.lines == ""


def test_the_timer_is_put_back_after_a_stop():
    before = signal.getsignal(signal.SIGALRM)
    problem_of(endless, seconds=0.1)
    attempt(Response, seconds=LONG)
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_without_a_timer_in_another_thread_code_still_runs():
    found = []
    thread = threading.Thread(target=lambda: found.append(attempt(Response, seconds=LONG)))
    thread.start()
    thread.join()
    assert found == [Response()]


# ---------------------------------------------------------------------------- quiet


def noise():
    print("to stdout")
    print("to stderr", file=sys.stderr)
    print("past sys", file=sys.__stderr__)
    warnings.warn("a warning", stacklevel=1)
    logging.getLogger("tensorflow").error("a log record")
    logging.error("a root log record")
    os.write(1, b"C writes to 1\n")
    os.write(2, b"C writes to 2\n")
    subprocess.run([sys.executable, "-c", "import sys; print('child'); print('child', file=sys.stderr)"], check=True)


def test_nothing_is_written_while_quiet(capfd, caplog, recwarn):
    with quiet():
        noise()
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []
    assert list(recwarn) == []


def test_nothing_is_written_when_it_fails(capfd, caplog):
    def noisy_failure():
        noise()
        raise ValueError("and then it failed")

    problem_of(noisy_failure)
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


def test_noise_is_heard_again_afterwards(capfd, caplog):
    with quiet():
        noise()
    print("heard")
    os.write(2, b"heard by fd 2\n")
    logging.getLogger("somebody").warning("heard")
    out, err = capfd.readouterr()
    assert out == "heard\n"
    assert "heard by fd 2" in err
    assert [record.message for record in caplog.records] == ["heard"]


def test_quiet_leaks_no_descriptor():
    with quiet():
        pass
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        with quiet():
            pass
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_learner_code_keeps_the_cause():
    with pytest.raises(LearnerCrash) as caught, learner_code():
        raise ZeroDivisionError("division by zero")
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
