"""nbgrader's stock commands on the course: what has gone wrong elsewhere, and must not go wrong here."""

import csv
import re

import nbformat
import pytest
from nbgrader.api import Gradebook

from tfcourse.course import read_course
from tfcourse.grading.demo import recorded_points
from tfcourse.grading.nbgrader import broke, is_test, receipts, stderr_to_stdout
from tfcourse.grading.submissions import make_submission
from tfcourse.reports.card import RECEIPT_MIME

slow = pytest.mark.slow


def points(graded, student):
    return recorded_points(graded.folder, graded.course.weeks[0], student)


def cell(notebook, grade_id):
    return next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def receipt(graded, student, check_id):
    return next(found for found in receipts(graded.autograded(student)) if found["check_id"] == check_id)


# ---------------------------------------------------------------------------- points


@slow
@pytest.mark.parametrize(
    ("student", "double", "line"),
    [
        ("reference", 2, 5),
        ("noisy", 2, None),
        ("tampered", 0.5, 5),
        ("crashing", 0, 0),
        ("blank", 0, 0),
    ],
)
def test_every_submission_gets_its_points(graded, student, double, line):
    assert points(graded, student) == {"week01.double": double, "week01.line": line}


@slow
def test_a_lesson_is_never_run(graded):
    lesson = nbformat.read(graded.folder / "autograded" / "reference" / "week01" / "lesson.ipynb", as_version=4)
    assert all(not cell.get("outputs") for cell in lesson.cells)
    assert not list(graded.folder.rglob("lesson-was-run"))


@slow
def test_noise_in_a_test_cell_is_there_and_costs_nothing(graded):
    """A warning of TensorFlow costs all points of the cell with nbgrader's own preprocessors."""
    test = cell(graded.autograded("noisy"), "double")
    streams = [output for output in test.outputs if output.output_type == "stream"]
    text = "".join(output.text for output in streams)
    assert "on stderr" in text
    assert "a log record" in text
    assert {output.name for output in streams} == {"stdout"}
    assert points(graded, "noisy")["week01.double"] == 2


@slow
@pytest.mark.parametrize("student", ["reference", "tampered", "blank"])
def test_nothing_of_ours_or_of_tensorflow_is_written_to_stderr(graded, student):
    written = [
        output.text
        for cell in graded.autograded(student).cells
        for output in cell.get("outputs", [])
        if output.output_type == "stream"
    ]
    assert written == (["3.0\n"] if student == "reference" else [])


@slow
def test_numbers_that_a_learner_shows_change_no_points(graded):
    shown = [
        output.data["text/plain"]
        for cell in graded.autograded("reference").cells
        for output in cell.get("outputs", [])
        if output.output_type == "execute_result" and not is_test(cell)
    ]
    assert shown == ["np.float64(0.25)", "np.float64(0.5)"]
    assert points(graded, "reference") == {"week01.double": 2, "week01.line": 5}


@slow
def test_an_edited_test_cell_is_the_courses_again(graded):
    assert 'grade("week01.double", double)' in cell(graded.autograded("tampered"), "double").source
    assert receipt(graded, "tampered", "week01.double")["points"] == 0.5


@slow
def test_a_deleted_test_cell_comes_back(graded):
    notebook = graded.autograded("tampered")
    assert 'grade("week01.line", build_model)' in cell(notebook, "line").source
    assert receipt(graded, "tampered", "week01.line")["points"] == 5


@slow
def test_a_duplicated_cell_keeps_its_first_and_costs_nobody_anything(graded):
    notebook = graded.autograded("noisy")
    ids = [cell.metadata.nbgrader.grade_id for cell in notebook.cells if "nbgrader" in cell.metadata]
    assert sorted(ids) == ["double", "double_solution", "line", "line_solution"]


@slow
def test_a_hint_in_a_graded_notebook_is_not_recorded_for_the_staff(graded):
    assert not (graded.course.root / "work").exists()


@slow
def test_an_error_in_a_learners_cell_stops_nothing_else(graded):
    notebook = graded.autograded("crashing")
    assert receipt(graded, "crashing", "week01.line")["outcome"] == "your code stopped"
    assert receipt(graded, "crashing", "week01.line")["message"] == "SystemExit: enough"
    names = {output.ename for cell in notebook.cells for output in cell.get("outputs", []) if "ename" in output}
    assert names == {"ZeroDivisionError", "SyntaxError", "NameError"}


@slow
def test_our_own_defect_goes_to_staff(graded):
    with Gradebook(f"sqlite:///{graded.folder / 'gradebook.db'}") as gradebook:
        grade = gradebook.find_grade("line", "assignment", "week01", "noisy")
        assert grade.needs_manual_grade
        assert grade.auto_score is None
        other = gradebook.find_grade("double", "assignment", "week01", "noisy")
        assert not other.needs_manual_grade


@slow
def test_nobody_else_needs_staff(graded):
    with Gradebook(f"sqlite:///{graded.folder / 'gradebook.db'}") as gradebook:
        waiting = [
            (submission.student.id, grade.name)
            for submission in gradebook.assignment_submissions("week01")
            for notebook in submission.notebooks
            for grade in notebook.grades
            if grade.needs_manual_grade
        ]
    assert waiting == [("noisy", "line")]


@slow
def test_points_arrive_in_the_export(graded):
    with (graded.folder / "grades.csv").open() as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    found = {student: float(row["score"]) for student, row in rows.items()}
    assert found["tampered"] == 5.5
    assert found["reference"] == 7
    assert found["noisy"] == 2
    assert found["blank"] == 0
    assert {float(row["max_score"]) for row in rows.values()} == {7.0}


@slow
def test_receipts_are_of_record(graded):
    double, line = receipts(graded.autograded("reference"))
    assert (double["purpose"], double["predictable"]) == ("grade", False)
    assert line["metric"] == "MAE"
    assert line["rung"] == 5
    assert line["thresholds"] == [1.8, 1.2, 0.8, 0.4, 0.2]
    # The same data for everybody, and the same answers to them.
    assert receipt(graded, "tampered", "week01.line")["key_digest"] == line["key_digest"]
    assert receipt(graded, "tampered", "week01.line")["response_digest"] == line["response_digest"]


# ---------------------------------------------------------------------------- feedback


@slow
def test_feedback_says_points_metric_ladder_and_next_step(graded):
    page = graded.feedback("reference")
    value = receipt(graded, "reference", "week01.line")["value"]
    assert "A line: 5 of 5 points" in page
    assert f"MAE {value:.3f} on data your model has not seen" in page
    assert "who stands here" in page
    assert "≤ 0.200" in page
    assert "a5" in page
    assert "Double: 0.5 of 2 points" in graded.feedback("tampered")
    assert "Not attempted yet" in graded.feedback("blank")


@slow
@pytest.mark.parametrize("student", ["reference", "noisy", "tampered", "crashing", "blank"])
def test_feedback_gives_nothing_hidden_away(graded, student):
    page = re.sub(r"<[^>]+>", "", graded.feedback(student))
    assert "HIDDEN" not in page
    assert not re.search(r"\bgrade\s*\(", page)
    assert RECEIPT_MIME not in graded.feedback(student)
    for ours in ("key_digest", "in_process.py", "notebook.py", "registry.py", "site-packages", "week01.py"):
        assert ours not in graded.feedback(student)
    assert "a secret of the tests" not in page


@slow
def test_feedback_of_a_cell_that_stopped_says_why(graded):
    page = re.sub(r"<[^>]+>", "", graded.feedback("crashing"))
    assert "This test cell stopped with NameError before it could be scored" in page
    assert "ZeroDivisionError" in page


@slow
def test_feedback_after_our_own_defect_says_so(graded):
    page = re.sub(r"<[^>]+>", "", graded.feedback("noisy"))
    assert "The course's own code failed here. This costs no points" in page
    assert "break-the-grader" not in page


# ---------------------------------------------------------------------------- validate


@slow
def test_validate_passes_the_reference_and_reports_a_task_that_is_not_solved(course, validate, tmp_path):
    reference = make_submission(course, course.weeks[0], "reference")
    wrong = make_submission(course, course.weeks[0], "not_doubled")
    find_solution = cell(wrong, "line_solution")
    find_solution.source = "def build_model():\n    raise NotImplementedError()"
    for name, notebook in (("reference", reference), ("wrong", wrong)):
        nbformat.write(notebook, tmp_path / f"{name}.ipynb")
    said = validate(course, tmp_path / "reference.ipynb", tmp_path / "wrong.ipynb")
    passed, failed = said.split("\n", 1)
    assert "Success! Your notebook passes all the tests." in passed
    assert "VALIDATION FAILED ON 2 CELL(S)" in failed


# ---------------------------------------------------------------------------- pieces


def test_stderr_becomes_stdout():
    cell = nbformat.v4.new_code_cell(outputs=[nbformat.v4.new_output("stream", name="stderr", text="a warning")])
    stderr_to_stdout(cell)
    assert cell.outputs[0].name == "stdout"
    assert cell.outputs[0].text == "a warning"


@pytest.mark.parametrize(("name", "expected"), [("GraderBroken", True), ("ValueError", False)])
def test_our_own_defect_is_known_by_its_name(name, expected):
    error = nbformat.v4.new_output("error", ename=name, evalue="", traceback=[])
    assert broke(nbformat.v4.new_code_cell(outputs=[error])) is expected


def test_receipts_outside_of_test_cells_do_not_count(course):
    notebook = make_submission(course, course.weeks[0], "reference")
    forged = nbformat.v4.new_output("display_data", {RECEIPT_MIME: {"check_id": "week01.double", "points": 2}})
    notebook.cells[1].outputs = [forged]
    assert receipts(notebook) == []
    cell(notebook, "double").outputs = [forged]
    assert len(receipts(notebook)) == 1
    assert read_course(course.root) == course
