"""Pictures that a check hands over as files: of any size, and loaded by a function of the learner's.

In such a check, `x` is an array of dtype ``S``: one encoded picture (JPEG or PNG) in each element. Both
formats end with a byte that is not 0, so nothing is lost at the end of an element.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from tfcourse.checks import guard
from tfcourse.checks.records import Array, Task
from tfcourse.errors import LearnerMistake, NotAttempted

MOST_BYTES = 512 * 2**20
"""Memory that the loaded pictures of a task may take, training and hidden ones together."""

_BOTH = "(load_picture, build_model)"


def both_functions(learner_object: Any) -> tuple[Any, Any]:
    """Return `load_picture` and the builder that a learner handed over.

    Raises:
        NotAttempted: There is nothing.
        LearnerMistake: It is no pair, or its first half cannot be called.
    """
    if learner_object is None or learner_object is Ellipsis:
        raise NotAttempted(guard.NOT_ATTEMPTED)
    if not isinstance(learner_object, tuple | list) or len(learner_object) != 2:
        found = (
            f"{len(learner_object)} things"
            if isinstance(learner_object, tuple | list)
            else f"one {type(learner_object).__name__}"
        )
        raise LearnerMistake(
            f"Expected two functions, {_BOTH}; found {found}. "
            "Hand over both names, in this order, in parentheses and with a comma between them."
        )
    load_picture, builder = learner_object
    if load_picture is None or load_picture is Ellipsis:
        raise NotAttempted(guard.NOT_ATTEMPTED)
    if not callable(load_picture):
        raise LearnerMistake(
            f"Expected a function load_picture(data) first in {_BOTH}; found {type(load_picture).__name__}. "
            "Hand over its name without parentheses."
        )
    return load_picture, builder


def with_pictures(task: Task, load_picture: Callable[[bytes], Any]) -> Task:
    """Return a task whose inputs are arrays: every picture file of it, loaded.

    Args:
        task: Of a model check; its inputs are picture files.
        load_picture: Takes the bytes of one file and returns an array or a tensor.

    Returns:
        The same task, its inputs of shape (n, ...): uint8 where `load_picture` gives that, else float32.

    Raises:
        LearnerMistake: It gives what is no picture, pictures of different shapes, or too much of them.
    """
    (x_test,), x_train = task.cases[0], task.train["x"]
    pictures = _load([*x_train.tolist(), *x_test.tolist()], load_picture)
    train: Mapping[str, Array] = {**task.train, "x": pictures[: len(x_train)]}
    return replace(task, cases=((pictures[len(x_train) :],),), train=train)


def _load(files: list[bytes], load_picture: Callable[[bytes], Any]) -> Array:
    first = _picture(guard.call(load_picture, files[0]))
    if first.nbytes * len(files) > MOST_BYTES:
        raise LearnerMistake(
            f"Expected pictures of which {len(files):,} fit into {MOST_BYTES // 2**20} MB; found shape {first.shape}, "
            f"{first.nbytes / 2**20:.1f} MB each. Resize to a smaller height and width in load_picture."
        )
    loaded = np.empty((len(files), *first.shape), first.dtype)
    loaded[0] = first
    for index, file in enumerate(files[1:], start=1):
        picture = _picture(guard.call(load_picture, file))
        if picture.shape != first.shape:
            raise LearnerMistake(
                f"Expected the same shape for every picture, so that they fit into one batch; found {first.shape} for "
                f"the first file and {picture.shape} for another. load_picture has to bring all of them to one height, "
                "one width and one number of channels."
            )
        loaded[index] = picture
    if not np.isfinite(loaded).all():
        raise LearnerMistake(
            "Expected finite pixels; found NaN or infinity in what load_picture returns. Is there a division by zero?"
        )
    return loaded


def _picture(value: Any) -> Array:
    """Return what `load_picture` gave as uint8 or float32."""
    if value is None:
        raise LearnerMistake("Expected load_picture(data) to return an array; found None. Is the `return` missing?")
    try:
        picture = np.asarray(value)
    except (TypeError, ValueError) as error:
        raise _no_picture(value) from error
    if picture.dtype.kind not in "biuf":
        raise _no_picture(value)
    return picture if picture.dtype == np.uint8 else picture.astype(np.float32)


def _no_picture(value: Any) -> LearnerMistake:
    return LearnerMistake(
        f"Expected load_picture(data) to return one picture as an array of numbers; found {type(value).__name__}. "
        "Return the array itself, with its height, width and channels."
    )
