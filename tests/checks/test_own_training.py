"""A training of the learner's own: what it is given, what is taken from it, and what happens at its budget's end."""

import os
import signal
import threading
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from lazily import keras, layers

from tfcourse.checks import Advice, Folder, Ladder, ModelCheck, Output, OwnTraining, Split, mean_absolute_error
from tfcourse.checks.asking import ask_here
from tfcourse.checks.guard import attempt
from tfcourse.checks.own_training import WALL_CLOCK, _newest_model
from tfcourse.checks.records import ProblemKind
from tfcourse.examiner.paper import Question

pytestmark = pytest.mark.slow

TRAINING = OwnTraining(Output("value"), budget=120.0, max_parameters=1_000)
SHORT = replace(TRAINING, budget=1.5)
LONGER = replace(TRAINING, budget=6.0)
"""Enough for a few epochs, also on a slow machine."""
FILES = {f"train/{kind}/{number}.txt": f"{kind} {number}".encode() for kind in ("few", "many") for number in range(3)}


@pytest.fixture(scope="module", autouse=True)
def _warm():
    """Import TensorFlow, and train once, before any budget runs."""
    train_model(np.zeros((4, 3), "float32"), np.zeros(4, "float32"))


def question_of(training=TRAINING, files=None):
    def data(seed):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(60, 3)).astype("float32")
        y = (x @ np.array([1.0, 2.0, -1.0])).astype("float32")
        return Split(x[:40], y[:40], x[40:], y[40:], files=files or {})

    check = ModelCheck(
        id="week01.line",
        title="A line",
        skills=("B1",),
        hints=("One.", "Two."),
        reference=lambda: None,
        data=data,
        training=training,
        ladder=Ladder(mean_absolute_error, (5.0, 4.0, 3.0, 2.0, 1.0)),
        baselines=(),
        advice=(Advice("Go on."),),
    )
    return Question.draw(check, 7)


def respond(function, training=TRAINING, files=None, tell=lambda epoch: None):
    question = question_of(training, files)
    return attempt(partial(training.respond, function, question.task, tell), seconds=training.seconds)


def judged(function, training=TRAINING, files=None):
    """Return the answer and its score, after the model's file was asked; here, where the tests are."""
    question = question_of(training, files)
    response = attempt(partial(training.respond, function, question.task), seconds=training.seconds)
    return question.judge(response, ask_here, reveal=False)


def problem_of(function, kind, training=TRAINING, **options):
    problem = respond(function, training, **options).problem
    assert problem is not None
    assert problem.kind is kind, problem
    return problem


def line(value=None):
    model = keras.Sequential([keras.Input((3,)), layers.Dense(1)])
    model.compile(loss="mae", optimizer=keras.optimizers.Adam(0.1))
    if value is not None:
        model.set_weights([np.full((3, 1), value), np.zeros(1)])
    return model


def train_model(x_train, y_train):
    model = line()
    model.fit(x_train, y_train, epochs=20, verbose=0)
    return model


# ---------------------------------------------------------------------------- what it is given


def test_a_trained_model_is_taken_as_a_file_and_scored():
    response, score = judged(train_model)
    assert response.problem is None
    assert response.model.format == "keras"
    assert response.outputs[0][0].shape == (20, 1)
    assert (score.points, score.parameters) == (5, 4)
    assert score.diagnosis.training == pytest.approx(score.value, abs=0.5)


def test_it_gets_training_data_and_nothing_hidden():
    question = question_of()
    assert (question.task.cases, set(question.task.train)) == ((), {"x", "y"})
    assert question.task.train["x"].shape == (40, 3)
    assert question.key.inputs[0].shape == (20, 3)
    assert dict(question.key.train) == {}
    assert question.key.seen[0].shape == (40, 3)


def test_it_gets_copies():
    def careless(x_train, y_train):
        x_train[:] = 0
        y_train[:] = 0
        return line()

    question = question_of()
    before = question.task.train["x"].copy(), question.task.train["y"].copy()
    assert attempt(partial(TRAINING.respond, careless, question.task), seconds=60).problem is None
    np.testing.assert_array_equal(question.task.train["x"], before[0])
    np.testing.assert_array_equal(question.task.train["y"], before[1])


def test_a_folder_of_files_is_on_disk_while_it_trains():
    seen = []

    def reads(folder):
        seen.append(folder)
        assert isinstance(folder, Path)
        found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.txt")}
        assert found == FILES
        return line()

    training = OwnTraining(Output("value"), budget=120.0, gets="folder")
    question = question_of(training, FILES)
    assert question.task.train == {"folder": Folder(FILES)}
    assert attempt(partial(training.respond, reads, question.task), seconds=60).problem is None
    assert not seen[0].exists()


def test_a_folder_can_be_read_by_keras():
    pictures = {
        f"train/{kind}/{number}.png": png(shade + number)
        for kind, shade in (("dark", 0), ("light", 200))
        for number in range(4)
    }

    def from_directory(folder):
        data = keras.utils.image_dataset_from_directory(
            folder / "train", image_size=(4, 4), batch_size=4, verbose=False
        )
        assert data.class_names == ["dark", "light"]
        model = keras.Sequential([keras.Input((4, 4, 3)), layers.Flatten(), layers.Dense(1)])
        model.compile(loss="mae")
        model.fit(data, verbose=0)
        return model

    training = OwnTraining(Output("value"), budget=120.0, gets="folder")
    response = respond(from_directory, training, pictures)
    assert response.problem is None
    assert response.history.steps == 2


def png(shade):
    import io

    from PIL import Image

    file = io.BytesIO()
    Image.new("RGB", (5, 6), (shade, shade, shade)).save(file, "PNG")
    return file.getvalue()


def test_what_it_writes_lands_in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    where = []

    def writes(x_train, y_train):
        where.append(Path.cwd())
        assert list(Path().iterdir()) == []
        Path("notes.txt").write_text("mine")
        Path("logs/run").mkdir(parents=True)
        model = train_model(x_train, y_train)
        model.save("best.keras")
        return model

    assert respond(writes).problem is None
    assert Path.cwd() == tmp_path
    assert list(tmp_path.iterdir()) == []
    assert not where[0].exists()


def test_the_folder_is_left_also_when_it_fails(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def fails(x_train, y_train):
        os.chdir("/")
        raise ValueError("no")

    assert problem_of(fails, ProblemKind.CRASH).message == "ValueError: no"
    assert Path.cwd() == tmp_path


def test_the_same_function_trains_the_same_model():
    first, again = (judged(train_model)[0] for _ in range(2))
    np.testing.assert_array_equal(first.outputs[0][0], again.outputs[0][0])
    assert first.history == again.history


# ---------------------------------------------------------------------------- how it went


def test_two_trainings_are_recorded_and_told():
    told = []

    def in_two_phases(x_train, y_train):
        model = line()
        model.fit(x_train, y_train, epochs=2, batch_size=20, validation_split=0.5, verbose=0)
        model.compile(loss="mae", optimizer=keras.optimizers.SGD(0.01))
        model.fit(x_train, y_train, epochs=3, batch_size=20, verbose=0)
        return model

    response = respond(in_two_phases, tell=told.append)
    assert len(response.history.loss) == 5
    assert len(response.history.validation_loss) == 2
    assert response.history.steps == 2 * 1 + 3 * 2
    assert {epoch.fit for epoch in told} == {1, 2}
    assert judged(in_two_phases)[1].diagnosis.history == response.history


def test_facts_of_the_trained_model_are_told():
    _, score = judged(train_model)
    facts = score.diagnosis.facts
    assert (facts.layers, facts.optimizer, facts.parameters) == (("Dense",), "Adam", 4)
    assert facts.rate == pytest.approx(0.1)


def test_what_it_prints_is_kept_and_shown_to_nobody_else(capfd):
    def chatty(x_train, y_train):
        model = line()
        model.fit(x_train, y_train, epochs=2)
        print("done")
        return model

    capfd.readouterr()
    assert respond(chatty).printed.endswith("done\n")
    assert capfd.readouterr() == ("", "")


# ---------------------------------------------------------------------------- what it returns


def released(x_train, y_train):
    # YOUR CODE HERE
    raise NotImplementedError()


@pytest.mark.parametrize("nothing", [None, ..., released], ids=["None", "Ellipsis", "released cell"])
def test_nothing_is_not_attempted(nothing):
    assert respond(nothing).problem.kind is ProblemKind.NOT_ATTEMPTED


HANDED_OVER = {
    "a model": (
        line,
        "Expected your function train_model(x_train, y_train), which trains on fresh data; found a model",
    ),
    "a number": (lambda: 3, "Expected a function train_model(x_train, y_train); found int"),
}


@pytest.mark.parametrize(("make", "told"), HANDED_OVER.values(), ids=HANDED_OVER)
def test_what_is_no_function(make, told):
    message = problem_of(make(), ProblemKind.MISTAKE).message
    assert message.startswith(told)
    assert message.endswith("Hand over the function's name without parentheses.")


def test_the_call_is_named_as_the_task_has_it():
    training = OwnTraining(Output("value"), budget=60.0, gets="folder")
    assert "train_model(folder)" in problem_of(3, ProblemKind.MISTAKE, training).message


RETURNED = {
    "None": (lambda x, y: None, "found None. Is `return` missing?"),
    "the history": (
        lambda x, y: line().fit(x, y, verbose=0),
        "Call model.fit(…) in a line of its own, then `return model`.",
    ),
    "a path": (lambda x, y: "best.keras", "to return a Keras model; found str. Return the model itself."),
    "several things": (lambda x, y: (line(), 3), "to return a Keras model; found tuple"),
    "an unbuilt model": (
        lambda x, y: keras.Sequential([layers.Dense(1)]),
        "found one without weights. Call fit() first",
    ),
}


@pytest.mark.parametrize(("function", "told"), RETURNED.values(), ids=RETURNED)
def test_what_is_no_trained_model(function, told):
    assert told in problem_of(function, ProblemKind.MISTAKE).message


def test_an_untrained_model_is_scored_as_what_it_is():
    response, score = judged(lambda x, y: line(0.0))
    assert response.history.loss == ()
    assert score.points < 5
    assert score.diagnosis.history.steps == 0


def test_a_model_that_is_too_large_is_told_when_it_is_asked():
    def large(x_train, y_train):
        return keras.Sequential([keras.Input((3,)), layers.Dense(300), layers.Dense(1)])

    _, score = judged(large)
    assert "Expected at most 1,000 parameters; found 1,501" in score.message


def test_a_file_that_is_too_large_is_told_at_once():
    training = OwnTraining(Output("value"), budget=60.0, most_bytes=1_000)
    assert "Expected a model file of at most 0.0 MB" in problem_of(train_model, ProblemKind.MISTAKE, training).message


def test_an_exception_shows_the_learners_line():
    def fails(x_train, y_train):
        return x_train.no_such_method()

    problem = problem_of(fails, ProblemKind.CRASH)
    assert problem.message.startswith("AttributeError")
    assert "in fails: return x_train.no_such_method()" in problem.lines


def test_a_function_with_other_arguments():
    assert "positional argument" in problem_of(lambda x_train: line(), ProblemKind.CRASH).message


# ---------------------------------------------------------------------------- its budget


def endless():
    while True:
        pass


def test_a_budget_that_is_spent_before_anything_was_saved():
    def train_model(x_train, y_train):
        endless()

    problem = problem_of(train_model, ProblemKind.OUT_OF_TIME, SHORT)
    assert (
        "your function was still running, before the first call of fit(), and had saved no whole model"
        in problem.message
    )
    assert "The budget of 2 s of one core is spent." in problem.message
    assert 'ModelCheckpoint("best.keras", save_best_only=True)' in problem.message


def test_how_far_it_came_is_told_and_kept():
    def train_model(x_train, y_train):
        line().fit(x_train, y_train, epochs=3, verbose=0)
        endless()

    response = respond(train_model, LONGER)
    assert response.problem.kind is ProblemKind.OUT_OF_TIME
    assert "still running, after 3 epochs, and" in response.problem.message
    assert len(response.history.loss) == 3


def test_training_is_stopped_in_the_middle_of_fit():
    def train_model(x_train, y_train):
        line().fit(x_train, y_train, epochs=1_000_000, verbose=0)

    response = respond(train_model, LONGER)
    assert response.problem.kind is ProblemKind.OUT_OF_TIME
    assert len(response.history.loss) > 3


def test_the_best_model_that_was_saved_counts():
    def train_model(x_train, y_train):
        model = line()
        best = keras.callbacks.ModelCheckpoint("best.keras", monitor="loss", save_best_only=True)
        model.fit(x_train, y_train, epochs=1_000_000, verbose=0, callbacks=[best])
        return line(100.0)

    response, score = judged(train_model, LONGER)
    assert response.problem is None
    assert score.points == 5
    assert score.message.endswith("The budget of 6 s of one core was spent; best.keras, saved before, was taken.")
    assert len(response.history.loss) > 3


@pytest.mark.parametrize("name", ["model.keras", "deep/down/model.h5", "MODEL.hdf5"])
def test_a_model_that_was_saved_by_hand_counts(name):
    def train_model(x_train, y_train):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        line(1.0).save(Path(name).with_suffix(Path(name).suffix.replace("hdf5", "h5")))
        endless()

    response, score = judged(train_model, SHORT)
    assert response.problem is None
    assert score.value == pytest.approx(mean_of([1.0, 1.0, 1.0]), abs=1e-4)


def mean_of(weights):
    key = question_of().key
    return mean_absolute_error(key.expected[0][0], key.inputs[0] @ np.array(weights))


def test_the_newest_of_several_counts_and_not_what_would_have_been_returned():
    def train_model(x_train, y_train):
        for value in (3.0, 2.0, 0.5):
            line(value).save(f"model-{value}.keras")
            time.sleep(0.02)
        Path("model-3.0.keras").read_bytes()
        endless()

    response, score = judged(train_model, SHORT)
    assert "model-0.5.keras" in response.note
    assert score.value == pytest.approx(mean_of([0.5, 0.5, 0.5]), abs=1e-4)


def save_half(path):
    """Leave what there is when saving is interrupted: Keras closes the archive also then."""
    import zipfile

    model = line(9.0)
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            if not name.endswith(".h5"):
                archive.writestr(name, content)


def cut(path):
    line(9.0).save(path)
    content = Path(path).read_bytes()
    Path(path).write_bytes(content[: len(content) // 2])


UNFINISHED = {
    "an archive without weights": ("newest.keras", save_half),
    "half an archive": ("newest.keras", cut),
    "half a .h5": ("newest.h5", cut),
    "an empty file": ("newest.keras", lambda path: Path(path).write_bytes(b"")),
    "garbage": ("newest.h5", lambda path: Path(path).write_bytes(b"garbage" * 100)),
    "weights alone": ("newest.weights.h5", lambda path: line(9.0).save_weights(path)),
    "a folder": ("newest.keras", lambda path: Path(path).mkdir()),
}


@pytest.mark.parametrize(("name", "write"), UNFINISHED.values(), ids=UNFINISHED)
def test_a_file_that_is_no_whole_model_is_passed_over(name, write):
    def train_model(x_train, y_train):
        line(1.0).save("older.keras")
        time.sleep(0.02)
        write(name)
        endless()

    response, score = judged(train_model, SHORT)
    assert "older.keras, saved before, was taken" in response.note
    assert score.value == pytest.approx(mean_of([1.0, 1.0, 1.0]), abs=1e-4)


@pytest.mark.parametrize(("name", "write"), UNFINISHED.values(), ids=UNFINISHED)
def test_a_file_that_is_no_whole_model_is_none(tmp_path, monkeypatch, name, write):
    monkeypatch.chdir(tmp_path)
    write(name)
    assert _newest_model(tmp_path) is None


def test_a_folder_of_data_is_not_searched_for_models():
    """Only what the function saved in its own folder is its own."""

    def train_model(folder):
        endless()

    training = replace(SHORT, gets="folder")
    problem_of(train_model, ProblemKind.OUT_OF_TIME, training, files={"model.keras": b"PK"})


def test_a_function_that_catches_everything_cannot_swallow_it():
    def train_model(x_train, y_train):
        while True:
            try:
                endless()
            except Exception:
                continue

    problem_of(train_model, ProblemKind.OUT_OF_TIME, SHORT)


def test_a_function_that_catches_even_that_is_stopped_a_second_later():
    caught = []

    def train_model(x_train, y_train):
        for _ in range(1):
            try:
                endless()
            except BaseException:
                caught.append(True)
        endless()

    problem_of(train_model, ProblemKind.OUT_OF_TIME, SHORT)
    assert caught == [True]


def test_waiting_costs_nothing_of_the_budget():
    def train_model(x_train, y_train):
        time.sleep(2.5)
        return line()

    assert respond(train_model, SHORT).problem is None


def test_the_clock_stops_what_only_waits_and_keeps_what_was_saved(monkeypatch):
    monkeypatch.setattr(OwnTraining, "seconds", 6.0)

    def train_model(x_train, y_train):
        line(1.0).save("best.keras")
        time.sleep(60)

    response, score = judged(train_model)
    assert response.note == "The time of 6 s by the clock was spent; best.keras, saved before, was taken."
    assert score.value == pytest.approx(mean_of([1.0, 1.0, 1.0]), abs=1e-4)

    def saves_nothing(x_train, y_train):
        time.sleep(60)

    problem = problem_of(saves_nothing, ProblemKind.OUT_OF_TIME)
    assert "The time of 6 s by the clock is spent." in problem.message


def test_the_clock_leaves_room_for_a_busy_machine():
    assert TRAINING.seconds == WALL_CLOCK * 120 + 30


def test_the_timer_is_put_back():
    before = signal.getsignal(signal.SIGPROF)
    for function in (train_model, lambda x, y: endless(), lambda x, y: 1 / 0):
        respond(function, SHORT)
        assert signal.getsignal(signal.SIGPROF) is before
        assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)


def test_without_a_timer_in_another_thread_it_still_trains():
    found = []
    thread = threading.Thread(target=lambda: found.append(respond(train_model, SHORT)))
    thread.start()
    thread.join()
    assert found[0].problem is None


def test_an_interrupt_is_no_end_of_the_budget():
    def train_model(x_train, y_train):
        line().save("best.keras")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        respond(train_model)
