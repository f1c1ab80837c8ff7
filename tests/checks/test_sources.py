"""What decides a week's points: enough that no change goes unseen, and no more than that."""

import pytest

from tfcourse.checks.registry import exam_ids
from tfcourse.checks.sources import digest_of_sources, sources_of
from tfcourse.course import find_course

COURSE = find_course()
WEEKS = [week.checks[0] for week in COURSE.weeks]


def names(check_id):
    return {path.name for path in sources_of(COURSE, check_id)}


@pytest.mark.parametrize("check_id", WEEKS)
def test_a_week_rests_on_its_checks_its_references_and_how_models_are_trained(check_id):
    assert {f"{check_id.split('.')[0]}.py", "assignment.py", "fixed_budget.py", "ladder.py"} <= names(check_id)


@pytest.mark.parametrize("check_id", WEEKS)
def test_a_week_does_not_rest_on_exams_or_other_weeks(check_id):
    assert not names(check_id) & {"hands.py", "walls.py", "convnets.py", "exam_folders.py"}
    assert sum(name.startswith("week") for name in names(check_id)) == 1


@pytest.mark.parametrize(
    ("check_id", "expected"),
    [
        ("week05.signs_cnn", {"signs.py"}),
        ("week08.grounds_model", {"surfaces.py", "backbone.py", "backbone.keras"}),
        ("exam.fingers", {"hands.py", "convnets.py", "exam_folders.py", "fingers.py"}),
    ],
)
def test_data_sets_and_weights_are_among_them(check_id, expected):
    assert expected <= names(check_id)


def test_every_exam_problem_rests_on_its_own_text():
    for id in exam_ids(COURSE):
        assert f"{id.split('.')[1]}.py" in names(id)


@pytest.mark.parametrize(
    ("edit_of", "changes"),
    [
        (("grader_tests/week01.py", "epochs=30", "epochs=31"), True),
        (("curriculum/week01_mini/assignment.py", "return 2 * np.asarray(x)", "return np.asarray(x) * 2"), True),
        (("curriculum/week01_mini/lesson.py", "Some words.", "Other words."), False),
    ],
)
def test_a_digest_changes_with_what_decides_points(own_course, edit, edit_of, changes):
    before = digest_of_sources(own_course, "week01.line")
    assert digest_of_sources(own_course, "week01.line") == before
    assert (digest_of_sources(edit(*edit_of), "week01.line") != before) == changes
