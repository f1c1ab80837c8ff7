"""Answers checks that it did not open, of another week, and that do not exist."""

# /// expected
# contains = ["unknown", "refused"]
# reason = "defect of the course, which nothing outside it confirms|nothing was handed over|The cell stopped with"
# ///

# %% first
from tfcourse.examiner.messages import encode, receive, send
from tfcourse.notebook import _grading_examiner

examiner = _grading_examiner()
sock = examiner._sock


def hear():
    return receive(sock, 2**30, most_header=2**30).header


send(sock, {"type": "open", "check": "week05.signs_cnn"})
print(hear()["type"])
send(sock, {"type": "open", "check": "../../gradebook"})
print(hear()["type"])
send(sock, {"type": "answer", "check": "week01.line", "response": {}})
print(hear()["type"])
