"""Heat pumps: fresh at every seed, within their ranges, and obeying the physics of the docstring."""

import numpy as np
import pytest

from tfcourse.datasets.heat_pumps import FEATURES, make_heat_pumps


@pytest.fixture(scope="module")
def hours():
    return make_heat_pumps(20_000, seed=1)


def column(x, name):
    return x[:, FEATURES.index(name)]


def demand(x):
    return column(x, "area_m2") * column(x, "insulation") * (18 - column(x, "outside_c")) / 1000


def test_a_pump_takes_some_power_and_gives_more_heat_than_it_takes(hours):
    x, y = hours
    assert y.min() > 0
    mild = column(x, "outside_c") > 5
    assert (y[mild] < demand(x)[mild] + 0.5).mean() > 0.99


def test_ice_costs_power_in_damp_air_near_zero(hours):
    x, y = hours
    near = np.abs(column(x, "outside_c") - 0.5) < 1.5
    share = y / demand(x)
    damp, dry = (share[near & chosen].mean() for chosen in (column(x, "humidity") > 90, column(x, "humidity") < 60))
    assert damp > 1.2 * dry


def test_the_rod_costs_a_small_pump_dear_in_the_cold(hours):
    x, y = hours
    cold = column(x, "outside_c") < -10
    covers = column(x, "pump_w") / 1000 / demand(x)
    share = y / demand(x)
    assert share[cold & (covers < 0.8)].mean() > 1.2 * share[cold & (covers > 1.6)].mean()
