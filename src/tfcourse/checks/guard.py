"""Running a learner's code: quiet, timed, and with every way it can fail told apart."""

from __future__ import annotations

import contextlib
import io
import linecache
import logging
import os
import re
import signal
import sys
import sysconfig
import tempfile
import threading
import traceback
import types
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from tfcourse import datasets
from tfcourse.checks.records import Problem, ProblemKind, Response
from tfcourse.errors import GraderBroken, LearnerCrash, LearnerMistake, NotAttempted

NOT_ATTEMPTED = "Not attempted yet: write your code where the cell says so, run it, then run this cell again."

_MOST_LINES = 12
"""Lines of a traceback that are shown; a recursion without an end has a thousand."""

MOST_PRINTED = 2_000
"""Characters of what a learner's code printed that are kept, from the end."""
_OURS = str(Path(__file__).resolve().parents[1])
_KERAS_PREFACE = "Exception encountered when calling"
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_NOT_THE_LEARNERS = tuple(
    str(Path(path).resolve())
    for path in {
        sysconfig.get_path("stdlib"),
        sysconfig.get_path("purelib"),
        sysconfig.get_path("platlib"),
        _OURS,
    }
)


class OutOfTime(BaseException):
    """Raised in the learner's code by the timer; no ``except Exception`` swallows it."""


def attempt(respond: Callable[[], Response], *, seconds: float) -> Response:
    """Call `respond` and turn each way of failing into a response that says so.

    Args:
        respond: Runs the learner's code.
        seconds: Wall clock after which it is stopped. A safety net against code that never ends;
            training is bounded in steps.

    Raises:
        KeyboardInterrupt: The learner interrupted the cell.
        GraderBroken: Our own code raised.
    """
    with quiet() as printed:
        response = _attempt(respond, seconds)
    return replace(response, printed=printed.getvalue()[-MOST_PRINTED:])


def _attempt(respond: Callable[[], Response], seconds: float) -> Response:
    try:
        with time_limit(seconds), datasets.refused(), learner_code():
            return respond()
    except NotAttempted as error:
        return Response(problem=Problem(ProblemKind.NOT_ATTEMPTED, str(error)))
    except LearnerMistake as error:
        return Response(problem=Problem(ProblemKind.MISTAKE, str(error)))
    except LearnerCrash as error:
        return Response(problem=Problem(ProblemKind.CRASH, str(error), error.lines))
    except OutOfTime:
        message = (
            f"Expected an answer within {seconds:.0f} s; your code was still running. "
            "Look for a loop without an end, a call to fit() inside your function, or a far larger "
            "model than the task needs."
        )
        return Response(problem=Problem(ProblemKind.OUT_OF_TIME, message))


@contextlib.contextmanager
def learner_code() -> Iterator[None]:
    """Turn whatever the learner's code raises into a LearnerMistake or a LearnerCrash.

    A `NotImplementedError` from the learner's own last line is the mark of an unsolved cell.
    """
    try:
        yield
    except (LearnerMistake, LearnerCrash, KeyboardInterrupt, OutOfTime):
        raise
    except BaseException as error:
        lines = learner_lines(error)
        if isinstance(error, NotImplementedError) and lines.endswith(("NotImplementedError()", "NotImplementedError")):
            raise NotAttempted(NOT_ATTEMPTED) from None
        if not lines and _raised_by_us(error):
            raise GraderBroken(f"{type(error).__name__}: {error}") from error
        raise LearnerCrash(f"{type(error).__name__}: {_first_paragraph(str(error))}", lines) from error


def learner_lines(error: BaseException) -> str:
    """Return the learner's own lines of a traceback: no line of ours, none of a library."""
    shown = []
    for frame, line_number in traceback.walk_tb(error.__traceback__):
        filename = frame.f_code.co_filename
        if _is_learners(frame, filename):
            line = linecache.getline(filename, line_number, frame.f_globals).strip()
            shown.append(f"line {line_number}, in {frame.f_code.co_name}: {line}")
    if len(shown) > _MOST_LINES:
        half = _MOST_LINES // 2
        shown = [*shown[:half], f"… {len(shown) - 2 * half} more lines …", *shown[-half:]]
    return "\n".join(shown)


def call(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call what a learner handed over: an error of the call itself, of its arguments say, is the learner's."""
    return function(*arguments)


def _raised_by_us(error: BaseException) -> bool:
    """Tell whether the innermost frame is in this package: a library's complaint about a model is not."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    if frames[-1].f_code is call.__code__:
        return False
    return str(Path(frames[-1].f_code.co_filename).resolve()).startswith(_OURS)


def _is_learners(frame: types.FrameType, filename: str) -> bool:
    if frame.f_globals.get("__name__") == "__main__":
        return True
    if filename.startswith("<"):
        return filename.startswith("<learner")
    return not str(Path(filename).resolve()).startswith(_NOT_THE_LEARNERS)


def _first_paragraph(text: str, limit: int = 400) -> str:
    """Return what a message begins with; of a layer's exception in Keras, which names the layer first, more."""
    paragraphs = _COLOUR.sub("", text).strip().split("\n\n")
    paragraph = " ".join(paragraphs[: 2 if paragraphs[0].startswith(_KERAS_PREFACE) else 1])
    return paragraph if len(paragraph) <= limit else paragraph[:limit] + " …"


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Stop the body after `seconds` where the platform has a timer (main thread, not Windows)."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def stop(signum: int, frame: Any) -> None:
        raise OutOfTime

    previous = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


@contextlib.contextmanager
def quiet() -> Iterator[io.StringIO]:
    """Keep the body from writing anything: Python's streams, logs, warnings, and C++ code's stderr.

    One line on stderr costs all points of a cell in nbgrader, and TensorFlow writes many.

    Yields:
        What is printed to Python's stdout.
    """
    previous_level = logging.root.manager.disable
    with (
        contextlib.redirect_stdout(io.StringIO()) as printed,
        contextlib.redirect_stderr(io.StringIO()),
        warnings.catch_warnings(),
        silent_descriptors(),
    ):
        warnings.simplefilter("ignore")
        logging.disable(logging.CRITICAL)
        try:
            yield printed
        finally:
            logging.disable(previous_level)


@contextlib.contextmanager
def silent_descriptors() -> Iterator[None]:
    """Send file descriptors 1 and 2 nowhere, for code that does not go through `sys`."""
    saved = {}
    with tempfile.TemporaryFile() as nowhere:
        for descriptor, stream in ((1, sys.__stdout__), (2, sys.__stderr__)):
            with contextlib.suppress(Exception):
                if stream is not None:
                    stream.flush()
            with contextlib.suppress(OSError):
                saved[descriptor] = os.dup(descriptor)
                os.dup2(nowhere.fileno(), descriptor)
        try:
            yield
        finally:
            for descriptor, copy in saved.items():
                os.dup2(copy, descriptor)
                os.close(copy)
