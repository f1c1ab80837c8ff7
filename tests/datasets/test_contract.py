"""What all generators promise: the same data for a seed, other data for another one, balanced labels, clear refusals.

What one of them promises beyond that is in its own file. A generator that is not in the table fails a test.
"""

import importlib
import io
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pytest
from PIL import Image

from tfcourse import datasets
from tfcourse.datasets import (
    accidents,
    beehives,
    blood_cells,
    bookings,
    city_bikes,
    complaints,
    cracks,
    gearboxes,
    hands,
    handwriting,
    heat_pumps,
    household_energy,
    leaves,
    pilot_boat,
    refused,
    reviews,
    ships,
    sick_leaves,
    signs,
    surfaces,
    tickets,
    tides,
    walls,
    weaves,
    wells,
    wind_farms,
)
from tfcourse.datasets.bakery import make_rolls, make_trays
from tfcourse.datasets.demand import make_demand
from tfcourse.datasets.rivers import make_rivers
from tfcourse.datasets.solar import make_solar
from tfcourse.datasets.sumps import make_sumps
from tfcourse.errors import CourseError, LearnerMistake

FLOAT, INT, PIXEL, TEXT, FILE = "float32", "int64", "uint8", "U", "file"
LARGE = 2**255 + 1
"""Seeds may have 256 bits."""


@dataclass(frozen=True, eq=False)
class Promise:
    """What a generator says that it returns.

    Args:
        make: The generator.
        row: The kind and the shape of what stands for one example.
        labels: The kinds of what else it returns, each of shape (n,).
        classes: Their names; the labels are the first of `labels`.
        balanced: Whether all are equally frequent.
        many: How many examples hold no example twice.
        alike: How many of 60 examples may be those of another seed: short texts are now and then.
        arguments: Passed to every call.
        steps: Of a series: the argument for its length, and how many steps one of it is.
        sides: Of files: what the longer side of a picture has, in pixels, at least and at most.
        even_light: Whether the brightness of pictures must not tell the class.
    """

    make: Callable
    row: tuple = (FLOAT, ())
    labels: tuple = ()
    classes: tuple = ()
    many: int = 300
    alike: int = 0
    arguments: dict = field(default_factory=dict)
    steps: tuple = ()
    sides: tuple = ()
    even_light: bool = False
    balanced: bool = True

    def __call__(self, n, seed=1, **more):
        """Return all parts of what is drawn, as a tuple; series are short."""
        if self.steps:
            more = {self.steps[0]: 12, **more}
        drawn = self.make(n, seed=seed, **self.arguments, **more)
        return drawn if isinstance(drawn, tuple) else (drawn,)

    def __str__(self):
        return "-".join([self.make.__name__.removeprefix("make_"), *map(str, self.arguments.values())])


def table(make, features, *labels, classes=(), many=20_000):
    return Promise(make, (FLOAT, (len(features),)), labels, classes, many)


def pictures(make, size, classes, channels=(), **more):
    return Promise(make, (PIXEL, (size, size, *channels)), (INT,), classes, **more)


def photographs(make, classes, *sides):
    return Promise(make, (FILE, ()), (INT,), classes, many=120, sides=sides, even_light=True)


def texts(make, classes=(), many=3_000, alike=2):
    return Promise(make, (TEXT, ()), (INT,), classes, many, alike)


def series(make, steps, a_step, *columns, **more):
    return Promise(make, (FLOAT, columns), steps=(steps, a_step), many=200, **more)


PROMISES = [
    table(make_rolls, range(6), FLOAT, many=6_000),
    table(make_trays, range(6), FLOAT, many=6_000),
    table(beehives.make_beehives, beehives.FEATURES, INT),
    table(gearboxes.make_gearboxes, gearboxes.ORDERS, INT, INT, many=6_000),
    table(gearboxes.make_archive, gearboxes.ARCHIVE_ORDERS, INT, INT, many=2_000),
    table(heat_pumps.make_heat_pumps, heat_pumps.FEATURES, FLOAT),
    table(household_energy.make_household_energy, household_energy.FEATURES, FLOAT, many=500),
    table(ships.make_ships, ships.FEATURES, INT, classes=ships.DOINGS, many=12_000),
    table(wells.make_wells, wells.FEATURES, INT, INT),
    pictures(blood_cells.make_blood_cells, 32, blood_cells.CLASSES, (3,), even_light=True),
    pictures(cracks.make_cracks, 32, ("cracked", "sound"), even_light=True),
    pictures(handwriting.make_handwriting, handwriting.SIZE, handwriting.CLASSES, (1,), arguments={"source": "forms"}),
    pictures(handwriting.make_handwriting, handwriting.SIZE, handwriting.CLASSES, (1,), arguments={"source": "notes"}),
    pictures(signs.make_signs, signs.SIZE, signs.CLASSES, (3,)),
    pictures(surfaces.make_grounds, surfaces.SIZE, surfaces.GROUNDS, (3,)),
    pictures(surfaces.make_surfaces, surfaces.SIZE, surfaces.KINDS, (3,), many=60),
    pictures(weaves.make_weaves, 28, weaves.CLASSES, even_light=True, balanced=False),
    photographs(hands.make_hands, hands.CLASSES, 72, 120),
    Promise(leaves.make_leaves, (FILE, ()), (INT,), leaves.CLASSES, sides=(80, 160)),
    photographs(sick_leaves.make_sick_leaves, sick_leaves.CLASSES, 84, 132),
    photographs(walls.make_walls, walls.CLASSES, 64, 150),
    texts(accidents.make_accidents, accidents.CAUSES),
    texts(bookings.make_bookings, bookings.WISHES, many=1_000),
    texts(complaints.make_complaints, complaints.PARTS),
    texts(pilot_boat.make_pilot_boat, pilot_boat.PLACES),
    texts(reviews.make_reviews, ("unfavourable", "favourable"), many=6_000, alike=0),
    texts(tickets.make_tickets, alike=1),
    series(city_bikes.make_city_bikes, "days", 24, len(city_bikes.COLUMNS)),
    series(make_demand, "days", 24),
    series(make_rivers, "hours", 1, 5),
    series(make_solar, "days", 24),
    series(make_sumps, "readings", 1),
    series(tides.make_tides, "hours", 1, len(tides.COLUMNS)),
    series(tides.make_gated_harbours, "hours", 1, len(tides.GATED_COLUMNS)),
    series(wind_farms.make_wind_farms, "days", 24, len(wind_farms.COLUMNS)),
]
BALANCED = [promise for promise in PROMISES if promise.classes and promise.balanced]
SERIES = [promise for promise in PROMISES if promise.steps]
FILES = [promise for promise in PROMISES if promise.row[0] == FILE]
EVEN = [promise for promise in PROMISES if promise.even_light]
OTHERS = {"make_sales", "make_harbour_log"}
"""They draw a chain of shops and a log, no rows of examples."""


def generators():
    """Return every function of the package that draws a data set, by its name."""
    found = {}
    for module in pkgutil.iter_modules(datasets.__path__):
        if not module.ispkg:
            names = vars(importlib.import_module(f"tfcourse.datasets.{module.name}"))
            found |= {name: value for name, value in names.items() if name.startswith("make_") and callable(value)}
    return found


GENERATORS = generators()


def of(promises):
    return pytest.mark.parametrize("promise", promises, ids=str)


@cache
def many_of(promise):
    """Return as many examples as the promise says; drawn once for all tests."""
    return promise(promise.many)


def keys(rows):
    """Return what tells examples apart."""
    return [row.tobytes() if isinstance(row, np.ndarray) else row for row in rows]


def opened(files):
    return [Image.open(io.BytesIO(file)) for file in files]


def test_every_generator_is_in_the_table():
    assert {promise.make.__name__ for promise in PROMISES} | OTHERS == set(GENERATORS)


@of(PROMISES)
@pytest.mark.parametrize("n", [0, 1, 7])
def test_shapes_and_kinds_are_what_the_docstring_says(promise, n):
    if n == 0 and promise.steps:
        n = 2
    more = {promise.steps[0]: 3} if promise.steps else {}
    rows, *labels = promise(n, **more)
    kind, shape = promise.row
    length = (3 * promise.steps[1],) if promise.steps else ()
    assert len(rows) == n
    if kind == FILE:
        assert {type(row) for row in rows} <= {bytes, np.bytes_}
    else:
        assert rows.shape == (n, *length, *shape)
        assert rows.dtype.kind == kind if kind == TEXT else rows.dtype == kind
    assert [(part.shape, str(part.dtype)) for part in labels] == [((n,), name) for name in promise.labels]


@of(PROMISES)
def test_the_same_seed_draws_the_same(promise):
    for first, second in zip(promise(24, LARGE), promise(24, LARGE), strict=True):
        np.testing.assert_array_equal(first, second)


@of(PROMISES)
def test_other_seeds_draw_others(promise):
    first, second = (set(keys(promise(60, seed)[0])) for seed in (LARGE, LARGE + 1))
    assert len(first & second) <= promise.alike


@of(PROMISES)
def test_no_example_is_drawn_twice(promise):
    assert len(set(keys(many_of(promise)[0]))) == promise.many


@of(BALANCED)
@pytest.mark.parametrize("n", [0, 1, 13, 33])
def test_classes_are_balanced(promise, n):
    counts = np.bincount(promise(n, 3)[1], minlength=len(promise.classes))
    assert len(counts) == len(promise.classes)
    assert counts.sum() == n
    assert counts.max() - counts.min() <= 1


@of(BALANCED)
def test_labels_come_in_random_order(promise):
    labels, classes = many_of(promise)[1], len(promise.classes)
    steps = np.bincount((labels[1:] - labels[:-1]) % classes, minlength=classes) / (len(labels) - 1)
    np.testing.assert_allclose(steps, 1 / classes, atol=0.16)


@of(FILES)
def test_names_of_classes_are_in_the_order_of_folders(promise):
    assert list(promise.classes) == sorted(promise.classes)


@of(FILES)
def test_pictures_have_many_sizes(promise):
    sizes = [picture.size for picture in opened(many_of(promise)[0])]
    assert len(set(sizes)) > 0.75 * len(sizes)
    assert all(promise.sides[0] <= max(size) <= promise.sides[1] for size in sizes)


@of(EVEN)
def test_brightness_does_not_tell_the_class(promise):
    """Classes differ less in how bright their pictures are than pictures of one class do."""
    rows, labels = many_of(promise)
    if promise in FILES:
        assert {picture.mode for picture in opened(rows)} == {"RGB"}
        rows = [np.asarray(picture.convert("L")) for picture in opened(rows)]
    light = np.array([np.mean(row) for row in rows])
    chosen = [light[labels == label] for label in range(len(promise.classes))]
    means = np.array([part.mean() for part in chosen])
    assert means.std() < np.mean([part.std() for part in chosen])
    assert np.ptp(means) < 1.5 * light.std()


@of(SERIES)
def test_nothing_to_draw_is_an_error(promise):
    for wrong in ({"n": 0}, {"n": 1, promise.steps[0]: 0}):
        with pytest.raises(CourseError, match="at least 1"):
            promise(**wrong)


@pytest.mark.parametrize("make", GENERATORS.values(), ids=GENERATORS)
def test_each_refuses_while_a_learners_code_answers_and_says_why(make):
    with refused(), pytest.raises(LearnerMistake) as told:
        make(2, seed=0)
    message = str(told.value)
    assert message.startswith("Expected your function to make do with the data that it is given;")
    assert f"it calls {make.__name__}()." in message
    assert "take the call out of your function" in message
