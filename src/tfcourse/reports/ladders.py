"""Ladders in Markdown: one as a table for a text, and all on one page with what was measured on each rung."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from tfcourse.checks import calibration as calibrations
from tfcourse.checks.check import ModelCheck
from tfcourse.checks.own_training import OwnTraining
from tfcourse.checks.registry import checks_of, exam_problems, find_check
from tfcourse.course import Course
from tfcourse.errors import InvalidCurriculum

LADDER = re.compile(r"\{\{ladder:([\w.]+)\}\}")
"""What stands in a text in the place of a check's table."""


def with_ladders(course: Course, text: str) -> str:
    """Replace each ``{{ladder:CHECK}}`` of a text by that check's table."""
    return LADDER.sub(lambda match: ladder_table(course, match.group(1)), text)


def ladder_table(course: Course, check_id: str) -> str:
    """Return a model check's ladder in Markdown: thresholds, and who was measured on each rung."""
    check = find_check(course, check_id)
    if not isinstance(check, ModelCheck):
        raise InvalidCurriculum([f"{check_id}: expected a model check for {{{{ladder:…}}}}; found a function check."])
    ladder, metric = check.ladder, check.ladder.metric
    rows = [f"| points | {metric.name} | measured here |", "|---|---|---|"]
    for points in range(5, -1, -1):
        sign = "at least" if metric.higher_is_better else "at most"
        threshold = f"{sign} {metric.show(ladder.thresholds[points - 1])}" if points else ""
        standing = sorted((mean, name) for name, mean in check.landmarks.items() if ladder.rung(mean) == points)
        names = ", ".join(f"{name} {metric.show(mean)}" for mean, name in standing)
        rows.append(f"| {points} | {threshold} | {names} |")
    return "\n".join([*rows, *_budget(check)])


def _budget(check: ModelCheck) -> Iterator[str]:
    """Yield the budget of a training of the learner's own, as a sentence below the table."""
    if isinstance(check.training, OwnTraining):
        reference = check.reference_seconds
        needs = "" if reference is None else f"; ours takes about {max(reference, 1):.0f} s"
        yield ""
        yield f"Your training may take {check.training.budget:.0f} s of one core{needs}."


def ladders_page(course: Course) -> str:
    """Return ``docs/ladders.md``, from the committed calibrations."""
    lines = [
        "<!-- Built by `tfcourse build` from grader_tests/calibration/: do not edit this page. -->",
        "# Ladders",
        "",
        "Each model check has five thresholds, one a point. The six rules that they keep are in CONTRIBUTING.md;",
        "what is below was measured by `tfcourse calibrate`, on fresh data and fresh weights for each seed.",
        "*Reference* is the course's own solution. *Ordinary* solutions are what a textbook would write, tuned by",
        "nobody on this data. *Mistakes* are those that lessons and advice name; *rivals* are designs without a skill",
        "that the check claims. *Simple* predictors and those that do *not learn* mark the lower rungs.",
        "*Wrongly* counts the seeds on which a predictor gets points outside of what it may get.",
        "Seconds are processor seconds of one core, the median.",
        "A dash stands where there is no value: the model was refused, or its training diverged.",
    ]
    for week in course.weeks:
        for check in checks_of(course, week.id):
            if isinstance(check, ModelCheck):
                lines += ["", f"## {check.id}: {check.title}", "", *_ladder(course, check)]
    for problem in exam_problems(course):
        lines += ["", f"## {problem.id}: {problem.title}", "", *_ladder(course, problem)]
    return "\n".join(lines) + "\n"


def _ladder(course: Course, check: ModelCheck) -> Iterator[str]:
    ladder, metric = check.ladder, check.ladder.metric
    sign = "at least" if metric.higher_is_better else "at most"
    thresholds = ", ".join(metric.show(threshold) for threshold in ladder.thresholds)
    yield f"One to five points for {metric.name} {sign} {thresholds}."
    path = course.checks_folder / "calibration" / f"{check.id}.json"
    if not path.is_file():
        yield ""
        yield "Not measured yet."
        return
    measured = calibrations.with_ladder(calibrations.read_calibration(path), ladder)
    yield f"The reference was measured on {calibrations.seeds_of(measured)}."
    yield ""
    open_ends = calibrations.rule_problems(check, measured)
    if open_ends:
        yield "Still open:"
        yield ""
        yield from (f"- {problem}" for problem in open_ends)
        yield ""
    yield f"| predictor | role | may get | mean {metric.name} | sd | points | wrongly | s |"
    yield "|---|---|---|---|---|---|---|---|"
    digits = metric.digits + 1
    for name, found in measured.measured.items():
        points = [ladder.rung(value) for value in found.values]
        least, most = calibrations.allowed_points(found.role)
        may = f"{least}" if least == most else f"{least} to {most}"
        counted = ", ".join(f"{points.count(each)} × {each}" for each in sorted(set(points), reverse=True))
        wrongly = f"{calibrations.false_accepts(ladder, found)} of {len(points)}"
        seconds = f"{found.seconds:.0f}" if found.seconds else ""
        mean, sd = ("–", "–") if math.isnan(found.mean) else (f"{found.mean:.{digits}f}", f"{found.sd:.{digits}f}")
        yield (f"| {name} | {found.role} | {may} | {mean} | {sd} | {counted} | {wrongly} | {seconds} |")
    for variant, values in measured.variants.items():
        moved = sum(ladder.rung(a) != ladder.rung(b) for a, b in zip(values, measured.reference, strict=False))
        yield ""
        yield f"Reference with {variant}: points differ on {moved} of {len(values)} seeds."
