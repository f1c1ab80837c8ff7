"""No attack on the grader: it knows the line, and trains nothing. What a grade proves is that the predictions were
made without the key, and not how they were made. It gets its points, and the README says so.
"""

# /// expected
# points = {double = 2, line = 5}
# reason = "All 4 cases are right"
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

x = examiner.open("week01.line").cases[0][0]
examiner.answer("week01.line", Response(((x @ np.array([1.0, 2.0, -1.0], "float32"),),)))


# %% double_solution
def double(x):
    return x + x
