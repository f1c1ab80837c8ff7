"""The gradebook on SQLite and on PostgreSQL: the same results, and the same safety."""

import json

import nbformat
import postgres
import pytest
from fake_engine import InstantEngine
from nbgrader.api import Gradebook
from plain_course import autograde, database_of, generate, grades, submission, submit, write_course

from tfcourse.grading.batch import Status
from tfcourse.grading.record import leave_to_staff

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server():
    with postgres.server() as url:
        yield url


@pytest.fixture
def database(server):
    with postgres.new_database(server) as url:
        yield url


@pytest.fixture
def root(tmp_path, database):
    """A class: right, wrong, late, malformed, with a missing notebook. Generated for both databases."""
    write_course(tmp_path, names=("p1", "p2"))
    generate(tmp_path, database=database)
    for name in ("p1", "p2"):
        submit(tmp_path, "ann", name=name)
        submit(tmp_path, "bob", submission("0"), name=name)
    submit(tmp_path, "Zoë O'Neil")
    (submit(tmp_path, "late") / "timestamp.txt").write_text("2030-01-02 00:00:00 UTC")
    (submit(tmp_path, "bad") / "p1.ipynb").write_text("{")
    unanswered = submission()
    unanswered.cells[-1] = nbformat.read(tmp_path / "release" / "ps1" / "p1.ipynb", as_version=4).cells[-1]
    submit(tmp_path, "blank", unanswered)
    for url in (database_of(tmp_path), database):
        with Gradebook(url) as gradebook:
            gradebook.update_or_create_assignment("ps1", duedate="2030-01-01 00:00:00 UTC")
    return tmp_path


def content(url):
    """Return what a gradebook says, without the ids that it made up."""
    with Gradebook(url) as gradebook:
        submissions = [
            {
                "student": one.student.id,
                "score": one.score,
                "most": one.max_score,
                "late": one.total_seconds_late,
                "staff": one.needs_manual_grade,
                "notebooks": {
                    notebook.name: {
                        "penalty": notebook.late_submission_penalty,
                        "grades": {
                            grade.name: [grade.auto_score, grade.manual_score, grade.needs_manual_grade, grade.score]
                            for grade in notebook.grades
                        },
                        "comments": {comment.name: comment.auto_comment for comment in notebook.comments},
                    }
                    for notebook in one.notebooks
                },
            }
            for one in gradebook.assignment_submissions("ps1")
        ]
        people = sorted(student.id for student in gradebook.students)
    return json.loads(json.dumps([people, sorted(submissions, key=lambda one: one["student"])], sort_keys=True))


def penalties(config):
    config.LateSubmissionPlugin.penalty_method = "zero"


def test_both_databases_say_the_same(root, database, tmp_path):
    told = {}
    for url in (database_of(root), database):
        results = autograde(root, database=url, force=True, configure=penalties)
        told[url] = {student: (one.status, one.points, one.total, one.most) for student, one in results.items()}
    assert told[database] == told[database_of(root)]
    assert content(database) == content(database_of(root))
    people, submissions = content(database)
    assert people == ["Zoë O'Neil", "ann", "bad", "blank", "bob", "late"]
    scores = {one["student"]: one["score"] for one in submissions}
    assert scores == {"ann": 14, "bob": 2, "Zoë O'Neil": 7, "late": 7, "bad": 0, "blank": 7}
    late = next(one for one in submissions if one["student"] == "late")
    assert late["notebooks"]["p1"]["penalty"] == 7
    assert late["late"] == 24 * 3600


def test_an_error_while_recording_leaves_no_grade(root, database, monkeypatch):
    def fail(*arguments):
        leave_to_staff(*arguments)
        raise RuntimeError("in the middle")

    monkeypatch.setattr("tfcourse.grading.record.leave_to_staff", fail)
    results = autograde(root, database=database, course={"student_id": "ann"})
    assert results["ann"].status is Status.FAILED
    assert {value for value, _ in grades(root, "ann", database).values()} == {None}
    monkeypatch.undo()
    results = autograde(root, database=database, course={"student_id": "ann"})
    assert (results["ann"].status, results["ann"].ran, results["ann"].total) == (Status.GRADED, False, 14)


def test_staff_may_grade_by_hand_meanwhile(root, database):
    """The formgrader writes into the same database while a batch works."""
    autograde(root, database=database, course={"student_id": "ann"})

    class Meanwhile(InstantEngine):
        async def run(self, job):
            with Gradebook(database) as gradebook:
                gradebook.find_grade("essay", "p1", "ps1", "ann").manual_score = 3
                gradebook.db.commit()
            return await super().run(job)

    autograde(root, database=database, engine=Meanwhile, course={"student_id": "bob"})
    with Gradebook(database) as gradebook:
        assert gradebook.find_submission("ps1", "ann").score == 17
        assert gradebook.find_submission("ps1", "bob").score == 2
