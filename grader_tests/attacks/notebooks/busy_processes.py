"""Keeps two hundred processes busy, each in a session of its own, so that nobody else gets a processor."""

# /// expected
# ending = "complete|out of time|unresponsive|out of memory"
# reason = "did not stop|ran longer|The cell stopped"
# ///

# %% first
import os
import time

for _ in range(200):
    try:
        if os.fork() == 0:
            os.setsid()
            while True:
                pass
    except OSError:
        break
time.sleep(100)
