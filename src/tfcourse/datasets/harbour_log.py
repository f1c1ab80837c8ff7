"""The log of a small harbour, kept by its master: text to learn to write from.

Harbour, boats and people are invented; the log is written by a grammar. Each day begins with weekday, wind, sea and
the hour of high water, and goes on with what happened: boats come in, sail, take on stores, report damage.
The text has what real logs have, and what makes it predictable in a different measure from word to word:

* set phrases ("made fast at the …"), which the two words before tell;
* facts about a boat, which hold throughout the log: her kind, home port, master, cargo and berth. They are mentioned
  a sentence or two after her name, so whoever writes on has to remember the boat;
* things that are taken up again: a damaged part is mended, by the trade that mends such parts; boats sail on the high
  water that the day began with; after a gale nobody sails;
* free choices: which boat comes next, from where the wind blows, what breaks.

A log belongs to one harbour: another seed draws other boats with other masters. The boats come and go as boats do:
only who is in can sail, and only who is out can come in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tfcourse.datasets import generator


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


END = "¶"
"""The token that may stand behind a day's last one; its id is 0."""
BOATS = 8
"""How many boats use the harbour."""

_KINDS = {
    "trawler": _words("herring cod haddock mackerel"),
    "coaster": _words("timber coal cement salt"),
    "ketch": _words("apples potatoes wool slates"),
    "ferry": _words("passengers mail cattle bicycles"),
}
"""Kinds of boats, and what they carry."""
NAMES = _words(
    """Aurora Bettina Clio Dagny Elsa Fortuna Gudrun Hanna Isolde Juno Kestrel Lotte Marta Nora Olivia Petrel Rosalind
    Saga Thea Ursula Vega Wilma Xenia Yvonne"""
)
"""Of boats; each harbour has `BOATS` of them."""
PORTS = _words("Bergen Cuxhaven Dundee Esbjerg Grimsby Harwich Kiel Leith Malmo Oban Ostend Riga Stavanger Whitby")
"""Where boats come from, and go to."""
MASTERS = _words(
    """Abel Brandt Carlsen Dunn Eklund Fraser Grieve Holm Iversen Jansen Kerr Lund Moller Nilsen Olsen Pratt Quist
    Reid Storm Thorne"""
)
"""Of boats; no harbour has two of a name."""
_BERTHS = ("fish quay", "coal quay", "north wall", "south wall", "old pier", "long jetty", "ferry steps", "inner basin")
_WEEKDAYS = _words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
_HOURS = _words("one two three four five six seven eight nine ten eleven twelve")
_WINDS = {
    "north": "cold and clear",
    "east": "dry and bright",
    "south": "warm and hazy",
    "west": "rain at times",
}
"""Where the wind comes from, and the weather that it brings."""
_FORCES = {"light": "a smooth sea", "fresh": "a choppy sea", "strong": "a rough sea", "gale": "a heavy sea"}
_REPAIRS = {
    "mainsail": ("torn", "sailmaker"),
    "jib": ("torn", "sailmaker"),
    "engine": ("flooded", "mechanic"),
    "pump": ("blocked", "mechanic"),
    "rudder": ("bent", "blacksmith"),
    "anchor": ("bent", "blacksmith"),
    "mast": ("cracked", "carpenter"),
    "hatch": ("cracked", "carpenter"),
}
"""Parts of a boat, how they break, and who mends them."""
_STORES = _words("flour coal bread rope ice oil")

_ARRIVALS = (
    "The {kind} {name} came in from {port} with {cargo}. She made fast at the {berth}. Her master is {master}.",
    "{master} brought the {kind} {name} in from {port} and made fast at the {berth}. She landed {cargo}.",
    "Came in on the tide: the {kind} {name}, master {master}, from {port}, {cargo} on board. Berth: {berth}.",
    "At {hour} the {kind} {name} was seen off the bar. {master} took her to the {berth}. She is from {port}.",
)
_DEPARTURES = (
    "The {kind} {name} left the {berth} at {hour} and sailed for {port} with {cargo}.",
    "The {kind} {name} took on {store} at the {berth} and sailed for {port}, {master} at the helm.",
    "At high water, {hour}, {master} took the {name} out. She carries {cargo} and is bound for {port}.",
)
_REPORTS = (
    "The {kind} {name} has a {broken} {part}. {master} asks for the {trade}. The {part} will be mended at the {berth}.",
    "{master} of the {name} found her {part} {broken}. The {trade} went to the {berth} and mended the {part}.",
    "The {name} took on {store} at the {berth}. {master} signed for the {store}.",
    "{master} paid the dues of the {kind} {name}. She stays at the {berth} until the {wind} wind drops.",
)
_DAY = "{weekday}. Wind {wind}, {force}, {weather}, {sea}. High water at {hour}."
_GALE = "No boat sailed. The wind held {wind}."
_EVENING = ("The lamp was lit at dusk.", "A quiet night.", "The wind held {wind}.", "Nothing more to report.")


@dataclass(frozen=True)
class _Boat:
    """What is true of a boat throughout a log."""

    name: str
    kind: str
    port: str
    master: str
    cargo: str
    berth: str


@generator
def make_harbour_log(days: int, *, seed: int) -> list[str]:
    """Write a harbour's log.

    Args:
        days: How many; each begins with its weekday.
        seed: Of any size up to 256 bits. The same seed gives the same harbour and the same log.

    Returns:
        One text for each day, of about 60 to 150 words, with capitals and punctuation.
    """
    random = np.random.default_rng(seed)
    boats = _boats(random)
    in_port = {boat.name for boat in boats if random.random() < 0.5}
    weekday, hour = int(random.integers(7)), int(random.integers(12))
    log = []
    for day in range(days):
        log.append(_day(random, boats, in_port, _WEEKDAYS[(weekday + day) % 7], _HOURS[(hour + day) % 12]))
    return log


def tokens_of(text: str) -> list[str]:
    """Split a text into words and marks of punctuation, in lower case."""
    return _TOKEN.findall(text.lower())


def encode(tokens: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the place of each token in `VOCABULARY`, shape (tokens,).

    Raises:
        KeyError: The harbour's log has no such word.
    """
    return np.array([_PLACE[token] for token in tokens], dtype=np.int64)


def as_text(tokens: Sequence[str]) -> str:
    """Join tokens to a text that can be read: capitals, no blank before punctuation, and a new line at each `END`."""
    text = re.sub(rf" ?{END} ?", "\n", re.sub(r" ([.,:])", r"\1", " ".join(tokens)))
    text = re.sub(r"(^|\n|[.] )([a-z])", lambda found: found[1] + found[2].upper(), text)
    return _NAME.sub(lambda found: found[0].capitalize(), text)


def _boats(random: np.random.Generator) -> list[_Boat]:
    names, masters = random.permutation(NAMES)[:BOATS], random.permutation(MASTERS)[:BOATS]
    boats = []
    for number, (name, master) in enumerate(zip(names, masters, strict=True)):
        kind = list(_KINDS)[number % len(_KINDS)]
        port, cargo, berth = (str(random.choice(options)) for options in (PORTS, _KINDS[kind], _BERTHS))
        boats.append(_Boat(str(name), kind, port, str(master), cargo, berth))
    return boats


def _day(random: np.random.Generator, boats: Sequence[_Boat], in_port: set[str], weekday: str, hour: str) -> str:
    """Write a day, and note in `in_port` which boats have come and gone."""
    wind, force = str(random.choice(list(_WINDS))), str(random.choice(list(_FORCES), p=(0.3, 0.35, 0.2, 0.15)))
    weather = {"wind": wind, "force": force, "weather": _WINDS[wind], "sea": _FORCES[force], "hour": hour}
    gale = force == "gale"
    sentences = [_DAY.format(weekday=weekday, **weather)]
    for boat in random.permutation(np.array(boats, dtype=object))[: random.integers(2, 5)]:
        templates = _templates(random, boat, in_port, gale=gale)
        template = templates[int(random.integers(len(templates)))]
        part = str(random.choice(list(_REPAIRS)))
        broken, trade = _REPAIRS[part]
        facts = {"part": part, "broken": broken, "trade": trade, "store": str(random.choice(_STORES))}
        sentences.append(template.format(**vars(boat), **weather, **facts))
    sentences.append((_GALE if gale else str(random.choice(_EVENING))).format(**weather))
    return " ".join(sentences)


def _templates(random: np.random.Generator, boat: _Boat, in_port: set[str], *, gale: bool) -> Sequence[str]:
    if boat.name not in in_port:
        in_port.add(boat.name)
        return _ARRIVALS
    if gale or random.random() < 0.4:
        return _REPORTS
    in_port.remove(boat.name)
    return _DEPARTURES


_TOKEN = re.compile(rf"[a-z]+|[.,:{END}]")
_NAME = re.compile(rf"\b({'|'.join((*NAMES, *PORTS, *MASTERS, *_WEEKDAYS))})\b", re.IGNORECASE)


def _vocabulary() -> tuple[str, ...]:
    templates = (*_ARRIVALS, *_DEPARTURES, *_REPORTS, _DAY, _GALE, *_EVENING)
    pools = (_KINDS, *_KINDS.values(), NAMES, PORTS, MASTERS, _BERTHS, _WEEKDAYS, _HOURS, _STORES)
    facts = (_WINDS, _WINDS.values(), _FORCES, _FORCES.values(), _REPAIRS, *_REPAIRS.values())
    texts = [re.sub(r"\{\w+\}", " ", template) for template in templates]
    texts += [word for words in (*pools, *facts) for word in words]
    return (END, *sorted({token for text in texts for token in tokens_of(text)}))


VOCABULARY = _vocabulary()
"""`END`, and every token that a log may hold, in alphabetical order; a token's id is its place."""
_PLACE = {token: place for place, token in enumerate(VOCABULARY)}
