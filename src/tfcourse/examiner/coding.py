"""What tasks, responses and scores look like as messages.

What a learner's process sends is never believed: `decode_response` checks and cleans all of it.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from tfcourse.checks.diagnosis import Facts, History
from tfcourse.checks.ladder import Ladder
from tfcourse.checks.metrics import Metric
from tfcourse.checks.records import Array, ModelFile, Outcome, Problem, ProblemKind, Response, Score, Task
from tfcourse.checks.watching import MOST_EPOCHS, Epoch
from tfcourse.errors import GraderBroken
from tfcourse.examiner.messages import MOST_PARTS, Message, ProtocolError
from tfcourse.examiner.values import RECORDS, decode_value, encode_value

Parts = tuple[dict[str, Any], list[Array], list[bytes]]
"""Header, arrays and blobs of a message."""

MOST_MESSAGE = 4_000
"""Characters of a problem's message and of a crash's lines that are taken from a learner's process."""
MOST_PRINTED = 2_000
MOST_NOTE = 300
MOST_LAYERS = 500
MOST_NAME = 100
"""Characters of a layer's class name."""
MOST_SECONDS = 1e7
MOST_PARAMETERS = 2**53
_UNSEEN = {"Cc", "Cs", "Co", "Cn"}
_DIRECTIONS = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")


# ---------------------------------------------------------------------------- tasks


def encode_task(task: Task) -> Parts:
    """Return a task as the parts of a message.

    Raises:
        GraderBroken: A case, or the respondent, cannot be sent.
    """
    arrays: list[Array] = []
    blobs: list[bytes] = []
    if type(task.respondent).__name__ not in RECORDS:
        raise GraderBroken(f"Expected a respondent of {sorted(RECORDS)}; found {type(task.respondent).__name__}.")
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
    if type(task.respondent).__name__ not in RECORDS or not isinstance(task.cases, tuple):
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
        "history": encode_plain(response.history),
        "note": response.note[:MOST_NOTE],
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
        history=decode_history(header.get("history")),
        note=clean(_text(header.get("note"))[:MOST_NOTE]),
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
    if format not in ("keras", "h5", "design") or len(blobs) != 1:
        raise ProtocolError("Expected one model in the format keras, h5 or design; found something else.")
    return ModelFile(blobs[0], format)


# ---------------------------------------------------------------------------- of a training


def encode_plain(record: Epoch | Facts | History) -> dict[str, Any]:
    """Return a record of plain fields as JSON; what is no finite number is None."""
    return {each.name: _plain(getattr(record, each.name)) for each in fields(record)}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def decode_epoch(value: Any) -> Epoch:
    """Return how far a training is, as a process says that nobody has to believe.

    Raises:
        ProtocolError: It says something else.
    """
    found = _fields(value, Epoch)
    number, of, fit = (_whole(found[name], 10**9) for name in ("number", "of", "fit"))
    share, loss = _float(found["share"]), _float(found["loss"])
    return Epoch(number, of, share, loss, _float(found["validation_loss"], may_be_missing=True), fit)


def decode_history(value: Any) -> History:
    """Return curves, as a process says that nobody has to believe.

    Raises:
        ProtocolError: It says something else.
    """
    found = _fields(value, History)
    curves = [found["loss"], found["validation_loss"]]
    if not all(isinstance(curve, list) and len(curve) <= MOST_EPOCHS for curve in curves):
        raise ProtocolError(f"Expected losses of at most {MOST_EPOCHS} epochs; found something else.")
    loss, validation_loss = (tuple(_float(item) for item in curve) for curve in curves)
    return History(loss, validation_loss, _whole(found["steps"], 10**12))


def decode_facts(value: Any) -> Facts:
    """Return the facts of a model, as a process says that nobody has to believe.

    Raises:
        ProtocolError: It says something else.
    """
    found = _fields(value, Facts)
    layers = found["layers"]
    if not isinstance(layers, list) or len(layers) > MOST_LAYERS:
        raise ProtocolError(f"Expected at most {MOST_LAYERS} layers; found something else.")
    rate, low, high = (_float(found[name], may_be_missing=True) for name in ("rate", "low", "high"))
    return Facts(
        parameters=_whole(found["parameters"], MOST_PARAMETERS),
        trainable=_whole(found["trainable"], MOST_PARAMETERS),
        layers=tuple(clean(_text(name)[:MOST_NAME]) for name in layers),
        optimizer=clean(_text(found["optimizer"])[:MOST_NAME]),
        rate=rate,
        low=low,
        high=high,
    )


def _fields(value: Any, cls: type[Any]) -> dict[str, Any]:
    names = {each.name for each in fields(cls)}
    if not isinstance(value, dict) or set(value) != names:
        raise ProtocolError(f"Expected {', '.join(sorted(names))}; found something else.")
    return value


def _float(value: Any, *, may_be_missing: bool = False) -> Any:
    """Return a number; None stands for NaN, or, where it may be missing, for itself."""
    if value is None:
        return None if may_be_missing else math.nan
    if type(value) not in (int, float) or not abs(value) < 1e300:
        raise ProtocolError("Expected a number; found something else.")
    return float(value)


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
