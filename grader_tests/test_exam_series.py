"""Exam problems of series: the files hold what the statements say, and no hidden target stands anywhere in sight."""

import io
import sys
from functools import cache

import numpy as np
import pandas as pd
import pytest

from tfcourse.checks.problems import ExamProblem
from tfcourse.checks.registry import find_check
from tfcourse.course import find_course

COURSE = find_course()
NAMES = ("exam.sumps", "exam.rivers", "exam.wind_farms")
SHAPES = {"exam.sumps": ((48, 1), (1,)), "exam.rivers": ((24, 5), (8,)), "exam.wind_farms": ((24, 6), (24,))}

HIDDEN = {"exam.sumps": 1500, "exam.rivers": 2000, "exam.wind_farms": 1500}


@cache
def problem(name):
    found = find_check(COURSE, name)
    assert isinstance(found, ExamProblem)
    return found


@cache
def drawn(name, seed=2**200 + 5):
    return problem(name).data(seed)


def exam_series():
    return sys.modules[problem("exam.sumps").data.__module__]


def table(name, file):
    return pd.read_csv(io.BytesIO(drawn(name).files[file]))


def pieces(series, length):
    """Return every run of `length` values of a series, as bytes."""
    series = np.ascontiguousarray(series, dtype=np.float32)
    return {run.tobytes() for run in np.lib.stride_tricks.sliding_window_view(series, length)}


@pytest.mark.parametrize("name", NAMES)
def test_shapes_are_what_the_statement_says(name):
    split, (inputs, targets) = drawn(name), SHAPES[name]
    assert split.x_train.shape == (len(split.y_train), *inputs)
    assert (split.x_test.shape, split.y_test.shape) == ((HIDDEN[name], *inputs), (HIDDEN[name], *targets))
    assert split.y_train.shape[1:] == targets
    assert problem(name).training.output.shape == targets
    for array in (split.x_train, split.y_train, split.x_test, split.y_test):
        assert array.dtype == np.float32
        assert np.isfinite(array).all()


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_problem_and_another_one_another(name):
    first, again, other = drawn(name), problem(name).data(2**200 + 5), drawn(name, 7)
    assert first.files == again.files
    np.testing.assert_array_equal(first.x_test, again.x_test)
    np.testing.assert_array_equal(first.y_test, again.y_test)
    assert set(first.files) == set(other.files)
    assert not set(first.files.values()) & set(other.files.values())
    assert not {x.tobytes() for x in first.x_test} & {x.tobytes() for x in other.x_test}


@pytest.mark.parametrize("name", NAMES)
def test_files_are_small(name):
    assert sum(map(len, drawn(name).files.values())) < 6 * 2**20


@pytest.mark.parametrize("name", NAMES)
def test_hidden_inputs_are_as_training_inputs_are(name):
    """Other stations, years and farms, of the same kind: means within a tenth of a standard deviation or two."""
    split = drawn(name)
    spread = split.x_train.std(axis=(0, 1))
    difference = split.x_test.mean(axis=(0, 1)) - split.x_train.mean(axis=(0, 1))
    assert (np.abs(difference) < 0.3 * spread).all()
    assert abs(split.y_test.mean() - split.y_train.mean()) < 0.3 * split.y_train.std()


@pytest.mark.parametrize("name", NAMES)
def test_no_hidden_window_occurs_twice_or_in_training(name):
    split = drawn(name)
    hidden = {x.tobytes() for x in split.x_test}
    assert len(hidden) == HIDDEN[name]
    assert not hidden & {x.tobytes() for x in split.x_train}


def test_each_hidden_question_comes_from_a_row_of_its_own():
    """Rows are realisations of their own; so what follows one window stands in no other one."""
    series = exam_series()
    rows = np.arange(40 * 54).reshape(40, 54)  # stand-ins that say which row and which step they are
    x, y = series.hidden_sumps(rows)
    np.testing.assert_array_equal(x, rows[:, :48])
    np.testing.assert_array_equal(y, rows[:, 53:])

    rows = np.arange(40 * 32 * 5).reshape(40, 32, 5)
    x, y = series.hidden_rivers(rows)
    np.testing.assert_array_equal(x, rows[:, :24])
    np.testing.assert_array_equal(y, rows[:, 24:, 0])

    rows = np.arange(40 * 48 * 5).reshape(40, 48, 5)
    x, y = series.day_pairs(rows)
    np.testing.assert_array_equal(x[..., :3], rows[:, :24, :3])
    np.testing.assert_array_equal(x[..., 3:], rows[:, 24:, 2:])
    np.testing.assert_array_equal(y, rows[:, 24:, 0])


def test_the_readings_around_a_hidden_level_stand_nowhere_else():
    """A single level recurs; the hour before it never does, so nobody can look up how it went on."""
    split = drawn("exam.sumps")
    ends = [x[-12:, 0].tobytes() for x in split.x_test]
    assert len(set(ends)) == 1500
    stations = table("exam.sumps", "levels.csv").iloc[:, 1:].to_numpy().T
    assert not set(ends) & set().union(*(pieces(station, 12) for station in stations))


def test_no_hidden_hours_of_a_river_stand_in_a_window_or_a_file():
    split, files = drawn("exam.rivers"), drawn("exam.rivers").files
    answers = {y.tobytes() for y in split.y_test}
    assert len(answers) == 2000
    for file in files:
        assert not answers & pieces(table("exam.rivers", file)["level"], 8)
    assert not answers & set().union(*(pieces(x[:, 0], 8) for x in split.x_test))


def test_no_hidden_day_of_a_farm_stands_in_a_window_or_a_file():
    """But for days without wind, or with the wind above what a turbine makes of it: their power is no secret."""
    split = drawn("exam.wind_farms")
    moving = split.y_test[np.ptp(split.y_test, axis=1) > 1]
    answers = {y.tobytes() for y in moving}
    assert len(answers) == len(moving) > 1_400
    for power in table("exam.wind_farms", "farms.csv").groupby("farm")["power"]:
        assert not answers & pieces(power[1], 24)
    assert not answers & {x[:, 0].tobytes() for x in split.x_test}


def test_the_sumps_file_is_as_its_statement_says():
    levels = table("exam.sumps", "levels.csv")
    assert list(levels.columns) == ["time", *(f"station_{number:03}" for number in range(1, 101))]
    times = pd.to_datetime(levels["time"])
    assert str(times.iloc[0]) == "2024-03-05 00:00:00"
    assert len(levels) == 3 * 288
    assert (times.diff().dropna() == pd.Timedelta(minutes=5)).all()
    first = levels["station_001"].to_numpy("float32")
    np.testing.assert_array_equal(drawn("exam.sumps").x_train[0, :, 0], first[:48])
    assert drawn("exam.sumps").y_train[0, 0] == first[53]


def test_the_river_files_are_as_their_statement_says():
    files = drawn("exam.rivers").files
    assert list(files) == [f"{year}-{year % 100 + 1:02}.csv" for year in range(2002, 2018, 2)]
    for file in files:
        year = table("exam.rivers", file)
        assert list(year.columns) == ["time", "level", "rain", "temperature", "soil", "reservoir"]
        times = pd.to_datetime(year["time"])
        assert times.is_monotonic_increasing
        assert times.is_unique
        assert times.iloc[0] >= pd.Timestamp(f"{file[:4]}-10-01")
        assert times.iloc[-1] <= pd.Timestamp(f"{int(file[:4]) + 1}-09-30 23:00")
        assert 0.96 * 8760 < len(year) < 8760, "some lines are missing"
        empty = year.isna().mean()
        assert 0.005 < empty[["level", "rain", "soil"]].min() <= empty.max() < 0.08
        assert empty[["temperature", "reservoir"]].max() == 0


def test_windows_of_the_river_jump_over_no_gap():
    """The arrays that baselines learn from are what a careful reader finds in the files."""
    x, y = [], []
    for file in drawn("exam.rivers").files:
        year = table("exam.rivers", file)
        year.index = pd.to_datetime(year.pop("time"))
        hours = pd.date_range(f"{file[:4]}-10-01", periods=8760, freq="h")
        rows = year.reindex(hours).to_numpy("float32")
        for start in range(0, 8760 - 31, 4):
            cut = rows[start : start + 32]
            if not (np.isnan(cut[:24]).any() or np.isnan(cut[24:, 0]).any()):
                x.append(cut[:24])
                y.append(cut[24:, 0])
    np.testing.assert_array_equal(drawn("exam.rivers").x_train, np.stack(x))
    np.testing.assert_array_equal(drawn("exam.rivers").y_train, np.stack(y))


def test_the_farms_file_is_as_its_statement_says():
    farms = table("exam.wind_farms", "farms.csv")
    columns = ["farm", "time", "power", "wind", "wind_forecast", "direction_forecast", "turbines"]
    assert list(farms.columns) == columns
    assert (farms.groupby("farm").size() == 61 * 24).all()
    assert list(farms["farm"].unique()) == list(range(1, 81))
    times = pd.to_datetime(farms["time"]).to_numpy().reshape(80, -1)
    assert (np.diff(times, axis=1) == np.timedelta64(1, "h")).all()
    rows = farms.iloc[:48, 2:].to_numpy("float32")
    split = drawn("exam.wind_farms")
    np.testing.assert_array_equal(split.x_train[0], np.concatenate([rows[:24, :3], rows[24:, 2:]], axis=1))
    np.testing.assert_array_equal(split.y_train[0], rows[24:, 0])
