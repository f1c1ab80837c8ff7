"""What generators of time series share: noise that remembers, and the shape of a day."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

_Floats = npt.NDArray[np.float64]


def autocorrelated(rng: np.random.Generator, n: int, steps: int, likeness: float) -> _Floats:
    """Return `n` rows of standard normal numbers, each correlated by `likeness` with the one before it.

    Args:
        rng: Where `n` * `steps` numbers are drawn from, row by row.
        n: How many rows.
        steps: Of each row.
        likeness: From 0 up to, but not including, 1.

    Returns:
        Shape (n, steps), float64. Rows have nothing to do with each other.
    """
    return remembered(rng.normal(size=(n, steps)), likeness)


def remembered(shocks: _Floats, likeness: float) -> _Floats:
    """Return rows of the same mean and spread in which each number is correlated by `likeness` with the one before it.

    Args:
        shocks: Independent standard normal numbers of shape (n, steps).
        likeness: From 0 up to, but not including, 1.

    Returns:
        Shape (n, steps), float64.
    """
    scaled = shocks * np.sqrt(1 - likeness**2)
    scaled[:, 0] /= np.sqrt(1 - likeness**2)
    return run_off(scaled, likeness)


def run_off(inflow: _Floats, kept: float) -> _Floats:
    """Add up each row's inflow from left to right, of which the share `kept` stays for the next step.

    Args:
        inflow: Shape (n, steps), float64.
        kept: From 0 to 1.

    Returns:
        What there is at each step, shape (n, steps), float64.
    """
    level = np.empty(inflow.shape)
    state: Any = 0.0
    for step in range(inflow.shape[1]):
        state = kept * state + inflow[:, step]
        level[:, step] = state
    return level


def peak(hour: float, width: float) -> _Floats:
    """Return a bell over the 24 hours, 1 at `hour`, round the clock.

    Args:
        hour: From 0 to 24.
        width: The bell's standard deviation, in hours.

    Returns:
        Shape (24,), float64.
    """
    distance = (np.arange(24) - hour + 12) % 24 - 12
    bell: _Floats = np.exp(-0.5 * (distance / width) ** 2)
    return bell
