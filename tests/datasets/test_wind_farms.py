"""Wind farms: fresh at every seed, and power that follows the curve of a turbine."""

import numpy as np
import pytest

from tfcourse.datasets.wind_farms import COLUMNS, RATED, make_wind_farms


@pytest.fixture(scope="module")
def farms():
    return make_wind_farms(2000, seed=1)


def column(rows, name):
    return rows[..., COLUMNS.index(name)]


def share(farms):
    """Return power as a share of what the turbines in service can give."""
    turbines = column(farms, "turbines")
    return column(farms, "power") / np.maximum(turbines * RATED, 1)


def test_ranges(farms):
    assert farms.shape == (2000, 48, 5)
    assert column(farms, "power").min() == 0
    assert 60 < column(farms, "power").max() < 30 * RATED * 1.1
    assert 0 <= column(farms, "direction_forecast").min() <= column(farms, "direction_forecast").max() <= 360
    assert 0 <= column(farms, "turbines").min() <= column(farms, "turbines").max() <= 30


def test_a_turbine_has_a_curve(farms):
    wind, given = column(farms, "wind"), share(farms)
    manned = column(farms, "turbines") > 0
    assert given[(wind < 2.5) & manned].mean() < 0.001
    assert given[(wind > 5.5) & (wind < 6.5) & manned].mean() < 0.13
    assert given[(wind > 16) & (wind < 21) & manned].mean() > 0.97
    across = np.abs(column(farms, "direction_forecast") % 180 - 90) > 65  # in the lee, a storm is less of one
    assert (wind > 27).sum() > 100
    assert given[(wind > 27) & across & manned].mean() < 0.01


def test_wind_along_the_row_brings_less(farms):
    wind, direction = column(farms, "wind"), column(farms, "direction_forecast")
    medium = (wind > 8) & (wind < 9) & (column(farms, "turbines") > 0)
    along, across = np.abs(direction % 180 - 90) < 12, np.abs(direction % 180 - 90) > 60
    assert share(farms)[medium & along].mean() < 0.75 * share(farms)[medium & across].mean()


def test_a_farm_differs_from_its_forecast_by_a_factor_of_its_own(farms):
    ratio = np.log(column(farms, "wind")[:, ::6] + 0.1) - np.log(column(farms, "wind_forecast")[:, ::6] + 0.1)
    first_day, second_day = ratio[:, :4].mean(axis=1), ratio[:, 4:].mean(axis=1)
    assert np.corrcoef(first_day, second_day)[0, 1] > 0.8


def test_turbines_change_at_midnight_only(farms):
    turbines = column(farms, "turbines").reshape(2000, 2, 24)
    assert (np.ptp(turbines, axis=2) == 0).all()
    assert (turbines[:, 0, 0] != turbines[:, 1, 0]).mean() > 0.5
