"""Concrete seen by a drone: with a crack, or with a line that is none. Drawn, never downloaded.

Invented pictures; a small model of the domain. Concrete has clouds, pores, and lines that do no harm: joints of the
boards that it was cast between, which are straight and run roughly across or down. A crack wanders, in any direction.
A picture without a crack has one joint more, about as long, as thin and as dark as a crack, so that neither the
number of dark pixels nor a dark line tells the two apart, only how it runs.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from tfcourse.datasets import generator

SIZE = 32
"""Height and width of a picture, in pixels."""

_OVERSAMPLING = 2
_FULL = SIZE * _OVERSAMPLING

Rng = np.random.Generator
Points = list[tuple[float, float]]


@generator
def make_cracks(n: int, *, seed: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Draw `n` pieces of concrete.

    Args:
        n: Number of pictures.
        seed: Any non-negative integer. The same seed draws the same pictures.

    Returns:
        Pictures of shape (n, 32, 32), uint8, grey; and labels of shape (n,), int64, in random order: 1 for a crack, 0
        for none, half of each.
    """
    random = np.random.default_rng(seed)
    labels = random.permutation(np.arange(n, dtype=np.int64) % 2)
    pictures = np.empty((n, SIZE, SIZE), np.uint8)
    for index, label in enumerate(labels):
        pictures[index] = _photograph(bool(label), random)
    return pictures, labels


def _photograph(cracked: bool, random: Rng) -> NDArray[np.uint8]:
    ground = random.uniform(110, 190)
    shade = Image.new("L", (_FULL, _FULL))
    draw = ImageDraw.Draw(shade)
    for _ in range(int(random.integers(0, 9))):
        x, y, r = *random.uniform(0, _FULL, 2), random.uniform(0.5, 2.2)
        draw.ellipse((x - r, y - r, x + r, y + r), int(random.uniform(60, 150)))
    for _ in range(int(random.integers(0, 2))):
        _draw_line(draw, _line(0.0, random), random)
    _draw_line(draw, _line(random.uniform(0.5, 0.8) if cracked else 0.0, random), random)
    shade = shade.reduce(_OVERSAMPLING).filter(ImageFilter.GaussianBlur(random.uniform(0.2, 0.6)))
    coarse = Image.fromarray(random.normal(0, 1, (6, 6)).astype(np.float32))
    clouds = np.asarray(coarse.resize((SIZE, SIZE), Image.Resampling.BICUBIC), np.float64)
    pixels = ground * (1 + random.uniform(0.02, 0.1) * clouds) * (1 - np.asarray(shade, np.float64) / 255)
    pixels = pixels + random.normal(0, random.uniform(3, 10), (SIZE, SIZE))
    return pixels.clip(0, 255).astype(np.uint8)


def _line(wander: float, random: Rng) -> Points:
    """Draw a joint where `wander` is 0, else a crack, which turns by about `wander` radians every two pixels."""
    steps = int(random.integers(11, 18))
    turns = random.normal(0, 1, steps) * wander
    turns[1:] -= 0.5 * turns[:-1]  # a turn is half taken back, so that a crack does not curl up
    joint = math.pi / 2 * int(random.integers(0, 4)) + random.normal(0, 0.06)
    heading = (random.uniform(0, 2 * math.pi) if wander else joint) + np.cumsum(turns)
    path = np.cumsum(np.stack([np.cos(heading), np.sin(heading)], axis=1) * 2 * _OVERSAMPLING, axis=0)
    path = path - path[steps // 2] + random.uniform(0.3, 0.7, 2) * _FULL
    return [(x, y) for x, y in path.tolist()]


def _draw_line(draw: ImageDraw.ImageDraw, points: Points, random: Rng) -> None:
    dark, width = random.uniform(90, 190), random.uniform(1.2, 3.2)
    widths = (width + random.normal(0, 0.5, len(points) - 1)).tolist()
    for (start, end), wide in zip(pairwise(points), widths, strict=True):
        draw.line((*start, *end), int(dark), max(1, round(wide)))
