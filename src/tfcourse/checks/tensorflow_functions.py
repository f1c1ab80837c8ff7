"""TensorFlow's functions as Keras 3's operations: models of Keras 2 have the first between their layers."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field

NEUTRAL = (None, False, "NHWC", "channels_last")
"""Values of an operation's options that are what Keras 3 does without them."""
_MODULES = tuple(f"keras.src.ops.{name}" for name in ("numpy", "nn", "core", "math", "image", "linalg"))


@dataclass(frozen=True)
class Operation:
    """What a function of TensorFlow's is in Keras 3.

    Args:
        name: Its class in ``keras.src.ops``.
        tensors: Further arguments of the call, in order, by their names in TensorFlow.
        options: Arguments of the class, by their names in TensorFlow.
    """

    name: str
    tensors: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)


def _lower(*names: str) -> dict[str, str]:
    return {name.lower(): name for name in names}


def _operations() -> dict[str, Operation]:
    """Return what TensorFlow's functions are in Keras 3, by their names after ``tf.``."""
    binary = _lower("Add", "Subtract", "Multiply", "Maximum", "Minimum", "Greater", "Less", "Equal")
    binary |= {"truediv": "TrueDivide", "divide": "TrueDivide", "pow": "Power"}
    binary |= {"greater_equal": "GreaterEqual", "less_equal": "LessEqual", "not_equal": "NotEqual"}
    unary = _lower("Exp", "Log", "Log1p", "Sqrt", "Rsqrt", "Square", "Sigmoid", "Tanh", "Softplus", "Floor")
    unary |= {"abs": "Absolute", "negative": "Negative", "round": "Round"}
    activations = _lower("Relu", "Relu6", "Elu", "Selu", "Sigmoid", "Tanh", "Softplus", "Silu") | {"swish": "Silu"}
    reductions = _lower("Mean", "Sum", "Max", "Min", "Prod")
    axis = {"axis": "axis"}
    axes = axis | {"keepdims": "keepdims"}
    return {
        **{f"math.{name}": Operation(op, ("y",)) for name, op in binary.items()},
        **{f"__operators__.{name}": Operation(op, ("y",)) for name, op in binary.items()},
        **{f"math.{name}": Operation(op) for name, op in unary.items()},
        **{f"nn.{name}": Operation(op) for name, op in activations.items()},
        **{f"math.reduce_{name}": Operation(op, (), axes) for name, op in reductions.items()},
        "__operators__.getitem": Operation("GetItem", ("slice_spec",)),
        "cast": Operation("Cast", (), {"dtype": "dtype"}),
        "clip_by_value": Operation("Clip", (), {"clip_value_min": "x_min", "clip_value_max": "x_max"}),
        "compat.v1.squeeze": Operation("Squeeze", (), axis),
        "compat.v1.transpose": Operation("Transpose", (), {"perm": "axes"}),
        "concat": Operation("Concatenate", (), axis),
        "expand_dims": Operation("ExpandDims", (), axis),
        "identity": Operation("StopGradient"),
        "image.resize": Operation("Resize", (), {"size": "size", "method": "interpolation"}),
        "image.rgb_to_grayscale": Operation("RGBToGrayscale"),
        "linalg.matmul": Operation("Matmul", ("b",)),
        "nn.bias_add": Operation("Add", ("bias",)),
        "nn.leaky_relu": Operation("LeakyRelu", (), {"alpha": "negative_slope"}),
        "nn.softmax": Operation("Softmax", (), axis),
        "reshape": Operation("Reshape", (), {"shape": "newshape"}),
        "stack": Operation("Stack", (), axis),
        "tile": Operation("Tile", (), {"multiples": "repeats"}),
        "where": Operation("Where", ("x", "y")),
    }


OPERATIONS = _operations()


@functools.cache
def module_of(name: str) -> str:
    """Return the module of an operation of Keras's, or nothing."""
    for module in _MODULES:
        found = getattr(importlib.import_module(module), name, None)
        if isinstance(found, type) and found.__module__ == module:
            return module
    return ""
