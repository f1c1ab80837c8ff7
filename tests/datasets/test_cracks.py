"""Concrete: fresh at every seed, balanced, and as the docstring says."""

import numpy as np
import pytest

from tfcourse.datasets.cracks import _line, make_cracks


@pytest.fixture(scope="module")
def drawn():
    return make_cracks(300, seed=1)


def test_pictures_and_labels_are_what_the_docstring_says(drawn):
    pictures, labels = drawn
    assert (pictures.shape, labels.shape) == ((300, 32, 32), (300,))
    assert (pictures.dtype, labels.dtype) == (np.uint8, np.int64)


def test_the_same_seed_draws_the_same_pictures():
    for first, second in zip(make_cracks(30, seed=7), make_cracks(30, seed=7), strict=True):
        np.testing.assert_array_equal(first, second)


def test_other_seeds_draw_other_pictures():
    first, second = make_cracks(30, seed=2**255 + 1)[0], make_cracks(30, seed=2**255 + 2)[0]
    assert not {p.tobytes() for p in first} & {p.tobytes() for p in second}


def test_no_picture_is_drawn_twice(drawn):
    assert len({picture.tobytes() for picture in drawn[0]}) == 300


@pytest.mark.parametrize("n", [0, 1, 2, 33])
def test_classes_are_balanced(n):
    counts = np.bincount(make_cracks(n, seed=3)[1], minlength=2)
    assert counts.sum() == n
    assert counts.max() - counts.min() <= 1


def test_labels_come_in_random_order(drawn):
    assert not np.array_equal(drawn[1], np.arange(300) % 2)


def test_brightness_does_not_tell_the_class(drawn):
    pictures, labels = drawn
    light = pictures.reshape(300, -1).mean(axis=1)
    means = [light[labels == label].mean() for label in range(2)]
    assert np.ptp(means) < 1.5 * light.std()


def test_darkness_is_alike_with_a_crack_and_without():
    pictures, labels = make_cracks(600, seed=2)
    dark = (pictures < np.median(pictures, axis=(1, 2), keepdims=True) - 35).mean(axis=(1, 2))
    cracked, whole = dark[labels == 1], dark[labels == 0]
    assert abs(cracked.mean() - whole.mean()) < 0.3 * dark.std()


def test_a_joint_is_straight_and_a_crack_is_not():
    joint, crack = (np.array(_line(wander, np.random.default_rng(3))) for wander in (0.0, 0.6))
    for line, straight in ((joint, True), (crack, False)):
        off = np.linalg.svd(line - line.mean(axis=0), compute_uv=False)
        assert (off[1] < 1e-6) == straight
