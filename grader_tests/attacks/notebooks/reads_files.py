"""Looks for the gradebook, the solutions, siblings, receipts, the secret, and the course's checks."""

# /// expected
# refused = 20
# reason = "The cell stopped with NotImplementedError"
# ///

# %% first
import glob
import os
from pathlib import Path

COURSE = "{{course}}"
NAMES = [
    "gradebook.db",
    "source/week01/assignment.ipynb",
    "release/week01/assignment.ipynb",
    "receipts/log.jsonl",
    "submitted/honest-1/week01/assignment.ipynb",
    "autograded",
    "grader_tests/week01.py",
    "curriculum",
    "nbgrader_config.py",
]
for name in NAMES:
    for folder in (COURSE, "../../..", "../.."):
        path = Path(folder, name)
        attempt(f"read {path}", lambda: len(path.read_bytes() if path.is_file() else os.listdir(path)))
attempt("read the secret's file", lambda: len(Path("{{secret_file}}").read_text()))
attempt("read root's keys", lambda: os.listdir("/root/.ssh"))
attempt("read root's settings", lambda: [name for name in os.listdir("/root") if name not in (".pyenv", ".local")][0])
attempt("read passwords", lambda: len(Path("/etc/shadow").read_text()))
attempt("list other kernels", lambda: os.listdir("/slot/../slot/..")[99])
attempt("find a secret in the environment", lambda: [name for name in os.environ if "SECRET" in name][0])
attempt(
    "find sockets or courses in the file system",
    lambda: [path for place in ("/tmp/tfk-*", "/home/*", "/mnt/*", "/srv/*") for path in glob.glob(place)][0],
)
attempt("find a course", lambda: __import__("tfcourse.course").course.find_course())
from tfcourse.examiner.secret import find_secret  # what is found here is the built-in one: public, and not the course's

assert find_secret().public
