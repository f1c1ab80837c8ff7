"""Pages that nbgrader makes of graded notebooks: feedback, and the formgrader's."""

import os
from pathlib import Path

import nbformat
import pytest
from hostile import HIT, MARKDOWN, acting, body, hostile_notebook
from nbconvert import HTMLExporter
from nbgrader.converters import GenerateFeedback
from nbgrader.server_extensions.formgrader.handlers import template_path
from plain_course import autograde, directory, grades, submission, submit, write_course
from real_lab import BROWSER, chromium
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

CONFIG = Path(__file__).parents[2] / "nbgrader_config.py"
READ = "Read this, it was written by a learner."


@pytest.fixture
def root(tmp_path, monkeypatch):
    for name in ("PATH", "JUPYTER_PATH", "TFCOURSE_ROOT"):  # the configuration changes them
        monkeypatch.setenv(name, os.environ.get(name, ""))
    write_course(tmp_path)
    return tmp_path


def configuration():
    found = PyFileConfigLoader(CONFIG.name, path=str(CONFIG.parent)).load_config()
    return Config({name: found[name] for name in ("HTMLExporter", "GenerateFeedback")})


def feedback(root, student="ann", config=None):
    """Make a student's feedback, and return the page."""
    coursedir = directory(root, student_id=student)
    config = Config(coursedir.config) if config is None else Config({**coursedir.config, **config})
    made = GenerateFeedback(coursedir=coursedir, parent=coursedir, config=config)
    made.force = True
    made.start()
    return (root / "feedback" / student / "ps1" / "p1.html").read_text()


def formgrader(root, student="ann", config=None):
    """Return what the formgrader shows of a student."""
    config = Config(config or {})
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [template_path]
    path = root / "autograded" / student / "ps1" / "p1.ipynb"
    html, _ = HTMLExporter(config=config).from_filename(str(path), resources={"index": 0, "total": 1})
    return html


def hostile_submission():
    """Return a solved assignment with everything hostile in it that nbconvert renders."""
    notebook, hostile = submission(), hostile_notebook()
    del hostile.cells[list(MARKDOWN).index("attachment")], hostile.metadata["authors"]
    notebook.cells = [nbformat.v4.new_markdown_cell(READ), *hostile.cells, *notebook.cells]
    notebook.cells[-1].source = f"{READ} <img src='x' onerror='{HIT}'>"
    notebook.metadata |= hostile.metadata
    return notebook


def put_into_autograded(root, notebook):
    """Write a graded notebook as an earlier version did, or stock nbgrader."""
    path = root / "autograded" / "ann" / "ps1" / "p1.ipynb"
    path.chmod(0o644)
    nbformat.write(notebook, path)


# ---------------------------------------------------------------------------- what is written


def test_what_is_written_acts_nowhere(root):
    """With stock nbgrader's configuration too: it is the file that is clean."""
    submit(root, "ann", hostile_submission())
    submit(root, "zoe")
    results = autograde(root)
    assert results["ann"].reason == ""
    assert grades(root, "ann") == grades(root, "zoe"), "cleaning changes no grade"
    for page in (feedback, formgrader):
        html = page(root)
        assert acting(body(html)) == acting(body(page(root, "zoe"))), "nbgrader's own controls, and nothing else"
        assert html.count(READ) == 2
    nbformat.validate(nbformat.read(root / "autograded" / "ann" / "ps1" / "p1.ipynb", as_version=4))


def test_the_submitted_file_is_not_changed(root):
    folder = submit(root, "ann", hostile_submission())
    before = (folder / "p1.ipynb").read_bytes()
    autograde(root)
    assert (folder / "p1.ipynb").read_bytes() == before


def test_a_slow_cell_stalls_no_feedback(root):
    notebook = submission()
    notebook.cells = [nbformat.v4.new_markdown_cell("\\\\(" * 30_000) for _ in range(20)] + notebook.cells
    submit(root, "ann", notebook)
    autograde(root)
    html = feedback(root)
    assert html.count("[Shown as text: it takes too long to be rendered.]") >= 20
    assert "Because." in html


# ---------------------------------------------------------------------------- what was written before


def test_a_notebook_that_was_graded_before_acts_nowhere(root):
    submit(root, "ann")
    submit(root, "zoe")
    autograde(root)
    put_into_autograded(root, hostile_submission())
    for page in (feedback, formgrader):
        ordinary = acting(body(page(root, "zoe")))
        assert acting(body(page(root))) != ordinary, "without the course's configuration"
        html = page(root, config=configuration())
        assert acting(body(html)) == ordinary
        assert html.count(READ) == 2


def metadata(notebook):
    notebook.metadata |= {"authors": "me", "kernelspec": {"name": "ml"}}


def widgets(notebook):
    notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"version_major": 2}}
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "x"}, "text/plain": "a bar"}
    notebook.cells[0].outputs = [nbformat.v4.new_output("display_data", view)]


def more_widgets(notebook):
    notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"x": {"model_name": "Bar"}}, "y": 1}


def attachment(notebook):
    notebook.cells[-1].source = "![it](attachment:missing.png)"


def sizes(notebook):
    output = nbformat.v4.new_output("display_data", {"image/png": "AAAA"}, metadata={"image/png": "wide"})
    notebook.cells[0].outputs = [output]


def old_output(notebook):
    notebook.cells[0].outputs = [nbformat.from_dict({"output_type": "pyout", "text": ["1"]})]


@pytest.mark.parametrize("break_it", [metadata, widgets, more_widgets, attachment, sizes, old_output])
def test_a_notebook_that_was_graded_before_and_breaks_pages_has_them(root, break_it):
    submit(root, "ann")
    autograde(root)
    notebook = nbformat.read(root / "autograded" / "ann" / "ps1" / "p1.ipynb", as_version=4)
    break_it(notebook)
    put_into_autograded(root, notebook)
    for page in (feedback, formgrader):
        assert "Student's answer" in page(root, config=configuration())


# ---------------------------------------------------------------------------- in a browser


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.skipif(BROWSER is None, reason="NO BROWSER TESTED: install Chromium (Debian: apt-get install chromium)")
def test_nothing_runs_in_a_browser(root):
    submit(root, "ann", hostile_submission())
    autograde(root)
    clean = [feedback(root), formgrader(root)]
    put_into_autograded(root, hostile_submission())
    with chromium() as browser:
        assert all(map(_hits, [browser] * 2, [feedback(root), formgrader(root)])), "without cleaning, it runs"
        assert not any(map(_hits, [browser] * 2, clean))


TOUCH = """() => document.querySelectorAll("#notebook-container *").forEach(one => {
    if (!(one instanceof HTMLAnchorElement) || one.href.startsWith("javascript:"))
        one.dispatchEvent(new MouseEvent("click", { cancelable: true }))
    for (const kind of ["mouseover", "focus"]) one.dispatchEvent(new Event(kind))
})"""


def _hits(browser, html):
    """Open a page, touch everything on it, and tell whether a payload was run or a foreign host was asked."""
    page = browser.new_page()
    asked = []

    def refuse(route):
        asked.append(route.request.url)
        route.abort()

    page.route("**/*", refuse)
    page.set_content(html, wait_until="load")
    page.evaluate(TOUCH)
    page.wait_for_timeout(500)
    hit = page.evaluate("window.hit === 1") or any("evil.invalid" in url for url in asked)
    page.close()
    return hit
