"""The learner's side of a model check: build, inspect, train within a budget, predict."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Literal

from tfcourse.checks import guard, picture_files, runtime
from tfcourse.checks.predictions import Output, as_array, as_tensor, batch_of, check_input
from tfcourse.checks.records import Array, Response, Task
from tfcourse.errors import LearnerMistake, NotAttempted


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
        reads: ``picture files`` where inputs are encoded pictures of different sizes. The learner then hands
            over a pair, ``(load_picture, build_model)``; see `tfcourse.checks.picture_files`.
        steps: Where set, inputs are sequences of this many steps, and targets of shape (n, steps): the model answers
            at every step, (n, steps, *output.shape), and learns from all of them. Only its answer at the last step
            is handed back; the others can be read in the inputs.
        seconds: Wall clock after which training is stopped: a safety net against a model that would
            train for ever, far above what the reference needs.
    """

    output: Output
    epochs: int
    batch_size: int = 32
    max_parameters: int = 1_000_000
    builder_sees: Literal["nothing", "train inputs"] = "nothing"
    reads: Literal["arrays", "picture files"] = "arrays"
    steps: int | None = None
    seconds: float = 180.0

    def respond(self, learner_object: Any, task: Task) -> Response:
        """Train and predict. See `tfcourse.checks.records.Respondent`."""
        began = time.perf_counter()
        runtime.fix_seeds(task.weights_seed)
        builder, task = self._loaded(learner_object, task)
        model = self._build(builder, task)
        (x_test,) = task.cases[0]
        self._inspect(model, task.train["x"])
        self._fit(model, task)
        predictions = self._predict(model, x_test)
        return Response(
            outputs=((predictions,),),
            parameters=int(model.count_params()),
            seconds=time.perf_counter() - began,
        )

    def predict_untrained(self, learner_object: Any, task: Task) -> Array:
        """Return predictions of a freshly built model: what a network knows before training."""
        runtime.fix_seeds(task.weights_seed)
        builder, task = self._loaded(learner_object, task)
        model = self._build(builder, task)
        (x_test,) = task.cases[0]
        return self._predict(model, x_test)

    def _loaded(self, learner_object: Any, task: Task) -> tuple[Any, Task]:
        """Return the builder and a task of arrays, whatever the check reads."""
        if self.reads == "arrays":
            return learner_object, task
        load_picture, builder = picture_files.both_functions(learner_object)
        return builder, picture_files.with_pictures(task, load_picture)

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
        check_input(model, x_train)
        sample = as_array(model(as_tensor(x_train[:2]), training=False))
        self.output.check_shape(self._at_the_last_step(sample), 2)
        parameters = int(model.count_params())
        if parameters > self.max_parameters:
            raise LearnerMistake(
                f"Expected at most {self.max_parameters:,} parameters; found {parameters:,}. "
                "model.summary() shows which layer holds most of them; make that one smaller."
            )

    def _fit(self, model: Any, task: Task) -> None:
        import keras
        import tensorflow as tf

        x, y = task.train["x"], task.train["y"]
        if self.output.shape == (1,) and y.ndim == 1 and self.output.kind != "probabilities":
            y = y[:, None]
        data = tf.data.Dataset.from_tensor_slices((as_tensor(x), y))
        data = data.shuffle(len(x), seed=task.weights_seed).batch(self.batch_size)
        model.fit(data, epochs=self.epochs, verbose=0, callbacks=[keras.callbacks.TerminateOnNaN()])

    def _predict(self, model: Any, x_test: Array) -> Array:
        predictions = self._at_the_last_step(as_array(model.predict(as_tensor(x_test), batch_size=256, verbose=0)))
        self.output.check(predictions, len(x_test))
        return predictions

    def _at_the_last_step(self, predictions: Array) -> Array:
        if self.steps is None:
            return predictions
        expected = (self.steps, *self.output.shape)
        if predictions.shape[1:] != expected:
            raise LearnerMistake(
                f"Expected an answer at every step, of shape {batch_of(expected)}; found "
                f"{batch_of(predictions.shape[1:])}. A recurrent layer answers at every step with "
                "return_sequences=True; Flatten and pooling layers make one answer of all."
            )
        return predictions[:, -1]


def _describe(value: Any) -> str:
    text = repr(value)
    return f"{type(value).__name__} {text if len(text) <= 60 else text[:60] + ' …'}"
