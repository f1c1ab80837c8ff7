"""Other people's models: what a ladder has to let up, and what it has to hold down.

A reference and baselines are written by the author of a check. Learners bring other models; a panel of them is
measured with every ladder, trained as a learner's would be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

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
