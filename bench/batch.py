"""Whole batches: stock `nbgrader autograde`, the same in two processes, ours; and the floor below them all."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pickle
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import nbformat

from tfcourse.checks.runtime import ENVIRONMENT
from tfcourse.course import ROOT_VARIABLE, WORK_VARIABLE, Course, Week
from tfcourse.examiner import derive_seed
from tfcourse.examiner.paper import Paper
from tfcourse.examiner.secret import PUBLIC_SECRET
from tfcourse.grading.engine import PRELOAD, Engine
from tfcourse.grading.intake import originals_of, restore
from tfcourse.grading.submissions import make_submission
from tfcourse.kernels.host import ForkServer
from tfcourse.kernels.preload import PRELOAD as KERNEL_PRELOAD

HERE = Path(__file__).parent
SUBMISSIONS = 12
LIGHT, HEAVY = "week09", "week05"
"""A week whose graded model trains in about 2 s, and one whose notebook trains for 6 s and more."""
SLOTS = 2
EARLY = 25
"""Submissions after which a batch is taken for running evenly."""
COLD = {"TFCOURSE_WARM": "0"}
"""Keeps the warm kernels of `nbgrader_config.py` away from stock nbgrader."""


def batches(course: Course, week: Week, folder: Path, runs: int) -> dict:
    """Time a batch of copies of the reference, in turn: stock, stock in two processes, ours.

    Returns:
        Seconds and points of each, and the ratios of each turn to ours.
    """
    seconds: dict[str, list[float]] = {"nbgrader": [], "nbgrader, two processes": [], "tfcourse": []}
    points: dict[str, set] = {name: set() for name in seconds}
    whole = make_course(course, week, folder / "whole", SUBMISSIONS)
    halves = [make_course(course, week, folder / f"half{half}", SUBMISSIONS // 2) for half in range(2)]
    for _ in range(runs):
        for name, roots in (("nbgrader", [whole]), ("nbgrader, two processes", halves), ("tfcourse", [whole])):
            commands = [command(course, week, root, ours=name == "tfcourse") for root in roots]
            seconds[name].append(together(commands))
            for root in roots:
                points[name] |= recorded(root)
    ours = seconds["tfcourse"]
    return {
        "week": week.id,
        "submissions": SUBMISSIONS,
        "seconds": {name: [round(value, 2) for value in values] for name, values in seconds.items()},
        "median": {name: round(statistics.median(values), 2) for name, values in seconds.items()},
        "ratio": {
            name: round(statistics.median(a / b for a, b in zip(values, ours, strict=True)), 2)
            for name, values in seconds.items()
            if values is not ours
        },
        "same points": len({frozenset(found) for found in points.values()}) == 1 and len(points["tfcourse"]) == 1,
    }


def references(course: Course, folder: Path) -> dict:
    """Time the reference of every week: one command for each, one after the other.

    Returns:
        Seconds of each week and of all, and the points that each reference got.
    """
    roots = {week: make_course(course, week, folder / week.id, 1) for week in course.weeks}
    seconds, points = {}, {}
    for week, root in roots.items():
        seconds[week.id] = round(together([command(course, week, root, ours=True)]), 1)
        points[week.id] = sorted(recorded(root))
    return {"seconds": seconds, "all": round(sum(seconds.values()), 1), "points": points}


def make_course(course: Course, week: Week, root: Path, count: int) -> Path:
    """Write nbgrader's course directory with copies of the reference, and release the week there."""
    (root / "source" / week.id).mkdir(parents=True)
    shutil.copy(course.source(week, "assignment"), root / "source" / week.id)
    submission = reference(course, week)
    for number in range(count):
        folder = root / "submitted" / f"sample-{number:03d}" / week.id
        folder.mkdir(parents=True)
        nbformat.write(submission, folder / "assignment.ipynb")
    run([sys.executable, "-m", "nbgrader", "generate_assignment", week.id, f"--CourseDirectory.root={root}"], course)
    return root


def reference(course: Course, week: Week) -> nbformat.NotebookNode:
    """Return the reference; in the light week without the trial run before the graded one, so that one model trains."""
    notebook = make_submission(course, week, "reference")
    if week.id == LIGHT:
        notebook.cells = [cell for cell in notebook.cells if "nbgrader" in cell.metadata or ".fit(" not in cell.source]
    return notebook


def command(course: Course, week: Week, root: Path, *, ours: bool) -> list[str]:
    """Return the command that grades everything in a course directory."""
    if ours:
        start = [sys.executable, "-m", "tfcourse", "autograde", week.id, "--workers", str(SLOTS)]
    else:
        start = [sys.executable, "-m", "nbgrader", "autograde", week.id]
    return [*start, "--force", f"--CourseDirectory.root={root}"]


def environment(course: Course, root: Path | None = None) -> dict[str, str]:
    """Return what both sides run with; bytecode may be written and is used."""
    variables = {**os.environ, **COLD, ROOT_VARIABLE: str(course.root)}
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    if root is not None:
        variables[WORK_VARIABLE] = str(root / "work")
    return variables


def run(arguments: list[str], course: Course) -> float:
    """Run a command to its end and return its wall time in seconds."""
    began = time.perf_counter()
    subprocess.run(arguments, env=environment(course), cwd=course.root, check=True, capture_output=True)
    return time.perf_counter() - began


def together(commands: list[list[str]]) -> float:
    """Run commands side by side and return the wall time of all."""
    course_root = HERE.parent
    began = time.perf_counter()
    variables = {**os.environ, **COLD, ROOT_VARIABLE: str(course_root)}
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    running = [
        subprocess.Popen(
            arguments, env=variables, cwd=course_root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for arguments in commands
    ]
    codes = [process.wait() for process in running]
    assert not any(codes), codes
    return time.perf_counter() - began


def recorded(root: Path) -> set:
    """Return the different totals in a course directory's gradebook."""
    query = "select sum(auto_score) from grade group by notebook_id"
    with contextlib.closing(sqlite3.connect(root / "gradebook.db")) as database:
        return {total for (total,) in database.execute(query)}


# ---------------------------------------------------------------------------- the floor


def overhead(course: Course, week: Week, runs: int) -> dict:
    """Time the engine, isolation on, beside the same cells in bare warmed processes; both warm, in turn."""
    return asyncio.run(_overhead(course, week, runs))


async def _overhead(course: Course, week: Week, runs: int) -> dict:
    from tfcourse.grading.jobs import Job

    seeds = {id: derive_seed(PUBLIC_SECRET, "grade", id, 0) for id in week.checks}
    source = nbformat.read(course.source(week, "assignment"), as_version=4)
    notebook = restore(reference(course, week), originals_of(source))
    content = nbformat.writes(notebook).encode()
    seconds: dict[str, list[float]] = {"floor": [], "floor, one process": [], "engine": []}
    async with Engine(course, seeds=seeds, workers=SLOTS) as engine:
        job = Job("x", {"assignment": content}, environment={"NBGRADER_EXECUTION": "autograde"})
        await asyncio.gather(engine.run(job), engine.run(job))
        paper = engine.paper
        assert paper is not None
        with Floor(paper, notebook) as floor:
            await asyncio.to_thread(floor.batch, SLOTS)
            for _ in range(runs):
                seconds["floor"].append(await asyncio.to_thread(floor.batch, SUBMISSIONS))
                seconds["floor, one process"].append(await asyncio.to_thread(floor.batch, SUBMISSIONS, 1))
                began = time.perf_counter()
                await asyncio.gather(*[engine.run(job) for _ in range(SUBMISSIONS)])
                seconds["engine"].append(time.perf_counter() - began)
    each = [b / a for a, b in zip(seconds["floor"], seconds["engine"], strict=True)]
    return {
        "week": week.id,
        "submissions": SUBMISSIONS,
        "seconds": {name: [round(value, 2) for value in values] for name, values in seconds.items()},
        "median": {name: round(statistics.median(values), 2) for name, values in seconds.items()},
        "ratio": round(statistics.median(each), 3),
        "two processes on this machine": round(
            statistics.median(b / a for a, b in zip(seconds["floor"], seconds["floor, one process"], strict=True)), 2
        ),
    }


class Floor:
    """The same cells in processes that were forked with everything imported: no kernel, no sandbox, no examiner."""

    def __init__(self, paper: Paper, notebook: nbformat.NotebookNode) -> None:
        self._file = HERE / ".floor.pickle"
        tasks = {id: question.task for id, question in paper.questions.items()}
        cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
        self._file.write_bytes(pickle.dumps((tasks, cells)))
        self._environment = {**os.environ, **ENVIRONMENT, "PYTHONPATH": str(HERE), "NBGRADER_EXECUTION": "autograde"}
        preload = [name for name in (*KERNEL_PRELOAD, *PRELOAD, "floor_process") if find_spec(name) is not None]
        self._server = ForkServer(preload, environment=self._environment)

    def __enter__(self) -> Floor:
        self._server.wait_ready()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.close()
        self._file.unlink()

    def batch(self, count: int, slots: int = SLOTS) -> float:
        """Run `count` submissions, `slots` at a time, and return the wall time in seconds."""
        began = time.perf_counter()
        running = []
        for _ in range(count):
            if len(running) == slots:
                while all(process.poll() is None for process in running):
                    time.sleep(0.002)
                running = [process for process in running if process.poll() is None]
            running.append(
                self._server.fork("floor_process:run", {"file": str(self._file)}, environment=self._environment)
            )
        codes = [process.wait() for process in running]
        assert not any(codes), codes
        return time.perf_counter() - began


# ---------------------------------------------------------------------------- many small ones


def many(course: Course, folder: Path, counts: tuple[int, int] = (50, 500)) -> dict:
    """Grade many submissions of cells that cost nothing: time and the main process's growth per submission."""
    rows = {}
    for count in counts:
        root = make_small_course(folder / f"many{count}", count)
        log = root / "log.jsonl"
        arguments = [
            *(sys.executable, "-m", "tfcourse", "autograde", "small", "--workers", str(SLOTS)),
            *(f"--CourseDirectory.root={root}", "--log", str(log)),
        ]
        early, last, seconds = _watched(arguments, course, log, count)
        rows[str(count)] = {
            "milliseconds each": round(1000 * seconds / (count - EARLY), 1),
            f"megabytes after {EARLY}": round(early),
            "megabytes at the end": round(last),
        }
    few, lot = rows.values()
    return {
        "rows": rows,
        "growth in megabytes": lot["megabytes at the end"] - lot[f"megabytes after {EARLY}"],
        "ratio of time each": round(lot["milliseconds each"] / few["milliseconds each"], 3),
    }


def make_small_course(root: Path, count: int) -> Path:
    """Write a course directory whose one assignment has an ordinary nbgrader test, and costs nothing."""
    from nbformat.v4 import new_code_cell, new_notebook

    def marked(source: str, id: str, **marks) -> nbformat.NotebookNode:
        metadata = {"grade": False, "solution": False, "locked": False, "schema_version": 3, "task": False, **marks}
        return new_code_cell(source, id=id, metadata={"nbgrader": {"grade_id": id, **metadata}})

    notebook = new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        cells=[
            marked("def double(x):\n    return 2 * x", "answer", solution=True),
            marked("assert double(2) == 4", "test", grade=True, points=1, locked=True),
        ],
    )
    (root / "source" / "small").mkdir(parents=True)
    nbformat.write(notebook, root / "source" / "small" / "assignment.ipynb")
    for number in range(count):
        folder = root / "submitted" / f"sample-{number:03d}" / "small"
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / "assignment.ipynb")
    subprocess.run(
        [sys.executable, "-m", "nbgrader", "generate_assignment", "small", f"--CourseDirectory.root={root}"],
        cwd=HERE.parent,
        env={**os.environ, ROOT_VARIABLE: str(HERE.parent)},
        check=True,
        capture_output=True,
    )
    return root


def _watched(arguments: list[str], course: Course, log: Path, count: int) -> tuple[float, float, float]:
    """Run a command that grades; return its resident megabytes early and at the end, and the seconds between."""
    process = subprocess.Popen(
        arguments, cwd=course.root, env=environment(course), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    early = last = began = ended = 0.0
    while process.poll() is None:
        with contextlib.suppress(OSError, StopIteration):
            lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
            last = next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))
        done = log.read_text().count('"recorded"') if log.is_file() else 0
        if done >= EARLY and not began:
            early, began = last, time.perf_counter()
        if done < count:
            ended = time.perf_counter()
        time.sleep(0.05)
    assert process.returncode == 0, process.returncode
    return early, last, ended - began
