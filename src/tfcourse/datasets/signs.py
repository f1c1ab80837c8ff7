"""Road signs as a camera behind a windscreen sees them: ten classes, drawn, never downloaded.

A small model of the real thing. Signs follow European practice: families share a shape and a colour
(red discs and rings, red-rimmed triangles, blue discs), and members of a family differ only in what is
inside: three speed limits in their first digit, two arrows in their direction. Each picture puts one
sign somewhere into a street, a country road or a forest edge, and varies what varies outdoors: place,
distance, angle, light, fading paint, blur, leaves or a branch in front, sensor noise. The scenes hold
red cars, blue vans and yellow walls, so colour alone gives no class away.
"""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from tfcourse.datasets import generator

CLASSES = (
    "speed limit 30",
    "speed limit 50",
    "speed limit 80",
    "stop",
    "no entry",
    "give way",
    "danger",
    "priority road",
    "turn left",
    "turn right",
)
"""Names of the labels 0 to 9."""

SIZE = 40
"""Height and width of a picture, in pixels."""

Colour = tuple[int, int, int]

_RED: Colour = (196, 22, 38)
_BLUE: Colour = (12, 84, 166)
_YELLOW: Colour = (252, 196, 10)
_WHITE: Colour = (246, 246, 242)
_BLACK: Colour = (22, 22, 24)

_OVERSAMPLING = 2
"""Scenes are drawn this many times larger and averaged down, for smooth edges."""
_SCENE = SIZE * _OVERSAMPLING
_LARGE = 384
"""Signs are painted once at this size, ..."""
_TEMPLATE = 64
"""... and kept at this one to be put into scenes."""


@generator
def make_signs(n: int, *, seed: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Draw `n` pictures of road signs.

    Args:
        n: Number of pictures; the ten classes differ in number by one at most.
        seed: Any non-negative integer. The same seed draws the same pictures.

    Returns:
        Pictures of shape (n, 40, 40, 3), uint8, channels red, green, blue from 0 to 255; and labels of
        shape (n,), int64, indices into `CLASSES`, in random order.

    Example:
        >>> pictures, labels = make_signs(20, seed=1)
        >>> pictures.shape, pictures.dtype, labels.shape
        ((20, 40, 40, 3), dtype('uint8'), (20,))
    """
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n, dtype=np.int64) % len(CLASSES))
    pictures = np.empty((n, SIZE, SIZE, 3), np.uint8)
    for index, label in enumerate(labels):
        pictures[index] = _photograph(int(label), rng)
    return pictures, labels


def draw_sign(label: int, size: int = 96) -> NDArray[np.uint8]:
    """Draw one sign as in the book of rules: upright, clean, without a scene.

    Args:
        label: Index into `CLASSES`.
        size: Height and width in pixels.

    Returns:
        Shape (size, size, 4), uint8: red, green, blue, and opacity (0 outside the sign).
    """
    return np.asarray(_painted(label).resize((size, size), Image.Resampling.LANCZOS))


# --- one picture ------------------------------------------------------------------------------------


def _photograph(label: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    scene = _draw_scene(rng)
    radius = rng.uniform(11.5, 17.0) * _OVERSAMPLING
    x, y = rng.uniform(radius, _SCENE - radius, 2)
    _draw_post(scene, rng, x, y, radius)
    sign = _weathered(label, rng)
    scene.paste(*_placed(sign, rng, x, y, radius))
    if rng.random() < 0.3:
        _draw_obstacle(scene, rng, x, y, radius)
    picture = scene.reduce(_OVERSAMPLING).filter(ImageFilter.GaussianBlur(rng.uniform(0.0, 0.7)))
    return _lit(np.asarray(picture, np.float32), rng)


def _placed(
    sign: Image.Image, rng: np.random.Generator, x: float, y: float, radius: float
) -> tuple[Image.Image, tuple[int, int], Image.Image]:
    """Return the sign turned, seen at an angle and scaled: image, corner and mask for `Image.paste`."""
    angle = math.radians(rng.normal(0.0, 5.0))
    squeeze = rng.uniform(0.8, 1.0)  # a sign seen from the side looks narrower
    shear = rng.normal(0.0, 0.06)
    forward = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]) @ np.array(
        [[squeeze, 0.0], [shear, 1.0]]
    )
    inverse = np.linalg.inv(forward * 2 * radius / _TEMPLATE)
    centre = np.array([x, y])
    corner = np.maximum(np.floor(centre - 1.3 * radius), 0).astype(int)
    end = np.minimum(np.ceil(centre + 1.3 * radius), _SCENE).astype(int)
    width, height = (end - corner).tolist()
    offset = _TEMPLATE / 2 - inverse @ (centre - corner)
    data = (inverse[0, 0], inverse[0, 1], offset[0], inverse[1, 0], inverse[1, 1], offset[1])
    placed = sign.transform((width, height), Image.Transform.AFFINE, data, Image.Resampling.BILINEAR)
    return placed, (int(corner[0]), int(corner[1])), placed.getchannel("A")


def _weathered(label: int, rng: np.random.Generator) -> Image.Image:
    """Fade a sign's paint towards grey and throw a shadow or a gleam across it."""
    template, ramp = _template(label), _ramp()
    fade = rng.uniform(0.0, 0.3)
    pixels = template * (1 - fade)
    pixels += fade * rng.uniform(90, 170)
    slope = rng.normal(0.0, 0.13, 2).astype(np.float32)
    pixels *= (1 + slope[0] * ramp[::4])[:, None] + slope[1] * ramp
    weathered = pixels.clip(0, 255, out=pixels).astype(np.uint8)
    weathered[:, 3::4] = template[:, 3::4]
    return Image.frombuffer("RGBA", (_TEMPLATE, _TEMPLATE), weathered, "raw", "RGBA", 0, 1)


def _lit(pixels: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Expose the picture: haze, the light's colour and strength, the sensor's noise."""
    haze = rng.uniform(0.0, 0.2)
    pixels = pixels * np.float32(1 - haze) + np.float32(haze * rng.uniform(110, 210))
    light = rng.uniform(0.6, 1.2) * rng.normal(1.0, 0.05, 3)
    noise = rng.standard_normal(pixels.shape, np.float32) * np.float32(rng.uniform(2.0, 8.0))
    exposed: NDArray[np.uint8] = (pixels * light.astype(np.float32) + noise).clip(0, 255).astype(np.uint8)
    return exposed


# --- scenes -----------------------------------------------------------------------------------------


def _draw_scene(rng: np.random.Generator) -> Image.Image:
    horizon = int(_SCENE * rng.uniform(0.35, 0.75))
    scene = Image.new("RGB", (_SCENE, _SCENE), _shade(rng, (168, 196, 226), 30))
    draw = ImageDraw.Draw(scene)
    for _ in range(rng.integers(0, 4)):
        _blob(draw, rng, (236, 238, 240), rng.uniform(0, _SCENE), rng.uniform(0, horizon), 16, 0.35)
    (_draw_street, _draw_country, _draw_forest)[rng.integers(3)](draw, rng, horizon)
    if rng.random() < 0.6:
        _draw_vehicle(draw, rng, horizon)
    return scene.filter(ImageFilter.BoxBlur(rng.uniform(0.5, 2.0)))  # out of focus


def _draw_street(draw: ImageDraw.ImageDraw, rng: np.random.Generator, horizon: int) -> None:
    walls: tuple[Colour, ...] = ((178, 108, 84), (214, 196, 160), (150, 152, 158), (232, 226, 214), (226, 180, 84))
    left = -10
    while left < _SCENE:
        width, roof = int(rng.integers(18, 46)), int(rng.uniform(0, horizon * 0.8))
        wall = _shade(rng, walls[rng.integers(len(walls))], 18)
        draw.rectangle((left, roof, left + width, horizon + 6), wall)
        pane = _shade(rng, (70, 84, 100), 22)
        for top in range(roof + 5, horizon - 6, 14):
            for start in range(left + 4, left + width - 7, 12):
                draw.rectangle((start, top, start + 5, top + 8), pane)
        left += width + int(rng.integers(0, 8))
    _draw_road(draw, rng, horizon, _shade(rng, (146, 144, 142), 14))


def _draw_country(draw: ImageDraw.ImageDraw, rng: np.random.Generator, horizon: int) -> None:
    for _ in range(3):
        _blob(draw, rng, (104, 136, 92), rng.uniform(0, _SCENE), horizon + 8, 34, 0.4)
    fields: tuple[Colour, ...] = ((128, 154, 74), (206, 184, 96), (150, 128, 92), (222, 206, 62))
    _draw_road(draw, rng, horizon, _shade(rng, fields[rng.integers(len(fields))], 18))
    for _ in range(rng.integers(1, 4)):
        _draw_tree(draw, rng, rng.uniform(0, _SCENE), horizon + rng.uniform(0, 8), rng.uniform(10, 22))


def _draw_forest(draw: ImageDraw.ImageDraw, rng: np.random.Generator, horizon: int) -> None:
    autumn = rng.random() < 0.3
    foliage: Colour = (170, 96, 44) if autumn else (58, 94, 48)
    draw.rectangle((0, horizon * 0.4, _SCENE, _SCENE), _shade(rng, foliage, 12))
    for _ in range(9):
        _blob(draw, rng, foliage, rng.uniform(0, _SCENE), rng.uniform(0.2, 1.0) * horizon, 15, 0.9)
    _draw_road(draw, rng, horizon, _shade(rng, (96, 110, 62), 16))


def _draw_road(draw: ImageDraw.ImageDraw, rng: np.random.Generator, horizon: int, ground: Colour) -> None:
    draw.rectangle((0, horizon, _SCENE, _SCENE), ground)
    vanishing, near = rng.uniform(0, _SCENE), rng.uniform(-40, _SCENE + 40)
    half = rng.uniform(25, 60)
    corners = ((vanishing - 2, horizon), (vanishing + 2, horizon), (near + half, _SCENE), (near - half, _SCENE))
    draw.polygon(corners, _shade(rng, (92, 92, 96), 16))
    draw.line((vanishing, horizon, near, _SCENE), (222, 222, 216), 2)


def _draw_tree(draw: ImageDraw.ImageDraw, rng: np.random.Generator, x: float, foot: float, height: float) -> None:
    draw.line((x, foot, x, foot - height), (84, 62, 46), 3)
    for _ in range(4):
        _blob(draw, rng, (64, 104, 52), x + rng.normal(0, 5), foot - height + rng.normal(0, 5), 10, 0.9)


def _draw_vehicle(draw: ImageDraw.ImageDraw, rng: np.random.Generator, horizon: int) -> None:
    paints: tuple[Colour, ...] = (_RED, _BLUE, _YELLOW, _WHITE, (60, 62, 68), (176, 180, 184))
    paint = _shade(rng, paints[rng.integers(len(paints))], 20)
    width, height = rng.uniform(16, 40), rng.uniform(12, 30)
    x, y = rng.uniform(-10, _SCENE - 8), horizon + rng.uniform(-height, _SCENE / 4)
    draw.rounded_rectangle((x, y, x + width, y + height), 4, paint)
    draw.rectangle((x + 3, y + 3, x + width - 3, y + height * 0.4), _shade(rng, (52, 62, 74), 14))
    for wheel in (x + width * 0.22, x + width * 0.78):
        draw.ellipse((wheel - 4, y + height - 4, wheel + 4, y + height + 4), (30, 30, 32))


def _draw_post(scene: Image.Image, rng: np.random.Generator, x: float, y: float, radius: float) -> None:
    draw = ImageDraw.Draw(scene)
    grey = _shade(rng, (136, 140, 144), 24)
    draw.line((x, y, x + rng.normal(0, 3), _SCENE), grey, max(2, round(radius * 0.14)))
    if rng.random() < 0.2:  # a plate below the sign, too small to read
        top, half = y + radius * 1.08, radius * rng.uniform(0.5, 0.8)
        draw.rectangle((x - half, top, x + half, top + radius * 0.5), _shade(rng, (222, 222, 218), 12), (60, 60, 60))


def _draw_obstacle(scene: Image.Image, rng: np.random.Generator, x: float, y: float, radius: float) -> None:
    """Draw leaves before the rim of the sign, or a thin branch across it."""
    draw = ImageDraw.Draw(scene)
    direction = rng.uniform(0, 2 * math.pi)
    away_x, away_y = math.cos(direction), math.sin(direction)
    if rng.random() < 0.65:
        for _ in range(7):
            distance, aside = rng.uniform(0.75, 1.25) * radius, rng.normal(0, 0.3) * radius
            leaf_x, leaf_y = x + distance * away_x - aside * away_y, y + distance * away_y + aside * away_x
            _blob(draw, rng, (70, 112, 48), leaf_x, leaf_y, 0.24 * radius, 0.7)
    else:
        shift = rng.uniform(-0.7, 0.7) * radius
        middle_x, middle_y = x - shift * away_y, y + shift * away_x
        reach = 1.6 * radius
        ends = (
            middle_x - reach * away_x,
            middle_y - reach * away_y,
            middle_x + reach * away_x,
            middle_y + reach * away_y,
        )
        draw.line(ends, _shade(rng, (72, 58, 46), 14), max(2, round(0.12 * radius)))


def _blob(
    draw: ImageDraw.ImageDraw, rng: np.random.Generator, colour: Colour, x: float, y: float, size: float, flat: float
) -> None:
    wide = size * rng.uniform(0.6, 1.4)
    high = wide * flat
    draw.ellipse((x - wide, y - high, x + wide, y + high), _shade(rng, colour, 16))


def _shade(rng: np.random.Generator, colour: Colour, spread: int) -> Colour:
    """Return a colour near `colour`: lighter or darker, and a little off."""
    common, *own = rng.standard_normal(4).tolist()
    common, third = spread * common, spread / 3
    red, green, blue = [int(part + common + third * more) for part, more in zip(colour, own, strict=True)]
    return min(255, max(0, red)), min(255, max(0, green)), min(255, max(0, blue))


# --- signs ------------------------------------------------------------------------------------------


@cache
def _template(label: int) -> NDArray[np.float32]:
    """Return a sign's red, green, blue and opacity, 0 to 255, shape (64, 256): pixel by pixel in each row."""
    small = _painted(label).resize((_TEMPLATE, _TEMPLATE), Image.Resampling.LANCZOS)
    return np.asarray(small, np.float32).reshape(_TEMPLATE, -1)


@cache
def _ramp() -> NDArray[np.float32]:
    """Return −1 to 1 over a row of a template, each value four times."""
    return np.linspace(-1, 1, _TEMPLATE, dtype=np.float32).repeat(4)


@cache
def _painted(label: int) -> Image.Image:
    image = Image.new("RGBA", (_LARGE, _LARGE))
    _PAINTERS[label](ImageDraw.Draw(image))
    return image


def _ring(draw: ImageDraw.ImageDraw, outside: float, inside: float, rim: Colour, face: Colour) -> None:
    for radius, colour in ((outside, rim), (inside, face)):
        draw.circle((_LARGE / 2, _LARGE / 2), radius * _LARGE / 2, colour)


def _polygon(
    draw: ImageDraw.ImageDraw, corners: int, turn: float, radius: float, colour: Colour, drop: float = 0
) -> None:
    """Fill a regular polygon; `turn` in degrees, `radius` and the shift down in halves of the template."""
    middle = _LARGE / 2
    angles = [math.radians(turn + 360 * k / corners) for k in range(corners)]
    points = [(middle + radius * middle * math.cos(a), middle + (drop + radius * math.sin(a)) * middle) for a in angles]
    draw.polygon(points, colour)


def _text(draw: ImageDraw.ImageDraw, text: str, height: float, width: float, colour: Colour) -> None:
    """Write `text` over the middle, stretched to a box of `height` and `width` (shares of the template)."""
    mask = Image.new("L", (_LARGE * 2, _LARGE))
    ImageDraw.Draw(mask).text((20, 10), text, 255, _font())
    box = (round(width * _LARGE), round(height * _LARGE))
    mask = mask.crop(mask.getbbox()).resize(box, Image.Resampling.LANCZOS)
    draw.bitmap(((_LARGE - box[0]) // 2, (_LARGE - box[1]) // 2), mask, colour)


@cache
def _font() -> Any:
    import matplotlib

    path = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans-Bold.ttf"
    return ImageFont.truetype(str(path), 200)


def _paint_limit(draw: ImageDraw.ImageDraw, number: str) -> None:
    _ring(draw, 1.0, 0.8, _RED, _WHITE)
    _text(draw, number, 0.52, 0.62, _BLACK)


def _paint_stop(draw: ImageDraw.ImageDraw) -> None:
    _polygon(draw, 8, 22.5, 1.04, _WHITE)
    _polygon(draw, 8, 22.5, 0.97, _RED)
    _text(draw, "STOP", 0.3, 0.76, _WHITE)


def _paint_no_entry(draw: ImageDraw.ImageDraw) -> None:
    _ring(draw, 1.0, 0.95, _WHITE, _RED)
    draw.rectangle((0.16 * _LARGE, 0.4 * _LARGE, 0.84 * _LARGE, 0.6 * _LARGE), _WHITE)


def _paint_give_way(draw: ImageDraw.ImageDraw) -> None:
    _polygon(draw, 3, 90, 1.14, _RED, drop=-0.2)
    _polygon(draw, 3, 90, 0.66, _WHITE, drop=-0.2)


def _paint_danger(draw: ImageDraw.ImageDraw) -> None:
    _polygon(draw, 3, -90, 1.14, _RED, drop=0.2)
    _polygon(draw, 3, -90, 0.74, _WHITE, drop=0.2)
    middle = _LARGE / 2
    draw.polygon(
        [
            (middle - 19, 0.4 * _LARGE),
            (middle + 19, 0.4 * _LARGE),
            (middle + 10, 0.63 * _LARGE),
            (middle - 10, 0.63 * _LARGE),
        ],
        _BLACK,
    )
    draw.circle((middle, 0.7 * _LARGE), 16, _BLACK)


def _paint_priority_road(draw: ImageDraw.ImageDraw) -> None:
    _polygon(draw, 4, 0, 1.0, _BLACK)
    _polygon(draw, 4, 0, 0.96, _WHITE)
    _polygon(draw, 4, 0, 0.66, _YELLOW)


def _paint_arrow(draw: ImageDraw.ImageDraw, direction: int) -> None:
    """Paint a blue disc with an arrow; `direction` is -1 for left and 1 for right."""
    _ring(draw, 1.0, 0.95, _WHITE, _BLUE)
    tail, neck, tip = (0.5 + direction * share for share in (-0.36, 0.02, 0.38))
    shaft = [(tail, 0.41), (neck, 0.41), (neck, 0.2), (tip, 0.5), (neck, 0.8), (neck, 0.59), (tail, 0.59)]
    draw.polygon([(x * _LARGE, y * _LARGE) for x, y in shaft], _WHITE)


_PAINTERS = (
    lambda draw: _paint_limit(draw, "30"),
    lambda draw: _paint_limit(draw, "50"),
    lambda draw: _paint_limit(draw, "80"),
    _paint_stop,
    _paint_no_entry,
    _paint_give_way,
    _paint_danger,
    _paint_priority_road,
    lambda draw: _paint_arrow(draw, -1),
    lambda draw: _paint_arrow(draw, 1),
)
