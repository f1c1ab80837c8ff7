"""What a model's predictions must look like, and what is said where they do not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from tfcourse.checks.records import Array
from tfcourse.errors import LearnerMistake, NotFinite


@dataclass(frozen=True)
class Output:
    """What predictions must look like.

    Args:
        kind: ``probabilities`` (one row of k that sums to 1), ``probability`` (one number from 0 to 1)
            or ``value`` (any finite numbers).
        shape: Of one prediction, without the batch: ``(10,)`` for ten classes, ``(1,)`` for one number.
    """

    kind: Literal["probabilities", "probability", "value"]
    shape: tuple[int, ...] = (1,)

    def check(self, predictions: Array, count: int) -> None:
        """Check predictions of a trained model for `count` inputs.

        Raises:
            LearnerMistake: Their shape is another one, or their values cannot be what they must be.
        """
        self.check_numbers(predictions, count)
        self._check_probabilities(predictions)

    def check_shape(self, predictions: Array, count: int) -> None:
        """Check the shape alone. One number may come as shape (n,) or (n, 1).

        Raises:
            LearnerMistake: It is another one.
        """
        allowed = {(count, *self.shape)}
        if self.shape == (1,):
            allowed.add((count,))
        if predictions.shape not in allowed:
            units = self.shape[-1]
            raise LearnerMistake(
                f"Expected predictions of shape {batch_of(self.shape)}; found {batch_of(predictions.shape[1:])}. "
                f"The last layer decides this: it needs {units} unit{'s' if units > 1 else ''}, and "
                "nothing may be left unflattened before it."
            )

    def check_numbers(self, predictions: Array, count: int) -> None:
        """Check shape, and that there is neither NaN nor infinity.

        Raises:
            LearnerMistake: The shape is another one.
            NotFinite: There is NaN or infinity.
        """
        self.check_shape(predictions, count)
        if not np.isfinite(predictions).all():
            raise NotFinite(
                "Expected finite predictions; found NaN or infinity after training. "
                "Lower the learning rate, scale the inputs, and look for a logarithm or a division by zero."
            )

    def _check_probabilities(self, predictions: Array) -> None:
        low, high = float(predictions.min()), float(predictions.max())
        if self.kind == "probability" and (low < 0 or high > 1):
            raise LearnerMistake(
                f"Expected probabilities from 0 to 1; found values from {low:.2f} to {high:.2f}, "
                "which look like logits. "
                'Give the last layer activation="sigmoid", and drop from_logits=True from the loss.'
            )
        if self.kind == "probabilities":
            off = float(np.abs(predictions.sum(axis=1) - 1).max())
            if low < 0 or high > 1 + 1e-3 or off > 1e-2:
                raise LearnerMistake(
                    f"Expected probabilities that sum to 1 in each row; found values from {low:.2f} "
                    f"to {high:.2f}, which look like logits. "
                    'Give the last layer activation="softmax", and drop from_logits=True from the loss.'
                )


def check_input(model: Any, x: Array) -> None:
    """Check that a model takes inputs like `x`, as far as it says what it takes.

    Raises:
        LearnerMistake: It is made for another shape.
    """
    expected = x.shape[1:]
    shape = getattr(model, "input_shape", None) if model.built else None
    if not isinstance(shape, tuple) or (shape and not isinstance(shape[0], int | None)):
        return
    found = shape[1:]
    fits = len(found) == len(expected) and all(f is None or f == e for f, e in zip(found, expected, strict=True))
    # A scalar input (a string, say) may be declared as () or as (1,).
    if not fits and not (expected == () and found == (1,)):
        raise LearnerMistake(
            f"Expected a model for inputs of shape {batch_of(expected)}; found one for {batch_of(found)}. "
            f"Begin with keras.Input(shape={tuple(expected)})."
        )


def as_tensor(x: Array) -> Any:
    """Return text as TensorFlow's own strings, which Keras wants; everything else as it is."""
    import tensorflow as tf

    return tf.constant(x) if x.dtype.kind in "US" else x


def as_array(predictions: Any) -> Array:
    """Return what a model gave as float32.

    Raises:
        LearnerMistake: The model has several outputs, or one that is no number.
    """
    if isinstance(predictions, dict | list | tuple):
        found = str(len(predictions))
        if isinstance(predictions, dict):
            names = ", ".join(str(name)[:40] for name in list(predictions)[:5])
            found = f"a dict with output{'s' * (len(predictions) > 1)} {names}"
        raise LearnerMistake(
            f"Expected a model with one output; found {found}. Return a model with a single last layer."
        )
    try:
        return np.asarray(predictions, dtype=np.float32)
    except (TypeError, ValueError):
        raise LearnerMistake(
            f"Expected numbers as predictions; found {type(predictions).__name__}. Look at the last layer."
        ) from None


def batch_of(shape: tuple[int | None, ...]) -> str:
    """Return a shape with its batch, as it is told to learners."""
    return "(" + ", ".join(["batch", *map(str, shape)]) + ")"
