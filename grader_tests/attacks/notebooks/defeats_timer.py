"""Switches off the timer that stops a check from within, and never returns from its function."""

# /// expected
# ending = "out of time|unresponsive"
# reason = "was not answered within|did not stop when it was interrupted"
# ///

# %% double_solution
import signal
import threading
import time


def double(x):
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
    while True:
        try:
            time.sleep(1)
        except BaseException:
            pass
