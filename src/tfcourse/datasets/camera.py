"""What generators of photographs share: colours and masks laid over each other, and a camera that takes the picture.

A picture under work has its colours apart, as planes of shape (3, height, width), float32 and about 0 to 255: NumPy
mixes planes several times as fast as triples.
"""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Array = NDArray[Any]
"""Shape (height, width) of a tone, (3, height, width) of colours; float32."""


def photographed(
    pixels: Array,
    rng: np.random.Generator,
    *,
    light: tuple[float, float],
    cast: float,
    blurred: float,
    blur: tuple[float, float],
) -> bytes:
    """Take a picture: uneven light, its colour, the sensor's noise, sometimes a hand that shakes.

    Args:
        pixels: What is in front of the camera, shape (3, height, width).
        rng: For all of it.
        light: How strong it is, from and to; 1 leaves the colours as they are.
        cast: How much the light's colour varies, a standard deviation.
        blurred: The share of pictures that are.
        blur: By how many pixels, from and to.

    Returns:
        A JPEG file with three channels.
    """
    _, height, width = pixels.shape
    slope = rng.normal(0.0, 0.1, 2).astype(np.float32)
    ramp = 1 + slope[0] * from_side_to_side(height)[:, None] + slope[1] * from_side_to_side(width)
    colour = tint(rng.uniform(*light) * rng.normal(1, cast, 3))
    noise = rng.standard_normal((height, width), np.float32) * np.float32(rng.uniform(1, 6))
    shot = (pixels * (ramp * colour) + noise).clip(0, 255).astype(np.uint8)
    picture = Image.merge("RGB", [Image.fromarray(plane) for plane in shot])
    if rng.random() < blurred:
        picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(*blur)))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=int(rng.integers(82, 94)))
    return buffer.getvalue()


def clouds(height: int, width: int, cells: int, rng: np.random.Generator) -> Array:
    """Return smooth noise of about unit size, shape (height, width), with `cells` along each side."""
    coarse = Image.fromarray(rng.standard_normal((cells, cells), np.float32))
    return np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC))


@cache
def from_side_to_side(length: int) -> Array:
    """Return numbers that rise evenly from -1 to 1, shape (length,)."""
    return np.linspace(-1, 1, length, dtype=np.float32)


def over(below: Array, above: Array, share: Array) -> Array:
    """Lay something over a picture where `share`, from 0 to 1, says so."""
    mixed: Array = below + (above - below) * share
    return mixed


def share_of(mask: Image.Image) -> Array:
    """Return a mask as shares from 0 to 1, shape (height, width)."""
    return np.asarray(mask, np.float32) * np.float32(1 / 255)


def tint(colour: Any) -> Array:
    """Return a colour to be mixed with planes: shape (3, 1, 1)."""
    return np.asarray(colour, np.float32).reshape(3, 1, 1)
