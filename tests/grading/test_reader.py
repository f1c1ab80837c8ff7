"""Large notebooks are read in a process of their own, and cost the grader nothing."""

import json

import pytest

from tfcourse.errors import UnusableNotebook
from tfcourse.grading.reader import SMALL, Reader


def notebook(source="1", **metadata):
    cell = {"cell_type": "code", "source": source, "metadata": metadata, "outputs": []}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4}).encode()


@pytest.fixture
def reader():
    reader = Reader(memory=600 * 2**20, seconds=20)
    yield reader
    reader.close()


def test_small_ones_need_no_process(reader):
    assert reader.read_notebook(notebook("2"), "a.ipynb").cells[0].source == "2"
    assert reader._process is None


def test_large_ones_are_read_alike_and_one_after_the_other_in_one_process(reader):
    for source in ("3", "4"):
        raw = notebook(source, unknown="x" * SMALL)
        assert reader.read_notebook(raw, "a.ipynb").cells[0].source == source
    assert reader._process.is_alive()


def test_what_is_no_notebook_is_told_by_the_process_too(reader):
    with pytest.raises(UnusableNotebook, match="it is not JSON"):
        reader.read_notebook(b"x" * (SMALL + 1), "a.ipynb")


def test_what_needs_too_much_memory_costs_only_itself(reader):
    lists = b"[" + b",".join([b"[]"] * 8_000_000) + b"]"
    raw = notebook(unknown="HERE").replace(b'"HERE"', lists)
    with pytest.raises(UnusableNotebook, match=r"nested too deeply|memory"):
        reader.read_notebook(raw, "a.ipynb")
    assert reader.read_notebook(notebook("5", unknown="x" * SMALL), "b.ipynb").cells[0].source == "5"


def test_what_takes_too_long_costs_only_itself():
    reader = Reader(seconds=0.0)
    with pytest.raises(UnusableNotebook, match="took more than 0 s"):
        reader.read_notebook(notebook(unknown="x" * SMALL), "a.ipynb")
    assert reader._process is None
