"""How long a model's training takes in our hands, beside the same training written naively."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

from tfcourse.checks.runtime import ENVIRONMENT
from tfcourse.course import Course

FIXED_BUDGETS = ("week01.energy_model", "week13.demand_forecaster")
"""The light ones, in which most of a step is Python's."""
PRACTISED = "week05.signs_cnn"

PROGRAM = """
import json, sys, tempfile, time

what, check_id = sys.argv[1:]
import tfcourse.notebook
import keras
import tensorflow as tf
from tfcourse.checks import runtime
from tfcourse.checks.asking import ask_here
from tfcourse.checks.guard import quiet
from tfcourse.checks.records import ModelRequest
from tfcourse.checks.registry import find_check
from tfcourse.course import find_course
from tfcourse.examiner import InProcessExaminer, take
from tfcourse.examiner.secret import PRACTICE_SECRET

course = find_course()
check = find_check(course, check_id)
split = check.data(4711)
task, key = check.task_of(split, 1)
training = check.training
tf.constant(1.0) + 1.0  # TensorFlow's own start is the same on both sides


def naive():
    runtime.fix_seeds(1)
    arguments = (split.x_train,) if training.builder_sees == "train inputs" else ()
    model = check.reference(*arguments)
    data = tf.data.Dataset.from_tensor_slices((split.x_train, split.y_train))
    data = data.shuffle(len(split.x_train), seed=1).batch(training.batch_size)
    model.fit(data, epochs=training.epochs, verbose=0)
    model.predict(split.x_test, batch_size=256, verbose=0)


def ours():
    design = training.respond(check.reference, task).model
    ask_here(ModelRequest(design, training, key.inputs, key.seen, key.train, seed=1))


def practised():
    take(check_id, check.reference, InProcessExaminer(course, "practice", PRACTICE_SECRET))


if what == "practised":
    practised()  # the process that trains is there, and the data are drawn
with quiet():
    began = time.perf_counter()
    {"naive": naive, "ours": ours, "practised": practised}[what]()
    seconds = time.perf_counter() - began
print(json.dumps(seconds))
"""


def training(course: Course, runs: int) -> dict:
    """Time trainings in turn, each in a fresh process with one thread.

    Args:
        course: Whose references.
        runs: Turns.
    """
    pairs = [(id, "ours") for id in FIXED_BUDGETS] + [(PRACTISED, "practised")]
    rows = {}
    for check_id, what in pairs:
        naive, other = [], []
        for _ in range(runs):
            naive.append(_seconds(course, "naive", check_id))
            other.append(_seconds(course, what, check_id))
        rows[check_id] = {
            "naive_s": round(statistics.median(naive), 2),
            f"{what}_s": round(statistics.median(other), 2),
            "ratio": round(statistics.median(b / a for a, b in zip(naive, other, strict=True)), 3),
        }
    return rows


def _seconds(course: Course, what: str, check_id: str) -> float:
    environment = {**os.environ, **ENVIRONMENT, "TFCOURSE_ROOT": str(course.root)}
    command = [sys.executable, "-c", PROGRAM, what, check_id]
    run = subprocess.run(command, env=environment, cwd=Path("/"), capture_output=True, text=True, check=True)
    return float(json.loads(run.stdout.splitlines()[-1]))
