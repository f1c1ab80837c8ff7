"""Pictures of hands: fresh at every seed, balanced, of many shapes."""

import io

import numpy as np
import pytest
from PIL import Image

from tfcourse.datasets.hands import make_hands, photograph_hands


@pytest.fixture(scope="module")
def drawn():
    return make_hands(120, seed=1)


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
