"""How long an exam takes to draw, its references to train, and a submission to be answered."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path

from tfcourse.checks import calibration, guard
from tfcourse.checks.registry import exam_problems
from tfcourse.course import WORK_VARIABLE, Course
from tfcourse.exam import session
from tfcourse.exam.submission import submit
from tfcourse.examiner.model_server import warm_up

SUBMISSIONS = 10
"""Of each family's reference."""


def exam(course: Course, *, runs: int) -> dict:
    """Return seconds: drawing an exam of five problems, training each reference, answering its saved file.

    Args:
        course: Whose exam.
        runs: How many exams are drawn.
    """
    with tempfile.TemporaryDirectory() as folder:
        before = os.environ.get(WORK_VARIABLE)
        os.environ[WORK_VARIABLE] = folder
        try:
            return _exam(course, runs)
        finally:
            os.environ.pop(WORK_VARIABLE)
            if before is not None:
                os.environ[WORK_VARIABLE] = before


def _exam(course: Course, runs: int) -> dict:
    drawing = []
    for run in range(runs):
        began = time.perf_counter()
        session.start(course, seed=f"bench {run}")
        drawing.append(time.perf_counter() - began)
    families, answers = {}, []
    for problem in exam_problems(course):
        seed = calibration.calibration_seed(problem.id, 0)
        drawn = problem.data(seed)
        with tempfile.TemporaryDirectory() as folder, guard.quiet():
            model, seconds, cpu = problem.train_reference(drawn, seed, Path(folder))
        file = problem.training.read(model)
        taken = _answered(course, problem, file)
        answers += taken
        families[problem.name] = {
            "training seconds": round(seconds, 1),
            "training seconds of one core": round(cpu, 1),
            "answered, median": round(statistics.median(taken), 2),
        }
    return {
        "drawing": [round(each, 1) for each in drawing],
        "drawing, median": round(statistics.median(drawing), 1),
        "families": families,
        "submissions": len(answers),
        "answered, median": round(statistics.median(answers), 2),
        "answered, 95th percentile": round(statistics.quantiles(answers, n=20)[-1], 2),
    }


def _answered(course: Course, problem, file) -> list[float]:
    """Submit a file several times to a drill that draws this family, and return the seconds of each answer."""
    number = 0
    while True:
        places = session.draw_places(course, [problem.kind], f"bench {number}")
        if places[0].check_id == problem.id:
            break
        number += 1
    drill = session.start_drill(course, problem.kind, seed=f"bench {number}")
    warm_up()
    submit(course, drill, 1, file, name="model.keras", way="command")  # the loader may still be importing
    taken = []
    for _ in range(SUBMISSIONS):
        began = time.perf_counter()
        done = submit(course, drill, 1, file, name="model.keras", way="command")
        taken.append(time.perf_counter() - began)
        assert done.score.value is not None, done.score.message
    return taken
