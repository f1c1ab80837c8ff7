"""The kernelspecs of warm kernels, and how Jupyter finds them without anything being installed for a user.

The folder holds ``tfcourse``, and ``python3``: wherever the folder stands first, notebooks open in a warm kernel
and keep the name that works everywhere.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

NAME = "tfcourse"
FOLDER = Path(__file__).parent / "jupyter"
PATH_VARIABLE = "JUPYTER_PATH"


def jupyter_path(environment: Mapping[str, str] | None = None) -> str:
    """Return the value of JUPYTER_PATH with which the warm kernelspecs are found first.

    Args:
        environment: Whose value is kept behind. Default: this process's.
    """
    before = (os.environ if environment is None else environment).get(PATH_VARIABLE, "")
    rest = [folder for folder in before.split(os.pathsep) if folder and folder != str(FOLDER)]
    return os.pathsep.join([str(FOLDER), *rest])
