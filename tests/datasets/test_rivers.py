"""Rivers: fresh at every seed, and rain that does what soil, frost and reservoir let it do."""

import numpy as np
import pytest

from tfcourse.datasets.rivers import COLUMNS, make_rivers

HOURS = 200


@pytest.fixture(scope="module")
def rivers():
    return make_rivers(1500, seed=1, hours=HOURS)


def column(rows, name):
    return rows[..., COLUMNS.index(name)]


def test_ranges(rivers):
    assert np.isfinite(rivers).all()
    assert 40 < column(rivers, "level").min() < 75
    assert 300 < column(rivers, "level").max() < 1500
    assert column(rivers, "rain").min() == 0
    assert -35 < column(rivers, "temperature").min() < column(rivers, "temperature").max() < 45
    assert -5 < column(rivers, "soil").min() < column(rivers, "soil").max() < 103
    assert column(rivers, "reservoir").min() >= 0
    assert column(rivers, "reservoir").max() <= 100


def test_winter_is_cold_and_summer_is_warm():
    january, july = make_rivers(60, seed=1, hours=48, first_day=15), make_rivers(60, seed=1, hours=48, first_day=195)
    assert column(january, "temperature").mean() < 0 < 12 < column(july, "temperature").mean()


def rise_after_rain(rivers, chosen):
    """Return by how much the level has risen seven hours after rain began, on average."""
    rain, level = column(rivers, "rain"), column(rivers, "level")
    before = np.lib.stride_tricks.sliding_window_view(rain, 12, axis=1).sum(axis=2)
    begun = (rain[:, 12:-7] > 0.8) & (before[:, :-8] < 1) & chosen[:, 12:-7]
    assert begun.sum() > 60
    return (level[:, 19:] - level[:, 12:-7])[begun].mean()


def test_rain_on_wet_soil_raises_the_river_more(rivers):
    warm = column(rivers, "temperature") > 3
    dry, wet = (column(rivers, "soil") < 68) & warm, (column(rivers, "soil") > 85) & warm
    assert rise_after_rain(rivers, wet) > 1.5 * rise_after_rain(rivers, dry)


def test_snow_raises_it_less_than_rain(rivers):
    temperature = column(rivers, "temperature")
    assert rise_after_rain(rivers, temperature > 4) > 1.5 * rise_after_rain(rivers, temperature < -1)


def test_a_full_reservoir_lets_the_flood_pass(rivers):
    warm = (column(rivers, "temperature") > 3) & (column(rivers, "soil") > 75)
    full, half = column(rivers, "reservoir") > 98, column(rivers, "reservoir") < 70
    assert rise_after_rain(rivers, warm & full) > 1.3 * rise_after_rain(rivers, warm & half)
