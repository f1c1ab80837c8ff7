"""The real JupyterLab in a real browser: what a learner sees first, and what a practice cell answers."""

import re
import signal
import sys
import time
from pathlib import Path

import nbformat
import pytest
from real_lab import MARKS, chromium, start_lab

from tfcourse.authoring.build import write_all

pytestmark = MARKS


@pytest.fixture
def lab(tmp_path, own_course):
    """Return a function that starts `tfcourse lab` on a small course and returns its address."""
    write_all(own_course)
    running = []

    def start():
        address, process = start_lab(own_course.root, tmp_path)
        running.append(process)
        return address, process

    yield start
    for process in running:
        process.terminate()
        process.wait(30)


@pytest.fixture
def page():
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1300, "height": 900})
        page.set_default_timeout(120_000)
        yield page


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


CELLS = [
    "import time\nbegan = time.perf_counter()\nimport tensorflow as tf\nprint('took', time.perf_counter() - began)",
    "import os\nprint('kernel', os.getpid(), os.getppid())",
    "while True:\n    pass",
    "import matplotlib.pyplot as plt\nplt.plot([1, 2]);",
    "print('restarted', 'tf' in dir(), os.getpid() if 'os' in dir() else __import__('os').getpid())",
]


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(true, seconds=60):
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.1)
    return true()


@pytest.mark.skipif(sys.platform != "linux", reason="NO WARM KERNEL TESTED: only Linux has them")
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_the_kernel_is_warm_and_obeys_as_any_kernel(lab, page, own_course, end):
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(text) for text in CELLS],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}},
    )
    address, process = lab()
    own_course.work_folder.mkdir(exist_ok=True)
    nbformat.write(notebook, own_course.work_folder / "mine.ipynb")
    page.goto(address.replace("/?", f"/lab/tree/{own_course.work_folder.name}/mine.ipynb?"))
    cells = page.locator(".jp-NotebookPanel .jp-CodeCell")

    def idle():
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()

    def run(number):
        cells.nth(number).locator(".jp-InputArea-editor").click()
        page.keyboard.press("Shift+Enter")

    def output(number, pattern):
        found = cells.nth(number).locator(".jp-OutputArea-output").filter(has_text=re.compile(pattern)).first
        found.wait_for()
        return re.search(pattern, found.inner_text())

    def choose(item):
        page.get_by_role("menuitem", name="Kernel", exact=True).click()
        page.get_by_role("menuitem", name=re.compile(item)).click()

    idle()
    run(0)
    assert float(output(0, r"took ([\d.e-]+)")[1]) < 0.5, "TensorFlow was imported before"
    run(1)
    kernel, server = map(int, output(1, r"kernel (\d+) (\d+)").groups())
    assert "tfcourse.kernels.server" in Path(f"/proc/{server}/cmdline").read_text()
    assert f"PPid:\t{process.pid}\n" in Path(f"/proc/{server}/status").read_text()

    run(2)
    page.get_by_text("Python 3 (ipykernel) | Busy").wait_for()
    choose("^Interrupt Kernel")
    output(2, "KeyboardInterrupt")
    idle()
    run(3)
    cells.nth(3).locator(".jp-OutputArea-output img[src^='data:image/png']").wait_for()

    choose("^Restart Kernel…")
    page.locator(".jp-Dialog .jp-mod-accept").click()
    assert wait_until(lambda: not alive(kernel))
    idle()
    run(4)
    again = output(4, r"restarted (\w+) (\d+)")
    assert again[1] == "False"
    assert f"PPid:\t{server}\n" in Path(f"/proc/{again[2]}/status").read_text()
    page.keyboard.press("Control+s")

    if end == signal.SIGTERM:
        choose("^Shut Down Kernel")
        assert wait_until(lambda: not alive(again[2]))
        assert alive(server), "the next kernel is to find it"
    process.send_signal(end)
    process.wait(60)
    assert wait_until(lambda: not alive(server))
    assert not alive(again[2])
