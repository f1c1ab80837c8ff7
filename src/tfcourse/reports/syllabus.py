"""The syllabus as a page, and progress as numbers: weeks, points, skills."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tfcourse.checks.check import Check
from tfcourse.checks.registry import checks_of, exam_problems
from tfcourse.course import Course, Skill, Week
from tfcourse.reports.card import show_number
from tfcourse.reports.plan import study_plans
from tfcourse.reports.progress import Event


@dataclass(frozen=True)
class WeekProgress:
    """Points reached in one week."""

    week: Week
    points: float
    max_points: float
    attempted: int
    """Checks tried at least once."""
    checks: tuple[Check, ...]


@dataclass(frozen=True)
class SkillProgress:
    """How far one skill was shown.

    Args:
        skill: Which one.
        share: Points reached of those that its checks offer, 0 to 1; None where no check covers it yet.
    """

    skill: Skill
    share: float | None


_ABOUT_THE_EXAM = (
    "",
    "When you feel ready: the **practice exam**, five fresh problems in five hours. *Practice exam* in the launcher",
    "(File → New Launcher) opens its page. In a terminal: `tfcourse exam start`, and for a single fresh problem",
    "`tfcourse exam drill text`.",
)


def week_progress(course: Course, best: Mapping[str, Event]) -> list[WeekProgress]:
    """Return the points of each week."""
    rows = []
    for week in course.weeks:
        checks = checks_of(course, week.id)
        done = [best[check.id] for check in checks if check.id in best]
        points = sum(event.points or 0.0 for event in done)
        rows.append(WeekProgress(week, points, sum(check.points for check in checks), len(done), checks))
    return rows


def skill_progress(course: Course, best: Mapping[str, Event]) -> list[SkillProgress]:
    """Return how far each of the 52 skills was shown, in the handbook's order.

    Exam problems count where they were tried: which ones an exam draws is nobody's choice.
    """
    checks: list[Check] = [check for week in course.weeks for check in checks_of(course, week.id)]
    checks += [problem for problem in exam_problems(course) if problem.id in best]
    rows = []
    for skill in course.skills.values():
        covering = [check for check in checks if skill.id in check.skills]
        offered = sum(check.points for check in covering)
        reached = sum(best[check.id].points or 0.0 for check in covering if check.id in best)
        rows.append(SkillProgress(skill, reached / offered if covering else None))
    return rows


def syllabus_page(course: Course, best: Mapping[str, Event]) -> str:
    """Return the page that a learner begins at, in Markdown, for a file in ``work/``."""
    lines = [
        f"# {course.title}",
        "",
        "Each week has a lesson to read and run, and an assignment whose models are trained and scored.",
        "Open the lesson first. A practice cell answers in seconds with points, a ladder and the next step.",
        "",
        "| part | week | lesson | assignment | time | points |",
        "|---|---|---|---|---|---|",
    ]
    for row in week_progress(course, best):
        week = row.week
        points = f"{show_number(row.points)} of {show_number(row.max_points)}"
        hours = f"{week.minutes / 60:.1f} h"
        lines.append(
            f"| {week.part} | {week.id}: {week.title} | [lesson]({week.id}/lesson.ipynb) "
            f"| [assignment]({week.id}/assignment.ipynb) | {hours} | {points} |"
        )
    if course.extras:
        lines += ["", "Beside the weeks:", ""]
        lines += [f"- [{extra.title}]({extra.id}/{extra.id}.ipynb): {extra.about}" for extra in course.extras]
    lines += [
        "",
        "In a terminal (File → New → Terminal):",
        "",
        "- `tfcourse grade week05` runs a week's hidden checks on your notebook.",
        "- `tfcourse progress` shows your points and the 52 skills.",
        *(_ABOUT_THE_EXAM if course.exam is not None else ()),
        "",
        *study_plans(course),
        "",
        "This page is written anew whenever `tfcourse lab` starts.",
    ]
    return "\n".join(lines) + "\n"
