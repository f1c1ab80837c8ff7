"""Letters to a motor insurer, each with who ran into whom, if anybody did.

The letters are invented, written by a grammar; the insurer does not exist. Three vehicles are on the road in each: the
writer's and two more. As in real letters, the words do not tell what happened, the sentences do:

* who ran into whom is a matter of order, of active and passive ("a taxi hit me", "a taxi was hit by me", "it was the
  taxi that I hit");
* drivers and witnesses are quoted, and are right, wrong, or have it the wrong way round, which is said at once or a
  sentence later ("The driver says that I backed into him. It was raining. It was the other way round.");
* letters tell what nearly happened, what happened last year, what did not happen, in any order.

Which vehicles, where, when, and what surrounds the report is drawn without regard to who ran into whom.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tfcourse.datasets import generator
from tfcourse.datasets.grammar import Draw, phrases, sentences, write_texts

CAUSES: tuple[str, ...] = ("writer", "other", "witness", "nobody")
"""By label: the writer ran into another vehicle; another ran into the writer's; two others collided, and the writer
saw it; there was no collision."""
MOST_WORDS = 64
"""No letter is longer, counted as `tfcourse.datasets.grammar.words_of` does."""

_ME, _ONE, _TWO = "M", "V", "U"
_PAIRS = ((_ME, _ONE), (_ME, _TWO), (_ONE, _ME), (_TWO, _ME), (_ONE, _TWO), (_TWO, _ONE))
"""Who can run into whom."""
Pair = tuple[str, str]


@generator
def make_accidents(n: int, *, seed: int) -> tuple[NDArray[np.str_], NDArray[np.int64]]:
    """Write `n` letters in English, with capitals and punctuation; no two are the same.

    Args:
        n: How many.
        seed: Of any size up to 256 bits. The same seed gives the same letters.

    Returns:
        Texts of shape (n,), up to 64 words each, and labels of shape (n,): the place in `CAUSES` of what happened. The
        four are equally frequent, give or take one letter; the order is random.
    """
    return write_texts(n, len(CAUSES), _write, seed=seed, most_words=MOST_WORDS)


def _write(draw: Draw, label: int) -> str:
    while True:
        letter = _Letter(draw)
        text = letter.write()
        if letter.cause == CAUSES[label]:
            return text


class _Letter:
    """One letter while it is written. ``<V>`` and ``<U>`` are two vehicles: "a taxi" at first, then "the taxi"."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._used: set[str] = set()
        self.cause = "nobody"

    def write(self) -> str:
        """Return the text, and note what happened in `cause`."""
        draw = self._draw
        count = draw.weighted(((0.15, 0), (0.5, 1), (0.35, 2)))
        pair = draw.one_of(_PAIRS) if draw.chance(0.75) else None
        items = [self._not_this_time(pair) for _ in range(count)]
        if pair is not None or not items:
            place = int(draw.uniform() * (len(items) + 1))
            items.insert(place, self._fact(pair) if pair is not None else self._nothing())
        parts = [self._pick(leads) for leads in (_LEADS, _PLACES) if draw.chance(0.6)]
        for item in items:
            if draw.chance(0.25):
                parts.append(self._pick(_ASIDES))
            parts.append(item)
        if draw.chance(0.3):
            parts.append(self._pick(_ASIDES))
        if draw.chance(0.4):
            parts.insert(0, self._pick(_OPENINGS))
        if draw.chance(0.3):
            parts.append(self._pick(_CLOSINGS))
        return sentences(self._fill(". ".join(parts) + "."))

    # --- what happened ---

    def _fact(self, pair: Pair) -> str:
        """Return the report of a collision: the first of a pair ran into the second."""
        self.cause = "writer" if pair[0] == _ME else "other" if pair[1] == _ME else "witness"
        forms: tuple[tuple[float, Callable[[Pair], str]], ...] = (
            (0.40, self._plain),
            (0.15, self._confirmed),
            (0.20, self._reversed),
            (0.15, self._corrected),
            (0.10, self._other_than_it_seems),
        )
        return self._draw.weighted(forms)(pair)

    def _plain(self, pair: Pair) -> str:
        clause = self._clause(pair)
        return clause if " when " in clause else self._pick(_THEN) + clause

    def _confirmed(self, pair: Pair) -> str:
        return self._quoted(self._clause(pair), _RIGHT)

    def _reversed(self, pair: Pair) -> str:
        return self._quoted(self._clause((pair[1], pair[0])), _OTHER_WAY)

    def _corrected(self, pair: Pair) -> str:
        wrong = self._draw.one_of([other for other in _PAIRS if other != pair])
        if self._draw.chance(0.5):
            return f"{self._denied(wrong)}: {self._clause(pair)}"
        said = self._no_contact() if self._draw.chance(0.4) else self._clause(wrong)
        return self._quoted(said, _WRONG) + f": {self._clause(pair)}"

    def _other_than_it_seems(self, pair: Pair) -> str:
        wrong = self._draw.one_of([other for other in _PAIRS if other != pair])
        if self._draw.chance(0.5):
            return f"{self._pick(_SEEMS)} {self._clause(wrong)}, but {self._clause(pair)}"
        return f"{self._clause(pair)}, and not, as {self._pick(_SOURCES)} believes, the other way round"

    # --- what did not happen, or not this time ---

    def _nothing(self) -> str:
        """Return the report of no collision."""
        if self._draw.chance(0.5):
            return self._pick(_THEN) + self._no_contact()
        return self._quoted(self._no_contact(), _RIGHT)

    def _not_this_time(self, fact: Pair | None) -> str:
        """Return the report of something that did not happen, or not this time; it does not contradict the fact."""
        forms: tuple[tuple[float, Callable[[Pair], str]], ...] = (
            (0.40, self._nearly),
            (0.20, self._earlier),
            (0.25, self._wrongly),
            (0.15, self._denied),
        )
        form = self._draw.weighted(forms)
        pairs = list(_PAIRS)
        if form == self._wrongly:
            pairs = [pair for pair in _PAIRS if pair != fact]
        elif form == self._denied:
            pairs = [pair for pair in _PAIRS if fact is None or set(pair) != set(fact)]
        return form(self._draw.one_of(pairs))

    def _nearly(self, pair: Pair) -> str:
        a, b = self._subject(pair[0]), self._object(pair[1])
        past, done, base, _ = self._draw.one_of(_VERBS)
        told = self._pick(_NEARLY).format(a=a, b=b, past=past, done=done, base=base)
        return told if told.startswith("a little more") else self._pick(_THEN) + told

    def _earlier(self, pair: Pair) -> str:
        clause = self._clause(pair, plain=True)
        for symbol, vehicle in zip((_ONE, _TWO), self._draw.some_of(_VEHICLES, 2), strict=True):
            clause = clause.replace(f"<{symbol}>", f"a {vehicle}")
        return self._pick(_EARLIER).replace("{}", clause)

    def _wrongly(self, pair: Pair) -> str:
        return self._quoted(self._clause(pair), _WRONG)

    def _denied(self, pair: Pair) -> str:
        a, b = self._subject(pair[0]), self._object(pair[1])
        _, _, base, _ = self._draw.one_of(_VERBS)
        denial = self._draw.one_of((f"did not {base}", f"certainly did not {base}", "did not even touch"))
        return f"{a} {denial} {b}"

    def _no_contact(self) -> str:
        return self._pick(_NO_CONTACT)

    # --- clauses ---

    def _quoted(self, clause: str, verdicts: tuple[str, ...]) -> str:
        """Return what somebody says, and, at once or after an aside, what is to be thought of it."""
        said = f"{self._pick(_SOURCES)} {self._pick(_SAYS)} that {clause}"
        if self._draw.chance(0.35):
            said += f". {self._pick(_ASIDES)}"
        return f"{said}. {self._pick(verdicts)}"

    def _clause(self, pair: Pair, *, plain: bool = False) -> str:
        """Return a clause that says that the first of a pair ran into the second."""
        draw = self._draw
        a, b = self._subject(pair[0]), self._object(pair[1])
        past, done, _, passive = draw.one_of(_VERBS)
        form = "active" if plain and draw.chance(0.6) else draw.weighted(_FORMS)
        if form == "passive" and passive:
            return f"{self._subject(pair[1])} was {done} by {self._object(pair[0])}"
        if form == "it was a":
            return f"it was {self._named(pair[0])} that {past} {b}"
        if form == "it was b":
            return f"it was {self._named(pair[1])} that {a} {past}"
        if form == "standing":
            hit = self._subject(pair[1])
            return f"{hit} was {self._pick(_STANDING)} when {a} {past} {'me' if hit == 'I' else 'it'}"
        if form == "could not stop":
            return f"{a} {self._pick(_FAILED)} and {past} {b}"
        if form == "which" and pair[0] != _ME:
            return f"{a}, which {self._pick(_WHICH)}, {past} {b}"
        if form == "get past" and _ME in pair:
            first, second = pair if draw.chance(0.5) else (pair[1], pair[0])
            again = {_ME: ("I", "me")}
            subject, direct = again.get(pair[0], ("it", ""))[0], again.get(pair[1], ("", "it"))[1]
            who = "I" if first == _ME else f"<{first}>"
            whom = "me" if second == _ME else f"<{second}>"
            return f"{who} {self._pick(_PAST)} {whom} and {subject} {past} {direct}"
        return f"{a} {past} {b}"

    def _subject(self, who: str) -> str:
        return f"<{who}>" if who != _ME else "I" if self._draw.chance(0.5) else "my car"

    def _object(self, who: str) -> str:
        return f"<{who}>" if who != _ME else "me" if self._draw.chance(0.3) else "my car"

    def _named(self, who: str) -> str:
        return f"<{who}>" if who != _ME else "my car"

    # --- words ---

    def _pick(self, options: tuple[str, ...]) -> str:
        """Draw something that this letter has not used yet."""
        while True:
            option = self._draw.one_of(options)
            if option not in self._used:
                if option:
                    self._used.add(option)
                return option

    def _fill(self, text: str) -> str:
        text = _SLOT.sub(lambda slot: self._pick(_SLOTS[slot[1]]), text)
        for symbol, vehicle in zip((_ONE, _TWO), self._draw.some_of(_VEHICLES, 2), strict=True):
            text = text.replace(f"<{symbol}>", f"a {vehicle}", 1).replace(f"<{symbol}>", f"the {vehicle}")
        return text


_SLOT = re.compile(r"\{(\w+)\}")

_FORMS = (
    (0.34, "active"),
    (0.18, "passive"),
    (0.08, "it was a"),
    (0.08, "it was b"),
    (0.10, "standing"),
    (0.07, "could not stop"),
    (0.07, "which"),
    (0.08, "get past"),
)
_VERBS = (
    ("hit", "hit", "hit", True),
    ("scraped", "scraped", "scrape", True),
    ("struck", "struck", "strike", True),
    ("rammed", "rammed", "ram", True),
    ("grazed", "grazed", "graze", True),
    ("bumped into", "bumped into", "bump into", False),
    ("ran into", "run into", "run into", False),
    ("drove into", "driven into", "drive into", False),
    ("backed into", "backed into", "back into", False),
    ("rolled into", "rolled into", "roll into", False),
    ("skidded into", "skidded into", "skid into", False),
)
"""Past, participle, base form, and whether the passive is good English."""
_VEHICLES = phrases(
    """taxi, bus, tram, lorry, van, motorcycle, tractor, ambulance, coach, police car, fire engine, milk float,
    delivery van, mobile crane, school bus, sports car"""
)
_STANDING = ("waiting", "standing still", "parked", "waiting at the lights", "at the kerb")
_FAILED = (
    "could not stop",
    "slid on the leaves",
    "braked too late",
    "turned too early",
    "came round the bend too fast",
)
_WHICH = (
    "had come out of a side street",
    "had been in a hurry all along",
    "had its lights off",
    "was turning left",
    "had foreign plates",
)
_PAST = ("tried to get past", "wanted to overtake", "made room for", "waved on", "drew up beside", "stopped for")

_THEN = ("", "", "", "", "then ", "at that moment ", "a little later ", "at the next corner ", "suddenly ")
_NEARLY = (
    "{a} nearly {past} {b}",
    "{a} very nearly {past} {b}",
    "{a} almost {past} {b}",
    "{a} missed {b} by a finger",
    "{a} was about to {base} {b}, but stopped in time",
    "{a} would have {done} {b} if nobody had shouted",
    "a little more and {a} would have {done} {b}",
    "it looked as if {a} would {base} {b}, but there was just room enough",
)
_EARLIER = (
    "last year {} at the same place",
    "in {month} {} in the same street, but that has been settled",
    "you may remember that in {month} {}",
    "some weeks ago {}, as you know",
    "my last claim was another matter: {}",
)
_SOURCES = (
    "the driver of <V>",
    "the driver of <U>",
    "a man at the bus stop",
    "my {relative}",
    "the man from the garage",
    "a woman with a pram",
    "the shopkeeper",
    "somebody at the window",
)
_SAYS = ("says", "claims", "has told you", "believes", "is certain", "told the police", "says")
_RIGHT = (
    "that is true",
    "that is how it was",
    "I cannot deny it",
    "so it was",
    "I have nothing to add to that",
    "I can only confirm it",
)
_OTHER_WAY = (
    "it was the other way round",
    "in fact it was the other way round",
    "it was exactly the reverse",
    "it happened the other way round",
    "that is the wrong way round",
)
_WRONG = (
    "that is not true",
    "that is not how it was",
    "nothing of it is true",
    "that is made up",
    "I have to deny that",
    "I cannot confirm it",
)
_SEEMS = ("anyone would think that", "from the photographs you would say that", "at first I thought that")
_NO_CONTACT = (
    "there was no contact at all",
    "nobody touched anybody",
    "everybody stopped in time",
    "nothing was hit",
    "all of us got away without a scratch",
)

_LEADS = (
    "I was waiting at the lights behind <V>",
    "<V> was in front of me",
    "<V> and <U> were waiting side by side",
    "<U> was coming out of a side street",
    "<U> was standing at the kerb",
    "I was behind <U>, and <V> was behind me",
    "I had just overtaken <V>",
    "<V> had just overtaken me",
    "<U> was coming towards me",
    "<V> was turning off towards the {street}",
)
_PLACES = (
    "I was driving home through {town}",
    "I was looking for a place to park",
    "I was on my way to the {street}",
    "I had just fetched my {relative} from the {street}",
)
_ASIDES = (
    "it was raining",
    "the road was wet",
    "it was getting dark",
    "the sun was low",
    "the street is narrow there",
    "there was ice on the road",
    "my {relative} was with me",
    "the photographs are enclosed",
    "the {street} was full of people",
    "the police came within the hour",
    "nobody was hurt",
    "I have driven for {number} years",
    "a dog was barking",
)
_OPENINGS = (
    "this is about {day} evening in {town}",
    "I write about what happened on {day} near the {street}",
    "dear sirs, here is my report of {day} morning",
    "you asked me for a report",
    "it was on {day} in {town}",
    "here is what I can say about {day}",
)
_CLOSINGS = (
    "please write to me if you need more",
    "I hope this is of help",
    "the number of my policy is as before",
    "a sketch is enclosed",
    "yours, {surname}",
    "with kind regards from {town}, {surname}",
)
_SLOTS: dict[str, tuple[str, ...]] = {
    "month": phrases(
        "January, February, March, April, May, June, July, August, September, October, November, December"
    ),
    "day": phrases("Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday"),
    "town": phrases(
        "Bath, Bergen, Cork, Derby, Dundee, Exeter, Ghent, Leeds, Lund, Norwich, Oban, Oxford, Ripon, Truro, Wells"
    ),
    "street": phrases("station, market, bridge, school, harbour, town hall, church, hospital, library, mill"),
    "relative": phrases("sister, brother, mother, father, aunt, uncle, cousin, daughter, son, neighbour"),
    "surname": phrases(
        "Abbott, Bauer, Dahl, Evans, Grant, Holm, Keller, Larsen, Novak, Price, Reed, Turner, Vogel, Walsh"
    ),
    "number": phrases("three, five, eight, ten, twelve, fifteen, twenty, thirty, forty"),
}
