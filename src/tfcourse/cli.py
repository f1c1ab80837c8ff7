"""The command line. Thin: each command finds the course, calls one function, and prints what it returns."""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from tfcourse import __version__
from tfcourse.course import Course, Week, find_course
from tfcourse.errors import CourseError, GraderBroken, InvalidCurriculum, TfcourseError
from tfcourse.exam.commands import exam
from tfcourse.texts import escape

if TYPE_CHECKING:
    from tfcourse.checks.calibration import Calibration
    from tfcourse.checks.check import ModelCheck

# Where the output is no terminal, a table still needs room for its columns.
_WIDTH = None if sys.stdout.isatty() else 160
console = Console(highlight=False, width=_WIDTH)
errors = Console(stderr=True, highlight=False)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tfcourse")
def cli() -> None:
    """TensorFlow in weekly notebooks, graded by training your models."""


cli.add_command(exam)


def main() -> None:
    """Run the command line; an error of ours is a message and not a traceback."""
    # jsonschema would compile a grammar of web addresses, for 0.8 s; no notebook's schema has one. Without the
    # module it leaves that format out.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    try:
        cli()
    except InvalidCurriculum as error:
        for problem in error.problems:
            errors.print(f"[red]✗[/] {escape(problem)}", soft_wrap=True)
        sys.exit(1)
    except GraderBroken as error:
        errors.print(f"[red]This is our fault, not yours:[/] {escape(str(error))}", soft_wrap=True)
        sys.exit(3)
    except TfcourseError as error:
        errors.print(f"[red]✗[/] {escape(str(error))}", soft_wrap=True)
        sys.exit(2)
    finally:
        # The process ends: looking through a million objects for garbage would only take time.
        gc.freeze()


def _with_week(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the course and the week that its first argument names."""

    @click.argument("week")
    @wraps(command)
    def found(week: str, **options: Any) -> None:
        course = find_course()
        command(course, course.week(week), **options)

    return found


# ---------------------------------------------------------------------------- learners


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def lab(arguments: tuple[str, ...]) -> None:
    """Open JupyterLab at the syllabus. ARGUMENTS go to `jupyter lab`."""
    from tfcourse.lab import run_lab

    run_lab(find_course(), arguments)


@cli.command()
@click.argument("week")
def start(week: str) -> None:
    """Copy a week's notebooks into work/; what is there stays as it is.

    WEEK may also be the id of a notebook beside the weeks.
    """
    from tfcourse.lab import start_extra, start_week

    course = find_course()
    extra = next((extra for extra in course.extras if extra.id == week), None)
    made = start_extra(course, extra) if extra else start_week(course, course.week(week))
    for path in made:
        console.print(f"[green]✓[/] {course.show(path)}")
    if not made:
        console.print(
            f"{course.show(course.work_folder / week)} is there already and was left as it is. "
            "For a fresh copy, rename it first."
        )


@cli.command()
@_with_week
def grade(course: Course, week: Week) -> None:
    """Run a week's hidden checks on my notebook: points, ladder, next step."""
    from tfcourse.checks.registry import checks_of
    from tfcourse.examiner import find_secret
    from tfcourse.grading.home import grade_notebook
    from tfcourse.reports.card import Card, show_number
    from tfcourse.reports.progress import Progress as Record

    path = course.work(week, "assignment")
    if not path.is_file():
        raise CourseError(f"Expected {course.show(path)}; found none. Run: tfcourse start {week.id}")
    secret = find_secret()
    titles = {check.name: check.title for check in checks_of(course, week.id)}
    began = time.perf_counter()
    with console.status(f"Running {course.show(path)} …") as status:
        results = grade_notebook(
            course,
            week,
            path,
            started=lambda grade_id: status.update(f"{titles.get(grade_id, grade_id)} …"),
        )
    record = Record(course)
    for result in results:
        score = result.score()
        console.print(escape(Card(score).text()), soft_wrap=True)
        console.print()
        record.record_score("grade", score)
    points, most = sum(result.points for result in results), sum(result.check.points for result in results)
    console.print(
        f"[bold]{week.id}: {show_number(points)} of {show_number(most)} points[/] in "
        f"{time.perf_counter() - began:.0f} s"
    )
    if secret.public:
        console.print(
            "[dim]No secret is set, so these hidden data are the same for everybody (tfcourse doctor says more).[/]"
        )


@cli.command()
def progress() -> None:
    """Show my weeks, my exams and the 52 skills."""
    from tfcourse.exam.session import sessions
    from tfcourse.reports.card import show_number
    from tfcourse.reports.progress import Progress as Record
    from tfcourse.reports.syllabus import skill_progress, week_progress

    course = find_course()
    best = Record(course, warn=lambda message: errors.print(f"[yellow]![/] {escape(message)}", soft_wrap=True)).best()
    weeks = Table("week", "title", "points", "checks tried", "", box=None, pad_edge=False)
    for row in week_progress(course, best):
        share = row.points / row.max_points if row.max_points else 0.0
        points = f"{show_number(row.points)} of {show_number(row.max_points)}"
        weeks.add_row(row.week.id, row.week.title, points, f"{row.attempted} of {len(row.checks)}", _bar(share))
    console.print(weeks)
    console.print()
    exams = Table("exam", "score", "", "", box=None, pad_edge=False)
    for session in sessions(course):
        score = f"{session.percent():.0f} %"
        exams.add_row(session.id, score, "over" if session.finished else "runs", _bar(session.percent() / 100))
    if exams.row_count:
        console.print(exams)
        console.print()
    skills = Table("skill", "", "shown", "", box=None, pad_edge=False)
    for skill in skill_progress(course, best):
        shown = "no check yet" if skill.share is None else f"{skill.share:.0%}"
        skills.add_row(skill.skill.id, skill.skill.text, shown, "" if skill.share is None else _bar(skill.share))
    console.print(skills)


def _bar(share: float, width: int = 10) -> str:
    full = round(share * width)
    return f"[green]{'█' * full}[/][dim]{'·' * (width - full)}[/]"


# ---------------------------------------------------------------------------- authors


@cli.command()
@click.option("--check", is_flag=True, help="Change nothing; fail where something differs from what would be built.")
def build(check: bool) -> None:
    """Make source/, release/ and two pages of docs/ from curriculum/ and the checks."""
    from tfcourse.authoring.build import differences, write_all

    course = find_course()
    if check:
        found = differences(course)
        if found:
            raise InvalidCurriculum([*found, "Run: tfcourse build, and commit what it writes."])
        console.print("[green]✓[/] source/, release/ and docs/ are what curriculum/ builds.")
        return
    changed = write_all(course)
    for path in changed:
        console.print(f"[green]✓[/] {course.show(path)}")
    console.print(f"{len(changed)} file(s) changed.")


@cli.command()
@_with_week
def pull(course: Course, week: Week) -> None:
    """Bring edits made to source/WEEK in nbgrader's notebook UI back to curriculum/."""
    from tfcourse.authoring.pull import pull as pull_week

    changed = pull_week(course, week)
    for path in changed:
        console.print(f"[green]✓[/] {course.show(path)}")
    console.print(f"{len(changed)} text(s) changed. Now run: tfcourse build")


@cli.command()
@click.argument("check_ids", metavar="[CHECK]...", nargs=-1)
@click.option(
    "--only",
    multiple=True,
    metavar="NAME",
    help="Measure only these: names, patterns or roles (reference, simple, 'does not learn', ordinary, mistake, rival, "
    "variants). The rest stays as it was measured before.",
)
@click.option("--seeds", type=int, help="Fresh data and weights, this many times. Default: what the rules ask for.")
@click.option(
    "--variant-seeds",
    default=10,
    show_default=True,
    help="Of these, measured again on imitated processors; 0 for none.",
)
@click.option("--workers", type=int, help="Processes that measure side by side. Default: one for each core.")
@click.option(
    "--missing",
    is_flag=True,
    help="Keep the seeds that were measured before, of the same data, and add those that lack.",
)
@click.option("--reuse", is_flag=True, help="Measure nothing: apply the ladder, as it is now, to what was measured.")
def calibrate(
    check_ids: tuple[str, ...],
    only: tuple[str, ...],
    seeds: int | None,
    variant_seeds: int,
    workers: int | None,
    missing: bool,
    reuse: bool,
) -> None:
    """Measure the ladders of model checks (all by default), and tell where they break a rule.

    What was measured is written after each seed: after a break, go on with --missing.
    """
    from tfcourse.checks import calibration as calibrations
    from tfcourse.checks.check import ModelCheck
    from tfcourse.checks.registry import exam_ids, find_check

    course = find_course()
    folder = course.checks_folder / "calibration"
    ids = check_ids or (*(id for week in course.weeks for id in week.checks), *exam_ids(course))
    checks = [check for check in (find_check(course, id) for id in ids) if isinstance(check, ModelCheck)]
    if not checks:
        raise CourseError(
            f"Expected at least one model check; found none in {', '.join(ids)}. Function checks have no ladder."
        )
    problems = []
    for check in checks:
        path = folder / f"{check.id}.json"
        before = None
        if reuse or ((only or missing) and path.is_file()):
            before = calibrations.with_ladder(calibrations.read_calibration(path), check.ladder)
        if reuse and before is not None:
            measured = before
        else:
            processes = workers or os.cpu_count() or 1
            measured = _measure(
                check,
                folder,
                only=only,
                seeds=seeds,
                variant_seeds=variant_seeds,
                workers=processes,
                before=before,
                missing=missing,
            )
        calibrations.write_calibration(check.ladder, measured, folder)
        calibrations.draw_calibration(check.ladder, measured, path.with_suffix(".png"))
        console.print(_calibration_table(check, measured))
        problems += calibrations.rule_problems(check, measured)
    if problems:
        raise InvalidCurriculum(problems)
    console.print("[green]✓[/] All six rules are kept.")


def _measure(check: ModelCheck, folder: Path, **options: Any) -> Calibration:
    from tfcourse.checks.calibration import measure, write_calibration

    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console
    ) as bar:
        row = bar.add_task(check.id, total=None)

        def show(so_far: Calibration, name: str, done: int, total: int) -> None:
            write_calibration(check.ladder, so_far, folder)
            bar.update(row, description=f"{check.id}: {name}", completed=done, total=total)

        return measure(check, progress=show, **options)


def _calibration_table(check: ModelCheck, measured: Calibration) -> Table:
    from tfcourse.checks import calibration as calibrations

    ladder = check.ladder
    thresholds = ", ".join(ladder.metric.show(threshold) for threshold in ladder.thresholds)
    title = f"{check.id}: {thresholds}"
    table = Table("predictor", "role", "may get", ladder.metric.name, "sd", "points", "wrongly", "s", title=title)
    for name, found in measured.measured.items():
        points = [ladder.rung(value) for value in found.values]
        least, most = calibrations.allowed_points(found.role)
        may = f"{least}" if least == most else f"{least} to {most}"
        counted = ", ".join(f"{points.count(each)} × {each}" for each in sorted(set(points), reverse=True))
        wrongly = f"{calibrations.false_accepts(ladder, found)} of {len(points)}"
        seconds = f"{found.seconds:.0f}" if found.seconds else ""
        table.add_row(name, found.role, may, f"{found.mean:.4g}", f"{found.sd:.2g}", counted, wrongly, seconds)
    return table


@cli.command()
@click.option(
    "--check", is_flag=True, help="Print nothing but what is wrong: a week's skill without a lesson section or a check."
)
def skills(check: bool) -> None:
    """Show which lesson and which check cover which of the 52 skills."""
    from tfcourse.reports.skills import coverage, coverage_problems

    course = find_course()
    problems = coverage_problems(course)
    if not check:
        table = Table("skill", "", "taught in", "practised in", "exam", box=None, pad_edge=False)
        for row in coverage(course):
            cells = (", ".join(ids) for ids in (row.lessons, row.checks, row.exam))
            table.add_row(row.skill.id, row.skill.text, *cells)
        console.print(table)
    if problems:
        raise InvalidCurriculum(problems)
    console.print(
        "[green]✓[/] Every skill that the syllabus names is taught in its week's lesson and practised in a check."
    )


# ---------------------------------------------------------------------------- staff


@cli.command()
@click.option("--new", is_flag=True, help="Replace the secret; data drawn from the old one cannot be drawn again.")
def secret(new: bool) -> None:
    """Make the secret from which hidden data are drawn."""
    from tfcourse.examiner.secret import find_secret, write_secret

    path = write_secret(replace=new)
    console.print(
        f"[green]✓[/] Written to {path} (readable by you alone), id {find_secret().id}. Keep a copy: "
        "it decides every hidden data set.",
        soft_wrap=True,
    )


@cli.command()
def doctor() -> None:
    """Tell what works on this machine, and how to mend what does not."""
    from tfcourse.doctor import examine

    broken = False
    for finding in examine():
        sign = "[green]ok  [/]" if finding.ok else "[red]bad [/]" if finding.needed else "[yellow]note[/]"
        console.print(f"{sign} [bold]{finding.topic}[/]: {escape(finding.found)}", soft_wrap=True)
        if not finding.ok and finding.remedy:
            console.print(f"       {escape(finding.remedy)}", soft_wrap=True)
        broken = broken or (finding.needed and not finding.ok)
    if broken:
        sys.exit(1)


@cli.command(context_settings={"ignore_unknown_options": True}, options_metavar="")
@click.argument("arguments", metavar="WEEK [OPTION]...", nargs=-1, type=click.UNPROCESSED)
def autograde(arguments: tuple[str, ...]) -> None:
    """Grade the submissions of WEEK: sandboxed, in parallel, resumable after any crash.

    \b
    --student ID     only this student's, or those that match a pattern
    --notebook NAME  only this notebook
    --workers N      how many at a time; by default, one for each core
    --force, -f      also what is graded already
    --dry-run        say what would be done
    --no-sandbox     run submissions unprotected; every receipt says so
    --no-execute     do not run them; checks are left to staff
    --db URL         nbgrader's database: sqlite:///FILE, postgresql+psycopg://USER@HOST/NAME
    --scheduler URL  run on the workers of this Dask scheduler
    --log FILE       where to append events as JSON lines; by default receipts/log.jsonl

    Every other argument of `nbgrader autograde` means the same here (--help-all lists them). Ends with 0 where
    all are graded, 1 where staff must look at some, 2 for wrong arguments, 3 after a defect of ours, 4 where
    there is no sandbox.
    """  # noqa: D301 - click knows a block that is not to be wrapped by its backspace
    from tfcourse.grading.autograde import run

    run(find_course(), arguments, show=console, errors=errors)


@cli.command(context_settings={"ignore_unknown_options": True}, options_metavar="")
@click.option("--yes", "-y", is_flag=True, help="Write without asking.")
@click.argument("arguments", metavar="WEEK [OPTION]...", nargs=-1, type=click.UNPROCESSED)
def rescore(yes: bool, arguments: tuple[str, ...]) -> None:
    """Score what was answered again, after a key or a ladder was corrected; nothing is run again.

    \b
    --student ID     only this student's, or those that match a pattern
    --dry-run        show who would change, and write nothing
    --yes, -y        write without asking
    """  # noqa: D301 - click knows a block that is not to be wrapped by its backspace
    from tfcourse.grading.rescore import run

    run(find_course(), arguments, yes=yes, show=console, errors=errors)


@cli.command()
@_with_week
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--force", "-f", is_flag=True, help="Replace submissions that are there and differ.")
def collect(course: Course, week: Week, folder: Path, force: bool) -> None:
    """Copy the submissions of WEEK in FOLDER into submitted/.

    FOLDER holds files, zips or folders that are named for the student: STUDENT.ipynb, STUDENT_assignment.ipynb,
    STUDENT.zip, STUDENT/assignment.ipynb, or as Canvas and Moodle name them. Ends with 0, or with 1 where something was
    left out.
    """
    from tfcourse.grading.collect import collect as collect_from

    done = collect_from(course, week, folder, replace=force)
    for path in done.copied:
        console.print(f"[green]✓[/] {escape(course.show(path))}", soft_wrap=True)
    for path in done.same:
        console.print(f"[dim]= {escape(course.show(path))} is there already.[/]", soft_wrap=True)
    for complaint in done.complaints:
        errors.print(f"[yellow]![/] {escape(complaint)}", soft_wrap=True)
    console.print(f"{len(done.copied)} copied, {len(done.same)} there already, {len(done.complaints)} left out.")
    if done.complaints:
        sys.exit(1)


@cli.command()
def demo() -> None:
    """Release week 5, grade three sample submissions with nbgrader, print the points."""
    from tfcourse.grading.demo import grade_samples
    from tfcourse.reports.card import show_number

    course = find_course()
    week = course.week("week05")
    folder = course.root / "work" / "demo"
    began = time.perf_counter()
    with console.status("") as status:

        def say(message: str) -> None:
            console.print(f"[dim]{time.perf_counter() - began:4.0f} s[/]  {message}")
            status.update(message)

        rows = grade_samples(course, week, DEMO_SUBMISSIONS, folder, say=say)
    table = Table(title=f"{week.id}: {week.title}", box=None, pad_edge=False)
    table.add_column("student", no_wrap=True)
    table.add_column("submission", no_wrap=True)
    for id in (*week.checks, "total", "time"):
        table.add_column(id.split(".")[-1].replace("_", " "), justify="right")
    for row in rows:
        points = [row.points[id] for id in week.checks]
        cells = ["staff look" if value is None else show_number(value) for value in points]
        total = show_number(sum(value or 0.0 for value in points))
        table.add_row(row.student, " + ".join(row.submission), *cells, total, f"{row.seconds:.0f} s")
    console.print()
    console.print(table)
    console.print("\nFeedback for each learner:")
    for row in rows:
        console.print(f"  {course.show(row.feedback)}", soft_wrap=True)
    console.print(f"\nnbgrader's course directory: {course.show(folder)}. All in {time.perf_counter() - began:.0f} s.")


DEMO_SUBMISSIONS = (("reference",), ("plain_dense",), ("blank",))


if __name__ == "__main__":
    main()
