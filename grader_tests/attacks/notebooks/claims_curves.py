"""Claims curves of a training that never was, longer than any that is kept: the examiner hangs up."""

# /// expected
# reason = "Expected losses of at most"
# contains = ["refused"]
# ///

# %% first
from tfcourse.checks.diagnosis import History
from tfcourse.checks.records import Response
from tfcourse.notebook import _grading_examiner

examiner = _grading_examiner()
examiner.open("week01.trained")
claim = Response(history=History(loss=(0.1,) * 5_000, steps=10**9))
attempt("claim five thousand epochs", lambda: examiner.answer("week01.trained", claim))
