"""Gearboxes: fresh at every seed, a third of the notes wrong, and faults where the docstring says that they are."""

import numpy as np
import pytest

from tfcourse.datasets.gearboxes import ORDERS, STATES, WRONG, make_gearboxes

HEALTHY, UNBALANCE, MISALIGNMENT, WORN, CRACKED, BEARING = range(6)


@pytest.fixture(scope="module")
def gearboxes():
    return make_gearboxes(6_000, seed=1)


def level(x, order):
    """Return the mean level within half an order."""
    return x[:, np.abs(ORDERS - order) < 0.5].mean(axis=1)


def test_shapes_and_dtypes_are_what_the_docstring_says(gearboxes):
    x, noted, true = gearboxes
    assert (x.shape, noted.shape, true.shape) == ((6_000, 128), (6_000,), (6_000,))
    assert (x.dtype, noted.dtype, true.dtype) == (np.float32, np.int64, np.int64)
    assert ORDERS.shape == (128,)
    assert (ORDERS[0], ORDERS[-1]) == (0.375, 48)


@pytest.mark.parametrize("n", [0, 1, 33])
def test_a_set_may_have_any_size(n):
    x, noted, true = make_gearboxes(n, seed=1)
    assert (x.shape, noted.shape, true.shape) == ((n, 128), (n,), (n,))


def test_the_same_seed_gives_the_same_gearboxes():
    for first, second in zip(make_gearboxes(50, seed=7), make_gearboxes(50, seed=7), strict=True):
        np.testing.assert_array_equal(first, second)


def test_other_seeds_give_other_gearboxes():
    first, second = make_gearboxes(200, seed=2**255 + 1)[0], make_gearboxes(200, seed=2**255 + 2)[0]
    assert not {row.tobytes() for row in first} & {row.tobytes() for row in second}


def test_no_gearbox_occurs_twice(gearboxes):
    assert len({row.tobytes() for row in gearboxes[0]}) == 6_000


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


def test_spectra_follow_the_true_state_and_not_the_note(gearboxes):
    x, noted, true = gearboxes
    low = level(x, 1)
    assert low[true == UNBALANCE].mean() > 6 + low[true == HEALTHY].mean()
    lied = (noted == UNBALANCE) & (true == HEALTHY)
    assert abs(low[lied].mean() - low[true == HEALTHY].mean()) < 1.5


@pytest.mark.parametrize(("state", "order"), [(UNBALANCE, 1), (MISALIGNMENT, 2.5)])
def test_a_fault_of_the_shaft_raises_its_order(gearboxes, state, order):
    x, _, true = gearboxes
    raised = level(x, order)
    assert raised[true == state].mean() > 6 + raised[true == HEALTHY].mean()


def test_where_one_make_meshes_the_other_does_not(gearboxes):
    """The mesh of each make is a hump of its own: high in about half of the healthy gearboxes."""
    x, _, true = gearboxes
    first, second = level(x, 18)[true == HEALTHY], level(x, 27)[true == HEALTHY]
    assert np.corrcoef(first, second)[0, 1] < -0.5
    assert 0.4 < (first > second).mean() < 0.6


def test_worn_teeth_raise_the_mesh_and_a_crack_its_sides(gearboxes):
    x, _, true = gearboxes
    make = level(x, 18) > level(x, 27)  # roughly: the louder mesh
    for teeth, chosen in ((18, make), (27, ~make)):
        mesh, side = level(x, teeth), level(x, teeth - 3)
        healthy = chosen & (true == HEALTHY)
        assert mesh[chosen & (true == WORN)].mean() > 6 + mesh[healthy].mean()
        assert side[chosen & (true == CRACKED)].mean() > 6 + side[healthy].mean()
