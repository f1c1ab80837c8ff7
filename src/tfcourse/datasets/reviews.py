"""Reviews of restaurants, hotels, films and things to buy, each with a verdict: recommended or not.

The domain is the small world of customers' reviews, written by a grammar. Somebody says where they were or what
they bought, judges one to three parts of it, and is pleased or displeased on the whole. As in real reviews, the
words alone do not tell which:

* a judgement may be denied ("not at all bad", "anything but friendly", "could not have been more helpful");
* praise and blame may stand side by side, and what follows "but", or is not introduced by "although", decides
  ("the screen is lovely, but the battery is dreadful");
* somebody else may have seen it otherwise ("my sister found the plot dull. I found it gripping");
* after mixed impressions the closing sentence decides ("I would not hesitate to go back").

So counting words explains only part of the labels, and a model that reads in order can explain nearly all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from tfcourse.datasets import generator
from tfcourse.datasets import reviews_words as words
from tfcourse.datasets.grammar import Draw

KINDS: tuple[str, ...] = ("restaurant", "hotel", "film", "gadget", "appliance", "clothing")
"""What is reviewed; all are equally frequent."""


@generator
def make_reviews(n: int, *, seed: int) -> tuple[NDArray[np.str_], NDArray[np.int64]]:
    """Write `n` reviews in English, with capitals and punctuation.

    Args:
        n: How many.
        seed: Of any size up to 256 bits. The same seed gives the same reviews.

    Returns:
        Texts of shape (n,), 10 to 50 words each, and labels of shape (n,): 1 where the review is favourable, 0 where it
        is not. One half is favourable, give or take one review; the order is random.
    """
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n) % 2)
    random = Draw(_in_blocks(rng))
    texts = [_Review(random, favourable=bool(label)).write() for label in labels]
    return np.array(texts, dtype=np.str_), labels.astype(np.int64)


def _in_blocks(rng: np.random.Generator) -> Callable[[], float]:
    """Return what draws uniform numbers, many at once: one call of NumPy for each would take most of the time."""
    block: list[float] = []

    def uniform() -> float:
        if not block:
            block.extend(rng.random(8192).tolist())
        return block.pop()

    return uniform


class _Review:
    """One review while it is written: what it is about, who writes it, and which words it has used."""

    def __init__(self, random: Draw, *, favourable: bool) -> None:
        self._random = random
        self._favourable = favourable
        self._kind = random.one_of(KINDS)
        self._used: set[str] = set()
        self._item = ""
        self._minutes = 0
        self._pronouns = random.one_of((_I, _WE))

    def write(self) -> str:
        """Return the text."""
        opening = self._fill(self._random.one_of(_OPENINGS[_setting(self._kind)]))
        opinion = self._random.weighted(_STRUCTURES)(self)
        sentences = [opening, *opinion]
        if self._random.uniform() < 0.35:
            detail = self._fill(self._random.one_of(_DETAILS[_setting(self._kind)]))
            sentences.insert(self._random.one_of((1, len(sentences))), detail)
        return " ".join(_sentence(sentence) for sentence in sentences)

    # --- opinions: each returns sentences without their final stop ---

    def plain(self) -> list[str]:
        """One or two judgements that agree, none of them denied."""
        first = self._says(self._favourable)
        if self._random.uniform() < 0.35:
            return [first]
        second = self._says(self._favourable)
        return self._random.one_of(([f"{first}, and {second}"], [first, second]))

    def denied(self) -> list[str]:
        """A judgement that is denied, alone or beside one that is not."""
        first = self._denies(self._favourable)
        draw = self._random.uniform()
        if draw < 0.5:
            return [first]
        second = self._denies(self._favourable) if draw < 0.8 else self._says(self._favourable)
        return self._random.one_of(([f"{first}, and {second}"], [first, second], [second, first]))

    def contrast(self) -> list[str]:
        """Praise and blame in one breath; the grammar tells which of them weighs more."""
        minor, major = self._judges(not self._favourable), self._judges(self._favourable)
        if self._random.uniform() < 0.2:
            minor = self._attribute(not self._favourable)
            return [f"{self._random.one_of(('despite', 'in spite of'))} {minor}, {major}"]
        pattern = self._random.one_of(_CONTRASTS)
        return [part.format(minor=minor, major=major) for part in pattern]

    def others(self) -> list[str]:
        """What others say or what was expected, and then what the writer found."""
        aspect, verb, adjectives = self._aspect()
        theirs, own = self._adjective(adjectives, not self._favourable), self._adjective(adjectives, self._favourable)
        pattern = self._random.one_of(_OTHERS)
        several = verb == "were" or aspect in words.PERSONS
        filled = (
            part.format(
                aspect=aspect,
                was=verb,
                theirs=theirs,
                own=own,
                it_was="they were" if several else "it was",
                it="them" if several else "it",
                others=self._others(),
                **self._pronouns,
            )
            for part in pattern
        )
        return list(filled)

    def mixed(self) -> list[str]:
        """Praise and blame that balance each other, and a verdict."""
        impressions = [self._judges(True), self._judges(False)]
        if self._random.uniform() < 0.5:
            impressions.reverse()
        verdicts = _VERDICTS[_setting(self._kind)][self._favourable]
        return [*impressions, self._fill(self._random.one_of(verdicts))]

    # --- clauses ---

    def _judges(self, good: bool) -> str:
        return self._denies(good) if self._random.uniform() < 0.25 else self._says(good)

    def _says(self, good: bool) -> str:
        """Return a clause that praises (or blames) and is to be taken at its word."""
        aspect, verb, adjectives = self._aspect()
        form = self._random.weighted(_SAID)
        if form == "noun" and verb == "was" and adjectives.anything:
            noun = self._pick(words.GENERAL_NOUNS_PRAISE if good else words.GENERAL_NOUNS_BLAME)
            return f"the {aspect} was a {noun}"
        if form == "did" and adjectives.anything:
            past = self._pick(words.DELIGHT if good else words.DISMAY).split(":")[1]
            return f"the {aspect} {past} {self._pronouns['me']}"
        if form == "felt" and adjectives.anything:
            past = self._pick(words.LIKE if good else words.DISLIKE).split(":")[1]
            return f"{self._pronouns['I']} {past} the {aspect}"
        if form == "nothing but":
            noun = "praise for" if good else "complaints about"
            return f"{self._pronouns['I']} had nothing but {noun} the {aspect}"
        adjective = self._adjective(adjectives, good)
        if form == "most" and len(adjective) >= _TAKES_MORE:
            return f"the {aspect} could not have been more {adjective}"
        if form == "more than said":
            return f"the {aspect} {verb} {self._random.one_of(_STRESSED)} {adjective}"
        degree = self._random.one_of(_DEGREES)
        if degree in self._used:
            degree = ""
        self._used.add(degree)
        return f"the {aspect} {verb} {degree}{adjective}"

    def _denies(self, good: bool) -> str:
        """Return a clause that praises by denying blame, or blames by denying praise."""
        aspect, verb, adjectives = self._aspect()
        me, subject = self._pronouns["me"], self._pronouns["I"]
        form = self._random.weighted(_DENIED)
        if form == "noun" and verb == "was" and adjectives.anything:
            noun = self._pick(words.GENERAL_NOUNS_BLAME if good else words.GENERAL_NOUNS_PRAISE)
            return f"the {aspect} was {self._random.one_of(('no', 'hardly a', 'not exactly a'))} {noun}"
        if form == "did" and adjectives.anything:
            return f"the {aspect} {self._never(words.DISMAY if good else words.DELIGHT)} {me}"
        if form == "felt" and adjectives.anything:
            return f"{subject} {self._never(words.DISLIKE if good else words.LIKE)} the {aspect}"
        if form == "no cause":
            cause = self._random.one_of(("complaints", "quarrel") if good else ("praise", "kind word"))
            return f"{subject} had no {cause} {_PREPOSITIONS[cause]} the {aspect}"
        adjective = self._adjective(adjectives, not good)
        if form == "nothing":
            return f"there was nothing {adjective} about the {aspect}"
        negation = self._random.one_of(_NEGATIONS)
        return f"the {aspect} {negation.format(was=verb)} {adjective}"

    def _never(self, verbs: words.Words) -> str:
        base, past = self._pick(verbs).split(":")
        return self._random.one_of((f"did not {base}", f"didn't {base}", f"never {past}"))

    def _attribute(self, good: bool) -> str:
        aspect, _, adjectives = self._aspect()
        return f"the {self._adjective(adjectives, good)} {aspect}"

    # --- words ---

    def _aspect(self) -> tuple[str, str, words.Judgement]:
        """Draw what is judged next: a noun, its verb, and the adjectives that suit it."""
        while True:
            things = self._random.one_of(words.ASPECTS[self._kind])
            number = self._random.one_of((*things.singular, *things.plural))
            if number not in self._used:
                self._used.add(number)
                return number, "was" if number in things.singular else "were", words.JUDGEMENTS[things.judgement]

    def _adjective(self, judgement: words.Judgement, good: bool) -> str:
        if judgement.anything and self._random.uniform() < 0.4:
            judgement = words.JUDGEMENTS["anything"]
        return self._pick(judgement.praise if good else judgement.blame)

    def _others(self) -> str:
        return self._random.one_of((self._pick(words.CITED), f"my {self._known()}"))

    def _pick(self, options: Sequence[str]) -> str:
        """Draw a word that this review has not used yet."""
        while True:
            option = self._random.one_of(options)
            if option not in self._used:
                self._used.add(option)
                return option

    def _fill(self, template: str) -> str:
        return _SLOT.sub(lambda slot: self._slot(slot[1]), template)

    def _slot(self, name: str) -> str:
        if name in self._pronouns:
            return self._pronouns[name]
        if name == "item":
            self._item = self._item or self._pick(_ITEMS[self._kind])
            return self._item
        if name == "brand":
            return self._random.one_of(words.BRAND_STARTS) + self._random.one_of(words.BRAND_ENDS)
        if name == "model":
            return f"{self._random.one_of('ACEGKMPRSTVX')}{self._random.one_of(_MODEL_NUMBERS)}"
        if name == "minutes":
            self._minutes = self._minutes or 80 + int(100 * self._random.uniform())
            return str(self._minutes)
        if name == "material" and self._kind in words.MATERIALS_OF:
            return self._pick(words.MATERIALS_OF[self._kind])
        if name == "relative":
            return self._known()
        if name == "named":
            known, names = self._random.one_of(((words.WOMEN_KNOWN, words.WOMEN), (words.MEN_KNOWN, words.MEN)))
            return f"{self._pick(known)} {self._pick(names)}"
        if name == "first":
            return self._pick(self._random.one_of((words.WOMEN, words.MEN)))
        return self._pick(_SLOTS[name])

    def _known(self) -> str:
        return self._pick(self._random.one_of((words.WOMEN_KNOWN, words.MEN_KNOWN, words.KNOWN)))


def _setting(kind: str) -> str:
    return kind if kind in _OPENINGS else "purchase"


def _sentence(text: str) -> str:
    """Mend the articles, begin with a capital, end with a stop."""
    text = _ARTICLE.sub(lambda found: found[1] + _article(found[2]) + " " + found[2], text)
    return text[0].upper() + text[1:] + "."


def _article(word: str) -> str:
    """Return "a" or "an", by how `word` begins when it is spoken."""
    return "an" if word[0].lower() in "aeiou" and not word.startswith(_SPOKEN_WITH_A_CONSONANT) else "a"


_SLOT = re.compile(r"\{(\w+)\}")
_ARTICLE = re.compile(r"(^|\s)a ([\w-]+)")
_SPOKEN_WITH_A_CONSONANT = ("uni", "use", "one")

_MODEL_NUMBERS = (*range(10, 100, 10), *range(100, 1000, 100))

_I = {"I": "I", "me": "me", "my": "my"}
_WE = {"I": "we", "me": "us", "my": "our"}

_SAID = (
    (0.60, "adjective"),
    (0.10, "felt"),
    (0.08, "did"),
    (0.06, "noun"),
    (0.06, "more than said"),
    (0.07, "most"),
    (0.03, "nothing but"),
)
_DEGREES = ("", "", "", "", "really ", "truly ", "quite ")
_TAKES_MORE = 8
"""Letters from which on an adjective is compared with "more": more reliable, but tougher."""
_STRESSED = ("nothing short of", "nothing if not", "never less than")

_DENIED = (
    (0.62, "adjective"),
    (0.10, "felt"),
    (0.08, "did"),
    (0.07, "noun"),
    (0.08, "nothing"),
    (0.05, "no cause"),
)
_NEGATIONS = (
    "{was} not",
    "{was} not at all",
    "{was}n't",
    "{was}n't at all",
    "{was} not in the least",
    "{was} never",
    "{was} by no means",
    "{was} far from",
    "{was} anything but",
    "{was} hardly",
)
_PREPOSITIONS = {"complaints": "about", "quarrel": "with", "praise": "for", "kind word": "for"}

_CONTRASTS: tuple[tuple[str, ...], ...] = (
    ("{minor}, but {major}",),
    ("{minor}, but {major}",),
    ("{minor}, but {major}",),
    ("{minor}, yet {major}",),
    ("{minor}", "however, {major}"),
    ("{minor}", "still, {major}"),
    ("although {minor}, {major}",),
    ("although {minor}, {major}",),
    ("even though {minor}, {major}",),
    ("{major}, although {minor}",),
    ("{major}, even though {minor}",),
)
_OTHERS: tuple[tuple[str, ...], ...] = (
    ("{others} found the {aspect} {theirs}", "{I} found {it} {own}"),
    ("{others} called the {aspect} {theirs}", "{I} thought {it_was} {own}"),
    ("{I} had expected the {aspect} to be {theirs}", "{it_was} {own}"),
    ("{others} told {me} that the {aspect} {was} {theirs}, but {it_was} {own}",),
)

_VERDICTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "restaurant": (
        (
            "{I} would not go back",
            "{I} would hesitate to go back",
            "it was {my} last visit",
            "{I} cannot recommend it",
            "it was not worth the money",
            "{I} will never eat there again",
            "{I} would not recommend it to my {relative}",
        ),
        (
            "{I} would go back",
            "{I} would not hesitate to go back",
            "it was not {my} last visit",
            "{I} can recommend it",
            "it was worth the money",
            "{I} will eat there again",
            "{I} would recommend it to my {relative}",
        ),
    ),
    "hotel": (
        (
            "{I} would not stay there again",
            "{I} would hesitate to book again",
            "it was {my} last visit",
            "{I} cannot recommend it",
            "it was not worth the money",
            "{I} will never go back",
            "{I} would not recommend it to my {relative}",
        ),
        (
            "{I} would stay there again",
            "{I} would not hesitate to book again",
            "it was not {my} last visit",
            "{I} can recommend it",
            "it was worth the money",
            "{I} will go back",
            "{I} would recommend it to my {relative}",
        ),
    ),
    "film": (
        (
            "{I} would not watch it again",
            "{I} wanted to leave before the end",
            "{I} cannot recommend it",
            "it was not worth the ticket",
            "{I} will never watch it again",
            "{I} would not recommend it to my {relative}",
        ),
        (
            "{I} would watch it again",
            "{I} never wanted to leave before the end",
            "{I} can recommend it",
            "it was worth the ticket",
            "{I} will watch it again",
            "{I} would recommend it to my {relative}",
        ),
    ),
    "purchase": (
        (
            "{I} would not buy it again",
            "{I} will send it back",
            "{I} cannot recommend it",
            "it was not worth the money",
            "{I} regret buying it",
            "{I} will never buy this brand again",
            "{I} would not recommend it to my {relative}",
        ),
        (
            "{I} would buy it again",
            "{I} will not send it back",
            "{I} can recommend it",
            "it was worth the money",
            "{I} do not regret buying it",
            "{I} will buy this brand again",
            "{I} would recommend it to my {relative}",
        ),
    ),
}
"""By setting: what sums up an unfavourable and a favourable review."""

_OPENINGS: dict[str, tuple[str, ...]] = {
    "restaurant": (
        "{I} ate at the {sign} {signnoun} in {town} on a {weather} {day} in {month}",
        "the {sign} {signnoun} is {number} minutes from the {street}",
        "my {named} booked a table for {number} at the {sign} {signnoun}",
        "for my {relative}'s {occasion} {I} went to the {sign} {signnoun} near the {street}",
        "{I} had lunch at {first}'s, a {dish} house by the {street} in {town}",
        "{I} tried the new place of {first} {surname} in {town} last {month}",
    ),
    "hotel": (
        "{I} stayed at the {surname} {sort} in {town} for {number} nights in {month}",
        "the {sign} {signnoun} {sort} is on the road from {town} to {town}",
        "my {named} chose the {signnoun} {sort}, {number} minutes from the {street}",
        "{I} spent {number} nights at the {sign} {signnoun} in {town}",
        "{I} came to {town} for a {trip} and stayed at the {surname} {sort}",
        "{I} arrived at the {surname} {sort} on a {weather} {day} evening",
    ),
    "film": (
        "{I} saw The {filmword} {filmnoun} at the cinema by the {street}",
        "The {filmword} {filmnoun} is a {genre} set in {town}",
        "The {filmnoun} of {town} is the {ordinal} {genre} by {first} {surname}",
        "in {first} {surname}'s new {genre} a {profession} returns to {town}",
        "my {relative} wanted to see a {genre}, so {I} chose The {filmword} {filmnoun}",
        "on a {weather} {day} {I} watched The {filmnoun}, a {genre} of {minutes} minutes",
    ),
    "purchase": (
        "{I} bought this {colour} {item} for my {relative} in {month}",
        "the {brand} {model} is the {ordinal} {item} {I} have had in {number} years",
        "{I} ordered the {brand} {model} from the {shop} in {town}",
        "{I} keep this {item} in {my} {use}",
        "my {named} gave {me} a {brand} {item} last {month}",
        "after {number} weeks with the {brand} {item} {I} know it well",
        "{I} had been looking for a {colour} {item} since {month}",
    ),
}
_DETAILS: dict[str, tuple[str, ...]] = {
    "restaurant": (
        "{I} ordered the {added} {dish} and {drink}",
        "my {relative} had the {added} and {added} {dish}",
        "the menu lists {number} sorts of {drink} and a {added} {dish}",
        "at the next table somebody was eating {added} {dish}",
        "it closes on {day}s",
        "the owner, {first} {surname}, comes from {town}",
    ),
    "hotel": (
        "{my} room was on the {ordinal} floor, towards the {street}",
        "the walls are painted {colour}",
        "there is a {colour} {material} chair in every room",
        "the bar serves {drink} and {added} {dish}",
        "the tram to the {street} leaves every {number} minutes",
        "it belongs to the {surname} family",
    ),
    "film": (
        "{first} {surname} plays a {profession} from {town}",
        "it begins in {town} and ends in {town}",
        "the camera is by {first} {surname}",
        "it is based on a novel by {first} {surname}",
        "it is {minutes} minutes long",
        "{I} went with my {relative} and {number} friends",
    ),
    "purchase": (
        "it comes in {colour} or {colour}",
        "it is made of {material} and {material}",
        "my {relative} has one in {colour}",
        "it came from a {shop} in {town}",
        "{my} old one was a {brand}",
        "the parcel weighed {number} kilos",
    ),
}
_SLOTS: dict[str, words.Words] = {
    "added": words.ADDED,
    "colour": words.COLOURS,
    "day": words.DAYS,
    "dish": words.DISHES,
    "drink": words.DRINKS,
    "filmnoun": words.FILM_NOUNS,
    "filmword": words.FILM_WORDS,
    "genre": words.GENRES,
    "material": words.MATERIALS,
    "month": words.MONTHS,
    "number": words.NUMBERS,
    "occasion": words.OCCASIONS,
    "ordinal": words.ORDINALS,
    "profession": words.PROFESSIONS,
    "shop": words.SHOPS,
    "sign": words.SIGN_WORDS,
    "signnoun": words.SIGN_NOUNS,
    "sort": words.HOTEL_SORTS,
    "street": words.STREETS,
    "surname": words.SURNAMES,
    "town": words.TOWNS,
    "trip": words.TRIPS,
    "use": words.USES,
    "weather": words.WEATHER,
}
_ITEMS = {"gadget": words.GADGETS, "appliance": words.APPLIANCES, "clothing": words.CLOTHES}

_STRUCTURES: tuple[tuple[float, Callable[[_Review], list[str]]], ...] = (
    (0.58, _Review.plain),
    (0.12, _Review.denied),
    (0.18, _Review.contrast),
    (0.06, _Review.others),
    (0.06, _Review.mixed),
)
"""How often each way to judge occurs."""
