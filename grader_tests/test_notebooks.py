"""Lessons run from top to bottom; releases run up to the first unsolved task and give nothing away."""

import re

import nbformat
import pytest
from nbclient import NotebookClient

from tfcourse.authoring.build import differences
from tfcourse.course import find_course
from tfcourse.reports.skills import coverage_problems
from tfcourse.texts import is_solution

COURSE = find_course()
WEEKS = [week.id for week in COURSE.weeks]


def run(path, folder, *, allow_errors):
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        allow_errors=allow_errors,
        resources={"metadata": {"path": str(folder)}},
    )
    return client.execute()


@pytest.mark.slow
@pytest.mark.sampled
@pytest.mark.parametrize("week_id", WEEKS)
def test_a_lesson_runs_from_top_to_bottom(course, week_id, tmp_path):
    notebook = run(course.release(course.week(week_id), "lesson"), tmp_path, allow_errors=False)
    noise = [o.text for cell in notebook.cells for o in cell.get("outputs", []) if o.get("name") == "stderr"]
    assert noise == [], "a learner must not meet red lines that mean nothing"


@pytest.mark.slow
@pytest.mark.parametrize("extra", COURSE.extras, ids=lambda extra: extra.id)
def test_a_notebook_beside_the_weeks_runs_from_top_to_bottom(course, extra, tmp_path):
    notebook = run(course.extra_release(extra), tmp_path, allow_errors=False)
    noise = [o.text for cell in notebook.cells for o in cell.get("outputs", []) if o.get("name") == "stderr"]
    assert noise == [], "a learner must not meet red lines that mean nothing"


@pytest.mark.slow
@pytest.mark.sampled
@pytest.mark.parametrize("week_id", WEEKS)
def test_a_release_stops_at_unsolved_tasks_and_nowhere_else(course, week_id, tmp_path):
    notebook = run(course.release(course.week(week_id), "assignment"), tmp_path, allow_errors=True)
    first_task = next(index for index, cell in enumerate(notebook.cells) if is_solution(cell))
    for index, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                assert index > first_task, f"{output.ename}: {output.evalue}"
                assert output.ename in {"NotImplementedError", "NameError"}, f"{output.ename}: {output.evalue}"
        if "practice(" in cell.source and cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade"):
            shown = "".join(str(output.get("data", {}).get("text/plain", "")) for output in cell.outputs)
            assert "not attempted" in shown


@pytest.mark.parametrize("week_id", WEEKS)
def test_a_release_holds_notebooks_only_no_solution_and_no_hidden_test(course, week_id):
    week = course.week(week_id)
    files = sorted(path.name for path in (course.root / "release" / week_id).iterdir())
    assert files == ["assignment.ipynb", "lesson.ipynb"]
    released = nbformat.read(course.release(week, "assignment"), as_version=4)
    source = nbformat.read(course.source(week, "assignment"), as_version=4)
    text = "\n".join(cell.source for cell in released.cells)
    assert not re.search(r"(BEGIN|END) (SOLUTION|HIDDEN)", text)
    assert not re.search(r"^\s*grade\(", text, re.MULTILINE)
    for cell in filter(is_solution, source.cells):
        solution = cell.source.split("### BEGIN SOLUTION\n")[1].split("### END SOLUTION")[0].strip()
        assert solution not in text
