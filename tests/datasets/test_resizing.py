"""Files brought to one size are what Keras makes of them."""

import io

import numpy as np
import pytest
from PIL import Image

from tfcourse.datasets.leaves import make_leaves, write_leaves
from tfcourse.datasets.resizing import resized

pytestmark = pytest.mark.slow


def png(shape):
    picture = np.random.default_rng(3).integers(0, 256, (*shape, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    return picture, buffer.getvalue()


@pytest.mark.parametrize("size", [(48, 48), (30, 50)])
@pytest.mark.parametrize("pad", [False, True], ids=["squashed", "padded"])
@pytest.mark.parametrize("shape", [(64, 64), (40, 132), (131, 57), (57, 131), (30, 31), (20, 90)])
def test_a_picture_is_resized_as_keras_does_it(shape, pad, size):
    import tensorflow as tf

    picture, file = png(shape)
    expected = tf.image.resize_with_pad(picture, *size) if pad else tf.image.resize(picture, size)
    np.testing.assert_allclose(resized(file, size, pad=pad), expected.numpy(), atol=0.501)


def test_every_proportion_is_padded_by_as_many_rows():
    import tensorflow as tf

    for height in range(32, 161, 9):
        for width in range(32, 161, 7):
            white = np.full((height, width, 3), 255, np.uint8)
            buffer = io.BytesIO()
            Image.fromarray(white).save(buffer, "PNG")
            expected = tf.image.resize_with_pad(white, 48, 48).numpy()
            np.testing.assert_allclose(resized(buffer.getvalue(), (48, 48), pad=True), expected, atol=0.501)


def test_leaves_in_folders_are_what_keras_reads(tmp_path):
    import keras

    write_leaves(tmp_path, 60, seed=4)
    data = keras.utils.image_dataset_from_directory(
        tmp_path, image_size=(48, 48), pad_to_aspect_ratio=True, batch_size=60, shuffle=False, verbose=False
    )
    pictures, labels = (np.asarray(part) for part in next(iter(data)))
    files, own_labels = make_leaves(60, seed=4)
    order = np.argsort(own_labels, kind="stable")
    np.testing.assert_array_equal(labels, own_labels[order])
    own = np.stack([resized(file, (48, 48), pad=True) for file in files[order].tolist()])
    # Keras decodes JPEG files by a faster, less exact way, which is one grey level off on average.
    assert np.abs(own - pictures).mean() < 1.0
