"""Which lesson section and which check cover which of the handbook's 52 skills."""

from __future__ import annotations

from dataclasses import dataclass

from tfcourse.checks.registry import checks_of
from tfcourse.course import Course, Skill, Week
from tfcourse.texts import read_text


@dataclass(frozen=True)
class Coverage:
    """Where one skill is taught and practised.

    Args:
        skill: Which one.
        lessons: Weeks with a lesson section that names it.
        checks: Ids of the checks that cover it.
    """

    skill: Skill
    lessons: tuple[str, ...]
    checks: tuple[str, ...]


def coverage(course: Course) -> list[Coverage]:
    """Return the matrix in the handbook's order."""
    taught = {week.id: taught_skills(course, week) for week in course.weeks}
    checks = [check for week in course.weeks for check in checks_of(course, week.id)]
    return [
        Coverage(
            skill,
            tuple(week for week, skills in taught.items() if skill.id in skills),
            tuple(check.id for check in checks if skill.id in check.skills),
        )
        for skill in course.skills.values()
    ]


def coverage_problems(course: Course) -> list[str]:
    """Return each skill that the syllabus promises for a week, and the week does not keep."""
    problems = []
    for week in course.weeks:
        taught = taught_skills(course, week)
        practised = {skill for check in checks_of(course, week.id) for skill in check.skills}
        for skill in week.skills:
            if skill not in taught:
                problems.append(
                    f"{week.id}: expected a lesson section with skill {skill}, as the syllabus says; found none."
                )
            if skill not in practised:
                problems.append(f"{week.id}: expected a check with skill {skill}, as the syllabus says; found none.")
    return problems


def taught_skills(course: Course, week: Week) -> set[str]:
    """Return the skills that the sections of a week's lesson name."""
    text = read_text(course.curriculum(week, "lesson"))
    return {skill for cell in text.cells for skill in cell.metadata.get("skills", [])}
