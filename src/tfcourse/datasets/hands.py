"""Hands that hold up fingers, as a phone's camera sees them: none to five. Drawn pictures of many shapes.

Invented data; a small model of the real thing. Left hands and right hands, seen from either side, reach into the
picture from below, more or less askew. Fingers are stretched or folded; *which* ones is up to the person, as in life:
some count from the thumb and some from the index finger. Skin, sleeves, rooms and light vary. So it is the number of
fingers that tells the class, and neither place nor colour nor how much of the picture the hand fills.
"""

from __future__ import annotations

import io
import math
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from tfcourse.datasets import generator

CLASSES = ("five", "four", "none", "one", "three", "two")
"""Names of the labels 0 to 5, in the order of the alphabet, as folders are."""

Array = NDArray[Any]
Rng = np.random.Generator
Colour = tuple[int, int, int]
Thumb = Literal["left", "right", "either"]
"""On which side of the picture a thumb is: the palm of a left hand and the back of a right one have it on the left."""

_WAYS: dict[str, tuple[tuple[str, float], ...]] = {
    "none": (("", 1.0),),
    "one": (("i", 0.95), ("t", 0.05)),
    "two": (("im", 0.9), ("ti", 0.1)),
    "three": (("imr", 0.9), ("tim", 0.1)),
    "four": (("imrp", 1.0),),
    "five": (("timrp", 1.0),),
}
"""Which fingers are stretched, and how often: t, i, m, r, p for thumb, index, middle, ring and little finger."""
_FINGERS = {"i": (-0.36, 13.0, 0.92), "m": (-0.12, 3.0, 1.02), "r": (0.12, -6.0, 0.94), "p": (0.35, -17.0, 0.74)}
"""Where a finger grows from, in palms to the right of the middle; how it is spread, in degrees; its length."""
_SKIN: tuple[Colour, ...] = (
    (244, 208, 180),
    (226, 178, 142),
    (198, 146, 106),
    (160, 110, 76),
    (118, 78, 54),
    (82, 56, 44),
)
_ROOMS: tuple[Colour, ...] = (
    (216, 206, 190),
    (150, 160, 170),
    (96, 110, 96),
    (176, 136, 104),
    (70, 74, 88),
    (204, 186, 160),
)


@generator
def make_hands(n: int, *, seed: int, thumb: Thumb = "either") -> tuple[list[bytes], NDArray[np.int64]]:
    """Photograph `n` hands.

    Args:
        n: Number of pictures; the six classes differ in number by one at most.
        seed: Any non-negative integer. The same seed draws the same pictures.
        thumb: On which side of the picture the thumb is, stretched or folded.

    Returns:
        PNG files with three channels, 72 to 120 pixels wide and high; and labels of shape (n,), int64, indices
        into `CLASSES`, in random order.

    Example:
        >>> files, labels = make_hands(12, seed=1)
        >>> len(files), labels.shape
        (12, (12,))
    """
    pictures, labels = photograph_hands(n, seed=seed, thumb=thumb)
    return [_png(picture) for picture in pictures], labels


@generator
def photograph_hands(n: int, *, seed: int, thumb: Thumb = "either") -> tuple[list[Image.Image], NDArray[np.int64]]:
    """Photograph `n` hands, and write no files: the same pictures as those of `make_hands`, in a third of the time.

    Args:
        n: As in `make_hands`.
        seed: As in `make_hands`.
        thumb: As in `make_hands`.
    """
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n, dtype=np.int64) % len(CLASSES))
    return [_photograph(CLASSES[label], thumb, rng) for label in labels], labels


def _photograph(number: str, thumb: Thumb, rng: Rng) -> Image.Image:
    ways = _WAYS[number]
    stretched = ways[rng.choice(len(ways), p=[share for _, share in ways])][0]
    width, height = (int(side) for side in rng.integers(72, 121, 2))
    picture = _room(width, height, rng)
    _Hand(picture, thumb, rng).draw(stretched)
    return _exposed(picture, rng)


class _Hand:
    """Draws one hand, part by part, from what is behind to what is before."""

    def __init__(self, picture: Image.Image, thumb: Thumb, rng: Rng) -> None:
        self.rng = rng
        self.draw_line = ImageDraw.Draw(picture).line
        self.draw_disc = ImageDraw.Draw(picture).circle
        self.size = rng.uniform(0.4, 0.47) * min(picture.size)  # of the palm
        side = rng.choice([-1.0, 1.0])
        if thumb != "either":
            side = 1.0 if thumb == "left" else -1.0
        turn = math.radians(rng.normal(-10 * side, 8))  # an arm comes from its own side, and leans to the other
        self.right = np.array([math.cos(turn), math.sin(turn)]) * side
        self.up = np.array([math.sin(turn), -math.cos(turn)])
        width, height = picture.size
        self.middle = np.array([(rng.uniform(0.43, 0.57) + 0.06 * side) * width, rng.uniform(0.64, 0.74) * height])
        skin = _skin(_planes(picture).mean(axis=(1, 2)), rng)
        self.skin, self.edge = _rgb(skin), _rgb(skin * rng.uniform(0.58, 0.75))
        self.fold = _rgb(skin * rng.uniform(0.86, 0.95))

    def draw(self, stretched: str) -> None:
        rng = self.rng
        seen_from_behind = rng.random() < 0.4
        self._bone([(0.0, -0.2), (rng.normal(0, 0.1), -3.2)], 0.72, self.skin)
        if rng.random() < 0.7:  # a sleeve
            sleeve = rng.integers(20, 230, 3).astype(float)
            self._bone([(0.0, -rng.uniform(0.9, 1.3)), (0.0, -3.4)], 0.95, _rgb(sleeve), _rgb(sleeve * 0.7))
        spread = rng.uniform(1.2, 1.9)
        for name, (x, angle, length) in _FINGERS.items():
            if name in stretched:
                lean = math.radians(angle * spread + rng.normal(0, 3))
                self._finger((x, 0.36), lean, length * rng.uniform(0.9, 1.1), 0.21)
        if "t" in stretched:
            self._finger((-0.4, -0.2), math.radians(rng.uniform(42, 68)), 0.88 * rng.uniform(0.9, 1.1), 0.27)
        self._palm()
        folded = [name for name in _FINGERS if name not in stretched]
        for name in folded:  # knuckles, or finger tips on the palm
            x, _, _ = _FINGERS[name]
            end = 0.02 if seen_from_behind else -0.1
            self._bone([(x * 0.98, 0.42), (x * 0.9, 0.22 + end)], 0.235, self.skin if seen_from_behind else self.fold)
        if "t" not in stretched and not (seen_from_behind and rng.random() < 0.6):
            across = rng.uniform(0.0, 0.25)
            self._bone([(-0.46, -0.22), (-0.38, 0.02), (across - 0.1, 0.08 * rng.normal(1, 0.5))], 0.25, self.fold)

    def _at(self, x: float, y: float) -> tuple[float, float]:
        point = self.middle + (self.right * x + self.up * y) * self.size
        return float(point[0]), float(point[1])

    def _finger(self, start: tuple[float, float], lean: float, length: float, thick: float) -> None:
        bend = self.rng.normal(0, 0.1)
        (x, y), points = start, [start]
        for share, angle in ((0.5, lean), (0.5, lean + bend)):
            x, y = x - math.sin(angle) * length * share, y + math.cos(angle) * length * share
            points.append((x, y))
        self._bone(points, thick, self.skin)

    def _palm(self) -> None:
        corners = ((-0.3, 0.3), (0.3, 0.3), (0.24, -0.38), (-0.24, -0.38))
        self._bone([*corners, corners[0], corners[2]], 0.46, self.skin)

    def _bone(
        self, points: list[tuple[float, float]], thick: float, colour: Colour, edge: Colour | None = None
    ) -> None:
        """Draw a thick line with round ends and a dark edge."""
        places = [self._at(*point) for point in points]
        rim = max(0.6, 0.028 * self.size)
        for shade, radius in ((edge or self.edge, thick * self.size / 2 + rim), (colour, thick * self.size / 2)):
            self.draw_line(places, shade, max(1, round(2 * radius)))
            for place in places:
                self.draw_disc(place, radius, shade)


def _skin(room: Array, rng: Rng) -> Array:
    """Draw a skin's colour, of those that can be told from the room: a player looks for such a place."""
    while True:
        skin = np.array(_SKIN[rng.integers(len(_SKIN))]) * rng.uniform(0.9, 1.1) + rng.normal(0, 5, 3)
        if np.abs(skin - room).sum() > 170:
            return skin


def _room(width: int, height: int, rng: Rng) -> Image.Image:
    """Draw what is behind a hand, out of focus: a wall, furniture, pictures, lamps, stripes of a curtain or a fence."""
    room = Image.new("RGB", (width, height), _near(_ROOMS[rng.integers(len(_ROOMS))], 14, rng))
    draw = ImageDraw.Draw(room)
    for _ in range(rng.integers(1, 5)):
        x, y = rng.uniform(-0.2, 0.9, 2)
        wide, high = rng.uniform(0.1, 0.6, 2)
        box = (x * width, y * height, (x + wide) * width, (y + high) * height)
        colour = _near(_ROOMS[rng.integers(len(_ROOMS))] if rng.random() < 0.7 else (190, 140, 110), 30, rng)
        (draw.rectangle if rng.random() < 0.65 else draw.ellipse)(box, colour)
    if rng.random() < 0.1:
        colour, step = _near(_SKIN[rng.integers(len(_SKIN))], 24, rng), rng.uniform(0.08, 0.2) * width
        x = rng.uniform(0, 0.5) * width
        lean = rng.normal(0, 0.2) * height
        for at in range(rng.integers(2, 7)):
            draw.line((x + at * step, 0, x + at * step + lean, height), colour, max(2, round(0.4 * step)))
    return room.filter(ImageFilter.BoxBlur(rng.uniform(3.0, 6.0)))


def _exposed(picture: Image.Image, rng: Rng) -> Image.Image:
    picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 0.8)))
    width, height = picture.size
    slope = rng.normal(0.0, 0.1, 2)
    ramp = 1 + slope[0] * np.linspace(-1, 1, height)[:, None] + slope[1] * np.linspace(-1, 1, width)
    light = (rng.uniform(0.75, 1.15) * rng.normal(1, 0.05, 3)).astype(np.float32)
    noise = rng.standard_normal((height, width), np.float32) * np.float32(rng.uniform(1, 4))
    shot = _planes(picture).astype(np.float32) * ramp.astype(np.float32) * light[:, None, None] + noise
    return Image.merge("RGB", [Image.fromarray(plane) for plane in shot.clip(0, 255).astype(np.uint8)])


def _planes(picture: Image.Image) -> NDArray[np.uint8]:
    """Return a picture's colours apart, shape (3, height, width): NumPy takes planes several times as fast."""
    return np.ascontiguousarray(np.asarray(picture).transpose(2, 0, 1))


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()


def _near(colour: Colour, spread: float, rng: Rng) -> Colour:
    return _rgb(np.array(colour) + rng.normal(0, spread) + rng.normal(0, spread / 3, 3))


def _rgb(colour: Array) -> Colour:
    red, green, blue = (int(min(255, max(0, part))) for part in colour)
    return red, green, blue
