"""One run as files: JSON for what is told, NumPy's files for answers, everything else as it came."""

from __future__ import annotations

import dataclasses
import enum
import json
import os
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar
from urllib.parse import quote

import numpy as np

from tfcourse.checks.diagnosis import NO_FACTS, NO_HISTORY
from tfcourse.checks.records import ModelFile, Outputs, Problem, ProblemKind, Receipt, Response
from tfcourse.examiner.coding import decode_facts, decode_history, encode_plain
from tfcourse.examiner.messages import ProtocolError
from tfcourse.grading.files import sync, temporary_beside, write_synced
from tfcourse.grading.jobs import NotebookRun, Run

VERSION = 1
"""Of the files; others are not read."""
_SEEN = "seen"
"""Name of the predictions for training data, among a response's arrays."""
_Record = TypeVar("_Record")


@dataclass(frozen=True)
class Stored:
    """One run as it is kept.

    Args:
        run: What became of the submission.
        digests: Notebook id to the digest of what was run.
        executed: False where cells were not run, at staff's wish.
        number: Which run of this submission; later runs have higher numbers.
        at: When it was stored: UTC, ISO 8601.
    """

    run: Run
    digests: Mapping[str, str]
    executed: bool = True
    number: int = 0
    at: str = ""


def write_run(folder: Path, stored: Stored) -> None:
    """Write a run into a folder of its own."""
    run = stored.run
    notebooks, responses = [], []
    for index, notebook in enumerate(run.notebooks):
        write_synced(folder / "notebooks" / f"{index}.ipynb", notebook.content)
        for id, response in notebook.responses.items():
            responses.append({"notebook": index, "check": id, **_write_response(folder / "responses", id, response)})
        notebooks.append(
            {key: to_json(value) for key, value in _fields(notebook).items() if key not in ("content", "responses")}
        )
    for index, content in enumerate(run.files.values()):
        write_synced(folder / "files" / str(index), content)
    table = {
        "version": VERSION,
        "at": stored.at,
        "number": stored.number,
        "executed": stored.executed,
        "digests": dict(stored.digests),
        "run": {key: to_json(value) for key, value in _fields(run).items() if key not in ("notebooks", "files")},
        "notebooks": notebooks,
        "responses": responses,
        "files": list(run.files),
    }
    write_synced(folder / "run.json", dump(table))


def read_run(folder: Path) -> Stored:
    """Read a run; notebooks' contents are gone once they were recorded.

    Raises:
        OSError: A file is missing.
        ValueError: It is damaged, or of another version.
    """
    table = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    if table["version"] != VERSION:
        raise ValueError(f"Expected version {VERSION}; found {table['version']}.")
    responses: list[dict[str, Response]] = [{} for _ in table["notebooks"]]
    for row in table["responses"]:
        responses[row["notebook"]][row["check"]] = _read_response(folder / "responses", row)
    notebooks = []
    for index, row in enumerate(table["notebooks"]):
        path = folder / "notebooks" / f"{index}.ipynb"
        row["receipts"] = {id: from_json(Receipt, receipt) for id, receipt in row["receipts"].items()}
        content = path.read_bytes() if path.exists() else b""
        notebooks.append(from_json(NotebookRun, {**row, "content": content, "responses": responses[index]}))
    files = {}
    for index, name in enumerate(table["files"]):
        path = folder / "files" / str(index)
        if path.exists():
            files[name] = path.read_bytes()
    run = from_json(Run, {**table["run"], "notebooks": notebooks, "files": files})
    return Stored(run, table["digests"], table["executed"], table["number"], table["at"])


def replace_receipts(folder: Path, receipts: Mapping[str, Receipt]) -> None:
    """Replace receipts of a run that was written, in one step; the old ones are kept under ``superseded``.

    Args:
        folder: The run's.
        receipts: By check id; those of other runs are ignored.
    """
    path = folder / "run.json"
    table = json.loads(path.read_text(encoding="utf-8"))
    for notebook in table["notebooks"]:
        for id in notebook["receipts"].keys() & receipts.keys():
            table.setdefault("superseded", []).append(notebook["receipts"][id])
            notebook["receipts"][id] = to_json(receipts[id])
    temporary = temporary_beside(path)
    write_synced(temporary, dump(table))
    temporary.rename(path)
    sync(folder)


def _write_response(folder: Path, check_id: str, response: Response) -> dict[str, Any]:
    """Write a response's arrays and model; return the rest of it for run.json."""
    name = quote(check_id, safe="")
    arrays = {
        f"{case}.{part}": array for case, outputs in enumerate(response.outputs) for part, array in enumerate(outputs)
    }
    if response.seen is not None:
        arrays[_SEEN] = response.seen
    try:
        (folder).mkdir(exist_ok=True)
        with (folder / f"{name}.npz").open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **arrays)
            file.flush()
            os.fsync(file.fileno())
        lengths: list[int] | None = [len(outputs) for outputs in response.outputs]
    except ValueError:  # Python objects, which only a pickle could hold: the receipt stands, rescoring cannot
        (folder / f"{name}.npz").unlink()
        lengths = None
    sync(folder)
    model = response.model
    if model is not None:
        write_synced(folder / f"{name}.model", model.content)
    return {
        "lengths": lengths,
        "problem": to_json(response.problem),
        "parameters": response.parameters,
        "seconds": response.seconds,
        "printed": response.printed,
        "model": model.format if model is not None else None,
        "history": encode_plain(response.history),
        "facts": encode_plain(response.facts),
        "note": response.note,
    }


def _read_response(folder: Path, row: Mapping[str, Any]) -> Response:
    name = quote(row["check"], safe="")
    outputs: tuple[Outputs, ...] = ()
    seen = None
    if row["lengths"] is not None:
        with np.load(folder / f"{name}.npz", allow_pickle=False) as arrays:
            seen = arrays[_SEEN] if _SEEN in arrays.files else None
            outputs = tuple(
                tuple(arrays[f"{case}.{part}"] for part in range(length)) for case, length in enumerate(row["lengths"])
            )
    problem = row["problem"]
    try:
        # Older runs have neither.
        history = decode_history(row["history"]) if "history" in row else NO_HISTORY
        facts = decode_facts(row["facts"]) if "facts" in row else NO_FACTS
    except ProtocolError as error:
        raise ValueError(str(error)) from error
    return Response(
        outputs=outputs,
        problem=Problem(ProblemKind(problem["kind"]), problem["message"], problem["lines"]) if problem else None,
        parameters=row["parameters"],
        seconds=row["seconds"],
        printed=row["printed"],
        model=ModelFile((folder / f"{name}.model").read_bytes(), row["model"]) if row["model"] else None,
        history=history,
        facts=facts,
        seen=seen,
        note=row.get("note", ""),
    )


# ---------------------------------------------------------------------------- dataclasses and JSON


def to_json(value: Any) -> Any:
    """Return a dataclass of plain values as what `json` can write."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {key: to_json(item) for key, item in _fields(value).items()}
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [to_json(item) for item in value]
    return value.value if isinstance(value, enum.Enum) else value


def _fields(value: Any) -> dict[str, Any]:
    return {entry.name: getattr(value, entry.name) for entry in dataclasses.fields(value)}


def from_json(kind: type[_Record], row: Mapping[str, Any]) -> _Record:
    """Make a dataclass from what `to_json` made of it, also where it has gained or lost a field since."""
    hints = typing.get_type_hints(kind)
    known = {entry.name for entry in dataclasses.fields(typing.cast(Any, kind))}
    return kind(**{key: _typed(hints[key], value) for key, value in row.items() if key in known})


def _typed(hint: Any, value: Any) -> Any:
    if typing.get_origin(hint) in (UnionType, typing.Union):
        return value
    if typing.get_origin(hint) is tuple and isinstance(value, list):
        return tuple(value)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return hint(value)
    return value


def dump(table: Mapping[str, Any]) -> bytes:
    """Return JSON that people can read, as bytes."""
    return json.dumps(table, indent=1, ensure_ascii=False).encode("utf-8", "replace")
