"""Other people's models: what a ladder has to let up, and what it has to hold down.

A reference and baselines are written by the author of a check. Learners bring other models; a panel of them is
measured with every ladder, trained as a learner's would be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from tfcourse.checks.records import Array

Kind = Literal["ordinary", "mistake", "rival"]
FEWEST_ORDINARY = 4
"""Points that an ordinary solution gets at least."""
MOST_WITHOUT = 3
"""Points that a mistake or a rival gets at most."""


@dataclass(frozen=True)
class Solution:
    """One member of a panel.

    Args:
        name: A few words, for tables: ``dropout 0.5, default Adam``.
        kind: ``ordinary``: what somebody who followed the lesson or a textbook would write, with default optimizers
            and usual sizes, tuned by nobody on this data. ``mistake``: an error that the lesson or the advice names.
            ``rival``: the obvious design without a skill that the check claims.
        learner_object: What a learner would hand over: a function that builds, or one that trains. For an exam
            problem, a function of a `Split` that returns a trained model.
        without: For a rival, the claimed skills that it does without.
    """

    name: str
    kind: Kind
    learner_object: Any
    without: tuple[str, ...] = ()


def ordinary(name: str, learner_object: Any) -> Solution:
    """Return an ordinary solution. See `Solution`."""
    return Solution(name, "ordinary", learner_object)


def mistake(name: str, learner_object: Any) -> Solution:
    """Return a mistake. See `Solution`."""
    return Solution(name, "mistake", learner_object)


def rival(name: str, learner_object: Any, *without: str) -> Solution:
    """Return a design without some of the skills that a check claims. See `Solution`."""
    return Solution(name, "rival", learner_object, without)


Build = Callable[[Array], Any]
"""Builds a compiled model for training inputs."""
Train = Callable[[Array, Array], Any]
"""Returns a model that was trained on inputs and labels."""


def fitted(build: Build, epochs: int, *, batch_size: int = 32) -> Train:
    """Return a training for a number of epochs, of which nothing is held back."""

    def train_model(x_train: Array, y_train: Array) -> Any:
        model = build(x_train)
        model.fit(x_train, y_train, epochs=epochs, batch_size=batch_size, verbose=0)
        return model

    return train_model


def stopped_early(
    build: Build, patience: int = 10, epochs: int = 100, *, batch_size: int = 32, **options: Any
) -> Train:
    """Return a training that holds a fifth back, and stops where that no longer gets better.

    Args:
        build: Builds the model.
        patience: Epochs without progress.
        epochs: At most.
        batch_size: Examples a step.
        options: Of `keras.callbacks.EarlyStopping`. By default, the best weights are put back.
    """

    def train_model(x_train: Array, y_train: Array) -> Any:
        import keras

        model = build(x_train)
        stop = keras.callbacks.EarlyStopping(**{"patience": patience, "restore_best_weights": True, **options})
        model.fit(
            x_train, y_train, epochs=epochs, batch_size=batch_size, validation_split=0.2, callbacks=[stop], verbose=0
        )
        return model

    return train_model


def best_kept(build: Build, monitor: str, epochs: int) -> Train:
    """Return a training that holds a fifth back, and loads what was best by `monitor` in the end."""

    def train_model(x_train: Array, y_train: Array) -> Any:
        import keras

        model = build(x_train)
        keep = keras.callbacks.ModelCheckpoint("best.keras", monitor=monitor, save_best_only=True)
        model.fit(x_train, y_train, epochs=epochs, validation_split=0.2, callbacks=[keep], verbose=0)
        return keras.models.load_model("best.keras")

    return train_model
