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
from functools import cache
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
_RAMP = np.linspace(-1, 1, SIZE, dtype=np.float32)

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
    path = _path(label, 0)
    strokes = path.strokes(path.smooth(path.points))
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
    path = _path(label, int(writer.forms[label]))
    habit = np.random.default_rng([writer.habits, label])
    moves = habit.normal(0, 0.035, (path.places, 2)) + rng.normal(0, writer.careless, (path.places, 2))
    shear = np.array([[writer.width, 0.0], [-writer.slant, 1.0]])
    return path.strokes((path.smooth(path.points + moves[path.place]) - 0.5) @ shear)


@dataclass(frozen=True)
class _Path:
    """The strokes of a form, one after the other, and what a curve through them needs to know of them.

    Args:
        points: Shape (n, 2).
        place: Of each point; both halves of a corner have one, and move together.
        places: How many there are.
        ends: First, second, last but one and last point of each piece between corners, shape (4, pieces).
        windows: Four points for each stretch of curve: the one before, its two ends, the one after. Counted through
            `points`, then the points before each piece, then those after it. Shape (4, stretches).
        order: Of the points of the curve, counted through all stretches, then `points`.
        lengths: Points of the curve of each stroke.
    """

    points: NDArray[np.float64]
    place: NDArray[np.intp]
    places: int
    ends: NDArray[np.intp]
    windows: NDArray[np.intp]
    order: NDArray[np.intp]
    lengths: tuple[int, ...]

    def smooth(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Lay a Catmull-Rom curve through the points, with corners where a point stands twice."""
        first, second, last_but_one, last = points[self.ends]
        p = np.concatenate([points, 2 * first - second, 2 * last - last_but_one])
        a, b, c, d = p[self.windows][:, :, None]
        t, t2, t3 = _POWERS
        curve = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t2 + (3 * b - 3 * c + d - a) * t3)
        return np.concatenate([curve.reshape(-1, 2), points])[self.order]

    def strokes(self, curve: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        """Cut what `smooth` returned into strokes."""
        return np.split(curve, np.cumsum(self.lengths[:-1])) if len(self.lengths) > 1 else [curve]


_STEPS = 6
"""Points of a curve from one point of a stroke to the next."""
_T = np.linspace(0, 1, _STEPS, endpoint=False)[None, :, None]
_POWERS = (_T, _T**2, _T**3)


@cache
def _path(label: int, form: int) -> _Path:
    strokes = [np.array(stroke) for stroke in _FORMS[label][form]]
    pieces = [piece for stroke in strokes for piece in _pieces(stroke)]
    total = sum(map(len, strokes))
    place: list[NDArray[np.intp]] = []
    ends, windows, order = [], [], []
    places = start = stretch = 0
    for stroke in strokes:
        found, inverse = np.unique(stroke, axis=0, return_inverse=True)
        place.append(places + inverse.reshape(-1))
        places += len(found)
    for number, piece in enumerate(pieces):
        own = np.arange(start, start + len(piece))
        ends.append(own[[0, 1, -2, -1]])
        around = np.concatenate([[total + number], own, [total + len(pieces) + number]])
        windows.append(np.stack([around[at : at + len(piece) - 1] for at in range(4)]))
        order += [*range(stretch, stretch + _STEPS * (len(piece) - 1)), -total + start + len(piece) - 1]
        stretch += _STEPS * (len(piece) - 1)
        start += len(piece)
    lengths = tuple(sum(_STEPS * (len(piece) - 1) + 1 for piece in _pieces(stroke)) for stroke in strokes)
    return _Path(
        np.concatenate(strokes),
        np.concatenate(place),
        places,
        np.stack(ends, axis=1),
        np.concatenate(windows, axis=1),
        np.array(order),
        lengths,
    )


def _pieces(stroke: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Cut a stroke at its corners, where a point stands twice."""
    return np.split(stroke, np.flatnonzero((stroke[1:] == stroke[:-1]).all(axis=1)) + 1)


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
    slope = rng.normal(0, 14.0 if loose else 3.0, 2)
    paper = rng.uniform(185, 245) if loose else rng.uniform(225, 245)
    light = paper + slope[0] * _RAMP[:, None] + slope[1] * _RAMP
    noise = rng.normal(0, rng.uniform(2, 7) if loose else 2.0, ink.shape)
    return np.asarray((light - min(writer.ink, paper - 40) * ink + noise).clip(0, 255), np.uint8)
