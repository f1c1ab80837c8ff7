"""The harbour's log: the same for a seed, readable, and true to its own boats."""

import re

import pytest

from tfcourse.datasets.harbour_log import (
    BOATS,
    END,
    MASTERS,
    NAMES,
    VOCABULARY,
    as_text,
    encode,
    make_harbour_log,
    tokens_of,
)


@pytest.fixture(scope="module")
def log():
    return make_harbour_log(400, seed=1)


def test_a_seed_gives_one_log_and_another_seed_another_harbour(log):
    assert make_harbour_log(400, seed=1) == log
    assert make_harbour_log(5, seed=2) != log[:5]


def test_days_follow_each_other(log):
    weekdays = [day.split(".")[0] for day in log]
    assert weekdays[:7] == weekdays[7:14]
    assert len(set(weekdays)) == 7


def test_every_word_is_in_the_vocabulary_and_comes_back(log):
    for day in log:
        ids = encode(tokens_of(day))
        assert [VOCABULARY[place] for place in ids] == tokens_of(day)
        assert as_text(tokens_of(day)) == day


def test_a_mark_may_stand_behind_each_day(log):
    tokens = [token for day in log[:2] for token in [*tokens_of(day), END]]
    assert VOCABULARY[0] == END
    assert encode(tokens).min() == 0
    assert as_text(tokens) == f"{log[0]}\n{log[1]}\n"
    assert tokens_of(as_text(tokens).replace("\n", f" {END} ")) == tokens


def test_a_boat_keeps_its_kind_and_its_master(log):
    text = " ".join(log)
    kinds = {(name, kind) for kind, name in re.findall(r"(trawler|coaster|ketch|ferry) ([A-Z][a-z]+)", text)}
    masters = set(re.findall(r"(\w+), master (\w+)", text))
    masters |= {(name, master) for master, name in re.findall(r"(\w+) of the (\w+) found", text)}
    for facts in (kinds, masters):
        assert len(facts) == BOATS
        assert {name for name, _ in facts} <= set(NAMES)
    assert {master for _, master in masters} <= set(MASTERS)


def test_only_who_is_in_can_sail_and_only_who_is_out_can_come_in(log):
    came = r"(\w+) came in|brought the \w+ (\w+) in|tide: the \w+ (\w+)|(\w+) was seen off"
    left = r"(\w+) left the|(\w+) took on \w+ at the \w+ \w+ and sailed|took the (\w+) out"
    is_in = {}
    for day in log:
        for found in re.finditer(f"(?P<came>{came})|(?P<left>{left})", day):
            name = next(group for group in found.groups()[1:] if group in NAMES)
            assert is_in.get(name) is not (found["came"] is not None)
            is_in[name] = found["came"] is not None
    assert len(is_in) == BOATS


def test_nobody_sails_in_a_gale(log):
    gales = [day for day in log if ", gale," in day]
    assert len(gales) > 20
    assert not any("sailed for" in day or "bound for" in day for day in gales)
