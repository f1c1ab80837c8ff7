"""Study plans: every week stands in each of them, whatever the syllabus holds."""

from dataclasses import replace

import pytest

from tfcourse.reports.plan import study_plans


def plans(course, count, parts):
    """Return the lines for a course of `count` weeks, all of them copies of the mini week, in `parts` parts."""
    week = course.weeks[0]
    weeks = tuple(
        replace(week, title=f"title {n}", part=f"part {n * parts // count}", minutes=180) for n in range(count)
    )
    return list(study_plans(replace(course, weeks=weeks)))


@pytest.mark.parametrize(("count", "parts"), [(1, 1), (4, 4), (5, 2), (16, 4)])
def test_every_week_stands_in_the_plan_for_pairs_and_every_part_before_an_exam(course, count, parts):
    lines = plans(course, count, parts)
    page = "\n".join(lines)
    assert all(page.count(f"(title {n})") == 1 for n in range(count))
    days = [line for line in lines if line.startswith("| ") and ": *Summary*" in line]
    assert [line.split("|")[2].split(" (")[0].strip() for line in days] == [f"part {n}" for n in range(parts)]
    assert days[0].startswith("| 1 ")
    assert days[-1].split("|")[1].strip().endswith("12")
    assert all("`week01.line`" in line and "week01.double" not in line for line in days)


def test_sixteen_weeks_of_three_hours(course):
    lines = plans(course, 16, 4)
    assert any("One week at a time, 16 weeks.** About 3.0 hours each" in line for line in lines)
    assert any("Two weeks at a time, 8 weeks.** About 6.0 hours each" in line for line in lines)
    assert "| 8 | week01 (title 14) and week01 (title 15) | 6.0 |" in lines


def test_a_single_week_has_a_plan_too(course):
    assert any("One week at a time, 1 week.**" in line for line in plans(course, 1, 1))
