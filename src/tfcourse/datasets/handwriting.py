"""Handwritten signs: ten digits and letters by people who write differently, drawn, never downloaded.

Invented data; a small model of the real thing. A sign is made of pen strokes through a few points. A person
has a slant, a width of letters, a pen, an ink, a way of placing each point, and forms of their own: a 7 with or
without a bar, a pointed or a round E. Each time a sign is written, every point lands a little elsewhere.

The signs are chosen for what flips do to them. Of b, d, p and q, each is another one flipped; a 3 flipped to
the side is a round E, and a 2 nearly a 5; only A survives a flip to the side, and only E and 3 one upside down.

Signs come from two places: *forms*, where people write upright into boxes, which are scanned; and *notes*,
photographed by hand: turned, moved, nearer or further away, and in worse light.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from tfcourse.datasets import generator

CLASSES = ("2", "3", "5", "7", "A", "E", "b", "d", "p", "q")
"""Names of the labels 0 to 9."""

SIZE = 32
"""Height and width of a picture, in pixels."""

Stroke = tuple[tuple[float, float], ...]
"""Points (x, y) in a box from 0 to 1, y downwards; a point that stands twice is a corner."""
Form = tuple[Stroke, ...]

_OVERSAMPLING = 3
"""Pictures are drawn this many times larger and averaged down, for smooth edges."""

_B: tuple[Form, ...] = (
    (((0.2, 0.0), (0.2, 0.97), (0.2, 0.97), (0.24, 0.64), (0.55, 0.46), (0.82, 0.72), (0.56, 1.0), (0.2, 0.9)),),
    (((0.2, 0.0), (0.22, 0.97)), ((0.22, 0.6), (0.52, 0.46), (0.8, 0.7), (0.6, 0.97), (0.22, 0.95))),
)


def _flipped(forms: tuple[Form, ...], *, aside: bool, over: bool) -> tuple[Form, ...]:
    return tuple(
        tuple(tuple((1 - x if aside else x, 1 - y if over else y) for x, y in stroke) for stroke in form)
        for form in forms
    )


_FORMS: tuple[tuple[Form, ...], ...] = (
    (
        (((0.18, 0.25), (0.46, 0.0), (0.8, 0.2), (0.6, 0.56), (0.15, 0.98), (0.15, 0.98), (0.86, 0.96)),),
        (((0.2, 0.22), (0.5, 0.0), (0.78, 0.25), (0.45, 0.76), (0.2, 0.98), (0.15, 0.82), (0.42, 0.84), (0.86, 0.98)),),
    ),
    (
        (
            (
                (0.18, 0.14),
                (0.52, 0.0),
                (0.78, 0.22),
                (0.44, 0.46),
                (0.44, 0.46),
                (0.84, 0.72),
                (0.5, 1.0),
                (0.14, 0.86),
            ),
        ),
        (((0.2, 0.02), (0.76, 0.03), (0.76, 0.03), (0.42, 0.4), (0.42, 0.4), (0.84, 0.66), (0.5, 1.0), (0.14, 0.88)),),
    ),
    (
        (
            (
                (0.78, 0.02),
                (0.28, 0.03),
                (0.28, 0.03),
                (0.22, 0.45),
                (0.22, 0.45),
                (0.6, 0.38),
                (0.84, 0.68),
                (0.5, 1.0),
                (0.14, 0.88),
            ),
        ),
        (
            ((0.28, 0.04), (0.22, 0.46), (0.22, 0.46), (0.64, 0.4), (0.82, 0.7), (0.46, 1.0), (0.14, 0.9)),
            ((0.28, 0.03), (0.8, 0.0)),
        ),
    ),
    (
        (((0.14, 0.05), (0.84, 0.04), (0.84, 0.04), (0.6, 0.45), (0.42, 1.0)),),
        (((0.14, 0.05), (0.84, 0.04), (0.84, 0.04), (0.58, 0.5), (0.4, 1.0)), ((0.3, 0.54), (0.78, 0.5))),
    ),
    (
        (((0.06, 1.0), (0.5, 0.0), (0.5, 0.0), (0.94, 1.0)), ((0.24, 0.64), (0.78, 0.64))),
        (((0.1, 1.0), (0.2, 0.34), (0.5, 0.0), (0.8, 0.34), (0.9, 1.0)), ((0.15, 0.6), (0.86, 0.6))),
    ),
    (
        (((0.82, 0.02), (0.2, 0.02), (0.2, 0.02), (0.2, 0.98), (0.2, 0.98), (0.84, 0.98)), ((0.2, 0.5), (0.7, 0.48))),
        (((0.82, 0.12), (0.5, 0.0), (0.22, 0.22), (0.56, 0.46), (0.56, 0.46), (0.16, 0.72), (0.5, 1.0), (0.86, 0.86)),),
    ),
    _B,
    _flipped(_B, aside=True, over=False),
    _flipped(_B, aside=False, over=True),
    _flipped(_B, aside=True, over=True),
)


@dataclass(frozen=True)
class _Writer:
    slant: float
    width: float
    pen: float
    ink: float
    careless: float
    forms: NDArray[np.int64]
    habits: int
    """Seeds where this person puts the points of each sign."""


@generator
def make_handwriting(
    n: int, *, seed: int, source: Literal["forms", "notes"] = "forms", writers: int = 10
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Have `n` signs written.

    Args:
        n: Number of pictures; the ten classes differ in number by one at most.
        seed: Any non-negative integer. The same seed draws the same pictures by the same people; another
            seed draws other people.
        source: ``forms`` for upright signs in the middle of the picture; ``notes`` for signs that are turned
            by some 12 degrees, moved by some pixels, and larger or smaller.
        writers: How many people write, each about as often.

    Returns:
        Pictures of shape (n, 32, 32, 1), uint8, dark ink (0) on light paper (255); and labels of shape (n,),
        int64, indices into `CLASSES`, in random order.

    Example:
        >>> pictures, labels = make_handwriting(20, seed=1)
        >>> pictures.shape, pictures.dtype, labels.shape
        ((20, 32, 32, 1), dtype('uint8'), (20,))
    """
    rng = np.random.default_rng(seed)
    people = [_meet(rng) for _ in range(writers)]
    labels = rng.permutation(np.arange(n, dtype=np.int64) % len(CLASSES))
    pictures = np.empty((n, SIZE, SIZE, 1), np.uint8)
    for index, label in enumerate(labels):
        writer = people[rng.integers(writers)]
        pictures[index, :, :, 0] = _photograph(_written(int(label), writer, rng), writer, source, rng)
    return pictures, labels


def draw_sign(label: int, size: int = 64) -> NDArray[np.uint8]:
    """Draw one sign as in a copybook: upright and clean.

    Args:
        label: Index into `CLASSES`.
        size: Height and width in pixels.

    Returns:
        Shape (size, size), uint8: black on white.
    """
    strokes = [_smooth(np.array(stroke)) for stroke in _FORMS[label][0]]
    full = size * _OVERSAMPLING
    placed = [(stroke - 0.5) * (0.5, 0.7) * full + full / 2 for stroke in strokes]
    return 255 - np.asarray(_inked(placed, full, 0.06 * full).reduce(_OVERSAMPLING), np.uint8)


# --- one sign -------------------------------------------------------------------------------------


def _meet(rng: np.random.Generator) -> _Writer:
    return _Writer(
        slant=float(rng.normal(0.1, 0.12)),
        width=float(rng.uniform(0.52, 0.82)),
        pen=float(rng.uniform(1.5, 2.9)),
        ink=float(rng.uniform(110, 205)),
        careless=float(rng.uniform(0.012, 0.03)),
        forms=rng.integers(0, 2, len(CLASSES)),
        habits=int(rng.integers(2**32)),
    )


def _written(label: int, writer: _Writer, rng: np.random.Generator) -> list[NDArray[np.float64]]:
    """Return strokes around (0, 0), about 1 high."""
    habit = np.random.default_rng([writer.habits, label])
    strokes = []
    for stroke in _FORMS[label][writer.forms[label]]:
        points = np.array(stroke)
        places, inverse = np.unique(points, axis=0, return_inverse=True)  # both halves of a corner move together
        moves = habit.normal(0, 0.035, places.shape) + rng.normal(0, writer.careless, places.shape)
        points = points + moves[inverse.reshape(-1)]
        strokes.append(_smooth(points) - 0.5)
    shear = np.array([[writer.width, 0.0], [-writer.slant, 1.0]])
    return [stroke @ shear for stroke in strokes]


def _smooth(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lay a Catmull-Rom curve through the points, with corners where a point stands twice."""
    ends = np.flatnonzero((points[1:] == points[:-1]).all(axis=1))
    pieces = np.split(points, ends + 1)
    return np.concatenate([_curve(piece) for piece in pieces])


def _curve(points: NDArray[np.float64], steps: int = 6) -> NDArray[np.float64]:
    before, after = 2 * points[:1] - points[1:2], 2 * points[-1:] - points[-2:-1]
    p = np.concatenate([before, points, after])
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    a, b, c, d = (p[i : len(p) - 3 + i, None] for i in range(4))
    curve = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - 3 * c + d - a) * t**3)
    return np.concatenate([curve.reshape(-1, 2), points[-1:]])


def _inked(strokes: list[NDArray[np.float64]], size: int, pen: float) -> Image.Image:
    """Draw strokes with a round pen: 255 where there is ink."""
    sheet = Image.new("L", (size, size))
    draw = ImageDraw.Draw(sheet)
    for stroke in strokes:
        pairs = [(x, y) for x, y in stroke.tolist()]
        draw.line(pairs, 255, max(1, round(pen)), joint="curve")
        for x, y in (pairs[0], pairs[-1]):
            draw.ellipse((x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2), 255)
    return sheet


def _photograph(
    strokes: list[NDArray[np.float64]], writer: _Writer, source: str, rng: np.random.Generator
) -> NDArray[np.uint8]:
    loose = source == "notes"
    turn = math.radians(rng.normal(0.0, 12.0 if loose else 2.5))
    height = SIZE * (rng.uniform(0.46, 0.78) if loose else rng.uniform(0.6, 0.68))
    middle = SIZE / 2 + (rng.uniform(-4.5, 4.5, 2) if loose else rng.normal(0, 0.7, 2))
    matrix = height * np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    placed = [(stroke @ matrix + middle) * _OVERSAMPLING for stroke in strokes]
    pen = writer.pen * (height / (0.64 * SIZE)) * _OVERSAMPLING
    ink = np.asarray(_inked(placed, SIZE * _OVERSAMPLING, pen).reduce(_OVERSAMPLING), np.float32) / 255
    ramp = np.linspace(-1, 1, SIZE, dtype=np.float32)
    slope = rng.normal(0, 14.0 if loose else 3.0, 2)
    paper = rng.uniform(185, 245) if loose else rng.uniform(225, 245)
    light = paper + slope[0] * ramp[:, None] + slope[1] * ramp[None, :]
    noise = rng.normal(0, rng.uniform(2, 7) if loose else 2.0, ink.shape)
    return np.asarray((light - min(writer.ink, paper - 40) * ink + noise).clip(0, 255), np.uint8)
