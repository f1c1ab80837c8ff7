"""Asking a learner's model: a design is trained, a file is loaded, and both predict for hidden inputs."""

from __future__ import annotations

from collections.abc import Callable

from tfcourse.checks import guard
from tfcourse.checks.fixed_budget import FixedBudget
from tfcourse.checks.model_files import load_and_predict
from tfcourse.checks.records import Asked, ModelRequest
from tfcourse.checks.watching import Tell, silent
from tfcourse.errors import LearnerMistake

AskModel = Callable[[ModelRequest, Tell], Asked]
"""Asks a learner's model somewhere: `ask_here`, or another process."""


def ask_here(request: ModelRequest, tell: Tell = silent, *, isolated: bool = False) -> Asked:
    """Ask a learner's model in this process.

    Args:
        request: What is asked. A model's file may run code when it is loaded.
        tell: Told of every epoch, where a design is trained.
        isolated: Whether this process is a sandbox.

    Raises:
        LearnerMistake: The model cannot be used: the message says why, and what to do.
        LearnerCrash: It cannot be trained: Keras raised.
    """
    wanted = request.wanted
    if (request.model.format == "design") != isinstance(wanted, FixedBudget):
        kinds = {True: "a model's design", False: "a trained model's file"}
        is_design = isinstance(wanted, FixedBudget)
        raise LearnerMistake(
            f"Expected {kinds[is_design]}; found {kinds[not is_design]}. Leave the answering to practice() and grade()."
        )
    with guard.quiet():
        if not isinstance(wanted, FixedBudget):
            return load_and_predict(request, isolated=isolated)
        try:
            with guard.time_limit(wanted.training_seconds):
                return wanted.train(request, tell)
        except guard.OutOfTime:
            raise LearnerMistake(
                f"Expected a model that trains within {wanted.training_seconds:.0f} s; it was still being trained. "
                "The budget is counted in steps, and this is far above what they should take: use a smaller model."
            ) from None
