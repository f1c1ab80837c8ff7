"""Messages of guests to a small hotel, each with what the desk has to do: keep, cancel or move a booking, or answer.

The messages are invented, written by a grammar; hotel and guests do not exist. A guest writes one to four
statements about one booking and changes their mind between them; the wish that stands in the end counts. As in real
messages, the words alone do not tell which one that is:

* keeping, cancelling and moving are mentioned together, and an earlier wish is as plain as the last one
  ("Please cancel our room. My sister has rung again, so please keep it. No, wait: could you move it to June?");
* a wish may be taken back, and the one before it, or the first one, stands again ("No, take that back.");
* one sentence may hold two wishes, and its grammar tells which of them is meant ("keep it, even though I asked you
  to cancel it on Monday"; "instead of cancelling it, please move it to June"; "do not move it, just cancel it");
* other things are cancelled, moved and kept as well ("the airline may cancel my flight");
* questions about cancelling or moving are no order yet ("until when can we cancel it?").

What happened and why is drawn without regard to the wish, and so are openings, asides, names and closing words; asides
stand between statements as well as at the end. So counting words explains few of the labels, a short window of words
explains more, and reading in order explains nearly all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tfcourse.datasets import generator
from tfcourse.datasets.grammar import Draw

WISHES: tuple[str, ...] = ("keep", "cancel", "move", "answer")
"""What the desk has to do, by label. All four are equally frequent."""
MOST_WORDS = 40
"""No message is longer."""


@generator
def make_bookings(n: int, *, seed: int) -> tuple[NDArray[np.str_], NDArray[np.int64]]:
    """Write `n` messages in English, with capitals and punctuation; no two are the same.

    Args:
        n: How many.
        seed: Of any size up to 256 bits. The same seed gives the same messages.

    Returns:
        Texts of shape (n,), up to 40 words each, and labels of shape (n,): the place in `WISHES` of the wish that
        stands in the end. The four are equally frequent, give or take one message; the order is random.
    """
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n) % len(WISHES))
    random, seen = Draw(rng.random), set[str]()
    texts = []
    for label in labels:
        text = _Message(random).write(WISHES[label])
        while text in seen or len(text.split()) > MOST_WORDS:
            text = _Message(random).write(WISHES[label])
        seen.add(text)
        texts.append(text)
    return np.array(texts, dtype=np.str_), labels.astype(np.int64)


class _Message:
    """One message while it is written. In a statement, ``@`` stands for the booking: a noun at first, then "it"."""

    def __init__(self, random: Draw) -> None:
        self._random = random
        self._pronouns = _I if random.chance(0.5) else _WE
        self._used: set[str] = set()

    def write(self, wish: str) -> str:
        """Return a message in which `wish` stands in the end."""
        parts, standing = self._statements()
        while standing != wish:
            self._used.clear()
            parts, standing = self._statements()
        if self._random.chance(0.5):
            parts.insert(0, self._fill(self._random.one_of(_OPENINGS)))
        if not parts[-1] or self._random.chance(0.3):
            parts.append(self._fill(self._random.one_of(_CLOSINGS)))
        text = " ".join(part for part in parts if part)
        text = text.replace("@", self._random.one_of(_BOOKINGS[self._pronouns["my"]]), 1)
        while "@" in text:
            again = self._random.chance(0.3)
            text = text.replace("@", self._random.one_of(_AGAIN) if again else "it", 1)
        return _SENTENCE.sub(lambda found: found[1] + found[2].upper(), text)

    # --- statements: whole sentences ---

    def _statements(self) -> tuple[list[str], str]:
        """Return one to four statements, each with an aside or an empty text, and the wish that stands after them."""
        wishes = [self._random.one_of(WISHES)]
        parts = [self._stated(self._random.one_of(_FIRST), wishes[0])]
        asides = [self._aside()]
        while len(parts) < 4 and self._random.chance(_GOES_ON[len(parts)]):
            taken_back, returns = len(wishes) > 1 and self._random.chance(0.15), self._random.chance(0.12)
            if taken_back:
                wishes.pop()
                parts.append(self._fill(self._pick(_TAKEN_BACK)))
            elif returns and wishes[-1] != wishes[0]:
                wishes.append(wishes[0])
                parts.append(self._fill(self._pick(_RETURNS)))
            else:
                wishes.append(self._other(WISHES, wishes[-1]))
                parts.append(self._stated(self._random.one_of(_CHANGED), wishes[-1]))
            asides.append(self._aside())
        return [sentence for pair in zip(parts, asides, strict=True) for sentence in pair], wishes[-1]

    def _aside(self) -> str:
        return self._fill(self._pick(_ASIDES)) if self._random.chance(0.5) else ""

    def _stated(self, pattern: str, wish: str) -> str:
        statement = self._statement(wish)
        if wish == "answer":
            pattern = pattern.replace(", so {statement}", ". {statement}")
        stop = "?" if "?" in statement else "."
        return self._fill(pattern, news=self._fill(self._pick(_NEWS)), statement=statement.replace("?", "") + stop)

    def _statement(self, wish: str) -> str:
        if wish == "answer":
            if self._random.chance(0.75):
                return self._question()
            dropped = self._do(self._other(_ACTIONS, ""))
            return self._fill(self._random.one_of(_QUESTIONS_WITH_ANOTHER), A=dropped, B=self._question())
        if self._random.chance(0.75):
            return self._order(wish)
        other = self._other(_ACTIONS, wish)
        template = self._random.one_of(_ORDERS_WITH_ANOTHER)
        if "{do}" in template:
            return self._fill(template, A=self._do(other), do=self._do(wish))
        return self._fill(template, A=self._do(other), doing=self._doing(other), B=self._order(wish))

    def _order(self, wish: str) -> str:
        return self._fill(self._random.one_of(_ORDERS), do=self._do(wish))

    def _question(self) -> str:
        if self._random.chance(0.25):
            return self._fill(self._random.one_of(_QUESTIONS_OF_KEEPING))
        return self._fill(self._random.one_of(_QUESTIONS), do=self._do(self._random.one_of(("cancel", "move"))))

    # --- words ---

    def _do(self, action: str) -> str:
        return f"move @ {self._fill(self._random.one_of(_TO))}" if action == "move" else f"{action} @"

    def _doing(self, action: str) -> str:
        return {"keep": "keeping @", "cancel": "cancelling @", "move": "moving @"}[action]

    def _other(self, options: Sequence[str], than: str) -> str:
        return self._random.one_of([option for option in options if option != than])

    def _pick(self, options: Sequence[str]) -> str:
        """Draw something that this message has not used yet."""
        while True:
            option = self._random.one_of(options)
            if option not in self._used:
                self._used.add(option)
                return option

    def _fill(self, template: str, **parts: str) -> str:
        return _SLOT.sub(lambda slot: parts.get(slot[1]) or self._slot(slot[1]), template)

    def _slot(self, name: str) -> str:
        if name in self._pronouns:
            return self._pronouns[name]
        if name == "number":
            return str(self._random.number(1000, 9_999))
        if name == "room":
            return str(self._random.number(1, 29))
        return self._pick(_SLOTS[name])


_SLOT = re.compile(r"\{(\w+)\}")
_SENTENCE = re.compile(r"(^|[.?] )([a-z])")

_I = {"I": "I", "me": "me", "my": "my", "am": "am", "was": "was"}
_WE = {"I": "we", "me": "us", "my": "our", "am": "are", "was": "were"}
_GOES_ON = {1: 0.94, 2: 0.8, 3: 0.3}
"""How likely another statement follows, by how many there are already."""
_ACTIONS = ("keep", "cancel", "move")

_BOOKINGS = {
    "my": ("my room", "my booking", "the room", "the single room", "my reservation", "the booking", "the attic room"),
    "our": (
        "our room",
        "our booking",
        "the room",
        "the double room",
        "our reservation",
        "the family room",
        "the booking",
    ),
}
_AGAIN = ("the room", "the booking", "the reservation")
_TO = ("to {month}", "to {month}", "to {day}", "to next {day}", "to the week after", "by a week", "to another week")

_ORDERS = (
    "please {do}",
    "please {do}",
    "could you {do}?",
    "could you please {do}?",
    "{I} would like to {do}",
    "{I} want to {do}",
    "{I} have decided to {do}",
    "{I} would rather {do}",
    "it is best to {do}",
    "just {do}",
    "kindly {do}",
    "{I} ask you to {do}",
)
_ORDERS_WITH_ANOTHER = (
    "{B} instead of {doing}",
    "{B} rather than {A}",
    "instead of {doing}, {B}",
    "{B}, even though {I} asked you {when} to {A}",
    "{B}, although {I} {was} going to {A}",
    "{I} {was} going to {A}, but {B}",
    "{I} asked you {when} to {A}, but {B}",
    "{my} {relative} wanted to {A}, but {B}",
    "do not {A}, just {do}",
    "just {do}, do not {A}",
    "{B}, even if {my} {relative} asks you to {A}",
    "if {my} {relative} asks you to {A}, please {do} all the same",
)
"""Orders with a wish that is not meant: ``A`` or ``doing`` is dropped, ``B`` or ``do`` is meant."""
_QUESTIONS = (
    "can {I} still {do}?",
    "would it be too late to {do}?",
    "what would it cost to {do}?",
    "until when can {I} {do}?",
    "is it possible to {do} for nothing?",
    "do {I} lose the deposit if {I} {do}?",
    "how much do you charge if {I} {do}?",
    "what becomes of the deposit if {I} {do}?",
    "would you mind if {I} {do}?",
)
_QUESTIONS_OF_KEEPING = (
    "how long can you keep @ without a deposit?",
    "what would it cost to keep @ for a night more?",
    "until when do you keep @ for {me}?",
    "may {I} tell you on {day} whether to keep @?",
)
_QUESTIONS_WITH_ANOTHER = (
    "before you {A}: {B}",
    "do not {A} yet: {B}",
    "{I} {was} going to {A}, but {B}",
    "{my} {relative} wants to {A}, but {B}",
    "{I} may have to {A}: {B}",
)
_FIRST = ("{statement}", "{statement}", "{news}, so {statement}", "actually, {statement}", "sorry, but {statement}")
_CHANGED = (
    "{statement}",
    "{news}, so {statement}",
    "{news}, so {statement}",
    "no, wait: {statement}",
    "sorry, no. {statement}",
    "sorry, but {statement}",
    "on second thoughts, {statement}",
    "actually, {statement}",
    "actually, {statement}",
    "then again, {statement}",
    "hold on, {statement}",
    "{my} {relative} says no. {statement}",
)
"""What leads to a wish in place of another; some of it introduces a first wish, too."""
_TAKEN_BACK = (
    "sorry, forget {my} last wish.",
    "{I} take that last wish back.",
    "please ignore {my} last request.",
    "no, leave that last change out.",
    "please overlook {my} last wish.",
    "no, {I} take that back.",
)
"""Takes back the latest change: what stood before it stands again."""
_RETURNS = (
    "no, do what {I} said at first.",
    "{my} first wish was right.",
    "let us go back to {my} first wish.",
    "sorry, what {I} wrote at first stands.",
    "only {my} first wish counts.",
)
"""Goes back to the very first wish of the message."""

_NEWS = (
    "the doctor has just rung",
    "{my} {relative} has rung again",
    "{I} have seen the forecast",
    "the timetable has changed",
    "{I} have talked it over",
    "{my} boss has answered",
    "there is news from the school",
    "{I} have slept on it",
    "{my} {relative} has found the tickets",
    "the letter from {town} has come",
    "everything is different now",
    "{I} have read the timetable again",
    "the airline may cancel {my} flight",
    "the theatre is going to cancel the show",
    "the ferries to {town} will cancel a crossing",
    "{my} boss wants to move {my} holidays",
    "the school has decided to move the exams",
    "{my} {relative} wants to move house in {month}",
    "the doctor has to keep {my} {relative} in",
    "{my} firm wants to keep {me} in {town}",
    "{my} {relative} cannot keep the dog",
)
"""What happened. The second half cancels, moves and keeps other things."""

_OPENINGS = (
    "hello,",
    "good morning,",
    "good evening,",
    "dear Mrs {surname},",
    "dear Mr {surname},",
    "this is {first} {surname}.",
    "{first} {surname}, booking {number}.",
    "it is about @.",
    "it is about @.",
    "{first} {surname} here, about @.",
)
_ASIDES = (
    "sorry for the trouble.",
    "I know this is a bother.",
    "thank you for your patience.",
    "it is raining in {town}.",
    "{my} telephone is out of order until {day}.",
    "{I} {am} in {town} until {day}.",
    "{first} sends you kind regards.",
    "the trains from {town} are late again.",
    "{my} {relative} is sitting beside {me}.",
    "please write back to {first}.",
)
"""What may stand after any statement, between two or at the end."""
_CLOSINGS = (
    "many thanks and kind regards, {first} {surname}.",
    "yours, {first} {surname}, booking {number}.",
    "regards from {town}, {first} {surname}, room {room}.",
    "best wishes to {first} and the cat, {first}.",
)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_SLOTS: dict[str, tuple[str, ...]] = {
    "month": _words("January February March April May June July August September October November December"),
    "day": _words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday"),
    "when": ("on Monday", "on Tuesday", "on Friday", "yesterday", "this morning", "last night", "last week"),
    "relative": _words(
        "sister brother mother father aunt uncle cousin daughter son niece nephew grandmother grandfather friend"
    ),
    "first": _words(
        """Ada Bruno Clara David Elena Felix Greta Hugo Ida Jonas Kim Lena Marco Nora Oskar Petra Rosa Samir Tilda Umar
        Vera Walter Yusuf Zoe Alma Boris Celia Dario Edith Frank Gwen Henry Irma Jules Karin Liam Mira Noah Olga Paul"""
    ),
    "surname": _words(
        """Abbott Bauer Carlsen Dahl Evans Fischer Grant Holm Ivens Jansen Keller Larsen Moreau Novak Olsen Price
        Quist Reed Santos Turner Ueda Vogel Walsh Yilmaz Zeman Brandt Costa Duval Ekberg Ferro Gomes Hansen"""
    ),
    "town": _words(
        """Bergen Leeds Porto Ghent Krakow Turin Malmo Lyon Cork Graz Bilbao Riga Utrecht Aarhus Dublin Basel Tartu
        Bremen Parma Nantes Split Bath Lund Trier"""
    ),
}
