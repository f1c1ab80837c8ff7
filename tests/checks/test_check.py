"""How responses become points."""

from dataclasses import replace

import numpy as np
import pytest

from tfcourse.checks import (
    Advice,
    CallFunction,
    FileModel,
    FixedBudget,
    Folder,
    FunctionCheck,
    Key,
    Ladder,
    ModelCheck,
    Outcome,
    Output,
    OwnTraining,
    Response,
    Split,
    accuracy,
    mean_absolute_error,
)
from tfcourse.checks.check import MOST_CONFUSIONS, MOST_SEEN
from tfcourse.checks.diagnosis import Facts, History, has, overfits
from tfcourse.checks.records import Problem, ProblemKind, digest_outputs

X = np.array([1.0, 2.0, 3.0])


def function_check(reference=lambda x: 2 * x, cases=((X,), (X + 1,), (X[:1],), (X[:0],)), **options):
    about = ("a vector", "another vector", "one number", "nothing")
    return FunctionCheck(
        id="week01.double",
        title="Double",
        points=options.pop("points", 2),
        skills=("B1",),
        hints=("Think.", "2 * x"),
        reference=reference,
        cases=lambda seed: list(zip(about, cases, strict=False)),
        **options,
    )


def drawn_with_first(check, about):
    """Draw from the first seed that puts a case in the first place."""
    return next(drawn for drawn in map(check.draw, range(100)) if drawn[1].about[0] == about)


def score_of(function, check=None, *, reveal=False):
    """Score what `function` gives, by way of the same calls that a learner's function goes through."""
    check = check or function_check()
    task, key = drawn_with_first(check, "a vector")
    outputs = tuple(check.calling.call(function, case) for case in task.cases)
    return check.score(Response(outputs=outputs), key, reveal=reveal)


# ---------------------------------------------------------------------------- functions


def test_the_reference_gets_everything():
    score = score_of(lambda x: 2 * x)
    assert (score.points, score.outcome, score.message) == (2, Outcome.RIGHT, "All 4 cases are right.")


def test_a_constant_gets_what_is_right_by_chance():
    score = score_of(lambda x: x)
    assert (score.points, score.outcome) == (0.5, Outcome.WRONG)
    assert "1 of 4 cases are right. The first that is not (a vector): the shape is right" in score.message


@pytest.mark.parametrize(
    ("points", "right", "expected"), [(2, 3, 1.5), (5, 1, 1.0), (5, 3, 3.5), (1, 1, 0.0), (3, 2, 1.5)]
)
def test_points_are_rounded_down_to_halves(points, right, expected):
    check = function_check(points=points)
    _, key = check.draw(0)
    wrong = ((np.array("x"),),) * (4 - right)
    assert check.score(Response(outputs=key.expected[:right] + wrong), key, reveal=False).points == expected


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: 2 * x[None], "expected shape (3,), found (1, 3)."),
        (lambda x: (x, x), "expected 1 array(s), found 2."),
        (lambda x: [], "expected 1 array(s), found 0."),
        (lambda x: [str(value) for value in x] or np.array([], str), "expected numbers, found text."),
        (lambda x: 2 * x + 1, "3 of 3 values differ."),
    ],
    ids=["shape", "two arrays", "no array", "text", "values"],
)
def test_what_differs_is_told(function, message):
    assert message in score_of(function).message


def test_values_of_the_key_are_shown_in_practice_only():
    hidden, shown = (score_of(lambda x: x + 1, reveal=reveal).message for reveal in (False, True))
    assert hidden.endswith("2 of 3 values differ.")
    assert shown.endswith("2 of 3 values differ; the first at [1]: expected 4, found 3.")


def test_text_is_compared_as_text():
    check = function_check(reference=lambda x: ["a", "b"], cases=((X,),))
    assert score_of(lambda x: [b"a", b"b"], check).points == 2
    assert "expected text, found numbers" in score_of(lambda x: [1, 2], check).message
    assert "expected 'a', found 'A'" in score_of(lambda x: ["A", "b"], check, reveal=True).message


def test_the_array_that_differs_is_named():
    check = function_check(reference=lambda x: (x, 2 * x))
    assert "in array 2" in score_of(lambda x: (x, x), check).message


def test_a_list_of_numbers_and_their_array_are_the_same_answer():
    one_array = function_check(cases=((X,),))
    assert score_of(lambda x: tuple(np.asarray(2 * value) for value in x), one_array).points == 2
    assert "expected 1 array(s), found 2." in score_of(lambda x: tuple(2 * x[:2]), one_array).message
    three_numbers = function_check(reference=lambda x: tuple(float(value) for value in x), cases=((X,),))
    assert score_of(lambda x: x, three_numbers).points == 2
    assert "expected 3 array(s), found 1." in score_of(lambda x: x[:2], three_numbers).message


def test_small_differences_count_as_equal():
    assert score_of(lambda x: 2 * x + 1e-6).points == 2
    assert score_of(lambda x: np.float32(2) * x.astype("float32")).points == 2
    assert score_of(lambda x: 2 * x + 1e-6, function_check(tolerance=1e-9)).points == 0.5


def test_nan_equals_nan():
    check = function_check(reference=lambda x: np.full(3, np.nan))
    assert score_of(lambda x: np.full(3, np.nan), check).points == 2


@pytest.mark.parametrize("value", [np.array([True, False, True]), np.array([1 + 1j, 0, 0]), np.array([2**62] * 3)])
def test_no_dtype_breaks_the_comparison(value):
    assert score_of(lambda x: value).outcome is Outcome.WRONG


def test_missing_outputs_are_wrong_and_no_error():
    check = function_check()
    _, key = check.draw(0)
    assert check.score(Response(), key, reveal=False).points == 0


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        (ProblemKind.NOT_ATTEMPTED, Outcome.NOT_ATTEMPTED),
        (ProblemKind.MISTAKE, Outcome.MISTAKE),
        (ProblemKind.CRASH, Outcome.CRASH),
        (ProblemKind.OUT_OF_TIME, Outcome.OUT_OF_TIME),
    ],
)
def test_a_problem_is_told_as_what_it_is(kind, outcome):
    check = function_check()
    score = check.score(Response(problem=Problem(kind, "why", "line 3")), check.draw(0)[1], reveal=False)
    assert (score.points, score.outcome, score.message, score.lines) == (0, outcome, "why", "line 3")
    assert bool(score.next_step) == (kind is ProblemKind.CRASH)


def test_cases_come_in_an_order_of_each_seed():
    check = function_check(cases=tuple((X[:1] * number,) for number in range(1, 5)))
    orders = {tuple(float(case[0][0]) for case in check.draw(seed)[0].cases) for seed in range(40)}
    assert len(orders) > 10
    assert all(sorted(order) == [1, 2, 3, 4] for order in orders)
    task, key = check.draw(3)
    assert [float(case[0][0]) for case in task.cases] == [float(outputs[0][0]) / 2 for outputs in key.expected]
    again, _ = check.draw(3)
    assert [case[0].tolist() for case in again.cases] == [case[0].tolist() for case in task.cases]
    about = {"a vector": 1, "another vector": 2, "one number": 3, "nothing": 4}
    assert [about[name] for name in key.about] == [float(case[0][0]) for case in task.cases]


def test_the_task_holds_nothing_of_the_key():
    task, key = function_check(reference=lambda x: x + 1234.5).draw(0)
    assert "1235.5" in repr(key)
    assert "1235.5" not in repr(task)
    assert task.respondent == CallFunction()


# ---------------------------------------------------------------------------- models


SPLIT = Split(np.zeros((4, 1)), np.array([0, 1, 0, 1]), np.ones((5, 1)), np.array([0, 1, 0, 1, 1]))
EACH_RUNG = tuple(Advice(f"from {rung}", rungs=(rung,)) for rung in range(6))


def model_check(metric=accuracy, thresholds=(0.2, 0.4, 0.6, 0.8, 1.0), *, split=SPLIT, training=None, **options):
    return ModelCheck(
        id="week01.line",
        title="A line",
        skills=("B1",),
        hints=("One.", "Two."),
        reference=lambda: None,
        data=lambda seed: split,
        training=training or FixedBudget(Output("probability"), epochs=1),
        ladder=Ladder(metric, thresholds),
        baselines=(),
        advice=options.pop("advice", EACH_RUNG),
        **options,
    )


@pytest.mark.parametrize("right", range(6))
def test_each_rung_is_a_point_with_advice_of_its_own(right):
    check = model_check()
    task, key = check.draw(0)
    truth = key.expected[0][0]
    predictions = np.where(np.arange(5) < right, truth, 1 - truth).astype("float32")
    score = check.score(Response(outputs=((predictions,),), parameters=7), key, reveal=False)
    assert score.points == right
    assert score.next_step == f"from {right}"
    assert score.outcome is (Outcome.RIGHT if right == 5 else Outcome.WEAK)
    assert score.value == pytest.approx(right / 5)
    assert score.parameters == 7
    assert ("the top of the ladder" in score.message) == (right == 5)
    assert key.train["y"].tolist() == [0, 1, 0, 1]
    assert set(task.train) == {"x"}


def test_points_of_a_ladder_are_scaled_to_the_checks_points():
    check = model_check(mean_absolute_error, (0.9, 0.7, 0.5, 0.3, 0.1))
    _, key = check.draw(0)
    response = Response(outputs=((key.expected[0][0] + 0.4,),))
    score = type(check).score(check, response, key, reveal=False)
    assert score.points == 3
    assert "0.300 is the next rung" in score.message


def test_a_rung_without_advice_is_a_defect_of_the_check():
    with pytest.raises(ValueError, match=r"week01\.line: expected advice for every rung; .*for \[4, 5\]"):
        model_check(advice=EACH_RUNG[:4])
    with pytest.raises(ValueError, match=r"for \[0, 1, 2, 3, 4, 5\]"):
        model_check(advice=(Advice("Scale.", when=overfits),))


# ---------------------------------------------------------------------------- what goes out, and what stays

FILES = {"train/a.txt": b"a"}
TRAININGS = {
    "a design": (FixedBudget(Output("probability"), epochs=1), {"x"}, {"x", "y"}),
    "a design that adapts": (
        FixedBudget(Output("probability"), epochs=1, builder_sees="train inputs"),
        {"x"},
        {"x", "y"},
    ),
    "own training": (OwnTraining(Output("probability"), budget=10.0), {"x", "y"}, set()),
    "own training on files": (OwnTraining(Output("probability"), budget=10.0, gets="folder"), {"folder"}, set()),
    "a file": (FileModel(Output("probability")), set(), set()),
}


@pytest.mark.parametrize(("training", "sees", "kept"), TRAININGS.values(), ids=TRAININGS)
def test_hidden_inputs_stay_with_the_examiner(training, sees, kept):
    split = replace(SPLIT, forms=(np.ones((5, 2)),), train_forms=(np.zeros((4, 2)),), files=FILES)
    task, key = model_check(split=split, training=training).draw(0)
    assert task.cases == ()
    assert set(task.train) == sees
    assert set(key.train) == kept
    assert [form.shape for form in key.inputs] == [(5, 1), (5, 2)]
    assert [form.shape for form in key.seen] == [(4, 1), (4, 2)]
    assert key.seen_expected.tolist() == [0, 1, 0, 1]
    assert task.train.get("folder") in (None, Folder(FILES))


def test_what_is_drawn_may_be_used_again():
    """An exam draws its data once: for the candidate's files, and for the key."""
    check = model_check()
    task, key = check.task_of(SPLIT, 7)
    assert task.weights_seed == 7
    assert key.expected[0][0] is SPLIT.y_test


def test_a_model_is_asked_about_some_of_what_it_has_seen():
    many = Split(np.zeros((2 * MOST_SEEN, 1)), np.zeros(2 * MOST_SEEN), SPLIT.x_test, SPLIT.y_test)
    _, key = model_check(split=many).draw(0)
    assert len(key.seen[0]) == len(key.seen_expected) == MOST_SEEN


# ---------------------------------------------------------------------------- what is known of the model


def test_a_diagnosis_is_made_of_what_came_back():
    check = model_check()
    _, key = check.draw(0)
    history, facts = History((1.0, 0.5), (), 4), Facts(layers=("Dense",))
    response = Response(
        outputs=((np.zeros(5, "float32"),),), history=history, facts=facts, seen=np.array([0, 1, 0, 1], "float32")
    )
    found = check.score(response, key, reveal=False).diagnosis
    assert (found.hidden, found.training) == (pytest.approx(0.4), 1.0)
    assert (found.history, found.facts, found.higher_is_better) == (history, facts, True)
    assert found.gap == pytest.approx(0.2)


@pytest.mark.parametrize(
    "seen", [None, np.zeros(3, "float32"), np.full(4, np.nan, "float32"), np.array(["a"] * 4), np.zeros((4, 2), "f4")]
)
def test_answers_to_training_data_that_say_nothing_cost_nothing(seen):
    check = model_check()
    _, key = check.draw(0)
    score = check.score(Response(outputs=((key.expected[0][0].astype("float32"),),), seen=seen), key, reveal=False)
    assert score.points == 5
    assert score.diagnosis.training is None


def test_advice_depends_on_the_model_as_well_as_on_the_rung():
    advice = (
        Advice("It overfits.", rungs=(0, 1, 2, 3), when=overfits),
        Advice("Take away the dropout.", when=has("Dropout")),
        *EACH_RUNG,
    )
    check = model_check(advice=advice)
    _, key = check.draw(0)
    outputs = ((np.zeros(5, "float32"),),)
    learned = np.array([0, 1, 0, 1], "float32")
    for more, expected in (
        ({"seen": learned}, "It overfits."),
        ({"facts": Facts(layers=("Dropout",))}, "Take away the dropout."),
        ({}, "from 2"),
    ):
        assert check.score(Response(outputs=outputs, **more), key, reveal=False).next_step == expected


def test_a_note_is_told_beside_the_score():
    check = model_check()
    _, key = check.draw(0)
    response = Response(outputs=((np.zeros(5, "float32"),),), note="The budget was spent.")
    assert check.score(response, key, reveal=False).message.endswith("is the next rung. The budget was spent.")


def three_classes(predicted, truth, labels=("oak", "elm", "ash"), **options):
    split = Split(np.zeros((3, 1)), np.arange(3), np.zeros((len(truth), 1)), np.array(truth))
    training = FixedBudget(Output("probabilities", (3,)), epochs=1)
    check = model_check(split=split, training=training, labels=labels)
    _, key = check.draw(0)
    return check.score(Response(outputs=((np.eye(3, dtype="float32")[predicted],),)), key, **options)


def test_classes_that_are_mixed_up_are_told_in_practice_only():
    truth = [0] * 5 + [1] * 4 + [2] * 4
    predicted = [1, 1, 1, 0, 2, 1, 1, 0, 0, 2, 2, 2, 2]
    assert three_classes(predicted, truth, reveal=False).confusions == ()
    assert three_classes(predicted, truth, reveal=True).confusions == (("oak", "elm", 3), ("elm", "oak", 2))
    assert three_classes(predicted, truth, labels=(), reveal=True).confusions[0] == ("0", "1", 3)


def test_a_few_confusions_are_enough():
    truth = [0] * 10 + [1] * 10 + [2] * 10
    predicted = [wrong for pair in ((1, 2), (0, 2), (0, 1)) for wrong in pair * 5]
    assert len(three_classes(predicted, truth, reveal=True).confusions) == MOST_CONFUSIONS
    assert three_classes(truth, truth, reveal=True).confusions == ()


def test_one_probability_has_no_confusions():
    check = model_check(labels=("safe", "not"))
    _, key = check.draw(0)
    response = Response(outputs=((1 - key.expected[0][0].astype("float32"),),))
    assert check.score(response, key, reveal=True).confusions == ()


def test_a_week_is_the_first_part_of_the_id():
    assert model_check().week == "week01"


# ---------------------------------------------------------------------------- digests


@pytest.mark.parametrize(
    "other",
    [
        ((X + 1,),),
        ((X.astype("float32"),),),
        ((X[:, None],),),
        ((X,), (X,)),
        ((X, X),),
        (),
    ],
    ids=["values", "dtype", "shape", "cases", "arrays", "empty"],
)
def test_a_digest_tells_different_outputs_apart(other):
    assert digest_outputs(((X,),)) == digest_outputs(((X.copy(),),))
    assert digest_outputs(((X,),)) != digest_outputs(other)


def test_a_key_and_an_equal_response_have_one_digest():
    assert Key(expected=((X,),)).digest() == Response(outputs=((X,),)).digest()
