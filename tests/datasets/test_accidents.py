import re

import numpy as np
import pytest

from tfcourse.datasets.accidents import _VEHICLES, CAUSES, MOST_WORDS, make_accidents
from tfcourse.datasets.grammar import words_of


@pytest.fixture(scope="module")
def letters():
    return make_accidents(6_000, seed=1)


def test_does_the_same_seed_give_the_same_letters_and_another_one_others():
    texts, labels = make_accidents(60, seed=2**255 + 1)
    again, same = make_accidents(60, seed=2**255 + 1)
    assert np.array_equal(texts, again)
    assert np.array_equal(labels, same)
    assert len(set(texts) & set(make_accidents(60, seed=2**255 + 2)[0])) < 3


def test_are_shapes_dtypes_and_lengths_as_promised(letters):
    texts, labels = letters
    assert texts.shape == labels.shape == (6_000,)
    assert (texts.dtype.kind, labels.dtype) == ("U", np.int64)
    assert max(len(words_of(text)) for text in texts) <= MOST_WORDS
    assert np.bincount(labels).tolist() == [1_500] * len(CAUSES)
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(
    "slip",
    [
        r"\b([a-z]+) \1\b",  # a word twice in a row
        r"[{}<>]|\bNone\b",  # a slot that was not filled
        r"  | [.,?:]|\.\.|,,|:\.",
        r"[^.]$|^[^A-Z]|[.] [a-z]",  # sentences begin with a capital and end with a stop
        r"\b[Aa] [aeio]|\b[Aa]n [^aeio]",
        r"\bi\b|\bby I\b|\binto I\b",
    ],
)
def test_is_the_english_free_of_a_slip(letters, slip):
    assert [text for text in letters[0] if re.search(slip, text)] == []


def causes_of(letters, pattern):
    """Return the causes of letters that consist of one sentence about an accident, up to asides."""
    texts, labels = letters
    return {CAUSES[label] for text, label in zip(texts, labels, strict=True) if re.fullmatch(pattern, text)}


NEUTRAL = (
    r"(?:(?![^.]*\b(?:hit|scraped|struck|rammed|grazed|into|touch|touched|contact|scratch|stopped|nothing)\b)"
    r"(?![^.]*(?:almost|nearly|missed|says|claims|believes|certain|told|settled|remember|last claim))[^.]*\.)"
)
"""A sentence about the road, the weather, the letter."""
BEFORE, AFTER = rf"(?:{NEUTRAL} )*", rf"(?: {NEUTRAL})*"


IT = rf"(?:[Aa]n?|[Tt]he) (?:{'|'.join(_VEHICLES)})"
HIT = r"(?:hit|scraped|struck|rammed|grazed|(?:ran|drove|backed|rolled|skidded|bumped) into)"


@pytest.mark.parametrize(
    ("sentence", "cause"),
    [
        (rf"(?:My car|I) {HIT} {IT}\.", "writer"),
        (rf"{IT} {HIT} (?:my car|me)\.", "other"),
        (rf"(?:My car|I) was {HIT} by {IT}\.", "other"),
        (rf"{IT} was {HIT} by (?:my car|me)\.", "writer"),
        (rf"{IT} was {HIT} by {IT}\.", "witness"),
        (rf"It was my car that {IT} {HIT}\.", "other"),
        (rf"It was my car that {HIT} {IT}\.", "writer"),
        (rf"(?:{IT}|I|My car) (?:nearly|almost|very nearly) {HIT} (?:{IT}|me|my car)\.", "nobody"),
    ],
)
def test_does_the_order_of_words_decide(letters, sentence, cause):
    assert causes_of(letters, BEFORE + sentence + AFTER) == {cause}


@pytest.mark.parametrize(
    ("verdict", "cause"),
    [
        (r"(?:That is true|So it was|That is how it was|I cannot deny it)\.", "other"),
        (r"[^.]*(?:the wrong way|the other way|the reverse|everything round)[^.]*\.", "writer"),
        (r"(?:That is not true|That is made up|Nothing of it is true|I cannot confirm it)\.", "nobody"),
    ],
)
def test_does_a_verdict_decide_what_becomes_of_what_somebody_says(letters, verdict, cause):
    says = rf"[^.]*(?:says|claims|believes|is certain|told the police|has told you) that {IT} {HIT} (?:my car|me)\. "
    assert causes_of(letters, BEFORE + says + rf"(?:{NEUTRAL} )?" + verdict + AFTER) == {cause}


def test_do_letters_of_every_kind_speak_of_all_three_vehicles(letters):
    texts, labels = letters
    for word in (
        r"\b(?:I|me|my car)\b",
        r"\bsays|believes|told|claims|certain\b",
        r"\bnearly|almost|would have|about to\b",
    ):
        says = np.array([bool(re.search(word, text, re.IGNORECASE)) for text in texts])
        assert all(says[labels == label].mean() > 0.2 for label in range(len(CAUSES)))
