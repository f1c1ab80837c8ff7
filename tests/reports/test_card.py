"""A score as it is shown: the same in HTML and in plain text, and safe to show."""

import base64
import json
import re
from dataclasses import replace

import pytest

from tfcourse.checks import Ladder, Outcome, Receipt, Score, accuracy, mean_absolute_error
from tfcourse.checks.diagnosis import Diagnosis, History
from tfcourse.reports.card import RECEIPT_MIME, Card, Note, show_number

UP = Ladder(accuracy, (0.2, 0.4, 0.6, 0.8, 0.9))
DOWN = Ladder(mean_absolute_error, (1.8, 1.2, 0.8, 0.4, 0.2))
SCORE = Score(
    check_id="week01.line",
    title="A line",
    points=3.0,
    max_points=5,
    outcome=Outcome.WEAK,
    message="MAE 0.600 on data your model has not seen; 0.400 is the next rung.",
    next_step="Train longer.",
    value=0.6,
    ladder=DOWN,
    landmarks={"training mean": 1.9, "linear regression": 0.7, "reference": 0.1},
    parameters=1234,
    seconds=2.34,
)
RECEIPT = Receipt(
    check_id="week01.line",
    points=3.0,
    max_points=5,
    outcome=Outcome.WEAK,
    message="m",
    next_step="n",
    lines="",
    metric="MAE",
    value=0.6,
    rung=3,
    thresholds=DOWN.thresholds,
    purpose="grade",
    predictable=True,
    key_digest="k" * 64,
    response_digest="r" * 64,
    versions={"keras": "3"},
    seconds=2.34,
)


def test_the_plain_form_says_everything():
    assert Card(SCORE).text().splitlines() == [
        f"◐ A line: 3 of 5 points, {Outcome.WEAK}",
        "  MAE 0.600 on data your model has not seen; 0.400 is the next rung.",
        "  5 ·  ≤ 0.200  reference 0.100",
        "  4 ·  ≤ 0.400",
        "  3 ●  ≤ 0.800  you 0.600, linear regression 0.700",
        "  2 ●  ≤ 1.200",
        "  1 ●  ≤ 1.800",
        "  0 ·           training mean 1.900",
        "  Next: Train longer.",
    ]


def test_code_in_a_hint_is_shown_as_code():
    page = Card(replace(SCORE, next_step="Try `x[:1] < 2`.")).html()
    assert "Try <code>x[:1] &lt; 2</code>." in page


def test_the_html_form_says_the_same():
    page = Card(SCORE).html()
    for said in (
        f"A line: 3 of 5 points, {Outcome.WEAK}",
        SCORE.message,
        "Train longer.",
        "≤ 0.200",
        "reference 0.100",
        "training mean 1.900",
        "you 0.600",
        "1,234 parameters, 2.3 s",
    ):
        assert said in page


def test_where_more_is_better_the_best_stands_first():
    lines = Card(replace(SCORE, ladder=UP, value=0.85, landmarks={"a": 0.81, "b": 0.89})).text().splitlines()
    assert lines[3] == "  4 ●  ≥ 0.800  b 0.890, you 0.850, a 0.810"


OVERFITS = Diagnosis(0.6, 0.1, higher_is_better=False, history=History((1.0, 0.5, 0.25), (1.0, 0.8, 0.9), 30))


def test_what_is_known_of_the_model_stands_before_the_next_step():
    lines = Card(replace(SCORE, diagnosis=OVERFITS)).text().splitlines()
    assert lines[8:] == [
        "  It overfits: MAE 0.100 on its training data, 0.600 here. Its validation loss was lowest after",
        "  epoch 2 and rose from there.",
        "  loss     █▃▁  1 → 0.25 in 3 epochs",
        "  val_loss █▁▅  1 → 0.9 in 3 epochs",
        "  Next: Train longer.",
    ]


def test_the_html_form_has_the_curves_as_a_picture():
    page = Card(replace(SCORE, diagnosis=OVERFITS)).html()
    assert "It overfits: MAE 0.100 on its training data, 0.600 here." in page
    (picture,) = re.findall(r'<img alt="Loss by epoch: [^"]+" src="data:image/svg\+xml;base64,([^"]+)"', page)
    assert base64.b64decode(picture).count(b"<polyline") == 2
    assert page.index("<img") < page.index("Next:")


def test_classes_that_are_mixed_up_are_named():
    score = replace(SCORE, confusions=(("oak", "<elm>", 7), ("elm", "oak", 2)))
    assert "Most often wrong: oak taken for <elm> (7), elm taken for oak (2)." in Card(score).text()
    assert "oak taken for &lt;elm&gt; (7)" in Card(score).html()


def test_where_there_is_nothing_to_say_nothing_is_said():
    score = replace(SCORE, diagnosis=Diagnosis(0.6, higher_is_better=False))
    assert Card(score).text() == Card(SCORE).text()
    assert Card(score).html() == Card(SCORE).html()


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_has_a_card(outcome):
    score = replace(SCORE, outcome=outcome, value=None, ladder=None)
    assert outcome in Card(score).text()
    assert outcome in Card(score).html()
    assert "who stands here" not in Card(score).html()


def test_no_two_outcomes_look_alike_in_words():
    shown = {Card(replace(SCORE, outcome=outcome)).text().splitlines()[0] for outcome in Outcome}
    assert len(shown) == len(Outcome)


def test_a_crash_shows_the_learners_lines():
    score = replace(
        SCORE, outcome=Outcome.CRASH, value=None, ladder=None, lines="line 3, in f: g()\nline 7, in g: 1 / 0"
    )
    assert "    line 3, in f: g()\n    line 7, in g: 1 / 0" in Card(score).text()
    assert "line 3, in f: g()\nline 7, in g: 1 / 0" in Card(score).html()


def test_what_a_learner_wrote_is_no_html():
    bad = "<script>alert(1)</script>"
    score = replace(SCORE, title=bad, message=bad, next_step=bad, lines=bad, printed=bad, landmarks={bad: 0.5})
    assert "<script>" not in Card(score).html()
    assert Card(score).html().count("&lt;script&gt;") == 6
    assert "<script>" not in Note(bad, bad, code=bad).html()


def test_what_was_printed_is_shown():
    card = Card(replace(SCORE, printed="first\nsecond\n"))
    assert "  | first\n  | second" in card.text()
    assert "first\nsecond" in card.html()


def test_a_card_carries_its_receipt_as_json():
    bundle = Card(SCORE, RECEIPT)._repr_mimebundle_()
    found = json.loads(json.dumps(bundle[RECEIPT_MIME]))
    assert found["outcome"] == str(Outcome.WEAK)
    assert (
        Receipt(**{**found, "outcome": Outcome(found["outcome"]), "thresholds": tuple(found["thresholds"])}) == RECEIPT
    )
    assert RECEIPT.key_digest not in bundle["text/html"] + bundle["text/plain"]
    assert set(Card(SCORE)._repr_mimebundle_()) == {"text/html", "text/plain"}


def test_a_note_keeps_its_lines():
    note = Note("Hint 1 of 2", "one\ntwo", code="x = 1")
    assert note.text() == "Hint 1 of 2: one\ntwo\nx = 1"
    assert "one<br>two" in note.html()
    assert note._repr_mimebundle_() == {"text/html": note.html(), "text/plain": note.text()}


@pytest.mark.parametrize(("value", "shown"), [(5.0, "5"), (0.5, "0.5"), (0, "0"), (7.25, "7.25")])
def test_points_have_no_needless_digits(value, shown):
    assert show_number(value) == shown
