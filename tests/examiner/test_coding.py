"""Tasks, responses and scores as messages: they come back equal; what is forged is refused or cleaned."""

import json
import random
import socket
import string
import threading
from dataclasses import replace
from pathlib import PurePath

import numpy as np
import pytest

from tfcourse.checks import (
    CallFunction,
    FileModel,
    FixedBudget,
    Folder,
    Ladder,
    Outcome,
    Output,
    OwnTraining,
    Response,
    Score,
    Task,
    accuracy,
)
from tfcourse.checks.diagnosis import Diagnosis, Facts, History
from tfcourse.checks.records import Key, ModelFile, Problem, ProblemKind, digest_task
from tfcourse.checks.watching import MOST_EPOCHS, Epoch
from tfcourse.errors import GraderBroken
from tfcourse.examiner import coding
from tfcourse.examiner.messages import Message, ProtocolError, encode, receive
from tfcourse.examiner.values import decode_value, encode_value


def delivered(header, arrays=(), blobs=()):
    """Send a message through a real socket."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.settimeout(10)
        data = encode(header, arrays, blobs)
        writer = threading.Thread(target=lambda: ours.sendall(data))
        writer.start()
        found = receive(theirs, 2**30, most_header=2**30)
        writer.join()
    return found


def round_trip(value):
    arrays, blobs = [], []
    header = {"value": encode_value(value, arrays, blobs)}
    message = delivered(header, arrays, blobs)
    return decode_value(message.header["value"], message)


def same(a, b):
    """Tell whether two nested values are equal, types and dtypes included."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray | np.generic):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, tuple | list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[name], b[name]) for name in a)
    return a == b or (a != a and b != b)


def random_value(rng, depth=0):
    numbers = np.random.default_rng(rng.randrange(2**32))
    simple = [
        lambda: None,
        lambda: rng.random() < 0.5,
        lambda: rng.randrange(-(2**80), 2**80),
        lambda: rng.choice([0.0, -0.0, 1.0, rng.gauss(0, 1e10), float("inf"), float("-inf"), float("nan"), 5e-324]),
        lambda: "".join(rng.choices(string.printable + "äß→😀\u202e\x00", k=rng.randrange(9))),
        lambda: rng.randbytes(rng.randrange(9)),
        lambda: numbers.normal(size=tuple(numbers.integers(0, 4, rng.randrange(4)))).astype(
            rng.choice(["f2", "f4", "f8"])
        ),
        lambda: numbers.integers(0, 200, size=rng.randrange(5)).astype(rng.choice(["u1", "i8", "?", "c16", "U5"])),
        lambda: rng.choice([np.float32(1.5), np.int64(-3), np.bool_(True), np.str_("text")]),
    ]
    nested = [
        lambda: [random_value(rng, depth + 1) for _ in range(rng.randrange(4))],
        lambda: tuple(random_value(rng, depth + 1) for _ in range(rng.randrange(4))),
        lambda: {f"k{n}": random_value(rng, depth + 1) for n in range(rng.randrange(4))},
        lambda: {"is": "tuple", "of": [random_value(rng, depth + 1)]},
    ]
    return rng.choice(simple + (nested if depth < 6 else []))()


@pytest.mark.parametrize("seed", range(200))
def test_any_nested_value_comes_back_as_it_was(seed):
    value = tuple(random_value(random.Random(seed)) for _ in range(6))
    assert same(round_trip(value), value)


@pytest.mark.parametrize(
    "value",
    [{1, 2}, 1j, object(), len, PurePath("x"), {1: 2}, np.array([None]), Outcome.RIGHT, range(3), Key(expected=())],
    ids=lambda value: type(value).__name__,
)
def test_other_values_are_our_mistake_and_named(value):
    with pytest.raises(GraderBroken, match=r"^Expected arrays"):
        encode({"v": encode_value((value,), arrays := [], [])}, arrays)


def test_what_is_nested_without_end_is_our_mistake():
    endless = []
    endless.append(endless)
    with pytest.raises(GraderBroken, match="nested at most 32 deep"):
        encode_value(endless, [], [])


@pytest.mark.parametrize(
    "value",
    [
        {"is": "array", "at": 1},
        {"is": "array", "at": -1},
        {"is": "array", "at": True},
        {"is": "array"},
        {"is": "scalar", "at": 0},
        {"is": "bytes", "at": 0},
        {"is": "float", "of": "1"},
        {"is": "tuple", "of": {}},
        {"is": "dict", "of": [["a"]]},
        {"is": "dict", "of": [[1, 2]]},
        {"is": "Key", "of": []},
        {"is": "FixedBudget", "of": []},
        {"is": "Diagnosis", "of": []},
        {"is": "ModelFile", "of": []},
        {"is": "Output", "of": [["kind", "value"], ["colour", 1]]},
        {"is": ["tuple"], "of": []},
        {"no": "kind"},
    ],
    ids=str,
)
def test_values_that_nobody_encodes_are_refused(value):
    with pytest.raises(ProtocolError):
        decode_value(value, Message({}, (np.zeros(2),)))


def test_infinity_by_way_of_a_large_number_is_refused():
    with pytest.raises(ProtocolError, match="finite"):
        decode_value(json.loads("1e999"), Message({}))


# ---------------------------------------------------------------------------- tasks

TASKS = [
    Task("week01.double", CallFunction(), cases=((np.zeros(3),), ("text", [1, (2.5, None)], b"x"))),
    Task("week09.layer", CallFunction(via="call the result", seconds=3.0), cases=((np.array(["a", "bc"]), 3),)),
    Task(
        "week05.cnn",
        FixedBudget(Output("probabilities", (10,)), epochs=2, builder_sees="train inputs", training_seconds=9.0),
        cases=(),
        train={"x": np.ones((2, 8, 8, 3), "uint8")},
        weights_seed=2**32 - 1,
    ),
    Task(
        "week02.own",
        OwnTraining(Output("probability"), budget=40.0, most_bytes=2**20),
        cases=(),
        train={"x": np.array(["good", "bad"]), "y": np.array([1, 0])},
    ),
    Task(
        "week06.leaves",
        OwnTraining(Output("probabilities", (8,)), budget=60.0, gets="folder"),
        cases=(),
        train={"folder": Folder({"oak/1.png": b"\xff\x00\xd9", "elm/1.png": b"\x89PNG\x82"})},
    ),
    Task("week03.read", CallFunction(), cases=((Folder({"a/b.csv": b"1;2\n"}), 3),)),
    Task("exam.model", FileModel(Output("value", (24,)), max_parameters=1000), cases=()),
]


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.check_id)
def test_a_task_comes_back_as_it_was(task):
    header, arrays, blobs = coding.encode_task(task)
    found = coding.decode_task(delivered({"task": header}, arrays, blobs))
    assert found.respondent == task.respondent
    assert (found.check_id, found.weights_seed) == (task.check_id, task.weights_seed)
    assert same(found.cases, task.cases)
    assert same(dict(found.train), dict(task.train))
    key = Key(expected=())
    assert digest_task(found, key) == digest_task(task, key)


@pytest.mark.parametrize(
    "change", [{"cases": ((np.zeros(4),),)}, {"train": {"x": np.zeros(1)}}, {"cases": (((np.zeros(3),),),)}]
)
def test_other_hidden_inputs_have_another_digest(change):
    key = Key(expected=((np.zeros(3),),))
    assert digest_task(replace(TASKS[0], **change), key) != digest_task(TASKS[0], key)


def test_a_digest_of_inputs_says_nothing_of_budget_or_key():
    other = replace(TASKS[0], respondent=CallFunction(seconds=1.0), weights_seed=5)
    assert digest_task(other, Key(expected=((np.ones(3),),))) == digest_task(TASKS[0], Key(expected=()))
    assert digest_task(TASKS[0], Key(expected=(), inputs=(np.ones(3),))) != digest_task(TASKS[0], Key(expected=()))
    assert digest_task(TASKS[0], Key((), train={"x": np.ones(3)})) != digest_task(TASKS[0], Key(expected=()))
    # What a model is asked about beside that decides no point.
    assert digest_task(TASKS[0], Key((), seen=(np.ones(3),))) == digest_task(TASKS[0], Key(expected=()))


def test_a_respondent_of_somebodys_own_cannot_be_sent():
    class CallFunction:  # the same name is not enough
        seconds = 1.0

    with pytest.raises(GraderBroken):
        coding.encode_task(replace(TASKS[0], respondent=CallFunction()))


# ---------------------------------------------------------------------------- responses

RESPONSES = [
    Response(),
    Response(outputs=((np.zeros((3, 1), "float32"),),), parameters=7, seconds=1.25, printed="epoch 1\n"),
    Response(outputs=((np.zeros(1), np.array(["a"])), (), (np.array(3),))),
    Response(problem=Problem(ProblemKind.CRASH, "ValueError: no", "line 3, in f: x"), seconds=0.5),
    Response(model=ModelFile(b"PK\x03\x04", "keras"), seconds=2.0),
    Response(model=ModelFile(b"{}", "design")),
    Response(model=ModelFile(b"PK", "keras"), history=History((1.0, 0.5), (0.75,), 12), note="The budget was spent."),
    Response(problem=Problem(ProblemKind.OUT_OF_TIME, "too long"), history=History((1.0,), (), 3)),
]


@pytest.mark.parametrize("response", RESPONSES)
def test_a_response_comes_back_as_it_was(response):
    header, arrays, blobs = coding.encode_response(response)
    found = coding.decode_response(delivered({"response": header}, arrays, blobs))
    assert same(found.outputs, response.outputs)
    assert replace(found, outputs=()) == replace(response, outputs=())
    assert found.digest() == response.digest()


def test_what_the_examiner_finds_out_itself_does_not_travel():
    response = Response(facts=Facts(7, layers=("Dense",)), seen=np.zeros(3, "float32"))
    header, arrays, blobs = coding.encode_response(response)
    found = coding.decode_response(delivered({"response": header}, arrays, blobs))
    assert (found.facts, found.seen) == (Facts(), None)


def test_curves_that_are_no_numbers_come_back_as_such():
    header, *_ = coding.encode_response(Response(history=History((1.0, float("nan"), float("inf")), (), 3)))
    loss = coding.decode_response(delivered({"response": header})).history.loss
    assert loss[0] == 1.0
    assert np.isnan(loss[1:]).all()


def forged(arrays=(), blobs=(), **changes):
    header = coding.encode_response(Response())[0]
    return Message({"response": {**header, **changes}}, tuple(arrays), tuple(blobs))


@pytest.mark.parametrize(
    "message",
    [
        Message({}),
        Message({"response": []}),
        Message({"response": {}}),
        forged(cases=None),
        forged(cases=[1]),
        forged(cases=[-1, 1]),
        forged(cases=[1.0], arrays=[np.zeros(1)]),
        forged(cases=[True], arrays=[np.zeros(1)]),
        forged(cases=[10**400]),
        forged(arrays=[np.zeros(1)]),
        forged(cases=[1], arrays=[np.array([b"x"])]),
        forged(problem="no"),
        forged(problem={"kind": "right", "message": "", "lines": ""}),
        forged(problem={"kind": ["mistake"], "message": "", "lines": ""}),
        forged(problem={"kind": "mistake", "message": 3, "lines": ""}),
        forged(problem={"kind": "mistake", "message": ""}),
        forged(parameters=-1),
        forged(parameters=1.5),
        forged(parameters=2**60),
        forged(seconds=-1.0),
        forged(seconds=float("inf")),
        forged(seconds=float("nan")),
        forged(seconds="1"),
        forged(printed=None),
        forged(model="keras"),
        forged(model="pickle", blobs=[b"x"]),
        forged(model=None, blobs=[b"x"]),
        forged(model="h5", blobs=[b"x", b"y"]),
        forged(model="design"),
        forged(note=None),
        forged(note=["a"]),
        forged(history=None),
        forged(history={}),
        forged(history={"loss": [], "validation_loss": [], "steps": 3, "points": 5}),
        forged(history={"loss": 1.0, "validation_loss": [], "steps": 3}),
        forged(history={"loss": ["x"], "validation_loss": [], "steps": 3}),
        forged(history={"loss": [True], "validation_loss": [], "steps": 3}),
        forged(history={"loss": [10**400], "validation_loss": [], "steps": 3}),
        forged(history={"loss": [1.0] * (MOST_EPOCHS + 1), "validation_loss": [], "steps": 3}),
        forged(history={"loss": [], "validation_loss": [], "steps": -1}),
        forged(history={"loss": [], "validation_loss": [], "steps": 1.5}),
    ],
)
def test_forged_responses_are_refused(message):
    with pytest.raises(ProtocolError):
        coding.decode_response(message)


def test_texts_of_a_response_are_cut_and_cleaned():
    nasty = "a\x1b[31mred\x1b[0m\x00\u202eevil\ud800\r\n\tb"
    problem = {"kind": "crash", "message": nasty + "x" * 10_000, "lines": nasty}
    found = coding.decode_response(forged(problem=problem, printed="y" * 10_000 + nasty, note=nasty + "x" * 10_000))
    assert found.problem.lines == "a[31mred[0mevil\n\tb"
    assert len(found.problem.message) <= coding.MOST_MESSAGE
    assert len(found.printed) <= coding.MOST_PRINTED
    assert found.printed.endswith("evil\n\tb")
    assert found.note.startswith("a[31mred[0mevil\n\tb")
    assert len(found.note) <= coding.MOST_NOTE
    (found.problem.message + found.printed + found.note).encode()


# ---------------------------------------------------------------------------- of a training


@pytest.mark.parametrize(
    "epoch", [Epoch(3, 10, 0.25, 0.5), Epoch(1, 1, 1.0, 2.5, 0.75, 2)], ids=["going on", "with validation"]
)
def test_how_far_a_training_is_comes_back(epoch):
    assert coding.decode_epoch(json.loads(json.dumps(coding.encode_plain(epoch)))) == epoch


def test_a_loss_that_is_no_number_comes_back_as_such():
    plain = json.loads(json.dumps(coding.encode_plain(Epoch(1, 2, 0.5, float("nan"))), allow_nan=False))
    assert np.isnan(coding.decode_epoch(plain).loss)


def test_facts_come_back():
    facts = Facts(12, 5, ("Conv2D", "Dense"), "Adam", 0.001, -1.0, 1.0)
    assert coding.decode_facts(json.loads(json.dumps(coding.encode_plain(facts)))) == facts
    assert coding.decode_facts(json.loads(json.dumps(coding.encode_plain(Facts())))) == Facts()


# ---------------------------------------------------------------------------- scores


def test_a_score_comes_back_as_a_card_needs_it():
    from tfcourse.reports.card import Card

    score = Score(
        check_id="week05.signs_cnn",
        title="Signs",
        points=np.float64(3),
        max_points=5,
        outcome=Outcome.WEAK,
        message="accuracy 0.7",
        next_step="Convolve.",
        value=0.71,
        ladder=Ladder(replace(accuracy, digits=2), (0.2, 0.4, 0.6, 0.8, 0.9)),
        landmarks={"majority class": 0.1, "reference": np.float64(0.95)},
        parameters=123,
        seconds=2.5,
        diagnosis=Diagnosis(
            0.71,
            0.99,
            history=History((1.0, 0.5, float("inf")), (0.75,), 12),
            facts=Facts(123, 123, ("Conv2D",), "Adam", 0.001, 0.0, 255.0),
        ),
        confusions=(("oak", "elm", 3),),
    )
    header, arrays, blobs = coding.encode_score(score)
    found = coding.decode_score(delivered({"score": header}, arrays, blobs))
    assert Card(found).text() == Card(score).text()
    assert Card(found).html() == Card(score).html()
    assert type(found.points) is float
    assert (found.diagnosis, found.confusions) == (score.diagnosis, score.confusions)
    with pytest.raises(GraderBroken, match="examiner only"):
        found.ladder.metric(np.zeros(1), np.zeros(1))


def test_a_score_without_a_ladder():
    score = Score("week01.double", "Double", 0.0, 2, Outcome.CRASH, "stopped", lines="line 3", value=None)
    header, arrays, blobs = coding.encode_score(score)
    assert coding.decode_score(delivered({"score": header}, arrays, blobs)) == score


@pytest.mark.parametrize("header", [{}, {"score": 3}, {"score": {"fields": {"is": "dict", "of": []}}}])
def test_what_is_no_score_is_refused(header):
    with pytest.raises(ProtocolError):
        coding.decode_score(Message(header))
