"""tfcourse: a TensorFlow course whose notebooks are graded by training the learner's models.

In a notebook::

    from tfcourse import practice, grade, hint, solution

    practice("week05.signs_cnn", build_model)   # points, the ladder, the next step
    hint("week05.signs_cnn")                    # one stage further at each call
    solution("week05.signs_cnn")                # the reference, where the course allows it

``grade`` is the same as ``practice`` on hidden data; it stands in hidden test cells.

Importing this package fixes the number of TensorFlow's threads to one (see
``tfcourse.checks.runtime``), because the number of threads changes scores. In a notebook it also
imports TensorFlow, without its noise; elsewhere TensorFlow is imported when it is first used.
"""

from typing import TYPE_CHECKING, Any

from tfcourse.checks.runtime import fix_environment, import_tensorflow_quietly, in_notebook

if TYPE_CHECKING:
    from tfcourse.notebook import grade, hint, practice, solution

__all__ = ["__version__", "grade", "hint", "practice", "solution"]
__version__ = "0.1.0"

fix_environment()
if in_notebook():
    import_tensorflow_quietly()


def __getattr__(name: str) -> Any:
    if name in {"grade", "hint", "practice", "solution"}:
        from tfcourse import notebook

        return getattr(notebook, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
