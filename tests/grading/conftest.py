"""A class of the mini week, graded once by nbgrader's stock commands, for every test of its results."""

import fcntl
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from mini_course import CHECKS, write_mini_course

from tfcourse.authoring.build import write_all
from tfcourse.course import Course, read_course
from tfcourse.grading.submissions import make_submission

REPOSITORY = Path(__file__).parents[2]
SECRET = "a secret of the tests, long enough to be one"

TRAP = """
from pathlib import Path

Path("lesson-was-run").write_text("")
raise RuntimeError("a lesson is not run")
"""

NOISE = """
import logging, os, sys, warnings

import numpy as np


def noise(*arguments):
    print("on stdout")
    print("on stderr", file=sys.stderr)
    warnings.warn("a warning")
    logging.getLogger("somebody").error("a log record")
    os.write(2, b"from C")


# … in every cell that runs from now on, test cells included.
get_ipython().events.register("pre_run_cell", noise)
get_ipython().events.register("post_run_cell", noise)
print(5)
np.float64(0.5)
"""


def find(notebook, grade_id):
    return next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def code(source):
    return nbformat.v4.new_code_cell(source)


def reference(notebook):
    """Solves everything, looks at numbers in cells of its own, and hands in a lesson that would fail."""
    notebook.cells.insert(2, code("print(3.0)\nnp.float64(0.25)"))
    notebook.cells.append(code("np.float64(0.5)"))


def noisy(notebook):
    """Solves the first task amid noise on every channel, with a hint, and duplicates both of its cells.

    On the second task, the course's own code fails: see `break-the-grader` below.
    """
    notebook.cells.insert(2, code(NOISE))
    solution, test = find(notebook, "double_solution"), find(notebook, "double")
    at = notebook.cells.index(test) + 1
    copies = [nbformat.from_dict({**solution, "id": "copy-1"}), nbformat.from_dict({**test, "id": "copy-2"})]
    notebook.cells[at:at] = [code('hint("week01.double")'), *copies]


def tampered(notebook):
    """Gets one case of four right, edits one test cell and deletes the other."""
    find(notebook, "double_solution").source = "def double(x):\n    return x"
    find(notebook, "double").source = "2.0"
    notebook.cells.remove(find(notebook, "line"))


def crashing(notebook):
    """Raises in a cell of its own, does not parse in the next, and leaves in the last."""
    notebook.cells.insert(2, code("1 / 0"))
    find(notebook, "double_solution").source = "def double(x:\n    return x"
    find(notebook, "line_solution").source = "import sys\n\ndef build_model():\n    sys.exit('enough')"


CLASS = {
    "reference": ("reference", reference),
    "noisy": ("reference", noisy),
    "tampered": ("reference", tampered),
    "crashing": ("reference", crashing),
    "blank": ("blank", lambda notebook: None),
}


@dataclass(frozen=True)
class Graded:
    """What nbgrader left behind."""

    course: Course
    folder: Path
    """nbgrader's course directory."""

    def submitted(self, student):
        return self.folder / "submitted" / student / "week01"

    def autograded(self, student):
        return nbformat.read(self.folder / "autograded" / student / "week01" / "assignment.ipynb", as_version=4)

    def feedback(self, student):
        return (self.folder / "feedback" / student / "week01" / "assignment.html").read_text()

    def log(self, step):
        return (self.folder / f"{step}.log").read_text()

    def run(self, *command):
        """Run a command of Python's modules with the course's secret."""
        return subprocess.run(
            [sys.executable, "-m", *command],
            cwd=REPOSITORY,
            env=environment_of(self.course),
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )


def environment_of(course: Course) -> dict[str, str]:
    """Return an environment without the virtual environment's bin folder, as a cron job would have it."""
    return {
        **os.environ,
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "TFCOURSE_ROOT": str(course.root),
        "TFCOURSE_WORK": str(course.root / "work"),
        "TFCOURSE_SECRET": SECRET,
    }


def nbgrader(course: Course, folder: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nbgrader", *arguments]
    command += [f"--CourseDirectory.root={folder}", f"--Exchange.root={folder / 'exchange'}"]
    run = subprocess.run(
        command, cwd=REPOSITORY, env=environment_of(course), capture_output=True, text=True, check=False, timeout=600
    )
    assert not check or run.returncode == 0, run.stderr[-3000:]
    return run


def grade_class(top: Path) -> None:
    course = read_course(write_mini_course(top / "course"))
    checks = course.root / "grader_tests" / "week01.py"
    checks.write_text(
        CHECKS.lstrip("\n").replace(
            "def data(seed):\n",
            "def data(seed):\n    from pathlib import Path\n    assert not Path('break-the-grader').exists()\n",
        )
    )
    write_all(course)
    folder = top / "nbgrader"
    shutil.copytree(course.root / "source", folder / "source")
    logs = {"generate_assignment": nbgrader(course, folder, "generate_assignment", "week01")}
    for student, (sample, change) in CLASS.items():
        submitted = folder / "submitted" / student / "week01"
        submitted.mkdir(parents=True)
        notebook = make_submission(course, course.weeks[0], sample)
        change(notebook)
        nbformat.write(notebook, submitted / "assignment.ipynb")
        lesson = nbformat.read(course.release(course.weeks[0], "lesson"), as_version=4)
        lesson.cells.append(code(TRAP))
        nbformat.write(lesson, submitted / "lesson.ipynb")
    (folder / "submitted" / "noisy" / "week01" / "break-the-grader").write_text("")
    logs["autograde"] = nbgrader(course, folder, "autograde", "week01")
    logs["generate_feedback"] = nbgrader(course, folder, "generate_feedback", "week01")
    logs["export"] = nbgrader(course, folder, "export", "--to", str(folder / "grades.csv"))
    for step, run in logs.items():
        (folder / f"{step}.log").write_text(run.stdout + run.stderr)


@pytest.fixture(scope="session")
def validate():
    """Run `nbgrader validate` on notebooks of a course."""

    def run(course: Course, *paths: Path) -> str:
        command = [sys.executable, "-m", "nbgrader", "validate", *map(str, paths)]
        done = subprocess.run(
            command,
            cwd=REPOSITORY,
            env=environment_of(course),
            capture_output=True,
            text=True,
            check=True,
            timeout=300,
        )
        return done.stdout

    return run


@pytest.fixture(scope="session")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """The class, graded once, also where pytest runs in several processes."""
    base = tmp_path_factory.getbasetemp()
    top = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "graded-class"
    top.mkdir(exist_ok=True)
    with (top / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (top / "done").exists():
            grade_class(top)
            (top / "done").write_text("")
    return Graded(read_course(top / "course"), top / "nbgrader")
