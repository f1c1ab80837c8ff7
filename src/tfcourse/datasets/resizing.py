"""Picture files brought to one size as `keras.utils.image_dataset_from_directory` does it, without TensorFlow."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Array = NDArray[Any]


def resized(file: bytes, size: tuple[int, int], *, pad: bool = False) -> NDArray[np.uint8]:
    """Read a picture and bring it to a size, as Keras does: bilinear, without antialiasing.

    Args:
        file: A picture of any shape.
        size: Height and width that are asked for.
        pad: Whether to keep proportions, as ``pad_to_aspect_ratio=True`` does: with black on both sides.

    Returns:
        Shape (height, width, 3), uint8: rounded to whole numbers, which Keras does not do.

    Example:
        >>> buffer = io.BytesIO()
        >>> Image.new("L", (30, 60), 200).save(buffer, "PNG")
        >>> picture = resized(buffer.getvalue(), (20, 20), pad=True)
        >>> picture.shape, picture[0, :, 0].tolist()
        ((20, 20, 3), [0, 0, 0, 0, 0, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 0, 0, 0, 0, 0])
    """
    picture = np.asarray(Image.open(io.BytesIO(file)).convert("RGB"), np.float32)
    height, width, _ = picture.shape
    # In single precision, as TensorFlow does it: a rounding may decide about a row.
    ratio = max(np.float32(height) / np.float32(size[0]), np.float32(width) / np.float32(size[1]))
    inner = [np.float32(length) / ratio for length in (height, width)] if pad else [np.float32(side) for side in size]
    for axis, length in enumerate(inner):
        picture = _stretched(picture, axis, int(length))
    before = [max(0, int((side - length) / 2)) for side, length in zip(size, inner, strict=True)]
    framed = np.zeros((*size, 3), np.uint8)
    framed[before[0] : before[0] + len(picture), before[1] : before[1] + picture.shape[1]] = np.rint(picture)
    return framed


def _stretched(picture: Array, axis: int, length: int) -> Array:
    """Interpolate between the two nearest rows (or columns): each new one is a mix of them, however far it shrinks."""
    old = picture.shape[axis]
    at = ((np.arange(length, dtype=np.float32) + 0.5) * np.float32(old / length) - 0.5).clip(0, old - 1)
    low = np.floor(at).astype(int)
    share = (at - low).reshape((-1, *[1] * (2 - axis))).astype(np.float32)
    below, above = picture.take(low, axis), picture.take(np.minimum(low + 1, old - 1), axis)
    mixed: Array = below + (above - below) * share
    return mixed
