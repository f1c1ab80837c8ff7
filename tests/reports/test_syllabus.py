"""The syllabus page and progress in numbers."""

import pytest

from tfcourse.reports.progress import Event
from tfcourse.reports.syllabus import skill_progress, syllabus_page, week_progress


def event(check, points):
    return Event("2026-01-01T00:00:00+00:00", "practice", check, points)


NOTHING = {}
SOME = {"week01.double": event("week01.double", 1.5)}
ALL = {"week01.double": event("week01.double", 2), "week01.line": event("week01.line", 5)}


@pytest.mark.parametrize(("best", "points", "attempted"), [(NOTHING, 0, 0), (SOME, 1.5, 1), (ALL, 7, 2)])
def test_points_of_a_week(course, best, points, attempted):
    (row,) = week_progress(course, best)
    assert (row.week.id, row.points, row.max_points, row.attempted) == ("week01", points, 7, attempted)
    assert [check.id for check in row.checks] == ["week01.double", "week01.line"]


def test_events_of_checks_that_are_gone_do_not_count(course):
    (row,) = week_progress(course, {"week01.old": event("week01.old", 5)})
    assert row.points == 0


@pytest.mark.parametrize(("best", "share"), [(NOTHING, 0), (SOME, 1.5 / 7), (ALL, 1)])
def test_the_share_of_a_skill(course, best, share):
    (row,) = skill_progress(course, best)
    assert row.skill.id == "B1"
    assert row.share == pytest.approx(share)


def test_a_skill_without_a_check_has_no_share(edit):
    course = edit("curriculum/handbook.toml", "B1 =", 'B0 = "wait for a check"\nB1 =')
    assert [row.share for row in skill_progress(course, ALL)] == [None, 1]


def test_the_page_links_every_notebook_and_shows_the_points(course):
    page = syllabus_page(course, SOME)
    assert page.startswith("# Mini\n")
    assert "[lesson](week01/lesson.ipynb)" in page
    assert "[assignment](week01/assignment.ipynb)" in page
    assert "1.5 of 7" in page
    assert "0.2 h" in page
    assert "## Study plans" in page
