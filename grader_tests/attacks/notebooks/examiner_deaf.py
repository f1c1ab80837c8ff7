"""Asks again and again, and never reads an answer."""

# /// expected
# ending = "complete|out of time"
# reason = "hung up before it was answered|was not answered within"
# ///

# %% first
from tfcourse.examiner.messages import encode, receive, send
from tfcourse.notebook import _grading_examiner

examiner = _grading_examiner()
sock = examiner._sock


def hear():
    return receive(sock, 2**30, most_header=2**30).header


sock.settimeout(2)
try:
    for _ in range(1000):
        send(sock, {"type": "open", "check": "week01.line"})
except Exception as error:
    print(type(error).__name__)
