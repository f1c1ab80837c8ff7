"""Walls as an inspector photographs them, cracked or sound. Drawn pictures of many shapes.

Invented data; a small model of the real thing. Walls are of concrete, plaster, bricks or tiles. A crack wanders: its
heading changes at every scale, its width too, it thins out towards its ends and often branches. What looks like a
crack and is none is on both kinds of walls: cables and scratches (smooth, of one width), joints and the marks of
formwork (straight), water stains, the edges of shadows, pores. So it is neither darkness nor the presence of lines
that tells a cracked wall from a sound one, but the way a line runs.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from tfcourse.datasets import generator
from tfcourse.datasets.camera import Array, clouds, from_side_to_side, over, photographed, share_of, tint

CLASSES = ("cracked", "sound")
"""Names of the labels 0 and 1, in the order of the alphabet, as folders are."""

Rng = np.random.Generator
Colour = tuple[int, int, int]

_OVERSAMPLING = 2
_CONCRETE: tuple[Colour, ...] = ((158, 156, 150), (178, 172, 160), (132, 132, 130))
_PAINT: tuple[Colour, ...] = ((226, 220, 204), (206, 178, 132), (186, 200, 200), (202, 160, 140), (172, 186, 160))
_BRICK: tuple[Colour, ...] = ((160, 84, 62), (178, 112, 80), (196, 172, 142), (128, 76, 66))
_TILE: tuple[Colour, ...] = ((222, 224, 220), (150, 178, 188), (196, 186, 164))


@generator
def make_walls(n: int, *, seed: int) -> tuple[list[bytes], NDArray[np.int64]]:
    """Photograph `n` walls.

    Args:
        n: Number of pictures; the two classes differ in number by one at most.
        seed: Any non-negative integer. The same seed draws the same pictures.

    Returns:
        JPEG files with three channels, 84 to 150 pixels wide and 64 to 110 high; and labels of shape (n,), int64,
        indices into `CLASSES`, in random order.

    Example:
        >>> files, labels = make_walls(4, seed=1)
        >>> len(files), labels.shape
        (4, (4,))
    """
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n, dtype=np.int64) % len(CLASSES))
    return [_photograph(CLASSES[label] == "cracked", rng) for label in labels], labels


def _photograph(cracked: bool, rng: Rng) -> bytes:
    width, height = int(rng.integers(84, 151)), int(rng.integers(64, 111))
    pixels = (_concrete, _plaster, _bricks, _tiles)[rng.choice(4, p=[0.4, 0.35, 0.15, 0.1])](width, height, rng)
    pixels = _stains(pixels, rng)
    lines = [_cable, _cable, _scratch, _scratch, _pencil]
    for _ in range(rng.choice(3, p=[0.55, 0.35, 0.1])):
        pixels = lines[rng.integers(len(lines))](pixels, rng)
    if cracked:
        pixels = _crack(pixels, rng)
    return photographed(pixels, rng, light=(0.7, 1.15), cast=0.03, blurred=0.35, blur=(0.3, 0.7))


# --- walls ------------------------------------------------------------------------------------------


def _concrete(width: int, height: int, rng: Rng) -> Array:
    wall = _colour(_CONCRETE, rng) * (1 + 0.07 * clouds(height, width, 4, rng) + 0.04 * clouds(height, width, 22, rng))
    marks = Image.new("L", (width, height))
    draw = ImageDraw.Draw(marks)
    for x, y, size in rng.uniform(0, 1, (rng.integers(0, 40), 3)):  # pores
        draw.circle((x * width, y * height), 0.4 + 1.1 * size**2, 255)
    if rng.random() < 0.4:  # formwork left its edge
        at = rng.uniform(0.1, 0.9)
        lean = rng.normal(0, 2)
        if rng.random() < 0.5:
            draw.line((at * width, 0, at * width + lean, height), 150, 1)
        else:
            draw.line((0, at * height, width, at * height + lean), 150, 1)
    return over(wall, 0.5 * wall, share_of(marks) * np.float32(rng.uniform(0.4, 0.9)))


def _plaster(width: int, height: int, rng: Rng) -> Array:
    grain = rng.standard_normal((height, width), np.float32)
    rough = np.float32(rng.uniform(0.01, 0.06))
    return _colour(_PAINT, rng) * (1 + rough * grain + 0.03 * clouds(height, width, 5, rng))


def _bricks(width: int, height: int, rng: Rng) -> Array:
    high = rng.uniform(12, 20)
    return _courses(width, height, high, 2.2 * high, 0.5, _colour(_BRICK, rng), rng.uniform(90, 210), 0.12, rng)


def _tiles(width: int, height: int, rng: Rng) -> Array:
    side = rng.uniform(22, 40)
    return _courses(width, height, side, side, 0.0, _colour(_TILE, rng), rng.uniform(80, 200), 0.03, rng)


def _courses(
    width: int, height: int, high: float, wide: float, shift: float, face: Array, joint: float, vary: float, rng: Rng
) -> Array:
    x0, y0 = rng.uniform(0, 50, 2)
    lean = rng.normal(0, 0.03)
    columns, rows = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)[:, None]
    v = (rows + np.float32(lean) * columns + np.float32(y0)) / np.float32(high)
    row = np.floor(v)
    u = (columns - np.float32(lean) * rows + np.float32(x0)) / np.float32(wide) + np.float32(shift) * (row % 2)
    column = np.floor(u)
    tone = rng.standard_normal(997, np.float32)[(row.astype(int) * 37 + column.astype(int) * 11) % 997]
    a, b = u - column, v - row
    gap = np.minimum(np.minimum(a, 1 - a) * np.float32(wide), np.minimum(b, 1 - b) * np.float32(high))
    wall = face * (1 + np.float32(vary) * tone + 0.05 * clouds(height, width, 20, rng))
    return over(np.full((3, 1, 1), joint, np.float32), wall, (gap - np.float32(0.4)).clip(0, 1))


# --- what is on them --------------------------------------------------------------------------------


def _crack(wall: Array, rng: Rng) -> Array:
    """Let a crack run across a part of the wall."""
    _, height, width = wall.shape
    mask = Image.new("L", (width * _OVERSAMPLING, height * _OVERSAMPLING))
    draw = ImageDraw.Draw(mask)
    heading = rng.uniform(0, 2 * math.pi)
    start = np.array([rng.uniform(0.2, 0.8) * mask.width, rng.uniform(0.2, 0.8) * mask.height])
    length = rng.uniform(0.7, 1.3) * mask.width
    thick = rng.uniform(4.0, 8.0)
    start = start - 0.5 * length * np.array([math.cos(heading), math.sin(heading)])
    _wander(draw, start, heading, length, thick, int(rng.integers(1, 5)), rng)
    share = share_of(mask.reduce(_OVERSAMPLING))
    depth = np.float32(rng.uniform(0.7, 1.0))
    lip = np.roll(share, (1, 1), (0, 1)) * np.float32(rng.uniform(0, 0.25))
    wall = over(wall, 1.25 * wall, lip)
    return over(wall, np.float32(rng.uniform(0.1, 0.35)) * wall, share * depth)


def _wander(
    draw: ImageDraw.ImageDraw, start: Array, heading: float, length: float, thick: float, branches: int, rng: Rng
) -> None:
    step = 5.0
    count = max(4, int(length / step))
    drift = np.cumsum(rng.normal(0, 0.12, count))
    angles = heading + drift - drift.mean() + rng.normal(0, 0.55, count)
    points = start + np.cumsum(step * np.stack([np.cos(angles), np.sin(angles)], axis=1), axis=0)
    taper = np.sin(np.pi * (np.arange(count) + 0.5) / count) ** 0.5 * thick * np.exp(rng.normal(0, 0.25, count))
    for (start_at, end_at), wide in zip(pairwise(points.tolist()), taper.tolist(), strict=False):
        draw.line((*start_at, *end_at), 255, max(1, round(wide)))
    for _ in range(branches):
        at = int(rng.integers(count // 4, count))
        aside = heading + rng.choice([-1, 1]) * rng.uniform(0.5, 1.2)
        _wander(draw, points[at], aside, length * rng.uniform(0.15, 0.4), thick * 0.65, 0, rng)


def _cable(wall: Array, rng: Rng) -> Array:
    """Hang a cable or a pipe on the wall, with its shadow: smooth, and of one width."""
    _, height, width = wall.shape
    points, thick = _smooth(width, height, rng), rng.uniform(2.4, 6.0)
    shadow, cable = (Image.new("L", (width * _OVERSAMPLING, height * _OVERSAMPLING)) for _ in range(2))
    ImageDraw.Draw(shadow).line([(x + 3, y + 3) for x, y in points], 130, round(thick), joint="curve")
    ImageDraw.Draw(cable).line(points, 255, round(thick), joint="curve")
    wall = over(wall, 0.5 * wall, share_of(shadow.filter(ImageFilter.BoxBlur(1)).reduce(_OVERSAMPLING)))
    tone = tint(rng.choice([28, 60, 120, 226]) + rng.normal(0, 8, 3))
    return over(wall, tone, share_of(cable.reduce(_OVERSAMPLING)))


def _pencil(wall: Array, rng: Rng) -> Array:
    """Draw a thin dark curve: somebody's pencil, a hair, a thread of a cobweb."""
    _, height, width = wall.shape
    mask = Image.new("L", (width * _OVERSAMPLING, height * _OVERSAMPLING))
    thick = round(rng.uniform(1.0, 3.0))
    ImageDraw.Draw(mask).line(_smooth(width, height, rng), 255, max(1, thick), joint="curve")
    return over(wall, np.float32(0.3) * wall, share_of(mask.reduce(_OVERSAMPLING)) * np.float32(rng.uniform(0.5, 0.95)))


def _scratch(wall: Array, rng: Rng) -> Array:
    """Scratch the wall a few times, straight, darker or lighter."""
    _, height, width = wall.shape
    mask = Image.new("L", (width * _OVERSAMPLING, height * _OVERSAMPLING))
    draw = ImageDraw.Draw(mask)
    x, y, heading = rng.uniform(0, mask.width), rng.uniform(0, mask.height), rng.uniform(0, 2 * math.pi)
    for _ in range(rng.integers(1, 4)):
        reach, turn = rng.uniform(20, 90), heading + rng.normal(0, 0.12)
        draw.line((x, y, x + reach * math.cos(turn), y + reach * math.sin(turn)), 255, int(rng.integers(1, 4)))
        x, y = x + rng.normal(0, 8), y + rng.normal(0, 8)
    tone = np.float32(0.45) * wall if rng.random() < 0.7 else 0.5 * wall + 120
    return over(wall, tone, share_of(mask.reduce(_OVERSAMPLING)) * np.float32(rng.uniform(0.5, 0.9)))


def _smooth(width: int, height: int, rng: Rng) -> list[tuple[float, float]]:
    """Return a smooth curve across the picture: a parabola between two points at its sides."""
    along = np.linspace(-0.1, 1.1, 25)
    sag, lean, at = rng.normal(0, 0.35), rng.normal(0, 0.4), rng.uniform(0.15, 0.85)
    across = at + lean * (along - 0.5) + 4 * sag * along * (1 - along)
    points = np.stack([along * width, across * height] if rng.random() < 0.5 else [across * width, along * height], 1)
    return [(x, y) for x, y in (points * _OVERSAMPLING).tolist()]


def _stains(wall: Array, rng: Rng) -> Array:
    """Let water run down the wall, and a shadow fall on it."""
    _, height, width = wall.shape
    if rng.random() < 0.35:
        runs = np.asarray(Image.fromarray(rng.standard_normal((3, 24), np.float32)).resize((width, height)))
        wall = wall * (1 - np.float32(rng.uniform(0.08, 0.25)) * (runs - np.float32(0.6)).clip(0, 1))
    if rng.random() < 0.3:
        turn = rng.uniform(0, 2 * math.pi)
        across = math.cos(turn) * from_side_to_side(width) + math.sin(turn) * from_side_to_side(height)[:, None]
        shade = ((across + np.float32(rng.uniform(-0.6, 0.6))) * np.float32(rng.uniform(4, 20))).clip(0, 1)
        wall = wall * (1 - np.float32(rng.uniform(0.25, 0.5)) * shade)
    return wall


# --- the camera -------------------------------------------------------------------------------------


def _colour(choices: tuple[Colour, ...], rng: Rng) -> Array:
    chosen = np.array(choices[rng.integers(len(choices))]) * rng.uniform(0.85, 1.1) + rng.normal(0, 5, 3)
    return tint(chosen)
