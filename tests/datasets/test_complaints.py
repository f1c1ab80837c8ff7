import re

import numpy as np
import pytest

from tfcourse.datasets.complaints import _THINGS, MOST_WORDS, PARTS, make_complaints
from tfcourse.datasets.grammar import words_of


@pytest.fixture(scope="module")
def reviews():
    return make_complaints(3_000, seed=1)


def test_does_the_same_seed_give_the_same_reviews_and_another_one_others():
    texts, labels = make_complaints(60, seed=2**255 + 1)
    again, same = make_complaints(60, seed=2**255 + 1)
    assert np.array_equal(texts, again)
    assert np.array_equal(labels, same)
    assert len(set(texts) & set(make_complaints(60, seed=2**255 + 2)[0])) < 3


def test_are_shapes_dtypes_and_lengths_as_promised(reviews):
    texts, labels = reviews
    assert texts.shape == labels.shape == (3_000,)
    assert (texts.dtype.kind, labels.dtype) == ("U", np.int64)
    assert max(len(words_of(text)) for text in texts) <= MOST_WORDS
    assert np.bincount(labels).tolist() == [600] * len(PARTS)
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(
    "slip",
    [
        r"\b([a-z]+) \1\b",
        r"[{}@]|\bNone\b",
        r"  | [.,?:]|\.\.|,,|:\.",
        r"[^.]$|^[^A-Z]|[.] [a-z]",
        r"\b[Aa] [aeio]|\b[Aa]n [^aeio]",
        r"\b[Ww]e (?:was|am)\b|\bI (?:were|are)\b",
    ],
)
def test_is_the_english_free_of_a_slip(reviews, slip):
    assert [text for text in reviews[0] if re.search(slip, text)] == []


def part_of(thing):
    return next(part for part, things in enumerate(_THINGS) if thing in things)


def blamed(reviews, pattern):
    """Return how many reviews match, and how many of them complain about the thing that the pattern names."""
    found = [(re.search(pattern, text), label) for text, label in zip(*reviews, strict=True)]
    right = [part_of(match[1]) == label for match, label in found if match]
    return len(right), sum(right)


THING = r"(?:the |The )([a-z ]+?)"


@pytest.mark.parametrize(
    "pattern",
    [
        rf"[Ii]t was {THING} that spoiled",
        rf"that spoiled (?:my|our) stay, but {THING}\.",
        rf"If only {THING} had been as",
        rf"everything except {THING},",
        rf"stay away for {THING}(?:\.|,)",
        rf"\. {THING} could not have been worse(?:\.|,)",
    ],
)
def test_does_grammar_deal_out_blame(reviews, pattern):
    count, right = blamed(reviews, pattern)
    assert count > 5
    assert right == count


def test_do_former_and_latter_refer_to_what_was_named_before(reviews):
    named = r"(?:remember: |speak of |forget are |word about )the ([a-z ]+?) and (?:of )?the ([a-z ]+?)\."
    bad = r"awful|dreadful|terrible|poor|bad|horrible|disappointing|dire|annoying"
    seen = 0
    for text, label in zip(*reviews, strict=True):
        pair = re.search(named, text)
        ordinal = re.search(rf"[Tt]he (former|latter|first|second) was (?:{bad}|second-rate)", text)
        if pair and ordinal:
            seen += 1
            assert part_of(pair[1 if ordinal[1] in ("former", "first") else 2]) == label
    assert seen > 50


def test_are_the_same_adjectives_used_for_every_part(reviews):
    texts, labels = reviews
    for word in ("dreadful", "superb", "not"):
        says = np.array([bool(re.search(rf"\b{word}\b", text)) for text in texts])
        shares = [says[labels == label].mean() for label in range(len(PARTS))]
        assert max(shares) < 1.7 * min(shares)
