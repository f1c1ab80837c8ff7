"""Submitting: four ways that are one, what cannot be scored, what costs no try, and what comes too late."""

import hashlib
import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner

from tfcourse import cli
from tfcourse.checks.asking import ask_here
from tfcourse.checks.records import ModelFile, Outcome
from tfcourse.errors import GraderBroken, LearnerMistake, UnknownName
from tfcourse.exam import notebook, submission
from tfcourse.exam.session import start, start_drill
from tfcourse.exam.submission import Late, read_model, submit
from tfcourse.reports.progress import Progress

from .conftest import ask_fake, file_off


@pytest.fixture
def drill(course, clock):
    """A drill whose problem `ask_fake` knows."""
    return start_drill(course, "basic", seed="line 1")


@pytest.fixture
def exam(course, clock):
    """An exam whose first problem is `exam.line`."""
    return next(found for found in (start(course, seed=f"{n}") for n in range(9)) if line_of(found))


def line_of(found):
    return found.places[0].check_id == "exam.line"


def hand_in(course, found, file, number=1, name="m.keras", way="page", ask_model=ask_fake):
    return submit(course, found, number, file, name=name, way=way, ask_model=ask_model)


@pytest.fixture
def in_process(monkeypatch):
    """Have the four ways load files in this process."""
    monkeypatch.setattr(submission.submit, "__kwdefaults__", {"ask_model": ask_here})


def reference(course, found, number):
    problem = found.problem(course, found.place(number))
    return problem.reference(found.root / found.place(number).folder)


# ---------------------------------------------------------------------------- what a try is


def test_a_submission_is_scored_logged_and_recorded(course, exam, clock):
    clock.advance(minutes=7)
    done = hand_in(course, exam, file_off(0.0), name="my model.keras", way="command")
    assert (done.number, done.best, done.score.points, done.score.outcome) == (1, 5, 5, Outcome.RIGHT)
    assert done.place == exam.places[0]
    (event,) = [event for event in exam.events() if event["event"] == "submitted"]
    assert (event["problem"], event["number"], event["points"], event["outcome"]) == (1, 1, 5, "right")
    assert (event["file"], event["way"], event["size"]) == ("my model.keras", "command", 3)
    assert event["sha256"] == hashlib.sha256(b"0.0").hexdigest()
    assert event["value"] == pytest.approx(0.08, abs=0.02)
    assert event["parameters"] == 4
    (recorded,) = Progress(course).events()
    assert (recorded.kind, recorded.check, recorded.points, recorded.max_points) == ("exam", "exam.line", 5, 5)


@pytest.mark.parametrize(("off", "points"), [(0.0, 5), (0.3, 4), (0.6, 3), (1.0, 2), (1.5, 1), (9.0, 0)])
def test_points_follow_the_ladder(course, exam, off, points):
    assert hand_in(course, exam, file_off(off)).score.points == points


def test_the_best_try_counts_and_tries_are_numbered(course, exam):
    done = [hand_in(course, exam, file_off(off)) for off in (1.0, 0.3, 9.0)]
    assert [(each.number, each.score.points, each.best) for each in done] == [(1, 2, 2), (2, 4, 4), (3, 0, 4)]
    assert exam.percent() == pytest.approx(16)


def test_time_that_is_left_is_told(course, exam, clock):
    clock.advance(minutes=10)
    assert hand_in(course, exam, file_off(0.0)).left == exam.left()
    assert exam.left().total_seconds() > 0


def test_advice_is_for_afterwards_in_an_exam_and_shown_in_a_drill(course, exam):
    assert hand_in(course, exam, file_off(1.0)).score.next_step == ""
    drill = next(d for d in (start_drill(course, "basic", seed=f"{n}") for n in range(9)) if line_of(d))
    done = hand_in(course, drill, file_off(1.0))
    assert done.score.next_step == "advice 2"
    assert done.score.diagnosis.training == pytest.approx(done.score.value, abs=0.1)
    assert done.left is None


def test_advice_and_diagnosis_are_noted_for_the_report(course, exam):
    done = hand_in(course, exam, file_off(1.0))
    assert done.score.diagnosis is None
    (found,) = exam.tries(1)
    assert found.advice == "advice 2"
    assert found.diagnosis.startswith("No overfitting: MAE ")
    hand_in(course, exam, ModelFile(b"garbage", "keras"))
    assert (exam.tries(1)[1].advice, exam.tries(1)[1].diagnosis) == ("", "")


def test_a_progress_file_that_cannot_be_written_costs_nothing(course, exam):
    Progress(course).path.mkdir(parents=True)
    assert hand_in(course, exam, file_off(0.0)).score.points == 5
    assert len(exam.tries()) == 1


def test_a_problem_that_there_is_not_costs_no_try(course, exam):
    with pytest.raises(UnknownName):
        hand_in(course, exam, file_off(0.0), number=7)
    assert [event["event"] for event in exam.events()] == ["started"]


def test_concurrent_submissions_get_numbers_of_their_own(course, exam):
    together = threading.Barrier(6)

    def load(*arguments):
        together.wait(60)
        return ask_fake(*arguments)

    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(lambda off: hand_in(course, exam, file_off(off), ask_model=load), [0.0, 9.0] * 3))
    assert sorted(each.number for each in done) == [1, 2, 3, 4, 5, 6]
    assert sorted(each.number for each in exam.tries(1)) == [1, 2, 3, 4, 5, 6]
    assert exam.best(1).points == 5


SUBMIT = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from conftest import file_off, ask_fake
from tfcourse.course import find_course
from tfcourse.exam.session import read_session
from tfcourse.exam.submission import submit

found = read_session(Path(sys.argv[1]))
for _ in range(5):
    submit(find_course(), found, 1, file_off(0.0), name=sys.argv[2], way="script", ask_model=ask_fake)
"""


def test_two_processes_get_numbers_of_their_own(course, exam):
    here = str(Path(__file__).parent)
    env = None
    running = [
        subprocess.Popen(
            [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(Path(here).parent)!r})\n{SUBMIT}", *arguments],
            env=env,
        )
        for arguments in ([str(exam.root), who, here] for who in "ab")
    ]
    assert [process.wait(300) for process in running] == [0, 0]
    assert sorted(each.number for each in exam.tries(1)) == list(range(1, 11))
    assert sorted(each.file for each in exam.tries(1)) == ["a"] * 5 + ["b"] * 5


# ---------------------------------------------------------------------------- too late


def test_what_comes_too_late_is_refused_and_logged(course, exam, clock):
    hand_in(course, exam, file_off(1.0))
    clock.advance(minutes=exam.minutes)
    with pytest.raises(Late, match=rf"{exam.id} takes no more models: its time is over\. Read its report: .*--exam"):
        hand_in(course, exam, file_off(0.0), name="late.keras")
    assert exam.percent() == pytest.approx(8)
    refused = exam.events()[-1]
    assert (refused["event"], refused["problem"], refused["file"], refused["why"]) == (
        "refused",
        1,
        "late.keras",
        "time",
    )


def test_what_comes_after_the_end_is_refused(course, exam):
    exam.note("finished", by="candidate")
    with pytest.raises(Late, match="you have finished it"):
        hand_in(course, exam, file_off(0.0))
    assert exam.tries() == []
    assert exam.events()[-1]["why"] == "finished"


def test_what_arrives_in_time_counts_however_long_its_scoring_takes(course, exam, clock):
    clock.advance(minutes=exam.minutes, seconds=-1)

    def slow(*arguments):
        clock.advance(minutes=1)
        return ask_fake(*arguments)

    assert hand_in(course, exam, file_off(0.0), ask_model=slow).score.points == 5
    assert exam.percent() == pytest.approx(20)


def test_a_drill_takes_models_for_ever(course, drill, clock):
    clock.advance(days=30)
    assert hand_in(course, drill, ModelFile(b"garbage", "keras")).number == 1


# ---------------------------------------------------------------------------- what cannot be scored


def test_a_defect_of_ours_costs_no_try(course, exam):
    def broken(*arguments):
        raise GraderBroken("no process")

    with pytest.raises(GraderBroken):
        hand_in(course, exam, file_off(0.0), ask_model=broken)
    assert exam.tries() == []
    assert Progress(course).events() == []
    assert hand_in(course, exam, file_off(0.0)).number == 1


def test_a_file_that_cannot_be_used_is_a_try_without_points_and_the_best_stays(course, exam):
    hand_in(course, exam, file_off(0.3))
    for file in (ModelFile(b"garbage", "keras"), LearnerMistake("Expected a name that ends in .keras or .h5.")):
        done = hand_in(course, exam, file)
        assert (done.score.points, done.score.outcome, done.best) == (0, Outcome.MISTAKE, 4)
        assert done.score.message.startswith("Expected a")
        assert done.score.value is None
    assert [each.points for each in exam.tries(1)] == [4, 0, 0]
    assert [each.outcome for each in exam.tries(1)[1:]] == ["cannot be scored"] * 2


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Files that go wrong, each in a way of its own, by name."""
    import keras

    folder = tmp_path_factory.mktemp("models")

    def save(name, *layers, shape=(3,)):
        keras.Sequential([keras.Input(shape), *layers]).save(folder / name)

    @keras.saving.register_keras_serializable("Candidate")
    class Halve(keras.layers.Layer):
        def call(self, x):
            return x / 2

    save("good.keras", keras.layers.Dense(1))
    save("good.h5", keras.layers.Dense(1))
    save("input.keras", keras.layers.Dense(1), shape=(4,))
    save("output.keras", keras.layers.Dense(2))
    save("many.keras", keras.layers.Dense(100), keras.layers.Dense(1))
    save("custom.keras", Halve(), keras.layers.Dense(1))
    save("lambda.keras", keras.layers.Lambda(lambda x: x), keras.layers.Dense(1))
    save("lambda.h5", keras.layers.Lambda(lambda x: x), keras.layers.Dense(1))
    inputs = keras.Input((3,))
    keras.Model(inputs, [keras.layers.Dense(1)(inputs), keras.layers.Dense(1)(inputs)]).save(folder / "two.keras")
    (folder / "garbage.keras").write_bytes(b"garbage" * 99)
    (folder / "garbage.h5").write_bytes(b"garbage" * 99)
    (folder / "empty.keras").write_bytes(b"")
    (folder / "good.onnx").write_bytes((folder / "good.keras").read_bytes())
    with (folder / "large.keras").open("wb") as file:
        file.truncate(2**21)
    keras.saving.get_custom_objects().pop("Candidate>Halve", None)
    return folder


WRONG = {
    "input.keras": "Expected a model for inputs of shape (batch, 3); found one for (batch, 4).",
    "output.keras": "Expected predictions of shape (batch, 1); found (batch, 2).",
    "two.keras": "Expected a model with one output; found 2.",
    "many.keras": "Expected at most 100 parameters; found 501.",
    "custom.keras": "found Halve, a class or function of your own",
    "lambda.keras": "found Lambda, which holds a program.",
    "lambda.h5": "found Lambda, which holds a program.",
    "garbage.keras": "Expected a .keras file; found ",
    "garbage.h5": "Expected a .h5 file; found ",
    "empty.keras": "Expected a .keras file; found ",
    "good.onnx": "Expected a name that ends in .keras or .h5; found good.onnx.",
    "large.keras": "Expected a model file of at most 1.0 MB; found 2.0 MB.",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", WRONG)
def test_each_way_of_going_wrong_is_told_as_what_it_is(course, exam, models, name):
    file = read_model(course, exam, 1, str(models / name))
    done = hand_in(course, exam, file, name=name, ask_model=ask_here)
    assert (done.score.points, done.score.outcome, done.best, done.number) == (0, Outcome.MISTAKE, 0, 1)
    assert WRONG[name] in done.score.message
    (logged,) = exam.tries()
    assert (logged.points, logged.outcome, logged.file) == (0, "cannot be scored", name)
    assert logged.message == done.score.message


@pytest.mark.parametrize("kind", [str, Path])
def test_a_typing_error_is_no_try_in_a_notebook_either(course, exam, monkeypatch, kind):
    shown = []
    monkeypatch.chdir(exam.root / "1-basic")
    monkeypatch.setattr(notebook, "in_notebook", lambda: True)
    monkeypatch.setattr(notebook, "_show", shown.append)
    notebook.submit_model(kind("nowhere.keras"))
    assert shown[0].text().startswith("Not submitted: Expected a model's file; found none at nowhere.keras.")
    assert exam.tries() == []


def test_no_name_reaches_a_scripts_terminal_as_it_is(course, exam, monkeypatch, capsys):
    name = "\x1b[31mred\u202e.keras"
    monkeypatch.chdir(exam.root / "1-basic")
    monkeypatch.setattr(notebook, "in_notebook", lambda: False)
    monkeypatch.setattr(notebook, "_folder", Path.cwd)
    notebook.submit_model(name)
    Path(f"{name}.txt").write_text("")
    notebook.submit_model(f"{name}.txt")
    out = capsys.readouterr().out
    assert out.count("\\x1b[31mred\\u202e.keras") == 2
    assert "\x1b" not in out
    assert "\u202e" not in out


@pytest.mark.slow
def test_a_file_that_cannot_be_opened_is_told(course, exam, models, monkeypatch):
    def closed(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", closed)
    file = read_model(course, exam, 1, str(models / "good.keras"))
    assert isinstance(file, LearnerMistake)
    assert "Permission denied" in str(file)


@pytest.mark.slow
def test_text_is_taken_as_text_and_as_numbers(course, exam):
    import keras
    import numpy as np

    numbers = reference(course, exam, 3)
    words = [f"w{number}" for number in range(2, 12)]
    vectorize = keras.layers.TextVectorization(vocabulary=words, output_mode="int", output_sequence_length=5)
    embedding = keras.layers.Embedding(12, 1)
    text = keras.Sequential([
        keras.Input((), dtype="string"),
        vectorize,
        embedding,
        keras.layers.GlobalAveragePooling1D(),
        keras.layers.Dense(1, activation="sigmoid"),
    ])  # fmt: skip
    text.set_weights([np.array([[1.0 if n % 2 else -1.0] for n in range(12)]), np.array([[50.0]]), np.zeros(1)])
    read = exam.problem(course, exam.place(3)).training.read
    for model in (numbers, text):
        assert hand_in(course, exam, read(model), number=3, ask_model=ask_here).score.points == 5


# ---------------------------------------------------------------------------- four ways


@pytest.mark.slow
def test_the_same_model_gets_the_same_by_whichever_way(course, exam, in_process, monkeypatch, tmp_path, capsys):
    model = reference(course, exam, 2)
    folder = exam.root / "2-images"
    path = folder / "model.keras"
    model.save(path)
    h5 = tmp_path / "m.h5"
    model.save(h5)

    monkeypatch.chdir(folder)
    monkeypatch.setattr(notebook, "in_notebook", lambda: True)
    shown = []
    monkeypatch.setattr(notebook, "_show", shown.append)
    for handed_over in (model, path, "model.keras"):
        notebook.submit_model(handed_over)
    assert "Spots: 5 of 5 points, right" in shown[0].text()
    assert "Try 1 of problem 2; its best is 5 of 5." in shown[1].text()

    result = CliRunner().invoke(cli.cli, ["exam", "submit", "2", str(h5), "--exam", exam.id])
    assert result.exception is None, result.output
    assert "5 of 5 points, right" in result.output
    assert "Try 4 of problem 2" in result.output

    training = exam.problem(course, exam.place(2)).training
    page = training.file_of("m.keras", path.read_bytes())
    hand_in(course, exam, page, number=2, ask_model=ask_here)

    tries = exam.tries(2)
    assert [each.way for each in tries] == ["notebook"] * 3 + ["command", "page"]
    assert [each.file for each in tries] == ["Sequential", "model.keras", "model.keras", "m.h5", "m.keras"]
    assert len({each.value for each in tries}) == 1
    assert len({each.sha256 for each in tries}) <= 3
    assert {each.points for each in tries} == {5}


@pytest.mark.slow
def test_the_script_trains_saves_and_submits(course, exam):
    folder = exam.root / "2-images"
    script = folder / "solution.py"
    text = script.read_text()
    assert "raise NotImplementedError()" in text
    solved = text.replace(
        "    raise NotImplementedError()",
        "    with np.load(DATA / 'spots.npz') as f:\n        x, y = f['x'], f['y']\n"
        "    m = np.array([x[y == k].reshape(-1, 4).mean(axis=0) for k in range(3)])\n"
        "    model = keras.Sequential([keras.Input((2, 2)), keras.layers.Flatten(), "
        "keras.layers.Dense(3, activation='softmax')])\n"
        "    model.set_weights([10 * m.T, -5 * (m**2).sum(axis=1)])\n    return model",
    )
    script.write_text(solved)
    patched = (
        "import runpy, sys; from tfcourse.exam import submission;"
        "from tfcourse.checks.asking import ask_here;"
        "submission.submit.__kwdefaults__['ask_model'] = ask_here;"
        "import tfcourse.exam.notebook; runpy.run_path(sys.argv[1], run_name='__main__')"
    )
    run = subprocess.run(
        [sys.executable, "-c", patched, str(script)],
        cwd=folder.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    assert "Spots: 5 of 5 points, right" in run.stdout
    assert "Try 1 of problem 2; its best is 5 of 5." in run.stdout
    assert (folder / "model.keras").is_file()
    (logged,) = exam.tries()
    assert (logged.way, logged.points) == ("script", 5)


def test_nothing_yet_is_told_and_is_no_traceback(course, exam, monkeypatch):
    shown = []
    monkeypatch.chdir(exam.root / "1-basic")
    monkeypatch.setattr(notebook, "in_notebook", lambda: True)
    monkeypatch.setattr(notebook, "_show", shown.append)
    notebook.submit_model(None)
    assert "0 of 5 points" in shown[0].text()


@pytest.mark.parametrize("where", ["elsewhere", "over", "broken"])
def test_what_is_not_taken_is_a_note_and_no_traceback(course, exam, monkeypatch, tmp_path, where):
    shown = []
    monkeypatch.chdir(tmp_path if where == "elsewhere" else exam.root / "1-basic")
    monkeypatch.setattr(notebook, "in_notebook", lambda: True)
    monkeypatch.setattr(notebook, "_show", shown.append)
    if where == "over":
        exam.note("finished", by="candidate")
    if where == "broken":

        def broken(*arguments):
            raise GraderBroken("no process")

        monkeypatch.setattr(submission.submit, "__kwdefaults__", {"ask_model": broken})
    (tmp_path / "m.keras").write_bytes(b"1")
    notebook.submit_model(tmp_path / "m.keras")
    (note,) = shown
    expected = {
        "elsewhere": "Not submitted: Expected to be called from a problem's folder",
        "over": "Not submitted: Expected an exam that runs",
        "broken": "This is our fault, not yours: No try was counted: no process",
    }
    assert note.text().startswith(expected[where])
    assert exam.tries() == []


def test_what_the_log_holds_is_json_of_one_line_whatever_a_file_is_called(course, exam):
    name = 'a\n"b"\u2028<script>\ud800.keras'
    hand_in(course, exam, file_off(0.0), name=name)
    assert len(exam.log.read_bytes().splitlines()) == 2
    assert exam.tries()[0].file == name
    json.dumps(exam.events())
