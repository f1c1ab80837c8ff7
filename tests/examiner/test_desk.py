"""The desk: honest answers get their points; hostile ones get none, and harm nobody."""

import json
import socket
import struct
import threading
import time
from dataclasses import fields, replace

import numpy as np
import pytest

from tfcourse.checks import (
    Advice,
    FileModel,
    FixedBudget,
    FunctionCheck,
    Ladder,
    ModelCheck,
    Outcome,
    Output,
    OwnTraining,
    Response,
    Split,
    accuracy,
)
from tfcourse.checks.diagnosis import Facts, History
from tfcourse.checks.metrics import mean_absolute_error
from tfcourse.checks.records import Asked, Key, ModelFile, Problem, ProblemKind
from tfcourse.errors import LearnerCrash, LearnerMistake
from tfcourse.examiner.coding import decode_score, decode_task, encode_response
from tfcourse.examiner.desk import MESSAGES_EACH, MESSAGES_MORE, NEVER_ANSWERED, Desk
from tfcourse.examiner.messages import ConnectionEnded, encode, receive, send
from tfcourse.examiner.paper import Paper, Question

MOST = 8 * 2**20


def function_check():
    return FunctionCheck(
        id="week01.double",
        title="Double",
        points=2,
        skills=("B1",),
        hints=("a", "b"),
        reference=lambda x: 2 * x,
        cases=lambda seed: [(f"case {n}", (np.random.default_rng(seed + n).normal(size=3),)) for n in range(4)],
    )


def model_check(id="week01.line", output=None, metric=mean_absolute_error, thresholds=(5, 4, 3, 2, 1)):
    def data(seed):
        rng = np.random.default_rng(seed)
        x, y = rng.normal(size=(60, 3)).astype("float32"), rng.integers(0, 3, 60)
        return Split(x[:20], y[:20], x[20:], y[20:])

    return ModelCheck(
        id=id,
        title="A line",
        skills=("B1",),
        hints=("a", "b"),
        reference=lambda: None,
        data=data,
        training=FixedBudget(output or Output("value"), epochs=1),
        ladder=Ladder(metric, thresholds),
        baselines=(),
        advice=(Advice("Go on."),),
    )


DESIGN = Response(model=ModelFile(b"the design", "design"), parameters=1)
CLASSES = model_check("week01.classes", Output("probabilities", (3,)), accuracy, (0.2, 0.4, 0.6, 0.8, 0.9))


@pytest.fixture(scope="module")
def paper():
    checks = [function_check(), model_check(), CLASSES]
    return Paper({check.id: Question.draw(check, 2**200 + 1) for check in checks})


@pytest.fixture
def seat(paper):
    """A kernel's socket, and the desk that serves it."""
    with Seat(paper) as seat:
        yield seat


class Seat:
    def __init__(self, paper, **options):
        ours, self.sock = socket.socketpair()
        self.sock.settimeout(20)
        settings = {"predictable": False, "sandboxed": True, "submission": "digest", "most_bytes": MOST} | options
        self.desk = Desk(paper, ours, **settings)
        self.thread = threading.Thread(target=self.desk.serve)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.sock.close()
        self.ended()

    def ended(self):
        self.thread.join(20)
        assert not self.thread.is_alive()

    def ask(self, header, arrays=(), blobs=()):
        send(self.sock, header, arrays, blobs)
        return receive(self.sock, 2**30)

    def open(self, check_id):
        return decode_task(self.ask({"type": "open", "check": check_id}))

    def answer(self, check_id, response):
        header, arrays, blobs = encode_response(response)
        return self.ask({"type": "answer", "check": check_id, "response": header}, arrays, blobs)

    def score(self, check_id, *outputs, **more):
        self.open(check_id)
        return decode_score(self.answer(check_id, Response(outputs=outputs, **more)))


def says(predictions, **more):
    """Return somebody who has learners' models asked, and whose models all answer the same."""
    return lambda request, tell: Asked(predictions, facts=Facts(12, 12, ("Dense",)), **more)


def doubled(task):
    return tuple((2 * case[0],) for case in task.cases)


# ---------------------------------------------------------------------------- honest kernels


def test_an_honest_answer_gets_its_points_and_a_receipt(seat, paper):
    task = seat.open("week01.double")
    score = decode_score(seat.answer("week01.double", Response(outputs=doubled(task), seconds=1e-9, printed="hi")))
    assert (score.points, score.outcome, score.printed) == (2, Outcome.RIGHT, "")
    receipt = seat.desk.receipts["week01.double"]
    assert (receipt.points, receipt.max_points, receipt.purpose) == (2, 2, "grade")
    assert (receipt.submission, receipt.sandboxed, receipt.predictable) == ("digest", True, False)
    assert receipt.task_digest == paper["week01.double"].task_digest
    assert receipt.answered_at.endswith("+00:00")
    assert seat.desk.responses["week01.double"].outputs[0][0].tolist() == doubled(task)[0][0].tolist()
    assert (seat.desk.unanswered, seat.desk.broken, seat.desk.violation) == ({}, {}, "")


def test_a_model_is_trained_elsewhere_and_its_predictions_are_scored(paper):
    key = paper["week01.classes"].key
    asked = []

    def ask_model(request, tell):
        asked.append(request)
        predictions = np.eye(3, dtype="float32")[key.expected[0][0]]
        seen = np.eye(3, dtype="float32")[key.seen_expected]
        return Asked(predictions, seen, Facts(12, 12, ("Dense",)), History((1.0, 0.5), (), 4), "A note.", 2.0)

    with Seat(paper, ask_model=ask_model) as seat:
        task = seat.open("week01.classes")
        assert (task.cases, set(task.train)) == ((), {"x"})
        score = decode_score(seat.answer("week01.classes", replace(DESIGN, seconds=1e-9)))
        assert (score.points, score.value, score.parameters) == (5, 1.0, 12)
        assert score.message.endswith("A note.")
        assert (score.diagnosis.training, score.diagnosis.history.steps) == (1.0, 4)
        assert score.ladder.metric.name == "accuracy"
        receipt = seat.desk.receipts["week01.classes"]
        assert (receipt.points, receipt.rung) == (5, 5)
        assert receipt.diagnosis["facts"]["layers"] == ["Dense"]
        assert receipt.seconds == pytest.approx(2.0, abs=0.1)
        response = seat.desk.responses["week01.classes"]
        assert response.model == DESIGN.model
        assert response.outputs[0][0].shape == (40, 3)
        seat.answer("week01.classes", DESIGN)
    (request,) = asked
    assert (request.model, request.wanted) == (DESIGN.model, CLASSES.training)
    np.testing.assert_array_equal(request.inputs[0], key.inputs[0])
    np.testing.assert_array_equal(request.train["y"], key.train["y"])
    assert request.seed == task.weights_seed


def test_a_history_is_believed_where_the_training_was_the_learners_own(paper):
    """Of a design that we train, only ours is; it decides no point either way."""
    claimed = History((9.0, 8.0), (7.0,), 3)
    own = Question.draw(replace(CLASSES, id="week01.own", training=OwnTraining(CLASSES.training.output, budget=9.0)), 5)
    both = Paper({"week01.classes": paper["week01.classes"], "week01.own": own})
    with Seat(both, ask_model=says(GOOD, history=History((1.0,), (), 1))) as seat:
        for check_id, file, expected in (
            ("week01.classes", DESIGN, History((1.0,), (), 1)),
            ("week01.own", HANDED_OVER, claimed),
        ):
            seat.open(check_id)
            score = decode_score(seat.answer(check_id, replace(file, history=claimed, note="Mine.")))
            assert score.diagnosis.history == expected
            assert score.message.endswith("Mine.")


def test_the_first_answer_counts(seat, paper):
    task = seat.open("week01.double")
    first = seat.answer("week01.double", Response(outputs=((np.zeros(3),),)))
    later = seat.answer("week01.double", Response(outputs=doubled(task)))
    assert first.header == later.header
    assert seat.desk.receipts["week01.double"].points == 0
    assert seat.desk.responses["week01.double"].outputs[0][0].tolist() == [0, 0, 0]


def test_a_later_answer_is_not_scored_again(seat, paper, monkeypatch):
    task = seat.open("week01.double")
    seat.answer("week01.double", Response(outputs=doubled(task)))
    monkeypatch.setattr(Question, "judge", None)
    assert decode_score(seat.answer("week01.double", Response())).points == 2


def test_a_task_is_the_same_each_time(seat):
    assert seat.open("week01.line").train["x"].tolist() == seat.open("week01.line").train["x"].tolist()
    first, again = (seat.open("week01.double").cases for _ in range(2))
    assert first[0][0].tolist() == again[0][0].tolist()


def test_the_time_of_the_first_opening_is_kept(seat):
    before = time.monotonic()
    seat.open("week01.line")
    at = seat.desk.opened_at["week01.line"]
    seat.open("week01.line")
    assert seat.desk.opened_at == seat.desk.pending == {"week01.line": at}
    assert before <= at <= time.monotonic()
    seat.answer("week01.line", Response())
    assert seat.desk.pending == {}


def test_the_clock_of_a_check_stops_when_its_answer_arrives(paper, monkeypatch):
    scoring, go_on = threading.Event(), threading.Event()

    def slowly(self, response, ask_model, *, reveal):
        scoring.set()
        assert go_on.wait(20)
        return response, self.score(response)

    monkeypatch.setattr(Question, "judge", slowly)
    with Seat(paper) as seat:
        seat.open("week01.double")
        header = encode_response(Response())[0]
        send(seat.sock, {"type": "answer", "check": "week01.double", "response": header})
        assert scoring.wait(20)
        assert seat.desk.pending == {}
        go_on.set()
        assert receive(seat.sock, MOST).header["type"] == "score"


def test_what_was_opened_and_never_answered_has_a_reason(seat):
    seat.open("week01.double")
    seat.sock.close()
    seat.ended()
    assert seat.desk.unanswered == {"week01.double": NEVER_ANSWERED}
    assert seat.desk.violation == ""


def test_a_defect_in_the_kernel_is_told_and_confirmed_by_nobody(seat):
    seat.open("week01.double")
    told = {"type": "failed", "check": "week01.double", "message": "no \x1b[31mmodule" + "x" * 5_000}
    assert seat.ask(told).header == {"type": "noted"}
    (why,) = seat.desk.unanswered.values()
    assert "which nothing outside it confirms: no [31mmodule" in why
    assert len(why) < 1_000
    assert seat.desk.broken == {}


def test_a_check_of_another_week_is_unknown_and_no_offence(seat):
    header = seat.ask({"type": "open", "check": "week02.other"}).header
    assert header["type"] == "unknown"
    assert "'week02.other'" in header["message"]
    assert seat.open("week01.double").check_id == "week01.double"


def test_many_desks_share_a_paper(paper):
    with Seat(paper) as one, Seat(paper) as other:
        one.open("week01.double")
        assert other.score("week01.double").points == 0
        assert one.desk.receipts == {}


def test_closing_ends_the_service_from_another_thread(paper):
    with Seat(paper) as seat:
        seat.open("week01.double")
        seat.desk.close()
        seat.ended()
        with pytest.raises(ConnectionEnded):
            receive(seat.sock, MOST)


def test_closing_ends_a_service_that_nobody_reads_from():
    """A kernel that asks for a large task and does not read it holds up nothing but its own desk."""
    adapts = FixedBudget(Output("value"), epochs=1, builder_sees="train inputs")
    large = Split(*(np.zeros((2_000_000, 1), "float32"),) * 4)
    check = replace(model_check(), data=lambda seed: large, training=adapts)
    question = Question.draw(check, 1)
    with Seat(Paper({check.id: question})) as seat:
        send(seat.sock, {"type": "open", "check": check.id})
        time.sleep(0.2)
        assert seat.thread.is_alive()
        seat.desk.close()
        seat.ended()


# ---------------------------------------------------------------------------- hostile answers

NAN, INF = float("nan"), float("inf")
GOOD = np.zeros((40, 3), "float32") + np.float32(1 / 3)
HOSTILE_PREDICTIONS = {
    "none": (),
    "a case without arrays": ((),),
    "two cases": ((GOOD,), (GOOD,)),
    "two arrays": ((GOOD, GOOD),),
    "too few": ((GOOD[:39],),),
    "too many": ((np.concatenate([GOOD, GOOD]),),),
    "no rows": ((GOOD[:0],),),
    "no columns": ((GOOD[:, :0],),),
    "one number": ((np.array(1.0),),),
    "two labels": ((np.zeros((40, 2), "int64"),),),
    "another axis": ((GOOD[:, None],),),
    "NaN": ((np.full((40, 3), NAN),),),
    "infinity": ((np.full((40, 3), INF),),),
    "beyond float32": ((np.full((40, 3), 1e300),),),
    "complex": ((GOOD.astype("complex64"),),),
    "text": ((GOOD.astype(str),),),
    "a large array": ((np.zeros((400_000, 2), "float32"),),),
}


@pytest.mark.parametrize("outputs", HOSTILE_PREDICTIONS.values(), ids=HOSTILE_PREDICTIONS)
@pytest.mark.parametrize("check_id", ["week01.classes", "week01.line"])
def test_hostile_predictions_get_nothing_and_a_message(seat, check_id, outputs):
    """They come from no model: whatever a kernel claims to be predictions is not looked at."""
    score = seat.score(check_id, *outputs)
    assert (score.points, score.outcome, score.value) == (0, Outcome.MISTAKE, None)
    assert score.message.startswith("Expected a model; found an answer without one.")
    assert seat.desk.broken == {}
    assert seat.desk.receipts[check_id].points == 0


@pytest.mark.parametrize("outputs", HOSTILE_PREDICTIONS.values(), ids=HOSTILE_PREDICTIONS)
@pytest.mark.parametrize("check_id", ["week01.classes", "week01.line"])
def test_hostile_predictions_that_were_kept_get_nothing_either(paper, check_id, outputs):
    """They are scored again when a ladder was corrected."""
    score = paper[check_id].score(Response(outputs=outputs))
    assert (score.points, score.outcome, score.value) == (0, Outcome.MISTAKE, None)
    assert score.message.startswith("Expected")


@pytest.mark.parametrize("outputs", [outputs for outputs in HOSTILE_PREDICTIONS.values() if outputs and outputs[0]])
def test_hostile_predictions_of_a_model_cost_nobody_anything(paper, outputs):
    """What asks models checks them; where that failed, scoring still does."""
    with Seat(paper, ask_model=says(outputs[0][0])) as seat:
        seat.open("week01.classes")
        kind = seat.answer("week01.classes", DESIGN).header["type"]
        assert kind == "score"
        assert seat.desk.broken == {}


@pytest.mark.parametrize("dtype", ["float64", "float16", "bool", "uint8", "longdouble"])
def test_predictions_of_any_number_are_scored(paper, dtype):
    key = paper["week01.classes"].key.expected[0][0]
    assert paper["week01.classes"].score(Response(outputs=((np.eye(3)[key].astype(dtype),),))).points == 5


HOSTILE_OUTPUTS = {
    "none": (),
    "more cases": tuple((np.zeros(3),) for _ in range(50)),
    "many arrays": ((np.zeros(3),) * 5_000,),
    "text": ((np.array(["a", "b", "c"]),),) * 4,
    "complex NaN": ((np.full(3, complex(NAN, NAN)),),) * 4,
    "NaN": ((np.full(3, NAN),),) * 4,
    "infinity": ((np.full(3, INF),),) * 4,
    "huge": ((np.full(3, 1.7e308),),) * 4,
    "huge longdouble": ((np.full(3, np.finfo(np.longdouble).max),),) * 4,
    "booleans": ((np.ones(3, bool),),) * 4,
    "empty": ((np.zeros(0),),) * 4,
    "32 dimensions": ((np.zeros((1,) * 32),),) * 4,
    "no elements, large shape": ((np.zeros((0, 2**40 - 1)),),) * 4,
    "integers": ((np.full(3, -(2**63)),),) * 4,
}


@pytest.mark.parametrize("outputs", HOSTILE_OUTPUTS.values(), ids=HOSTILE_OUTPUTS)
def test_hostile_outputs_get_nothing_and_a_message(seat, outputs):
    score = seat.score("week01.double", *outputs)
    assert (score.points, score.outcome) == (0, Outcome.WRONG)
    assert "0 of 4 cases are right" in score.message
    assert seat.desk.broken == {}


def test_an_answer_that_is_larger_than_any_should_be_is_a_mistake(seat):
    seat.open("week01.double")
    response = Response(outputs=((np.zeros(5 * 2**17),),))
    score = decode_score(seat.answer("week01.double", response))
    assert (score.points, score.outcome) == (0, Outcome.MISTAKE)
    assert score.message.startswith("Expected an answer of at most 4 MB; found 5 MB.")
    assert seat.desk.responses["week01.double"].outputs == ()


def test_what_a_response_claims_is_bounded_by_what_we_saw(seat):
    before = time.monotonic()
    score = seat.score("week01.double", parameters=2**50, seconds=1e6)
    assert score.seconds <= time.monotonic() - before


def test_a_claimed_crash_is_shown_without_tricks(seat):
    seat.open("week01.double")
    problem = Problem(ProblemKind.CRASH, "\x1b]0;title\x07<b>" + "x" * 100_000, "\u202eline")
    header = encode_response(Response())[0]
    header["problem"] = {"kind": "crash", "message": problem.message, "lines": problem.lines}
    score = decode_score(seat.ask({"type": "answer", "check": "week01.double", "response": header}))
    assert score.outcome is Outcome.CRASH
    assert score.message.startswith("]0;title<b>")
    assert len(score.message) <= 4_000
    assert score.lines == "line"


# ---------------------------------------------------------------------------- broken rules

BROKEN_RULES = {
    "no type": {"check": "week01.double"},
    "another type": {"type": "receipt", "check": "week01.double"},
    "a score": {"type": "score", "check": "week01.double", "score": {"points": 5}},
    "no check": {"type": "open"},
    "a check that is no name": {"type": "open", "check": ["week01.double"]},
    "an answer to what was not opened": {"type": "answer", "check": "week01.line", "response": {}},
    "an answer without a response": {"type": "answer", "check": "week01.double"},
}


@pytest.mark.parametrize("header", BROKEN_RULES.values(), ids=BROKEN_RULES)
def test_who_breaks_the_rules_is_told_so_and_left(seat, header):
    task = seat.open("week01.double")
    refused = seat.ask(header).header
    assert refused["type"] == "refused"
    with pytest.raises(ConnectionEnded):
        seat.answer("week01.double", Response(outputs=doubled(task)))
    seat.ended()
    assert seat.desk.violation == refused["message"]
    assert "hung up before it was answered: Expected" in seat.desk.unanswered["week01.double"]
    assert seat.desk.receipts == seat.desk.broken == {}


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nHost: examiner\r\n\r\n",
        struct.pack("!4sIQ", b"TFC1", 2**32 - 1, 0),
        struct.pack("!4sIQ", b"TFC1", 2, MOST + 1),
        struct.pack("!4sIQ", b"TFC1", 100_000, 0) + b"[" * 100_000,
        encode({"type": "open", "check": "week01.double"})[:-5],
    ],
)
def test_garbage_ends_the_service_and_costs_nothing_earned(seat, data):
    task = seat.open("week01.double")
    seat.answer("week01.double", Response(outputs=doubled(task)))
    seat.sock.sendall(data)
    seat.sock.shutdown(socket.SHUT_WR)
    seat.ended()
    assert seat.desk.violation.startswith("Expected")
    assert seat.desk.receipts["week01.double"].points == 2


def test_asking_without_end_is_refused(seat):
    bound = MESSAGES_MORE + 3 * MESSAGES_EACH
    kinds = [seat.ask({"type": "open", "check": "week02.other"}).header["type"] for _ in range(bound + 1)]
    assert kinds == ["unknown"] * bound + ["refused"]
    seat.ended()
    assert "far too many" in seat.desk.violation


def test_who_breaks_the_rules_and_never_reads_holds_up_nobody(seat):
    for _ in range(30):
        send(seat.sock, {"type": "open", "check": "week01.line"})
    seat.sock.sendall(b"x" * 64)
    time.sleep(0.1)
    seat.desk.close()
    seat.ended()


@pytest.mark.parametrize("seed", range(60))
def test_no_envelope_makes_the_desk_raise(paper, seed):
    """Headers of the right form with anything in their fields."""
    import random

    rng = random.Random(seed)
    junk = [None, True, -1, 10**30, 1e308, "x", "week01.double", [], {}, [[]], {"is": "tuple"}, "\ud800", "\x00"]
    with Seat(paper) as seat:
        seat.open("week01.double")
        response = {name: rng.choice(junk) for name in encode_response(Response())[0] if rng.random() < 0.8}
        response |= {name: value for name, value in encode_response(Response())[0].items() if rng.random() < 0.7}
        header = {"type": "answer", "check": "week01.double", "response": response}
        kind = seat.ask(json.loads(json.dumps(header)), [np.zeros(2)] * rng.randrange(3)).header["type"]
        assert kind in {"refused", "score"}
        assert seat.desk.broken == {}


# ---------------------------------------------------------------------------- our own defects


def test_a_response_that_we_cannot_score_is_our_defect_and_tells_no_key(paper):
    class Faulty(FunctionCheck):
        def score_outputs(self, outputs, key, *, reveal):
            raise AttributeError(f"no such thing in {key}")

    question = paper["week01.double"]
    check = Faulty(**{each.name: getattr(question.check, each.name) for each in fields(question.check)})
    question = replace(question, check=check, key=Key(expected=((np.full(3, 12.25),),)))
    with Seat(Paper({"week01.double": question})) as seat:
        seat.open("week01.double")
        for _ in range(2):
            header = seat.answer("week01.double", Response(outputs=((np.zeros(3), np.zeros(3)),))).header
            assert header["type"] == "broken"
            assert "12.25" not in json.dumps(header)
            assert "AttributeError" not in json.dumps(header)
        assert "AttributeError" in seat.desk.broken["week01.double"]
        assert (seat.desk.receipts, seat.desk.unanswered, seat.desk.pending) == ({}, {}, {})


def test_a_task_that_we_cannot_send_is_our_defect(paper):
    question = paper["week01.double"]
    question = replace(question, task=replace(question.task, cases=((object(),),)))
    with Seat(Paper({"week01.double": question, "week01.line": paper["week01.line"]})) as seat:
        assert seat.ask({"type": "open", "check": "week01.double"}).header["type"] == "broken"
        assert "found object" in seat.desk.broken["week01.double"]
        assert seat.score("week01.line").points == 0
        assert list(seat.desk.receipts) == ["week01.line"]


# ---------------------------------------------------------------------------- models

FILE = replace(CLASSES, id="exam.classes", training=FileModel(Output("probabilities", (3,))))
HANDED_OVER = Response(model=ModelFile(b"the file", "keras"), parameters=1)


@pytest.fixture
def exam():
    return Paper({FILE.id: Question.draw(FILE, 5)})


def test_a_model_file_is_asked_for_predictions_without_the_key(exam):
    question = exam[FILE.id]
    asked = []

    def ask_model(request, tell):
        asked.append(request)
        return says(np.eye(3, dtype="float32")[question.key.expected[0][0]], note="A note.")(request, tell)

    with Seat(exam, ask_model=ask_model) as seat:
        assert seat.open(FILE.id).cases == ()
        score = decode_score(seat.answer(FILE.id, HANDED_OVER))
        assert (score.points, score.parameters) == (5, 12)
        assert score.message.endswith("A note.")
        assert seat.desk.receipts[FILE.id].points == 5
        assert seat.desk.responses[FILE.id].model == HANDED_OVER.model
        assert seat.desk.responses[FILE.id].outputs[0][0].shape == (40, 3)
        seat.answer(FILE.id, HANDED_OVER)
    (request,) = asked
    assert (request.model, request.wanted, dict(request.train)) == (HANDED_OVER.model, FILE.training, {})
    assert len(request.inputs) == 1
    np.testing.assert_array_equal(request.inputs[0], question.key.inputs[0])
    np.testing.assert_array_equal(request.seen[0], question.key.seen[0])


def test_predictions_instead_of_a_model_file_get_nothing(exam):
    with Seat(exam, ask_model=None) as seat:
        key = exam[FILE.id].key.expected[0][0]
        score = seat.score(FILE.id, (np.eye(3, dtype="float32")[key],))
        assert (score.points, score.outcome) == (0, Outcome.MISTAKE)
        assert "found an answer without one" in score.message


def test_predictions_beside_a_model_are_not_looked_at(exam):
    wrong = np.eye(3, dtype="float32")[(exam[FILE.id].key.expected[0][0] + 1) % 3]
    right = np.eye(3, dtype="float32")[exam[FILE.id].key.expected[0][0]]
    with Seat(exam, ask_model=says(wrong)) as seat:
        assert seat.score(FILE.id, (right,), model=HANDED_OVER.model, seen=right).points == 0
        assert seat.desk.responses[FILE.id].outputs[0][0].tolist() == wrong.tolist()
        assert seat.desk.responses[FILE.id].seen is None


def test_a_model_where_none_is_asked_for_is_not_asked(paper):
    with Seat(paper, ask_model=None) as seat:
        task = seat.open("week01.double")
        response = Response(outputs=doubled(task), model=HANDED_OVER.model)
        assert decode_score(seat.answer("week01.double", response)).points == 2
        assert seat.desk.broken == {}
        assert seat.desk.responses["week01.double"].model is None


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (LearnerMistake("Expected a .keras file; found none."), Outcome.MISTAKE),
        (LearnerCrash("ValueError: shapes"), Outcome.CRASH),
    ],
)
def test_a_model_that_cannot_be_used_is_the_learners(exam, error, outcome):
    def ask_model(request, tell):
        raise error

    with Seat(exam, ask_model=ask_model) as seat:
        seat.open(FILE.id)
        score = decode_score(seat.answer(FILE.id, HANDED_OVER))
        assert (score.points, score.outcome, score.message) == (0, outcome, str(error))
        assert seat.desk.receipts[FILE.id].points == 0


@pytest.mark.parametrize("ask_model", [None, lambda request, tell: 1 / 0])
def test_nowhere_to_ask_a_model_is_our_defect(exam, ask_model):
    with Seat(exam, ask_model=ask_model) as seat:
        seat.open(FILE.id)
        assert seat.answer(FILE.id, HANDED_OVER).header["type"] == "broken"
        assert list(seat.desk.broken) == [FILE.id]
        assert seat.desk.receipts == {}


def test_a_model_file_that_is_too_large_is_a_mistake(exam):
    wanted = replace(FILE.training, most_bytes=1000)
    question = Question.draw(replace(FILE, training=wanted), 5)
    with Seat(Paper({FILE.id: question}), ask_model=None) as seat:
        seat.open(FILE.id)
        large = Response(model=ModelFile(bytes(5 * 2**20), "keras"))
        score = decode_score(seat.answer(FILE.id, large))
        assert (score.points, score.outcome) == (0, Outcome.MISTAKE)
