"""Sends arrays of Python objects: unpickled, they would run a command in the grader."""

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


import io
import os
import pickle
import struct

import numpy as np


class Payload:
    def __reduce__(self):
        return os.system, ("touch {{course}}/PICKLE-WAS-RUN",)


file = io.BytesIO()
np.save(file, np.array([Payload()], dtype=object), allow_pickle=True)
examiner.open("week01.line")
header = {
    "type": "answer",
    "check": "week01.line",
    "response": {"cases": [1], "problem": None, "parameters": None, "seconds": 0.0, "printed": "", "model": None},
}
import json

body = file.getvalue()
padded = body + bytes(-len(body) % 64)
text = json.dumps({"header": header, "arrays": [len(body)], "blobs": []}).encode()
sock.sendall(struct.pack("!4sIQ", b"TFC1", len(text), len(padded)) + text + padded)
print(hear()["type"])
