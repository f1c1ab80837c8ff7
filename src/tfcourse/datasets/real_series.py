"""Two real series that come with statsmodels, so that nothing has to be downloaded."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def load_sunspots() -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return the yearly sunspot numbers from 1700 to 2008.

    How many dark spots and groups of spots the sun shows, averaged over a year: a cycle of about eleven
    years whose length and height wander. Public domain; National Geophysical Data Center, by way of
    ``statsmodels.datasets.sunspots``.

    Returns:
        ``(years, sunspots)``: int64 and float64, both of shape (309,). Sunspot numbers run from 0 to 190.2.

    Example:
        >>> years, sunspots = load_sunspots()
        >>> int(years[0]), float(sunspots[0])
        (1700, 5.0)
    """
    from statsmodels.datasets import sunspots

    table = sunspots.load_pandas().data
    return np.array(table["YEAR"], np.int64), np.array(table["SUNACTIVITY"], np.float64)


def load_co2() -> tuple[npt.NDArray[np.datetime64], npt.NDArray[np.float64]]:
    """Return the weekly carbon dioxide in the air over Mauna Loa, Hawaii, from March 1958 to December 2001.

    A trend that steepens, and a yearly season: forests of the northern summer take carbon dioxide in. 59 weeks
    have no measurement, most of them in the first years. Public domain; Keeling and Whorf (2004), by way of
    ``statsmodels.datasets.co2``.

    Returns:
        ``(weeks, co2)``: datetime64[D], seven days apart, and float64 in parts per million (313 to 374),
        NaN where nothing was measured; both of shape (2284,).

    Example:
        >>> weeks, co2 = load_co2()
        >>> int(np.isnan(co2).sum())
        59
    """
    from statsmodels.datasets import co2

    table = co2.load_pandas().data
    return np.array(table.index, "datetime64[D]"), np.array(table["co2"], np.float64)
