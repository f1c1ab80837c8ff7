"""The class that nbgrader's stock command grades in test_nbgrader.py, graded by `tfcourse autograde` for real."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from tfcourse.grading.cells import receipts
from tfcourse.grading.demo import recorded_points
from tfcourse.grading.store import Store

REPOSITORY = Path(__file__).parents[2]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed"),
]


@pytest.fixture(scope="module")
def batch(graded, tmp_path_factory):
    """The same submissions in a course directory of their own, and some more; graded in one batch."""
    folder = tmp_path_factory.mktemp("class")
    for name in ("source", "submitted"):
        shutil.copytree(graded.folder / name, folder / name)
    more = {
        "leaver": "import os\nos._exit(3)",
        "looper": "while True: pass",
        "forger": 'grade = lambda *a: 2.0\nget_ipython().input_transformers_post.append(lambda lines: ["2.0"])',
    }
    for student, code in more.items():
        shutil.copytree(folder / "submitted" / "reference", folder / "submitted" / student)
        path = folder / "submitted" / student / "week01" / "assignment.ipynb"
        notebook = nbformat.read(path, as_version=4)
        at = 2 if student == "forger" else len(notebook.cells) - 2
        notebook.cells.insert(at, nbformat.v4.new_code_cell(code))
        nbformat.write(notebook, path)
    environment = {
        **os.environ,
        "TFCOURSE_ROOT": str(graded.course.root),
        "TFCOURSE_SECRET": "a secret of the tests, long enough to be one",
    }
    where = [f"--CourseDirectory.root={folder}"]
    for program in (
        ["nbgrader", "generate_assignment", "week01"],
        ["tfcourse", "autograde", "week01", "--Execute.timeout=8"],
    ):
        run = subprocess.run(
            [sys.executable, "-m", *program, *where],
            cwd=REPOSITORY,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        assert run.returncode == 0, run.stderr[-3000:]
    return folder, run


def points(batch, graded, student):
    return recorded_points(batch[0], graded.course.weeks[0], student)


@pytest.mark.parametrize("student", ["reference", "tampered", "crashing", "blank"])
def test_points_are_those_of_the_stock_command(batch, graded, student):
    week = graded.course.weeks[0]
    assert points(batch, graded, student) == recorded_points(graded.folder, week, student)


def test_a_file_beside_the_notebook_does_not_reach_our_own_code(batch, graded):
    """Under the stock command it makes the key's code fail, and the check goes to staff."""
    assert points(batch, graded, "noisy") == {"week01.double": 2, "week01.line": 5}


@pytest.mark.parametrize(
    ("student", "expected", "reason"),
    [
        ("leaver", {"week01.double": 2, "week01.line": 0}, "exit code 3"),
        ("looper", {"week01.double": 2, "week01.line": 5}, ""),
        ("forger", {"week01.double": 0, "week01.line": 0}, ""),
    ],
)
def test_what_a_submission_does_costs_only_its_own_points(batch, graded, student, expected, reason):
    assert points(batch, graded, student) == expected
    lines = (batch[0] / "receipts" / "log.jsonl").read_text().splitlines()
    (told,) = [row for row in map(json.loads, lines) if row["event"] == "recorded" and row["student"] == student]
    assert reason in told["reason"]


def test_receipts_are_kept_and_say_that_they_were_protected(batch, graded):
    store = Store(batch[0] / "receipts")
    found = store.receipts("reference", "week01")
    assert found.keys() == {"week01.double", "week01.line"}
    line = found["week01.line"]
    assert (line.points, line.sandboxed, line.predictable, line.purpose) == (5, True, False, "grade")
    assert line.submission
    assert store.responses("reference", "week01")["week01.line"].outputs[0][0].shape[0] == 200
    notebook = nbformat.read(batch[0] / "autograded" / "reference" / "week01" / "assignment.ipynb", as_version=4)
    assert [one["response_digest"] for one in receipts(notebook)] == [found[id].response_digest for id in found]


def test_lessons_are_not_run_and_nobody_needs_staff(batch, graded):
    lesson = nbformat.read(batch[0] / "autograded" / "reference" / "week01" / "lesson.ipynb", as_version=4)
    assert all(not cell.get("outputs") for cell in lesson.cells)
    with Gradebook(f"sqlite:///{batch[0] / 'gradebook.db'}") as gradebook:
        assert not any(one.needs_manual_grade for one in gradebook.assignment_submissions("week01"))


def test_the_summary_says_it_all(batch):
    _, run = batch
    assert "8 graded" in run.stdout
    assert "kernel died" in run.stdout
    assert "[8/8]" in run.stderr


def test_feedback_is_made_of_it(batch, graded):
    run = subprocess.run(
        [sys.executable, "-m", "nbgrader", "generate_feedback", "week01", f"--CourseDirectory.root={batch[0]}"],
        cwd=REPOSITORY,
        env={**os.environ, "TFCOURSE_ROOT": str(graded.course.root)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    page = (batch[0] / "feedback" / "leaver" / "week01" / "assignment.html").read_text()
    assert "The run ended before this check was answered" in page
    assert "Double: 2 of 2 points" in page
    assert "key_digest" not in page
