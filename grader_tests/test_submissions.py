"""Every submission gets its points, from the grading engine, from `tfcourse grade` and from stock nbgrader.

Submissions that change different cells are graded as one notebook: a learner who makes several mistakes.
`make test` takes a sample, see `conftest`; `make test-all` everything.
"""

import contextlib
import io
import os
import shutil
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.apps import GenerateAssignmentApp
from rich.console import Console

from tfcourse.checks import FunctionCheck
from tfcourse.checks.registry import checks_of
from tfcourse.course import find_course
from tfcourse.grading import autograde
from tfcourse.grading.demo import grade_samples, recorded_points, run_nbgrader
from tfcourse.grading.home import grade_notebook
from tfcourse.grading.submissions import expected_points, make_submission, pack_submissions, submission_names

COURSE = find_course()
WEEKS = [week.id for week in COURSE.weeks]
EVERYTHING = bool(os.environ.get("TFCOURSE_TEST_ALL"))
SANDBOX = [] if shutil.which("bwrap") else ["--no-sandbox"]


def reference_with_mistakes(course, week):
    """Return a pack whose models are the reference's, with as many mistakes as fit in that are not in models."""
    functions = {check.id for check in checks_of(course, week.id) if isinstance(check, FunctionCheck)}
    full = expected_points(course, week, "reference")

    def missed(name):
        points = expected_points(course, week, name)
        return {id for id in full if points[id] < full[id]}

    packs = [[name for name in names if missed(name) <= functions] for names in pack_submissions(course, week)[2:]]
    return tuple(max(packs, key=len)) or ("reference",)


def some_packs(course, week):
    """Return all packs where everything is asked for, and otherwise that one."""
    return pack_submissions(course, week) if EVERYTHING else [reference_with_mistakes(course, week)]


SAMPLED = [(week.id, names) for week in COURSE.weeks for names in some_packs(COURSE, week)]


@pytest.fixture
def run_here(course, monkeypatch):
    """Run nbgrader's and our command for a week in this process, which has imported nbgrader already."""
    monkeypatch.chdir(course.root)  # where nbgrader finds the course's configuration
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))

    def run(folder, week_id):
        arguments = [week_id, f"--CourseDirectory.root={folder}"]
        app = GenerateAssignmentApp()
        app.initialize(arguments)
        app.start()
        said = Console(file=io.StringIO(), width=200)
        with contextlib.suppress(SystemExit):  # points are compared, whatever it ends with
            autograde.run(course, [*arguments, *SANDBOX], show=said, errors=said)
        return said.file.getvalue()

    return run


@pytest.mark.slow
@pytest.mark.parametrize("week_id", WEEKS)
def test_the_engine_gives_each_submission_its_points(course, week_id, in_sample, run_here, tmp_path):
    week = course.week(week_id)
    folder = tmp_path / "course"
    (folder / "source" / week_id).mkdir(parents=True)
    shutil.copy(course.source(week, "assignment"), folder / "source" / week_id)
    packs = pack_submissions(course, week) if in_sample(week_id) else some_packs(course, week)
    packed = {f"sample-{number:02d}": names for number, names in enumerate(packs, start=1)}
    for student, names in packed.items():
        (folder / "submitted" / student / week_id).mkdir(parents=True)
        path = folder / "submitted" / student / week_id / "assignment.ipynb"
        nbformat.write(make_submission(course, week, *names), path)
    log = run_here(folder, week_id)
    points = {names: recorded_points(folder, week, student) for student, names in packed.items()}
    assert points == {names: expected_points(course, week, *names) for names in packed.values()}, log
    if in_sample(week_id):
        run_nbgrader(course, folder, "generate_feedback", week_id)
        pages = list((folder / "feedback").rglob("assignment.html"))
        assert len(pages) == len(packed)
        for page in pages:
            feedback = page.read_text(encoding="utf-8")
            assert "HIDDEN TESTS" not in feedback
            assert "grade(" not in feedback


@pytest.mark.slow
@pytest.mark.sampled
@pytest.mark.parametrize(("week_id", "names"), SAMPLED, ids=lambda value: value if value in WEEKS else "+".join(value))
def test_tfcourse_grade_gives_each_submission_its_points(course, week_id, names, tmp_path):
    week = course.week(week_id)
    path = tmp_path / "assignment.ipynb"
    nbformat.write(make_submission(course, week, *names), path)
    results = grade_notebook(course, week, path)
    told = "\n".join(f"{result.check.id}: {result.score().message}" for result in results)
    assert {result.check.id: result.points for result in results} == expected_points(course, week, *names), told


@pytest.mark.slow
@pytest.mark.sampled
@pytest.mark.parametrize("week_id", WEEKS)
def test_stock_nbgrader_gives_each_submission_the_same_points(course, week_id, tmp_path):
    week = course.week(week_id)
    packed = some_packs(course, week)
    rows = grade_samples(course, week, packed, tmp_path / "course")
    points = {row.submission: row.points for row in rows}
    assert points == {names: expected_points(course, week, *names) for names in packed}
    for row in rows:
        feedback = row.feedback.read_text(encoding="utf-8")
        assert "HIDDEN TESTS" not in feedback
        assert "grade(" not in feedback


@pytest.mark.parametrize("week_id", WEEKS)
def test_each_week_has_two_wrong_submissions_and_each_check_is_missed_by_one(course, week_id):
    week = course.week(week_id)
    wrong = [name for name in submission_names(course, week) if name not in {"reference", "blank"}]
    assert len(wrong) >= 2
    for check_id, full in expected_points(course, week, "reference").items():
        missed = any(expected_points(course, week, name)[check_id] < full for name in wrong)
        assert missed, f"no wrong submission misses {check_id}"
