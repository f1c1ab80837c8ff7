"""The kernel's end of the socket: an examiner that only asks. No key, no seed and no course is on this side."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from tfcourse.checks.records import Array, Problem, ProblemKind, Response, Score, Task
from tfcourse.errors import GraderBroken, UnknownName
from tfcourse.examiner.coding import decode_score, decode_task, encode_response
from tfcourse.examiner.messages import MOST_PARTS, Message, ProtocolError, receive, send

DESCRIPTOR_VARIABLE = "TFCOURSE_EXAMINER_FD"
"""Names the descriptor of the socket, inherited by the kernel of a graded run."""
_MOST_BYTES = 2**32
"""Of a task. The examiner is ours, and its tasks are as large as a week's data."""

Decoded = TypeVar("Decoded")


class RemoteExaminer:
    """Implements ``open`` and ``answer`` of `tfcourse.examiner.base.Examiner`; receipts stay at the other end.

    Args:
        sock: Connected to a `tfcourse.examiner.desk.Desk`.
    """

    def __init__(self, sock: socket.socket) -> None:
        sock.set_inheritable(False)  # what the learner's code starts has no business with it
        sock.setblocking(True)
        self._sock = sock
        self._lock = threading.Lock()
        self._most_bytes: dict[str, int] = {}

    @classmethod
    def from_environment(cls) -> RemoteExaminer | None:
        """Return the examiner that this process was given, or None.

        Raises:
            GraderBroken: It was given one that cannot be used.
        """
        named = os.environ.get(DESCRIPTOR_VARIABLE)
        if not named:
            return None
        try:
            return cls(socket.socket(fileno=int(named)))
        except (OSError, ValueError) as error:
            raise GraderBroken(
                f"Expected the examiner at descriptor {named} ({DESCRIPTOR_VARIABLE}); found none: {error}."
            ) from error

    def open(self, check_id: str) -> Task:
        """Ask for a task.

        Raises:
            UnknownName: There is no such check in this assignment.
            GraderBroken: The examiner cannot be reached, or failed.
        """
        message = self._ask({"type": "open", "check": check_id}, expected="task")
        task = _understood(decode_task, message)
        most = message.header.get("most_bytes")
        self._most_bytes[check_id] = most if isinstance(most, int) else _MOST_BYTES
        return task

    def answer(self, check_id: str, response: Response) -> Score:
        """Hand over a response. The first one counts; later ones get the same score.

        Raises:
            GraderBroken: The examiner cannot be reached, or failed.
        """
        header, arrays, blobs = encode_response(self._bounded(check_id, response))
        request = {"type": "answer", "check": check_id, "response": header}
        return _understood(decode_score, self._ask(request, arrays, blobs, expected="score"))

    def failed(self, check_id: str, why: str) -> None:
        """Tell the examiner that our own code failed in this process, so that staff read of it."""
        with contextlib.suppress(GraderBroken, UnknownName):
            self._ask({"type": "failed", "check": check_id, "message": why[:2_000]}, expected="noted")

    def _bounded(self, check_id: str, response: Response) -> Response:
        """Turn an answer that the examiner would not take into the mistake that it is."""
        arrays = [array for outputs in response.outputs for array in outputs]
        file = 0 if response.model is None else len(response.model.content)
        # Each part has a header, and begins at a multiple of 64 bytes.
        size = file + sum(array.nbytes + 256 for array in arrays) + 64
        most = self._most_bytes.get(check_id, _MOST_BYTES)
        if size <= most and len(arrays) < MOST_PARTS:
            return response
        message = (
            f"Expected an answer of at most {most / 2**20:.0f} MB in {MOST_PARTS:,} arrays; found "
            f"{size / 2**20:.1f} MB in {len(arrays):,}. Is there a data set that repeats itself?"
        )
        return Response(problem=Problem(ProblemKind.MISTAKE, message), seconds=response.seconds)

    def _ask(
        self,
        header: Mapping[str, Any],
        arrays: Sequence[Array] = (),
        blobs: Sequence[bytes] = (),
        *,
        expected: str,
    ) -> Message:
        with self._lock, _uninterrupted():
            try:
                send(self._sock, header, arrays, blobs)
                message = receive(self._sock, _MOST_BYTES, most_header=_MOST_BYTES)
            except ProtocolError as error:
                raise GraderBroken(
                    f"Expected an answer from the examiner; the connection is broken: {error} "
                    "What was answered before counts."
                ) from error
        kind, told = message.header.get("type"), str(message.header.get("message", ""))
        if kind == "unknown":
            raise UnknownName(told)
        if kind != expected:
            raise GraderBroken(told or f"Expected a {expected} from the examiner; found {kind!r}.")
        return message


def _understood(decode: Callable[[Message], Decoded], message: Message) -> Decoded:
    try:
        return decode(message)
    except ProtocolError as error:
        raise GraderBroken(f"The examiner's answer could not be read: {error}") from error


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Put off an interrupt until a question and its answer are through: half a message would spoil all later ones.

    A signal mask would not do: Python runs its handlers in the main thread, whichever thread the signal came to.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: came.append(number))
    try:
        yield
    finally:
        # None stands for a handler that was not set from Python, and cannot be set back from here.
        signal.signal(signal.SIGINT, signal.default_int_handler if before is None else before)
        if came:
            signal.raise_signal(signal.SIGINT)
