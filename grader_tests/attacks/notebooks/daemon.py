"""Leaves processes behind that have left every group and ignore every signal."""

# /// expected
# reason = "The cell stopped with NotImplementedError"
# ///

# %% first
import os
import signal
import subprocess
import sys

PROGRAM = """
import os, signal, sys, time
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
while True:
    time.sleep(0.1)
"""
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.setsid()
            os.execv(sys.executable, [sys.executable, "-c", PROGRAM, "{{marker}}"])
        os._exit(0)
subprocess.Popen([sys.executable, "-c", PROGRAM, "{{marker}}"], start_new_session=True)
