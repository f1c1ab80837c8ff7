"""Reports of ships: fresh at every seed, balanced, and like the six things that ships do."""

import numpy as np
import pytest

from tfcourse.datasets.ships import DOINGS, FEATURES, make_ships


@pytest.fixture(scope="module")
def reports():
    return make_ships(12_000, seed=1)


def of(reports, doing, name):
    x, y = reports
    return x[y == DOINGS.index(doing), FEATURES.index(name)]


def test_columns_stay_in_their_ranges(reports):
    x, _ = reports
    assert np.isfinite(x).all()
    assert (x >= 0).all()
    assert x[:, FEATURES.index("drift")].max() <= 180
    assert x[:, FEATURES.index("wind_angle")].max() < 360
    assert x[:, FEATURES.index("depth_m")].max() <= 400


def test_who_lies_still_does_not_move(reports):
    for doing in ("at anchor", "holding position", "moored"):
        assert np.median(of(reports, doing, "speed_kn")) < 0.3
    assert np.median(of(reports, "under way", "speed_kn")) > 5


def test_an_anchor_reaches_the_ground_and_a_quay_is_at_the_shore(reports):
    assert of(reports, "at anchor", "depth_m").max() <= 70
    assert of(reports, "holding position", "depth_m").max() > 200
    assert of(reports, "moored", "shore_m").max() < 1_000


def test_the_bow_of_a_ship_at_anchor_points_into_a_strong_wind_and_anywhere_in_a_weak_one(reports):
    angle, wind = of(reports, "at anchor", "wind_angle"), of(reports, "at anchor", "wind_kn")
    off = np.minimum(angle, 360 - angle)
    assert np.median(off[wind > 20]) < 15
    assert np.median(off[wind < 4]) > 30


def test_wind_comes_from_both_sides(reports):
    angle = reports[0][:, FEATURES.index("wind_angle")]
    assert 0.48 < (angle < 180).mean() < 0.52
