"""White blood cells under a microscope, in a stained smear: five kinds, drawn and never downloaded.

Invented pictures; a small model of the domain, and nothing to judge real blood by. Each shows one white cell among red
ones. What tells the kinds apart is the nucleus and the grain around it:

============  ====================================================================================================
neutrophil    a nucleus of three to five lobes on a bow; pale and finely grained around it
eosinophil    two lobes, and coarse round grains
basophil      coarse dark grains that cover most of the nucleus
lymphocyte    a round nucleus that nearly fills the cell
monocyte      a large bean, grey and without grain around it
============  ====================================================================================================

Every smear is stained anew, so colours wander; magnification, focus, light and where the cell lies vary, and a cell may
lie in any direction.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from tfcourse.datasets import generator

CLASSES = ("neutrophil", "eosinophil", "basophil", "lymphocyte", "monocyte")
"""Names of the labels 0 to 4."""
SIZE = 32
"""Height and width of a picture, in pixels."""

_OVERSAMPLING = 3
_FULL = SIZE * _OVERSAMPLING
_AROUND = np.linspace(0, 2 * math.pi, 24, endpoint=False)
_COSINES, _SINES = np.cos(_AROUND), np.sin(_AROUND)

Rng = np.random.Generator
Colour = tuple[int, ...]


@generator
def make_blood_cells(n: int, *, seed: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Draw `n` cells.

    Args:
        n: Number of pictures; the five classes differ in number by one at most.
        seed: Any non-negative integer. The same seed draws the same pictures.

    Returns:
        Pictures of shape (n, 32, 32, 3), uint8, red, green and blue; and labels of shape (n,), int64, indices into
        `CLASSES`, in random order.
    """
    random = np.random.default_rng(seed)
    labels = random.permutation(np.arange(n, dtype=np.int64) % len(CLASSES))
    pictures = np.empty((n, SIZE, SIZE, 3), np.uint8)
    for index, label in enumerate(labels):
        pictures[index] = _photograph(CLASSES[label], random)
    return pictures, labels


def _photograph(kind: str, random: Rng) -> NDArray[np.uint8]:
    stain = random.normal(0, 12, 3)

    def stained(red: int, green: int, blue: int, spread: float = 8) -> Colour:
        colour = np.array((red, green, blue)) + stain + random.normal(0, spread, 3)
        return tuple(int(min(max(part, 0), 255)) for part in colour.tolist())

    picture = Image.new("RGB", (_FULL, _FULL), stained(238, 228, 222, 4))
    draw = ImageDraw.Draw(picture)
    zoom = random.uniform(0.85, 1.2) * _OVERSAMPLING
    for _ in range(int(random.integers(2, 6))):
        _red_cell(draw, random.uniform(0, _FULL, 2), random.uniform(5.0, 6.2) * zoom, stained, random)
    middle = _FULL / 2 + random.normal(0, 2.6, 2).clip(-6, 6) * _OVERSAMPLING
    radius = zoom * random.uniform(*((8.0, 10.5) if kind in ("lymphocyte", "basophil") else (9.0, 11.5)))
    _white_cell(draw, kind, middle, radius, stained, random)
    picture = picture.reduce(_OVERSAMPLING).filter(ImageFilter.GaussianBlur(random.uniform(0.3, 0.9)))
    pixels: NDArray[Any] = np.asarray(picture, np.float64) * random.uniform(0.75, 1.05)
    pixels = pixels + random.normal(0, random.uniform(2, 6), (SIZE, SIZE, 3))
    return pixels.clip(0, 255).astype(np.uint8)


def _red_cell(draw: ImageDraw.ImageDraw, middle: Any, radius: float, stained: Any, random: Rng) -> None:
    _blob(draw, middle, radius, stained(214, 150, 146), random)
    _blob(draw, middle, radius * random.uniform(0.3, 0.5), stained(228, 186, 180), random)


def _white_cell(draw: ImageDraw.ImageDraw, kind: str, middle: Any, radius: float, stained: Any, random: Rng) -> None:
    nucleus = stained(112, 70, 148)
    body = {"lymphocyte": (176, 178, 216), "monocyte": (184, 180, 202)}.get(kind, (214, 188, 200))
    around = stained(*body)
    _blob(draw, middle, radius, around, random)
    if kind == "neutrophil":
        _grains(draw, middle, radius, 40, 0.04, stained(196, 160, 186), random)
        _lobes(draw, middle, radius, int(random.integers(3, 6)), nucleus, random)
    elif kind == "eosinophil":
        _grains(draw, middle, radius, 45, 0.10, stained(214, 140, 136), random)
        _lobes(draw, middle, radius, 2, nucleus, random)
    elif kind == "basophil":
        _lobes(draw, middle, radius, 2, nucleus, random)
        _grains(draw, middle, radius, 40, 0.10, stained(88, 56, 128), random)
    elif kind == "lymphocyte":
        _blob(draw, middle + random.normal(0, 0.06, 2) * radius, radius * random.uniform(0.72, 0.9), nucleus, random)
    else:
        turn = random.uniform(0, 2 * math.pi)
        aside = np.array((math.cos(turn), math.sin(turn))) * radius
        _blob(draw, middle - 0.05 * aside, radius * random.uniform(0.68, 0.78), nucleus, random)
        _blob(draw, middle + random.uniform(0.45, 0.6) * aside, radius * random.uniform(0.35, 0.5), around, random)


def _lobes(draw: ImageDraw.ImageDraw, middle: Any, radius: float, lobes: int, colour: Colour, random: Rng) -> None:
    """Draw a nucleus of lobes on a bow, with a thread between them."""
    apart = random.uniform(1.7, 2.3) if lobes == 2 else random.uniform(4.0, 5.0) / lobes
    angles = random.uniform(0, 2 * math.pi) + np.arange(lobes) * apart * random.choice((-1, 1))
    places = middle + 0.46 * radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    draw.line([(float(x), float(y)) for x, y in places], colour, max(1, round(0.12 * radius)))
    for place in places:
        size = random.uniform(0.36, 0.44) if lobes == 2 else random.uniform(0.24, 0.32)
        _blob(draw, place, radius * size, colour, random)


def _grains(
    draw: ImageDraw.ImageDraw, middle: Any, radius: float, count: int, size: float, colour: Colour, random: Rng
) -> None:
    reach = 0.9 * radius * np.sqrt(random.random(count))
    angles = random.uniform(0, 2 * math.pi, count)
    for x, y in zip(middle[0] + reach * np.cos(angles), middle[1] + reach * np.sin(angles), strict=True):
        draw.ellipse((x - size * radius, y - size * radius, x + size * radius, y + size * radius), colour)


def _blob(draw: ImageDraw.ImageDraw, middle: Any, radius: float, colour: Colour, random: Rng) -> None:
    """Draw a disc that is not quite round."""
    phases, sizes = random.uniform(0, 2 * math.pi, 2), random.normal(0, 0.05, 2)
    reach = radius * (1 + sizes[0] * np.cos(2 * _AROUND + phases[0]) + sizes[1] * np.cos(3 * _AROUND + phases[1]))
    points = np.empty(2 * len(_AROUND))
    points[::2], points[1::2] = middle[0] + reach * _COSINES, middle[1] + reach * _SINES
    draw.polygon(points.tolist(), colour)
