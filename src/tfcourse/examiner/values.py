"""Nested values as JSON beside arrays and bytes.

What JSON does not know is an object with its kind: a tuple is ``{"is": "tuple", "of": […]}``, an array
``{"is": "array", "at": 3}``, the fourth of the message.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from tfcourse.checks.calling import CallFunction
from tfcourse.checks.diagnosis import Diagnosis, Facts, History
from tfcourse.checks.fixed_budget import FixedBudget
from tfcourse.checks.model_files import FileModel
from tfcourse.checks.own_training import OwnTraining
from tfcourse.checks.predictions import Output
from tfcourse.checks.records import Array, Folder
from tfcourse.errors import GraderBroken
from tfcourse.examiner.messages import Message, ProtocolError

RECORDS: dict[str, type[Any]] = {
    cls.__name__: cls
    for cls in (FixedBudget, OwnTraining, FileModel, CallFunction, Folder, Output, Diagnosis, History, Facts)
}
"""The only classes that a message can name, all of plain fields."""
_DEEPEST = 32


def encode_value(value: Any, arrays: list[Array], blobs: list[bytes], depth: int = 0) -> Any:
    """Return `value` as JSON; arrays and bytes are appended to the lists.

    Args:
        value: None, a boolean, number, string, bytes, array, `Folder`, or a tuple, list or dict of these.
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
    if RECORDS.get(cls.__name__) is cls:
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
    if (kind == "dict" or kind in RECORDS) and type(items) is list and all(map(_is_entry, items)):
        named = {name: decode_value(item, message, depth + 1) for name, item in items}
        return named if kind == "dict" else _record(kind, named)
    raise ProtocolError("Expected a value; found something else.")


def _is_entry(item: Any) -> bool:
    return type(item) is list and len(item) == 2 and type(item[0]) is str


def _record(name: str, named: dict[str, Any]) -> Any:
    cls = RECORDS[name]
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
