"""Hourly readings of heat pumps: what electricity a house takes on a winter's hour. A small model of the domain.

The houses are invented. What decides the power of one hour:

===========  =====================================================================================================
demand       heat that the house loses: its size and how well it is insulated, times the degrees below 18 °C
efficiency   falls with the *lift*, from the air outside to the water in the radiators; at best about half of what
             physics allows
frost        between about −4 and 4 °C, in damp air, ice grows on the outer coil and has to be melted
cycling      a pump that is large for what is asked stops and starts, and loses by it
heating rod  what the pump cannot deliver in the cold is added by a rod that turns electricity into heat, one to one
===========  =====================================================================================================
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tfcourse.datasets import generator

FEATURES = ("outside_c", "humidity", "flow_c", "area_m2", "insulation", "pump_w")
"""The columns of the inputs: degrees outside, relative humidity in percent, degrees of the water in the radiators,
heated area, watts lost for each square metre and degree, and the watts of heat that the pump delivers at 7 °C."""


@generator
def make_heat_pumps(n: int, *, seed: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Draw `n` hours, each of another house.

    Args:
        n: Number of readings.
        seed: Any non-negative integer. The same seed gives the same readings.

    Returns:
        ``x``: float32 of shape (n, 6), the columns of `FEATURES`.
        ``y``: float32 of shape (n,), electric power in kW.
    """
    random = np.random.default_rng(seed)
    outside = random.uniform(-15, 15, n)
    humidity = random.uniform(40, 100, n)
    flow = np.clip(45 - 0.6 * outside + random.normal(0, 6, n), 26, 65)
    area, insulation = random.uniform(60, 260, n), random.uniform(0.6, 2.4, n)
    demand = area * insulation * np.maximum(18 - outside, 0) / 1000
    pump = np.clip(area * insulation * 28 / 1000 * random.uniform(0.6, 1.5, n), 3, 16)
    frost = np.exp(-(((outside - 0.5) / 3) ** 2)) * np.clip((humidity - 65) / 30, 0, 1)
    capacity = pump * (1 + 0.025 * (outside - 7)) * (1 - 0.3 * frost)
    efficiency = 0.48 * (flow + 273.15) / np.maximum(flow - outside + 6, 12) * (1 - 0.3 * frost)
    load = np.minimum(demand / capacity, 1)
    efficiency = efficiency * (1 - 0.45 * np.maximum(0.5 - load, 0))
    power = np.minimum(demand, capacity) / efficiency + np.maximum(demand - capacity, 0)
    x = np.stack([outside, humidity, flow, area, insulation, pump], axis=1).round(2)
    x[:, 5] = (1000 * x[:, 5]).round()
    y = 0.06 + power * random.normal(1, 0.03, n)
    return x.astype(np.float32), y.round(3).astype(np.float32)
