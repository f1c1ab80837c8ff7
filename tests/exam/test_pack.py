"""An exam for a class: packed from a secret, collected, graded; what is handed out says nothing of what is hidden."""

import csv
import io
import os

import numpy as np
import pytest

from tfcourse.checks.asking import ask_here
from tfcourse.checks.records import Outcome
from tfcourse.checks.registry import find_check
from tfcourse.errors import CourseError, GraderBroken
from tfcourse.exam import grades
from tfcourse.exam.grades import as_csv, class_report, grade, percents
from tfcourse.exam.pack import EVERYBODY, PACK, pack, read_pack
from tfcourse.exam.pack import seed_of as seed_of_pack
from tfcourse.exam.session import draw_places, problem_seed
from tfcourse.examiner import model_server
from tfcourse.examiner.secret import VALUE_VARIABLE, Secret
from tfcourse.kernels import sandbox

from .conftest import ask_fake

SECRET = Secret(b"a secret for the tests of packed exams", "test")
OTHER = Secret(b"another secret, of another year's class", "test")
PROBLEMS = ["1-basic", "2-images", "3-text"]


@pytest.fixture
def packed(course, tmp_path):
    """One set for everybody, whose first problem is the line that `ask_fake` knows; and its folder."""
    for number in range(20):
        found = pack(course, tmp_path / f"quiz-{number}", SECRET, name=f"quiz-{number}")
        if "Find the line" in (tmp_path / f"quiz-{number}" / "1-basic" / "statement.md").read_text():
            return found, tmp_path / f"quiz-{number}"
    raise AssertionError("no name draws the line")


@pytest.fixture
def collected(tmp_path):
    """Return a function that hands in a file for `ask_fake`, off by so much; it returns the folder of all."""
    root = tmp_path / "collected"

    def hand_in(student, file="1-basic/model.keras", off="0.0"):
        path = root / student / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(off)
        return root

    return hand_in


def grade_fake(course, packed, collected, **options):
    return grade(course, packed, collected, SECRET, ask_model=ask_fake, **options)


def seed_of(found, student=EVERYBODY):
    return seed_of_pack(SECRET, found.name, student)


def places_of(course, found, student=EVERYBODY):
    return draw_places(course, ["basic", "images", "text"], seed_of(found, student))


def of(results, student, number=1):
    (found,) = (each for each in results if (each.student, each.place.number) == (student, number))
    return found


# ---------------------------------------------------------------------------- pack


def test_everybodys_set_is_the_folder_itself(packed):
    found, folder = packed
    assert sorted(path.name for path in folder.iterdir()) == [*PROBLEMS, PACK]
    assert (found.students, found.minutes, found.secret_id) == ((), 60, SECRET.id)
    assert read_pack(folder) == found
    assert sorted(path.name for path in (folder / "1-basic").iterdir()) == [
        "data",
        "problem.ipynb",
        "solution.py",
        "statement.md",
    ]


def test_starters_train_and_save_and_do_not_submit(packed):
    _, folder = packed
    for name in ("solution.py", "problem.ipynb"):
        text = (folder / "1-basic" / name).read_text()
        assert "model.keras" in text
        assert "submit(" not in text
        assert "the_trick" not in text
    assert "Hand in the folder with your model.keras" in (folder / "1-basic" / "statement.md").read_text()


def test_each_student_gets_problems_of_their_own(course, tmp_path):
    folder = tmp_path / "midterm"
    said = []
    found = pack(course, folder, SECRET, name="midterm", students=["s-1", "s-2", "s-1"], minutes=90, say=said.append)
    assert (found.students, found.minutes) == (("s-1", "s-2"), 90)
    assert sorted(path.name for path in folder.iterdir()) == [PACK, "s-1", "s-2"]
    assert len(said) == 6
    rows = [(folder / student / "1-basic" / "data" / "rows.csv").read_bytes() for student in found.students]
    assert rows[0] != rows[1]


def test_the_secret_and_the_name_decide(course, tmp_path):
    def rows(folder, secret, name):
        pack(course, tmp_path / folder, secret, name=name)
        return (tmp_path / folder / "1-basic" / "data" / "rows.csv").read_bytes()

    first = rows("a", SECRET, "quiz")
    assert rows("b", SECRET, "quiz") == first
    assert rows("c", OTHER, "quiz") != first
    assert rows("d", SECRET, "quiz-2") != first


def test_nothing_that_is_handed_out_names_the_secret_or_holds_what_is_hidden(course, packed):
    found, folder = packed
    places = places_of(course, found)
    seed = problem_seed(seed_of(found), places[0])
    handed_out = b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
    for kept in (SECRET.value, seed_of(found).encode(), str(seed).encode()):
        assert kept not in handed_out
    hidden = find_check(course, places[0].check_id).data(seed)
    shown = np.loadtxt(folder / "1-basic" / "data" / "rows.csv", delimiter=",")
    np.testing.assert_allclose(shown[:, :3], hidden.x_train, atol=1e-4)
    assert not any(np.isclose(shown[:, :3], row, atol=1e-4).all(axis=1).any() for row in hidden.x_test)


@pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden", "-", "x" * 65, EVERYBODY])
def test_a_name_that_can_be_no_folder(course, tmp_path, name):
    for names in ({"name": name}, {"name": "quiz", "students": ["s-1", name]}):
        with pytest.raises(CourseError, match="Expected a name of letters, digits, points and dashes"):
            pack(course, tmp_path / "quiz", SECRET, **names)
    assert not (tmp_path / "quiz").exists()


def test_a_folder_that_is_there_is_not_touched(course, packed):
    before = sorted(packed[1].rglob("*"))
    with pytest.raises(CourseError, match="Expected a folder that is not there yet"):
        pack(course, packed[1], SECRET, name="quiz")
    assert sorted(packed[1].rglob("*")) == before


@pytest.mark.parametrize("text", [None, "{", "[]", '{"name": "quiz"}', '{"students": 3}'])
def test_a_pack_that_is_damaged(tmp_path, text):
    if text is not None:
        (tmp_path / PACK).write_text(text)
    with pytest.raises(CourseError, match="Expected a packed exam in"):
        read_pack(tmp_path)


# ---------------------------------------------------------------------------- grade


def test_the_references_of_a_whole_class_get_everything(course, tmp_path):
    folder = tmp_path / "final"
    found = pack(course, folder, SECRET, name="final", students=["sample-01", "sample-02"])
    for student in found.students:
        for place in places_of(course, found, student):
            problem_folder = folder / student / place.folder
            find_check(course, place.check_id).reference(problem_folder).save(problem_folder / "model.keras")
    results = grade(course, found, folder, SECRET, workers=2, ask_model=ask_here)
    assert percents(results) == {"sample-01": 100, "sample-02": 100}
    assert [(each.student, each.place.number) for each in results] == [
        (student, number) for student in found.students for number in (1, 2, 3)
    ]
    assert not any(each.trouble for each in results)


def test_points_follow_the_weights(course, packed, collected):
    results = grade_fake(course, packed[0], collected("s-1", off="0.3"))
    assert of(results, "s-1").score.points == 4
    assert of(results, "s-1", 2).score is None
    assert percents(results) == {"s-1": pytest.approx(20 * 4 / 5)}


@pytest.mark.parametrize(
    "file",
    [
        *["1.keras", "1-basic/model.keras", "01 my model.h5", "1-basic/deep/down/m.KERAS", "1-basic/model_2.keras"],
        *["basic/model.keras", "Basic/m.h5", "Problem 1.keras", "problem-1/m.keras", "model_1.h5", "basic/1.keras"],
        *["exam 2/1-basic/model.keras", "task1.hdf5", "my basic model.keras", "p1 (2).keras"],
    ],
)
def test_names_that_are_understood(course, packed, collected, file):
    results = grade_fake(course, packed[0], collected("s-1", file))
    assert of(results, "s-1").file == file
    assert not any(each.trouble for each in results)


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("10.keras", "10.keras names no problem"),
        ("model.keras", "model.keras names no problem"),
        ("model (1).keras", "model (1).keras names no problem"),
        ("model v1.2.keras", "model v1.2.keras names no problem"),
        ("deep/m.keras", "deep/m.keras names no problem"),
        ("basic or text.h5", "basic or text.h5 names problems 1 and 3"),
        ("model_1_2.h5", "model_1_2.h5 names problems 1 and 2"),
        ("1-basic/model.zip", "1-basic/model.zip is no .keras or .h5"),
        ("1-basic/saved/saved_model.pb", "1-basic/saved/ is a SavedModel folder; expected a file .keras or .h5"),
    ],
)
def test_what_belongs_to_no_problem_is_told(course, packed, collected, file, told):
    results = grade_fake(course, packed[0], collected("s-1", file))
    assert of(results, "s-1").score is None
    assert of(results, "s-1", 0).trouble == told
    (row,) = csv.DictReader(io.StringIO(as_csv(results)))
    assert row["to look at"] == told
    assert told in class_report(packed[0], results, 90)


def test_many_files_of_no_problem_are_counted(course, packed, collected):
    for number in range(30):
        folder = collected("s-1", f"x{number:02}.keras")
    trouble = of(grade_fake(course, packed[0], folder), "s-1", 0).trouble
    assert trouble.startswith("x00.keras names no problem; ")
    assert trouble.endswith("; x19.keras names no problem; 10 more")


def test_what_was_handed_out_is_nothing_to_tell(course, packed, collected):
    for file in ("1-basic/statement.md", "1-basic/data/rows.csv", "2-images/data/spots.npz", "1-basic/problem.ipynb"):
        folder = collected("s-1", file)
    assert not any(each.trouble for each in grade_fake(course, packed[0], folder))


def test_what_a_mac_leaves_hides_nothing_and_is_nothing_to_tell(course, packed, collected):
    collected("s-1", "1-basic/model.keras", "0.0")
    for litter in ("1-basic/._model.keras", "__MACOSX/1-basic/model.keras", ".DS_Store", "._1.keras"):
        folder = collected("s-1", litter, "garbage")
    (folder / ".DS_Store").write_text("")
    results = grade_fake(course, packed[0], folder)
    assert (of(results, "s-1").file, of(results, "s-1").score.points) == ("1-basic/model.keras", 5)
    assert not any(each.trouble for each in results)


def at(path, seconds):
    os.utime(path, (seconds, seconds))


def asked_of(course, packed, folder):
    """Return which files are asked, by what is in them."""
    asked = []

    def ask(request, tell):
        asked.append(request.model.content.decode())
        return ask_fake(request, tell)

    results = grade(course, packed[0], folder, SECRET, ask_model=ask)
    return asked, of(results, "s-1")


def test_many_files_of_a_problem_are_two_tries_at_most(course, packed, collected):
    for number in range(500):
        folder = collected("s-1", f"1-basic/m{number:03}.keras", f"{5 - number / 100:.2f}")
        at(folder / "s-1" / "1-basic" / f"m{number:03}.keras", 1000 + number)
    asked, found = asked_of(course, packed, folder)
    assert asked == ["0.01", "0.02"], "the newest"
    assert found.file == "1-basic/m499.keras"
    told = "problem 1: not asked, beside 1-basic/m499.keras, 1-basic/m498.keras: 1-basic/m000.keras, "
    assert found.trouble.startswith(told)
    assert found.trouble.endswith(" and 488 more")


def test_the_file_that_was_asked_for_and_the_newest_other_are_asked(course, packed, collected):
    for time, (name, off) in enumerate([("model.keras", "1.0"), ("a.keras", "0.0"), ("b.h5", "0.3"), ("c.h5", "9.0")]):
        folder = collected("s-1", f"1-basic/{name}", off)
        at(folder / "s-1" / "1-basic" / name, 1000 + time)
    asked, found = asked_of(course, packed, folder)
    assert asked == ["1.0", "9.0"]
    assert (found.file, found.score.points) == ("1-basic/model.keras", 2)
    assert found.trouble == (
        "problem 1: not asked, beside 1-basic/model.keras, 1-basic/c.h5: 1-basic/a.keras, 1-basic/b.h5"
    )


def test_a_students_time_is_bounded_and_the_next_has_their_own(course, packed, collected, monkeypatch):
    collected("s-1", "1-basic/a.keras")
    collected("s-1", "1-basic/b.keras")
    folder = collected("s-2")
    clock = [0.0]
    monkeypatch.setattr(grades.time, "monotonic", lambda: clock[0])

    def slow(request, tell):
        clock[0] += 60
        return ask_fake(request, tell)

    results = grade(course, packed[0], folder, SECRET, ask_model=slow, seconds=50)
    assert of(results, "s-1").score.points == 5
    assert of(results, "s-1").trouble == "1-basic/a.keras was not asked: this student's time is used up"
    assert (of(results, "s-2").score.points, of(results, "s-2").trouble) == (5, "")


def test_a_students_folder_that_is_a_link_is_refused(course, packed, collected):
    folder = collected("neighbour")
    (folder / "s-1").symlink_to(folder / "neighbour")
    results = grade_fake(course, packed[0], folder)
    assert "its folder is a link" in of(results, "s-1", 0).trouble
    assert [each for each in results if each.student == "s-1" and each.score] == []
    assert of(results, "neighbour").score.points == 5


def test_what_is_no_folder_is_told(course, packed, collected):
    folder = collected("s-1")
    (folder / "s-2.zip").write_text("")
    (folder / "notes.txt").write_text("")
    results = grade_fake(course, packed[0], folder)
    assert of(results, "s-2.zip", 0).trouble.startswith("expected a folder STUDENT/; found a file")
    assert of(results, "s-1").score.points == 5
    assert {each.student for each in results} == {"s-1", "s-2.zip"}


def test_a_file_that_is_no_model_is_the_students_mistake(course, packed, collected):
    found = of(grade_fake(course, packed[0], collected("s-1", off="garbage")), "s-1")
    assert (found.score.outcome, found.score.points, found.trouble) == (Outcome.MISTAKE, 0, "")
    assert "found garbage" in found.score.message


def test_a_defect_of_ours_is_no_students_zero_and_costs_no_neighbour(course, packed, collected):
    def broken_for_one(request, tell):
        if request.model.content == b"0.5":
            raise GraderBroken("the disk is full")
        return ask_fake(request, tell)

    collected("s-1", off="0.5")
    results = grade(course, packed[0], collected("s-2"), SECRET, ask_model=broken_for_one)
    assert (of(results, "s-1").score, of(results, "s-1").trouble) == (None, "the disk is full")
    assert (of(results, "s-2").score.points, of(results, "s-2").trouble) == (5, "")


def test_who_handed_in_nothing_is_listed_and_a_stranger_is_looked_at(course, tmp_path, collected):
    found = pack(course, tmp_path / "midterm", SECRET, name="midterm", students=["s-1", "s-2"])
    results = grade_fake(course, found, collected("stranger"))
    assert percents(results) == {"s-1": 0, "s-2": 0, "stranger": 0}
    assert of(results, "stranger", 0).trouble == "nobody of this name has a set"


def test_a_link_that_leads_out_of_the_students_folder_is_not_followed(course, packed, collected, tmp_path):
    collected("neighbour")
    folder = collected("s-1", "notes.txt")
    (folder / "s-1" / "1-basic").symlink_to(folder / "neighbour" / "1-basic")
    (folder / "s-1" / "1-other.keras").symlink_to(folder / "neighbour" / "1-basic" / "model.keras")
    results = grade_fake(course, packed[0], folder)
    assert of(results, "s-1").score is None
    assert of(results, "s-1", 0).trouble == "1-basic/ is a link; 1-other.keras is a link or no ordinary file"
    assert of(results, "neighbour").score.points == 5


def test_another_secret_grades_nothing(course, packed, collected):
    with pytest.raises(CourseError, match=rf"{SECRET.id}; found {OTHER.id} \(test\)"):
        grade(course, packed[0], collected("s-1"), OTHER, ask_model=ask_fake)


def test_a_folder_without_students(course, packed, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "1.keras").write_text("0.0")
    with pytest.raises(CourseError, match="Expected a folder for each student"):
        grade_fake(course, packed[0], tmp_path / "empty")


# ---------------------------------------------------------------------------- what is written


def test_the_table_has_a_line_for_each_student(course, packed, collected):
    collected("s-1", off="0.3")
    folder = collected("=cmd()", off="garbage")
    rows = list(csv.DictReader(io.StringIO(as_csv(grade_fake(course, packed[0], folder)))))
    assert [row["student"] for row in rows] == ["'=cmd()", "s-1"], "no spreadsheet takes a name for a formula"
    assert (rows[1]["percent"], rows[1]["points 1"], rows[1]["points 2"]) == ("16.0", "4", "")
    assert rows[1]["problem 1"] == "exam.line"
    assert 0.2 < float(rows[1]["metric 1"]) < 0.4
    assert (rows[0]["points 1"], rows[0]["metric 1"]) == ("0", "")


def test_the_report_counts_who_passed_and_takes_no_name_for_html(course, packed, collected):
    for student in ("s-1", "<b>s-2"):
        folder = collected(student)
    page = class_report(packed[0], grade_fake(course, packed[0], folder), pass_percent=20)
    assert "2 students; 2 reached 20 %." in page
    assert "&lt;b&gt;s-2" in page
    assert "<b>s-2" not in page


# ---------------------------------------------------------------------------- the commands


def test_no_name_reaches_a_terminal_a_table_or_a_page_as_it_is(course, run, secret, packed, collected, monkeypatch):
    monkeypatch.setattr(model_server, "ask_model", ask_fake)
    monkeypatch.setattr(model_server, "warm_up", lambda: None)
    names = ("\x1b[31ms-1", "=cmd()\u202e", "@s\n-3", "s-4")
    for name in names:
        collected(name, "\x1b[2Jmodel.keras", "garbage")
        folder = collected(name, "1-\x1b[2J.keras", "garbage")
    collected("-s-5", "=cmd().keras", "garbage")
    code, out, err = run("grade", folder, "--pack", packed[1], "--no-sandbox")
    table, page = (packed[1] / "grades.csv").read_text(), (packed[1] / "report.html").read_text()
    assert code == 1
    for text in (out, err, table, page):
        assert not any(bad in text for bad in ("\x1b", "\u202e", "s\n-3"))
    for text in (out, table, page):
        assert "\\x1b[31ms-1" in text
    assert "1-\\x1b[2J.keras" in page
    rows = list(csv.DictReader(io.StringIO(table)))
    assert sorted(row["student"] for row in rows) == ["'-s-5", "'=cmd()\\u202e", "'@s\\n-3", "\\x1b[31ms-1", "s-4"]
    (told,) = (row["to look at"] for row in rows if row["student"] == "'-s-5")
    assert told == "'=cmd().keras names no problem"


@pytest.fixture
def secret(monkeypatch):
    """The secret that is set."""
    monkeypatch.setenv(VALUE_VARIABLE, SECRET.value.decode())


def test_pack_and_grade_from_the_command_line(run, secret, tmp_path, collected, monkeypatch):
    monkeypatch.setattr(model_server, "ask_model", ask_fake)
    monkeypatch.setattr(model_server, "warm_up", lambda: None)
    (tmp_path / "students.txt").write_text("s-1\n\n  s-2  \n")
    code, out, err = run("pack", tmp_path / "quiz", "--name", "quiz", "--students", tmp_path / "students.txt")
    assert (code, err) == (0, "")
    assert f"2 sets, secret {SECRET.id}." in out
    assert "No secret is set" not in out
    code, out, err = run("grade", collected("s-1", off="garbage"), "--pack", tmp_path / "quiz", "--no-sandbox")
    assert (code, err) == (0, "")
    assert (tmp_path / "quiz" / "grades.csv").read_text().startswith("student,percent,problem 1")
    assert "2 students; 0 reached 90 %." in (tmp_path / "quiz" / "report.html").read_text()
    code, out, _ = run("grade", collected("stranger"), "--pack", tmp_path / "quiz", "--no-sandbox")
    assert code == 1
    assert "nobody of this name has a set" in out


def test_pack_without_a_secret_says_so(run, tmp_path, monkeypatch):
    monkeypatch.setenv("TFCOURSE_SECRET_FILE", str(tmp_path / "none"))
    code, out, _ = run("pack", tmp_path / "quiz", "--name", "quiz")
    assert code == 0
    assert "No secret is set, so anybody can draw this exam." in out.replace("\n", " ")


def test_grade_refuses_to_load_files_unprotected_by_itself(run, secret, packed, collected, monkeypatch):
    monkeypatch.setattr(sandbox, "probe", lambda: "there is no bubblewrap")
    code, _, err = run("grade", collected("s-1"), "--pack", packed[1])
    assert code == 2
    assert "there is no bubblewrap" in err
    assert not (packed[1] / "grades.csv").exists()


def test_with_a_sandbox_only_what_is_confined_is_asked(run, secret, packed, collected, monkeypatch):
    def fell_back():
        raise CourseError("Expected the process that loads models to be confined; it is not.")

    monkeypatch.setattr(sandbox, "probe", lambda: None)
    monkeypatch.setattr(model_server, "ask_model", ask_fake)
    monkeypatch.setattr(model_server, "require_confined", fell_back)
    code, _, err = run("grade", collected("s-1"), "--pack", packed[1])
    assert code == 2
    assert "to be confined; it is not" in err.replace("\n", " ")
    assert not (packed[1] / "grades.csv").exists()


def test_grade_of_a_folder_that_is_no_pack(run, collected, tmp_path):
    code, _, err = run("grade", collected("s-1"), "--pack", tmp_path, "--no-sandbox")
    assert code == 2
    assert "Expected a packed exam in" in err.replace("\n", " ")
