"""Exam problems: a model is trained anywhere, handed over as a file, and asked about data that nobody was given."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tfcourse.checks import runtime
from tfcourse.checks.check import ModelCheck, Split
from tfcourse.checks.model_files import FileModel, Loaded, load_and_predict
from tfcourse.checks.records import Folder, Key, Task

Kind = Literal["basic", "images", "folders", "text", "series"]
KINDS: tuple[Kind, ...] = ("basic", "images", "folders", "text", "series")
"""The kinds of problems, in the order of an exam: each exam has one of each."""
EXAM = "exam"
"""What the ids of exam problems begin with, as a week's checks begin with the week."""
SCRIPT = "solution.py"
"""The starter for those who prefer an editor."""
DATA = "data"
"""The folder beside a problem's notebook that holds its files."""


@dataclass(frozen=True)
class Drawn:
    """What one seed gives.

    Args:
        files: What a candidate gets, by path below ``data/``: training data and nothing else.
        split: The same training data as arrays, for baselines; the hidden inputs and their key.
    """

    files: Mapping[str, bytes] = field(repr=False)
    split: Split = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class ExamProblem(ModelCheck):
    """One family of exam problems: a scenario of which every seed gives fresh data.

    Its statement, its starter and its reference are in ``curriculum/exam/NAME.py``; see CONTRIBUTING.md.

    Args:
        kind: Which of an exam's five problems it can be.
        scenario: Draws the files and the data behind them from a seed of any size.
        reference: Given the folder that the files were written to, ``…/data`` and its parent, returns a trained
            model: see `tfcourse.checks.solutions.exam_solution`.
        training: A `FileModel`.
        baselines: Predict from a task that holds the training data as arrays.
    """

    kind: Kind
    scenario: Callable[[int], Drawn]
    data: Callable[[int], Split] = field(init=False)
    hints: tuple[str, ...] = ()
    training: FileModel
    reference: Callable[..., Any]

    def __post_init__(self) -> None:
        object.__setattr__(self, "data", lambda seed: self.scenario(seed).split)

    @property
    def name(self) -> str:
        """Return the id without ``exam.``: the name of the text and of the problem's folder."""
        return self.id.split(".", 1)[1]

    def training_task(self, drawn: Drawn, seed: int) -> tuple[Task, Key]:
        """Return the task as the check of a week would hand it out, training data included, and its key.

        It is what baselines predict from; an exam hands out files instead.
        """
        split = drawn.split
        task = Task(
            check_id=self.id,
            respondent=self.training,
            cases=((split.x_test,),),
            train={"x": split.x_train, "y": split.y_train},
            weights_seed=runtime.weights_seed(seed),
        )
        return task, Key(expected=((split.y_test,),), inputs=(split.x_test, *split.forms))

    def train_reference(self, drawn: Drawn, seed: int, folder: Path) -> tuple[Any, float, float]:
        """Do what a candidate does: write the files, and train on them.

        Args:
            drawn: From `scenario`.
            seed: Weights and shuffling follow from it.
            folder: An empty one.

        Returns:
            The model, and what its training took: seconds, and seconds of a processor.
        """
        Folder(drawn.files).write(folder / DATA)
        runtime.fix_seeds(runtime.weights_seed(seed))
        began, processor = time.perf_counter(), time.process_time()
        model = self.reference(folder)
        return model, time.perf_counter() - began, time.process_time() - processor

    def predict_with_reference(self, drawn: Drawn, seed: int, folder: Path) -> tuple[Loaded, float]:
        """Train the reference, save it, and have the file asked; for arguments see `train_reference`.

        Returns:
            What the saved file gave, and the seconds that its training took.
        """
        model, seconds, _ = self.train_reference(drawn, seed, folder)
        file = self.training.read(model)
        return load_and_predict(file, (drawn.split.x_test, *drawn.split.forms), self.training), seconds
