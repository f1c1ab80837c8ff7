"""Model tasks in which the design is the lesson: a learner's function builds a model, and we train it.

The learner's process hands over a design (see `tfcourse.checks.designs`). `train` trains it, the same steps for
everybody, in a process that the learner's code never entered.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Literal

from tfcourse.checks import designs, guard, runtime
from tfcourse.checks.predictions import Output, as_array, as_tensor, batch_of, check_input
from tfcourse.checks.records import Array, Asked, ModelRequest, Response, Task
from tfcourse.checks.watching import Tell, class_names, facts_of, loss_curves, silent
from tfcourse.errors import LearnerMistake, NotAttempted, WrongKind


@dataclass(frozen=True)
class FixedBudget:
    """Trains the model that a learner's function builds, for a fixed number of steps.

    Args:
        output: What predictions must look like.
        epochs: Passes over the training data.
        batch_size: Examples a step.
        max_parameters: Largest allowed number of weights.
        builder_sees: ``nothing`` for ``build_model()``, ``train inputs`` for ``build_model(x_train)``,
            where layers have to adapt to the training data.
        one_of: Class names of layers, of which a model must have at least one: where a kind of layer is the lesson, and
            a good model could do without. The statement has to say so. Default: any model will do.
        steps: Where set, inputs are sequences of this many steps, and targets of shape (n, steps): the model answers
            at every step, (n, steps, *output.shape), and learns from all of them. Only its answer at the last step
            is handed back; the others can be read in the inputs.
        seconds: Wall clock for building, in the learner's process.
        training_seconds: Wall clock after which training is stopped: a safety net against a model that would
            train for ever, far above what the reference needs.
    """

    output: Output
    epochs: int
    batch_size: int = 32
    max_parameters: int = 1_000_000
    builder_sees: Literal["nothing", "train inputs"] = "nothing"
    one_of: tuple[str, ...] = ()
    steps: int | None = None
    seconds: float = 60.0
    training_seconds: float = 180.0

    @property
    def most_bytes(self) -> int:
        """Return how large what is handed over may be."""
        return designs.MOST_BYTES

    def respond(self, learner_object: Any, task: Task, tell: Tell = silent) -> Response:
        """Build the model and hand over its design. See `tfcourse.checks.records.Respondent`."""
        began = time.perf_counter()
        runtime.fix_seeds(task.weights_seed, deterministic=False)
        model = self._build(learner_object, task)
        self._inspect(model, task.train["x"])
        return Response(model=guard.call(designs.design_of, model), seconds=time.perf_counter() - began)

    def train(self, request: ModelRequest, tell: Tell = silent) -> Asked:
        """Train a design and predict, in a process of ours.

        Args:
            request: The design, the training data and the hidden inputs.
            tell: Told of every epoch.

        Raises:
            LearnerMistake: It cannot be trained: the message says why, and what to do.
        """
        began = time.perf_counter()
        runtime.fix_seeds(request.seed)
        model, trained_before = designs.made_anew(request.model.content)
        history = self._fit(model, request.train["x"], request.train["y"], request.seed, tell)
        predictions = self._predict(model, request.inputs[0])
        seen = self._predict(model, request.seen[0]) if request.seen else None
        note = "build_model() had trained its model before it returned it: that was undone." if trained_before else ""
        return Asked(
            predictions=predictions,
            seen=seen,
            facts=facts_of(model, request.train["x"][:64]),
            history=history,
            note=note,
            seconds=time.perf_counter() - began,
        )

    def predict_untrained(self, builder: Any, x_train: Array, x: Array, seed: int) -> Array:
        """Return predictions of a freshly built model: what a network knows before training."""
        runtime.fix_seeds(seed)
        task = Task("untrained", self, cases=(), train={"x": x_train}, weights_seed=seed)
        return self._predict(self._build(builder, task), x)

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
        self.output.check_shape(self._at_the_last_step(sample), len(x_train[:2]))
        self.check_parameters(model)
        self.check_layers(model)

    def check_layers(self, model: Any) -> None:
        """Check that a model has a layer that is asked for.

        Raises:
            WrongKind: It has none.
        """
        found = list(class_names(model))
        if self.one_of and not set(self.one_of) & set(found):
            raise WrongKind(
                f"Expected at least one layer of these kinds: {', '.join(self.one_of)}; "
                f"found {', '.join(dict.fromkeys(found))}. The task is about them: build one in."
            )

    def check_parameters(self, model: Any) -> None:
        """Check the size of a model.

        Raises:
            LearnerMistake: It has too many weights.
        """
        parameters = int(model.count_params())
        if parameters > self.max_parameters:
            raise LearnerMistake(
                f"Expected at most {self.max_parameters:,} parameters; found {parameters:,}. "
                "model.summary() shows which layer holds most of them; make that one smaller."
            )

    def _fit(self, model: Any, x: Array, y: Array, seed: int, tell: Tell) -> Any:
        import keras
        import tensorflow as tf

        self._inspect(model, x)
        if self.output.shape == (1,) and y.ndim == 1 and self.output.kind != "probabilities":
            y = y[:, None]
        data = tf.data.Dataset.from_tensor_slices((as_tensor(x), y))
        data = data.shuffle(len(x), seed=seed).batch(self.batch_size)
        with loss_curves(tell) as curves, guard.learner_code():
            model.fit(data, epochs=self.epochs, verbose=0, callbacks=[keras.callbacks.TerminateOnNaN()])
        # Several steps an execution would have to be traced anew for predicting, and gain nothing there.
        model.steps_per_execution = 1
        return curves.history()

    def _predict(self, model: Any, x: Array) -> Array:
        predictions = self._at_the_last_step(as_array(model.predict(as_tensor(x), batch_size=256, verbose=0)))
        self.output.check(predictions, len(x))
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
