"""Support tickets of an invented company, each with the desk that it belongs to.

The domain is the inbox of a city's works: one company sells power, gas, heating and water, runs the trams, lends bikes
and has charging points for cars. People write to it in free text, and somebody has to send each message to one of
eight desks. The tickets are written by a grammar; as in a real inbox, the words alone do not tell which desk:

* desks share their words: a charging point that does not work goes to "charging", a charging session that was paid
  twice to "billing"; a lost pass goes to "passes", a lost umbrella to "lost property";
* tickets mention troubles that are over ("last May the bike had a flat tyre, you have seen to that. But now …"), that
  others have, or that are not meant ("I am writing about the refund, not about line 4");
* some say too little: "I lost my card case" may be for passes or for lost property. For the smaller desk, such tickets
  are a larger part of all that it gets;
* they have greetings, asides, customer numbers, names and slips of the keyboard;
* and desks are not equally busy: one ticket in four is for billing, one in forty for lost property (in an uneven
  inbox, one in three and one in eighty).

So counting words explains part of the labels, a model that sees which words stand together explains more, and a model
that does what is best on the average forgets the small desks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from tfcourse.datasets import generator
from tfcourse.datasets import tickets_words as words
from tfcourse.datasets.grammar import Draw

DESKS: tuple[str, ...] = tuple(desk.name for desk in words.DESKS)
"""The eight desks, by label; the busiest comes first."""
SHARES: tuple[float, ...] = tuple(desk.share for desk in words.DESKS)
"""Of all tickets, by label: 24 % for billing, 2.5 % for lost property. They sum to 1."""
UNEVEN_SHARES: tuple[float, ...] = (0.33, 0.26, 0.16, 0.125, 0.06, 0.035, 0.018, 0.012)
"""The same in an uneven inbox: 33 % for billing, 1.2 % for lost property."""


@generator
def make_tickets(n: int, *, seed: int, uneven: bool = False) -> tuple[NDArray[np.str_], NDArray[np.int64]]:
    """Write `n` tickets in English, as people type them.

    Args:
        n: How many.
        seed: Of any size up to 256 bits. The same seed gives the same tickets.
        uneven: Whether the inbox is an uneven one: small desks are smaller still, most of what they get says too
            little, and nearly all other tickets name more than one thing.

    Returns:
        Texts of shape (n,), 4 to 80 words each, and labels of shape (n,): integers from 0 to 7, the places of the
        desks in `DESKS`. Each desk has its share of `SHARES` (or `UNEVEN_SHARES`), rounded; the order is random. No
        ticket is written twice.
    """
    counts = _counts(n, UNEVEN_SHARES if uneven else SHARES)
    labels = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(DESKS)), counts))
    draw = Draw.seeded(seed)
    texts: dict[str, None] = {}
    for label in labels:
        text = _Ticket(draw, int(label), uneven=uneven).write()
        while text in texts:
            text = _Ticket(draw, int(label), uneven=uneven).write()
        texts[text] = None
    return np.array(list(texts), dtype=np.str_), labels.astype(np.int64)


def _counts(n: int, shares: Sequence[float]) -> NDArray[np.int64]:
    """Return how many of `n` tickets each desk gets: its share rounded, so that the sum is `n`."""
    ends = np.rint(np.cumsum(shares) * n).astype(np.int64)
    counts: NDArray[np.int64] = np.diff(ends, prepend=0)
    return counts


class _Ticket:
    """One ticket while it is written."""

    def __init__(self, draw: Draw, label: int, *, uneven: bool) -> None:
        self._draw = draw
        self._uneven = uneven
        self._own = words.DESKS[label]
        others = [desk for desk in words.DESKS if desk is not self._own]
        self._other = draw.one_of(others)

    def write(self) -> str:
        """Return the text."""
        draw = self._draw
        sentences = self.vague() or draw.weighted(_STRUCTURES_UNEVEN if self._uneven else _STRUCTURES)(self)
        if draw.chance(0.45):
            sentences.append(draw.one_of(self._own.requests if draw.chance(0.4) else words.REQUESTS))
        asides = list(words.ASIDES)
        if draw.chance(0.30):
            sentences.insert(0, asides.pop(int(draw.uniform() * len(asides))))
        if draw.chance(0.25):
            sentences.insert(draw.number(0, len(sentences)), draw.one_of(draw.one_of(words.DESKS).habits))
        if draw.chance(0.20):
            sentences.append(draw.one_of(asides))
        text = " ".join(_sentence(self._fill(sentence)) for sentence in sentences)
        opening = draw.one_of(words.OPENINGS)
        if opening:
            first = text if text.startswith("I ") else text[0].lower() + text[1:]
            text = f"{opening[0].upper()}{opening[1:]}, {first}"
        if draw.chance(0.5):
            closing = draw.one_of(words.CLOSINGS)
            text += f" {closing[0].upper()}{closing[1:]}, {self._fill('{first} {surname}')}"
        return self._type(text)

    # --- what it is about: each returns sentences without their final stop ---

    def vague(self) -> list[str]:
        """A trouble that may be for one of two desks; nothing where this ticket is clearer than that."""
        left = self._draw.uniform()
        for vague in words.VAGUE:
            if self._own.name in vague.desks:
                left -= (vague.uneven if self._uneven else vague.shares)[vague.desks.index(self._own.name)]
                if left < 0:
                    return [self._draw.one_of(vague.troubles)]
        return []

    def plain(self) -> list[str]:
        """One trouble."""
        return [self._trouble()]

    def named(self) -> list[str]:
        """A thing, and that it is not in order."""
        return [self._said(self._own, words.UNSETTLED)]

    def contrast(self) -> list[str]:
        """A thing that is in order, and another that is not."""
        settled = self._said(self._other, words.SETTLED)
        own = self._trouble() if self._draw.chance(0.5) else self._said(self._own, words.UNSETTLED)
        patterns = ([f"{settled}, but {own}"], [f"{own}, but {settled}"], [settled, own], [own, settled])
        return list(self._draw.one_of(patterns))

    def over(self) -> list[str]:
        """A trouble that is over, and one that is not."""
        other = self._draw.one_of(words.BEFORE).replace("{other}", self._draw.one_of(self._other.troubles))
        end = self._draw.one_of(words.OVER)
        own = self._draw.one_of(words.TURNS).replace("{own}", self._trouble())
        return [f"{other}, {end}", own] if self._draw.chance(0.5) else [other, f"{end}, {own}"]

    def hearsay(self) -> list[str]:
        """A trouble of others, or one that does not matter, and the writer's own."""
        bearable = [trouble for trouble in self._other.troubles if not _UNBEARABLE.match(trouble)]
        pattern = self._draw.one_of(words.HEARSAY).replace("{other}", self._draw.one_of(bearable))
        return pattern.replace("{own}", self._trouble()).split(". ")

    def not_but(self) -> list[str]:
        """A thing that is meant, and one that is not."""
        pattern = self._draw.one_of(words.NOT_BUT).replace("{other}", self._thing(self._other)[0])
        return [pattern.replace("{own}", self._thing(self._own)[0])]

    # --- clauses ---

    def _trouble(self) -> str:
        return self._draw.one_of(self._own.troubles)

    def _thing(self, desk: words.Desk) -> tuple[str, bool]:
        """Return a thing that a desk looks after, and whether there are several."""
        several = self._draw.chance(0.3)
        return self._draw.one_of(desk.plural if several else desk.singular), several

    def _said(self, desk: words.Desk, predicates: words.Words) -> str:
        """Return a clause that says of a desk's thing how it is."""
        thing, several = self._thing(desk)
        predicate = self._draw.one_of(predicates)
        for one, many in (("is", "are"), ("has", "have"), ("was", "were")):
            predicate = predicate.replace(f"{{{one}}}", many if several else one)
        return f"{thing} {predicate}"

    # --- words ---

    def _fill(self, template: str) -> str:
        return _SLOT.sub(lambda slot: self._slot(slot[1]), template)

    def _slot(self, name: str) -> str:
        draw = self._draw
        if name in words.SLOTS:
            return draw.one_of(words.SLOTS[name])
        if name == "amount":
            return f"{draw.number(9, 240)}.{draw.number(0, 9)}0"
        if name == "time":
            return f"{draw.number(5, 23)}:{draw.one_of(('00', '10', '15', '20', '30', '40', '45', '50'))}"
        return str(draw.number(*_NUMBERS[name]))

    def _type(self, text: str) -> str:
        """Return the text as somebody types it who may be in a hurry."""
        if self._draw.chance(0.15):
            text = text.lower()
        if self._draw.chance(0.6):
            return text
        return " ".join(self._slip(word) if self._draw.chance(0.05) else word for word in text.split(" "))

    def _slip(self, word: str) -> str:
        """Return a word with two letters swapped, one left out, or one doubled."""
        if not _LETTERS.fullmatch(word):
            return word
        at = self._draw.number(1, len(word) - 3)
        return self._draw.one_of(
            (
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
                word[:at] + word[at + 1 :],
                word[: at + 1] + word[at:],
            )
        )


def _sentence(text: str) -> str:
    """Mend the articles, begin with a capital, end with a stop or a question mark."""
    text = _ARTICLE.sub(r"\1an \2", text)
    stop = "?" if _QUESTION.match(text) else "."
    return text[0].upper() + text[1:] + stop


_SLOT = re.compile(r"\{(\w+)\}")
_ARTICLE = re.compile(r"(^|\s)a ([aeio]|um)")
_QUESTION = re.compile(r"(?:could|can|when|what (?!is left|is new)|why|which|where|how|has anybody)\b", re.IGNORECASE)
_UNBEARABLE = re.compile(r"I |we |.*\bhas died|.*\bsmell")
"""Troubles that nobody tells of somebody else, or could live with."""
_LETTERS = re.compile(r"[A-Za-z]{5,}")
_NUMBERS = {"number": (3, 40), "few": (2, 9), "line": (1, 9), "bike": (100, 999), "customer": (10_000, 99_999)}

_STRUCTURES: tuple[tuple[float, Callable[[_Ticket], list[str]]], ...] = (
    (0.22, _Ticket.plain),
    (0.08, _Ticket.named),
    (0.26, _Ticket.contrast),
    (0.22, _Ticket.over),
    (0.11, _Ticket.hearsay),
    (0.11, _Ticket.not_but),
)
"""How often each way to come to the point occurs."""
_STRUCTURES_UNEVEN: tuple[tuple[float, Callable[[_Ticket], list[str]]], ...] = (
    (0.08, _Ticket.plain),
    (0.04, _Ticket.named),
    (0.34, _Ticket.contrast),
    (0.28, _Ticket.over),
    (0.13, _Ticket.hearsay),
    (0.13, _Ticket.not_but),
)
"""The same in an uneven inbox: few tickets name one trouble and nothing else."""
