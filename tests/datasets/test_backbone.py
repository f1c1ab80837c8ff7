"""The shipped backbone: small, whole, and good at what it was trained for and at what it was not."""

import hashlib

import numpy as np
import pytest

from tfcourse.datasets.backbone import FILE, SHA256, TRAINED, load_backbone
from tfcourse.datasets.surfaces import KINDS, make_grounds, make_surfaces

pytestmark = pytest.mark.slow


def scaled(pictures):
    return pictures.astype("float32") / 127.5 - 1


def test_the_file_is_small_and_the_one_that_was_measured():
    content = FILE.read_bytes()
    assert len(content) < 1_000_000
    assert hashlib.sha256(content).hexdigest() == SHA256


def test_it_tells_its_own_kinds_apart():
    """As well as in the recorded run, less three standard deviations of 600 pictures."""
    pictures, kinds = make_surfaces(600, seed=123)
    probabilities = load_backbone(include_top=True).predict(scaled(pictures), verbose=0)
    assert probabilities.shape == (600, len(KINDS))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    expected = TRAINED["accuracy on 2,000 new pictures"]
    noise = np.sqrt(expected * (1 - expected) / 600)
    assert (probabilities.argmax(axis=1) == kinds).mean() > expected - 3 * noise


def test_without_the_top_it_gives_feature_maps_of_any_size():
    backbone = load_backbone()
    assert backbone.name == "backbone"
    assert backbone.output_shape == (None, None, None, 128)
    maps = backbone.predict(np.zeros((2, 64, 96, 3), "float32"), verbose=0)
    assert maps.shape == (2, 8, 12, 128)
    assert maps.min() >= 0


def test_each_call_loads_a_fresh_copy():
    first = load_backbone()
    first.trainable = False
    assert all(layer.trainable for layer in load_backbone().layers)


def test_its_features_tell_grounds_apart_that_it_never_saw():
    """Nearest mean of features, fifteen pictures each: far better than nearest mean colour."""
    backbone = load_backbone()
    (x, y), (x_test, y_test) = make_grounds(90, seed=1), make_grounds(300, seed=2)
    found = {}
    for name, rows in {
        "colour": (x.mean(axis=(1, 2)), x_test.mean(axis=(1, 2))),
        "features": tuple(backbone.predict(scaled(p), verbose=0).mean(axis=(1, 2)) for p in (x, x_test)),
    }.items():
        centres = np.stack([rows[0][y == label].mean(axis=0) for label in range(6)])
        nearest = ((rows[1][:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
        found[name] = (nearest == y_test).mean()
    assert found["features"] > found["colour"] + 0.3
