"""The process that loads a model file: what it says is believed no more than any other answer."""

import contextlib
import os
import socket
import subprocess
import sys
import threading

import numpy as np
import pytest

from tfcourse.checks import FileModel, Output
from tfcourse.checks.model_files import load_and_predict
from tfcourse.checks.records import ModelFile
from tfcourse.errors import GraderBroken, LearnerMistake
from tfcourse.examiner import model_job
from tfcourse.examiner.messages import ConnectionEnded, receive, send

WANTED = FileModel(Output("probabilities", (3,)), max_parameters=100, seconds=5.0)
X = np.random.default_rng(0).normal(size=(7, 4)).astype("float32")
GOOD = np.full((7, 3), 1 / 3, "float32")


@pytest.fixture
def model(tmp_path):
    import keras

    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
    model.save(tmp_path / "model.keras")
    return ModelFile((tmp_path / "model.keras").read_bytes(), "keras")


def asked(model, reply):
    """Ask a process that answers with `reply(sock)`."""
    ours, theirs = socket.socketpair()
    ours.settimeout(60)

    def answer():
        # Who is not believed is not listened to until the end.
        with contextlib.suppress(ConnectionEnded):
            reply(theirs)

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        with ours:
            return model_job.ask(ours, model, (X,), WANTED)
    finally:
        theirs.close()
        thread.join(60)


@pytest.mark.slow
def test_a_model_predicts_elsewhere_as_here(model):
    here = load_and_predict(model, (X,), WANTED)
    there = asked(model, lambda sock: model_job.answer(sock, isolated=True))
    np.testing.assert_array_equal(there.predictions, here.predictions)
    assert (there.parameters, there.layers, there.note) == (15, ("Dense",), "")


@pytest.mark.slow
def test_a_mistake_arrives_as_one():
    with pytest.raises(LearnerMistake, match=r"^Expected a \.keras file; found "):
        asked(ModelFile(b"garbage", "keras"), lambda sock: model_job.answer(sock, isolated=True))


@pytest.mark.slow
def test_it_runs_as_a_process_of_its_own(model):
    ours, theirs = socket.socketpair()
    program = "import sys; from tfcourse.examiner import model_job as j; j.main({}, {j.DESCRIPTOR: int(sys.argv[1])})"
    with (
        ours,
        subprocess.Popen(
            [sys.executable, "-c", program, str(theirs.fileno())], pass_fds=[theirs.fileno()], stderr=subprocess.DEVNULL
        ) as process,
    ):
        theirs.close()
        ours.settimeout(120)
        assert model_job.ask(ours, model, (X,), WANTED).predictions.shape == (7, 3)
        assert process.wait(30) == 0


def test_the_entry_names_main():
    module, name = model_job.ENTRY.split(":")
    assert getattr(sys.modules[module], name) is model_job.main


def test_a_process_that_dies_is_told_as_what_it_may_be():
    def die(sock):
        receive(sock, 2**30)
        sock.close()

    with pytest.raises(LearnerMistake, match="came to an end, for want of memory or time, or because of the file"):
        asked(ModelFile(b"x", "h5"), die)


def test_a_process_that_dies_before_it_listens():
    with pytest.raises(LearnerMistake, match="came to an end"):
        asked(ModelFile(os.urandom(2**20), "h5"), lambda sock: sock.close())


LOADED = {"type": "loaded", "parameters": 15, "layers": ["Dense"], "note": ""}
FORGED = {
    "a type that there is not": ({"type": "score", "points": 5}, [GOOD]),
    "no predictions": (LOADED, []),
    "two predictions": (LOADED, [GOOD, GOOD]),
    "parameters below nothing": ({**LOADED, "parameters": -1}, [GOOD]),
    "too many parameters": ({**LOADED, "parameters": 101}, [GOOD]),
    "layers that are no names": ({**LOADED, "layers": [{}]}, [GOOD]),
    "no layers": ({**LOADED, "layers": None}, [GOOD]),
    "a note that is none": ({**LOADED, "note": 3}, [GOOD]),
    "doubles": (LOADED, [GOOD.astype("float64")]),
    "text": (LOADED, [GOOD.astype(str)]),
    "another shape": (LOADED, [GOOD[:6]]),
    "NaN": (LOADED, [GOOD * np.nan]),
    "no probabilities": (LOADED, [GOOD * 9]),
    "too much": (LOADED, [np.zeros(2**19)]),
}


@pytest.mark.parametrize(("header", "arrays"), FORGED.values(), ids=FORGED)
def test_forged_answers_are_the_files_fault(header, arrays):
    def forge(sock):
        receive(sock, 2**30)
        send(sock, header, arrays)

    with pytest.raises(LearnerMistake, match=r"^Expected"):
        asked(ModelFile(b"x", "h5"), forge)


def test_garbage_is_the_files_fault():
    def babble(sock):
        receive(sock, 2**30)
        sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n")

    with pytest.raises(LearnerMistake, match="its process answered with Expected a message"):
        asked(ModelFile(b"x", "h5"), babble)


def test_a_defect_of_ours_is_not_the_files_fault(monkeypatch):
    monkeypatch.setattr(model_job, "load_and_predict", lambda *a, **k: 1 / 0)
    with pytest.raises(GraderBroken, match="loads a model's file failed: ZeroDivisionError"):
        asked(ModelFile(b"x", "h5"), lambda sock: model_job.answer(sock, isolated=True))


def test_texts_are_cleaned():
    def forge(sock):
        receive(sock, 2**30)
        send(sock, {**LOADED, "layers": ["\x1b[31mDense" + "x" * 500] * 1200, "note": "\x00n" * 300}, [GOOD])

    loaded = asked(ModelFile(b"x", "h5"), forge)
    assert len(loaded.layers) == 1000
    assert loaded.layers[0].startswith("[31mDensex")
    assert len(loaded.layers[0]) <= 100
    assert loaded.note == "n" * 50

    def mistake(sock):
        receive(sock, 2**30)
        send(sock, {"type": "mistake", "message": "\x1b[31m" + "x" * 100_000})

    with pytest.raises(LearnerMistake) as refused:
        asked(ModelFile(b"x", "h5"), mistake)
    assert len(str(refused.value)) <= 4_000
