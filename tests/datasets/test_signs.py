"""Road signs: fresh at every seed, balanced, and different where the lesson says that they differ."""

import numpy as np
import pytest

from tfcourse.datasets.signs import CLASSES, draw_sign, make_signs


@pytest.fixture(scope="module")
def signs():
    return make_signs(400, seed=1)


def test_pixels_use_the_whole_range(signs):
    pictures, _ = signs
    assert pictures.min() < 20
    assert pictures.max() == 255
    assert 70 < pictures.mean() < 160


@pytest.mark.parametrize("size", [32, 96, 200])
def test_a_drawn_sign_has_the_size_that_was_asked_for(size):
    sign = draw_sign(0, size)
    assert sign.shape == (size, size, 4)
    assert sign[size // 2, size // 2, 3] == 255
    assert sign[0, 0, 3] == 0


def test_every_class_has_a_sign_of_its_own():
    assert len({draw_sign(label).tobytes() for label in range(len(CLASSES))}) == len(CLASSES) == 10


def test_speed_limits_differ_in_their_first_digit_only():
    thirty, eighty = (draw_sign(CLASSES.index(f"speed limit {limit}")).astype(int) for limit in (30, 80))
    differs = np.abs(thirty - eighty).max(axis=2) > 60
    assert differs[:, :48].sum() > 30
    assert not differs[:, 52:].any()
    assert not differs[:20].any()


def test_the_arrows_mirror_each_other():
    left, right = (draw_sign(CLASSES.index(f"turn {side}")).astype(int) for side in ("left", "right"))
    assert np.abs(left - right[:, ::-1]).mean() < 4
    assert np.abs(left - right).mean() > 12


def test_signs_stand_in_different_places(signs):
    """The mean picture of a class is a fog: far less contrast than one picture of it."""
    pictures, labels = signs
    limits = pictures[labels == 0].astype(float)
    assert limits.mean(axis=0).std() < 0.6 * limits.std(axis=(1, 2, 3)).mean()


def test_scenes_do_not_tell_the_class(signs):
    """The border of a picture, where no sign reaches often, is alike in all classes."""
    pictures, labels = signs
    border = pictures[:, :2].mean(axis=(1, 2, 3))
    means = [border[labels == label].mean() for label in range(len(CLASSES))]
    assert np.ptp(means) < border.std()
