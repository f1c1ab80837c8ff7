"""The page of ladders: thresholds, and who was measured where."""

import json

from tfcourse.reports.ladders import ladders_page


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
        "reference": {"role": "reference", "values": [0.1, 0.1, 0.3, 0.1]},
        "training mean": {"role": "does not learn", "values": [1.9, 1.9, 1.1, 1.9]},
        "a line": {"role": "simple", "values": [0.9, 0.9, 0.9, 0.9]},
    }
    document = {"check": "week01.line", "metric": "MAE", "thresholds": [1.8, 1.2, 0.8, 0.4, 0.2], "versions": {}}
    document |= {"measured": measured, "variants": {"AVX2": [0.1, 0.25]}, "reference_seconds": 1}
    (folder / "week01.line.json").write_text(json.dumps(document))
    page = ladders_page(own_course)
    assert "Measured on 4 seeds." in page
    assert "| reference | 5 | 0.1500 | 0.1000 | 4 to 5 | 1 of 4 | 80.6% |" in page
    assert "| training mean | at most 1 | 1.7000 | 0.4000 | 0 to 2 | 1 of 4 | 80.6% |" in page
    assert "| a line | at most 3 | 0.9000 | 0.0000 | 2 | 0 of 4 | 60.2% |" in page
    assert "Reference with AVX2: points differ on 1 of 2 seeds." in page
