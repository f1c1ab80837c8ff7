"""Days of a harbour's log, each with where the pilot boat is when the entry ends: in harbour or out at sea.

Harbour and boats are invented; the entries are written by a grammar on top of a small model of the day. The pilot boat
is in or out when the day breaks, and goes out and comes in as it goes on; every sentence fits what she does just then.
The answer is in no word, and in no few neighbouring ones:

* a boat that crosses the bar was in and is out now, or was out and is in now: which of the two, the sentence does not
  say ("She crossed the bar at six, and again at nine");
* so what counts is where she was told to be last, and how often she has crossed the bar since, however long ago
  that was;
* other boats come in and put out with the same words;
* she may be about to put out and stay, and have orders for tomorrow ("She was to come in at six, but the sea on the
  bar was too high").

A busy day is like a quiet one, with more of it: who can follow the boat through one can follow her through the other,
and who knows the days of few crossings by heart cannot. Boats, hours, berths and weather are drawn without regard to
the answer.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from tfcourse.datasets import generator
from tfcourse.datasets.grammar import Draw, phrases, sentences, write_texts

PLACES: tuple[str, ...] = ("in", "out")
"""Where the pilot boat is in the end, by label; both are equally frequent."""
MOST_WORDS = 64
"""No entry is longer, counted as `tfcourse.datasets.grammar.words_of` does."""
MOST_WORDS_QUIET = 40
"""No entry of a quiet day is longer."""


@generator
def make_pilot_boat(n: int, *, seed: int, busy: bool = False) -> tuple[NDArray[np.str_], NDArray[np.int64]]:
    """Write `n` entries in English, with capitals and punctuation; no two are the same.

    Args:
        n: How many.
        seed: Of any size up to 256 bits. The same seed gives the same entries.
        busy: Whether the days are busy: entries of 45 to 64 words; those of quiet days have up to 40.

    Returns:
        Texts of shape (n,), and labels of shape (n,): the place in `PLACES` of where the pilot boat is in the end. Both
        are equally frequent, give or take one entry; the order is random.
    """
    most = MOST_WORDS if busy else MOST_WORDS_QUIET

    def write(draw: Draw, label: int) -> str:
        while True:
            day = _Day(draw)
            text = day.write(busy=busy)
            if day.pilot_is_out == (PLACES[label] == "out"):
                return text

    return write_texts(n, len(PLACES), write, seed=seed, most_words=most)


class _Boat:
    """A boat while a day is written: her names, and whether she is out."""

    def __init__(self, names: tuple[str, ...], *, out: bool) -> None:
        self.names = names
        self.out = out


class _Day:
    """One entry while it is written. In a sentence, ``@`` stands for the boat that it is about."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._used: set[str] = set()
        self._pilot = _Boat(("the pilot boat",), out=draw.chance(0.5))
        names = draw.some_of(_NAMES, 2)
        self._others = [_Boat((f"the {draw.one_of(_KINDS)} {n}", f"the {n}"), out=draw.chance(0.5)) for n in names]
        self._last: _Boat | None = None
        self._clock = 0

    @property
    def pilot_is_out(self) -> bool:
        """Tell where the pilot boat is now."""
        return self._pilot.out

    def write(self, *, busy: bool) -> str:
        """Return the text."""
        draw = self._draw
        least = 48 if busy else draw.one_of((20, 24, 28))
        share = 0.8 if busy else draw.one_of((0.35, 0.8, 0.8))
        parts = [self._pick(_OPENINGS)] if draw.chance(0.3) else []
        parts.append(self._told(self._pilot, self._pick(_AT_DAYBREAK[self._pilot.out])))
        while sum(len(part.split()) for part in parts) < least:
            if draw.chance(0.12):
                parts.append(self._pick(_ASIDES))
            elif draw.chance(share):
                parts.append(self._about_the_pilot(busy=busy))
            else:
                parts.append(self._about_another(draw.one_of(self._others)))
        if draw.chance(0.15):
            parts.append(self._pick(_CLOSINGS))
        return sentences(_SLOT.sub(lambda slot: self._slot(slot[1]), ". ".join(parts) + "."))

    def _about_the_pilot(self, *, busy: bool) -> str:
        kind = self._draw.weighted(_BUSY if busy else _QUIET)
        if kind == "crosses":
            return self._crosses()
        form = self._pick(_SENTENCES[kind][self._pilot.out])
        if kind == "moves":
            self._pilot.out = not self._pilot.out
        return self._told(self._pilot, form)

    def _crosses(self) -> str:
        """Return a sentence in which the pilot boat crosses the bar, up to three times."""
        draw = self._draw
        times = draw.weighted(((0.5, 1), (0.28, 2), (0.22, 3)))
        form = self._pick(_CROSSES)
        if times == 2:
            form += draw.one_of((" and again {when}", ", and again {when}", " and once more {when}"))
        elif times == 3:
            form += draw.one_of((", again {when} and once more {when}", ", again {when} and again {when}"))
        if times % 2:
            self._pilot.out = not self._pilot.out
        return self._told(self._pilot, form)

    def _about_another(self, boat: _Boat) -> str:
        kind = self._draw.weighted(((0.5, "moves"), (0.2, "stays"), (0.15, "orders"), (0.15, "passing")))
        form = self._pick(_SENTENCES[kind][boat.out])
        if kind in ("moves", "passing"):
            boat.out = not boat.out
        return self._told(boat, form)

    def _told(self, boat: _Boat, form: str) -> str:
        """Return a sentence with the boat's name, or "she" where she was spoken of last, and with the hours."""
        she = boat is self._last is self._pilot and self._draw.chance(0.75)
        self._last = boat
        name = "she" if she else boat.names[0]
        boat.names = boat.names[-1:]
        return _WHEN.sub(lambda _: self._hour(), form.replace("@", name, 1).replace("@", "she"))

    def _hour(self) -> str:
        """Return the next hour: they go on with the day."""
        self._clock += 1 if self._draw.chance(0.7) else 2
        return _TIMES[min(self._clock, len(_TIMES)) - 1]

    def _pick(self, options: tuple[str, ...]) -> str:
        """Draw something that this entry has not used yet, while there is."""
        left = [option for option in options if option not in self._used]
        option = self._draw.one_of(left or options)
        self._used.add(option)
        return option

    def _slot(self, name: str) -> str:
        return self._pick(_SLOTS[name])


_SLOT = re.compile(r"\{(\w+)\}")
_WHEN = re.compile(r"\{when\}")

_QUIET = ((0.66, "crosses"), (0.14, "moves"), (0.14, "stays"), (0.06, "orders"))
_BUSY = ((0.85, "crosses"), (0.05, "moves"), (0.06, "stays"), (0.04, "orders"))
"""How often each kind of sentence about the pilot boat occurs, on quiet days and on busy ones."""
_AT_DAYBREAK: tuple[tuple[str, ...], tuple[str, ...]] = (
    (
        "at daybreak @ lay at the {berth}",
        "@ was in harbour at daybreak",
        "the day began with @ at the {berth}",
    ),
    (
        "at daybreak @ was out at sea",
        "@ was at sea at daybreak",
        "the day began with @ off the bar",
    ),
)
_CROSSES = (
    "@ crossed the bar {when}",
    "@ crossed the bar {when}",
    "@ passed the pierheads {when}",
    "@ went through the sea lock {when}",
)
"""What a boat does that puts out, and a boat that comes in."""
_PUT_OUT = (
    "@ put out {when}",
    "@ cast off {when} and stood out to sea",
    "@ left the {berth} {when} and put to sea",
    "@ sailed {when} to meet a {ship}",
    "@ went out {when} with the ebb",
)
_CAME_IN = (
    "@ came in {when}",
    "@ made fast at the {berth} {when}",
    "@ tied up {when}, low in the water",
    "@ came in {when} with the flood",
    "@ returned {when} and lay down at the {berth}",
)
_STAYED_IN = (
    "@ was to put out {when}, but the wind was too strong",
    "@ meant to sail {when}, but her engine would not start",
    "@ did not put out {when}, for the fog was too thick",
    "@ would have sailed {when}, had the {part} been mended",
)
_STAYED_OUT = (
    "@ was to come in {when}, but the sea on the bar was too high",
    "@ meant to make fast {when}, but was sent to a {ship}",
    "@ did not come in {when}, for there was no water on the bar",
    "@ would have come in {when}, had the {part} not failed",
)
_ORDERS_IN = (
    "@ is to put out {later}",
    "@ has orders to sail {later}",
    "@ is taking on {store}, to sail {later}",
)
_ORDERS_OUT = (
    "@ is to come in {later}",
    "@ has orders to make fast at the {berth} {later}",
    "@ is expected back {later}",
)
_PASSING_IN = (
    "@ put out {when} with a letter for the brother of the pilot boat's mate",
    "@ cast off {when}, with a {part} like that of the pilot boat",
)
_PASSING_OUT = (
    "@ came in {when} with {store} for the pilot boat",
    "@ came in {when}, with the old mate of the pilot boat on board",
)
_SENTENCES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "moves": (_PUT_OUT, _CAME_IN),
    "stays": (_STAYED_IN, _STAYED_OUT),
    "orders": (_ORDERS_IN, _ORDERS_OUT),
    "passing": (_PASSING_IN, _PASSING_OUT),
}
"""By kind: what can be said of a boat that is in, and of one that is out."""

_OPENINGS = (
    "wind {wind}, {force}",
    "wind {wind}, high water at {hour}",
    "a {sky} morning, wind {wind}",
    "fog until {hour}, then wind {wind}",
)
_ASIDES = (
    "it rained until {hour}",
    "the wind went round to the {wind}",
    "the crane at the {berth} is out of order",
    "a seal was seen in the basin",
    "the harbour office was painted",
    "coal is dear",
    "fish sold well",
)
_CLOSINGS = (
    "a quiet night",
    "nothing more to report",
    "the wind held",
    "the lamp was lit at dusk",
)
_TIMES = phrases(
    """at five, at half past five, at six, at half past six, at seven, at half past seven, at eight, at half past eight,
    at nine, at half past nine, at ten, at half past ten, at eleven, at half past eleven, at noon, at half past twelve,
    at one, at half past one, at two, at half past two, at three, at half past three, at four, at half past four"""
)
_HOURS = phrases("one, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve")
_NAMES = phrases(
    """Aurora, Bettina, Clio, Dagny, Elsa, Fortuna, Gudrun, Hanna, Isolde, Juno, Kestrel, Lotte, Marta, Nora, Olivia,
    Petrel, Rosalind, Saga, Thea, Ursula, Vega, Wilma"""
)
_KINDS = ("trawler", "coaster", "ketch", "ferry", "tug", "lugger")
_SLOTS: dict[str, tuple[str, ...]] = {
    "later": ("tomorrow", "at dawn tomorrow", "on the morning tide", "on the next tide", "when the wind drops"),
    "hour": _HOURS,
    "berth": ("fish quay", "coal quay", "north wall", "south wall", "old pier", "long jetty", "ferry steps"),
    "ship": phrases("steamer, barque, tanker, schooner, collier, liner, mail boat, dredger"),
    "part": phrases("mainsail, jib, engine, pump, rudder, anchor, mast, hatch"),
    "store": phrases("water, coal, bread, rope, ice, oil"),
    "wind": phrases("north, east, south, west"),
    "force": phrases("light, fresh, strong, squally"),
    "sky": phrases("clear, grey, cold, squally"),
}
