"""Checks that take a trained model: handing it over as a file, and asking that file for predictions.

A model's file can run code when it is loaded: ``.h5`` ignores Keras's safe mode, and crafted ``.keras``
files have got round it. What is refused here keeps honest mistakes apart and gives each a message; what
protects a grader is that `load_and_predict` runs in a sandbox, with no key near it.
"""

from __future__ import annotations

import copy
import re
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from tfcourse.checks import guard, keras2, runtime, saved_models
from tfcourse.checks.designs import RUNS_CODE, no_custom_objects, renamed
from tfcourse.checks.predictions import Output, as_array, as_tensor, check_input
from tfcourse.checks.records import Array, Asked, ModelFile, ModelRequest, Response, Task
from tfcourse.checks.saved_models import SAVE, Saved
from tfcourse.checks.watching import Tell, facts_of, silent
from tfcourse.errors import LearnerMistake, NotAttempted

_FORMATS: dict[str, Literal["keras", "h5"]] = {".keras": "keras", ".h5": "h5", ".hdf5": "h5"}
_UNKNOWN = re.compile(r"(?:Unknown layer:|Could not locate class) '([^']+)'")
"""What Keras says of a .h5 file with a layer that it does not know."""
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
NOT_ISOLATED = "The .h5 file was loaded outside a sandbox: such a file can run code."


@dataclass(frozen=True)
class FileModel:
    """Takes a trained Keras model, or the path of a file that holds one.

    Args:
        output: What predictions must look like.
        max_parameters: Largest allowed number of weights.
        most_bytes: Largest file that is taken.
        seconds: Wall clock for saving or reading.
    """

    output: Output
    max_parameters: int = 1_000_000
    most_bytes: int = 32 * 2**20
    seconds: float = 60.0

    def respond(self, learner_object: Any, task: Task, tell: Tell = silent) -> Response:
        """Read or save the model. See `tfcourse.checks.records.Respondent`."""
        began = time.perf_counter()
        model = self.read(learner_object)
        return Response(model=model, seconds=time.perf_counter() - began)

    def read(self, learner_object: Any) -> ModelFile:
        """Return the file of a trained model, or the file that a path names.

        Raises:
            NotAttempted: There is nothing yet.
            LearnerMistake: It is neither, or the file is too large or of another kind.
        """
        if learner_object is None or learner_object is Ellipsis:
            raise NotAttempted(guard.NOT_ATTEMPTED)
        if isinstance(learner_object, str | Path):
            return self._read(Path(learner_object))  # without TensorFlow: a file is answered sooner
        import keras

        if isinstance(learner_object, keras.Model):
            return self._saved(learner_object)
        found = "a function" if callable(learner_object) else type(learner_object).__name__
        raise LearnerMistake(
            f"Expected a trained model or the path of its file; found {found}. "
            f"Train the model, then hand over the model itself, or {SAVE} and the file's name."
        )

    def _saved(self, model: Any) -> ModelFile:
        if not model.built:
            raise LearnerMistake(
                "Expected a trained model; found one without weights. Call fit() first, then hand it over."
            )
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.keras"
            guard.call(model.save, path)
            return self._read(path)

    def _read(self, path: Path) -> ModelFile:
        if path.is_dir():
            kind = "a SavedModel, which is a folder" if (path / "saved_model.pb").exists() else "a folder"
            raise LearnerMistake(f"Expected a model's file; found {kind}: {path}. Hand over the file of {SAVE}.")
        if not path.is_file():
            raise LearnerMistake(
                f"Expected a file {path}; found none. Was it saved in this folder, before this cell? {SAVE}"
            )
        try:
            check_size(path.stat().st_size, self.most_bytes)
            content = path.read_bytes()
        except OSError as error:
            raise LearnerMistake(f"Expected a file {path} that can be read; found {_told(error)}.") from error
        return self.file_of(path.name, content)

    def file_of(self, name: str, content: bytes) -> ModelFile:
        """Return a model's file from its name and its bytes.

        Raises:
            LearnerMistake: It is too large, or its name says that it is of another kind.
        """
        format = _FORMATS.get(Path(name).suffix.lower())
        if format is None:
            raise LearnerMistake(f"Expected a name that ends in .keras or .h5; found {name}. Save it with {SAVE}.")
        check_size(len(content), self.most_bytes)
        return ModelFile(content, format)


def check_size(size: int, most: int) -> None:
    """Check the bytes of a model's file.

    Raises:
        LearnerMistake: They are too many.
    """
    if size > most:
        raise LearnerMistake(
            f"Expected a model file of at most {_megabytes(most)}; found {_megabytes(size)}. "
            "Use smaller layers: model.summary() shows which one holds most of the parameters."
        )


def load_and_predict(request: ModelRequest, *, isolated: bool = False) -> Asked:
    """Load a trained model's file in this process and predict.

    Args:
        request: The file. Loading it may run code of whoever made it.
        isolated: Whether this process is a sandbox, so that nothing has to be said about ``.h5``.

    Raises:
        LearnerMistake: The file cannot be used: the message says why, and what to do.
    """
    began = time.perf_counter()
    model, wanted = request.model, request.wanted
    check_size(len(model.content), wanted.most_bytes)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"model.{model.format}"
        saved = saved_models.read(model.content, model.format)
        configuration = _current(saved, model.format)
        _check_configuration(configuration)
        loaded = _load(path, model.content, saved, configuration)
        parameters = int(loaded.count_params())
        if parameters > wanted.max_parameters:
            raise LearnerMistake(
                f"Expected at most {wanted.max_parameters:,} parameters; found {parameters:,}. "
                "model.summary() shows which layer holds most of them; make that one smaller."
            )
        form = _form_for(loaded, request.inputs)
        x = request.inputs[form]
        predictions = _predict(loaded, x, model.format)
        seen = _predict(loaded, request.seen[form], model.format) if request.seen else None
        facts = facts_of(loaded, x[:64])
    wanted.output.check(predictions, len(x))
    note = NOT_ISOLATED if model.format == "h5" and not isolated else ""
    facts = replace(facts, **_compiled(saved)) if model.format == "keras" else facts
    return Asked(predictions, seen, facts, note=note, seconds=time.perf_counter() - began)


def _compiled(saved: Saved) -> dict[str, Any]:
    """Return optimizer and learning rate, as the file of a trained model tells them."""
    try:
        optimizer = saved.configuration["compile_config"]["optimizer"]
        rate = optimizer["config"]["learning_rate"]
        if isinstance(rate, dict):
            rate = rate["config"]["initial_learning_rate"]
        return {"optimizer": str(optimizer["class_name"])[:60], "rate": float(rate)}
    except (KeyError, TypeError, ValueError, OverflowError):
        return {}


def _check_configuration(configuration: Any) -> None:
    """Refuse what would run code, or needs code that is not in the file, before anything is loaded."""
    for entry in _entries(configuration):
        name, module, registered = (entry.get(key) for key in ("class_name", "module", "registered_name"))
        if name in RUNS_CODE:
            raise LearnerMistake(
                f"Expected a model of Keras's own layers; found {str(name).strip('_')}, which holds a program. "
                "Use a built-in layer for it: Rescaling, Normalization or Reshape, say."
            )
        named = [text for text in (name, registered) if isinstance(text, str)]
        if (
            any(">" in text and not text.startswith("keras") for text in named)
            or (isinstance(module, str) and module.split(".")[0] not in ("keras", "builtins"))
            or (module == "builtins" and name == "function")
            or ("module" in entry and module is None and isinstance(registered, str))
        ):
            raise _custom(entry.get("config") if name == "function" else name)


def _entries(configuration: Any) -> Iterator[dict[str, Any]]:
    """Return the description of every object, but for how the model was trained: that is never loaded."""
    pending = [configuration]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            if isinstance(value.get("class_name"), str):
                yield value
            pending.extend(item for name, item in value.items() if name != "compile_config")
        elif isinstance(value, list):
            pending.extend(value)


def _custom(name: Any) -> LearnerMistake:
    told = str(name).split(">")[-1][:60]
    return LearnerMistake(
        f"Expected a model of Keras's own layers; found {told}, a class or function of your own, which is "
        "not in the file. Build the model from built-in layers."
    )


def _current(saved: Saved, format: str) -> Any:
    """Return the configuration in a model's file as this Keras reads it."""
    try:
        configuration = renamed(saved.configuration)
        if saved.old or format == "h5":
            configuration = keras2.rewritten(configuration, old=saved.old, sizes=saved.sizes)
    except Exception as error:  # whatever is in the file, it is not ours
        raise _unloadable(saved, error) from error
    return configuration


def _load(path: Path, content: bytes, saved: Saved, configuration: Any) -> Any:
    """Load a model's file with the configuration that this Keras reads."""
    import keras

    runtime.fix_seeds(0)
    try:
        with no_custom_objects():
            loaded = _loaded(path, content, saved, configuration)
        parameters = isinstance(loaded, keras.Model) and loaded.built and loaded.count_params()
        carried_over = not saved.old or keras2.in_order(loaded, configuration)
    except Exception as error:  # see above
        unknown = _UNKNOWN.search(str(error))
        if unknown:
            raise _custom(unknown[1]) from error
        raise _unloadable(saved, error) from error
    if not isinstance(loaded, keras.Model):
        raise LearnerMistake(f"Expected a model in the file; found {type(loaded).__name__}. Save it with {SAVE}.")
    if parameters is False or not loaded.inputs:
        raise LearnerMistake(
            "Expected a trained model; found one without weights. Begin it with keras.Input(shape=…), or call fit(), "
            f"then save it again with {SAVE}."
        )
    if not carried_over:
        raise _unloadable(saved, keras2.NotCarriedOver("the order of its layers"))
    return loaded


def _loaded(path: Path, content: bytes, saved: Saved, configuration: Any) -> Any:
    import keras

    if path.suffix == ".h5":
        path.write_bytes(content)
        # Of a copy: Keras takes a configuration apart while it reads it.
        model = keras.saving.deserialize_keras_object(copy.deepcopy(configuration), safe_mode=True)
        if isinstance(model, keras.Model) and model.built:
            model.load_weights(path)
        return model
    if configuration == saved.configuration:
        path.write_bytes(content)
    else:
        saved_models.write(path, content, configuration, old=saved.old)
    return keras.saving.load_model(path, compile=False, safe_mode=True)


def _unloadable(saved: Saved, error: Exception) -> LearnerMistake:
    if not saved.old:
        return LearnerMistake(f"Expected a model that Keras can load; found {_told(error)}. Save it again with {SAVE}.")
    version = ".".join(saved.version.split(".")[:2])[:20]
    part = str(error) if isinstance(error, keras2.NotCarriedOver) else _told(error)
    return LearnerMistake(
        f"Expected a model that Keras 3 can load; found one saved with Keras {version}, of which not everything can be "
        f"carried over: {part}. This course reads Keras 3: build and train the model with TensorFlow 2.16 or later, "
        f"and save it with {SAVE}."
    )


def _form_for(model: Any, inputs: tuple[Array, ...]) -> int:
    """Return which form of the inputs is the first that a model takes.

    Raises:
        LearnerMistake: It takes none; the message is about the form that is nearest.
    """
    if len(model.inputs) != 1:
        names = ", ".join(str(tensor.name)[:40] for tensor in model.inputs[:5])
        raise LearnerMistake(
            f"Expected a model with one input; found {len(model.inputs)}: {names}. Give it all it needs in one array."
        )
    takes_text = any(str(tensor.dtype) == "string" for tensor in model.inputs)
    everything = range(len(inputs))
    fitting = [form for form in everything if (inputs[form].dtype.kind in "US") == takes_text] or list(everything)
    for form in fitting[:-1]:
        try:
            check_input(model, inputs[form])
        except LearnerMistake:
            continue
        return form
    check_input(model, inputs[fitting[-1]])
    return fitting[-1]


def _predict(model: Any, x: Array, format: str) -> Array:
    try:
        predictions = model.predict(as_tensor(x), batch_size=256, verbose=0)
    except Exception as error:
        remedy = (
            f"Some layers, TextVectorization among them, do not survive .h5: save it with {SAVE}."
            if format == "h5"
            else "Try it on a few inputs of your own: model.predict(x[:3])."
        )
        raise LearnerMistake(f"Expected a model that predicts; found {_told(error)}. {remedy}") from error
    return as_array(predictions)


def _told(error: Exception) -> str:
    text = " ".join(_COLOUR.sub("", str(error)).split())
    text = text if len(text) <= 200 else text[:200] + " …"
    return f"{type(error).__name__}: {text}".rstrip(": .")


def _megabytes(size: int) -> str:
    return f"{size / 2**20:.1f} MB"
