"""A small network that has already looked at a hundred thousand surfaces: what week 8 builds on.

`load_backbone` stands in for the networks of `keras.applications`, whose weights are downloads of 10 MB and
more. It was trained here, by ``python tools/train_backbone.py``, on the twenty kinds of
`tfcourse.datasets.surfaces` and on nothing else; the figures of that run are in `TRAINED`.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

FILE = Path(__file__).with_name("backbone.keras")
"""Architecture and weights, without an optimizer."""

SHA256 = "fcdbd3c01a5d2903e2d2ef7e8a0c164162e040fba80a078d43f237c14bfda4c4"
"""Of that file: scores depend on it, and this way it is part of the code's fingerprint."""

TRAINED = {"pictures": 100_000, "accuracy on 2,000 new pictures": 0.9745, "parameters": 166_844}
"""What the training of the shipped file printed: 20 epochs, each of 5,000 new pictures."""

SHA256_OF_LAYERS = {
    "conv1": "946ba1f785d65ba31b8f1300d39c82deefa81e467489ef593ecac00062d51ac6",
    "norm1": "d26847a99b0377ab6e3a58fe04645541b135a2c049edf8fe152413811475fdda",
    "conv2": "fb1c5a9587fec27e4065064ae40d78a705f15281e4cbbda3a177ab3fb8a90755",
    "norm2": "767faae219c30e7a901c7d30baeea284fb6ecec17dc11c251dd1cbba0bfa7405",
    "conv3": "7eb1d7964926fc50b7ccbb7e26f9fb9caac99bf429d44cb3466391eef4c9815c",
    "norm3": "570c601a4a19b6229b3706fcc80f156ca4461b667ba0d7ada281b501afcb05d6",
    "conv4": "e8c62305d9ca5aae33e41907b0d82d946c27898ea74dbafcc93cbf6ac7e7748e",
    "norm4": "9223e1d5f67025832ffd29ece16557c6faf648a8860e50a577f6d7d3319107a1",
    "kinds": "b9a379198e8e55b03d6f3c3b0108e8113e524dcf020f7fd27c3e86c5a21939c7",
}
"""What `digest_of` says of each layer of the shipped file that has weights."""

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


def digest_of(layer: Any) -> str | None:
    """Return the SHA-256 of a layer's weights where they are those of the shipped file, else None.

    Args:
        layer: A `keras.layers.Layer`.
    """
    expected = SHA256_OF_LAYERS.get(layer.name)
    if expected is None or not layer.weights:
        return None
    return expected if _digest(layer) == expected else None


def weights_of(digest: str) -> list[np.ndarray[Any, Any]]:
    """Return the weights of the shipped layer with this digest.

    Raises:
        KeyError: There is no such layer.
    """
    return _shipped_weights()[digest]


@cache
def _shipped_weights() -> dict[str, list[np.ndarray[Any, Any]]]:
    whole = load_backbone(include_top=True)
    return {digest: whole.get_layer(name).get_weights() for name, digest in SHA256_OF_LAYERS.items()}


def _digest(layer: Any) -> str:
    sha = hashlib.sha256()
    for weight in layer.get_weights():
        sha.update(f"{weight.shape}".encode())
        sha.update(np.ascontiguousarray(weight).tobytes())
    return sha.hexdigest()
