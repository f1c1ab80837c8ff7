"""What the river harbours promise."""

import numpy as np
import pytest

from tfcourse.datasets.tides import (
    DELAY,
    GATED_COLUMNS,
    GATED_DELAY,
    MEMORY,
    MOON,
    ORDER_AHEAD,
    make_gated_harbours,
    make_tides,
    surge_of,
)


@pytest.fixture(scope="module")
def harbours():
    return make_tides(500, seed=5)


@pytest.fixture(scope="module")
def year():
    """Twenty harbours for a whole year."""
    return make_tides(20, seed=7, hours=365 * 24)


def test_range(harbours):
    assert harbours.shape == (500, 240, 3)
    level, speed, heading = np.moveaxis(harbours, -1, 0)
    assert np.abs(level).max() < 1_000
    assert 60 < level.std() < 150
    assert speed.min() >= 0
    assert 7 < speed.mean() < 11
    assert speed.max() < 45
    assert np.abs(heading).max() <= 1


def test_high_water_comes_round_with_the_moon(year):
    level = year[..., 0] - year[..., 0].mean(axis=1, keepdims=True)
    spectrum = np.abs(np.fft.rfft(level, axis=1))
    periods = level.shape[1] / spectrum.argmax(axis=1)
    np.testing.assert_allclose(periods, MOON, rtol=0.01)


def test_spring_tides_are_higher_than_neap_tides(year):
    days = year[:, : 365 * 24, 0].reshape(20, 365, 24)
    ranges = days.max(axis=2) - days.min(axis=2)
    spring, neap = np.percentile(ranges, [90, 10], axis=1)
    assert np.all(spring > 1.3 * neap)


def test_the_water_rises_faster_than_it_falls(year):
    change = np.diff(year[..., 0], axis=1)
    assert np.mean(change > 0) < 0.49
    assert np.mean(change**3) > 0


def test_the_surge_comes_after_the_wind_and_grows_with_its_square(year):
    level, speed, heading = np.moveaxis(year, -1, 0)
    rest = smooth(level)  # tides even out in 25 hours
    pushed, plain = smooth(speed**2 * heading), smooth(speed * heading)

    def alike(cause, hours):
        return np.mean([np.corrcoef(c[: len(c) - hours], r[hours:])[0, 1] for c, r in zip(cause, rest, strict=True)])

    assert alike(pushed, DELAY + 5) > 1.2 * alike(pushed, 0) > 0.5
    assert alike(pushed, DELAY + 5) > alike(plain, DELAY + 5) + 0.01
    assert alike(pushed, DELAY + 5) > 2 * abs(alike(smooth(speed), DELAY + 5))


def test_wind_across_the_river_moves_no_water(year):
    level, speed, heading = np.moveaxis(year[:, DELAY:], -1, 0)
    calm = np.abs(smooth(speed**2 * heading)) < 5
    gale = smooth(speed) > 12
    assert np.abs(smooth(level))[calm & gale].mean() < np.abs(smooth(level))[~calm & gale].mean() / 2


def test_a_surge_arrives_late_and_runs_off_slowly():
    speed = np.zeros((1, 30))
    speed[0, 2] = 10
    surge = surge_of(speed, np.full((1, 30), -1.0))[0]
    assert np.all(surge[: 2 + DELAY] == 0)
    np.testing.assert_allclose(surge[2 + DELAY :], -10 * MEMORY ** np.arange(28 - DELAY))
    assert surge_of(speed[:, :5], np.ones((1, 5))).tolist() == [[0.0] * 5]


def test_the_surge_explains_most_of_what_the_tide_does_not(year):
    level, speed, heading = np.moveaxis(year, -1, 0)
    assert np.corrcoef(smooth(level).ravel(), smooth(surge_of(speed, heading)).ravel())[0, 1] > 0.8


def smooth(rows):
    """Average each hour with the twelve before and after it."""
    return np.stack([np.convolve(row, np.ones(25) / 25, mode="same") for row in rows])


def test_harbours_say_nothing_about_each_other(harbours):
    mean = harbours[..., 0].mean(axis=1)
    assert abs(np.corrcoef(mean[0::2], mean[1::2])[0, 1]) < 0.2


@pytest.fixture(scope="module")
def gated():
    return make_gated_harbours(2_000, seed=5)


def test_gated_harbours_range(gated):
    assert gated.shape == (2_000, 240, len(GATED_COLUMNS))
    level, speed, heading, order = np.moveaxis(gated, -1, 0)
    assert 0.2 < level.std() < 0.6
    assert speed.min() >= 0
    assert speed.max() < 20.001
    assert np.abs(heading).min() > 0.69
    assert np.abs(heading).max() <= 1
    assert set(np.unique(order)) == {0.0, 1.0}


def test_the_water_of_a_squall_arrives_a_day_later_where_the_gate_was_open(gated):
    level, speed, heading, order = np.moveaxis(gated.astype(np.float64), -1, 0)
    pushed = (speed**1.5 * heading)[:, ORDER_AHEAD:-GATED_DELAY]
    is_open = order[:, : -GATED_DELAY - ORDER_AHEAD] == 1
    rise = np.diff(level, axis=1)[:, GATED_DELAY + ORDER_AHEAD - 1 :]
    assert np.corrcoef(rise[is_open], pushed[is_open])[0, 1] > 0.9
    assert abs(np.corrcoef(rise[~is_open], pushed[~is_open])[0, 1]) < 0.1
