"""Surfaces seen from close by: walls, cloth, metal, ground. Invented pictures, drawn and never downloaded.

A small model of what a camera a metre above the ground sees. Two problems live in one world:

- **`KINDS`**, twenty surfaces of a catalogue (bricks, bark, linen …), of which there are as many pictures as one
  likes: what a backbone is trained on, see `tfcourse.datasets.backbone`;
- **`GROUNDS`**, six other surfaces that a sweeping robot drives over, of which its makers have a few pictures each.

No ground is among the kinds, but all are made of the same things: joints, cracks, grains, fibres, bumps. Each
picture draws its surface anew, in a colour of its own, and varies what a camera varies: heading (any), height,
tilt, the sun's direction and strength, a shadow's edge, blur, the colour of the light, the sensor's noise. The
grounds share their colours (greys, browns, reds, sand), so colour alone says little about them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from tfcourse.datasets import generator

SIZE = 48
"""Height and width of a picture, in pixels."""

Array = NDArray[Any]
Rng = np.random.Generator
Colour = tuple[int, int, int]
Surface = tuple[Array, Array]
"""Colours, shape (3, 72, 72), 0 to 1; and heights in pixels of a picture, shape (72, 72)."""
Painter = Callable[[Rng, Array, Array], Surface]
"""Paints a surface on a plane whose coordinates are given, each of shape (72, 72), in pixels of a picture."""

_SCENE = 72
"""Surfaces are painted at this size and averaged down, for smooth edges."""
_LATTICE = 64
"""Random patterns repeat after this many cells, which no picture shows."""


@generator
def make_surfaces(n: int, *, seed: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Draw `n` pictures of the twenty surfaces of the catalogue.

    Args:
        n: Number of pictures; the kinds differ in number by one at most.
        seed: Any non-negative integer. The same seed draws the same pictures.

    Returns:
        Pictures of shape (n, 48, 48, 3), uint8, channels red, green, blue from 0 to 255; and labels of
        shape (n,), int64, indices into `KINDS`, in random order.
    """
    return _make(n, seed, tuple(_KIND_PAINTERS.values()))


@generator
def make_grounds(n: int, *, seed: int, colours: int | None = None) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Draw `n` pictures of the six grounds that the sweeping robot has to tell apart.

    Args:
        n: Number of pictures; the grounds differ in number by one at most.
        seed: Any non-negative integer. The same seed draws the same pictures.
        colours: In how many of its colours each ground is met, as on a short walk through one part of a town;
            the seed decides which. Default: in all of them.

    Returns:
        Pictures of shape (n, 48, 48, 3), uint8, channels red, green, blue from 0 to 255; and labels of
        shape (n,), int64, indices into `GROUNDS`, in random order.

    Example:
        >>> pictures, labels = make_grounds(12, seed=1)
        >>> pictures.shape, pictures.dtype, labels.shape
        ((12, 48, 48, 3), dtype('uint8'), (12,))
    """
    return _make(n, seed, tuple(_GROUND_PAINTERS.values()), colours)


class _Walk(np.random.Generator):
    """Chance on a walk that meets each surface in some of its colours only."""

    def __init__(self, seed: int, colours: int) -> None:
        super().__init__(np.random.PCG64(seed))
        self.label = 0
        self._colours = colours
        self._part_of_town = int(self.integers(2**31))

    def met(self, choices: tuple[Colour, ...]) -> tuple[Colour, ...]:
        """Return those of a surface's colours that are met."""
        order = np.random.default_rng([self._part_of_town, self.label]).permutation(len(choices))
        return tuple(choices[place] for place in order[: self._colours])


def _make(
    n: int, seed: int, painters: tuple[Painter, ...], colours: int | None = None
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    rng = np.random.default_rng(seed) if colours is None else _Walk(seed, colours)
    labels = rng.permutation(np.arange(n, dtype=np.int64) % len(painters))
    pictures = np.empty((n, SIZE, SIZE, 3), np.uint8)
    for index, label in enumerate(labels):
        if isinstance(rng, _Walk):
            rng.label = int(label)
        u, v = _plane(rng)
        surface, heights = painters[label](rng, u, v)
        pictures[index] = _photograph(surface, heights, rng)
    return pictures, labels


# --- the camera -------------------------------------------------------------------------------------


@cache
def _grid() -> tuple[Array, Array]:
    steps = ((np.arange(_SCENE) + 0.5) / _SCENE - 0.5).astype(np.float32) * np.float32(SIZE)
    x, y = np.meshgrid(steps, steps)
    return x, y


def _plane(rng: Rng) -> tuple[Array, Array]:
    """Return where on the surface each pixel looks: any heading, a slightly tilted camera."""
    x, y = _grid()
    depth = np.float32(1) + np.float32(rng.uniform(-0.25, 0.25) / SIZE) * 2 * y
    angle = rng.uniform(0, 2 * math.pi)
    cosine, sine = np.float32(math.cos(angle)), np.float32(math.sin(angle))
    shift = rng.uniform(0, 400, 2).astype(np.float32)
    return (cosine * x - sine * y) * depth + shift[0], (sine * x + cosine * y) * depth + shift[1]


def _photograph(colours: Array, heights: Array, rng: Rng) -> NDArray[np.uint8]:
    """Light the surface from one side, and expose the picture."""
    x, y = _grid()
    angle, strength = rng.uniform(0, 2 * math.pi), rng.uniform(0.12, 0.5)
    slope_y, slope_x = np.gradient(heights, np.float32(SIZE / _SCENE))
    relief = (slope_x * np.float32(math.cos(angle)) + slope_y * np.float32(math.sin(angle))).clip(-1.5, 1.5)
    light = 1 + np.float32(strength) * relief
    fall = rng.normal(0, 0.004, 2).astype(np.float32)
    light += fall[0] * x + fall[1] * y
    if rng.random() < 0.3:  # the edge of a shadow
        direction = rng.uniform(0, 2 * math.pi)
        across = x * np.float32(math.cos(direction)) + y * np.float32(math.sin(direction))
        light *= 1 - np.float32(rng.uniform(0.25, 0.55)) * _step(across, rng.uniform(-16, 16), rng.uniform(1, 5))
    tint = (rng.uniform(0.72, 1.2) * rng.normal(1, 0.035, (3, 1, 1))).astype(np.float32)
    pixels = (colours * tint * light * 255).clip(0, 255).astype(np.uint8)
    image = Image.fromarray(np.ascontiguousarray(np.moveaxis(pixels, 0, -1)), "RGB")
    image = image.resize((SIZE, SIZE), Image.Resampling.BOX)
    blur = rng.uniform(0, 0.7)
    if blur > 0.25:
        image = image.filter(ImageFilter.GaussianBlur(blur))
    noise = rng.standard_normal((SIZE, SIZE, 3), np.float32) * np.float32(rng.uniform(2, 8))
    exposed: NDArray[np.uint8] = (np.asarray(image, np.float32) + noise).clip(0, 255).astype(np.uint8)
    return exposed


# --- patterns that surfaces are made of -------------------------------------------------------------


def _about(rng: Rng, size: float, spread: float = 0.3) -> np.float32:
    """Return a size near `size`: the camera is sometimes higher, and makers differ."""
    return np.float32(size * math.exp(rng.uniform(-spread, spread)))


def _step(values: Array, at: float, width: float) -> Array:
    """Rise smoothly from 0 to 1 around `at`."""
    share = ((values - np.float32(at - width / 2)) / np.float32(width)).clip(0, 1)
    smooth: Array = share * share * (3 - 2 * share)
    return smooth


def _floor(values: Array) -> tuple[NDArray[np.intp], Array]:
    """Return the cell that each value lies in, and where in it, 0 to 1."""
    low = np.floor(values)
    return low.astype(np.intp), values - low


def _wrapped(cells: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the remainder by `_LATTICE`, a power of 2, without a division."""
    return cells & (_LATTICE - 1)


def _of_cell(rng: Rng, i: NDArray[np.intp], j: NDArray[np.intp]) -> Array:
    """Return one random number from 0 to 1 for each cell."""
    found: Array = rng.random(_LATTICE * _LATTICE, np.float32)[_wrapped(i) * _LATTICE + _wrapped(j)]
    return found


def _cloud(rng: Rng, grain: float, octaves: int = 3) -> Array:
    """Return smooth random heights around 0, mostly from −1 to 1, with spots of `grain` pixels and finer ones."""
    total = np.zeros((_SCENE, _SCENE), np.float32)
    for octave in range(octaves):
        count = max(4, math.ceil(SIZE / grain * 2**octave) + 2)
        coarse = Image.fromarray(rng.standard_normal((count, count), np.float32), "F")
        total += np.asarray(coarse.resize((_SCENE, _SCENE), Image.Resampling.BICUBIC)) * np.float32(0.5**octave)
    return total * np.float32(0.6)


def _noise(rng: Rng, u: Array, v: Array) -> Array:
    """Return smooth random values from 0 to 1 on a lattice of the plane itself: turns and stretches with it."""
    (i, a), (j, b) = _floor(u), _floor(v)
    a, b = a * a * (3 - 2 * a), b * b * (3 - 2 * b)
    table = rng.random(_LATTICE * _LATTICE, np.float32)
    top, below = _wrapped(i) * _LATTICE, _wrapped(i + 1) * _LATTICE
    left, right = _wrapped(j), _wrapped(j + 1)
    upper = table[top + left] * (1 - b) + table[top + right] * b
    lower = table[below + left] * (1 - b) + table[below + right] * b
    smooth: Array = upper * (1 - a) + lower * a
    return smooth


def _cells(rng: Rng, u: Array, v: Array, jitter: float = 0.9) -> tuple[Array, Array, Array]:
    """Cut the plane into irregular cells of about one unit: distance to the centre, to the border, a random tone."""
    (i, a), (j, b) = _floor(u), _floor(v)
    offsets = ((rng.random((2, _LATTICE * _LATTICE), np.float32) - 0.5) * jitter + 0.5).astype(np.float32)
    tones = rng.random(_LATTICE * _LATTICE, np.float32)
    nearest = np.full_like(u, 9)
    second = np.full_like(u, 9)
    owner = np.zeros(u.shape, np.intp)
    columns = [(_wrapped(j + dj), dj - b) for dj in (-1, 0, 1)]
    for di in (-1, 0, 1):
        row, down = _wrapped(i + di) * _LATTICE, di - a
        for column, right in columns:
            index = row + column
            distance = (offsets[0][index] + down) ** 2 + (offsets[1][index] + right) ** 2
            second = np.minimum(second, np.maximum(nearest, distance))
            owner = np.where(distance < nearest, index, owner)
            nearest = np.minimum(nearest, distance)
    first = np.sqrt(nearest)
    return first, np.sqrt(second) - first, tones[owner]


def _courses(u: Array, v: Array, shift: float) -> tuple[NDArray[np.intp], NDArray[np.intp], Array, Array]:
    """Lay stones of one unit in rows, each row shifted against the last: row, column, and where in the stone."""
    row, b = _floor(v)
    column, a = _floor(u + np.float32(shift) * (row % 2))
    return row, column, a, b


def _edge(a: Array, b: Array, width: float = 1, height: float = 1) -> Array:
    """Return the distance to the nearest side of a stone, in units of the plane."""
    distance: Array = np.minimum(np.minimum(a, 1 - a) * np.float32(width), np.minimum(b, 1 - b) * np.float32(height))
    return distance


def _strokes(
    rng: Rng, count: int, length: float, width: float, spread: float, *, blunt: bool
) -> tuple[Array, Array, Array]:
    """Strew chips or blades over each other: tone of the uppermost one (0 to 1), its height, its kind (0 to 1)."""
    large = 2 * _SCENE
    scale = large / SIZE
    image = Image.new("RGB", (large, large))  # tone, height and kind in place of red, green and blue
    paint = ImageDraw.Draw(image).polygon
    heading = rng.uniform(0, 2 * math.pi)
    x, y = rng.uniform(-12, large + 12, (2, count))
    angles = heading + rng.normal(0, spread, count)
    halves, wides = (size * scale / 2 * np.exp(rng.normal(0, 0.3, count)) for size in (length, width))
    shades, sorts = rng.integers(0, 256, count).tolist(), rng.integers(0, 256, count).tolist()
    end = 1.0 if blunt else 0.15
    ax, ay = np.cos(angles) * halves, np.sin(angles) * halves
    bx, by = -np.sin(angles) * wides, np.cos(angles) * wides
    corners = np.stack(
        [
            *(x - ax - bx, y - ay - by),
            *(x + ax - end * bx, y + ay - end * by),
            *(x + ax + end * bx, y + ay + end * by),
            *(x - ax + bx, y - ay + by),
        ],
        axis=1,
    ).tolist()
    for at in range(count):
        paint(corners[at], (shades[at], 40 + 215 * at // count, sorts[at]))
    tone, height, kind = np.moveaxis(np.asarray(image.reduce(2), np.float32) / 255, -1, 0)
    return tone, height, kind


def _colour(rng: Rng, *choices: Colour, spread: float = 0.06) -> Array:
    """Return one of some colours, lighter or darker and a little off, as numbers from 0 to 1, shape (3, 1, 1)."""
    met = rng.met(choices) if isinstance(rng, _Walk) else choices
    chosen = np.array(met[rng.integers(len(met))])[:, None, None] / 255
    hue = rng.normal(1, spread / 2, (3, 1, 1))
    return (chosen * math.exp(rng.normal(0, 2 * spread)) * hue + 0.01).clip(0.03, 1).astype(np.float32)


def _mix(one: Array, other: Array, share: Array) -> Array:
    mixed: Array = one + (other - one) * share
    return mixed


def _toned(colour: Array, tone: Array, amount: float) -> Array:
    """Make a colour darker where `tone` is 0 and lighter where it is 1."""
    toned: Array = colour * (1 + np.float32(amount) * (tone - 0.5))
    return toned


# --- the catalogue ----------------------------------------------------------------------------------


def _bricks(rng: Rng, u: Array, v: Array) -> Surface:
    size = _about(rng, 7)
    row, column, a, b = _courses(u / (2 * size), v / size, 0.5)
    stone = _step(_edge(a, b, width=2), rng.uniform(0.07, 0.13), 0.1)
    brick = _colour(rng, (158, 78, 58), (176, 106, 74), (122, 66, 58), (196, 170, 140), (130, 128, 126))
    mortar = _colour(rng, (196, 190, 180), (150, 146, 140), (96, 92, 88))
    grain = _cloud(rng, 3)
    face = _toned(brick, _of_cell(rng, row, column) + 0.25 * grain, 0.5)
    return _mix(np.broadcast_to(mortar, face.shape), face, stone), stone * 1.2 + 0.12 * grain


def _tiles(rng: Rng, u: Array, v: Array) -> Surface:
    size = _about(rng, 12)
    row, column, a, b = _courses(u / size, v / size, 0)
    tile = _step(_edge(a, b), rng.uniform(0.03, 0.06), 0.05)
    one = _colour(rng, (226, 226, 220), (104, 150, 170), (60, 110, 96), (196, 140, 96), (70, 72, 78), (222, 206, 170))
    other = one if rng.random() < 0.6 else _colour(rng, (240, 240, 236), (40, 42, 46), (150, 60, 50))
    grout = _colour(rng, (210, 208, 202), (120, 118, 114), (70, 68, 66))
    checks = ((row + column) % 2).astype(np.float32)
    face = _toned(_mix(one, other, checks), _of_cell(rng, row, column) + 0.15 * _cloud(rng, 12), 0.1)
    return _mix(np.broadcast_to(grout, face.shape), face, tile), tile * 0.8


def _planks(rng: Rng, u: Array, v: Array) -> Surface:
    size = _about(rng, 9)
    row, b = _floor(v / size)
    column, a = _floor(u / (size * 6) + _of_cell(rng, row, row * 0))
    board = _step(_edge(a, b, width=6), 0.04, 0.06)
    own = _of_cell(rng, row, column)
    wave = 0.8 * _noise(rng, u / 16, v / 6)
    grain = _noise(rng, u / (1.4 * size) + 7 * own, v * np.float32(5.5) / size + wave)
    wood = _colour(rng, (176, 124, 76), (128, 84, 52), (206, 170, 122), (150, 142, 132), (92, 62, 44))
    gap = _colour(rng, (44, 34, 28), (60, 52, 46))
    face = _toned(wood, 0.5 * own + 0.6 * grain, 0.55)
    return _mix(np.broadcast_to(gap, face.shape), face, board), board * 0.8 + 0.25 * grain


def _gravel(rng: Rng, u: Array, v: Array) -> Surface:
    size = _about(rng, 4.2)
    centre, border, tone = _cells(rng, u / size, v / size)
    stone = _step(border, 0.08, 0.16)
    rock = _colour(rng, (150, 146, 140), (170, 150, 128), (104, 104, 108), (190, 184, 174))
    facets = _cloud(rng, 2.5, 2)
    face = _toned(rock, tone + 0.2 * facets, 1.0)
    return face * (0.35 + 0.65 * stone), stone * 1.1 + 0.7 * facets - 0.5 * centre


def _linen(rng: Rng, u: Array, v: Array) -> Surface:
    size = _about(rng, 2.9, 0.25)
    (i, a), (j, b) = _floor(u / size), _floor(v / size)
    over = ((i + j) % 2).astype(np.float32)
    bow_a, bow_b = np.sin(np.float32(math.pi) * a), np.sin(np.float32(math.pi) * b)
    height = over * bow_b * (0.5 + 0.5 * bow_a) + (1 - over) * bow_a * (0.5 + 0.5 * bow_b)
    warp = _colour(rng, (206, 194, 168), (84, 104, 146), (150, 64, 60), (120, 130, 96), (226, 222, 212))
    weft = (warp * rng.uniform(0.75, 1.05)).astype(np.float32)
    slub = _noise(rng, i.astype(np.float32) * 0.9 + 0.5, v / 9) - 0.5
    face = _toned(_mix(warp, weft, over), 0.5 + slub, 0.4)
    return face * (0.55 + 0.45 * height), height * 0.8


def _wicker(rng: Rng, u: Array, v: Array) -> Surface:
    size = _about(rng, 4.5)
    row, b = _floor(v / size)
    x = u / (2.4 * size) + np.float32(0.5) * (row % 2)
    bulge = 0.5 + 0.5 * np.cos(np.float32(2 * math.pi) * x)
    bow = np.sin(np.float32(math.pi) * b)
    height = bow * (0.25 + 0.75 * bulge)
    rod = _colour(rng, (186, 142, 88), (140, 96, 58), (214, 186, 140), (108, 78, 56))
    column, _ = _floor(x)
    fibre = _noise(rng, u / 9, v * np.float32(4) / size)
    face = _toned(rod, 0.6 * _of_cell(rng, row, column) + 0.4 * fibre, 0.45)
    return face * (0.3 + 0.7 * height), height * 2.2


def _knit(rng: Rng, u: Array, v: Array) -> Surface:
    size = _about(rng, 5.5)
    column, a = _floor(u / size)
    row, b = _floor(v / (0.8 * size) + np.abs(a - 0.5) * np.float32(1.6))
    bow = np.sin(np.float32(math.pi) * b) * np.sqrt(np.abs(np.sin(np.float32(2 * math.pi) * a)))
    one = _colour(rng, (180, 60, 62), (70, 92, 130), (206, 196, 176), (92, 120, 90), (120, 110, 116), (206, 150, 60))
    other = one if rng.random() < 0.5 else _colour(rng, (230, 224, 212), (60, 62, 76), (150, 70, 90))
    stripe = ((row // int(rng.integers(1, 4))) % 2).astype(np.float32)
    face = _toned(_mix(one, other, stripe), 0.5 + 0.5 * _cloud(rng, 2, 2), 0.3)
    return face * (0.4 + 0.6 * bow), bow * 1.4 + 0.0 * column


def _cork(rng: Rng, u: Array, v: Array) -> Surface:
    size = _about(rng, 3.6)
    _, border, tone = _cells(rng, u / size, v / size)
    cork = _colour(rng, (190, 140, 90), (164, 114, 72), (206, 164, 116))
    dark = (tone > 0.86).astype(np.float32) * 0.6
    face = _toned(cork, 0.7 * tone + 0.35 * _cloud(rng, 9) + 0.2, 0.4) * (1 - dark)
    return face * (0.86 + 0.14 * _step(border, 0.05, 0.1)), 0.25 * tone + 0.2 * _cloud(rng, 2, 2)


def _grass(rng: Rng, u: Array, v: Array) -> Surface:
    tone, height, kind = _strokes(rng, 260, float(_about(rng, 15)), float(_about(rng, 1.2)), 0.55, blunt=False)
    green = _colour(rng, (92, 136, 54), (70, 112, 50), (130, 148, 70))
    dry = _colour(rng, (186, 172, 104), (150, 150, 80))
    face = _toned(_mix(green, dry, (kind > rng.uniform(0.65, 0.98)).astype(np.float32)), tone, 0.9)
    return face * (0.25 + 0.75 * height), height * 1.5 + 0 * u + 0 * v


def _rust(rng: Rng, u: Array, v: Array) -> Surface:
    spots = _cloud(rng, float(_about(rng, 14)), 5)
    eaten = _step(spots, rng.uniform(-0.3, 0.4), rng.uniform(0.15, 0.4))
    paint = _colour(rng, (96, 116, 130), (150, 152, 150), (70, 100, 80), (176, 160, 120), (110, 50, 46))
    rust = _colour(rng, (140, 72, 36), (164, 88, 44), (104, 54, 34))
    corroded = _toned(rust, 0.5 + 0.7 * _cloud(rng, 4, 4), 0.7)
    painted = np.broadcast_to(paint, corroded.shape)
    return _mix(painted, corroded, eaten), -0.9 * eaten + 0.5 * eaten * _cloud(rng, 2, 2) + 0 * u + 0 * v


def _marble(rng: Rng, u: Array, v: Array) -> Surface:
    size = _about(rng, 15)
    warp = _cloud(rng, 20, 4) * np.float32(rng.uniform(0.5, 1.0))
    veins = 1 - np.abs(np.sin(np.float32(math.pi) * (u / size + 1.6 * warp)))
    fine = 1 - np.abs(np.sin(np.float32(math.pi) * (v / (0.6 * size) + 2.2 * _cloud(rng, 14, 4))))
    stone = _colour(rng, (232, 230, 224), (60, 66, 64), (214, 196, 176), (170, 104, 90), (90, 120, 104))
    vein = _colour(rng, (120, 120, 124), (220, 216, 206), (96, 76, 62))
    share = (0.8 * _step(veins, 0.85, 0.3) + 0.45 * _step(fine, 0.9, 0.18)).clip(0, 1)
    face = _toned(stone, 0.5 + 0.5 * _cloud(rng, 16), 0.2)
    return _mix(face, np.broadcast_to(vein, face.shape), share), 0.05 * share


def _sand(rng: Rng, u: Array, v: Array) -> Surface:
    size = _about(rng, 7, 0.4)
    ripple = np.sin(np.float32(2 * math.pi) * (v / size + 0.5 * _cloud(rng, 22, 2)) + 0 * u)
    depth = np.float32(rng.uniform(0.3, 1.0))
    sand = _colour(rng, (208, 182, 136), (186, 158, 116), (222, 204, 168), (150, 138, 120))
    grains = rng.standard_normal((_SCENE, _SCENE), np.float32)
    return _toned(sand, 0.5 + 0.12 * grains + 0.1 * ripple * depth, 0.7), depth * ripple * size / 9 + 0.08 * grains


def _corrugated_iron(rng: Rng, u: Array, v: Array) -> Surface:
    size = _about(rng, 7)
    wave = np.sin(np.float32(2 * math.pi) * u / size)
    iron = _colour(rng, (150, 156, 160), (176, 178, 176), (96, 116, 112), (130, 70, 54))
    rust = _colour(rng, (138, 78, 44), (116, 66, 44))
    streaks = _step(_noise(rng, u / 4, v / 26) + 0.3 * _cloud(rng, 6), rng.uniform(0.6, 1.0), 0.3)
    sheet = np.broadcast_to(iron, (3, *u.shape))
    return _mix(sheet, np.broadcast_to(rust, sheet.shape), streaks) * (0.8 + 0.2 * wave), wave * size / 5


def _leather(rng: Rng, u: Array, v: Array) -> Surface:
    size = _about(rng, 3.8)
    bend = _cloud(rng, 10, 2) * np.float32(0.8)
    _, border, tone = _cells(rng, u / size + bend, v / size + bend, 0.8)
    pad = _step(border, 0.12, 0.3)
    hide = _colour(rng, (116, 70, 44), (60, 46, 42), (160, 106, 66), (120, 40, 38), (196, 170, 138))
    face = _toned(hide, 0.5 + 0.4 * _cloud(rng, 18), 0.35)
    return face * (0.62 + 0.38 * pad), pad * 0.7 + 0.15 * tone


def _bark(rng: Rng, u: Array, v: Array) -> Surface:
    size = _about(rng, 4.5)
    bend = _cloud(rng, 14, 3)
    ridges = 1 - np.abs(2 * _noise(rng, u / (4.5 * size) + 0.2 * bend, v / size + 0.9 * bend) - 1)
    fine = _noise(rng, u / (1.2 * size), v / (0.4 * size) + bend)
    bark = _colour(rng, (116, 92, 72), (92, 78, 66), (146, 130, 112), (126, 84, 60))
    moss = _colour(rng, (104, 116, 66), (128, 130, 84))
    height = 0.7 * ridges + 0.3 * fine
    grown = _step(_cloud(rng, 14), rng.uniform(0.4, 1.2), 0.4) * 0.7
    face = _toned(_mix(bark, moss, grown), height, 0.6)
    return face * (0.25 + 0.75 * _step(height, 0.4, 0.6)), height * 3.0


def _slates(rng: Rng, u: Array, v: Array) -> Surface:
    size = _about(rng, 9)
    row, b = _floor(v / (0.75 * size))
    column, a = _floor(u / size + np.float32(0.5) * (row % 2))
    above, c = _floor(u / size + np.float32(0.5) * ((row - 1) % 2))
    rim = np.sqrt((c - 0.5) ** 2 + (0.62 * b) ** 2)
    upper = rim < 0.48
    tone = np.where(upper, _of_cell(rng, row - 1, above), _of_cell(rng, row, column))
    border = np.where(upper, 0.48 - rim, np.minimum(a, 1 - a))
    slate = _colour(rng, (92, 98, 108), (112, 84, 78), (76, 84, 80), (164, 92, 66), (130, 126, 122))
    shadow = np.where(upper, np.float32(1), 0.45 + 0.55 * _step(rim, 0.56, 0.16))
    shadow = shadow * (0.5 + 0.5 * _step(border, 0.02, 0.06))
    face = _toned(slate, tone + 0.25 * _cloud(rng, 3), 0.45)
    return face * shadow.astype(np.float32), np.where(upper, 1.4 - 0.5 * rim, 0.6).astype(np.float32)


def _terrazzo(rng: Rng, u: Array, v: Array) -> Surface:
    size = _about(rng, 4.6)
    _, border, tone = _cells(rng, u / size, v / size, 1.0)
    chip = _step(border, rng.uniform(0.12, 0.3), 0.05) * (tone > rng.uniform(0.15, 0.5))
    cement = _colour(rng, (216, 210, 200), (168, 166, 162), (80, 82, 84), (196, 176, 158))
    colours = np.stack([_colour(rng, (60, 58, 58), (240, 236, 228), (168, 100, 74), (110, 126, 110)) for _ in range(4)])
    chosen = np.moveaxis(colours[((tone * 997) % 4).astype(np.intp), :, 0, 0], -1, 0)
    ground = _toned(cement, 0.5 + 0.4 * _cloud(rng, 2, 2), 0.15)
    return ground + (chosen - ground) * chip.astype(np.float32), np.zeros_like(u)


def _wire_mesh(rng: Rng, u: Array, v: Array) -> Surface:
    size = _about(rng, 8)
    wave = 0.06 * np.sin(np.float32(2 * math.pi) * u / size)
    (_, a), (_, b) = _floor(u / size), _floor(v / size + wave)
    thick = rng.uniform(0.07, 0.14)
    distance = np.minimum(np.abs(a - 0.5), np.abs(b - 0.5))
    wire = 1 - _step(distance, thick, 0.05)
    metal = _colour(rng, (190, 192, 194), (140, 146, 140), (70, 100, 76), (120, 78, 56))
    behind = _colour(rng, (60, 76, 50), (52, 50, 50), (130, 120, 104), (96, 112, 128))
    back = _toned(behind, 0.5 + 0.7 * _cloud(rng, 9), 0.8)
    bow = np.sqrt((1 - (distance / np.float32(thick)) ** 2).clip(0, 1))
    return _mix(back, np.broadcast_to(metal, back.shape) * (0.6 + 0.4 * bow), wire), 1.4 * bow


def _perforated_steel(rng: Rng, u: Array, v: Array) -> Surface:
    size = _about(rng, 6.5)
    x, y, _, _ = _hexagon(u / size, v / size)
    hole = 1 - _step(np.sqrt(x * x + y * y), rng.uniform(0.24, 0.36), 0.06)
    steel = _colour(rng, (164, 168, 172), (120, 124, 128), (196, 196, 192), (76, 90, 110))
    brushed = _noise(rng, u / 14, v * np.float32(1.6))
    face = _toned(steel, 0.4 * brushed + 0.3 + 0.2 * _cloud(rng, 20), 0.4)
    dark = _colour(rng, (30, 30, 32), (48, 44, 40), (66, 70, 66))
    return _mix(face, np.broadcast_to(dark, face.shape), hole), -1.2 * hole


def _quilt(rng: Rng, u: Array, v: Array) -> Surface:
    size = _about(rng, 13)
    (i, a), (j, b) = _floor(u / size), _floor(v / size)
    cushion = np.sqrt(np.abs(np.sin(np.float32(math.pi) * a) * np.sin(np.float32(math.pi) * b)))
    one = _colour(rng, (210, 190, 170), (120, 140, 170), (170, 80, 90), (80, 84, 92), (196, 176, 96), (110, 140, 110))
    other = one if rng.random() < 0.5 else _colour(rng, (236, 230, 220), (90, 70, 100), (60, 90, 110))
    patches = (_of_cell(rng, i, j) > 0.5).astype(np.float32)
    crumple = _cloud(rng, 5, 2)
    face = _toned(_mix(one, other, patches), 0.5 + 0.2 * crumple, 0.3)
    return face * (0.65 + 0.35 * cushion), cushion * 3.4 + 0.5 * crumple


# --- the grounds ------------------------------------------------------------------------------------

_STONES: tuple[Colour, ...] = (
    (150, 146, 140),
    (112, 110, 110),
    (156, 104, 84),
    (184, 158, 124),
    (128, 112, 96),
    (96, 84, 76),
)
"""Colours that all six grounds are drawn in: greys, a brick's red, sand, browns."""


def _hexagon(u: Array, v: Array) -> tuple[Array, Array, Array, Array]:
    """Return, for a plane of hexagons of one unit, where in its hexagon a point lies, and the hexagon's centre."""
    tall = np.float32(math.sqrt(3))
    x1, y1 = u - np.round(u), v - tall * np.round(v / tall)
    x2, y2 = u - np.floor(u) - np.float32(0.5), v - tall * (np.floor(v / tall) + np.float32(0.5))
    nearer = x1 * x1 + y1 * y1 < x2 * x2 + y2 * y2
    x, y = np.where(nearer, x1, x2), np.where(nearer, y1, y2)
    return x, y, u - x, v - y


def _hexagonal_slabs(rng: Rng, u: Array, v: Array) -> Surface:
    size = _about(rng, 13)
    x, y, centre_x, centre_y = _hexagon(u / size, v / size)
    side = np.maximum(np.abs(x), np.abs(x) * np.float32(0.5) + np.abs(y) * np.float32(math.sqrt(3) / 2))
    slab = _step(0.5 - side, rng.uniform(0.03, 0.07), 0.06)
    tone = _of_cell(rng, np.round(2 * centre_x).astype(np.intp), np.round(centre_y * 1.1547).astype(np.intp))
    return _stonework(rng, slab, tone, height=0.9)


def _herringbone(rng: Rng, u: Array, v: Array) -> Surface:
    size = _about(rng, 6.5)
    (i, a), (j, b) = _floor(u / size), _floor(v / size)
    part = (i - j) % 4  # 0 and 1: left and right half of a lying stone; 3 and 2: lower and upper half of a standing one
    lying = part < 2
    along = np.where(lying, a + (part == 1), b + (part == 2)) / 2
    across = np.where(lying, b, a)
    stone = _step(_edge(along, across, width=2).astype(np.float32), rng.uniform(0.05, 0.11), 0.1)
    tone = _of_cell(rng, i - (part == 1), j - (part == 2) + 17 * lying)
    return _stonework(rng, stone, tone, height=0.9)


def _cobbles(rng: Rng, u: Array, v: Array) -> Surface:
    size = _about(rng, 8)
    row, b = _floor(v / size + 0.12 * _cloud(rng, 16, 2))
    stretch = np.float32(0.85) + np.float32(0.3) * _of_cell(rng, row, row * 0)
    column, a = _floor(u / size * stretch + 7 * _of_cell(rng, row, row * 0 + 1) + 0.12 * _cloud(rng, 12, 2))
    dome = (1 - np.abs(2 * a - 1) ** 3) * (1 - np.abs(2 * b - 1) ** 3)
    stone = _step(dome, rng.uniform(0.25, 0.4), 0.3)
    colours, height = _stonework(rng, stone, _of_cell(rng, row, column), height=0)
    return colours, height + 2.6 * np.sqrt(dome)


def _cracked_earth(rng: Rng, u: Array, v: Array) -> Surface:
    size = _about(rng, 13)
    bend = 0.14 * _cloud(rng, 6, 3)
    _, border, tone = _cells(rng, u / size + bend, v / size - bend, 0.95)
    flake = _step(border, rng.uniform(0.05, 0.12), 0.07)
    return _stonework(rng, flake, 0.5 + 0.3 * (tone - 0.5), height=1.0, dark_joints=True)


def _wood_chips(rng: Rng, u: Array, v: Array) -> Surface:
    tone, height, kind = _strokes(rng, 150, float(_about(rng, 8.5)), float(_about(rng, 3.4)), 9, blunt=True)
    wood = _colour(rng, *_STONES)
    bark = (wood * rng.uniform(0.6, 0.85)).astype(np.float32)
    fibre = _cloud(rng, 2, 2)
    face = _toned(_mix(wood, bark, (kind > 0.6).astype(np.float32)), tone + 0.25 * fibre, 0.6)
    return face * (0.35 + 0.65 * height), height * 4 + 0.3 * fibre + 0 * u + 0 * v


def _pebbles(rng: Rng, u: Array, v: Array) -> Surface:
    size = _about(rng, 6.5)
    centre, border, tone = _cells(rng, u / size, v / (size * np.float32(rng.uniform(0.75, 1))), 0.85)
    stone = _step(border, rng.uniform(0.1, 0.18), 0.12)
    dome = np.sqrt((1 - centre * centre * np.float32(1.6)).clip(0, 1))
    colours, height = _stonework(rng, stone, tone, height=0)
    return colours, height + 3.0 * dome * stone


def _stonework(rng: Rng, stone: Array, tone: Array, *, height: float, dark_joints: bool = False) -> tuple[Array, Array]:
    """Colour stones of different tones with joints between them: `stone` is 1 on a stone and 0 in a joint."""
    rock = _colour(rng, *_STONES)
    lightness = rng.uniform(0.25, 0.5) if dark_joints else rng.uniform(0.3, 1.15)
    joint = (_colour(rng, *_STONES) * lightness).clip(0, 1).astype(np.float32)
    grain = _cloud(rng, 2.5, 2)
    patina = _cloud(rng, 18, 2)
    face = _toned(rock, tone + 0.3 * grain + 0.25 * patina, rng.uniform(0.2, 0.6))
    filling = _toned(joint, 0.5 + 0.3 * grain, 0.4)
    return _mix(filling, face, stone), np.float32(height) * stone + 0.22 * grain


_KIND_PAINTERS: dict[str, Painter] = {
    "bricks": _bricks,
    "tiles": _tiles,
    "planks": _planks,
    "gravel": _gravel,
    "linen": _linen,
    "wicker": _wicker,
    "knitting": _knit,
    "cork": _cork,
    "grass": _grass,
    "rust": _rust,
    "marble": _marble,
    "sand": _sand,
    "corrugated iron": _corrugated_iron,
    "leather": _leather,
    "bark": _bark,
    "slates": _slates,
    "terrazzo": _terrazzo,
    "wire mesh": _wire_mesh,
    "perforated steel": _perforated_steel,
    "quilt": _quilt,
}
_GROUND_PAINTERS: dict[str, Painter] = {
    "hexagonal slabs": _hexagonal_slabs,
    "herringbone": _herringbone,
    "cobbles": _cobbles,
    "cracked earth": _cracked_earth,
    "wood chips": _wood_chips,
    "pebbles": _pebbles,
}

KINDS: tuple[str, ...] = tuple(_KIND_PAINTERS)
"""Names of the labels 0 to 19 of `make_surfaces`."""
GROUNDS: tuple[str, ...] = tuple(_GROUND_PAINTERS)
"""Names of the labels 0 to 5 of `make_grounds`."""
