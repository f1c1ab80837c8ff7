"""The exam's page, served by the Jupyter server that ``tfcourse lab`` runs: same address, same token.

A server extension. Everything that it does is done by `tfcourse.exam.session` and `tfcourse.exam.submission`, in
threads, so that notebooks go on meanwhile.
"""

from __future__ import annotations

import asyncio
import html
import json
from dataclasses import asdict
from functools import wraps
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from tornado import web

from tfcourse.checks.problems import ExamProblem
from tfcourse.checks.records import ModelFile
from tfcourse.course import Course, Week, find_course
from tfcourse.errors import CourseError, GraderBroken, LearnerMistake
from tfcourse.exam import session
from tfcourse.exam.materials import NOTEBOOK, STATEMENT
from tfcourse.exam.report import report_page
from tfcourse.exam.submission import Late, submit
from tfcourse.examiner import model_server

NAME = "tfcourse.exam.server"
ADDRESS = ("tfcourse", "exam")
_PAGE = Path(__file__).parent / "page"
MOST_NAME = 200
MOST_REQUEST = 2**16
"""Bytes of a request that asks for something."""
MOST_MODEL = 64 * 2**20
"""Bytes of a request that brings a model: twice what any check takes by default, so that its own message is told."""
_drawing: dict[str, str] = {}
"""What is being drawn at the moment, in words; empty where nothing is."""


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": NAME}]


def _load_jupyter_server_extension(server: Any) -> None:
    base = url_path_join(server.web_app.settings["base_url"], *ADDRESS)
    course = find_course()
    root = Path(server.root_dir)
    shared = {"course": course, "root": root}
    static = {"path": str(_PAGE)}
    server.web_app.add_handlers(
        ".*$",
        [
            (base + "/?", PageHandler, shared),
            (base + "/state", StateHandler, shared),
            (base + "/start", StartHandler, shared),
            (base + "/submit", SubmitHandler, shared),
            (base + "/finish", FinishHandler, shared),
            (base + "/report", ReportHandler, shared),
            (base + r"/static/(.*)", _Static, static),
        ],
    )


class _Handler(JupyterHandler):
    """What all handlers know.

    Args:
        course: Whose exams.
        root: The folder that JupyterLab shows.
    """

    def initialize(self, course: Course, root: Path) -> None:
        self.course = course
        self.root = root

    def answer(self, document: Any, status: int = 200) -> None:
        """Send JSON."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps(document))

    def asked(self) -> dict[str, Any]:
        """Return the body's JSON object.

        Raises:
            CourseError: It is another value.
        """
        body = self.get_json_body()
        if not isinstance(body, dict):
            raise CourseError(f"Expected a JSON object in the request's body; found {type(body).__name__}.")
        return body

    def whole(self, name: str, value: Any) -> int:
        """Return a whole number that was asked for.

        Raises:
            CourseError: It is none.
        """
        try:
            return int(value)
        except (ValueError, TypeError, OverflowError):
            raise CourseError(f"Expected a whole number as {name}; found {str(value)[:MOST_NAME]!r}.") from None

    async def state(self) -> dict[str, Any]:
        """Return what the page shows."""
        return await asyncio.to_thread(page_state, self.course, self.root)


@web.stream_request_body
class _Receiver(_Handler):
    """Takes a body of a bounded size. A larger one is dropped as it comes, and told with 413.

    It is read to its end all the same: a browser that is cut off shows no answer.
    """

    most_bytes = MOST_REQUEST

    def initialize(self, course: Course, root: Path) -> None:
        super().initialize(course, root)
        self._received = bytearray()
        self._size = 0

    def data_received(self, chunk: bytes) -> None:
        """Keep a piece of the body, or drop all of it where it is too large."""
        self._size += len(chunk)
        if self._size <= self.most_bytes:
            self._received += chunk
        else:
            self._received.clear()

    def take_body(self) -> None:
        """Put what came where handlers look for it.

        Raises:
            tornado.web.HTTPError: It was too large.
        """
        if self._size > self.most_bytes:
            most, found = (f"{size / 2**20:.1f} MB" for size in (self.most_bytes, self._size))
            raise web.HTTPError(413, f"Expected at most {most}; found {found}. Nothing was taken, no try was counted.")
        self.request.body = bytes(self._received)


def _told(method: Any) -> Any:
    """Turn an error of ours into a message for the page; whose fault it was stays told apart."""

    @web.authenticated
    @wraps(method)
    async def call(self: _Handler) -> None:
        try:
            if isinstance(self, _Receiver):
                self.take_body()
            await method(self)
        except Late as error:
            self.answer({"kind": "late", "message": str(error), "state": await self.state()}, 409)
        except GraderBroken as error:
            self.answer({"kind": "broken", "message": str(error)}, 500)
        except OSError as error:
            self.answer({"kind": "broken", "message": f"A file could not be written or read: {error}."}, 500)
        except web.HTTPError as error:
            message = error.log_message or f"The server answered {error.status_code}."
            self.answer({"kind": "refused", "message": message}, error.status_code)
        except (CourseError, ValueError) as error:
            self.answer({"kind": "refused", "message": str(error)}, 400)

    return call


class _Static(JupyterHandler, web.StaticFileHandler):
    """The page's own script and style, for whoever may see the page."""

    @web.authenticated
    def head(self, path: str) -> Any:  # type: ignore[override]
        """Send the headers of a file."""
        return web.StaticFileHandler.get(self, path, include_body=False)

    @web.authenticated
    def get(self, path: str, include_body: bool = True) -> Any:  # type: ignore[override]
        """Send a file."""
        return web.StaticFileHandler.get(self, path, include_body=include_body)

    def set_extra_headers(self, path: str) -> None:
        """Have a browser ask for a changed file."""
        self.set_header("Cache-Control", "no-cache")


class PageHandler(_Handler):
    """The page itself."""

    @web.authenticated
    def get(self) -> None:
        """Send the page with what its script needs to call back."""
        text = (_PAGE / "exam.html").read_text(encoding="utf-8")
        base = url_path_join(self.base_url, *ADDRESS)
        token = self.xsrf_token.decode() if isinstance(self.xsrf_token, bytes) else self.xsrf_token
        filled = text.replace("{{base}}", html.escape(base)).replace("{{xsrf}}", html.escape(token))
        self.set_header("Content-Type", "text/html; charset=UTF-8")
        self.set_header("Cache-Control", "no-store")
        self.finish(filled.replace("{{lab}}", html.escape(url_path_join(self.base_url, "lab/tree"))))


class StateHandler(_Handler):
    """Clock, problems, tries."""

    @_told
    async def get(self) -> None:
        """Send all exams as JSON."""
        self.answer(await self.state())


class StartHandler(_Receiver):
    """Begins an exam or a drill."""

    @_told
    async def post(self) -> None:
        """Draw what the body asks for: ``{"mode": "exam", "minutes": 300}`` or ``{"mode": "drill", "kind": …}``."""
        asked = self.asked()
        if _drawing:
            raise CourseError("Expected one exam to be drawn at a time; found another on its way. Wait for it.")
        _drawing["now"] = "Drawing …"
        try:
            await asyncio.to_thread(self._start, asked)
        finally:
            _drawing.clear()
        self.answer({"state": await self.state()})

    def _start(self, asked: dict[str, Any]) -> None:
        def say(message: str) -> None:
            _drawing["now"] = message

        model_server.warm_up()
        if asked.get("mode") == "drill":
            session.start_drill(self.course, str(asked.get("kind")), say=say)
        else:
            minutes = asked.get("minutes")
            session.start(self.course, minutes=None if minutes is None else self.whole("minutes", minutes), say=say)


class SubmitHandler(_Receiver):
    """Takes a model file: the body is its bytes."""

    most_bytes = MOST_MODEL

    @_told
    async def post(self) -> None:
        """Score the file for ``?exam=ID&problem=N``; its name is in the header ``X-File-Name``."""
        found = await asyncio.to_thread(session.find_session, self.course, self.get_argument("exam"))
        number = self.whole("problem", self.get_argument("problem"))
        name = Path(unquote(self.request.headers.get("X-File-Name", ""))).name[:MOST_NAME] or "a file without a name"
        done = await asyncio.to_thread(self._submit, found, number, name, self.request.body)
        score = done.score
        self.answer(
            {
                "points": score.points,
                "outcome": str(score.outcome),
                "message": score.message,
                "next_step": score.next_step,
                "seconds": score.seconds,
                "number": done.number,
                "state": await self.state(),
            }
        )

    def _submit(self, found: session.Session, number: int, name: str, content: bytes) -> Any:
        file: ModelFile | LearnerMistake
        try:
            file = found.problem(self.course, found.place(number)).training.file_of(name, content)
        except LearnerMistake as mistake:
            file = mistake
        return submit(self.course, found, number, file, name=name, way="page")


class FinishHandler(_Receiver):
    """Ends an exam before its time."""

    @_told
    async def post(self) -> None:
        """Finish the exam that the body names: ``{"exam": ID}``."""
        found = await asyncio.to_thread(session.find_session, self.course, str(self.asked().get("exam")))
        if not found.finished:
            await asyncio.to_thread(found.note, "finished", by="candidate")
        self.answer({"state": await self.state()})


class ReportHandler(_Handler):
    """The report of one exam."""

    @web.authenticated
    async def get(self) -> None:
        """Send the report as a page that needs nothing else."""
        try:
            found = await asyncio.to_thread(session.find_session, self.course, self.get_argument("exam"))
            text = await asyncio.to_thread(report_page, self.course, found, lesson=self._lesson)
        except CourseError as error:
            raise web.HTTPError(404, str(error)) from error
        self.set_header("Content-Type", "text/html; charset=UTF-8")
        self.finish(text)

    def _lesson(self, week: Week) -> str:
        """Return the address of a learner's copy of a lesson in JupyterLab, where it is within reach."""
        path = self.course.work(week, "lesson")
        if not path.is_relative_to(self.root):
            return "#"
        return str(url_path_join(self.base_url, "lab/tree", path.relative_to(self.root).as_posix()))


def page_state(course: Course, root: Path) -> dict[str, Any]:
    """Return what the page shows of all exams, the newest first.

    Args:
        course: Whose.
        root: What links to files are relative to.
    """
    plan = course.exam
    kinds = [] if plan is None else [asdict(part) for part in plan.parts]
    found = [_session_state(course, each, root) for each in reversed(session.sessions(course))]
    minutes = None if plan is None else plan.minutes
    return {"sessions": found, "kinds": kinds, "minutes": minutes, "drawing": _drawing.get("now", "")}


def _session_state(course: Course, found: session.Session, root: Path) -> dict[str, Any]:
    return {
        "id": found.id,
        "mode": found.mode,
        "over": found.over_because,
        "started": found.started,
        "ends": None if found.ends is None else found.ends.isoformat(),
        "now": found.now().isoformat(),
        "minutes": found.minutes,
        "percent": round(found.percent(), 1),
        "pass_percent": found.pass_percent,
        "problems": [_place_state(course, found, place, root) for place in found.places],
    }


def _place_state(course: Course, found: session.Session, place: session.Place, root: Path) -> dict[str, Any]:
    try:
        problem: ExamProblem | None = found.problem(course, place)
    except CourseError:  # a family that the course has no more: its tries stay
        problem = None
    tries, folder = found.tries(place.number), found.root / place.folder
    paths = {name: folder / name for name in (NOTEBOOK, STATEMENT)}
    return {
        **asdict(place),
        "title": problem.title if problem else place.check_id,
        "best": max((each.points for each in tries), default=None),
        "tries": [_shown(each) for each in tries],
        "ladder": _ladder(problem) if problem else None,
        "most_bytes": problem.training.most_bytes if problem else 0,
        "files": {name: path.relative_to(root).as_posix() for name, path in paths.items() if path.is_relative_to(root)},
    }


def _shown(tried: session.Try) -> dict[str, Any]:
    """Return what the page may know of a try: what is said about the model is for afterwards, in the report."""
    return {name: value for name, value in asdict(tried).items() if name not in ("diagnosis", "advice")}


def _ladder(problem: ExamProblem) -> dict[str, Any]:
    metric = problem.ladder.metric
    return {
        "metric": metric.name,
        "higher_is_better": metric.higher_is_better,
        "thresholds": [metric.show(value) for value in problem.ladder.thresholds],
        "landmarks": [
            {"name": name, "value": metric.show(mean), "points": problem.ladder.rung(mean)}
            for name, mean in problem.landmarks.items()
        ],
    }
