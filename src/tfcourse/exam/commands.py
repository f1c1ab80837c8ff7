"""``tfcourse exam …``. Thin, as `tfcourse.cli` is; what is slow is imported by the command that needs it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click
from rich.console import Console
from rich.table import Table

from tfcourse.course import find_course
from tfcourse.errors import CourseError
from tfcourse.texts import escape

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
    from tfcourse.exam.session import start as start_exam
    from tfcourse.examiner.model_server import warm_up

    course = find_course()
    with console.status("Drawing …") as status:
        warm_up()
        session = start_exam(course, minutes=minutes, seed=seed, say=status.update)
    _tell_begun(session)


@exam.command()
@click.argument("kind")
@click.option("--seed", help="The same seed gives the same problem. Default: a random one.")
def drill(kind: str, seed: str | None) -> None:
    """Draw one fresh problem of a KIND: basic, images, folders, text or series.

    A drill has no end: its time is an aim, and it counts as running until something newer is begun.
    """
    from tfcourse.exam.session import start_drill
    from tfcourse.examiner.model_server import warm_up

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
    """Submit a model FILE, .keras or .h5, for a PROBLEM: 1 to 5.

    Ends with 0 where the model was scored, whatever its points, and with 4 where the file cannot be scored, which is a
    try without points. No try is counted where it ends with 2 (no such file, problem or exam, or its time is over) or
    with 3 (a defect of ours).
    """
    from tfcourse.checks.records import Outcome
    from tfcourse.exam.notebook import standing
    from tfcourse.exam.session import find_session
    from tfcourse.exam.submission import read_model
    from tfcourse.exam.submission import submit as submit_file
    from tfcourse.reports.card import Card

    course = find_course()
    session = find_session(course, id)
    model = read_model(course, session, problem, file)
    with console.status("Asking your model …"):
        done = submit_file(course, session, problem, model, name=file.name, way="command")
    console.print(escape(Card(done.score).text()), soft_wrap=True)
    console.print(escape(standing(done)))
    if done.score.outcome is Outcome.MISTAKE:
        sys.exit(4)


@exam.command()
@_exam_option
@click.option("--yes", "-y", is_flag=True, help="Without asking.")
def finish(id: str | None, yes: bool) -> None:
    """End an exam before its time; its report says how it went."""
    from tfcourse.exam.session import find_session

    course = find_course()
    session = find_session(course, id)
    if session.finished:
        console.print(escape(f"{session.id} is over already."))
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


@exam.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--name", required=True, help="Of the exam: another name gives other problems.")
@click.option(
    "--students", type=click.File("r"), help="A file with one student a line: each gets problems of their own."
)
@click.option("--minutes", type=int, help="For the instructions. Default: 300.")
def pack(folder: Path, name: str, students: TextIO | None, minutes: int | None) -> None:
    """For staff: write an exam for a class into FOLDER, drawn from the secret.

    Without --students all get the same problems. Hand out the problem folders, and keep the secret and pack.json.
    """
    from tfcourse.exam.pack import pack as write_pack
    from tfcourse.examiner.secret import find_secret

    secret, names = find_secret(), [line.strip() for line in students or [] if line.strip()]
    with console.status("Drawing …") as status:
        packed = write_pack(
            find_course(), folder, secret, name=name, students=names, minutes=minutes, say=status.update
        )
    sets = f"{len(packed.students)} sets" if packed.students else "one set for everybody"
    console.print(f"[green]✓[/] {escape(str(folder))}: {sets}, secret {secret.id}.", soft_wrap=True)
    if secret.public:
        console.print("[yellow]![/] No secret is set, so anybody can draw this exam. Run: tfcourse secret")


@exam.command()
@click.argument("collected", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--pack", "packed", required=True, type=click.Path(path_type=Path), help="What was handed out.")
@click.option("--workers", type=int, default=None, help="Files asked at a time. Default: one for each core.")
@click.option("--no-sandbox", is_flag=True, help="Load the files unprotected.")
def grade(collected: Path, packed: Path, workers: int | None, no_sandbox: bool) -> None:
    """For staff: grade the model files in COLLECTED, a folder with one folder for each student.

    Of a problem's files two are asked at most, model.keras and the newest other one, and the better one counts. What is
    not asked, and what belongs to no problem, is listed.

    Writes grades.csv and report.html into the pack's folder. Ends with 0, with 1 where staff must look at something,
    with 2 for wrong arguments and where there is no sandbox, and with 3 after a defect of ours.
    """
    from tfcourse.exam import grades
    from tfcourse.exam.pack import read_pack
    from tfcourse.exam.session import exam_plan
    from tfcourse.examiner import model_server
    from tfcourse.examiner.secret import find_secret
    from tfcourse.kernels import sandbox

    course, found = find_course(), read_pack(packed)
    reason = None if no_sandbox else sandbox.probe()
    if reason is not None:
        raise CourseError(
            f"Expected a sandbox to load model files in; {reason}. To load them unprotected: --no-sandbox."
        )
    with console.status("Grading …") as status:
        if no_sandbox:
            model_server.warm_up()
        else:
            model_server.require_confined()
        results = grades.grade(
            course,
            found,
            collected,
            find_secret(),
            workers=workers or os.cpu_count() or 1,
            ask_model=model_server.ask_model if no_sandbox else model_server.ask_confined,
            done=lambda each: status.update(escape(f"{each.student}, problem {each.place.number}")),
        )
    (packed / "grades.csv").write_text(grades.as_csv(results), encoding="utf-8")
    page = grades.class_report(found, results, exam_plan(course).pass_percent)
    (packed / "report.html").write_text(page, encoding="utf-8")
    table = Table("student", "score", "to look at", box=None, pad_edge=False)
    for student, percent in grades.percents(results).items():
        trouble = "; ".join(each.trouble for each in results if each.student == student and each.trouble)
        table.add_row(escape(student), f"{percent:.0f} %", escape(trouble))
    console.print(table)
    console.print(f"[green]✓[/] {escape(str(packed))}/grades.csv and report.html", soft_wrap=True)
    if any(each.trouble for each in results):
        sys.exit(1)


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
            str(place.number),
            escape(place.folder),
            f"{place.weight:g} %",
            points,
            str(len(session.tries(place.number))),
        )
    console.print(table)
    if session.mode == "exam":
        console.print(f"Score: {session.percent():.0f} %. Candidates report about {session.pass_percent:g} % to pass.")
