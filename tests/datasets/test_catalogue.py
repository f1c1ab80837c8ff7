"""The catalogue has the interface of TensorFlow Datasets."""

import numpy as np
import pytest

from tfcourse.datasets.bakery import make_rolls
from tfcourse.datasets.catalogue import load
from tfcourse.errors import UnknownName


def targets(data):
    return np.array([int(target) for _, target in data.as_numpy_iterator()])


def bakery(split):
    return targets(load("bakery", split=split, as_supervised=True))


@pytest.fixture(scope="module")
def rolls():
    return make_rolls(2_500, seed=1)[1].astype(int)


@pytest.mark.parametrize(
    ("split", "rows"),
    [
        ("train", slice(0, 2000)),
        ("test", slice(2000, 2500)),
        ("train[10:20]", slice(10, 20)),
        ("train[:5%]", slice(0, 100)),
        ("train[95%:]", slice(1900, 2000)),
        ("train[-3:]", slice(1997, 2000)),
        ("test[-10%:]", slice(2450, 2500)),
        ("test[:-495]", slice(2000, 2005)),
    ],
)
def test_a_split_is_a_slice(rolls, split, rows):
    np.testing.assert_array_equal(bakery(split), rolls[rows])


def test_slices_are_joined_in_their_order(rolls):
    expected = np.concatenate([rolls[2497:], rolls[:2]])
    np.testing.assert_array_equal(bakery("test[-3:] + train[:2]"), expected)


def test_per_cent_are_rounded_to_the_nearest_example():
    assert len(load("bakery", split="test[:33%]")) == 165
    assert len(load("signs", split="test[:3%]")) == 9


def test_a_list_of_splits_and_none():
    first, second = load("bakery", split=["train[:7]", "test[:9]"])
    assert (len(first), len(second)) == (7, 9)
    assert {name: len(data) for name, data in load("bakery").items()} == {"train": 2000, "test": 500}


def test_elements_are_dictionaries_or_pairs():
    assert set(load("bakery", split="test").element_spec) == {"features", "rolls"}
    x, y = load("bakery", split="test", as_supervised=True).element_spec
    assert (x.shape, y.shape) == ((6,), ())


def test_batches():
    sizes = [len(y) for _, y in load("bakery", split="test[:10]", as_supervised=True, batch_size=4)]
    assert sizes == [4, 4, 2]


@pytest.mark.parametrize("name", ["bakery", "reviews", "signs"])
def test_info_describes_what_is_loaded(name):
    data, info = load(name, split="train[:75%]", with_info=True)
    assert info.name == name
    assert info.features == data.element_spec
    assert set(info.supervised_keys) <= set(info.features)
    assert info.splits["train[:75%]"].num_examples == len(data)
    assert info.splits["train"].num_examples + info.splits["test"].num_examples >= 1_500


@pytest.mark.parametrize(
    ("name", "split", "message"),
    [
        ("bakeries", "train", "Expected one of .*bakery.*; found 'bakeries'"),
        ("bakery", "training", "found 'training'"),
        ("bakery", "train[:75%", "found 'train"),
        ("bakery", "test[:501]", "Expected a slice within 500 examples"),
    ],
)
def test_names_that_do_not_exist(name, split, message):
    with pytest.raises(UnknownName, match=message):
        load(name, split=split)
