"""``tfcourse lab`` and ``tfcourse start``: a learner's copies, and JupyterLab at the syllabus."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

from tfcourse import exam
from tfcourse.checks.runtime import QUIET
from tfcourse.course import NOTEBOOKS, ROOT_VARIABLE, Course, Extra, Week
from tfcourse.errors import CourseError
from tfcourse.kernels.kernelspec import PATH_VARIABLE, jupyter_path
from tfcourse.reports.progress import Progress
from tfcourse.reports.syllabus import syllabus_page

PAGE = "syllabus.md"
SETTINGS = {
    "@jupyterlab/docmanager-extension:plugin": {"defaultViewers": {"markdown": "Markdown Preview"}},
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
}
"""JupyterLab's settings that the course changes; a learner's own settings win."""


def start_week(course: Course, week: Week) -> list[Path]:
    """Copy a week's release into ``work/``, leaving alone what is there.

    Returns:
        The copies that were made; empty where the week was begun before.

    Raises:
        CourseError: The week was not built.
    """
    return _copy_all(course, [(course.release(week, name), course.work(week, name)) for name in NOTEBOOKS])


def start_extra(course: Course, extra: Extra) -> list[Path]:
    """Do the same with a notebook beside the weeks. See `start_week`."""
    return _copy_all(course, [(course.extra_release(extra), course.extra_work(extra))])


def _copy_all(course: Course, pairs: list[tuple[Path, Path]]) -> list[Path]:
    made = []
    for release, copy in pairs:
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


def prepare_settings(course: Course) -> Path:
    """Write what JupyterLab starts with, and forget the layout of the last session.

    The syllabus is what one sees then, also when a week was begun before. Markdown opens rendered, and no
    question about news stands in the way.

    Returns:
        The folder with the settings and the layout.
    """
    folder = course.work_folder / ".lab"
    shutil.rmtree(folder / "workspaces", ignore_errors=True)
    (folder / "settings").mkdir(parents=True, exist_ok=True)
    (folder / "settings" / "overrides.json").write_text(json.dumps(SETTINGS, indent=1), encoding="utf-8")
    return folder


def lab_command(course: Course, settings: Path, arguments: tuple[str, ...]) -> list[str]:
    """Return the command that opens JupyterLab at the syllabus.

    Args:
        course: Whose syllabus.
        settings: The folder that `prepare_settings` wrote.
        arguments: Passed on to JupyterLab, after ours.
    """
    work = course.work_folder
    root = course.root if work.is_relative_to(course.root) else work
    return [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={root}",
        f"--LabApp.default_url=/lab/tree/{(work / PAGE).relative_to(root).as_posix()}",
        f"--LabApp.app_settings_dir={settings / 'settings'}",
        f"--LabApp.workspaces_dir={settings / 'workspaces'}",
        *(exam_arguments() if course.exam is not None else ()),
        *arguments,
    ]


def exam_arguments() -> tuple[str, ...]:
    """Return what adds the exam to JupyterLab: its page, and where the launcher and the menu find it."""
    extensions = Path(exam.__file__).parent / "labextension"
    return (
        "--ServerApp.jpserver_extensions=tfcourse.exam.server=True",
        f"--LabApp.extra_labextensions_path={extensions}",
    )


def run_lab(course: Course, arguments: tuple[str, ...]) -> None:
    """Start what has not been started, write the syllabus, and run JupyterLab until it ends.

    It runs in the course's folder, where nbgrader's buttons find their configuration. Its kernel ``python3`` is the
    warm one, see `tfcourse.kernels.kernelspec`.
    """
    for week in course.weeks:
        start_week(course, week)
    for extra in course.extras:
        start_extra(course, extra)
    write_syllabus(course)
    command = lab_command(course, prepare_settings(course), arguments)
    # In JupyterLab's terminal, `tfcourse` has to be found although nobody activated the environment.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    environment = {
        **os.environ,
        **QUIET,
        ROOT_VARIABLE: str(course.root),
        "PATH": path,
        PATH_VARIABLE: jupyter_path(),
    }
    os.chdir(course.root)
    os.execve(command[0], command, environment)


def _copy_new(source: Path, target: Path) -> bool:
    """Copy unless `target` exists, without a moment in which somebody else could make it."""
    try:
        with source.open("rb") as read, target.open("xb") as write:
            shutil.copyfileobj(read, write)
    except FileExistsError:
        return False
    return True
