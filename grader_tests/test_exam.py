"""A whole exam of the real course, by script: five fresh problems, a broken file and the references, four ways."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

import nbformat
import pytest
from nbclient import NotebookClient

from tfcourse.checks.problems import DATA, SCRIPT
from tfcourse.checks.runtime import fix_seeds
from tfcourse.course import ROOT_VARIABLE, find_course
from tfcourse.exam import session
from tfcourse.exam.materials import NOTEBOOK, read_problem
from tfcourse.exam.report import report_page
from tfcourse.texts import is_solution, read_text, without_markers

COURSE = find_course()
TOKEN = "a token for tests"


def solution_of(problem):
    """Return the reference's source, as a candidate would have written it into the starter."""
    cells = read_text(COURSE.exam_folder / f"{problem.name}.py").cells
    return "\n\n".join(without_markers(cell.source) for cell in cells if is_solution(cell))


def solved(problem, text):
    starter = read_problem(COURSE, problem).starter
    assert text.count(starter) == 1
    return text.replace(starter, solution_of(problem))


def run(*command, folder):
    """Run a command of this course from anywhere, and return what it prints."""
    environment = {**os.environ, ROOT_VARIABLE: str(COURSE.root)}
    done = subprocess.run(
        [sys.executable, *map(str, command)], cwd=folder, env=environment, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@contextmanager
def server(folder):
    """Run what `tfcourse lab` runs, without a browser; yield the page's address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--no-browser", f"--port={port}", f"--IdentityProvider.token={TOKEN}", "--allow-root"]
    process = subprocess.Popen(
        [sys.executable, "-m", "tfcourse", "lab", *options],
        cwd=folder,
        env={**os.environ, ROOT_VARIABLE: str(COURSE.root)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{port}/tfcourse/exam"
    finally:
        process.terminate()
        process.wait(60)


def ask(address, content=None, **headers):
    """Send a request with the token, and return the JSON of the answer."""
    sent = {"Authorization": f"token {TOKEN}", "Content-Type": "application/octet-stream", **headers}
    request = urllib.request.Request(address, content, sent)
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.loads(answer.read())


def wait_for(address):
    for _ in range(600):
        try:
            return ask(f"{address}/state")
        except urllib.error.URLError:
            time.sleep(0.2)
    raise AssertionError("the server does not answer")


@pytest.mark.slow
def test_a_whole_exam(tmp_path):
    exam = session.start(COURSE, seed="a whole exam")
    by_script, by_notebook, by_command, by_page, by_function = exam.places
    assert [place.kind for place in exam.places] == [part.kind for part in COURSE.exam.parts]

    # 1: an editor, and the script.
    script = exam.root / by_script.folder / SCRIPT
    script.write_text(solved(exam.problem(COURSE, by_script), script.read_text()))
    assert "5 of 5 points" in run(script, folder=tmp_path)

    # 2: the notebook.
    path = exam.root / by_notebook.folder / NOTEBOOK
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.source == read_problem(COURSE, exam.problem(COURSE, by_notebook)).starter:
            cell.source = solution_of(exam.problem(COURSE, by_notebook))
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(path.parent)}}).execute()
    assert "5 of 5 points" in notebook.cells[-1].outputs[0]["data"]["text/plain"]

    # 3: a model trained elsewhere, in the older format, and the command.
    model = tmp_path / "elsewhere.h5"
    trained(exam, by_command).save(model)
    told = run("-m", "tfcourse", "exam", "submit", "3", model, folder=tmp_path)
    assert "5 of 5 points" in told

    # 4: the page.
    model = tmp_path / "model.keras"
    trained(exam, by_page).save(model)
    with server(tmp_path) as address:
        wait_for(address)
        target = f"{address}/submit?exam={exam.id}&problem={by_page.number}"
        answer = ask(target, model.read_bytes(), **{"X-File-Name": "model.keras"})
        assert (answer["points"], answer["number"]) == (5, 1)

        # 5: a broken file, and then a good model.
        broken = ask(f"{address}/submit?exam={exam.id}&problem=5", b"broken", **{"X-File-Name": "model.keras"})
        assert (broken["points"], broken["outcome"]) == (0, "cannot be scored")
    trained(exam, by_function).save(model)
    assert "5 of 5 points" in run("-m", "tfcourse", "exam", "submit", "5", model, folder=tmp_path)

    assert exam.percent() == 100
    assert [each.way for each in exam.tries()] == ["script", "notebook", "command", "page", "page", "command"]
    run("-m", "tfcourse", "exam", "finish", "--yes", folder=tmp_path)
    assert exam.over_because == "finished"
    page = report_page(COURSE, exam)
    assert "100 %" in page
    assert all(exam.problem(COURSE, place).title in page for place in exam.places)


def trained(exam, place):
    """Return the reference of a problem, trained on the files of its folder."""
    fix_seeds(1)
    assert (exam.root / place.folder / DATA).is_dir()
    return exam.problem(COURSE, place).reference(exam.root / place.folder)
