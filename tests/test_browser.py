"""The real JupyterLab in a real browser: what a learner sees first, and what a practice cell answers."""

import os
import re
import shutil
import socket
import subprocess
import sys
import urllib.request

import pytest

from tfcourse.authoring.build import write_all
from tfcourse.course import ROOT_VARIABLE, WORK_VARIABLE

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(
        BROWSER is None, reason="NO BROWSER TESTED: install Chromium (Debian: apt-get install chromium)"
    ),
]


@pytest.fixture
def lab(tmp_path, own_course):
    """Return a function that starts `tfcourse lab` on a small course and returns its address."""
    root = own_course.root
    write_all(own_course)
    environment = {name: value for name, value in os.environ.items() if name != WORK_VARIABLE}
    environment |= {ROOT_VARIABLE: str(root), "JUPYTER_CONFIG_DIR": str(tmp_path / "jupyter")}
    running = []

    def start():
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        arguments = [
            "--no-browser",
            f"--ServerApp.port={port}",
            "--ServerApp.port_retries=0",
            "--IdentityProvider.token=t",
        ]
        if hasattr(os, "getuid") and os.getuid() == 0:
            arguments.append("--allow-root")
        command = [sys.executable, "-m", "tfcourse", "lab", *arguments]
        log = (tmp_path / f"lab-{port}.log").open("wb")
        process = subprocess.Popen(command, cwd=root, env=environment, stdout=log, stderr=log)
        running.append(process)
        for _ in range(600):
            if process.poll() is not None:
                break
            if answers(f"http://127.0.0.1:{port}/api?token=t"):
                return f"http://127.0.0.1:{port}/?token=t", process
            process_wait(process, 0.2)
        raise AssertionError((tmp_path / f"lab-{port}.log").read_text())

    yield start
    for process in running:
        process.terminate()
        process.wait(30)


def answers(address):
    try:
        urllib.request.urlopen(address, timeout=1).close()
    except OSError:
        return False
    return True


def process_wait(process, seconds):
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return


@pytest.fixture
def page():
    sync_api = pytest.importorskip("playwright.sync_api", reason="NO BROWSER TESTED: playwright is not installed")
    switches = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=switches)
        page = browser.new_page(viewport={"width": 1300, "height": 900})
        page.set_default_timeout(120_000)
        yield page
        browser.close()


def test_lab_opens_at_the_syllabus_and_a_practice_cell_answers(lab, page):
    address, process = lab()
    page.goto(address)
    page.get_by_role("heading", name="Mini").wait_for()
    page.get_by_role("link", name="assignment").click()
    page.locator(".jp-NotebookPanel .jp-CodeCell").first.wait_for()
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.get_by_text("A line: 0 of 5 points, not attempted").wait_for()
    assert page.get_by_role("button", name="Validate").count() == 1
    page.keyboard.press("Control+s")
    process.terminate()
    process.wait(60)

    again, _ = lab()
    page.goto(again)
    page.get_by_role("heading", name="Mini").wait_for()
    current = page.locator(".lm-DockPanel-tabBar .jp-mod-current").inner_text()
    assert re.search("syllabus", current), "a week begun before must not hide the syllabus"
