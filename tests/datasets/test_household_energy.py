import csv
import io

import numpy as np
import pytest

from tfcourse.datasets.household_energy import (
    COLUMNS,
    FEATURES,
    TARGET,
    UNITS,
    household_energy_csv,
    make_household_energy,
    write_household_energy,
)

TEMPERATURE, WIND, FLOOR_AREA, YEAR_BUILT, PEOPLE = range(5)


@pytest.fixture(scope="module")
def houses():
    return make_household_energy(20_000, seed=1)


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_has_every_column_a_unit():
    assert set(UNITS) == {*FEATURES, TARGET}


def test_are_values_within_their_ranges(houses):
    x, y = houses
    assert np.all(x >= [-16, 0, 32, 1900, 1])
    assert np.all(x <= [37, 70, 280, 2024, 6])
    assert np.array_equal(x[:, WIND:], x[:, WIND:].round())
    assert np.isfinite(y).all()
    assert y.min() >= 1


def test_is_consumption_of_the_size_that_the_docstring_tells(houses):
    _, y = houses
    assert y.mean() == pytest.approx(25, abs=1)
    assert np.percentile(y, [25, 75]) == pytest.approx([10, 31], abs=1)


def test_does_electricity_fall_with_temperature_lie_flat_and_rise_again(houses):
    x, y = houses
    temperature = x[:, TEMPERATURE]
    cold, cool, mild, hot = (
        y[(temperature > low) & (temperature < high)].mean() for low, high in ((-8, -4), (6, 10), (17, 21), (28, 32))
    )
    assert cold > 1.5 * cool > 1.5 * 1.5 * mild
    assert hot > 1.2 * mild


def test_does_a_degree_of_frost_cost_more_in_a_large_old_house(houses):
    x, y = houses

    def slope(chosen):
        return np.polyfit(x[chosen, TEMPERATURE], y[chosen], deg=1)[0]

    cold = x[:, TEMPERATURE] < 10
    old_and_large = cold & (x[:, YEAR_BUILT] < 1960) & (x[:, FLOOR_AREA] > 140)
    new_and_small = cold & (x[:, YEAR_BUILT] > 2000) & (x[:, FLOOR_AREA] < 100)
    assert slope(old_and_large) < 5 * slope(new_and_small) < 0


def test_do_more_people_live_in_larger_houses(houses):
    x, _ = houses
    assert np.corrcoef(x[:, FLOOR_AREA], x[:, PEOPLE])[0, 1] > 0.2


def test_does_csv_without_gaps_hold_the_same_numbers():
    x, y = make_household_energy(30, seed=3)
    rows = rows_of(household_energy_csv(30, seed=3, gaps=0))
    assert tuple(rows[0]) == COLUMNS
    assert np.array_equal([[float(row[name]) for name in FEATURES] for row in rows], x.astype(float).round(1))
    assert np.allclose([float(row[TARGET]) for row in rows], y, atol=0.051)
    assert all(", " in row["address"] for row in rows)


def test_are_gaps_as_many_as_asked_for_and_only_where_asked_for():
    rows = rows_of(household_energy_csv(1_000, seed=3, gaps=0.1, gaps_in=("wind", TARGET), blank=" "))
    gaps = {name: sum(row[name] == " " for row in rows) for name in COLUMNS}
    assert 70 < gaps.pop("wind") < 130
    assert 70 < gaps.pop(TARGET) < 130
    assert set(gaps.values()) == {0}


def test_are_columns_in_the_order_asked_for():
    text = household_energy_csv(3, seed=3, columns=("people", TARGET))
    assert text.splitlines()[0] == "people,electricity"
    assert tuple(rows_of(text)[0]) == ("people", "electricity")


def test_is_the_file_the_text_in_utf8_with_plain_line_ends(tmp_path):
    path = write_household_energy(tmp_path / "new" / "houses.csv", 40, seed=5, gaps=0.2)
    assert path.read_bytes() == household_energy_csv(40, seed=5, gaps=0.2).encode()
