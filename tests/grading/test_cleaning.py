"""What a notebook shows to others: it says what it said, and nothing in it acts."""

import copy
import os

import nbformat
import pytest
from bs4 import BeautifulSoup
from hostile import BUNDLES, HIT, MARKDOWN, PIXEL, acting, body, hostile_notebook, shown
from nbconvert import HTMLExporter
from nbgrader.server_extensions.formgrader.handlers import template_path
from traitlets.config import Config

from tfcourse.checks import Ladder, Outcome, Score, mean_absolute_error
from tfcourse.checks.diagnosis import Diagnosis, History
from tfcourse.grading import cleaning
from tfcourse.grading.bounded import Bounded
from tfcourse.grading.cleaner import cleaned
from tfcourse.grading.cleaning import clean, clean_fragment, plain
from tfcourse.reports.card import RECEIPT_MIME, Card, Note

v4 = nbformat.v4
IMAGE = f'<img src="data:image/png;base64,{PIXEL}" width="40">'


def page(notebook, template):
    """Return a page as nbgrader makes it, without any preprocessor of ours."""
    config = Config()
    config.HTMLExporter.template_name = template
    config.HTMLExporter.extra_template_basedirs = [template_path]
    if template == "feedback":
        static = os.path.join(os.path.dirname(template_path), "static/node_modules/bootstrap/dist/css")
        config.HTMLExporter.extra_template_paths = [static]
    resources = {"nbgrader": {"notebook": "p1", "score": 1, "max_score": 2, "late_penalty": 0}, "index": 0, "total": 1}
    exporter = HTMLExporter(config=config)
    html, _ = exporter.from_notebook_node(notebook, resources=resources)
    return html


def cleaned_source(source, **more):
    return clean(v4.new_notebook(cells=[v4.new_markdown_cell(source, **more)])).cells[0].source


def cleaned_output(data, **metadata):
    return clean(v4.new_notebook(cells=[v4.new_code_cell("", outputs=[shown(data, **metadata)])])).cells[0].outputs[0]


# ---------------------------------------------------------------------------- nothing acts


@pytest.mark.parametrize("template", ["formgrade", "feedback"])
def test_nothing_of_a_learners_acts_in_a_page(template):
    notebook = hostile_notebook()
    del notebook.cells[list(MARKDOWN).index("attachment")]  # nbconvert refuses it as it is
    del notebook.metadata["authors"]
    assert len(acting(body(page(notebook, template)))) > 30, "without cleaning, they do"
    html = page(clean(notebook), template)
    assert acting(body(html)) == []
    rest = html.replace(body(html), "")
    empty = page(v4.new_notebook(), template)
    assert len(acting(rest)) <= len(acting(empty)), "nor anything outside of the cells"


@pytest.mark.parametrize("template", ["formgrade", "feedback"])
@pytest.mark.parametrize("name", MARKDOWN)
def test_no_cell_acts(template, name):
    """Each by itself, in the order of what may stand behind it: what is left open closes in the next cell."""
    cells = [v4.new_markdown_cell(MARKDOWN[name]), v4.new_markdown_cell(MARKDOWN["behind an unclosed attribute"])]
    html = page(clean(v4.new_notebook(cells=cells)), template)
    assert acting(body(html)) == []
    assert BeautifulSoup(html, "html.parser").get_text().count("tabindex=1") == 1 + (
        name == "behind an unclosed attribute"
    ), "the cell behind it is shown"


@pytest.mark.parametrize("name", BUNDLES)
def test_no_output_acts(name):
    output = cleaned_output(BUNDLES[name])
    assert set(output.data) <= {"text/plain", "text/html", "text/latex", "image/png"}
    assert acting(output.data.get("text/html", "")) == []
    assert output.data, "an output is never lost without a word"


def test_a_drawing_is_an_image():
    """In an image, scripts do not run."""
    data = cleaned_output(BUNDLES["svg"]).data
    assert data["text/html"].startswith('<img alt="A drawing" src="data:image/svg+xml;base64,')
    both = cleaned_output({"image/svg+xml": "<svg/>", "image/png": PIXEL}).data
    assert dict(both) == {"image/png": PIXEL}


def test_metadata_of_outputs_are_sizes():
    output = cleaned_output(
        {"image/png": PIXEL}, **{"image/png": {"width": 20, "height": "1 onload=x", "alt": "x"}, "filenames": {}}
    )
    assert output.metadata == {"image/png": {"width": 20}}


def test_attachments_are_pictures():
    attachments = {"a.png": {"image/png": PIXEL}, "b": {"text/html": "x"}, "c": 5, "d.png": {"image/png": 'x"'}}
    notebook = v4.new_notebook(cells=[v4.new_markdown_cell("![it](attachment:a.png)")])
    notebook.cells[0]["attachments"] = nbformat.from_dict(attachments)
    notebook = clean(notebook)
    assert notebook.cells[0].attachments == {"a.png": {"image/png": PIXEL}}
    assert f"data:image/png;base64,{PIXEL}" in page(notebook, "feedback")


# ---------------------------------------------------------------------------- the rest stays


@pytest.mark.parametrize(
    "source",
    [
        "",
        "# Title\n\n*a*, **b**, `x < y` and \"quotes\", 'more' … – é",
        "$a < b$ and $$\\int_0^1 f(x)\\,dx$$ and \\\\(c\\\\)",
        "\\begin{align} a &= b \\\\ c &< d \\end{align}",
        "| a | b |\n|:-:|--:|\n| 1 | 2 |",
        "```python\nif a < b:\n\n    print('<script>')\n```",
        "1. a\n2. b\n\n> quoted\n\n---\n\nSetext\n======\n",
        "[a](https://keras.io/?a=b&c=d) <https://keras.io> [lesson](../week01/lesson.ipynb) [below](#below)",
        "![plot](plot.png)",
        f"![plot](data:image/png;base64,{PIXEL})",
    ],
)
def test_ordinary_markdown_stays_as_it_was_written(source):
    assert cleaned_source(source) == source


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ("some <b>bold</b> text, $a < b$", "some <b>bold</b> text, $a &lt; b$"),
        ("<details><summary>Hint</summary>\n\n**Look** at it.\n\n</details>", "<strong>Look</strong> at it."),
        ('<div class="alert alert-info">Note</div>', '<div class="alert alert-info">Note</div>'),
        ("<table><tr><td>1</td></tr></table>", "<td>1</td>"),
        ('<span style="color:red">red</span>', '<span style="color:red">red</span>'),
        (
            f'<img src="data:image/png;base64,{PIXEL}" width="40">',
            f'<img src="data:image/png;base64,{PIXEL}" width="40">',
        ),
        ("<pre>a\n\n\nb</pre>", "<pre>a&#10;&#10;\nb</pre>"),
        ("- [x] done", "☑ done"),
        ("<center>x</center>\n\n![a](https://evil.invalid/a.png)", "<center>x</center>"),
    ],
)
def test_ordinary_html_stays_readable(source, kept):
    found = cleaned_source(source)
    assert kept in found
    html = page(clean(v4.new_notebook(cells=[v4.new_markdown_cell(source)])), "formgrade")
    assert BeautifulSoup(kept, "html.parser").get_text().strip() in BeautifulSoup(html, "html.parser").get_text()


def test_a_cell_that_is_nothing_else_is_shown_as_its_text():
    assert f"<script>{HIT}</script>" in cleaned_source(f"<script>{HIT}</script>")
    assert cleaned_source(f"<script>{HIT}</script>").startswith("```\n[Shown as text: it holds nothing but HTML")


def test_a_table_of_pandas_stays():
    import pandas

    html = pandas.DataFrame({"a": [1, 2], "b": ["<x>", "y"]})._repr_html_()
    found = clean_fragment(html)
    assert "<style" in html
    assert "vertical-align: middle" not in found
    assert '<table border="1" class="dataframe">' in found
    assert "<td>&lt;x&gt;</td>" in found


def test_plots_stay():
    assert dict(cleaned_output({"image/png": PIXEL + "\n", "text/plain": "<Figure>"}).data) == {
        "image/png": PIXEL + "\n",
        "text/plain": "<Figure>",
    }


def test_a_card_of_ours_stays():
    """So there is no need to tell ours from others'; the receipt, which a kernel cannot put out, stays with it."""
    score = Score(
        check_id="week01.line",
        title="A line",
        points=3.0,
        max_points=5,
        outcome=Outcome.WEAK,
        message="MAE 0.600 < 1",
        next_step="Use `model.fit`.",
        value=0.6,
        ladder=Ladder(mean_absolute_error, (1.8, 1.2, 0.8, 0.4, 0.2)),
        landmarks={"training mean": 1.9, "reference": 0.1},
        lines="a < b",
        printed="x",
        parameters=1234,
        seconds=2.34,
        diagnosis=Diagnosis(hidden=0.6, training=0.1, history=History((1.0, 0.5, 0.25), (1.0, 0.4, 0.9), 30)),
    )
    for card in (Card(score), Note("Title", "a\nb", "x = 1")):
        bundle = {**card._repr_mimebundle_(), RECEIPT_MIME: {"points": 3}}
        data = cleaned_output(bundle).data
        assert data[RECEIPT_MIME] == {"points": 3}
        assert data["text/plain"] == bundle["text/plain"]
        before, after = (BeautifulSoup(html, "html.parser") for html in (bundle["text/html"], data["text/html"]))
        assert [tag.name for tag in before.find_all(True)] == [tag.name for tag in after.find_all(True)]
        assert before.get_text() == after.get_text()
        for one, other in zip(before.find_all(True), after.find_all(True), strict=True):
            styles = [
                {part.strip().replace(" ", "") for part in tag.attrs.pop("style", "").split(";") if part.strip()}
                for tag in (one, other)
            ]
            assert styles[0] == styles[1]
            assert one.attrs == other.attrs


def test_cleaning_again_changes_nothing():
    once = clean(hostile_notebook())
    assert clean(once) == once


def test_what_is_cleaned_is_not_changed():
    notebook = hostile_notebook()
    before = copy.deepcopy(notebook)
    clean(notebook)
    assert notebook == before


# ---------------------------------------------------------------------------- what breaks pages, and schemas


def test_metadata_that_nobody_needs_are_dropped():
    notebook = hostile_notebook()
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python", "x": 1}
    notebook.cells[0].metadata |= {
        "nbgrader": {"grade_id": "essay", "points": 3, "solution": True, "comment": "<script>"},
        "tags": ["setup"],
        "collapsed": "x",
    }
    found = clean(notebook)
    assert found.metadata == {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language_info": {"name": "python", "file_extension": ".py", "pygments_lexer": "ipython3"},
    }
    assert found.cells[0].metadata == {
        "nbgrader": {"grade_id": "essay", "points": 3, "solution": True},
        "tags": ["setup"],
    }


def broken(kind):
    """Return a notebook that some program wrote, as nbformat reads it."""
    cell = v4.new_code_cell("1", outputs=[v4.new_output("execute_result", {"text/plain": "1"}, execution_count=1)])
    notebook = v4.new_notebook(cells=[cell, v4.new_markdown_cell("text")])
    if kind == "old output":
        cell.outputs[0] = {"output_type": "pyout", "prompt_number": 1, "text": ["1"]}
    elif kind == "no outputs":
        cell.outputs = None
    elif kind == "transient":
        cell.outputs[0]["transient"] = {"display_id": "x"}
    elif kind == "attachments":
        cell["attachments"] = {"a": {"image/png": PIXEL}}
    elif kind == "error details":
        cell.outputs.append({"output_type": "error", "ename": "E", "evalue": "", "traceback": [], "errorDetails": {}})
    elif kind == "lists":
        cell.outputs[0] = {"output_type": "stream", "name": "stdout", "text": ["a\n", 5]}
    elif kind == "metadata":
        cell.metadata |= {"tags": 5, "collapsed": "yes", "jupyter": 3, "execution": None}
        notebook.metadata |= {"authors": "me", "kernelspec": {"name": "ml"}, "language_info": 5, "widgets": {}}
    elif kind == "ids":
        notebook.cells[1]["id"] = cell["id"] = "a b"
    elif kind == "equal ids":
        notebook.cells[1]["id"] = cell["id"] = "same"
    elif kind == "minor":
        notebook.nbformat_minor = 2
    elif kind == "count":
        cell.execution_count = -5
    elif kind == "attachments of text":
        notebook.cells[1]["attachments"] = ["x"]
    elif kind == "cell type":
        notebook.cells[1]["cell_type"] = "heading"
        notebook.cells[1]["level"] = 1
    elif kind == "lines":
        notebook.cells[1]["source"] = ["a *te", "xt*\n", "and text"]
    elif kind == "no source":
        cell["source"] = None
    elif kind == "widgets":
        notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"version_major": 2}}
        cell.outputs[0].data["application/vnd.jupyter.widget-view+json"] = {"model_id": "x"}
    return notebook


KINDS = [
    "old output", "no outputs", "transient", "attachments", "error details", "lists", "metadata", "ids", "equal ids",
    "minor", "count", "attachments of text", "cell type", "lines", "no source", "widgets",
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_the_result_is_always_valid_and_always_a_page(kind):
    for clear in (clean, plain):
        found = clear(broken(kind))
        nbformat.validate(nbformat.reads(nbformat.writes(found), as_version=4))
        assert "text" in page(found, "feedback")


# ---------------------------------------------------------------------------- what takes too long

SLOW = {
    "\\\\(": "\\\\(" * 40_000,
    "\\begin": "\\begin{a}" * 20_000,
    "definitions": "a\n: " * 60_000,
    "nested": "<b><p>" * 20_000,
    "tables": "<table><tr><td>" * 20_000,
    "scripts": "<script " * 60_000,
    "quotes": "> " * 100_000 + "a",
}


@pytest.mark.parametrize("name", SLOW)
def test_a_cell_that_takes_too_long_is_shown_as_text(monkeypatch, name):
    monkeypatch.setattr(cleaning, "PIECE_SECONDS", 0.2)
    found = cleaned_source(SLOW[name])
    assert found.startswith("```\n[Shown as text: ")
    assert f"[Cut here, of {len(SLOW[name]):,} characters.]" in found
    assert len(found) < 30_000
    assert cleaned_source(found) == found


def test_many_such_cells_have_one_bound(monkeypatch):
    monkeypatch.setattr(cleaning, "PIECE_SECONDS", 0.1)
    monkeypatch.setattr(cleaning, "NOTEBOOK_SECONDS", 0.4)
    cells = [v4.new_markdown_cell(SLOW["\\\\("]) for _ in range(30)] + [v4.new_code_cell("x = 1")]
    found = clean(v4.new_notebook(cells=cells))
    assert all("[Shown as text: it takes too long to be rendered.]" in cell.source for cell in found.cells[:-1])
    assert found.cells[-1].source == "x = 1"


def test_an_output_that_takes_too_long_is_its_text(monkeypatch):
    monkeypatch.setattr(cleaning, "PIECE_SECONDS", 0.2)
    assert cleaned_output({"text/html": SLOW["nested"], "text/plain": "plain"}).data == {"text/plain": "plain"}
    assert "takes too long" in cleaned_output({"text/html": SLOW["nested"]}).data["text/plain"]


@pytest.mark.parametrize("text", ["```", "a\n````\n<script>", "`" * 5000, "$$ ``` $$\n```\n\\\\[", "    x\n~~~"])
def test_a_text_stays_within_its_block(text):
    source = plain(v4.new_notebook(cells=[v4.new_markdown_cell(text)])).cells[0].source
    html = page(v4.new_notebook(cells=[v4.new_markdown_cell(source)]), "feedback")
    assert text.strip("\n") in BeautifulSoup(html, "html.parser").find("div", class_="text_cell_render").get_text()
    assert acting(body(html)) == []


# ---------------------------------------------------------------------------- the process


def test_the_process_says_what_the_function_says():
    notebook = hostile_notebook()
    notebook.cells.append(v4.new_markdown_cell("half a character \ud800"))
    assert cleaned(notebook) == clean(notebook)


def test_a_notebook_that_takes_too_long_is_shown_as_text():
    process = Bounded("tfcourse.grading.cleaner", memory=2**31, seconds=0.0)
    notebook = hostile_notebook()
    assert cleaned(notebook, process) == plain(notebook)
