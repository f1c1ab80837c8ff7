"""The command line: what is printed, and how it ends. A person never sees a traceback of ours."""

import json
import os
import subprocess
import sys

import pytest

from tfcourse import cli
from tfcourse.authoring.build import write_all
from tfcourse.checks import Outcome, Receipt
from tfcourse.checks.registry import checks_of
from tfcourse.errors import GraderBroken
from tfcourse.grading import home
from tfcourse.grading.home import Result
from tfcourse.lab import start_week
from tfcourse.reports.progress import Progress


@pytest.fixture
def run(monkeypatch, capsys):
    """Run a command; return its exit code, stdout and stderr."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["tfcourse", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        code = ended.value.code
        return (0 if code is None else code), out, err

    return call


@pytest.fixture
def built(own_course):
    write_all(own_course)
    return own_course


def one_line(text):
    return " ".join(text.split())


# ---------------------------------------------------------------------------- in general


def test_help_lists_the_commands(run):
    code, out, _ = run("--help")
    assert code == 0
    for command in (
        "lab",
        "start",
        "grade",
        "progress",
        "build",
        "pull",
        "calibrate",
        "skills",
        "secret",
        "doctor",
        "demo",
    ):
        assert f"\n  {command} " in out


def test_the_version(run):
    from tfcourse import __version__

    assert run("--version") == (0, f"tfcourse, version {__version__}\n", "")


@pytest.mark.parametrize("command", ["start", "grade", "pull"])
def test_an_unknown_week_ends_with_2_and_a_guess(course, run, command):
    code, out, err = run(command, "week02")
    assert (code, out) == (2, "")
    assert "found 'week02'. Did you mean week01?" in one_line(err)
    assert "Traceback" not in err


def test_no_course_ends_with_2(run, monkeypatch, tmp_path):
    monkeypatch.setenv("TFCOURSE_ROOT", str(tmp_path))
    code, _, err = run("progress")
    assert code == 2
    assert "Expected a course" in err


def test_a_broken_curriculum_ends_with_1_and_a_line_for_each_problem(edit, run):
    edit("curriculum/week01_mini/lesson.py", "#     minutes: 10\n", "")
    edit("curriculum/week01_mini/assignment.py", '"points": 2', '"points": 3')
    code, _, err = run("build")
    assert code == 1
    assert [line[:2] for line in err.splitlines()] == ["✗ ", "✗ "]
    assert "lesson.py, header" in err
    assert "assignment.py, cell 'double'" in err


def test_a_message_with_brackets_is_not_taken_for_markup(own_course, run):
    (own_course.root / "curriculum" / "syllabus.toml").write_text("[[week]]\n[red]x[/red]")
    code, _, err = run("progress")
    assert code == 1
    assert "syllabus.toml" in err


# ---------------------------------------------------------------------------- learners


def test_start_copies_and_never_overwrites(course, run):
    code, out, _ = run("start", "week01")
    assert code == 0
    assert out.count("✓") == 2
    mine = course.work(course.weeks[0], "assignment")
    mine.write_text("my work")
    code, out, _ = run("start", "week01")
    assert code == 0
    assert "left as it is" in one_line(out)
    assert mine.read_text() == "my work"


def test_start_of_a_week_that_was_not_built(own_course, run):
    code, _, err = run("start", "week01")
    assert code == 2
    assert "Run: tfcourse build" in err


def test_grade_before_start(course, run):
    code, _, err = run("grade", "week01")
    assert code == 2
    assert "Run: tfcourse start week01" in one_line(err)


def receipt(check, points, outcome):
    return Receipt(
        check_id=check.id,
        points=points,
        max_points=check.points,
        outcome=outcome,
        message="A message.",
        next_step="A next step.",
        lines="",
        metric=None,
        value=None,
        rung=None,
        thresholds=(),
        purpose="grade",
        predictable=True,
        key_digest="",
        response_digest="",
        versions={},
        seconds=0.0,
    )


def test_grade_prints_cards_and_the_sum_and_records_them(course, run, monkeypatch):
    start_week(course, course.weeks[0])

    def grade_notebook(course, week, path, *, started):
        double, line = checks_of(course, week.id)
        started("double")
        return [
            Result(double, 1.5, receipt=receipt(double, 1.5, Outcome.WRONG)),
            Result(line, 0.0, reason="The notebook stopped before this cell."),
        ]

    monkeypatch.setattr(home, "grade_notebook", grade_notebook)
    code, out, err = run("grade", "week01")
    assert (code, err) == (0, "")
    assert "Double: 1.5 of 2 points" in out
    assert "Next: A next step." in out
    assert "The notebook stopped before this cell." in out
    assert "week01: 1.5 of 7 points" in out
    assert "No secret is set" in out
    events = Progress(course).events()
    assert [(event.kind, event.check, event.points) for event in events] == [
        ("grade", "week01.double", 1.5),
        ("grade", "week01.line", 0),
    ]


def test_our_own_defect_ends_with_3_and_is_not_recorded(course, run, monkeypatch):
    start_week(course, course.weeks[0])

    def grade_notebook(*arguments, **options):
        raise GraderBroken("The task of week01.double could not be drawn")

    monkeypatch.setattr(home, "grade_notebook", grade_notebook)
    code, out, err = run("grade", "week01")
    assert code == 3
    assert "This is our fault, not yours" in err
    assert "points" not in out
    assert Progress(course).events() == []


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "cannot be read"), (b"{}", "cannot be read"), (b"\xff\x00", "cannot be read"), (None, "found 300 MB")],
    ids=["empty", "no notebook", "binary", "huge"],
)
def test_a_notebook_that_cannot_be_graded_ends_with_2(course, run, content, said):
    start_week(course, course.weeks[0])
    path = course.work(course.weeks[0], "assignment")
    with path.open("wb") as file:
        file.truncate(300 * 2**20) if content is None else file.write(content)
    code, out, err = run("grade", "week01")
    assert code == 2
    assert said in one_line(err)
    assert "Traceback" not in out + err


def test_in_a_process_of_its_own_there_is_no_traceback_either(course):
    start_week(course, course.weeks[0])
    course.work(course.weeks[0], "assignment").write_text("no notebook")
    done = subprocess.run(
        [sys.executable, "-m", "tfcourse", "grade", "week01"],
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "Save it again from JupyterLab" in one_line(done.stderr)


def test_progress_shows_weeks_and_skills(course, run):
    path = course.work_folder / "progress.jsonl"
    path.parent.mkdir(parents=True)
    event = {"when": "2026-01-01T00:00:00+00:00", "kind": "practice", "check": "week01.line", "points": 3.5}
    path.write_text(json.dumps(event) + "\ndamaged\n")
    code, out, err = run("progress")
    assert code == 0
    assert "3.5 of 7" in out
    assert "50%" in out
    assert "1 of 2" in out
    assert "kept as progress.damaged-" in one_line(err)


def test_lab_hands_its_arguments_on(course, run, monkeypatch):
    from tfcourse import lab

    seen = []
    monkeypatch.setattr(lab, "run_lab", lambda course, arguments: seen.append((course.root, arguments)))
    code, _, _ = run("lab", "--no-browser", "--port=9999")
    assert code == 0
    assert seen == [(course.root, ("--no-browser", "--port=9999"))]


# ---------------------------------------------------------------------------- authors


def test_build_writes_once_and_check_agrees(own_course, run):
    code, out, _ = run("build")
    assert (code, out.count("✓")) == (0, 6)
    assert run("build")[:2] == (0, "0 file(s) changed.\n")
    assert run("build", "--check")[0] == 0


def test_build_check_fails_where_something_differs_and_changes_nothing(built, edit, run):
    edit("curriculum/week01_mini/lesson.py", "Some words.", "Other words.")
    before = built.source(built.weeks[0], "lesson").read_text()
    code, _, err = run("build", "--check")
    assert code == 1
    assert "source/week01/lesson.ipynb: differs from its text" in err
    assert "Run: tfcourse build" in err
    assert built.source(built.weeks[0], "lesson").read_text() == before


def test_pull_says_what_changed(built, run):
    path = built.source(built.weeks[0], "lesson")
    path.write_text(path.read_text().replace("Some words.", "Better words."))
    code, out, _ = run("pull", "week01")
    assert code == 0
    assert "curriculum/week01_mini/lesson.py" in out
    assert "1 text(s) changed" in out


def test_pull_of_a_week_that_was_not_built(own_course, run):
    code, _, err = run("pull", "week01")
    assert code == 2
    assert "Run: tfcourse build" in err


def test_skills_shows_the_matrix(course, run):
    code, out, _ = run("skills")
    assert code == 0
    assert "B1" in out
    assert "week01.double, week01.line" in one_line(out)


def test_skills_check_fails_where_a_promise_is_not_kept(edit, run):
    edit("curriculum/week01_mini/lesson.py", ' skills=["B1"]', "")
    code, _, err = run("skills", "--check")
    assert code == 1
    assert "week01: expected a lesson section with skill B1" in err


def test_calibrate_of_a_function_is_a_message(course, run):
    code, _, err = run("calibrate", "week01.double")
    assert code == 2
    assert "Function checks have no ladder" in one_line(err)


def test_calibrate_of_an_unknown_check_is_a_message(course, run):
    assert run("calibrate", "week01.treble")[0] == 2


def test_calibrate_without_a_measurement_to_reuse_is_a_message(own_course, run):
    code, _, err = run("calibrate", "--reuse", "week01.line")
    assert code == 2
    assert "week01.line.json" in err


# ---------------------------------------------------------------------------- staff


def test_secret_is_written_once_and_never_printed(run, monkeypatch, tmp_path):
    path = tmp_path / "secret"
    monkeypatch.setenv("TFCOURSE_SECRET_FILE", str(path))
    code, out, err = run("secret")
    assert code == 0
    assert str(path) in one_line(out)
    first = path.read_text().strip()
    assert first not in out + err
    code, _, err = run("secret")
    assert code == 2
    assert "--new" in err
    assert run("secret", "--new")[0] == 0
    assert path.read_text().strip() != first


def test_doctor_tells_ok_note_and_bad(course, run, monkeypatch):
    from tfcourse import doctor
    from tfcourse.doctor import Finding

    findings = [
        Finding("python", True, "Python [3.11]"),
        Finding("sandbox", False, "no bubblewrap", "apt-get install bubblewrap", needed=False),
    ]
    monkeypatch.setattr(doctor, "examine", lambda: iter(findings))
    code, out, _ = run("doctor")
    assert code == 0
    assert "ok   python: Python [3.11]" in out
    assert "note sandbox: no bubblewrap" in out
    assert "apt-get install bubblewrap" in out
    findings.append(Finding("packages", False, "missing: keras", "Run: make setup"))
    code, out, _ = run("doctor")
    assert code == 1
    assert "bad  packages: missing: keras" in out
    assert "Run: make setup" in out
