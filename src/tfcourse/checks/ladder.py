"""The ladder: which metric value is worth which points, and the rules that it must keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tfcourse.checks.metrics import Metric


@dataclass(frozen=True)
class Ladder:
    """Five thresholds of a metric; reaching the k-th is worth k points of five.

    Args:
        metric: What is measured.
        thresholds: Five values from the easiest to the hardest.

    Raises:
        ValueError: The thresholds are not five, or do not get harder one by one.
    """

    metric: Metric
    thresholds: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.thresholds) != 5:
            raise ValueError(f"a ladder has 5 thresholds, found {len(self.thresholds)}")
        if any(not self.reaches(b, a) or a == b for a, b in pairwise(self.thresholds)):
            raise ValueError(f"thresholds must get harder one by one, found {self.thresholds}")

    def reaches(self, value: float, threshold: float) -> bool:
        """Tell whether `value` is at least as good as `threshold`."""
        return value >= threshold if self.metric.higher_is_better else value <= threshold

    def rung(self, value: float) -> int:
        """Return how many thresholds `value` reaches, 0 to 5."""
        return sum(self.reaches(value, threshold) for threshold in self.thresholds)

    def next_threshold(self, value: float) -> float | None:
        """Return the easiest threshold that `value` does not reach, or None at the top."""
        rung = self.rung(value)
        return None if rung == 5 else self.thresholds[rung]


def spacing_problem(ladder: Ladder, reference_sd: float) -> str | None:
    """Tell where two rungs stand closer than two standard deviations of the reference's noise."""
    gap, lower, upper = min((abs(b - a), a, b) for a, b in pairwise(ladder.thresholds))
    if gap >= 2 * reference_sd:
        return None
    return (
        f"rungs at least 2 standard deviations apart (2 x {reference_sd:.4g}), "
        f"found {gap:.4g} between {lower:g} and {upper:g}"
    )


def limit_problem(ladder: Ladder, name: str, values: Sequence[float], most: int) -> str | None:
    """Tell where a baseline gets more points on some seed than its kind may."""
    worst = max(ladder.rung(value) for value in values)
    if worst <= most:
        return None
    count = sum(ladder.rung(value) > most for value in values)
    return f"at most {most} points for '{name}', found {worst} ({count} of {len(values)} seeds)"


def floor_problem(ladder: Ladder, name: str, values: Sequence[float], least: int, allowed: float) -> str | None:
    """Tell where a solution gets fewer points than it must on more than a share `allowed` of seeds."""
    return _panel_problem(f"at least {least}", name, [ladder.rung(value) for value in values], allowed, least, 5)


def ceiling_problem(ladder: Ladder, name: str, values: Sequence[float], most: int, allowed: float) -> str | None:
    """Tell where a solution gets more points than it may on more than a share `allowed` of seeds."""
    return _panel_problem(f"at most {most}", name, [ladder.rung(value) for value in values], allowed, 0, most)


def _panel_problem(wanted: str, name: str, points: Sequence[int], allowed: float, least: int, most: int) -> str | None:
    outside = sum(not least <= each <= most for each in points)
    if outside <= allowed * len(points):
        return None
    return f"{wanted} points for '{name}', found {' '.join(map(str, points))}"
