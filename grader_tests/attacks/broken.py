"""Attacks that are no text: notebooks with cells deleted, copied or relabelled, and files that are no notebooks."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import nbformat
from attack import Attack, Expected, find
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell

_ATTACKS: list[Attack] = []
WRONG = "def double(x):\n    return x"
ONE_CASE = "1 of 4 cases are right"


def broken_attacks() -> list[Attack]:
    """Return the attacks of this module, by name."""
    return sorted(_ATTACKS, key=lambda attack: attack.name)


def changes(**expected: object) -> Callable[[Callable[[NotebookNode], None]], None]:
    """Register an attack that changes a notebook whose first function is wrong; nothing else is attempted."""

    def register(change: Callable[[NotebookNode], None]) -> None:
        def write(folder: Path, notebook: NotebookNode, words: Mapping[str, str]) -> None:
            find(notebook, "double_solution").source = WRONG
            change(notebook)
            text = json.dumps(notebook)  # as it is: nbformat would refuse, or mend it
            (folder / "assignment.ipynb").write_text(text, encoding="utf-8")

        _register(change, write, **{"points": {"double": 0.5}, "reason": ONE_CASE, **expected})

    return register


def writes(**expected: object) -> Callable[[Callable[[Path, str], None]], None]:
    """Register an attack that writes a folder by itself, given a good notebook's JSON."""

    def register(make: Callable[[Path, str], None]) -> None:
        def write(folder: Path, notebook: NotebookNode, words: Mapping[str, str]) -> None:
            find(notebook, "double_solution").source = WRONG
            make(folder, nbformat.writes(notebook))

        _register(make, write, **{"status": "failed", **expected})

    return register


def _register(function: Callable[..., None], write: Callable[..., None], **expected: object) -> None:
    assert function.__doc__
    _ATTACKS.append(Attack(function.__name__, function.__doc__, Expected(**expected), write))


# ---------------------------------------------------------------------------- cells


@changes()
def deleted_tests(notebook):
    """Deletes every test cell."""
    for id in ("double", "line", "file"):
        notebook.cells.remove(find(notebook, id))


@changes(points={"double": 0}, reason="name 'practice' is not defined")
def duplicated_tests(notebook):
    """Copies test cells, with other content, before and behind the original. The first counts, with its own content."""
    cell = find(notebook, "double")
    at = notebook.cells.index(cell)
    for position in (0, at + 1, at + 2):
        twin = copy.deepcopy(cell)
        twin.source, twin["id"] = "2.0", f"twin-{position}"
        notebook.cells.insert(position, twin)


@changes()
def emptied_tests(notebook):
    """Empties test cells: nbgrader gives full marks to a cell that says nothing."""
    for id in ("double", "line", "file"):
        find(notebook, id).source = ""


@changes()
def retyped_tests(notebook):
    """Turns test cells into Markdown, and raw text."""
    for id, kind in (("double", "markdown"), ("line", "raw"), ("file", "markdown")):
        cell = find(notebook, id)
        cell.cell_type = kind
        cell.pop("outputs", None)
        cell.pop("execution_count", None)


@changes()
def skipped_tests(notebook):
    """Tags test cells so that they are not run, and its own so that errors are hoped for."""
    for cell in notebook.cells:
        cell.metadata["tags"] = ["skip-execution", "raises-exception", "remove-cell"]
        cell.metadata["execution"] = {"shell.execute_reply": "2020-01-01T00:00:00Z"}
        if "nbgrader" not in cell.metadata or cell.metadata.nbgrader.solution:
            cell.metadata["tags"] = []


@changes()
def changed_metadata(notebook):
    """Changes points, ids, locks and kinds of the graded cells."""
    first, second, third = (find(notebook, id) for id in ("double", "line", "file"))
    first.metadata.nbgrader.update(points=1000, locked=False)
    second.metadata.nbgrader.update(solution=True, grade=False, points=-5)
    third.metadata.nbgrader.update(schema_version=3, task=True, points=10**30)


@changes(points={"double": 0}, reason="name 'practice' is not defined")
def swapped_ids(notebook):
    """Gives the test's id to a cell of its own, which then stands first: it becomes the test, too early to succeed."""
    test, answer = find(notebook, "double"), find(notebook, "double_solution")
    notebook.cells.insert(1, nbformat.from_dict({**copy.deepcopy(test), "id": "mine", "source": "2.0"}))
    answer.metadata["note"] = "mine"


@changes(points={"double": 0}, reason="The cell stopped with")
def moved_tests(notebook):
    """Moves all tests to the top, before anything that they could judge."""
    tests = [find(notebook, id) for id in ("double", "line", "file")]
    for cell in tests:
        notebook.cells.remove(cell)
    notebook.cells[1:1] = tests


@changes()
def forged_outputs_in_file(notebook):
    """Hands in outputs, a receipt among them, as if everything had been run already."""
    for id, points in (("double", 2.0), ("line", 5.0), ("file", 5.0)):
        data = {
            "text/plain": repr(points),
            "application/vnd.tfcourse.receipt+json": {"check_id": f"week01.{id}", "points": points},
        }
        find(notebook, id).outputs = [nbformat.v4.new_output("execute_result", data, execution_count=1)]


@changes()
def other_kernel(notebook):
    """Asks for another kernel, which would run a program of its choice."""
    notebook.metadata["kernelspec"] = {"name": "../../bash", "display_name": "x", "language": "sh"}
    notebook.metadata["language_info"] = {"name": "sh", "file_extension": ".sh"}


@changes(points={"double": 0.5}, reason=ONE_CASE)
def absurd_metadata(notebook):
    """Fills metadata with the wrong kinds of values, deep and large."""
    deep: object = "bottom"
    for _ in range(200):
        deep = [deep]
    notebook.metadata.update({"authors": 5, "celltoolbar": {"x": deep}, "widgets": ["not", "widgets"]})
    for cell in notebook.cells:
        cell.metadata.update({"deletable": 1, "name": deep, "jupyter": {"source_hidden": "yes"}})
    notebook.cells.append(new_code_cell("pass", metadata={"nbgrader": "not a table", "tags": []}))
    notebook.cells.append(new_code_cell("pass", metadata={"nbgrader": {"grade_id": ["x"], "grade": True}}))


# ---------------------------------------------------------------------------- files


@writes(reason="Was it renamed|not submitted|No notebooks")
def renamed_notebook(folder, notebook):
    """Hands in the notebook under another name."""
    (folder / "Assignment (1).ipynb").write_text(notebook)


@writes(reason="cannot be read")
def truncated_notebook(folder, notebook):
    """Hands in the first half of a notebook."""
    (folder / "assignment.ipynb").write_text(notebook[: len(notebook) // 2])


@writes(reason="cannot be read")
def empty_notebook(folder, notebook):
    """Hands in an empty file."""
    (folder / "assignment.ipynb").write_bytes(b"")


@writes(reason="cannot be read")
def binary_notebook(folder, notebook):
    """Hands in something that is no text at all."""
    (folder / "assignment.ipynb").write_bytes(bytes(range(256)) * 100)


@writes(reason="cannot be read")
def nested_notebook(folder, notebook):
    """Hands in JSON that is nested a hundred thousand deep."""
    (folder / "assignment.ipynb").write_text("[" * 100_000 + "]" * 100_000)


@writes(reason="at most 50 MB")
def huge_notebook(folder, notebook):
    """Hands in a notebook of 100 MB."""
    with (folder / "assignment.ipynb").open("w") as file:
        file.write(notebook.rstrip()[:-1] + ', "padding": "')
        for _ in range(100):
            file.write("x" * 2**20)
        file.write('"}')


@writes(reason="cannot be read")
def wrong_format(folder, notebook):
    """Hands in a notebook of a format that is yet to be."""
    table = json.loads(notebook)
    table.update(nbformat=99, nbformat_minor=-1)
    (folder / "assignment.ipynb").write_text(json.dumps(table))


@writes(reason="cannot be read")
def cells_without_source(folder, notebook):
    """Hands in cells without text, without a kind, and that are no cells."""
    table = json.loads(notebook)
    table["cells"] = [{"cell_type": "code", "metadata": {}}, {"metadata": []}, 5, None]
    (folder / "assignment.ipynb").write_text(json.dumps(table))


@writes(reason="link to")
def linked_notebook(folder, notebook):
    """Hands in a link to the solutions."""
    (folder / "assignment.ipynb").symlink_to(folder.parents[2] / "source" / "week01" / "assignment.ipynb")


@writes(reason="ordinary file")
def pipe_notebook(folder, notebook):
    """Hands in a pipe that nobody writes to."""
    os.mkfifo(folder / "assignment.ipynb")


@writes(status="graded", points={"double": 0.5}, reason=ONE_CASE, absent=("gradebook.db", "endless", "far"))
def linked_files(folder, notebook):
    """Hands in, beside the notebook, links to the gradebook and to root's files, pipes, and loops."""
    (folder / "assignment.ipynb").write_text(notebook)
    (folder / "gradebook.db").symlink_to(folder.parents[2] / "gradebook.db")
    (folder / "far").symlink_to("/etc")
    (folder / "loop").symlink_to(folder)
    os.mkfifo(folder / "endless")


@writes(status="graded", points={"double": 0.5}, reason=ONE_CASE)
def odd_names(folder, notebook):
    """Hands in files whose names are no text, or commands."""
    (folder / "assignment.ipynb").write_text(notebook)
    for name in (b"caf\xe9.csv", b"two\nlines", b"-rf", b"$(reboot)", b"\xff\xfe", b"..."):
        (folder / os.fsdecode(name)).write_bytes(b"1,2\n")


@writes(reason="at most 2,000 files beside the notebooks")
def too_many_files(folder, notebook):
    """Hands in more files than one submission may have."""
    (folder / "assignment.ipynb").write_text(notebook)
    for number in range(3000):
        (folder / f"{number}.txt").write_bytes(b"")


@writes(reason="MB of files beside the notebooks")
def too_large_files(folder, notebook):
    """Hands in more megabytes than a submission may have, all of them holes."""
    (folder / "assignment.ipynb").write_text(notebook)
    with (folder / "data.csv").open("wb") as file:
        file.truncate(2**33)
