"""What a candidate gets of a problem's text."""

import shutil

import nbformat
import pytest

from tfcourse.checks.registry import problems_of
from tfcourse.course import read_course
from tfcourse.errors import InvalidCurriculum
from tfcourse.exam.materials import read_problem, write_materials


@pytest.fixture
def problem(course):
    return problems_of(course, "images")[0]


@pytest.fixture
def write(course, problem, tmp_path):
    def write(name="p", **more):
        folder = tmp_path / name
        write_materials(course, problem, problem.data(1), folder, heading="Problem 2, 30 %.", **more)
        return folder

    return write


def test_a_text_is_taken_apart(course, problem):
    text = read_problem(course, problem)
    assert text.title == "Spots"
    assert text.statement.startswith("Tell the three spots apart.")
    assert text.setup.startswith("from pathlib import Path")
    assert text.starter.splitlines() == [
        "def solution_model():",
        '    """Return a trained model."""',
        "    # YOUR CODE HERE",
        "    raise NotImplementedError()",
    ]


def test_the_statement_has_title_heading_and_ladder(write):
    statement = (write() / "statement.md").read_text(encoding="utf-8")
    assert statement.startswith("# Spots\n\nProblem 2, 30 %.\n\nTell the three spots apart.")
    assert "{{" not in statement
    assert "| 5 | at least 0.95" in statement


def test_the_same_seed_writes_the_same_bytes(write):
    one, two = write("one"), write("two")
    for path in (path for path in one.rglob("*") if path.is_file()):
        assert path.read_bytes() == (two / path.relative_to(one)).read_bytes()


def test_the_notebook_saves_and_submits(write):
    notebook = nbformat.read(write() / "problem.ipynb", as_version=4)
    nbformat.validate(notebook)
    sources = [cell.source for cell in notebook.cells]
    assert [cell.cell_type for cell in notebook.cells] == ["markdown", "code", "code", "code", "code"]
    assert 'model.save("model.keras")' in sources[3]
    assert sources[4] == "from tfcourse.exam import submit\n\nsubmit(model)"
    assert len({cell.id for cell in notebook.cells}) == 5
    assert notebook.metadata.kernelspec.name == "python3"


def test_where_files_are_handed_in_nothing_submits(write):
    folder = write(submits=False)
    for name in ("solution.py", "problem.ipynb", "statement.md"):
        text = (folder / name).read_text(encoding="utf-8")
        assert "submit" not in text, name
    script = (folder / "solution.py").read_text(encoding="utf-8")
    compile(script, "solution.py", "exec")
    assert "model.save(" in script


def test_importing_the_script_trains_nothing(write, monkeypatch):
    import runpy

    names = runpy.run_path(str(write() / "solution.py"), run_name="imported")
    assert names["DATA"].is_dir()
    with pytest.raises(NotImplementedError):
        names["solution_model"]()


def test_data_lie_in_folders_as_they_were_drawn(write, problem):
    folder = write()
    assert (folder / "data" / "deep" / "down" / "notes.txt").read_bytes() == b"none"
    assert (folder / "data" / "spots.npz").read_bytes() == problem.data(1).files["spots.npz"]


def test_a_folder_that_is_there_is_not_written_into(write):
    write()
    with pytest.raises(FileExistsError):
        write()


def test_a_problem_without_a_text(exam_root, tmp_path, problem):
    root = shutil.copytree(exam_root, tmp_path / "course")
    (root / "curriculum" / "exam" / "spots.py").unlink()
    with pytest.raises(InvalidCurriculum, match=r"spots\.py: expected a py:percent text; found no such file\."):
        read_problem(read_course(root), problem)
