"""Submissions from a plain folder."""

import contextlib
import os
import unicodedata
import zipfile

import pytest
from click.testing import CliRunner

from tfcourse.cli import cli
from tfcourse.errors import CourseError
from tfcourse.grading import handed_in
from tfcourse.grading.collect import collect
from tfcourse.grading.handed_in import Name, read_name


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "handed in"
    path.mkdir()
    return path


def put(path, text="{}"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def pack(path, files):
    """Write a zip of names and contents; a list may hold a name twice."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive, contextlib.suppress(UserWarning):
        for name, text in files.items() if isinstance(files, dict) else files:
            archive.writestr(name, text)


def submitted(course, *, times=False):
    root = course.root / "submitted"
    return {
        path.relative_to(root).as_posix(): path.read_text()
        for path in root.rglob("*")
        if path.is_file() and (times or path.name not in ("timestamp.txt", "submission_secret.txt"))
    }


def take(course, folder, **options):
    return collect(course, course.weeks[0], folder, **options)


def test_every_layout_is_understood(own_course, folder):
    put(folder / "ann" / "assignment.ipynb", "ann")
    put(folder / "ann" / "data" / "table.csv", "1")
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
        "bob/week01/assignment.ipynb": "bob",
        "cid/week01/assignment.ipynb": "cid",
        "cid/week01/lesson.ipynb": "cid's lesson",
        "d.van_dyk-7@b.org/week01/assignment.ipynb": "dyk",
    }
    assert len(done.copied) == 6


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


def test_two_submissions_of_one_student_that_differ_are_told_and_neither_is_taken(own_course, folder):
    put(folder / "ann" / "assignment.ipynb", "folder")
    put(folder / "ann.ipynb", "file")
    put(folder / "bob.ipynb", "bob")
    done = take(own_course, folder, replace=True)
    (complaint,) = done.complaints
    assert f"{folder / 'ann'} and {folder / 'ann.ipynb'} were both left out" in complaint
    assert "both have assignment.ipynb of ann, and they differ" in complaint
    assert submitted(own_course) == {"bob/week01/assignment.ipynb": "bob"}


def test_two_submissions_of_one_student_that_are_the_same_are_one(own_course, folder):
    put(folder / "ann.ipynb", "ann")
    put(folder / "ann_assignment (1).ipynb", "ann")
    assert take(own_course, folder).complaints == []
    assert submitted(own_course) == {"ann/week01/assignment.ipynb": "ann"}


def test_links_are_not_followed(own_course, folder, tmp_path):
    put(tmp_path / "gradebook.db", "everybody's grades")
    put(folder / "ann" / "assignment.ipynb", "ann")
    (folder / "ann" / "data").symlink_to(tmp_path)
    (folder / "ann" / "innocent.txt").symlink_to(tmp_path / "gradebook.db")
    (folder / "bob.ipynb").symlink_to(tmp_path / "gradebook.db")
    done = take(own_course, folder)
    assert len(done.complaints) == 3
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


# ---------------------------------------------------------------------------- whose a name is


@pytest.mark.parametrize(
    ("name", "student", "notebook"),
    [
        ("ann", "ann", "assignment"),
        ("ann_assignment", "ann", "assignment"),
        ("ann_lesson", "ann", "lesson"),
        ("ann_assignment-2", "ann", "assignment"),
        ("ann_assignment (1)", "ann", "assignment"),
        ("leeann_12345_67890_assignment-1", "leeann", "assignment"),
        ("leeann_LATE_12345_67890_assignment", "leeann", "assignment"),
        ("leeann_12345_67890_lesson", "leeann", "lesson"),
        ("leeann_12345_67890_my homework", "leeann", "assignment"),
        ("lee_ann_12345_67890_x_1", "lee_ann", "assignment"),
        ("Ann Lee_1234567_assignsubmission_file", "Ann Lee", "assignment"),
        ("Ann Lee_1234567_assignsubmission_file_", "Ann Lee", "assignment"),
        ("Ann Lee_1234567_assignsubmission_file_lesson", "Ann Lee", "lesson"),
        ("s@x.org", "s@x.org", "assignment"),
        ("s_1+2", "s_1+2", "assignment"),
        ("müller", "müller", "assignment"),
        (unicodedata.normalize("NFD", "müller"), "müller", "assignment"),
        ("Seán O'Brien_77_assignsubmission_file_", "Seán O'Brien", "assignment"),
        ("李雷", "李雷", "assignment"),
        ("s_1_2_assignment", "s_1_2", "assignment"),
    ],
)
def test_names_that_are_understood(name, student, notebook):
    assert read_name(name) == Name(student, notebook)


@pytest.mark.parametrize(
    "name",
    [
        *[
            "",
            ".",
            "..",
            ".ann",
            "-ann",
            "_ann",
            "'ann",
            "=cmd()",
            "+1",
            "@x",
            " ",
            "ann.",
            "a/b",
            "a\\b",
            "a\0b",
            "a\nb",
        ],
        *["assignment", "lesson", "assignment-1", "assignment (2)", "week09", "Week 9", "week01_assignment"],
        *["../x_12345_67890_assignment", "._12345_67890_assignment", "\x1b[31mann", "a\u202eb", "a\udcffb", "x" * 101],
    ],
)
def test_names_that_are_nobodys(name):
    assert read_name(name) is None


def test_what_canvas_and_moodle_name_is_taken(own_course, folder):
    put(folder / "leeann_12345_67890_assignment-1.ipynb", "ann")
    put(folder / "obrien_LATE_12346_67891_assignment.ipynb", "o'brien")
    put(folder / "Zoë Müller_1234567_assignsubmission_file" / "assignment.ipynb", "zoë")
    pack(folder / "Bo Li_1234568_assignsubmission_file_" / "work.zip", {"week01/assignment.ipynb": "bo"})
    assert take(own_course, folder).complaints == []
    assert submitted(own_course) == {
        "Bo Li/week01/assignment.ipynb": "bo",
        "Zoë Müller/week01/assignment.ipynb": "zoë",
        "leeann/week01/assignment.ipynb": "ann",
        "obrien/week01/assignment.ipynb": "o'brien",
    }


def test_two_people_of_one_name_are_told(own_course, folder):
    put(folder / "leeann_12345_67890_assignment.ipynb", "one")
    put(folder / "leeann_12399_67891_assignment.ipynb", "another")
    (complaint,) = take(own_course, folder).complaints
    assert "leeann_12345_67890_assignment.ipynb" in complaint
    assert "leeann_12399_67891_assignment.ipynb" in complaint
    assert submitted(own_course) == {}


# ---------------------------------------------------------------------------- archives


@pytest.mark.parametrize("inside", ["", "week01/", "bob/", "bob/week01/", "a/b/c/"])
def test_an_archive_is_the_students_whom_it_is_named_for(own_course, folder, inside):
    pack(folder / "ann.zip", {f"{inside}assignment.ipynb": "ann", f"{inside}data/table.csv": "1", "__MACOSX/._x": ""})
    assert take(own_course, folder).complaints == []
    assert submitted(own_course) == {"ann/week01/assignment.ipynb": "ann", "ann/week01/data/table.csv": "1"}


def test_an_archive_of_a_windows_program_is_read(own_course, folder):
    pack(folder / "ann.ZIP", {"week01\\assignment.ipynb": "ann"})
    assert take(own_course, folder).complaints == []
    assert submitted(own_course) == {"ann/week01/assignment.ipynb": "ann"}


def test_an_archive_that_is_named_for_a_week_is_nobodys(own_course, folder):
    pack(folder / "week01.zip", {"ann/assignment.ipynb": "ann"})
    put(folder / "week09" / "assignment.ipynb", "?")
    assert len(take(own_course, folder).complaints) == 2
    assert submitted(own_course) == {}


def test_an_archive_of_a_whole_class_is_told(own_course, folder):
    pack(folder / "all.zip", {"ann/assignment.ipynb": "ann", "bob/assignment.ipynb": "bob"})
    (complaint,) = take(own_course, folder).complaints
    assert "found 2, ann/assignment.ipynb and bob/assignment.ipynb" in complaint
    assert "unpack it first" in complaint
    assert submitted(own_course) == {}


def test_another_weeks_assignment_is_not_taken_for_this_one(own_course, folder):
    pack(folder / "ann.zip", {"week02/assignment.ipynb": "later"})
    pack(folder / "bob.zip", {"week02/assignment.ipynb": "later", "week01/assignment.ipynb": "bob"})
    (complaint,) = take(own_course, folder).complaints
    assert "ann.zip was left out: expected assignment.ipynb in it; found week02" in complaint
    assert submitted(own_course) == {"bob/week01/assignment.ipynb": "bob"}


@pytest.mark.parametrize(
    "name", ["../evil.txt", "/evil.txt", "x/../../evil.txt", "..\\evil.txt", "C:/evil.txt", "a/" * 60 + "b"]
)
def test_what_leads_out_of_an_archive_is_told_and_costs_the_rest_nothing(own_course, folder, name):
    pack(folder / "ann.zip", {"assignment.ipynb": "ann", name: "evil"})
    (complaint,) = take(own_course, folder).complaints
    assert "its path does not stay in the archive" in complaint
    assert submitted(own_course) == {"ann/week01/assignment.ipynb": "ann"}


def test_a_link_in_an_archive_is_told(own_course, folder):
    link = zipfile.ZipInfo("assignment.ipynb")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(folder / "ann.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    assert "it is a link" in take(own_course, folder).complaints[0]
    assert submitted(own_course) == {}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_archive_that_holds_a_file_twice_is_told(own_course, folder):
    pack(folder / "ann.zip", [("assignment.ipynb", "one"), ("assignment.ipynb", "another")])
    pack(folder / "bob.zip", {"assignment.ipynb": "bob"})
    (complaint,) = take(own_course, folder).complaints
    assert "ann.zip was left out: it holds assignment.ipynb twice" in complaint
    assert submitted(own_course) == {"bob/week01/assignment.ipynb": "bob"}


@pytest.mark.parametrize("damage", ["empty", "garbage", "cut", "changed", "encrypted"])
def test_an_archive_that_cannot_be_read_is_told(own_course, folder, damage):
    path = folder / "ann.zip"
    pack(path, {"assignment.ipynb": "x" * 999})
    content = path.read_bytes()
    if damage == "encrypted":
        content = bytearray(content)
        content[6] |= 1
        content[content.index(b"PK\x01\x02") + 8] |= 1
    found = {"empty": b"", "garbage": b"junk", "cut": content[:200], "changed": content.replace(b"xxx", b"xyx", 1)}
    path.write_bytes(found.get(damage, bytes(content)))
    (complaint,) = take(own_course, folder).complaints
    assert "ann.zip was left out: expected a zip that can be read; found " in complaint
    assert submitted(own_course) == {}


@pytest.mark.parametrize("bound", ["MOST_FILES", "MOST_UNPACKED"])
def test_an_archive_that_holds_too_much_is_told(own_course, folder, monkeypatch, bound):
    monkeypatch.setattr(handed_in, bound, 1)
    pack(folder / "ann.zip", {"assignment.ipynb": "ann", "b": ""})
    (complaint,) = take(own_course, folder).complaints
    assert "expected at most " in complaint
    assert submitted(own_course) == {}


def test_nothing_is_written_through_a_link_in_submitted(own_course, folder, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (own_course.root / "submitted").mkdir()
    (own_course.root / "submitted" / "ann").symlink_to(tmp_path / "elsewhere")
    put(folder / "ann.ipynb", "ann")
    assert "is a link that leads elsewhere" in take(own_course, folder).complaints[0]
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_file_in_the_place_of_a_folder_is_told_and_costs_nobody_else(own_course, folder):
    put(own_course.root / "submitted" / "ann", "no folder")
    put(folder / "ann.ipynb", "ann")
    put(folder / "bob.ipynb", "bob")
    assert "ann.ipynb was left out" in take(own_course, folder).complaints[0]
    assert submitted(own_course)["bob/week01/assignment.ipynb"] == "bob"


# ---------------------------------------------------------------------------- when


def at(path, seconds):
    os.utime(path, (seconds, seconds))


def test_the_time_is_that_of_the_file_in_utc_as_nbgrader_writes_it(own_course, folder):
    put(folder / "ann.ipynb", "ann")
    put(folder / "bob" / "assignment.ipynb", "bob")
    put(folder / "bob" / "notes.txt", "later")
    put(folder / "bob_lesson.ipynb", "later")
    pack(folder / "cid.zip", {"assignment.ipynb": "cid", "timestamp.txt": "1999-01-01 00:00:00 UTC"})
    at(folder / "ann.ipynb", 0)
    at(folder / "bob" / "assignment.ipynb", 86_400)
    at(folder / "cid.zip", 2 * 86_400)
    assert take(own_course, folder).complaints == []
    found = submitted(own_course, times=True)
    assert found["ann/week01/timestamp.txt"] == "1970-01-01 00:00:00.000000 UTC"
    assert found["bob/week01/timestamp.txt"] == "1970-01-02 00:00:00.000000 UTC"
    assert found["cid/week01/timestamp.txt"] == "1970-01-03 00:00:00.000000 UTC", "no archive says when it came"


def test_the_secret_that_names_the_feedback_is_no_students_to_choose(own_course, folder):
    pack(folder / "ann.zip", {"assignment.ipynb": "ann", "submission_secret.txt": "mine"})
    put(folder / "bob.ipynb", "bob")
    take(own_course, folder)
    before = submitted(own_course, times=True)
    found = {before[f"{student}/week01/submission_secret.txt"] for student in ("ann", "bob")}
    assert len(found) == 2
    assert {len(secret) for secret in found} == {128}
    put(folder / "bob.ipynb", "bob, better")
    take(own_course, folder, replace=True)
    after = submitted(own_course, times=True)
    assert after["bob/week01/submission_secret.txt"] == before["bob/week01/submission_secret.txt"]


def test_the_time_changes_with_the_assignment_and_not_without(own_course, folder):
    path = folder / "ann.ipynb"
    for text, seconds, replace, expected in (
        ("one", 60, False, "00:01"),
        ("one", 120, False, "00:01"),
        ("two", 180, False, "00:01"),
        ("two", 240, True, "00:04"),
    ):
        put(path, text)
        at(path, seconds)
        take(own_course, folder, replace=replace)
        assert submitted(own_course, times=True)["ann/week01/timestamp.txt"] == f"1970-01-01 {expected}:00.000000 UTC"


def test_nbgraders_own_timestamp_stays(own_course, folder):
    for student, text in (("ann", "2026-11-30 12:00:00+01:00"), ("bob", "now"), ("cid", "")):
        put(folder / student / "week01" / "assignment.ipynb", student)
        put(folder / student / "week01" / "timestamp.txt", text)
        at(folder / student / "week01" / "assignment.ipynb", 60)
    done = take(own_course, folder)
    assert len(done.complaints) == 2
    assert "expected a date and a time in it" in done.complaints[0]
    found = submitted(own_course, times=True)
    assert found["ann/week01/timestamp.txt"] == "2026-11-30 11:00:00.000000 UTC"
    assert found["bob/week01/timestamp.txt"] == found["cid/week01/timestamp.txt"] == "1970-01-01 00:01:00.000000 UTC"


# ---------------------------------------------------------------------------- what staff see


def test_no_name_reaches_a_terminal_as_it_is(own_course, folder):
    put(folder / "\x1b[31mred\u202e.ipynb", "{}")
    put(folder / "ann" / "\x1b[2Jnotes.ipynb", "{}")
    (folder / "bob\n100 %.ipynb").symlink_to("/nowhere")
    pack(folder / "cid.zip", {"\x1b[31m../x": "", "assignment.ipynb": "cid"})
    run = CliRunner().invoke(cli, ["collect", "week01", str(folder)])
    assert run.exit_code == 1
    assert "\x1b" not in run.output
    assert "\u202e" not in run.output
    assert "\\x1b[31mred\\u202e.ipynb" in run.output
    assert "bob\\n100 %.ipynb" in run.output
    assert "\\x1b[2Jnotes.ipynb" in run.output
