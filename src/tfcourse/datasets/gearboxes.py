"""Vibration of gearboxes: order spectra with six states, few to learn from, and work orders that are often wrong.

The domain is single-stage gearboxes of two makes in a rolling mill, measured with a sensor that a mechanic
sticks to the housing. The spectrum is taken over *orders*: multiples of the speed of the shaft that is measured.
The speed wavers while it is measured, so a peak is smeared over about two orders; one short measurement leaves a
noise of 4 decibels on every level.

Every gearbox hums at order 1 and where its teeth meet. Faults raise other orders, and which ones depends on the
make, which nobody wrote down:

=============  ======================  ==============================================================
fault          make A, of 18 teeth     make B, of 27 teeth, whose motor is three times as fast as the shaft
=============  ======================  ==============================================================
unbalance      1                       3: the motor's own order
misalignment   3                       1: the coupling sits on the slow shaft
worn teeth     18 and 36               27: where teeth meet; twice that lies beyond the spectrum
cracked tooth  9 and 27                18 and 36: nine on either side of where teeth meet
bearing        42                      9: where the housing rings
=============  ======================  ==============================================================

So the same hump means one fault in the one make and another in the other, and only the hum of the teeth tells which
make it is. Whoever averages the spectra of a fault mixes the makes up; two features have to be seen together.

What was wrong is known twice. The work order names a state, and names a wrong one in a quarter of
the cases, since it was written in a hurry and before anything was opened. Later, gearboxes were taken apart, and
what was found is true. The gearboxes are invented.

The mill's archive holds many more of them, taken with another sensor, at half as many orders and with a noise of 3
decibels; and its work orders were copied by people who did not care, so that four in ten are wrong.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tfcourse.datasets import generator

Array = np.ndarray[Any, Any]

STATES = ("healthy", "unbalance", "misalignment", "worn teeth", "cracked tooth", "bearing")
"""What the labels mean, in their order."""
ORDERS = np.arange(1, 129) * 0.375
"""The order of each bin, 0.375 to 48."""
WRONG = 0.25
"""Share of work orders that name another state than the true one."""
ARCHIVE_ORDERS = np.arange(1, 65) * 0.75
"""The order of each bin in the mill's archive, 0.75 to 48."""
ARCHIVE_WRONG = 0.4
"""Share of work orders in the archive that name another state than the true one."""

_TEETH = np.array([18, 27])
_UNBALANCE = np.array([1, 3])
_MISALIGNMENT = np.array([3, 1])
_HOUSING = np.array([42, 9])
_BESIDE_THE_MESH = 9
"""Orders between the mesh and what a cracked tooth raises."""
_IN_TWENTY = (5, 3, 3, 3, 3, 3)


@generator
def make_gearboxes(n: int, *, seed: int) -> tuple[Array, Array, Array]:
    """Generate the spectra of `n` gearboxes.

    Args:
        n: Number of gearboxes, one spectrum of each.
        seed: Any non-negative integer. The same seed gives the same gearboxes. States, makes and wrong
            notes are dealt like cards, so that any few hundred hold their share of each.

    Returns:
        ``x`` of shape (n, 128), float32: the level of vibration at each of `ORDERS`, in decibels with one
        decimal, about 20 to 90.

        ``noted`` of shape (n,), int64: the state that the work order names, an index into `STATES`.

        ``true`` of shape (n,), int64: the state that was found. A quarter is healthy, the faults share the rest.
    """
    return _measured(n, seed, ORDERS, noise=4.0, wrong=WRONG)


@generator
def make_archive(n: int, *, seed: int) -> tuple[Array, Array, Array]:
    """Generate `n` gearboxes of the mill's archive: many, and four of ten work orders wrong.

    Args:
        n: Number of gearboxes, one spectrum of each.
        seed: As in `make_gearboxes`, whose states, makes and faults these are.

    Returns:
        ``x`` of shape (n, 64), float32: the level of vibration at each of `ARCHIVE_ORDERS`, in decibels with one
        decimal, about 20 to 90.

        ``noted`` of shape (n,), int64: the state that the work order names, an index into `STATES`.

        ``true`` of shape (n,), int64: the state that was found. A quarter is healthy, the faults share the rest.
    """
    return _measured(n, seed, ARCHIVE_ORDERS, noise=3.0, wrong=ARCHIVE_WRONG)


def _measured(n: int, seed: int, orders: Array, *, noise: float, wrong: float) -> tuple[Array, Array, Array]:
    """Draw gearboxes and measure them at `orders`, with a sensor whose noise has `noise` decibels."""
    random = np.random.default_rng(seed)
    true = _dealt(np.repeat(np.arange(len(STATES)), _IN_TWENTY), n, random)
    other = (true + random.integers(1, len(STATES), size=n)) % len(STATES)
    noted = np.where(_dealt(np.arange(20), n, random) < 20 * wrong, other, true)
    make = _dealt(np.arange(20) % 2, n, random)
    severity = 15 * random.lognormal(0, 0.25, n)  # decibels
    unbalance, misaligned, worn, cracked, bearing = (np.where(true == k, severity, 0.0) for k in range(1, 6))
    teeth = _TEETH[make]

    def hump(order: Any, height: Array, width: float = 1.0) -> Array:
        middle = np.broadcast_to(order, (n,))[:, None]
        return np.asarray(height[:, None] * np.exp(-0.5 * ((orders - middle) / width) ** 2))

    levels = 40 + hump(1, np.full(n, 8.0)) + hump(teeth, 12 + worn) + hump(2 * teeth, worn)
    levels = levels + hump(_UNBALANCE[make], unbalance) + hump(_MISALIGNMENT[make], misaligned, 1.2)
    levels = levels + hump(teeth - _BESIDE_THE_MESH, cracked) + hump(teeth + _BESIDE_THE_MESH, cracked)
    levels = levels + hump(_HOUSING[make], 0.9 * bearing, 2.0)
    levels = levels + random.normal(0, 1.5, (n, 1)) + random.normal(0, noise, levels.shape)
    return levels.round(1).astype(np.float32), noted.astype(np.int64), true.astype(np.int64)


def _dealt(cards: Array, n: int, random: np.random.Generator) -> Array:
    """Return `n` cards of a pack that is shuffled, dealt, and shuffled again: shares hold in every part."""
    return np.concatenate([random.permutation(cards) for _ in range(-(-n // len(cards)))] or [cards])[:n]
