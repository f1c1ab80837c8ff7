"""Handwriting: fresh at every seed, balanced, other people at every seed, notes looser than forms."""

import numpy as np
import pytest

from tfcourse.datasets.handwriting import CLASSES, SIZE, draw_sign, make_handwriting


@pytest.fixture(scope="module")
def forms():
    return make_handwriting(400, seed=1, source="forms", writers=10)


@pytest.fixture(scope="module")
def notes():
    return make_handwriting(400, seed=1, source="notes", writers=40)


def middles(pictures):
    """Return where the ink is on average, shape (n, 2)."""
    ink = (pictures.max(axis=(1, 2), keepdims=True) - pictures.astype(float))[..., 0]
    ink = np.where(ink > 60, ink, 0)
    places = np.indices((SIZE, SIZE)).reshape(2, -1)
    return ink.reshape(len(ink), -1) @ places.T / ink.sum(axis=(1, 2))[:, None]


@pytest.mark.parametrize("which", ["forms", "notes"])
def test_ink_is_dark_on_light_paper(which, request):
    pictures, _ = request.getfixturevalue(which)
    assert np.median(pictures) > 170
    assert (pictures.min(axis=(1, 2, 3)) < np.median(pictures, axis=(1, 2, 3)) - 50).all()


def test_one_writer_writes_alike():
    """Pictures of one class differ less between signs of one person than between people."""

    def spread(writers):
        pictures, labels = make_handwriting(200, seed=4, writers=writers)
        return np.mean([pictures[labels == label].astype(float).std(axis=0).mean() for label in range(10)])

    assert spread(1) < 0.8 * spread(40)


def test_notes_are_moved_and_forms_are_not(forms, notes):
    assert middles(forms[0]).std(axis=0).max() < 2.2
    assert middles(notes[0]).std(axis=0).min() > 2.4


def test_signs_stay_within_the_picture(notes):
    pictures = notes[0].astype(float)
    border = np.concatenate([pictures[:, 0], pictures[:, -1], pictures[:, :, 0], pictures[:, :, -1]], axis=1)[..., 0]
    paper = np.median(pictures, axis=(1, 2, 3))[:, None]
    assert (border < paper - 70).mean() < 0.02


@pytest.mark.parametrize("size", [32, 64])
def test_a_drawn_sign_has_the_size_that_was_asked_for(size):
    sign = draw_sign(0, size)
    assert sign.shape == (size, size)
    assert sign[0, 0] == 255
    assert len({draw_sign(label, size).tobytes() for label in range(10)}) == 10


@pytest.mark.parametrize(("one", "other", "axis"), [("b", "d", 1), ("p", "q", 1), ("b", "p", 0), ("d", "q", 0)])
def test_flips_turn_one_letter_into_another(one, other, axis):
    first, second = (draw_sign(CLASSES.index(name)).astype(int) for name in (one, other))
    assert np.abs(np.flip(first, axis) - second).mean() < 0.3 * np.abs(first - second).mean()
