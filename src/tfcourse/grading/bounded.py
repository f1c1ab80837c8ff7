"""Work on strangers' data in a process with bounds of memory and time: what a file costs, it costs there.

The process is a module of ours that calls `serve`. It is started when it is first needed, lives as long as its parent,
and is ended and started anew where a piece of work takes too much. It holds no key: see
`tfcourse.examiner.secret.environment_of_others`.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import IO

from tfcourse.errors import GraderBroken
from tfcourse.examiner.secret import environment_of_others

_READY = b"ready"
_LENGTH = struct.Struct("<Q")


class Bounded:
    """A process that answers one question at a time. Safe to call from several threads.

    Args:
        module: What is run: ``python -m MODULE MEMORY``.
        memory: Bytes of address space.
        seconds: Wall clock for one question, waiting for a processor included.
    """

    def __init__(self, module: str, *, memory: int, seconds: float) -> None:
        self.module, self.memory, self.seconds = module, memory, seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        atexit.register(self.close)

    def ask(self, question: bytes) -> bytes | None:
        """Return the answer to a question; None where it took too much.

        Raises:
            GraderBroken: There is no such process to be had.
        """
        with self._lock:
            answer = self._ask(question)
            if answer is None:
                self._end()
            return answer

    def close(self) -> None:
        """End the process; the next question starts another."""
        with self._lock:
            self._end()

    def _ask(self, question: bytes) -> bytes | None:
        process = self._process if self._process is not None and self._process.poll() is None else self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        timer = threading.Timer(self.seconds, process.kill)
        timer.daemon = True
        timer.start()
        try:
            _send(process.stdin, question)
            return _receive(process.stdout)
        except OSError:  # it has ended
            return None
        finally:
            timer.cancel()

    def _start(self) -> subprocess.Popen[bytes]:
        self._end()
        command = [sys.executable, "-m", self.module, str(self.memory)]
        pipe = subprocess.PIPE
        self._process = process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=environment_of_others()
        )
        assert process.stdout is not None
        if _receive(process.stdout) != _READY:
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


def serve(work: Callable[[bytes], bytes]) -> None:
    """Be the process: answer questions on stdin until there are no more.

    Args:
        work: Answers one. What it raises ends the process, and the question has no answer.
    """
    # What a library prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    memory = int(sys.argv[1])
    with contextlib.suppress(ImportError, ValueError, OSError):  # not every system has such a bound
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    _send(answers, _READY)
    while (question := _receive(sys.stdin.buffer)) is not None:
        _send(answers, work(question))


def _send(pipe: IO[bytes], content: bytes) -> None:
    pipe.write(_LENGTH.pack(len(content)))
    pipe.write(content)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> bytes | None:
    """Return what was sent; None where the other side has ended."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    content = pipe.read(length)
    return content if len(content) == length else None
