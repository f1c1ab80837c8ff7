"""The self-check: every question takes its own answer, refuses a wrong one, and stands in the notebook."""

import ast
import re
from pathlib import Path

import numpy as np
import pytest

from tfcourse.errors import UnknownName
from tfcourse.selfcheck import QUESTIONS, told

TEXT = Path(__file__).parents[1] / "curriculum" / "selfcheck" / "selfcheck.py"
WRONG = {
    "comprehension": lambda numbers: [number**2 for number in numbers],
    "exception": lambda text: float(text),
    "dictionary": lambda words: dict.fromkeys(words, 1),
    "slice": lambda values, at: (values[at - 2 : at + 1], values[at]),
    "format": lambda name, value: f"{name}: {value}",
    "closure": lambda amount: amount,
    "axis": lambda table: table.mean(axis=1),
    "broadcasting": lambda table: (table - table.mean()) / table.std(),
    "mask": lambda table: table[table != np.nan].reshape(-1, table.shape[1]),
    "dtype": lambda pixels: pixels // 127 - 1,
    "reshape": lambda pictures: pictures.reshape(-1),
    "argmax": lambda probabilities: probabilities.argmax(axis=0),
    "lookup": lambda table, ids: table[ids[0]],
}


def careless_cap(values, most):
    values[values > most] = most
    return values


def blank(*_):
    raise NotImplementedError


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_the_shown_answer_is_right(question):
    note = told(question.name, question.function)
    assert note.title == f"✓ {question.name}"
    assert f"Week {question.week} needs it {question.why}." in note.body


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_an_obvious_wrong_answer_is_told_what_differs(question):
    note = told(question.name, {**WRONG, "copy": careless_cap}[question.name])
    assert note.title == f"✗ {question.name}"
    assert question.hint in note.body


def test_a_cell_as_it_was_released_is_not_attempted():
    assert told("mask", blank).title == "○ mask"
    assert told("mask", None).title == "○ mask"


def test_an_error_of_the_learners_is_shown_with_its_line():
    note = told("format", lambda name, value: name + value)
    assert note.title == "✗ format"
    assert "TypeError" in note.body


def test_an_unknown_question_is_a_message():
    with pytest.raises(UnknownName, match=r"found 'masc'\. Did you mean mask\?"):
        told("masc", blank)


def test_the_notebook_asks_every_question_in_order_with_the_right_name_and_week():
    text = TEXT.read_text(encoding="utf-8")
    asked = re.findall(r'^check\("(\w+)", (\w+)\)', text, re.MULTILINE)
    assert asked == [(question.name, question.function.__name__) for question in QUESTIONS]
    weeks = re.findall(r"^# Needed in \[week (\d+)\]\(\.\./week(\d\d)/lesson\.ipynb\)", text, re.MULTILINE)
    assert [(int(a), int(b)) for a, b in weeks] == [(question.week, question.week) for question in QUESTIONS]
    code = "\n".join(cell for cell in text.split("# %%") if cell.startswith("\ndef "))
    arguments = {node.name: [a.arg for a in node.args.args] for node in ast.parse(code).body}
    for question in QUESTIONS:
        variables = question.function.__code__.co_varnames[: question.function.__code__.co_argcount]
        assert arguments[question.function.__name__] == list(variables)
