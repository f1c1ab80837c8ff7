"""Reviews of hotels, each with the part of the house that it complains about: room, food, staff, grounds or transfer.

Hotels and guests are invented; the reviews are written by a grammar. Each judges three or four parts, one of them
unfavourably. As in real reviews, the words alone do not tell which one:

* adjectives are the same for all parts, and a judgement may be denied ("the bed was anything but dreadful");
* praise and blame stand side by side, and grammar deals them out ("if only the soup had been as good as the porter",
  "it was not the pool that spoiled our stay, but the bed", "we liked everything except the garden");
* "the former" and "the latter", "the one" and "the other" refer to what was named before;
* others are quoted, and are right or wrong ("My sister had warned us of the shuttle bus. She was right.");
* what was bad may have been put right, and what was good may not have stayed so.

Every part is spoken of with the same sentences, and which parts a review praises is drawn without regard to the
complaint.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tfcourse.datasets import generator
from tfcourse.datasets.grammar import Draw, phrases, sentences, write_texts

PARTS: tuple[str, ...] = ("room", "food", "staff", "grounds", "transfer")
"""What a review complains about, by label; all five are equally frequent."""
MOST_WORDS = 56
"""No review is longer, counted as `tfcourse.datasets.grammar.words_of` does."""


@generator
def make_complaints(n: int, *, seed: int) -> tuple[NDArray[np.str_], NDArray[np.int64]]:
    """Write `n` reviews in English, with capitals and punctuation; no two are the same.

    Args:
        n: How many.
        seed: Of any size up to 256 bits. The same seed gives the same reviews.

    Returns:
        Texts of shape (n,), up to 56 words each, and labels of shape (n,): the place in `PARTS` of the part that is
        complained about. The five are equally frequent, give or take one review; the order is random.
    """
    return write_texts(n, len(PARTS), lambda draw, label: _Review(draw).write(label), seed=seed, most_words=MOST_WORDS)


class _Review:
    """One review while it is written. Things are named as "the bed"; all of them are singular."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._used: set[str] = set()
        self._pronouns = draw.one_of(_PRONOUNS)

    def write(self, label: int) -> str:
        """Return a review that complains about one part and praises two or three others."""
        draw = self._draw
        others = [part for part in range(len(PARTS)) if part != label]
        praised = [f"the {self._pick(_THINGS[part])}" for part in draw.some_of(others, draw.one_of((2, 3)))]
        blamed = f"the {self._pick(_THINGS[label])}"
        if draw.chance(0.75):
            parts = [draw.weighted(_BESIDE)(self, praised.pop(), blamed)]
        else:
            parts = [self._judged(blamed, good=False)]
        if len(praised) > 1 and draw.chance(0.4):
            parts.append(self._both(praised.pop(), praised.pop()))
        parts += [self._judged(thing, good=True) for thing in praised]
        parts = draw.some_of(parts, len(parts))
        if draw.chance(0.6):
            parts.insert(0, self._pick(_OPENINGS))
        if draw.chance(0.35):
            parts.insert(int(draw.uniform() * len(parts)) + 1, self._pick(_ASIDES))
        text = _SLOT.sub(lambda slot: self._slot(slot[1]), ". ".join(parts) + ".")
        return sentences(text)

    # --- one thing ---

    def _judged(self, thing: str, *, good: bool) -> str:
        forms: tuple[tuple[float, Callable[[str, bool], str]], ...] = (
            (0.55, self._says),
            (0.15, self._changed),
            (0.15, self._quoted),
            (0.15, self._feared),
        )
        return self._draw.weighted(forms)(thing, good)

    def _says(self, thing: str, good: bool) -> str:
        """Return a clause that praises or blames, half of them by denying the contrary."""
        if self._draw.chance(0.25):
            own = (_PRAISES, _NO_BLAME) if good else (_BLAMES, _NO_PRAISE)
            return self._pick(self._draw.one_of(own)).format(thing)
        return self._is(thing, good)

    def _is(self, thing: str, good: bool) -> str:
        """Return a clause that says how something was, as anybody could."""
        if self._draw.chance(0.5):
            return f"{thing} was {self._degree()}{self._adjective(good)}"
        return f"{thing} {self._pick(_NOT)} {self._adjective(not good)}"

    def _changed(self, thing: str, good: bool) -> str:
        form = self._pick(_CHANGED)
        return form.format(thing, self._adjective(not good), self._adjective(good), it=_pronoun(thing))

    def _quoted(self, thing: str, good: bool) -> str:
        right = self._draw.chance(0.5)
        said = f"{self._pick(_OTHERS)} {self._pick(_SAY)} that {self._is(thing, good if right else not good)}"
        return f"{said}. {self._pick(_AGREE if right else _DISAGREE)}"

    def _feared(self, thing: str, good: bool) -> str:
        fulfilled = self._draw.chance(0.5)
        verb = "hoped" if good == fulfilled else "feared"
        it = _pronoun(thing)
        ends = (f"and {it} was", "and {I} {was} right") if fulfilled else (f"but {it} was not", "but {I} {was} wrong")
        return f"{{I}} had {verb} that {thing} would be {self._adjective(good == fulfilled)}, {self._draw.one_of(ends)}"

    def _both(self, first: str, second: str) -> str:
        """Return a sentence that praises two things."""
        form = self._pick(_BOTH)
        return form.format(first, second, good=self._adjective(True), bad=self._adjective(False))

    # --- two things, of which one is praised and one is blamed ---

    def contrast(self, good: str, bad: str) -> str:
        """Two clauses, one of praise and one of blame."""
        clauses = self._draw.some_of((self._says(good, True), self._says(bad, False)), 2)
        return self._pick(_CONTRASTS).format(*clauses)

    def dealt_out(self, good: str, bad: str) -> str:
        """One clause whose grammar deals out praise and blame."""
        form = self._pick(_DEALT_OUT)
        return form.format(g=good, b=bad, good=self._adjective(True), bad=self._adjective(False))

    def referred(self, good: str, bad: str) -> str:
        """Two things, and then a judgement of the former and of the latter."""
        things = self._draw.some_of((good, bad), 2)
        judged = [self._adjective(thing == good) for thing in things]
        named = self._pick(_NAMED).format(*things)
        if self._draw.chance(0.3):
            named += f". {self._pick(_ASIDES)}"
        places = self._draw.some_of((0, 1), 2)
        ordinals = self._draw.one_of((("former", "latter"), ("first", "second")))
        first, second = (f"the {ordinals[place]} was {judged[place]}" for place in places)
        return f"{named}. {first}, {second}"

    # --- words ---

    def _degree(self) -> str:
        return self._draw.one_of(("", "", "", "really ", "quite ", "simply "))

    def _adjective(self, good: bool) -> str:
        return self._pick(_GOOD if good else _BAD)

    def _pick(self, options: tuple[str, ...]) -> str:
        """Draw something that this review has not used yet, while there is."""
        left = [option for option in options if option not in self._used]
        option = self._draw.one_of(left or options)
        self._used.add(option)
        return option

    def _slot(self, name: str) -> str:
        return self._pronouns.get(name) or self._pick(_SLOTS[name])


def _pronoun(thing: str) -> str:
    return _PERSONS.get(thing.removeprefix("the "), "it")


_SLOT = re.compile(r"\{(\w+)\}")
_PRONOUNS = (
    {"I": "I", "me": "me", "my": "my", "am": "am", "was": "was"},
    {"I": "we", "me": "us", "my": "our", "am": "are", "was": "were"},
)

_THINGS: tuple[tuple[str, ...], ...] = (
    ("room", "bed", "bathroom", "balcony", "shower"),
    ("breakfast", "dinner", "soup", "buffet", "coffee"),
    ("receptionist", "waiter", "porter", "cook", "manager"),
    ("pool", "garden", "sauna", "terrace", "beach"),
    ("shuttle bus", "ferry", "taxi from the station", "airport transfer", "minibus"),
)
"""What is judged of each of `PARTS`."""
_PERSONS = {"receptionist": "she", "waiter": "he", "porter": "he", "cook": "she", "manager": "she"}
_GOOD = phrases("excellent, superb, wonderful, lovely, great, good, perfect, delightful, first-rate, charming")
_BAD = phrases("awful, dreadful, terrible, poor, bad, horrible, disappointing, dire, second-rate, annoying")
_NOT = (
    "was not",
    "was not at all",
    "was by no means",
    "was far from",
    "was anything but",
    "was never",
    "could not be called",
    "was not in the least",
)
_PRAISES = (
    "{0} was a delight",
    "{0} delighted {{me}}",
    "{{I}} had nothing but praise for {0}",
    "{0} could not have been better",
    "{{I}} liked {0} very much",
)
_BLAMES = (
    "{0} was a disgrace",
    "{0} annoyed {{me}}",
    "{{I}} had nothing but trouble with {0}",
    "{0} could not have been worse",
    "{{I}} disliked {0} very much",
)
_NO_BLAME = (
    "{0} was no disgrace",
    "{0} did not annoy {{me}}",
    "{{I}} had no trouble at all with {0}",
    "{{I}} could find no fault with {0}",
    "there was nothing wrong with {0}",
)
_NO_PRAISE = (
    "{0} was no joy",
    "{0} did not delight {{me}}",
    "{{I}} had no praise at all for {0}",
    "{{I}} had no kind word for {0}",
    "there was nothing good about {0}",
)
_CHANGED = (
    "{0} was {1} on the first day, but {2} from the second day on",
    "{0} had been {1} last year, but this time {it} was {2}",
    "according to the brochure {0} is {1}, but {it} was {2}",
    "{0} seemed {1} at first and turned out to be {2}",
    "{0} was {2}, though {it} had been {1} when {{I}} came here before",
)
_BOTH = (
    "{0} and {1} were both {good}",
    "neither {0} nor {1} was {bad}",
    "{0} was {good}, and {1} was too",
    "{0} was not {bad}, and {1} was not either",
    "{0} was {good}, and so was {1}",
)
_CONTRASTS = ("{0}, but {1}", "although {0}, {1}", "{0}. {1}", "{0}, while {1}", "{0}. {1}, however")
_DEALT_OUT = (
    "{{I}} liked everything except {b}, even {g}",
    "apart from {b}, {{I}} had nothing to complain about, least of all {g}",
    "it was not {g} that spoiled {{my}} stay, but {b}",
    "it was {b} that spoiled {{my}} stay, and not {g}",
    "if only {b} had been as {good} as {g}",
    "if {g} had been as {bad} as {b}, {{I}} would have left",
    "{g} was as {good} as {b} was {bad}",
    "{b} was as {bad} as {g} was {good}",
    "{g} makes up for {b}, but only just",
    "{{I}} would come back for {g}, and stay away because of {b}",
    "{{I}} would stay away because of {b}, and come back for {g}",
    "{{I}} had been warned of {g}. somebody should have warned {{me}} of {b}",
    "what {{I}} complain about is {b}, not {g}",
    "{{I}} do not blame {g}, {{I}} blame {b}",
)
_NAMED = (
    "two things {{I}} remember: {0} and {1}",
    "{{I}} have to speak of {0} and of {1}",
    "what {{I}} will not forget are {0} and {1}",
    "a word about {0} and {1}",
)
_OTHERS = (
    "{my} {relative}",
    "the guests next door",
    "a guidebook",
    "some reviewers",
    "{my} neighbours",
    "{my} {relative} in {town}",
)
_SAY = ("had told {me}", "had written", "had said", "had sworn")
_AGREE = ("that was no lie", "{I} can only agree", "that is true", "{I} found the same")
_DISAGREE = ("that was not true", "{I} cannot agree", "that is wrong", "{I} found the opposite")

_OPENINGS = (
    "{I} stayed in {town} for {number} nights in {month}",
    "{I} spent {number} days here with {my} {relative}",
    "{my} {relative} chose this hotel near {town}",
    "{I} arrived on a {weather} {day}",
    "this was {my} {ordinal} stay at the {sign}",
    "the {sign} lies {number} kilometres from {town}",
)
_ASIDES = (
    "it rained until {day}",
    "the house is full in {month}",
    "{my} {relative} slept a lot",
    "{I} had come by train from {town}",
    "the owner comes from {town}",
    "there is a museum next door",
    "{I} {am} writing this on the train",
    "the walls are painted {colour}",
)
_SLOTS: dict[str, tuple[str, ...]] = {
    "month": phrases("January, March, April, May, June, July, August, September, October, December"),
    "day": phrases("Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday"),
    "town": phrases(
        "Bath, Bergen, Cork, Ghent, Graz, Lisbon, Lyon, Malmo, Parma, Porto, Riga, Split, Turin, Wells, York"
    ),
    "relative": phrases("sister, brother, mother, father, aunt, uncle, cousin, daughter, son, friend"),
    "number": phrases("two, three, four, five, six, seven, eight, nine, ten"),
    "ordinal": phrases("first, second, third, fourth"),
    "weather": phrases("rainy, windy, foggy, snowy, hot, sunny"),
    "colour": phrases("white, yellow, green, grey, blue, red"),
    "sign": phrases("Golden Heron, Black Swan, Old Mill, Crown, Silver Trout, Three Oaks, Anchor, White Stag"),
}

_BESIDE: tuple[tuple[float, Callable[[_Review, str, str], str]], ...] = (
    (0.4, _Review.contrast),
    (0.35, _Review.dealt_out),
    (0.25, _Review.referred),
)
"""How often each way to judge two things occurs."""
