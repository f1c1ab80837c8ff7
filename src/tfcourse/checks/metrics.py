"""Metrics by which models are judged: plain functions of labels and predictions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tfcourse.checks.records import Array


@dataclass(frozen=True)
class Metric:
    """A named number computed from labels and predictions."""

    name: str
    """As shown to learners, e.g. ``accuracy``."""
    higher_is_better: bool
    compute: Callable[[Array, Array], float]
    """Maps ``(y_true, y_pred)`` to a float."""
    digits: int = 3
    """Digits after the point in messages."""

    def __call__(self, y_true: Array, y_pred: Array) -> float:
        """Return the metric of `y_pred` against `y_true`."""
        return float(self.compute(y_true, y_pred))

    def show(self, value: float) -> str:
        """Format a value for a person."""
        return f"{value:.{self.digits}f}"


def _accuracy(y_true: Array, y_pred: Array) -> float:
    if y_pred.ndim == 2 and y_pred.shape[1] > 1:
        predicted = y_pred.argmax(axis=1)
    else:
        predicted = (y_pred.reshape(len(y_pred)) > 0.5).astype(int)
    return float(np.mean(predicted == y_true.reshape(len(y_true))))


def _balanced_accuracy(y_true: Array, y_pred: Array) -> float:
    labels, predicted = y_true.reshape(len(y_true)), y_pred.argmax(axis=1)
    return float(np.mean([np.mean(predicted[labels == label] == label) for label in np.unique(labels)]))


def _mean_absolute_error(y_true: Array, y_pred: Array) -> float:
    difference = y_pred.reshape(y_true.shape).astype(np.float64) - y_true.astype(np.float64)
    return float(np.mean(np.abs(difference)))


accuracy = Metric("accuracy", higher_is_better=True, compute=_accuracy)
"""Share of examples whose class is right.

Labels are integers of shape (n,). Predictions are probabilities: of shape (n, k) for k classes (the
largest counts), or (n,) or (n, 1) for two (above 0.5 is class 1).
"""

balanced_accuracy = Metric("balanced accuracy", higher_is_better=True, compute=_balanced_accuracy)
"""Mean over the classes of recall: the share of a class's examples that are given to it.

Every class weighs the same, however rare. Labels are integers of shape (n,); classes that do not occur among
them are left out. Predictions are probabilities of shape (n, k), of which the largest counts.
"""

mean_absolute_error = Metric("MAE", higher_is_better=False, compute=_mean_absolute_error)
"""Mean of |prediction - truth| in the unit of the target, over all examples and all steps."""
