"""Blood cells: fresh at every seed, balanced, and as the docstring says."""

import pytest

from tfcourse.datasets.blood_cells import CLASSES, make_blood_cells


@pytest.fixture(scope="module")
def drawn():
    return make_blood_cells(300, seed=1)


def test_white_cells_are_bluer_than_what_is_around_them(drawn):
    pictures = drawn[0].astype(float)
    blueness = pictures[..., 2] - pictures[..., 0]
    middle, border = blueness[:, 10:22, 10:22].mean(axis=(1, 2)), blueness[:, :3].mean(axis=(1, 2))
    assert (middle > border).mean() > 0.95


def test_a_lymphocyte_is_darker_in_the_middle_than_an_eosinophil(drawn):
    pictures, labels = drawn
    middle = pictures[:, 10:22, 10:22].mean(axis=(1, 2, 3))
    lymphocyte, eosinophil = (middle[labels == CLASSES.index(kind)].mean() for kind in ("lymphocyte", "eosinophil"))
    assert lymphocyte < eosinophil - 10
