"""A course of one assignment with ordinary nbgrader cells: cheap to grade, and no check of ours in it."""

import nbformat
from nbgrader.api import Gradebook
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from tfcourse.grading.nbgrader import Autograde

ANSWER = "def double(x):\n    return {}\n"
GRADED = {"double": 2.0, "zero": 1.0, "partial": 4.0}


def cell(kind, source, id, **metadata):
    new = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
    about = {"grade": False, "locked": False, "solution": False, "task": False, "schema_version": 3, "grade_id": id}
    return new(source, metadata={"nbgrader": {**about, **metadata}})


def graded_cell(source, id):
    return cell("code", source, id, grade=True, locked=True, points=GRADED[id])


def source_notebook(prefix=""):
    notebook = nbformat.v4.new_notebook(
        cells=[
            cell("code", "### BEGIN SOLUTION\n" + ANSWER.format("2 * x") + "### END SOLUTION", "answer", solution=True),
            graded_cell(prefix + "assert double(2) == 4", "double"),
            graded_cell("assert double(0) == 0", "zero"),
            graded_cell("min(4, max(0, double(2)))", "partial"),
            cell("markdown", "Why?", "essay", grade=True, solution=True, points=3),
        ]
    )
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return notebook


def submission(answer="2 * x"):
    notebook = source_notebook()
    notebook.cells[0].source = ANSWER.format(answer)
    notebook.cells[-1].source = "Because."
    return notebook


def database_of(root):
    return f"sqlite:///{root / 'gradebook.db'}"


def write_course(root, *, names=("p1",), database=None):
    """Write an assignment `ps1`, and let nbgrader generate it."""
    for name in names:
        folder = root / "source" / "ps1"
        folder.mkdir(parents=True, exist_ok=True)
        nbformat.write(source_notebook(), folder / f"{name}.ipynb")
    generate(root, database=database)


def generate(root, *, database=None):
    coursedir = directory(root, database)
    converter = GenerateAssignment(coursedir=coursedir, parent=coursedir, config=Config())
    converter.force = True
    converter.start()


def directory(root, database=None, **traits):
    config = Config()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.assignment_id = "ps1"
    config.CourseDirectory.course_id = "plain"  # without one, nbgrader works on SQLite only
    if database:
        config.CourseDirectory.db_url = database
    for name, value in traits.items():
        setattr(config.CourseDirectory, name, value)
    return CourseDirectory(config=config)


def submit(root, student, notebook=None, *, name="p1", **files):
    folder = root / "submitted" / student / "ps1"
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook or submission(), folder / f"{name}.ipynb")
    (folder / "student.txt").write_text(student)
    for path, content in files.items():
        (folder / path).write_text(content)
    return folder


def converter(root, *, engine="fake_engine.InstantEngine", database=None, course=None, configure=None, **traits):
    """Return our Autograde for the course at `root`."""
    coursedir = directory(root, database, **(course or {}))
    config = Config(coursedir.config)
    config.Autograde.engine_factory = engine
    config.Autograde.workers = 2
    for name, value in traits.items():
        setattr(config.Autograde, name, value)
    if configure:
        configure(config)
    return Autograde(coursedir=coursedir, config=config)


def autograde(root, **options):
    """Grade, and return the results by student; a failed submission is no exception here."""
    made = converter(root, **options)
    try:
        made.start()
    except NbGraderException:
        if made.failure is not None:
            raise
    return {result.student: result for result in made.results}


def grades(root, student, database=None, assignment="ps1"):
    """Return points by cell from the gradebook: (score, needs manual grade)."""
    with Gradebook(database or database_of(root)) as gradebook:
        return {
            grade.name: (grade.auto_score, grade.needs_manual_grade)
            for notebook in gradebook.find_submission(assignment, student).notebooks
            for grade in notebook.grades
        }
