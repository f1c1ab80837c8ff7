"""Cloth: fresh at every seed, balanced, and as the docstring says."""

import numpy as np
import pytest

from tfcourse.datasets.weaves import CLASSES, draft_of, make_weaves


@pytest.fixture(scope="module")
def drawn():
    return make_weaves(300, seed=1)


def test_pictures_and_labels_are_what_the_docstring_says(drawn):
    pictures, labels = drawn
    assert (pictures.shape, labels.shape) == ((300, 28, 28), (300,))
    assert (pictures.dtype, labels.dtype) == (np.uint8, np.int64)


def test_the_same_seed_draws_the_same_pictures():
    for first, second in zip(make_weaves(30, seed=7), make_weaves(30, seed=7), strict=True):
        np.testing.assert_array_equal(first, second)


def test_other_seeds_draw_other_pictures():
    first, second = make_weaves(30, seed=2**255 + 1)[0], make_weaves(30, seed=2**255 + 2)[0]
    assert not {p.tobytes() for p in first} & {p.tobytes() for p in second}


def test_no_picture_is_drawn_twice(drawn):
    assert len({picture.tobytes() for picture in drawn[0]}) == 300


@pytest.mark.parametrize("n", [0, 1, 8, 33])
def test_each_twill_is_twice_as_common_as_another_weave(n):
    counts = np.bincount(make_weaves(n, seed=3)[1], minlength=6)
    assert counts.sum() == n
    assert np.abs(counts - n * np.array([1, 1, 2, 2, 1, 1]) / 8).max() <= 1


def test_labels_come_in_random_order(drawn):
    assert not np.array_equal(drawn[1], np.arange(300) % 6)


def test_brightness_does_not_tell_the_class(drawn):
    pictures, labels = drawn
    light = pictures.reshape(300, -1).mean(axis=1)
    means = [light[labels == label].mean() for label in range(6)]
    assert np.ptp(means) < 1.5 * light.std()


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
