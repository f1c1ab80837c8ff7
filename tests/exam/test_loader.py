"""The process that waits with TensorFlow: shared, replaced when it dies, and out of reach of what it loads."""

import contextlib
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tfcourse.checks import FileModel, Output
from tfcourse.checks.model_files import NOT_ISOLATED, load_and_predict
from tfcourse.checks.records import ModelFile
from tfcourse.errors import CourseError, GraderBroken, LearnerMistake
from tfcourse.exam import loader
from tfcourse.exam.session import start
from tfcourse.exam.submission import submit
from tfcourse.examiner import messages, model_job
from tfcourse.kernels import sandbox

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="NO LOADER TESTED: only Linux has one"),
]
WANTED = FileModel(Output("value"), max_parameters=2_000_000)
X = np.random.default_rng(0).normal(size=(200, 3)).astype("float32")
ATTACKS = Path(__file__).parents[2] / "grader_tests" / "attacks" / "notebooks"


def wait_until(true, seconds=60.0):
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.05)
    return true()


def processes(path):
    """Return the loaders that serve a socket."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            line = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else []
            if line[1:4] == [b"-m", b"tfcourse.exam.loader", os.fsencode(path)]:
                found.append(int(entry.name))
    return found


def end(path):
    for process in processes(path):
        os.kill(process, signal.SIGKILL)
    assert wait_until(lambda: not alive(path))


def alive(path):
    return [
        process
        for process in processes(path)
        if "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the sockets of this module's loaders are; what still runs is ended."""
    folder = tmp_path_factory.mktemp("run")
    yield folder
    for path in (folder / f"tfcourse-{os.getuid()}").glob("*.sock"):
        end(path)


@pytest.fixture
def shared(folder, monkeypatch):
    """The loader that the tests share, as exams do."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    return loader._address()


@pytest.fixture
def short(monkeypatch):
    """A runtime folder whose name leaves room for a socket's, wherever the tests' own folders are."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        yield Path(folder)


@pytest.fixture
def own(short):
    """A place for a loader of the test's own."""
    path = loader._address()
    assert path.is_relative_to(short)
    yield path
    end(path)


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    import keras

    folder = tmp_path_factory.mktemp("good")
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    for format in ("keras", "h5"):
        model.save(folder / f"model.{format}")
    return {format: ModelFile((folder / f"model.{format}").read_bytes(), format) for format in ("keras", "h5")}


# ---------------------------------------------------------------------------- one process for all


@pytest.mark.parametrize("format", ["keras", "h5"])
def test_a_file_predicts_there_as_it_does_here(shared, good, format):
    here = load_and_predict(good[format], (X,), WANTED)
    there = loader.load_model(good[format], (X,), WANTED)
    np.testing.assert_array_equal(there.predictions, here.predictions)
    assert (there.parameters, there.layers) == (4, ("Dense",))
    assert there.note == ("" if sandbox.probe() is None or format == "keras" else NOT_ISOLATED)


def test_a_large_file_and_large_inputs_get_there_whole(shared, tmp_path):
    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(400_000), keras.layers.Dense(1)])
    model.save(tmp_path / "model.keras")
    content = (tmp_path / "model.keras").read_bytes()
    assert len(content) > 5 * 2**20
    x = np.tile(X, (3, 1))
    loaded = loader.load_model(ModelFile(content, "keras"), (x,), FileModel(Output("value"), max_parameters=10**7))
    assert loaded.predictions.shape == (600, 1)
    many = np.zeros((400_000, 3), "float32")
    line = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    line.save(tmp_path / "line.keras")
    small = ModelFile((tmp_path / "line.keras").read_bytes(), "keras")
    assert loader.load_model(small, (many,), WANTED).predictions.shape == (400_000, 1)


def test_many_are_answered_at_once(shared, good):
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda number: loader.load_model(good["keras"], (X,), WANTED), range(12)))
    for each in found:
        np.testing.assert_array_equal(each.predictions, found[0].predictions)
    assert len(alive(shared)) == 1


def test_two_that_find_none_start_one(own, good):
    program = "from tfcourse.exam import loader; loader.warm_up()"
    running = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(3)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda number: loader.warm_up(), range(2)))
    assert [process.wait(120) for process in running] == [0, 0, 0]
    assert len(alive(own)) == 1


def test_one_that_was_killed_is_replaced(own, good):
    loader.load_model(good["keras"], (X,), WANTED)
    (first,) = alive(own)
    server = [child for child in children(first) if child]
    assert server, "the fork server is its child"
    end(own)
    assert own.exists(), "its socket stays behind"
    loader.load_model(good["keras"], (X,), WANTED)
    (second,) = alive(own)
    assert second != first
    assert wait_until(lambda: not any(Path(f"/proc/{child}").exists() for child in server)), "nothing outlives it"


def children(process):
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def test_one_that_dies_while_it_is_asked_costs_no_try(own, good, monkeypatch):
    """The first that is asked hangs up at once; a fresh one answers."""
    own.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(own))
    listener.listen(1)

    def hang_up():
        sock, _ = listener.accept()
        own.unlink()
        listener.close()
        sock.close()

    thread = threading.Thread(target=hang_up)
    thread.start()
    assert loader.load_model(good["keras"], (X,), WANTED).parameters == 4
    thread.join()


def test_one_that_cannot_import_tensorflow_is_our_fault_and_not_the_files(own, good, monkeypatch):
    program = (
        "import asyncio, sys; from pathlib import Path; from tfcourse.exam import loader;"
        "loader.PRELOAD = ('no_such_module',); asyncio.run(loader.serve(Path(sys.argv[1])))"
    )
    started = []

    def start_broken(path):
        started.append(subprocess.Popen([sys.executable, "-c", program, str(path)]))
        assert wait_until(lambda: loader._connect(path) is not None)
        return loader._connect(path)

    monkeypatch.setattr(loader, "_start", start_broken)
    with pytest.raises(GraderBroken, match=r"give a fork of itself; it does not\. What it said is in .*\.log"):
        loader.load_model(good["keras"], (X,), WANTED)
    for process in started:
        process.terminate()
        process.wait()


def test_one_that_never_answers_is_our_fault(own, good, monkeypatch):
    monkeypatch.setattr(loader, "READY_SECONDS", 0.2)
    own.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(own))
        listener.listen(1)
        with pytest.raises(GraderBroken, match="give a fork of itself; it does not"):
            loader.load_model(good["keras"], (X,), WANTED)


def test_one_that_does_not_start_is_our_fault_and_starting_an_exam_does_not_fail_for_it(own, monkeypatch):
    monkeypatch.setattr(loader, "START_SECONDS", 0.2)
    monkeypatch.setattr(loader.sys, "executable", shutil.which("true"))
    with pytest.raises(GraderBroken, match=r"to listen within 0 s; it does not\."):
        loader.load_model(ModelFile(b"", "keras"), (X,), WANTED)
    loader.warm_up()


def test_it_ends_when_nobody_asks(own):
    program = (
        "import asyncio, sys; from pathlib import Path; from tfcourse.exam import loader;"
        "asyncio.run(loader.serve(Path(sys.argv[1]), idle_seconds=0.5))"
    )
    process = subprocess.Popen([sys.executable, "-c", program, str(own)])
    assert process.wait(120) == 0
    assert not own.exists()


def test_it_does_not_end_while_it_answers(own, good):
    program = (
        "import asyncio, sys; from pathlib import Path; from tfcourse.exam import loader;"
        "asyncio.run(loader.serve(Path(sys.argv[1]), idle_seconds=0.05))"
    )
    # Whoever is in its queue when it starts is answered, however long TensorFlow takes.
    process = subprocess.Popen([sys.executable, "-c", program, str(own)])
    assert wait_until(own.exists)
    with contextlib.suppress(ConnectionRefusedError, FileNotFoundError):
        assert loader.load_model(good["keras"], (X,), WANTED).parameters == 4
    assert process.wait(120) == 0


# ---------------------------------------------------------------------------- its socket


def test_the_sockets_folder_is_its_users_alone(own):
    assert own.parent.stat().st_mode & 0o777 == 0o700
    loader.warm_up()
    assert own.is_socket()


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o777, 0o701])
def test_a_folder_that_others_can_enter_is_refused(short, mode):
    folder = short / f"tfcourse-{os.getuid()}"
    folder.mkdir()
    folder.chmod(mode)
    with pytest.raises(CourseError, match=r"that nobody else can enter; found another\. Remove it\."):
        loader.load_model(ModelFile(b"", "keras"), (X,), WANTED)
    loader.warm_up()


def test_a_link_in_its_place_is_refused(short):
    (short / "elsewhere").mkdir(mode=0o700)
    (short / f"tfcourse-{os.getuid()}").symlink_to(short / "elsewhere")
    with pytest.raises(CourseError, match="Remove it"):
        loader._address()


@pytest.mark.parametrize("base", ["/no/such/folder", "x" * 120, ""])
def test_a_runtime_folder_that_cannot_be_used_is_passed_over(tmp_path, monkeypatch, base):
    long = tmp_path / base if base.startswith("x") else Path(base)
    if base.startswith("x"):
        long.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(long) if base else "")
    monkeypatch.setattr(loader.tempfile, "gettempdir", lambda: str(tmp_path))
    path = loader._address()
    assert len(os.fsencode(path)) <= 107
    assert path.parent.parent in (tmp_path, Path("/tmp"))


def test_another_installation_has_another_socket(own, monkeypatch):
    monkeypatch.setattr(loader.tfcourse, "__version__", "0.0.0")
    assert loader._address() != own
    assert loader._address().parent == own.parent


def test_it_can_be_imported_where_there_is_nothing_of_unix():
    program = (
        "import sys; sys.modules |= dict.fromkeys(['fcntl', 'resource', 'grp', 'pwd', 'termios']);"
        "import tfcourse.exam.commands, tfcourse.exam.notebook, tfcourse.exam.submission"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)


# ---------------------------------------------------------------------------- what it loads


def crafted(name, tmp_path, monkeypatch):
    """Make the file that an attack hands over; the first line of code that it would run leaves a mark."""
    mark = tmp_path / "MODEL-WAS-RUN"
    text = (ATTACKS / f"{name}.py").read_text(encoding="utf-8").replace("{{course}}/MODEL-WAS-RUN", str(mark))
    # What an attack does in its own kernel is not what is looked at here.
    text = text.replace('    keras.saving.load_model("model.keras", safe_mode=False)\n', "")
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader=None))
    monkeypatch.chdir(tmp_path)
    exec(compile(text, name, "exec"), module.__dict__)
    path = Path(module.trained_model())
    mark.unlink(missing_ok=True)  # of making it
    return WANTED.read(path), mark


MALICIOUS = {
    "model_custom_object": "Expected a model of Keras's own layers|Expected a model that Keras can load",
    "model_huge": "Expected at most|came to an end|Expected a model",
    "model_lambda_h5": "which holds a program",
    "model_lambda_keras": "found Lambda, which holds a program",
    "model_zip_bomb": "unpack",
}


def test_all_attacks_that_are_files_are_tried():
    files = {path.stem for path in ATTACKS.glob("model_*.py")}
    assert files - set(MALICIOUS) == {"model_code_at_predict"}, "that one patches its own process"


@pytest.mark.parametrize("name", MALICIOUS)
def test_a_malicious_file_does_no_harm_and_is_told_what_it_is(shared, good, tmp_path, monkeypatch, name):
    file, mark = crafted(name, tmp_path, monkeypatch)
    with pytest.raises(LearnerMistake, match=MALICIOUS[name]) as refused:
        loader.load_model(file, (X,), WANTED)
    assert len(str(refused.value)) < 500
    assert not mark.exists()
    assert loader.load_model(good["keras"], (X,), WANTED).parameters == 4, "the next is answered"


GULLIBLE = """
import os, socket, sys, time

from tfcourse.examiner.messages import receive, send
from tfcourse.kernels.hosted import report


def main(arguments, descriptors):
    report(descriptors["report"])
    sock = socket.socket(fileno=descriptors["examiner"])
    message = receive(sock, 2**32, most_header=2**32)

    def say(text):
        send(sock, {"type": "mistake", "message": str(text)})

    exec(message.blobs[0].decode(), {**globals(), "message": message, "say": say, "sock": sock})
"""
SERVE = """
import asyncio, sys
from pathlib import Path
from tfcourse.exam import loader
from tfcourse.examiner import loading
from tfcourse.kernels import sandbox
from tfcourse.kernels.limits import Limits

assert sandbox.probe() is None
folder, paths = str(Path(sys.argv[1]).parent), sandbox.python_paths()
sandbox.python_paths = lambda: [*paths, Path(folder)]
loading.SERVER_ENVIRONMENT["PYTHONPATH"] = folder
loading.ENTRY = "gullible:main"
loader.PRELOAD = (*loader.PRELOAD, "gullible")
loader.MOST_SECONDS = 3.0
loader.LIMITS = Limits(memory_megabytes=900, disk_megabytes=32)
asyncio.run(loader.serve(Path(sys.argv[1])))
"""


@pytest.fixture(scope="module")
def gullible(tmp_path_factory):
    """A loader whose forks run whatever a file says, as if somebody had found a way round every check.

    Everything around them is as it always is, but for tighter bounds.
    """
    reason = sandbox.probe()
    if reason is not None:
        pytest.skip(f"NO SANDBOX TESTED: {reason}")
    folder = tmp_path_factory.mktemp("gullible")
    (folder / "gullible.py").write_text(GULLIBLE)
    path = folder / "loader.sock"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-c", SERVE, str(path)], stdout=log, stderr=log)
    assert wait_until(path.exists), (folder / "log").read_text()
    yield path
    process.kill()
    process.wait()


@pytest.fixture
def run(gullible, monkeypatch):
    """Return a function that has a program run as the loading of a file; it returns what the candidate is told."""
    monkeypatch.setattr(loader, "_address", lambda: gullible)

    def run(program):
        with pytest.raises(LearnerMistake) as refused:
            loader.load_model(ModelFile(program.encode(), "keras"), (X,), WANTED)
        return str(refused.value)

    return run


ENDED = {
    "exits": "os._exit(0)",
    "is killed": "os.kill(os.getpid(), 9)",
    "crashes": "import ctypes; ctypes.string_at(0)",
    "hangs": "time.sleep(10_000)",
    "computes for ever": "while True: pass",
    "takes too much memory": "kept = [bytearray(os.urandom(2**20)) * 16 for _ in range(200)]; say(len(kept))",
    "hangs up": "sock.close(); time.sleep(1)",
    "stops itself": "os.kill(os.getpid(), 19)",
}


@pytest.mark.parametrize("program", ENDED.values(), ids=ENDED)
def test_a_file_that_ends_its_process_costs_nobody_but_itself(run, program):
    assert "came to an end, for want of memory or time, or because of the file" in run(program)
    assert run("say('the next is answered')") == "the next is answered"


def test_a_file_that_starts_others_takes_them_along(run):
    started = "import sys; [os.fork() for _ in range(2)]; os.setsid() if os.getpid() > 9 else None;"
    program = f"""{started}
if os.fork() == 0:
    os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(424242)"])
time.sleep(1)
say("started")
"""
    assert run(program) == "started"

    def sleeping():
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                if b"time.sleep(424242)" in entry.read_bytes().split(b"\0"):
                    return True
        return False

    assert wait_until(lambda: not sleeping())


def test_a_file_finds_nothing_of_the_exam_and_nobody_to_talk_to(run, course, monkeypatch):
    monkeypatch.setenv("TFCOURSE_SECRET", "s" * 40)
    found = start(course, seed="a seed of this exam")
    program = f"""
import json, pathlib, socket
told = {{"exam": os.path.exists({str(found.root)!r}), "course": os.path.exists({str(course.root)!r})}}
told["variables"] = sorted(name for name in os.environ if "TFCOURSE" in name or "XDG" in name)
try:
    socket.create_connection(("127.0.0.1", 22), 1)
except OSError as error:
    told["network"] = type(error).__name__
try:
    socket.socket(socket.AF_UNIX).connect({str(loader._address())!r})
    told["loader"] = True
except OSError:
    told["loader"] = False
told["arrays"] = [list(array.shape) for array in message.arrays]
told["header"] = sorted(message.header)
say(json.dumps(told))
"""
    told = json.loads(run(program))
    assert told.pop("network") in {"ConnectionRefusedError", "OSError", "PermissionError"}
    assert told == {
        "exam": False,
        "course": False,
        "variables": [],
        "loader": False,
        "arrays": [[200, 3]],
        "header": ["format", "wanted"],
    }


def test_a_file_cannot_fill_the_disk(run):
    program = """
try:
    with open(os.path.expanduser("~/large"), "wb") as file:
        for _ in range(64):
            file.write(bytes(2**20))
    say("written")
except OSError as error:
    say(os.strerror(error.errno))
"""
    assert run(program) in {"No space left on device", "File too large"}


def test_nothing_of_the_key_travels_to_it(course, monkeypatch, good):
    """Neither the key, nor a seed, nor which exam it is: the file's bytes, the inputs, and what is wanted."""
    sent = []
    send = model_job.send
    monkeypatch.setattr(model_job, "send", lambda sock, *parts: (sent.append(parts), send(sock, *parts))[1])

    def load(model, inputs, wanted):
        ours, theirs = socket.socketpair()
        thread = threading.Thread(target=model_job.answer, args=(theirs,), kwargs={"isolated": True})
        thread.start()
        with ours:
            loaded = model_job.ask(ours, model, inputs, wanted)
        thread.join()
        theirs.close()
        return loaded

    found = start(course, seed="a seed of this exam")
    submit(course, found, 1, good["keras"], name="m.keras", way="page", load_model=load)
    (request, _) = sent
    question = found.question(course, found.places[0])
    header, arrays, blobs = request
    assert set(header) == {"wanted", "format"}
    assert blobs == [good["keras"].content]
    assert len(arrays) == 1
    np.testing.assert_array_equal(arrays[0], question.key.inputs[0])
    wire = messages.encode(header, arrays, blobs)
    assert question.key.expected[0][0].tobytes() not in wire
    for word in (found.seed, found.id, str(question.seed), found.places[0].check_id):
        assert word.encode() not in wire
