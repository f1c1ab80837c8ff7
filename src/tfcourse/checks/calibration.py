"""Measuring a ladder: what the reference, the baselines and a panel of other people's models get, over many seeds."""

from __future__ import annotations

import fnmatch
import hashlib
import json
import math
import multiprocessing
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from tfcourse.checks import runtime
from tfcourse.checks.asking import ask_here
from tfcourse.checks.baselines import MOST_POINTS
from tfcourse.checks.check import ModelCheck, Split
from tfcourse.checks.guard import quiet
from tfcourse.checks.ladder import Ladder, ceiling_problem, floor_problem, limit_problem, spacing_problem
from tfcourse.checks.own_training import OwnTraining
from tfcourse.checks.panel import FEWEST_ORDINARY, MOST_WITHOUT, Solution
from tfcourse.checks.problems import ExamProblem
from tfcourse.checks.records import Array, ModelFile, ModelRequest, Task
from tfcourse.errors import CourseError, InvalidCurriculum, LearnerMistake, NotFinite, UnknownName, WrongKind

REFERENCE = "reference"
FEWEST_SEEDS = 30
FEWEST_EXAM_SEEDS = 20
"""For exam problems, whose references may train ten times as long."""
PANEL_SEEDS = 10
PANEL_EXAM_SEEDS = 5
PANEL_EXCEPTIONS = 0.1
"""Share of the seeds on which a member of the panel may miss its rule; none in an exam problem."""
FEWEST_SOLUTIONS = 3
"""Ordinary ones, of each check."""
BUDGET_TIMES_REFERENCE = 4.0
"""A training of the learner's own may take at least this many times what the reference takes."""
NORMAL_1_PERCENT = 2.326
"""A normal variable falls this many standard deviations below its mean in 1 % of cases."""
VARIANTS: dict[str, dict[str, str]] = {
    "oneDNN off": {"TF_ENABLE_ONEDNN_OPTS": "0"},
    "AVX2": {"ONEDNN_MAX_CPU_ISA": "AVX2"},
}
"""Other processors, imitated: environment variables under which the reference is measured again."""
VARIANTS_NAME = "variants"
"""How those are called among the predictors."""

Role = Literal["reference", "simple", "does not learn", "ordinary", "mistake", "rival"]
COLOURS: dict[Role, str] = {
    "reference": "#1a7f37",
    "ordinary": "#0550ae",
    "simple": "#9a6700",
    "mistake": "#cf222e",
    "rival": "#8250df",
    "does not learn": "#6e7781",
}


@dataclass(frozen=True)
class Measured:
    """One predictor's metric over the seeds.

    Args:
        role: What it is to the ladder.
        values: The metric, one entry a seed; NaN, which is worth no point, where a training has diverged or a rival was
            refused.
        seconds: Median processor time of building, training and predicting; 0 for a baseline.
    """

    role: Role
    values: tuple[float, ...]
    seconds: float = 0.0

    @property
    def mean(self) -> float:
        """Return the mean over the seeds on which there is a value; NaN for none."""
        return statistics.fmean(self._finite) if self._finite else math.nan

    @property
    def sd(self) -> float:
        """Return the standard deviation over them; 0 for a single one."""
        return statistics.stdev(self._finite) if len(self._finite) > 1 else 0.0

    @property
    def _finite(self) -> list[float]:
        return [value for value in self.values if math.isfinite(value)]


@dataclass(frozen=True)
class Calibration:
    """What was measured for one model check.

    Args:
        measured: By name; the reference is called ``reference``.
        variants: The reference's values on imitated other processors, for the first seeds.
        versions: Of the software that was used.
    """

    check_id: str
    metric: str
    thresholds: tuple[float, ...]
    measured: Mapping[str, Measured]
    variants: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def seeds(self) -> int:
        """Return on how many seeds the reference was measured."""
        return len(self.reference)

    @property
    def reference(self) -> tuple[float, ...]:
        """Return the reference's values; none where only others were measured."""
        return self.measured[REFERENCE].values if REFERENCE in self.measured else ()


@dataclass(frozen=True)
class Predictor:
    """Something that is measured.

    Args:
        name: As in `Calibration.measured`.
        role: What it is to the ladder.
        seeds: How many seeds it is measured on.
    """

    name: str
    role: Role
    seeds: int


def predictors(check: ModelCheck, *, seeds: int | None = None) -> tuple[Predictor, ...]:
    """Return what is measured for a check, the reference first.

    Args:
        check: Which.
        seeds: Of the reference and the baselines, and at most of the panel. Default: as many as the rules ask for.
    """
    exam = isinstance(check, ExamProblem)
    most = seeds or fewest_seeds(check)
    panel = min(most, PANEL_EXAM_SEEDS if exam else PANEL_SEEDS)
    return (
        Predictor(REFERENCE, "reference", most),
        *(Predictor(baseline.name, baseline.kind, most) for baseline in check.baselines),
        *(Predictor(solution.name, solution.kind, panel) for solution in check.panel),
    )


def fewest_seeds(check: ModelCheck) -> int:
    """Return on how many seeds a check's reference has to be measured."""
    return FEWEST_EXAM_SEEDS if isinstance(check, ExamProblem) else FEWEST_SEEDS


def calibration_seed(check_id: str, index: int) -> int:
    """Return the seed of one measurement; public, and never used for grading."""
    return int.from_bytes(hashlib.sha256(f"calibrate:{check_id}:{index}".encode()).digest(), "big")


def measure(
    check: ModelCheck,
    *,
    only: Sequence[str] = (),
    seeds: int | None = None,
    variant_seeds: int = 10,
    workers: int = 1,
    before: Calibration | None = None,
    missing: bool = False,
    progress: Callable[[Calibration, str, int, int], None] = lambda so_far, name, done, total: None,
) -> Calibration:
    """Measure a check's reference, baselines and panel.

    Args:
        check: What to measure.
        only: Names of predictors, or patterns such as ``rival*``; roles are names, too, and so is ``variants``,
            the imitated processors. Default: all.
        seeds: See `predictors`.
        variant_seeds: How many seeds of the reference are measured again on each imitated processor.
        workers: Processes that measure side by side.
        before: Measurements of what is not measured now.
        missing: Whether the seeds that `before` has are kept, and only the others are measured.
        progress: Called after each seed with all that was measured so far, the name of the last, steps done and steps
            in all.

    Raises:
        UnknownName: Nothing is called like that.
    """
    wanted = [each for each in predictors(check, seeds=seeds) if _is_wanted(each, only)]
    chosen = not only or VARIANTS_NAME in only
    variants = dict.fromkeys(VARIANTS, variant_seeds) if variant_seeds and chosen else {}
    if not wanted and not variants:
        names = ", ".join([*(each.name for each in predictors(check)), VARIANTS_NAME])
        raise UnknownName(f"Expected predictors of {check.id}: {names}; found {', '.join(only)}.")
    found = _Found(check, before, keep=missing)
    most = max((each.seeds for each in wanted), default=0)
    by_index = {
        index: due
        for index in range(most)
        if (due := tuple(each.name for each in wanted if found.first_missing(each.name) <= index < each.seeds))
    }
    again = {variant: range(found.first_missing_variant(variant), count) for variant, count in variants.items()}
    total = sum(map(len, by_index.values())) + sum(map(len, again.values()))
    done = 0
    for index, values in _measured_in_processes(check.id, by_index, {}, workers):
        for name, value in values.items():
            found.add(name, index, *value)
        done += len(values)
        progress(found.calibration(), ", ".join(values), done, total)
    for variant, indices in again.items():
        requests = dict.fromkeys(indices, (REFERENCE,))
        for index, values in _measured_in_processes(check.id, requests, VARIANTS[variant], workers):
            found.add_variant(variant, index, values[REFERENCE][0])
            done += 1
            progress(found.calibration(), variant, done, total)
    return found.calibration()


class _Found:
    """What was measured of a check so far, seed by seed.

    Args:
        check: Of which.
        before: Measurements of what is not measured now.
        keep: Whether its seeds stand, and new ones are added to them.
    """

    def __init__(self, check: ModelCheck, before: Calibration | None, *, keep: bool) -> None:
        self._check = check
        self._measured = dict(before.measured) if before else {}
        self._variants = dict(before.variants) if before else {}
        self._keep = keep
        self._values: dict[str, dict[int, float]] = {}
        self._seconds: dict[str, list[float]] = {}

    def first_missing(self, name: str) -> int:
        """Return the first seed on which a predictor is to be measured."""
        return len(self._measured[name].values) if self._keep and name in self._measured else 0

    def first_missing_variant(self, variant: str) -> int:
        """Return the first seed on which the reference is to be measured on an imitated processor."""
        return len(self._variants.get(variant, ())) if self._keep else 0

    def add(self, name: str, index: int, value: float, seconds: float) -> None:
        """Add what a predictor got on a seed."""
        kept = self._measured[name].values if self._keep and name in self._measured else ()
        self._values.setdefault(name, dict(enumerate(kept)))[index] = value
        self._seconds.setdefault(name, []).append(seconds)

    def add_variant(self, variant: str, index: int, value: float) -> None:
        """Add what the reference got on an imitated processor."""
        kept = self._variants.get(variant, ()) if self._keep else ()
        self._values.setdefault(variant, dict(enumerate(kept)))[index] = value

    def calibration(self) -> Calibration:
        """Return all of it, in the order of the check, without what it no longer has.

        Seeds that were measured out of turn wait for those before them.
        """
        roles = {each.name: each.role for each in predictors(self._check)}
        measured = {**self._measured}
        for name, seconds in self._seconds.items():
            values = _in_turn(self._values[name])
            measured[name] = Measured(roles[name], values, round(statistics.median(seconds), 1))
        again = {variant: _in_turn(self._values[variant]) for variant in VARIANTS if variant in self._values}
        return Calibration(
            check_id=self._check.id,
            metric=self._check.ladder.metric.name,
            thresholds=self._check.ladder.thresholds,
            measured={name: measured[name] for name in roles if name in measured},
            variants={**self._variants, **again},
            versions=runtime.versions(),
        )


def _in_turn(values: Mapping[int, float]) -> tuple[float, ...]:
    """Return the values of seeds 0, 1, … up to the first that is missing."""
    found: list[float] = []
    for index in sorted(values):
        if index != len(found):
            break
        found.append(values[index])
    return tuple(found)


def _is_wanted(predictor: Predictor, only: Sequence[str]) -> bool:
    called = (predictor.name, predictor.role)
    return not only or any(fnmatch.fnmatchcase(text, name) for name in only for text in called)


def _measured_in_processes(
    check_id: str, names: Mapping[int, Sequence[str]], environment: Mapping[str, str], workers: int
) -> Iterator[tuple[int, dict[str, tuple[float, float]]]]:
    """Measure in processes of their own, in which TensorFlow reads the variables of graded work.

    Args:
        check_id: Whose predictors.
        names: Index of a seed to what is measured on it.
        environment: More variables.
        workers: Processes.

    Yields:
        An index, and for each name its metric and its seconds.
    """
    variables = {**os.environ, **runtime.ENVIRONMENT, **environment}
    pool = ProcessPoolExecutor(
        workers, mp_context=multiprocessing.get_context("spawn"), initializer=_prepare, initargs=(variables,)
    )
    with pool:
        running = {pool.submit(_measure_seed, check_id, index, tuple(each)): index for index, each in names.items()}
        try:
            for future in as_completed(running):
                yield running[future], future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _prepare(variables: Mapping[str, str]) -> None:
    """Prepare a process of the pool. Nothing has imported TensorFlow before."""
    os.environ.update(variables)
    runtime.import_tensorflow_quietly()


def _measure_seed(check_id: str, index: int, names: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Measure some predictors on the data of one seed, in a process of the pool."""
    from tfcourse.checks.registry import find_check
    from tfcourse.course import find_course

    check = find_check(find_course(), check_id)
    assert isinstance(check, ModelCheck)
    return dict(measure_seed(check, index, names))


def measure_seed(check: ModelCheck, index: int, names: Sequence[str]) -> Iterator[tuple[str, tuple[float, float]]]:
    """Measure some predictors on the data of one seed, in this process.

    Args:
        check: Whose.
        index: Which seed, see `calibration_seed`.
        names: Of predictors.

    Yields:
        A name, with its metric and its processor seconds.
    """
    import keras

    seed = calibration_seed(check.id, index)
    split = check.data(seed)
    kinds = {solution.name: solution.kind for solution in check.panel}
    for name in names:
        began = time.process_time()
        try:
            with quiet():
                predictions = _predict(check, name, split, runtime.weights_seed(seed))
            value = round(check.ladder.metric(split.y_test, predictions), 6)
        except NotFinite:
            if name not in kinds:
                raise
            value = math.nan
        except WrongKind:  # no point for a rival, and nothing else may be refused
            if kinds.get(name) != "rival":
                raise
            value = math.nan
        yield name, (value, time.process_time() - began)
        keras.backend.clear_session()


def measure_once(check: ModelCheck, index: int, name: str) -> float:
    """Measure one predictor on one seed again, for tests that compare with what is committed."""
    return next(measure_seed(check, index, [name]))[1][0]


def _predict(check: ModelCheck, name: str, split: Split, seed: int) -> Array:
    """Return the predictions of one predictor for the hidden inputs."""
    for baseline in check.baselines:
        if baseline.name == name:
            return baseline.predict(split)
    task, key = check.task_of(split, seed)
    solution = next((solution for solution in check.panel if solution.name == name), None)
    if isinstance(check, ExamProblem):
        model = _exam_model(check, solution, split, seed)
    else:
        model = _answer(check, check.reference if solution is None else solution.learner_object, task)
    request = ModelRequest(model, task.respondent, key.inputs, train=key.train, seed=seed)
    return ask_here(request).predictions


def _answer(check: ModelCheck, learner_object: Any, task: Task) -> ModelFile:
    if isinstance(check.training, OwnTraining):
        runtime.fix_seeds(task.weights_seed)
    response = check.training.respond(learner_object, task)
    if response.model is None:
        raise LearnerMistake(response.problem.message if response.problem else "Expected a model; found none.")
    return response.model


def _exam_model(check: ExamProblem, solution: Solution | None, split: Split, seed: int) -> ModelFile:
    if solution is not None:
        runtime.fix_seeds(seed)
        return check.training.read(solution.learner_object(split))
    with tempfile.TemporaryDirectory() as folder:
        model, _, _ = check.train_reference(split.files, seed, Path(folder))
        return check.training.read(model)


def rule_problems(check: ModelCheck, calibration: Calibration, *, complete: bool = True) -> list[str]:
    """Return how a ladder breaks its six rules on what was measured; empty where it keeps them.

    Args:
        check: Whose ladder.
        calibration: What was measured of it.
        complete: Whether a panel has to be there, and all the seeds. Else the rules are held to what there is.
    """
    problems: list[str | None] = [*_missing(check, calibration, complete=complete)]
    if complete:
        problems += [*_missing_members(check), *_missing_seeds(check, calibration)]
    if not problems:
        problems = [
            *_baseline_problems(check.ladder, calibration),
            *_reference_problems(check, calibration),
            *_panel_problems(check, calibration),
        ]
    return [f"{check.id}: expected {problem}." for problem in problems if problem]


def _missing(check: ModelCheck, calibration: Calibration, *, complete: bool) -> Iterator[str]:
    """Yield what was not measured, or was measured of another ladder."""
    if calibration.thresholds != check.ladder.thresholds:
        yield f"a calibration of the ladder {check.ladder.thresholds}, found one of {calibration.thresholds}"
    expected = {each.name: each for each in predictors(check)}
    needed = set(expected) if complete else {REFERENCE}
    if not needed <= set(calibration.measured) <= set(expected):
        yield f"measurements of {sorted(expected)}, found {sorted(calibration.measured)}"
        return
    for name, found in calibration.measured.items():
        if found.role != expected[name].role:
            yield f"'{name}' measured as '{expected[name].role}', found '{found.role}'"
    roles = [each.role for each in expected.values()]
    for kind in ("does not learn", "simple"):
        if kind not in roles:
            yield f"at least one baseline of the kind '{kind}', found none"


def _missing_members(check: ModelCheck) -> Iterator[str]:
    """Yield what the panel of a check has too few of."""
    roles = [solution.kind for solution in check.panel]
    if roles.count("ordinary") < FEWEST_SOLUTIONS:
        yield f"at least {FEWEST_SOLUTIONS} ordinary solutions, found {roles.count('ordinary')}"
    if not {"mistake", "rival"} & set(roles):
        yield "at least one mistake or rival, found none"


def _missing_seeds(check: ModelCheck, calibration: Calibration) -> Iterator[str]:
    """Yield what was measured on too few seeds."""
    for each in predictors(check):
        found = calibration.measured.get(each.name)
        if found is not None and len(found.values) < each.seeds:
            yield f"at least {each.seeds} seeds of '{each.name}', found {len(found.values)}"


def _baseline_problems(ladder: Ladder, calibration: Calibration) -> Iterator[str | None]:
    """Yield how rules 1 and 2 are broken."""
    for name, found in calibration.measured.items():
        if found.role == "simple" or found.role == "does not learn":
            yield limit_problem(ladder, name, found.values, MOST_POINTS[found.role])


def _reference_problems(check: ModelCheck, calibration: Calibration) -> Iterator[str | None]:
    """Yield how rules 3 and 4 are broken, and that of the budget."""
    ladder, reference = check.ladder, calibration.measured[REFERENCE]
    rejected = false_rejects(ladder, reference)
    if rejected:
        yield f"5 points for the reference, found fewer on {rejected} of {calibration.seeds} seeds"
    margin = abs(reference.mean - ladder.thresholds[-1])
    if margin < NORMAL_1_PERCENT * reference.sd:
        yield (
            f"the last threshold at least {NORMAL_1_PERCENT} standard deviations ({reference.sd:.4g}) "
            f"from the reference's mean {reference.mean:.4g}, found {margin:.4g}"
        )
    yield spacing_problem(ladder, reference.sd)
    if isinstance(check.training, OwnTraining):
        least = BUDGET_TIMES_REFERENCE * reference.seconds
        if check.training.budget < least:
            times = f"{BUDGET_TIMES_REFERENCE:.0f} times what the reference takes"
            yield f"a budget of at least {least:.0f} s, {times}, found {check.training.budget:.0f} s"


def _panel_problems(check: ModelCheck, calibration: Calibration) -> Iterator[str | None]:
    """Yield how rules 5 and 6 are broken."""
    allowed = 0.0 if isinstance(check, ExamProblem) else PANEL_EXCEPTIONS
    for name, found in calibration.measured.items():
        if found.role == "ordinary":
            yield floor_problem(check.ladder, name, found.values, FEWEST_ORDINARY, allowed)
        elif found.role in ("mistake", "rival"):
            yield ceiling_problem(check.ladder, name, found.values, MOST_WITHOUT, allowed)


def false_rejects(ladder: Ladder, reference: Measured) -> int:
    """Count the seeds on which the reference gets fewer than 5 points."""
    return sum(ladder.rung(value) < 5 for value in reference.values)


def false_accepts(ladder: Ladder, found: Measured) -> int:
    """Count the seeds on which a predictor gets points outside of what its role may get."""
    least, most = allowed_points(found.role)
    return sum(not least <= ladder.rung(value) <= most for value in found.values)


def allowed_points(role: Role) -> tuple[int, int]:
    """Return the fewest and the most points of a role."""
    if role == "reference":
        return 5, 5
    if role == "ordinary":
        return FEWEST_ORDINARY, 5
    return 0, MOST_POINTS.get(role, MOST_WITHOUT)


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
    }
    path.write_text(json.dumps(_plain(document), indent=1, allow_nan=False) + "\n", encoding="utf-8")
    return path


def _plain(value: Any) -> Any:
    """Return a document with null in the place of NaN, which JSON does not know."""
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


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
            name: Measured(
                found["role"],
                tuple(math.nan if value is None else value for value in found["values"]),
                found.get("seconds", 0.0),
            )
            for name, found in document["measured"].items()
        },
        variants={name: tuple(values) for name, values in document["variants"].items()},
        versions=document["versions"],
    )


def with_ladder(calibration: Calibration, ladder: Ladder) -> Calibration:
    """Return the same measurements for a ladder whose thresholds were changed."""
    return replace(calibration, thresholds=ladder.thresholds)


def landmarks(calibration: Calibration) -> Mapping[str, float]:
    """Return the mean of the reference and of each baseline.

    The panel is left out: beside a learner's score, a dozen names would say less than four.
    """
    shown = ("reference", "simple", "does not learn")
    return {name: found.mean for name, found in calibration.measured.items() if found.role in shown}


def seeds_of(calibration: Calibration) -> str:
    """Return on how many seeds the reference was measured, in words."""
    return f"{calibration.seeds} seed" + ("" if calibration.seeds == 1 else "s")


def draw_calibration(ladder: Ladder, calibration: Calibration, path: Path) -> None:
    """Draw every measured value beside the ladder, as a PNG."""
    from matplotlib.figure import Figure

    means = {name: found.mean for name, found in calibration.measured.items()}
    # What has no value is the worst: below all others, or above them where less is better.
    names = sorted(means, key=lambda name: (math.isnan(means[name]) != ladder.metric.higher_is_better, means[name]))
    figure = Figure(figsize=(8, 1.2 + 0.4 * len(names)), layout="constrained")
    axes = figure.subplots()
    for row, name in enumerate(names):
        found = calibration.measured[name]
        axes.plot(found.values, [row] * len(found.values), "|", markersize=14, color=COLOURS[found.role])
        beside: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "va": "center", "fontsize": 8}
        axes.annotate(found.role, (1.01, row), color=COLOURS[found.role], **beside)
        if math.isnan(found.mean):
            axes.annotate("refused, or diverged", (0.02, row), color=COLOURS[found.role], **beside)
    for points, threshold in enumerate(ladder.thresholds, start=1):
        axes.axvline(threshold, color="#0969da", linewidth=0.8)
        axes.annotate(
            str(points), (threshold, 1.0), xycoords=("data", "axes fraction"), ha="center", va="bottom", color="#0969da"
        )
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(-0.6, len(names) - 0.4)
    axes.set_xlabel(f"{calibration.metric} over {seeds_of(calibration)}; lines: thresholds for 1 to 5 points")
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
        count = false_accepts(ladder, found)
        kind = "false_reject" if found.role in ("reference", "ordinary") else "false_accept"
        total = len(found.values)
        rows[name][kind] = {
            "count": count,
            "rate": round(count / total, 4),
            "upper_95": round(upper_bound(count, total), 4),
        }
    rows[VARIANTS_NAME] = {}
    for name, values in calibration.variants.items():
        both = list(zip(values, calibration.reference, strict=False))
        rows[VARIANTS_NAME][name] = {
            "seeds": len(values),
            "points_moved": sum(ladder.rung(a) != ladder.rung(b) for a, b in both),
            "largest_difference": round(max((abs(a - b) for a, b in both), default=0.0), 5),
        }
    return rows
