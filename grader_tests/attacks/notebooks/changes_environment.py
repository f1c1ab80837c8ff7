"""Writes into the environment that later kernels use: packages, system, start-up files, compiled modules."""

# /// expected
# refused = 15
# reason = "The cell stopped with NotImplementedError"
# ///

# %% first
import os
import shutil
import site
import sys
import sysconfig
from pathlib import Path

import keras
import numpy as np
import tfcourse

FOLDERS = [
    *site.getsitepackages(),
    sysconfig.get_path("stdlib"),
    str(Path(np.__file__).parent / "__pycache__"),
    str(Path(tfcourse.__file__).parent),
    str(Path(tfcourse.__file__).parent / "__pycache__"),
    sys.prefix,
    "/usr/bin",
    "/usr/lib",
    "/etc",
    "/",
    "/slot",
    "/dev",
    "/var",
    "/root",
    "/home",
]
for folder in FOLDERS:
    attempt(f"write into {folder}", lambda: (Path(folder) / "evil.pth").write_text("import os"))
    attempt(f"replace {folder}", lambda: os.rename(folder, folder + "-old"))
attempt("change NumPy", lambda: open(np.__file__, "a"))
attempt("remove Keras", lambda: os.remove(keras.__file__))
