"""Small pictures of the exam: what a candidate gets is what the statement says, and no more."""

import io

import numpy as np
import pytest

from tfcourse.checks.registry import written_problems
from tfcourse.course import find_course

CHECKS = written_problems(find_course(), "images")
WEAVES, BLOOD_CELLS, CRACKS = CHECKS
FILES = {
    WEAVES.id: ("weaves.npz", (28, 28), 6, 1 / 8),
    BLOOD_CELLS.id: ("cells.npz", (32, 32, 3), 5, 1 / 5),
    CRACKS.id: ("concrete.npz", (32, 32), 2, 1 / 2),
}
SEED = 2**255 + 11


@pytest.fixture(scope="module", params=CHECKS, ids=lambda check: check.name)
def drawn(request):
    return request.param, request.param.data(SEED)


def test_a_file_holds_the_pictures_to_learn_from_and_nothing_else(drawn):
    check, found = drawn
    name, shape, classes, _ = FILES[check.id]
    assert set(found.files) == {name}
    with np.load(io.BytesIO(found.files[name])) as file:
        assert set(file.files) == {"x", "y"}
        x, y = file["x"], file["y"]
    assert (x.dtype, x.shape[1:]) == (np.uint8, shape)
    np.testing.assert_array_equal(x, found.x_train)
    np.testing.assert_array_equal(y, found.y_train)
    assert set(np.unique(y)) == set(range(classes))


def test_the_statement_tells_how_many_pictures_there_are(drawn):
    check, found = drawn
    text = (find_course().exam_folder / f"{check.name}.py").read_text(encoding="utf-8")
    assert f"shape {found.x_train.shape}" in text
    assert f"on {len(found.x_test):,} pictures" in text


def test_hidden_pictures_look_alike_and_are_not_among_those_to_learn_from(drawn):
    check, found = drawn
    _, shape, classes, least_common = FILES[check.id]
    x, y = found.x_test, found.y_test
    assert (x.dtype, x.shape[1:], len(x)) == (np.uint8, shape, len(y))
    hidden, given = {bytes(picture) for picture in x}, {bytes(picture) for picture in found.x_train}
    assert len(hidden) == len(x)
    assert not hidden & given
    assert np.bincount(y, minlength=classes).min() > 0.8 * len(y) * least_common


def test_order_does_not_tell_the_class(drawn):
    y = drawn[1].y_test
    assert abs(np.mean(y[1:] == y[:-1]) - 1 / (y.max() + 1)) < 0.06


def test_the_same_seed_gives_the_same_and_another_one_other_pictures(drawn):
    check, found = drawn
    assert check.data(SEED).files == found.files
    other = check.data(5)
    assert other.files != found.files
    assert not {bytes(p) for p in other.x_test} & {bytes(p) for p in found.x_test}


def test_files_are_small(drawn):
    assert sum(map(len, drawn[1].files.values())) < 6 * 2**20
