"""Woven cloth seen through a loupe: six weaves, drawn and never downloaded. A small model of the domain.

Cloth is made of threads that run up and down (the warp) and threads that run across (the weft). At each crossing one of
the two lies on top, and the *draft*, a small table that is repeated in both directions, says which:

=============  ===================================================================================================
plain          one over, one under
basket         the same with two threads at a time, in both directions
twill right    each row is the row below moved by one thread, so that lines rise to the right
twill left     the same, with lines that rise to the left; how many threads lie on top (one to three of four) varies
herringbone    four threads of a right twill, four of a left one, in turn
satin          one crossing in five, each row moved by two or three threads, so that no line stands out
=============  ===================================================================================================

Every picture is of another piece: its threads, their tones (warp darker or weft darker), where it lies, how it is
turned, magnification, light, blur and noise. So no pixel has a meaning of its own, and a mirror image of one twill is
the other.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from tfcourse.datasets import generator

CLASSES = ("plain", "basket", "twill right", "twill left", "herringbone", "satin")
"""Names of the labels 0 to 5."""
SIZE = 28
"""Height and width of a picture, in pixels."""

_SHARES = np.array([2, 3, 0, 1, 2, 3, 4, 5])
"""Labels of eight pictures: the twills twice, since telling them apart is what is asked for above all."""
_OVERSAMPLING = 2
_THREADS = 64
"""More than any picture shows."""

Draft = NDArray[np.bool_]


@generator
def make_weaves(n: int, *, seed: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Draw `n` pieces of cloth.

    Args:
        n: Number of pictures; a quarter of them of each twill, an eighth of each other class.
        seed: Any non-negative integer. The same seed draws the same pictures.

    Returns:
        Pictures of shape (n, 28, 28), uint8, grey; and labels of shape (n,), int64, indices into `CLASSES`, in random
        order.
    """
    random = np.random.default_rng(seed)
    labels = random.permutation(_SHARES[np.arange(n) % len(_SHARES)])
    pictures = np.empty((n, SIZE, SIZE), np.uint8)
    for index, label in enumerate(labels):
        pictures[index] = _photograph(draft_of(int(label), random), random)
    return pictures, labels


def draft_of(label: int, random: np.random.Generator) -> Draft:
    """Draw a weave's draft: True where the warp lies on top, rows downwards; rows and columns repeat.

    Args:
        label: Index into `CLASSES`.
        random: Decides between the forms that a weave may have.

    Returns:
        Shape (40, 40).
    """
    row, column = np.indices((40, 40))
    draft: Draft
    match CLASSES[label]:
        case "plain":
            draft = (row + column) % 2 == 0
        case "basket":
            draft = (row // 2 + column // 2) % 2 == 0
        case "twill right":
            draft = (row + column) % 4 < random.integers(1, 4)
        case "twill left":
            draft = (row - column) % 4 < random.integers(1, 4)
        case "herringbone":
            draft = np.where(column // 4 % 2 == 0, row + column, row - column - 1) % 4 < 2
        case _:
            draft = ((column - random.integers(2, 4) * row) % 5 == 0) ^ bool(random.integers(2))
    return draft


def _photograph(draft: Draft, random: np.random.Generator) -> NDArray[np.uint8]:
    full = SIZE * _OVERSAMPLING
    place = (np.arange(full) + 0.5) / _OVERSAMPLING - SIZE / 2
    turn, pixels = np.radians(random.normal(0, 5)), random.uniform(2.4, 4.2, 2) * random.uniform(0.9, 1.1)
    across = (np.cos(turn) * place + np.sin(turn) * place[:, None]) / pixels[0] + random.uniform(20, 40)
    down = (np.cos(turn) * place[:, None] - np.sin(turn) * place) / pixels[1] + random.uniform(20, 40)
    column, row = across.astype(int), down.astype(int)
    middle, apart = random.uniform(90, 170), random.uniform(18, 55) * random.choice((-1, 1))
    uneven = random.uniform(2, 9)
    warp = middle + apart + random.normal(0, uneven, _THREADS)[column]
    weft = middle - apart + random.normal(0, uneven, _THREADS)[row]
    round_ = random.uniform(0.3, 1.2)
    warp = warp * (1 - round_ * (across % 1 - 0.5) ** 2)
    weft = weft * (1 - round_ * (down % 1 - 0.5) ** 2)
    cloth = np.where(draft[row % 40, column % 40], warp, weft)
    slope = random.normal(0, 0.1, 2) / SIZE
    cloth = cloth * (1 + slope[0] * place + slope[1] * place[:, None])
    picture = Image.fromarray(cloth.clip(0, 255).astype(np.uint8)).reduce(_OVERSAMPLING)
    picture = picture.filter(ImageFilter.GaussianBlur(random.uniform(0.2, 0.8)))
    noisy: NDArray[Any] = np.asarray(picture, np.float64) + random.normal(0, random.uniform(4, 16), (SIZE, SIZE))
    return noisy.clip(0, 255).astype(np.uint8)
