"""tfcourse: a TensorFlow course whose notebooks are graded by training the learner's models.

In a notebook::

    from tfcourse import practice, grade, hint, solution

    practice("week05.signs_cnn", build_model)   # points, the ladder, the next step
    hint("week05.signs_cnn")                    # one stage further at each call
    solution("week05.signs_cnn")                # the reference, where the course allows it

``grade`` is the same as ``practice`` on hidden data; it stands in hidden test cells.

In a notebook, importing this package imports TensorFlow, without its noise; elsewhere TensorFlow is imported when it
is first used. Where nbgrader runs the notebook, it also sets TensorFlow to one thread and no GPU, because both change
scores (see ``tfcourse.checks.runtime``).
"""

import os
from typing import TYPE_CHECKING, Any

from tfcourse.checks.runtime import ENVIRONMENT, QUIET, fix_environment, import_tensorflow_quietly, in_notebook

if TYPE_CHECKING:
    from tfcourse.notebook import grade, hint, practice, solution

__all__ = ["__version__", "grade", "hint", "practice", "solution"]
__version__ = "0.1.0"

fix_environment(ENVIRONMENT if os.environ.get("NBGRADER_EXECUTION") else QUIET)
if in_notebook():
    import_tensorflow_quietly()


def __getattr__(name: str) -> Any:
    if name in {"grade", "hint", "practice", "solution"}:
        from tfcourse import notebook

        return getattr(notebook, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
