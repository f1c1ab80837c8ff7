"""Every recipe runs by itself after the setup cell, is short, and says when to use it and which week explains it."""

import re

import pytest

from tfcourse.course import find_course
from tfcourse.texts import read_text

TEXT = read_text(find_course().root / "curriculum" / "recipes" / "recipes.py")
CELLS = TEXT.cells
RECIPES = [at for at, cell in enumerate(CELLS) if "recipe" in cell.metadata.get("tags", [])]
(SETUP,) = [cell.source for cell in CELLS if "setup" in cell.metadata.get("tags", [])]


def name(at):
    return re.findall(r"^### (.+)$", CELLS[at - 1].source, re.M)[-1]


def test_every_code_cell_is_the_setup_or_a_recipe():
    assert len([cell for cell in CELLS if cell.cell_type == "code"]) == len(RECIPES) + 1


@pytest.mark.parametrize("at", RECIPES, ids=name)
def test_a_recipe_is_short_and_says_when_and_where(at):
    assert 1 <= len(CELLS[at].source.strip().splitlines()) <= 10
    use = CELLS[at - 1].source.split("### ")[-1].split("\n", 1)[1].strip()
    assert re.search(r"[Ww]eek \d+\.$", use)
    assert len(use.splitlines()) == 1


@pytest.mark.slow
@pytest.mark.parametrize("at", RECIPES, ids=name)
def test_a_recipe_runs_by_itself(at):
    names = {"__name__": "recipes"}
    exec(SETUP, names)
    exec(CELLS[at].source, names)
