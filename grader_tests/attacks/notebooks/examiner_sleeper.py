"""Opens a check, and sleeps with alarms switched off."""

# /// expected
# ending = "out of time"
# reason = "was not answered within"
# ///

# %% first
from tfcourse.examiner.messages import encode, receive, send
from tfcourse.notebook import _grading_examiner

examiner = _grading_examiner()
sock = examiner._sock


def hear():
    return receive(sock, 2**30, most_header=2**30).header


import signal
import time

examiner.open("week01.line")
signal.setitimer(signal.ITIMER_REAL, 0)
signal.signal(signal.SIGALRM, signal.SIG_IGN)
end = time.time() + 100
while time.time() < end:
    try:
        time.sleep(100)
    except KeyboardInterrupt:
        pass
