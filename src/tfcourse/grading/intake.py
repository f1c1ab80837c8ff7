"""A submitted notebook as it came in, made into one that can be run: read, bounded, given back what is missing.

Every road begins here: a learner's own ``tfcourse grade`` and the batches of course staff. A notebook may come from
any editor. What is needed to run it is its cells' kinds, texts and nbgrader's ids; of all else, what is well-formed
and useful is kept, and the rest is dropped, so that nothing of it can stop anybody.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode

from tfcourse.errors import UnusableNotebook
from tfcourse.grading.cells import grade_id
from tfcourse.grading.outputs import as_utf8, clean_outputs

MOST_CELLS = 2_000
MOST_ENTRIES = 100
"""Tags, attachments and entries of nbgrader's metadata of one cell; of more, the first."""
_PUT_BACK = "*This cell was missing from the submission, and was put back. The answer may stand elsewhere.*\n\n"
"""Says so where a person grades; nbgrader then asks for one, where it would give 0 to a text that nobody changed."""
MOST_TEXT = 10 * 2**20
"""Characters of all cells together, without outputs."""
_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_NOT_NOTEBOOKS = (
    (b"<", "it is a web page or another markup file"),
    (b"PK\x03\x04", "it is a zip archive"),
    (b"version https://git-lfs", "it is a pointer of Git LFS, without the file itself"),
    (b"%PDF", "it is a PDF"),
)


class _Unreadable(Exception):
    """What is wrong with a notebook's file, in a few words."""


@dataclass(frozen=True)
class Original:
    """A cell of an assignment that nbgrader knows.

    Args:
        id: nbgrader's grade id.
        cell_type: ``code``, ``markdown`` or ``raw``.
        source: Its text; of a cell that learners fill in, what they were given.
        metadata: nbgrader's: ``grade``, ``solution``, ``locked``, ``points`` and so on.
    """

    id: str
    cell_type: str
    source: str
    metadata: Mapping[str, Any]

    @property
    def locked(self) -> bool:
        """Tell whether the text is the author's, whatever a learner made of it."""
        return bool(self.metadata.get("locked")) and not self.metadata.get("solution")

    @property
    def needed(self) -> bool:
        """Tell whether the cell comes back where it was deleted: what is graded, and what is read-only."""
        return self.locked or bool(self.metadata.get("grade") or self.metadata.get("task"))


def read_notebook(raw: bytes, name: str, *, keep_outputs: bool = False) -> NotebookNode:
    """Read a notebook that somebody else wrote.

    Args:
        raw: Its file, of a size that the caller has bounded: any format of Jupyter's, UTF-8 with or without a byte
            order mark.
        name: Of the file, for messages.
        keep_outputs: Whether well-formed outputs stay, for staff who grade without running anything.

    Returns:
        A valid notebook of nbformat 4.5. Of metadata, a kernel and a language are kept, and
        of each cell nbgrader's and tags.

    Raises:
        UnusableNotebook: It is no notebook, or larger than a notebook may be.
    """
    try:
        table = _parsed(raw)
        raw_cells = _list_of_cells(table)
        cells = [_cell(number, cell) for number, cell in enumerate(raw_cells, start=1)]
        if keep_outputs:
            for cell, ran in zip(cells, raw_cells, strict=True):
                if cell["cell_type"] == "code":
                    cell["outputs"] = clean_outputs(ran.get("outputs"))
        _set_ids(cells)
        notebook = {"cells": cells, "metadata": _metadata(table.get("metadata")), "nbformat": 4, "nbformat_minor": 5}
        return nbformat.from_dict(notebook)
    except _Unreadable as error:
        reason = str(error)
    except (RecursionError, MemoryError):
        reason = "it is nested too deeply, or needs too much memory"
    raise UnusableNotebook(
        f"Expected a Jupyter notebook in {name}; it cannot be read: {reason}. Save it again from JupyterLab, and hand "
        "it in again."
    )


def _parsed(raw: bytes) -> dict[str, Any]:
    beginning = raw.lstrip()[:100]
    if not beginning:
        raise _Unreadable("it is empty")
    for start, reason in _NOT_NOTEBOOKS:
        if beginning.startswith(start):
            raise _Unreadable(reason)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _Unreadable(f"it is not UTF-8 ({error.reason} at byte {error.start})") from error
    try:
        table = json.loads(text)
    except ValueError as error:
        raise _Unreadable(f"it is not JSON ({str(error)[:100]})") from error
    if not isinstance(table, dict):
        raise _Unreadable(f"it holds a {type(table).__name__}, and no notebook")
    major = table.get("nbformat", 4)
    if isinstance(major, int) and major < 4:
        return _upgraded(text)
    if major != 4:
        raise _Unreadable(f"its format is {str(major)[:20]}; 4 is the newest that is known here")
    return table


def _upgraded(text: str) -> dict[str, Any]:
    """Return a notebook of IPython's time as one of format 4."""
    try:
        return dict(nbformat.reads(text, as_version=4))
    except Exception as error:  # whatever nbformat meets in a stranger's file: it has no exception of its own
        raise _Unreadable(
            f"it is of an old format, and damaged ({str(error).strip().splitlines()[0][:100]})"
        ) from error


def _list_of_cells(table: Mapping[str, Any]) -> list[Any]:
    cells = table.get("cells")
    if not isinstance(cells, list):
        raise _Unreadable("it has no list of cells")
    if len(cells) > MOST_CELLS:
        raise _Unreadable(f"it has {len(cells)} cells, of at most {MOST_CELLS}")
    characters = sum(len(_source(cell)) for cell in cells if isinstance(cell, dict))
    if characters > MOST_TEXT:
        raise _Unreadable(f"its cells hold {characters >> 20} million characters, of at most {MOST_TEXT >> 20}")
    return cells


def _cell(number: int, raw: Any) -> dict[str, Any]:
    if not isinstance(raw, dict) or not isinstance(raw.get("cell_type"), str):
        raise _Unreadable(f"its cell {number} is none")
    kind = raw["cell_type"] if raw["cell_type"] in ("code", "markdown") else "raw"
    cell = {"id": raw.get("id"), "cell_type": kind, "metadata": _cell_metadata(raw), "source": _source(raw)}
    if kind == "code":
        return cell | {"outputs": [], "execution_count": None}
    attachments = raw.get("attachments")
    return cell | ({"attachments": found} if (found := _attachments(attachments)) else {})


def _source(raw: Mapping[str, Any]) -> str:
    """Return a cell's text; nbformat has it as one string, or as lines."""
    source = raw.get("source")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    return as_utf8(source) if isinstance(source, str) else ""


def _cell_metadata(raw: Mapping[str, Any]) -> dict[str, Any]:
    metadata = raw.get("metadata")
    if not isinstance(metadata, dict):
        return {}
    kept: dict[str, Any] = {}
    about = metadata.get("nbgrader")
    if isinstance(about, dict):
        kept["nbgrader"] = {
            key: as_utf8(value) if isinstance(value, str) else value
            for key, value in islice(about.items(), MOST_ENTRIES)
            if value is None or isinstance(value, str | int | float)
        }
    tags = metadata.get("tags")
    if isinstance(tags, list):
        texts = (as_utf8(tag) for tag in tags[:MOST_ENTRIES] if isinstance(tag, str) and "," not in tag)
        kept["tags"] = list(dict.fromkeys(texts))
    return kept


def _attachments(raw: Any) -> dict[str, Any]:
    """Return the pictures that were pasted into a text."""
    if not isinstance(raw, dict):
        return {}
    found = {
        as_utf8(name): {
            as_utf8(kind): as_utf8(data) for kind, data in islice(bundle.items(), MOST_ENTRIES) if isinstance(data, str)
        }
        for name, bundle in islice(raw.items(), MOST_ENTRIES)
        if isinstance(bundle, dict)
    }
    return {name: bundle for name, bundle in found.items() if bundle}


def _metadata(raw: Any) -> dict[str, Any]:
    """Return which kernel a notebook asks for, and its language."""
    kept: dict[str, Any] = {}
    for key, names in (("kernelspec", ("name", "display_name", "language")), ("language_info", ("name", "version"))):
        about = raw.get(key) if isinstance(raw, dict) else None
        if isinstance(about, dict) and isinstance(about.get("name"), str):
            kept[key] = {name: as_utf8(about[name])[:100] for name in names if isinstance(about.get(name), str)}
    if "kernelspec" in kept:
        kept["kernelspec"].setdefault("display_name", kept["kernelspec"]["name"])
    return kept


def _set_ids(cells: Sequence[dict[str, Any]]) -> None:
    """Give each cell an id of its own: the one that it has, as far as that is one."""
    taken: set[str] = set()
    for number, cell in enumerate(cells, start=1):
        id = cell.get("id")
        if not isinstance(id, str) or not _ID.fullmatch(id) or id in taken:
            id = next(new for extra in range(len(cells) + 1) if (new := f"cell-{number}-{extra}") not in taken)
        cell["id"] = id
        taken.add(id)


# ---------------------------------------------------------------------------- what is missing, or was changed


def originals_of(source: NotebookNode) -> list[Original]:
    """Return the cells that nbgrader knows of an assignment's source."""
    return [
        Original(cell.metadata.nbgrader.grade_id, cell.cell_type, cell.source, dict(cell.metadata.nbgrader))
        for cell in source.cells
        if "nbgrader" in cell.metadata
    ]


def restore(notebook: NotebookNode, originals: Sequence[Original]) -> NotebookNode:
    """Return a learner's notebook with the assignment's own cells as their author wrote them.

    A cell that is known keeps the learner's text where learners fill it in, and gets the author's where not. Of
    cells with the same id the first counts; the others become ordinary ones. What is graded or read-only and was
    deleted comes back behind the nearest cell before it that is there; where none is, at the end, since names may
    be defined anywhere.

    Args:
        notebook: As `read_notebook` returns it; it is not changed.
        originals: Of the assignment, in its order.
    """
    known = {original.id: original for original in originals}
    restored = copy.deepcopy(notebook)
    present: set[str] = set()
    for index, cell in enumerate(restored.cells):
        id = grade_id(cell)
        original = known.get(id) if id and id not in present else None
        if original is None:
            cell.metadata.pop("nbgrader", None)
        else:
            present.add(original.id)
            text = original.source if original.locked else cell.source
            restored.cells[index] = _made(original, text, cell.get("id"))
    previous: str | None = None
    for original in originals:
        if original.needed and original.id not in present:
            ids = [grade_id(cell) for cell in restored.cells]
            at = ids.index(previous) + 1 if previous is not None else len(ids)
            text = _PUT_BACK + original.source if original.metadata.get("solution") else original.source
            restored.cells.insert(at, _made(original, text, original.id))
            present.add(original.id)
        if original.id in present:
            previous = original.id
    _set_ids(restored.cells)
    restored.nbformat_minor = 5  # older formats have no ids
    return restored


def _made(original: Original, source: str, id: str | None) -> NotebookNode:
    """Return a cell of the assignment with a text."""
    cell = {
        "id": id,
        "cell_type": original.cell_type,
        "metadata": {"nbgrader": dict(original.metadata)},
        "source": source,
    }
    return nbformat.from_dict(cell | ({"outputs": [], "execution_count": None} if original.cell_type == "code" else {}))
