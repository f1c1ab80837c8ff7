"""The examiner: the same submission gets the same points, whatever came before and wherever it runs."""

import json
import os
import subprocess
import sys
from dataclasses import asdict, replace

import numpy as np
import pytest

from tfcourse.checks import Outcome, Response
from tfcourse.checks.records import Key, digest_outputs
from tfcourse.checks.solutions import solution_of
from tfcourse.errors import CourseError, GraderBroken, UnknownName
from tfcourse.examiner import InProcessExaminer, Secret, take
from tfcourse.examiner.secret import PRACTICE_SECRET, PUBLIC_SECRET

SECRET = Secret(b"a secret of the tests, long enough to be one", "the tests")


@pytest.fixture
def examiner(course):
    return InProcessExaminer(course, "grade", SECRET)


def double(x):
    return 2 * np.asarray(x)


def build_line():
    import keras

    model = keras.Sequential([keras.Input(shape=(3,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(0.02), loss="mae")
    return model


def test_the_reference_of_a_function_gets_everything(examiner):
    score = take("week01.double", double, examiner)
    assert (score.points, score.outcome) == (2, Outcome.RIGHT)


def test_a_task_is_drawn_once(examiner):
    assert examiner.open("week01.double") is examiner.open("week01.double")


def test_the_first_answer_counts(examiner):
    assert take("week01.double", lambda x: x, examiner).points == 0.5
    score = take("week01.double", double, examiner)
    assert score.points == 0.5
    assert examiner.receipt("week01.double").points == 0.5


def test_a_full_first_answer_is_not_taken_back(examiner):
    assert take("week01.double", double, examiner).points == 2
    assert take("week01.double", None, examiner).points == 2


def test_an_unknown_check(examiner):
    with pytest.raises(UnknownName):
        take("week01.treble", double, examiner)


def inputs(examiner):
    return [case[0].tolist() for case in examiner.open("week01.double").cases]


def test_practice_and_grading_see_other_data(course):
    practice = inputs(InProcessExaminer(course, "practice", SECRET))
    graded = inputs(InProcessExaminer(course, "grade", SECRET))
    public = inputs(InProcessExaminer(course, "grade", PUBLIC_SECRET))
    assert practice[0] != graded[0]
    assert public[0] != graded[0]
    assert public[0] != practice[0]
    assert inputs(InProcessExaminer(course, "grade", SECRET, attempt=1))[0] != graded[0]


def test_practice_is_the_same_for_everybody(course):
    assert inputs(InProcessExaminer(course, "practice", SECRET)) == inputs(
        InProcessExaminer(course, "practice", PUBLIC_SECRET)
    )


def test_only_practice_reveals_values(course):
    wrong = lambda x: np.asarray(x) + 1  # noqa: E731
    practice = take("week01.double", wrong, InProcessExaminer(course, "practice", PRACTICE_SECRET))
    graded = take("week01.double", wrong, InProcessExaminer(course, "grade", SECRET))
    assert "expected" in practice.message
    assert "expected" not in graded.message


@pytest.mark.parametrize(
    ("purpose", "secret", "predictable"),
    [("grade", SECRET, False), ("grade", PUBLIC_SECRET, True), ("practice", SECRET, True)],
)
def test_a_receipt_says_whether_the_data_could_be_known(course, purpose, secret, predictable):
    examiner = InProcessExaminer(course, purpose, secret)
    take("week01.double", double, examiner)
    receipt = examiner.receipt("week01.double")
    assert receipt.predictable is predictable
    assert receipt.purpose == purpose


def test_a_receipt_holds_what_a_grade_rests_on(examiner):
    take("week01.double", double, examiner)
    receipt = examiner.receipt("week01.double")
    assert (receipt.check_id, receipt.points, receipt.max_points) == ("week01.double", 2, 2)
    assert receipt.key_digest == receipt.response_digest
    assert len(receipt.key_digest) == 64
    assert receipt.versions["tensorflow"]
    assert SECRET.value.decode() not in repr(receipt)


def test_no_seed_and_no_key_leaves_in_the_task(examiner):
    task = examiner.open("week01.line")
    assert task.weights_seed < 2**32
    assert set(task.train) == {"x"}
    assert len(task.train["x"]) == 2
    assert task.cases == ()
    assert not hasattr(task, "seed")


# ---------------------------------------------------------------------------- our own defects


def broken_course(edit, old, new):
    return edit("grader_tests/week01.py", old, new)


def test_a_task_that_cannot_be_drawn_is_our_defect(edit):
    course = broken_course(edit, "def cases(seed):\n", "def cases(seed):\n    1 / 0\n")
    with pytest.raises(GraderBroken, match=r"week01\.double could not be drawn: ZeroDivisionError"):
        take("week01.double", double, InProcessExaminer(course, "grade", SECRET))


def test_a_reference_that_fails_is_our_defect(edit):
    course = edit("curriculum/week01_mini/assignment.py", "return 2 * np.asarray(x)", "return None")
    with pytest.raises(GraderBroken, match="could not be drawn"):
        take("week01.double", double, InProcessExaminer(course, "grade", SECRET))


def test_a_response_that_cannot_be_scored_is_our_defect(examiner, monkeypatch):
    examiner.open("week01.double")
    broken = replace(examiner._opened["week01.double"], key=Key(expected=((None,),)))
    monkeypatch.setitem(examiner._opened, "week01.double", broken)
    with pytest.raises(GraderBroken, match="could not be scored"):
        examiner.answer("week01.double", Response(outputs=((np.zeros(1),),)))


def test_a_broken_module_of_checks_is_the_courses_fault(edit):
    course = broken_course(edit, "CHECKS = (", "CHECKS = (no_such_name,")
    with pytest.raises(CourseError, match="no_such_name"):
        take("week01.double", double, InProcessExaminer(course, "grade", SECRET))


# ---------------------------------------------------------------------------- one score, anywhere

SUBMISSION = """
import json, sys

import keras, numpy as np, tensorflow as tf

keras.utils.set_random_seed(4711)
np.random.rand(3), tf.random.normal((5,))
other = keras.Sequential([keras.layers.Dense(7, activation="relu"), keras.layers.Dense(2)])
other.compile(loss="mse")
other.fit(np.random.rand(40, 5), np.random.rand(40, 2), epochs=2, verbose=0)


def build_line():
    model = keras.Sequential([keras.Input(shape=(3,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(0.02), loss="mae")
    return model


from tfcourse.checks.records import digest_outputs
from tfcourse.course import find_course
from tfcourse.examiner import InProcessExaminer, find_secret, take

examiner = InProcessExaminer(find_course(), "grade", find_secret())
score = take("week01.line", build_line, examiner)
response, _, _ = examiner._answered["week01.line"]
key_digest = examiner.receipt("week01.line").key_digest
print(json.dumps([score.points, score.value, digest_outputs(response.outputs), key_digest]))
"""


def record(course, builder):
    examiner = InProcessExaminer(course, "grade", SECRET)
    score = take("week01.line", builder, examiner)
    # The answer's own digest is another at each call: Keras numbers the layers that a process makes.
    response, _, _ = examiner._answered["week01.line"]
    return [score.points, score.value, digest_outputs(response.outputs), examiner.receipt("week01.line").key_digest]


@pytest.mark.slow
def test_the_same_submission_gets_the_same_in_this_process_and_in_a_fresh_one(course, tmp_path):
    """… with other random state, and other models trained before."""
    script = tmp_path / "submission.py"
    script.write_text(SUBMISSION)
    environment = {**os.environ, "TFCOURSE_SECRET": SECRET.value.decode(), "PYTHONHASHSEED": "random"}
    # The model is trained by the process that waits, with one thread, whatever this one and the fresh one have.
    run = subprocess.run(
        [sys.executable, script], env=environment, capture_output=True, text=True, check=True, timeout=300
    )
    found = [json.loads(run.stdout.splitlines()[-1])]
    import keras

    found.append(record(course, build_line))
    keras.utils.set_random_seed(99)
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])(np.zeros((1, 2)))
    found.append(record(course, build_line))
    assert found[1:] == found[:1] * 2
    points, value, response_digest, key_digest = found[0]
    assert 0 < points <= 5
    assert response_digest != key_digest
    assert isinstance(value, float)


@pytest.mark.slow
def test_another_model_gets_something_else(course):
    def build_wider():
        import keras

        model = keras.Sequential([keras.Input(shape=(3,)), keras.layers.Dense(2), keras.layers.Dense(1)])
        model.compile(optimizer=keras.optimizers.Adam(0.02), loss="mae")
        return model

    one, other = record(course, build_line), record(course, build_wider)
    assert one[2] != other[2]
    assert one[3] == other[3]


@pytest.mark.slow
def test_the_reference_of_a_model_gets_full_points(course, capfd, caplog, recwarn):
    examiner = InProcessExaminer(course, "grade", SECRET)
    score = take("week01.line", solution_of("week01", "build_model"), examiner)
    assert (score.points, score.outcome) == (5, Outcome.RIGHT)
    assert score.parameters == 4
    receipt = examiner.receipt("week01.line")
    assert (receipt.metric, receipt.rung, receipt.value) == ("MAE", 5, score.value)
    assert receipt.thresholds == (1.8, 1.2, 0.8, 0.4, 0.2)
    assert receipt.diagnosis["facts"]["layers"] == ["Dense"]
    assert len(receipt.diagnosis["history"]["loss"]) == 30
    json.dumps(asdict(receipt), allow_nan=False)
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []
    assert list(recwarn) == []
