"""The four rules of a ladder, each broken once on purpose; and what is written of a measurement."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from tfcourse.checks import (
    Baseline,
    Ladder,
    ModelCheck,
    Output,
    Split,
    TrainModel,
    accuracy,
    baselines,
    mean_absolute_error,
)
from tfcourse.checks.calibration import (
    FEWEST_SEEDS,
    Calibration,
    Measured,
    calibration_seed,
    draw_calibration,
    false_accepts,
    false_rejects,
    measure,
    measure_once,
    read_calibration,
    read_landmarks,
    rule_problems,
    upper_bound,
    with_ladder,
    write_calibration,
)
from tfcourse.errors import CourseError, InvalidCurriculum

LADDER = Ladder(accuracy, (0.3, 0.5, 0.7, 0.8, 0.9))


def never(task):
    raise AssertionError("no test of rules predicts")


CHECK = ModelCheck(
    id="week01.line",
    title="A line",
    skills=("B1",),
    hints=("One.", "Two."),
    reference=lambda: None,
    data=lambda seed: never(None),
    training=TrainModel(Output("probability"), epochs=1),
    ladder=LADDER,
    baselines=(Baseline("majority class", "does not learn", never), Baseline("logistic regression", "simple", never)),
    advice=("0", "1", "2", "3", "4", "5"),
)


def calibration(**changed):
    """Return measurements that keep every rule, but for what is changed."""
    wave = tuple(0.01 * math.sin(index) for index in range(FEWEST_SEEDS))
    measured = {
        "reference": Measured("reference", tuple(0.95 + value for value in wave)),
        "majority class": Measured("does not learn", tuple(0.35 + value for value in wave)),
        "logistic regression": Measured("simple", tuple(0.6 + value for value in wave)),
    }
    measured |= changed.pop("measured", {})
    return replace(Calibration("week01.line", "accuracy", LADDER.thresholds, measured), **changed)


def problem_of(measurements, check=CHECK):
    problems = rule_problems(check, measurements)
    assert len(problems) == 1, problems
    return problems[0]


def test_a_good_ladder_keeps_all_rules():
    assert rule_problems(CHECK, calibration()) == []


def test_rule_1_what_does_not_learn_gets_at_most_one_point():
    lucky = (0.5, *[0.35] * (FEWEST_SEEDS - 1))
    problem = problem_of(calibration(measured={"majority class": Measured("does not learn", lucky)}))
    assert problem == "week01.line: expected at most 1 points for 'majority class', found 2 (1 of 30 seeds)."


def test_rule_2_what_is_simple_gets_at_most_three():
    lucky = (0.81, 0.82, *[0.6] * (FEWEST_SEEDS - 2))
    problem = problem_of(calibration(measured={"logistic regression": Measured("simple", lucky)}))
    assert problem == "week01.line: expected at most 3 points for 'logistic regression', found 4 (2 of 30 seeds)."


def test_rule_3_the_reference_gets_five_on_every_seed():
    values = (0.89, *[0.95] * (FEWEST_SEEDS - 1))
    problem = problem_of(calibration(measured={"reference": Measured("reference", values)}))
    assert "expected 5 points for the reference, found fewer on 1 of 30 seeds" in problem


def test_rule_3_holds_with_room_for_seeds_that_were_not_measured():
    values = tuple(0.901 + 0.01 * (index % 2) for index in range(FEWEST_SEEDS))
    problem = problem_of(calibration(measured={"reference": Measured("reference", values)}))
    assert "the last threshold at least 2.326 standard deviations" in problem


def test_rule_4_rungs_stand_two_standard_deviations_apart():
    ladder = Ladder(accuracy, (0.3, 0.5, 0.7, 0.89, 0.9))
    check = replace(CHECK, ladder=ladder)
    problem = problem_of(with_ladder(calibration(), ladder), check)
    assert "rungs at least 2 standard deviations apart" in problem
    assert "between 0.89 and 0.9" in problem


def test_too_few_seeds():
    few = {name: replace(found, values=found.values[:10]) for name, found in calibration().measured.items()}
    assert "expected at least 30 seeds, found 10" in problem_of(calibration(measured=few))


def test_measurements_of_an_older_ladder():
    assert "found one of (0.1, 0.2, 0.3, 0.4, 0.5)" in problem_of(calibration(thresholds=(0.1, 0.2, 0.3, 0.4, 0.5)))


def test_a_baseline_that_was_not_measured():
    check = replace(CHECK, baselines=(*CHECK.baselines, Baseline("untrained network", "does not learn", never)))
    assert "untrained network" in problem_of(calibration(), check)


@pytest.mark.parametrize(
    ("left_out", "missing"),
    [
        ("majority class", "at least one baseline that does not learn"),
        ("logistic regression", "at least one simple baseline"),
    ],
)
def test_both_kinds_of_baseline_are_wanted(left_out, missing):
    check = replace(CHECK, baselines=tuple(b for b in CHECK.baselines if b.name != left_out))
    measured = {name: found for name, found in calibration().measured.items() if name != left_out}
    assert missing in problem_of(replace(calibration(), measured=measured), check)


def test_wrong_rejects_and_accepts_are_counted():
    values = (0.95, 0.85, 0.95)
    assert false_rejects(LADDER, Measured("reference", values)) == 1
    assert false_accepts(LADDER, Measured("simple", values)) == 3
    assert false_accepts(LADDER, Measured("does not learn", (0.2, 0.35, 0.5))) == 1
    assert false_accepts(LADDER, Measured("reference", values)) == 0


@pytest.mark.parametrize(
    ("count", "total", "bound"), [(0, 30, 0.1157), (1, 30, 0.1722), (30, 30, 1.0), (0, 100, 0.0362)]
)
def test_the_exact_bound_of_a_rate(count, total, bound):
    """From published tables of Clopper and Pearson's interval."""
    assert upper_bound(count, total) == pytest.approx(bound, abs=2e-4)


def test_mean_and_deviation():
    assert Measured("simple", (1.0, 2.0, 3.0)).mean == 2.0
    assert Measured("simple", (1.0, 2.0, 3.0)).sd == 1.0
    assert Measured("simple", (1.0,)).sd == 0.0


def test_what_is_written_can_be_read(tmp_path):
    found = calibration(
        variants={"AVX2": (0.95, 0.85)}, versions={"keras": "3"}, reference_seconds=1.5, thresholds=LADDER.thresholds
    )
    path = write_calibration(LADDER, found, tmp_path / "new")
    assert read_calibration(path) == found
    summary = json.loads(path.read_text())["summary"]
    assert summary["reference"]["false_reject"] == {"count": 0, "rate": 0.0, "upper_95": 0.1157}
    assert summary["majority class"]["points"] == [1] * FEWEST_SEEDS
    assert summary["variants"]["AVX2"]["points_moved"] == 1


def test_landmarks_are_the_means(tmp_path):
    path = write_calibration(LADDER, calibration(), tmp_path)
    assert read_landmarks(path)["majority class"] == pytest.approx(0.35, abs=0.01)
    assert read_landmarks(tmp_path / "none.json") == {}


def test_measurements_that_are_missing_are_a_message(tmp_path):
    with pytest.raises(CourseError, match=r"week01\.line\.json; found none\. Run: tfcourse calibrate week01\.line"):
        read_calibration(tmp_path / "week01.line.json")


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"measured": 3}'])
def test_measurements_that_are_damaged_are_a_message(tmp_path, text):
    (tmp_path / "week01.line.json").write_text(text)
    with pytest.raises(InvalidCurriculum, match=r"week01\.line\.json: expected measurements"):
        read_landmarks(tmp_path / "week01.line.json")


def test_the_drawing_is_a_picture(tmp_path):
    draw_calibration(LADDER, calibration(), tmp_path / "drawn.png")
    assert (tmp_path / "drawn.png").read_bytes().startswith(b"\x89PNG")


def test_seeds_of_a_calibration_are_its_own():
    seeds = {calibration_seed(check, index) for check in ("week01.a", "week01.b") for index in range(50)}
    assert len(seeds) == 100
    assert min(seed.bit_length() for seed in seeds) > 200


@pytest.mark.slow
def test_measuring_repeats_and_reports_its_progress(capfd):
    import keras

    def data(seed):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(60, 3)).astype("float32")
        y = (x @ np.array([1, 2, -1], "float32")).astype("float32")
        return Split(x[:40], y[:40], x[40:], y[40:])

    def build_model():
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
        model.compile(loss="mae")
        return model

    check = replace(
        CHECK,
        reference=build_model,
        data=data,
        training=TrainModel(Output("value"), epochs=1),
        ladder=Ladder(mean_absolute_error, (9.0, 7.0, 5.0, 3.0, 1.0)),
        baselines=(baselines.mean(), baselines.linear()),
    )
    seen = []
    capfd.readouterr()  # what importing Keras said above
    found = measure(check, seeds=2, variant_seeds=0, progress=lambda *step: seen.append(step))
    assert seen == [
        ("reference", 1, 6),
        ("training mean", 2, 6),
        ("linear regression", 3, 6),
        ("reference", 4, 6),
        ("training mean", 5, 6),
        ("linear regression", 6, 6),
    ]
    assert found.seeds == 2
    assert found.measured["linear regression"].role == "simple"
    assert found.measured["linear regression"].mean < 1e-5
    assert measure_once(check, 1, "reference") == found.measured["reference"].values[1]
    assert capfd.readouterr() == ("", "")
