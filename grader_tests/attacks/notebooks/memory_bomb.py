"""Takes all memory, page by page."""

# /// expected
# ending = "out of memory"
# reason = "MB of memory"
# ///

# %% first
import numpy as np

held = []
while True:
    held.append(np.ones(2**23))
