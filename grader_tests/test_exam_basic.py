"""Tables of the exam: what a candidate gets is what the statement says, and no more."""

import csv
import io
import json

import numpy as np
import pytest

from tfcourse.checks.registry import written_problems
from tfcourse.course import find_course
from tfcourse.datasets import beehives, heat_pumps, ships

CHECKS = written_problems(find_course(), "basic")
HEAT_PUMPS, BEEHIVES, SHIPS = CHECKS
SEEDS = (11, 2**255 + 11)
TABLES = [
    (HEAT_PUMPS, "readings.csv", (*heat_pumps.FEATURES, "power_kw")),
    (BEEHIVES, "hives.csv", (*beehives.FEATURES, "alive")),
]


@pytest.fixture(scope="module", params=CHECKS, ids=lambda check: check.name)
def drawn(request):
    return request.param, request.param.data(SEEDS[0])


def test_the_same_seed_gives_the_same_files_and_hidden_rows(drawn):
    check, first = drawn
    again = check.data(SEEDS[0])
    assert again.files == first.files
    np.testing.assert_array_equal(again.x_test, first.x_test)
    np.testing.assert_array_equal(again.y_test, first.y_test)


def test_another_seed_gives_other_rows(drawn):
    check, first = drawn
    other = check.data(SEEDS[1])
    assert not set(map(bytes, first.x_test)) & set(map(bytes, other.x_test))
    assert other.files != first.files


def test_hidden_rows_are_not_among_those_to_learn_from_nor_alike_among_themselves(drawn):
    _, found = drawn
    hidden, given = set(map(bytes, found.x_test)), set(map(bytes, found.x_train))
    assert not hidden & given
    assert len(hidden) == len(found.x_test) == 2_000


def test_no_column_of_the_hidden_rows_is_the_target(drawn):
    _, found = drawn
    x, y = found.x_test, found.y_test
    assert x.dtype == np.float32
    assert np.isfinite(x).all()
    assert all(abs(np.corrcoef(column, y)[0, 1]) < 0.9 for column in x.T)


def test_order_does_not_tell_the_target(drawn):
    _, found = drawn
    y = found.y_test.astype(float)
    assert abs(np.corrcoef(y[1:], y[:-1])[0, 1]) < 0.1
    assert abs(np.corrcoef(np.arange(len(y)), y)[0, 1]) < 0.1


def test_files_are_small(drawn):
    _, found = drawn
    assert sum(map(len, found.files.values())) < 2**20


@pytest.mark.parametrize(("check", "name", "columns"), TABLES, ids=[check.name for check, *_ in TABLES])
def test_a_csv_file_holds_the_rows_to_learn_from(check, name, columns):
    found = check.data(SEEDS[0])
    assert set(found.files) == {name}
    header, *rows = csv.reader(io.StringIO(found.files[name].decode()))
    assert tuple(header) == columns
    table = np.array(rows, dtype=np.float32)
    np.testing.assert_allclose(table[:, :-1], found.x_train, rtol=1e-5)
    np.testing.assert_allclose(table[:, -1], found.y_train, atol=1e-3)


def test_reports_have_a_few_gaps_and_are_else_the_rows_to_learn_from():
    found = SHIPS.data(SEEDS[0])
    assert set(found.files) == {"reports.jsonl"}
    reports = [json.loads(line) for line in found.files["reports.jsonl"].decode().splitlines()]
    assert len(reports) == 3_600
    assert {tuple(report) for report in reports} == {(*ships.FEATURES, "doing")}
    whole = [report for report in reports if None not in report.values()]
    assert 0.8 < len(whole) / len(reports) < 0.92
    table = np.array([[report[name] for name in ships.FEATURES] for report in whole], dtype=np.float32)
    np.testing.assert_array_equal(table, found.x_train)
    assert [ships.DOINGS.index(report["doing"]) for report in whole] == found.y_train.tolist()
    hidden = set(map(bytes, found.x_test))
    filled = np.array([[report[name] or 0 for name in ships.FEATURES] for report in reports], dtype=np.float32)
    assert not hidden & set(map(bytes, filled))
