"""Gearboxes: fresh at every seed, a quarter of the notes wrong, and faults where the docstring says that they are."""

import numpy as np
import pytest

from tfcourse.datasets.gearboxes import (
    ARCHIVE_ORDERS,
    ARCHIVE_WRONG,
    ORDERS,
    STATES,
    WRONG,
    make_archive,
    make_gearboxes,
)

HEALTHY, UNBALANCE, MISALIGNMENT, WORN, CRACKED, BEARING = range(6)


@pytest.fixture(scope="module")
def gearboxes():
    return make_gearboxes(6_000, seed=1)


def level(x, order):
    """Return the mean level within half an order."""
    return x[:, np.abs(ORDERS - order) < 0.5].mean(axis=1)


def test_orders_are_what_the_docstring_says():
    assert ORDERS.shape == (128,)
    assert (ORDERS[0], ORDERS[-1]) == (0.375, 48)


def test_levels_are_decibels_of_a_likely_size(gearboxes):
    x, _, _ = gearboxes
    assert 10 < x.min() < 30
    assert 70 < x.max() < 120


@pytest.mark.parametrize("n", [500, 6_000])
def test_states_and_wrong_notes_have_their_shares(gearboxes, n):
    _, noted, true = (part[:n] for part in gearboxes)
    np.testing.assert_allclose(np.bincount(true) / n, [0.25, 0.15, 0.15, 0.15, 0.15, 0.15])
    assert (noted != true).mean() == pytest.approx(WRONG)


def test_a_wrong_note_may_name_any_other_state(gearboxes):
    _, noted, true = gearboxes
    wrong = noted != true
    pairs = {(a, b) for a, b in zip(true[wrong].tolist(), noted[wrong].tolist(), strict=True)}
    assert len(pairs) == len(STATES) * (len(STATES) - 1)


def make_of(x, true):
    """Tell which make a gearbox is, by what its fault leaves alone: True for the one of 18 teeth."""
    return np.where(true == CRACKED, level(x, 9) > level(x, 36), level(x, 18) > level(x, 27))


@pytest.mark.parametrize(
    ("state", "orders"),
    [
        (UNBALANCE, ([1], [3])),
        (MISALIGNMENT, ([3], [1])),
        (WORN, ([18, 36], [27])),
        (CRACKED, ([9, 27], [18, 36])),
        (BEARING, ([42], [9])),
    ],
)
def test_a_fault_raises_the_orders_of_its_make(gearboxes, state, orders):
    x, _, true = gearboxes
    first = make_of(x, true)
    assert 0.45 < first[true == state].mean() < 0.55
    for chosen, raised in ((first, orders[0]), (~first, orders[1])):
        for order in raised:
            levels = level(x, order)
            more = levels[chosen & (true == state)].mean() - levels[chosen & (true == HEALTHY)].mean()
            assert more > 6, (order, more)


def test_spectra_follow_the_true_state_and_not_the_note(gearboxes):
    x, noted, true = gearboxes
    high, healthy = level(x, 36), true == HEALTHY
    assert high[true == WORN].mean() > 3 + high[healthy].mean()
    assert abs(high[healthy & (noted == WORN)].mean() - high[healthy].mean()) < 1.5


def test_averages_that_mix_the_makes_say_much_less(gearboxes):
    """The course's point in this data: which fault a hump means is decided by another hump."""
    x, _, true = gearboxes
    groups = true + len(STATES) * make_of(x, true)

    def nearest(labels, count):
        averages = np.stack([x[labels == label].mean(axis=0) for label in range(count)])
        return ((x[:, None] - averages) ** 2).sum(axis=2).argmin(axis=1) % len(STATES)

    mixed, by_make = (nearest(true, 6) == true).mean(), (nearest(groups, 12) == true).mean()
    assert mixed < 0.7
    assert by_make > 0.9


def test_the_archive_is_what_its_docstring_says():
    _, noted, true = make_archive(2_000, seed=1)
    assert (len(ARCHIVE_ORDERS), ARCHIVE_ORDERS[0], ARCHIVE_ORDERS[-1]) == (64, 0.75, 48)
    np.testing.assert_allclose(np.bincount(true) / 2_000, [0.25, 0.15, 0.15, 0.15, 0.15, 0.15])
    assert (noted != true).mean() == pytest.approx(ARCHIVE_WRONG)


def test_the_archives_spectra_follow_the_true_state_and_not_the_note():
    x, noted, true = make_archive(4_000, seed=2)
    mesh = x[:, np.isin(ARCHIVE_ORDERS, (18, 27))].max(axis=1)
    by_state = [mesh[true == state].mean() for state in range(len(STATES))]
    assert np.argmax(by_state) == WORN
    assert mesh[(true != WORN) & (noted == WORN)].mean() < mesh[true == WORN].mean() - 2
