"""Takes all memory in many processes, none of which has much."""

# /// expected
# ending = "out of memory|complete|kernel died"
# reason = "MB of memory|The cell stopped"
# ///

# %% first
import os
import time

for _ in range(60):
    if os.fork() == 0:
        held = os.urandom(50 * 2**20)
        time.sleep(100)
        os._exit(0)
time.sleep(4)
