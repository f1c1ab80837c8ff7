"""``tfcourse demo``: a week released, three submissions graded by nbgrader's stock commands, the points."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook

from tfcourse.course import NOTEBOOKS, ROOT_VARIABLE, Course, Week
from tfcourse.errors import CourseError
from tfcourse.grading.submissions import make_submission


@dataclass(frozen=True)
class Row:
    """What one sample submission got.

    Args:
        student: ``sample-01`` and so on.
        submission: Which sample it is.
        points: By check id, as nbgrader's database has them; None where staff have to look.
        seconds: Wall time of `nbgrader autograde` for it.
        feedback: The page for the learner.
    """

    student: str
    submission: tuple[str, ...]
    points: dict[str, float | None]
    seconds: float
    feedback: Path


def run_nbgrader(course: Course, folder: Path, *arguments: str) -> str:
    """Run a stock nbgrader command with the course's configuration on the course directory `folder`.

    Raises:
        CourseError: It failed; the message holds the end of its log.
    """
    return _run(course, folder, "nbgrader", arguments)


def run_tfcourse(course: Course, folder: Path, *arguments: str) -> str:
    """Run a command of ours on the course directory `folder`, as `run_nbgrader` does with nbgrader's."""
    return _run(course, folder, "tfcourse", arguments)


def _run(course: Course, folder: Path, program: str, arguments: Sequence[str]) -> str:
    where = [f"--CourseDirectory.root={folder}", f"--Exchange.root={folder}/exchange"]
    command = [sys.executable, "-m", program, *arguments, *where]
    environment = {**os.environ, ROOT_VARIABLE: str(course.root)}
    run = subprocess.run(command, cwd=course.root, env=environment, capture_output=True, text=True, check=False)
    if run.returncode:
        raise CourseError(
            f"Expected `{program} {' '.join(arguments)}` to succeed; it ended with "
            f"{run.returncode}:\n{run.stderr[-3000:]}"
        )
    return run.stdout + run.stderr


def grade_samples(
    course: Course,
    week: Week,
    submissions: Sequence[tuple[str, ...]],
    folder: Path,
    *,
    say: Callable[[str], None] = lambda message: None,
) -> list[Row]:
    """Release a week in a course directory of its own and grade sample submissions there.

    Args:
        course: Where the week is found.
        week: Which week.
        submissions: What `tfcourse.grading.submissions.make_submission` takes, for each.
        folder: Becomes nbgrader's course directory; what it held is removed.
        say: Told each step.
    """
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "source" / week.id).mkdir(parents=True)
    for name in NOTEBOOKS:
        shutil.copy(course.source(week, name), folder / "source" / week.id)
    say(f"nbgrader generate_assignment {week.id}")
    run_nbgrader(course, folder, "generate_assignment", week.id)
    rows = []
    for number, names in enumerate(submissions, start=1):
        student = f"sample-{number:02d}"
        submitted = folder / "submitted" / student / week.id
        submitted.mkdir(parents=True)
        nbformat.write(make_submission(course, week, *names), submitted / "assignment.ipynb")
        shutil.copy(course.release(week, "lesson"), submitted)
        say(f"nbgrader autograde {week.id} --student {student} ({' + '.join(names)})")
        began = time.perf_counter()
        run_nbgrader(course, folder, "autograde", week.id, "--student", student)
        seconds = time.perf_counter() - began
        feedback = folder / "feedback" / student / week.id / "assignment.html"
        rows.append(Row(student, names, recorded_points(folder, week, student), seconds, feedback))
    say(f"nbgrader generate_feedback {week.id}")
    run_nbgrader(course, folder, "generate_feedback", week.id)
    return rows


def recorded_points(folder: Path, week: Week, student: str) -> dict[str, float | None]:
    """Return a submission's points by check id from nbgrader's database."""
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        notebook = gradebook.find_submission_notebook("assignment", week.id, student)
        return {
            f"{week.id}.{grade.name}": None if grade.needs_manual_grade else grade.score for grade in notebook.grades
        }
