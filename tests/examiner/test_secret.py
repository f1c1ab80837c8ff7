"""The secret: where it is found, what is refused, and the seeds that follow from it."""

import os
import stat
from itertools import combinations

import pytest

from tfcourse.course import find_course
from tfcourse.errors import CourseError
from tfcourse.examiner.secret import (
    PRACTICE_SECRET,
    PUBLIC_SECRET,
    SHORTEST,
    Secret,
    derive_seed,
    find_secret,
    secret_file,
    write_secret,
)

ONE = Secret(b"one secret of thirty-two letters", "a test")
OTHER = Secret(b"two secret of thirty-two letters", "a test")
VALUE = "v" * SHORTEST


@pytest.fixture
def file(tmp_path, monkeypatch):
    path = tmp_path / "config" / "secret"
    monkeypatch.setenv("TFCOURSE_SECRET_FILE", str(path))
    return path


def put(path, text=VALUE, mode=0o600):
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


# ---------------------------------------------------------------------------- seeds


def test_a_seed_changes_with_each_of_its_parts():
    seeds = [
        derive_seed(ONE, "grade", "week01.double", 0),
        derive_seed(OTHER, "grade", "week01.double", 0),
        derive_seed(ONE, "practice", "week01.double", 0),
        derive_seed(ONE, "grade", "week01.line", 0),
        derive_seed(ONE, "grade", "week01.double", 1),
    ]
    assert len(set(seeds)) == 5
    assert seeds[0] == derive_seed(ONE, "grade", "week01.double", 0)


def test_seeds_are_too_large_to_be_searched_for():
    seeds = [derive_seed(ONE, "grade", f"week01.check{index}", 0) for index in range(200)]
    assert max(seed.bit_length() for seed in seeds) == 256
    assert min(seed.bit_length() for seed in seeds) >= 128
    # Each of the 256 bits is set about half of the time.
    for bit in range(256):
        assert 50 < sum(seed >> bit & 1 for seed in seeds) < 150


def test_a_known_seed_stays_what_it_is():
    """Changing the derivation would change every hidden data set of the past. From `openssl dgst -hmac`."""
    expected = "c31f87fa7dbf8778681e79e1aeb1d30caa5ac83a814dac8ce700b4459a4bb883"
    assert f"{derive_seed(ONE, 'grade', 'week01.double', 0):064x}" == expected


def test_practice_and_grading_differ_without_a_secret_too():
    assert derive_seed(PRACTICE_SECRET, "practice", "week01.double", 0) != derive_seed(
        PUBLIC_SECRET, "grade", "week01.double", 0
    )
    assert PRACTICE_SECRET.value != PUBLIC_SECRET.value


# ---------------------------------------------------------------------------- where it is found


def test_without_a_secret_everybody_knows_it(file):
    found = find_secret()
    assert found is PUBLIC_SECRET
    assert found.public
    assert "predictable" in found.origin


def test_a_file_of_ones_own_is_read(file):
    put(file, f"{VALUE}\n")
    found = find_secret()
    assert found.value == VALUE.encode()
    assert not found.public
    assert str(file) in found.origin


def test_the_environment_wins(file, monkeypatch):
    put(file)
    monkeypatch.setenv("TFCOURSE_SECRET", "e" * SHORTEST)
    found = find_secret()
    assert found.value == b"e" * SHORTEST
    assert "TFCOURSE_SECRET" in found.origin


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o620])
def test_a_file_that_others_can_read_or_write_is_refused(file, mode):
    put(file, mode=mode)
    with pytest.raises(CourseError, match=rf"mode 600\); found mode {mode:o}.*chmod 600"):
        find_secret()


@pytest.mark.parametrize("value", ["", "short", "x" * (SHORTEST - 1)])
def test_a_short_secret_is_refused(file, value):
    put(file, value)
    with pytest.raises(CourseError, match=f"at least {SHORTEST} characters .* found {len(value)}"):
        find_secret()


def test_a_short_secret_in_the_environment_is_refused(file, monkeypatch):
    monkeypatch.setenv("TFCOURSE_SECRET", "short")
    with pytest.raises(CourseError, match="environment variable TFCOURSE_SECRET"):
        find_secret()


def test_the_usual_place_is_outside_of_the_repository(monkeypatch):
    monkeypatch.delenv("TFCOURSE_SECRET_FILE")
    assert not secret_file().resolve().is_relative_to(find_course().root.resolve())


# ---------------------------------------------------------------------------- making one


def test_a_new_secret_is_readable_by_its_owner_alone(file):
    before = os.umask(0)
    try:
        path = write_secret()
    finally:
        os.umask(before)
    assert path == file
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(find_secret().value) >= 2 * SHORTEST


def test_a_secret_is_not_replaced_by_accident(file):
    write_secret()
    before = find_secret().id
    with pytest.raises(CourseError, match="--new"):
        write_secret()
    assert find_secret().id == before
    write_secret(replace=True)
    assert find_secret().id != before


def test_a_file_that_was_too_open_is_replaced_by_one_that_is_not(file):
    put(file, mode=0o644)
    write_secret(replace=True)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


# ---------------------------------------------------------------------------- keeping it


@pytest.mark.parametrize("show", [repr, str, "{}".format, lambda secret: f"{[secret]}", lambda secret: secret.id])
def test_a_secret_is_never_shown(show):
    shown = show(ONE)
    assert ONE.value.decode() not in shown
    assert ONE.value.hex() not in shown
    assert "thirty" not in shown


def test_ids_tell_secrets_apart():
    for a, b in combinations((ONE, OTHER, PRACTICE_SECRET, PUBLIC_SECRET), 2):
        assert a.id != b.id
