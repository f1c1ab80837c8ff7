"""Closes the socket, and gives grade another examiner to talk to."""

# /// expected
# ending = "out of time"
# reason = "week01.double was not answered within"
# ///

# %% first
from tfcourse.examiner.messages import encode, receive, send
from tfcourse.notebook import _grading_examiner

examiner = _grading_examiner()
sock = examiner._sock


def hear():
    return receive(sock, 2**30, most_header=2**30).header


import os
import socket

examiner.open("week01.double")
os.close(sock.fileno())
ours, theirs = socket.socketpair()
examiner._sock = theirs
ours.sendall(encode({"type": "score", "score": {}}))
os.environ.pop("TFCOURSE_EXAMINER_FD")
