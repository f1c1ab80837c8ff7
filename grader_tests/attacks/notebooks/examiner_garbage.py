"""Sends bytes that are no message."""

# /// expected
# reason = "hung up before it was answered|The cell stopped with"
# ///

# %% first
from tfcourse.examiner.messages import encode, receive, send
from tfcourse.notebook import _grading_examiner

examiner = _grading_examiner()
sock = examiner._sock


def hear():
    return receive(sock, 2**30, most_header=2**30).header


import os

examiner.open("week01.double")
sock.sendall(b"TFC1" + os.urandom(100_000))
