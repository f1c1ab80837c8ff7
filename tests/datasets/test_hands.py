"""Pictures of hands: fresh at every seed, balanced, of many shapes."""

import io

import numpy as np
import pytest
from PIL import Image

from tfcourse.datasets.hands import CLASSES, make_hands, photograph_hands


@pytest.fixture(scope="module")
def drawn():
    return make_hands(120, seed=1)


def test_files_and_labels_are_what_the_docstring_says(drawn):
    files, labels = drawn
    assert len(files) == 120
    assert (labels.shape, labels.dtype) == ((120,), np.int64)
    pictures = [Image.open(io.BytesIO(file)) for file in files]
    assert {picture.mode for picture in pictures} == {"RGB"}
    assert all(72 <= max(picture.size) <= 120 for picture in pictures)
    assert len({picture.size for picture in pictures}) > 90


def test_the_same_seed_draws_the_same_pictures():
    first, second = make_hands(12, seed=7), make_hands(12, seed=7)
    assert first[0] == second[0]
    np.testing.assert_array_equal(first[1], second[1])


def test_other_seeds_draw_other_pictures(drawn):
    assert not set(drawn[0]) & set(make_hands(24, seed=2)[0])


def test_no_picture_is_drawn_twice(drawn):
    assert len(set(drawn[0])) == 120


def test_a_seed_may_have_256_bits():
    assert len(make_hands(2, seed=2**256 - 1)[0]) == 2


@pytest.mark.parametrize("n", [0, 1, 13])
def test_classes_are_balanced(n):
    files, labels = make_hands(n, seed=3)
    counts = np.bincount(labels, minlength=len(CLASSES))
    assert len(files) == counts.sum() == n
    assert counts.max() - counts.min() <= 1


def test_pictures_without_files_are_those_of_the_files():
    files, labels = make_hands(12, seed=7)
    pictures, same_labels = photograph_hands(12, seed=7)
    np.testing.assert_array_equal(labels, same_labels)
    for file, picture in zip(files, pictures, strict=True):
        np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(file))), np.asarray(picture))


def test_a_thumb_is_on_the_side_that_was_asked_for():

    either, left, right = (photograph_hands(24, seed=5, thumb=thumb)[0] for thumb in ("either", "left", "right"))
    same = [[a.tobytes() == b.tobytes() for a, b in zip(either, side, strict=True)] for side in (left, right)]
    assert all(on_left != on_right for on_left, on_right in zip(*same, strict=True))
    assert 4 < sum(same[0]) < 20


def test_class_names_are_in_the_order_of_folders():
    assert list(CLASSES) == sorted(CLASSES)


def test_light_gives_no_class_away(drawn):
    """Classes differ less in how bright their pictures are than pictures of one class do."""
    files, labels = drawn
    light = np.array([np.asarray(Image.open(io.BytesIO(file)).convert("L")).mean() for file in files])
    means = np.array([light[labels == label].mean() for label in range(len(CLASSES))])
    within = np.mean([light[labels == label].std() for label in range(len(CLASSES))])
    assert means.std() < within
