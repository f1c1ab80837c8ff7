import re

import numpy as np
import pytest

from tfcourse.datasets.bookings import MOST_WORDS, WISHES, make_bookings


@pytest.fixture(scope="module")
def messages():
    return make_bookings(6_000, seed=1)


def test_does_the_same_seed_give_the_same_messages():
    texts, labels = make_bookings(50, seed=7)
    again_texts, again_labels = make_bookings(50, seed=7)
    assert np.array_equal(texts, again_texts)
    assert np.array_equal(labels, again_labels)


def test_do_two_large_seeds_give_other_messages():
    texts, _ = make_bookings(500, seed=2**255 + 1)
    others, _ = make_bookings(500, seed=2**255 + 2)
    assert len(set(texts) & set(others)) < 10


def test_are_shapes_dtypes_and_lengths_as_promised(messages):
    texts, labels = messages
    assert texts.shape == labels.shape == (6_000,)
    assert (texts.dtype.kind, labels.dtype) == ("U", np.int64)
    lengths = [len(text.split()) for text in texts]
    assert min(lengths) >= 3
    assert max(lengths) <= MOST_WORDS


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_can_a_set_be_tiny(n):
    texts, labels = make_bookings(n, seed=1)
    assert texts.shape == labels.shape == (n,)
    assert texts.dtype.kind == "U"


@pytest.mark.parametrize("n", [999, 1_000])
def test_are_the_four_wishes_equally_frequent_give_or_take_one(n):
    counts = np.bincount(make_bookings(n, seed=5)[1], minlength=len(WISHES))
    assert counts.max() - counts.min() <= 1


def test_is_no_message_written_twice(messages):
    texts, _ = messages
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(
    "slip",
    [
        r"\b(\w+) \1\b",  # a word twice in a row
        r"[{}@]|\bNone\b",  # a slot that was not filled
        r"  | [.,?:]|\.\.|,,|\?\.|:\.",
        r"[^.?]$|^[^A-Z]|[.?] [a-z]",  # sentences begin with a capital and end with a stop
        r"\b[Ww]e (?:was|am)\b|\bI (?:were|are)\b",
        r"\bi\b",
        r"\bmy (?:family|double) room\b",
    ],
)
def test_is_the_english_free_of_a_slip(messages, slip):
    texts, _ = messages
    assert [text for text in texts if re.search(slip, text)] == []


@pytest.mark.parametrize("text_and_wish", [("no, wait: please keep it.", "keep"), ("just cancel it", "cancel")])
def test_does_the_last_of_several_orders_decide(messages, text_and_wish):
    """An order counts if nothing comes after it, and seldom if something does."""
    ending, wish = text_and_wish
    texts, labels = messages
    says = np.array([bool(re.search(re.escape(ending), text, re.IGNORECASE)) for text in texts])
    assert says.sum() > 20
    assert 0.4 < (labels[says] == WISHES.index(wish)).mean() < 0.95


def test_do_messages_of_every_kind_speak_of_keeping_cancelling_and_moving(messages):
    texts, labels = messages
    for verb in ("keep", "cancel", "move"):
        says = np.array([verb in text.lower() for text in texts])
        assert all(says[labels == label].mean() > 0.3 for label in range(len(WISHES)))


def test_does_the_grammar_of_one_sentence_decide(messages):
    texts, labels = messages
    meant = np.array([bool(re.fullmatch(r"[^.?]*keep [^.?]* instead of cancelling[^.?]*[.?]", text)) for text in texts])
    dropped = np.array([bool(re.fullmatch(r"Instead of cancelling[^.?]*keep[^.?]*[.?]", text)) for text in texts])
    for chosen in (meant, dropped):
        assert (labels[chosen] == WISHES.index("keep")).all()
