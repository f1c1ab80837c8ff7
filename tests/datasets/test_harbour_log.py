"""The harbour's log: the same for a seed, readable, and true to its own boats."""

import re

import pytest

from tfcourse.datasets.harbour_log import VOCABULARY, as_text, encode, make_harbour_log, tokens_of


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


def test_a_boat_keeps_its_kind_and_its_berth(log):
    text = " ".join(log)
    for name in set(re.findall(r"(?:trawler|coaster|ketch|ferry) ([A-Z][a-z]+)", text)):
        assert len(set(re.findall(rf"(trawler|coaster|ketch|ferry) {name}", text))) == 1


def test_nobody_sails_in_a_gale(log):
    gales = [day for day in log if ", gale," in day]
    assert len(gales) > 20
    assert not any("sailed for" in day or "bound for" in day for day in gales)
