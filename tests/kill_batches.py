"""Grades a plain course in processes that are killed with -9 at random moments; run by test_autograde_kill.py.

Prints JSON: how many were killed while they worked, in which states, and what was wrong after any of it.
"""

import json
import os
import random
import signal
import sqlite3
import sys
import time
from pathlib import Path

from fake_engine import COUNT_VARIABLE
from plain_course import autograde, converter

assert converter  # imports everything that a batch needs, so that a fork begins at once

QUERY = """
SELECT submitted_assignment.student_id, SUM(grade.auto_score IS NOT NULL OR grade.needs_manual_grade), COUNT(*)
FROM grade JOIN submitted_notebook ON grade.notebook_id = submitted_notebook.id
JOIN submitted_assignment ON submitted_notebook.assignment_id = submitted_assignment.id GROUP BY 1
"""


def main(root, kills, seed, options):
    chance = random.Random(seed)
    wrong, hits, states, stored, lines = [], 0, set(), set(), 0
    for _ in range(kills * 4):
        if hits >= kills:
            break
        size = log_size(root)
        child = os.fork()
        if child == 0:
            with open(os.devnull, "w") as null:
                os.dup2(null.fileno(), 2)
            autograde(root, **options)
            os._exit(0)
        while log_size(root) == size:
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.35))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        hits += os.WIFSIGNALED(status)
        began = [line.split()[1] for line in counted(root)[lines:] if line.startswith("began")]
        wrong += [f"{student} was run again" for student in began if student in stored]
        lines = len(counted(root))
        stored |= {path.parts[-3] for path in root.glob("receipts/*/ps1/run-*")}
        states |= {state_of(root, path.name, wrong) for path in (root / "submitted").iterdir()}
        wrong += half_graded(root)
    print(json.dumps({"hits": hits, "wrong": wrong, "states": sorted(states)}))


def log_size(root):
    path = root / "receipts" / "log.jsonl"
    return path.stat().st_size if path.exists() else 0


def counted(root):
    path = Path(os.environ[COUNT_VARIABLE])
    return path.read_text().splitlines() if path.exists() else []


def state_of(root, student, wrong):
    """Say how far a submission came, and note where its folder is not what it should be."""
    folder = root / "autograded" / student / "ps1"
    if folder.exists() and not {"p1.ipynb", "student.txt"} <= set(os.listdir(folder)):
        wrong.append(f"{folder} is incomplete")
    receipts = root / "receipts" / student / "ps1"
    parts = [
        "run" if list(receipts.glob("run-*")) else "",
        "folder" if folder.exists() else "",
        "record" if (receipts / "record.json").exists() else "",
    ]
    if parts[2] and not parts[1]:
        wrong.append(f"{student} is recorded, and not in autograded/")
    return "+".join(part for part in parts if part) or "nothing"


def half_graded(root):
    with sqlite3.connect(root / "gradebook.db") as connection:
        rows = connection.execute(QUERY).fetchall()
        (sound,) = connection.execute("PRAGMA integrity_check").fetchone()
    wrong = [f"{student} has {some} of {all_} grades" for student, some, all_ in rows if some not in (0, all_)]
    return wrong if sound == "ok" else [*wrong, f"database: {sound}"]


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), json.loads(sys.argv[4]))
