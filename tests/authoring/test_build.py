"""From text to notebooks: the same bytes at every build, and nothing in a release that does not belong there."""

import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tfcourse.authoring.build import build_all, differences, write_all
from tfcourse.course import read_course
from tfcourse.errors import InvalidCurriculum
from tfcourse.reports.ladders import ladder_table


def notebook(path):
    return nbformat.read(path, as_version=4)


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


# ---------------------------------------------------------------------------- the same at every build


def test_a_build_writes_four_notebooks_a_week_and_two_pages(own_course):
    changed = write_all(own_course)
    assert [str(path.relative_to(own_course.root)) for path in changed] == [
        "source/week01/lesson.ipynb",
        "release/week01/lesson.ipynb",
        "source/week01/assignment.ipynb",
        "release/week01/assignment.ipynb",
        "docs/skills.md",
        "docs/ladders.md",
    ]


def test_a_second_build_changes_nothing(own_course):
    write_all(own_course)
    assert write_all(own_course) == []
    assert differences(own_course) == []


def test_two_builds_are_identical_to_the_byte(own_course, tmp_path):
    shutil.copytree(own_course.root, tmp_path / "elsewhere")
    here, there = build_all(own_course), build_all(read_course(tmp_path / "elsewhere"))
    assert list(here.values()) == list(there.values())


def test_cell_ids_are_the_grade_ids_or_come_from_the_position(course):
    cells = notebook(course.source(course.weeks[0], "assignment")).cells
    assert [cell.id for cell in cells] == [
        "title",
        "week01-assignment-001",
        "week01-assignment-002",
        "double_solution",
        "double",
        "week01-assignment-005",
        "line_solution",
        "line",
    ]
    released = notebook(course.release(course.weeks[0], "assignment")).cells
    assert [cell.id for cell in released] == [cell.id for cell in cells]


@pytest.mark.parametrize("name", ["lesson", "assignment"])
@pytest.mark.parametrize("kind", ["source", "release"])
def test_notebooks_are_valid_and_name_the_usual_kernel(course, kind, name):
    found = notebook(getattr(course, kind)(course.weeks[0], name))
    nbformat.validate(found)
    assert found.metadata.kernelspec.name == "python3"
    assert len({cell.id for cell in found.cells}) == len(found.cells)


def test_the_title_cell_says_what_it_is_built_from(course):
    title = notebook(course.source(course.weeks[0], "lesson")).cells[0].source
    assert "curriculum/week01_mini/lesson.py" in title
    assert "# Mini week" in title
    assert "**Time:** about 10 minutes" in title
    assert "**Before this:** nothing but Python" in title
    assert "- double a number (B1)" in title


# ---------------------------------------------------------------------------- what differs is found


def test_a_notebook_that_was_edited_is_found(own_course):
    write_all(own_course)
    path = own_course.release(own_course.weeks[0], "assignment")
    path.write_text(path.read_text().replace("Task 1", "Task One"))
    assert differences(own_course) == ["release/week01/assignment.ipynb: differs from its text"]


def test_a_text_that_was_edited_is_found_in_source_and_release(own_course, edit):
    write_all(own_course)
    course = edit("curriculum/week01_mini/lesson.py", "Some words.", "Other words.")
    assert differences(course) == [
        "source/week01/lesson.ipynb: differs from its text",
        "release/week01/lesson.ipynb: differs from its text",
    ]


def test_a_missing_notebook_is_found(own_course):
    write_all(own_course)
    own_course.source(own_course.weeks[0], "lesson").unlink()
    assert differences(own_course) == ["source/week01/lesson.ipynb: missing"]


@pytest.mark.parametrize("name", ["source/week01/answers.py", "release/week01/data/train.csv", "source/week01/x.ipynb"])
def test_a_stray_file_is_found_and_removed_because_it_would_be_released(own_course, name):
    write_all(own_course)
    stray = own_course.root / name
    stray.parent.mkdir(exist_ok=True)
    stray.write_text("the answers")
    assert differences(own_course) == [f"{name}: built from nothing"]
    write_all(own_course)
    assert not stray.exists()
    assert differences(own_course) == []


def test_jupyters_own_checkpoints_are_no_strays(own_course):
    write_all(own_course)
    folder = own_course.root / "source" / "week01" / ".ipynb_checkpoints"
    folder.mkdir()
    (folder / "lesson-checkpoint.ipynb").write_text("{}")
    assert differences(own_course) == []


def test_a_change_that_is_built_again_is_no_difference(own_course, edit):
    write_all(own_course)
    course = edit("curriculum/week01_mini/lesson.py", "Some words.", "Other words.")
    assert len(write_all(course)) == 2
    assert differences(course) == []


def test_a_curriculum_with_a_problem_is_not_built(own_course, edit):
    course = edit("curriculum/week01_mini/lesson.py", "#     minutes: 10\n", "")
    with pytest.raises(InvalidCurriculum):
        write_all(course)
    assert not (course.root / "source").exists()


def test_a_page_that_was_edited_is_found(own_course):
    write_all(own_course)
    page = own_course.root / "docs" / "skills.md"
    assert page.read_text().startswith("<!-- Built by `tfcourse build`")
    page.write_text(page.read_text() + "One more line.\n")
    assert differences(own_course) == ["docs/skills.md: differs from its text"]
    (own_course.root / "docs" / "notes.md").write_text("by hand, beside the two pages that are built")
    write_all(own_course)
    assert differences(own_course) == []


# ---------------------------------------------------------------------------- what is in a release


def test_a_release_holds_no_solution_and_no_hidden_test(course):
    text = course.release(course.weeks[0], "assignment").read_text()
    for secret in ("SOLUTION", "HIDDEN", "grade(", "np.asarray(x)", "Adam(0.05)"):
        assert secret not in text
    assert "grade(" in course.source(course.weeks[0], "assignment").read_text()


def test_a_release_defines_what_the_learner_has_to_write(course):
    cells = {cell.id: cell for cell in notebook(course.release(course.weeks[0], "assignment")).cells}
    namespace = {}
    exec(cells["double_solution"].source, namespace)
    with pytest.raises(NotImplementedError):
        namespace["double"](1)
    assert cells["double"].source == 'practice("week01.double", double)'


def test_test_cells_of_a_release_are_locked_and_have_checksums(course):
    for cell in notebook(course.release(course.weeks[0], "assignment")).cells:
        if cell.id in {"double", "line"}:
            assert cell.metadata.deletable is False
            assert cell.metadata.editable is False
            assert len(cell.metadata.nbgrader.checksum) == 32


def test_nothing_but_notebooks_is_released(course):
    assert files(course.root / "release") == ["week01/assignment.ipynb", "week01/lesson.ipynb"]


def test_no_notebook_has_outputs(course):
    for path in (course.root / "source").rglob("*.ipynb"):
        for cell in notebook(path).cells:
            assert not cell.get("outputs")
            assert cell.get("execution_count") is None


# ---------------------------------------------------------------------------- ladders in texts


def test_a_ladder_stands_where_its_placeholder_was(course):
    cells = {cell.id: cell.source for cell in notebook(course.release(course.weeks[0], "assignment")).cells}
    assert "{{" not in cells["week01-assignment-005"]
    assert "| 5 | at most 0.200 |" in cells["week01-assignment-005"]
    assert cells["week01-assignment-005"].startswith("## Task 2")


def test_a_ladder_names_who_was_measured_on_which_rung(own_course):
    folder = own_course.root / "grader_tests" / "calibration"
    folder.mkdir()
    (folder / "week01.line.json").write_text(
        '{"check": "week01.line", "metric": "MAE", "thresholds": [1.8, 1.2, 0.8, 0.4, 0.2], "variants": {},'
        ' "versions": {}, "reference_seconds": 1, "measured": {"reference": {"role": "reference", "values": [0.1]},'
        ' "training mean": {"role": "does not learn", "values": [1.9, 2.1]}}}'
    )
    rows = ladder_table(own_course, "week01.line").splitlines()
    assert rows == [
        "| points | MAE | measured here |",
        "|---|---|---|",
        "| 5 | at most 0.200 | reference 0.100 |",
        "| 4 | at most 0.400 |  |",
        "| 3 | at most 0.800 |  |",
        "| 2 | at most 1.200 |  |",
        "| 1 | at most 1.800 |  |",
        "| 0 |  | training mean 2.000 |",
    ]


def test_a_function_has_no_ladder(course):
    with pytest.raises(InvalidCurriculum, match=r"week01\.double: expected a model check"):
        ladder_table(course, "week01.double")


# ---------------------------------------------------------------------------- nbgrader agrees


@pytest.mark.slow
def test_the_release_is_what_nbgrader_itself_writes(course, tmp_path):
    """`tfcourse build` and stock `nbgrader generate_assignment` give the same bytes."""
    shutil.copytree(course.root / "source", tmp_path / "source")
    repository = Path(__file__).parents[2]
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", "week01"]
    command += [f"--CourseDirectory.root={tmp_path}", f"--Exchange.root={tmp_path / 'exchange'}"]
    subprocess.run(command, cwd=repository, check=True, capture_output=True, timeout=120)
    assert files(tmp_path / "release") == files(course.root / "release")
    for name in files(course.root / "release"):
        assert (tmp_path / "release" / name).read_bytes() == (course.root / "release" / name).read_bytes(), name
