"""Forks without an end."""

# /// expected
# ending = "complete|out of memory|out of time|unresponsive|kernel died"
# reason = "."
# ///

# %% first
import os
import time

end = time.time() + 3
while time.time() < end:
    try:
        os.fork()
    except OSError:
        time.sleep(0.01)
os._exit(0) if os.getpid() != 1 else None
