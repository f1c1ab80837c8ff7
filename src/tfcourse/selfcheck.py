"""Before the first week: small questions on Python and NumPy that answer in the notebook, without points.

In a notebook::

    from tfcourse.selfcheck import answer, check

    check("mask", without_gaps)   # right, or what differs, and where it is used
    answer("mask")                # one way to write it
"""

from __future__ import annotations

import inspect
import math
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tfcourse.checks import guard
from tfcourse.checks.calling import CallFunction
from tfcourse.checks.check import FunctionCheck
from tfcourse.checks.records import Outcome
from tfcourse.course import unknown
from tfcourse.errors import UnknownName
from tfcourse.reports.card import Note

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Question:
    """One question.

    Args:
        name: As `check` and `answer` are given it.
        week: Number of a week that needs it.
        why: What it is needed for, as the end of a sentence.
        function: One way to write it.
        cases: What is looked at, in words, and the arguments.
        hint: Where to read on.
        calling: How the function is called.
    """

    name: str
    week: int
    why: str
    function: Callable[..., Any]
    cases: Sequence[tuple[str, tuple[Any, ...]]]
    hint: str
    calling: CallFunction = field(default_factory=CallFunction)


def check(name: str, function: Any) -> None:
    """Try a function of the learner's, and show what came of it. Nothing is recorded.

    Args:
        name: Of the question, ``mask`` say.
        function: The learner's, without parentheses.
    """
    from IPython.display import display

    display(told(name, function))


def answer(name: str) -> None:
    """Show one way to write what a question asks for."""
    from IPython.display import display

    source = textwrap.dedent(inspect.getsource(_question(name).function))
    display(Note(f"One way to write '{name}'", "Yours may be better.", code=source))


def told(name: str, function: Any) -> Note:
    """Return what `check` shows."""
    question = _question(name)
    asked = FunctionCheck(
        id=f"selfcheck.{name}",
        title=name,
        points=1,
        skills=(),
        hints=(),
        reference=question.function,
        cases=lambda seed: question.cases,
        calling=question.calling,
    )
    task, key = asked.draw(0)
    response = guard.attempt(lambda: asked.calling.respond(function, task), seconds=asked.calling.seconds)
    score = asked.score(response, key, reveal=True)
    if score.outcome is Outcome.RIGHT:
        return Note(f"✓ {name}", f"{score.message} Week {question.week} needs it {question.why}.")
    if score.outcome is Outcome.NOT_ATTEMPTED:
        return Note(f"○ {name}", score.message)
    return Note(f"✗ {name}", f"{score.message}\n{question.hint}", code=score.lines)


def _question(name: str) -> Question:
    for question in QUESTIONS:
        if question.name == name:
            return question
    raise UnknownName(unknown("question", name, [question.name for question in QUESTIONS]))


# --- answers, as they are shown ---


def even_squares(numbers: list[int]) -> list[int]:
    """Return the squares of the even numbers, in order."""
    return [number**2 for number in numbers if number % 2 == 0]


def number_or_nan(text: str) -> float:
    """Return the number that a text holds, NaN where it holds none."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def word_counts(words: list[str]) -> dict[str, int]:
    """Return how often each word occurs."""
    counts: dict[str, int] = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
    return counts


def last_and_next(values: list[float], at: int) -> tuple[list[float], float]:
    """Return the three values before place `at`, and the value at it."""
    return values[at - 3 : at], values[at]


def line_of(name: str, value: float) -> str:
    """Return a line for a report."""
    return f"{name}: {value:.2f}"


def make_adder(amount: float) -> Callable[[float], float]:
    """Return a function that adds `amount`."""

    def add(number: float) -> float:
        return number + amount

    return add


def column_means(table: Array) -> Array:
    """Return the mean of each column."""
    return np.asarray(table.mean(axis=0))


def standardised(table: Array) -> Array:
    """Return a table whose columns have mean 0 and standard deviation 1."""
    return np.asarray((table - table.mean(axis=0)) / table.std(axis=0))


def without_gaps(table: Array) -> Array:
    """Return the rows without a NaN."""
    return np.asarray(table[~np.isnan(table).any(axis=1)])


def minus_one_to_one(pixels: Array) -> Array:
    """Return whole numbers from 0 to 255 as numbers from -1 to 1."""
    return np.asarray(pixels / 127.5 - 1)


def rows_of_numbers(pictures: Array) -> Array:
    """Return pictures of shape (n, height, width, channels) as rows, shape (n, height * width * channels)."""
    return pictures.reshape(len(pictures), -1)


def likeliest(probabilities: Array) -> Array:
    """Return the place of the largest number of each row."""
    return np.asarray(probabilities.argmax(axis=1))


def looked_up(table: Array, ids: Array) -> Array:
    """Return the row of the table for each id."""
    return np.asarray(table[ids])


def capped(values: Array, most: float) -> Array:
    """Return the values, none above `most`, and leave those that were given as they are."""
    result = values.copy()
    result[result > most] = most
    return result


_TABLE = np.array([[1.0, 10.0, 5.0], [3.0, 30.0, 1.0], [8.0, 20.0, 0.0], [4.0, 60.0, 6.0]])
_GAPS = np.array([[1.0, np.nan], [2.0, 3.0], [np.nan, np.nan], [0.0, 4.0]])
_PIXELS = np.array([[0, 255, 128], [1, 2, 254]], dtype=np.uint8)
_PICTURES = np.arange(2 * 3 * 4 * 3).reshape(2, 3, 4, 3)

QUESTIONS: tuple[Question, ...] = (
    Question(
        "comprehension",
        1,
        "wherever a list is made of another",
        even_squares,
        [
            ("some numbers", ([1, 2, 3, 4],)),
            ("negative numbers and 0", ([-2, 0, 5],)),
            ("one even number", ([6],)),
        ],
        "Read on in Python's tutorial, 5.1.3: list comprehensions.",
    ),
    Question(
        "exception",
        1,
        "to read a table with gaps",
        number_or_nan,
        [
            ("a number", ("3.5",)),
            ("no number", ("n/a",)),
            ("an empty text", ("",)),
            ("blanks around a number", (" -2 ",)),
        ],
        "float('n/a') raises a ValueError. Read on in Python's tutorial, 8.3: handling exceptions.",
    ),
    Question(
        "dictionary",
        9,
        "to count words",
        word_counts,
        [("words that recur", (["a", "b", "a"],)), ("each word once", (["x", "y"],)), ("one word", (["z"],))],
        "Read on in Python's tutorial, 5.5: dictionaries, and look up dict.get.",
    ),
    Question(
        "slice",
        13,
        "to cut windows out of a series",
        last_and_next,
        [
            ("somewhere in the middle", ([5.0, 6.0, 7.0, 8.0, 9.0, 4.0], 4)),
            ("at the first possible place", ([5.0, 6.0, 7.0, 8.0], 3)),
            ("the last value", ([1.0, 2.0, 3.0, 4.0, 0.0], 4)),
        ],
        "A slice a:b begins at a and ends before b. Read on in Python's tutorial, 3.1.3: lists.",
    ),
    Question(
        "format",
        1,
        "to print results",
        line_of,
        [
            ("a long number", ("loss", 0.123456)),
            ("a whole number", ("epochs", 12.0)),
            ("rounding", ("accuracy", 0.999)),
        ],
        "f'{value:.2f}' has two digits after the point. Read on in Python's tutorial, 7.1.1: formatted strings.",
    ),
    Question(
        "closure",
        10,
        "to put weights into a loss",
        make_adder,
        [("whole numbers", (2, 3)), ("negative numbers", (-1.5, 0.5)), ("two of them", (10, 1))],
        "Define a function inside of your function, and return its name without parentheses.",
        CallFunction(via="call the result"),
    ),
    Question(
        "axis",
        1,
        "to scale columns",
        column_means,
        [
            ("four rows, three columns", (_TABLE,)),
            ("one row", (_TABLE[:1],)),
            ("as many rows as columns", (_TABLE[:3],)),
        ],
        "axis=0 goes down the rows, so that one number for each column is left. Read on in NumPy: the absolute basics.",
    ),
    Question(
        "broadcasting",
        1,
        "to standardise a table",
        standardised,
        [
            ("four rows, three columns", (_TABLE,)),
            ("as many rows as columns", (_TABLE[:3],)),
            ("two rows", (_TABLE[1:3],)),
        ],
        "A table of shape (4, 3) minus a row of shape (3,) subtracts it from each row. Look up NumPy's broadcasting.",
    ),
    Question(
        "mask",
        3,
        "to drop rows with gaps",
        without_gaps,
        [
            ("gaps in some rows", (_GAPS,)),
            ("no gap", (_GAPS[1:2],)),
            ("nothing but gaps", (_GAPS[2:3],)),
        ],
        "np.isnan(table).any(axis=1) is True for the rows with a gap, and ~ turns it round. NaN == NaN is False.",
    ),
    Question(
        "dtype",
        5,
        "to scale pixels",
        minus_one_to_one,
        [("whole numbers of 8 bits", (_PIXELS,)), ("the darkest and the lightest", (_PIXELS[:1, :2],))],
        "Whole numbers of 8 bits end at 255 and begin again at 0. Divide first: that gives numbers with a point.",
    ),
    Question(
        "reshape",
        5,
        "to flatten pictures",
        rows_of_numbers,
        [("two pictures", (_PICTURES,)), ("one picture", (_PICTURES[:1],)), ("grey pictures", (_PICTURES[..., :1],))],
        "reshape(n, -1) lets NumPy find the last number. The first axis stays: one row for each picture.",
    ),
    Question(
        "argmax",
        2,
        "to turn probabilities into answers",
        likeliest,
        [
            ("three rows", (np.array([[0.1, 0.9], [0.6, 0.4], [0.3, 0.7]]),)),
            ("one row", (np.array([[0.2, 0.5, 0.3]]),)),
            ("as many rows as columns", (np.array([[0.9, 0.1], [0.8, 0.2]]),)),
        ],
        "argmax without an axis looks at the whole table. Which axis do you want to lose?",
    ),
    Question(
        "lookup",
        9,
        "to know what an embedding is",
        looked_up,
        [
            ("a row of ids", (_TABLE, np.array([2, 0, 2]))),
            ("two rows of ids", (_TABLE, np.array([[0, 1], [3, 3]]))),
            ("one id", (_TABLE, np.array([1]))),
        ],
        "An array of whole numbers may stand between the brackets: table[ids]. Look up NumPy's advanced indexing.",
    ),
    Question(
        "copy",
        1,
        "in every task: your inputs are to stay as they are",
        capped,
        [
            ("some are larger", (np.array([1.0, 7.0, 3.0]), 4.0)),
            ("none is larger", (np.array([1.0, 2.0]), 4.0)),
            ("a table", (np.array([[9.0, 1.0], [5.0, 2.0]]), 2.0)),
        ],
        "b = a gives an array a second name, and b = a.copy() makes a second array.",
    ),
)
"""In the order of the notebook."""
