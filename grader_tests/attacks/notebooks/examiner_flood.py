"""Sends thousands of messages."""

# /// expected
# contains = ["hung up after"]
# reason = "hung up before it was answered: Expected a few messages"
# ///

# %% first
from tfcourse.examiner.messages import encode, receive, send
from tfcourse.notebook import _grading_examiner

examiner = _grading_examiner()
sock = examiner._sock


def hear():
    return receive(sock, 2**30, most_header=2**30).header


count = 0
try:
    for count in range(10_000):
        send(sock, {"type": "open", "check": "week01.double"})
        if hear()["type"] == "refused":
            break
except Exception:
    pass
assert count < 1000
print("hung up after", count)
