"""`tfcourse autograde`: arguments, exit codes, progress and summary; the engine is a stand-in."""

import io
import json
import shutil

import pytest
from fake_engine import InstantEngine
from plain_course import database_of, grades, submission, submit, write_course
from rich.console import Console

from tfcourse.course import Course
from tfcourse.errors import CourseError, GraderBroken
from tfcourse.grading.autograde import run
from tfcourse.grading.jobs import Ending
from tfcourse.kernels.errors import SandboxUnavailable, ServerDied

ENGINE = "--Autograde.engine_factory=fake_engine.InstantEngine"


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    root = tmp_path_factory.mktemp("generated")
    write_course(root)
    return root


@pytest.fixture
def root(generated, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(generated, tmp_path, dirs_exist_ok=True)
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'plain'\n")
    return tmp_path


def command(root, *arguments, terminal=False):
    """Return exit code, summary and what was told on the way."""
    show, errors = (Console(file=io.StringIO(), width=160, force_terminal=terminal, highlight=False) for _ in range(2))
    code = 0
    try:
        run(Course(root, "Plain", "always", ()), [*arguments], show=show, errors=errors)
    except SystemExit as end:
        code = end.code
    return code, show.file.getvalue(), errors.file.getvalue()


def test_all_graded_ends_with_0_and_a_summary(root):
    submit(root, "ann")
    submit(root, "bob", submission("0"))
    code, summary, told = command(root, "ps1", ENGINE)
    assert code == 0
    assert "2 graded" in summary
    rows = {line.split()[0]: line.split() for line in summary.splitlines() if line[:3] in ("ann", "bob", "stu")}
    assert rows["student"][1:6] == ["double", "zero", "partial", "essay", "total"]
    assert rows["ann"][1:8] == ["2", "1", "4", "staff", "7", "of", "10"]
    assert rows["bob"][1:8] == ["0", "1", "0", "staff", "1", "of", "10"]
    lines = sorted(line.split("] ")[1].split(",")[0] for line in told.splitlines())
    assert lines == ["ann: complete", "bob: complete"]
    assert grades(root, "ann")["double"] == (2.0, False)


def test_some_failed_ends_with_1_and_the_reason(root):
    submit(root, "ann")
    (submit(root, "bad") / "p1.ipynb").write_text("{oops")
    code, summary, told = command(root, "ps1", ENGINE)
    assert code == 1
    assert "1 graded, 1 failed" in summary
    assert "it cannot be read" in " ".join(summary.split())
    assert "bad: failed: Expected a Jupyter notebook in p1.ipynb" in told
    assert "Traceback" not in told


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "Expected one week; found none"),
        (["ps1", "ps2"], "Expected one week; found ps1 ps2"),
        (["week77"], "week77"),
    ],
)
def test_wrong_arguments_are_told(root, arguments, complaint):
    with pytest.raises(CourseError, match=complaint):
        command(root, *arguments)


def test_a_week_that_was_not_generated_is_told(course, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    show = Console(file=io.StringIO())
    with pytest.raises(CourseError, match="Run: nbgrader generate_assignment week01 --force"):
        run(course, ["week01", f"--db=sqlite:///{tmp_path / 'gradebook.db'}"], show=show, errors=show)


def test_no_submissions_ends_with_2(root):
    code, _, told = command(root, "ps1", ENGINE)
    assert code == 2
    assert "No notebooks were matched by" in told


def test_two_at_a_time_end_with_2(root):
    from tfcourse.grading.store import Store

    submit(root, "ann")
    with Store(root / "receipts").locked():
        code, _, told = command(root, "ps1", ENGINE)
    assert code == 2
    assert "Expected to be the only one grading" in told


class Defect(InstantEngine):
    async def run(self, job):
        raise GraderBroken("The key is lost.")


class NoSandbox(InstantEngine):
    async def __aenter__(self):
        raise SandboxUnavailable("Expected bubblewrap; found none. Install it.")


class NoServer(InstantEngine):
    async def __aenter__(self):
        raise ServerDied("It could not import tensorflow.")


class NoCourse(InstantEngine):
    async def __aenter__(self):
        raise GraderBroken("The task could not be drawn.")


@pytest.mark.parametrize(
    ("engine", "expected", "reason"),
    [
        (Defect, 3, "The key is lost."),
        (NoServer, 3, "It could not import tensorflow."),
        (NoCourse, 3, "The task could not be drawn."),
        (NoSandbox, 4, "Expected bubblewrap; found none. Install it."),
    ],
)
def test_exit_codes_of_what_is_not_the_submissions_fault(root, monkeypatch, engine, expected, reason):
    monkeypatch.setattr("fake_engine.InstantEngine", engine)
    submit(root, "ann")
    code, summary, told = command(root, "ps1", ENGINE)
    assert code == expected
    assert reason in summary + told


def test_arguments_mean_what_they_mean_to_nbgrader(root):
    for student in ("ann", "bob"):
        submit(root, student)
    other = f"sqlite:///{root / 'other.db'}"
    shutil.copy(root / "gradebook.db", root / "other.db")
    code, _, _ = command(root, "--assignment=ps1", "--student", "ann", "--db", other, "--notebook=p1", ENGINE)
    assert code == 0
    assert [path.name for path in (root / "autograded").iterdir()] == ["ann"]
    assert grades(root, "ann", other)["double"] == (2.0, False)
    with pytest.raises(Exception, match="No such submission"):
        grades(root, "ann", database_of(root))
    _, summary, _ = command(root, "ps1", "--student=ann", "--db", other, ENGINE)
    assert "1 skipped" in summary
    _, summary, _ = command(root, "ps1", "--student=ann", "--db", other, "-f", ENGINE)
    assert "1 graded" in summary


def test_our_own_arguments_reach_the_engine(root, monkeypatch):
    told = {}

    class Asking(InstantEngine):
        def __init__(self, **options):
            told.update(options)

    monkeypatch.setattr("fake_engine.InstantEngine", Asking)
    submit(root, "ann")
    log = root / "elsewhere.jsonl"
    _, _, said = command(root, "ps1", "--workers", "3", "--no-sandbox", f"--log={log}", ENGINE)
    assert (told["workers"], told["confined"]) == (3, False)
    assert "No sandbox: submissions run with your rights" in said
    assert [json.loads(line)["event"] for line in log.read_text().splitlines()] == ["batch", "ran", "recorded", "end"]


def test_a_scheduler_is_given_to_the_cluster(root, monkeypatch):
    told = {}

    class Cluster(InstantEngine):
        def __init__(self, **options):
            told.update(options)

    monkeypatch.setattr("fake_engine.InstantEngine", Cluster)
    submit(root, "ann")
    assert command(root, "ps1", "--scheduler", "tcp://127.0.0.1:1", ENGINE)[0] == 0
    assert told["scheduler"] == "tcp://127.0.0.1:1"


def test_a_dry_run_prints_the_plan_and_changes_nothing(root):
    submit(root, "ann")
    before = sorted(root.rglob("*"))
    code, plan, _ = command(root, "ps1", "--dry-run", ENGINE)
    assert code == 0
    assert "nothing was changed" in plan
    assert "ann      be run  not graded yet  p1" in plan
    assert sorted(root.rglob("*")) == before
    command(root, "ps1", ENGINE)
    assert "be skipped" in command(root, "ps1", "--dry-run", ENGINE)[1]


def test_no_execute_runs_nothing(root, monkeypatch):
    monkeypatch.setattr("fake_engine.InstantEngine", Defect)
    submit(root, "ann")
    code, summary, _ = command(root, "ps1", "--no-execute", ENGINE)
    assert code == 0
    assert "1 graded" in summary


def test_an_early_end_is_in_the_summary(root, monkeypatch):
    class Dying(InstantEngine):
        async def run(self, job):
            from dataclasses import replace

            run = await super().run(job)
            ended = replace(run.notebooks[0], ending=Ending.OUT_OF_MEMORY, reason="It took 3 GB of 2.", finished=2)
            return replace(run, notebooks=(ended,))

    monkeypatch.setattr("fake_engine.InstantEngine", Dying)
    submit(root, "ann")
    code, summary, told = command(root, "ps1", ENGINE)
    assert code == 0
    assert "out of memory" in summary
    assert "It took 3 GB of 2." in summary
    assert "ann: out of memory, 2 of 10" in told


def test_a_terminal_gets_a_bar(root):
    for number in range(3):
        submit(root, f"s{number}")
    code, _, told = command(root, "ps1", ENGINE, terminal=True)
    assert code == 0
    assert "3/3" in told


def test_markup_in_a_reason_is_harmless(root):
    notebook = submission()
    notebook.metadata["kernelspec"] = {"name": "[/bold]", "display_name": "x"}
    config = root / "nbgrader_config.py"
    setting = "c.Autograde.sanitize_preprocessors = ['nbgrader.preprocessors.ClearOutput']"
    config.write_text(f"{config.read_text()}{setting}\n")
    submit(root, "ann", notebook)
    code, summary, told = command(root, "ps1", ENGINE)
    assert code == 1
    assert "[/bold]" in summary
    assert "[/bold]" in told
