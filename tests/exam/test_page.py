"""A whole exam in the real JupyterLab and a real browser; its page by keyboard, on a narrow window, in the dark."""

import base64
import contextlib
import json
import os
import re
import shutil
import signal
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from mini_course import write_mini_course
from mini_exam import write_mini_exam
from real_lab import MARKS, chromium, start_lab

from tfcourse.authoring.build import write_all
from tfcourse.course import read_course
from tfcourse.exam.session import read_session, sessions, start

pytestmark = MARKS


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """`tfcourse lab` on the mini course with its exam: its address and the course."""
    folder = tmp_path_factory.mktemp("lab")
    root = write_mini_exam(write_mini_course(folder / "course"))
    write_all(read_course(root))
    runtime = Path(tempfile.mkdtemp(dir="/tmp"))  # a socket's path may have about 100 bytes
    address, process = start_lab(root, folder, XDG_RUNTIME_DIR=str(runtime))
    yield address, root
    process.terminate()
    process.wait(30)
    for entry in Path("/proc").glob("[0-9]*"):  # the process that loads model files outlives the server for a while
        with contextlib.suppress(OSError):
            if os.fsencode(runtime) in (entry / "cmdline").read_bytes():
                os.kill(int(entry.name), signal.SIGKILL)
    shutil.rmtree(runtime, ignore_errors=True)


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def course(lab, monkeypatch):
    """The lab's course; what earlier tests began there is gone."""
    monkeypatch.setenv("TFCOURSE_ROOT", str(lab[1]))
    course = read_course(lab[1])
    for found in sessions(course):
        found.root.rename(found.root.parent / f".over-{found.id}-{time.time_ns()}")
    return course


@pytest.fixture
def open_page(lab, browser, course):
    """Return a function that opens the exam's page by itself, in a window of its own."""
    contexts = []

    def open_page(**options):
        context = browser.new_context(**{"viewport": {"width": 1100, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(120_000)
        page.goto(lab[0].replace("/?", "/tfcourse/exam?"))
        page.locator("#start").wait_for()
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A file that is no model, and models that are far off whichever line is drawn."""
    import keras
    import numpy as np

    folder = tmp_path_factory.mktemp("models")
    (folder / "broken.keras").write_bytes(b"PK no model at all")
    for name, weights in (("weak.keras", np.full((3, 1), -3.0)), ("nan.keras", np.full((3, 1), np.nan))):
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, use_bias=False)])
        model.set_weights([weights])
        model.save(folder / name)
    return folder


def good_model(course, found, number, folder):
    """Train as a candidate would, from the data in the problem's folder."""
    place = found.place(number)
    path = folder / f"good-{number}.keras"
    found.problem(course, place).reference(found.root / place.folder).save(path)
    return path


def said(view, text):
    view.locator("#said").filter(has_text=text).wait_for()
    return view.locator("#said").inner_text()


def drop(view, number, path):
    """Drop a file as a person does from a file manager."""
    content = base64.b64encode(path.read_bytes()).decode()
    transfer = view.locator("body").evaluate_handle(
        """(body, [content, name]) => {
            const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
            const transfer = new DataTransfer();
            transfer.items.add(new File([bytes], name));
            return transfer;
        }""",
        [content, path.name],
    )
    zone = view.locator(f"label[for=file-{number}]")
    for event in ("dragover", "drop"):
        zone.dispatch_event(event, {"dataTransfer": transfer})


def seconds_left(view):
    hours, minutes, seconds = map(int, view.locator("#clock").inner_text().split(":"))
    return 3600 * hours + 60 * minutes + seconds


def set_start(found, started):
    path = found.root / ".exam" / "session.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"started": started.isoformat()}))
    found.log.unlink()  # what was logged would hold the clock


# ---------------------------------------------------------------------------- a whole exam


def test_a_whole_exam_from_the_launcher_to_the_report(lab, browser, course, models, tmp_path):
    page = browser.new_page(viewport={"width": 1300, "height": 950})
    page.set_default_timeout(120_000)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(lab[0])
    page.get_by_role("heading", name="Mini").wait_for()
    page.get_by_role("menuitem", name="File", exact=True).click()
    page.get_by_role("menuitem", name="New Launcher").click()
    page.locator(".jp-LauncherCard").filter(has_text="Practice exam").click()
    exam = page.frame_locator("iframe[title='Practice exam']")

    exam.locator("#minutes").fill("60")
    exam.get_by_role("button", name="Draw five problems and start the clock").click()
    said(exam, "The clock runs.")
    (found,) = sessions(course)
    assert found.minutes == 60
    assert [exam.locator(".problem h2").nth(number).inner_text() for number in (1, 2)] == ["2 · Spots", "3 · Words"]
    assert 3000 < seconds_left(exam) <= 3600
    rungs = [exam.locator(".ladder").nth(number).locator("li").first.inner_text() for number in range(2)]
    assert [rung.split("\n")[0] for rung in rungs] == ["0 above", "0 below"], "a line's error, and an accuracy"
    page.screenshot(path=tmp_path / "1-started.png")

    exam.locator("#file-1").set_input_files(models / "weak.keras")
    told = said(exam, "Problem 1, try 1: 0 of 5 points")
    assert "on data your model has not seen; 1.800 is the next rung." in told
    assert "advice" not in told
    exam.locator("#file-1").set_input_files(models / "broken.keras")
    assert "Expected a .keras file" in said(exam, "Problem 1, try 2: 0 of 5 points, cannot be scored")
    assert exam.locator("#said.wrong").count() == 1
    exam.locator("#file-1").set_input_files(good_model(course, found, 1, tmp_path))
    said(exam, "Problem 1, try 3: 5 of 5 points, right")
    drop(exam, 3, good_model(course, found, 3, tmp_path))
    said(exam, "Problem 3, try 1: 5 of 5 points, right")
    assert exam.locator("#total").inner_text().startswith("70 % so far; candidates report about 90 % to pass")
    rows = exam.locator("#history tbody tr")
    assert rows.count() == 4
    assert "good-3.keras" in rows.nth(0).inner_text()
    page.screenshot(path=tmp_path / "2-submitted.png")

    exam.get_by_role("link", name="statement").nth(1).click()
    page.locator(".jp-RenderedMarkdown").filter(has_text="Tell the three spots apart.").wait_for()
    page.locator(".lm-TabBar-tab").filter(has_text="Practice exam").click()

    exam.get_by_role("button", name="Finish this exam").click()
    said(exam, "Finished.")
    assert exam.locator("#clock").inner_text() == "finished"
    assert exam.locator(".drop").count() == 0
    with page.context.expect_page() as opened:
        exam.get_by_role("link", name="Report").click()
    report = opened.value
    report.set_default_timeout(120_000)
    report.get_by_role("heading", name=f"Practice exam {found.id}").wait_for()
    assert "70 %" in report.locator(".score").inner_text()
    report.screenshot(path=tmp_path / "3-report.png", full_page=True)
    report.get_by_role("link", name=re.compile("week01")).first.click()
    report.locator(".jp-NotebookPanel").first.wait_for()
    assert [(each.problem, each.points, each.way) for each in found.tries()] == [
        (1, 0, "page"),
        (1, 0, "page"),
        (1, 5, "page"),
        (3, 5, "page"),
    ]
    page.context.close()


def test_it_is_in_the_menu_opens_once_and_is_as_dark_as_jupyterlab(lab, browser, course):
    page = browser.new_page(viewport={"width": 1300, "height": 900})
    page.set_default_timeout(120_000)
    page.goto(lab[0])
    page.get_by_role("heading", name="Mini").wait_for()
    for _ in range(2):
        page.get_by_role("menuitem", name="Help", exact=True).click()
        page.get_by_role("menuitem", name="Practice exam").click()
        page.frame_locator("iframe[title='Practice exam']").locator("#start").wait_for()
    assert page.locator("iframe[title='Practice exam']").count() == 1
    for theme, back in (("JupyterLab Dark", "rgb(13, 17, 23)"), ("JupyterLab Light", "rgb(255, 255, 255)")):
        page.get_by_role("menuitem", name="Settings", exact=True).click()
        page.locator(".lm-Menu-item").filter(has_text="Theme").first.hover()
        page.locator(".lm-Menu-item").filter(has_text=theme).first.click()
        page.wait_for_function(
            """(back) => {
                const { contentWindow } = document.querySelector("iframe[title='Practice exam']");
                return contentWindow.getComputedStyle(contentWindow.document.body).backgroundColor === back;
            }""",
            arg=back,
        )
    page.context.close()


# ---------------------------------------------------------------------------- the clock


def test_a_reload_does_not_stop_the_clock(open_page, course):
    found = start(course, minutes=60)
    page = open_page()
    page.reload()
    page.locator("#clock").filter(has_text=":").wait_for()
    before = seconds_left(page)
    set_start(found, datetime.now(UTC) - timedelta(minutes=20))
    page.reload()
    page.locator("#clock").filter(has_text=re.compile(r"0:(40|39)")).wait_for()
    assert seconds_left(page) <= before - 1190


def test_the_clock_runs_by_the_servers_time_whatever_the_browsers_is(open_page, course):
    start(course, minutes=60)
    page = open_page()
    page.clock.install(time=datetime(2001, 1, 1))
    page.reload()
    page.locator("#clock").filter(has_text=":").wait_for()
    assert 3500 < seconds_left(page) <= 3600


def test_when_time_is_over_the_page_takes_no_more(open_page, course, models):
    found = start(course, minutes=60)
    set_start(found, datetime.now(UTC) - timedelta(minutes=60) + timedelta(seconds=8))
    page = open_page()
    page.locator("#clock").filter(has_text="time is over").wait_for()
    page.locator(".drop").first.wait_for(state="detached")
    assert page.get_by_role("button", name="Finish this exam").count() == 0
    assert read_session(found.root).over_because == "time"


def test_a_file_that_is_sent_too_late_is_refused_and_the_page_says_so(open_page, course, models):
    found = start(course, minutes=60)
    page = open_page()
    page.locator("#file-1").wait_for()
    page.route("**/state", lambda route: route.abort())  # it has not heard yet
    found.note("finished", by="candidate")
    page.locator("#file-1").set_input_files(models / "weak.keras")
    said(page, "takes no more models: you have finished it")
    page.locator(".drop").first.wait_for(state="detached")
    assert found.tries() == []


def test_a_server_that_is_gone_is_told_and_comes_back(open_page, course):
    start(course)
    page = open_page()
    page.locator("#file-1").wait_for()
    page.route("**/state", lambda route: route.abort())
    said(page, "The server does not answer.")
    page.unroute("**/state")
    page.locator("#said").filter(has_text="does not answer").wait_for(state="hidden")


# ---------------------------------------------------------------------------- by keyboard, narrow, dark


def focused(page):
    return page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")


def tab_to(page, wanted):
    for _ in range(60):
        page.keyboard.press("Tab")
        if focused(page) == wanted:
            return
    raise AssertionError(f"{wanted} cannot be reached")


def test_by_keyboard_alone(open_page, course, models):
    page = open_page()
    page.on("dialog", lambda dialog: dialog.accept())
    page.on("filechooser", lambda chooser: None)  # from now on: asked for just before the key, it may come after it
    page.keyboard.press("Tab")
    assert focused(page) == "To the problems"
    assert page.locator(".skip").bounding_box()["x"] >= 0, "it shows when it has the focus"
    tab_to(page, "start")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    said(page, "The clock runs.")
    assert focused(page) == "problems"
    tab_to(page, "file-1")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(models / "weak.keras")
    said(page, "Problem 1, try 1")
    page.wait_for_function("!document.querySelector('.busy')")
    assert focused(page) == "file-1", "the keyboard stays where it was"
    tab_to(page, "finish")
    page.keyboard.press("Enter")
    said(page, "Finished.")
    page.wait_for_function("document.activeElement !== document.body")
    assert page.locator("#said").get_attribute("aria-live") == "polite"


def test_everything_that_can_be_operated_has_a_name(open_page, course):
    start(course)
    page = open_page()
    page.locator("#file-1").wait_for()
    unnamed = page.evaluate("""[...document.querySelectorAll("button, input, select, a, [role=region]")].filter(
        (node) => !(node.textContent.trim() || node.getAttribute("aria-label") || (node.labels && node.labels.length))
    ).map((node) => node.outerHTML)""")
    assert unnamed == []
    assert page.evaluate("document.documentElement.lang") == "en"


@pytest.mark.parametrize("width", [360, 1100])
def test_the_clock_and_what_was_said_stay_in_sight(open_page, course, models, width):
    start(course)
    page = open_page(viewport={"width": width, "height": 600})
    page.locator("#file-3").set_input_files(models / "broken.keras")
    said(page, "Problem 3, try 1")
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    for name in ("clock", "said"):
        box = page.locator(f"#{name}").bounding_box()
        assert 0 <= box["y"] < box["y"] + box["height"] <= 300
    page.locator("#file-1").focus()
    page.locator("#file-1").scroll_into_view_if_needed()
    assert page.locator("#file-1").bounding_box()["y"] >= page.locator("header").bounding_box()["height"]


@pytest.mark.parametrize("width", [320, 360, 600, 1100])
def test_no_window_is_too_narrow(open_page, course, width, tmp_path):
    found = start(course)
    event = {"number": 1, "outcome": "o", "way": "page", "sha256": "", "size": 1}
    found.note(
        "submitted",
        problem=1,
        points=3.0,
        message="Expected " + "x" * 200,
        file="y" * 120 + ".keras",
        value=0.7,
        **event,
    )
    page = open_page(viewport={"width": width, "height": 700})
    page.locator("#history table").wait_for()
    page.screenshot(path=tmp_path / f"width-{width}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def contrast(page, selector):
    """Return the contrast of a text with what is behind it, as WCAG counts it."""
    return page.evaluate(
        """(selector) => {
            const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
            const light = (colour) => {
                const linear = (c) => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
                const [r, g, b] = numbers(colour).map((c) => linear(c / 255));
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
            };
            let node = document.querySelector(selector);
            const front = light(getComputedStyle(node).color);
            while (node && (numbers(getComputedStyle(node).backgroundColor)[3] ?? 1) === 0) node = node.parentElement;
            const back = light(node ? getComputedStyle(node).backgroundColor : "rgb(255, 255, 255)");
            return (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
        }""",
        selector,
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark_can_be_read(open_page, course, scheme, tmp_path):
    found = start(course, minutes=5)
    event = {"number": 1, "outcome": "o", "way": "page", "sha256": "", "size": 1, "message": "m", "file": "f.keras"}
    found.note("submitted", problem=1, points=5.0, value=0.1, **event)
    page = open_page(color_scheme=scheme)
    page.locator("#history table").wait_for()
    page.screenshot(path=tmp_path / f"{scheme}.png", full_page=True)
    back = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert back == {"light": "rgb(255, 255, 255)", "dark": "rgb(13, 17, 23)"}[scheme]
    for selector in ("body", ".quiet", ".links a", "#clock.short", ".best.full", "#start", ".here", "#total", ".drop"):
        assert contrast(page, selector) >= 4.5, selector


# ---------------------------------------------------------------------------- side by side


def test_exams_side_by_side_are_chosen_by_name_and_never_mixed_up(open_page, course, models):
    one = start(course, minutes=60)
    two = start(course, minutes=120)
    page = open_page()
    page.locator("#which-exam").select_option(one.id)
    page.locator("#file-1").set_input_files(models / "weak.keras")
    said(page, "Problem 1, try 1")
    page.locator("#which-exam").select_option(two.id)
    assert page.locator("#history tbody tr").count() == 0
    assert seconds_left(page) > 3600
    page.locator("#file-1").set_input_files(models / "nan.keras")
    assert "NaN" in said(page, "Problem 1, try 1: 0 of 5 points, cannot be scored")
    assert [[each.file for each in found.tries()] for found in (one, two)] == [["weak.keras"], ["nan.keras"]]


def test_a_drill_begins_from_the_page_and_has_no_end(open_page, course):
    page = open_page()
    page.locator("#kind").select_option("text")
    page.get_by_role("button", name="Draw it").click()
    said(page, "Open the statement or the notebook.")
    assert page.locator("#clock").inner_text() == "0 of 15 min"
    assert page.get_by_role("button", name="Finish this exam").count() == 0
    assert sessions(course)[0].mode == "drill"


def test_what_another_way_submitted_appears_by_itself(open_page, course):
    found = start(course)
    page = open_page()
    page.locator("#file-1").wait_for()
    event = {"number": 1, "outcome": "o", "way": "script", "sha256": "", "size": 1, "message": "<b>m</b>", "file": "f"}
    found.note("submitted", problem=2, points=4.0, value=0.85, **event)
    page.locator("#history tbody tr").filter(has_text="<b>m</b>").wait_for()
    assert page.locator(".problem .best").nth(1).inner_text() == "4 of 5"


def test_a_file_dropped_beside_its_place_does_not_lead_away(open_page, course):
    page = open_page()
    address = page.url
    prevented = page.evaluate("""["dragover", "drop"].map((kind) => {
        const event = new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: new DataTransfer() });
        document.body.dispatchEvent(event);
        return event.defaultPrevented;
    })""")
    assert prevented == [True, True]
    assert page.url == address
