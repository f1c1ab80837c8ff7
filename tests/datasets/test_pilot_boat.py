import re
from itertools import pairwise

import pytest

from tfcourse.datasets.grammar import words_of
from tfcourse.datasets.pilot_boat import _SENTENCES, MOST_WORDS, PLACES, make_pilot_boat


@pytest.fixture(scope="module")
def entries():
    return make_pilot_boat(3_000, seed=1)


def test_is_no_entry_too_long(entries):
    assert max(len(words_of(text)) for text in entries[0]) <= MOST_WORDS


@pytest.mark.parametrize(
    "slip",
    [
        r"\b([a-z]+) \1\b",
        r"[{}@]|\bNone\b",
        r"  | [.,?:]|\.\.|,,|:\.",
        r"[^.]$|^[^A-Z]|[.] [a-z]",
        r"\b[Aa] [aeio]|\b[Aa]n [^aeio]",
    ],
)
def test_is_the_english_free_of_a_slip(entries, slip):
    assert [text for text in entries[0] if re.search(slip, text)] == []


def test_is_the_pilot_boat_spoken_of_in_every_entry_and_before_she_is_she(entries):
    for text in entries[0]:
        assert re.search(r"pilot boat", text)
        assert re.search(r"\bshe\b", text) is None or re.search(r"[Tt]he \w+", text).start() < text.index("she")


def test_does_the_last_sentence_on_the_pilot_boat_tell_where_she_is(entries):
    """Read as a person does: who "she" is, and what the last sentence about the pilot boat says."""
    for text, label in zip(*entries, strict=True):
        assert read(text) == PLACES[label], text


def test_is_nobody_she_after_two_boats_in_one_sentence(entries):
    """ "The Juno came in with ice for the pilot boat. She put out again": who did?"""
    passing = re.compile(r"letter for the brother|lies in winter|like that of|for the pilot boat|old mate of")
    named = re.compile(r"([Tt]he [a-z]* ?[A-Z]|[Tt]he pilot boat).*\bshe\b")
    for text in entries[0]:
        for before, after in pairwise(re.findall(r"[^.]+\.", text)):
            if passing.search(before) and re.search(r"\b[Ss]he\b", after):
                assert named.search(after), text


def test_do_hours_go_on_as_the_day_goes_on(entries):
    hours = ["first light", "dawn", "five", "six", "seven", "eight", "nine", "ten", "eleven", "noon", "one", "two"]
    pattern = re.compile(rf"\bat ({'|'.join(hours)})\b(?! tomorrow)")
    for text in entries[0]:
        for sentence in re.findall(r"[^.]+\.", text):
            if re.search(r"after|only|high water", sentence):
                continue
            found = [hours.index(hour) for hour in pattern.findall(sentence)]
            assert found == sorted(found)


def read(text):
    """Return where the pilot boat is in the end, by matching each sentence with what can be said of a boat."""
    last, place = None, None
    for sentence in re.findall(r"[^.]+(?=\.)", text):
        for was_out, moves, pattern in PATTERNS:
            match = pattern.fullmatch(sentence.strip())
            if match:
                last = last if match["boat"].lower() == "she" else match["boat"]
                place = PLACES[was_out != moves] if last.endswith("pilot boat") else place
                break
    return place


def _pattern(form):
    form = re.escape(form).replace(r"\{", "{").replace(r"\}", "}")
    form = re.sub(r"\{\w+\}", "[a-z ]+", form).replace("@", "(?P<boat>she|the [a-z]+(?: [a-z]+)?)", 1)
    return re.compile(form.replace("@", "she"), re.IGNORECASE)


PATTERNS = [
    (was_out, kind in ("moves", "passing"), _pattern(form))
    for kind in ("moves twice", "stays", "orders", "passing", "moves")  # the shortest sentences last
    for was_out, forms in zip((False, True), _SENTENCES[kind], strict=True)
    for form in forms
]
