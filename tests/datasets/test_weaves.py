"""Cloth: fresh at every seed, balanced, and as the docstring says."""

import numpy as np
import pytest

from tfcourse.datasets.weaves import CLASSES, draft_of, make_weaves


@pytest.fixture(scope="module")
def drawn():
    return make_weaves(300, seed=1)


@pytest.mark.parametrize("n", [0, 1, 8, 33])
def test_each_twill_is_twice_as_common_as_another_weave(n):
    counts = np.bincount(make_weaves(n, seed=3)[1], minlength=6)
    assert counts.sum() == n
    assert np.abs(counts - n * np.array([1, 1, 2, 2, 1, 1]) / 8).max() <= 1


def test_labels_come_in_random_order(drawn):
    assert not np.array_equal(drawn[1], np.resize([2, 3, 0, 1, 2, 3, 4, 5], 300))


def test_the_mirror_image_of_one_twill_is_the_other():
    random = np.random.default_rng
    right, left = (draft_of(CLASSES.index(f"twill {side}"), random(4)) for side in ("right", "left"))
    assert any(np.array_equal(right[:, ::-1], np.roll(left, shift, axis=1)) for shift in range(4))
    assert not any(np.array_equal(right, np.roll(left, shift, axis=1)) for shift in range(4))


@pytest.mark.parametrize("label", range(len(CLASSES)))
def test_a_draft_repeats(label):
    draft = draft_of(label, np.random.default_rng(5))
    period = 8 if CLASSES[label] == "herringbone" else 5 if CLASSES[label] == "satin" else 4
    np.testing.assert_array_equal(draft, np.roll(draft, period, axis=1))
    np.testing.assert_array_equal(draft, np.roll(draft, 20, axis=0))


def test_one_crossing_in_five_of_satin_differs_and_none_touches_another():
    draft = draft_of(CLASSES.index("satin"), np.random.default_rng(5))
    rare = draft if draft.mean() < 0.5 else ~draft
    assert rare.mean() == pytest.approx(0.2)
    assert not (rare & np.roll(rare, 1, axis=0)).any()
    assert not (rare & np.roll(rare, 1, axis=1)).any()
