"""``tfcourse lab`` and ``tfcourse start``: a learner's copies, and JupyterLab at the syllabus."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from tfcourse.checks.runtime import ENVIRONMENT
from tfcourse.course import NOTEBOOKS, ROOT_VARIABLE, Course, Week
from tfcourse.errors import CourseError
from tfcourse.reports.progress import Progress
from tfcourse.reports.syllabus import syllabus_page

PAGE = "syllabus.md"


def start_week(course: Course, week: Week) -> list[Path]:
    """Copy a week's release into ``work/``, leaving alone what is there.

    Returns:
        The copies that were made; empty where the week was begun before.

    Raises:
        CourseError: The week was not built.
    """
    made = []
    for name in NOTEBOOKS:
        release, copy = course.release(week, name), course.work(week, name)
        if not release.is_file():
            raise CourseError(f"Expected {course.show(release)}; found none. Run: tfcourse build")
        copy.parent.mkdir(parents=True, exist_ok=True)
        if _copy_new(release, copy):
            made.append(copy)
    return made


def write_syllabus(course: Course) -> Path:
    """Write the page that JupyterLab opens: the weeks, with links and what has been reached."""
    page = course.work_folder / PAGE
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(syllabus_page(course, Progress(course).best()), encoding="utf-8")
    return page


def lab_command(course: Course, arguments: tuple[str, ...]) -> list[str]:
    """Return the command that opens JupyterLab at the syllabus.

    ``reset`` clears the layout of an earlier session, so that the syllabus is what one sees.
    """
    work = course.work_folder
    root = course.root if work.is_relative_to(course.root) else work
    page = (work / PAGE).relative_to(root).as_posix()
    url = f"/lab/tree/{page}?reset&factory=Markdown%20Preview"
    return [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={root}",
        f"--LabApp.default_url={url}",
        *arguments,
    ]


def run_lab(course: Course, arguments: tuple[str, ...]) -> None:
    """Start what has not been started, write the syllabus, and become JupyterLab."""
    for week in course.weeks:
        start_week(course, week)
    write_syllabus(course)
    command = lab_command(course, arguments)
    environment = {**os.environ, **ENVIRONMENT, ROOT_VARIABLE: str(course.root)}
    os.execve(command[0], command, environment)


def _copy_new(source: Path, target: Path) -> bool:
    """Copy unless `target` exists, without a moment in which somebody else could make it."""
    try:
        with source.open("rb") as read, target.open("xb") as write:
            shutil.copyfileobj(read, write)
    except FileExistsError:
        return False
    return True
