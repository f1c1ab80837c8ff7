"""A small network that has already looked at a hundred thousand surfaces: what week 8 builds on.

`load_backbone` stands in for the networks of `keras.applications`, whose weights are downloads of 10 MB and
more. It was trained here, by ``python tools/train_backbone.py``, on the twenty kinds of
`tfcourse.datasets.surfaces` and on nothing else; the figures of that run are in `TRAINED`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("backbone.keras")
"""Architecture and weights, without an optimizer."""

SHA256 = "fcdbd3c01a5d2903e2d2ef7e8a0c164162e040fba80a078d43f237c14bfda4c4"
"""Of that file: scores depend on it, and this way it is part of the code's fingerprint."""

TRAINED = {"pictures": 100_000, "accuracy on 2,000 new pictures": 0.9745, "parameters": 166_844}
"""What the training of the shipped file printed: 20 epochs, each of 5,000 new pictures."""

LAST_MAPS = "relu4"
"""Name of the layer whose feature maps are the backbone's output where the top is left out."""


def load_backbone(*, include_top: bool = False) -> Any:
    """Load the trained network, a fresh copy at each call.

    Four blocks of Conv2D, BatchNormalization and ReLU, with max pooling between them; on top, global average
    pooling and a dense layer with softmax.

    It expects colour pictures whose pixels have been brought **from −1 to 1**, ``pictures / 127.5 - 1``, and does
    not do so itself, like many networks of `keras.applications`. It takes any height and width from 16 up; it was
    trained on 48 by 48.

    Args:
        include_top: Whether to keep the layers that decide among the twenty kinds. Defaults to False: the model
            ends with its last feature maps.

    Returns:
        A `keras.Model` named ``backbone``, not compiled. Inputs of shape (batch, height, width, 3); outputs of
        shape (batch, height / 8, width / 8, 128), all 0 or more; with the top, (batch, 20), probabilities in the
        order of `tfcourse.datasets.surfaces.KINDS`.

    Example:
        >>> backbone = load_backbone()
        >>> backbone.output_shape
        (None, None, None, 128)
    """
    import keras

    whole = keras.models.load_model(FILE, compile=False)
    if include_top:
        return whole
    return keras.Model(whole.input, whole.get_layer(LAST_MAPS).output, name="backbone")
