"""Changes everything in its own memory, which is a copy of the fork server's, and leaves variables that others might
read. Kernels that start later show no trace: the honest submissions beside it get all their points.
"""

# /// expected
# points = {double = 0.5}
# reason = "1 of 4 cases are right"
# ///

# %% first
import builtins
import ctypes
import gc
import os
import sys

import keras
import numpy as np
import tensorflow as tf

for name in ("LD_PRELOAD", "LD_LIBRARY_PATH", "PYTHONSTARTUP", "PYTHONPATH", "PYTHONHOME", "PYTHONINSPECT"):
    os.environ[name] = os.path.abspath("evil.so")
os.environ["TF_NUM_INTRAOP_THREADS"] = "64"
for module in (np, keras, tf):
    module.__version__ = "poisoned"
keras.layers.Dense = None
np.isclose = np.testing = None
gc.unfreeze()
for folder in ("/tmp", "/var/tmp", "/dev/shm"):
    with open(f"{folder}/sitecustomize.py", "w") as file:
        file.write("import os; os._exit(1)")
number = 257
ctypes.memmove(id(number) + 24, (1).to_bytes(4, "little"), 4)
ctypes.memset(id(keras.__dict__) + 16, 0, 0)


# %% double_solution
def double(x):
    return x
