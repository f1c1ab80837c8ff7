"""The course's own data sets behind the interface of TensorFlow Datasets, on a small scale.

`load` takes what ``tfds.load`` takes and returns what it returns: a `tf.data.Dataset` for each split, of
dictionaries or of (input, target) pairs, and a description if asked. What TensorFlow Datasets adds is what
this module has no use for: hundreds of public data sets, downloads with checksums, files prepared once and
read in parallel from disk, versions, and ``data_dir`` to say where they lie.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from tfcourse.datasets import bakery
from tfcourse.datasets.reviews import make_reviews
from tfcourse.datasets.signs import make_signs
from tfcourse.errors import UnknownName

Array = np.ndarray[Any, Any]

_PART = re.compile(r"(?P<name>\w+)(\[(?P<start>-?\d+%?)?:(?P<stop>-?\d+%?)?\])?")


@dataclass(frozen=True)
class SplitInfo:
    """What is known about a split or a slice of one.

    Args:
        num_examples: How many examples it has.
    """

    num_examples: int


class Splits(dict[str, SplitInfo]):
    """Splits by name; a slice such as ``train[:75%]`` is worked out when it is asked for."""

    def __missing__(self, split: str) -> SplitInfo:
        """Return what is known about a slice."""
        sizes = {name: info.num_examples for name, info in self.items()}
        return SplitInfo(sum(len(rows) for _, rows in _rows(split, sizes)))


@dataclass(frozen=True)
class DatasetInfo:
    """What a data set says about itself.

    Args:
        name: As in `load`.
        description: One or two sentences.
        features: Shape and type of each feature of one example, a `tf.TensorSpec` by name.
        supervised_keys: Names of input and target that ``as_supervised=True`` gives.
        splits: See `Splits`.
    """

    name: str
    description: str
    features: Mapping[str, Any]
    supervised_keys: tuple[str, str]
    splits: Splits


@dataclass(frozen=True)
class _Entry:
    description: str
    supervised_keys: tuple[str, str]
    splits: Callable[[], dict[str, dict[str, Array]]]


def load(
    name: str,
    *,
    split: str | Sequence[str] | None = None,
    batch_size: int | None = None,
    as_supervised: bool = False,
    with_info: bool = False,
) -> Any:
    """Load a data set of the catalogue.

    Args:
        name: ``bakery``, ``reviews`` or ``signs``.
        split: ``train``, ``test``, a slice of one, ``train[:75%]``, or slices joined by ``+``. Numbers count
            examples, or per cent of them (rounded to the nearest example); negative ones count from the end.
            A list gives a list of data sets; None, the default, a dictionary of all splits.
        batch_size: Examples in a batch. Default: no batches, single examples.
        as_supervised: Pairs (input, target) rather than dictionaries of all features. Default: False.
        with_info: Return ``(data, info)``, see `DatasetInfo`. Default: False.

    Returns:
        What `split` asks for, in an order that is always the same.

    Raises:
        UnknownName: No such data set, no such split, or a slice beyond its end.

    Example:
        >>> train, info = load("signs", split="train[:75%]", as_supervised=True, with_info=True)
        >>> info.splits["train[:75%]"].num_examples, len(train)
        (900, 900)
    """
    import tensorflow as tf

    if name not in _ENTRIES:
        raise UnknownName(f"Expected one of {sorted(_ENTRIES)}; found {name!r}. Choose one of these.")
    entry, splits = _ENTRIES[name], _splits(name)
    sizes = {key: len(next(iter(features.values()))) for key, features in splits.items()}

    def one(spec: str) -> Any:
        parts = [{key: values[rows] for key, values in splits[at].items()} for at, rows in _rows(spec, sizes)]
        joined = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
        source, target = entry.supervised_keys
        data = tf.data.Dataset.from_tensor_slices((joined[source], joined[target]) if as_supervised else joined)
        return data if batch_size is None else data.batch(batch_size)

    if split is None:
        data: Any = {key: one(key) for key in splits}
    else:
        data = one(split) if isinstance(split, str) else [one(spec) for spec in split]
    if not with_info:
        return data
    example = next(iter(splits.values()))
    features = {key: tf.TensorSpec(values.shape[1:], _tf_type(values)) for key, values in example.items()}
    described = Splits({key: SplitInfo(size) for key, size in sizes.items()})
    return data, DatasetInfo(name, entry.description, features, entry.supervised_keys, described)


def _rows(spec: str, sizes: Mapping[str, int]) -> list[tuple[str, range]]:
    """Return name and rows of each part of a specification."""
    found = []
    for part in spec.split("+"):
        match = _PART.fullmatch(part.strip())
        if match is None or match["name"] not in sizes:
            raise UnknownName(
                f"Expected splits like {sorted(sizes)} or slices like 'train[:75%]', joined by '+'; "
                f"found {part.strip()!r}. Check the name and the brackets."
            )
        size = sizes[match["name"]]
        start, stop = (_position(match[edge], size, part) for edge in ("start", "stop"))
        found.append((match["name"], range(size)[start:stop]))
    return found


def _position(edge: str | None, size: int, part: str) -> int | None:
    if edge is None:
        return None
    position = round(size * int(edge[:-1]) / 100) if edge.endswith("%") else int(edge)
    if abs(position) > size:
        raise UnknownName(
            f"Expected a slice within {size} examples; found {part.strip()!r}. info.splits tells how many there are."
        )
    return position


def _tf_type(values: Array) -> Any:
    import tensorflow as tf

    return tf.string if values.dtype.kind in "USO" else tf.as_dtype(values.dtype)


@cache
def _splits(name: str) -> dict[str, dict[str, Array]]:
    return _ENTRIES[name].splits()


def _halves(train: int, **features: Array) -> dict[str, dict[str, Array]]:
    return {
        "train": {name: values[:train] for name, values in features.items()},
        "test": {name: values[train:] for name, values in features.items()},
    }


def _bakery() -> dict[str, dict[str, Array]]:
    x, rolls = bakery.make_rolls(2_500, seed=1)
    return _halves(2_000, features=x, rolls=rolls)


def _signs() -> dict[str, dict[str, Array]]:
    pictures, labels = make_signs(1_500, seed=1)
    return _halves(1_200, image=pictures, label=labels)


def _reviews() -> dict[str, dict[str, Array]]:
    texts, labels = make_reviews(1_500, seed=1)
    return _halves(1_200, text=np.asarray(texts, dtype=object), label=np.asarray(labels))


_ENTRIES = {
    "bakery": _Entry(
        "Rolls sold on single days in sixteen branches of an invented chain; inputs have the columns of "
        "tfcourse.datasets.bakery.COLUMNS, gaps are NaN.",
        ("features", "rolls"),
        _bakery,
    ),
    "reviews": _Entry(
        "Invented reviews of restaurants, hotels, films and things to buy; label 1 is favourable.",
        ("text", "label"),
        _reviews,
    ),
    "signs": _Entry(
        "Drawn road signs of ten classes, 40 by 40 pixels, red, green, blue from 0 to 255.",
        ("image", "label"),
        _signs,
    ),
}
