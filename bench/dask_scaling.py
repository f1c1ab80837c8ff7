"""Two Dask workers beside one, each with one thread: the same batch, in turn, everything warm."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from batch import SUBMISSIONS, environment, reference

from tfcourse.course import Course, Week, find_course
from tfcourse.examiner import derive_seed
from tfcourse.examiner.secret import PUBLIC_SECRET
from tfcourse.grading.dask import DaskEngine
from tfcourse.grading.intake import originals_of, restore
from tfcourse.grading.jobs import Ending, Job

RUNS = 3
START_SECONDS = 60


def dask_scaling(course: Course | None = None, week: Week | None = None, runs: int = RUNS) -> dict:
    """Time a batch of copies of a week's reference on one worker and on two.

    Both clusters are there all the time; the one that is not measured is idle.

    Args:
        course: Default: the one that is found.
        week: Default: week 9, whose models train in 1 to 2 s.
        runs: How many times each.

    Returns:
        Seconds of each, and the median of the ratios of each turn: how many times faster two are.
    """
    course = course or find_course()
    return asyncio.run(_scaling(course, week or course.week("week09"), runs))


async def _scaling(course: Course, week: Week, runs: int) -> dict:
    seeds = {id: derive_seed(PUBLIC_SECRET, "grade", id, 0) for id in week.checks}
    source = nbformat.read(course.source(week, "assignment"), as_version=4)
    content = nbformat.writes(restore(reference(course, week), originals_of(source))).encode()
    job = Job("x", {"assignment": content}, environment={"NBGRADER_EXECUTION": "autograde"})
    seconds: dict[int, list[float]] = {1: [], 2: []}
    points = set()
    confined = shutil.which("bwrap") is not None
    async with contextlib.AsyncExitStack() as stack:
        engines = {}
        for workers in seconds:
            address = stack.enter_context(_cluster(course, workers))
            engine = DaskEngine(course, seeds=seeds, confined=confined, scheduler=address)
            engines[workers] = await stack.enter_async_context(engine)
            await asyncio.gather(*[engine.run(job) for _ in range(workers)])
        for _ in range(runs):
            for workers, engine in engines.items():
                began = time.perf_counter()
                found = await asyncio.gather(*[engine.run(job) for _ in range(SUBMISSIONS)])
                seconds[workers].append(time.perf_counter() - began)
                assert all(run.notebooks[0].ending is Ending.COMPLETE for run in found), found
                points |= {sum(one.points for one in run.notebooks[0].receipts.values()) for run in found}
    return {
        "week": week.id,
        "submissions": SUBMISSIONS,
        "confined": confined,
        "seconds": {str(workers): [round(value, 2) for value in values] for workers, values in seconds.items()},
        "median": {str(workers): round(statistics.median(values), 2) for workers, values in seconds.items()},
        "ratio": round(statistics.median(one / two for one, two in zip(seconds[1], seconds[2], strict=True)), 2),
        "same points": len(points) == 1,
    }


@contextlib.contextmanager
def _cluster(course: Course, workers: int):
    """Start a scheduler and workers, all processes of their own, and yield the address."""
    running = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "scheduler.json"

        def start(module: str, *options: str) -> None:
            command = [sys.executable, "-m", f"distributed.cli.{module}", "--host", "127.0.0.1", "--no-dashboard"]
            output = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            running.append(subprocess.Popen([*command, *options], env=environment(course), cwd=folder, **output))

        try:
            start("dask_scheduler", "--port", "0", "--scheduler-file", str(file))
            end = time.monotonic() + START_SECONDS
            while not (file.is_file() and file.read_text()):
                assert time.monotonic() < end, "The scheduler did not start."
                time.sleep(0.1)
            address = json.loads(file.read_text())["address"]
            for number in range(workers):
                start("dask_worker", address, "--nthreads", "1", "--no-nanny", "--name", str(number))
            yield address
        finally:
            for process in reversed(running):
                process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(10)
                process.kill()
                process.wait()


if __name__ == "__main__":
    print(json.dumps(dask_scaling(), indent=1))
