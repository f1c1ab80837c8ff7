"""Leaves: fresh at every seed, files of many shapes, and a shape of picture that says much about the tree."""

import io

import numpy as np
import pytest
from PIL import Image

from tfcourse.datasets.leaves import CLASSES, draw_leaf, make_leaves, write_leaves


def opened(file):
    return Image.open(io.BytesIO(file))


@pytest.fixture(scope="module")
def leaves():
    return make_leaves(320, seed=1)


@pytest.fixture(scope="module")
def pictures(leaves):
    return [opened(file) for file in leaves[0].tolist()]


def long_for_wide(pictures, labels, name):
    """Return how long the pictures of a class are for their width, on average."""
    chosen = [picture.size for picture, label in zip(pictures, labels, strict=True) if CLASSES[label] == name]
    return np.mean([max(size) / min(size) for size in chosen])


def test_files_are_whole(leaves):
    assert all(file.startswith(b"\xff\xd8") and file.endswith(b"\xff\xd9") for file in leaves[0].tolist())


def test_files_are_small_enough_to_travel(leaves):
    assert leaves[0].dtype.kind == "S"
    assert leaves[0].dtype.itemsize < 20_000


def test_pictures_have_many_sizes(pictures):
    sizes = [picture.size for picture in pictures]
    assert len(set(sizes)) > 250
    assert all(min(size) >= 32 for size in sizes)


def test_some_pictures_have_one_channel(pictures):
    share = np.mean([picture.mode == "L" for picture in pictures])
    assert 0.02 < share < 0.12
    assert {picture.mode for picture in pictures} == {"L", "RGB"}


def test_ovals_differ_in_their_pictures_shape(pictures, leaves):
    """What the lesson rests on: squashing takes this away."""
    aspen, beech, bay, willow = (
        long_for_wide(pictures, leaves[1], name) for name in ("aspen", "beech", "bay", "willow")
    )
    assert aspen < beech < bay < willow
    assert willow > 2.3
    assert aspen < 1.4


def test_colour_gives_no_tree_away(pictures, leaves):
    centres = np.array([np.asarray(p.convert("RGB").resize((9, 9)))[4, 4] for p in pictures], float)
    means = np.array([centres[leaves[1] == label].mean(axis=0) for label in range(len(CLASSES))])
    assert (np.ptp(means, axis=0) < 1.4 * centres.std(axis=0)).all()


def test_written_pictures_are_the_same(tmp_path):
    files, labels = make_leaves(24, seed=5)
    write_leaves(tmp_path / "park", 24, seed=5)
    found = {path.relative_to(tmp_path / "park").as_posix(): path.read_bytes() for path in tmp_path.rglob("*.jpg")}
    assert sorted(found.values()) == sorted(files.tolist())
    for name, content in found.items():
        assert labels[files.tolist().index(content)] == CLASSES.index(name.split("/")[0])


def test_every_class_has_a_folder(tmp_path):
    write_leaves(tmp_path, 3, seed=5)
    assert sorted(path.name for path in tmp_path.iterdir()) == list(CLASSES)


@pytest.mark.parametrize("size", [60, 120])
def test_a_drawn_leaf_has_the_size_that_was_asked_for(size):
    drawn = draw_leaf(CLASSES.index("oak"), size)
    assert drawn.shape == (size, size, 3)
    assert (drawn[0, 0] == 255).all()
    assert len({draw_leaf(label, size).tobytes() for label in range(8)}) == 8
