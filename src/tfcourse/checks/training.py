"""The learner's side of a model check: build, inspect, train within a budget, predict."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from tfcourse.checks import guard, runtime
from tfcourse.checks.records import Array, Response, Task
from tfcourse.errors import LearnerMistake, NotAttempted


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


@dataclass(frozen=True)
class TrainModel:
    """Trains the model that a learner's function returns, for a fixed number of steps.

    Args:
        output: What predictions must look like.
        epochs: Passes over the training data.
        batch_size: Examples a step.
        max_parameters: Largest allowed number of weights.
        builder_sees: ``nothing`` for ``build_model()``, ``train inputs`` for ``build_model(x_train)``,
            where layers have to adapt to the training data.
        seconds: Wall clock after which training is stopped: a safety net against a model that would
            train for ever, far above what the reference needs.
    """

    output: Output
    epochs: int
    batch_size: int = 32
    max_parameters: int = 1_000_000
    builder_sees: Literal["nothing", "train inputs"] = "nothing"
    seconds: float = 180.0

    def respond(self, learner_object: Any, task: Task) -> Response:
        """Train and predict. See `tfcourse.checks.records.Respondent`."""
        began = time.perf_counter()
        runtime.fix_seeds(task.weights_seed)
        model = self._build(learner_object, task)
        (x_test,) = task.cases[0]
        self._inspect(model, task.train["x"])
        self._fit(model, task)
        predictions = self._predict(model, x_test)
        return Response(
            outputs=((predictions,),),
            parameters=int(model.count_params()),
            seconds=time.perf_counter() - began,
        )

    def predict_untrained(self, builder: Callable[..., Any], task: Task) -> Array:
        """Return predictions of a freshly built model: what a network knows before training."""
        runtime.fix_seeds(task.weights_seed)
        model = self._build(builder, task)
        (x_test,) = task.cases[0]
        return self._predict(model, x_test)

    def _build(self, builder: Any, task: Task) -> Any:
        import keras

        call = "build_model(x_train)" if self.builder_sees == "train inputs" else "build_model()"
        if builder is None or builder is Ellipsis:
            raise NotAttempted(guard.NOT_ATTEMPTED)
        if isinstance(builder, keras.Model):
            raise LearnerMistake(
                "Expected your function, so that a fresh model can be trained; found a "
                f"{type(builder).__name__} that it "
                "returned. Hand over the function's name without parentheses."
            )
        if not callable(builder):
            raise LearnerMistake(
                f"Expected a function; found {_describe(builder)}. Define {call} and hand over its name."
            )
        arguments = (task.train["x"].copy(),) if self.builder_sees == "train inputs" else ()
        model = guard.call(builder, *arguments)
        if model is None:
            raise LearnerMistake(
                f"Expected {call} to return a compiled Keras model; found None. Is the `return` missing?"
            )
        if not isinstance(model, keras.Model):
            raise LearnerMistake(
                f"Expected {call} to return a Keras model; found {_describe(model)}. "
                "Return the model itself, not its history or its layers."
            )
        return model

    def _inspect(self, model: Any, x_train: Array) -> None:
        """Check everything that can be checked before a step is spent on training."""
        if not model.compiled:
            raise LearnerMistake(
                "Expected a compiled model; found one without optimizer and loss. Call "
                "model.compile(...) before you return it."
            )
        self._check_input(model, x_train)
        sample = _as_array(model(_as_tensor(x_train[:2]), training=False))
        self._check_shape(sample, 2)
        parameters = int(model.count_params())
        if parameters > self.max_parameters:
            raise LearnerMistake(
                f"Expected at most {self.max_parameters:,} parameters; found {parameters:,}. "
                "model.summary() shows which layer holds most of them; make that one smaller."
            )

    def _check_input(self, model: Any, x_train: Array) -> None:
        expected = x_train.shape[1:]
        shape = getattr(model, "input_shape", None) if model.built else None
        if not isinstance(shape, tuple) or (shape and not isinstance(shape[0], int | None)):
            return
        found = shape[1:]
        fits = len(found) == len(expected) and all(f is None or f == e for f, e in zip(found, expected, strict=True))
        # A scalar input (a string, say) may be declared as () or as (1,).
        if not fits and not (expected == () and found == (1,)):
            raise LearnerMistake(
                f"Expected a model for inputs of shape {_batch(expected)}; found one for {_batch(found)}. "
                f"Begin with keras.Input(shape={tuple(expected)})."
            )

    def _check_shape(self, predictions: Array, count: int) -> None:
        allowed = {(count, *self.output.shape)}
        if self.output.shape == (1,):
            allowed.add((count,))
        if predictions.shape not in allowed:
            units = self.output.shape[-1]
            raise LearnerMistake(
                f"Expected predictions of shape {_batch(self.output.shape)}; found {_batch(predictions.shape[1:])}. "
                f"The last layer decides this: it needs {units} unit{'s' if units > 1 else ''}, and "
                "nothing may be left unflattened before it."
            )

    def _fit(self, model: Any, task: Task) -> None:
        import keras
        import tensorflow as tf

        x, y = task.train["x"], task.train["y"]
        if self.output.shape == (1,) and y.ndim == 1 and self.output.kind != "probabilities":
            y = y[:, None]
        data = tf.data.Dataset.from_tensor_slices((_as_tensor(x), y))
        data = data.shuffle(len(x), seed=task.weights_seed).batch(self.batch_size)
        model.fit(data, epochs=self.epochs, verbose=0, callbacks=[keras.callbacks.TerminateOnNaN()])

    def _predict(self, model: Any, x_test: Array) -> Array:
        predictions = _as_array(model.predict(_as_tensor(x_test), batch_size=256, verbose=0))
        self._check_shape(predictions, len(x_test))
        if not np.isfinite(predictions).all():
            raise LearnerMistake(
                "Expected finite predictions; found NaN or infinity after training. "
                "Lower the learning rate, scale the inputs, and look for a logarithm or a division by zero."
            )
        self._check_probabilities(predictions)
        return predictions

    def _check_probabilities(self, predictions: Array) -> None:
        low, high = float(predictions.min()), float(predictions.max())
        if self.output.kind == "probability" and (low < 0 or high > 1):
            raise LearnerMistake(
                f"Expected probabilities from 0 to 1; found values from {low:.2f} to {high:.2f}, "
                "which look like logits. "
                'Give the last layer activation="sigmoid", and drop from_logits=True from the loss.'
            )
        if self.output.kind == "probabilities":
            off = float(np.abs(predictions.sum(axis=1) - 1).max())
            if low < 0 or high > 1 + 1e-3 or off > 1e-2:
                raise LearnerMistake(
                    f"Expected probabilities that sum to 1 in each row; found values from {low:.2f} "
                    f"to {high:.2f}, which look like logits. "
                    'Give the last layer activation="softmax", and drop from_logits=True from the loss.'
                )


def _as_tensor(x: Array) -> Any:
    """Keras refuses NumPy strings; TensorFlow takes them as its own."""
    import tensorflow as tf

    return tf.constant(x) if x.dtype.kind in "US" else x


def _as_array(predictions: Any) -> Array:
    if isinstance(predictions, dict | list | tuple):
        raise LearnerMistake(
            f"Expected a model with one output; found {len(predictions)}. Return a model with a single last layer."
        )
    return np.asarray(predictions, dtype=np.float32)


def _batch(shape: tuple[int | None, ...]) -> str:
    return "(" + ", ".join(["batch", *map(str, shape)]) + ")"


def _describe(value: Any) -> str:
    text = repr(value)
    return f"{type(value).__name__} {text if len(text) <= 60 else text[:60] + ' …'}"
