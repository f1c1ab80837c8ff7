"""Configurations of models that Keras 2 wrote, and those of ``.h5`` files, in the form that Keras 3 reads.

Keras 3 has most layers of Keras 2, under the same names and with the same weights, but refuses arguments that it no
longer has, although they said nothing new (``time_major=False``), and knows TensorFlow's operations under names of
its own. `rewritten` puts a configuration into Keras 3's form. What it does not know it leaves as it is, so that
loading fails; a model that loads must predict as it did.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tfcourse.checks.tensorflow_functions import NEUTRAL, OPERATIONS, module_of

_MODELS = {
    "Functional": ("keras.src.models.functional", "Functional"),
    "Model": ("keras.src.models.functional", "Functional"),
    "Sequential": ("keras", "Sequential"),
}
"""Modules and names in Keras 3 of the models that may be layers of others."""
_SETTLED: dict[str, tuple[Any, ...]] = {
    "groups": (1,),
    "noise_shape": (None,),
    "time_major": (False,),
    "unroll": (False,),
}
"""Arguments that some layers no longer take, and the values that say what those layers do now anyway."""
_WITHOUT_EFFECT = {
    "batch_input_shape",
    "implementation",
    "input_length",
    "kernel_constraint",  # of separable convolutions, which have one for each of their two kernels
    "kernel_initializer",
    "kernel_regularizer",
    "key_shape",
    "query_shape",
    "trainable",  # where a layer has no weights
    "value_shape",
}
"""Arguments that some layers no longer take, and that do not change what a trained layer gives."""
_RENAMED = {
    "LeakyReLU": ("LeakyReLU", {"alpha": "negative_slope"}),
    "ThresholdedReLU": ("ReLU", {"theta": "threshold"}),
}
"""Layers that are now called, or take arguments that are now called, something else."""
_RECURRENT = {"Bidirectional", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "GRU", "LSTM", "RNN", "SimpleRNN"}
"""Layers whose states were written as further inputs."""
_CHANGED = ("hard_sigmoid",)
"""Activations that are another function in Keras 3."""
_OF_EVERY_LAYER = {"name", "dtype", "trainable", "activity_regularizer"}
_GONE = {
    "CuDNNGRU",
    "CuDNNLSTM",
    "LocallyConnected1D",
    "LocallyConnected2D",
    "RandomHeight",
    "RandomWidth",
    "TensorFlowOpLayer",
}
"""Layers of Keras 2 that Keras 3 has no like of."""
PARTS = {f"_{name}_dense": f"{name}_dense" for name in ("query", "key", "value", "output")}
"""Groups in the weights of a ``.keras`` file that have another name now."""


class NotCarriedOver(Exception):
    """A part of a model that Keras 3 has no like of. The message is its name."""


def rewritten(configuration: Any, *, old: bool, sizes: Mapping[str, int]) -> Any:
    """Return a model's configuration in the form of Keras 3.

    Args:
        configuration: As it stands in the file.
        old: Whether Keras 2 wrote it. Else Keras 3 did, into a ``.h5`` file, which tells no modules.
        sizes: Features that a Normalization has adapted to, by its name, where the file tells.

    Raises:
        NotCarriedOver: Keras 3 has no like of a part of it.
        Exception: It is no configuration: anything may be in it.
    """
    if not isinstance(configuration, dict) or "class_name" not in configuration or "config" not in configuration:
        return configuration
    return _layer(configuration, _Rewriting(old, sizes))


def in_order(model: Any, configuration: dict[str, Any]) -> bool:
    """Tell whether a model's layers stand in the order of its configuration, by which weights find their layers."""
    named = [each["config"].get("name") for each in configuration["config"]["layers"]]
    layers = {layer.name: layer for layer in model.layers if layer.weights}
    return [name for name in named if name in layers] == list(layers) and all(
        in_order(layers[name], each)
        for name, each in zip(named, configuration["config"]["layers"], strict=True)
        if name in layers and "layers" in each["config"]
    )


@dataclass(frozen=True)
class _Rewriting:
    old: bool
    sizes: Mapping[str, int]


def _layer(entry: dict[str, Any], how: _Rewriting) -> dict[str, Any]:
    """Return a layer's description, and within it those of layers that it holds."""
    entry = dict(entry)
    name, config = entry["class_name"], entry["config"]
    if isinstance(config, list):  # a Sequential of Keras 2.2 and before
        config = {"name": "sequential", "layers": config}
    entry["config"] = config = dict(config)
    for key in ("layer", "backward_layer", "cell"):
        if isinstance(config.get(key), dict):
            config[key] = _layer(config[key], how)
    for key in ("layers", "cells"):
        if isinstance(config.get(key), list):
            config[key] = [_layer(each, how) for each in config[key]]
    if how.old:
        _renew(entry, how)
    if entry.get("module") is None and entry.get("registered_name") is None:
        _tell_module(entry)
    return entry if name not in _MODELS or not how.old else _model(entry, how)


def _tell_module(entry: dict[str, Any]) -> None:
    """Write where Keras 3 has a class. An operation may share its name with a layer, but is never trainable."""
    name, config = entry["class_name"], entry["config"]
    if name in _MODELS:
        entry["module"], entry["class_name"] = _MODELS[name]
    elif "trainable" not in config and module_of(name):
        entry |= {"module": module_of(name), "registered_name": name}
    elif _class_of(name) is not None:
        entry["module"] = "keras.layers"


def _class_of(name: str) -> Any:
    import keras

    found = getattr(keras.layers, name, None)
    return found if isinstance(found, type) and issubclass(found, keras.layers.Layer) else None


# ---------------------------------------------------------------------------- from Keras 2 to Keras 3


def _renew(entry: dict[str, Any], how: _Rewriting) -> None:
    """Put the arguments of one layer into the form of Keras 3."""
    name, config = entry["class_name"], entry["config"]
    if name in _GONE or (name == "Discretization" and config.get("bin_boundaries") is None):
        raise NotCarriedOver(name)
    if name in ("TFOpLambda", "SlicingOpLambda"):
        _renew_operation(entry)
        return
    if name in _MODELS:
        entry["module"], entry["class_name"] = _MODELS[name]
        entry["registered_name"] = None if name == "Sequential" else "Functional"
    elif name != "Normalization":
        entry.pop("build_config", None)
    if name in _RENAMED:
        entry["class_name"], arguments = _RENAMED[name]
        entry["config"] = config = {arguments.get(key, key): value for key, value in config.items()}
    if name == "InputLayer":
        config["batch_shape"] = config.pop("batch_input_shape", config.get("batch_shape"))
    policy = config.get("dtype")
    if isinstance(policy, dict) and str(policy.get("class_name")).startswith("Policy"):
        config["dtype"] = policy["config"]["name"]
    for key, value in config.items():
        if "activation" in key and value in _CHANGED:
            raise NotCarriedOver(f'activation="{value}", which is another function in Keras 3')
    axis = config.get("axis")
    if isinstance(axis, list) and len(axis) == 1:
        config["axis"] = axis[0]
    cls = _class_of(entry["class_name"])
    if cls is not None:
        takes = inspect.signature(cls.__init__).parameters
        for key in [key for key in config if key not in takes and not (key in _OF_EVERY_LAYER and "kwargs" in takes)]:
            if key in _WITHOUT_EFFECT or config[key] in _SETTLED.get(key, ()):
                del config[key]
    if "inbound_nodes" in entry:
        entry["inbound_nodes"] = [_node(node, entry["class_name"]) for node in entry["inbound_nodes"]]


def _renew_operation(entry: dict[str, Any]) -> None:
    function = str(entry["config"].get("function"))
    operation = OPERATIONS.get(function)
    if operation is None or not module_of(operation.name):
        raise NotCarriedOver(f"tf.{function}")
    (node,) = entry["inbound_nodes"]  # each call was an operation of its own
    first, written = _inputs(node)
    arguments = [first, *(_value(written.pop(name)) for name in operation.tensors)]
    options = {new: value for name, new in operation.options.items() if (value := written.pop(name, None)) is not None}
    unknown = sorted(name for name, value in written.items() if name != "name" and value not in NEUTRAL)
    if unknown:
        raise NotCarriedOver(f"tf.{function} with {', '.join(unknown)}")
    entry |= {
        "module": module_of(operation.name),
        "class_name": operation.name,
        "registered_name": operation.name,
        "config": {"name": entry["config"]["name"], **options},
        "inbound_nodes": [{"args": arguments, "kwargs": {}}],
    }
    entry.pop("build_config", None)


def _node(node: Any, layer: str) -> dict[str, Any]:
    """Return one call of a layer as Keras 3 writes it. Keras 2 wrote the options of a call beside each input."""
    if isinstance(node, dict) and "args" in node:
        return node
    inputs, options = _inputs(node)
    kwargs = {name: _value(value) for name, value in options.items()}
    if isinstance(inputs, list):
        if layer in _RECURRENT and len(inputs) > 1:
            kwargs["initial_state"], inputs = inputs[1:], inputs[0]
        elif len(inputs) == 1:
            inputs = inputs[0]
    return {"args": [inputs], "kwargs": kwargs}


def _inputs(node: Any) -> tuple[Any, dict[str, Any]]:
    """Return what goes into a call, and its options."""
    if _is_tensor(node):
        options = dict(node[3]) if len(node) > 3 else {}
        return (_value(node[2]) if node[0] == "_CONSTANT_VALUE" else _tensor(node)), options
    parts = node.values() if isinstance(node, dict) else node
    found = [_inputs(part) for part in parts]
    inputs = [part for part, _ in found]
    options = {name: value for _, each in found for name, value in each.items()}
    return (dict(zip(node, inputs, strict=True)) if isinstance(node, dict) else inputs), options


def _is_tensor(value: Any) -> bool:
    return isinstance(value, list) and len(value) in (3, 4) and isinstance(value[0], str) and isinstance(value[1], int)


def _tensor(value: list[Any]) -> dict[str, Any]:
    # Keras finds the tensor by its history; shape and dtype here are never looked at.
    return {"class_name": "__keras_tensor__", "config": {"shape": [], "dtype": "float32", "keras_history": value[:3]}}


def _value(value: Any) -> Any:
    """Return an option of a call, in which there may be tensors, slices and arrays."""
    if _is_tensor(value):
        return _value(value[2]) if value[0] == "_CONSTANT_VALUE" else _tensor(value)
    if isinstance(value, dict):
        if set(value) == {"start", "stop", "step"}:
            return {"class_name": "__slice__", "config": value}
        if value.get("class_name") == "__ellipsis__":
            return {"class_name": "__ellipsis__", "config": {}}
        return {name: _value(item) for name, item in value.items()}
    if isinstance(value, list):
        if _is_array(value):
            return {"class_name": "__numpy__", "config": {"value": value, "dtype": "float32"}}
        return [_value(item) for item in value]
    return value


def _is_array(value: Any) -> bool:
    return isinstance(value, float) or (isinstance(value, list) and bool(value) and all(map(_is_array, value)))


def _model(entry: dict[str, Any], how: _Rewriting) -> dict[str, Any]:
    """Return a model of Keras 2 whose inputs are known, and whose layers' names and calls are Keras 3's."""
    layers = entry["config"]["layers"]
    if entry["class_name"] == "Sequential":
        entry["config"]["layers"] = _with_input(layers, how)
        return entry
    # In Keras 2 a model began with a call of its own; Keras 3 still expects that of a model's outputs, if Functional.
    models = {each["name"]: each["class_name"] for each in layers if each["class_name"] in _MODELS}
    for each in layers:
        each["inbound_nodes"] = [_counted(node, models) for node in each["inbound_nodes"]]
    sequential = {name for name, kind in models.items() if kind == "Sequential"}
    ends = entry["config"]
    ends["input_layers"] = _single(ends["input_layers"])
    ends["output_layers"] = _outputs(_single(ends["output_layers"]), sequential)
    slashed = {each["name"] for each in layers if "/" in each["name"]}
    return _with_names(entry, {name: name.replace("/", "_") for name in slashed}) if slashed else entry


def _with_input(layers: list[dict[str, Any]], how: _Rewriting) -> list[dict[str, Any]]:
    """Return a Sequential's layers, of which the first is an input of a known shape, where the file tells it."""
    if len(layers) > 1 and layers[0]["class_name"] == "InputLayer" and layers[1]["class_name"] == "Normalization":
        shape = list(layers[0]["config"]["batch_shape"])
        if shape and shape[-1] is None and layers[1]["config"].get("axis") == -1:
            built = layers[1].get("build_config", {}).get("input_shape", [None])
            shape[-1] = how.sizes.get(layers[1]["config"]["name"], built[-1])
            layers[0]["config"]["batch_shape"] = shape
    return layers


def _counted(value: Any, models: Mapping[str, str]) -> Any:
    """Return a call's arguments with the calls of models counted from 0."""
    if isinstance(value, dict):
        if value.get("class_name") == "__keras_tensor__":
            name, call, number = value["config"]["keras_history"]
            return _tensor([name, call - (name in models), number])
        return {name: _counted(item, models) for name, item in value.items()}
    return [_counted(item, models) for item in value] if isinstance(value, list) else value


def _single(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _outputs(value: Any, sequential: set[str]) -> Any:
    if _is_tensor(value):
        return [value[0], value[1] - (value[0] in sequential), value[2]]
    if isinstance(value, dict):
        return {name: _outputs(item, sequential) for name, item in value.items()}
    return [_outputs(item, sequential) for item in value]


def _with_names(value: Any, names: Mapping[str, str]) -> Any:
    """Return a configuration in which layers have other names: Keras 3 takes none with a slash in it."""
    if isinstance(value, dict):
        return {name: _with_names(item, names) for name, item in value.items()}
    if isinstance(value, list):
        return [_with_names(item, names) for item in value]
    return names.get(value, value) if isinstance(value, str) else value
