"""Answers with too many cases, too few, and arrays of all shapes and kinds."""

# /// expected
# points = {double = 0}
# reason = "0 of 4 cases are right"
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

outputs = ((), (np.zeros((0, 7)),), (np.array("text"),), (np.zeros((2, 3), complex),), *[(np.ones(3),)] * 50)
task = examiner.open("week01.double")
examiner.answer("week01.double", Response(outputs))
examiner.open("week01.line")
examiner.answer("week01.line", Response(((np.zeros((200, 2)), np.zeros(200)),)))
