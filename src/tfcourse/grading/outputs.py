"""What comes out of a kernel is a stranger's: only well-formed, bounded outputs are taken over.

The executed notebook is never used itself. Its outputs are put into the sanitized notebook, cell by cell, so
that nothing else of it (a source, a tag, nbgrader's metadata) can have changed on the way.
"""

from __future__ import annotations

import copy
import json
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode

from tfcourse.reports.card import RECEIPT_MIME

DEEPEST = 30
"""Levels of nested JSON that one output may have."""
_MOST_OUTPUTS = 2_000
"""Outputs of one cell; a cell that displays more has shown enough."""
_LANGUAGE_KEYS = ("name", "version", "mimetype", "file_extension", "pygments_lexer", "nbconvert_exporter")


class Unusable(Exception):
    """An executed notebook from which no output can be taken; the message says why."""


def with_outputs(sanitized: NotebookNode, executed: bytes, *, most_bytes: int) -> NotebookNode:
    """Return a copy of a sanitized notebook with the outputs of its run.

    Args:
        sanitized: The notebook as it was sent to be run; it is not changed.
        executed: The JSON that came back.
        most_bytes: More than this is not read.

    Raises:
        Unusable: What came back is too large, no JSON, or not the notebook that was sent.
    """
    if len(executed) > most_bytes:
        raise Unusable(f"Expected an executed notebook of at most {most_bytes} bytes; {len(executed)} came back.")
    try:
        raw = json.loads(executed)
        cells = raw["cells"]
        same = len(cells) == len(sanitized.cells)
    except (ValueError, RecursionError, KeyError, TypeError) as error:
        raise Unusable(f"Expected an executed notebook; what came back is none: {error!r:.200}.") from error
    if not same:
        raise Unusable(f"Expected the {len(sanitized.cells)} cells that were sent; {len(cells)} came back.")
    notebook = copy.deepcopy(sanitized)
    for cell, ran in zip(notebook.cells, cells, strict=True):
        if cell.cell_type == "code":
            cell.outputs = clean_outputs(ran.get("outputs") if isinstance(ran, dict) else None)
            cell.execution_count = _count(ran.get("execution_count")) if isinstance(ran, dict) else None
    metadata = raw.get("metadata")
    language = metadata.get("language_info") if isinstance(metadata, dict) else None
    if isinstance(language, dict):
        info = {key: as_utf8(language[key])[:100] for key in _LANGUAGE_KEYS if isinstance(language.get(key), str)}
        if "name" in info:
            notebook.metadata["language_info"] = nbformat.from_dict(info)
    return notebook


def clean_outputs(outputs: Any) -> list[NotebookNode]:
    """Return the well-formed ones of a cell's outputs, as nbformat 4 has them."""
    if not isinstance(outputs, list):
        return []
    found = (_clean(output) for output in outputs[:_MOST_OUTPUTS] if isinstance(output, dict))
    return [nbformat.from_dict(output) for output in found if output is not None]


def _clean(output: dict[str, Any]) -> dict[str, Any] | None:
    kind = output.get("output_type")
    if kind == "stream":
        text, name = _joined(output.get("text")), output.get("name")
        return None if text is None or name not in ("stdout", "stderr") else _stream(name, text)
    if kind == "error":
        return _error(output)
    if kind in ("display_data", "execute_result"):
        data = _bundle(output.get("data"))
        if data is None:
            return None
        metadata = output.get("metadata")
        cleaned = {
            "output_type": kind,
            "data": data,
            "metadata": _json(metadata) if isinstance(metadata, dict) and _shallow(metadata) else {},
        }
        if kind == "execute_result":
            cleaned["execution_count"] = _count(output.get("execution_count"))
        return cleaned
    return None


def _stream(name: str, text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def _error(output: dict[str, Any]) -> dict[str, Any] | None:
    name, value, lines = output.get("ename"), output.get("evalue"), output.get("traceback")
    if not isinstance(name, str):
        return None
    return {
        "output_type": "error",
        "ename": as_utf8(name)[:200],
        "evalue": as_utf8(value) if isinstance(value, str) else "",
        "traceback": [as_utf8(line) for line in lines if isinstance(line, str)] if isinstance(lines, list) else [],
    }


def _bundle(data: Any) -> dict[str, Any] | None:
    if not isinstance(data, dict):
        return None
    bundle: dict[str, Any] = {}
    for mime, value in data.items():
        if mime == RECEIPT_MIME or "/" not in mime:
            continue  # A receipt comes from the examiner, and from nobody else.
        if mime == "application/json" or mime.endswith("+json"):
            if _shallow(value):
                bundle[as_utf8(mime)] = _json(value)
        else:
            text = _joined(value)
            if text is not None:
                bundle[as_utf8(mime)] = text
    return bundle or None


def _joined(value: Any) -> str | None:
    """Return nbformat's multi-line string as one string; None where it is something else."""
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        value = "".join(value)
    return as_utf8(value) if isinstance(value, str) else None


def as_utf8(value: str) -> str:
    """Replace what no UTF-8 file can hold: half a surrogate pair, which JSON allows."""
    return value.encode("utf-8", "replace").decode("utf-8")


def _json(value: Any) -> Any:
    if isinstance(value, str):
        return as_utf8(value)
    if isinstance(value, list):
        return [_json(item) for item in value]
    if isinstance(value, dict):
        return {as_utf8(str(key)): _json(item) for key, item in value.items()}
    return value


def _shallow(value: Any, levels: int = DEEPEST) -> bool:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return levels > 0 and all(_shallow(item, levels - 1) for item in value)
    return True


def _count(value: Any) -> int | None:
    # The bound is SQLite's and JavaScript's idea of an integer, more or less; no kernel counts that far.
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else None
