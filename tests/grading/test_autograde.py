"""Our Autograde around a run: what is graded, skipped and done again, and what a bad submission costs others.

The engine executes cells in this process; the real one has tests of its own, and nbgrader's are in
test_autograde_suite.py.
"""

import asyncio
import json
import os
import shutil
import stat
from dataclasses import replace

import nbformat
import pytest
from fake_engine import COUNT_VARIABLE, InstantEngine
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde as StockAutograde
from nbgrader.converters.base import NbGraderException
from plain_course import autograde, converter, database_of, generate, grades, submission, submit, write_course

from tfcourse.errors import GraderBroken
from tfcourse.grading.batch import Clock, Observer, Status
from tfcourse.grading.jobs import Ending, Run
from tfcourse.grading.plan import Action
from tfcourse.grading.store import Store, StoreInUse
from tfcourse.kernels.errors import SandboxUnavailable

ALL = {"double": (2.0, False), "zero": (1.0, False), "partial": (4.0, False), "essay": (None, True)}
NOTHING = {"double": (0.0, False), "zero": (1.0, False), "partial": (0.0, False), "essay": (None, True)}


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    """The course as nbgrader generated it; to be copied."""
    root = tmp_path_factory.mktemp("generated")
    write_course(root)
    return root


@pytest.fixture
def root(generated, tmp_path, monkeypatch):
    monkeypatch.setenv(COUNT_VARIABLE, str(tmp_path / "count"))
    return shutil.copytree(generated, tmp_path, dirs_exist_ok=True)


def runs(root):
    """Return of whom there were runs, in order."""
    path = root / "count"
    return (
        [line.split()[1] for line in path.read_text().splitlines() if line.startswith("ended")] if path.exists() else []
    )


def autograded(root, student, name="p1.ipynb"):
    return root / "autograded" / student / "ps1" / name


def events(root, event):
    lines = (root / "receipts" / "log.jsonl").read_text().splitlines()
    return [row for row in map(json.loads, lines) if row["event"] == event]


# ---------------------------------------------------------------------------- grading


def test_points_arrive_in_the_gradebook_and_the_folder(root):
    submit(root, "ann", **{"data.txt": "mine"})
    submit(root, "bob", submission("0"))
    results = autograde(root)
    assert {student: result.status for student, result in results.items()} == {"ann": "graded", "bob": "graded"}
    assert (results["ann"].total, results["ann"].most) == (7.0, 10.0)
    assert results["ann"].points == {"p1/double": 2, "p1/zero": 1, "p1/partial": 4, "p1/essay": None}
    assert results["ann"].beside == ("p1/double", "p1/zero", "p1/partial")
    assert grades(root, "ann") == ALL
    assert grades(root, "bob") == NOTHING
    assert autograded(root, "ann", "data.txt").read_text() == "mine"
    assert stat.S_IMODE(autograded(root, "ann").stat().st_mode) == 0o444
    graded = nbformat.read(autograded(root, "ann"), as_version=4)
    assert graded.cells[3].outputs[0].data["text/plain"] == "4"


def test_nothing_is_left_half_written(root):
    submit(root, "ann")
    autograde(root)
    assert not list(root.rglob("*tfcourse-*"))
    assert os.listdir(root / "autograded" / "ann") == ["ps1"]


def test_it_is_nbgraders_autograde(root):
    made = converter(root)
    assert isinstance(made, StockAutograde)
    stock = StockAutograde.class_trait_names(config=True)
    assert set(stock) <= set(made.trait_names(config=True))


def test_grading_again_runs_nothing(root):
    submit(root, "ann")
    autograde(root)
    before = autograded(root, "ann").stat().st_mtime_ns
    results = autograde(root)
    assert results["ann"].status is Status.SKIPPED
    assert results["ann"].total == 7.0
    assert runs(root) == ["ann"]
    assert autograded(root, "ann").stat().st_mtime_ns == before


def test_force_runs_again(root):
    submit(root, "ann")
    autograde(root)
    autograde(root, force=True)
    assert runs(root) == ["ann", "ann"]


def test_a_changed_submission_runs_again_and_only_it(root):
    for student in ("ann", "bob"):
        submit(root, student)
    autograde(root)
    submit(root, "ann", submission("0"))
    autograde(root)
    assert sorted(runs(root)) == ["ann", "ann", "bob"]
    assert grades(root, "ann") == NOTHING


@pytest.mark.parametrize("change", ["assignment", "file", "bound"])
def test_a_changed_assignment_runs_again(root, change):
    submit(root, "ann")
    autograde(root)
    configure = None
    if change == "assignment":
        source = nbformat.read(root / "source" / "ps1" / "p1.ipynb", as_version=4)
        source.cells[2].source = "assert double(0) == 1"
        nbformat.write(source, root / "source" / "ps1" / "p1.ipynb")
        generate(root)
    elif change == "file":
        (root / "source" / "ps1" / "table.csv").write_text("1")
    else:

        def configure(config):
            config.Execute.timeout = 7

    autograde(root, configure=configure)
    assert runs(root) == ["ann", "ann"]
    assert grades(root, "ann")["zero"] == ((0.0, False) if change == "assignment" else (1.0, False))
    autograde(root, configure=configure)
    assert len(runs(root)) == 2


def test_removed_results_are_made_again(root):
    submit(root, "ann")
    autograde(root)
    shutil.rmtree(root / "autograded" / "ann" / "ps1")
    autograde(root)
    assert runs(root) == ["ann", "ann"]
    assert autograded(root, "ann").exists()


def test_a_manual_grade_survives_a_second_run(root):
    submit(root, "ann")
    autograde(root)
    with Gradebook(database_of(root)) as gradebook:
        grade = gradebook.find_grade("double", "p1", "ps1", "ann")
        grade.manual_score = 1.5
        gradebook.db.commit()
    autograde(root, force=True)
    with Gradebook(database_of(root)) as gradebook:
        grade = gradebook.find_grade("double", "p1", "ps1", "ann")
        assert (grade.manual_score, grade.auto_score, grade.needs_manual_grade) == (1.5, 2.0, True)


def test_lateness_is_recorded(root):
    folder = submit(root, "ann")
    with Gradebook(database_of(root)) as gradebook:
        gradebook.update_or_create_assignment("ps1", duedate="2015-02-02 12:00:00 UTC")
    (folder / "timestamp.txt").write_text("2015-02-02 13:00:00 UTC")
    autograde(root)
    with Gradebook(database_of(root)) as gradebook:
        assert gradebook.find_submission("ps1", "ann").total_seconds_late == 3600


def test_only_what_is_asked_for_is_graded(root):
    for student in ("ann", "bob", "cid"):
        submit(root, student)
    assert set(autograde(root, course={"student_id": "[ab]*"})) == {"ann", "bob"}
    assert set(autograde(root, course={"student_id_exclude": "ann"})) == {"bob", "cid"}


def test_one_notebook_of_two_leaves_the_other(tmp_path, monkeypatch):
    monkeypatch.setenv(COUNT_VARIABLE, str(tmp_path / "count"))
    write_course(tmp_path, names=("p1", "p2"))
    for name in ("p1", "p2"):
        submit(tmp_path, "ann", name=name)
    autograde(tmp_path)
    before = autograded(tmp_path, "ann", "p2.ipynb").read_bytes()
    submit(tmp_path, "ann", submission("0"), name="p1")
    submit(tmp_path, "ann", submission("0"), name="p2")
    autograde(tmp_path, course={"notebook_id": "p1"})
    assert autograded(tmp_path, "ann", "p2.ipynb").read_bytes() == before
    with Gradebook(database_of(tmp_path)) as gradebook:
        scores = {one.name: one.score for one in gradebook.find_submission("ps1", "ann").notebooks}
    assert scores == {"p1": 1.0, "p2": 7.0}
    results = autograde(tmp_path)
    assert results["ann"].total == 2.0


def test_without_execution_nothing_is_run_and_a_later_run_is_no_repetition(root):
    def configure(config):
        config.Execute.enabled = False
        config.ClearOutput.enabled = False

    notebook = submission("0")
    notebook.cells[1].outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "0.5"}, execution_count=1)]
    submit(root, "ann", notebook)
    autograde(root, configure=configure)
    assert runs(root) == []
    assert grades(root, "ann")["double"] == (0.5, False)
    autograde(root)
    assert runs(root) == ["ann"]
    assert grades(root, "ann") == NOTHING
    autograde(root, configure=configure)
    assert grades(root, "ann") == NOTHING


def test_a_dry_run_changes_nothing(root):
    submit(root, "ann")
    submit(root, "bob")
    autograde(root, course={"student_id": "bob"})
    (submit(root, "cid") / "p1.ipynb").write_text("{")
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file()}
    made = converter(root, dry_run=True)
    made.start()
    plans = [getattr(one, "action", getattr(one, "status", None)) for one in made.plans]
    assert plans == [Action.RUN, Action.SKIP, Status.FAILED]
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file()} == before
    assert runs(root) == ["bob"]


def test_hooks_are_called_and_what_they_change_is_run(root):
    submit(root, "ann", submission("0"))
    called = []

    def before(assignment, student, notebooks):
        called.append(("before", [os.path.basename(name) for name in notebooks]))
        submit(root, "ann", submission("2 * x"))

    def after(assignment, student, notebooks):
        called.append(("after", assignment))

    autograde(root, pre_convert_hook=before, post_convert_hook=after)
    assert called == [("before", ["p1.ipynb"]), ("after", "ps1")]
    assert grades(root, "ann") == ALL
    autograde(root, pre_convert_hook=before)
    assert len(called) == 2


def test_it_works_where_an_event_loop_runs_already(root):
    """nbgrader's formgrader calls it from a web server's handler."""
    submit(root, "ann")

    async def handler():
        return autograde(root)

    assert asyncio.run(handler())["ann"].status is Status.GRADED


# ---------------------------------------------------------------------------- bad submissions


def spoil(root, student, kind):
    """Make a submission bad; return what its reason must say."""
    folder = submit(root, student)
    path = folder / "p1.ipynb"
    table = json.loads(path.read_text())
    marks = [cell["metadata"].get("nbgrader") for cell in table["cells"]]
    if kind == "renamed":
        path.rename(folder / "P1 (1).ipynb")
        return "Expected p1.ipynb; found P1 (1).ipynb. Was it renamed?"
    if kind == "truncated":
        path.write_bytes(path.read_bytes()[:400])
        return "cannot be read"
    if kind == "empty":
        path.write_text("")
        return "cannot be read"
    if kind == "huge":
        with path.open("ab") as file:
            file.truncate(100 * 2**20)
        return "at most 50 MB"
    if kind == "binary":
        path.write_bytes(bytes(range(256)))
        return "cannot be read"
    if kind == "timestamp":
        (folder / "timestamp.txt").write_text("soon")
        return "invalid timestamp"
    if kind == "duplicated":
        table["cells"].append(table["cells"][1])
    elif kind == "old":
        for mark in marks:
            mark["schema_version"] = 1
    elif kind == "typed":
        for mark in marks:
            mark.update(grade="yes", points=[], schema_version="3")
    elif kind == "unknown":
        marks[1]["grade_id"] = "from_another_assignment"
    path.write_text(json.dumps(table))
    return ""


@pytest.mark.parametrize(
    "kind",
    ["renamed", "truncated", "empty", "huge", "binary", "timestamp", "duplicated", "old", "typed", "unknown"],
)
def test_a_bad_submission_fails_alone_and_says_why(root, kind):
    """With nbgrader's stock preprocessors, which are stricter than the course's own."""
    reason = spoil(root, "bad", kind)
    for student in ("ann", "zoe"):
        submit(root, student)
    results = autograde(root)
    assert results["bad"].status is Status.FAILED
    assert reason in results["bad"].reason
    assert len(results["bad"].reason) > 20
    assert "Traceback" not in results["bad"].reason
    assert not (root / "autograded" / "bad" / "ps1").exists()
    for student in ("ann", "zoe"):
        assert grades(root, student) == ALL
    assert events(root, "failed")[0]["student"] == "bad"
    with pytest.raises(NbGraderException):
        converter(root).start()


def course_preprocessors(config):
    """The list of the course's nbgrader_config.py."""
    config.Autograde.sanitize_preprocessors = [
        "nbgrader.preprocessors.ClearOutput",
        "tfcourse.grading.nbgrader.RestoreCells",
        "nbgrader.preprocessors.OverwriteKernelspec",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]


def tamper(notebook, kind):
    cells = notebook.cells
    test = cells[1]
    mark = test.metadata.nbgrader
    if kind == "deleted":
        del cells[1]
    elif kind == "all deleted":
        del cells[1:]
    elif kind == "duplicated":
        cells.insert(1, nbformat.from_dict({**test, "source": "2.0", "id": "copy"}))
    elif kind == "emptied":
        test.source = ""
    elif kind == "edited":
        test.source = "2.0"
    elif kind == "solution":
        mark.update(solution=True, locked=False)
        test.source = "2.0"
    elif kind == "ungraded":
        mark.update(grade=False, locked=False)
        test.source = "2.0"
    elif kind == "worth more":
        mark["points"] = 100
    elif kind == "markdown":
        cells[1] = nbformat.v4.new_markdown_cell("2.0", metadata=test.metadata)
    elif kind == "task":
        mark.update(task=True, grade=False)
    elif kind == "old":
        mark["schema_version"] = 1
    elif kind == "typed":
        mark.update(grade="yes", points=[], schema_version="3", locked=None)
    elif kind == "skipped":
        test.metadata["tags"] = ["skip-execution", "raises-exception"]
    elif kind == "renamed":
        mark["grade_id"] = "zero_2"
    elif kind == "swapped":
        mark["grade_id"], cells[2].metadata.nbgrader["grade_id"] = "zero", "double"
    elif kind == "nameless":
        del mark["grade_id"]


KINDS = [
    "deleted", "all deleted", "duplicated", "emptied", "edited", "solution", "ungraded", "worth more", "markdown",
    "task", "old", "typed", "skipped", "renamed", "swapped", "nameless",
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_with_the_courses_preprocessors_tampering_is_harmless(root, kind):
    """Wrong answers get what they get without it, right ones too, and nobody needs staff for it."""
    for student, answer in (("right", "2 * x"), ("wrong", "0")):
        notebook = submission(answer)
        tamper(notebook, kind)
        submit(root, student, notebook)
    results = autograde(root, configure=course_preprocessors)
    assert {student: result.reason for student, result in results.items()} == {"right": "", "wrong": ""}
    assert grades(root, "wrong") == NOTHING
    assert grades(root, "right") == ALL


def test_a_link_in_a_submission_reads_nothing(root):
    folder = submit(root, "ann")
    (folder / "innocent.db").symlink_to(root / "gradebook.db")
    results = autograde(root)
    assert results["ann"].status is Status.GRADED
    assert "innocent.db" in results["ann"].reason
    assert not autograded(root, "ann", "innocent.db").exists()


def test_no_student_is_made_where_none_may_be(root):
    submit(root, "ann")
    results = autograde(root, create_student=False)
    assert results["ann"].reason == "No student with ID 'ann' exists in the database"
    with Gradebook(database_of(root)) as gradebook:
        assert gradebook.students == []


# ---------------------------------------------------------------------------- what the engine may do


class Scripted(InstantEngine):
    """Does for some students what their names say."""

    async def run(self, job):
        student = job.files["student.txt"].decode()
        if student == "raises":
            raise GraderBroken("The key could not be drawn.")
        if student == "crashes":
            raise RuntimeError("a defect that nobody foresaw")
        if student == "forgets":
            return Run(job.id, ())
        run = await super().run(job)
        (notebook,) = run.notebooks
        changes = {
            "dies": {"ending": Ending.KERNEL_DIED, "reason": "It left.", "finished": 2},
            "fails": {"ending": Ending.FAILED, "reason": "The disk is full."},
            "hostile": {"content": b'{"cells": [' + b"[" * 10_000},
            "floods": {"content": b" " * 60_000_000},
        }.get(student, {})
        files = (
            {"../../escape.txt": b"x", "p1.ipynb": b"forged", "fine.txt": b"y"} if student == "writes" else run.files
        )
        notebook = replace(notebook, **changes)
        return Run(job.id, (notebook,), files)


def test_an_early_end_costs_what_did_not_run(root):
    submit(root, "dies")
    submit(root, "zoe")
    results = autograde(root, engine=Scripted)
    assert results["dies"].status is Status.GRADED
    assert (results["dies"].ending, results["dies"].reason) == (Ending.KERNEL_DIED, "It left.")
    assert grades(root, "dies") == {**ALL, "zero": (0.0, False), "partial": (0.0, False)}
    assert events(root, "recorded")[0]["unjudged"].keys() == {"p1/zero", "p1/partial"}
    assert grades(root, "zoe") == ALL
    autograde(root, engine=Scripted)
    assert len(runs(root)) == 2


def test_a_failed_run_goes_to_staff_and_is_due_again(root):
    submit(root, "fails")
    results = autograde(root, engine=Scripted)
    assert results["fails"].status is Status.BROKEN
    assert set(grades(root, "fails").values()) == {(None, True)}
    assert autograded(root, "fails").exists()
    assert autograde(root)["fails"].status is Status.GRADED
    assert grades(root, "fails") == ALL


@pytest.mark.parametrize("student", ["raises", "forgets"])
def test_a_defect_of_ours_leaves_what_is_there_and_the_others(root, student):
    submit(root, student)
    autograde(root)
    submit(root, "zoe")
    results = autograde(root, engine=Scripted, force=True)
    assert results[student].status is Status.BROKEN
    assert results["zoe"].status is Status.GRADED
    assert grades(root, student) == ALL
    assert autograded(root, student).exists()


def test_an_error_that_nobody_foresaw_costs_one_submission(root):
    submit(root, "crashes")
    submit(root, "zoe")
    results = autograde(root, engine=Scripted)
    assert results["crashes"].status is Status.FAILED
    assert "nobody foresaw" in results["crashes"].reason
    assert "Traceback" in events(root, "failed")[0]["details"]
    assert results["zoe"].status is Status.GRADED


@pytest.mark.parametrize("student", ["hostile", "floods"])
def test_what_cannot_be_read_is_recorded_with_the_reason(root, student):
    submit(root, student)
    result = autograde(root, engine=Scripted)[student]
    assert result.status is Status.GRADED
    assert result.reason.startswith("Expected an executed notebook")
    assert grades(root, student) == {**NOTHING, "zero": (0.0, False)}


def test_files_that_a_run_leaves_stay_where_they_belong(root):
    submit(root, "writes")
    autograde(root, engine=Scripted, hand_back_files=True)
    assert autograded(root, "writes", "fine.txt").read_text() == "y"
    assert b"forged" not in autograded(root, "writes").read_bytes()
    assert not list(root.rglob("escape.txt"))


def test_files_that_a_run_leaves_are_not_handed_back(root):
    """A learner's code has seen hidden inputs, and what is in autograded/ goes back with feedback."""
    submit(root, "writes", **{"data.txt": "mine"})
    autograde(root, engine=Scripted)
    folder = root / "autograded" / "writes" / "ps1"
    assert sorted(path.name for path in folder.rglob("*")) == ["data.txt", "p1.ipynb", "student.txt"]
    assert b"forged" not in autograded(root, "writes").read_bytes()
    assert not list(root.rglob("escape.txt"))


class NoSandbox(InstantEngine):
    async def __aenter__(self):
        raise SandboxUnavailable("bubblewrap is not installed")


def test_without_a_sandbox_nothing_is_graded_and_the_cause_is_told(root):
    submit(root, "ann")
    made = converter(root, engine=NoSandbox)
    with pytest.raises(NbGraderException, match="bubblewrap is not installed"):
        made.start()
    assert isinstance(made.failure, SandboxUnavailable)
    assert not (root / "autograded").exists()


def test_the_engine_is_not_started_for_nothing(root):
    submit(root, "ann")
    autograde(root)
    assert autograde(root, engine=NoSandbox)["ann"].status is Status.SKIPPED


def test_the_engine_is_told_what_it_needs(root):
    told = {}

    class Asking(InstantEngine):
        def __init__(self, **options):
            told.update(options)

        async def run(self, job):
            told["job"] = job
            return await super().run(job)

    def configure(config):
        config.Execute.timeout = 7
        config.GradingBounds.memory_megabytes = 123
        config.GradingBounds.notebook_seconds = 45.0

    submit(root, "ann")
    autograde(root, engine=Asking, configure=configure, sandbox=False, workers=3)
    job = told.pop("job")
    assert told == {
        "course": None, "seeds": {}, "predictable": True, "secret_id": "", "workers": 3, "confined": False,
    }  # fmt: skip
    assert (job.bounds.cell_seconds, job.bounds.notebook_seconds, job.bounds.limits.memory_megabytes) == (7, 45, 123)
    assert "ann" not in job.id
    assert job.environment == {"NBGRADER_EXECUTION": "autograde"}
    assert "grade_id" in job.notebooks["p1"].decode()


# ---------------------------------------------------------------------------- batches


def test_runs_go_side_by_side_and_are_planned_one_by_one(root):
    together, planned, most = set(), [], []

    class Counting(InstantEngine):
        async def run(self, job):
            together.add(job.id)
            most.append(len(together))
            planned.append(int(job.id[:5]))
            await asyncio.sleep(0.05)
            together.remove(job.id)
            return await super().run(job)

    class Watching(Observer):
        done = 0

        def ended(self, result):
            self.done += 1
            # Never much further planned than run: five hundred submissions need no more memory than five.
            assert max(planned) <= self.done + 2 + 2

    for number in range(12):
        submit(root, f"s{number:02d}")
    made = converter(root, engine=Counting, workers=2)
    made.observer = Watching()
    made.start()
    assert max(most) == 2
    assert len(made.results) == 12


def test_two_batches_at_a_time_are_refused(root):
    submit(root, "ann")
    with Store(root / "receipts").locked():
        made = converter(root)
        with pytest.raises(NbGraderException, match="Expected to be the only one grading"):
            made.start()
    assert isinstance(made.failure, StoreInUse)
    assert autograde(root)["ann"].status is Status.GRADED


def interrupted(*arguments, **options):
    raise KeyboardInterrupt


def test_a_stored_run_is_recorded_without_running_again(root, monkeypatch):
    submit(root, "ann")
    made = converter(root)
    monkeypatch.setattr("tfcourse.grading.recorder.Recorder.record", interrupted)
    with pytest.raises(KeyboardInterrupt):
        made.start()
    monkeypatch.undo()
    monkeypatch.setenv(COUNT_VARIABLE, str(root / "count"))
    assert not (root / "autograded" / "ann").exists()
    result = autograde(root, engine=NoSandbox)["ann"]
    assert (result.status, result.ran) == (Status.GRADED, False)
    assert grades(root, "ann") == ALL
    assert runs(root) == ["ann"]


def test_a_stored_run_of_something_else_is_not_recorded(root, monkeypatch):
    submit(root, "ann")
    monkeypatch.setattr("tfcourse.grading.recorder.Recorder.record", interrupted)
    with pytest.raises(KeyboardInterrupt):
        converter(root).start()
    monkeypatch.undo()
    submit(root, "ann", submission("0"))
    assert autograde(root)["ann"].ran
    assert grades(root, "ann") == NOTHING


def test_what_a_killed_process_left_is_removed(root):
    submit(root, "ann")
    left = root / "autograded" / "ann" / ".ps1.tfcourse-12345678"
    left.mkdir(parents=True)
    (left / "p1.ipynb").write_text("half")
    autograde(root)
    assert os.listdir(root / "autograded" / "ann") == ["ps1"]


def test_what_stock_nbgrader_graded_is_left_alone_and_what_it_left_half_way_is_not(root):
    """Killed while it runs a notebook, stock nbgrader leaves it ungraded and calls it existing ever after."""
    for student in ("done", "killed"):
        submit(root, student)
    autograde(root)
    for student in ("done", "killed"):
        for path in (root / "receipts" / student / "ps1").rglob("*"):
            if path.is_file():
                path.unlink()
    with Gradebook(database_of(root)) as gradebook:
        for grade in gradebook.find_submission_notebook("p1", "ps1", "killed").grades:
            grade.auto_score, grade.needs_manual_grade = None, False
        gradebook.db.commit()
    results = autograde(root)
    assert {student: result.status for student, result in results.items()} == {"done": "skipped", "killed": "graded"}
    assert grades(root, "killed") == ALL


def test_a_database_that_cannot_be_written_ends_the_batch_and_loses_no_run(root):
    submit(root, "ann")

    class Breaking(InstantEngine):
        async def run(self, job):
            run = await super().run(job)
            (root / "gradebook.db").rename(root / "away.db")
            (root / "gradebook.db").mkdir()
            return run

    with pytest.raises(NbGraderException, match="error accessing the nbgrader database"):
        converter(root, engine=Breaking).start()
    (root / "gradebook.db").rmdir()
    (root / "away.db").rename(root / "gradebook.db")
    assert autograde(root, engine=NoSandbox)["ann"].status is Status.GRADED
    assert grades(root, "ann") == ALL


def test_time_left_is_told_from_what_was_run():
    clock = Clock(4)
    assert clock.left() is None
    clock.tick(ran=False)
    assert clock.left() is None
    clock.began -= 10
    clock.tick(ran=True)
    assert clock.left() == pytest.approx(20, abs=0.5)
