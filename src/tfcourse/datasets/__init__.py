"""The course's data: one module a data set, ``make_NAME(n, *, seed)`` or ``load_NAME()``."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import ParamSpec, TypeVar

from tfcourse.errors import LearnerMistake

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

_answering = 0


def generator(make: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Mark a function that draws a data set: it refuses to while a learner's code answers a check.

    A model that was trained on thousands of examples drawn for the purpose would say nothing about what its builder
    made of the few that the check gives. This stops who does so without a second thought, and nobody who copies the
    generator's source.
    """

    @functools.wraps(make)
    def guarded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        if _answering:
            raise LearnerMistake(
                f"Expected your function to make do with the data that it is given; found that it calls "
                f"{make.__name__}(). While a check is being answered, the course's generators give nothing. "
                "Call it in a cell of its own to experiment, and take the call out of your function."
            )
        return make(*args, **kwargs)

    return guarded


@contextlib.contextmanager
def refused() -> Iterator[None]:
    """Have every generator refuse, in all threads, while the body runs."""
    global _answering
    _answering += 1
    try:
        yield
    finally:
        _answering -= 1
