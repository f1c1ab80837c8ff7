"""What the solar plants promise."""

import numpy as np
import pytest

from tfcourse.datasets.solar import DAY, MOST_POWER, add_meter_faults, make_solar


@pytest.fixture(scope="module")
def power():
    return make_solar(800, seed=5)


@pytest.fixture(scope="module")
def year():
    """Sixty plants through the same year, shape (plants, days, hours)."""
    return make_solar(60, seed=7, days=365, first_day=0).reshape(60, 365, DAY)


def test_range(power):
    assert power.shape == (800, 10 * DAY)
    assert power.min() == 0
    assert power.max() == np.float32(MOST_POWER)


def test_nights_are_dark_and_noons_are_not(power):
    hours = power.reshape(-1, DAY)
    assert np.all(hours[:, [0, 1, 2, 22, 23]] == 0)
    assert np.all(hours[:, 10:14] > 0)


def test_the_inverter_cuts_off_some_noons(year):
    noon = year[:, 150:210, 12]
    assert 0.02 < np.mean(noon == np.float32(MOST_POWER)) < 0.4


def test_summer_gives_several_times_as_much_as_winter(year):
    daily = year.sum(axis=2).mean(axis=0)
    assert daily[140:200].mean() > 3 * np.r_[daily[:30], daily[-30:]].mean()


def test_plants_have_their_best_hour_at_different_times(year):
    best = year[:, 100:260].mean(axis=1).argmax(axis=1)
    assert best.min() <= 10
    assert best.max() >= 13


def test_clouds_persist_from_hour_to_hour(year):
    share = year[:, 120:240] / year[:, 120:240].max(axis=1, keepdims=True).clip(1e-6)
    ten, noon, four = share[:, :, 10].ravel(), share[:, :, 12].ravel(), share[:, :, 16].ravel()
    near, far = np.corrcoef(ten, noon)[0, 1], np.corrcoef(ten, four)[0, 1]
    assert near > far > 0.3


def test_snow_lies_in_winter_and_for_days(year):
    dark = year.max(axis=2) < 0.06 * MOST_POWER + 0.01
    assert 0.05 < dark[:, :60].mean() < 0.4
    assert dark[:, 120:240].mean() < 0.005
    winter = dark[:, :60]
    assert (winter[:, 1:] & winter[:, :-1]).sum() / winter[:, :-1].sum() > 0.5


def test_rows_are_spread_evenly_over_the_year():
    daily = make_solar(730, seed=3, days=1).sum(axis=1)
    again = make_solar(730, seed=4, days=1).sum(axis=1)
    assert daily.mean() == pytest.approx(again.mean(), rel=0.08)


def test_plants_say_nothing_about_each_other(power):
    noon = power[:, 12]
    assert abs(np.corrcoef(noon[0::2], noon[1::2])[0, 1]) < 0.2


def test_meter_faults_are_rare_large_and_leave_the_power_alone(power):
    before = power.copy()
    readings = add_meter_faults(power, seed=1)
    np.testing.assert_array_equal(power, before)
    np.testing.assert_array_equal(readings, add_meter_faults(power, seed=1))
    assert readings.dtype == np.float32
    too_large = readings > MOST_POWER
    assert np.mean(too_large) == pytest.approx(0.03 * 0.75, rel=0.1)
    assert readings[too_large].min() >= 20
    assert np.mean((readings == 0) & (power > 0)) > 0.001
    assert np.mean(readings == power) > 0.96
