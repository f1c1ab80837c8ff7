"""Real public data sets for the "take it further" sections: downloaded once, checked, and kept.

Nothing in the course needs them: no check, no score and no lesson stops without a connection. Each
``load_NAME()`` downloads what `tfcourse.datasets.public.sources` names into a cache (``~/.cache/tfcourse``, or
the folder in ``TFCOURSE_DATA``), refuses content whose digest is not the pinned one, and returns arrays.
Archives are read in place and never unpacked, and nothing is unpickled.

What cannot be had with a pinned digest, or only as a pickle, was replaced: Reuters' newswires by
`load_newsgroups`, sarcastic headlines by `load_acceptability`, hires of bicycles by `load_taxi`.
"""

from __future__ import annotations

import csv
import datetime
import gzip
import io
import re
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tfcourse.datasets.public.download import cache_folder, fetch
from tfcourse.datasets.public.sources import SOURCES
from tfcourse.errors import DataUnavailable

__all__ = [
    "FLOWERS",
    "HANDS",
    "HOUSING_COLUMNS",
    "TITANIC_COLUMNS",
    "cache_folder",
    "load_acceptability",
    "load_california_housing",
    "load_cifar10",
    "load_climate",
    "load_daily_temperatures",
    "load_fashion_mnist",
    "load_flowers",
    "load_horses_or_humans",
    "load_imdb",
    "load_mnist",
    "load_newsgroups",
    "load_rock_paper_scissors",
    "load_shakespeare",
    "load_sunspots",
    "load_taxi",
    "load_titanic",
]

Array = np.ndarray[Any, Any]
Pair = tuple[Array, Array]
Pairs = tuple[Pair, Pair]
"""``(x_train, y_train), (x_test, y_test)``."""

TITANIC_COLUMNS = ("class", "sex", "age", "siblings_and_spouses", "parents_and_children", "fare", "port")
"""Columns of `load_titanic`."""
HOUSING_COLUMNS = (
    "longitude",
    "latitude",
    "age",
    "rooms",
    "bedrooms",
    "population",
    "households",
    "income",
)
"""Columns of `load_california_housing`."""
FLOWERS = ("daisy", "dandelion", "roses", "sunflowers", "tulips")
"""Labels of `load_flowers`."""
HANDS = ("paper", "rock", "scissors")
"""Labels of `load_rock_paper_scissors`."""

_Dates = npt.NDArray[np.datetime64]


def load_california_housing() -> Pairs:
    """Load districts of California: what a house costs, by place, age, rooms and income.

    20,640 districts of the census of 1990; every fifth is a test district. Licence: see `SOURCES`.

    Returns:
        ``x`` of shape (n, 8), float32, columns as in `HOUSING_COLUMNS`, ages in years, income in 10,000
        dollars; ``y`` of shape (n,), float32: median price of a house in dollars.
    """
    with np.load(_only("california_housing"), allow_pickle=False) as table:
        return _every_fifth(table["x"].astype(np.float32), table["y"].astype(np.float32).reshape(-1))


def load_fashion_mnist() -> Pairs:
    """Load pictures of clothes in ten classes, from T-shirt to ankle boot. MIT licence, Zalando.

    Returns:
        ``x`` of shape (60000, 28, 28) and (10000, 28, 28), uint8, grey from 0 to 255; ``y`` of shape (n,), int64:
        T-shirt, trousers, pullover, dress, coat, sandal, shirt, sneaker, bag, ankle boot.
    """
    x_train, y_train, x_test, y_test = (_idx(path) for path in _paths("fashion_mnist"))
    return (x_train, y_train.astype(np.int64)), (x_test, y_test.astype(np.int64))


def load_titanic() -> Pairs:
    """Load the passengers of the Titanic: who survived. Numbers, categories and gaps in one table.

    1,309 passengers; every fifth is a test passenger.

    Returns:
        ``x`` of shape (n, 7), float32, columns as in `TITANIC_COLUMNS`: class 1 to 3; sex 0 (male) or 1 (female);
        age in years; relatives aboard, two counts; fare in pounds; port 0 (Cherbourg), 1 (Queenstown) or
        2 (Southampton). Unknown is NaN. ``y`` of shape (n,), int64: 1 for who survived.
    """
    rows = list(csv.DictReader(io.StringIO(_only("titanic").read_text(encoding="utf-8"))))
    sexes, ports = {"male": 0.0, "female": 1.0}, {"C": 0.0, "Q": 1.0, "S": 2.0}
    x = [
        [
            _number(row["pclass"]),
            sexes[row["sex"]],
            _number(row["age"]),
            _number(row["sibsp"]),
            _number(row["parch"]),
            _number(row["fare"]),
            ports.get(row["embarked"], np.nan),
        ]
        for row in rows
    ]
    return _every_fifth(np.array(x, np.float32), np.array([int(row["survived"]) for row in rows], np.int64))


def load_mnist() -> Pairs:
    """Load handwritten digits. CC BY-SA 3.0, LeCun and Cortes.

    Returns:
        ``x`` of shape (60000, 28, 28) and (10000, 28, 28), uint8, from 0 (paper) to 255 (ink); ``y`` of shape (n,),
        int64: the digit.
    """
    with np.load(_only("mnist"), allow_pickle=False) as table:
        train = table["x_train"], table["y_train"].astype(np.int64)
        return train, (table["x_test"], table["y_test"].astype(np.int64))


def load_cifar10() -> Pairs:
    """Load small colour photographs of ten classes, from aeroplane to lorry (170 MB, about 185 MB of memory).

    Returns:
        ``x`` of shape (50000, 32, 32, 3) and (10000, 32, 32, 3), uint8; ``y`` of shape (n,), int64: aeroplane, car,
        bird, cat, deer, dog, frog, horse, ship, lorry.
    """
    wanted = re.compile(r"cifar-10-batches-bin/(data_batch_\d|test_batch)\.bin")
    parts = {name: np.frombuffer(content, np.uint8) for name, content in _members(_only("cifar10"), wanted)}
    train = [parts[name] for name in sorted(parts) if "data_batch" in name]
    test = [parts[name] for name in parts if "test_batch" in name]
    return _cifar(np.concatenate(train)), _cifar(np.concatenate(test))


def load_horses_or_humans(size: int = 128) -> Pairs:
    """Load rendered pictures of horses (0) and humans (1) in many scenes. CC BY 2.0, L. Moroney.

    Args:
        size: Height and width to which the pictures, 300 by 300 pixels, are scaled. Default: 128.

    Returns:
        ``x`` of shape (1027, size, size, 3) and (256, size, size, 3), uint8; ``y`` of shape (n,), int64.
    """
    return _picture_pair("horses_or_humans", ("horses", "humans"), size)


def load_rock_paper_scissors(size: int = 128) -> Pairs:
    """Load rendered pictures of hands that show paper (0), rock (1) or scissors (2). CC BY 2.0, L. Moroney.

    Args:
        size: Height and width to which the pictures, 300 by 300 pixels, are scaled. Default: 128.

    Returns:
        ``x`` of shape (2520, size, size, 3) and (372, size, size, 3), uint8; ``y`` of shape (n,), int64, see `HANDS`.
    """
    return _picture_pair("rock_paper_scissors", HANDS, size)


def load_flowers(size: int = 128) -> Pairs:
    """Load photographs of flowers in five classes, taken by many people in many shapes. CC BY, see the archive.

    The photographs differ in height and width; each is scaled to a square, which distorts it a little.
    Every fifth of each class is a test photograph.

    Args:
        size: Height and width of the squares. Default: 128.

    Returns:
        ``x`` of shape (2934, size, size, 3) and about (736, size, size, 3), uint8; ``y`` of shape (n,), int64, see
        `FLOWERS`. In random order, always the same.
    """
    x, y = _pictures(_only("flowers"), FLOWERS, size)
    return _every_fifth(*_shuffled(x, y))


def load_imdb() -> Pairs:
    """Load reviews of films and whether they are favourable: long, real English. A. Maas and others, 2011.

    Returns:
        ``x`` of shape (25000,) twice, object: text; ``y`` of shape (25000,), int64: 1 is favourable. In random
        order, always the same.
    """
    wanted = re.compile(r"aclImdb/(train|test)/(neg|pos)/\d+_\d+\.txt")
    texts: dict[str, tuple[list[str], list[int]]] = {"train": ([], []), "test": ([], [])}
    for name, content in _members(_only("imdb"), wanted):
        _, part, sentiment, _ = name.split("/")
        texts[part][0].append(content.decode("utf-8").replace("<br />", " "))
        texts[part][1].append(int(sentiment == "pos"))
    train, test = (_shuffled(np.array(x, object), np.array(y, np.int64)) for x, y in texts.values())
    return train, test


def load_newsgroups() -> Pairs:
    """Load messages from twenty newsgroups of 1993: which group was a message sent to?

    The head of a message, which gives the group away, is left out; what it quotes is not. Split by date, so the
    test messages are the later ones.

    Returns:
        ``x`` of shape (11314,) and (7532,), object: text; ``y`` of shape (n,), int64, 0 to 19: groups in the order of
        the alphabet. In random order, always the same.
    """
    wanted = re.compile(r"20news-bydate-(train|test)/[\w.-]+/\d+")
    found = [(Path(name), content) for name, content in _members(_only("newsgroups"), wanted)]
    groups = sorted({path.parent.name for path, _ in found})
    pairs = []
    for part in ("20news-bydate-train", "20news-bydate-test"):
        rows = [(path.parent.name, content) for path, content in found if path.parts[0] == part]
        texts = [content.decode("latin-1").partition("\n\n")[2] for _, content in rows]
        labels = [groups.index(group) for group, _ in rows]
        pairs.append(_shuffled(np.array(texts, object), np.array(labels, np.int64)))
    return pairs[0], pairs[1]


def load_acceptability() -> Pairs:
    """Load sentences of linguists, and whether they are English (CoLA): the order of the words decides.

    Returns:
        ``x`` of shape (8551,) and (1043,), object: one sentence each; ``y`` of shape (n,), int64: 1 is acceptable.
    """
    wanted = re.compile(r"CoLA/(train|dev)\.tsv")
    tables = {name: content.decode("utf-8") for name, content in _members(_only("acceptability"), wanted)}
    pairs = []
    for part in ("CoLA/train.tsv", "CoLA/dev.tsv"):
        rows = [line.split("\t") for line in tables[part].splitlines() if line]
        pairs.append((np.array([row[3] for row in rows], object), np.array([int(row[1]) for row in rows], np.int64)))
    return pairs[0], pairs[1]


def load_shakespeare() -> str:
    """Load scenes from Shakespeare's plays: one text of 1,115,394 characters. Public domain."""
    return _only("shakespeare").read_text(encoding="utf-8")


def load_sunspots() -> tuple[_Dates, npt.NDArray[np.float32]]:
    """Load the monthly sunspot numbers from 1749 to 1983.

    (`tfcourse.datasets.real_series.load_sunspots` has the yearly ones, without a download.)

    Returns:
        ``(months, sunspots)``: datetime64[M] and float32, both of shape (2820,).
    """
    rows = _table(_only("sunspots"))
    return np.array([row[0] for row in rows], "datetime64[M]"), np.array([float(row[1]) for row in rows], np.float32)


def load_daily_temperatures() -> tuple[_Dates, npt.NDArray[np.float32]]:
    """Load the lowest temperature of each day in Melbourne, 1981 to 1990.

    Returns:
        ``(days, temperatures)``: datetime64[D] and float32 in °C, both of shape (n,), about 3,650 days. The 31st of
        December is missing in leap years.
    """
    rows = _table(_only("daily_temperatures"))
    days = [datetime.datetime.strptime(row[0], "%m/%d/%Y").date() for row in rows]
    return np.array(days, "datetime64[D]"), np.array([float(row[1].strip("?")) for row in rows], np.float32)


def load_climate() -> tuple[_Dates, npt.NDArray[np.float32], tuple[str, ...]]:
    """Load what a weather station in Jena measured every ten minutes of 2020 (7 MB).

    Returns:
        ``(times, measurements, names)``: datetime64[s] of shape (n,), float32 of shape (n, 21), and the name of each
        column with its unit; about 52,700 rows.
    """
    text = _only("climate").read_text(encoding="utf-8", errors="replace")
    header, *rows = csv.reader(io.StringIO(text))
    times = [datetime.datetime.strptime(row[0], _format_of(rows[0][0])) for row in rows]
    values = np.array([[_number(cell) for cell in row[1:]] for row in rows], np.float32)
    return np.array(times, "datetime64[s]"), values, tuple(header[1:])


def load_taxi() -> tuple[_Dates, npt.NDArray[np.float32]]:
    """Load the passengers of New York's taxis, every half hour from July 2014 to January 2015.

    Days, weeks, holidays, a marathon and a snowstorm in one series.

    Returns:
        ``(times, passengers)``: datetime64[m] and float32, both of shape (n,), about 10,320 half hours.
    """
    rows = _table(_only("taxi"))
    times = np.array([row[0].replace(" ", "T") for row in rows], "datetime64[m]")
    return times, np.array([float(row[1]) for row in rows], np.float32)


# --- reading ------------------------------------------------------------------------------------------


def _paths(name: str) -> list[Path]:
    return [fetch(file) for file in SOURCES[name].files]


def _only(name: str) -> Path:
    (path,) = _paths(name)
    return path


def _number(cell: str) -> float:
    return np.nan if cell in {"", "?", "NA"} else float(cell)


def _table(path: Path) -> list[list[str]]:
    """Return the rows of a CSV file without its header."""
    return [row for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8"))) if row][1:]


def _format_of(time: str) -> str:
    return "%Y-%m-%d %H:%M:%S" if "-" in time else "%d.%m.%Y %H:%M:%S"


def _idx(path: Path) -> Array:
    """Read the format of MNIST: a header of dimensions, then bytes."""
    content = gzip.decompress(path.read_bytes())
    dimensions = content[3]
    shape = np.frombuffer(content, ">i4", dimensions, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions).reshape(shape).copy()


def _cifar(content: Array) -> Pair:
    rows = content.reshape(-1, 1 + 32 * 32 * 3)
    pictures = rows[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(pictures), rows[:, 0].astype(np.int64)


def _every_fifth(x: Array, y: Array) -> Pairs:
    """Split: rows 4, 9, 14, … are the test."""
    test = np.arange(len(x)) % 5 == 4
    return (x[~test], y[~test]), (x[test], y[test])


def _shuffled(x: Array, y: Array) -> Pair:
    order = np.random.default_rng(0).permutation(len(x))
    return x[order], y[order]


def _members(archive: Path, wanted: re.Pattern[str]) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of an archive's files whose whole name matches. Nothing is written to disk."""
    try:
        if archive.suffix == ".zip":
            with zipfile.ZipFile(archive) as opened:
                for name in opened.namelist():
                    if wanted.fullmatch(name):
                        yield name, opened.read(name)
        else:
            with tarfile.open(archive) as tar:
                for member in tar:
                    if member.isreg() and wanted.fullmatch(member.name):
                        file = tar.extractfile(member)
                        yield member.name, file.read() if file else b""
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError) as error:
        raise DataUnavailable(
            f"Expected an archive in {archive}; found: {error}. Delete the file and load again."
        ) from None


def _pictures(archive: Path, classes: tuple[str, ...], size: int) -> Pair:
    """Read the pictures of an archive, labelled by the folder that they lie in, in the order of their names."""
    from PIL import Image

    wanted = re.compile(r"(?:[\w-]+/)?(?P<label>" + "|".join(classes) + r")/[^/._][^/]*\.(?:png|jpe?g)")
    found = []
    for name, content in _members(archive, wanted):
        with Image.open(io.BytesIO(content)) as picture:
            pixels = np.asarray(picture.convert("RGB").resize((size, size), Image.Resampling.BILINEAR))
        found.append((name, pixels))
    found.sort(key=lambda pair: pair[0])
    labels = [classes.index(name.split("/")[-2]) for name, _ in found]
    return np.stack([pixels for _, pixels in found]), np.array(labels, np.int64)


def _picture_pair(name: str, classes: tuple[str, ...], size: int) -> Pairs:
    train, test = (_shuffled(*_pictures(path, classes, size)) for path in _paths(name))
    return train, test
