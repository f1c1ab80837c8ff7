"""Reading the curriculum's texts."""

import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from tfcourse.errors import InvalidCurriculum
from tfcourse.grading.autograde import plan_table, remarks, summary_table
from tfcourse.grading.batch import Result, Status
from tfcourse.grading.plan import Action, Found, Planned
from tfcourse.texts import csv_cell, escape, header, is_setup, is_solution, printable, read_text


@pytest.fixture
def assignment(course):
    return read_text(course.curriculum(course.weeks[0], "assignment"))


def test_cells_are_told_apart(assignment):
    kinds = [
        (cell.cell_type, is_setup(cell), is_solution(cell)) for cell in assignment.cells if cell.cell_type == "code"
    ]
    assert kinds == [
        ("code", True, False),
        ("code", False, True),
        ("code", False, False),
        ("code", False, True),
        ("code", False, False),
    ]


def test_metadata_of_cells_are_read(assignment):
    assert assignment.cells[1].metadata["skills"] == ["B1"]
    assert assignment.cells[3].metadata["nbgrader"]["points"] == 2


def test_the_header_is_the_courses_part(assignment, tmp_path):
    assert header(assignment)["title"] == "Mini week"
    path = tmp_path / "bare.py"
    path.write_text("# %%\nx = 1\n")
    assert header(read_text(path)) == {}


def test_a_missing_text_is_named(tmp_path):
    with pytest.raises(InvalidCurriculum, match=r"lesson\.py: expected a py:percent text; found no such file"):
        read_text(tmp_path / "lesson.py")


def test_a_text_that_cannot_be_read_is_named(tmp_path):
    path = tmp_path / "lesson.py"
    path.write_text("# ---\n# jupyter: [\n# ---\n")
    path.write_bytes(path.read_bytes() + b"\xff\xff")
    with pytest.raises(InvalidCurriculum, match=r"lesson\.py: expected a py:percent text"):
        read_text(path)


# ---------------------------------------------------------------------------- strangers' texts


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ann", "ann"),
        ("Zoë Müller", "Zoë Müller"),
        ("李 雷\u3000😀", "李 雷\u3000😀"),
        ("a\u00a0b\u202fc", "a\u00a0b\u202fc"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\x9b31m\x07\x7f\0", "a\\x9b31m\\x07\\x7f\\x00"),
        ("a\nb\tc\rd", "a\\nb\\tc\\rd"),
        ("abc\u202egpj.\u2066\u200f", "abc\\u202egpj.\\u2066\\u200f"),
        ("zero\u200bwidth\ufeff\u2028", "zero\\u200bwidth\\ufeff\\u2028"),
        ("\udcff\U000e0041", "\\udcff\\U000e0041"),
    ],
)
def test_what_a_stranger_writes_is_shown_and_does_nothing(text, shown):
    assert printable(text) == shown
    shown.encode()


def test_lines_stay_where_they_are_meant():
    assert printable("one\n\ttwo\r\x1b", lines=True) == "one\n\ttwo\\r\\x1b"


@given(st.text())
def test_nothing_that_is_shown_can_be_escaped_again(text):
    assert printable(printable(text)) == printable(text)
    assert all(each.isprintable() or unicodedata.category(each) == "Zs" for each in printable(text))


@given(st.text(alphabet=st.one_of(st.sampled_from("[]/\\b#\x1b\n"), st.characters())))
def test_no_stranger_writes_markup(text):
    shown = Text.from_markup(escape(text))
    assert shown.spans == []
    # rich takes a backslash before a bracket away, and adds one at the end.
    assert shown.plain.replace("\\", "") == printable(text, lines=True).replace("\\", "")


@pytest.mark.parametrize("first", "=+-@")
def test_no_cell_is_a_formula(first):
    assert csv_cell(f"{first}cmd()") == f"'{first}cmd()"
    assert csv_cell(f"  {first}1") == f"'  {first}1"
    assert csv_cell(f"\t{first}1") == f"\\t{first}1"
    assert csv_cell(f"a{first}1") == f"a{first}1"


def test_no_student_reaches_the_graders_tables_as_they_are(tmp_path):
    name = "\x1b[31mred\u202e"
    skipped = Planned(Found(name, "ps1", tmp_path, ()), Action.SKIP, "why \x1b", refused=("\x1b[2J.txt: a link",))
    failed = Result(name, "ps1", Status.FAILED, reason="\x1b[2J")
    console = Console(width=200, file=io.StringIO())
    console.print(plan_table([skipped, failed]))
    console.print(summary_table([failed]))
    for line in remarks([failed]):
        console.print(line)
    shown = console.file.getvalue()
    assert shown.count("\\x1b[31mred\\u202e") == 4
    assert "\x1b" not in shown
