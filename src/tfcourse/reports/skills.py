"""Which lesson section, which check and which exam problem cover which of the handbook's 52 skills."""

from __future__ import annotations

from dataclasses import dataclass

from tfcourse.checks.registry import checks_of, exam_problems
from tfcourse.course import Course, Skill, Week
from tfcourse.texts import read_text


@dataclass(frozen=True)
class Coverage:
    """Where one skill is taught and practised.

    Args:
        skill: Which one.
        lessons: Weeks with a lesson section that names it.
        checks: Ids of the checks that cover it.
        exam: Names of the exam problems that cover it.
    """

    skill: Skill
    lessons: tuple[str, ...]
    checks: tuple[str, ...]
    exam: tuple[str, ...] = ()


def coverage(course: Course) -> list[Coverage]:
    """Return the matrix in the handbook's order."""
    taught = {week.id: taught_skills(course, week) for week in course.weeks}
    checks = [check for week in course.weeks for check in checks_of(course, week.id)]
    problems = exam_problems(course)
    return [
        Coverage(
            skill,
            tuple(week for week, skills in taught.items() if skill.id in skills),
            tuple(check.id for check in checks if skill.id in check.skills),
            tuple(problem.name for problem in problems if skill.id in problem.skills),
        )
        for skill in course.skills.values()
    ]


def coverage_problems(course: Course) -> list[str]:
    """Return each skill that the syllabus promises for a week, and the week does not keep.

    Of a course that says ``complete = true``, also each skill of the handbook that no lesson teaches or no check
    practises, and that is not exempt; and, where there is an exam, each that none of its problems shows, and for which
    the handbook does not say why.
    """
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
    return problems + (_handbook_problems(course) if course.complete else [])


def _handbook_problems(course: Course) -> list[str]:
    where = "curriculum/handbook.toml, [exempt]"
    problems = [
        f"{where}: expected developer skills (T…) of the handbook, each with a reason; found {id} = {reason!r}."
        for id, reason in course.exempt.items()
        if id not in course.skills or not id.startswith("T") or not str(reason).strip()
    ]
    for row in coverage(course):
        if course.exam is not None and not row.exam and not course.not_examined.get(row.skill.id, "").strip():
            problems.append(
                f"curriculum/handbook.toml, {row.skill.id}: expected an exam problem with this skill, or in "
                "[not_examined] the reason why there is none; found neither."
            )
        if row.skill.id not in course.exempt:
            lacking = [kind for kind, found in (("lesson", row.lessons), ("check", row.checks)) if not found]
            problems += [
                f"curriculum/handbook.toml, {row.skill.id}: expected a {kind} of some week with this skill, since the "
                "course is complete; found none."
                for kind in lacking
            ]
    return problems


def skills_page(course: Course) -> str:
    """Return ``docs/skills.md``: the handbook's skills, and where each is taught, practised and examined."""
    lines = [
        "<!-- Built by `tfcourse build` from curriculum/ and grader_tests/: edit those, not this page. -->",
        "# Skills",
        "",
        "The 52 skills of the TensorFlow Developer Certificate's candidate handbook, in our own words, and where the",
        "course teaches and practises each. `tfcourse skills --check` fails where a promise is not kept.",
        "",
        "| skill | | taught in | practised in | exam |",
        "|---|---|---|---|---|",
    ]
    for row in coverage(course):
        reason = course.exempt.get(row.skill.id, "")
        checks = ", ".join(f"`{id}`" for id in row.checks) or reason or "not yet"
        lessons = ", ".join(row.lessons) or reason or "not yet"
        exam = ", ".join(f"`{name}`" for name in row.exam) or course.not_examined.get(row.skill.id, "not yet")
        lines.append(f"| {row.skill.id} | {row.skill.text} | {lessons} | {checks} | {exam} |")
    return "\n".join(lines) + "\n"


def taught_skills(course: Course, week: Week) -> set[str]:
    """Return the skills that the sections of a week's lesson name."""
    text = read_text(course.curriculum(week, "lesson"))
    return {skill for cell in text.cells for skill in cell.metadata.get("skills", [])}
