"""Reading what strangers hand in, and telling whether it has to be run."""

import os

import nbformat
import pytest
from nbgrader import utils
from plain_course import graded_cell, submission

from tfcourse.errors import UnusableNotebook
from tfcourse.grading import plan
from tfcourse.grading.files import find_files
from tfcourse.grading.jobs import Bounds, Ending
from tfcourse.grading.plan import Found, run_digest
from tfcourse.grading.store import Entry
from tfcourse.kernels.limits import Limits

IGNORE = [".ipynb_checkpoints", "*.pyc", "__pycache__"]


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "submitted" / "ann" / "ps1"
    path.mkdir(parents=True)
    nbformat.write(submission(), path / "p1.ipynb")
    return path


def read(folder, most_bytes=10**6, most_files=100):
    return plan.read_files(Found("ann", "ps1", folder, ()), IGNORE, most_bytes, most_files)


def read_notebook(path, most_bytes=10**6):
    return plan.read_submitted(path, path.parent, most_bytes)[1]


# ---------------------------------------------------------------------------- files


def test_files_beside_the_notebook_are_read_and_ignored_ones_are_not(folder):
    (folder / "data").mkdir()
    (folder / "data" / "a.csv").write_text("1,2")
    (folder / "b.pyc").write_text("")
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "c.txt").write_text("")
    assert read(folder) == ({"data/a.csv": b"1,2"}, [])


def test_links_out_of_the_submission_are_not_followed(folder):
    """Stock nbgrader copies what they lead to: the gradebook, say, or another's submission."""
    gradebook = folder.parents[2] / "gradebook.db"
    gradebook.write_text("everybody's grades")
    (folder / "innocent.txt").symlink_to(gradebook)
    (folder / "up").symlink_to(folder.parents[2])
    (folder / "own.txt").write_text("mine")
    (folder / "inside.txt").symlink_to(folder / "own.txt")
    files, refused = read(folder)
    assert files == {"own.txt": b"mine", "inside.txt": b"mine"}
    assert len(refused) == 1
    assert "innocent.txt: Expected a file of the submission" in refused[0]


def test_a_notebook_that_is_a_link_to_the_solution_is_refused(folder):
    source = folder.parents[2] / "source.ipynb"
    nbformat.write(submission(), source)
    (folder / "p1.ipynb").unlink()
    (folder / "p1.ipynb").symlink_to(source)
    with pytest.raises(UnusableNotebook, match="is a link to"):
        read_notebook(folder / "p1.ipynb")


@pytest.mark.timeout(20)
def test_pipes_and_devices_are_not_waited_for(folder):
    os.mkfifo(folder / "pipe")
    (folder / "zero").symlink_to("/dev/zero")
    files, refused = read(folder)
    assert files == {}
    assert len(refused) == 2


def test_a_file_that_nobody_may_read_costs_only_itself(folder):
    (folder / "broken").symlink_to(folder / "gone")
    files, refused = read(folder)
    assert files == {}
    assert "broken" in refused[0]


def test_more_than_fits_is_refused_with_the_bound(folder):
    for name in ("a", "b"):
        (folder / name).write_bytes(bytes(600_000))
    with pytest.raises(UnusableNotebook, match="at most 1 MB of files"):
        read(folder, 2**20)


def test_more_files_than_fit_are_refused_with_the_bound(folder):
    for name in range(5):
        (folder / f"{name}.txt").touch()
    assert len(read(folder, most_files=5)[0]) == 5
    with pytest.raises(UnusableNotebook, match="at most 4 files"):
        read(folder, most_files=4)


@pytest.mark.parametrize(
    ("path", "ignored"),
    [
        ("a.pyc", True),
        ("a.pyco", False),
        ("sub/a.pyc", True),
        ("__pycache__/a.txt", True),
        ("sub/__pycache__/deep/a.txt", True),
        (".a.pyc", False),
        ("pyc", False),
        ("not__pycache__/a.txt", False),
    ],
)
def test_files_are_ignored_as_nbgrader_ignores_them(folder, path, ignored):
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    assert (file not in set(find_files(folder, IGNORE))) == ignored
    assert (str(file) not in utils.find_all_files(str(folder), IGNORE)) == ignored


def test_a_folder_of_many_files_is_walked_once(folder, monkeypatch):
    """nbgrader's own walk searches a folder once for each of its files, which 8,000 of them drew out for minutes."""
    for name in range(200):
        (folder / f"{name}.txt").touch()
    scanned = []
    scan = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: scanned.append(str(path)) or scan(path))
    assert len(list(find_files(folder, IGNORE))) == 201
    assert scanned == [str(folder)]


# ---------------------------------------------------------------------------- notebooks


def test_a_truncated_notebook_is_refused(folder):
    path = folder / "p1.ipynb"
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(UnusableNotebook, match="cannot be read"):
        read_notebook(path)


def test_a_huge_notebook_is_not_read(folder):
    with (folder / "p1.ipynb").open("ab") as file:
        file.truncate(100 * 2**20)
    with pytest.raises(UnusableNotebook, match=r"at most 50 MB; p1\.ipynb has 100 MB"):
        read_notebook(folder / "p1.ipynb", 50 * 2**20)


def test_a_folder_in_the_place_of_a_notebook_is_refused(folder):
    (folder / "p1.ipynb").unlink()
    (folder / "p1.ipynb").mkdir()
    with pytest.raises(UnusableNotebook):
        read_notebook(folder / "p1.ipynb")


@pytest.mark.parametrize(
    ("spec", "complaint"),
    [
        ({"name": "python3"}, None),
        ({"name": "python"}, None),
        ({"name": "tfcourse"}, None),
        ({}, None),
        (None, None),
        (5, None),
        ({"name": "blarg"}, "'blarg', which is not installed"),
        ({"name": "../../etc"}, "not installed"),
        ({"name": 5}, "5, which is not installed"),
    ],
)
def test_the_kernel_has_to_be_python(spec, complaint):
    notebook = nbformat.v4.new_notebook()
    notebook.metadata["kernelspec"] = spec
    if complaint is None:
        plan.check_kernel(notebook, "p1", "")
    else:
        with pytest.raises(UnusableNotebook, match=complaint.replace(".", r"\.")):
            plan.check_kernel(notebook, "p1", "")


def test_a_test_cell_cannot_wish_not_to_be_run():
    notebook = nbformat.v4.new_notebook(cells=[graded_cell("assert False", "zero"), nbformat.v4.new_code_cell("1")])
    for cell in notebook.cells:
        cell.metadata["tags"] = ["skip-execution"]
        cell.metadata["execution"] = {"shell.execute_reply": "2030-01-01"}
    plan.forget_wishes(notebook)
    assert "tags" not in notebook.cells[0].metadata
    assert notebook.cells[1].metadata == {"tags": ["skip-execution"]}


# ---------------------------------------------------------------------------- digests and records


def digest(**change):
    known = {"assignment": "a", "files": {"x": b"1"}, "raw": b"{}", "bounds": Bounds(), "settings": {"a": 1}}
    return run_digest(**known | change)


@pytest.mark.parametrize(
    "change",
    [
        {"assignment": "b"},
        {"files": {"x": b"2"}},
        {"files": {"y": b"1"}},
        {"files": {}},
        {"raw": b"{} "},
        {"bounds": Bounds(cell_seconds=1.0)},
        {"bounds": Bounds(limits=Limits(memory_megabytes=1))},
        {"settings": {"a": 2}},
    ],
)
def test_a_digest_changes_with_what_points_depend_on(change):
    assert digest() == digest()
    assert digest(**change) != digest()


def test_a_digest_does_not_change_with_the_time_of_submission():
    assert digest(files={"x": b"1", "timestamp.txt": b"now"}) == digest()


@pytest.mark.parametrize(
    ("entry", "execute", "recorded"),
    [
        (Entry(1, "d"), True, True),
        (Entry(1, "other"), True, False),
        (Entry(1, "d", executed=False), True, False),
        (Entry(1, "d", executed=False), False, True),
        (Entry(1, "d"), False, True),
        (Entry(1, "d", ending=Ending.FAILED, again=True), True, False),
        (Entry(1, "d", ending=Ending.OUT_OF_TIME), True, True),
    ],
)
def test_what_counts_as_recorded(entry, execute, recorded):
    assert plan.is_recorded({"p1": entry}, {"p1": "d"}, execute=execute) is recorded
    assert plan.is_recorded({"p1": entry}, {"p1": "d", "p2": "d"}, execute=execute) is False
