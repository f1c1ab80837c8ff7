"""Exam problems: a model is trained anywhere, handed over as a file, and asked about data that nobody was given."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tfcourse.checks import runtime
from tfcourse.checks.check import ModelCheck
from tfcourse.checks.model_files import FileModel
from tfcourse.checks.records import Folder

Kind = Literal["basic", "images", "folders", "text", "series"]
KINDS: tuple[Kind, ...] = ("basic", "images", "folders", "text", "series")
"""The kinds of problems, in the order of an exam: each exam has one of each."""
EXAM = "exam"
"""What the ids of exam problems begin with, as a week's checks begin with the week."""
SCRIPT = "solution.py"
"""The starter for those who prefer an editor."""
DATA = "data"
"""The folder beside a problem's notebook that holds its files."""


@dataclass(frozen=True, kw_only=True)
class ExamProblem(ModelCheck):
    """One family of exam problems: a scenario of which every seed gives fresh data.

    Its statement, its starter and its reference are in ``curriculum/exam/NAME.py``, where NAME is the id without
    ``exam.``; see CONTRIBUTING.md.

    Args:
        kind: Which of an exam's five problems it can be.
        data: Draws the data from a seed of any size; ``files`` are what a candidate gets, by path below ``data/``:
            training data and nothing else.
        reference: Given the folder that the files were written to, ``…/data`` and its parent, returns a trained
            model: see `tfcourse.checks.solutions.exam_solution`.
        training: A `FileModel`.
    """

    kind: Kind
    hints: tuple[str, ...] = ()
    training: FileModel
    reference: Callable[..., Any]

    def train_reference(self, files: Mapping[str, bytes], seed: int, folder: Path) -> tuple[Any, float, float]:
        """Do what a candidate does: write the files, and train on them.

        Args:
            files: Of the data.
            seed: Of weights and shuffling, see `tfcourse.checks.runtime.weights_seed`.
            folder: An empty one.

        Returns:
            The model, and what its training took: seconds, and seconds of a processor.
        """
        Folder(files).write(folder / DATA)
        runtime.fix_seeds(seed)
        began, processor = time.perf_counter(), time.process_time()
        model = self.reference(folder)
        return model, time.perf_counter() - began, time.process_time() - processor
