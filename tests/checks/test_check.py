"""How responses become points."""

import numpy as np
import pytest

from tfcourse.checks import (
    CallFunction,
    FunctionCheck,
    Key,
    Ladder,
    ModelCheck,
    Outcome,
    Output,
    Response,
    Split,
    TrainModel,
    accuracy,
    mean_absolute_error,
)
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


def score_of(function, check=None, *, reveal=False):
    """Score what `function` gives, by way of the same calls that a learner's function goes through."""
    check = check or function_check()
    task, key = check.draw(0)
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
    ],
)
def test_a_problem_is_told_as_what_it_is(kind, outcome):
    check = function_check()
    score = check.score(Response(problem=Problem(kind, "why", "line 3")), check.draw(0)[1], reveal=False)
    assert (score.points, score.outcome, score.message, score.lines) == (0, outcome, "why", "line 3")
    assert bool(score.next_step) == (kind is ProblemKind.CRASH)


def test_the_task_holds_nothing_of_the_key():
    task, key = function_check(reference=lambda x: x + 1234.5).draw(0)
    assert "1235.5" in repr(key)
    assert "1235.5" not in repr(task)
    assert task.respondent == CallFunction()


# ---------------------------------------------------------------------------- models


def model_check(metric=accuracy, thresholds=(0.2, 0.4, 0.6, 0.8, 1.0)):
    split = Split(np.zeros((4, 1)), np.array([0, 1, 0, 1]), np.ones((5, 1)), np.array([0, 1, 0, 1, 1]))
    return ModelCheck(
        id="week01.line",
        title="A line",
        skills=("B1",),
        hints=("One.", "Two."),
        reference=lambda: None,
        data=lambda seed: split,
        training=TrainModel(Output("probability"), epochs=1),
        ladder=Ladder(metric, thresholds),
        baselines=(),
        advice=("from 0", "from 1", "from 2", "from 3", "from 4", "from 5"),
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
    assert task.train["y"].tolist() == [0, 1, 0, 1]


def test_points_of_a_ladder_are_scaled_to_the_checks_points():
    check = model_check(mean_absolute_error, (0.9, 0.7, 0.5, 0.3, 0.1))
    _, key = check.draw(0)
    response = Response(outputs=((key.expected[0][0] + 0.4,),))
    score = type(check).score(check, response, key, reveal=False)
    assert score.points == 3
    assert "0.300 is the next rung" in score.message


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
