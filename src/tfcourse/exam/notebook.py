"""What a starter calls, in a notebook or a script."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from tfcourse.checks.runtime import in_notebook
from tfcourse.course import find_course
from tfcourse.errors import GraderBroken, TfcourseError
from tfcourse.exam.session import session_of_folder
from tfcourse.exam.submission import Submission, read_model, submit
from tfcourse.reports.card import Card, Note, show_number
from tfcourse.texts import printable


def submit_model(model: Any) -> None:
    """Submit a model to the exam of this folder, and show what came of it. See `tfcourse.exam.submit`."""
    try:
        course = find_course()
        session, place = session_of_folder(_folder())
        file = read_model(course, session, place.number, model)
        name = Path(model).name if isinstance(model, str | Path) else type(model).__name__
        done = submit(course, session, place.number, file, name=name, way="notebook" if in_notebook() else "script")
    except GraderBroken as error:
        _show(Note("This is our fault, not yours", f"No try was counted: {error}\nPlease report it."))
    except TfcourseError as error:
        _show(Note("Not submitted", str(error)))
    else:
        _show(Card(done.score))
        _show(Note("Exam", standing(done)))


def standing(done: Submission) -> str:
    """Say in a line which try it was, what counts, and how much time is left."""
    best = f"Try {done.number} of problem {done.place.number}; its best is {show_number(done.best)} of 5."
    return f"{best} {show_left(done.left)} left." if done.left is not None else best


def show_left(left: timedelta) -> str:
    """Return a span of time as ``2 h 05 min``, or ``4 min 10 s`` where it is short."""
    seconds = int(left.total_seconds())
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {seconds % 60:02d} s"


def _folder() -> Path:
    """Return the folder of the script that runs; in a notebook, the working folder, which is the notebook's."""
    script = getattr(sys.modules.get("__main__"), "__file__", None)
    return Path(script).parent if script and not in_notebook() else Path.cwd()


def _show(shown: Card | Note) -> None:
    if in_notebook():
        from IPython.display import display

        display(shown)
    else:
        print(printable(shown.text(), lines=True))
