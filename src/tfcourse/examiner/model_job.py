"""A process that loads a learner's model file and predicts, with no key near it; and how to ask it.

`main` is what a fork server is asked to run, confined, with one end of a socket pair as the descriptor named
``examiner``. Loading the file may run code of whoever made it, so what comes back is believed no more than any
other answer: `ask` checks all of it.
"""

from __future__ import annotations

import math
import socket
from collections.abc import Mapping
from typing import Any

from tfcourse.checks.model_files import FileModel, Loaded, load_and_predict
from tfcourse.checks.records import Array, ModelFile
from tfcourse.errors import GraderBroken, LearnerMistake
from tfcourse.examiner.coding import MOST_MESSAGE, MOST_PARAMETERS, clean
from tfcourse.examiner.messages import ConnectionEnded, Message, ProtocolError, receive, send
from tfcourse.examiner.values import decode_value, encode_value
from tfcourse.kernels.hosted import report

ENTRY = "tfcourse.examiner.model_job:main"
"""How a fork server is asked for `main`."""
DESCRIPTOR = "examiner"
_MOST_REQUEST = 2**32
_MOST_LAYERS = 1_000
_MOST_NAME = 100
"""Characters of a layer's name, and of a note."""
_TIMES_THE_PREDICTIONS = 4


def main(arguments: Mapping[str, Any], descriptors: Mapping[str, int]) -> None:
    """Answer one request, in the process that loads the file.

    Args:
        arguments: ``isolated``: whether this process is confined.
        descriptors: ``examiner``: one end of a socket pair; ``report``: see `tfcourse.kernels.hosted.host`.
    """
    if "report" in descriptors:
        report(descriptors["report"])
    with socket.socket(fileno=descriptors[DESCRIPTOR]) as sock:
        sock.set_inheritable(False)
        answer(sock, isolated=bool(arguments.get("isolated", False)))


def answer(sock: socket.socket, *, isolated: bool) -> None:
    """Read a request from `sock`, load and predict, and send what came of it.

    Args:
        sock: Connected to whoever calls `ask`.
        isolated: As in `load_and_predict`.
    """
    message = receive(sock, _MOST_REQUEST, most_header=_MOST_REQUEST)
    wanted = decode_value(message.header["wanted"], message)
    model = ModelFile(message.blobs[0], message.header["format"])
    try:
        loaded = load_and_predict(model, tuple(message.arrays), wanted, isolated=isolated)
    except LearnerMistake as error:
        send(sock, {"type": "mistake", "message": str(error)})
        return
    except Exception as error:  # our own code: it must not read as the learner's fault
        send(sock, {"type": "failed", "message": repr(error)[:MOST_MESSAGE]})
        return
    header = {
        "type": "loaded",
        "parameters": loaded.parameters,
        "layers": [name[:_MOST_NAME] for name in loaded.layers[:_MOST_LAYERS]],
        "note": loaded.note,
    }
    send(sock, header, [loaded.predictions])


def ask(sock: socket.socket, model: ModelFile, inputs: tuple[Array, ...], wanted: FileModel) -> Loaded:
    """Have a model's file loaded at the other end of `sock`, where `answer` runs.

    Args:
        sock: One end of a socket pair; whoever ends the process at the other end closes it.
        model: The file.
        inputs: As in `load_and_predict`.
        wanted: What the model must be like.

    Raises:
        LearnerMistake: The file cannot be used, or the process did not survive it.
        GraderBroken: The request cannot be sent, or the process says that our own code failed. A file that
            runs code can say so too; it gains nothing but a look by the staff.
    """
    count = len(inputs[0])
    most = _TIMES_THE_PREDICTIONS * 4 * count * math.prod(wanted.output.shape) + 2**20
    header = {"wanted": encode_value(wanted, [], []), "format": model.format}
    try:
        send(sock, header, list(inputs), [model.content])
        message = receive(sock, most)
    except ConnectionEnded:
        raise LearnerMistake(
            "Expected predictions of your model; found that the process which loaded it came to an end, for want of "
            "memory or time, or because of the file. Save it again, and try to load and to use it in a fresh kernel."
        ) from None
    except ProtocolError as error:
        raise _nothing_useful(str(error)) from error
    told = clean(str(message.header.get("message"))[:MOST_MESSAGE])
    if message.header.get("type") == "mistake":
        raise LearnerMistake(told)
    if message.header.get("type") == "failed":
        raise GraderBroken(f"The process that loads a model's file failed: {told}")
    return _checked(message, count, wanted)


def _checked(message: Message, count: int, wanted: FileModel) -> Loaded:
    """Check what a process says in which a learner's file may have run code."""
    parameters, layers, note = (message.header.get(name) for name in ("parameters", "layers", "note"))
    if (
        message.header.get("type") != "loaded"
        or len(message.arrays) != 1
        or message.arrays[0].dtype.str != "<f4"
        or type(parameters) is not int
        or not 0 <= parameters <= MOST_PARAMETERS
        or not isinstance(layers, list)
        or not all(isinstance(name, str) for name in layers)
        or not isinstance(note, str)
    ):
        raise _nothing_useful("another message than was expected.")
    if parameters > wanted.max_parameters:
        raise LearnerMistake(f"Expected at most {wanted.max_parameters:,} parameters; found {parameters:,}.")
    wanted.output.check(message.arrays[0], count)
    names = tuple(clean(name[:_MOST_NAME]) for name in layers[:_MOST_LAYERS])
    return Loaded(message.arrays[0], parameters, names, clean(note[:_MOST_NAME]))


def _nothing_useful(why: str) -> LearnerMistake:
    return LearnerMistake(f"Expected predictions of your model; its process answered with {clean(why[:200])}")
