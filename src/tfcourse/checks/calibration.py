"""Measuring a ladder: what the reference and the baselines get, over many seeds of data and weights."""

from __future__ import annotations

import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from tfcourse.checks import runtime
from tfcourse.checks.baselines import MOST_POINTS
from tfcourse.checks.check import ModelCheck
from tfcourse.checks.guard import quiet
from tfcourse.checks.ladder import Ladder, limit_problem, spacing_problem
from tfcourse.checks.problems import ExamProblem
from tfcourse.checks.records import Array, Key, Task
from tfcourse.errors import CourseError, InvalidCurriculum

REFERENCE = "reference"
FEWEST_SEEDS = 30
FEWEST_EXAM_SEEDS = 20
"""For exam problems, whose references may train ten times as long."""
NORMAL_1_PERCENT = 2.326
"""A normal variable falls this many standard deviations below its mean in 1 % of cases."""
VARIANTS: dict[str, dict[str, str]] = {
    "oneDNN off": {"TF_ENABLE_ONEDNN_OPTS": "0"},
    "AVX2": {"ONEDNN_MAX_CPU_ISA": "AVX2"},
}
"""Other processors, imitated: environment variables under which the reference is measured again."""


@dataclass(frozen=True)
class Measured:
    """One predictor's metric over the seeds.

    Args:
        role: ``reference``, ``simple`` or ``does not learn``.
        values: The metric, one entry a seed.
    """

    role: Literal["reference", "simple", "does not learn"]
    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Return the mean over the seeds."""
        return statistics.fmean(self.values)

    @property
    def sd(self) -> float:
        """Return the standard deviation over the seeds; 0 for a single one."""
        return statistics.stdev(self.values) if len(self.values) > 1 else 0.0


@dataclass(frozen=True)
class Calibration:
    """What was measured for one model check.

    Args:
        measured: By name; the reference is called ``reference``.
        variants: The reference's values on imitated other processors, for the first seeds.
        versions: Of the software that was used.
        reference_seconds: Median wall time of building, training and predicting.
    """

    check_id: str
    metric: str
    thresholds: tuple[float, ...]
    measured: Mapping[str, Measured]
    variants: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    reference_seconds: float = 0.0

    @property
    def seeds(self) -> int:
        """Return how many seeds were measured."""
        return len(self.measured[REFERENCE].values)


def fewest_seeds(check: ModelCheck) -> int:
    """Return on how many seeds a check has to be measured."""
    return FEWEST_EXAM_SEEDS if isinstance(check, ExamProblem) else FEWEST_SEEDS


def calibration_seed(check_id: str, index: int) -> int:
    """Return the seed of one measurement; public, and never used for grading."""
    return int.from_bytes(hashlib.sha256(f"calibrate:{check_id}:{index}".encode()).digest(), "big")


def measure(
    check: ModelCheck,
    *,
    seeds: int = FEWEST_SEEDS,
    variant_seeds: int = 10,
    progress: Callable[[str, int, int], None] = lambda name, done, total: None,
) -> Calibration:
    """Measure a check's reference and baselines.

    Args:
        check: What to measure.
        seeds: Fresh data and weights, this many times.
        variant_seeds: How many of them are measured again on each imitated processor.
        progress: Called with what was measured, steps done and steps in all.
    """
    import keras

    total = seeds * (len(check.baselines) + 1) + variant_seeds * len(VARIANTS)
    done = 0
    values: dict[str, list[float]] = {REFERENCE: [], **{baseline.name: [] for baseline in check.baselines}}
    seconds = []
    for index in range(seeds):
        key, predictors = _predictors(check, calibration_seed(check.id, index))
        for name, predict in predictors.items():
            with quiet():
                predictions, took = predict()
            values[name].append(_metric(check, key, predictions))
            if name == REFERENCE:
                seconds.append(took)
            done += 1
            progress(name, done, total)
        keras.backend.clear_session()
    variants = {}
    for variant, environment in VARIANTS.items() if variant_seeds else ():
        variants[variant] = _measure_variant(check.id, environment, variant_seeds)
        done += variant_seeds
        progress(variant, done, total)
    roles = {REFERENCE: REFERENCE, **{baseline.name: baseline.kind for baseline in check.baselines}}
    return Calibration(
        check_id=check.id,
        metric=check.ladder.metric.name,
        thresholds=check.ladder.thresholds,
        measured={name: Measured(roles[name], tuple(found)) for name, found in values.items()},  # type: ignore[arg-type]
        variants=variants,
        versions=runtime.versions(),
        reference_seconds=round(statistics.median(seconds), 1),
    )


def measure_once(check: ModelCheck, index: int, name: str) -> float:
    """Measure one predictor on one seed again, for tests that compare with what is committed."""
    key, predictors = _predictors(check, calibration_seed(check.id, index))
    with quiet():
        predictions, _ = predictors[name]()
    return _metric(check, key, predictions)


def rule_problems(check: ModelCheck, calibration: Calibration) -> list[str]:
    """Return how a ladder breaks its four rules on what was measured; empty where it keeps them."""
    ladder, reference = check.ladder, calibration.measured[REFERENCE]
    problems: list[str | None] = []
    fewest = fewest_seeds(check)
    if calibration.seeds < fewest:
        problems.append(f"at least {fewest} seeds, found {calibration.seeds}")
    if calibration.thresholds != ladder.thresholds:
        problems.append(f"a calibration of the ladder {ladder.thresholds}, found one of {calibration.thresholds}")
    expected_names = {REFERENCE, *(baseline.name for baseline in check.baselines)}
    if set(calibration.measured) != expected_names:
        problems.append(f"measurements of {sorted(expected_names)}, found {sorted(calibration.measured)}")
    if not any(found.role == "does not learn" for found in calibration.measured.values()):
        problems.append("at least one baseline that does not learn, found none")
    if not any(found.role == "simple" for found in calibration.measured.values()):
        problems.append("at least one simple baseline, found none")
    for name, found in calibration.measured.items():
        if found.role != "reference":
            problems.append(limit_problem(ladder, name, found.values, MOST_POINTS[found.role]))
    rejected = false_rejects(ladder, reference)
    if rejected:
        problems.append(f"5 points for the reference, found fewer on {rejected} of {calibration.seeds} seeds")
    margin = abs(reference.mean - ladder.thresholds[-1])
    if margin < NORMAL_1_PERCENT * reference.sd:
        problems.append(
            f"the last threshold at least {NORMAL_1_PERCENT} standard deviations ({reference.sd:.4g}) "
            f"from the reference's mean {reference.mean:.4g}, found {margin:.4g}"
        )
    problems.append(spacing_problem(ladder, reference.sd))
    return [f"{check.id}: expected {problem}." for problem in problems if problem]


def false_rejects(ladder: Ladder, reference: Measured) -> int:
    """Count the seeds on which the reference gets fewer than 5 points."""
    return sum(ladder.rung(value) < 5 for value in reference.values)


def false_accepts(ladder: Ladder, baseline: Measured) -> int:
    """Count the seeds on which a baseline gets more points than its kind may."""
    if baseline.role == "reference":
        return 0
    return sum(ladder.rung(value) > MOST_POINTS[baseline.role] for value in baseline.values)


def upper_bound(count: int, total: int) -> float:
    """Return the upper end of the exact (Clopper-Pearson) two-sided 95 % interval of a rate."""
    from scipy.stats import beta

    return 1.0 if count == total else float(beta.ppf(0.975, count + 1, total - count))


def write_calibration(ladder: Ladder, calibration: Calibration, folder: Path) -> Path:
    """Write ``CHECK.json``: the values, and what follows from them on `ladder`."""
    path = folder / f"{calibration.check_id}.json"
    folder.mkdir(parents=True, exist_ok=True)
    document = {
        "check": calibration.check_id,
        "metric": calibration.metric,
        "thresholds": calibration.thresholds,
        "seeds": calibration.seeds,
        "summary": _summary(ladder, calibration),
        "measured": {name: asdict(found) for name, found in calibration.measured.items()},
        "variants": calibration.variants,
        "versions": calibration.versions,
        "reference_seconds": calibration.reference_seconds,
    }
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return path


def read_calibration(path: Path) -> Calibration:
    """Read what `write_calibration` wrote.

    Raises:
        CourseError: There is no such file.
        InvalidCurriculum: It is damaged.
    """
    if not path.is_file():
        raise CourseError(f"Expected measurements in {path}; found none. Run: tfcourse calibrate {path.stem}")
    try:
        return _from_document(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        problem = f"{path}: expected measurements; found {error!r}. Run: tfcourse calibrate {path.stem}"
        raise InvalidCurriculum([problem]) from error


def _from_document(document: dict[str, Any]) -> Calibration:
    return Calibration(
        check_id=document["check"],
        metric=document["metric"],
        thresholds=tuple(document["thresholds"]),
        measured={
            name: Measured(found["role"], tuple(found["values"])) for name, found in document["measured"].items()
        },
        variants={name: tuple(values) for name, values in document["variants"].items()},
        versions=document["versions"],
        reference_seconds=document["reference_seconds"],
    )


def with_ladder(calibration: Calibration, ladder: Ladder) -> Calibration:
    """Return the same measurements for a ladder whose thresholds were changed."""
    return replace(calibration, thresholds=ladder.thresholds)


def read_landmarks(path: Path) -> Mapping[str, float]:
    """Return the mean of each measured predictor, or nothing where no calibration was written yet."""
    if not path.is_file():
        return {}
    return {name: found.mean for name, found in read_calibration(path).measured.items()}


def draw_calibration(ladder: Ladder, calibration: Calibration, path: Path) -> None:
    """Draw every measured value beside the ladder, as a PNG."""
    from matplotlib.figure import Figure

    colours = {"reference": "#1a7f37", "simple": "#9a6700", "does not learn": "#6e7781"}
    names = sorted(calibration.measured, key=lambda name: calibration.measured[name].mean)
    figure = Figure(figsize=(8, 1.2 + 0.4 * len(names)), layout="constrained")
    axes = figure.subplots()
    for row, name in enumerate(names):
        found = calibration.measured[name]
        axes.plot(found.values, [row] * len(found.values), "|", markersize=14, color=colours[found.role])
    for points, threshold in enumerate(ladder.thresholds, start=1):
        axes.axvline(threshold, color="#0969da", linewidth=0.8)
        axes.annotate(
            str(points), (threshold, 1.0), xycoords=("data", "axes fraction"), ha="center", va="bottom", color="#0969da"
        )
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel(f"{calibration.metric} over {calibration.seeds} seeds; lines: thresholds for 1 to 5 points")
    if not ladder.metric.higher_is_better:
        axes.invert_xaxis()
    figure.savefig(path, dpi=110)


def _summary(ladder: Ladder, calibration: Calibration) -> dict[str, Any]:
    rows: dict[str, Any] = {}
    for name, found in calibration.measured.items():
        rows[name] = {
            "mean": round(found.mean, 5),
            "sd": round(found.sd, 5),
            "points": [ladder.rung(value) for value in found.values],
        }
        count = false_rejects(ladder, found) if found.role == "reference" else false_accepts(ladder, found)
        kind = "false_reject" if found.role == "reference" else "false_accept"
        total = len(found.values)
        rows[name][kind] = {
            "count": count,
            "rate": round(count / total, 4),
            "upper_95": round(upper_bound(count, total), 4),
        }
    reference = calibration.measured[REFERENCE]
    rows["variants"] = {
        name: {
            "seeds": len(values),
            "points_moved": sum(
                ladder.rung(a) != ladder.rung(b) for a, b in zip(values, reference.values, strict=False)
            ),
            "largest_difference": round(max(abs(a - b) for a, b in zip(values, reference.values, strict=False)), 5),
        }
        for name, values in calibration.variants.items()
    }
    return rows


def _predictors(check: ModelCheck, seed: int) -> tuple[Key, dict[str, Callable[[], tuple[Array, float]]]]:
    """Draw a check's data, and return its key and what predicts, the reference first, each with its seconds."""
    if isinstance(check, ExamProblem):
        drawn = check.scenario(seed)
        task, key = check.training_task(drawn, seed)

        def reference() -> tuple[Array, float]:
            with tempfile.TemporaryDirectory() as folder:
                loaded, seconds = check.predict_with_reference(drawn, seed, Path(folder))
            return loaded.predictions, seconds
    else:
        task, key = check.draw(seed)

        def reference() -> tuple[Array, float]:
            response = check.training.respond(check.reference, task)
            return response.outputs[0][0], response.seconds

    def timed(predict: Callable[[Task], Array]) -> Callable[[], tuple[Array, float]]:
        return lambda: (predict(task), 0.0)

    return key, {REFERENCE: reference, **{baseline.name: timed(baseline.predict) for baseline in check.baselines}}


def _metric(check: ModelCheck, key: Key, predictions: Array) -> float:
    return round(check.ladder.metric(key.expected[0][0], predictions), 6)


def _measure_variant(check_id: str, environment: Mapping[str, str], seeds: int) -> tuple[float, ...]:
    """Measure the reference in a process of its own, since TensorFlow reads these variables once."""
    run = subprocess.run(
        [sys.executable, "-m", "tfcourse.checks.calibration", check_id, str(seeds)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(json.loads(run.stdout.splitlines()[-1]))


def _main(arguments: Sequence[str]) -> None:
    from tfcourse.checks.registry import find_check
    from tfcourse.course import find_course

    check = find_check(find_course(), arguments[0])
    assert isinstance(check, ModelCheck)
    print(json.dumps([measure_once(check, index, REFERENCE) for index in range(int(arguments[1]))]))


if __name__ == "__main__":
    _main(sys.argv[1:])
