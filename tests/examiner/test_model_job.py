"""The process that is asked about a model: what it says is believed no more than any other answer."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from lazily import keras, layers

from tfcourse.checks import FileModel, FixedBudget, Output
from tfcourse.checks.asking import ask_here
from tfcourse.checks.designs import design_of
from tfcourse.checks.records import ModelFile, ModelRequest
from tfcourse.errors import GraderBroken, LearnerCrash, LearnerMistake
from tfcourse.examiner import model_job
from tfcourse.examiner.coding import MOST_LAYERS
from tfcourse.examiner.messages import ConnectionEnded, encode, receive, send

WANTED = FileModel(Output("probabilities", (3,)), max_parameters=100, seconds=5.0)
BUDGET = FixedBudget(Output("probabilities", (3,)), epochs=3, batch_size=8, max_parameters=100)
X = np.random.default_rng(0).normal(size=(7, 4)).astype("float32")
Y = np.array([0, 1, 2, 0, 1, 2, 0])
GOOD = np.full((7, 3), 1 / 3, "float32")
SEEN = np.full((5, 3), 1 / 3, "float32")


def network(units=3, loss="sparse_categorical_crossentropy"):
    model = keras.Sequential([keras.Input((4,)), layers.Dense(units, activation="softmax")])
    model.compile(loss=loss)
    return model


@pytest.fixture
def file(tmp_path):
    """The file of a trained model."""
    network().save(tmp_path / "model.keras")
    return ModelFile((tmp_path / "model.keras").read_bytes(), "keras")


def about_file(file=None):
    return ModelRequest(file or ModelFile(b"x", "h5"), WANTED, (X,), (X[:5],))


def about_design(model=None, wanted=BUDGET):
    design = ModelFile(b"x", "design") if model is None else design_of(model)
    return ModelRequest(design, wanted, (X,), (X[:5],), {"x": X, "y": Y}, 7)


def asked(request, reply, tell=lambda epoch: None):
    """Ask a process that answers with `reply(sock)`."""
    ours, theirs = socket.socketpair()
    ours.settimeout(120)

    def answer():
        # Who is not believed is not listened to until the end.
        with contextlib.suppress(ConnectionEnded):
            reply(theirs)

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        with ours:
            return model_job.ask(ours, request, tell)
    finally:
        theirs.close()
        thread.join(60)


def honest(sock):
    model_job.answer(sock, isolated=True)


def reply_of(*messages):
    """Return what reads a request and then sends messages, whatever was asked."""

    def reply(sock):
        receive(sock, 2**30, most_header=2**30)
        for message in messages:
            send(sock, *message)

    return reply


# ---------------------------------------------------------------------------- what is asked


@pytest.mark.slow
def test_a_file_predicts_elsewhere_as_here(file):
    here, there = ask_here(about_file(file), isolated=True), asked(about_file(file), honest)
    np.testing.assert_array_equal(there.predictions, here.predictions)
    np.testing.assert_array_equal(there.seen, here.seen)
    assert replace(there, predictions=None, seen=None, seconds=0) == replace(
        here, predictions=None, seen=None, seconds=0
    )
    assert (there.facts.parameters, there.facts.layers, there.note) == (15, ("Dense",), "")


@pytest.mark.slow
def test_a_design_is_trained_elsewhere_as_here():
    request = about_design(network())
    here, there = ask_here(request), asked(request, honest)
    np.testing.assert_array_equal(there.predictions, here.predictions)
    np.testing.assert_array_equal(there.seen, here.seen)
    assert there.facts == here.facts
    assert there.history == here.history
    assert len(there.history.loss) == 3


@pytest.mark.slow
def test_nobody_has_to_ask_about_training_data(file):
    assert asked(replace(about_file(file), seen=()), honest).seen is None


@pytest.mark.slow
def test_text_and_other_forms_get_there(tmp_path):
    words = np.array(["one two", "two", "três"])
    vectorize = layers.TextVectorization(vocabulary=["one", "two", "três"], output_mode="multi_hot")
    model = keras.Sequential([keras.Input((), dtype="string"), vectorize, layers.Dense(3, activation="softmax")])
    model.save(tmp_path / "model.keras")
    file = ModelFile((tmp_path / "model.keras").read_bytes(), "keras")
    request = ModelRequest(file, WANTED, (np.zeros((3, 4), "float32"), words), (np.zeros((1, 4), "float32"), words[:1]))
    there = asked(request, honest)
    np.testing.assert_array_equal(there.predictions, ask_here(request).predictions)
    assert there.seen.shape == (1, 3)


@pytest.mark.slow
def test_a_mistake_arrives_as_one():
    with pytest.raises(LearnerMistake, match=r"^Expected a \.keras file; found "):
        asked(about_file(ModelFile(b"garbage", "keras")), honest)
    with pytest.raises(LearnerMistake, match=r"^Expected the description of a model; found none"):
        asked(about_design(), honest)


@pytest.mark.slow
def test_a_crash_arrives_as_one():
    with pytest.raises(LearnerCrash, match=r"^ValueError: Arguments `target` and `output` must have the same"):
        asked(about_design(network(loss="categorical_crossentropy")), honest)


@pytest.mark.slow
def test_a_training_without_an_end_is_stopped():
    with pytest.raises(LearnerMistake, match="Expected a model that trains within 2 s"):
        in_a_process(about_design(network(), replace(BUDGET, epochs=1_000_000, training_seconds=2.0)))


PROGRAM = "import sys; from tfcourse.examiner import model_job as j; j.main({}, {j.DESCRIPTOR: int(sys.argv[1])})"


@contextlib.contextmanager
def process():
    """Run the process that is asked, and yield it with our end of the connection."""
    ours, theirs = socket.socketpair()
    ours.settimeout(300)
    with (
        ours,
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(theirs.fileno())], pass_fds=[theirs.fileno()], stderr=subprocess.DEVNULL
        ) as running,
    ):
        theirs.close()
        try:
            yield running, ours
        finally:
            running.kill()


def in_a_process(request, tell=lambda epoch: None):
    with process() as (running, sock):
        try:
            return model_job.ask(sock, request, tell)
        finally:
            assert running.wait(60) == 0


@pytest.mark.slow
def test_it_runs_as_a_process_of_its_own(file):
    assert in_a_process(about_file(file)).predictions.shape == (7, 3)


def test_the_entry_names_main():
    module, name = model_job.ENTRY.split(":")
    assert getattr(sys.modules[module], name) is model_job.main


def test_a_training_may_take_as_long_as_it_is_given_and_a_file_a_minute():
    assert model_job.seconds_for(replace(BUDGET, training_seconds=500.0)) == 500 + model_job.GRACE_SECONDS
    assert model_job.seconds_for(WANTED) == model_job.FILE_SECONDS


# ---------------------------------------------------------------------------- while it trains


@pytest.mark.slow
def test_epochs_are_told_and_the_last_one_always():
    told = []
    asked(about_design(network()), honest, told.append)
    assert (told[-1].number, told[-1].of, told[-1].share) == (3, 3, 1.0)
    assert all(np.isfinite(epoch.loss) for epoch in told)


@pytest.mark.slow
def test_short_epochs_are_not_all_told(monkeypatch):
    """A socket has room for some hundreds of messages, and whoever draws a bar has time for a few."""
    monkeypatch.setattr(model_job, "_EPOCH_SECONDS", 1000.0)
    told = []
    asked(about_design(network(), replace(BUDGET, epochs=50)), honest, told.append)
    assert [epoch.number for epoch in told] == [1, 50, 50]


@pytest.mark.slow
@pytest.mark.parametrize("when", ["at once", "while it trains"])
def test_the_process_ends_when_nobody_waits_any_more(when):
    request = about_design(network(), replace(BUDGET, epochs=10_000_000))
    with process() as (running, sock):
        if when == "at once":
            sent_only(sock, request)
        else:
            with pytest.raises(InterruptedError):
                model_job.ask(sock, request, stop)
        sock.shutdown(socket.SHUT_RDWR)
        sock.close()
        assert running.wait(120) == 0


def stop(epoch):
    raise InterruptedError


def sent_only(sock, request):
    """Send a request as `ask` does, and wait for no answer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model_job, "receive", lambda *arguments: stop(None))
        with pytest.raises(InterruptedError):
            model_job.ask(sock, request)


@pytest.mark.slow
def test_an_interrupt_reaches_whoever_asks():
    def interrupt(epoch):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        asked(about_design(network(), replace(BUDGET, epochs=300)), honest, interrupt)


# ---------------------------------------------------------------------------- what ends it


def test_a_process_that_dies_is_told_as_what_it_may_be():
    def die(sock):
        receive(sock, 2**30)
        sock.close()

    with pytest.raises(LearnerMistake, match="was ended, for want of memory or time, or because of the file"):
        asked(about_file(), die)
    with pytest.raises(LearnerMistake, match=r"Expected your model to be trained; .* Use smaller layers"):
        asked(about_design(), die)


def test_a_process_that_dies_after_some_epochs():
    def die(sock):
        reply_of(({"type": "epoch", "epoch": EPOCH},))(sock)
        sock.close()

    told = []
    with pytest.raises(LearnerMistake, match="Expected your model to be trained"):
        asked(about_design(), die, told.append)
    assert len(told) == 1


def test_a_process_that_dies_before_it_listens():
    with pytest.raises(LearnerMistake, match="was ended"):
        asked(about_file(ModelFile(os.urandom(2**20), "h5")), lambda sock: sock.close())


def test_a_process_that_says_nothing_is_given_up():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(0.2)
        with pytest.raises(LearnerMistake, match="for want of memory or time"):
            model_job.ask(ours, about_file())


def test_a_defect_of_ours_is_not_the_models_fault(monkeypatch):
    monkeypatch.setattr(model_job, "ask_here", lambda *a, **k: 1 / 0)
    with pytest.raises(GraderBroken, match="asked about a model failed: ZeroDivisionError"):
        asked(about_file(), honest)


# ---------------------------------------------------------------------------- forged answers

FACTS = {
    "parameters": 15,
    "trainable": 15,
    "layers": ["Dense"],
    "optimizer": "Adam",
    "rate": 0.001,
    "low": None,
    "high": 3,
}
HISTORY = {"loss": [1.0, 0.5], "validation_loss": [], "steps": 4}
EPOCH = {"number": 1, "of": 3, "share": 0.5, "loss": 0.7, "validation_loss": None, "fit": 1}
ASKED = {"type": "asked", "facts": FACTS, "history": HISTORY, "note": "", "seconds": 0.5}
BOTH = [GOOD, SEEN]


def facts(**changed):
    return {**ASKED, "facts": {**FACTS, **changed}}


def history(**changed):
    return {**ASKED, "history": {**HISTORY, **changed}}


FORGED = {
    "a type that there is not": ({"type": "score", "points": 5}, BOTH),
    "no type": ({}, BOTH),
    "no predictions": (ASKED, []),
    "no predictions for training data": (ASKED, [GOOD]),
    "three predictions": (ASKED, [*BOTH, GOOD]),
    "doubles": (ASKED, [GOOD.astype("float64"), SEEN]),
    "doubles for training data": (ASKED, [GOOD, SEEN.astype("float64")]),
    "text": (ASKED, [GOOD.astype(str), SEEN]),
    "another shape": (ASKED, [GOOD[:6], SEEN]),
    "another shape for training data": (ASKED, [GOOD, SEEN[:4]]),
    "more classes for training data": (ASKED, [GOOD, np.full((5, 4), 0.25, "float32")]),
    "NaN": (ASKED, [GOOD * np.nan, SEEN]),
    "NaN for training data": (ASKED, [GOOD, SEEN * np.nan]),
    "infinity": (ASKED, [GOOD * np.inf, SEEN]),
    "no probabilities": (ASKED, [GOOD * 9, SEEN]),
    "too much": (ASKED, [np.zeros(2**19), SEEN]),
    "a note that is none": ({**ASKED, "note": 3}, BOTH),
    "no note": ({**ASKED, "note": None}, BOTH),
    "seconds that are none": ({**ASKED, "seconds": "long"}, BOTH),
    "seconds below nothing": ({**ASKED, "seconds": -1.0}, BOTH),
    "endless seconds": ({**ASKED, "seconds": 1e300}, BOTH),
    "no facts": ({**ASKED, "facts": None}, BOTH),
    "facts without a field": ({**ASKED, "facts": {"parameters": 3}}, BOTH),
    "facts with one more": (facts(points=5), BOTH),
    "parameters below nothing": (facts(parameters=-1), BOTH),
    "parameters that are true": (facts(parameters=True), BOTH),
    "too many parameters": (facts(parameters=101), BOTH),
    "half a weight to train": (facts(trainable=0.5), BOTH),
    "layers that are no names": (facts(layers=[{}]), BOTH),
    "no layers": (facts(layers=None), BOTH),
    "too many layers": (facts(layers=["Dense"] * (MOST_LAYERS + 1)), BOTH),
    "an optimizer that is no name": (facts(optimizer=["Adam"]), BOTH),
    "a rate that is no number": (facts(rate="fast"), BOTH),
    "a rate that is true": (facts(rate=True), BOTH),
    "a huge range": (facts(low=-(10**400)), BOTH),
    "no history": ({**ASKED, "history": None}, BOTH),
    "a history with one more field": (history(points=5), BOTH),
    "losses that are none": (history(loss=["low"]), BOTH),
    "losses that are no list": (history(loss="low"), BOTH),
    "too many losses": (history(validation_loss=[0.5] * 2_001), BOTH),
    "steps below nothing": (history(steps=-1), BOTH),
}


@pytest.mark.parametrize(("header", "arrays"), FORGED.values(), ids=FORGED)
@pytest.mark.parametrize("request_of", [about_file, about_design], ids=["a file", "a design"])
def test_forged_answers_are_the_models_fault(request_of, header, arrays):
    with pytest.raises(LearnerMistake, match=r"^Expected"):
        asked(request_of(), reply_of((header, arrays)))


def test_an_answer_that_is_as_it_must_be_is_taken():
    found = asked(about_design(), reply_of((ASKED, BOTH)))
    assert (found.facts.parameters, found.facts.layers, found.facts.low, found.facts.high) == (
        15,
        ("Dense",),
        None,
        3.0,
    )
    assert (found.history.loss, found.history.steps) == ((1.0, 0.5), 4)


def test_losses_that_are_no_numbers_are_nan():
    found = asked(about_design(), reply_of((history(loss=[1.0, None]), BOTH)))
    assert np.isnan(found.history.loss[1])


EPOCHS = {
    "no epoch": None,
    "a list": [],
    "a field less": {"number": 1},
    "a number below nothing": {**EPOCH, "number": -1},
    "a number that is none": {**EPOCH, "number": "one"},
    "a loss that is none": {**EPOCH, "loss": "low"},
    "a share that is none": {**EPOCH, "share": [1]},
    "a huge loss": {**EPOCH, "loss": 10**400},
}


@pytest.mark.parametrize("epoch", EPOCHS.values(), ids=EPOCHS)
def test_forged_epochs_are_the_models_fault(epoch):
    with pytest.raises(LearnerMistake, match="its process answered with Expected"):
        asked(about_design(), reply_of(({"type": "epoch", "epoch": epoch},), (ASKED, BOTH)))


def test_epochs_without_an_end_are_no_answer():
    """Whoever asks bounds the process by the clock; then there is nothing more to read."""
    message = encode({"type": "epoch", "epoch": EPOCH})

    def endless(sock):
        receive(sock, 2**30, most_header=2**30)
        end = time.monotonic() + 1.0
        with contextlib.suppress(OSError):
            while time.monotonic() < end:
                sock.sendall(message)
        sock.close()

    told = []
    with pytest.raises(LearnerMistake, match="was ended"):
        asked(about_file(), endless, told.append)
    assert told


@pytest.mark.parametrize("request_of", [about_file, about_design], ids=["a file", "a design"])
def test_garbage_is_the_models_fault(request_of):
    def babble(sock):
        receive(sock, 2**30, most_header=2**30)
        sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n")

    with pytest.raises(LearnerMistake, match="its process answered with Expected a message"):
        asked(request_of(), babble)


def test_texts_are_cleaned():
    header = {**facts(layers=["\x1b[31mDense" + "x" * 500], optimizer="\u202eAdam\x07"), "note": "\x00n" * 300}
    found = asked(about_file(), reply_of((header, BOTH)))
    assert found.facts.layers[0].startswith("[31mDensex")
    assert len(found.facts.layers[0]) < 100
    assert found.facts.optimizer == "Adam"
    assert found.note == "n" * 100

    for kind, error in (("mistake", LearnerMistake), ("crash", LearnerCrash), ("failed", GraderBroken)):
        with pytest.raises(error) as refused:
            asked(about_file(), reply_of(({"type": kind, "message": "\x1b[31m" + "x" * 100_000},)))
        assert len(str(refused.value)) <= 4_100
        assert "\x1b" not in str(refused.value)
