"""``tfcourse exam …``. Thin, as `tfcourse.cli` is; what is slow is imported by the command that needs it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tfcourse.course import find_course

if TYPE_CHECKING:
    from tfcourse.exam.session import Session

console = Console(highlight=False)
_exam_option = click.option("--exam", "id", metavar="ID", help="Which exam; by default, the one that runs.")


@click.group(name="exam")
def exam() -> None:
    """The practice exam: five fresh problems, 0 to 5 points at once.

    On your own machine it is on your honour: what the hidden data are stands in the exam's folder.
    """


@exam.command()
@click.option("--minutes", type=int, help="How long the clock runs. Default: 300.")
@click.option("--seed", help="The same seed gives the same problems. Default: a random one.")
def start(minutes: int | None, seed: str | None) -> None:
    """Draw five fresh problems, one of each kind, and start the clock."""
    from tfcourse.exam.loader import warm_up
    from tfcourse.exam.session import start as start_exam

    course = find_course()
    with console.status("Drawing …") as status:
        warm_up()
        session = start_exam(course, minutes=minutes, seed=seed, say=status.update)
    _tell_begun(session)


@exam.command()
@click.argument("kind")
@click.option("--seed", help="The same seed gives the same problem. Default: a random one.")
def drill(kind: str, seed: str | None) -> None:
    """Draw one fresh problem of a KIND: basic, images, folders, text or series."""
    from tfcourse.exam.loader import warm_up
    from tfcourse.exam.session import start_drill

    course = find_course()
    with console.status("Drawing …") as status:
        warm_up()
        session = start_drill(course, kind, seed=seed, say=status.update)
    _tell_begun(session)


@exam.command()
@_exam_option
def status(id: str | None) -> None:
    """Show the clock, the best points of each problem, and all exams."""
    from tfcourse.exam.session import find_session, sessions

    course = find_course()
    session = find_session(course, id)
    _show(session)
    others = [other for other in sessions(course) if other.id != session.id]
    if others:
        console.print()
        table = Table("other exams", "score", "", box=None, pad_edge=False)
        for other in others:
            table.add_row(other.id, f"{other.percent():.0f} %", "over" if other.finished else "runs")
        console.print(table)


@exam.command()
@click.argument("problem", type=int)
@click.argument("file", type=click.Path(path_type=Path))
@_exam_option
def submit(problem: int, file: Path, id: str | None) -> None:
    """Submit a model FILE, .keras or .h5, for a PROBLEM: 1 to 5."""
    from tfcourse.exam.notebook import standing
    from tfcourse.exam.session import find_session
    from tfcourse.exam.submission import read_file
    from tfcourse.exam.submission import submit as submit_file
    from tfcourse.reports.card import Card

    course = find_course()
    session = find_session(course, id)
    model = read_file(course, session, problem, str(file))
    with console.status("Asking your model …"):
        done = submit_file(course, session, problem, model, name=file.name, way="command")
    console.print(escape(Card(done.score).text()), soft_wrap=True)
    console.print(escape(standing(done)))


@exam.command()
@_exam_option
@click.option("--yes", "-y", is_flag=True, help="Without asking.")
def finish(id: str | None, yes: bool) -> None:
    """End an exam before its time; its report says how it went."""
    from tfcourse.exam.session import find_session

    course = find_course()
    session = find_session(course, id)
    if session.finished:
        console.print(f"{session.id} is over already.")
    elif yes or click.confirm(f"Finish {session.id}? It takes no more models then."):
        session.note("finished", by="candidate")
        _show(session)
        console.print(f"Its report: tfcourse exam report --exam {session.id}")


@exam.command()
@_exam_option
def report(id: str | None) -> None:
    """Write the report of an exam: points over time, ladders, skills, what to repeat."""
    from tfcourse.exam.report import report_page
    from tfcourse.exam.session import find_session

    course = find_course()
    session = find_session(course, id)
    path = session.root / "report.html"
    path.write_text(report_page(course, session), encoding="utf-8")
    _show(session)
    console.print(f"[green]✓[/] {escape(course.show(path))}", soft_wrap=True)


def _tell_begun(session: Session) -> None:
    _show(session)
    console.print()
    folder = escape(find_course().show(session.root))
    console.print(f"Work in {folder}: each problem's folder has its statement, its data, a", soft_wrap=True)
    console.print("notebook and a solution.py. Submit as often as you like; the best try of each problem counts.")
    console.print("Ordinary books, documentation and search are allowed, as in the real exam.")


def _show(session: Session) -> None:
    from tfcourse.exam.notebook import show_left

    left = session.left()
    clock = {"time": "its time is over", "finished": "finished"}.get(
        session.over_because or "", f"{show_left(left)} left" if left is not None else "a drill: no end"
    )
    console.print(f"[bold]{session.id}[/]: {clock}")
    table = Table("", "problem", "weight", "best", "tries", box=None, pad_edge=False)
    for place in session.places:
        best = session.best(place.number)
        points = "" if best is None else f"{best.points:g} of 5"
        table.add_row(
            str(place.number), place.folder, f"{place.weight:g} %", points, str(len(session.tries(place.number)))
        )
    console.print(table)
    if session.mode == "exam":
        console.print(f"Score: {session.percent():.0f} %. Candidates report about {session.pass_percent:g} % to pass.")
