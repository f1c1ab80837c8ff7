"""Surfaces: fresh at every seed, balanced, and told apart by how they are made rather than by their colour."""

import numpy as np
import pytest

from tfcourse.datasets.surfaces import GROUNDS, KINDS, make_grounds, make_surfaces

MAKERS = [(make_surfaces, KINDS), (make_grounds, GROUNDS)]


@pytest.fixture(scope="module")
def grounds():
    return make_grounds(300, seed=1)


def test_no_ground_is_in_the_catalogue():
    assert len(set(KINDS)) == 20
    assert len(set(GROUNDS)) == 6
    assert not set(KINDS) & set(GROUNDS)


def test_pixels_use_the_range(grounds):
    pictures, _ = grounds
    assert pictures.min() < 10
    assert pictures.max() > 245
    assert 60 < pictures.mean() < 150


def test_colour_says_little_about_a_ground(grounds):
    """The mean colours of the grounds differ less than those of the pictures of one ground do."""
    pictures, labels = grounds
    colours = pictures.mean(axis=(1, 2))
    means = np.stack([colours[labels == label].mean(axis=0) for label in range(len(GROUNDS))])
    within = np.mean([colours[labels == label].std(axis=0) for label in range(len(GROUNDS))])
    assert means.std(axis=0).mean() < within


def test_a_picture_has_no_preferred_heading(grounds):
    """Turned by a quarter, grounds have the same statistics: as many steps along rows as along columns."""
    pictures = grounds[0].astype(float)
    along_rows, along_columns = (np.abs(np.diff(pictures, axis=axis)).mean() for axis in (2, 1))
    assert along_rows == pytest.approx(along_columns, rel=0.05)


def test_a_walk_meets_each_ground_in_some_of_its_colours():
    """With one colour each, mean colours of a ground's pictures differ less than with all of them."""

    def spread(**walk):
        pictures, labels = make_grounds(120, seed=2**200 + 7, **walk)
        hues = pictures.mean(axis=(1, 2)) / pictures.mean(axis=(1, 2, 3))[:, None]
        return np.mean([hues[labels == label].std(axis=0).mean() for label in range(len(GROUNDS))])

    assert spread(colours=1) < 0.8 * spread(colours=2) < 0.95 * spread()
