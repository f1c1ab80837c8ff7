"""Predictors that do not learn, or learn too simply: what the lower rungs of every ladder mean.

Each function makes a `Baseline`. Inputs are those of the check's task: ``x`` of shape (n, ...) and ``y``
of shape (n,) or (n, horizon). Windows of a series have shape (n, window) or (n, window, features); of
several features, the first is the series that is forecast.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from tfcourse.checks.picture_files import with_pictures
from tfcourse.checks.records import Array, Task
from tfcourse.checks.training import TrainModel

Kind = Literal["does not learn", "simple"]
MOST_POINTS: dict[Kind, int] = {"does not learn": 1, "simple": 3}
"""The most points that a baseline of each kind may get on any seed."""


@dataclass(frozen=True)
class Baseline:
    """A named predictor to compare a model with.

    Args:
        name: As shown to learners.
        kind: Decides how many points it may get, see `MOST_POINTS`.
        predict: Maps a task to predictions for its test inputs.
    """

    name: str
    kind: Kind
    predict: Callable[[Task], Array]


def _parts(task: Task) -> tuple[Array, Array, Array]:
    return task.train["x"], task.train["y"], task.cases[0][0]


def _series(x: Array) -> Array:
    return x if x.ndim == 2 else x[..., 0]


def majority() -> Baseline:
    """Always answer the class that is most frequent in training. Labels: integers from 0."""

    def predict(task: Task) -> Array:
        _, y, x_test = _parts(task)
        counts = np.bincount(y.reshape(-1).astype(int))
        if len(counts) <= 2:
            return np.full((len(x_test), 1), float(counts.argmax()))
        return np.tile(np.eye(len(counts))[counts.argmax()], (len(x_test), 1))

    return Baseline("majority class", "does not learn", predict)


def mean() -> Baseline:
    """Always answer the mean of the training targets."""

    def predict(task: Task) -> Array:
        _, y, x_test = _parts(task)
        return np.full((len(x_test), *y.shape[1:]), y.mean())

    return Baseline("training mean", "does not learn", predict)


def last_value() -> Baseline:
    """Repeat the last value of the window for every step ahead."""

    def predict(task: Task) -> Array:
        _, y, x_test = _parts(task)
        return np.repeat(_series(x_test)[:, -1:], _horizon(y), axis=1)

    return Baseline("last value", "does not learn", predict)


def last_season(period: int) -> Baseline:
    """Repeat what the window holds one period before each step. Needs a window of at least `period`."""

    def predict(task: Task) -> Array:
        _, y, x_test = _parts(task)
        steps = np.arange(_horizon(y)) % period - period
        return _series(x_test)[:, steps]

    return Baseline("last season", "does not learn", predict)


def moving_average(window: int) -> Baseline:
    """Answer the mean of the last `window` values of each input for every step ahead."""

    def predict(task: Task) -> Array:
        _, y, x_test = _parts(task)
        level = _series(x_test)[:, -window:].mean(axis=1, keepdims=True)
        return np.repeat(level, _horizon(y), axis=1)

    return Baseline(f"moving average of {window}", "simple", predict)


def linear() -> Baseline:
    """Least squares on the flattened inputs."""

    def predict(task: Task) -> Array:
        from sklearn.linear_model import LinearRegression

        x, y, x_test = _parts(task)
        model = LinearRegression().fit(x.reshape(len(x), -1), y.reshape(len(y), -1))
        return np.asarray(model.predict(x_test.reshape(len(x_test), -1)))

    return Baseline("linear regression", "simple", predict)


def logistic(*, c: float = 1.0) -> Baseline:
    """Logistic regression on the flattened, standardised inputs; `c` is the inverse of its penalty."""

    def predict(task: Task) -> Array:
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        x, y, x_test = _parts(task)
        model = make_pipeline(StandardScaler(), LogisticRegression(C=c, max_iter=200))
        model.fit(x.reshape(len(x), -1), y.reshape(-1))
        return _class_probabilities(model, x_test.reshape(len(x_test), -1))

    return Baseline("logistic regression", "simple", predict)


def bag_of_words() -> Baseline:
    """Count words, weigh them by rarity (TF-IDF), and fit a logistic regression."""

    def predict(task: Task) -> Array:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline

        x, y, x_test = _parts(task)
        model = make_pipeline(TfidfVectorizer(token_pattern=r"[^\s]+"), LogisticRegression(C=10.0, max_iter=500))  # noqa: S106
        model.fit(list(x.reshape(-1)), y.reshape(-1))
        return _class_probabilities(model, list(x_test.reshape(-1)))

    return Baseline("bag of words", "simple", predict)


def untrained(training: TrainModel, builder: Any) -> Baseline:
    """Predict with the weights that the model starts from; `builder` is what a learner would hand over."""
    return Baseline("untrained network", "does not learn", lambda task: training.predict_untrained(builder, task))


def network(name: str, training: TrainModel, builder: Any) -> Baseline:
    """Train a simpler network, such as a plain dense one, within the same budget.

    `builder` is what a learner would hand over: a function, or the pair that picture files ask for.
    """
    return Baseline(name, "simple", lambda task: training.respond(builder, task).outputs[0][0])


def on_pictures(baseline: Baseline, load_picture: Callable[[bytes], Any]) -> Baseline:
    """Let a baseline see the pictures of a task whose inputs are files, as `load_picture` loads them."""
    return replace(baseline, predict=lambda task: baseline.predict(with_pictures(task, load_picture)))


def _horizon(y: Array) -> int:
    return 1 if y.ndim == 1 else y.shape[1]


def _class_probabilities(model: Any, inputs: Any) -> Array:
    probabilities = np.asarray(model.predict_proba(inputs))
    return probabilities[:, 1:] if probabilities.shape[1] == 2 else probabilities
