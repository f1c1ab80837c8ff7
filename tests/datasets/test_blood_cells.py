"""Blood cells: fresh at every seed, balanced, and as the docstring says."""

import numpy as np
import pytest

from tfcourse.datasets.blood_cells import CLASSES, make_blood_cells


@pytest.fixture(scope="module")
def drawn():
    return make_blood_cells(300, seed=1)


def test_pictures_and_labels_are_what_the_docstring_says(drawn):
    pictures, labels = drawn
    assert (pictures.shape, labels.shape) == ((300, 32, 32, 3), (300,))
    assert (pictures.dtype, labels.dtype) == (np.uint8, np.int64)


def test_the_same_seed_draws_the_same_pictures():
    for first, second in zip(make_blood_cells(30, seed=7), make_blood_cells(30, seed=7), strict=True):
        np.testing.assert_array_equal(first, second)


def test_other_seeds_draw_other_pictures():
    first, second = make_blood_cells(30, seed=2**255 + 1)[0], make_blood_cells(30, seed=2**255 + 2)[0]
    assert not {p.tobytes() for p in first} & {p.tobytes() for p in second}


def test_no_picture_is_drawn_twice(drawn):
    assert len({picture.tobytes() for picture in drawn[0]}) == 300


@pytest.mark.parametrize("n", [0, 1, 5, 33])
def test_classes_are_balanced(n):
    counts = np.bincount(make_blood_cells(n, seed=3)[1], minlength=5)
    assert counts.sum() == n
    assert counts.max() - counts.min() <= 1


def test_labels_come_in_random_order(drawn):
    assert not np.array_equal(drawn[1], np.arange(300) % 5)


def test_brightness_does_not_tell_the_class(drawn):
    pictures, labels = drawn
    light = pictures.reshape(300, -1).mean(axis=1)
    means = [light[labels == label].mean() for label in range(5)]
    assert np.ptp(means) < 1.5 * light.std()


def test_white_cells_are_bluer_than_what_is_around_them(drawn):
    pictures = drawn[0].astype(float)
    blueness = pictures[..., 2] - pictures[..., 0]
    middle, border = blueness[:, 10:22, 10:22].mean(axis=(1, 2)), blueness[:, :3].mean(axis=(1, 2))
    assert (middle > border).mean() > 0.95


def test_a_lymphocyte_is_darker_in_the_middle_than_an_eosinophil(drawn):
    pictures, labels = drawn
    middle = pictures[:, 10:22, 10:22].mean(axis=(1, 2, 3))
    lymphocyte, eosinophil = (middle[labels == CLASSES.index(kind)].mean() for kind in ("lymphocyte", "eosinophil"))
    assert lymphocyte < eosinophil - 10
