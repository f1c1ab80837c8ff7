"""Concrete: fresh at every seed, balanced, and as the docstring says."""

import numpy as np
import pytest

from tfcourse.datasets.cracks import _line, make_cracks


@pytest.fixture(scope="module")
def drawn():
    return make_cracks(300, seed=1)


def test_darkness_is_alike_with_a_crack_and_without():
    pictures, labels = make_cracks(600, seed=2)
    dark = (pictures < np.median(pictures, axis=(1, 2), keepdims=True) - 35).mean(axis=(1, 2))
    cracked, whole = dark[labels == 1], dark[labels == 0]
    assert abs(cracked.mean() - whole.mean()) < 0.3 * dark.std()


def test_a_joint_is_straight_and_a_crack_is_not():
    joint, crack = (np.array(_line(wander, np.random.default_rng(3))) for wander in (0.0, 0.6))
    for line, straight in ((joint, True), (crack, False)):
        off = np.linalg.svd(line - line.mean(axis=0), compute_uv=False)
        assert (off[1] < 1e-6) == straight
