"""The six rules of a ladder, each broken once on purpose; and what is written of a measurement."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from lazily import keras, layers

from tfcourse.checks import (
    Advice,
    Baseline,
    ExamProblem,
    FileModel,
    FixedBudget,
    Ladder,
    ModelCheck,
    Output,
    OwnTraining,
    Split,
    accuracy,
    baselines,
    mean_absolute_error,
    mistake,
    ordinary,
    rival,
)
from tfcourse.checks.calibration import (
    FEWEST_EXAM_SEEDS,
    FEWEST_SEEDS,
    PANEL_EXAM_SEEDS,
    PANEL_SEEDS,
    VARIANTS,
    Calibration,
    Measured,
    allowed_points,
    calibration_seed,
    draw_calibration,
    false_accepts,
    false_rejects,
    landmarks,
    measure,
    measure_once,
    measure_seed,
    predictors,
    read_calibration,
    rule_problems,
    upper_bound,
    with_ladder,
    write_calibration,
)
from tfcourse.checks.registry import find_check
from tfcourse.errors import CourseError, InvalidCurriculum, LearnerMistake, NotFinite, UnknownName, WrongKind

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
    training=FixedBudget(Output("probability"), epochs=1),
    ladder=LADDER,
    baselines=(Baseline("majority class", "does not learn", never), Baseline("logistic regression", "simple", never)),
    panel=(
        ordinary("as in the lesson", never),
        ordinary("dropout 0.5", never),
        ordinary("default Adam", never),
        mistake("raw pixels", never),
        rival("no recurrence", never, "B1"),
    ),
    advice=(Advice("Go on."),),
)
EXAM = ExamProblem(
    id="exam.line",
    title="A line",
    kind="basic",
    skills=("B1",),
    reference=never,
    data=lambda seed: never(None),
    training=FileModel(Output("probability")),
    ladder=LADDER,
    baselines=CHECK.baselines,
    panel=CHECK.panel,
    advice=CHECK.advice,
)


def calibration(**changed):
    """Return measurements that keep every rule, but for what is changed."""
    wave = tuple(0.01 * math.sin(index) for index in range(FEWEST_SEEDS))
    few = wave[:PANEL_SEEDS]
    measured = {
        "reference": Measured("reference", tuple(0.95 + value for value in wave), 1.5),
        "majority class": Measured("does not learn", tuple(0.35 + value for value in wave)),
        "logistic regression": Measured("simple", tuple(0.6 + value for value in wave)),
        "as in the lesson": Measured("ordinary", tuple(0.93 + value for value in few)),
        "dropout 0.5": Measured("ordinary", tuple(0.85 + value for value in few)),
        "default Adam": Measured("ordinary", tuple(0.85 + value for value in few)),
        "raw pixels": Measured("mistake", tuple(0.4 + value for value in few)),
        "no recurrence": Measured("rival", tuple(0.75 + value for value in few)),
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
    high = {name: Measured("ordinary", (0.95,) * PANEL_SEEDS) for name in ("dropout 0.5", "default Adam")}
    problem = problem_of(with_ladder(calibration(measured=high), ladder), check)
    assert "rungs at least 2 standard deviations apart" in problem
    assert "between 0.89 and 0.9" in problem


# ---------------------------------------------------------------------------- the panel


def panel_of(name, values):
    role = calibration().measured[name].role
    return calibration(measured={name: Measured(role, tuple(values))})


def test_rule_5_an_ordinary_solution_gets_at_least_four_on_nine_of_ten_seeds():
    assert rule_problems(CHECK, panel_of("dropout 0.5", [0.6, *[0.85] * 9])) == []
    problem = problem_of(panel_of("dropout 0.5", [0.6, 0.75, *[0.85] * 8]))
    assert problem == "week01.line: expected at least 4 points for 'dropout 0.5', found 2 3 4 4 4 4 4 4 4 4."


@pytest.mark.parametrize("name", ["raw pixels", "no recurrence"])
def test_rule_6_a_mistake_and_a_rival_get_at_most_three_on_nine_of_ten_seeds(name):
    assert rule_problems(CHECK, panel_of(name, [0.95, *[0.75] * 9])) == []
    problem = problem_of(panel_of(name, [0.95, 0.85, *[0.75] * 8]))
    assert problem == f"week01.line: expected at most 3 points for '{name}', found 5 4 3 3 3 3 3 3 3 3."


def test_where_a_calibration_is_not_complete_the_rules_hold_for_what_there_is():
    whole = calibration()
    part = replace(whole, measured={name: whole.measured[name] for name in ("reference", "raw pixels")})
    assert "expected measurements of" in problem_of(part)
    assert rule_problems(CHECK, part, complete=False) == []
    high = replace(whole.measured["raw pixels"], values=(0.95, 0.95))
    broken = replace(part, measured={**part.measured, "raw pixels": high})
    assert "at most 3 points for 'raw pixels'" in rule_problems(CHECK, broken, complete=False)[0]
    without = replace(part, measured={"raw pixels": whole.measured["raw pixels"]})
    assert "expected measurements of" in rule_problems(CHECK, without, complete=False)[0]


def test_a_training_that_diverged_is_worth_no_point():
    assert rule_problems(CHECK, panel_of("raw pixels", [math.nan] * PANEL_SEEDS)) == []
    assert "at least 4 points for 'dropout 0.5'" in problem_of(panel_of("dropout 0.5", [math.nan] * PANEL_SEEDS))


def exam_calibration(**changed):
    """Return measurements of an exam problem, which asks for fewer seeds."""
    few = {
        name: replace(
            found, values=found.values[: FEWEST_EXAM_SEEDS if len(found.values) > PANEL_SEEDS else PANEL_EXAM_SEEDS]
        )
        for name, found in calibration().measured.items()
    }
    return replace(calibration(measured=few | changed), check_id="exam.line")


def test_in_an_exam_no_seed_may_miss_its_rule():
    assert rule_problems(EXAM, exam_calibration()) == []
    missed = exam_calibration(**{"dropout 0.5": Measured("ordinary", (0.6, 0.85, 0.85, 0.85, 0.85))})
    assert "at least 4 points for 'dropout 0.5', found 2 4 4 4 4" in problem_of(missed, EXAM)
    missed = exam_calibration(**{"no recurrence": Measured("rival", (0.85, 0.7, 0.7, 0.7, 0.7))})
    assert "at most 3 points for 'no recurrence', found 4 3 3 3 3" in problem_of(missed, EXAM)


@pytest.mark.parametrize(
    ("left_out", "missing"),
    [
        (["majority class"], "at least one baseline of the kind 'does not learn', found none"),
        (["logistic regression"], "at least one baseline of the kind 'simple', found none"),
        (["default Adam"], "at least 3 ordinary solutions, found 2"),
        (["raw pixels", "no recurrence"], "at least one mistake or rival, found none"),
    ],
)
def test_every_kind_of_predictor_is_wanted(left_out, missing):
    check = replace(
        CHECK,
        baselines=tuple(each for each in CHECK.baselines if each.name not in left_out),
        panel=tuple(each for each in CHECK.panel if each.name not in left_out),
    )
    measured = {name: found for name, found in calibration().measured.items() if name not in left_out}
    assert missing in problem_of(replace(calibration(), measured=measured), check)


def test_a_mistake_alone_or_a_rival_alone_is_enough():
    for left_out in ("raw pixels", "no recurrence"):
        check = replace(CHECK, panel=tuple(each for each in CHECK.panel if each.name != left_out))
        measured = {name: found for name, found in calibration().measured.items() if name != left_out}
        assert rule_problems(check, replace(calibration(), measured=measured)) == []


def test_the_budget_of_own_training_is_four_times_the_references():
    check = replace(CHECK, training=OwnTraining(Output("probability"), budget=6.0))
    assert rule_problems(check, calibration()) == []
    problem = problem_of(calibration(), replace(CHECK, training=OwnTraining(Output("probability"), budget=5.0)))
    assert "expected a budget of at least 6 s, 4 times what the reference takes, found 5 s" in problem


@pytest.mark.parametrize(
    ("role", "points"),
    [
        ("reference", (5, 5)),
        ("ordinary", (4, 5)),
        ("simple", (0, 3)),
        ("mistake", (0, 3)),
        ("rival", (0, 3)),
        ("does not learn", (0, 1)),
    ],
)
def test_what_each_role_may_get(role, points):
    assert allowed_points(role) == points


def test_the_reference_is_measured_first_and_the_panel_on_fewer_seeds():
    found = [(each.name, each.role, each.seeds) for each in predictors(CHECK)]
    assert found == [
        ("reference", "reference", FEWEST_SEEDS),
        ("majority class", "does not learn", FEWEST_SEEDS),
        ("logistic regression", "simple", FEWEST_SEEDS),
        ("as in the lesson", "ordinary", PANEL_SEEDS),
        ("dropout 0.5", "ordinary", PANEL_SEEDS),
        ("default Adam", "ordinary", PANEL_SEEDS),
        ("raw pixels", "mistake", PANEL_SEEDS),
        ("no recurrence", "rival", PANEL_SEEDS),
    ]
    assert {each.seeds for each in predictors(EXAM)} == {FEWEST_EXAM_SEEDS, PANEL_EXAM_SEEDS}
    assert {each.seeds for each in predictors(CHECK, seeds=4)} == {4}
    assert {each.seeds for each in predictors(CHECK, seeds=50)} == {50, PANEL_SEEDS}


def test_a_rival_names_the_skills_that_it_does_without():
    assert rival("no recurrence", never, "N1", "N2").without == ("N1", "N2")
    assert (ordinary("a", never).kind, mistake("a", never).kind) == ("ordinary", "mistake")


# ---------------------------------------------------------------------------- what was measured


def test_too_few_seeds():
    few = {"reference": replace(calibration().measured["reference"], values=(0.95,) * 10)}
    assert "expected at least 30 seeds of 'reference', found 10" in problem_of(calibration(measured=few))
    few = {"raw pixels": replace(calibration().measured["raw pixels"], values=(0.4,) * 9)}
    assert "expected at least 10 seeds of 'raw pixels', found 9" in problem_of(calibration(measured=few))


def test_what_was_measured_as_something_else():
    other = {"raw pixels": replace(calibration().measured["raw pixels"], role="ordinary")}
    assert "expected 'raw pixels' measured as 'mistake', found 'ordinary'" in problem_of(calibration(measured=other))


def test_measurements_of_an_older_ladder():
    assert "found one of (0.1, 0.2, 0.3, 0.4, 0.5)" in problem_of(calibration(thresholds=(0.1, 0.2, 0.3, 0.4, 0.5)))


def test_a_baseline_that_was_not_measured():
    check = replace(CHECK, baselines=(*CHECK.baselines, Baseline("untrained network", "does not learn", never)))
    assert "untrained network" in problem_of(calibration(), check)


def test_wrong_rejects_and_accepts_are_counted():
    values = (0.95, 0.85, 0.95)
    assert false_rejects(LADDER, Measured("reference", values)) == 1
    assert false_accepts(LADDER, Measured("simple", values)) == 3
    assert false_accepts(LADDER, Measured("does not learn", (0.2, 0.35, 0.5))) == 1
    # Of a role that has a least number of points, those below it.
    assert false_accepts(LADDER, Measured("reference", values)) == 1
    assert false_accepts(LADDER, Measured("ordinary", (0.95, 0.85, 0.75))) == 1
    assert false_accepts(LADDER, Measured("rival", (0.95, 0.75, 0.2))) == 1


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
    diverged = Measured("mistake", (1.0, math.nan, 3.0))
    assert (diverged.mean, diverged.sd) == (2.0, pytest.approx(2**0.5))
    assert math.isnan(Measured("mistake", (math.nan,)).mean)


def test_what_is_written_can_be_read(tmp_path):
    found = calibration(variants={"AVX2": (0.95, 0.85)}, versions={"keras": "3"})
    path = write_calibration(LADDER, found, tmp_path / "new")
    assert read_calibration(path) == found
    document = json.loads(path.read_text())
    assert document["seeds"] == FEWEST_SEEDS
    assert document["measured"]["reference"]["seconds"] == 1.5
    summary = document["summary"]
    assert summary["reference"]["false_reject"] == {"count": 0, "rate": 0.0, "upper_95": 0.1157}
    assert summary["dropout 0.5"]["false_reject"]["count"] == 0
    assert summary["no recurrence"]["false_accept"] == {"count": 0, "rate": 0.0, "upper_95": 0.3085}
    assert summary["majority class"]["points"] == [1] * FEWEST_SEEDS
    assert summary["variants"]["AVX2"]["points_moved"] == 1


def test_a_training_that_diverged_is_written_as_json_has_it(tmp_path):
    found = panel_of("raw pixels", [math.nan, 0.4] * 5)
    path = write_calibration(LADDER, found, tmp_path)
    assert "NaN" not in path.read_text()
    values = read_calibration(path).measured["raw pixels"].values
    assert math.isnan(values[0])
    assert values[1] == 0.4
    assert json.loads(path.read_text())["summary"]["raw pixels"]["points"] == [0, 1] * 5


def test_what_was_measured_without_the_reference_can_be_written_and_drawn(tmp_path):
    """`tfcourse calibrate --only rival`, of a check that was not measured before."""
    only = {"no recurrence": calibration().measured["no recurrence"]}
    found = replace(calibration(variants={"AVX2": (0.9,)}), measured=only)
    assert found.seeds == 0
    assert read_calibration(write_calibration(LADDER, found, tmp_path)) == found
    draw_calibration(LADDER, found, tmp_path / "drawn.png")
    assert "expected measurements of" in problem_of(found)


def test_landmarks_are_the_means_of_the_reference_and_the_baselines():
    found = landmarks(panel_of("raw pixels", [math.nan] * 10))
    assert list(found) == ["reference", "majority class", "logistic regression"]
    assert found["majority class"] == pytest.approx(0.35, abs=0.01)


def test_measurements_that_are_missing_are_a_message(tmp_path):
    with pytest.raises(CourseError, match=r"week01\.line\.json; found none\. Run: tfcourse calibrate week01\.line"):
        read_calibration(tmp_path / "week01.line.json")


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"measured": 3}'])
def test_measurements_that_are_damaged_are_a_message(tmp_path, text):
    (tmp_path / "week01.line.json").write_text(text)
    with pytest.raises(InvalidCurriculum, match=r"week01\.line\.json: expected measurements"):
        read_calibration(tmp_path / "week01.line.json")


def test_the_drawing_is_a_picture(tmp_path):
    draw_calibration(LADDER, panel_of("raw pixels", [math.nan] * 10), tmp_path / "drawn.png")
    assert (tmp_path / "drawn.png").read_bytes().startswith(b"\x89PNG")


def test_seeds_of_a_calibration_are_its_own():
    seeds = {calibration_seed(check, index) for check in ("week01.a", "week01.b") for index in range(50)}
    assert len(seeds) == 100
    assert min(seed.bit_length() for seed in seeds) > 200


# ---------------------------------------------------------------------------- measuring


def line_data(seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(60, 3)).astype("float32")
    y = (x @ np.array([1, 2, -1], "float32")).astype("float32")
    rows = "\n".join(",".join(map(str, [*row, target])) for row, target in zip(x[:40], y[:40], strict=True))
    return Split(x[:40], y[:40], x[40:], y[40:], files={"rows.csv": rows.encode()})


def line(rate=0.1):
    model = keras.Sequential([keras.Input((3,)), layers.Dense(1)])
    model.compile(loss="mae", optimizer=keras.optimizers.SGD(rate))
    return model


def train_line(x_train, y_train, epochs=3):
    model = line()
    model.fit(x_train, y_train, epochs=epochs, verbose=0)
    return model


def exam_reference(folder):
    rows = np.loadtxt(folder / "data" / "rows.csv", delimiter=",", dtype="float32")
    return train_line(rows[:, :3], rows[:, 3])


MEASURED = replace(
    CHECK,
    reference=line,
    data=line_data,
    training=FixedBudget(Output("value"), epochs=3),
    ladder=Ladder(mean_absolute_error, (9.0, 7.0, 5.0, 3.0, 1.0)),
    baselines=(baselines.mean(), baselines.linear()),
    panel=(ordinary("slower", lambda: line(0.01)), rival("another rate", lambda: line(0.5), "B1")),
)


@pytest.mark.slow
def test_measuring_a_seed_repeats_and_says_nothing(capfd):
    names = ["reference", "training mean", "linear regression", "slower"]
    line()  # importing Keras is not quiet
    capfd.readouterr()
    found = dict(measure_seed(MEASURED, 1, names))
    assert list(found) == names
    assert found["linear regression"][0] < 1e-5
    assert found["reference"][0] != found["slower"][0]
    assert all(seconds >= 0 for _, seconds in found.values())
    for name in names:
        assert measure_once(MEASURED, 1, name) == found[name][0]
        assert name == "linear regression" or measure_once(MEASURED, 2, name) != found[name][0]
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_the_reference_is_measured_as_a_submission_is_graded():
    """… by the same steps, from the same seeds: what is calibrated is what learners get."""
    from tfcourse.checks.asking import ask_here
    from tfcourse.examiner.paper import Question

    question = Question.draw(MEASURED, calibration_seed(MEASURED.id, 3))
    response = MEASURED.training.respond(line, question.task)
    _, score = question.judge(response, ask_here, reveal=False)
    assert measure_once(MEASURED, 3, "reference") == round(score.value, 6)


@pytest.mark.slow
def test_a_training_of_the_learners_own_is_measured():
    check = replace(
        MEASURED,
        reference=train_line,
        training=OwnTraining(Output("value"), budget=60.0),
        panel=(ordinary("longer", lambda x, y: train_line(x, y, 30)),),
    )
    found = dict(measure_seed(check, 0, ["reference", "longer"]))
    assert found["longer"][0] < found["reference"][0]
    assert measure_once(check, 0, "reference") == found["reference"][0]


@pytest.mark.slow
def test_an_exam_problem_is_measured_from_its_files():
    check = replace(
        EXAM,
        reference=exam_reference,
        data=line_data,
        training=FileModel(Output("value")),
        ladder=MEASURED.ladder,
        panel=(ordinary("longer", lambda split: train_line(split.x_train, split.y_train, 30)),),
    )
    found = dict(measure_seed(check, 0, ["reference", "longer"]))
    assert found["longer"][0] < found["reference"][0]
    assert measure_once(check, 0, "reference") == found["reference"][0]


@pytest.mark.slow
def test_a_member_of_the_panel_may_diverge_and_the_reference_may_not():
    check = replace(MEASURED, panel=(mistake("a huge rate", lambda: line(math.inf)),), reference=lambda: line(math.inf))
    assert math.isnan(measure_once(check, 0, "a huge rate"))
    with pytest.raises(NotFinite):
        measure_once(check, 0, "reference")


@pytest.mark.slow
def test_a_rival_may_be_refused_for_its_kind_and_others_may_not():
    wanted = replace(MEASURED.training, one_of=("LSTM",))
    panel = (rival("a line", lambda: line(0.1)), mistake("another line", lambda: line(0.1)))
    check = replace(MEASURED, training=wanted, panel=panel)
    assert math.isnan(measure_once(check, 0, "a line"))
    for name in ("another line", "reference"):
        with pytest.raises(WrongKind):
            measure_once(check, 0, name)


@pytest.mark.slow
def test_a_member_of_the_panel_that_cannot_be_scored_at_all_is_a_defect():
    def two_units():
        model = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
        model.compile(loss="mae")
        return model

    check = replace(MEASURED, panel=(rival("two units", two_units),))
    with pytest.raises(LearnerMistake, match="Expected predictions of shape"):
        measure_once(check, 0, "two units")
    check = replace(
        MEASURED, training=OwnTraining(Output("value"), budget=0.5), panel=(ordinary("endless", endless_training),)
    )
    with pytest.raises(LearnerMistake, match="was still running"):
        measure_once(check, 0, "endless")


def endless_training(x_train, y_train):
    while True:
        pass


PANEL = """
        panel=(ordinary("slow", slow), rival("constant", constant, "B1"), mistake("huge rate", huge)),
        advice="""
SOLUTIONS = """
def line_of(rate, **options):
    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, **options)])
    model.compile(loss="mae", optimizer=keras.optimizers.SGD(rate))
    return model


def slow():
    return line_of(0.001)


def constant():
    return line_of(0.0, kernel_initializer="zeros")


def huge():
    return line_of(float("inf"))


CHECKS = (
"""


@pytest.fixture
def measured_course(edit):
    """A mini course whose model check has a panel; measuring runs in processes, which find it by its id."""
    edit(
        "grader_tests/week01.py",
        "baselines, mean_absolute_error,",
        "baselines, mean_absolute_error, mistake, ordinary, rival,",
    )
    edit("grader_tests/week01.py", "\n        advice=", PANEL)
    return edit("grader_tests/week01.py", "CHECKS = (\n", SOLUTIONS.lstrip())


@pytest.mark.slow
def test_measuring_in_processes_reports_its_progress_and_keeps_what_was_measured(measured_course, capfd, monkeypatch):
    # Each variant has a process of its own, and the next test has both of them.
    monkeypatch.delitem(VARIANTS, "AVX2")
    check = find_check(measured_course, "week01.line")
    steps = []
    found = measure(check, seeds=2, variant_seeds=1, workers=2, progress=lambda *step: steps.append(step))
    assert [done for _, _, done, _ in steps] == [6, 12, 13]
    assert {total for *_, total in steps} == {13}
    assert steps[-1][1] == "oneDNN off"
    assert list(found.measured) == [
        "reference",
        "training mean",
        "moving average of 2",
        "slow",
        "constant",
        "huge rate",
    ]
    assert {name: each.role for name, each in found.measured.items()}["constant"] == "rival"
    assert {len(each.values) for each in found.measured.values()} == {2}
    assert found.measured["reference"].seconds > 0
    assert all(map(math.isnan, found.measured["huge rate"].values))
    assert found.measured["reference"].values[1] == measure_once(check, 1, "reference")
    assert {name: len(values) for name, values in found.variants.items()} == {"oneDNN off": 1}
    assert found.versions["keras"]
    assert capfd.readouterr() == ("", "")

    # A part is measured anew; the rest stays.
    asked = []

    def measured(check_id, names, environment, workers):
        asked.append({index: list(each) for index, each in names.items()})
        return iter([(0, {"constant": (0.5, 1.0)})])

    monkeypatch.setattr("tfcourse.checks.calibration._measured_in_processes", measured)
    before = replace(found, measured={**found.measured, "gone": found.measured["slow"]})
    again = measure(check, only=["r*l"], seeds=1, before=before)
    assert asked == [{0: ["constant"]}]
    assert list(again.measured) == list(found.measured)
    assert {name: len(each.values) for name, each in again.measured.items() if len(each.values) == 1} == {"constant": 1}
    assert again.measured["reference"] == found.measured["reference"]
    assert again.variants == found.variants


def test_what_is_missing_is_added_to_what_was_measured(monkeypatch):
    asked = []

    def measured(check_id, names, environment, workers):
        asked.append({index: set(each) for index, each in names.items()})
        # Seeds end out of turn.
        return ((index, dict.fromkeys(names[index], (0.25 * index, 1.0))) for index in sorted(names, reverse=True))

    monkeypatch.setattr("tfcourse.checks.calibration._measured_in_processes", measured)
    names = {"reference", "dropout 0.5"}
    whole = {name: replace(each, values=each.values[:1]) for name, each in calibration().measured.items()}
    before = replace(calibration(), measured=whole, variants={"AVX2": (0.5,)})
    states = []
    found = measure(
        CHECK, only=[*names, "variants"], seeds=3, variant_seeds=2, before=before, missing=True,
        progress=lambda so_far, *_: states.append(so_far),
    )  # fmt: skip
    assert asked == [{1: names, 2: names}, {0: {"reference"}, 1: {"reference"}}, {1: {"reference"}}]
    first = whole["reference"].values
    assert found.measured["reference"].values == (*first, 0.25, 0.5)
    assert found.measured["default Adam"] == whole["default Adam"]
    assert found.variants == {"oneDNN off": (0.0, 0.25), "AVX2": (0.5, 0.25)}
    # What was measured out of turn waits for the seeds before it.
    assert [len(state.reference) for state in states] == [1, 3, 3, 3, 3]
    assert measure(CHECK, only=["reference"], seeds=3, before=found, missing=True).measured == found.measured


def test_what_is_measured_is_chosen_by_name_by_pattern_and_by_role(monkeypatch):
    asked = []

    def measured(check_id, names, environment, workers):
        asked.append(({name for each in names.values() for name in each}, dict(environment)))
        return ((index, dict.fromkeys(each, (0.5, 1.0))) for index, each in names.items())

    monkeypatch.setattr("tfcourse.checks.calibration._measured_in_processes", measured)

    def chosen(*only):
        asked.clear()
        measure(CHECK, only=only, seeds=1, variant_seeds=1)
        return asked[0][0]

    assert chosen("dropout 0.5") == {"dropout 0.5"}
    assert chosen("d*") == {"dropout 0.5", "default Adam", "majority class"}  # whose role is "does not learn"
    assert chosen("ordinary") == {"as in the lesson", "dropout 0.5", "default Adam"}
    assert chosen("rival", "mistake") == {"no recurrence", "raw pixels"}
    assert len(asked) == 1, "the imitated processors are left out"
    assert len(chosen()) == 8
    assert [environment for _, environment in asked[1:]] == [
        {"TF_ENABLE_ONEDNN_OPTS": "0"},
        {"ONEDNN_MAX_CPU_ISA": "AVX2"},
    ]
    found = measure(CHECK, only=["variants"], variant_seeds=3, before=calibration())
    assert {name: len(values) for name, values in found.variants.items()} == {"oneDNN off": 3, "AVX2": 3}
    assert found.measured == calibration().measured


def test_a_name_that_nothing_has_tells_those_that_there_are():
    with pytest.raises(UnknownName, match=r"Expected predictors of week01\.line: reference, .*, variants; found drop"):
        measure(CHECK, only=["drop"])
