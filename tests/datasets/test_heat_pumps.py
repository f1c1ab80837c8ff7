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


def test_shapes_and_dtypes_are_what_the_docstring_says(hours):
    x, y = hours
    assert (x.shape, y.shape) == ((20_000, len(FEATURES)), (20_000,))
    assert (x.dtype, y.dtype) == (np.float32, np.float32)


def test_the_same_seed_gives_the_same_hours():
    for first, second in zip(make_heat_pumps(50, seed=7), make_heat_pumps(50, seed=7), strict=True):
        np.testing.assert_array_equal(first, second)


def test_other_seeds_give_other_hours():
    first, second = make_heat_pumps(500, seed=2**255 + 1)[0], make_heat_pumps(500, seed=2**255 + 2)[0]
    assert not {row.tobytes() for row in first} & {row.tobytes() for row in second}


def test_no_hour_is_drawn_twice(hours):
    assert len(np.unique(hours[0], axis=0)) == 20_000


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
