"""Predictors that do not learn, or learn too simply: what the lower rungs of every ladder mean.

Each function makes a `Baseline`. Inputs are those of the check's `Split`: ``x`` of shape (n, ...) and ``y``
of shape (n,) or (n, horizon). Windows of a series have shape (n, window) or (n, window, features); of
several features, the first is the series that is forecast.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from tfcourse.checks.check import Split
from tfcourse.checks.fixed_budget import FixedBudget
from tfcourse.checks.records import Array, ModelRequest, Task

Kind = Literal["does not learn", "simple"]
MOST_POINTS: dict[str, int] = {"does not learn": 1, "simple": 3}
"""The most points that a baseline of each kind may get on any seed."""


@dataclass(frozen=True)
class Baseline:
    """A named predictor to compare a model with.

    Args:
        name: As shown to learners.
        kind: Decides how many points it may get, see `MOST_POINTS`.
        predict: Maps a check's data to predictions for its test inputs; it may read all but the key.
    """

    name: str
    kind: Kind
    predict: Callable[[Split], Array]


def _parts(split: Split) -> tuple[Array, Array, Array]:
    return split.x_train, split.y_train, split.x_test


def _series(x: Array) -> Array:
    return x if x.ndim == 2 else x[..., 0]


def majority() -> Baseline:
    """Always answer the class that is most frequent in training. Labels: integers from 0."""

    def predict(split: Split) -> Array:
        _, y, x_test = _parts(split)
        counts = np.bincount(y.reshape(-1).astype(int))
        if len(counts) <= 2:
            return np.full((len(x_test), 1), float(counts.argmax()))
        return np.tile(np.eye(len(counts))[counts.argmax()], (len(x_test), 1))

    return Baseline("majority class", "does not learn", predict)


def mean() -> Baseline:
    """Always answer the mean of the training targets."""

    def predict(split: Split) -> Array:
        _, y, x_test = _parts(split)
        return np.full((len(x_test), *y.shape[1:]), y.mean())

    return Baseline("training mean", "does not learn", predict)


def last_value() -> Baseline:
    """Repeat the last value of the window for every step ahead."""

    def predict(split: Split) -> Array:
        _, y, x_test = _parts(split)
        return np.repeat(_series(x_test)[:, -1:], _horizon(y), axis=1)

    return Baseline("last value", "does not learn", predict)


def last_season(period: int) -> Baseline:
    """Repeat what the window holds one period before each step. Needs a window of at least `period`."""

    def predict(split: Split) -> Array:
        _, y, x_test = _parts(split)
        steps = np.arange(_horizon(y)) % period - period
        return _series(x_test)[:, steps]

    return Baseline("last season", "does not learn", predict)


def moving_average(window: int) -> Baseline:
    """Answer the mean of the last `window` values of each input for every step ahead."""

    def predict(split: Split) -> Array:
        _, y, x_test = _parts(split)
        level = _series(x_test)[:, -window:].mean(axis=1, keepdims=True)
        return np.repeat(level, _horizon(y), axis=1)

    return Baseline(f"moving average of {window}", "simple", predict)


def linear() -> Baseline:
    """Least squares on the flattened inputs."""

    def predict(split: Split) -> Array:
        from sklearn.linear_model import LinearRegression

        x, y, x_test = _parts(split)
        model = LinearRegression().fit(x.reshape(len(x), -1), y.reshape(len(y), -1))
        return np.asarray(model.predict(x_test.reshape(len(x_test), -1)))

    return Baseline("linear regression", "simple", predict)


def logistic(*, c: float = 1.0) -> Baseline:
    """Logistic regression on the flattened, standardised inputs; `c` is the inverse of its penalty."""

    def predict(split: Split) -> Array:
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        x, y, x_test = _parts(split)
        model = make_pipeline(StandardScaler(), LogisticRegression(C=c, max_iter=200))
        model.fit(x.reshape(len(x), -1), y.reshape(-1))
        return _class_probabilities(model, x_test.reshape(len(x_test), -1))

    return Baseline("logistic regression", "simple", predict)


def bag_of_words() -> Baseline:
    """Count words, weigh them by rarity (TF-IDF), and fit a logistic regression."""

    def predict(split: Split) -> Array:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline

        x, y, x_test = _parts(split)
        model = make_pipeline(TfidfVectorizer(token_pattern=r"[^\s]+"), LogisticRegression(C=10.0, max_iter=500))  # noqa: S106
        model.fit(list(x.reshape(-1)), y.reshape(-1))
        return _class_probabilities(model, list(x_test.reshape(-1)))

    return Baseline("bag of words", "simple", predict)


def untrained(training: FixedBudget, builder: Any) -> Baseline:
    """Predict with the weights that the model starts from; `builder` is what a learner would hand over."""

    def predict(split: Split) -> Array:
        return training.predict_untrained(builder, split.x_train, split.x_test, _seed_of(split))

    return Baseline("untrained network", "does not learn", predict)


def network(name: str, training: FixedBudget, builder: Any) -> Baseline:
    """Train a simpler network, such as a plain dense one, within a fixed budget; `builder` builds it."""

    def predict(split: Split) -> Array:
        seed = _seed_of(split)
        task = Task(name, training, cases=(), train={"x": split.x_train}, weights_seed=seed)
        design = training.respond(builder, task).model
        assert design is not None
        train = {"x": split.x_train, "y": split.y_train}
        return training.train(ModelRequest(design, training, (split.x_test,), train=train, seed=seed)).predictions

    return Baseline(name, "simple", predict)


def _seed_of(split: Split) -> int:
    """Return a seed of weights that differs from data set to data set."""
    return zlib.crc32(np.ascontiguousarray(split.y_train).tobytes())


def _horizon(y: Array) -> int:
    return 1 if y.ndim == 1 else y.shape[1]


def _class_probabilities(model: Any, inputs: Any) -> Array:
    probabilities = np.asarray(model.predict_proba(inputs))
    return probabilities[:, 1:] if probabilities.shape[1] == 2 else probabilities
