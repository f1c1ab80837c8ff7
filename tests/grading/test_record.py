"""The database in one transaction, the folder by one step."""

import logging
import os
import sqlite3
import threading
from datetime import datetime

import pytest
from nbgrader import api
from nbgrader.preprocessors import OverwriteCells, SaveAutoGrades, saveautogrades
from plain_course import database_of, write_course

from tfcourse.errors import UnusableNotebook
from tfcourse.grading import files, record
from tfcourse.grading.plan import Found
from tfcourse.grading.transaction import Database

LOG = logging.getLogger("test")


@pytest.fixture
def root(tmp_path):
    write_course(tmp_path)
    return tmp_path


@pytest.fixture
def database(root):
    database = Database(database_of(root), "course", [SaveAutoGrades, OverwriteCells])
    yield database
    database.close()


def students(root):
    with sqlite3.connect(root / "gradebook.db") as connection:
        return sorted(name for (name,) in connection.execute("SELECT id FROM student"))


# ---------------------------------------------------------------------------- transaction


def test_everybodys_commits_are_one(root, database):
    with database.writing() as gradebook_of:
        for name in ("ann", "bob"):
            gradebook = saveautogrades.Gradebook("a url that is not looked at")
            gradebook.add_student(name)  # commits
            gradebook.close()
        assert students(root) == []
        gradebook = gradebook_of()
        assert [student.id for student in gradebook.students] == ["ann", "bob"]
    assert students(root) == ["ann", "bob"]


def test_an_error_takes_everything_back(root, database):
    def fail():
        with database.writing():
            saveautogrades.Gradebook("x").add_student("ann")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert students(root) == []
    assert saveautogrades.Gradebook is api.Gradebook


def test_a_rollback_inside_takes_back_only_its_own(root, database):
    with database.writing() as gradebook_of:
        gradebook_of().add_student("ann")
        again = gradebook_of()
        with pytest.raises(api.InvalidEntry):
            again.add_student("ann")
        gradebook_of().add_student("bob")
    assert students(root) == ["ann", "bob"]


def test_reading_changes_nothing(root, database):
    with database.reading() as gradebook:
        gradebook.add_student("ann")
        assert saveautogrades.Gradebook is not api.Gradebook
    assert students(root) == []
    assert saveautogrades.Gradebook is api.Gradebook


def test_another_thread_gets_a_gradebook_of_its_own(root, database):
    found = []
    with database.writing():
        thread = threading.Thread(target=lambda: found.append(type(saveautogrades.Gradebook(database_of(root)))))
        thread.start()
        thread.join()
    assert found == [api.Gradebook]


def test_others_can_read_while_somebody_writes(root, database):
    with database.writing() as gradebook_of:
        gradebook_of().add_student("ann")
        assert students(root) == []


# ---------------------------------------------------------------------------- timestamps


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, None),
        (b"", None),
        (b" \n", None),
        (b"2015-02-02 15:58:23.948203 UTC", datetime(2015, 2, 2, 15, 58, 23, 948203)),
        (b"2015-02-02 15:58:23 America/Los_Angeles", datetime(2015, 2, 2, 23, 58, 23)),
    ],
)
def test_times_of_submission(tmp_path, content, expected):
    assert record.parse_timestamp(content, tmp_path, LOG) == expected


@pytest.mark.parametrize("content", [b"But I want to be a timestamp :(", b"\xff\xfe", b"9" * 5000])
def test_what_is_no_time_is_refused(tmp_path, content):
    with pytest.raises(
        UnusableNotebook, match=r"timestamp.txt; found an invalid timestamp string: .+Correct or remove"
    ):
        record.parse_timestamp(content, tmp_path, LOG)


# ---------------------------------------------------------------------------- folders


def make(destination, *, keep=False, given=None, left=None, notebooks=("p1.ipynb",)):
    def write(folder):
        for name in notebooks:
            (folder / name).write_text("graded")

    new = record.make_folder(
        destination,
        keep=keep,
        files=given or {},
        left=left or {},
        notebooks=notebooks,
        write_notebooks=write,
        log=LOG,
    )
    assert not destination.exists() or keep
    files.replace_folder(new, destination)
    return {
        path.relative_to(destination).as_posix(): path.read_text() for path in destination.rglob("*") if path.is_file()
    }


def test_files_of_the_run_replace_those_before_it(tmp_path):
    found = make(tmp_path / "x" / "ps1", given={"a.txt": b"before", "b/c": b"1"}, left={"a.txt": b"after", "new": b"2"})
    assert found == {"a.txt": "after", "b/c": "1", "new": "2", "p1.ipynb": "graded"}
    assert os.listdir(tmp_path / "x") == ["ps1"]


@pytest.mark.parametrize("name", ["a.html", "a.HTM", "sub/a.svg", "a.xhtml", "a.xml", "a.svgz"])
def test_nothing_is_written_that_a_browser_would_run(tmp_path, name):
    """The formgrader serves the files beside a graded notebook."""
    assert make(tmp_path / "ps1", given={name: b"<script>", "a.txt": b"1"}, left={name: b"<script>"}) == {
        "a.txt": "1",
        "p1.ipynb": "graded",
    }


@pytest.mark.parametrize(
    "name",
    ["../x", "/etc/x", "a/../../x", "..", ".", "", "a\0b", "a\\..\\b", "a//b/./../../../x", "x" * 300, "a/" * 60 + "b"],
)
def test_no_name_leaves_the_folder(tmp_path, name):
    assert make(tmp_path / "x" / "ps1", left={name: b"bad", "ok": b"good"}) == {"p1.ipynb": "graded", "ok": "good"}
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == ["ok", "p1.ipynb"]


def test_names_that_clash_cost_only_themselves(tmp_path):
    found = make(tmp_path / "ps1", left={"a": b"file", "a/b": b"below a file"})
    assert found == {"a": "file", "p1.ipynb": "graded"}


@pytest.mark.parametrize(
    "name", ["p1.ipynb", "p2.ipynb", "other.IPYNB", "sub/x.ipynb", "timestamp.txt", "./timestamp.txt"]
)
def test_a_run_leaves_no_notebook_and_no_time_of_submission(tmp_path, name):
    """Another notebook stops nbgrader's feedback; another time changes a penalty."""
    found = make(tmp_path / "ps1", given={"timestamp.txt": b"then"}, left={name: b"forged"})
    assert found == {"timestamp.txt": "then", "p1.ipynb": "graded"}


def test_other_notebooks_stay_where_only_one_is_graded(tmp_path):
    make(tmp_path / "ps1", given={"a.txt": b"1"}, notebooks=("p1.ipynb", "p2.ipynb"))
    for path in (tmp_path / "ps1").iterdir():
        path.chmod(0o444)
    (tmp_path / "ps1" / "p2.ipynb").chmod(0o644)
    (tmp_path / "ps1" / "p2.ipynb").write_text("graded before")
    found = make(tmp_path / "ps1", keep=True, given={"a.txt": b"2"})
    assert found == {"a.txt": "2", "p1.ipynb": "graded", "p2.ipynb": "graded before"}


@pytest.mark.parametrize("exchange", [True, False])
def test_a_folder_takes_the_place_of_another(tmp_path, monkeypatch, exchange):
    if not exchange:
        monkeypatch.setattr(files, "_exchange", lambda one, other: False)
    old, new = tmp_path / "old", tmp_path / "new"
    for folder in (old, new):
        (folder / "sub").mkdir(parents=True)
        (folder / "sub" / "file").write_text(folder.name)
    files.replace_folder(new, old)
    assert (old / "sub" / "file").read_text() == "new"
    assert os.listdir(tmp_path) == ["old"]


# ---------------------------------------------------------------------------- submissions


def test_a_missing_notebook_gets_nothing(tmp_path):
    write_course(tmp_path, names=("p1", "p2"))
    database = Database(database_of(tmp_path), "course", [])
    found = Found("ann", "ps1", tmp_path, ())
    with database.writing() as gradebook_of:
        record.open_submission(gradebook_of(), found, None, ["p2"], LOG)
    with database.reading() as gradebook:
        notebooks = {
            one.name: [grade.auto_score for grade in one.grades]
            for one in gradebook.find_submission("ps1", "ann").notebooks
        }
        points, total, most = record.recorded_points(gradebook, found, {"zero": "week01.zero"})
    database.close()
    assert notebooks == {"p1": [None] * 4, "p2": [0.0] * 4}
    assert points["week01.zero"] == 0
    assert points["p2/partial"] == 0
    assert (total, most) == (0, 20)
