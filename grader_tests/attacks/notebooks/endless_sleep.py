"""Answers the first check with 1 of 4 cases, and sleeps for ever in the second, interrupts blocked."""

# /// expected
# points = {double = 0.5}
# ending = "unresponsive"
# reason = "did not stop when it was interrupted"
# ///


# %% double_solution
def double(x):
    return x


# %% line_solution
import signal
import time

signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
time.sleep(1000)
