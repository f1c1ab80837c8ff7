"""Climbs the hill: answers, looks at the score, and answers better. The first answer counts."""

# /// expected
# points = {line = 0}
# contains = ["0.0 then 0.0"]
# reason = "on data your model has not seen"
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

task = examiner.open("week01.line")
x = task.cases[0][0]
first = examiner.answer("week01.line", Response(((np.full(200, 9, "float32"),),)))
best = x @ np.array([1.0, 2.0, -1.0], "float32")
examiner.open("week01.line")
second = examiner.answer("week01.line", Response(((best,),)))
print(first.points, "then", second.points)
