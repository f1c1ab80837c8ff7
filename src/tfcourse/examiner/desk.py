"""The examiner of one notebook's run, at the safe end of a socket.

It holds the keys, and sits outside the sandbox. At the other end is a kernel in which a learner's code runs,
so whatever arrives may be forged, malformed, endless or hostile. The conversation, each line one message::

    kernel   {"type": "open", "check": ID}                        → {"type": "task", …}
    kernel   {"type": "answer", "check": ID, "response": …}       → {"type": "score", "score": …}
    kernel   {"type": "failed", "check": ID, "message": …}        → {"type": "noted"}

An unknown check gets ``{"type": "unknown"}``; a defect of ours ``{"type": "broken"}``. Whoever breaks the rules
gets ``{"type": "refused"}``, and the desk hangs up: what was answered before counts, nothing after it does.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from tfcourse.checks.asking import AskModel
from tfcourse.checks.records import Problem, ProblemKind, Receipt, Response, Score
from tfcourse.errors import GraderBroken
from tfcourse.examiner.coding import clean, decode_response, encode_score
from tfcourse.examiner.in_process import now
from tfcourse.examiner.messages import (
    ConnectionEnded,
    Message,
    ProtocolError,
    encode,
    receive,
    send,
    send_encoded,
)
from tfcourse.examiner.paper import Paper, Question, make_receipt

MESSAGES_EACH = 8
"""Messages about each check that are answered. An honest run needs two."""
MESSAGES_MORE = 16
"""Messages beyond those."""
MOST_TOLD = 500
"""Characters of a text from the other end that staff are shown."""
NEVER_ANSWERED = "It was opened and never answered: the cell stopped, or ran out of time, before it had an answer."


class Desk:
    """Answers one kernel.

    ::

        desk = Desk(paper, sock, predictable=False, sandboxed=True, submission=digest, most_bytes=2**26)
        threading.Thread(target=desk.serve).start()
        …                       # the notebook runs
        desk.close()
        desk.receipts           # what its points rest on

    Args:
        paper: The questions, with their keys. Several desks may share one.
        sock: Our end of a pair; the desk closes it.
        predictable: Whether the hidden data could be known beforehand.
        sandboxed: Whether the kernel is isolated.
        submission: Digest of what is run.
        most_bytes: Largest message that is accepted.
        ask_model: Asks a learner's model, in a sandbox; None where no check takes one.
        secret_id: Of the secret that the paper's seeds come from.
    """

    def __init__(
        self,
        paper: Paper,
        sock: socket.socket,
        *,
        predictable: bool,
        sandboxed: bool,
        submission: str,
        most_bytes: int,
        ask_model: AskModel | None = None,
        secret_id: str = "",
    ) -> None:
        self._paper = paper
        self._sock = sock
        self._most_bytes = most_bytes
        self._ask_model = ask_model
        self._make_receipt = partial(
            make_receipt,
            purpose="grade",
            predictable=predictable,
            sandboxed=sandboxed,
            submission=submission,
            secret_id=secret_id,
        )
        self._lock = threading.Lock()
        self._opened_at: dict[str, float] = {}
        self._arrived: set[str] = set()
        self._responses: dict[str, Response] = {}
        self._scores: dict[str, Score] = {}
        self._receipts: dict[str, Receipt] = {}
        self._broken: dict[str, str] = {}
        self._failed: dict[str, str] = {}
        self._violation = ""

    # ------------------------------------------------------------------------ what the engine asks

    @property
    def opened_at(self) -> Mapping[str, float]:
        """Return when each check was first opened, by `time.monotonic`."""
        with self._lock:
            return dict(self._opened_at)

    @property
    def pending(self) -> Mapping[str, float]:
        """Return when each check that waits for the kernel's answer was first opened, by `time.monotonic`."""
        with self._lock:
            return {id: at for id, at in self._opened_at.items() if id not in self._arrived and id not in self._broken}

    @property
    def responses(self) -> Mapping[str, Response]:
        """Return the first answer to each check, as it was scored."""
        with self._lock:
            return dict(self._responses)

    @property
    def receipts(self) -> Mapping[str, Receipt]:
        """Return the record of each answered check."""
        with self._lock:
            return dict(self._receipts)

    @property
    def broken(self) -> Mapping[str, str]:
        """Return our own defects, by check: staff have to look, and nobody loses a point."""
        with self._lock:
            return dict(self._broken)

    @property
    def unanswered(self) -> Mapping[str, str]:
        """Return why there is no answer to a check that was opened."""
        with self._lock:
            missing = [id for id in self._opened_at if id not in self._receipts and id not in self._broken]
            return {id: self._why(id) for id in missing}

    @property
    def violation(self) -> str:
        """Return how the kernel broke the rules, for staff; empty where it kept them."""
        with self._lock:
            return self._violation

    def close(self) -> None:
        """Hang up: `serve` returns soon, in whichever thread it runs."""
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)

    # ------------------------------------------------------------------------ the conversation

    def serve(self) -> None:
        """Answer the kernel until it hangs up, breaks the rules, or `close` is called. Raises nothing."""
        left = MESSAGES_MORE + MESSAGES_EACH * len(self._paper.questions)
        # What a check may answer is always let in, though staff set a lower bound.
        most = max([self._most_bytes, *(question.most_bytes for question in self._paper.questions.values())])
        with self._sock:
            try:
                while True:
                    message = receive(self._sock, most)
                    left -= 1
                    if left < 0:
                        raise ProtocolError("Expected a few messages about each check; found far too many.")  # noqa: TRY301
                    self._handle(message)
            except ConnectionEnded:
                pass
            except ProtocolError as error:
                self._refuse(str(error))

    def _handle(self, message: Message) -> None:
        kind, check_id = message.header.get("type"), message.header.get("check")
        if kind not in ("open", "answer", "failed") or not isinstance(check_id, str):
            raise ProtocolError("Expected to open or to answer a check; found another message.")
        if check_id not in self._paper:
            # Nothing hostile: a learner's own cell may ask for a check of another week.
            send(
                self._sock, {"type": "unknown", "message": f"There is no check {_told(check_id)!r} in this assignment."}
            )
            return
        if kind != "open" and check_id not in self.opened_at:
            raise ProtocolError(f"Expected {check_id} to be opened first; found an answer.")
        question = self._paper[check_id]
        try:
            if kind == "open":
                self._open(check_id, question)
            elif kind == "answer":
                self._answer(check_id, question, message)
            else:
                self._note_failure(check_id, message.header.get("message"))
        except ProtocolError:
            raise
        except Exception as error:  # whatever it is, it must not read as the learner's fault
            with self._lock:
                self._broken.setdefault(check_id, f"{error}" if isinstance(error, GraderBroken) else repr(error))
            self._say_broken(check_id)

    def _open(self, check_id: str, question: Question) -> None:
        with self._lock:
            self._opened_at.setdefault(check_id, time.monotonic())
        send_encoded(self._sock, question.encoded)

    def _answer(self, check_id: str, question: Question, message: Message) -> None:
        if check_id in self.broken:
            self._say_broken(check_id)
            return
        if check_id not in self._scores:
            self._score(check_id, question, self._believable(check_id, question, message))
        # The first answer counts; whoever asks again is told the same.
        header, arrays, blobs = encode_score(self._scores[check_id])
        send(self._sock, {"type": "score", "score": header}, arrays, blobs)

    def _believable(self, check_id: str, question: Question, message: Message) -> Response:
        with self._lock:
            self._arrived.add(check_id)  # from here on, the time that is taken is ours
        if message.size > question.most_bytes:
            # Honest code can give this: a data set without an end, say. It is an answer, and no right one.
            return Response(problem=Problem(ProblemKind.MISTAKE, too_large(question.most_bytes, message.size)))
        response = decode_response(message)
        # It cannot have taken longer than we have waited.
        waited = time.monotonic() - self.opened_at[check_id]
        return replace(response, seconds=min(response.seconds, waited))

    def _score(self, check_id: str, question: Question, response: Response) -> None:
        response, score = question.judge(response, self._ask_model, reveal=False)
        receipt = self._make_receipt(question, response, score, answered_at=now())
        encode_score(score)  # what cannot be told is found out before anything is noted
        with self._lock:
            self._responses[check_id], self._scores[check_id] = response, score
            self._receipts[check_id] = receipt
            self._failed.pop(check_id, None)

    def _note_failure(self, check_id: str, told: Any) -> None:
        """Note what the kernel says of a defect of ours there. Anybody can say so, and it gives nobody a point."""
        with self._lock:
            self._failed.setdefault(check_id, _told(told if isinstance(told, str) else ""))
        send(self._sock, {"type": "noted"})

    def _say_broken(self, check_id: str) -> None:
        # The details may quote a key: they are for staff, and stay here.
        told = f"The course's own code failed on {check_id}. The staff can see why; it costs no points."
        send(self._sock, {"type": "broken", "message": told})

    def _refuse(self, why: str) -> None:
        with self._lock:
            self._violation = _told(why)
        with contextlib.suppress(OSError):
            # Whoever breaks the rules may not be reading either: say it if it can be said at once.
            self._sock.send(encode({"type": "refused", "message": _told(why)}), socket.MSG_DONTWAIT)

    def _why(self, check_id: str) -> str:
        if check_id in self._failed:
            return (
                "The notebook's process reports a defect of the course, which nothing outside it confirms: "
                f"{self._failed[check_id]}"
            )
        if self._violation:
            return f"It was opened, and the examiner hung up before it was answered: {self._violation}"
        return NEVER_ANSWERED


def too_large(most: int, found: int) -> str:
    """Return what is said of an answer that is too large."""
    return (
        f"Expected an answer of at most {most / 2**20:.0f} MB; found {found / 2**20:.0f} MB. "
        "Return what the task asks for and nothing else: is there a data set that repeats itself?"
    )


def _told(text: str) -> str:
    cleaned = clean(text[: 2 * MOST_TOLD])
    return cleaned if len(cleaned) <= MOST_TOLD else cleaned[:MOST_TOLD] + " …"
