"""The page of ladders: thresholds, and who was measured where."""

import json

import pytest

from tfcourse.reports.ladders import ladder_table, ladders_page


def test_a_check_that_was_not_measured_says_so(course):
    page = ladders_page(course)
    assert "## week01.line: A line" in page
    assert "One to five points for MAE at most 1.800, 1.200, 0.800, 0.400, 0.200." in page
    assert "Not measured yet." in page
    assert "week01.double" not in page


def test_means_points_and_bounds_follow_from_the_measurements(own_course):
    folder = own_course.root / "grader_tests" / "calibration"
    folder.mkdir()
    measured = {
        "reference": {"role": "reference", "values": [0.1, 0.1, 0.3, 0.1], "seconds": 2.6},
        "training mean": {"role": "does not learn", "values": [1.9, 1.9, 1.1, 1.9]},
        "a line": {"role": "simple", "values": [0.9, 0.9, 0.9, 0.9]},
        "default Adam": {"role": "ordinary", "values": [0.3, 0.1, 0.5], "seconds": 0.4},
        "raw inputs": {"role": "mistake", "values": [None, 0.3, 0.9]},
    }
    document = {"check": "week01.line", "metric": "MAE", "thresholds": [1.8, 1.2, 0.8, 0.4, 0.2], "versions": {}}
    document |= {"measured": measured, "variants": {"AVX2": [0.1, 0.25]}}
    (folder / "week01.line.json").write_text(json.dumps(document))
    page = ladders_page(own_course)
    assert "The reference was measured on 4 seeds." in page
    assert "| reference | reference | 5 | 0.1500 | 0.1000 | 3 × 5, 1 × 4 | 1 of 4 | 3 |" in page
    assert "| training mean | does not learn | 0 to 1 | 1.7000 | 0.4000 | 1 × 2, 3 × 0 | 1 of 4 |  |" in page
    assert "| a line | simple | 0 to 3 | 0.9000 | 0.0000 | 4 × 2 | 0 of 4 |  |" in page
    assert "| default Adam | ordinary | 4 to 5 | 0.3000 | 0.2000 | 1 × 5, 1 × 4, 1 × 3 | 1 of 3 | 0 |" in page
    assert "| raw inputs | mistake | 0 to 3 | 0.6000 | 0.4243 | 1 × 4, 1 × 2, 1 × 0 | 1 of 3 |  |" in page
    assert "Reference with AVX2: points differ on 1 of 2 seeds." in page


def test_what_was_measured_without_the_reference_is_shown(own_course):
    """`tfcourse calibrate --only ordinary`, of a check that was not measured before."""
    folder = own_course.root / "grader_tests" / "calibration"
    folder.mkdir()
    measured = {"default Adam": {"role": "ordinary", "values": [0.3, 0.1]}}
    document = {"check": "week01.line", "metric": "MAE", "thresholds": [1.8, 1.2, 0.8, 0.4, 0.2], "versions": {}}
    (folder / "week01.line.json").write_text(json.dumps({**document, "measured": measured, "variants": {}}))
    page = ladders_page(own_course)
    assert "The reference was measured on 0 seeds." in page
    assert "default Adam" in page
    assert "Still open:\n\n- week01.line: expected measurements of " in page


def test_a_tasks_own_ladder_names_the_baselines_and_not_the_panel(own_course):
    folder = own_course.root / "grader_tests" / "calibration"
    folder.mkdir()
    measured = {
        "reference": {"role": "reference", "values": [0.1], "seconds": 12.4},
        "training mean": {"role": "does not learn", "values": [1.9]},
        "default Adam": {"role": "ordinary", "values": [0.3]},
    }
    document = {"check": "week01.line", "metric": "MAE", "thresholds": [1.8, 1.2, 0.8, 0.4, 0.2], "versions": {}}
    (folder / "week01.line.json").write_text(json.dumps({**document, "measured": measured, "variants": {}}))
    table = ladder_table(own_course, "week01.line")
    assert table.splitlines() == [
        "| points | MAE | measured here |",
        "|---|---|---|",
        "| 5 | at most 0.200 | reference 0.100 |",
        "| 4 | at most 0.400 |  |",
        "| 3 | at most 0.800 |  |",
        "| 2 | at most 1.200 |  |",
        "| 1 | at most 1.800 |  |",
        "| 0 |  | training mean 1.900 |",
    ]


@pytest.mark.parametrize(("seconds", "ours"), [(12.4, "; ours takes about 12 s"), (0.2, "; ours takes about 1 s")])
def test_a_training_of_the_learners_own_has_its_budget_below_the_ladder(edit, own_course, seconds, ours):
    folder = own_course.root / "grader_tests" / "calibration"
    folder.mkdir()
    edit("grader_tests/week01.py", "Split, FixedBudget,", "Split, OwnTraining,")
    old = 'FixedBudget(output=Output("value"), epochs=30, max_parameters=100)'
    course = edit("grader_tests/week01.py", old, 'OwnTraining(output=Output("value"), budget=90.0)')
    measured = {"reference": {"role": "reference", "values": [0.1], "seconds": seconds}}
    document = {"check": "week01.line", "metric": "MAE", "thresholds": [1.8, 1.2, 0.8, 0.4, 0.2], "versions": {}}
    (folder / "week01.line.json").write_text(json.dumps({**document, "measured": measured, "variants": {}}))
    assert ladder_table(course, "week01.line").endswith(f"\n\nYour training may take 90 s of one core{ours}.")


def test_without_a_measurement_only_the_budget_is_told(edit):
    edit("grader_tests/week01.py", "Split, FixedBudget,", "Split, OwnTraining,")
    old = 'FixedBudget(output=Output("value"), epochs=30, max_parameters=100)'
    course = edit("grader_tests/week01.py", old, 'OwnTraining(output=Output("value"), budget=90.0)')
    assert ladder_table(course, "week01.line").endswith("\n\nYour training may take 90 s of one core.")
