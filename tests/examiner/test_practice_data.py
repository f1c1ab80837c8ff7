"""Practice data are drawn once and kept: anew where anything changed, and never more than fits."""

import hashlib
import os
import stat
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tfcourse.checks import FileModel, FixedBudget, Folder, FunctionCheck, Key, Output, OwnTraining, Task
from tfcourse.checks.records import digest_task
from tfcourse.checks.registry import find_check
from tfcourse.errors import GraderBroken
from tfcourse.examiner import InProcessExaminer, Secret, derive_seed, practice_data
from tfcourse.examiner.paper import Question
from tfcourse.examiner.secret import PRACTICE_SECRET

SECRET = Secret(b"a secret of the tests, long enough to be one", "the tests")
IDS = ("week01.double", "week01.line")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache of the test's own."""
    folder = tmp_path / "cache" / "deep"
    monkeypatch.setenv(practice_data.FOLDER_VARIABLE, str(folder))
    return folder


@pytest.fixture
def draws(monkeypatch):
    """The ids of the checks that were drawn."""
    drawn = []
    draw = Question.draw.__func__

    def counted(cls, check, seed):
        drawn.append(check.id)
        return draw(cls, check, seed)

    monkeypatch.setattr(Question, "draw", classmethod(counted))
    return drawn


def question(course, check_id="week01.line", seed=7):
    return practice_data.question(course, find_check(course, check_id), seed)


def files(cache):
    return sorted(cache.glob("*.practice"))


def same(a, b):
    """Tell whether two questions are the same in everything that decides a score."""
    assert a.task.respondent == b.task.respondent
    assert (a.task.check_id, a.task.weights_seed, a.seed) == (b.task.check_id, b.task.weights_seed, b.seed)
    assert a.key.about == b.key.about
    assert digest_task(a.task, a.key) == digest_task(b.task, b.key)
    for mine, theirs in ((a.key.expected, b.key.expected), ((a.key.seen,), (b.key.seen,))):
        for one, other in zip(mine, theirs, strict=True):
            for found, wanted in zip(one, other, strict=True):
                assert found.dtype == wanted.dtype
                np.testing.assert_array_equal(found, wanted)
    np.testing.assert_array_equal(a.key.seen_expected, b.key.seen_expected)
    return True


# ---------------------------------------------------------------------------- once


@pytest.mark.parametrize("check_id", IDS)
def test_a_task_is_drawn_once(course, cache, draws, check_id):
    first = question(course, check_id)
    again = question(course, check_id)
    assert draws == [check_id]
    assert again is not first
    assert same(again, first)
    assert [path.name.startswith(f"{check_id}-") for path in files(cache)] == [True]


def test_each_check_and_each_seed_has_its_own(course, cache, draws):
    kept = [question(course, check_id, seed) for check_id in IDS for seed in (1, 2**200)]
    assert len(draws) == len(files(cache)) == 4
    for each in kept:
        assert same(question(course, each.check.id, each.seed), each)
    assert len(draws) == 4


def test_practice_uses_it_and_grading_does_not(course, cache, draws):
    for _ in range(2):
        InProcessExaminer(course, "practice", SECRET).open("week01.line")
    assert draws == ["week01.line"]
    for _ in range(2):
        InProcessExaminer(course, "grade", SECRET).open("week01.line")
    assert draws == ["week01.line"] * 3
    (path,) = files(cache)
    seed = derive_seed(PRACTICE_SECRET, "practice", "week01.line", 0)
    assert same(question(course, seed=seed), Question.draw(find_check(course, "week01.line"), seed))
    assert files(cache) == [path]


# ---------------------------------------------------------------------------- what is kept


def data_check(course, training, **split):
    """Return a check whose data are whatever they have to be to travel."""
    check = find_check(course, "week01.line")
    return replace(check, training=training, data=lambda seed: replace(check.data(seed), **split))


KEPT = {
    "a design": (FixedBudget(Output("value"), epochs=3), {}),
    "own training": (OwnTraining(Output("value"), budget=9.0), {}),
    "files": (
        OwnTraining(Output("value"), budget=9.0, gets="folder"),
        {"files": {"a/1.png": b"\x89PNG\x00", "b.txt": b""}},
    ),
    "text in two forms": (
        FileModel(Output("value")),
        {
            "x_train": np.array(["é", "two"]),
            "y_train": np.array([1.0, 2.0]),
            "x_test": np.array(["three"] * 200),
            "forms": (np.zeros((200, 2), "int32"),),
            "train_forms": (np.zeros((2, 2), "int32"),),
        },
    ),
}


@pytest.mark.parametrize(("training", "split"), KEPT.values(), ids=KEPT)
def test_every_kind_of_task_comes_back_as_it_was(course, cache, training, split):
    check = data_check(course, training, **split)
    first = practice_data.question(course, check, 7)
    again = practice_data.question(course, check, 7)
    assert again is not first
    assert same(again, first)
    assert again.task.train.keys() == first.task.train.keys()
    if "files" in split:
        assert again.task.train["folder"] == Folder(split["files"])


def test_a_function_checks_arguments_come_back_as_they_were(course, cache):
    cases = [("all", (np.zeros(2), "text", 3, 2.5, None, True, [1, (2, "x")], {"a": np.ones(1)}, Folder({"f": b"x"})))]
    check = FunctionCheck(
        id="week01.double",
        title="Double",
        points=2,
        skills=("B1",),
        hints=("a", "b"),
        reference=lambda *arguments: 3,
        cases=lambda seed: cases,
    )
    first, again = (practice_data.question(course, check, 7) for _ in range(2))
    assert same(again, first)
    assert repr(again.task.cases) == repr(first.task.cases)


def test_what_cannot_be_kept_is_drawn_each_time(course, cache, draws, monkeypatch):
    check = find_check(course, "week01.double")
    odd = Question(check, Task("week01.double", check.calling, ((object(),),)), Key(expected=()), 7)
    monkeypatch.setattr(Question, "draw", classmethod(lambda cls, check, seed: odd))
    assert question(course, "week01.double") is odd
    assert files(cache) == []


# ---------------------------------------------------------------------------- anew


CHANGES = {
    "the check": ("grader_tests/week01.py", "0.1 * rng.normal(size=400)", "0.2 * rng.normal(size=400)"),
    "a comment beside it": ("grader_tests/week01.py", "TRAINING = ", "# A comment.\nTRAINING = "),
    "the reference": ("curriculum/week01_mini/assignment.py", "return 2 * np.asarray(x)", "return np.asarray(x) * 2"),
}


@pytest.mark.parametrize(("name", "old", "new"), CHANGES.values(), ids=CHANGES)
def test_it_is_drawn_anew_where_what_makes_it_has_changed(own_course, edit, cache, draws, name, old, new):
    question(own_course)
    question(edit(name, old, new))
    assert len(draws) == 2
    assert len(files(cache)) == 2


def test_it_is_drawn_anew_where_the_software_has_changed(course, cache, draws, monkeypatch):
    question(course)
    monkeypatch.setattr("tfcourse.examiner.fingerprint.version", lambda name: "99")
    question(course)
    monkeypatch.setattr("tfcourse.examiner.fingerprint.digest_of_sources", lambda *_: "other code")
    question(course)
    assert len(draws) == len(files(cache)) == 3


def test_what_does_not_decide_it_changes_nothing(own_course, edit, cache, draws):
    question(own_course)
    question(edit("curriculum/week01_mini/lesson.py", "Some words.", "Other words."))
    assert draws == ["week01.line"]


DAMAGES = {
    "empty": lambda content: b"",
    "cut off": lambda content: content[: len(content) // 2],
    "garbage": lambda content: os.urandom(1_000),
    "longer": lambda content: content + b"x",
    "a digit": lambda content: content[:-80] + bytes([content[-80] ^ 1]) + content[-79:],
    "of another program": lambda content: signed(content[32:].replace(b'"key"', b'"kex"', 1)),
    "of another version": lambda content: signed(content[32:].replace(b'"seen_expected"', b'"seen_expexted"', 1)),
    "no message": lambda content: signed(b"no message"),
}


def signed(content):
    return hashlib.sha256(content).digest() + content


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_drawn_anew_and_replaced(course, cache, draws, damage):
    first = question(course)
    (path,) = files(cache)
    path.write_bytes(damage(path.read_bytes()))
    assert same(question(course), first)
    assert same(question(course), first)
    assert len(draws) == 2


def test_a_folder_in_its_place_costs_time_and_nothing_else(course, cache, draws):
    question(course)
    (path,) = files(cache)
    path.unlink()
    path.mkdir()
    for _ in range(2):
        question(course)
    assert len(draws) == 3


# ---------------------------------------------------------------------------- where


def test_without_a_folder_nothing_is_kept(course, monkeypatch, draws, tmp_path):
    monkeypatch.setenv(practice_data.FOLDER_VARIABLE, "")
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.rglob("*"))
    for _ in range(2):
        question(course)
    assert len(draws) == 2
    assert set(tmp_path.rglob("*")) == before


def test_the_folder_is_the_systems_for_caches(monkeypatch):
    monkeypatch.delenv(practice_data.FOLDER_VARIABLE)
    folder = practice_data.folder()
    assert folder.is_absolute()
    assert folder.name == "practice"
    assert "tfcourse" in folder.parts


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_cannot_be_written_costs_time_and_nothing_else(course, cache, draws):
    cache.mkdir(parents=True)
    cache.chmod(stat.S_IRUSR | stat.S_IXUSR)
    for _ in range(2):
        question(course)
    assert len(draws) == 2


def test_a_folder_that_cannot_be_made_costs_time_and_nothing_else(course, cache, draws):
    cache.parent.write_text("a file")
    for _ in range(2):
        question(course)
    assert len(draws) == 2


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), GraderBroken("cannot be sent")])
def test_a_disk_that_is_full_costs_time_and_nothing_else(course, cache, draws, monkeypatch, error):
    def full(*arguments):
        raise error

    monkeypatch.setattr(practice_data, "_write", full)
    for _ in range(2):
        question(course)
    assert len(draws) == 2


def test_nothing_half_written_stays_behind(course, cache, monkeypatch):
    monkeypatch.setattr(practice_data.Path, "replace", lambda *arguments: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        question(course)
    assert list(cache.iterdir()) == []


# ---------------------------------------------------------------------------- how much


def test_the_oldest_go_where_they_take_too_much_room(course, cache, draws, monkeypatch):
    for seed in (1, 2, 3):
        question(course, seed=seed)
        age(cache, minutes=10)
    size = files(cache)[0].stat().st_size
    monkeypatch.setattr(practice_data, "MOST_BYTES", int(2.5 * size))
    question(course, seed=1)  # looked at again, and so the youngest of them
    question(course, seed=4)
    assert len(files(cache)) == 2
    draws.clear()
    question(course, seed=1)
    question(course, seed=4)
    assert draws == []
    question(course, seed=3)
    assert draws == ["week01.line"]


def age(cache, minutes):
    for path in files(cache):
        then = path.stat().st_mtime - 60 * minutes
        os.utime(path, (then, then))


def test_what_is_larger_than_all_room_is_not_kept(course, cache, draws, monkeypatch):
    monkeypatch.setattr(practice_data, "MOST_BYTES", 10)
    for _ in range(2):
        question(course)
    assert len(draws) == 2
    assert files(cache) == []


def test_other_files_in_the_folder_are_left(course, cache, monkeypatch):
    cache.mkdir(parents=True)
    (cache / "mine.txt").write_text("mine")
    monkeypatch.setattr(practice_data, "MOST_BYTES", 10)
    question(course)
    assert (cache / "mine.txt").read_text() == "mine"


def test_two_that_draw_at_the_same_time_get_the_same(course, cache, draws):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda number: question(course), range(8)))
    assert all(same(each, found[0]) for each in found)
    assert len(files(cache)) == 1
    assert not list(cache.glob(".*"))


def test_the_tests_have_a_cache_of_their_own():
    assert practice_data.folder().parent == Path(os.environ["XDG_RUNTIME_DIR"])
