"""Leaves that gardeners photograph because something is wrong with them: five ailments, and none. Drawn pictures.

Invented data; a small model of the real thing, on leaves of three trees (`tfcourse.datasets.leaves`). The tree, the
leaf's colour, the way it lies and what it lies on say nothing about what ails it:

=========  =======================================================================================================
chewed     caterpillars took bites from the edge and holes from the middle; the ground shows through
healthy    nothing
mildewed   soft white patches lie on the leaf
mined      a larva ate its way within the leaf: a pale winding track that grows wider
rusty      small brown dots, scattered over the leaf
scorched   dry and brown from the edge inwards, on one side more than on the other
=========  =======================================================================================================

Each ailment is there a little or a lot. On every leaf, healthy ones too, there may be crumbs of dirt, a gleam of
light, and a shade that differs from place to place.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from tfcourse.datasets import generator
from tfcourse.datasets.camera import Array, clouds, from_side_to_side, over, photographed, share_of, tint
from tfcourse.datasets.leaves import Leaf, grow_leaf

CLASSES = ("chewed", "healthy", "mildewed", "mined", "rusty", "scorched")
"""Names of the labels 0 to 5, in the order of the alphabet, as folders are."""

Rng = np.random.Generator

_TREES = ("aspen", "beech", "lime")
_OVERSAMPLING = 2
_COLOURS = ((62, 112, 44), (88, 138, 52), (120, 150, 60), (150, 160, 66))


@generator
def make_sick_leaves(n: int, *, seed: int) -> tuple[list[bytes], NDArray[np.int64]]:
    """Photograph `n` leaves.

    Args:
        n: Number of pictures; the six classes differ in number by one at most.
        seed: Any non-negative integer. The same seed draws the same pictures.

    Returns:
        JPEG files with three channels, whose longer side has 84 to 132 pixels, and whose shorter side has at
        least 40; and labels of shape (n,), int64, indices into `CLASSES`, in random order.

    Example:
        >>> files, labels = make_sick_leaves(12, seed=1)
        >>> len(files), labels.shape
        (12, (12,))
    """
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n, dtype=np.int64) % len(CLASSES))
    return [_photograph(CLASSES[label], rng) for label in labels], labels


def _photograph(ailment: str, rng: Rng) -> bytes:
    leaf = grow_leaf(_TREES[rng.integers(len(_TREES))], rng)
    outline, veins, stalk, (width, height) = _framed(leaf, rng)
    long = max(width, height)

    blade = Image.new("L", (width * _OVERSAMPLING, height * _OVERSAMPLING))
    ImageDraw.Draw(blade).polygon(_flat(outline * _OVERSAMPLING), 255)
    if ailment == "chewed":
        _chew(blade, outline, rng)
    whole = blade.reduce(_OVERSAMPLING)
    share = share_of(whole)

    ground = (_stone if rng.random() < 0.33 else _paper)(height, width, rng)
    shadow = whole.filter(ImageFilter.BoxBlur(2)).transform(
        whole.size, Image.Transform.AFFINE, (1, 0, rng.normal(0, 0.02) * long, 0, 1, rng.normal(0, 0.02) * long)
    )
    ground *= 1 - np.float32(rng.uniform(0.25, 0.5)) * share_of(shadow)

    colour = _colour(ground, rng)
    lamina = colour * (1 + np.float32(rng.uniform(0.04, 0.12)) * clouds(height, width, 5, rng))
    lines = Image.new("L", (width, height))
    pen = ImageDraw.Draw(lines)
    for vein in veins:
        pen.line(_flat(vein), int(rng.integers(110, 220)), 1)
    vein_colour = colour + (235 - colour) * np.float32(rng.uniform(0.15, 0.45))
    lamina = over(lamina, vein_colour, share_of(lines))
    if ailment in _PAINTERS:
        lamina = _PAINTERS[ailment](lamina, whole, colour, rng)
    if rng.random() < 0.3:
        lamina = _gleam(lamina, rng)

    stem = Image.new("L", (width, height))
    ImageDraw.Draw(stem).line(_flat(stalk), 255, max(1, round(0.015 * long)))
    pixels = over(over(ground, 0.6 * colour + 20, share_of(stem)), lamina, share)
    pixels = _dirt(pixels, rng)
    return photographed(pixels, rng, light=(0.75, 1.12), cast=0.04, blurred=0.4, blur=(0.3, 0.8))


def _paper(height: int, width: int, rng: Rng) -> Array:
    page: Array = tint(rng.normal((232, 230, 222), 6)) + 3 * clouds(height, width, 4, rng)
    if rng.random() < 0.4:  # ruled
        step, start = int(rng.integers(9, 16)), int(rng.integers(0, 9))
        page[:, start::step] = tint((168, 186, 214))
    return page


def _stone(height: int, width: int, rng: Rng) -> Array:
    specks = 0.09 * rng.standard_normal((height, width), np.float32)
    return tint(rng.normal(0, 12) + np.array((150, 150, 146))) * (1 + specks + 0.08 * clouds(height, width, 5, rng))


def _framed(leaf: Leaf, rng: Rng) -> tuple[Array, list[Array], Array, tuple[int, int]]:
    """Turn a leaf any way and frame it: outline, veins and stalk in pixels, and the picture's width and height."""
    turn = rng.uniform(0, 2 * math.pi)
    matrix = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    outline, stalk, veins = leaf.outline @ matrix, leaf.stalk @ matrix, [vein @ matrix for vein in leaf.veins]
    low, high = outline.min(axis=0), outline.max(axis=0)
    margins = rng.uniform(0.02, 0.16, (2, 2))
    low, high = low - (high - low) * margins[0], high + (high - low) * margins[1]
    scale = rng.uniform(84, 132) / (high - low).max()
    width, height = (max(40, math.floor(float(side * scale))) for side in high - low)
    shift = np.array([width, height]) / 2 - (low + high) / 2 * scale
    return outline * scale + shift, [vein * scale + shift for vein in veins], stalk * scale + shift, (width, height)


# --- what ails a leaf -------------------------------------------------------------------------------


def _chew(blade: Image.Image, outline: Array, rng: Rng) -> None:
    """Take bites from the edge, each of a few scallops, and holes from the middle."""
    draw = ImageDraw.Draw(blade)
    long = max(blade.size)
    for _ in range(rng.integers(4, 9)):
        x, y = outline[rng.integers(len(outline))] * _OVERSAMPLING
        for _ in range(rng.integers(2, 5)):
            radius = rng.uniform(0.035, 0.075) * long
            draw.circle((x, y), radius, 0)
            x, y = x + rng.normal(0, 0.9) * radius, y + rng.normal(0, 0.9) * radius
    for x, y in _points_on(blade, int(rng.integers(1, 6)), rng):
        radius = rng.uniform(0.02, 0.05) * long
        for _ in range(2):
            draw.circle((x + rng.normal(0, 0.6) * radius, y + rng.normal(0, 0.6) * radius), radius, 0)


def _mildew(lamina: Array, blade: Image.Image, colour: Array, rng: Rng) -> Array:
    patches = Image.new("L", blade.size)
    draw = ImageDraw.Draw(patches)
    long = max(blade.size)
    for x, y in _points_on(blade, int(rng.integers(5, 13)), rng):
        radius = rng.uniform(0.04, 0.09) * long
        draw.circle((x, y), radius, 255)
        draw.circle((x + rng.normal(0, radius), y + rng.normal(0, radius)), 0.7 * radius, 220)
    soft = share_of(patches.filter(ImageFilter.BoxBlur(0.025 * long)))
    powder = 0.8 + 0.2 * rng.standard_normal(soft.shape, np.float32)
    return over(lamina, tint((226, 228, 222)), soft * powder.clip(0, 1) * np.float32(rng.uniform(0.65, 0.95)))


def _mine(lamina: Array, blade: Image.Image, colour: Array, rng: Rng) -> Array:
    track = Image.new("L", blade.size)
    pen = ImageDraw.Draw(track)
    long = max(blade.size)
    for x, y in _points_on(blade, int(rng.integers(2, 5)), rng):
        heading, bend = rng.uniform(0, 2 * math.pi), 0.0
        steps = int(rng.integers(22, 45))
        inside = blade.load()
        for step in range(steps):
            bend = 0.75 * bend + rng.normal(0, 0.28)
            heading += bend
            ahead_x, ahead_y = x + 0.022 * long * math.cos(heading), y + 0.022 * long * math.sin(heading)
            if not (0 <= ahead_x < blade.width and 0 <= ahead_y < blade.height) or not inside[ahead_x, ahead_y]:
                heading += rng.choice([-1.6, 1.6])
                continue
            pen.line((x, y, ahead_x, ahead_y), 255, 2 + round(0.03 * long * (step + 4) / steps))
            x, y = ahead_x, ahead_y
    pale = colour + (tint((226, 214, 170)) - colour) * np.float32(rng.uniform(0.7, 0.95))
    return over(lamina, pale, share_of(track.filter(ImageFilter.BoxBlur(0.5))) * np.float32(rng.uniform(0.8, 1.0)))


def _rust(lamina: Array, blade: Image.Image, colour: Array, rng: Rng) -> Array:
    dots = Image.new("L", (blade.width * _OVERSAMPLING, blade.height * _OVERSAMPLING))
    draw = ImageDraw.Draw(dots)
    long = max(dots.size)
    for x, y in _points_on(blade, int(rng.integers(30, 90)), rng):
        radius = rng.uniform(0.014, 0.026) * long
        draw.circle((x * _OVERSAMPLING, y * _OVERSAMPLING), radius, 255)
    brown = tint([(132, 62, 24), (96, 52, 26), (70, 44, 30)][rng.integers(3)])
    return over(lamina, brown, share_of(dots.reduce(_OVERSAMPLING)) * np.float32(rng.uniform(0.7, 0.95)))


def _scorch(lamina: Array, blade: Image.Image, colour: Array, rng: Rng) -> Array:
    _, height, width = lamina.shape
    reach = rng.uniform(0.06, 0.16) * max(width, height)
    edge = 1 - share_of(blade.filter(ImageFilter.BoxBlur(reach)))
    turn = rng.uniform(0, 2 * math.pi)
    side = math.cos(turn) * from_side_to_side(width) + math.sin(turn) * from_side_to_side(height)[:, None]
    dry = edge + np.float32(rng.uniform(0.2, 0.45)) * side + 0.08 * clouds(height, width, 9, rng) - 0.3
    brown = tint([(128, 88, 52), (162, 122, 80), (98, 66, 44)][rng.integers(3)])
    return over(lamina, brown * (1 + 0.1 * clouds(height, width, 12, rng)), (dry * 9).clip(0, 0.9))


_PAINTERS = {"mildewed": _mildew, "mined": _mine, "rusty": _rust, "scorched": _scorch}


def _points_on(blade: Image.Image, count: int, rng: Rng) -> list[tuple[float, float]]:
    """Draw points that lie on the blade."""
    rows, columns = np.nonzero(np.asarray(blade) > 200)
    chosen = rng.integers(len(rows), size=count)
    return [(float(columns[at]), float(rows[at])) for at in chosen]


# --- light and dirt ---------------------------------------------------------------------------------


def _colour(ground: Array, rng: Rng) -> Array:
    """Draw a leaf's colour, of those that can be told from the ground."""
    mean = ground.mean(axis=(1, 2))
    while True:
        colour = np.array(_COLOURS[rng.integers(len(_COLOURS))]) * rng.uniform(0.8, 1.15) + rng.normal(0, 8.0, 3)
        if np.abs(colour - mean).sum() > 75:
            return tint(colour)


def _gleam(lamina: Array, rng: Rng) -> Array:
    """Let the light be mirrored in a broad part of the leaf."""
    _, height, width = lamina.shape
    across, down = (
        np.exp(-(((from_side_to_side(side) - np.float32(rng.uniform(-0.6, 0.6))) / np.float32(0.45)) ** 2))
        for side in (width, height)
    )
    return over(lamina, tint((240, 244, 246)), across * down[:, None] * np.float32(rng.uniform(0.1, 0.25)))


def _dirt(pixels: Array, rng: Rng) -> Array:
    """Strew crumbs over the picture, on the leaf and beside it."""
    _, height, width = pixels.shape
    crumbs = Image.new("L", (width, height))
    draw = ImageDraw.Draw(crumbs)
    for x, y, size in rng.uniform(0, 1, (rng.integers(0, 5), 3)):
        draw.circle((x * width, y * height), 0.6 + 1.2 * size, 200)
    tone = tint((60, 48, 38) if rng.random() < 0.7 else (200, 194, 180))
    return over(pixels, tone, share_of(crumbs) * np.float32(0.8))


def _flat(points: Array) -> list[float]:
    """Return the form of points that Pillow draws fastest: x, y, x, y and so on."""
    flat: list[float] = points.ravel().tolist()
    return flat
