"""`tfcourse exam …`: what is typed, and one clear line where it is wrong."""

import re

import pytest

from tfcourse.checks.records import Outcome
from tfcourse.errors import GraderBroken
from tfcourse.exam import commands, submission
from tfcourse.exam.session import find_session, sessions, start, start_drill
from tfcourse.examiner import model_server
from tfcourse.reports.progress import Progress
from tfcourse.texts import printable

from .conftest import ask_fake


@pytest.fixture(autouse=True)
def warmed(monkeypatch):
    """Whether the process that loads model files was to be started; it is not."""
    warmed = []
    monkeypatch.setattr(model_server, "warm_up", lambda: warmed.append(True))
    monkeypatch.setattr(submission.submit, "__kwdefaults__", {"ask_model": ask_fake})
    return warmed


@pytest.fixture
def line(course, clock):
    return next(found for found in (start(course, seed=f"{n}") for n in range(9)) if "line" in found.places[0].check_id)


def words(text):
    return re.sub(r"\s+", " ", text)


def test_start_draws_starts_the_clock_and_says_where_to_work(course, run, warmed, clock):
    code, out, err = run("start", "--minutes", "90", "--seed", "a")
    assert (code, err) == (0, "")
    (found,) = sessions(course)
    assert (found.minutes, found.seed, found.mode) == (90, "a", "exam")
    assert f"{found.id}: 1 h 30 min left" in out
    assert str(found.root) in out.replace("\n", "")
    assert "1 1-basic 20 % 0" in words(out)
    assert warmed == [True]


def test_minutes_are_the_plans_by_default(course, run):
    assert run("start")[0] == 0
    assert find_session(course).minutes == 60


@pytest.mark.parametrize("minutes", ["0", "-1", "10081"])
def test_start_with_minutes_that_make_no_sense(course, run, minutes):
    code, _, err = run("start", "--minutes", minutes)
    assert code == 2
    assert words(err).startswith(f"✗ Expected 1 to 10080 minutes; found {minutes}.")
    assert sessions(course) == []


def test_drill_draws_one_problem(course, run, warmed):
    code, out, _ = run("drill", "text", "--seed", "b")
    (found,) = sessions(course)
    assert (code, found.mode, found.seed) == (0, "drill", "b")
    assert f"{found.id}: a drill: no end" in out
    assert "Score" not in out
    assert warmed == [True]


def test_drill_of_an_unknown_kind(course, run):
    code, _, err = run("drill", "txt")
    assert code == 2
    assert "(basic, images, text); found 'txt'. Did you mean text?" in words(err)


def test_what_was_typed_is_told_as_it_can_be_shown(course, run):
    code, _, err = run("drill", "\x1b[31mred")
    assert code == 2
    assert "\\x1b[31mred" in err
    assert "\x1b" not in err


def test_status_shows_the_clock_the_best_and_the_others(course, run, line, clock):
    other = start(course, minutes=1)
    clock.advance(minutes=2)
    line.note(
        "submitted", problem=1, number=1, points=4.0, outcome="o", message="m", way="page", file="f", sha256="", size=1
    )
    code, out, _ = run("status", "--exam", line.id)
    assert code == 0
    assert re.search(rf"{line.id}: 5\d min \d+ s left", out)
    assert "4 of 5 1" in words(out)
    assert "Score: 16 %. Candidates report about 90 % to pass." in out
    assert re.search(rf"{other.id} 0 % over", words(out))


def test_status_of_one_that_is_over(course, run, line, clock):
    clock.advance(days=1)
    assert f"{line.id}: its time is over" in run("status", "--exam", line.id)[1]


def test_where_several_run_the_message_names_them(course, run, clock):
    one, two = start(course), start(course)
    for command in (["status"], ["submit", "1", "m.keras"], ["finish", "--yes"], ["report"]):
        code, _, err = run(*command)
        assert code == 2
        assert f"found 2 that run: {one.id}, {two.id}. Say --exam ID." in words(err)
        assert err.count("✗") == 1


@pytest.mark.parametrize("command", [["status"], ["submit", "1", "m.keras"], ["finish", "--yes"], ["report"]])
def test_without_an_exam_one_line_says_how_to_begin(run, command):
    code, out, err = run(*command)
    assert (code, out) == (2, "")
    assert words(err).strip() == "✗ Expected an exam; none was begun. Run: tfcourse exam start"


@pytest.mark.parametrize("command", [["status"], ["submit", "1", "m.keras"], ["finish", "--yes"], ["report"]])
def test_an_exam_that_there_is_not(course, run, line, command):
    code, out, err = run(*command, "--exam", "2020-01-01-1")
    assert (code, out) == (2, "")
    assert words(err).startswith("✗ Expected an exam of this course (")
    assert line.tries() == []


def test_submit_shows_points_ladder_best_and_time(course, run, line, tmp_path):
    file = tmp_path / "m.keras"
    file.write_text("0.3")
    code, out, err = run("submit", "1", str(file), "--exam", line.id)
    assert (code, err) == (0, "")
    assert "A line: 4 of 5 points, on the way" in out
    assert "5 · ≤" in words(out)
    assert re.search(r"Try 1 of problem 1; its best is 4 of 5\. (1 h 00|5\d) min .*left\.", words(out))
    assert Progress(course).events()[0].kind == "exam"


@pytest.mark.parametrize("number", ["0", "4", "99"])
def test_submit_to_a_problem_that_there_is_not(course, run, line, number):
    code, out, err = run("submit", number, "m.keras", "--exam", line.id)
    assert (code, out) == (2, "")
    assert f"Expected a problem of {line.id} (1, 2, 3); found '{number}'." in words(err)
    assert line.tries() == []


def test_submit_to_a_problem_that_is_no_number(course, run, line):
    code, out, err = run("submit", "one", "m.keras")
    assert code == 2
    assert "'one' is not a valid integer" in err
    assert "Traceback" not in out + err


@pytest.mark.parametrize(("name", "found"), [("m.txt", "m.txt"), ("garbage.keras", "garbage")])
def test_submit_of_what_is_no_model_is_a_try_says_why_and_ends_with_4(
    course, run, line, tmp_path, monkeypatch, name, found
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text("garbage")
    code, out, _ = run("submit", "1", name, "--exam", line.id)
    assert code == 4
    assert "0 of 5 points, cannot be scored" in out
    assert f"found {found}" in words(out)
    assert line.tries()[0].outcome == str(Outcome.MISTAKE)


@pytest.mark.parametrize("name", ["nowhere.keras", ".", "deep/m.keras", "\x1b[31mred.keras"])
def test_a_typing_error_is_no_try(course, run, line, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    code, out, err = run("submit", "1", name, "--exam", line.id)
    assert (code, out) == (2, "")
    assert f"Expected a model's file; found none at {printable(name)}. No try was counted." in words(err)
    assert "\x1b" not in err
    assert line.tries() == []


def test_a_model_without_points_was_scored_all_the_same(course, run, line, tmp_path):
    (tmp_path / "m.keras").write_text("9.0")
    code, out, _ = run("submit", "1", str(tmp_path / "m.keras"), "--exam", line.id)
    assert code == 0
    assert "0 of 5 points" in out


def test_the_exit_codes_are_told(run):
    out = words(run("submit", "--help")[1])
    assert "Ends with 0 where the model was scored, whatever its points, and with 4 where the file cannot" in out
    assert "Ends with 0, with 1 where staff must look at something, with 2" in words(run("grade", "--help")[1])


def test_submit_too_late(course, run, line, clock, tmp_path):
    (tmp_path / "m.keras").write_text("0.0")
    clock.advance(days=1)
    code, out, err = run("submit", "1", str(tmp_path / "m.keras"), "--exam", line.id)
    assert (code, out) == (2, "")
    assert f"{line.id} takes no more models: its time is over." in words(err)


def test_our_own_defect_ends_with_3_and_costs_no_try(course, run, line, tmp_path, monkeypatch):
    def broken(*arguments):
        raise GraderBroken("no process")

    monkeypatch.setattr(submission.submit, "__kwdefaults__", {"ask_model": broken})
    (tmp_path / "m.keras").write_text("0.0")
    code, out, err = run("submit", "1", str(tmp_path / "m.keras"), "--exam", line.id)
    assert (code, out) == (3, "")
    assert "This is our fault, not yours: no process" in words(err)
    assert line.tries() == []


def test_finish_ends_it_once(course, run, line):
    code, out, _ = run("finish", "--yes", "--exam", line.id)
    assert code == 0
    assert line.over_because == "finished"
    assert f"tfcourse exam report --exam {line.id}" in words(out)
    assert "is over already" in run("finish", "--yes", "--exam", line.id)[1]
    assert [event["event"] for event in line.events()] == ["started", "finished"]


def test_finish_asks_first(course, run, line, monkeypatch):
    asked = []
    monkeypatch.setattr(commands.click, "confirm", lambda text: bool(asked.append(text)))
    assert run("finish", "--exam", line.id)[0] == 0
    assert asked == [f"Finish {line.id}? It takes no more models then."]
    assert line.over_because is None


def test_report_is_written_into_the_exams_folder(course, run, line):
    code, out, _ = run("report", "--exam", line.id)
    assert code == 0
    assert (line.root / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert str(line.root / "report.html") in out.replace("\n", "")


def test_a_folder_with_brackets_in_its_name_is_shown_as_it_is(course, run, monkeypatch, tmp_path):
    monkeypatch.setenv("TFCOURSE_WORK", str(tmp_path / "my [bold] work"))
    code, out, _ = run("drill", "text")
    assert code == 0
    assert "my [bold] work" in words(out)


def test_a_course_without_an_exam(own_course, run, monkeypatch):
    monkeypatch.setenv("TFCOURSE_ROOT", str(own_course.root))
    for command in (["start"], ["drill", "text"]):
        code, _, err = run(*command)
        assert code == 2
        assert "Expected a course with an exam; found no curriculum/exam/exam.toml." in words(err)


def test_a_damaged_exam_does_not_harm_the_others(course, run, line):
    bad = start_drill(course, "text")
    (bad.root / ".exam" / "session.json").write_text('{"places": []}')
    assert run("status")[0] == 0 or "found 2" not in run("status")[2]
    code, _, err = run("status", "--exam", bad.id)
    assert code == 2
    assert "Expected an exam of this course" in words(err)
