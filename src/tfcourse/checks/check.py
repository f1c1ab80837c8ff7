"""Checks: the unit of grading. A check draws a task with its key, and scores a response."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tfcourse.checks.calling import CallFunction
from tfcourse.checks.diagnosis import Advice, Diagnosis, choose, rungs_without
from tfcourse.checks.fixed_budget import FixedBudget
from tfcourse.checks.ladder import Ladder
from tfcourse.checks.model_files import FileModel
from tfcourse.checks.own_training import OwnTraining
from tfcourse.checks.records import Array, Case, Folder, Key, Outcome, Outputs, ProblemKind, Response, Score, Task
from tfcourse.checks.runtime import weights_seed
from tfcourse.errors import LearnerMistake

if TYPE_CHECKING:
    from tfcourse.checks.baselines import Baseline
    from tfcourse.checks.panel import Solution

MOST_SEEN = 500
"""Training examples that a model is asked about, to tell what it learned by heart."""
MOST_CLASSES = 30
"""Of a classifier whose confusions are shown."""
MOST_CONFUSIONS = 3
_OUTCOME_OF_PROBLEM = {
    ProblemKind.NOT_ATTEMPTED: Outcome.NOT_ATTEMPTED,
    ProblemKind.MISTAKE: Outcome.MISTAKE,
    ProblemKind.CRASH: Outcome.CRASH,
    ProblemKind.OUT_OF_TIME: Outcome.OUT_OF_TIME,
}
_AFTER_A_CRASH = "Run your function on a small example in a cell of its own, and read the last line of the error first."


@dataclass(frozen=True, kw_only=True)
class Check(ABC):
    """What every check has.

    Args:
        id: ``weekNN.name``, unique in the course; the name of the task's cell.
        title: A few words, for tables.
        points: Most points to be had; 5 for a model.
        skills: Ids from the handbook.
        hints: In stages, from a nudge to nearly the answer; at least two.
        reference: The reference solution: what a learner would hand over for full points, a function or a pair.
    """

    id: str
    title: str
    points: float
    skills: tuple[str, ...]
    hints: tuple[str, ...]
    reference: Callable[..., Any] | tuple[Callable[..., Any], ...]

    @property
    def week(self) -> str:
        """Return the id of the week that the check belongs to."""
        return self.id.split(".")[0]

    @property
    def name(self) -> str:
        """Return the id without its week: the grade id of the task's cell."""
        return self.id.split(".", 1)[1]

    @abstractmethod
    def draw(self, seed: int) -> tuple[Task, Key]:
        """Draw fresh data from `seed`: the part that goes out, and the part that stays."""

    @abstractmethod
    def score_outputs(self, outputs: tuple[Outputs, ...], key: Key, *, reveal: bool) -> Score:
        """Score outputs that are there. See `score`."""

    def score(self, response: Response, key: Key, *, reveal: bool) -> Score:
        """Turn a response into points.

        Args:
            response: What the learner's process handed back.
            key: The key that was drawn with the task.
            reveal: Whether the score may show values of the key and what the learner's code printed: in
                practice, never in grading.
        """
        if response.problem is None:
            score = self._score_answer(response, key, reveal=reveal)
        else:
            problem = response.problem
            next_step = _AFTER_A_CRASH if problem.kind is ProblemKind.CRASH else ""
            score = self._score(0.0, _OUTCOME_OF_PROBLEM[problem.kind], problem.message, next_step, lines=problem.lines)
        return replace(
            score, parameters=response.parameters, seconds=response.seconds, printed=response.printed if reveal else ""
        )

    def _score_answer(self, response: Response, key: Key, *, reveal: bool) -> Score:
        return self.score_outputs(response.outputs, key, reveal=reveal)

    def _score(self, points: float, outcome: Outcome, message: str, next_step: str = "", **more: Any) -> Score:
        return Score(
            check_id=self.id,
            title=self.title,
            points=points,
            max_points=self.points,
            outcome=outcome,
            message=message,
            next_step=next_step,
            **more,
        )


@dataclass(frozen=True)
class Split:
    """Training and hidden test data of a model check.

    Args:
        x_train: Inputs, shape (n, ...); any dtype, strings included.
        y_train: Targets, shape (n,) or (n, k).
        x_test: Hidden inputs, shape (m, ...). No hidden target may be readable in any of them.
        y_test: The key, shape (m,) or (m, k).
        forms: The hidden inputs in other forms, which a trained model in a file may take in place of `x_test`.
        train_forms: The training inputs in the same other forms.
        files: The training data as files, by path, where a learner's function gets a folder of them.
    """

    x_train: Array
    y_train: Array
    x_test: Array
    y_test: Array
    forms: tuple[Array, ...] = ()
    train_forms: tuple[Array, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True)
class ModelCheck(Check):
    """A model learns from fresh data and is judged by a metric on a ladder.

    Args:
        data: Draws a `Split` from a seed of any size.
        training: What is handed over, and the shape of predictions: `FixedBudget` trains the design that a function
            builds; `OwnTraining` takes what a function has trained, `FileModel` a model's file. Hidden inputs stay
            with the examiner.
        ladder: Metric and thresholds.
        baselines: What stands on which rung; measured by calibration.
        panel: Other people's models: ordinary solutions, mistakes, and rivals; measured by calibration.
        advice: What usually helps next; the first that fits rung and diagnosis is told. For each rung there is one
            that always fits.
        labels: Names of a classifier's classes, for confusions; empty where there is nothing to name.

    Raises:
        ValueError: A rung is without advice.
    """

    points: float = 5
    data: Callable[[int], Split]
    training: FixedBudget | OwnTraining | FileModel
    ladder: Ladder
    baselines: tuple[Baseline, ...]
    panel: tuple[Solution, ...] = ()
    advice: tuple[Advice, ...]
    labels: tuple[str, ...] = ()
    landmarks: Mapping[str, float] = field(default_factory=dict)
    """Measured mean of each baseline and of the reference; filled in from the calibration."""
    reference_seconds: float | None = None
    """Measured seconds of one core that the reference takes; filled in from the calibration."""

    def __post_init__(self) -> None:
        missing = rungs_without(self.advice)
        if missing:
            raise ValueError(f"{self.id}: expected advice for every rung; found none that always fits for {missing}")

    def draw(self, seed: int) -> tuple[Task, Key]:
        """Draw training data, hidden inputs and their labels."""
        return self.task_of(self.data(seed), weights_seed(seed))

    def task_of(self, split: Split, seed: int) -> tuple[Task, Key]:
        """Return what goes out of data that were drawn, and what stays.

        Args:
            split: The data.
            seed: Of weights and shuffling.
        """
        train: dict[str, Any] = {}
        kept: dict[str, Array] = {}
        if isinstance(self.training, FixedBudget):
            # A builder needs its inputs to adapt layers to them, or two of them to be tried out.
            whole = self.training.builder_sees == "train inputs"
            train = {"x": split.x_train if whole else split.x_train[:2]}
            kept = {"x": split.x_train, "y": split.y_train}
        elif isinstance(self.training, OwnTraining):
            train = {"x": split.x_train, "y": split.y_train} if self.training.gets == "arrays" else {}
            train |= {"folder": Folder(split.files)} if self.training.gets == "folder" else {}
        task = Task(check_id=self.id, respondent=self.training, cases=(), train=train, weights_seed=seed)
        key = Key(
            expected=((split.y_test,),),
            inputs=(split.x_test, *split.forms),
            train=kept,
            seen=tuple(form[:MOST_SEEN] for form in (split.x_train, *split.train_forms)),
            seen_expected=split.y_train[:MOST_SEEN],
        )
        return task, key

    def _score_answer(self, response: Response, key: Key, *, reveal: bool) -> Score:
        """Score predictions: the metric, its rung, what is known of the model, and what usually helps next."""
        score = self.score_outputs(response.outputs, key, reveal=reveal)
        if score.value is None:
            return score
        found = Diagnosis(
            hidden=score.value,
            training=self._on_training_data(response, key),
            higher_is_better=self.ladder.metric.higher_is_better,
            gap=abs(self.ladder.thresholds[-1] - self.ladder.thresholds[-2]),
            history=response.history,
            facts=response.facts,
        )
        next_step = choose(self.advice, self.ladder.rung(score.value), found)
        return replace(
            score,
            message=" ".join(filter(None, (score.message, response.note))),
            next_step=next_step,
            diagnosis=found,
            confusions=self._confusions(response.outputs, key) if reveal else (),
        )

    def score_outputs(self, outputs: tuple[Outputs, ...], key: Key, *, reveal: bool) -> Score:
        """Score predictions by the metric alone."""
        del reveal  # a metric tells nothing about single labels
        metric = self.ladder.metric
        truth = key.expected[0][0]
        try:
            predictions = self._predictions(outputs, len(truth))
        except LearnerMistake as mistake:
            return self._score(0.0, Outcome.MISTAKE, str(mistake))
        value = metric(truth, predictions)
        rung = self.ladder.rung(value)
        following = self.ladder.next_threshold(value)
        goal = "the top of the ladder" if following is None else f"{metric.show(following)} is the next rung"
        return self._score(
            self.points * rung / 5,
            Outcome.RIGHT if rung == 5 else Outcome.WEAK,
            f"{metric.name} {metric.show(value)} on data your model has not seen; {goal}.",
            value=value,
            ladder=self.ladder,
            landmarks=self.landmarks,
        )

    def _on_training_data(self, response: Response, key: Key) -> float | None:
        """Return the metric on training data that the model was asked about; None where there is none."""
        truth, found = key.seen_expected, response.seen
        if truth is None or found is None:
            return None
        if isinstance(self.training, FixedBudget) and self.training.steps is not None:
            truth = truth[:, -1]
        try:
            return self.ladder.metric(truth, self._predictions(((found,),), len(truth)))
        except LearnerMistake:
            return None

    def _confusions(self, outputs: tuple[Outputs, ...], key: Key) -> tuple[tuple[str, str, int], ...]:
        """Return the pairs of classes that are mixed up most often: those of more than one example."""
        truth, predictions = key.expected[0][0], outputs[0][0]
        if self.training.output.kind != "probabilities" or not 2 < predictions.shape[-1] <= MOST_CLASSES:
            return ()
        names = self.labels or tuple(map(str, range(predictions.shape[-1])))
        pairs = Counter(zip(truth.reshape(-1).tolist(), predictions.argmax(axis=1).tolist(), strict=True))
        wrong = [(names[int(a)], names[b], count) for (a, b), count in pairs.items() if a != b and count > 1]
        return tuple(sorted(wrong, key=lambda row: -row[2])[:MOST_CONFUSIONS])

    def _predictions(self, outputs: tuple[Outputs, ...], count: int) -> Array:
        """Return predictions that a metric can be computed of: an answer may be forged."""
        if len(outputs) != 1 or len(outputs[0]) != 1:
            raise LearnerMistake(
                f"Expected predictions as one array; found {sum(map(len, outputs))} array(s). "
                "Leave the answering to practice() and grade()."
            )
        predictions = outputs[0][0]
        if predictions.dtype.kind not in "biuf":
            raise LearnerMistake(f"Expected numbers as predictions; found {predictions.dtype}. Look at the last layer.")
        with np.errstate(over="ignore"):  # a number too large for float32 becomes infinity, and is refused
            predictions = predictions.astype(np.float32)
        self.training.output.check_numbers(predictions, count)
        return predictions


@dataclass(frozen=True, kw_only=True)
class FunctionCheck(Check):
    """A function is called on hidden inputs and compared with the reference.

    Points are in proportion to the cases that are right, rounded down to halves.

    Args:
        cases: Draws the cases from a seed: pairs of what the case looks at, in words, and its arguments.
        calling: How the function is called.
        tolerance: Largest difference, relative and absolute, between numbers that count as equal.
    """

    cases: Callable[[int], Sequence[tuple[str, Case]]]
    calling: CallFunction = field(default_factory=CallFunction)
    tolerance: float = 1e-4

    def draw(self, seed: int) -> tuple[Task, Key]:
        """Draw hidden inputs in an order of their own; the reference's outputs are the key.

        In another order at each seed, answers that were noted down for one are of no use for another.
        """
        drawn = list(self.cases(seed))
        order = np.random.default_rng([weights_seed(seed), len(drawn)]).permutation(len(drawn))
        about, cases = zip(*(drawn[place] for place in order), strict=True)
        task = Task(check_id=self.id, respondent=self.calling, cases=cases, weights_seed=weights_seed(seed))
        expected = tuple(self.calling.call(self.reference, case) for case in cases)
        return task, Key(expected=expected, about=about)

    def score_outputs(self, outputs: tuple[Outputs, ...], key: Key, *, reveal: bool) -> Score:
        """Compare outputs with the key, case by case."""
        # A forged answer may hold more cases than there are, or fewer.
        found = (list(outputs) + [()] * len(key.expected))[: len(key.expected)]
        differences = [
            _difference(expected, output, self.tolerance, reveal=reveal)
            for expected, output in zip(key.expected, found, strict=True)
        ]
        right = sum(difference is None for difference in differences)
        total = len(differences)
        if right == total:
            return self._score(self.points, Outcome.RIGHT, f"All {total} cases are right.")
        first = next(index for index, difference in enumerate(differences) if difference is not None)
        return self._score(
            np.floor(2 * self.points * right / total) / 2,
            Outcome.WRONG,
            f"{right} of {total} cases are right. The first that is not ({key.about[first]}): {differences[first]}",
            "Call your function on a small example of that case and compare with what the task asks.",
        )


def _difference(expected: Outputs, found: Outputs, tolerance: float, *, reveal: bool) -> str | None:
    """Tell in words where two outputs differ, or None. Values are told only where `reveal` is set."""
    found = _aligned(expected, found)
    if len(expected) != len(found):
        return f"expected {len(expected)} array(s), found {len(found)}."
    for index, (want, have) in enumerate(zip(expected, found, strict=True)):
        which = f" in array {index + 1}" if len(expected) > 1 else ""
        if want.shape != have.shape:
            return f"expected shape {want.shape}, found {have.shape}{which}."
        if (want.dtype.kind in "US") != (have.dtype.kind in "US"):
            return f"expected {_kind(want)}, found {_kind(have)}{which}."
        with np.errstate(all="ignore"):
            wrong = ~_equal(want, have, tolerance)
        if wrong.any():
            told = f"the shape is right, but {int(wrong.sum())} of {wrong.size} values differ{which}"
            if not reveal:
                return told + "."
            at = tuple(int(i) for i in np.argwhere(wrong)[0])
            place = f" at {list(at)}" if at else ""
            return f"{told}; the first{place}: expected {_show(want[at])}, found {_show(have[at])}."
    return None


def _aligned(expected: Outputs, found: Outputs) -> Outputs:
    """Take a list of numbers for the array of them, and an array for the numbers in it, where only that differs."""
    if len(found) == len(expected):
        return found
    if len(expected) == 1 and len({array.shape for array in found}) == 1:
        return (np.stack(found),) if expected[0].shape == (len(found), *found[0].shape) else found
    if len(found) == 1 and found[0].ndim and len(found[0]) == len(expected):
        return tuple(np.asarray(part) for part in found[0])
    return found


def _equal(want: Array, have: Array, tolerance: float) -> Any:
    if want.dtype.kind in "USb" or have.dtype.kind in "USb":
        return np.asarray(want == have)
    return np.asarray(np.isclose(want, have, rtol=tolerance, atol=tolerance, equal_nan=True))


def _kind(array: Array) -> str:
    return "text" if array.dtype.kind in "US" else "numbers"


def _show(value: Any) -> str:
    return (
        repr(str(value))
        if isinstance(value, str)
        else f"{value:.6g}"
        if isinstance(value, float | np.floating)
        else str(value)
    )
