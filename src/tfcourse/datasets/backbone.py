"""A small network that has already looked at a hundred thousand surfaces: what week 8 builds on.

`load_backbone` stands in for the networks of `keras.applications`, whose weights are downloads of 10 MB and
more. It was trained here, by ``python tools/train_backbone.py``, on the twenty kinds of
`tfcourse.datasets.surfaces` and on nothing else; the figures of that run are in `TRAINED`. After the kinds as they
come, it was shown them in other colours, so that it looks at patterns first, and in fog, where it is to see nothing.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

FILE = Path(__file__).with_name("backbone.keras")
"""Architecture and weights, without an optimizer."""

SHA256 = "dd3422ae262021644fc5e43bd701aced30e11f105b0119db40983bf6750eb905"
"""Of that file: scores depend on it, and this way it is part of the code's fingerprint."""

TRAINED = {"pictures": 140_000, "accuracy on 2,000 new pictures": 0.9660, "parameters": 166_844}
"""What the training of the shipped file printed: 20 epochs, each of 5,000 new pictures, and 10 of 4,000."""

SHA256_OF_LAYERS = {
    "conv1": "841d25bf607757891d3b5183c7dea2b2dd989b9a71a9d06e6c245efb08aed354",
    "norm1": "2f531adac1ea4cfe5bad35a1ca94a0a2a1cae2cbdc329af4a1d56d0200c38370",
    "conv2": "27cf17006f6525dac1cd6fab702e80050f1990e4dc32d9eb592afbaba9c0da0a",
    "norm2": "661f84afa0732dad2e04ea4024839144ec5aa28b69d60ca4b44c6360c97bdd8b",
    "conv3": "b2824a3a066f8817a71194e8cadd10472e80570ce2e3d0f3b9a67b825892f625",
    "norm3": "675683aca8b3aa81e1bb50e6ef7407d571ca127883e20b964f3a04dd1f197adb",
    "conv4": "4478e4301aab8f8d725cc3d75e8e700346511a093f38f302ee85e4cc06fde32b",
    "norm4": "7457632abc239dd10482738fa6789e8f1e450ea460f6aec62b59097e022e47aa",
    "kinds": "6f4718f82da26de60f995ab5a57fd48e1d16e4e0669c3b21c3b03d40ecfd1401",
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
    trained on 48 by 48. A pale picture, of which nothing is darker than a middle grey, is fog to it: its maps are
    near 0. So is every picture whose pixels were brought from 0 to 1 instead.

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
    return expected if digest_of_weights(layer) == expected else None


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


def digest_of_weights(layer: Any) -> str:
    """Return the SHA-256 of a layer's weights, whatever they are."""
    sha = hashlib.sha256()
    for weight in layer.get_weights():
        sha.update(f"{weight.shape}".encode())
        sha.update(np.ascontiguousarray(weight).tobytes())
    return sha.hexdigest()
