"""Kept responses get new points where key or ladder changed, and only where their questions are the same."""

from dataclasses import replace

import numpy as np
import pytest

from tfcourse.checks import Advice, FixedBudget, FunctionCheck, Ladder, ModelCheck, Outcome, Output, Response, Split
from tfcourse.checks.diagnosis import Facts, has, overfits
from tfcourse.checks.metrics import mean_absolute_error
from tfcourse.checks.records import Asked, ModelFile
from tfcourse.errors import GraderBroken
from tfcourse.examiner.paper import Paper, Question, make_receipt
from tfcourse.examiner.rescore import rescore

DOUBLE = FunctionCheck(
    id="week01.double",
    title="Double",
    points=2,
    skills=("B1",),
    hints=("a", "b"),
    reference=lambda x: 2 * x,
    cases=lambda seed: [(f"case {n}", (np.random.default_rng(seed + n).normal(size=3),)) for n in range(4)],
)
LINE = ModelCheck(
    id="week01.line",
    title="A line",
    skills=("B1",),
    hints=("a", "b"),
    reference=lambda: None,
    data=lambda seed: Split(*(np.random.default_rng(seed + n).normal(size=(20, 1)) for n in range(4))),
    training=FixedBudget(Output("value"), epochs=1),
    ladder=Ladder(mean_absolute_error, (5, 4, 3, 2, 1)),
    baselines=(),
    advice=(Advice("Augment.", when=overfits), Advice("Less dropout.", when=has("Dropout")), Advice("Go on.")),
)


def paper_of(*checks):
    return Paper({check.id: Question.draw(check, 7) for check in checks})


@pytest.fixture
def kept():
    """What a run keeps: an answer that triples instead of doubling, and one off by 2.5."""
    paper = paper_of(DOUBLE, LINE)
    answers = {
        DOUBLE.id: Response(outputs=tuple((3 * case[0],) for case in paper[DOUBLE.id].task.cases), seconds=2.0),
        LINE.id: Response(model=ModelFile(b"a design", "design")),
    }
    key = paper[LINE.id].key

    def ask_model(request, tell):
        facts = Facts(4, 4, ("Dropout", "Dense"))
        return Asked(key.expected[0][0] + 2.5, key.seen_expected + 2.5, facts, note="Its file was odd.")

    receipts = {}
    for id, response in answers.items():
        response, score = paper[id].judge(response, ask_model, reveal=False)
        answers[id] = response
        receipt = make_receipt(
            paper[id],
            response,
            score,
            purpose="grade",
            predictable=False,
            secret_id="abc",
            submission="digest",
            sandboxed=True,
            answered_at="2026-01-02T03:04:05+00:00",
        )
        receipts[id] = replace(receipt, versions={"tensorflow": "2.0"})
    assert {id: receipt.points for id, receipt in receipts.items()} == {DOUBLE.id: 0, LINE.id: 3}
    return answers, receipts


def test_nothing_changes_where_nothing_was_changed(kept):
    answers, receipts = kept
    found = rescore(paper_of(DOUBLE, LINE), answers, receipts)
    assert found.refused == {}
    for id, receipt in found.receipts.items():
        assert receipt.rescored_at.endswith("+00:00")
        assert replace(receipt, rescored_at="") == receipts[id]
    line = found.receipts[LINE.id]
    assert line.next_step == "Less dropout."
    assert line.message.endswith("Its file was odd.")
    assert line.diagnosis["training"] == pytest.approx(2.5)


def test_a_corrected_key_gives_new_points(kept):
    answers, receipts = kept
    triple = replace(DOUBLE, reference=lambda x: 3 * x)
    receipt = rescore(paper_of(triple, LINE), answers, receipts).receipts[DOUBLE.id]
    assert (receipt.points, receipt.outcome) == (2, Outcome.RIGHT)
    assert receipt.key_digest != receipts[DOUBLE.id].key_digest
    assert receipt.response_digest == receipts[DOUBLE.id].response_digest


def test_a_corrected_ladder_gives_new_points(kept):
    answers, receipts = kept
    kinder = replace(LINE, ladder=Ladder(mean_absolute_error, (6, 5, 4, 3, 2.8)))
    receipt = rescore(paper_of(DOUBLE, kinder), answers, receipts).receipts[LINE.id]
    assert (receipt.points, receipt.rung, receipt.thresholds[-1]) == (5, 5, 2.8)


def test_what_was_run_and_when_stays_as_it_was(kept):
    answers, receipts = kept
    receipt = rescore(paper_of(DOUBLE, LINE), answers, receipts).receipts[LINE.id]
    assert receipt.versions == {"tensorflow": "2.0"}
    assert (receipt.submission, receipt.sandboxed, receipt.secret_id) == ("digest", True, "abc")
    assert receipt.answered_at == "2026-01-02T03:04:05+00:00"


def test_other_inputs_cannot_be_compared(kept):
    answers, receipts = kept
    other = replace(DOUBLE, cases=lambda seed: [("another", (np.zeros(3),))])
    found = rescore(paper_of(other, LINE), answers, receipts)
    assert list(found.receipts) == [LINE.id]
    assert found.refused[DOUBLE.id].startswith("Expected the hidden inputs that were answered")


def test_other_training_data_cannot_be_compared(kept):
    answers, receipts = kept

    def data(seed):
        return replace(LINE.data(seed), y_train=np.zeros((20, 1)))

    assert LINE.id in rescore(paper_of(DOUBLE, replace(LINE, data=data)), answers, receipts).refused


def test_a_response_that_is_gone_or_another_one_is_refused(kept):
    answers, receipts = kept
    assert "found none" in rescore(paper_of(DOUBLE, LINE), {}, receipts).refused[DOUBLE.id]
    swapped = {**answers, DOUBLE.id: Response()}
    assert "found another one" in rescore(paper_of(DOUBLE, LINE), swapped, receipts).refused[DOUBLE.id]


def test_a_check_that_was_removed_keeps_its_points(kept):
    answers, receipts = kept
    found = rescore(paper_of(LINE), answers, receipts)
    assert "no longer there" in found.refused[DOUBLE.id]


def test_a_check_that_fails_is_our_defect(kept):
    answers, receipts = kept
    broken = replace(LINE, ladder=Ladder(replace(mean_absolute_error, compute=lambda a, b: 1 / 0), (5, 4, 3, 2, 1)))
    with pytest.raises(GraderBroken, match="could not be scored"):
        rescore(paper_of(DOUBLE, broken), answers, receipts)
