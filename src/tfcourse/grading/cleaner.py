"""The process in which notebooks are cleaned: ``python -m tfcourse.grading.cleaner``.

One line of JSON in, one line out. It is started when it is first needed, lives as long as its parent, and is ended and
started anew where a notebook takes too long: then nothing of that notebook is rendered.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import subprocess
import sys
import threading

import nbformat
from nbformat.notebooknode import NotebookNode

from tfcourse.errors import GraderBroken
from tfcourse.examiner.secret import environment_of_others
from tfcourse.grading.cleaning import clean, plain

DEADLINE = 60.0
"""Seconds for a notebook, waiting for a processor included; `tfcourse.grading.cleaning` gives up long before."""
MOST_MEMORY = 2 * 2**30
"""Bytes of address space."""
_READY = b"ready\n"


class Cleaner:
    """A process that cleans notebooks, one at a time.

    Args:
        deadline: Seconds for one.
    """

    def __init__(self, deadline: float = DEADLINE) -> None:
        self.deadline = deadline
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def clean(self, notebook: NotebookNode) -> NotebookNode:
        """Return a notebook as `tfcourse.grading.cleaning.clean` does, or as `plain` does where that takes too much.

        Raises:
            GraderBroken: There is no such process to be had.
        """
        question = json.dumps(notebook).encode() + b"\n"
        with self._lock:
            answer = self._ask(question)
            if not answer.endswith(b"\n"):
                self._end()
        return nbformat.from_dict(json.loads(answer)) if answer.endswith(b"\n") else plain(notebook)

    def close(self) -> None:
        """End the process; the next notebook starts another."""
        with self._lock:
            self._end()

    def _ask(self, question: bytes) -> bytes:
        process = self._process if self._process is not None and self._process.poll() is None else self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        timer = threading.Timer(self.deadline, process.kill)
        timer.daemon = True
        timer.start()
        try:
            process.stdin.write(question)
            process.stdin.flush()
            return process.stdout.readline()
        except OSError:  # it has ended
            return b""
        finally:
            timer.cancel()

    def _start(self) -> subprocess.Popen[bytes]:
        self._end()
        command = [sys.executable, "-m", __name__]
        pipe = subprocess.PIPE
        self._process = process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=environment_of_others()
        )
        assert process.stdout is not None
        if process.stdout.readline() != _READY:
            self._end()
            raise GraderBroken(f"Expected {' '.join(command)} to start; it ended. Start it by hand to see why.")
        return process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()


_CLEANER = Cleaner()
atexit.register(_CLEANER.close)


def cleaned(notebook: NotebookNode) -> NotebookNode:
    """Return a notebook of which nothing acts in a browser, and which nbconvert renders in time.

    Args:
        notebook: Of nbformat 4; it is not changed.

    Raises:
        GraderBroken: It could not be cleaned for a reason of ours.
    """
    return _CLEANER.clean(notebook)


def main() -> None:
    """Clean what comes on stdin, until there is no more."""
    # What a library prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    answers.write(_READY)
    answers.flush()
    for line in sys.stdin.buffer:
        notebook = nbformat.from_dict(json.loads(line))
        answers.write(json.dumps(clean(notebook)).encode() + b"\n")
        answers.flush()


if __name__ == "__main__":
    main()
