"""Runs and records on disk: there completely or not at all, and never twice."""

import json
import subprocess
import sys
import textwrap
from dataclasses import replace

import numpy as np
import pytest

from tfcourse.checks.diagnosis import Facts, History
from tfcourse.checks.records import ModelFile, Outcome, Problem, ProblemKind, Receipt, Response
from tfcourse.grading.jobs import Ending, NotebookRun, Run
from tfcourse.grading.runs import Stored
from tfcourse.grading.store import Store, StoreInUse, append_line

RECEIPT = Receipt(
    check_id="week01.line",
    points=4.0,
    max_points=5.0,
    outcome=Outcome.WEAK,
    message="Ä half surrogate \ud800 and <html>",
    next_step="next",
    lines="",
    metric="MAE",
    value=0.25,
    rung=4,
    thresholds=(1.8, 1.2, 0.8, 0.4, 0.2),
    purpose="grade",
    predictable=False,
    key_digest="k",
    response_digest="r",
    versions={"numpy": "2"},
    seconds=1.5,
    diagnosis={"hidden": 0.25, "training": None, "history": {"loss": [1.0, None], "steps": 4}},
)
RESPONSE = Response(
    outputs=((np.arange(6, dtype="float32").reshape(2, 3), np.array(["a", "bc"])), (), (np.array(True),)),
    parameters=7,
    seconds=0.5,
    printed="hello",
    model=ModelFile(b"model bytes", "keras"),
    history=History((1.0, 0.5), (0.75,), 4),
    facts=Facts(7, 5, ("Conv2D", "Dense"), "Adam", 0.001, None, 255.0),
    seen=np.arange(4, dtype="float32"),
    note="A note.",
)


def notebook(name="p1", **more):
    return NotebookRun(name, b'{"cells": []}', Ending.COMPLETE, **more)


def stored(*notebooks, **more):
    run = Run("00001-abc", notebooks or (notebook(),), {"a/b.txt": b"left", "ä": b""}, worker="here")
    return Stored(run, {one.name: f"digest of {one.name}" for one in run.notebooks}, **more)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "receipts")


def test_a_run_comes_back_as_it_was_stored(store):
    one = notebook(
        receipts={"week01.line": replace(RECEIPT, message="Ä")},
        responses={"week01.line": RESPONSE},
        unanswered={"week01.double": "never asked"},
        broken={"week01.other": "a defect"},
        reason="because",
        seconds=2.5,
        finished=3,
    )
    store.save("ann", "ps1", stored(one))
    found = store.pending("ann", "ps1")
    assert found.run.files == {"a/b.txt": b"left", "ä": b""}
    assert replace(found.run.notebooks[0], responses={}) == replace(one, responses={})
    assert found.number == 1
    assert found.digests == {"p1": "digest of p1"}
    response = found.run.notebooks[0].responses["week01.line"]
    assert response.digest() == RESPONSE.digest()
    assert (response.parameters, response.printed, response.model) == (7, "hello", RESPONSE.model)
    # What advice rests on: it is chosen again where a ladder was corrected.
    assert (response.history, response.facts, response.note) == (RESPONSE.history, RESPONSE.facts, "A note.")
    np.testing.assert_array_equal(response.seen, RESPONSE.seen)


def test_losses_that_are_no_numbers_come_back_as_such(store):
    response = Response(history=History((1.0, float("nan")), (), 2))
    store.save("ann", "ps1", stored(notebook(responses={"c": response})))
    found = store.pending("ann", "ps1").run.notebooks[0].responses["c"]
    assert np.isnan(found.history.loss[1])
    assert found.seen is None
    assert "NaN" not in next(store.folder.rglob("run.json")).read_text()


def test_a_run_from_before_there_were_diagnoses_is_read(store):
    store.save("ann", "ps1", stored(notebook(responses={"c": Response(parameters=3)})))
    path = next(store.folder.rglob("run.json"))
    table = json.loads(path.read_text())
    for name in ("history", "facts", "note"):
        del table["responses"][0][name]
    path.write_text(json.dumps(table))
    assert store.pending("ann", "ps1").run.notebooks[0].responses == {"c": Response(parameters=3)}


def test_a_problem_comes_back_with_its_kind(store):
    response = Response(problem=Problem(ProblemKind.CRASH, "boom", "line 1"))
    store.save("ann", "ps1", stored(notebook(responses={"c": response})))
    assert store.pending("ann", "ps1").run.notebooks[0].responses == {"c": response}


def test_what_no_file_of_arrays_can_hold_costs_the_response_and_not_the_receipt(store):
    response = Response(outputs=((np.array([object()]),),))
    store.save("ann", "ps1", stored(notebook(receipts={"c": RECEIPT}, responses={"c": response})))
    run = store.pending("ann", "ps1").run.notebooks[0]
    assert run.responses["c"].outputs == ()
    assert run.receipts["c"].points == 4.0
    assert not list(store.folder.rglob("*.npz"))


def test_half_a_surrogate_pair_does_not_stop_anything(store):
    store.save("ann", "ps1", stored(notebook(receipts={"c": RECEIPT}, reason="\udcff")))
    assert "surrogate" in store.pending("ann", "ps1").run.notebooks[0].receipts["c"].message


def test_a_run_is_pending_until_it_is_recorded(store):
    assert store.pending("ann", "ps1") is None
    assert store.entries("ann", "ps1") == {}
    run = store.save("ann", "ps1", stored())
    store.mark_recorded("ann", "ps1", run)
    assert store.pending("ann", "ps1") is None
    entry = store.entries("ann", "ps1")["p1"]
    assert (entry.run, entry.digest, entry.again) == (1, "digest of p1", False)


def test_receipts_and_responses_of_what_is_recorded_stay(store):
    run = store.save("ann", "ps1", stored(notebook(receipts={"c": RECEIPT}, responses={"c": RESPONSE})))
    assert store.receipts("ann", "ps1") == {}
    store.mark_recorded("ann", "ps1", run)
    assert store.receipts("ann", "ps1")["c"].points == 4.0
    assert store.responses("ann", "ps1")["c"].digest() == RESPONSE.digest()
    assert store.submissions("ps1") == ["ann"]
    assert not list(store.folder.rglob("notebooks"))


def test_files_that_a_run_left_are_kept_for_staff(store):
    run = store.save("ann", "ps1", stored())
    store.mark_recorded("ann", "ps1", run)
    folder = store.folder / "ann" / "ps1" / "run-000001"
    names = json.loads((folder / "run.json").read_text())["files"]
    assert {name: (folder / "files" / str(index)).read_bytes() for index, name in enumerate(names)} == {
        "a/b.txt": b"left",
        "ä": b"",
    }


def test_a_later_run_replaces_an_earlier_one(store):
    for points in (1.0, 2.0):
        run = store.save("ann", "ps1", stored(notebook(receipts={"c": replace(RECEIPT, points=points)})))
        store.mark_recorded("ann", "ps1", run)
    assert run.number == 2
    assert store.receipts("ann", "ps1")["c"].points == 2.0
    assert [path.name for path in store.folder.rglob("run-*")] == ["run-000002"]


def test_a_run_of_one_notebook_leaves_the_record_of_another(store):
    both = store.save(
        "ann", "ps1", stored(notebook("p1", receipts={"a": RECEIPT}), notebook("p2", receipts={"b": RECEIPT}))
    )
    store.mark_recorded("ann", "ps1", both)
    again = store.save("ann", "ps1", stored(notebook("p1", receipts={"a": replace(RECEIPT, points=1.0)})))
    store.mark_recorded("ann", "ps1", again)
    assert {id: receipt.points for id, receipt in store.receipts("ann", "ps1").items()} == {"a": 1.0, "b": 4.0}


def test_a_run_that_was_replaced_is_not_pending_where_its_removal_was_cut_short(store, monkeypatch):
    first = store.save("ann", "ps1", stored())
    store.mark_recorded("ann", "ps1", first)
    second = store.save("ann", "ps1", stored())
    monkeypatch.setattr(Store, "_numbers", staticmethod(lambda folder: []))  # killed before it removes any
    store.mark_recorded("ann", "ps1", second)
    monkeypatch.undo()
    assert len(list(store.folder.rglob("run-*"))) == 2
    assert store.pending("ann", "ps1") is None


def test_a_failed_run_is_due_again(store):
    run = store.save("ann", "ps1", stored(NotebookRun("p1", b"", Ending.FAILED, "a defect")))
    store.mark_recorded("ann", "ps1", run)
    assert store.entries("ann", "ps1")["p1"].again


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": 99}', '{"version": 1}'])
def test_a_damaged_run_counts_as_none(store, content):
    store.save("ann", "ps1", stored())
    next(store.folder.rglob("run.json")).write_text(content)
    assert store.pending("ann", "ps1") is None
    (store.folder / "ann" / "ps1" / "record.json").write_text(content)
    assert store.entries("ann", "ps1") == {}


def test_records_of_an_older_and_a_newer_version_are_read(store):
    run = store.save("ann", "ps1", stored(notebook(receipts={"c": RECEIPT})))
    store.mark_recorded("ann", "ps1", run)
    path = next(store.folder.rglob("run.json"))
    table = json.loads(path.read_text())
    receipt = table["notebooks"][0]["receipts"]["c"]
    receipt["from_the_future"] = 1
    del receipt["sandboxed"]
    path.write_text(json.dumps(table))
    assert store.receipts("ann", "ps1")["c"].sandboxed is False


@pytest.mark.parametrize("student", ["..", ".hidden", "a/b", "../../x", "ä ö", "a@b.org", "%2E", "ann.smith"])
def test_no_id_leaves_the_folder(store, student):
    run = store.save(student, "ps1", stored())
    store.mark_recorded(student, "ps1", run)
    assert store.entries(student, "ps1")
    assert store.submissions("ps1") == [student]
    (path,) = store.folder.rglob("record.json")
    assert len(path.relative_to(store.folder).parts) == 3
    assert not path.relative_to(store.folder).parts[0].startswith(".")


def test_only_staff_may_read(store):
    store.save("ann", "ps1", stored())
    assert store.folder.stat().st_mode & 0o777 == 0o700


def test_leftovers_of_a_killed_process_are_removed(store):
    store.save("ann", "ps1", stored())
    folder = store.folder / "ann" / "ps1"
    (folder / ".run-000002.tfcourse-1a2b").mkdir()
    (folder / ".record.json.tfcourse-1a2b").write_text("{")
    store.clean("ann", "ps1")
    assert sorted(path.name for path in folder.iterdir()) == ["run-000001"]
    store.clean("nobody", "ps1")


def test_the_log_is_one_line_of_json_an_event(tmp_path):
    log = tmp_path / "folder" / "log.jsonl"
    append_line(log, "first", student="ä\ud800\n", path=tmp_path)
    append_line(log, "second")
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["event"] for line in lines] == ["first", "second"]
    assert lines[0]["path"] == str(tmp_path)
    assert log.stat().st_mode & 0o777 == 0o600


def test_two_processes_do_not_grade_one_course(store):
    program = textwrap.dedent(
        f"""
        import sys
        from pathlib import Path
        from tfcourse.grading.store import Store
        with Store(Path({str(store.folder)!r})).locked():
            print("locked", flush=True)
            sys.stdin.read()
        """
    )
    other = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout.readline() == "locked\n"
        with pytest.raises(StoreInUse, match=f"process {other.pid} is at it"), store.locked():
            pass
    finally:
        other.kill()
        other.wait()
    with store.locked():
        pass
