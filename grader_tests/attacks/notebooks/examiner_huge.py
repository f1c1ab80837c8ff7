"""Declares, and sends, answers far larger than any honest one."""

# /// expected
# contains = ["scored", "refused"]
# reason = "Expected an answer of at most"
# ///

# %% first
from tfcourse.examiner.messages import encode, receive, send
from tfcourse.notebook import _grading_examiner

examiner = _grading_examiner()
sock = examiner._sock


def hear():
    return receive(sock, 2**30, most_header=2**30).header


import numpy as np

examiner.open("week01.double")
response = {"cases": [1], "problem": None, "parameters": None, "seconds": 0.0, "printed": "", "model": None}
send(sock, {"type": "answer", "check": "week01.double", "response": response}, [np.zeros(800_000)])
print(hear()["type"].replace("score", "scored"))
sock.sendall(b"TFC1" + (100).to_bytes(4, "big") + (2**50).to_bytes(8, "big"))
print(hear()["type"])
