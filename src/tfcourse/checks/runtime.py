"""What makes a score the same at every run: one thread, all seeds, deterministic operations."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping

QUIET = {
    # TensorFlow's C++ code writes to stderr from 0 (everything) to 3 (fatal errors only).
    "TF_CPP_MIN_LOG_LEVEL": "3",
}
"""Environment variables that any process of the course runs with, a learner's own notebook included."""

ENVIRONMENT = {
    **QUIET,
    # The number of threads changes the order of floating-point sums, and so the score.
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    # Models here are small; a GPU would give other digits.
    "CUDA_VISIBLE_DEVICES": "-1",
    # For `is_graded`.
    "TFCOURSE_GRADED": "1",
}
"""Environment variables of a process in which a score of record comes about; TensorFlow reads them once."""


def fix_environment(variables: Mapping[str, str] = ENVIRONMENT) -> None:
    """Set variables where they are not set yet. Has no effect on TensorFlow after its first op."""
    for name, value in variables.items():
        os.environ.setdefault(name, value)


def is_graded() -> bool:
    """Tell whether this process was started for graded work, with one thread and no GPU."""
    return os.environ.get("TFCOURSE_GRADED") == "1"


def in_notebook() -> bool:
    """Tell whether this process is a notebook's kernel, or another IPython."""
    if "IPython" not in sys.modules:
        return False
    from IPython.core.getipython import get_ipython

    return get_ipython() is not None


def import_tensorflow_quietly() -> None:
    """Import TensorFlow without the lines that it writes to stderr before it reads TF_CPP_MIN_LOG_LEVEL.

    They say nothing that a learner could act on, in red, below the first cell of every notebook.
    """
    from tfcourse.checks.guard import silent_descriptors

    with silent_descriptors():
        import tensorflow  # noqa: F401


def fix_seeds(seed: int, *, deterministic: bool = True) -> None:
    """Seed Python, NumPy and TensorFlow.

    Args:
        seed: 0 to 2**32 - 1.
        deterministic: Whether to ask TensorFlow for deterministic operations as well, for the rest of this
            process's life: for processes of ours, and not for a learner's own notebook.
    """
    import keras
    import tensorflow as tf

    if deterministic:
        tf.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(seed)


def weights_seed(seed: int) -> int:
    """Derive the 32-bit seed of weights and shuffling from a data seed that it does not reveal."""
    return int.from_bytes(hashlib.sha256(f"weights:{seed}".encode()).digest()[:4], "big")


def versions() -> dict[str, str]:
    """Return the versions that a score depends on, for receipts and calibrations."""
    import platform
    from importlib.metadata import version

    packages = {name: version(name) for name in ("tensorflow", "keras", "numpy")}
    return {"python": platform.python_version(), **packages, "machine": platform.machine()}
