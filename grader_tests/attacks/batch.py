# ruff: noqa: E501
"""Grades all attacks at once, with honest submissions among them, by the real ``tfcourse autograde``."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
from attack import Attack
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook

REPOSITORY = Path(__file__).parents[2]
sys.path.insert(0, str(REPOSITORY / "tests"))
from mini_course import ASSIGNMENT, CHECKS, SYLLABUS, write_mini_course

from tfcourse.authoring.build import write_all
from tfcourse.course import Course, read_course
from tfcourse.examiner import Paper, Secret, derive_seed
from tfcourse.grading.store import Store
from tfcourse.grading.submissions import make_submission

SECRET = "the secret of the attacks, which nobody may ever find"
MARKER = "left-behind-by-an-attack"
"""In the command line of what must not outlive its submission."""
MASK = 0x5A
HONEST = ("honest-1", "m-honest", "z-honest")
"""They are graded first, in the middle, and last."""
CHECKS_OF = ("double", "line", "file", "trained")
FULL = {"double": 2.0, "line": 5.0, "file": 5.0, "trained": 5.0}
WORKERS = 4

SETTINGS = """
c.Execute.timeout = 24
c.GradingBounds.check_seconds = 25
c.GradingBounds.notebook_seconds = 60
c.GradingBounds.output_cell_bytes = 100_000
c.GradingBounds.output_notebook_bytes = 300_000
c.GradingBounds.message_bytes = 8 * 2**20
c.GradingBounds.kept_bytes = 2**20
c.GradingBounds.memory_megabytes = 700
c.GradingBounds.disk_megabytes = 64
c.GradingBounds.files = 2000
"""

MORE_CHECKS = """
from tfcourse.checks import FileModel, OwnTraining

CHECKS += (
    ModelCheck(
        id="week01.file", title="A file", skills=("B1",), hints=("Save it.", "model.save"),
        reference=solution_of("week01", "trained_model"), data=data,
        training=FileModel(output=Output("value"), max_parameters=100, most_bytes=4 * 2**20, seconds=6.0),
        ladder=Ladder(mean_absolute_error, (1.8, 1.2, 0.8, 0.4, 0.2)),
        baselines=(baselines.mean(), baselines.moving_average(2)),
        advice=tuple(Advice(f"a{rung}", rungs=(rung,)) for rung in range(6)),
    ),
    ModelCheck(
        id="week01.trained", title="A training", skills=("B1",), hints=("Fit.", "model.fit"),
        reference=solution_of("week01", "train_model"), data=data,
        training=OwnTraining(output=Output("value"), budget=8.0, max_parameters=100, most_bytes=4 * 2**20),
        ladder=Ladder(mean_absolute_error, (1.8, 1.2, 0.8, 0.4, 0.2)),
        baselines=(baselines.mean(), baselines.moving_average(2)),
        advice=tuple(Advice(f"a{rung}", rungs=(rung,)) for rung in range(6)),
    ),
)
"""

MORE_TASKS = """
# %% [markdown]
# ## Task 3
#
# {{ladder:week01.file}}

# %% nbgrader={"grade": false, "grade_id": "file_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def trained_model():
    \"\"\"Return a trained model.\"\"\"
    ### BEGIN SOLUTION
    import keras

    model = keras.Sequential([keras.Input(shape=(3,)), keras.layers.Dense(1)])
    model.set_weights([np.array([[1.0], [2.0], [-1.0]]), np.zeros(1)])
    return model
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "file", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
practice("week01.file", trained_model())
### BEGIN HIDDEN TESTS
grade("week01.file", trained_model())
### END HIDDEN TESTS

# %% [markdown]
# ## Task 4
#
# {{ladder:week01.trained}}

# %% nbgrader={"grade": false, "grade_id": "trained_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_model(x_train, y_train):
    \"\"\"Return a trained model.\"\"\"
    ### BEGIN SOLUTION
    import keras

    model = keras.Sequential([keras.Input(shape=(3,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(0.05), loss="mae")
    model.fit(x_train, y_train, epochs=40, verbose=0)
    return model
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "trained", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
practice("week01.trained", train_model)
### BEGIN HIDDEN TESTS
grade("week01.trained", train_model)
### END HIDDEN TESTS
"""


@dataclass(frozen=True)
class Services:
    """What runs on the grader's machine, and must not be reached.

    Attributes:
        calls: Who called.
    """

    port: int
    abstract: str
    named: str
    calls: list[str]


@dataclass(frozen=True)
class Batch:
    """What was left behind by the command.

    Args:
        root: The course's folder.
        code: What the command ended with.
        said: What it said.
        seconds: How long it took.
        peak: Megabytes that the main process had at most.
        calls: Calls to services of the machine.
        survivors: Command lines of processes that outlived their submission.
    """

    root: Path
    code: int
    said: str
    seconds: float
    peak: float
    calls: list[str]
    survivors: list[str]

    @cached_property
    def events(self) -> dict[str, dict[str, Any]]:
        """Return what the log says last of each student: its status, reasons and points."""
        events: dict[str, dict[str, Any]] = {}
        for line in (self.root / "receipts" / "log.jsonl").read_text(encoding="utf-8").splitlines():
            event = json.loads(line)
            if "student" in event:
                events.setdefault(event["student"], {})
                events[event["student"]][event["event"]] = event
        return events

    @cached_property
    def points(self) -> dict[str, dict[str, float | None]]:
        """Return what nbgrader's database says: student, grade id, points; None where staff have to decide."""
        found: dict[str, dict[str, float | None]] = {}
        with Gradebook(f"sqlite:///{self.root / 'gradebook.db'}") as gradebook:
            for submission in gradebook.assignment_submissions("week01"):
                found[submission.student.id] = {
                    grade.name: None if grade.needs_manual_grade else grade.score
                    for notebook in submission.notebooks
                    for grade in notebook.grades
                }
        return found

    def graded(self, student: str) -> Path:
        """Return a student's graded folder."""
        return self.root / "autograded" / student / "week01"

    def kept(self, student: str) -> set[str]:
        """Return the names of files that a run left behind and that are kept for staff."""
        tables = (self.root / "receipts" / student / "week01").glob("run-*/run.json")
        return {name for table in tables for name in json.loads(table.read_text(encoding="utf-8"))["files"]}

    def notebook(self, student: str) -> NotebookNode:
        """Return a student's graded notebook."""
        return nbformat.read(self.graded(student) / "assignment.ipynb", as_version=4)

    def output(self, student: str) -> str:
        """Return all that a graded notebook shows."""
        return "\n".join(
            json.dumps(output, ensure_ascii=False).replace("\\n", "\n")
            for cell in self.notebook(student).cells
            for output in cell.get("outputs", [])
        )

    def html(self, student: str) -> str:
        """Return what a browser shows of a graded notebook's outputs."""
        outputs = [output for cell in self.notebook(student).cells for output in cell.get("outputs", [])]
        return "\n".join(output.get("data", {}).get("text/html", "") for output in outputs)

    def told(self, student: str) -> str:
        """Return all that staff are told of a submission: the log, and its receipts."""
        events = self.events.get(student, {})
        recorded, failed = events.get("recorded", {}), events.get("failed", {})
        words = [recorded.get("reason"), failed.get("reason")]
        words += [*recorded.get("unjudged", {}).values(), *recorded.get("to_staff", {}).values()]
        if recorded:
            words += [receipt.message for receipt in self.store.receipts(student, "week01").values()]
        return "\n".join(filter(None, words))

    def ending(self, student: str) -> str:
        """Return how a run ended."""
        return str(self.events[student]["ran"]["notebooks"]["assignment"]["ending"])

    @property
    def store(self) -> Store:
        """Return the receipts."""
        return Store(self.root / "receipts")


def grade(root: Path, attacks: Sequence[Attack], *, sandbox: bool = True) -> Batch:
    """Write the course, hand in the attacks, and grade them all at once.

    Args:
        root: An empty folder.
        attacks: Each is a student.
        sandbox: False for attacks that do no harm, to see that they would succeed.
    """
    course = _write_course(root)
    environment = _environment(root)
    _run(environment, root, "nbgrader", "generate_assignment", "week01", "--force")
    with _services(root) as services:
        words = _words(course, services)
        for student in HONEST:
            _folder(root, student)
            notebook = make_submission(course, course.weeks[0], "reference")
            nbformat.write(notebook, _folder(root, student) / "assignment.ipynb")
        for attack in attacks:
            notebook = make_submission(course, course.weeks[0], "blank")
            attack.write(_folder(root, attack.name), notebook, words)
        began = time.perf_counter()
        command = [sys.executable, "-m", "tfcourse", "autograde", "week01", "--workers", str(WORKERS)]
        command += [] if sandbox else ["--no-sandbox"]
        with (root / "stdout").open("w") as out, (root / "stderr").open("w") as err:
            process = subprocess.Popen(command, cwd=root, env=environment, stdout=out, stderr=err)
            peak = 0.0
            while process.poll() is None:
                peak = max(peak, _megabytes(process.pid))
                time.sleep(0.05)
                if time.perf_counter() - began > 600:
                    process.kill()
        seconds = time.perf_counter() - began
    said = (root / "stdout").read_text() + (root / "stderr").read_text()
    return Batch(root, process.returncode, said, seconds, peak, services.calls, _survivors())


def grade_once(folder: Path, attacks: Sequence[Attack], *, sandbox: bool = True) -> Batch:
    """Do as `grade`, or return what another process of the same tests did.

    Args:
        folder: The same for all processes.
        attacks: Each is a student.
        sandbox: As for `grade`.
    """
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        result = folder / "result.json"
        if not result.exists():
            batch = grade(folder / "course", attacks, sandbox=sandbox)
            result.write_text(json.dumps({**asdict(batch), "root": str(batch.root)}))
    table = json.loads(result.read_text())
    return Batch(**{**table, "root": Path(table["root"])})


def _write_course(root: Path) -> Course:
    write_mini_course(root)
    (root / "grader_tests" / "week01.py").write_text(CHECKS.lstrip("\n") + MORE_CHECKS)
    (root / "curriculum" / "week01_mini" / "assignment.py").write_text(ASSIGNMENT + MORE_TASKS)
    syllabus = SYLLABUS.replace('"week01.line"]', '"week01.line", "week01.file", "week01.trained"]')
    (root / "curriculum" / "syllabus.toml").write_text(syllabus)
    shutil.copy(REPOSITORY / "nbgrader_config.py", root)
    with (root / "nbgrader_config.py").open("a") as file:
        file.write(SETTINGS)
    (root / "secret").write_text(SECRET)
    (root / "secret").chmod(0o600)
    course = read_course(root)
    write_all(course)
    return course


def _environment(root: Path) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("TFCOURSE_")},
        "TFCOURSE_ROOT": str(root),
        "TFCOURSE_WORK": str(root / "work"),
        "TFCOURSE_SECRET_FILE": str(root / "secret"),
    }


def _run(environment: dict[str, str], root: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", *arguments]
    run = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert run.returncode == 0, run.stderr[-3000:]


def _folder(root: Path, student: str) -> Path:
    folder = root / "submitted" / student / "week01"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _words(course: Course, services: Services) -> dict[str, str]:
    """Return what attacks are told: where things are, and what to look for, disguised."""
    seed = derive_seed(Secret(SECRET.encode(), "the attacks"), "grade", "week01.trained", 0)
    question = Paper.draw_in_child(course, {"week01.trained": seed})["week01.trained"]
    return {
        "course": str(course.root),
        "secret_file": str(course.root / "secret"),
        "port": str(services.port),
        "abstract": services.abstract,
        "named": services.named,
        "marker": MARKER,
        "labels": _disguised(question.key.expected[0][0]),
        "inputs": _disguised(question.key.inputs[0]),
        "shown": _disguised(question.task.train["x"]),
        "secret": _disguised(np.frombuffer(SECRET.encode(), np.uint8)),
        "seed": _disguised(np.frombuffer(seed.to_bytes(32, "little"), np.uint8)),
    }


def _disguised(array: np.ndarray) -> str:
    return bytes(byte ^ MASK for byte in np.ascontiguousarray(array).tobytes()[:32]).hex()


@contextmanager
def _services(root: Path) -> Iterator[Services]:
    """Run services on loopback, at an abstract address and at a path, each of which notes who calls."""
    calls: list[str] = []
    abstract = f"tfcourse-{secrets.token_hex(8)}"
    named = str(root / "service")
    loopback = socket.socket()
    loopback.bind(("127.0.0.1", 0))
    sockets = {"loopback": loopback}
    for name, address in (("abstract", f"\0{abstract}"), ("named", named)):
        sockets[name] = socket.socket(socket.AF_UNIX)
        sockets[name].bind(address)

    def listen(name: str, sock: socket.socket) -> None:
        sock.listen()
        while True:
            try:
                sock.accept()
            except OSError:
                return
            calls.append(name)

    for name, sock in sockets.items():
        threading.Thread(target=listen, args=(name, sock), daemon=True).start()
    time.sleep(0.1)
    with socket.create_connection(loopback.getsockname()), socket.socket(socket.AF_UNIX) as caller:
        caller.connect(f"\0{abstract}")  # they do work
    for _ in range(100):
        if sorted(calls) == ["abstract", "loopback"]:
            break
        time.sleep(0.01)
    assert sorted(calls) == ["abstract", "loopback"]
    calls.clear()
    try:
        yield Services(loopback.getsockname()[1], abstract, named, calls)
    finally:
        for sock in sockets.values():
            sock.close()


def _megabytes(process: int) -> float:
    try:
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0


def _survivors() -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if MARKER in line:
            found.append(line)
    return found
