"""What generators of text share: random choices, and mending what a grammar writes into sentences."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")

_SENTENCE = re.compile(r"(^|[.?] )([a-z])")
_ARTICLE = re.compile(r"\b([Aa]) (?=[aeio])")


class Draw:
    """Random choices, all of them made from one source.

    Args:
        uniform: Returns a number from 0 to 1, without 1.
    """

    def __init__(self, uniform: Callable[[], float]) -> None:
        self.uniform = uniform

    @classmethod
    def seeded(cls, seed: int) -> Draw:
        """Return one for a seed of any size; Python's own numbers are the same in every version."""
        return cls(random.Random(seed).random)

    def one_of(self, options: Sequence[T]) -> T:
        """Return one option; all are equally likely."""
        return options[int(self.uniform() * len(options))]

    def some_of(self, options: Sequence[T], count: int) -> list[T]:
        """Return `count` different options in random order."""
        left = list(options)
        return [left.pop(int(self.uniform() * len(left))) for _ in range(count)]

    def weighted(self, options: Sequence[tuple[float, T]]) -> T:
        """Return one option of pairs of weight and option; the weights sum to 1."""
        left = self.uniform()
        for weight, option in options:
            left -= weight
            if left < 0:
                return option
        return options[-1][1]

    def chance(self, probability: float) -> bool:
        """Return True with this probability."""
        return self.uniform() < probability

    def number(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both included."""
        return low + int(self.uniform() * (high - low + 1))


def write_texts(
    n: int, classes: int, write: Callable[[Draw, int], str], *, seed: int, most_words: int
) -> tuple[NDArray[np.str_], NDArray[np.int64]]:
    """Write `n` texts, none of them twice, none longer than `most_words`.

    Args:
        n: How many.
        classes: How many there are; all are equally frequent, give or take one text.
        write: Writes a text of a class.
        seed: Of any size. The same seed gives the same texts.
        most_words: A longer text is written anew.

    Returns:
        Texts of shape (n,), and the class of each, integers from 0 of shape (n,); the order is random.
    """
    labels = np.random.default_rng(seed).permutation(np.arange(n) % classes)
    draw = Draw.seeded(seed)
    texts: dict[str, None] = {}
    for label in labels.tolist():
        text = write(draw, label)
        while text in texts or len(words_of(text)) > most_words:
            text = write(draw, label)
        texts[text] = None
    return np.array(list(texts), dtype=np.str_), labels.astype(np.int64)


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case; whatever is no letter from a to z separates them."""
    return _WORD.findall(text.lower())


_WORD = re.compile(r"[a-z]+")


def sentences(text: str) -> str:
    """Write "an" where it belongs, and a capital where a sentence begins."""
    text = _ARTICLE.sub(r"\1n ", text)
    return _SENTENCE.sub(lambda found: found[1] + found[2].upper(), text)


def phrases(text: str) -> tuple[str, ...]:
    """Split at commas; white space within a phrase becomes one blank."""
    return tuple(" ".join(phrase.split()) for phrase in text.split(",") if phrase.strip())
