"""What tasks, responses and scores look like as messages.

Values are nested JSON, in which what JSON does not know is an object with its kind: a tuple is
``{"is": "tuple", "of": […]}``, an array ``{"is": "array", "at": 3}``, the fourth of the message.
What a learner's process sends is never believed: `decode_response` checks and cleans all of it.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from tfcourse.checks.calling import CallFunction
from tfcourse.checks.ladder import Ladder
from tfcourse.checks.metrics import Metric
from tfcourse.checks.model_files import FileModel
from tfcourse.checks.predictions import Output
from tfcourse.checks.records import Array, ModelFile, Outcome, Problem, ProblemKind, Response, Score, Task
from tfcourse.checks.training import TrainModel
from tfcourse.errors import GraderBroken
from tfcourse.examiner.messages import MOST_PARTS, Message, ProtocolError

Parts = tuple[dict[str, Any], list[Array], list[bytes]]
"""Header, arrays and blobs of a message."""

MOST_MESSAGE = 4_000
"""Characters of a problem's message and of a crash's lines that are taken from a learner's process."""
MOST_PRINTED = 2_000
MOST_SECONDS = 1e7
MOST_PARAMETERS = 2**53
_RECORDS: dict[str, type[Any]] = {cls.__name__: cls for cls in (TrainModel, CallFunction, FileModel, Output)}
"""The only classes that a message can name, all of plain fields."""
_DEEPEST = 32
_UNSEEN = {"Cc", "Cs", "Co", "Cn"}
_DIRECTIONS = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")


# ---------------------------------------------------------------------------- nested values


def encode_value(value: Any, arrays: list[Array], blobs: list[bytes], depth: int = 0) -> Any:
    """Return `value` as JSON; arrays and bytes are appended to the lists.

    Args:
        value: None, a boolean, number, string, bytes, array, or a tuple, list or dict of these.
        arrays: Of the message so far.
        blobs: Of the message so far.
        depth: How deeply nested it is already.

    Raises:
        GraderBroken: It is, or holds, something else.
    """
    if depth > _DEEPEST:
        raise GraderBroken(f"Expected values nested at most {_DEEPEST} deep; found a deeper one.")
    cls = type(value)
    if value is None or cls in (bool, int, str):
        return value
    if cls is float:
        return value if math.isfinite(value) else {"is": "float", "of": repr(value)}
    if cls is bytes:
        blobs.append(value)
        return {"is": "bytes", "at": len(blobs) - 1}
    if cls is np.ndarray or isinstance(value, np.generic):
        arrays.append(np.asarray(value))
        return {"is": "array" if cls is np.ndarray else "scalar", "at": len(arrays) - 1}
    if cls in (list, tuple):
        items = [encode_value(item, arrays, blobs, depth + 1) for item in value]
        return items if cls is list else {"is": "tuple", "of": items}
    if cls is dict and all(type(name) is str for name in value):
        return {
            "is": "dict",
            "of": [[name, encode_value(item, arrays, blobs, depth + 1)] for name, item in value.items()],
        }
    if _RECORDS.get(cls.__name__) is cls:
        plain = {each.name: getattr(value, each.name) for each in fields(value)}
        return {"is": cls.__name__, "of": encode_value(plain, arrays, blobs, depth + 1)["of"]}
    raise GraderBroken(
        f"Expected arrays, numbers, text, or tuples, lists and dicts of those in a task; found {cls.__name__}. "
        "Change the check: what it hands over has to pass through a socket."
    )


def decode_value(value: Any, message: Message, depth: int = 0) -> Any:
    """Return what `encode_value` was given.

    Raises:
        ProtocolError: It is nothing that `encode_value` returns.
    """
    if depth > _DEEPEST:
        raise ProtocolError(f"Expected values nested at most {_DEEPEST} deep; found a deeper one.")
    if value is None or type(value) in (bool, int, str):
        return value
    if type(value) is float:
        return _finite(value)
    if type(value) is list:
        return [decode_value(item, message, depth + 1) for item in value]
    kind = str(value.get("is")) if type(value) is dict else ""
    if kind == "float" and value.get("of") in ("nan", "inf", "-inf"):
        return float(value["of"])
    if kind in ("array", "scalar"):
        array = message.arrays[_index(value, message.arrays)]
        if kind == "scalar" and array.ndim:
            raise ProtocolError(f"Expected a scalar; found an array of shape {array.shape}.")
        return array if kind == "array" else array[()]
    if kind == "bytes":
        return message.blobs[_index(value, message.blobs)]
    items = value.get("of") if type(value) is dict else None
    if kind == "tuple" and type(items) is list:
        return tuple(decode_value(item, message, depth + 1) for item in items)
    if (kind == "dict" or kind in _RECORDS) and type(items) is list and all(map(_is_entry, items)):
        named = {name: decode_value(item, message, depth + 1) for name, item in items}
        return named if kind == "dict" else _record(kind, named)
    raise ProtocolError("Expected a value; found something else.")


def _is_entry(item: Any) -> bool:
    return type(item) is list and len(item) == 2 and type(item[0]) is str


def _record(name: str, named: dict[str, Any]) -> Any:
    cls = _RECORDS[name]
    try:
        return cls(**named)
    except (TypeError, ValueError) as error:
        raise ProtocolError(f"Expected the fields of {name}; found: {error}.") from error


def _index(value: Mapping[str, Any], parts: tuple[Any, ...]) -> int:
    at = value.get("at")
    if type(at) is not int or not 0 <= at < len(parts):
        raise ProtocolError(f"Expected the number of one of {len(parts)} parts; found {at!r}.")
    return at


def _finite(value: float) -> float:
    # 1e999 is JSON, and infinity.
    if not math.isfinite(value):
        raise ProtocolError("Expected a finite number; found infinity.")
    return value


# ---------------------------------------------------------------------------- tasks


def encode_task(task: Task) -> Parts:
    """Return a task as the parts of a message.

    Raises:
        GraderBroken: A case, or the respondent, cannot be sent.
    """
    arrays: list[Array] = []
    blobs: list[bytes] = []
    if type(task.respondent).__name__ not in _RECORDS:
        raise GraderBroken(f"Expected a respondent of {sorted(_RECORDS)}; found {type(task.respondent).__name__}.")
    header = {
        "check": task.check_id,
        "respondent": encode_value(task.respondent, arrays, blobs),
        "cases": encode_value(tuple(task.cases), arrays, blobs),
        "train": encode_value(dict(task.train), arrays, blobs),
        "weights_seed": task.weights_seed,
    }
    return header, arrays, blobs


def decode_task(message: Message) -> Task:
    """Return the task in a message from the examiner.

    Raises:
        ProtocolError: There is none in it.
    """
    header = message.header.get("task")
    if not isinstance(header, dict):
        raise ProtocolError("Expected a task; found something else.")
    task = Task(
        check_id=_text(header.get("check")),
        respondent=decode_value(header.get("respondent"), message),
        cases=decode_value(header.get("cases"), message),
        train=decode_value(header.get("train"), message),
        weights_seed=_whole(header.get("weights_seed"), 2**32 - 1),
    )
    if type(task.respondent).__name__ not in _RECORDS or not isinstance(task.cases, tuple):
        raise ProtocolError("Expected a task; found something else.")
    return task


# ---------------------------------------------------------------------------- responses


def encode_response(response: Response) -> Parts:
    """Return a response as the parts of a message.

    Raises:
        GraderBroken: It is none.
    """
    arrays: list[Array] = []
    cases = []
    for outputs in response.outputs:
        cases.append(len(outputs))
        arrays.extend(outputs)
    problem = response.problem
    header = {
        "cases": cases,
        "problem": None
        if problem is None
        else {
            "kind": str(problem.kind),
            "message": problem.message[:MOST_MESSAGE],
            "lines": problem.lines[:MOST_MESSAGE],
        },
        "parameters": response.parameters,
        "seconds": float(response.seconds),
        "printed": response.printed[-MOST_PRINTED:],
        "model": None if response.model is None else response.model.format,
    }
    return header, arrays, [] if response.model is None else [response.model.content]


def decode_response(message: Message) -> Response:
    """Return the response in a message from a learner's process, of which nothing is believed.

    Texts are cut and freed of control characters; what the numbers claim is bounded.

    Raises:
        ProtocolError: There is none in it.
    """
    header = message.header.get("response")
    if not isinstance(header, dict):
        raise ProtocolError("Expected a response; found something else.")
    counts = header.get("cases")
    if not isinstance(counts, list) or not all(type(count) is int and 0 <= count <= MOST_PARTS for count in counts):
        raise ProtocolError("Expected the number of arrays of each case; found something else.")
    if sum(counts) != len(message.arrays):
        raise ProtocolError(f"Expected {sum(counts)} arrays, as declared; found {len(message.arrays)}.")
    if any(array.dtype.kind == "S" for array in message.arrays):
        raise ProtocolError("Expected arrays of numbers or of text; found bytes.")
    arrays = iter(message.arrays)
    seconds = header.get("seconds")
    if not isinstance(seconds, int | float) or not 0 <= seconds <= MOST_SECONDS:
        raise ProtocolError(f"Expected seconds from 0 to {MOST_SECONDS:g}; found something else.")
    parameters = header.get("parameters")
    return Response(
        outputs=tuple(tuple(next(arrays) for _ in range(count)) for count in counts),
        problem=_problem(header.get("problem")),
        parameters=None if parameters is None else _whole(parameters, MOST_PARAMETERS),
        seconds=float(seconds),
        printed=clean(_text(header.get("printed"))[-MOST_PRINTED:]),
        model=_model(header.get("model"), message.blobs),
    )


def _problem(value: Any) -> Problem | None:
    if value is None:
        return None
    if not isinstance(value, dict) or value.get("kind") not in [str(kind) for kind in ProblemKind]:
        raise ProtocolError("Expected a kind of problem; found something else.")
    message, lines = (clean(_text(value.get(name))[:MOST_MESSAGE]) for name in ("message", "lines"))
    return Problem(ProblemKind(value["kind"]), message, lines)


def _model(format: Any, blobs: tuple[bytes, ...]) -> ModelFile | None:
    if format is None and not blobs:
        return None
    if format not in ("keras", "h5") or len(blobs) != 1:
        raise ProtocolError("Expected one model file in the format keras or h5; found something else.")
    return ModelFile(blobs[0], format)


def clean(text: str) -> str:
    """Return `text` without control characters, and without those that turn its direction.

    Line breaks and tabs stay.
    """
    return "".join(
        each for each in text if each in "\n\t" or not (unicodedata.category(each) in _UNSEEN or each in _DIRECTIONS)
    )


def _text(value: Any) -> str:
    if type(value) is not str:
        raise ProtocolError(f"Expected text; found {type(value).__name__}.")
    return value


def _whole(value: Any, most: int) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise ProtocolError(f"Expected a whole number from 0 to {most}; found something else.")
    return value


# ---------------------------------------------------------------------------- scores


def encode_score(score: Score) -> Parts:
    """Return a score as the parts of a message."""
    ladder = score.ladder
    plain = {each.name: getattr(score, each.name) for each in fields(score)}
    plain |= {
        "points": float(score.points),
        "outcome": str(score.outcome),
        "landmarks": dict(score.landmarks),
        "ladder": None
        if ladder is None
        else {
            "metric": ladder.metric.name,
            "higher_is_better": ladder.metric.higher_is_better,
            "digits": ladder.metric.digits,
            "thresholds": tuple(ladder.thresholds),
        },
    }
    arrays: list[Array] = []
    blobs: list[bytes] = []
    return {"fields": encode_value(plain, arrays, blobs)}, arrays, blobs


def decode_score(message: Message) -> Score:
    """Return the score in a message from the examiner. Its metric has a name, and cannot be computed here.

    Raises:
        ProtocolError: There is none in it.
    """
    try:
        plain = decode_value(message.header["score"]["fields"], message)
        ladder = plain["ladder"]
        metric = None if ladder is None else _metric(ladder)
        return Score(
            **{
                **plain,
                "outcome": Outcome(plain["outcome"]),
                "ladder": None if metric is None else Ladder(metric, ladder["thresholds"]),
            }
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ProtocolError(f"Expected a score; found something else: {error!r}.") from error


def _metric(ladder: Mapping[str, Any]) -> Metric:
    def compute(y_true: Array, y_pred: Array) -> float:
        raise GraderBroken("A metric is computed by the examiner only.")

    never: Callable[[Array, Array], float] = compute
    return Metric(ladder["metric"], ladder["higher_is_better"], never, ladder["digits"])
