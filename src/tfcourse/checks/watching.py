"""Watching a training: how far it is, how its loss falls, and what the model is made of."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tfcourse.checks.diagnosis import Facts, History
from tfcourse.checks.predictions import as_tensor
from tfcourse.checks.records import Array

MOST_EPOCHS = 2_000
"""Of a curve that is kept."""


@dataclass(frozen=True)
class Epoch:
    """How far a training is.

    Args:
        number: Of the epoch that has ended, or is going on, counted from 1.
        of: How many there will be; fewer where it is stopped early.
        share: Of that epoch's steps, 0 to 1.
        loss: So far in that epoch.
        validation_loss: None where nothing is held back, or the epoch is going on.
        fit: Which call of ``fit`` this is, counted from 1.
    """

    number: int
    of: int
    share: float
    loss: float
    validation_loss: float | None = None
    fit: int = 1


Tell = Callable[[Epoch], None]


def silent(epoch: Epoch) -> None:
    """Tell nobody."""


@dataclass
class Curves:
    """What was seen of every call of ``fit``, in order.

    Args:
        loss: One entry an epoch.
        validation_loss: One entry for each epoch after which there was one.
        steps: Batches that were learned from.
        fits: Calls of ``fit``.
    """

    loss: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    steps: int = 0
    fits: int = 0

    def history(self) -> History:
        """Return the curves."""
        return History(tuple(self.loss[-MOST_EPOCHS:]), tuple(self.validation_loss[-MOST_EPOCHS:]), self.steps)


@contextlib.contextmanager
def loss_curves(tell: Tell = silent) -> Iterator[Curves]:
    """Watch every ``fit`` of the body, whoever calls it.

    Keras makes one `keras.callbacks.CallbackList` for each call; the watcher is added to its callbacks.
    """
    import keras

    curves = Curves()
    watcher = _watcher_class()
    original = keras.callbacks.CallbackList.__init__

    def init(self: Any, callbacks: Any = None, *args: Any, **kwargs: Any) -> None:
        if kwargs.get("add_history"):  # that is fit; evaluate and predict keep none
            callbacks = [*_as_list(callbacks), watcher(curves, tell)]
        original(self, callbacks, *args, **kwargs)

    keras.callbacks.CallbackList.__init__ = init
    try:
        yield curves
    finally:
        keras.callbacks.CallbackList.__init__ = original


def _as_list(callbacks: Any) -> list[Any]:
    if callbacks is None:
        return []
    return list(callbacks) if isinstance(callbacks, list | tuple) else [callbacks]


def _watcher_class() -> Any:
    import keras

    class Watcher(keras.callbacks.Callback):  # type: ignore[misc]
        """Notes losses, and tells how far it is."""

        async_safe = True
        """Keras may call it from another thread, and need not wait for it."""

        def __init__(self, curves: Curves, tell: Tell) -> None:
            super().__init__()
            self._curves, self._tell = curves, tell
            self._number = 1
            self._steps_before = 0

        def on_train_begin(self, logs: Any = None) -> None:
            self._curves.fits += 1
            # Another call of fit may go on with the same optimizer, or with one that compile() has made anew.
            self._steps_before = self._curves.steps - self._taken()

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self._number = epoch + 1

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            steps = self.params.get("steps")
            share = min(1.0, (batch + 1) / steps) if steps else 0.0
            self._say(share, _number((logs or {}).get("loss")), None)

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            logs = logs or {}
            loss = _number(logs.get("loss"))
            validation = _number(logs["val_loss"]) if "val_loss" in logs else None
            self._curves.loss.append(loss)
            self._curves.steps = self._steps_before + self._taken()
            if validation is not None:
                self._curves.validation_loss.append(validation)
            self._say(1.0, loss, validation)

        def _taken(self) -> int:
            optimizer = self.model.optimizer
            return 0 if optimizer is None else int(optimizer.iterations)

        def _say(self, share: float, loss: float, validation: float | None) -> None:
            of = int(self.params.get("epochs") or self._number)
            self._tell(Epoch(self._number, of, share, loss, validation, self._curves.fits))

    return Watcher


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def facts_of(model: Any, x: Array) -> Facts:
    """Return what a model is made of.

    Args:
        model: A built `keras.Model`.
        x: A few of its inputs, shape (n, ...).
    """
    optimizer = getattr(model, "optimizer", None)
    low, high = _range_before_learning(model, x)
    return Facts(
        parameters=int(model.count_params()),
        trainable=sum(math.prod(weight.shape) for weight in model.trainable_weights),
        layers=tuple(class_names(model))[:500],
        optimizer=type(optimizer).__name__ if optimizer is not None else "",
        rate=_first_rate(optimizer),
        low=low,
        high=high,
    )


def class_names(layer: Any) -> Iterator[str]:
    """Yield the class names of all layers within a layer, also within wrappers such as Bidirectional."""
    within = (getattr(layer, name, None) for name in ("layer", "forward_layer", "cell"))
    for part in layer.layers if hasattr(layer, "layers") else within:
        if part is not None and hasattr(part, "weights"):
            yield type(part).__name__
            yield from class_names(part)


def _first_rate(optimizer: Any) -> float | None:
    if optimizer is None:
        return None
    try:
        schedule = getattr(optimizer, "_learning_rate", None)
        return float(schedule(0)) if callable(schedule) else float(np.asarray(optimizer.learning_rate))
    except Exception:  # an optimizer of some other kind; only advice depends on it
        return None


def _range_before_learning(model: Any, x: Array) -> tuple[float | None, float | None]:
    """Return the lowest and the highest value that reaches the first layer with weights to train, or that is frozen."""
    import keras

    try:
        found = _first_learning(model)
        if found is None:
            return None, None
        layer, tensor = found
        if tensor is not model.inputs[0]:
            x = keras.Model(model.inputs, tensor).predict(as_tensor(x), batch_size=256, verbose=0)
        if hasattr(layer, "layers"):  # a model within the model, which may scale them itself
            return _range_before_learning(layer, x)
        values = np.asarray(x, np.float32)
        return float(values.min()), float(values.max())
    except Exception:  # an unusual model: there is less to say about it
        return None, None


def _first_learning(model: Any) -> tuple[Any, Any] | None:
    """Return the first layer with weights, and the tensor that reaches it."""
    graph = getattr(model, "_functional", None) or model  # of a Sequential
    nodes = {id(node) for nodes in graph._nodes_by_depth.values() for node in nodes}
    for layer in model.layers:
        if type(layer).__name__ in ("InputLayer", "Normalization"):
            continue
        if any(len(weight.shape) > 1 for weight in layer.weights):
            # An embedding's input is word numbers, whose size says nothing.
            if type(layer).__name__ == "Embedding":
                return None
            # A model that is used as a layer has an input of its own as well.
            node = next(node for node in layer._inbound_nodes if id(node) in nodes)
            return layer, node.input_tensors[0]
    return None
