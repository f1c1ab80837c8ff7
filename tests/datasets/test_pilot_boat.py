"""Entries of the log, read again by other means: labels, hours, and what no entry may say."""

import re

import numpy as np
import pytest

from tfcourse.datasets.grammar import words_of
from tfcourse.datasets.pilot_boat import MOST_WORDS, MOST_WORDS_QUIET, PLACES, make_pilot_boat


@pytest.fixture(scope="module", params=[False, True], ids=["quiet", "busy"])
def entries(request):
    return make_pilot_boat(2_000, seed=1, busy=request.param)


def test_does_the_same_seed_give_the_same_entries_and_another_one_others():
    texts, labels = make_pilot_boat(60, seed=2**255 + 1)
    again, same = make_pilot_boat(60, seed=2**255 + 1)
    assert np.array_equal(texts, again)
    assert np.array_equal(labels, same)
    assert len(set(texts) & set(make_pilot_boat(60, seed=2**255 + 2)[0])) < 3


def test_are_shapes_dtypes_and_lengths_as_promised(entries):
    texts, labels = entries
    assert texts.shape == labels.shape == (2_000,)
    assert (texts.dtype.kind, labels.dtype) == ("U", np.int64)
    lengths = [len(words_of(text)) for text in texts]
    assert max(lengths) <= MOST_WORDS_QUIET or 45 <= min(lengths) <= max(lengths) <= MOST_WORDS
    assert np.bincount(labels).tolist() == [1_000] * len(PLACES)
    assert len(set(texts)) == len(texts)


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


def test_is_the_pilot_boat_where_a_reader_finds_her(entries):
    for text, label in zip(*entries, strict=True):
        assert read(text) == PLACES[label], text


def test_does_every_sentence_fit_where_the_boat_is(entries):
    """A boat that is in cannot come in; orders and what failed fit as well."""
    for text in entries[0]:
        for name, sentence, place in followed(text):
            if name == "the pilot boat":
                assert not re.search(COMES_IN if place == "in" else PUTS_OUT, sentence), text
                wrong = (
                    r"to (?:come|make fast)|back|have come|not come" if place == "in" else r"to (?:put|sail)|not put"
                )
                assert not re.search(wrong, sentence), text


def test_do_hours_go_on_as_the_day_goes_on(entries):
    hours = [
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "noon",
        "half past twelve",
        "one",
        "two",
        "three",
    ]
    hours.append("four")
    for text in entries[0]:
        found = re.findall(r"(?<!water )\bat (half past \w+|\w+)\b", text)
        words = [hour.replace("twelve", "noon").split() for hour in found]
        told = [2 * hours.index(hour[-1]) + len(hour) // 2 for hour in words if hour[-1] in hours]
        assert told == sorted(set(told)), text


def test_does_the_number_of_crossings_vary_and_decide_nothing_by_itself(entries):
    texts, labels = entries
    crossings = np.array(
        [len(re.findall(r"\b(?:crossed|passed|went through|again|once more)\b", text)) for text in texts]
    )
    for count in range(4, 8):
        chosen = labels[crossings == count]
        assert len(chosen) < 100 or abs(chosen.mean() - 0.5) < 0.15


CROSSES = r"crossed the bar|passed the pierheads|went through the sea lock"
PUTS_OUT = r"\b(?:[Ss]he|boat|[A-Z]\w+) (?:put out|cast off|left the|sailed|went out)\b"
LATER_IN, LATER_OUT = r"to (?:come|make fast)|expected back|have come|not come", r"to (?:put|sail)|not put"
COMES_IN = r"\b(?:[Ss]he|boat|[A-Z]\w+) (?:came in|made fast|tied up|returned)\b"
BOAT = re.compile(r"(She|The pilot boat|The (?:trawler|coaster|ketch|ferry|tug|lugger) [A-Z]\w+|The [A-Z]\w+)\b")


def followed(text):
    """Yield, by sentence about a boat: her name, the sentence, and where the pilot boat is before it."""
    name, place = "", ""
    for sentence in text.rstrip(".").split(". "):
        if "daybreak" in sentence or "day began" in sentence:
            place = "out" if re.search(r"at sea|off the bar", sentence) else "in"
            name = "the pilot boat"
            continue
        boat = BOAT.match(sentence)
        if not boat:
            continue
        name = name if boat[1] == "She" else boat[1].lower()
        yield name, sentence, place
        if name != "the pilot boat":
            continue
        if re.search(CROSSES, sentence):
            if (1 + len(re.findall(r"again|once more", sentence))) % 2:
                place = {"in": "out", "out": "in"}[place]
        elif re.search(PUTS_OUT, sentence):
            place = "out"
        elif re.search(COMES_IN, sentence):
            place = "in"
    yield "", "", place


def read(text):
    """Return where the pilot boat is in the end, as a person reads: who "she" is, and what each sentence says."""
    return list(followed(text))[-1][2]
