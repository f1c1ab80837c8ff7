"""What a candidate gets: the statement, the data, and a starter as a notebook and as a script."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tfcourse.checks.check import Split
from tfcourse.checks.problems import DATA, SCRIPT, ExamProblem
from tfcourse.checks.records import Folder
from tfcourse.course import Course
from tfcourse.reports.ladders import with_ladders
from tfcourse.texts import header, is_setup, is_solution, read_text, without_solution

STATEMENT = "statement.md"
NOTEBOOK = "problem.ipynb"
MODEL = "model.keras"
"""What the starters save."""

_SUBMIT_SCRIPT = f'''
if __name__ == "__main__":
    from tfcourse.exam import submit

    model = solution_model()
    model.save(Path(__file__).with_name("{MODEL}"))
    submit(model)
'''
_HAND_IN_SCRIPT = f'''
if __name__ == "__main__":
    model = solution_model()
    model.save(Path(__file__).with_name("{MODEL}"))
'''
_TRAIN = f'model = solution_model()\nmodel.save("{MODEL}")'
_SUBMIT = "from tfcourse.exam import submit\n\nsubmit(model)"


@dataclass(frozen=True)
class Text:
    """An exam problem's text, taken apart.

    Args:
        title: Of the problem.
        statement: In Markdown, with its ladder.
        setup: Source of the cells that come first.
        starter: Source of the cell that the candidate fills in.
    """

    title: str
    statement: str
    setup: str
    starter: str


def read_problem(course: Course, problem: ExamProblem) -> Text:
    """Read the text of a problem.

    Raises:
        InvalidCurriculum: There is none, or it is no py:percent text.
    """
    notebook = read_text(course.exam_folder / f"{problem.name}.py")
    statement = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return Text(
        title=str(header(notebook).get("title", problem.title)),
        statement=with_ladders(course, statement),
        setup="\n\n".join(cell.source for cell in code if is_setup(cell)),
        starter="\n\n".join(without_solution(cell.source) for cell in code if is_solution(cell)),
    )


def write_materials(
    course: Course, problem: ExamProblem, drawn: Split, folder: Path, *, heading: str, submits: bool = True
) -> None:
    """Write a problem's folder.

    Args:
        course: Where the text is found.
        problem: Which one.
        drawn: Its files; nothing else of it is written.
        folder: Made here.
        heading: Above the statement: the number and the weight, say.
        submits: Whether the starters end by submitting; False where model files are handed in.
    """
    text = read_problem(course, problem)
    folder.mkdir(parents=True)
    statement = f"# {text.title}\n\n{heading}\n\n{text.statement}\n"
    (folder / STATEMENT).write_text(statement, encoding="utf-8")
    (folder / SCRIPT).write_text(_script(text, submits=submits), encoding="utf-8")
    (folder / NOTEBOOK).write_text(_notebook(statement, text, submits=submits), encoding="utf-8")
    Folder(drawn.files).write(folder / DATA)


def _script(text: Text, *, submits: bool) -> str:
    told = f'"""{text.title}. What is asked stands in {STATEMENT}."""'
    return f"{told}\n\n{text.setup}\n\n\n{text.starter}\n\n{_SUBMIT_SCRIPT if submits else _HAND_IN_SCRIPT}"


def _notebook(statement: str, text: Text, *, submits: bool) -> str:
    import nbformat

    from tfcourse.authoring.notebooks import KERNEL, write_notebook

    sources = [text.setup, text.starter, _TRAIN, *([_SUBMIT] if submits else [])]
    cells = [nbformat.v4.new_markdown_cell(statement), *(nbformat.v4.new_code_cell(source) for source in sources)]
    for number, cell in enumerate(cells):
        cell.id = f"exam-{number}"
    document = {"cells": cells, "metadata": {"kernelspec": KERNEL, "language_info": {"name": "python"}}}
    return write_notebook(nbformat.from_dict({**document, "nbformat": 4, "nbformat_minor": 5}))
