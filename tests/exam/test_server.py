"""The page's server: who may ask, what it answers, and what it does with what it cannot use."""

import asyncio
import contextlib
import http.client
import json
import re
import socket
import threading
from http.cookies import SimpleCookie
from pathlib import Path

import pytest

from tfcourse.checks.registry import problems_of
from tfcourse.course import read_course
from tfcourse.errors import GraderBroken
from tfcourse.exam import server, session, submission
from tfcourse.exam.session import read_session, sessions, start
from tfcourse.examiner import model_server

from .conftest import ask_fake

TOKEN = "a-token-of-the-tests"
ADDRESSES = ["", "/", "/state", "/report?exam=x", "/static/exam.js", "/static/exam.css"]
ACTIONS = ["/start", "/submit?exam=x&problem=1", "/finish"]


class Server:
    """A Jupyter server on loopback, in a thread."""

    def __init__(self, root):
        self.root, self.started, self.port = root, threading.Event(), 0
        self.thread = threading.Thread(target=self._run)

    def _run(self):
        from jupyter_server.serverapp import ServerApp

        self.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self.loop)

        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]

        async def begin():
            app = ServerApp()
            app.init_signal = lambda: None
            app.initialize(
                [
                    "--ServerApp.jpserver_extensions=tfcourse.exam.server=True",
                    f"--ServerApp.root_dir={self.root}",
                    "--ServerApp.open_browser=False",
                    "--ServerApp.ip=127.0.0.1",
                    f"--ServerApp.port={port}",
                    "--ServerApp.port_retries=0",
                    f"--IdentityProvider.token={TOKEN}",
                    "--ServerApp.max_body_size=8000000",
                    "--ServerApp.max_buffer_size=8000000",
                    "--allow-root",
                ],
                find_extensions=False,
            )
            app.start_app()
            self.app, self.port = app, port

        try:
            self.loop.run_until_complete(begin())
        finally:
            self.started.set()
        self.loop.run_forever()

    def ask(self, method, path, body=None, headers=None, token=True):
        """Send a request; returns status, headers and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        allowed = {"Authorization": f"token {TOKEN}"} if token else {}
        with contextlib.closing(connection):
            connection.request(method, f"/tfcourse/exam{path}", body, {**allowed, **(headers or {})})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()

    def json(self, method, path, body=None, headers=None):
        status, told, content = self.ask(method, path, body, headers)
        assert told["Content-Type"] == "application/json", content[:500]
        return status, json.loads(content)

    def post(self, path, document):
        return self.json("POST", path, json.dumps(document))

    def submit(self, exam, problem, content, name="m.keras"):
        return self.json("POST", f"/submit?exam={exam}&problem={problem}", content, {"X-File-Name": name})


@pytest.fixture(scope="module")
def running(exam_root, tmp_path_factory):
    """A server for all tests of this module; each test has a `work/` folder of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TFCOURSE_ROOT", str(exam_root))
        patch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path_factory.mktemp("config")))
        patch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
        patch.setenv("JUPYTER_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        found = Server(tmp_path_factory.getbasetemp())
        found.thread.start()
        assert found.started.wait(120)
        assert found.port
        yield found
        asyncio.run_coroutine_threadsafe(found.app._cleanup(), found.loop).result(60)
        found.loop.call_soon_threadsafe(found.loop.stop)
        found.thread.join(60)


@pytest.fixture
def lab(running, course, monkeypatch):
    """The server, with files loaded as `ask_fake` does."""
    monkeypatch.setattr(submission.submit, "__kwdefaults__", {"ask_model": ask_fake})
    monkeypatch.setattr(model_server, "warm_up", lambda: None)
    return running


@pytest.fixture
def line(course, clock):
    return next(found for found in (start(course, seed=f"{n}") for n in range(9)) if "line" in found.places[0].check_id)


# ---------------------------------------------------------------------------- who may ask


@pytest.mark.parametrize("path", ADDRESSES)
def test_without_the_token_nothing_is_shown(lab, line, path):
    status, headers, body = lab.ask("GET", path.replace("exam=x", f"exam={line.id}"), token=False)
    assert status in {302, 403}
    assert status == 403 or "/login" in headers["Location"]
    assert line.id.encode() not in body
    assert b"use strict" not in body


def test_the_headers_of_the_pages_files_need_the_token_too(lab):
    assert lab.ask("HEAD", "/static/exam.js", token=False)[0] in {302, 403}
    status, headers, body = lab.ask("HEAD", "/static/exam.js")
    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) > 500


@pytest.mark.parametrize("path", ACTIONS)
def test_without_the_token_nothing_is_done(lab, course, line, path):
    before = line.log.read_bytes()
    status, _, _ = lab.ask(
        "POST", path.replace("exam=x", f"exam={line.id}"), json.dumps({"exam": line.id, "mode": "exam"}), token=False
    )
    assert status == 403
    assert line.log.read_bytes() == before
    assert [each.id for each in sessions(course)] == [line.id]


def test_another_token_is_none(lab, line):
    for path in ("/state", "/start"):
        method = "GET" if path == "/state" else "POST"
        status, _, body = lab.ask(method, path, "{}" if method == "POST" else None, {"Authorization": "token wrong"})
        assert status in {302, 403}
        assert line.id.encode() not in body


def logged_in(lab):
    """Open the page as a browser does; returns its cookies and the token that its script sends."""
    status, headers, body = lab.ask("GET", f"?token={TOKEN}", token=False)
    assert status == 200
    cookies = SimpleCookie()
    for value in headers.get_all("Set-Cookie"):
        cookies.load(value)
    cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in cookies.items())
    return cookie, re.search(rb'data-xsrf="([^"]+)"', body)[1].decode()


@pytest.mark.parametrize("path", ACTIONS)
def test_another_sites_page_can_do_nothing_with_a_learners_cookies(lab, course, line, path):
    cookie, _ = logged_in(lab)
    before = line.log.read_bytes()
    address = path.replace("exam=x", f"exam={line.id}")
    body = json.dumps({"exam": line.id, "mode": "exam"})
    for more in ({}, {"Origin": "http://evil.example"}, {"X-XSRFToken": "guessed"}, {"Content-Type": "text/plain"}):
        status, _, _ = lab.ask("POST", address, body, {"Cookie": cookie, **more}, token=False)
        assert status in {403, 404}
    assert line.log.read_bytes() == before
    assert len(sessions(course)) == 1


def test_the_pages_own_script_can(lab, line):
    cookie, xsrf = logged_in(lab)
    status, _, body = lab.ask(
        "POST", "/finish", json.dumps({"exam": line.id}), {"Cookie": cookie, "X-XSRFToken": xsrf}, token=False
    )
    assert status == 200, body
    assert line.over_because == "finished"


def test_files_outside_the_pages_folder_are_not_served(lab):
    for path in ("/static/../server.py", "/static/%2e%2e/server.py", "/static//etc/passwd", "/static/none.js"):
        status, _, body = lab.ask("GET", path)
        assert status in {403, 404}, path
        assert b"JupyterHandler" not in body


# ---------------------------------------------------------------------------- what it shows


def test_the_page_knows_where_to_call(lab):
    status, headers, body = lab.ask("GET", "")
    assert status == 200
    assert headers["Content-Type"].startswith("text/html")
    assert b'data-base="/tfcourse/exam"' in body
    assert b'data-lab="/lab/tree"' in body
    assert b"{{" not in body
    for name, kind in (("exam.js", "javascript"), ("exam.css", "css")):
        status, headers, content = lab.ask("GET", f"/static/{name}")
        assert (status, kind in headers["Content-Type"], len(content) > 500) == (200, True, True)


def test_before_any_exam(lab):
    status, state = lab.json("GET", "/state")
    assert status == 200
    assert state["sessions"] == []
    assert [kind["kind"] for kind in state["kinds"]] == ["basic", "images", "text"]
    assert (state["minutes"], state["drawing"]) == (60, "")


def test_the_state_has_clock_problems_ladders_and_tries_but_no_seed(lab, line, clock):
    clock.advance(minutes=5)
    lab.submit(line.id, 1, "0.3")
    _, state = lab.json("GET", "/state")
    (found,) = state["sessions"]
    assert (found["id"], found["mode"], found["over"], found["percent"]) == (line.id, "exam", None, 16)
    assert found["now"] == clock.time.isoformat()
    problem = found["problems"][0]
    assert (problem["title"], problem["best"], problem["weight"]) == ("A line", 4, 20)
    assert problem["ladder"]["thresholds"] == ["1.800", "1.200", "0.800", "0.400", "0.200"]
    assert problem["tries"][0]["file"] == "m.keras"
    assert not {"advice", "diagnosis"} & set(problem["tries"][0])
    assert set(problem["files"]) == {"problem.ipynb", "statement.md"}
    for path in problem["files"].values():
        assert (lab.root / path).is_file()
    text = json.dumps(state)
    assert '"seed"' not in text
    assert not re.search(rf'"{line.seed}"', text)


def test_the_newest_exam_comes_first(lab, course, line, clock):
    clock.advance(minutes=1)
    newer = start(course)
    _, state = lab.json("GET", "/state")
    assert [each["id"] for each in state["sessions"]] == [newer.id, line.id]


def test_a_damaged_exam_and_a_family_that_is_gone_do_not_harm_the_page(lab, course, line):
    bad = start(course)
    (bad.root / ".exam" / "session.json").write_text("{")
    path = line.root / ".exam" / "session.json"
    path.write_text(path.read_text().replace("exam.line", "exam.gone"))
    status, state = lab.json("GET", "/state")
    assert status == 200
    assert [each["id"] for each in state["sessions"]] == [line.id]
    assert state["sessions"][0]["problems"][0]["title"] == "exam.gone"
    status, answer = lab.submit(line.id, 1, "0.0")
    assert (status, answer["kind"]) == (400, "refused")


def test_the_report_is_a_page(lab, line):
    status, headers, body = lab.ask("GET", f"/report?exam={line.id}")
    assert status == 200
    assert headers["Content-Type"].startswith("text/html")
    assert b"Practice exam" in body


@pytest.mark.parametrize("query", ["?exam=2020-01-01-1", "?exam=../..", "?exam=%3Cscript%3E"])
def test_the_report_of_an_exam_that_there_is_not(lab, line, query):
    status, _, body = lab.ask("GET", f"/report{query}")
    assert status == 404
    assert b"<script>alert" not in body
    assert b"found '<script>" not in body


def test_the_report_of_no_exam(lab):
    assert lab.ask("GET", "/report")[0] in {400, 404}


# ---------------------------------------------------------------------------- what it does


def test_an_exam_is_begun(lab, course):
    status, answer = lab.post("/start", {"mode": "exam", "minutes": 45})
    assert status == 200
    (found,) = sessions(course)
    assert found.minutes == 45
    assert answer["state"]["sessions"][0]["id"] == found.id


def test_a_drill_is_begun(lab, course):
    status, _ = lab.post("/start", {"mode": "drill", "kind": "text"})
    assert status == 200
    assert sessions(course)[0].mode == "drill"


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"mode": "exam", "minutes": 0}, "Expected 1 to 10080 minutes; found 0."),
        ({"mode": "exam", "minutes": "soon"}, "Expected a whole number as minutes; found 'soon'."),
        ({"mode": "exam", "minutes": [1]}, "Expected a whole number as minutes; found '[1]'."),
        ({"mode": "drill", "kind": "txt"}, "Did you mean text?"),
        ({"mode": "drill"}, "found 'None'"),
        ([], "Expected a JSON object in the request's body; found list."),
        (None, "Expected a JSON object in the request's body; found NoneType."),
        (3, "Expected a JSON object"),
    ],
)
def test_what_cannot_be_begun_is_told(lab, course, document, message):
    status, answer = lab.post("/start", document)
    assert (status, answer["kind"]) == (400, "refused")
    assert message in answer["message"]
    assert sessions(course) == []
    assert lab.json("GET", "/state")[1]["drawing"] == "", "and the next can be begun"


@pytest.mark.parametrize("path", ["/start", "/finish"])
@pytest.mark.parametrize(
    "body", [b"{", b"\xff\xfe", b'{"exam": ', b"", b'{"minutes": 1e999, "mode": "exam"}', b"[" * 50_000]
)
def test_a_body_that_is_no_json_is_told(lab, course, path, body):
    status, answer = lab.json("POST", path, body)
    assert (status, answer["kind"]) == (400, "refused")
    assert "Traceback" not in answer["message"]
    assert sessions(course) == []


def test_only_one_is_drawn_at_a_time_and_the_page_says_what(lab, course, monkeypatch):
    go_on, drawing = threading.Event(), threading.Event()
    begin = session.start

    def slow(*arguments, say, **options):
        say("Problem 2: Spots")
        drawing.set()
        assert go_on.wait(60)
        return begin(*arguments, say=say, **options)

    monkeypatch.setattr(server.session, "start", slow)
    first = []
    thread = threading.Thread(target=lambda: first.append(lab.post("/start", {"mode": "exam"})))
    thread.start()
    try:
        assert drawing.wait(60)
        assert lab.json("GET", "/state")[1]["drawing"] == "Problem 2: Spots"
        status, answer = lab.post("/start", {"mode": "exam"})
        assert (status, answer["kind"]) == (400, "refused")
        assert "found another on its way" in answer["message"]
    finally:
        go_on.set()
        thread.join()
    assert first[0][0] == 200
    assert len(sessions(course)) == 1
    assert lab.json("GET", "/state")[1]["drawing"] == ""


def test_a_file_is_scored(lab, line):
    status, answer = lab.submit(line.id, 1, "0.3", name="my%20model%C3%A9.keras")
    assert status == 200
    assert (answer["points"], answer["outcome"], answer["number"]) == (4, "on the way", 1)
    assert answer["next_step"] == ""
    assert answer["state"]["sessions"][0]["problems"][0]["best"] == 4
    (logged,) = line.tries()
    assert (logged.way, logged.file) == ("page", "my modelé.keras")


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"x" * 2**21, "m.keras", "Expected a model file of at most 1.0 MB; found 2.0 MB."),
        (b"garbage", "m.keras", "Expected a .keras file; found garbage."),
        (b"0.0", "m.onnx", "Expected a name that ends in .keras or .h5; found m.onnx."),
        (b"0.0", "", "found a file without a name."),
        (b"0.0", "..%2F..%2Fsecret.txt", "found secret.txt."),
        (b"", "m.keras", "Expected a .keras file; found garbage."),
    ],
)
def test_what_cannot_be_scored_is_a_try_without_points(lab, line, content, name, message):
    status, answer = lab.submit(line.id, 1, content, name=name)
    assert status == 200
    assert (answer["points"], answer["outcome"]) == (0, "cannot be scored")
    assert message in answer["message"]
    assert [each.points for each in line.tries()] == [0]


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large_is_told_and_not_kept(lab, line, monkeypatch, chunked):
    kept = []
    data_received = server._Receiver.data_received

    def watched(self, chunk):
        data_received(self, chunk)
        kept.append(len(self._received))

    monkeypatch.setattr(server._Receiver, "data_received", watched)
    monkeypatch.setattr(server.SubmitHandler, "most_bytes", 2**20)
    body = (bytes(2**16) for _ in range(64)) if chunked else bytes(2**22)
    status, answer = lab.submit(line.id, 1, body)
    assert (status, answer["kind"]) == (413, "refused")
    assert answer["message"] == "Expected at most 1.0 MB; found 4.0 MB. Nothing was taken, no try was counted."
    assert max(kept) <= 2**20
    assert kept[-1] == 0
    assert line.tries() == []
    assert lab.submit(line.id, 1, "0.3")[1]["points"] == 4


@pytest.mark.parametrize("path", ["/start", "/finish"])
def test_who_asks_for_something_sends_little(lab, line, path):
    status, answer = lab.json("POST", path, json.dumps({"exam": line.id, "more": "x" * 2**17}))
    assert status == 413
    assert answer["message"].startswith("Expected at most 0.1 MB; found 0.1 MB.")
    assert not line.finished


def test_without_the_token_no_body_is_read(lab, line, monkeypatch):
    read = []
    monkeypatch.setattr(server._Receiver, "data_received", lambda self, chunk: read.append(len(chunk)))
    assert lab.ask("POST", f"/submit?exam={line.id}&problem=1", bytes(2**10), token=False)[0] == 403
    assert read == []


def test_no_problem_takes_more_than_the_page_does():
    course = read_course(Path(__file__).parents[2])
    found = [problem.training.most_bytes for kind in course.exam.parts for problem in problems_of(course, kind.kind)]
    assert 0 < max(found) <= server.MOST_MODEL


def test_a_body_larger_than_the_server_takes_is_refused_and_it_lives_on(lab, line):
    with contextlib.suppress(OSError, http.client.HTTPException):
        status, _, _ = lab.ask(
            "POST", f"/submit?exam={line.id}&problem=1", bytes(9_000_000), {"X-File-Name": "m.keras"}
        )
        assert status in {400, 413}
    assert line.tries() == []
    assert lab.json("GET", "/state")[0] == 200


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ("exam=2020-01-01-1&problem=1", 400, "found '2020-01-01-1'"),
        ("exam={id}&problem=9", 400, "(1, 2, 3); found '9'"),
        ("exam={id}&problem=one", 400, "Expected a whole number as problem; found 'one'."),
        ("exam={id}", 400, "problem"),
        ("problem=1", 400, "exam"),
    ],
)
def test_a_submission_to_what_there_is_not_is_refused(lab, line, query, status, message):
    found, answer = lab.json("POST", "/submit?" + query.format(id=line.id), b"0.0", {"X-File-Name": "m.keras"})
    assert (found, answer["kind"]) == (status, "refused")
    assert message in answer["message"]
    assert line.tries() == []


def test_what_comes_too_late_is_told_with_the_state(lab, line, clock):
    clock.advance(days=1)
    status, answer = lab.submit(line.id, 1, "0.0")
    assert (status, answer["kind"]) == (409, "late")
    assert "its time is over" in answer["message"]
    assert answer["state"]["sessions"][0]["over"] == "time"


def test_our_own_defect_is_told_as_ours_and_costs_no_try(lab, line, monkeypatch):
    def broken(*arguments):
        raise GraderBroken("no process")

    monkeypatch.setattr(submission.submit, "__kwdefaults__", {"ask_model": broken})
    status, answer = lab.submit(line.id, 1, "0.0")
    assert (status, answer) == (500, {"kind": "broken", "message": "no process"})
    assert line.tries() == []


def test_a_full_disk_is_told_as_ours(lab, line, monkeypatch):
    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(session.journal, "append", full)
    status, answer = lab.submit(line.id, 1, "0.0")
    assert (status, answer["kind"]) == (500, "broken")
    assert "No space left on device" in answer["message"]


def test_notebooks_go_on_while_a_file_is_asked(lab, line, monkeypatch):
    inside, go_on = threading.Event(), threading.Event()

    def slow(*arguments):
        inside.set()
        assert go_on.wait(60)
        return ask_fake(*arguments)

    monkeypatch.setattr(submission.submit, "__kwdefaults__", {"ask_model": slow})
    done = []
    thread = threading.Thread(target=lambda: done.append(lab.submit(line.id, 1, "0.0")))
    thread.start()
    try:
        assert inside.wait(60)
        assert lab.json("GET", "/state")[0] == 200
    finally:
        go_on.set()
        thread.join()
    assert done[0][1]["points"] == 5


def test_an_exam_is_finished_once(lab, line):
    for _ in range(2):
        status, answer = lab.post("/finish", {"exam": line.id})
        assert status == 200
        assert answer["state"]["sessions"][0]["over"] == "finished"
    assert [event["event"] for event in line.events()] == ["started", "finished"]


@pytest.mark.parametrize("document", [{}, {"exam": "2020-01-01-1"}, {"exam": None}, {"exam": ["x"]}])
def test_an_exam_that_there_is_not_cannot_be_finished(lab, line, document):
    status, answer = lab.post("/finish", document)
    assert (status, answer["kind"]) == (400, "refused")
    assert line.over_because is None


def test_exams_side_by_side_are_never_mixed_up(lab, course, line):
    other = next(
        found for found in (start(course, seed=f"{n}") for n in range(9)) if "line" in found.places[0].check_id
    )
    lab.submit(line.id, 1, "0.3")
    lab.submit(other.id, 1, "1.0")
    lab.post("/finish", {"exam": other.id})
    assert [each.points for each in line.tries()] == [4]
    assert [each.points for each in other.tries()] == [2]
    assert (line.over_because, read_session(other.root).over_because) == (None, "finished")
