"""``tfcourse pull``: edits made in nbgrader's notebook UI, brought back to the text."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbformat.notebooknode import NotebookNode

from tfcourse.authoring.notebooks import TITLE_ID, make_source
from tfcourse.course import NOTEBOOKS, Course, Week
from tfcourse.errors import CourseError
from tfcourse.reports.ladders import LADDER, ladder_table
from tfcourse.texts import read_text

_KEPT_METADATA = ("nbgrader", "skills", "tags")
_HEADER = re.compile(r"\A# ---\n.*?^# ---\n", re.DOTALL | re.MULTILINE)


def pull(course: Course, week: Week) -> list[Path]:
    """Rewrite the texts of a week whose notebook in ``source/`` was edited.

    A cell that was not edited keeps its text to the letter, placeholders included. The title cell is made
    from the text's header and is not read back; the header stays as it was written.

    Returns:
        The texts that changed.

    Raises:
        CourseError: The week was not built.
    """
    changed = []
    for name in NOTEBOOKS:
        source = course.source(week, name)
        if not source.is_file():
            raise CourseError(f"Expected {course.show(source)}; found none. Run: tfcourse build")
        edited = nbformat.read(source, as_version=4)
        path = course.curriculum(week, name)
        before = path.read_text(encoding="utf-8")
        original = read_text(path)
        _put_placeholders_back(course, original, edited)
        after = pulled_text(make_source(course, week, name), original, edited)
        text = _with_header_of(before, after)
        if text != before:
            path.write_text(text, encoding="utf-8", newline="\n")
            changed.append(path)
    return changed


def pulled_text(built: NotebookNode, original: NotebookNode, edited: NotebookNode) -> str:
    """Return the text that follows from an edited notebook.

    Args:
        built: What the original text builds.
        original: The text as a notebook.
        edited: The notebook as it was saved.
    """
    origin = {cell.id: (cell, text) for cell, text in zip(built.cells[1:], original.cells, strict=True)}
    cells = []
    for cell in edited.cells:
        if cell.get("id") == TITLE_ID:
            continue
        before, text = origin.get(cell.get("id"), (None, None))
        if before is not None and cell.source in {before.source, text.source} and _kept(before) == _kept(cell):
            cells.append(text)
        else:
            cells.append(_plain(cell, text))
    return str(jupytext.writes(nbformat.from_dict({**original, "cells": cells}), fmt="py:percent"))


def _put_placeholders_back(course: Course, original: NotebookNode, edited: NotebookNode) -> None:
    """Turn the tables that a build made out of ``{{ladder:…}}`` into that again, in edited cells too."""
    found = {match.group(0): match.group(1) for cell in original.cells for match in LADDER.finditer(cell.source)}
    for placeholder, check_id in found.items():
        table = ladder_table(course, check_id)
        for cell in edited.cells:
            cell.source = cell.source.replace(table, placeholder)


def _with_header_of(before: str, after: str) -> str:
    """Return `after` below the header of `before`: Jupytext would write the header in an order of its own."""
    header, body = _HEADER.match(before), _HEADER.sub("", after, count=1)
    return header.group() + body if header else after


def _kept(cell: NotebookNode) -> dict[str, Any]:
    return {key: cell.metadata[key] for key in _KEPT_METADATA if key in cell.metadata}


def _plain(cell: NotebookNode, text: NotebookNode | None) -> NotebookNode:
    """Return a cell without what the notebook UI adds, and with what only its text knows, such as blank lines."""
    make = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}.get(
        cell.cell_type, nbformat.v4.new_raw_cell
    )
    metadata = {key: value for key, value in (text.metadata if text else {}).items() if key not in _KEPT_METADATA}
    metadata |= _kept(cell)
    if "nbgrader" in metadata:
        metadata["nbgrader"] = {
            key: value for key, value in metadata["nbgrader"].items() if key not in {"checksum", "cell_type"}
        }
    return make(cell.source, metadata=metadata)
