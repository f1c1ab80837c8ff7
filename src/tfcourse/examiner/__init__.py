"""Who holds the key. One interface, `Examiner`: in process at home, at the other end of a socket in a batch."""

from tfcourse.examiner.base import Examiner, take
from tfcourse.examiner.in_process import InProcessExaminer
from tfcourse.examiner.paper import Paper
from tfcourse.examiner.remote import RemoteExaminer
from tfcourse.examiner.secret import Secret, derive_seed, find_secret

__all__ = [
    "Examiner",
    "InProcessExaminer",
    "Paper",
    "RemoteExaminer",
    "Secret",
    "derive_seed",
    "find_secret",
    "take",
]
