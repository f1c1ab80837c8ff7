"""`tfcourse rescore`, after `tfcourse autograde`: real commands on the mini week, with a corrected ladder and key."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from mini_course import write_mini_course
from nbgrader.api import Gradebook

from tfcourse.authoring.build import write_all
from tfcourse.course import read_course
from tfcourse.grading.submissions import make_submission

pytestmark = pytest.mark.slow
LADDER = "Ladder(mean_absolute_error, (1.8, 1.2, 0.8, 0.4, 0.2))"
STRICT = "Ladder(mean_absolute_error, (1.8, 1.2, 0.8, 0.4, 0.001))"
SANDBOX = [] if shutil.which("bwrap") else ["--no-sandbox"]
SECRET = "a secret of the tests, long enough to be one"


class Class:
    """A course directory of nbgrader with two graded students, and the commands of staff."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.course = read_course(root)

    def run(self, *arguments, answer="", check=True):
        environment = {**os.environ, "TFCOURSE_ROOT": str(self.root), "TFCOURSE_SECRET": SECRET, "TFCOURSE_WARM": "0"}
        command = [sys.executable, "-m", *arguments, f"--CourseDirectory.root={self.root}"]
        run = subprocess.run(
            command, cwd=self.root, env=environment, input=answer, capture_output=True, text=True, timeout=300
        )
        assert not check or run.returncode == 0, run.stdout + run.stderr
        return run.stdout + run.stderr

    def points(self, student):
        with Gradebook(f"sqlite:///{self.root / 'gradebook.db'}") as gradebook:
            grades = gradebook.find_submission_notebook("assignment", "week01", student).grades
            return {grade.name: grade.score for grade in grades}

    def edit(self, old, new):
        path = self.root / "grader_tests" / "week01.py"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    def events(self, event):
        lines = (self.root / "receipts" / "log.jsonl").read_text().splitlines()
        return [row for row in map(json.loads, lines) if row["event"] == event]

    def graded(self, student):
        return nbformat.read(self.root / "autograded" / student / "week01" / "assignment.ipynb", as_version=4)


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    top = tmp_path_factory.mktemp("rescore")
    root = write_mini_course(top / "course")
    course = read_course(root)
    write_all(course)
    here = Path(__file__).parents[2]
    shutil.copy(here / "nbgrader_config.py", root)
    for student, sample in {"ann": "reference", "bob": "not_doubled"}.items():
        (root / "submitted" / student / "week01").mkdir(parents=True)
        notebook = make_submission(course, course.weeks[0], sample)
        nbformat.write(notebook, root / "submitted" / student / "week01" / "assignment.ipynb")
    klass = Class(root)
    klass.run("nbgrader", "generate_assignment", "week01", "--force")
    klass.run("tfcourse", "autograde", "week01", *SANDBOX)
    assert klass.points("ann") == {"double": 2.0, "line": 5.0}
    assert klass.points("bob") == {"double": 0.5, "line": 5.0}
    return klass


@pytest.fixture
def graded(before, tmp_path):
    return Class(Path(shutil.copytree(before.root, tmp_path / "course")))


def test_a_stricter_ladder_takes_points_after_asking(graded):
    told = graded.run("tfcourse", "rescore", "week01")
    assert "2 submission(s) with responses: the points of 0 change" in told
    assert "Write" not in told
    graded.edit(LADDER, STRICT)
    told = graded.run("tfcourse", "rescore", "week01", answer="n\n")
    assert "the points of 2 change" in told
    assert "week01.line" in told
    assert graded.points("ann") == {"double": 2.0, "line": 5.0}
    assert not graded.events("rescored")
    graded.run("tfcourse", "rescore", "week01", answer="y\n")
    assert graded.points("ann") == {"double": 2.0, "line": 4.0}
    assert graded.points("bob") == {"double": 0.5, "line": 4.0}
    assert {row["student"] for row in graded.events("rescored")} == {"ann", "bob"}
    card = next(
        cell for cell in graded.graded("ann").cells if cell.metadata.get("nbgrader", {}).get("grade_id") == "line"
    )
    assert "4 of 5 points" in card.outputs[0].data["text/plain"]
    assert len(graded.events("ran")) == 2
    # Nothing of it is a reason to run anybody again.
    assert "2 skipped" in graded.run("tfcourse", "autograde", "week01", *SANDBOX)
    # And back: the responses are still there.
    graded.edit(STRICT, LADDER)
    graded.run("tfcourse", "rescore", "week01", "--yes")
    assert graded.points("ann") == {"double": 2.0, "line": 5.0}
    assert len(graded.events("ran")) == 2


def test_a_dry_run_writes_nothing_and_one_student_can_be_chosen(graded):
    graded.edit(LADDER, STRICT)
    assert "the points of 2 change" in graded.run("tfcourse", "rescore", "week01", "--dry-run")
    assert graded.points("ann")["line"] == 5.0
    graded.run("tfcourse", "rescore", "week01", "--yes", "--student", "bob")
    assert graded.points("ann")["line"] == 5.0
    assert graded.points("bob")["line"] == 4.0


def test_a_corrected_key_gives_points(graded):
    """Staff find that the function was right and the key was wrong."""
    graded.edit('reference=solution_of("week01", "double")', "reference=lambda x: x")
    graded.run("tfcourse", "rescore", "week01", "--yes")
    assert graded.points("bob")["double"] == 2.0
    assert graded.points("ann")["double"] < 2.0


def test_a_manual_score_stays(graded):
    with Gradebook(f"sqlite:///{graded.root / 'gradebook.db'}") as gradebook:
        grade = gradebook.find_grade("line", "assignment", "week01", "ann")
        grade.manual_score = 3.5
        gradebook.db.commit()
    graded.edit(LADDER, STRICT)
    graded.run("tfcourse", "rescore", "week01", "--yes")
    with Gradebook(f"sqlite:///{graded.root / 'gradebook.db'}") as gradebook:
        grade = gradebook.find_grade("line", "assignment", "week01", "ann")
        assert (grade.auto_score, grade.manual_score, grade.score, grade.needs_manual_grade) == (4.0, 3.5, 3.5, True)


def test_other_hidden_data_cannot_be_scored_and_that_is_said(graded):
    graded.edit("rng.normal(size=(400, 3))", "rng.uniform(size=(400, 3))")
    told = graded.run("tfcourse", "rescore", "week01", "--yes")
    assert "Grade the submission again" in told
    assert graded.points("ann") == {"double": 2.0, "line": 5.0}
    # Checks that cannot be used at all are no reason to guess, either.
    graded.edit("CHECKS = (", "CHECKS = ((")
    told = graded.run("tfcourse", "rescore", "week01", "--yes", check=False)
    assert "week01.py" in told
    assert "Traceback" not in told
    told = graded.run("tfcourse", "rescore", "week77", check=False)
    assert "week77" in told
    assert "Traceback" not in told
