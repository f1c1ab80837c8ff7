"""Submissions from a plain folder."""

import pytest
from click.testing import CliRunner

from tfcourse.cli import cli
from tfcourse.errors import CourseError
from tfcourse.grading.collect import collect


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "handed in"
    path.mkdir()
    return path


def put(path, text="{}"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def submitted(course):
    root = course.root / "submitted"
    return {path.relative_to(root).as_posix(): path.read_text() for path in root.rglob("*") if path.is_file()}


def take(course, folder, **options):
    return collect(course, course.weeks[0], folder, **options)


def test_every_layout_is_understood(own_course, folder):
    put(folder / "ann" / "assignment.ipynb", "ann")
    put(folder / "ann" / "data" / "table.csv", "1")
    put(folder / "ann" / "timestamp.txt", "now")
    put(folder / "bob" / "week01" / "assignment.ipynb", "bob")
    put(folder / "bob" / "week02" / "assignment.ipynb", "another week")
    put(folder / "cid_assignment.ipynb", "cid")
    put(folder / "cid_lesson.ipynb", "cid's lesson")
    put(folder / "d.van_dyk-7@b.org.ipynb", "dyk")
    put(folder / ".DS_Store")
    done = take(own_course, folder)
    assert done.complaints == []
    assert submitted(own_course) == {
        "ann/week01/assignment.ipynb": "ann",
        "ann/week01/data/table.csv": "1",
        "ann/week01/timestamp.txt": "now",
        "bob/week01/assignment.ipynb": "bob",
        "cid/week01/assignment.ipynb": "cid",
        "cid/week01/lesson.ipynb": "cid's lesson",
        "d.van_dyk-7@b.org/week01/assignment.ipynb": "dyk",
    }
    assert len(done.copied) == 7


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("assignment.ipynb", "expected the student's name in it"),
        ("notes.pdf", "expected STUDENT.ipynb"),
        ("ann/Assignment (1).ipynb", "expected assignment.ipynb in it; found Assignment (1).ipynb"),
        (".hidden/assignment.ipynb", "expected a student's id"),
        ("a$b.ipynb", "expected a student's id"),
    ],
)
def test_what_is_not_understood_is_told_and_costs_nobody_else(own_course, folder, name, complaint):
    put(folder / name)
    put(folder / "zoe.ipynb", "zoe")
    done = take(own_course, folder)
    assert len(done.complaints) == 1
    assert complaint in done.complaints[0]
    assert submitted(own_course) == {"zoe/week01/assignment.ipynb": "zoe"}


def test_nothing_is_overwritten_silently(own_course, folder):
    put(folder / "ann.ipynb", "first")
    put(folder / "bob.ipynb", "same")
    take(own_course, folder)
    put(folder / "ann.ipynb", "second")
    done = take(own_course, folder)
    assert [path.parts[-3] for path in done.same] == ["bob"]
    assert "is there and differs. To replace it: tfcourse collect --force" in done.complaints[0]
    assert submitted(own_course)["ann/week01/assignment.ipynb"] == "first"
    take(own_course, folder, replace=True)
    assert submitted(own_course)["ann/week01/assignment.ipynb"] == "second"


def test_two_files_of_one_student_are_not_mixed(own_course, folder):
    put(folder / "ann" / "assignment.ipynb", "folder")
    put(folder / "ann.ipynb", "file")
    done = take(own_course, folder, replace=True)
    assert "is the same student's, too" in done.complaints[0]
    assert submitted(own_course) == {"ann/week01/assignment.ipynb": "folder"}


def test_links_are_not_followed(own_course, folder, tmp_path):
    put(tmp_path / "gradebook.db", "everybody's grades")
    put(folder / "ann" / "assignment.ipynb", "ann")
    (folder / "ann" / "data").symlink_to(tmp_path)
    (folder / "ann" / "innocent.txt").symlink_to(tmp_path / "gradebook.db")
    (folder / "bob.ipynb").symlink_to(tmp_path / "gradebook.db")
    done = take(own_course, folder)
    assert len(done.complaints) == 2
    assert submitted(own_course) == {"ann/week01/assignment.ipynb": "ann"}


def test_the_folder_of_what_was_collected_is_refused(own_course):
    put(own_course.root / "submitted" / "ann" / "week01" / "assignment.ipynb")
    with pytest.raises(CourseError, match="outside of submitted/"):
        take(own_course, own_course.root / "submitted")


def test_the_command_tells_what_it_did(own_course, folder):
    put(folder / "ann.ipynb", "ann")
    run = CliRunner().invoke(cli, ["collect", "week01", str(folder)])
    assert run.exit_code == 0, run.output
    assert "submitted/ann/week01/assignment.ipynb" in run.output
    assert "1 copied, 0 there already, 0 left out." in run.output
    put(folder / "notes.pdf")
    run = CliRunner().invoke(cli, ["collect", "week01", str(folder)])
    assert run.exit_code == 1
    assert "notes.pdf was left out" in run.output
