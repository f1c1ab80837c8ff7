"""What comes from a kernel: nothing of it is believed, and nothing of it can stop the recording."""

import json
import random

import nbformat
import pytest

from tfcourse.grading.outputs import Unusable, clean_outputs, with_outputs
from tfcourse.reports.card import RECEIPT_MIME


def notebook(*sources):
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])


def executed(*outputs, **more):
    return json.dumps({"cells": [{"outputs": list(outputs), **more}], "metadata": {}}).encode()


def taken(*outputs):
    """Return what stays of outputs, after nbformat was asked what it thinks of it."""
    result = with_outputs(notebook("1"), executed(*outputs), most_bytes=10**6)
    nbformat.validate(nbformat.reads(nbformat.writes(result), as_version=4))
    return result.cells[0].outputs


def result(data, **more):
    return {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": 1, **more}


def test_ordinary_outputs_stay():
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": ["a\n", "b"]},
        result({"text/plain": "1.0", "image/png": "iVBOR"}),
        {"output_type": "display_data", "data": {"application/json": {"a": [1]}}, "metadata": {"x": 1}},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["l"]},
    ]
    stream, value, shown, error = taken(*outputs)
    assert stream.text == "a\nb"
    assert value.data == {"text/plain": "1.0", "image/png": "iVBOR"}
    assert shown.data == {"application/json": {"a": [1]}}
    assert (error.ename, error.evalue, error.traceback) == ("E", "v", ["l"])


@pytest.mark.parametrize(
    "output",
    [
        None,
        7,
        [],
        {},
        {"output_type": "stream"},
        {"output_type": "stream", "name": "stdin", "text": "x"},
        {"output_type": "stream", "name": "stdout", "text": 5},
        {"output_type": "stream", "name": "stdout", "text": [1, 2]},
        {"output_type": "error", "ename": 5},
        {"output_type": "pyout", "data": {"text/plain": "1"}},
        {"output_type": ["stream"], "name": "stdout", "text": "x"},
        result(None),
        result([]),
        result({}),
        result({"text/plain": 1.0}),
        result({"text/plain": {"a": 1}}),
        result({"plain": "1.0"}),
        result({RECEIPT_MIME: {"check_id": "week01.line", "points": 5}}),
    ],
)
def test_what_is_malformed_or_forged_is_dropped(output):
    assert taken(output) == []


def test_a_part_of_a_bundle_that_is_malformed_costs_only_itself():
    (kept,) = taken(result({"text/plain": "2.0", "text/html": 5, RECEIPT_MIME: {}, "application/json": [[]] * 3}))
    assert kept.data == {"text/plain": "2.0", "application/json": [[], [], []]}


def test_what_no_file_can_hold_is_replaced():
    (kept,) = taken({"output_type": "stream", "name": "stdout", "text": "a\ud800b"})
    assert kept.text == "a?b"


def test_deep_json_is_dropped_and_no_recursion_gets_anywhere():
    deep = "[" * 40 + "]" * 40
    raw = '{"cells": [{"outputs": [{"output_type": "display_data", "data": {"application/json": %s}}]}]}'
    assert with_outputs(notebook("1"), (raw % deep).encode(), most_bytes=10**6).cells[0].outputs == []
    with pytest.raises(Unusable):
        with_outputs(notebook("1"), (raw % ("[" * 200_000 + "]" * 200_000)).encode(), most_bytes=10**6)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b'{"cells": 5}', b'{"cells": null}', b"\xff\xfe", b"[" * 99999]
)
def test_what_is_no_notebook_is_refused(content):
    with pytest.raises(Unusable, match=r"Expected|cells"):
        with_outputs(notebook("1"), content, most_bytes=10**6)


def test_too_much_is_not_read():
    with pytest.raises(Unusable, match="at most 10 bytes"):
        with_outputs(notebook("1"), executed(), most_bytes=10)


def test_another_number_of_cells_is_refused():
    with pytest.raises(Unusable, match="2 cells that were sent; 1 came back"):
        with_outputs(notebook("1", "2"), executed(), most_bytes=10**6)


def test_nothing_but_outputs_is_taken_over():
    sent = notebook("1")
    came = executed(
        result({"text/plain": "1"}), source="2", metadata={"nbgrader": {"points": 99}}, execution_count=True
    )
    found = with_outputs(sent, came, most_bytes=10**6)
    assert found.cells[0].source == "1"
    assert found.cells[0].metadata == {}
    assert found.cells[0].execution_count is None
    assert sent.cells[0].outputs == []


def test_of_the_kernels_own_words_only_known_ones_are_kept():
    table = {"cells": [{}], "metadata": {"language_info": {"name": "python", "version": "3", "x": {}}, "widgets": {}}}
    found = with_outputs(notebook("1"), json.dumps(table).encode(), most_bytes=10**6)
    assert found.metadata == {"language_info": {"name": "python", "version": "3"}}


def test_no_nonsense_makes_an_invalid_notebook():
    """Random structures in the places of outputs: whatever stays, nbformat accepts and a file can hold."""
    chance = random.Random(7)
    words = [
        "output_type",
        "stream",
        "name",
        "stdout",
        "text",
        "data",
        "text/plain",
        "metadata",
        "execute_result",
        "error",
        "ename",
        "evalue",
        "traceback",
        "display_data",
        "execution_count",
        "\ud800",
        "application/json",
    ]

    def value(levels):
        kind = chance.randrange(7 if levels else 4)
        if kind == 0:
            return chance.choice([None, True, 1, -1, 1e308, 2**70])
        if kind < 4:
            return chance.choice(words)
        if kind == 4:
            return [value(levels - 1) for _ in range(chance.randrange(3))]
        return {chance.choice(words): value(levels - 1) for _ in range(chance.randrange(4))}

    kinds = ["stream", "error", "display_data", "execute_result"]
    for _ in range(3000):
        output = {"output_type": chance.choice(kinds), "name": "stdout", "data": {"text/plain": "1"}, "ename": "E"}
        for _ in range(3):
            output[chance.choice(words)] = value(3)
        outputs = taken(output)
        json.dumps(outputs).encode("utf-8")
    assert clean_outputs({"a": 1}) == []
