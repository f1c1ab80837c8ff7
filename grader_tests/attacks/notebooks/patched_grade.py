"""Puts its own function in the place of grade, of the one in the package, and of the examiner's."""

# /// expected
# reason = "nothing was handed over to the examiner"
# ///

# %% double_solution
import tfcourse
import tfcourse.examiner
import tfcourse.examiner.base
import tfcourse.examiner.remote
import tfcourse.notebook
from tfcourse.checks.records import Outcome, Score


def grade(check_id, learner_object):
    return 5.0


def take(check_id, learner_object, examiner):
    return Score(check_id, "Forged", 5.0, 5.0, Outcome.RIGHT, "All is right.")


tfcourse.grade = tfcourse.notebook.grade = grade
tfcourse.notebook.take = tfcourse.examiner.take = tfcourse.examiner.base.take = take
tfcourse.examiner.remote.RemoteExaminer.answer = lambda *arguments: take("x", None, None)
