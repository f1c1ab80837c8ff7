"""Tickets: the same at every draw, in plausible English, and with the traps that week 10 rests on."""

import re

import numpy as np
import pytest

from tfcourse.datasets import tickets_words
from tfcourse.datasets.tickets import DESKS, SHARES, UNEVEN_SHARES, make_tickets


@pytest.fixture(scope="module")
def tickets():
    return make_tickets(6_000, seed=1)


def test_are_lengths_as_promised(tickets):
    lengths = [len(text.split()) for text in tickets[0]]
    assert min(lengths) >= 4
    assert max(lengths) <= 80


def test_has_each_desk_its_share(tickets):
    assert sum(SHARES) == pytest.approx(1)
    assert list(SHARES) == sorted(SHARES, reverse=True)
    assert np.bincount(tickets[1], minlength=len(DESKS)) == pytest.approx(np.array(SHARES) * 6_000, abs=1)


def test_are_the_desks_in_no_order(tickets):
    _, labels = tickets
    assert np.corrcoef(labels[1:], labels[:-1])[0, 1] == pytest.approx(0, abs=0.05)


def test_are_there_a_thousand_words_numbers_and_slips_aside(tickets):
    texts, _ = tickets
    counts = {}
    for text in texts:
        for word in re.findall(r"[a-z]+", text.lower()):
            counts[word] = counts.get(word, 0) + 1
    assert sum(count >= 5 for count in counts.values()) >= 600


def test_are_there_more_than_a_hundred_troubles():
    assert sum(len(desk.troubles) for desk in tickets_words.DESKS) >= 100


@pytest.mark.parametrize(
    "slip",
    [
        r"[{}]|\bNone\b",  # a slot that was not filled
        r"  | [.,]|\.\.|,,",
        r"\b(are|have|were) (is|has|was)\b",
        r"\b(?:keys|glasses|gloves|bikes|docks|papers|tariffs|terms) (?:is|was|has)\b",
    ],
)
def test_is_the_english_free_of_a_slip(tickets, slip):
    texts, _ = tickets
    assert [text for text in texts if re.search(slip, text)] == []


def desks_of(tickets, pattern):
    texts, labels = tickets
    return labels[[bool(re.search(pattern, text)) for text in texts]]


def test_does_a_desk_have_no_word_for_itself(tickets):
    """… or counting words would do: each word of the trade stands in tickets for many desks."""
    for word in ("bill", "contract", "heating", "tram", "pass", "bike", "charging", "umbrella"):
        labels = desks_of(tickets, rf"\b{word}\b")
        assert len(set(labels)) >= 6, word
        assert np.bincount(labels).max() / len(labels) < 0.85, word


def test_does_the_pair_decide(tickets):
    for start, desk in (
        ("I was charged twice for ", "billing"),
        ("my car was not charged ", "charging"),
        ("I lost my monthly pass ", "passes"),
        ("we lost power ", "faults"),
    ):
        labels = desks_of(tickets, rf"(?i)^(?:hello|hi|dear team), {start}")
        assert set(labels) <= {DESKS.index(desk)}, start


def test_is_what_is_settled_not_what_is_asked(tickets):
    """A thing that is settled belongs to another desk than the ticket, always."""
    labels = desks_of(tickets, r"[Tt]he [a-z]+ bill (?:is no longer|is settled|is fine|has been)")
    assert len(labels) > 3
    assert DESKS.index("billing") not in labels


def test_are_some_tickets_too_vague_and_more_so_for_the_small_desk(tickets):
    labels = desks_of(tickets, r"card case|wallet with the pass|find my pass any more|the pass as well")
    lost, passes = DESKS.index("lost property"), DESKS.index("passes")
    assert set(labels) == {lost, passes}
    share = np.bincount(labels, minlength=8) / np.bincount(tickets[1])
    assert share[lost] > 2 * share[passes]
    assert (labels == passes).mean() > 0.5  # who wants to be right most often answers "passes"


def test_are_small_desks_smaller_and_vaguer_in_an_uneven_inbox():
    texts, labels = make_tickets(4_000, seed=1, uneven=True)
    assert sum(UNEVEN_SHARES) == pytest.approx(1)
    assert np.bincount(labels, minlength=len(DESKS)) == pytest.approx(np.array(UNEVEN_SHARES) * 4_000, abs=1)
    for vague in tickets_words.VAGUE:
        small, large = (DESKS.index(desk) for desk in vague.desks)
        counts = np.array([vague.uneven[0] * UNEVEN_SHARES[small], vague.uneven[1] * UNEVEN_SHARES[large]])
        assert counts[1] > 2 * counts[0]  # who wants to be right most often answers the larger desk
        assert vague.uneven[0] > 1.4 * vague.uneven[1]  # and the smaller one has more to lose
    labels = desks_of((texts, labels), r"card case|wallet with the pass|find my pass any more|the pass as well")
    assert set(labels) == {DESKS.index("lost property"), DESKS.index("passes")}
