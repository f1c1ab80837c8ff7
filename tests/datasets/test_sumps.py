"""Sumps: fresh at every seed, and a pump that starts and stops where its switch says."""

import numpy as np
import pytest

from tfcourse.datasets.sumps import make_sumps


@pytest.fixture(scope="module")
def sumps():
    return make_sumps(200, seed=1, start="midnight")


def test_range(sumps):
    assert sumps.shape == (200, 288)
    assert sumps.min() >= 0
    assert sumps.max() < 300
    np.testing.assert_array_equal(sumps, sumps.round(1))


def test_a_level_rises_slowly_and_falls_fast(sumps):
    steps = np.diff(sumps, axis=1)
    assert (steps > 1).mean() > 1.5 * (steps < -1).mean()
    assert -steps[steps < -1].mean() > 1.5 * steps[steps > 1].mean()


def test_every_station_has_levels_of_its_own(sumps):
    lowest, highest = np.quantile(sumps, 0.02, axis=1), np.quantile(sumps, 0.98, axis=1)
    assert lowest.std() > 8
    assert (highest - lowest).std() > 10


def test_a_pump_runs_more_often_in_the_morning_than_at_night(sumps):
    falling = np.diff(sumps, axis=1) < -1
    assert falling[:, 12 * 7 : 12 * 9].mean() > 1.5 * falling[:, 12 * 2 : 12 * 4].mean()
