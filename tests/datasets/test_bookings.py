import re

import numpy as np
import pytest

from tfcourse.datasets.bookings import MOST_WORDS, WISHES, make_bookings


@pytest.fixture(scope="module")
def messages():
    return make_bookings(6_000, seed=1)


def test_are_lengths_as_promised(messages):
    lengths = [len(text.split()) for text in messages[0]]
    assert min(lengths) >= 3
    assert max(lengths) <= MOST_WORDS


@pytest.mark.parametrize(
    "slip",
    [
        r"\b(\w+) \1\b",  # a word twice in a row
        r"[{}@]|\bNone\b",  # a slot that was not filled
        r"  | [.,?:]|\.\.|,,|\?\.|:\.",
        r"[^.?]$|^[^A-Z]|[.?] [a-z]",  # sentences begin with a capital and end with a stop
        r"\b[Ww]e (?:was|am)\b|\bI (?:were|are)\b",
        r"\bi\b",
        r"\bmy (?:family|double) room\b",
    ],
)
def test_is_the_english_free_of_a_slip(messages, slip):
    texts, _ = messages
    assert [text for text in texts if re.search(slip, text)] == []


def share(messages, pattern, wish):
    texts, labels = messages
    chosen = np.array([bool(re.search(pattern, text)) for text in texts])
    return (labels[chosen] == WISHES.index(wish)).mean(), chosen.sum()


@pytest.mark.parametrize("wish", ["keep", "cancel"])
def test_does_an_order_decide_where_only_a_farewell_follows_and_else_seldom(messages, wish):
    last, count = share(
        messages, rf"(?:No, wait|Then again|Hold on)[^.?]{{,20}} {wish} it\. (?:Many|Yours|Regards|Best)", wish
    )
    anywhere, more = share(messages, rf"(?:[Pp]lease|[Jj]ust|[Kk]indly) {wish} (?:it|the booking)\.", wish)
    assert (count > 20, last) == (True, 1.0)
    assert more > 100
    assert anywhere < 0.8


def test_does_a_wish_that_is_taken_back_not_count(messages):
    texts, labels = messages
    back = r"(?:Please overlook|Please ignore|No, (?:I|we) take that back|(?:I|We) take that last)[^.]*\."
    taken = re.compile(rf"to (keep|cancel) it\. {back} (?:Many|Yours|Regards|Best)")
    chosen = np.array([bool(taken.search(text)) for text in texts])
    verbs = [taken.search(text)[1] for text in texts[chosen]]
    assert len(verbs) >= 5
    assert not any(WISHES[label] == verb for label, verb in zip(labels[chosen], verbs, strict=True))


def test_do_messages_of_every_kind_speak_of_keeping_cancelling_and_moving(messages):
    texts, labels = messages
    for verb in ("keep", "cancel", "move"):
        says = np.array([verb in text.lower() for text in texts])
        assert all(says[labels == label].mean() > 0.3 for label in range(len(WISHES)))


def test_does_the_grammar_of_one_sentence_decide(messages):
    rest = r"(?:Many|Yours|Regards|Best)"
    meant, some = share(messages, rf"[Pp]lease keep [^.?]* instead of cancelling[^.?]*\. {rest}", "keep")
    dropped, others = share(messages, rf"[Ii]nstead of cancelling [^.?]*, please keep[^.?]*\. {rest}", "keep")
    assert min(some, others) > 0
    assert meant == dropped == 1


# --- a reader: which wish each sentence states, and which of them stands in the end ---

BOOKING = r"(?:it|(?:my|our|the) (?:\w+ )?(?:room|booking|reservation))\b"
DO = rf"(keep|cancel|move) {BOOKING}(?: to (?:the week after|another week|next \w+|\w+)| by a week)?"
NOT_MEANT = (
    rf"instead of (?:keeping|cancelling|moving) {BOOKING}",
    rf"rather than {DO}",
    rf"(?:even though|although) [^,]* to {DO}",
    rf"(?:i was|we were) going to {DO}, but",
    rf"(?:i|we) asked you [^,]* to {DO}, but",
    rf"(?:my|our) \w+ want(?:ed|s) to {DO}, but",
    rf"do not {DO}",
    rf"if (?:my|our) \w+ asks you to {DO}",
    rf"before you {DO}",
    rf"(?:i|we) may have to {DO}",
)


def said(sentence):
    """Return the wish that a sentence states, or None."""
    for form in NOT_MEANT:
        sentence = re.sub(form, "", sentence)
    meant = re.search(DO, sentence.split(", so ")[-1])
    if meant is None:
        return None
    return "answer" if sentence.endswith("?") and "could you" not in sentence else meant[1]


def read(text):
    """Return the wish that stands in the end, as a person reads: from the first sentence to the last."""
    wishes = []
    for sentence in re.findall(r"[^.?]+[.?]", text.lower()):
        if re.search(r"my last|our last|last wish back|last change out|take that back", sentence):
            wishes.pop()
        elif re.search(r"at first|first wish", sentence):
            wishes.append(wishes[0])
        elif said(sentence):
            wishes.append(said(sentence))
    return wishes[-1]


def test_does_the_wish_stand_that_a_reader_finds(messages):
    for text, label in zip(*messages, strict=True):
        assert read(text) == WISHES[label], text
