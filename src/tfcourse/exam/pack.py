"""An exam for a class: packed from the staff's secret, handed out, collected, graded. No learner holds the seed."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from html import escape
from pathlib import Path

from tfcourse.checks.asking import AskModel
from tfcourse.checks.problems import ExamProblem
from tfcourse.checks.records import Score
from tfcourse.course import Course
from tfcourse.errors import CourseError, GraderBroken, LearnerMistake
from tfcourse.exam.materials import write_materials
from tfcourse.exam.report import STYLE
from tfcourse.exam.session import Place, draw_places, draw_question, exam_plan, family, heading, problem_seed
from tfcourse.exam.submission import response_of
from tfcourse.examiner import model_server
from tfcourse.examiner.paper import Question
from tfcourse.examiner.secret import Secret, derive_seed
from tfcourse.reports.card import show_number

PACK = "pack.json"
EVERYBODY = "everybody"
"""In the place of a student, where all get the same problems. No student may be called so."""
_STUDENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SUFFIXES = (".keras", ".h5", ".hdf5")


@dataclass(frozen=True)
class Pack:
    """What `pack` wrote beside the problems: enough to grade with the secret, and nothing without it.

    Args:
        name: Of the exam.
        secret_id: Of the secret that it was drawn from.
        students: Who has a set of their own; empty where all have the same.
        minutes: For the instructions.
    """

    name: str
    secret_id: str
    students: tuple[str, ...]
    minutes: int


@dataclass(frozen=True)
class Graded:
    """What one student's file for one problem got.

    Args:
        student: Who.
        place: Which problem.
        file: The best of the files, relative to the student's folder; empty where there was none.
        score: Its score; None where there was no file, or where staff have to look.
        trouble: Why staff have to look; empty where they need not.
    """

    student: str
    place: Place
    file: str = ""
    score: Score | None = None
    trouble: str = ""


def pack(
    course: Course,
    folder: Path,
    secret: Secret,
    *,
    name: str,
    students: Sequence[str] = (),
    minutes: int | None = None,
    say: Callable[[str], None] = lambda message: None,
) -> Pack:
    """Write an exam for a class.

    Args:
        course: Whose exam.
        folder: Must not be there yet. With `students` it gets a folder for each, else the five problems themselves.
        secret: Decides the problems, together with the name; a public one is predictable.
        name: Of the exam; another one gives other problems.
        students: Who gets a set of their own.
        minutes: For the instructions; default: the plan's.
        say: Told what is being drawn.

    Raises:
        CourseError: The folder is there, or a name cannot be one of a folder.
    """
    for text in (name, *students):
        if not _STUDENT.fullmatch(text) or text == EVERYBODY:
            raise CourseError(f"Expected a name of letters, digits, points and dashes; found {text!r}.")
    if folder.exists():
        raise CourseError(f"Expected a folder that is not there yet; found {folder}. Choose another name.")
    packed = Pack(name, secret.id, tuple(dict.fromkeys(students)), minutes or exam_plan(course).minutes)
    for student in packed.students or (EVERYBODY,):
        root = folder / student if packed.students else folder
        seed = _seed(secret, name, student)
        for place in draw_places(course, [part.kind for part in exam_plan(course).parts], seed):
            problem = family(course, place)
            say(f"{student}: {problem.title}")
            drawn = problem.data(problem_seed(seed, place))
            told = f"{heading(place, 'exam')} Hand in the folder with your model.keras or model.h5 in it."
            write_materials(course, problem, drawn, root / place.folder, heading=told, submits=False)
    (folder / PACK).write_text(json.dumps(asdict(packed), indent=1) + "\n", encoding="utf-8")
    return packed


def read_pack(folder: Path) -> Pack:
    """Read what `pack` wrote.

    Raises:
        CourseError: There is no pack, or it is damaged.
    """
    try:
        document = json.loads((folder / PACK).read_text(encoding="utf-8"))
        return Pack(**{**document, "students": tuple(document["students"])})
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise CourseError(
            f"Expected a packed exam in {folder}; found {error!r}. Make one: tfcourse exam pack"
        ) from error


def grade(
    course: Course,
    packed: Pack,
    collected: Path,
    secret: Secret,
    *,
    workers: int = 1,
    ask_model: AskModel = model_server.ask_model,
    done: Callable[[Graded], None] = lambda graded: None,
) -> list[Graded]:
    """Grade what was handed in.

    A student's folder is ``STUDENT/1-basic/model.keras``, or ``STUDENT/1.keras``; any name will do whose folder or
    file begins with the problem's number. Of several files for a problem the best counts.

    Args:
        course: Whose exam.
        packed: What was handed out.
        collected: A folder with one folder for each student.
        secret: The one that the exam was packed with.
        workers: How many files are asked at a time.
        ask_model: Asks a file for predictions, where it can do no harm.
        done: Told each result.

    Returns:
        One entry for each student and problem, in the order of their names.

    Raises:
        CourseError: It is another secret, or there is nothing to grade.
    """
    if secret.id != packed.secret_id:
        raise CourseError(
            f"Expected the secret that the exam was packed with, {packed.secret_id}; found {secret.id} "
            f"({secret.origin}). Name the file with the old one in TFCOURSE_SECRET_FILE."
        )
    folders = {path.name: path for path in sorted(collected.iterdir()) if path.is_dir() and path.name[0] != "."}
    students = sorted({*packed.students, *folders})
    if not folders:
        raise CourseError(f"Expected a folder for each student in {collected}; found none.")
    results: list[Graded] = []
    with ThreadPoolExecutor(max_workers=workers) as pool:
        shared: Mapping[Place, Question] = {} if packed.students else _questions(course, secret, packed, EVERYBODY)
        for student in students:
            if packed.students and student not in packed.students:
                results.append(Graded(student, Place(0, "", "", "", 0, 0), trouble="nobody of this name has a set"))
                continue
            questions = shared or _questions(course, secret, packed, student)
            files = {place: _files(folders.get(student), place) for place in questions}
            waiting = [
                pool.submit(_graded, student, place, question, files[place], folders.get(student), ask_model)
                for place, question in questions.items()
            ]
            for each in waiting:
                results.append(each.result())
                done(results[-1])
    return results


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
        rows.writerow([_plain(student), f"{percent:.1f}", *cells, trouble])
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
        name = f"{each.student}, {each.place.number}"
        lines.append(f"<tr><td>{escape(name)}</td><td>{escape(each.file)}</td><td>{escape(said)}</td></tr>")
    return "\n".join([*lines, "</tbody></table></body></html>"]) + "\n"


def _questions(course: Course, secret: Secret, packed: Pack, student: str) -> dict[Place, Question]:
    seed = _seed(secret, packed.name, student)
    places = draw_places(course, [part.kind for part in exam_plan(course).parts], seed)
    return {place: draw_question(course, place, seed) for place in places}


def _seed(secret: Secret, name: str, student: str) -> str:
    return f"{derive_seed(secret, 'exam', f'{name}:{student}', 0):064x}"


def _files(folder: Path | None, place: Place) -> list[Path]:
    """Return the model files of a problem: those whose first name below the student's folder has its number."""
    if folder is None:
        return []
    number = re.compile(rf"0*{place.number}(?![0-9])")
    found = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in _SUFFIXES and path.is_file()]
    inside = [path for path in found if path.resolve().is_relative_to(folder.resolve())]
    return [path for path in inside if number.match(path.relative_to(folder).parts[0])]


def _graded(
    student: str, place: Place, question: Question, files: Sequence[Path], folder: Path | None, ask_model: AskModel
) -> Graded:
    """Grade each file of a problem, and return the best. Runs in a thread; a defect of ours costs only this one."""
    best = Graded(student, place)
    for path in files:
        assert folder is not None
        try:
            score = _score(question, path, ask_model)
        except GraderBroken as error:
            best = replace(best, trouble=str(error))
            continue
        if best.score is None or score.points > best.score.points:
            best = replace(best, file=path.relative_to(folder).as_posix(), score=score)
    return best


def _score(question: Question, path: Path, ask_model: AskModel) -> Score:
    assert isinstance(question.check, ExamProblem)
    try:
        response = response_of(question.check.training.read(path))
    except LearnerMistake as mistake:
        response = response_of(mistake)
    except OSError as error:
        raise GraderBroken(f"{path.name} cannot be read: {error}") from error
    return question.judge(response, ask_model, reveal=False)[1]


def _points(each: Graded | None) -> str:
    return "" if each is None or each.score is None else show_number(each.score.points)


def _plain(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@" else text
