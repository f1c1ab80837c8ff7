"""An exam of a class, graded from the files that were collected."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from tfcourse.checks.asking import AskModel
from tfcourse.checks.problems import ExamProblem
from tfcourse.checks.records import Score
from tfcourse.course import Course
from tfcourse.errors import CourseError, GraderBroken, LearnerMistake
from tfcourse.exam.handed_in import HandedIn, may_be_model, sort_files
from tfcourse.exam.pack import EVERYBODY, Pack, seed_of
from tfcourse.exam.report import STYLE, escape
from tfcourse.exam.session import Place, draw_places, draw_question, exam_plan
from tfcourse.exam.submission import response_of
from tfcourse.examiner import model_server
from tfcourse.examiner.paper import Question
from tfcourse.examiner.secret import Secret
from tfcourse.grading.files import is_litter
from tfcourse.reports.card import show_number
from tfcourse.texts import csv_cell, printable

SECONDS_A_STUDENT = 240.0
"""After which no further file of a student is asked; an ordinary one takes a second or two."""
MOST_NAMED = 10
"""Files that are named in one remark."""
NO_PROBLEM = Place(0, "", "", "", 0, 0)
"""In the place of a problem, where something is to be said of a student."""


@dataclass(frozen=True)
class Graded:
    """What one student's file for one problem got.

    Args:
        student: Who.
        place: Which problem; `NO_PROBLEM` for what concerns none.
        file: The better of the files that were asked, relative to the student's folder; empty where there was none.
        score: Its score; None where there was no file, or where staff have to look.
        trouble: Why staff have to look; empty where they need not.
    """

    student: str
    place: Place
    file: str = ""
    score: Score | None = None
    trouble: str = ""


def grade(
    course: Course,
    packed: Pack,
    collected: Path,
    secret: Secret,
    *,
    workers: int = 1,
    seconds: float = SECONDS_A_STUDENT,
    ask_model: AskModel = model_server.ask_confined,
    done: Callable[[Graded], None] = lambda graded: None,
) -> list[Graded]:
    """Grade what was handed in, one student after the other.

    Which files belong to which problem, and which two of them are asked at most, says `tfcourse.exam.handed_in`.
    The better one counts.

    Args:
        course: Whose exam.
        packed: What was handed out.
        collected: A folder with one folder for each student.
        secret: The one that the exam was packed with.
        workers: How many files of a student are asked at a time.
        seconds: After which no further file of a student is asked; staff are told.
        ask_model: Asks a file for predictions, where it can do no harm.
        done: Told each result.

    Returns:
        One entry for each student and problem, in the order of their names, and one more for each student of whom
        something else is to be said.

    Raises:
        CourseError: It is another secret, or there is nothing to grade.
    """
    if secret.id != packed.secret_id:
        raise CourseError(
            f"Expected the secret that the exam was packed with, {packed.secret_id}; found {secret.id} "
            f"({secret.origin}). Name the file with the old one in TFCOURSE_SECRET_FILE."
        )
    came = {
        path.name: path
        for path in collected.iterdir()
        if not is_litter(path.name) and path.name[0] != "." and (path.is_dir() or may_be_model(path.name))
    }
    if not any(path.is_dir() for path in came.values()):
        raise CourseError(f"Expected a folder for each student in {printable(str(collected))}; found none.")
    results: list[Graded] = []
    with ThreadPoolExecutor(max_workers=workers) as pool:
        shared: Mapping[Place, Question] = {} if packed.students else _questions(course, secret, packed, EVERYBODY)
        for student in sorted({*packed.students, *came}):
            folder = came.get(student)
            trouble = _trouble(folder)
            if packed.students and student not in packed.students:
                trouble = "; ".join(filter(None, ["nobody of this name has a set", trouble]))
            elif not trouble or packed.students:
                questions = shared or _questions(course, secret, packed, student)
                found = sort_files(None if trouble else folder, tuple(questions))
                end = time.monotonic() + seconds
                waiting = [
                    pool.submit(_graded, student, place, question, found, end, ask_model)
                    for place, question in questions.items()
                ]
                for each in waiting:
                    results.append(each.result())
                    done(results[-1])
                trouble = "; ".join(filter(None, [trouble, *found.strange]))
            if trouble:
                results.append(Graded(student, NO_PROBLEM, trouble=trouble))
                done(results[-1])
    return results


def _trouble(folder: Path | None) -> str:
    """Return why what came of a student cannot be looked at; empty where it can."""
    if folder is not None and folder.is_symlink():
        return "its folder is a link, and may be somebody else's: it was not graded"
    if folder is not None and not folder.is_dir():
        return "expected a folder STUDENT/; found a file. Unpack it, or put it into one"
    return ""


def percents(results: Sequence[Graded]) -> dict[str, float]:
    """Return each student's score: points of 5 by the problems' weights."""
    found: dict[str, float] = {}
    for student in dict.fromkeys(each.student for each in results):
        own = [each for each in results if each.student == student and each.place.number]
        whole = sum(each.place.weight for each in own)
        reached = sum(each.place.weight * (each.score.points if each.score else 0.0) / 5 for each in own)
        found[student] = 100 * reached / whole if whole else 0.0
    return found


def as_csv(results: Sequence[Graded]) -> str:
    """Return the grades as CSV: one line for each student."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    numbers = sorted({each.place.number for each in results if each.place.number})
    columns = [title for number in numbers for title in (f"problem {number}", f"points {number}", f"metric {number}")]
    rows.writerow(["student", "percent", *columns, "to look at"])
    for student, percent in percents(results).items():
        own = {each.place.number: each for each in results if each.student == student}
        cells = []
        for number in numbers:
            each = own.get(number)
            score = each.score if each else None
            value = "" if score is None or score.value is None else f"{score.value:.6g}"
            cells += [each.place.check_id if each else "", "" if score is None else show_number(score.points), value]
        trouble = "; ".join(each.trouble for each in own.values() if each.trouble)
        rows.writerow([csv_cell(student), f"{percent:.1f}", *cells, csv_cell(trouble)])
    return text.getvalue()


def class_report(packed: Pack, results: Sequence[Graded], pass_percent: float) -> str:
    """Return a page of HTML: each student's points, and how each problem went."""
    numbers = sorted({each.place.number for each in results if each.place.number})
    reached = percents(results)
    lines = [
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
        f"<title>{escape(packed.name)}</title><style>{STYLE}</style></head><body>",
        f"<h1>{escape(packed.name)}</h1>",
        f"<p>{len(reached)} students; {sum(value >= pass_percent for value in reached.values())} reached "
        f"{pass_percent:g} %.</p>",
        "<table><thead><tr><th>student</th>"
        + "".join(f'<th class="number">{number}</th>' for number in numbers)
        + '<th class="number">score</th><th>to look at</th></tr></thead><tbody>',
    ]
    for student, percent in reached.items():
        own = {each.place.number: each for each in results if each.student == student}
        cells = "".join(f'<td class="number">{_points(own.get(number))}</td>' for number in numbers)
        trouble = "; ".join(each.trouble for each in own.values() if each.trouble)
        lines.append(
            f'<tr><td>{escape(student)}</td>{cells}<td class="number">{percent:.0f} %</td>'
            f"<td>{escape(trouble)}</td></tr>"
        )
    lines.append("</tbody></table><h2>What was said</h2><table><tbody>")
    for each in results:
        said = each.trouble or (each.score.message if each.score else "no file")
        name = f"{each.student}, {each.place.number}" if each.place.number else each.student
        lines.append(f"<tr><td>{escape(name)}</td><td>{escape(each.file)}</td><td>{escape(said)}</td></tr>")
    return "\n".join([*lines, "</tbody></table></body></html>"]) + "\n"


def _questions(course: Course, secret: Secret, packed: Pack, student: str) -> dict[Place, Question]:
    seed = seed_of(secret, packed.name, student)
    places = draw_places(course, [part.kind for part in exam_plan(course).parts], seed)
    return {place: draw_question(course, place, seed) for place in places}


def _graded(student: str, place: Place, question: Question, found: HandedIn, end: float, ask_model: AskModel) -> Graded:
    """Ask a problem's files, and return the best. Runs in a thread; a defect of ours costs only this one."""
    best = Graded(student, place)
    troubles = []
    files = found.files.get(place.number, ())
    for path in files:
        name = path.relative_to(found.folder).as_posix()
        if time.monotonic() >= end:
            troubles.append(f"{printable(name)} was not asked: this student's time is used up")
            continue
        try:
            score = _score(question, path, ask_model)
        except GraderBroken as error:
            troubles.append(str(error))
            continue
        if best.score is None or score.points > best.score.points:
            best = replace(best, file=name, score=score)
    left = found.left_out.get(place.number, ())
    if left:
        troubles.append(f"problem {place.number}: not asked, beside {_names(found, files)}: {_names(found, left)}")
    return replace(best, trouble="; ".join(troubles))


def _names(found: HandedIn, paths: Sequence[Path]) -> str:
    names = [printable(path.relative_to(found.folder).as_posix()) for path in paths[:MOST_NAMED]]
    return ", ".join(names) + (f" and {len(paths) - MOST_NAMED} more" if len(paths) > MOST_NAMED else "")


def _score(question: Question, path: Path, ask_model: AskModel) -> Score:
    assert isinstance(question.check, ExamProblem)
    try:
        response = response_of(question.check.training.read(path))
    except LearnerMistake as mistake:
        response = response_of(mistake)
    except OSError as error:
        raise GraderBroken(f"{printable(path.name)} cannot be read: {error}") from error
    return question.judge(response, ask_model, reveal=False)[1]


def _points(each: Graded | None) -> str:
    return "" if each is None or each.score is None else show_number(each.score.points)
