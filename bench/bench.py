"""Times the engine beside stock nbgrader and beside the floor: `make bench`. Writes bench/results.json and .md.

Parts may be named: `python bench/bench.py ready overhead`. BENCH_RUNS says how many turns each takes (3). What is compared runs in turn, A B A B …, on the same
machine; figures are medians, and ratios are of runs that followed each other. Bytecode may be written and is used
on both sides (PYTHONDONTWRITEBYTECODE is unset). A part that is not run keeps its last result.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

import batch
import kernels
from batch import HEAVY, LIGHT
from dask_scaling import dask_scaling
from exam_answers import exam
from training import PRACTISED, training

from tfcourse.checks.runtime import versions
from tfcourse.course import find_course

HERE = Path(__file__).parent
RUNS = int(os.environ.get("BENCH_RUNS", "3"))


def main() -> None:
    """Measure the parts that are named, or all, and write the tables."""
    course = find_course()
    light, heavy = course.week(LIGHT), course.week(HEAVY)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        parts = {
            "ready": kernels.ready,
            "overhead, light": lambda: batch.overhead(course, light, runs=RUNS),
            "overhead, heavy": lambda: batch.overhead(course, heavy, runs=RUNS),
            "batch, light": lambda: batch.batches(course, light, folder / "light", runs=RUNS),
            "batch, heavy": lambda: batch.batches(course, heavy, folder / "heavy", runs=RUNS),
            "many": lambda: batch.many(course, folder),
            "references": lambda: batch.references(course, folder / "references"),
            "dask": lambda: dask_scaling(course, light, runs=RUNS),
            "exam": lambda: exam(course, runs=RUNS),
            "training": lambda: training(course, runs=RUNS),
        }
        chosen = [name for name in parts if not sys.argv[1:] or any(name.startswith(part) for part in sys.argv[1:])]
        results = HERE / "results.json"
        document = json.loads(results.read_text()) if results.is_file() else {}
        if "parts" not in document:
            document = {"parts": {}}
        for name in chosen:
            began = time.perf_counter()
            load = round(os.getloadavg()[0], 1)
            machine = {
                "cores": os.cpu_count(),
                "processor": _processor(),
                "system": platform.platform(terse=True),
                "versions": versions(),
            }
            document["parts"][name] = {**parts[name](), "load before": load, "machine": machine}
            results.write_text(json.dumps(document, indent=1) + "\n")
            (HERE / "results.md").write_text(table(document))
            print(f"{name}: {time.perf_counter() - began:.0f} s", flush=True)
    print(table(document))


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def table(document: dict) -> str:
    """Return the results in Markdown."""
    parts = document["parts"]
    machines: dict[str, list[str]] = {}
    for name, part in parts.items():  # each part keeps its own: not all of them are measured in one go
        machine, about = part["machine"], part["machine"]["versions"]
        told = f"{machine['cores']} cores ({machine['processor']}), Python {about['python']}, TensorFlow {about['tensorflow']}"
        machines.setdefault(told, []).append(name)
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`. Medians of runs in turn on one machine; nbgrader with a cold kernel. Measured on "
        + "; on ".join(f"{told}: {' · '.join(names)}" for told, names in machines.items())
        + ".",
        "",
        "| what | measured | ratio | wanted |",
        "|---|---|---|---|",
    ]
    for size, fast, side in (("light", 6, 4), ("heavy", 3, 2)):
        if part := parts.get(f"batch, {size}"):
            median, ratio = part["median"], part["ratio"]
            same = "same points" if part["same points"] else "DIFFERENT POINTS"
            lines.append(
                f"| {size} batch, {part['submissions']} × {part['week']}: `tfcourse autograde` / `nbgrader autograde` | "
                f"{median['tfcourse']} s / {median['nbgrader']} s, {same} | {ratio['nbgrader']} × faster | ≥ {fast} |"
            )
            lines.append(
                f"| the same / nbgrader in two processes | {median['tfcourse']} s / "
                f"{median['nbgrader, two processes']} s | {ratio['nbgrader, two processes']} × faster | ≥ {side} |"
            )
        if part := parts.get(f"overhead, {size}"):
            median = part["median"]
            lines.append(
                f"| {size}: engine, isolation on / the same cells in bare warmed processes | "
                f"{median['engine']} s / {median['floor']} s | {part['ratio']} | ≤ {1.35 if size == 'light' else 1.1} |"
            )
            lines.append(
                f"| {size}: those bare processes, two side by side / one after the other | {median['floor']} s / "
                f"{median['floor, one process']} s | {part['two processes on this machine']} × faster | the machine's limit |"
            )
    if part := parts.get("ready"):
        median, memory = part["median"], part["private_megabytes"]
        lines.append(
            f"| kernel ready in the sandbox, `import tensorflow` done / cold | {median['warm, confined']} s / "
            f"{median['cold']} s | {median['cold'] / median['warm, confined']:.0f} × faster | ≤ 0.25 s |"
        )
        warm = max(memory["each of four warm"])
        lines.append(
            f"| private memory of a further kernel after `import tensorflow` / cold | {warm} MB / {memory['cold']} MB | "
            f"{warm / memory['cold']:.2f} | ≤ 150 MB |"
        )
    if part := parts.get("many"):
        rows = part["rows"]
        counts = " / ".join(rows)
        each = " / ".join(str(row["milliseconds each"]) for row in rows.values())
        lines.append(f"| {counts} small submissions: ms each | {each} | {part['ratio of time each']} | 0.9 to 1.1 |")
        lines.append(f"| … growth of the main process over the larger | {part['growth in megabytes']} MB | | ≤ 50 MB |")
    if part := parts.get("references"):
        weeks = len(part["seconds"])
        lines.append(
            f"| the references of {weeks} weeks, a command each, one after the other | {part['all']} s | | ≤ 600 s |"
        )
    if part := parts.get("dask"):
        lines.append(
            f"| one Dask worker / two, {part['submissions']} × {part['week']} | "
            f"{part['median']['1']} s / {part['median']['2']} s | {part['ratio']} | ≥ 1.7 |"
        )
    for check_id, row in (parts.get("training") or {}).items():
        if not isinstance(row, dict) or "ratio" not in row:
            continue
        ours = row.get("practised_s", row.get("ours_s"))
        what, wanted = (
            (f"practice of {check_id}, start to card", 1.15) if check_id == PRACTISED else (f"{check_id} trained", 0.6)
        )
        lines.append(
            f"| {what} / the same training written naively | {ours} s / {row['naive_s']} s | {row['ratio']} | ≤ {wanted} |"
        )
    if part := parts.get("exam"):
        slowest, training = max(
            (found["training seconds of one core"], name) for name, found in part["families"].items()
        )
        lines += [
            f"| an exam of five problems, drawn | {part['drawing, median']} s | | ≤ 60 s |",
            f"| a submission answered, median of {part['submissions']} | {part['answered, median']} s | | ≤ 2 s |",
            f"| … 95th percentile | {part['answered, 95th percentile']} s | | ≤ 4 s |",
            f"| the slowest reference, {training}, trained on one core | {slowest} s | | ≤ 60 s |",
        ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
