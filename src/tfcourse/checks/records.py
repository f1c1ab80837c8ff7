"""What travels between the learner's process and the examiner: task, key, response, score, receipt.

All are frozen dataclasses of plain values and NumPy arrays, so that each can be written as a JSON
header and ``.npy`` arrays.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from tfcourse.checks.diagnosis import NO_FACTS, NO_HISTORY, Diagnosis, Facts, History

if TYPE_CHECKING:
    from tfcourse.checks.ladder import Ladder

Array = np.ndarray[Any, Any]
Case = tuple[Any, ...]
"""The arguments of one hidden question: arrays, numbers, strings, a `Folder`, or tuples, lists and dicts of those."""
Outputs = tuple[Array, ...]
"""What came back for one case, flattened into arrays."""


@dataclass(frozen=True)
class Folder:
    """Files that a learner's function finds on disk: it gets the folder's `pathlib.Path` as this argument.

    Args:
        files: Content by path below the folder, with ``/`` between names: ``{"train/oak/07.png": b"…"}``.
    """

    files: Mapping[str, bytes] = field(repr=False)

    def write(self, root: Path) -> None:
        """Write the files below `root`."""
        for name, content in self.files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


class Respondent(Protocol):
    """How a learner's object is turned into outputs; runs in the learner's process."""

    @property
    def seconds(self) -> float:
        """Return the wall clock after which the learner's code is stopped."""

    def respond(self, learner_object: Any, task: Task, tell: Callable[[Any], None]) -> Response:
        """Answer `task`, and tell of every epoch where it takes a training.

        Raises:
            LearnerMistake: The object cannot be used as asked.
            LearnerCrash: The learner's code raised.
        """


@dataclass(frozen=True)
class Task:
    """What leaves the examiner: everything that a learner's process may see."""

    check_id: str
    respondent: Respondent
    """How to answer: plain data, knows nothing of keys or references."""
    cases: tuple[Case, ...]
    """The hidden inputs of a function check; none for a model check, whose hidden inputs stay with the examiner."""
    train: Mapping[str, Any] = field(default_factory=dict)
    """What a model check hands to the learner's function: ``x`` alone where only the design is asked for, ``x`` and
    ``y`` for a training of the learner's own, or ``folder``, a `Folder`."""
    weights_seed: int = 0
    """Seeds initial weights and shuffling; says nothing about the data's seed."""


@dataclass(frozen=True)
class Key:
    """What stays with the examiner."""

    expected: tuple[Outputs, ...]
    """One entry a case, in the order of the task's cases."""
    about: tuple[str, ...] = ()
    """What each case looks at, in words that may be told to the learner."""
    inputs: tuple[Array, ...] = ()
    """Hidden inputs of a model check, in one form or in several; they do not leave the examiner."""
    train: Mapping[str, Array] = field(default_factory=dict)
    """Training data, ``x`` and ``y``, where the examiner has the model trained."""
    seen: tuple[Array, ...] = ()
    """Some of the inputs that a model learns from, in the same forms as `inputs`."""
    seen_expected: Array | None = None
    """Their targets."""

    def digest(self) -> str:
        """Return a SHA-256 of the expected outputs, for receipts."""
        return digest_outputs(self.expected)


class ProblemKind(enum.StrEnum):
    """Why a response has no outputs."""

    NOT_ATTEMPTED = "not attempted"
    MISTAKE = "mistake"
    CRASH = "crash"
    OUT_OF_TIME = "out of time"


@dataclass(frozen=True)
class Problem:
    """Why there is nothing to score, as told to the learner."""

    kind: ProblemKind
    message: str
    lines: str = ""
    """For a crash: the learner's own lines of the traceback."""


@dataclass(frozen=True)
class ModelFile:
    """A model as bytes: the file of a trained one, or a design.

    Opening a file may run code: see `tfcourse.checks.model_files`. For designs see `tfcourse.checks.designs`.
    """

    content: bytes = field(repr=False)
    format: Literal["keras", "h5", "design"]


@dataclass(frozen=True)
class ModelRequest:
    """What is asked of a learner's model, in a process that never ran the learner's code.

    Args:
        model: The file, or the design.
        wanted: What the model must be like: a `FixedBudget`, which also says how it is trained, an `OwnTraining` or
            a `FileModel`.
        inputs: The same hidden inputs in one form or in several, each of shape (n, ...); the model gets the first
            that it is made for.
        seen: Some training inputs in the same forms; none where nobody asks.
        train: ``x`` and ``y``, where a design is to be trained.
        seed: Of weights and shuffling.
    """

    model: ModelFile
    wanted: Any
    inputs: tuple[Array, ...] = field(repr=False)
    seen: tuple[Array, ...] = field(default=(), repr=False)
    train: Mapping[str, Array] = field(default_factory=dict, repr=False)
    seed: int = 0


@dataclass(frozen=True)
class Asked:
    """What came of a `ModelRequest`.

    Args:
        predictions: For every hidden input, as float32.
        seen: For every training input that was asked about; None where none was.
        facts: What the model is made of.
        history: How a design's training went.
        note: What has to be told beside the score; empty where there is nothing.
        seconds: Wall time.
    """

    predictions: Array = field(repr=False)
    seen: Array | None = field(default=None, repr=False)
    facts: Facts = NO_FACTS
    history: History = NO_HISTORY
    note: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Response:
    """What a learner's process hands back."""

    outputs: tuple[Outputs, ...] = ()
    problem: Problem | None = None
    parameters: int | None = None
    """Weights of the model, for a model check."""
    seconds: float = 0.0
    """Wall time of building, training and predicting; never part of a score."""
    printed: str = ""
    """The end of what the learner's code printed."""
    model: ModelFile | None = None
    """What was handed over where a check asks for a model. The examiner adds the outputs, and what follows."""
    history: History = NO_HISTORY
    """How training went: of a training of the learner's own, as the learner's process claims."""
    facts: Facts = NO_FACTS
    seen: Array | None = None
    """Predictions for the training inputs that the examiner asked about."""
    note: str = ""
    """What has to be told beside the score."""

    def digest(self) -> str:
        """Return a SHA-256 of the outputs, and of the model's file where there is one, for receipts."""
        digest = digest_outputs(self.outputs)
        if self.model is None:
            return digest
        return hashlib.sha256(digest.encode() + self.model.content).hexdigest()


class Outcome(enum.StrEnum):
    """How an attempt ended. A learner must never mistake one for another."""

    NOT_ATTEMPTED = "not attempted"
    MISTAKE = "cannot be scored"
    CRASH = "your code stopped"
    OUT_OF_TIME = "out of time"
    WRONG = "not right yet"
    WEAK = "on the way"
    RIGHT = "right"


@dataclass(frozen=True)
class Score:
    """What the examiner says of one response."""

    check_id: str
    title: str
    points: float
    max_points: float
    outcome: Outcome
    message: str
    """What was found, in one or two lines."""
    next_step: str = ""
    """What to try next."""
    lines: str = ""
    """For a crash: the learner's own lines."""
    value: float | None = None
    """The metric's value, for a model check that was scored."""
    ladder: Ladder | None = None
    landmarks: Mapping[str, float] = field(default_factory=dict)
    """Measured mean values of the baselines and the reference, to draw beside the ladder."""
    parameters: int | None = None
    seconds: float = 0.0
    printed: str = ""
    diagnosis: Diagnosis | None = None
    """What advice rests on, for a model that was scored."""
    confusions: tuple[tuple[str, str, int], ...] = ()
    """In practice, of a classifier: class, what it was taken for, how often; the most frequent first."""


@dataclass(frozen=True)
class Receipt:
    """The record of one answered check: what a grade rests on."""

    check_id: str
    points: float
    max_points: float
    outcome: Outcome
    message: str
    next_step: str
    lines: str
    metric: str | None
    value: float | None
    rung: int | None
    """Thresholds reached, 0 to 5, for a model check."""
    thresholds: tuple[float, ...]
    purpose: str
    """``practice`` or ``grade``."""
    predictable: bool
    """True where no secret was set, so that the hidden data could be known beforehand."""
    key_digest: str
    response_digest: str
    versions: Mapping[str, str]
    seconds: float
    """Wall time of building, training and predicting, as the learner's process claims."""
    submission: str = ""
    """Digest of the submission that was run; empty where a learner grades their own notebook."""
    task_digest: str = ""
    """Of the hidden inputs and the training data: a kept response can be scored again while it is the same."""
    sandboxed: bool = False
    """Whether the learner's code was kept away from the key, and from everything else."""
    answered_at: str = ""
    """UTC, ISO 8601, to the second."""
    secret_id: str = ""
    """Names the secret that the hidden data were drawn from, without revealing it; empty where not known."""
    rescored_at: str = ""
    """UTC, ISO 8601, where these points come from a later scoring of the kept response."""
    diagnosis: Mapping[str, Any] = field(default_factory=dict)
    """The fields of the score's `Diagnosis`, as JSON has them, None for NaN; empty where there is none."""


def digest_task(task: Task, key: Key) -> str:
    """Return the SHA-256 of what a response answers: hidden inputs and training data, but not the key's values."""
    sha = hashlib.sha256()
    _update(sha, task.cases)
    _update(sha, dict(task.train))
    _update(sha, key.inputs)
    _update(sha, dict(key.train))
    return sha.hexdigest()


def _update(sha: hashlib._Hash, value: Any) -> None:
    """Feed a nested value, so that different values never look alike: each says its kind and its length."""
    if isinstance(value, np.ndarray | np.generic):
        array = np.asarray(value)
        sha.update(f"array {array.dtype.str} {array.shape};".encode())
        sha.update(np.ascontiguousarray(array).tobytes())
    elif isinstance(value, tuple | list):
        sha.update(f"{type(value).__name__} {len(value)};".encode())
        for item in value:
            _update(sha, item)
    elif isinstance(value, Folder):
        _update(sha, value.files)
    elif isinstance(value, Mapping):
        sha.update(f"dict {len(value)};".encode())
        for name in sorted(value):
            _update(sha, name)
            _update(sha, value[name])
    else:
        data = value if isinstance(value, bytes) else repr(value).encode("utf-8", "surrogatepass")
        sha.update(f"{type(value).__name__} {len(data)};".encode())
        sha.update(data)


def digest_outputs(outputs: tuple[Outputs, ...]) -> str:
    """Return the SHA-256 of nested arrays: their shapes, dtypes and bytes."""
    sha = hashlib.sha256()
    for arrays in outputs:
        sha.update(f"case {len(arrays)};".encode())
        for array in arrays:
            sha.update(f"{array.dtype} {array.shape};".encode())
            sha.update(np.ascontiguousarray(array).tobytes())
    return sha.hexdigest()
