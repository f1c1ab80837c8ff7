"""The curriculum's texts, py:percent scripts that are read as notebooks; and strangers' texts, made fit to be shown."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfcourse.errors import InvalidCurriculum

if TYPE_CHECKING:
    # Imported for its name alone, it would cost every notebook a second: it brings jsonschema along.
    from nbformat.notebooknode import NotebookNode

_MARKERS = ("### BEGIN SOLUTION", "### END SOLUTION")
SETUP_TAG = "setup"
"""Cells with this tag hold imports and constants that solutions need: nothing slow, no data."""


def read_text(path: Path) -> NotebookNode:
    """Read a py:percent text as a notebook.

    Raises:
        InvalidCurriculum: There is no such file, or it is no py:percent text.
    """
    import jupytext

    if not path.is_file():
        raise InvalidCurriculum([f"{path}: expected a py:percent text; found no such file."])
    try:
        notebook: NotebookNode = jupytext.read(path, fmt="py:percent")
    except Exception as error:
        raise InvalidCurriculum([f"{path}: expected a py:percent text; found: {error}."]) from error
    return notebook


def header(notebook: NotebookNode) -> dict[str, Any]:
    """Return the ``tfcourse`` part of a text's header; empty where there is none."""
    return dict(notebook.metadata.get("tfcourse", {}))


def is_solution(cell: NotebookNode) -> bool:
    """Tell whether a cell is one that the learner fills in."""
    return bool(cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution", False))


def without_markers(source: str) -> str:
    """Return a solution cell's source without nbgrader's BEGIN and END SOLUTION."""
    return "\n".join(line for line in source.splitlines() if not line.strip().startswith(_MARKERS))


def without_solution(source: str) -> str:
    """Return a solution cell's source as a learner first sees it, as nbgrader clears it."""
    kept: list[str] = []
    inside = False
    for line in source.splitlines():
        if line.strip().startswith(_MARKERS[0]):
            inside = True
            indent = line[: len(line) - len(line.lstrip())]
            kept += [f"{indent}# YOUR CODE HERE", f"{indent}raise NotImplementedError()"]
        elif line.strip().startswith(_MARKERS[1]):
            inside = False
        elif not inside:
            kept.append(line)
    return "\n".join(kept)


def is_setup(cell: NotebookNode) -> bool:
    """Tell whether a cell holds what solutions need."""
    return bool(cell.cell_type == "code" and SETUP_TAG in cell.metadata.get("tags", []))


# ---------------------------------------------------------------------------- strangers' texts


def printable(text: str, *, lines: bool = False) -> str:
    r"""Return a foreign string, a file's name say, as it can be shown to staff.

    What a terminal obeys, what cannot be seen and what turns the direction of writing is shown as an escape:
    a name that would paint the screen red is shown as ``\x1b[31mann``. So are bytes of a name that are no text.

    Args:
        text: From anybody.
        lines: Whether line breaks and tabs stay, as in a message of several lines. Default: they are escaped, too.
    """
    kept = "\n\t" if lines else ""
    return "".join(
        each
        if each.isprintable() or each in kept or unicodedata.category(each) == "Zs"
        else each.encode("unicode_escape").decode("ascii")
        for each in text
    )


def escape(text: str) -> str:
    """Return a foreign string for rich: printable, and nothing in it is markup. Line breaks stay."""
    from rich.markup import escape as escape_markup

    return escape_markup(printable(text, lines=True))


def csv_cell(text: str) -> str:
    """Return a foreign string as the cell of a table: printable, and no spreadsheet takes it for a formula."""
    shown = printable(text)
    return f"'{shown}" if shown.lstrip()[:1] in ("=", "+", "-", "@") else shown
