"""Beehives: fresh at every seed, within their ranges, and dying of what the docstring says."""

import numpy as np
import pytest

from tfcourse.datasets.beehives import FEATURES, make_beehives


@pytest.fixture(scope="module")
def hives():
    return make_beehives(20_000, seed=1)


def column(x, name):
    return x[:, FEATURES.index(name)]


def test_about_half_of_the_colonies_live(hives):
    assert set(np.unique(hives[1])) == {0, 1}
    assert 0.45 < hives[1].mean() < 0.55


def test_do_colonies_with_little_honey_or_many_mites_die(hives):
    x, y = hives
    assert y[column(x, "stores_g") < 8_000].mean() < 0.15
    assert y[(column(x, "mites") > 40) & (np.abs(column(x, "treated_week") - 35) > 6)].mean() < 0.1


def test_is_there_a_best_week_for_a_treatment(hives):
    x, y = hives
    week, many = column(x, "treated_week"), column(x, "mites") > 10
    early, best, late = (y[many & (week == found)].mean() for found in (28, 35, 43))
    assert best > 2 * max(early, late)


def test_is_there_a_best_size_of_a_colony_that_has_few_mites_and_little_honey(hives):
    x, y = hives
    chosen = (column(x, "mites") < 4) & (column(x, "stores_g") < 14_000)
    frames = column(x, "frames")
    small, middle, large = (y[chosen & (low <= frames) & (frames < low + 3)].mean() for low in (3, 6, 11))
    assert middle > 1.1 * max(small, large)
