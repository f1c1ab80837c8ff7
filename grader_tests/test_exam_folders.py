"""Exam problems of pictures in folders: files as the statement says, and hidden pictures that are nowhere in them."""

import io
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tfcourse.checks.registry import written_problems
from tfcourse.course import find_course
from tfcourse.datasets import hands, sick_leaves, walls

CLASSES = {"sick_leaves": sick_leaves.CLASSES, "cracked_walls": walls.CLASSES, "fingers": hands.CLASSES}
SEED = 2**200 + 11


@pytest.fixture(scope="module", params=CLASSES)
def problem(request):
    return next(found for found in written_problems(find_course(), "folders") if found.name == request.param)


@pytest.fixture(scope="module")
def drawn(problem):
    return problem.data(SEED)


def statement(problem):
    return (find_course().exam_folder / f"{problem.name}.py").read_text(encoding="utf-8")


@pytest.fixture
def few(monkeypatch):
    """Let a scenario draw few pictures, where their number says nothing."""
    module = sys.modules["tfcourse_checks_exam_folders"]
    for name in ("_HIDDEN", "_LEAVES", "_WALLS", "_HANDS"):
        monkeypatch.setattr(module, name, 30)


def test_the_same_seed_draws_the_same_problem(problem, few):
    one, again = problem.data(SEED), problem.data(SEED)
    assert again.files == one.files
    for name in ("x_train", "y_train", "x_test", "y_test"):
        np.testing.assert_array_equal(getattr(again, name), getattr(one, name))


def test_another_seed_draws_other_pictures(problem, few):
    one, other = problem.data(SEED), problem.data(SEED + 1)
    assert not set(one.files.values()) & set(other.files.values())


def test_every_class_has_a_folder_and_as_many_pictures_as_the_others(problem, drawn):
    folders = Counter(Path(name).parent.as_posix() for name in drawn.files)
    assert set(folders) == {f"train/{name}" for name in CLASSES[problem.name]}
    assert set(folders.values()) == {len(drawn.files) // len(CLASSES[problem.name])}
    assert np.ptp(np.bincount(drawn.y_test)) <= 1


def test_the_statement_names_every_folder_and_the_shape(problem, drawn):
    text = statement(problem)
    assert all(f"{name}`" in text for name in CLASSES[problem.name])
    assert f"{len(drawn.files):,} " in text
    assert f"(batch, {', '.join(map(str, drawn.x_test.shape[1:]))})" in text
    assert f"{len(drawn.y_test):,} other" in text


def test_files_are_small_enough(drawn):
    assert sum(map(len, drawn.files.values())) < 15 * 10**6


def test_pictures_have_many_shapes_and_three_channels(drawn):
    pictures = [Image.open(io.BytesIO(file)) for file in drawn.files.values()]
    assert {picture.mode for picture in pictures} == {"RGB"}
    assert len({picture.size for picture in pictures}) > 200


def test_sizes_are_within_what_the_statement_says(problem, drawn):
    sizes = np.array([Image.open(io.BytesIO(file)).size for file in drawn.files.values()])
    width, height = sizes.T
    if problem.name == "sick_leaves":
        assert sizes.max(axis=1).min() >= 84
        assert sizes.max() <= 132
        assert sizes.min() >= 40
    elif problem.name == "cracked_walls":
        assert (width.min() >= 84, width.max() <= 150) == (True, True)
        assert (height.min() >= 64, height.max() <= 110) == (True, True)
    else:
        assert (sizes.min() >= 72, sizes.max() <= 120) == (True, True)


def test_no_hidden_picture_is_among_the_files(drawn):
    x_train, x_hidden = drawn.x_train, drawn.x_test
    assert not {picture.tobytes() for picture in x_train} & {picture.tobytes() for picture in x_hidden}
    # Nor one that is nearly the same: 8 by 8 means differ by far more than resizing or a JPEG's losses would make them.
    train, hidden = (
        x.astype(np.float32).reshape(len(x), 8, x.shape[1] // 8, 8, -1, 3).mean(axis=(2, 4)).reshape(len(x), -1)
        for x in (x_train, x_hidden)
    )
    distances = (train**2).sum(axis=1) + (hidden**2).sum(axis=1)[:, None] - 2 * hidden @ train.T
    assert np.sqrt(distances.clip(0).min() / train.shape[1]) > 1.0


def test_hidden_pictures_say_nothing_in_their_order(drawn):
    assert abs(np.corrcoef(np.arange(len(drawn.y_test)), drawn.y_test)[0, 1]) < 0.15


def test_inputs_are_whole_numbers_from_0_to_255(drawn):
    assert drawn.x_test.dtype == np.uint8
    assert drawn.x_test.max() > 245


def test_arrays_are_what_keras_reads_from_the_folders(problem, drawn, tmp_path):
    import keras

    for name, file in drawn.files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file)
    size = drawn.x_test.shape[1:3]
    data = keras.utils.image_dataset_from_directory(
        tmp_path / "train", image_size=size, batch_size=1_000, shuffle=False, verbose=False
    )
    assert tuple(data.class_names) == CLASSES[problem.name]
    pictures, labels = next(iter(data))
    in_order = sorted(range(len(drawn.files)), key=lambda at: list(drawn.files)[at])
    np.testing.assert_array_equal(labels, drawn.y_train[in_order])
    # Keras decodes JPEG files by a faster, less exact way, which is one grey level off on average.
    difference = np.abs(np.asarray(pictures) - drawn.x_train[in_order])
    assert difference.mean() < (0.51 if problem.name == "fingers" else 1.5)


def test_arrays_are_the_files_decoded_exactly_and_resized_by_tensorflow(drawn):
    import tensorflow as tf

    size = drawn.x_test.shape[1:3]
    for file, picture in list(zip(drawn.files.values(), drawn.x_train, strict=True))[:60]:
        if file.startswith(b"\xff\xd8"):
            decoded = tf.io.decode_jpeg(file, channels=3, dct_method="INTEGER_ACCURATE")
        else:
            decoded = tf.io.decode_png(file, channels=3)
        np.testing.assert_allclose(picture, tf.image.resize(decoded, size).numpy(), atol=0.501)


@pytest.mark.parametrize("shape", [(64, 64), (40, 132), (131, 57), (30, 30)])
def test_resizing_is_that_of_keras(shape):
    import tensorflow as tf

    written_problems(find_course(), "folders")
    resized = sys.modules["tfcourse_checks_exam_folders"].resized
    picture = np.random.default_rng(3).integers(0, 256, (*shape, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    expected = tf.image.resize(picture, (56, 80)).numpy()
    np.testing.assert_allclose(resized(buffer.getvalue(), (56, 80)), expected, atol=0.501)
