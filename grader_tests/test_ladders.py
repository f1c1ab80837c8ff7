"""Every ladder keeps its rules on what was measured, and a sample is measured anew."""

import json
from itertools import pairwise

import pytest

from tfcourse.checks import ModelCheck
from tfcourse.checks.calibration import REFERENCE, measure_once, read_calibration, rule_problems, write_calibration
from tfcourse.checks.registry import checks_of, exam_problems
from tfcourse.course import find_course

COURSE = find_course()
FOLDER = COURSE.checks_folder / "calibration"
MODEL_CHECKS = [check for week in COURSE.weeks for check in checks_of(COURSE, week.id) if isinstance(check, ModelCheck)]
EXAM_PROBLEMS = list(exam_problems(COURSE))
LADDERS = [*MODEL_CHECKS, *EXAM_PROBLEMS]
PENDING = frozenset(
    {
        "week02.sources_model",
        "week04.gearbox_model",
        "week06.leaves_cnn",
        "week07.handwriting_cnn",
        "week05.signs_cnn",
        "week08.grounds_model",
        "week09.reviews_model",
        "week10.tickets_model",
        "week11.bookings_model",
        "week12.log_model",
        "week15.tide_forecaster",
        "exam.weaves",
        "exam.blood_cells",
        "exam.cracks",
        "exam.sick_leaves",
        "exam.cracked_walls",
        "exam.fingers",
        "exam.accidents",
        "exam.pilot_boat",
        "exam.complaints",
        "exam.sumps",
        "exam.rivers",
        "exam.wind_farms",
    }
)
"""Checks whose panel is still to be written, or to be measured on all its seeds: the rules hold for what there is."""
OF_THE_WEEKS = [
    pytest.param(check, name, marks=pytest.mark.sampled)
    for check in MODEL_CHECKS
    for name in (REFERENCE, *(baseline.name for baseline in check.baselines))
]
OF_THE_EXAM = [
    pytest.param(check, name, marks=pytest.mark.everything)
    for check in EXAM_PROBLEMS
    for name in (REFERENCE, *(baseline.name for baseline in check.baselines))
]


def by_id(value):
    return value.id if isinstance(value, ModelCheck) else str(value)


def test_every_week_has_a_model_check():
    assert {check.week for check in MODEL_CHECKS} == {week.id for week in COURSE.weeks}


@pytest.mark.parametrize("check", LADDERS, ids=by_id)
def test_the_ladder_keeps_its_rules(check):
    calibration = read_calibration(FOLDER / f"{check.id}.json")
    assert rule_problems(check, calibration, complete=check.id not in PENDING) == []


def test_a_check_is_pending_only_as_long_as_something_is_missing():
    complete = {
        check.id for check in LADDERS if not rule_problems(check, read_calibration(FOLDER / f"{check.id}.json"))
    }
    assert not complete & PENDING


@pytest.mark.parametrize("check", LADDERS, ids=by_id)
def test_the_committed_summary_follows_from_the_committed_values(check, tmp_path):
    committed = FOLDER / f"{check.id}.json"
    again = write_calibration(check.ladder, read_calibration(committed), tmp_path)
    assert json.loads(again.read_text()) == json.loads(committed.read_text())


@pytest.mark.slow
@pytest.mark.parametrize(("check", "name"), [*OF_THE_WEEKS, *OF_THE_EXAM], ids=by_id)
def test_a_sample_measured_anew_agrees(check, name):
    """Another processor changes last digits, and training carries them on: half a rung is the bound."""
    committed = read_calibration(FOLDER / f"{check.id}.json").measured[name].values[0]
    half_a_rung = min(abs(b - a) for a, b in pairwise(check.ladder.thresholds)) / 2
    assert measure_once(check, 0, name) == pytest.approx(committed, abs=half_a_rung)
