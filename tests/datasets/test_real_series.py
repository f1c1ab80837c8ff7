"""What the two bundled series promise."""

import numpy as np

from tfcourse.datasets.real_series import load_co2, load_sunspots


def test_sunspots_are_yearly_and_complete():
    years, sunspots = load_sunspots()
    np.testing.assert_array_equal(years, np.arange(1700, 2009))
    assert years.dtype == np.int64
    assert sunspots.dtype == np.float64
    assert sunspots.shape == years.shape
    assert (sunspots.min(), sunspots.max()) == (0.0, 190.2)


def test_sunspots_come_back_after_eleven_years():
    _, sunspots = load_sunspots()
    likeness = [np.corrcoef(sunspots[:-lag], sunspots[lag:])[0, 1] for lag in range(1, 15)]
    assert int(np.argmax(likeness[4:])) + 5 in {10, 11}


def test_co2_is_weekly_with_gaps():
    weeks, co2 = load_co2()
    assert weeks.dtype == np.dtype("datetime64[D]")
    assert co2.dtype == np.float64
    assert weeks.shape == co2.shape == (2284,)
    assert set(np.diff(weeks)) == {np.timedelta64(7, "D")}
    assert np.isnan(co2).sum() == 59


def test_co2_rises():
    _, co2 = load_co2()
    assert np.nanmin(co2) == 313.0
    assert np.nanmax(co2) == 373.9
    assert np.nanmean(co2[-52:]) - np.nanmean(co2[:52]) > 50


def test_each_call_gives_a_copy():
    load_sunspots()[1][:] = -1
    assert load_sunspots()[1].min() == 0.0
