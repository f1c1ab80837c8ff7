import re

import numpy as np
import pytest

from tfcourse.datasets.complaints import _THINGS, MOST_WORDS, PARTS, make_complaints
from tfcourse.datasets.grammar import words_of


@pytest.fixture(scope="module")
def reviews():
    return make_complaints(3_000, seed=1)


def test_is_no_review_too_long(reviews):
    assert max(len(words_of(text)) for text in reviews[0]) <= MOST_WORDS


@pytest.mark.parametrize(
    "slip",
    [
        r"\b([a-z]+) \1\b",
        r"[{}@]|\bNone\b",
        r"  | [.,?:]|\.\.|,,|:\.",
        r"[^.]$|^[^A-Z]|[.] [a-z]",
        r"\b[Aa] [aeio]|\b[Aa]n [^aeio]",
        r"\b[Ww]e (?:was|am)\b|\bI (?:were|are)\b",
    ],
)
def test_is_the_english_free_of_a_slip(reviews, slip):
    assert [text for text in reviews[0] if re.search(slip, text)] == []


def part_of(thing):
    return next(part for part, things in enumerate(_THINGS) if thing in things)


def blamed(reviews, pattern):
    """Return how many reviews match, and how many of them complain about the thing that the pattern names."""
    found = [(re.search(pattern, text), label) for text, label in zip(*reviews, strict=True)]
    right = [part_of(match[1]) == label for match, label in found if match]
    return len(right), sum(right)


THING = r"(?:the |The )([a-z ]+?)"


@pytest.mark.parametrize(
    "pattern",
    [
        rf"[Ii]t was {THING} that spoiled",
        rf"that spoiled (?:my|our) stay, but {THING}\.",
        rf"If only {THING} had been as",
        rf"everything except {THING},",
        rf"stay away because of {THING}(?:\.|,)",
        rf"\. {THING} could not have been worse(?:\.|,)",
    ],
)
def test_does_grammar_deal_out_blame(reviews, pattern):
    count, right = blamed(reviews, pattern)
    assert count > 5
    assert right == count


def test_do_former_and_latter_refer_to_what_was_named_before(reviews):
    named = r"(?:remember: |speak of |forget are |word about )the ([a-z ]+?) and (?:of )?the ([a-z ]+?)\."
    bad = r"awful|dreadful|terrible|poor|bad|horrible|disappointing|dire|annoying"
    seen = 0
    for text, label in zip(*reviews, strict=True):
        pair = re.search(named, text)
        ordinal = re.search(rf"[Tt]he (former|latter|first|second) was (?:{bad}|second-rate)", text)
        if pair and ordinal:
            seen += 1
            assert part_of(pair[1 if ordinal[1] in ("former", "first") else 2]) == label
    assert seen > 50


def test_are_the_same_adjectives_used_for_every_part(reviews):
    texts, labels = reviews
    for word in ("dreadful", "superb", "not"):
        says = np.array([bool(re.search(rf"\b{word}\b", text)) for text in texts])
        shares = [says[labels == label].mean() for label in range(len(PARTS))]
        assert max(shares) < 1.7 * min(shares)


# --- a reader: what each review says of each thing, without the generator's grammar ---

GOOD = "excellent|superb|wonderful|lovely|great|good|perfect|delightful|first-rate|charming"
BAD = "awful|dreadful|terrible|poor|bad|horrible|disappointing|dire|second-rate|annoying"
NAMED = "|".join(sorted((thing for things in _THINGS for thing in things), key=len, reverse=True))
A, B = rf"the (?P<a>{NAMED})", rf"the (?P<b>{NAMED})"
DEALT_OUT = [  # of a and b, which one is blamed
    (rf"everything except {A}, even {B}", "a"),
    (rf"apart from {A}, (?:i|we) had nothing to complain about, least of all {B}", "a"),
    (rf"it was not {A} that spoiled (?:my|our) stay, but {B}", "b"),
    (rf"it was {A} that spoiled (?:my|our) stay, and not {B}", "a"),
    (rf"if only {A} had been as (?:{GOOD}) as {B}", "a"),
    (rf"if {A} had been as (?:{BAD}) as {B}, (?:i|we) would have left", "b"),
    (rf"{A} was as (?:{GOOD}) as {B} was (?:{BAD})", "b"),
    (rf"{A} was as (?:{BAD}) as {B} was (?:{GOOD})", "a"),
    (rf"{A} makes up for {B}", "b"),
    (rf"come back for {A}, and stay away because of {B}", "b"),
    (rf"stay away because of {A}, and come back for {B}", "a"),
    (rf"warned of {A}\. somebody should have warned (?:me|us) of {B}", "b"),
    (rf"complain about is {A}, not {B}", "a"),
    (rf"do not blame {A}, (?:i|we) blame {B}", "b"),
]
THINGS = rf"the (?:{NAMED})"
BOTH = rf"^(?:neither )?{THINGS} (?:and|nor) {THINGS} w|^{THINGS} was [^,]*, and (?:so was {THINGS}|{THINGS} was too)$"
BOTH += rf"|^{THINGS} was not [^,]*, and {THINGS} was not either$"


def thing_in(sentence):
    match = re.search(rf"the ({NAMED})\b", sentence)
    return match and match[1]


def says_good(clause):
    """Tell whether a clause praises; one that denies blame does."""
    text = clause.replace("nothing but", "only").replace("nothing wrong", "no fault")
    if "could not have been" in text:
        return "better" in text
    good = re.search(rf"\b(?:{GOOD}|delight\w*|praise|liked|joy|kind word)\b", text)
    bad = re.search(rf"\b(?:{BAD}|disgrace|annoy\w*|trouble|disliked|fault|wrong)\b", text)
    assert bool(good) != bool(bad), clause
    denied = re.search(r"\b(?:not|no|nothing|never|far from|anything but)\b", text)
    return bool(good) != bool(denied)


def judged(text):
    """Yield pairs of a thing and whether it is praised."""
    pair, claim = (), None
    text = text.lower().rstrip(".")
    for form, blamed_one in DEALT_OUT:
        match = re.search(form, text)
        if match:
            yield match["a"], blamed_one != "a"
            yield match["b"], blamed_one != "b"
            text = text.replace(match[0], "")
    for sentence in text.split(". "):
        named = re.search(rf"(?:remember:|speak of|forget are|word about) {A} and (?:of )?{B}$", sentence)
        if named:
            pair = named["a"], named["b"]
        elif re.match(r"the (?:former|latter|first|second) was", sentence):
            for ordinal, word in re.findall(r"the (\w+) was ([\w-]+)", sentence):
                yield pair[ordinal in ("latter", "second")], word in GOOD.split("|")
        elif re.search(r"no lie|can only agree|is true|found the same", sentence):
            yield claim
        elif re.search(r"not true|cannot agree|is wrong|the opposite", sentence):
            yield claim[0], not claim[1]
        elif not thing_in(sentence) or re.search(r"chose this|lies \w+ kilometres", sentence):
            continue
        elif re.search(BOTH, sentence):
            good = re.search(rf"\b(?:{GOOD})\b", sentence) is not None
            good = good != bool(re.search(r"neither|not", sentence))
            yield from ((thing, good) for thing in re.findall(rf"the ({NAMED})\b", sentence))
        elif re.search(r"had (?:hoped|feared)", sentence):
            fulfilled = ", and" in sentence
            yield thing_in(sentence), ("hoped" in sentence) == fulfilled
        elif re.search(r"first day|last year|brochure|at first|had been .* when (?:i|we) came", sentence):
            words = re.findall(rf"\b(?:{GOOD}|{BAD})\b", sentence)
            now = words[0] if "though" in sentence else words[1]
            yield thing_in(sentence), now in GOOD.split("|")
        elif re.search(r"\b(?:told (?:me|us)|written|said|sworn) that", sentence):
            claim = thing_in(sentence), says_good(sentence.split(" that ", 1)[1])
        else:
            for clause in re.split(r", (?:but|while) |, (?=the |i |we |there )|, however", sentence):
                if clause:
                    yield thing_in(clause), says_good(clause)


def test_does_a_reader_find_one_complaint_and_the_one_of_the_label(reviews):
    for text, label in zip(*reviews, strict=True):
        found = list(judged(text))
        parts = [(part_of(thing), good) for thing, good in found]
        assert [part for part, good in parts if not good] == [label], text
        assert len(dict(parts)) == len(parts) >= 3, text
