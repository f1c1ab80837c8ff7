"""The learner's side of a function check: call it on every case, and flatten what comes back or what came of it."""

from __future__ import annotations

import copy
import tempfile
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import numpy as np

from tfcourse.checks import guard, runtime
from tfcourse.checks.records import Array, Case, Folder, Outputs, Response, Task
from tfcourse.checks.watching import Tell, silent
from tfcourse.errors import LearnerMistake, NotAttempted

MOST_ELEMENTS = 10_000
"""Elements read from a data set or generator before it is taken for an endless one."""
_RATE, _DECAY = 0.01, 0.5
_NOTHING = "Expected your function to return a value; found None. Is the `return` missing?"


@dataclass(frozen=True)
class CallFunction:
    """Calls a learner's function on the arguments of each case.

    Args:
        via: ``call`` for ``f(*case)``; ``call the result`` where `f` builds something callable, a layer
            say: ``f(*case[:-1])(case[-1])``; ``train the result`` where `f` prepares a model for training:
            ``f(*case[:-2])`` takes one step on ``case[-2:]``, inputs and targets, and the answer says which weights
            that changed, see `after_a_step`.
        seconds: Wall clock for all cases together.
    """

    via: Literal["call", "call the result", "train the result"] = "call"
    seconds: float = 60.0

    def respond(self, learner_object: Any, task: Task, tell: Tell = silent) -> Response:
        """Answer every case. See `tfcourse.checks.records.Respondent`."""
        began = time.perf_counter()
        _require_function(learner_object)
        runtime.fix_seeds(task.weights_seed, deterministic=runtime.is_graded())
        outputs = tuple(self.call(learner_object, case) for case in task.cases)
        return Response(outputs=outputs, seconds=time.perf_counter() - began)

    def call(self, function: Any, case: Case) -> Outputs:
        """Return what `function` gives for one case, as arrays.

        Raises:
            LearnerMistake: It returned nothing, or something that is no data, or changed its inputs.
        """
        with tempfile.TemporaryDirectory(prefix="tfcourse-") as temporary:
            arguments = tuple(_on_disk(value, Path(temporary), at) for at, value in enumerate(copy.deepcopy(case)))
            return self._outputs(function, arguments, case)

    def _outputs(self, function: Any, arguments: Case, case: Case) -> Outputs:
        if self.via == "train the result":
            outputs: Outputs = (after_a_step(guard.call(function, *arguments[:-2]), *arguments[-2:]),)
        else:
            outputs = to_arrays(self._result(function, arguments))
        if not _same(arguments, case):
            raise LearnerMistake(
                "Expected your function to leave its inputs as they are; found that it changed one of them. "
                "Work on a copy: x = x.copy()."
            )
        return outputs

    def _result(self, function: Any, arguments: Case) -> Any:
        if self.via == "call":
            result = guard.call(function, *arguments)
        else:
            built = guard.call(function, *arguments[:-1])
            if not callable(built):
                raise LearnerMistake(
                    f"Expected your function to return a layer or a function; found {type(built).__name__}. "
                    "Return the object itself, ready to be called."
                )
            result = guard.call(built, _as_tensor_if_text(arguments[-1]))
        if result is None:
            raise LearnerMistake(_NOTHING)
        return result


def after_a_step(model: Any, x: Array, y: Array) -> Array:
    """Train a model for one step, and tell of each weight whether that changed it.

    What a function says of a model and what it did to it are two things; this looks at the second. The model is
    compiled anew, with an optimizer that moves every weight that is trained, also those without a gradient. Running
    averages that the step moves, those of a BatchNormalization that is not frozen, count as changed.

    Args:
        model: A `keras.Model` that a learner's function returned, compiled or not.
        x: One batch of its inputs.
        y: Targets of the shape of its outputs, floats.

    Returns:
        Text of shape (weights,), sorted: ``conv1/kernel: stays``, ``head/bias: changes``.

    Raises:
        LearnerMistake: It is no model.
    """
    import keras

    if model is None:
        raise LearnerMistake(_NOTHING)
    if not isinstance(model, keras.Model):
        raise LearnerMistake(
            f"Expected your function to return the model that it prepared; found {type(model).__name__}. "
            "Return the model itself: a step of training will show which of its weights change."
        )
    before = [np.array(weight) for weight in model.weights]
    # A decay also moves weights whose gradient is 0, a bias in front of a BatchNormalization say.
    optimizer = keras.optimizers.SGD(_RATE, weight_decay=_DECAY)
    model.compile(optimizer=optimizer, loss="mse", run_eagerly=True)  # quicker than a graph for a single step
    guard.call(model.train_on_batch, x, y)
    told = [
        f"{weight.path}: {'stays' if np.array(weight).tobytes() == old.tobytes() else 'changes'}"
        for weight, old in zip(model.weights, before, strict=True)
    ]
    return np.array(sorted(told), dtype=np.str_)


def _on_disk(value: Any, root: Path, at: int) -> Any:
    """Return the path of a folder that has been written below `root`; everything else as it is."""
    if not isinstance(value, Folder):
        return value
    folder = root / str(at)
    folder.mkdir()
    value.write(folder)
    return folder


def _require_function(learner_object: Any) -> None:
    import keras

    if learner_object is None or learner_object is Ellipsis:
        raise NotAttempted(guard.NOT_ATTEMPTED)
    if isinstance(learner_object, keras.Model):
        raise LearnerMistake(
            "Expected a function; found a Keras model. Hand over the function's name without parentheses."
        )
    if not callable(learner_object):
        raise LearnerMistake(
            f"Expected a function; found {type(learner_object).__name__}. "
            "Hand over the function's name without parentheses: it is called for you, on inputs that you have not seen."
        )


def to_arrays(value: Any) -> Outputs:
    """Flatten arrays, tensors, numbers, strings, tuples, lists, dicts and data sets into arrays.

    A list of numbers or strings becomes one array; other lists and tuples are flattened in order; a
    dict is flattened by sorted key; a `tf.data.Dataset` or an iterator by its elements.

    Raises:
        LearnerMistake: The value holds something that is no data, or it never ends.
    """
    import tensorflow as tf

    if isinstance(value, tf.data.Dataset):
        return _flatten(_bounded(value.as_numpy_iterator()))
    if isinstance(value, tf.RaggedTensor):
        return _flatten(list(value))
    if isinstance(value, dict):
        return _flatten([value[key] for key in sorted(value, key=str)])
    if isinstance(value, tuple | list):
        as_array = _simple_array(value) if isinstance(value, list) else None
        return (as_array,) if as_array is not None else _flatten(list(value))
    if hasattr(value, "__next__"):
        return _flatten(_bounded(value))
    array = np.asarray(value)
    if array.dtype == object and all(isinstance(item, str | bytes) for item in array.ravel()):
        return (_text(array),)
    # Dates and records (np.void) cannot be compared with numbers; bfloat16, of kind V as well, can.
    if array.dtype == object or array.dtype.kind in "mM" or array.dtype.type is np.void:
        raise LearnerMistake(
            f"Expected arrays, numbers or strings to be returned; found {type(value).__name__}. "
            "Return the data themselves."
        )
    return (_text(array) if array.dtype.kind in "SU" else array,)


def _flatten(values: list[Any]) -> Outputs:
    return tuple(array for value in values for array in to_arrays(value))


def _bounded(iterator: Any) -> list[Any]:
    elements = list(islice(iterator, MOST_ELEMENTS + 1))
    if len(elements) > MOST_ELEMENTS:
        raise LearnerMistake(
            f"Expected a data set that ends; found more than {MOST_ELEMENTS:,} elements. Is there a "
            "repeat() without a number?"
        )
    return elements


def _simple_array(values: list[Any]) -> Array | None:
    if values and all(isinstance(value, str | bytes) for value in values):
        return _text(np.asarray(values, dtype=object))
    if values and all(isinstance(value, bool | int | float | np.number | np.bool_) for value in values):
        return np.asarray(values)
    return None


def _text(array: Array) -> Array:
    decoded = [item.decode() if isinstance(item, bytes) else str(item) for item in array.ravel()]
    return np.array(decoded, dtype=np.str_).reshape(array.shape)


def _as_tensor_if_text(value: Any) -> Any:
    import tensorflow as tf

    return tf.constant(value) if isinstance(value, np.ndarray) and value.dtype.kind in "US" else value


def _same(a: Any, b: Any) -> bool:
    if isinstance(b, Folder):
        return True  # a copy on disk, which may be written to
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, tuple | list):
        return len(a) == len(b) and all(_same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(_same(a[key], b[key]) for key in a)
    return bool(a == b)
