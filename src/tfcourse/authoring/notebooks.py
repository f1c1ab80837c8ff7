"""One text becomes one notebook: the instructor's version in ``source/``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode

from tfcourse.course import Course, Extra, Week
from tfcourse.reports.ladders import with_ladders
from tfcourse.texts import header, read_text

TITLE_ID = "title"
_FIGURES = (
    "*Figures in the text were measured on one core of a processor, with the seeds that the cells set. "
    "On your machine, with more cores or a GPU, last digits differ.*"
)
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def make_source(course: Course, week: Week, name: str) -> NotebookNode:
    """Build the instructor's version of a notebook.

    Cell ids are the cells' grade ids, or derived from their position, so that every build gives the same
    bytes.

    Args:
        course: Where the text is found.
        week: Which week.
        name: ``lesson`` or ``assignment``.
    """
    return _notebook(course, course.curriculum(week, name), f"{week.id}-{name}")


def make_extra(course: Course, extra: Extra) -> NotebookNode:
    """Build a notebook beside the weeks."""
    return _notebook(course, course.extra_text(extra), extra.id)


def _notebook(course: Course, path: Path, prefix: str) -> NotebookNode:
    text = read_text(path)
    cells = [_title_cell(header(text), path.relative_to(course.root)), *text.cells]
    for index, cell in enumerate(cells):
        cell.id = cell.get("metadata", {}).get("nbgrader", {}).get("grade_id") or (
            TITLE_ID if index == 0 else f"{prefix}-{index:03d}"
        )
        if cell.cell_type == "markdown":
            cell.source = with_ladders(course, cell.source)
        else:
            cell.execution_count, cell.outputs = None, []
    return nbformat.from_dict(
        {
            "cells": cells,
            "metadata": {"kernelspec": KERNEL, "language_info": {"name": "python"}},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    )


def write_notebook(notebook: NotebookNode) -> str:
    """Return a notebook's text, always the same for the same notebook."""
    text: str = nbformat.writes(notebook, version=4)
    return text + "\n"


def _title_cell(head: dict[str, Any], origin: Path) -> NotebookNode:
    lines = [
        f"<!-- Built by `tfcourse build` from {origin.as_posix()}: edit that file, not this notebook. -->",
        f"# {head.get('title', '')}",
        "",
        str(head.get("description", "")),
        "",
        f"**Time:** about {head.get('minutes', '?')} minutes  ",
        f"**Before this:** {', '.join(head.get('prerequisites', [])) or 'nothing but Python'}",
    ]
    if "lesson" in origin.stem:
        lines += ["", _FIGURES]
    objectives = head.get("objectives", [])
    if objectives:
        lines += ["", "**Afterwards you can**", ""]
        lines += [f"- {row['text']} ({', '.join(row['skills'])})" for row in objectives]
    return nbformat.v4.new_markdown_cell("\n".join(lines))
