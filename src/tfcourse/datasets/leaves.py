"""Leaves as visitors of a park photograph them: eight trees, picture files of many shapes, drawn, never downloaded.

Invented data; a small model of the real thing. Half of the trees have an outline of their own (oak, maple,
ginkgo, lime); the leaves of the other half (willow, bay, beech, aspen) are plain ovals that differ in how long
they are for their width. Every leaf has its own proportions, bends a little, and may be green, yellow, red or
brown, whatever the tree: colour gives nothing away.

Six photographers send pictures. Each has a camera with a resolution of its own, puts leaves on paper, wood,
soil or stone, likes tight or loose frames, and one sends black-and-white pictures. All of them frame the
leaf: a willow's picture is three times as long as wide, an aspen's is nearly square. Leaves point upwards, or
lie on their side. So a picture's shape says much about the tree, and is lost where pictures are squashed.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from tfcourse.datasets import generator

CLASSES = ("aspen", "bay", "beech", "ginkgo", "lime", "maple", "oak", "willow")
"""Names of the labels 0 to 7, in the order of the alphabet, as folders are."""

Points = NDArray[np.float64]
"""Shape (n, 2): x to the right, y from the leaf's base at 0 towards its tip."""
Colour = tuple[float, float, float]

_OVERSAMPLING = 2
"""Pictures are drawn this many times larger and averaged down, for smooth edges."""
_SHORTEST = 32
"""Pixels of a picture's shorter side, at least."""
_GREENS_TO_BROWNS: tuple[Colour, ...] = (
    (62, 112, 44),
    (88, 138, 52),
    (138, 156, 58),
    (206, 178, 62),
    (204, 128, 48),
    (160, 66, 44),
    (122, 84, 52),
)


@dataclass(frozen=True)
class Photographer:
    """How one person takes pictures.

    Args:
        long_side: Pixels of the longer side, from and to.
        margin: Share of the frame that is left free on each side, from and to.
        ground: What the leaf is put on.
        tilt: Degrees by which leaves lie askew, as a standard deviation.
        light: Factors for red, green and blue.
        grey: Whether the files have one channel.
    """

    long_side: tuple[int, int]
    margin: tuple[float, float]
    ground: str
    tilt: float
    light: Colour
    grey: bool = False


PHOTOGRAPHERS = (
    Photographer((140, 160), (0.04, 0.08), "paper", 2.0, (1.0, 1.0, 1.0)),
    Photographer((120, 160), (0.06, 0.14), "wood", 5.0, (1.08, 1.0, 0.88)),
    Photographer((96, 128), (0.05, 0.12), "soil", 6.0, (0.92, 0.98, 1.08)),
    Photographer((88, 104), (0.08, 0.16), "stone", 5.0, (0.9, 0.95, 1.0)),
    Photographer((100, 150), (0.03, 0.10), "wood", 6.0, (1.0, 0.96, 0.9)),
    Photographer((80, 120), (0.06, 0.12), "paper", 4.0, (1.0, 1.0, 1.0), grey=True),
)
_SHARES = (0.22, 0.2, 0.2, 0.18, 0.14, 0.06)
"""How many of the pictures each photographer sends."""


@generator
def make_leaves(n: int, *, seed: int) -> tuple[NDArray[np.bytes_], NDArray[np.int64]]:
    """Photograph `n` leaves.

    Args:
        n: Number of pictures; the eight classes differ in number by one at most.
        seed: Any non-negative integer. The same seed draws the same pictures.

    Returns:
        JPEG files of shape (n,), dtype S: each element holds the bytes of one file, with a longer side of 80
        to 160 pixels, a shorter side of at least 32, and three channels, seldom one; and labels of shape
        (n,), int64, indices into `CLASSES`, in random order.

    Example:
        >>> files, labels = make_leaves(8, seed=1)
        >>> files.shape, files.dtype.kind, labels.shape
        ((8,), 'S', (8,))
    """
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n, dtype=np.int64) % len(CLASSES))
    files = [_photograph(int(label), rng) for label in labels]
    return np.array(files, dtype=np.bytes_ if files else "S1"), labels


def write_leaves(folder: str | Path, n: int, *, seed: int) -> None:
    """Write `n` pictures of leaves below a folder, one folder for each class.

    Args:
        folder: Is made where it does not exist. Pictures are named ``oak/0001.jpg`` and so on.
        n: Number of pictures, as in `make_leaves`.
        seed: As in `make_leaves`; the pictures are the same.
    """
    files, labels = make_leaves(n, seed=seed)
    seen = dict.fromkeys(CLASSES, 0)
    for name in CLASSES:
        (Path(folder) / name).mkdir(parents=True, exist_ok=True)
    for file, label in zip(files.tolist(), labels, strict=True):
        name = CLASSES[label]
        seen[name] += 1
        (Path(folder) / name / f"{seen[name]:04}.jpg").write_bytes(file)


def draw_leaf(label: int, size: int = 120) -> NDArray[np.uint8]:
    """Draw one leaf as in a book of trees: upright, green, on white.

    Args:
        label: Index into `CLASSES`.
        size: Height and width in pixels.

    Returns:
        Shape (size, size, 3), uint8.
    """
    rng = np.random.default_rng(8)
    leaf = _SPECIES[label](rng, 0.0)
    low, high = leaf.outline.min(axis=0), leaf.outline.max(axis=0)
    scale = 0.8 * size * _OVERSAMPLING / (high - low).max()
    middle = (low + high) / 2
    full = size * _OVERSAMPLING

    def place(points: Points) -> list[tuple[float, float]]:
        moved = (points - middle) * scale * (1, -1) + full / 2
        return [(float(x), float(y)) for x, y in moved]

    page = Image.new("RGB", (full, full), (255, 255, 255))
    draw = ImageDraw.Draw(page)
    draw.line(place(leaf.stalk), (96, 110, 58), max(2, full // 60))
    draw.polygon(place(leaf.outline), (86, 136, 60))
    for vein in leaf.veins:
        draw.line(place(vein), (150, 186, 112), max(1, full // 120))
    return np.asarray(page.reduce(_OVERSAMPLING))


def grow_leaf(name: str, rng: np.random.Generator) -> Leaf:
    """Return a leaf of one of the trees, with proportions of its own and slightly bent.

    Args:
        name: One of `CLASSES`.
        rng: What the leaf is drawn from.
    """
    return _SPECIES[CLASSES.index(name)](rng, rng.normal(0.0, 0.06))


def lay_ground(name: str, height: int, width: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return what a leaf is put on: paper, wood, soil or stone.

    Args:
        name: Which of them.
        height: Pixels.
        width: Pixels.
        rng: What the ground is drawn from.

    Returns:
        Shape (height, width, 3), float32, about 0 to 255.
    """
    return np.ascontiguousarray(np.moveaxis(_GROUNDS[name](height, width, rng), 0, -1), np.float32)


# --- one picture ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Leaf:
    """One leaf's own geometry, about one unit long.

    Args:
        outline: The blade's edge.
        veins: Lines, the midrib first.
        stalk: A line that starts at the blade.
    """

    outline: Points
    veins: list[Points]
    stalk: Points


def _photograph(label: int, rng: np.random.Generator) -> bytes:
    who = PHOTOGRAPHERS[rng.choice(len(PHOTOGRAPHERS), p=_SHARES)]
    leaf = _SPECIES[label](rng, rng.normal(0.0, 0.06))
    lying = rng.choice([0.0, 90.0, -90.0], p=[0.6, 0.2, 0.2])
    turn = math.radians(lying + rng.normal(0.0, who.tilt))
    leaf = _moved(leaf, np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]]) * (1, -1))
    framed = np.concatenate([leaf.outline, leaf.stalk[: len(leaf.stalk) // 2]])
    low, high = framed.min(axis=0), framed.max(axis=0)
    left, right, top, bottom = rng.uniform(*who.margin, size=4)
    low, high = low - (high - low) * (left, top), high + (high - low) * (right, bottom)
    scale = rng.uniform(*who.long_side) / (high - low).max()
    width, height = (max(_SHORTEST, round(float(side * scale))) for side in high - low)
    middle, centre = (low + high) / 2, np.array([width, height]) * _OVERSAMPLING / 2
    pixels = _painted(
        leaf, who, (width, height), lambda points: (points - middle) * scale * _OVERSAMPLING + centre, rng
    )
    picture = Image.fromarray(_lit(pixels, who, rng))
    buffer = io.BytesIO()
    (picture.convert("L") if who.grey else picture).save(buffer, "JPEG", quality=int(rng.integers(80, 93)))
    return buffer.getvalue()


def _moved(leaf: Leaf, matrix: Points) -> Leaf:
    """Return the leaf in picture coordinates: x to the right, y downwards."""
    turned = matrix.T
    return Leaf(leaf.outline @ turned, [vein @ turned for vein in leaf.veins], leaf.stalk @ turned)


def _painted(
    leaf: Leaf, who: Photographer, size: tuple[int, int], place: Callable[[Points], Points], rng: np.random.Generator
) -> NDArray[np.float32]:
    """Paint ground, shadow, leaf and veins; returns shape (3, height, width), 0 to 255."""
    width, height = size
    full = (width * _OVERSAMPLING, height * _OVERSAMPLING)
    long_side = max(full)
    outline, stalk = _pairs(place(leaf.outline)), _pairs(place(leaf.stalk))
    thickness = max(2, round(long_side * rng.uniform(0.010, 0.016)))

    blade, veins, stem = (Image.new("L", full) for _ in range(3))
    ImageDraw.Draw(blade).polygon(outline, 255)
    ImageDraw.Draw(stem).line(stalk, 255, thickness)
    pen = ImageDraw.Draw(veins)
    for number, vein in enumerate(leaf.veins):
        pen.line(_pairs(place(vein)), 255, max(1, thickness * 2 // 3 if number == 0 else thickness // 3))
    away = rng.uniform(0.01, 0.035) * long_side
    direction = rng.uniform(0, 2 * math.pi)
    shadow = Image.new("L", size)
    moved = np.array([math.cos(direction), math.sin(direction)]) * away
    ImageDraw.Draw(shadow).polygon(_pairs((place(leaf.outline) + moved) / _OVERSAMPLING), 255)
    shadow = shadow.filter(ImageFilter.GaussianBlur(rng.uniform(1.0, 2.5)))

    ground = _GROUNDS[who.ground](height, width, rng)
    ground = ground * (1 - rng.uniform(0.3, 0.55) * _share(shadow))
    colour = _colour(ground.mean(axis=(1, 2)), rng)
    lamina = _whole(colour) * (1 + rng.uniform(0.04, 0.14) * _clouds(height, width, 5, rng))
    lighter = rng.uniform(0.15, 0.5) if rng.random() < 0.75 else rng.uniform(-0.35, -0.2)
    vein_colour = colour + (255 - colour) * lighter if lighter > 0 else colour * (1 + lighter)
    over = _share(veins.reduce(_OVERSAMPLING))
    lamina = lamina * (1 - over) + _whole(vein_colour) * over
    stem_share = _share(stem.reduce(_OVERSAMPLING))
    painted = ground * (1 - stem_share) + _whole(0.6 * colour + (40, 28, 10)) * stem_share
    blade_share = _share(blade.reduce(_OVERSAMPLING))
    return np.asarray(painted * (1 - blade_share) + lamina * blade_share, np.float32)


def _colour(ground: Points, rng: np.random.Generator) -> Points:
    """Draw a leaf's colour, of those that can be told from the ground: nobody photographs the others."""
    while True:
        colour = np.array(_GREENS_TO_BROWNS[rng.integers(len(_GREENS_TO_BROWNS))]) * rng.uniform(0.85, 1.15)
        colour += rng.normal(0.0, 8.0, 3)
        if np.abs(colour - ground).sum() > 75:
            return colour


def _lit(pixels: NDArray[np.float32], who: Photographer, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Put light, its fall-off across the picture, and the sensor's noise on a picture."""
    _, height, width = pixels.shape
    slope = rng.normal(0.0, 0.12, 2)
    ramp = 1 + slope[0] * np.linspace(-1, 1, height)[:, None] + slope[1] * np.linspace(-1, 1, width)
    light = _whole(np.array(who.light) * rng.uniform(0.78, 1.12))
    noise = rng.normal(0.0, rng.uniform(1.0, 5.0), (height, width))
    lit = (pixels * ramp * light + noise).clip(0, 255).astype(np.uint8)
    return np.ascontiguousarray(np.moveaxis(lit, 0, -1))


def _pairs(points: Points) -> list[tuple[float, float]]:
    return [(x, y) for x, y in points.tolist()]


def _share(mask: Image.Image) -> NDArray[np.float32]:
    return np.asarray(np.asarray(mask, np.float32) / 255, np.float32)


def _whole(colour: Points) -> Points:
    """Return a colour in a shape that goes with those of pictures, (3, height, width)."""
    return colour[:, None, None]


# --- grounds: shape (3, height, width), 0 to 255; NumPy is far quicker with columns last than with colours last ---


def _clouds(height: int, width: int, cells: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Smooth noise of about unit size, shape (height, width), with `cells` along each side."""
    coarse = Image.fromarray(rng.normal(0.0, 1.0, (cells, cells)).astype(np.float32))
    return np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC), np.float32)


def _paper(height: int, width: int, rng: np.random.Generator) -> NDArray[Any]:
    tint = np.array([232, 230, 222]) + rng.normal(0, 6, 3)
    page = np.broadcast_to(_whole(tint), (3, height, width)).copy()
    if rng.random() < 0.4:  # ruled
        step, start = int(rng.integers(9, 16)), int(rng.integers(0, 9))
        page[:, start::step] = _whole(np.array([168, 186, 214]))
    return page + 3 * _clouds(height, width, 4, rng)


def _wood(height: int, width: int, rng: np.random.Generator) -> NDArray[Any]:
    tint = np.array([(172, 128, 84), (118, 82, 54), (196, 162, 118)][rng.integers(3)])
    along = rng.random() < 0.5
    across = width if along else height
    grain = np.cumsum(rng.normal(0, 1, across))
    grain = (grain - np.linspace(grain[0], grain[-1], across)) / (3 + np.abs(grain).max()) + rng.normal(0, 0.35, across)
    lines = grain[None, :] if along else grain[:, None]
    return np.asarray(_whole(tint) * (1 + 0.16 * lines + 0.06 * _clouds(height, width, 6, rng)))


def _soil(height: int, width: int, rng: np.random.Generator) -> NDArray[Any]:
    tint = np.array([88, 68, 52]) + rng.normal(0, 8, 3)
    crumbs = rng.normal(0, 1, (-(-height // 3), -(-width // 3))).astype(np.float32)
    crumbs = np.asarray(Image.fromarray(crumbs).resize((width, height), Image.Resampling.BILINEAR), np.float32)
    return _whole(tint) * (1 + 0.28 * crumbs + 0.15 * _clouds(height, width, 6, rng))


def _stone(height: int, width: int, rng: np.random.Generator) -> NDArray[Any]:
    tint = np.array([150, 150, 146]) + rng.normal(0, 12)
    specks = rng.normal(0, 1, (height, width))
    return _whole(tint) * (1 + 0.09 * specks + 0.08 * _clouds(height, width, 5, rng))


_GROUNDS: dict[str, Callable[[int, int, np.random.Generator], NDArray[Any]]] = {
    "paper": _paper,
    "wood": _wood,
    "soil": _soil,
    "stone": _stone,
}


# --- trees: the base at (0, 0), the tip near (0, 1), `bend` to one side ---------------------------


def _bent(points: Points, bend: float) -> Points:
    """Move points sideways, most in the middle of the leaf."""
    along = points[:, 1]
    return np.column_stack([points[:, 0] + bend * 4 * along * (1 - along), along])


def _stalk(length: float, bend: float, rng: np.random.Generator, start: float = 0.0) -> Points:
    down = np.linspace(0, 1, 6)
    aside = (rng.normal(0, 0.12) - 2 * bend) * length * down**2
    return np.column_stack([aside, start - length * down])


def _profile_leaf(
    half: Callable[[Points], Points], rng: np.random.Generator, bend: float, pairs: int, stalk: float
) -> Leaf:
    """Build a leaf from its half width along its length, with a midrib and `pairs` of side veins."""
    along = np.linspace(0, 1, 81)
    width = half(along)
    sides = np.concatenate([np.column_stack([width, along]), np.column_stack([-width, along])[::-1]])
    rib = np.column_stack([np.zeros(9), np.linspace(0, 0.97, 9)])
    veins = [rib]
    for start in np.linspace(0.1, 0.8, pairs):
        end = start + 0.13
        reach = 0.85 * float(np.interp(end, along, width))
        for side in (-1, 1):
            veins.append(np.array([[0, start], [side * reach * 0.6, start + 0.055], [side * reach, end]]))
    return Leaf(_bent(sides, bend), [_bent(vein, bend) for vein in veins], _stalk(stalk, bend, rng))


def _oval(low: float, high: float) -> Callable[[np.random.Generator, float], Leaf]:
    """Return a tree whose leaves are plain ovals, with half widths from `low` to `high` of their length."""

    def grow(rng: np.random.Generator, bend: float) -> Leaf:
        wide, lean, blunt = rng.uniform(low, high), rng.uniform(0.86, 1.06), rng.uniform(0.72, 0.95)
        teeth, depth = rng.integers(14, 22), rng.uniform(0.0, 0.05)

        def half(along: Points) -> Points:
            saw = 1 + depth * (2 * (teeth * along % 1) - 1)
            return np.asarray(wide * np.sin(np.pi * along**lean).clip(0) ** blunt * saw)

        return _profile_leaf(half, rng, bend * 0.8, int(rng.integers(5, 8)), rng.uniform(0.1, 0.3))

    return grow


def _oak(rng: np.random.Generator, bend: float) -> Leaf:
    wide, lobes, deep = rng.uniform(0.27, 0.34), rng.uniform(3.2, 4.2), rng.uniform(0.34, 0.46)
    phase = rng.uniform(-0.4, 0.4)

    def half(along: Points) -> Points:
        wave = 1 + deep * np.cos(2 * np.pi * lobes * along + phase)
        return np.asarray(wide * np.sin(np.pi * along**1.25).clip(0) ** 0.7 * wave)

    return _profile_leaf(half, rng, bend, 4, 0.12)


def _polar(angles: Points, radii: Points, stretch: float = 1.0) -> Points:
    """Return points at `angles` from the tip's direction, in radians."""
    return np.column_stack([stretch * radii * np.sin(angles), radii * np.cos(angles)])


def _lime(rng: np.random.Generator, bend: float) -> Leaf:
    angles = np.linspace(-np.pi, np.pi, 121)
    tip, skew = rng.uniform(0.28, 0.42), rng.normal(0, 0.04)
    radii = 0.42 * (1 + np.cos(angles)) ** 0.75 * 1.19 * (1 + skew * np.sin(angles)) + tip * np.exp(
        -np.abs(angles) / 0.16
    )
    radii *= 1 + 0.02 * (2 * (28 * angles / np.pi % 1) - 1)
    wide = rng.uniform(1.0, 1.16)
    rays = [np.array([[0.0, 0.0], *_polar(np.array([a]), np.array([r]), wide)]) for a, r in _RAYS_OF_LIME]
    return Leaf(_bent(_polar(angles, radii, wide), bend / 2), rays, _stalk(0.45, bend, rng))


_RAYS_OF_LIME = ((0.0, 1.0), (-0.55, 0.75), (0.55, 0.75), (-1.1, 0.55), (1.1, 0.55))
_MAPLE = (
    *((0, 1.0), (9, 0.74), (17, 0.76), (29, 0.44), (40, 0.7), (52, 0.96), (63, 0.66), (70, 0.64)),
    *((84, 0.4), (96, 0.5), (108, 0.64), (124, 0.36), (158, 0.2), (180, 0.08)),
)
"""Degrees from the tip, and distance from the base, along one half of a maple's outline."""


def _maple(rng: np.random.Generator, bend: float) -> Leaf:
    degrees, radii = np.array(_MAPLE).T
    deep = rng.uniform(0.85, 1.1)
    halves = []
    for side in (1, -1):
        own = radii * rng.normal(1.0, 0.045, len(radii))
        own[[3, 8]] *= deep
        own[0] = 1.0
        halves.append(_polar(side * np.radians(degrees), own, rng.uniform(0.94, 1.04)))
    outline = np.concatenate([halves[0], halves[1][::-1]])
    rays = [
        np.array([[0.0, 0.0], *_polar(np.radians([angle]), np.array([reach]))])
        for angle, reach in ((0, 0.92), (52, 0.86), (-52, 0.86), (108, 0.55), (-108, 0.55))
    ]
    return Leaf(_bent(outline, bend / 2), rays, _stalk(0.55, bend, rng))


def _ginkgo(rng: np.random.Generator, bend: float) -> Leaf:
    spread, notch = math.radians(rng.uniform(50, 68)), rng.uniform(0.12, 0.45)
    angles = np.linspace(-spread, spread, 61)
    waves = 0.03 * np.sin(angles * rng.uniform(9, 14) + rng.uniform(0, 6))
    radii = 0.95 + waves - notch * np.exp(-(((angles - rng.normal(0, 0.06)) / 0.06) ** 2))
    outline = np.concatenate([[[0.0, 0.0]], _polar(angles, radii), [[0.0, 0.0]]])
    rays = [
        np.array([[0.0, 0.0], *_polar(np.array([a]), np.array([0.85]))]) for a in np.linspace(-spread, spread, 9)[1:-1]
    ]
    return Leaf(_bent(outline, bend / 2), rays, _stalk(0.6, bend, rng))


_SPECIES: tuple[Callable[[np.random.Generator, float], Leaf], ...] = (
    _oval(0.44, 0.53),
    _oval(0.16, 0.20),
    _oval(0.27, 0.34),
    _ginkgo,
    _lime,
    _maple,
    _oak,
    _oval(0.06, 0.085),
)
