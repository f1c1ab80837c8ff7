"""``tfcourse rescore``: new points from kept responses, after a key or a ladder was corrected. Nothing is run."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbgrader.apps import AutogradeApp as StockApp
from nbgrader.converters.base import NbGraderException
from rich.console import Console
from rich.prompt import Confirm
from rich.table import Table
from traitlets import Bool, Instance

from tfcourse.checks.records import Receipt
from tfcourse.course import Course
from tfcourse.errors import CourseError
from tfcourse.examiner.paper import Paper
from tfcourse.examiner.rescore import rescore
from tfcourse.grading import cards, record
from tfcourse.grading.autograde import AutogradeApp
from tfcourse.grading.cells import grade_id, is_test
from tfcourse.grading.clerk import Clerk
from tfcourse.grading.converter import Autograde
from tfcourse.grading.files import temporary_beside, write_synced
from tfcourse.grading.jobs import digest_of
from tfcourse.grading.plan import Action, Facts, Found
from tfcourse.grading.runs import to_json
from tfcourse.reports.card import show_number
from tfcourse.texts import escape


@dataclass(frozen=True)
class Rescoring:
    """What would become of one submission.

    Args:
        found: The submission.
        before: Its receipts, by check id.
        after: New receipts of the checks that could be scored again.
        refused: Check id to why its points stand as they are.
    """

    found: Found
    before: Mapping[str, Receipt]
    after: Mapping[str, Receipt]
    refused: Mapping[str, str]

    @property
    def changed(self) -> dict[str, tuple[float, float]]:
        """Return old and new points of the checks whose points change."""
        return {
            id: (self.before[id].points, receipt.points)
            for id, receipt in self.after.items()
            if self.before[id].points != receipt.points
        }

    @property
    def differs(self) -> bool:
        """Tell whether anything that is recorded would change: a message or a rung, say, and no points."""
        return any(_judgement(self.before[id]) != _judgement(receipt) for id, receipt in self.after.items())


class Rescorer:
    """Scores recorded submissions again, with the checks as they are now.

    Args:
        converter: nbgrader's, with its configuration, log and preprocessors.
        clerk: The database, and where runs are kept.
    """

    def __init__(self, converter: Autograde, clerk: Clerk) -> None:
        self._converter = converter
        self._clerk = clerk

    def plan(self, submissions: Sequence[Found]) -> list[Rescoring]:
        """Return what would become of submissions. Changes nothing.

        Raises:
            CourseError: The assignment has no checks of ours, or they cannot be used.
        """
        runs = self._clerk.runs
        with_record = [one for one in submissions if one.student in set(runs.submissions(one.assignment))]
        facts = [self._clerk.planner.look_up(id) for id in {one.assignment for one in submissions}]
        course = next((one.course for one in facts if one.seeds), None)
        if course is None:
            raise CourseError("Expected a week with checks of this course; found none. nbgrader's own tests keep none.")
        paper = Paper.draw_in_child(course, {id: seed for one in facts for id, seed in one.seeds.items()})
        plans = []
        for found in with_record:
            try:
                before = runs.receipts(found.student, found.assignment)
                responses = runs.responses(found.student, found.assignment)
            except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
                why = f"Expected the kept run of {found.student}; it cannot be read: {error}. Grade it again."
                plans.append(Rescoring(found, {}, {}, {found.assignment: why}))
                continue
            again = rescore(paper, responses, before)
            plans.append(Rescoring(found, before, again.receipts, again.refused))
        return plans

    def write(self, rescoring: Rescoring) -> None:
        """Record new points: in nbgrader's database, in ``autograded/``, and beside the responses.

        Killed before the end, it is planned and written again: what is compared with is changed last.
        """
        found = rescoring.found
        facts = self._clerk.planner.facts_of(found)
        destination = self._converter.destination(found)
        written: dict[Path, str] = {}
        with self._clerk.database.writing() as gradebook_of:
            for submitted in found.notebooks:
                path = destination / submitted.name
                if not path.is_file():
                    continue
                gradebook = gradebook_of()
                graded = gradebook.find_submission_notebook(path.stem, found.assignment, found.student).grades
                to_staff = {grade.name for grade in graded if grade.auto_score is None} - _cells(facts, rescoring)
                gradebook.close()
                notebook = nbformat.read(path, as_version=4)
                for cell in notebook.cells:
                    self._judge_again(cell, facts, rescoring)
                written[path], _ = self._converter.export_graded(notebook, found, submitted)
                gradebook = gradebook_of()
                record.leave_to_staff(gradebook, found, path.stem, to_staff)
                gradebook.close()
        for path, text in written.items():
            _replace(path, text)
        digests = self._new_digests(rescoring)
        self._clerk.runs.replace_receipts(found.student, found.assignment, rescoring.after, digests)
        self._converter.note(
            "rescored",
            student=found.student,
            assignment=found.assignment,
            points={id: list(pair) for id, pair in rescoring.changed.items()},
            refused=dict(rescoring.refused),
        )

    def _new_digests(self, rescoring: Rescoring) -> dict[str, str]:
        """Return what would be run today, by notebook, where it is what was run but for the checks' code.

        Recorded, it keeps `tfcourse autograde` from running again what has just been scored.
        """
        planned = self._clerk.plan(rescoring.found)
        if planned.action is not Action.RUN or rescoring.refused:
            return {}
        job = self._clerk.job(planned)
        would_run = {} if job is None else {digest_of(text, job.files): name for name, text in job.notebooks.items()}
        names = {would_run[one.submission] for one in rescoring.before.values() if one.submission in would_run}
        return {name: planned.digests[name] for name in names}

    @staticmethod
    def _judge_again(cell: nbformat.NotebookNode, facts: Facts, rescoring: Rescoring) -> None:
        check = facts.checks.get(grade_id(cell) or "") if is_test(cell) else None
        if check is not None and check.id in rescoring.after:
            receipt = rescoring.after[check.id]
            cell.outputs = cards.answered(check, receipt, receipt.points)


class Rescore(Autograde):
    """Walks the same submissions as `Autograde`, and scores them again instead of running them.

    Args:
        show: Gets the tables, and asks.
        yes: Whether to write without asking.
    """

    show = Instance(Console)
    yes = Bool(False)

    def convert_notebooks(self) -> None:
        """Show who changes and by how much, ask, and write."""
        store = self.store()
        with store.locked():
            clerk = Clerk(self, store)
            try:
                self._rescore(Rescorer(self, clerk))
            finally:
                clerk.close()

    def _rescore(self, rescorer: Rescorer) -> None:
        with self.show.status("Drawing the keys again …"):
            plans = rescorer.plan(self.submissions())
        self._tell(plans)
        changed = [plan for plan in plans if plan.differs]
        if not changed or self.dry_run:
            return
        if self.yes or Confirm.ask(f"Write what is new of {len(changed)} submission(s)?", console=self.show):
            for plan in changed:
                rescorer.write(plan)
            self.show.print(f"[green]✓[/] {len(changed)} submission(s) rescored.")

    def _tell(self, plans: Sequence[Rescoring]) -> None:
        changed = [plan for plan in plans if plan.changed]
        silent = sum(plan.differs for plan in plans) - len(changed)
        if changed:
            self.show.print(changes_table(changed))
        self.show.print(
            f"{len(plans)} submission(s) with responses: the points of {len(changed)} change"
            + (f", of {silent} more only what is said of them." if silent else ".")
        )
        for why, students in sorted(_refusals(plans)):
            self.show.print(f"[yellow]![/] {escape(why)} ({students})", soft_wrap=True)


class RescoreApp(AutogradeApp):
    """Takes the arguments of `tfcourse autograde` that tell which submissions are meant."""

    name = "tfcourse-rescore"
    description = "New points from kept responses; nothing is run"
    yes = False

    def start(self) -> None:
        """Rescore.

        Raises:
            CourseError: There is nothing to be rescored.
        """
        super(StockApp, self).start()
        self.take_assignment()
        converter = Rescore(coursedir=self.coursedir, parent=self, show=self.show, yes=self.yes)
        try:
            converter.start()
        except NbGraderException as error:
            raise CourseError(str(error)) from error


def run(course: Course, arguments: Sequence[str], *, yes: bool, show: Console, errors: Console) -> None:
    """Run the command.

    Args:
        course: Where the weeks are found.
        arguments: Those of `tfcourse autograde`.
        yes: Whether to write without asking.
        show: Gets the tables, and asks.
        errors: Gets complaints.

    Raises:
        CourseError: The arguments name no week of the course, or it has no checks.
    """
    app = RescoreApp()
    app.course, app.show, app.errors, app.yes = course, show, errors, yes
    app.initialize(list(arguments))
    app.start()


def changes_table(plans: Sequence[Rescoring]) -> Table:
    """Return old and new points of everyone whose points change."""
    table = Table("student", "check", "before", "after", "change", box=None, pad_edge=False)
    for plan in plans:
        for id, (before, after) in plan.changed.items():
            sign = "[green]+" if after > before else "[red]−"
            difference = f"{sign}{show_number(abs(after - before))}[/]"
            table.add_row(escape(plan.found.student), id, show_number(before), show_number(after), difference)
    return table


def _refusals(plans: Sequence[Rescoring]) -> Iterator[tuple[str, str]]:
    """Yield each reason why points stand as they are, with the checks and how many students it concerns."""
    reasons: dict[tuple[str, str], int] = {}
    for plan in plans:
        for id, why in plan.refused.items():
            reasons[why, id] = reasons.get((why, id), 0) + 1
    for (why, id), count in reasons.items():
        yield f"{id}: {why}", f"{count} submission(s)"


def _judgement(receipt: Receipt) -> object:
    """Return what of a receipt says something about the response, and nothing about when it was written."""
    return {name: value for name, value in to_json(receipt).items() if name not in ("rescored_at", "answered_at")}


def _cells(facts: Facts, rescoring: Rescoring) -> set[str]:
    return {cell for cell, check in facts.checks.items() if check.id in rescoring.after}


def _replace(path: Path, text: str) -> None:
    """Replace a graded notebook in one step; it keeps its permissions."""
    temporary = temporary_beside(path)
    write_synced(temporary, text.encode("utf-8", "replace"))
    temporary.chmod(stat.S_IMODE(path.stat().st_mode))
    temporary.rename(path)
