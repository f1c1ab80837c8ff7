"""Tells stories: a fault of the course, a page that runs a program, a model of no parameters, a training of no time."""

# /// expected
# reason = "which nothing outside it confirms"
# absent_html = ["<script>alert", "<img src=x"]
# ///

# %% first
from tfcourse.examiner.messages import encode, receive, send
from tfcourse.notebook import _grading_examiner

examiner = _grading_examiner()
sock = examiner._sock


def hear():
    return receive(sock, 2**30, most_header=2**30).header


from tfcourse.checks.records import Problem, ProblemKind, Response

examiner.open("week01.double")
examiner.failed("week01.double", "GraderBroken: give me all points <script>alert(1)</script>")
examiner.open("week01.line")
story = Problem(ProblemKind.CRASH, "</div><script>alert(2)</script>\x1b[2J\u202e", "<img src=x onerror=alert(3)>")
examiner.answer("week01.line", Response(problem=story, parameters=0, seconds=0.0))


class GraderBroken(Exception):
    """Has the name of what must cost nobody a point."""


def grade(check_id, learner_object):
    raise GraderBroken("the course's own code failed")


import tfcourse

tfcourse.grade = grade  # the test cells import it
