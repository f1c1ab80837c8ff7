"""One attack: what it tries, what is handed in, and what must hold."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell

NOTEBOOKS = Path(__file__).parent / "notebooks"
_EXPECTED = re.compile(r"^# /// expected\n(.*?)^# ///$", re.MULTILINE | re.DOTALL)
_CELL = re.compile(r"^# %% (.+)\n", re.MULTILINE)

PRELUDE = '''
def attempt(name, action):
    """Try what must not work, and say whether it did."""
    try:
        found = action()
    except BaseException as error:
        print(f"refused: {name}: {type(error).__name__}: {error}"[:300])
    else:
        print(f"SUCCEEDED: {name}: {found!r}"[:300])
'''
"""The first cell of every attack that is a text: a success is seen from outside by its word."""


@dataclass(frozen=True)
class Expected:
    """What must hold when the attack is over.

    Args:
        points: Grade id to points; what is left out gets 0.
        status: ``graded`` or ``failed``, the latter where there was nothing to be run.
        ending: How the run ended; a pattern.
        reason: What staff are told, somewhere; a pattern.
        refused: How many attempts at least were made, and refused.
        contains: Words that must be among the outputs.
        absent_output: Words that must not.
        absent_html: Words that must not be in what a browser shows.
        kept: Files of the run that are kept for staff.
        absent: Files that are not beside the graded notebook, from where they would be handed back.
    """

    points: Mapping[str, float] = field(default_factory=dict)
    status: str = "graded"
    ending: str = "complete"
    reason: str = ""
    refused: int = 0
    contains: tuple[str, ...] = ()
    absent_output: tuple[str, ...] = ()
    absent_html: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


@dataclass(frozen=True)
class Attack:
    """One attack.

    Args:
        name: Also the student's id.
        tries: What it tries, in words.
        expected: What must hold.
        write: Puts the submission into a folder, made from a blank notebook and the words to fill in.
    """

    name: str
    tries: str
    expected: Expected
    write: Callable[[Path, NotebookNode, Mapping[str, str]], None]

    def __str__(self) -> str:
        return self.name


def read_attacks() -> list[Attack]:
    """Return the attacks that are texts, by name."""
    return [_read(path) for path in sorted(NOTEBOOKS.glob("*.py"))]


def _read(path: Path) -> Attack:
    text = path.read_text(encoding="utf-8")
    found = _EXPECTED.search(text)
    assert found, f"{path} does not say what is expected"
    table = tomllib.loads("\n".join(line[2:] for line in found[1].splitlines()))
    expected = Expected(**{name: tuple(value) if isinstance(value, list) else value for name, value in table.items()})
    _, *parts = _CELL.split(text)
    cells = dict(zip(parts[::2], parts[1::2], strict=True))
    tries = ast.get_docstring(ast.parse(text))
    assert tries, f"{path} does not say what it tries"

    def write(folder: Path, notebook: NotebookNode, words: Mapping[str, str]) -> None:
        fill(notebook, {name: code for name, code in cells.items() if not name.startswith("file: ")}, words)
        for name, code in cells.items():
            if name.startswith("file: "):
                file = folder / name.removeprefix("file: ")
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(fill_in(code, words), encoding="utf-8")
        nbformat.write(notebook, folder / "assignment.ipynb")

    return Attack(path.stem, tries, expected, write)


def fill(notebook: NotebookNode, cells: Mapping[str, str], words: Mapping[str, str]) -> None:
    """Put code into the cells of a notebook: by grade id, or as its ``first`` cell."""
    for name, code in cells.items():
        source = fill_in(code, words).strip()
        if name == "first":
            imports = next(index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code")
            notebook.cells.insert(imports + 1, new_code_cell(source))
        else:
            find(notebook, name).source = source
    notebook.cells.insert(0, new_code_cell(PRELUDE))


def fill_in(code: str, words: Mapping[str, str]) -> str:
    """Replace ``{{word}}``."""
    return re.sub(r"\{\{(\w+)\}\}", lambda match: words[match[1]], code)


def find(notebook: NotebookNode, id: str) -> NotebookNode:
    """Return the cell with a grade id."""
    return next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == id)
