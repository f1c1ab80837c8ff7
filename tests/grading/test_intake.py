"""What a submitted notebook may look like, whatever editor wrote it, and what is put back into it."""

import copy
import json

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tfcourse.errors import UnusableNotebook
from tfcourse.grading import intake
from tfcourse.grading.intake import originals_of, read_notebook, restore
from tfcourse.grading.submissions import make_submission


def cell(notebook, grade_id):
    return next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def ids(notebook):
    return [id for cell in notebook.cells if (id := cell.metadata.get("nbgrader", {}).get("grade_id"))]


def written(*cells, **rest):
    """Return the file of a notebook that holds some cells."""
    return json.dumps({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **rest}).encode()


def code(source="1", **rest):
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None, **rest}


def read_one(content):
    notebook = read_notebook(content, "assignment.ipynb")
    nbformat.validate(notebook)
    return notebook.cells[0]


# ---------------------------------------------------------------------------- what is no notebook


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b" \n", "it is empty"),
        (b"print('hello')", "it is not JSON"),
        (b"\x00\xff\xfe binary", "it is not UTF-8"),
        ("{}".encode("utf-16"), "it is not UTF-8"),
        (b"PK\x03\x04 and so on", "it is a zip archive"),
        (b"<!DOCTYPE html><html>", "it is a web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "pointer of Git LFS"),
        (b"[]", "it holds a list"),
        (b"null", "it holds a NoneType"),
        (b"5", "it holds a int"),
        (b'{"a": 1}', "it has no list of cells"),
        (written(cells=3), "it has no list of cells"),
        (written({}), "its cell 1 is none"),
        (written(code(), 5), "its cell 2 is none"),
        (written(nbformat=99), "its format is 99"),
        (written(nbformat=3, worksheets=5), "it is of an old format, and damaged"),
        (b'{"cells": [], "metadata": {}, "nbformat": 4', "it is not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (written(*[code()] * 2_001), "it has 2001 cells, of at most 2000"),
        (written(code("x" * (intake.MOST_TEXT + 1))), "10 million characters"),
    ],
)
def test_what_is_no_notebook_is_told_in_a_line(content, reason):
    with pytest.raises(UnusableNotebook) as caught:
        read_notebook(content, "assignment.ipynb")
    message = str(caught.value)
    assert message.startswith("Expected a Jupyter notebook in assignment.ipynb; it cannot be read: ")
    assert reason in message
    assert "Save it again" in message
    assert len(message.splitlines()) == 1
    assert len(message) < 400


# ---------------------------------------------------------------------------- what is one, whoever wrote it


def test_a_byte_order_mark_is_read():
    assert read_one(b"\xef\xbb\xbf" + written(code())).source == "1"


def test_an_old_notebook_is_read():
    old = nbformat.v3.new_notebook(worksheets=[nbformat.v3.new_worksheet(cells=[nbformat.v3.new_code_cell("1")])])
    assert read_one(nbformat.writes(old, version=3).encode()).source == "1"


@pytest.mark.parametrize("minor", [0, 2, 4, 5, 7, None])
def test_cells_have_ids_whatever_the_minor_version(minor):
    content = written(code(id="same"), code(id="same"), code(), code(id="no id!"), code(id=5), nbformat_minor=minor)
    notebook = read_notebook(content, "assignment.ipynb")
    nbformat.validate(notebook)
    assert notebook.cells[0].id == "same"
    assert len({each.id for each in notebook.cells}) == 5


@pytest.mark.parametrize(
    "outputs",
    [
        None,
        5,
        [5],
        [{"output_type": "unheard of"}],
        [{"output_type": "stream", "name": "stdout", "text": "old", "transient": {"display_id": "1"}}],
        [{"output_type": "error", "ename": "E", "evalue": "", "traceback": [], "errorDetails": {}}],
    ],
)
def test_old_outputs_are_dropped_whatever_they_are(outputs):
    found = read_one(written(code(outputs=outputs, execution_count="7", attachments={})))
    assert found.outputs == []
    assert found.execution_count is None
    assert "attachments" not in found


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        5,
        [],
        {"kernelspec": None},
        {"kernelspec": {}},
        {"kernelspec": {"name": 5}},
        {"language_info": {}},
        {"authors": "Ann"},
        {"name": "ml"},
        {"widgets": {"application/vnd.jupyter.widget-state+json": {"abc": {"model_name": "FloatProgressModel"}}}},
        {"title": 5, "orig_nbformat": "x"},
    ],
)
def test_metadata_that_nobody_needs_are_dropped(metadata):
    notebook = read_notebook(written(code(), metadata=metadata), "assignment.ipynb")
    nbformat.validate(notebook)
    assert notebook.metadata == {}


def test_the_kernel_is_kept():
    spec = {"kernelspec": {"name": "python3", "language": "python", "accelerator": "GPU"}}
    assert read_notebook(written(code(), metadata=spec), "a").metadata == {
        "kernelspec": {"name": "python3", "display_name": "python3", "language": "python"}
    }


@pytest.mark.parametrize(
    ("metadata", "kept"),
    [
        (None, {}),
        ([], {}),
        ({"nbgrader": [], "tags": "x"}, {}),
        ({"nbgrader": {"grade_id": "a", "points": 2, "more": []}}, {"nbgrader": {"grade_id": "a", "points": 2}}),
        ({"tags": ["a", 5, "a"], "id": "x", "colab": {}}, {"tags": ["a"]}),
        ({"deletable": 5, "collapsed": "yes", "jupyter": 1, "name": "", "format": 5}, {}),
    ],
)
def test_of_a_cell_nbgraders_metadata_and_tags_are_kept(metadata, kept):
    assert read_one(written(code(metadata=metadata))).metadata == kept


@pytest.mark.parametrize(
    ("source", "read"),
    [(["a\n", "b"], "a\nb"), (None, ""), (5, ""), ("\ud800", "?"), (["a", 5, None], "a")],
)
def test_a_cells_text_is_one_string(source, read):
    assert read_one(written(code(source))).source == read


def test_a_cell_of_an_unknown_kind_is_kept_as_text():
    assert read_one(written({"cell_type": "heading", "source": "A title"})).cell_type == "raw"


def test_a_picture_in_a_text_is_kept():
    picture = {"a.png": {"image/png": "AAAA", "bad": 5}, "b": 5}
    found = read_one(written({"cell_type": "markdown", "source": "![](attachment:a.png)", "attachments": picture}))
    assert found.attachments == {"a.png": {"image/png": "AAAA"}}


# Values where nobody expects them: any JSON in any field.
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
_NBGRADER = st.fixed_dictionaries(
    {},
    optional={
        "grade_id": st.sampled_from(["double", "double_solution", "line", "other"]) | _JSON,
        "grade": _JSON,
        "solution": _JSON,
        "locked": _JSON,
        "points": _JSON,
        "schema_version": _JSON,
    },
)
_CELL = st.fixed_dictionaries(
    {"cell_type": st.sampled_from(["code", "markdown", "raw", "heading"])},
    optional={
        "id": _JSON,
        "source": _JSON,
        "metadata": st.fixed_dictionaries({}, optional={"nbgrader": _NBGRADER | _JSON, "tags": _JSON}) | _JSON,
        "outputs": _JSON,
        "execution_count": _JSON,
        "attachments": _JSON,
    },
)
_NOTEBOOK = st.fixed_dictionaries(
    {"cells": st.lists(_CELL, max_size=6)},
    optional={
        "metadata": st.fixed_dictionaries({}, optional={"kernelspec": _JSON, "language_info": _JSON}) | _JSON,
        "nbformat": st.just(4),
        "nbformat_minor": _JSON,
        "other": _JSON,
    },
)


@given(table=_NOTEBOOK)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_notebook_becomes_a_valid_one_with_the_assignments_cells(originals, table):
    notebook = read_notebook(json.dumps(table).encode(), "assignment.ipynb")
    nbformat.validate(notebook)
    restored = restore(notebook, originals)
    nbformat.validate(restored)
    assert {"double", "line"} <= set(ids(restored))
    assert len(ids(restored)) == len(set(ids(restored)))


@given(content=st.binary(max_size=200) | _JSON.map(lambda value: json.dumps(value).encode()))
@settings(max_examples=300, deadline=None)
def test_any_file_is_a_notebook_or_a_message(content):
    try:
        nbformat.validate(read_notebook(content, "assignment.ipynb"))
    except UnusableNotebook as error:
        assert len(str(error).splitlines()) == 1  # noqa: PT017 - either is right


# ---------------------------------------------------------------------------- what is put back


@pytest.fixture
def originals(course):
    return originals_of(nbformat.read(course.source(course.weeks[0], "assignment"), as_version=4))


@pytest.fixture
def submitted(course):
    return make_submission(course, course.weeks[0], "reference")


def author(originals, id):
    return next(original for original in originals if original.id == id)


def test_hidden_tests_come_back_and_answers_stay(originals, submitted):
    cell(submitted, "double_solution").source = "def double(x):\n    return x + x"
    before = copy.deepcopy(submitted)
    restored = restore(submitted, originals)
    assert cell(restored, "double").source == author(originals, "double").source
    assert cell(restored, "double_solution").source == "def double(x):\n    return x + x"
    assert submitted == before
    nbformat.validate(restored)


def test_an_edited_test_cell_gets_its_text_and_points_back(originals, submitted):
    cell(submitted, "double").source = "2.0"
    cell(submitted, "double").metadata.nbgrader.points = 100
    cell(submitted, "line").cell_type = "markdown"
    restored = restore(submitted, originals)
    for id in ("double", "line"):
        assert cell(restored, id).source == author(originals, id).source
        assert cell(restored, id).metadata.nbgrader == author(originals, id).metadata
        assert cell(restored, id).cell_type == "code"


def test_a_test_cell_cannot_wish_not_to_be_run(originals, submitted):
    cell(submitted, "double").metadata["tags"] = ["skip-execution"]
    assert "tags" not in cell(restore(submitted, originals), "double").metadata


@pytest.mark.parametrize(
    ("deleted", "expected"),
    [
        (["double"], ["double_solution", "double", "line_solution", "line"]),
        (["line"], ["double_solution", "double", "line_solution", "line"]),
        (["double", "line"], ["double_solution", "double", "line_solution", "line"]),
        (["double_solution", "double"], ["line_solution", "line", "double"]),
        (["line_solution", "line"], ["double_solution", "double", "line"]),
        (["double_solution", "double", "line_solution", "line"], ["double", "line"]),
    ],
)
def test_deleted_test_cells_come_back_behind_the_nearest_cell_before_them(originals, submitted, deleted, expected):
    submitted.cells = [c for c in submitted.cells if c.metadata.get("nbgrader", {}).get("grade_id") not in deleted]
    assert ids(restore(submitted, originals)) == expected


def test_of_copies_the_first_counts_and_the_others_are_ordinary_cells(originals, submitted):
    at = submitted.cells.index(cell(submitted, "double"))
    for number in range(2):
        extra = copy.deepcopy(cell(submitted, "double"))
        extra.id, extra.source = f"copy-{number}", f"copy = {number}"
        submitted.cells.insert(at + 1, extra)
    restored = restore(submitted, originals)
    assert ids(restored).count("double") == 1
    assert [c.source for c in restored.cells if c.source.startswith("copy")] == ["copy = 1", "copy = 0"]


def test_a_learners_own_cells_stay_where_they_are(originals, submitted):
    submitted.cells.insert(3, nbformat.v4.new_code_cell("x = 1"))
    assert restore(submitted, originals).cells[3].source == "x = 1"


@pytest.mark.parametrize(
    "metadata", [None, [], "text", {}, {"grade_id": None}, {"grade_id": ["double"]}, {"grade": True}]
)
def test_nbgraders_metadata_that_make_no_sense_are_dropped(originals, submitted, metadata):
    submitted.cells[1].metadata["nbgrader"] = metadata
    restored = restore(submitted, originals)
    assert "nbgrader" not in restored.cells[1].metadata
    assert ids(restored) == ["double_solution", "double", "line_solution", "line"]


def test_a_read_only_cell_comes_back_and_keeps_its_text(originals, submitted):
    metadata = {"grade": False, "solution": False, "locked": True, "grade_id": "data", "schema_version": 3}
    fixed = intake.Original("data", "code", "y = 1", {**metadata, "task": False})
    restored = restore(submitted, [*originals, fixed])
    assert restored.cells[-1].source == "y = 1"
    cell(restored, "data").source = "y = 2"
    assert cell(restore(restored, [*originals, fixed]), "data").source == "y = 1"


def test_an_empty_notebook_gets_its_test_cells(originals):
    assert ids(restore(nbformat.v4.new_notebook(), originals)) == ["double", "line"]
