"""Wells: fresh at every seed, within their ranges, and different where the lesson says that they differ."""

import numpy as np
import pytest

from tfcourse.datasets.wells import FEATURES, SOURCES, UNITS, make_wells

NONE, FARMING, SEWAGE, SEA, MINING = range(5)


@pytest.fixture(scope="module")
def wells():
    return make_wells(20_000, seed=1)


def column(x, name):
    return x[:, FEATURES.index(name)]


def test_every_column_has_a_unit():
    assert set(UNITS) == set(FEATURES)


def test_values_are_ones_that_water_can_have(wells):
    x, _, _ = wells
    assert np.isfinite(x).all()
    assert np.all(x >= 0)
    assert 3 <= column(x, "pH").min() < 5
    assert 8 < column(x, "pH").max() <= 9
    assert 3 <= column(x, "temperature").min() <= column(x, "temperature").max() <= 22
    assert 2.5 <= column(x, "depth").min() <= column(x, "depth").max() <= 150


@pytest.mark.parametrize("name", ["nitrate", "chloride", "sulphate", "iron", "turbidity", "depth"])
def test_concentrations_are_skewed(wells, name):
    values = column(wells[0], name)
    assert values.mean() > 1.15 * np.median(values)


def test_unsafe_wells_are_rare_and_sources_are_not_balanced(wells):
    _, unsafe, source = wells
    assert 0.10 < unsafe.mean() < 0.16
    assert (np.bincount(source, minlength=len(SOURCES)) / 20_000).round(2) == pytest.approx(
        [0.38, 0.24, 0.16, 0.12, 0.10], abs=0.011
    )


def test_nitrate_above_the_limit_is_unsafe(wells):
    """Away from the limit, where the table's own error does not matter."""
    x, unsafe, _ = wells
    assert unsafe[column(x, "nitrate") > 62].all()


def test_chloride_alone_does_not_tell_sewage_from_the_sea_but_its_company_does(wells):
    x, _, source = wells
    chloride, potassium = column(x, "chloride"), column(x, "potassium")
    alike = (chloride > 80) & (chloride < 120)
    sewage, sea = alike & (source == SEWAGE), alike & (source == SEA)
    assert min(sewage.sum(), sea.sum()) > 100
    assert abs(chloride[sewage].mean() - chloride[sea].mean()) < 5
    assert np.median(potassium[sewage]) > 2 * np.median(potassium[sea])


def test_without_oxygen_a_field_leaves_no_nitrate(wells):
    x, _, source = wells
    farming = source == FARMING
    no_oxygen = column(x, "iron") > 0.6
    assert np.median(column(x, "nitrate")[farming & no_oxygen]) < 5
    assert np.median(column(x, "nitrate")[farming & ~no_oxygen]) > 30
    assert np.median(column(x, "potassium")[farming & no_oxygen]) > 3


def test_a_mine_makes_sour_water_with_iron_except_in_limestone(wells):
    x, _, source = wells
    mining = source == MINING
    sour = mining & (column(x, "pH") < 6.2)
    neutral = mining & (column(x, "pH") > 6.9)
    assert np.median(column(x, "iron")[sour]) > 2
    assert np.median(column(x, "iron")[neutral]) < 0.5
    assert min(np.median(column(x, "sulphate")[sour]), np.median(column(x, "sulphate")[neutral])) > 120


def test_shallow_wells_are_unsafe_more_often(wells):
    x, unsafe, _ = wells
    depth = column(x, "depth")
    assert unsafe[depth < 7].mean() > 1.5 * unsafe[depth > 20].mean()
