"""Designs: compiled models handed over without their weights, to be trained where the learner's code never ran.

A design is JSON: the configuration of the model, of its loss and of its optimizer, as Keras writes them. What
layers have adapted to (a vocabulary, means and variances) stands in their configuration; weights that were
shipped with the course are named by their digest, and taken from our own copy. All other weights are made anew.
So what a function did to a model before it handed it over, by training it say, is lost; and a design holds
nothing but Keras's own classes, none of which can be told how to fit or to predict.
"""

from __future__ import annotations

import copy
import inspect
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from tfcourse.checks.records import ModelFile
from tfcourse.datasets import backbone
from tfcourse.errors import LearnerMistake

MOST_BYTES = 16 * 2**20
"""Of a design: a vocabulary of a hundred thousand words takes two megabytes."""
MOST_CONSTANTS = 64
"""Numbers that a design may hold of its own: means to subtract, say, and not a trained layer."""
STEPS_PER_EXECUTION = 32
"""Steps that TensorFlow takes before it returns to Python. Changes no digit, and saves much with small models."""

RUNS_CODE = {"Lambda", "__lambda__", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"}
"""Layers that hold a program, or fetch one from beside the file."""
_MODULES = (
    "keras",
    "keras.layers",
    "keras.models",
    "keras.initializers",
    "keras.regularizers",
    "keras.constraints",
    "keras.activations",
    "keras.losses",
    "keras.optimizers",
    "keras.optimizers.schedules",
    "keras.dtype_policies",
    "keras.src.models.functional",
    "keras.src.models.sequential",
)
_OPERATIONS = "keras.src.ops."
_PLAIN = {
    "__keras_tensor__",
    "__numpy__",
    "__tensor__",
    "__tuple__",
    "__slice__",
    "__ellipsis__",
    "__bool__",
    "__bytes__",
}
"""Values that Keras writes as if they were objects."""
_OF_TENSORFLOW = {"softmax_v2": "softmax", "log_softmax_v2": "log_softmax", "string_lower": "lower"}
"""Functions of TensorFlow's that Keras has under another name: many textbooks write ``activation=tf.nn.softmax``."""
_ADAPTED = {"Normalization", "TextVectorization", "StringLookup", "IntegerLookup", "Discretization"}
_FUNCTIONS = (
    ("activation", "an activation", "a built-in one, by its name"),
    ("kernel_initializer", "an initializer", "a built-in one, by its name or from keras.initializers"),
    ("kernel_regularizer", "a regularizer", "a built-in one: keras.regularizers.L2(0.001), say"),
    (
        "_standardize",
        "a way to standardize text",
        '"lower_and_strip_punctuation", "lower", "strip_punctuation" or None',
    ),
    ("_split", "a way to split text", '"whitespace", "character" or None'),
)
"""Attributes of layers that a function of the learner's own may stand in, what it is, and what to use instead."""
_DEEPEST = 64


# ---------------------------------------------------------------------------- in the learner's process


def design_of(model: Any) -> ModelFile:
    """Return the design of a compiled model.

    Args:
        model: A `keras.Model`, built and compiled.

    Raises:
        LearnerMistake: It holds something that is not Keras's own, or has neither loss nor optimizer.
    """
    _check_classes(model)
    loss = getattr(model, "loss", None)
    if loss is None or model.optimizer is None:
        raise LearnerMistake(
            "Expected a model compiled with a loss and an optimizer; found none. "
            'Name both: model.compile(optimizer="adam", loss=…).'
        )
    keras = _keras()
    plain = renamed(json.loads(json.dumps(keras.saving.serialize_keras_object(model))))
    plain.pop("compile_config", None)
    shipped: dict[str, str] = {}
    for path, config, layer in _layers_of(plain, model):
        _keep_adapted_state(config, layer)
        digest = backbone.digest_of(layer)
        if digest is not None:
            shipped["/".join(path)] = digest
    document = {
        "model": plain,
        "optimizer": keras.saving.serialize_keras_object(model.optimizer),
        "loss": _loss(loss),
        "loss_weights": (model.get_compile_config() or {}).get("loss_weights"),
        "shipped": shipped,
        "trained_before": int(model.optimizer.iterations) > 0,
    }
    content = json.dumps(document, separators=(",", ":")).encode()
    check_size(len(content))
    _check(json.loads(content))  # as it will be read: Keras writes tuples, too
    return ModelFile(content, "design")


def check_size(size: int) -> None:
    """Check the bytes of a design.

    Raises:
        LearnerMistake: They are too many.
    """
    if size > MOST_BYTES:
        raise LearnerMistake(
            f"Expected a model whose description takes at most {MOST_BYTES // 2**20} MB; found {size / 2**20:.1f} MB. "
            "Is there a vocabulary, or an array, far larger than the task needs?"
        )


def _loss(loss: Any) -> Any:
    """Return a loss, or several, as JSON; a function of Keras's by its name, under which it is found again."""
    if isinstance(loss, list | tuple):
        return [_loss(each) for each in loss]
    if isinstance(loss, dict):
        return {name: _loss(each) for name, each in loss.items()}
    name = getattr(loss, "__name__", None)
    if name is not None:
        return name
    plain = _keras().saving.serialize_keras_object(loss)
    options = getattr(loss, "_fn_kwargs", {})
    if isinstance(plain, dict) and isinstance(options, dict):
        # Huber's configuration does not tell its delta.
        takes = inspect.signature(type(loss)).parameters
        plain["config"] = {**{name: value for name, value in options.items() if name in takes}, **plain["config"]}
    return plain


def _parts(value: Any) -> list[Any]:
    """Return what there is in lists and dicts, in a list."""
    if isinstance(value, list | tuple | dict):
        return [part for each in (value.values() if isinstance(value, dict) else value) for part in _parts(each)]
    return [value]


def renamed(value: Any) -> Any:
    """Return a configuration in which functions of TensorFlow's have the names that Keras knows."""
    if isinstance(value, dict):
        if value.get("class_name") == "function" and value.get("config") in _OF_TENSORFLOW:
            return _OF_TENSORFLOW[value["config"]]
        return {name: renamed(item) for name, item in value.items()}
    return [renamed(item) for item in value] if isinstance(value, list) else value


def _check_classes(model: Any) -> None:
    """Refuse classes that are not Keras's own while there is still something to say about them."""
    for part in (model, *model._flatten_layers(include_self=False)):
        cls = type(part)
        if not _is_keras(cls):
            what = "a model class" if isinstance(part, _keras().Model) else "a layer class"
            raise LearnerMistake(
                f"Expected Keras's own classes, since the model is built anew and trained in another process; found "
                f"{cls.__name__}, {what} of your own. Use Sequential or keras.Model(inputs, outputs) with built-in "
                "layers, and keras.ops for arithmetic between them."
            )
    flat = model._flatten_layers(include_self=False)
    functions = [(what, getattr(layer, name, None), instead) for layer in flat for name, what, instead in _FUNCTIONS]
    losses = [("a loss", loss, "a built-in one, by its name or from keras.losses") for loss in _parts(model.loss)]
    for what, part, instead in (
        *functions,
        *losses,
        ("an optimizer", model.optimizer, "one of keras.optimizers"),
        (
            "a learning rate schedule",
            getattr(model.optimizer, "_learning_rate", None),
            "one of keras.optimizers.schedules: ExponentialDecay, CosineDecay or PiecewiseConstantDecay, say",
        ),
    ):
        name = getattr(part, "__name__", type(part).__name__)
        if isinstance(part, type) and _is_keras(part):
            raise LearnerMistake(f"Expected {what}; found the class {name}. Write {name}(), with its parentheses.")
        if not _is_plain(part) and not _is_keras(part if hasattr(part, "__name__") else type(part)):
            raise LearnerMistake(
                f"Expected {what} of Keras's own, since the model is trained in another process; found {name}, which "
                f"only this notebook knows. Use {instead}."
            )


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | dict)


def _is_keras(thing: Any) -> bool:
    return str(getattr(thing, "__module__", "")).split(".")[0] in ("keras", "tensorflow")


def _keep_adapted_state(config: dict[str, Any], layer: Any) -> None:
    """Write what a layer has adapted to into its configuration, where Keras leaves it out."""
    name, own = type(layer).__name__, config["config"]
    if name == "Normalization" and layer.input_mean is None and layer.built:
        own["mean"] = np.asarray(layer.adapt_mean, np.float64).tolist()
        own["variance"] = np.asarray(layer.adapt_variance, np.float64).tolist()
    elif name in ("TextVectorization", "StringLookup", "IntegerLookup"):
        lookup = layer._lookup_layer if name == "TextVectorization" else layer
        weighted = lookup.output_mode == "tf_idf"
        # With a weight for each word goes one for words that it does not know; it is not quite Keras's own average.
        vocabulary = lookup.get_vocabulary(include_special_tokens=weighted)
        if len(vocabulary) > (lookup.num_oov_indices if weighted else 0):
            own["vocabulary"] = [item.item() if isinstance(item, np.generic) else item for item in vocabulary]
            own.pop("vocabulary_size", None)
            if weighted:
                own["idf_weights"] = np.asarray(lookup.idf_weights, np.float64)[: len(vocabulary)].tolist()
    config.pop("build_config", None)


# ---------------------------------------------------------------------------- in the process that trains


def made_anew(content: bytes) -> tuple[Any, bool]:
    """Build the model of a design: compiled, with fresh weights.

    Args:
        content: Of the design. Whoever made it may be anybody.

    Returns:
        The model, and whether it says of itself that it had been trained before.

    Raises:
        LearnerMistake: It is no design, or holds what a design may not.
    """
    check_size(len(content))
    try:
        document = json.loads(content)
        plain, shipped = document["model"], dict(document["shipped"])
        loss, optimizer, weights = document["loss"], document["optimizer"], document["loss_weights"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise LearnerMistake(f"Expected the description of a model; found none: {_told(error)}.") from error
    _check(document)
    keras = _keras()
    try:
        with no_custom_objects():
            # Of a copy: Keras takes a configuration apart while it reads it.
            model = keras.saving.deserialize_keras_object(copy.deepcopy(plain), safe_mode=True)
            loss, optimizer, weights = (
                keras.saving.deserialize_keras_object(part, safe_mode=True) for part in (loss, optimizer, weights)
            )
        for path, _, layer in _layers_of(plain, model):
            digest = shipped.get("/".join(path))
            if digest is not None:
                layer.set_weights(backbone.weights_of(str(digest)))
        if not isinstance(model, keras.Model) or not isinstance(optimizer, keras.optimizers.Optimizer) or loss is None:
            raise TypeError("no model with a loss and an optimizer")  # noqa: TRY301
        model.compile(optimizer=optimizer, loss=loss, loss_weights=weights, steps_per_execution=STEPS_PER_EXECUTION)
    except Exception as error:  # whatever is in it, it is not ours
        raise LearnerMistake(
            f"Expected a model that can be built again from its configuration; found {_told(error)}. "
            "Build it from Keras's own layers, losses and optimizers."
        ) from error
    return model, bool(document.get("trained_before"))


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"


@contextmanager
def no_custom_objects() -> Iterator[None]:
    """Forget what was registered with Keras in this process: no other process would know it either."""
    registered = _keras().saving.get_custom_objects()
    kept = dict(registered)
    registered.clear()
    try:
        yield
    finally:
        registered.update(kept)


def _check(document: Mapping[str, Any]) -> None:
    """Refuse what is not Keras's own, and arrays that could be somebody's weights.

    Raises:
        LearnerMistake: There is such a thing in it.
    """
    constants = 0
    pending: list[tuple[Any, int, bool | None]] = [(dict(document), 0, False)]
    while pending:
        value, depth, counted = pending.pop()
        if depth > _DEEPEST:
            raise LearnerMistake(f"Expected a model nested at most {_DEEPEST} deep; found a deeper one.")
        if isinstance(value, dict):
            if "class_name" in value:
                _check_class(value)
                counted = _counts(value, counted)
            pending.extend((item, depth + 1, _counts_in(name, counted)) for name, item in value.items())
        elif isinstance(value, list):
            # Shapes and strides are whole numbers; what is not could be weights.
            constants += sum(isinstance(item, float) for item in value) if counted is False else 0
            pending.extend((item, depth + 1, counted) for item in value)
        elif counted and isinstance(value, int | float) and not isinstance(value, bool):
            constants += 1
    if constants > MOST_CONSTANTS:
        raise LearnerMistake(
            f"Expected a design whose weights are made anew; found {constants:,} numbers of its own in it, and at most "
            f"{MOST_CONSTANTS} are allowed. Constant initializers and arrays in keras.ops may hold a few means or "
            "scales, and not a trained layer."
        )


def _counts(value: Mapping[str, Any], counted: bool | None) -> bool | None:
    """Tell whether all numbers in an object count as constants; None: not even those in lists."""
    name = value["class_name"]
    if counted is None or name in _ADAPTED or name == "__keras_tensor__":
        return None
    return counted or name in ("__numpy__", "__tensor__") or value.get("module") == "keras.initializers"


def _counts_in(name: str, counted: bool | None) -> bool | None:
    """Tell the same of what an object or a dict holds under `name`. A seed is a number, and no weight."""
    if counted is None or (name == "seed" and counted):
        return None
    return counted or name in ("args", "kwargs")


def _check_class(value: dict[str, Any]) -> None:
    name, module, registered = (value.get(key) for key in ("class_name", "module", "registered_name"))
    if name in _PLAIN and module is None:
        return
    if name in RUNS_CODE:
        raise LearnerMistake(
            f"Expected a model of Keras's own layers; found {str(name).strip('_')}, which holds a program. "
            "Use a built-in layer for it: Rescaling, Normalization or Reshape, say; or keras.ops between layers."
        )
    known = isinstance(module, str) and (module in _MODULES or module.startswith(_OPERATIONS))
    if not known:
        found = value.get("config") if name == "function" else (registered or name)
        raise LearnerMistake(
            f"Expected Keras's own layers, activations, losses and optimizers; found {str(found).split('>')[-1][:60]}, "
            "which only this notebook knows. The model is built anew and trained in another process."
        )


def _layers_of(
    plain: Mapping[str, Any], model: Any, above: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], dict[str, Any], Any]]:
    """Yield path, configuration and layer for every layer of a model, of the models within it and of wrappers."""
    layers = {layer.name: layer for layer in model.layers}
    for config in plain["config"]["layers"]:
        own = config.get("config")
        layer = layers.get(own.get("name")) if isinstance(own, dict) else None
        if layer is not None:  # else: inputs of a Sequential, and operations between layers
            yield from _within(config, layer, above)


def _within(
    config: dict[str, Any], layer: Any, above: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], dict[str, Any], Any]]:
    """Yield the same for one layer, and for what is within it."""
    own, path = config["config"], (*above, layer.name)
    if "layers" in own and hasattr(layer, "layers"):
        yield from _layers_of(config, layer, path)
        return
    yield path, config, layer
    if isinstance(own.get("layer"), dict) and hasattr(layer, "layer"):  # TimeDistributed, say
        yield from _within(own["layer"], layer.layer, path)


def _keras() -> Any:
    import keras

    return keras
