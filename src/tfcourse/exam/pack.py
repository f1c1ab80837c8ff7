"""An exam for a class, packed from the staff's secret to be handed out. No learner holds the seed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tfcourse.course import Course
from tfcourse.errors import CourseError
from tfcourse.exam.materials import write_materials
from tfcourse.exam.session import draw_places, exam_plan, family, heading, problem_seed
from tfcourse.examiner.secret import Secret, derive_seed

PACK = "pack.json"
EVERYBODY = "everybody"
"""In the place of a student, where all get the same problems. No student may be called so."""
_STUDENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


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
        seed = seed_of(secret, name, student)
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


def seed_of(secret: Secret, name: str, student: str) -> str:
    """Return the seed of a student's set, or of `EVERYBODY`'s."""
    return f"{derive_seed(secret, 'exam', f'{name}:{student}', 0):064x}"
