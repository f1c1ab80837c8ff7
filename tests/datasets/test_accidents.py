import re

import numpy as np
import pytest

from tfcourse.datasets.accidents import _VEHICLES, CAUSES, MOST_WORDS, make_accidents
from tfcourse.datasets.grammar import words_of


@pytest.fixture(scope="module")
def letters():
    return make_accidents(6_000, seed=1)


def test_is_no_letter_too_long(letters):
    assert max(len(words_of(text)) for text in letters[0]) <= MOST_WORDS


@pytest.mark.parametrize(
    "slip",
    [
        r"\b([a-z]+) \1\b",  # a word twice in a row
        r"[{}<>]|\bNone\b",  # a slot that was not filled
        r"  | [.,?:]|\.\.|,,|:\.",
        r"[^.]$|^[^A-Z]|[.] [a-z]",  # sentences begin with a capital and end with a stop
        r"\b[Aa] [aeio]|\b[Aa]n [^aeio]",
        r"\bi\b|\bby I\b|\binto I\b",
    ],
)
def test_is_the_english_free_of_a_slip(letters, slip):
    assert [text for text in letters[0] if re.search(slip, text)] == []


def causes_of(letters, pattern):
    """Return the causes of letters that consist of one sentence about an accident, up to asides."""
    texts, labels = letters
    return {CAUSES[label] for text, label in zip(texts, labels, strict=True) if re.fullmatch(pattern, text)}


NEUTRAL = (
    r"(?:(?![^.]*\b(?:hit|scraped|struck|rammed|grazed|into|touch|touched|contact|scratch|stopped|nothing)\b)"
    r"(?![^.]*(?:almost|nearly|missed|says|claims|believes|certain|told|settled|remember|last claim))[^.]*\.)"
)
"""A sentence about the road, the weather, the letter."""
BEFORE, AFTER = rf"(?:{NEUTRAL} )*", rf"(?: {NEUTRAL})*"


IT = rf"(?:[Aa]n?|[Tt]he) (?:{'|'.join(_VEHICLES)})"
HIT = r"(?:hit|scraped|struck|rammed|grazed|(?:ran|drove|backed|rolled|skidded|bumped) into)"


@pytest.mark.parametrize(
    ("sentence", "cause"),
    [
        (rf"(?:My car|I) {HIT} {IT}\.", "writer"),
        (rf"{IT} {HIT} (?:my car|me)\.", "other"),
        (rf"(?:My car|I) was {HIT} by {IT}\.", "other"),
        (rf"{IT} was {HIT} by (?:my car|me)\.", "writer"),
        (rf"{IT} was {HIT} by {IT}\.", "witness"),
        (rf"It was my car that {IT} {HIT}\.", "other"),
        (rf"It was my car that {HIT} {IT}\.", "writer"),
        (rf"(?:{IT}|I|My car) (?:nearly|almost|very nearly) {HIT} (?:{IT}|me|my car)\.", "nobody"),
    ],
)
def test_does_the_order_of_words_decide(letters, sentence, cause):
    assert causes_of(letters, BEFORE + sentence + AFTER) == {cause}


@pytest.mark.parametrize(
    ("verdict", "cause"),
    [
        (r"(?:That is true|So it was|That is how it was|I cannot deny it)\.", "other"),
        (r"[^.]*(?:the wrong way|the other way|the reverse|everything round)[^.]*\.", "writer"),
        (r"(?:That is not true|That is made up|Nothing of it is true|I cannot confirm it)\.", "nobody"),
    ],
)
def test_does_a_verdict_decide_what_becomes_of_what_somebody_says(letters, verdict, cause):
    says = rf"[^.]*(?:says|claims|believes|is certain|told the police|has told you) that {IT} {HIT} (?:my car|me)\. "
    assert causes_of(letters, BEFORE + says + rf"(?:{NEUTRAL} )?" + verdict + AFTER) == {cause}


def test_do_letters_of_every_kind_speak_of_all_three_vehicles(letters):
    texts, labels = letters
    for word in (
        r"\b(?:I|me|my car)\b",
        r"\bsays|believes|told|claims|certain\b",
        r"\bnearly|almost|would have|about to\b",
    ):
        says = np.array([bool(re.search(word, text, re.IGNORECASE)) for text in texts])
        assert all(says[labels == label].mean() > 0.2 for label in range(len(CAUSES)))


# --- a reader: what each sentence reports, and what becomes of what somebody says ---

WHO = rf"(?:i|me|my car|(?:an?|the) (?:{'|'.join(_VEHICLES)}))"
RAN_INTO = r"(?:hit|scraped|struck|rammed|grazed|(?:ran|drove|backed|rolled|skidded|bumped) into)"
CLAUSES = (  # the one who ran into the other is "a"
    rf"it was (?P<a>{WHO}) that {RAN_INTO} (?P<b>{WHO})",
    rf"it was (?P<b>{WHO}) that (?P<a>{WHO}) {RAN_INTO}",
    rf"(?P<b>{WHO}) was {RAN_INTO} by (?P<a>{WHO})",
    rf"(?P<b>{WHO}) was [^,]*? when (?P<a>{WHO}) {RAN_INTO} (?:me|it)",
    rf"{WHO} (?:tried|wanted|made|waved|drew|stopped)[^,]* and (?P<a>i|it) {RAN_INTO} (?P<b>me|it)",
    rf"(?P<a>{WHO})(?:, which [^,]*,| [^,:]* and)? {RAN_INTO} (?P<b>{WHO})",
)
SAYS = r"(?:says|claims|has told you|believes|is certain|told the police) that (.*)"
RIGHT = r"that is true|that is how it was|i cannot deny it|so it was|nothing to add|only confirm it"
OTHER_WAY = r"other way round$|exactly the reverse|the wrong way round"
WRONG = r"that is not true|that is not how it was|nothing of it is true|made up|have to deny that|cannot confirm it"
NOTHING = "".join(
    (
        r"nearly|almost|missed|was about to|would have|looked as if",
        r"|last year|in the same street|you may remember|some weeks ago|my last claim",
    )
)


def cause_of(clause):
    """Return whose doing a clause reports; "nobody" where nobody ran into anybody."""
    for form in CLAUSES:
        match = re.search(form, clause)
        if match:
            if match["a"] in ("i", "me", "my car"):
                return "writer"
            return "other" if match["b"] in ("i", "me", "my car") else "witness"
    return "nobody"


def read(text):
    """Return what happened, as a person reads."""
    found, claim = [], "nobody"
    for sentence in text.rstrip(".").lower().split(". "):
        after = sentence.rsplit(": ", 1)[-1] if ": " in sentence else ""
        says = re.search(SAYS, sentence)
        if re.search(WRONG, sentence):
            found.append(cause_of(after))
        elif re.search(OTHER_WAY, sentence) and ", and not, as" not in sentence:
            found.append({"writer": "other", "other": "writer"}.get(claim, claim))
        elif re.search(RIGHT, sentence):
            found.append(claim)
        elif re.search(r"think that|would say that|i thought that", sentence):
            found.append(cause_of(sentence.rsplit(", but ", 1)[1]))
        elif says:
            claim = cause_of(says[1])
        elif re.search(NOTHING, sentence):
            continue
        elif re.search(r"did not", sentence):
            found.append(cause_of(after))
        else:
            found.append(cause_of(sentence.split(", and not, as")[0]))
    happened = {each for each in found if each != "nobody"}
    assert len(happened) < 2, text
    return happened.pop() if happened else "nobody"


def test_did_happen_what_a_reader_finds(letters):
    for text, label in zip(*letters, strict=True):
        assert read(text) == CAUSES[label], text
