"""Large notebooks are read in a process of their own, and cost the grader nothing."""

import json

import pytest

from tfcourse.errors import UnusableNotebook
from tfcourse.grading.bounded import Bounded
from tfcourse.grading.reader import SMALL, read_notebook


def notebook(source="1", **metadata):
    cell = {"cell_type": "code", "source": source, "metadata": metadata, "outputs": []}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4}).encode()


@pytest.fixture
def process():
    process = Bounded("tfcourse.grading.reader", memory=600 * 2**20, seconds=20)
    yield process
    process.close()


def test_small_ones_need_no_process(process):
    assert read_notebook(notebook("2"), "a.ipynb", process=process).cells[0].source == "2"
    assert process._process is None


def test_large_ones_are_read_alike(process):
    raw = notebook("3", unknown="x" * SMALL)
    assert read_notebook(raw, "a.ipynb", process=process).cells[0].source == "3"
    assert process._process.poll() is None


def test_what_is_no_notebook_is_told_by_the_process_too(process):
    with pytest.raises(UnusableNotebook, match=r"in a\.ipynb; it cannot be read: it is not JSON"):
        read_notebook(b"x" * (SMALL + 1), "a.ipynb", process=process)


def test_what_needs_too_much_memory_costs_only_itself(process):
    lists = b"[" + b",".join([b"[]"] * 8_000_000) + b"]"
    raw = notebook(unknown="HERE").replace(b'"HERE"', lists)
    with pytest.raises(UnusableNotebook, match="memory"):
        read_notebook(raw, "a.ipynb", process=process)
    raw = notebook("5", unknown="x" * SMALL)
    assert read_notebook(raw, "b.ipynb", process=process).cells[0].source == "5"


def test_what_takes_too_long_is_told():
    process = Bounded("tfcourse.grading.reader", memory=2**31, seconds=0.0)
    with pytest.raises(UnusableNotebook, match="took more than 0 s"):
        read_notebook(notebook(unknown="x" * SMALL), "a.ipynb", process=process)
