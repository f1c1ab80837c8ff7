"""Study plans: the weeks of the syllabus, laid out for three kinds of calendars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from tfcourse.checks.check import ModelCheck
from tfcourse.checks.registry import checks_of
from tfcourse.course import Course, Week


def study_plans(course: Course) -> Iterator[str]:
    """Yield the lines of the syllabus page's study plans, in Markdown."""
    weeks, hours = course.weeks, sum(week.minutes for week in course.weeks) / 60
    yield "## Study plans"
    yield ""
    yield f"**One week at a time, {_count(len(weeks))}.** About {hours / len(weeks):.1f} hours each:"
    yield "the lesson on one day, the assignment on two others."
    yield "Before you begin a week, answer the recall questions of the last one again."
    yield ""
    yield f"**Two weeks at a time, {_count(-(-len(weeks) // 2))}.** About {2 * hours / len(weeks):.1f} hours each."
    yield ""
    yield "| week of yours | work through | hours |"
    yield "|---|---|---|"
    for number, pair in enumerate(_pairs(weeks), start=1):
        names = " and ".join(f"{week.id} ({week.title})" for week in pair)
        yield f"| {number} | {names} | {sum(week.minutes for week in pair) / 60:.1f} |"
    yield ""
    yield "**The two weeks before an exam**, for those who have done the course. An hour or two each day:"
    yield ""
    yield "| days | what |"
    yield "|---|---|"
    yield from _before_an_exam(course)


def _pairs(weeks: Sequence[Week]) -> Iterator[Sequence[Week]]:
    for start in range(0, len(weeks), 2):
        yield weeks[start : start + 2]


def _before_an_exam(course: Course) -> Iterator[str]:
    """Share twelve days out among the parts of the course; the last two are for the whole."""
    parts = [(part, list(weeks)) for part, weeks in groupby(course.weeks, key=lambda week: week.part)]
    ends = [round(12 * number / len(parts)) for number in range(len(parts) + 1)]
    for (part, weeks), begin, end in zip(parts, ends, ends[1:], strict=False):
        days = f"{begin + 1} to {end}" if end > begin + 1 else f"{end}"
        models = [
            f"`{check.id}`" for week in weeks for check in checks_of(course, week.id) if isinstance(check, ModelCheck)
        ]
        names = ", ".join(week.id for week in weeks)
        yield (
            f"| {days} | {part} ({names}): *Summary*, *Common mistakes* and *Recall questions* of each lesson; "
            f"then write these again from an empty cell: {', '.join(models)} |"
        )
    yield "| 13 | what stands lowest in `tfcourse progress`; then one model of each part, by the clock |"
    yield "| 14 | only the *Common mistakes* once more, and an early night |"


def _count(weeks: int) -> str:
    return "1 week" if weeks == 1 else f"{weeks} weeks"
