"""Model tasks in which training is the lesson: a learner's function gets the data and returns a trained model.

Epochs, batches, what is held back, callbacks, augmentation, class weights: all of it is the learner's. The budget is
time of one core, generous. What comes out is handed over as a file, and asked in a process that never ran the
learner's code.
"""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfcourse.checks import guard, runtime
from tfcourse.checks.model_files import FileModel
from tfcourse.checks.predictions import Output
from tfcourse.checks.records import Folder, ModelFile, Problem, ProblemKind, Response, Task
from tfcourse.checks.watching import Curves, Tell, loss_curves, silent
from tfcourse.errors import LearnerMistake, NotAttempted

WALL_CLOCK = 4.0
"""Wall clock for each second of the budget, for a machine that has other work to do."""
_SAVED = (".keras", ".h5", ".hdf5")
_PARTS = {"config.json", "metadata.json", "model.weights.h5"}
"""Of a .keras file. Keras closes the archive also where saving is interrupted."""


class _BudgetSpent(BaseException):
    """Raised in the learner's code when its budget is spent; no ``except Exception`` swallows it."""


@dataclass(frozen=True)
class OwnTraining:
    """Takes the trained model that a learner's function returns.

    ::

        train_model(x_train, y_train)    # or train_model(folder)

    Args:
        output: What predictions must look like.
        budget: Seconds of one core: processor time of the learner's process while the function runs.
        gets: ``arrays`` for inputs and targets, ``folder`` for a `pathlib.Path` with files.
        max_parameters: Largest allowed number of weights.
        most_bytes: Largest file that the model may take.
    """

    output: Output
    budget: float
    gets: str = "arrays"
    max_parameters: int = 1_000_000
    most_bytes: int = 32 * 2**20

    @property
    def seconds(self) -> float:
        """Return the wall clock after which the learner's code is stopped, whatever time its process had."""
        return WALL_CLOCK * self.budget + 30.0

    @property
    def file(self) -> FileModel:
        """Return what the model's file must be like."""
        return FileModel(self.output, max_parameters=self.max_parameters, most_bytes=self.most_bytes)

    def respond(self, learner_object: Any, task: Task, tell: Tell = silent) -> Response:
        """Have the learner's function train a model. See `tfcourse.checks.records.Respondent`.

        The function runs in an empty folder of its own. Where its budget is spent before it returns, or the time by
        the clock, the newest model file that it saved there is taken in place of what it would have returned.

        Args:
            learner_object: The function.
            task: With the training data.
            tell: Told of every epoch of every ``fit``.
        """
        began = time.perf_counter()
        self._require_function(learner_object)
        runtime.fix_seeds(task.weights_seed, deterministic=runtime.is_graded())
        with tempfile.TemporaryDirectory(prefix="tfcourse-") as temporary, loss_curves(tell) as curves:
            root = Path(temporary)
            arguments = self._arguments(task, root)
            kept = root / "kept"
            kept.mkdir()
            note = ""
            try:
                with _working_in(kept), _budget(self.budget):
                    model = guard.call(learner_object, *arguments)
                file = self._file_of(model)
            except (_BudgetSpent, guard.OutOfTime) as stopped:
                clock = isinstance(stopped, guard.OutOfTime)
                newest = _newest_model(kept)
                if newest is None:
                    return Response(
                        problem=Problem(ProblemKind.OUT_OF_TIME, self._spent(curves, clock=clock)),
                        seconds=time.perf_counter() - began,
                        history=curves.history(),
                    )
                file = self.file.read(newest)
                note = f"{self._bound(clock=clock)} was spent; {newest.name}, saved before, was taken."
        return Response(model=file, seconds=time.perf_counter() - began, history=curves.history(), note=note)

    def _arguments(self, task: Task, root: Path) -> tuple[Any, ...]:
        folder = task.train.get("folder")
        if isinstance(folder, Folder):
            path = root / "data"
            path.mkdir()
            folder.write(path)
            return (path,)
        return task.train["x"].copy(), task.train["y"].copy()

    def _require_function(self, learner_object: Any) -> None:
        import keras

        call = "train_model(folder)" if self.gets == "folder" else "train_model(x_train, y_train)"
        if learner_object is None or learner_object is Ellipsis:
            raise NotAttempted(guard.NOT_ATTEMPTED)
        if isinstance(learner_object, keras.Model):
            raise LearnerMistake(
                f"Expected your function {call}, which trains on fresh data; found a model that was trained already. "
                "Hand over the function's name without parentheses."
            )
        if not callable(learner_object):
            raise LearnerMistake(
                f"Expected a function {call}; found {type(learner_object).__name__}. "
                "Hand over the function's name without parentheses."
            )

    def _file_of(self, model: Any) -> ModelFile:
        import keras

        if model is None:
            raise LearnerMistake("Expected train_model to return the trained model; found None. Is `return` missing?")
        if isinstance(model, keras.callbacks.History):
            raise LearnerMistake(
                "Expected train_model to return the trained model; found the history that fit() returns. "
                "Call model.fit(…) in a line of its own, then `return model`."
            )
        if not isinstance(model, keras.Model):
            raise LearnerMistake(
                f"Expected train_model to return a Keras model; found {type(model).__name__}. Return the model itself."
            )
        return self.file.read(model)

    def _bound(self, *, clock: bool) -> str:
        if clock:
            return f"The time of {self.seconds:.0f} s by the clock"
        return f"The budget of {self.budget:.0f} s of one core"

    def _spent(self, curves: Curves, *, clock: bool) -> str:
        epochs = len(curves.loss)
        far = f"after {epochs} epoch{'s' if epochs != 1 else ''}" if curves.fits else "before the first call of fit()"
        return (
            f"Expected a trained model; your function was still running, {far}, and had saved no whole model. "
            f"{self._bound(clock=clock)} is spent. Train fewer epochs or a smaller model; or keep the best one while "
            'it trains: keras.callbacks.ModelCheckpoint("best.keras", save_best_only=True). What is saved then counts.'
        )


@contextlib.contextmanager
def _working_in(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@contextlib.contextmanager
def _budget(seconds: float) -> Iterator[None]:
    """Stop the body after `seconds` of processor time where the platform can tell (main thread, not Windows)."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    running = True

    def stop(signum: int, frame: Any) -> None:
        if running:
            raise _BudgetSpent

    previous = signal.signal(signal.SIGPROF, stop)
    # Again every second: an exception that is raised in a destructor or in a callback of C code is lost.
    signal.setitimer(signal.ITIMER_PROF, seconds, 1.0)
    try:
        yield
    finally:
        running = False  # before the next lines, in which a signal could arrive
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, previous)


def _newest_model(folder: Path) -> Path | None:
    """Return the model file below a folder that was written last, and to its end."""
    files = [path for path in folder.rglob("*") if path.suffix in _SAVED and path.is_file()]
    files.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
    return next((path for path in files if _is_whole(path)), None)


def _is_whole(path: Path) -> bool:
    """Tell whether a file holds a whole model: saving it may have been cut off, or it may hold weights alone."""
    try:
        if path.suffix == ".keras":
            with zipfile.ZipFile(path) as archive:
                return set(archive.namelist()) >= _PARTS and archive.testzip() is None
        import h5py  # type: ignore[import-untyped]

        with h5py.File(path, "r") as file:
            return "model_config" in file.attrs and "model_weights" in file
    except (OSError, ValueError, zipfile.BadZipFile):
        return False
