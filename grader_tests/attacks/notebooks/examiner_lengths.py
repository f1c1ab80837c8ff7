"""Declares more than it sends, negative lengths, and numbers that are none."""

# /// expected
# contains = ["refused"]
# reason = "hung up before it was answered"
# ///

# %% first
from tfcourse.examiner.messages import encode, receive, send
from tfcourse.notebook import _grading_examiner

examiner = _grading_examiner()
sock = examiner._sock


def hear():
    return receive(sock, 2**30, most_header=2**30).header


import json
import struct

examiner.open("week01.double")
text = json.dumps({"header": {}, "arrays": [-64, 64], "blobs": [True]}).encode()
sock.sendall(struct.pack("!4sIQ", b"TFC1", len(text), 0) + text)
print(hear()["type"])
