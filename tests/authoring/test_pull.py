"""Edits made in nbgrader's notebook UI, brought back to the text."""

import nbformat
import pytest

from tfcourse.authoring.build import build_all, differences, write_all
from tfcourse.authoring.pull import pull
from tfcourse.errors import CourseError


@pytest.fixture
def built(own_course):
    write_all(own_course)
    return own_course


@pytest.fixture
def week(built):
    return built.weeks[0]


def text_of(course, name="assignment"):
    return course.curriculum(course.weeks[0], name).read_text()


def edit_notebook(course, change, name="assignment"):
    """Apply `change` to the cells of a notebook in source/, as JupyterLab would save it."""
    path = course.source(course.weeks[0], name)
    notebook = nbformat.read(path, as_version=4)
    change(notebook.cells)
    nbformat.write(notebook, path)


def cell(cells, id):
    return next(cell for cell in cells if cell.id == id)


def sources(cells):
    """Return what an author wrote: the sources and nbgrader's metadata, without the title cell."""
    return [(cell.cell_type, cell.source, cell.metadata.get("nbgrader")) for cell in cells[1:]]


def test_without_an_edit_nothing_changes(built, week):
    before = {name: text_of(built, name) for name in ("lesson", "assignment")}
    assert pull(built, week) == []
    assert {name: text_of(built, name) for name in before} == before


def test_outputs_alone_are_no_edit(built, week):
    def run(cells):
        cells[1].execution_count = 3
        cells[1].outputs = [nbformat.v4.new_output("stream", text="noise")]

    edit_notebook(built, run)
    assert pull(built, week) == []


def test_an_edited_solution_comes_back_and_all_else_stays_to_the_letter(built, week):
    before = text_of(built)

    def change(cells):
        solution = cell(cells, "double_solution")
        solution.source = solution.source.replace("2 * np.asarray(x)", "np.asarray(x) * 2")

    edit_notebook(built, change)
    assert pull(built, week) == [built.curriculum(week, "assignment")]
    assert text_of(built) == before.replace("2 * np.asarray(x)", "np.asarray(x) * 2")
    assert "{{ladder:week01.line}}" in text_of(built)
    assert pull(built, week) == []


def test_a_lesson_comes_back_as_well(built, week):
    before = text_of(built, "lesson")

    def change(cells):
        cells[1].source = cells[1].source.replace("Some words.", "Better words.")

    edit_notebook(built, change, "lesson")
    assert pull(built, week) == [built.curriculum(week, "lesson")]
    assert text_of(built, "lesson") == before.replace("Some words.", "Better words.")


def test_a_new_cell_arrives_at_its_place(built, week):
    before = text_of(built)

    def change(cells):
        cells.insert(cells.index(cell(cells, "double")), nbformat.v4.new_code_cell("double([1, 2])"))

    edit_notebook(built, change)
    pull(built, week)
    after = text_of(built)
    assert after.replace("# %%\ndouble([1, 2])\n\n", "") == before
    assert after.index("### END SOLUTION") < after.index("double([1, 2])") < after.index('practice("week01.double"')


def test_a_deleted_cell_is_gone_and_its_neighbours_stay(built, week):
    edit_notebook(built, lambda cells: cells.remove(cell(cells, "week01-assignment-002")))
    pull(built, week)
    assert "## Task 1" not in text_of(built)
    assert "def double(x):" in text_of(built)
    assert "{{ladder:week01.line}}" in text_of(built)


def test_points_changed_in_the_notebook_come_back(built, week):
    def change(cells):
        cell(cells, "double").metadata.nbgrader.points = 4

    edit_notebook(built, change)
    pull(built, week)
    assert '"points": 4' in text_of(built)
    assert '"points": 5' in text_of(built)


def test_what_the_ui_adds_to_metadata_does_not_come_back(built, week):
    def change(cells):
        solution = cell(cells, "double_solution")
        solution.source += "\n# a remark"
        solution.metadata.collapsed = True
        solution.metadata.nbgrader.checksum = "0" * 32
        solution.metadata.nbgrader.cell_type = "code"

    edit_notebook(built, change)
    pull(built, week)
    assert "# a remark" in text_of(built)
    for noise in ("collapsed", "checksum", "cell_type"):
        assert noise not in text_of(built)


def test_an_edit_of_the_title_cell_is_not_read_back(built, week):
    def change(cells):
        cells[0].source = "# Another title"

    edit_notebook(built, change)
    assert pull(built, week) == []


def test_a_build_after_a_pull_gives_the_edited_notebook(built, week):
    def change(cells):
        cell(cells, "line_solution").source += "\n\n\ndef helper():\n    return 1"
        cells.insert(3, nbformat.v4.new_markdown_cell("A remark\n\n- with a list\n- of two"))
        cells.append(nbformat.v4.new_code_cell("%timeit double(1)"))

    edit_notebook(built, change)
    edited = nbformat.read(built.source(week, "assignment"), as_version=4)
    pull(built, week)
    rebuilt = nbformat.reads(build_all(built)[built.source(week, "assignment")], as_version=4)
    assert sources(rebuilt.cells) == sources(edited.cells)
    write_all(built)
    assert differences(built) == []


@pytest.mark.parametrize("name", ["lesson", "assignment"])
def test_a_week_that_was_not_built_is_a_message(own_course, name):
    write_all(own_course)
    own_course.source(own_course.weeks[0], name).unlink()
    with pytest.raises(CourseError, match=rf"source/week01/{name}\.ipynb; found none. Run: tfcourse build"):
        pull(own_course, own_course.weeks[0])


def test_an_edited_cell_keeps_its_ladder_as_a_placeholder(built, week):
    def change(cells):
        cell = next(cell for cell in cells if "| points |" in cell.source)
        cell.source = cell.source.replace("## Task 2", "## Task 2, reworded")

    edit_notebook(built, change)
    pull(built, week)
    assert "# ## Task 2, reworded\n#\n# {{ladder:week01.line}}" in text_of(built)
