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


import keras

from tfcourse.checks.designs import design_of
from tfcourse.checks.records import Response


def design(rate):
    model = keras.Sequential([keras.Input(shape=(3,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mae")
    return design_of(model)


examiner.open("week01.line")
first = examiner.answer("week01.line", Response(model=design(0.0)))
examiner.open("week01.line")
second = examiner.answer("week01.line", Response(model=design(0.05)))
print(first.points, "then", second.points)
