"""The course on disk: where it is, its weeks, its skills, and the paths of its parts."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

from tfcourse.errors import CourseNotFound, InvalidCurriculum, UnknownName

SYLLABUS = Path("curriculum") / "syllabus.toml"
ROOT_VARIABLE = "TFCOURSE_ROOT"
WORK_VARIABLE = "TFCOURSE_WORK"
NOTEBOOKS = ("lesson", "assignment")
"""Every week has these two; only the assignment is graded."""


@dataclass(frozen=True)
class Skill:
    """One of the handbook's 52 skills."""

    id: str
    text: str


@dataclass(frozen=True)
class Week:
    """One week of the syllabus."""

    id: str
    """``weekNN``; also the name of nbgrader's assignment."""
    folder: str
    """Folder below ``curriculum/``."""
    part: str
    title: str
    minutes: int
    """For lesson and assignment together."""
    skills: tuple[str, ...]
    checks: tuple[str, ...]


@dataclass(frozen=True)
class Extra:
    """A notebook beside the weeks: never graded, released by itself."""

    id: str
    """Names the notebook: ``curriculum/FOLDER/ID.py`` becomes ``release/ID/ID.ipynb``."""
    folder: str
    """Folder below ``curriculum/``."""
    title: str
    about: str
    """A sentence for the syllabus page: when to open it."""


@dataclass(frozen=True)
class ExamPart:
    """One of the five places in an exam: a kind of problem, and the families that can be drawn for it."""

    kind: str
    title: str
    weight: float
    """Percent of the exam's score."""
    minutes: int
    """What a drill of this kind aims at; those of all parts make an exam's time."""
    problems: tuple[str, ...]
    """Ids of the families, ``exam.NAME``."""


@dataclass(frozen=True)
class ExamPlan:
    """What ``curriculum/exam/exam.toml`` says of the practice exam."""

    minutes: int
    pass_percent: float
    parts: tuple[ExamPart, ...]

    def part(self, kind: str) -> ExamPart:
        """Return the part of a kind.

        Raises:
            UnknownName: The exam has no such kind of problem.
        """
        for part in self.parts:
            if part.kind == kind:
                return part
        raise UnknownName(unknown("kind of problem", kind, [part.kind for part in self.parts]))


@dataclass(frozen=True)
class Course:
    """A course found on disk.

    Args:
        root: The folder that holds ``curriculum/``.
        title: The course's name.
        solutions: When `solution` shows a reference: ``always``, ``after-practice`` or ``never``.
        weeks: In the order of the syllabus.
        extras: Notebooks beside the weeks, in the order of the syllabus.
        complete: Whether all weeks are there, so that every skill of the handbook has to be taught and practised.
    """

    root: Path
    title: str
    solutions: str
    weeks: tuple[Week, ...]
    extras: tuple[Extra, ...] = ()
    complete: bool = False

    @cached_property
    def skills(self) -> Mapping[str, Skill]:
        """Return the handbook's skills by id, in its order."""
        table = _read_toml(self.root / "curriculum" / "handbook.toml")
        return {id: Skill(id, text) for section in table["section"] for id, text in section["skills"].items()}

    @cached_property
    def exempt(self) -> Mapping[str, str]:
        """Return the skills that need neither a lesson nor a check, each with the reason."""
        return dict(_read_toml(self.root / "curriculum" / "handbook.toml").get("exempt", {}))

    @cached_property
    def exam(self) -> ExamPlan | None:
        """Return the plan of the practice exam; None where the course has none.

        Raises:
            InvalidCurriculum: It cannot be read.
        """
        path = self.exam_folder / "exam.toml"
        if not path.is_file():
            return None
        table = _read_toml(path)
        try:
            parts = tuple(
                ExamPart(row["kind"], row["title"], row["weight"], row["minutes"], tuple(row["problems"]))
                for row in table["part"]
            )
            return ExamPlan(table["minutes"], table["pass_percent"], parts)
        except KeyError as error:
            raise InvalidCurriculum([f"{path}: expected the key {error}; found none."]) from error

    @property
    def exam_folder(self) -> Path:
        """Return the folder with the exam's plan and the text of each problem."""
        return self.root / "curriculum" / "exam"

    @cached_property
    def not_examined(self) -> Mapping[str, str]:
        """Return the skills that no exam problem can show, each with the reason."""
        return dict(_read_toml(self.root / "curriculum" / "handbook.toml").get("not_examined", {}))

    def week(self, id: str) -> Week:
        """Return a week.

        Raises:
            UnknownName: The syllabus has no such week.
        """
        for week in self.weeks:
            if week.id == id:
                return week
        raise UnknownName(unknown("week", id, [week.id for week in self.weeks]))

    def curriculum(self, week: Week, notebook: str) -> Path:
        """Return the text that a notebook is built from."""
        return self.root / "curriculum" / week.folder / f"{notebook}.py"

    def source(self, week: Week, notebook: str) -> Path:
        """Return the instructor's version of a notebook."""
        return self.root / "source" / week.id / f"{notebook}.ipynb"

    def release(self, week: Week, notebook: str) -> Path:
        """Return the learner's version of a notebook."""
        return self.root / "release" / week.id / f"{notebook}.ipynb"

    def work(self, week: Week, notebook: str) -> Path:
        """Return the learner's own copy of a notebook."""
        return self.work_folder / week.id / f"{notebook}.ipynb"

    def extra_text(self, extra: Extra) -> Path:
        """Return the text that a notebook beside the weeks is built from."""
        return self.root / "curriculum" / extra.folder / f"{extra.id}.py"

    def extra_release(self, extra: Extra) -> Path:
        """Return the notebook as it is built. There is no other version of it, since it is never graded."""
        return self.root / "release" / extra.id / f"{extra.id}.ipynb"

    def extra_work(self, extra: Extra) -> Path:
        """Return the learner's own copy of it."""
        return self.work_folder / extra.id / f"{extra.id}.ipynb"

    @property
    def work_folder(self) -> Path:
        """Return where a learner's copies and progress are: ``work/``, or what ``TFCOURSE_WORK`` names."""
        chosen = os.environ.get(WORK_VARIABLE)
        return Path(chosen) if chosen else self.root / "work"

    def show(self, path: Path) -> str:
        """Return a path for a message: relative to the course where it lies in it."""
        return str(path.relative_to(self.root) if path.is_relative_to(self.root) else path)

    @property
    def checks_folder(self) -> Path:
        """Return the folder with one module of checks a week."""
        return self.root / "grader_tests"


def unknown(kind: str, name: str, known: list[str]) -> str:
    """Word a message for a name that does not exist: what was expected, found, and meant perhaps."""
    close = get_close_matches(name, known, n=1)
    meant = f" Did you mean {close[0]}?" if close else ""
    article = "an" if kind[0] in "aeiou" else "a"
    listed = ", ".join(known) if len(known) <= 20 else f"{known[0]}, {known[1]} … {known[-1]}"
    return f"Expected {article} {kind} of this course ({listed}); found '{name}'.{meant}"


def find_course(start: Path | None = None) -> Course:
    """Find and read the course.

    Looks at the environment variable ``TFCOURSE_ROOT``, then at `start` and the folders above it, then at
    the folder that this package is installed from.

    Args:
        start: Defaults to the working directory.

    Raises:
        CourseNotFound: There is none.
        InvalidCurriculum: Its syllabus cannot be read.
    """
    chosen = os.environ.get(ROOT_VARIABLE)
    if chosen:
        candidates = [Path(chosen)]
    else:
        here = (start or Path.cwd()).resolve()
        candidates = [here, *here.parents, Path(__file__).resolve().parents[2]]
    for folder in candidates:
        if (folder / SYLLABUS).is_file():
            return read_course(folder)
    raise CourseNotFound(
        f"Expected a course (a folder with {SYLLABUS}) at or above {candidates[0]}; found none. "
        f"Change to the course's folder, or set {ROOT_VARIABLE} to it."
    )


def read_course(root: Path) -> Course:
    """Read the syllabus of the course at `root`.

    Raises:
        InvalidCurriculum: The file is no TOML, or lacks something.
    """
    table = _read_toml(root / SYLLABUS)
    try:
        weeks = tuple(
            Week(
                id=row["id"],
                folder=row["folder"],
                part=row["part"],
                title=row["title"],
                minutes=row["minutes"],
                skills=tuple(row["skills"]),
                checks=tuple(row["checks"]),
            )
            for row in table["week"]
        )
        extras = tuple(
            Extra(id=row["id"], folder=row["folder"], title=row["title"], about=row["about"])
            for row in table.get("extra", ())
        )
        head = table["course"]
        return Course(root, head["title"], head["solutions"], weeks, extras, head.get("complete", False))
    except KeyError as error:
        raise InvalidCurriculum([f"{root / SYLLABUS}: expected the key {error}; found none."]) from error


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise InvalidCurriculum([f"{path}: expected a readable TOML file; found: {error}."]) from error
