"""Times whole commands side by side: `make bench`. Writes bench/results.json and bench/results.md.

Weeks to measure may be named: `python bench/bench.py week05`.

Two commands of a pair run in turn, A B A B …, in processes of their own, so that the ratio holds where
the machine's speed drifts. Bytecode may be written in both (PYTHONDONTWRITEBYTECODE is unset).
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat

from tfcourse.checks.runtime import versions
from tfcourse.course import NOTEBOOKS, ROOT_VARIABLE, WORK_VARIABLE, Course, Week, find_course
from tfcourse.grading.submissions import make_submission

RUNS = 3
HERE = Path(__file__).parent


def main() -> None:
    """Measure every pair and write the tables."""
    course = find_course()
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        chosen = [course.week(id) for id in sys.argv[1:]] or course.weeks
        for week in chosen:
            rows.append(pair(f"{week.id}: grade the reference", *grading_commands(course, week, folder)))
        rows.append(
            pair(
                "start-up",
                ("import tensorflow", [sys.executable, "-c", "import tensorflow"], {}),
                ("import tfcourse", [sys.executable, "-c", "import tfcourse"], {}),
            )
        )
    document = {
        "runs": RUNS,
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "versions": versions(),
        "pairs": rows,
    }
    (HERE / "results.json").write_text(json.dumps(document, indent=1) + "\n")
    (HERE / "results.md").write_text(table(document))
    print(table(document))


def grading_commands(course: Course, week: Week, folder: Path):
    """Return stock `nbgrader autograde` and `tfcourse grade` on the same submission."""
    root = folder / week.id
    for name in NOTEBOOKS:
        for top, path in (("source", course.source(week, name)),):
            (root / top / week.id).mkdir(parents=True, exist_ok=True)
            shutil.copy(path, root / top / week.id)
    submission = make_submission(course, week, "reference")
    for target in (root / "submitted" / "sample-01" / week.id, root / "work" / week.id):
        target.mkdir(parents=True)
        nbformat.write(submission, target / "assignment.ipynb")
    nbgrader = [sys.executable, "-m", "nbgrader"]
    where = [f"--CourseDirectory.root={root}"]
    environment = {ROOT_VARIABLE: str(course.root), WORK_VARIABLE: str(root / "work")}
    run([*nbgrader, "generate_assignment", week.id, *where], environment)
    return (
        ("nbgrader autograde", [*nbgrader, "autograde", week.id, "--force", *where], environment),
        ("tfcourse grade", [sys.executable, "-m", "tfcourse", "grade", week.id], environment),
    )


def pair(title, a, b):
    """Time two commands in turn and return medians and the median ratio."""
    seconds = {a[0]: [], b[0]: []}
    for _ in range(RUNS):
        for name, command, environment in (a, b):
            seconds[name].append(run(command, environment))
    ratios = [x / y for x, y in zip(seconds[a[0]], seconds[b[0]], strict=True)]
    print(f"{title}: {a[0]} / {b[0]} = {statistics.median(ratios):.2f}", flush=True)
    return {
        "title": title,
        "a": a[0],
        "b": b[0],
        "seconds": {name: [round(value, 2) for value in values] for name, values in seconds.items()},
        "median": {name: round(statistics.median(values), 2) for name, values in seconds.items()},
        "ratio": round(statistics.median(ratios), 3),
    }


def run(command, environment) -> float:
    """Run a command to its end and return its wall time in seconds."""
    variables = {**os.environ, **environment}
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    began = time.perf_counter()
    subprocess.run(command, env=variables, check=True, capture_output=True, cwd=HERE.parent)
    return time.perf_counter() - began


def table(document) -> str:
    """Return the results in Markdown."""
    lines = [
        "# Benchmarks",
        "",
        f"Written by `make bench`: {document['runs']} runs of each command in turn, whole processes, "
        f"median seconds; {document['cores']} cores.",
        "",
        "| what | A | s | B | s | A / B |",
        "|---|---|---|---|---|---|",
    ]
    for row in document["pairs"]:
        a, b = row["a"], row["b"]
        lines.append(f"| {row['title']} | {a} | {row['median'][a]} | {b} | {row['median'][b]} | {row['ratio']} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
