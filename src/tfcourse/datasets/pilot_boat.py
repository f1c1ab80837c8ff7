"""Days of a harbour's log, each with where the pilot boat is when the lamp is lit: in harbour or out at sea.

Harbour and boats are invented; the entries are written by a grammar on top of a small model of the day. The pilot boat
and a few others are in or out when the day begins, and put out and come in as it goes on; every sentence fits what the
boat does just then. What is asked depends on the last that is told of one boat, and that is not in any word:

* all boats put out and come in with the same words, and "she" is the boat that was spoken of last, and alone;
* a boat may be about to put out and stay, may put out and turn back, may stand off the bar, and have orders for
  tomorrow ("She was to come in at six, but the sea on the bar was too high");
* what came first may be told last ("She put out again at nine, having come in only at eight");
* the pilot boat is spoken of in passing ("The Juno brought a letter for the mate of the pilot boat").

Boats, hours, berths and weather are drawn without regard to the answer.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from tfcourse.datasets import generator
from tfcourse.datasets.grammar import Draw, phrases, sentences, write_texts

PLACES: tuple[str, ...] = ("in", "out")
"""Where the pilot boat is in the end, by label; both are equally frequent."""
MOST_WORDS = 56
"""No entry is longer, counted as `tfcourse.datasets.grammar.words_of` does."""


@generator
def make_pilot_boat(n: int, *, seed: int) -> tuple[NDArray[np.str_], NDArray[np.int64]]:
    """Write `n` entries in English, with capitals and punctuation; no two are the same.

    Args:
        n: How many.
        seed: Of any size up to 256 bits. The same seed gives the same entries.

    Returns:
        Texts of shape (n,), up to 56 words each, and labels of shape (n,): the place in `PLACES` of where the pilot
        boat is in the end. Both are equally frequent, give or take one entry; the order is random.
    """
    return write_texts(n, len(PLACES), _write, seed=seed, most_words=MOST_WORDS)


def _write(draw: Draw, label: int) -> str:
    while True:
        day = _Day(draw)
        text = day.write()
        if day.pilot_is_out == (PLACES[label] == "out"):
            return text


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

    def write(self) -> str:
        """Return the text."""
        draw = self._draw
        boats = self._turns()
        parts = [self._pick(_OPENINGS)] if draw.chance(0.6) else []
        for boat in boats:
            parts.append(self._about(boat))
            if draw.chance(0.1):
                parts.append(self._pick(_ASIDES))
        if draw.chance(0.3):
            parts.append(self._pick(_CLOSINGS))
        return sentences(_SLOT.sub(lambda slot: self._slot(slot[1]), ". ".join(parts) + "."))

    def _turns(self) -> list[_Boat]:
        """Draw which boat each sentence is about; the pilot boat is one of them."""
        draw = self._draw
        count = draw.weighted(((0.35, 3), (0.4, 4), (0.25, 5)))
        while True:
            turns = [self._pilot if draw.chance(0.45) else draw.one_of(self._others) for _ in range(count)]
            if self._pilot in turns and len(set(turns)) > 1:
                return turns

    def _about(self, boat: _Boat) -> str:
        """Return a sentence about a boat, and let her do what it says."""
        draw = self._draw
        kind = draw.weighted(
            ((0.5, "moves"), (0.2, "stays"), (0.12, "moves twice"), (0.1, "orders"), (0.08, "passing"))
        )
        if kind == "passing" and boat is self._pilot:
            kind = "moves"
        sentence = self._timed(self._pick(_SENTENCES[kind][boat.out]))
        if kind in ("moves", "passing"):
            boat.out = not boat.out
        she = boat is self._last and draw.chance(0.75)
        # A sentence that speaks of the pilot boat in passing leaves open who "she" would be in the next one.
        self._last = None if kind == "passing" else boat
        name = "she" if she else boat.names[0]
        boat.names = boat.names[-1:]
        return sentence.replace("@", name, 1).replace("@", "she")

    def _timed(self, sentence: str) -> str:
        """Fill in the hours, which go on with the day, in whichever order a sentence tells them."""
        for slot in ("{earlier}", "{when}"):
            if slot in sentence:
                self._clock += 1 if self._draw.chance(0.6) else 2
                sentence = sentence.replace(slot, _TIMES[min(self._clock, len(_TIMES) - 1)])
        return sentence

    def _pick(self, options: tuple[str, ...]) -> str:
        """Draw something that this entry has not used yet, while there is."""
        left = [option for option in options if option not in self._used]
        option = self._draw.one_of(left or options)
        self._used.add(option)
        return option

    def _slot(self, name: str) -> str:
        return self._pick(_SLOTS[name])


_SLOT = re.compile(r"\{(\w+)\}")

_PUT_OUT = (
    "@ put out {when}",
    "@ cast off {when}",
    "@ left the {berth} {when}",
    "@ sailed {when} to meet a {ship}",
    "@ crossed the bar {when}, outward bound",
    "@ went out {when} with the ebb",
    "@ slipped her lines {when} and stood out to sea",
    "{when} @ put out to look for a {ship}",
)
_CAME_IN = (
    "@ came in {when}",
    "@ made fast at the {berth} {when}",
    "@ came back over the bar {when}",
    "@ was back at the {berth} {when}",
    "@ tied up {when}, low in the water",
    "@ came in {when} with the flood",
    "{when} @ came in from a {ship}",
    "@ returned {when} and lay down at the {berth}",
)
_STAYED_IN = (
    "@ was to put out {when}, but the wind was too strong",
    "@ put out {when}, but turned back at the bar",
    "@ cast off {when}, but was at the {berth} again within the hour",
    "@ meant to sail {when}, but her engine would not start",
    "@ did not put out {when}, for the fog was too thick",
    "{when} @ was called out to a {ship}, and then not wanted",
    "@ would have sailed {when}, had the {part} been mended",
    "@ singled up her lines {when}, and doubled them again",
)
_STAYED_OUT = (
    "@ was to come in {when}, but the sea on the bar was too high",
    "@ came in {when}, but put out again within the hour",
    "@ came as far as the bar {when}, but stood out to sea again",
    "@ meant to make fast at the {berth} {when}, but was sent to a {ship}",
    "@ did not come in {when}, for there was no water on the bar",
    "{when} @ was expected at the {berth}, and was not seen",
    "@ would have come in {when}, had the {part} not failed",
    "@ touched at the {berth} {when} for {store}, and was gone again",
)
_IN_AND_OUT = (
    "@ put out {when}, having come in only {earlier}",
    "before @ put out {when}, she had come in for {store}",
    "@ sailed {when}, after she had made fast at the {berth} {earlier}",
    "no sooner had @ come in than she put out again",
    "@ came in for {store} {earlier} and left {when}",
)
"""A boat that was out comes in and puts out, told in either order."""
_OUT_AND_IN = (
    "@ came in {when}, having put out only {earlier}",
    "before @ made fast {when}, she had put out to a {ship}",
    "@ was back {when}, after she had sailed to a {ship} {earlier}",
    "no sooner had @ put out than she came in again",
    "@ put out to a {ship} {earlier} and came back {when}",
)
_ORDERS_IN = (
    "@ is to put out {later}",
    "@ has orders to sail {later}",
    "@ will leave the {berth} {later}",
    "@ is taking on {store}, to sail {later}",
)
_ORDERS_OUT = (
    "@ is to come in {later}",
    "@ has orders to make fast at the {berth} {later}",
    "@ is expected back {later}",
    "@ will come in for {store} {later}",
)
_PASSING_IN = (
    "@ put out {when} with a letter for the brother of the pilot boat's mate",
    "@ left the {berth} {when}, where the pilot boat lies in winter",
    "@ cast off {when}, with a {part} like that of the pilot boat",
)
_PASSING_OUT = (
    "@ came in {when} with {store} for the pilot boat",
    "@ made fast {when} where the pilot boat lies in winter",
    "@ was back {when}, with the old mate of the pilot boat on board",
)
_SENTENCES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "moves": (_PUT_OUT, _CAME_IN),
    "stays": (_STAYED_IN, _STAYED_OUT),
    "moves twice": (_OUT_AND_IN, _IN_AND_OUT),
    "orders": (_ORDERS_IN, _ORDERS_OUT),
    "passing": (_PASSING_IN, _PASSING_OUT),
}
"""By kind: what can be said of a boat that is in, and of one that is out."""

_OPENINGS = (
    "wind {wind}, {force}",
    "{force}, wind {wind}, rain at times",
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
    "the buoy on the bar has been lit",
)
_CLOSINGS = (
    "a quiet night",
    "nothing more to report",
    "the wind held",
    "the lamp was lit at dusk",
    "clear sky at night",
)
_TIMES = phrases(
    """at first light, at dawn, at five, at six, at seven, at eight, at nine, at ten, at eleven, at noon, at one,
    at two, at three, at four, in the afternoon, before dusk, at dusk"""
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
