"""A process that is asked about one learner's model, with no key near it; and how to ask it.

`main` is what a fork server is asked to run, confined, with one end of a socket pair as the descriptor named
``examiner``. It trains a design, or loads a file, and predicts; see `tfcourse.checks.asking`. Loading a file may run
code of whoever made it, so what comes back is believed no more than any other answer: `ask` checks all of it.
"""

from __future__ import annotations

import math
import os
import socket
import threading
import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from tfcourse.checks.asking import ask_here
from tfcourse.checks.fixed_budget import FixedBudget
from tfcourse.checks.records import Array, Asked, ModelFile, ModelRequest
from tfcourse.checks.watching import Epoch, Tell, silent
from tfcourse.errors import GraderBroken, LearnerCrash, LearnerMistake
from tfcourse.examiner.coding import (
    MOST_MESSAGE,
    MOST_SECONDS,
    clean,
    decode_epoch,
    decode_facts,
    decode_history,
    encode_plain,
)
from tfcourse.examiner.messages import ConnectionEnded, Message, ProtocolError, receive, send
from tfcourse.examiner.values import decode_value, encode_value
from tfcourse.kernels.hosted import report

ENTRY = "tfcourse.examiner.model_job:main"
"""How a fork server is asked for `main`."""
DESCRIPTOR = "examiner"
FILE_SECONDS = 60.0
"""Wall clock for loading a model's file and predicting with it."""
GRACE_SECONDS = 30.0
"""Wall clock for building a design and predicting with it, beyond its training."""
_MOST_REQUEST = 2**32
_MOST_NOTE = 200
_TIMES_THE_PREDICTIONS = 4
_EPOCH_SECONDS = 0.1
"""Epochs that end sooner after one another are not all told."""


def seconds_for(wanted: Any) -> float:
    """Return the wall clock that answering a request about a model may take."""
    return wanted.training_seconds + GRACE_SECONDS if isinstance(wanted, FixedBudget) else FILE_SECONDS


def main(arguments: Mapping[str, Any], descriptors: Mapping[str, int]) -> None:
    """Answer one request, in the process that trains or loads.

    Args:
        arguments: ``isolated``: whether this process is confined.
        descriptors: ``examiner``: one end of a socket pair; ``report``: see `tfcourse.kernels.hosted.host`.
    """
    if "report" in descriptors:
        report(descriptors["report"])
    with socket.socket(fileno=descriptors[DESCRIPTOR]) as sock:
        sock.set_inheritable(False)
        answer(sock, isolated=bool(arguments.get("isolated", False)), ends_with_asker=True)


def answer(sock: socket.socket, *, isolated: bool, ends_with_asker: bool = False) -> None:
    """Read a request from `sock`, ask the model, and send what came of it.

    Args:
        sock: Connected to whoever calls `ask`.
        isolated: As in `ask_here`.
        ends_with_asker: Whether this process is to end as soon as nobody waits for it any more.
    """
    request = _request(receive(sock, _MOST_REQUEST, most_header=_MOST_REQUEST))
    if ends_with_asker:
        threading.Thread(target=_end_with, args=(sock,), name="asker", daemon=True).start()
    told = 0.0

    def tell(epoch: Epoch) -> None:
        nonlocal told
        if time.monotonic() - told >= _EPOCH_SECONDS or (epoch.share == 1.0 and epoch.number == epoch.of):
            told = time.monotonic()
            send(sock, {"type": "epoch", "epoch": encode_plain(epoch)})

    try:
        asked = ask_here(request, tell, isolated=isolated)
    except LearnerMistake as error:
        send(sock, {"type": "mistake", "message": str(error)})
        return
    except LearnerCrash as error:
        send(sock, {"type": "crash", "message": str(error)[:MOST_MESSAGE]})
        return
    except Exception as error:  # our own code: it must not read as the learner's fault
        send(sock, {"type": "failed", "message": repr(error)[:MOST_MESSAGE]})
        return
    header = {
        "type": "asked",
        "facts": encode_plain(asked.facts),
        "history": encode_plain(asked.history),
        "note": asked.note,
        "seconds": asked.seconds,
    }
    send(sock, header, [asked.predictions, *([] if asked.seen is None else [asked.seen])])


def _end_with(sock: socket.socket) -> None:
    """End this process once the other end has hung up: nothing else comes from there."""
    try:
        while sock.recv(1):
            pass
    except OSError:
        pass
    os._exit(0)


def _request(message: Message) -> ModelRequest:
    """Return the request in a message. It comes from us."""
    header, arrays = message.header, list(message.arrays)
    inputs, seen = (tuple(arrays.pop(0) for _ in range(header[name])) for name in ("inputs", "seen"))
    train = dict(zip(header["train"], arrays, strict=True))
    model = ModelFile(message.blobs[0], header["format"])
    return ModelRequest(model, decode_value(header["wanted"], message), inputs, seen, train, header["seed"])


def ask(sock: socket.socket, request: ModelRequest, tell: Tell = silent) -> Asked:
    """Have a learner's model asked at the other end of `sock`, where `answer` runs.

    Args:
        sock: One end of a socket pair; whoever ends the process at the other end closes it.
        request: What is asked.
        tell: Told of every epoch, where a design is trained.

    Raises:
        LearnerMistake: The model cannot be used, or the process did not survive it.
        LearnerCrash: It cannot be trained.
        GraderBroken: The request cannot be sent, or the process says that our own code failed. A file that
            runs code can say so too; it gains nothing but a look by the staff.
    """
    count = len(request.inputs[0])
    rows = count + (len(request.seen[0]) if request.seen else 0)
    most = _TIMES_THE_PREDICTIONS * 4 * rows * math.prod(request.wanted.output.shape) + 2**20
    header = {
        "wanted": encode_value(request.wanted, [], []),
        "format": request.model.format,
        "inputs": len(request.inputs),
        "seen": len(request.seen),
        "train": list(request.train),
        "seed": request.seed,
    }
    arrays = [*request.inputs, *request.seen, *request.train.values()]
    try:
        send(sock, header, arrays, [request.model.content])
        message = receive(sock, most)
        while message.header.get("type") == "epoch":
            tell(decode_epoch(message.header.get("epoch")))
            message = receive(sock, most)
    except ConnectionEnded:
        raise LearnerMistake(_LOST[request.model.format == "design"]) from None
    except ProtocolError as error:
        raise _nothing_useful(str(error)) from error
    told = clean(str(message.header.get("message"))[:MOST_MESSAGE])
    if message.header.get("type") == "mistake":
        raise LearnerMistake(told)
    if message.header.get("type") == "crash":
        raise LearnerCrash(told)
    if message.header.get("type") == "failed":
        raise GraderBroken(f"The process that is asked about a model failed: {told}")
    try:
        return _checked(message, request)
    except ProtocolError as error:
        raise _nothing_useful(str(error)) from error


_LOST = {
    True: (
        "Expected your model to be trained; its process was ended, for want of memory or time. "
        "Use smaller layers: model.summary() shows which one is the largest."
    ),
    False: (
        "Expected predictions of your model; the process that loaded its file was ended, for want of memory or time, "
        "or because of the file. Save it again, and try to load and to use it in a fresh kernel."
    ),
}


def _checked(message: Message, request: ModelRequest) -> Asked:
    """Check what a process says in which a learner's file may have run code."""
    header, wanted = message.header, request.wanted
    note, seconds = header.get("note"), header.get("seconds")
    if (
        header.get("type") != "asked"
        or len(message.arrays) != (2 if request.seen else 1)
        or not all(array.dtype.str == "<f4" for array in message.arrays)
        or not isinstance(note, str)
        or type(seconds) is not float
        or not 0 <= seconds <= MOST_SECONDS
    ):
        raise ProtocolError("another message than was expected.")
    facts = decode_facts(header.get("facts"))
    if facts.parameters > wanted.max_parameters:
        raise LearnerMistake(f"Expected at most {wanted.max_parameters:,} parameters; found {facts.parameters:,}.")
    predictions = message.arrays[0]
    wanted.output.check(predictions, len(request.inputs[0]))
    seen: Array | None = None
    if request.seen:
        seen = message.arrays[1]
        if seen.shape != (len(request.seen[0]), *predictions.shape[1:]) or not np.isfinite(seen).all():
            raise ProtocolError("predictions for training data of another shape.")
    history = decode_history(header.get("history"))
    return Asked(predictions, seen, facts, history, clean(note[:_MOST_NOTE]), seconds)


def _nothing_useful(why: str) -> LearnerMistake:
    return LearnerMistake(f"Expected predictions of your model; its process answered with {clean(why[:200])}")
