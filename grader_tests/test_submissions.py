"""Every submission of every week gets its points: from `tfcourse grade`, and from stock nbgrader.

Stock nbgrader takes longer, so `make test` gives it a sample: the reference, the blank and one wrong
submission of each week. `make test-all` gives it all of them.
"""

import os

import pytest

from tfcourse.course import find_course
from tfcourse.grading.demo import grade_samples
from tfcourse.grading.home import grade_notebook
from tfcourse.grading.submissions import expected_points, make_submission, submission_names

COURSE = find_course()
ALL = bool(os.environ.get("TFCOURSE_TEST_ALL"))
SUBMISSIONS = [(week.id, name) for week in COURSE.weeks for name in submission_names(COURSE, week)]


@pytest.mark.slow
@pytest.mark.parametrize(("week_id", "name"), SUBMISSIONS)
def test_tfcourse_grade_gives_each_submission_its_points(course, week_id, name, tmp_path):
    week = course.week(week_id)
    results = grade_notebook(course, week, make_submission(course, week, name), folder=tmp_path)
    points = {result.check.id: result.points for result in results}
    told = "\n".join(result.score().message for result in results)
    assert points == expected_points(course, week)[name], told


@pytest.mark.slow
@pytest.mark.parametrize("week_id", [week.id for week in COURSE.weeks])
def test_stock_nbgrader_gives_each_submission_the_same_points(course, week_id, tmp_path):
    week = course.week(week_id)
    names = submission_names(course, week)
    names = names if ALL else names[:3]
    print(f"{week_id}: stock nbgrader graded {', '.join(names)}")
    rows = grade_samples(course, week, tuple(names), tmp_path / "course")
    expected = expected_points(course, week)
    assert {row.submission: row.points for row in rows} == {name: expected[name] for name in names}
    for row in rows:
        feedback = row.feedback.read_text(encoding="utf-8")
        assert "HIDDEN TESTS" not in feedback
        assert "grade(" not in feedback


@pytest.mark.parametrize("week_id", [week.id for week in COURSE.weeks])
def test_each_week_has_two_wrong_submissions_and_each_check_is_missed_by_one(course, week_id):
    expected = expected_points(course, course.week(week_id))
    wrong = {name: points for name, points in expected.items() if name not in {"reference", "blank"}}
    assert len(wrong) >= 2
    for check_id, full in expected["reference"].items():
        assert any(points[check_id] < full for points in wrong.values()), f"no wrong submission misses {check_id}"
