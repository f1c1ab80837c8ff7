"""Sends predictions that it made in another way, right ones, where a model is asked for."""

# /// expected
# reason = "found an answer without one"
# contains = ["0.0 and 0.0"]
# ///

# %% first
from tfcourse.examiner.messages import encode, receive, send
from tfcourse.notebook import _grading_examiner

examiner = _grading_examiner()
sock = examiner._sock


def hear():
    return receive(sock, 2**30, most_header=2**30).header


import numpy as np
from tfcourse.checks.records import Response

x = examiner.open("week01.line").train["x"]
examiner.open("week01.trained")
predictions = np.tile(x[:1] @ np.array([1.0, 2.0, -1.0], "float32"), 200)
scores = [examiner.answer(check, Response(((predictions,),))).points for check in ("week01.line", "week01.trained")]
print(*scores, sep=" and ")
