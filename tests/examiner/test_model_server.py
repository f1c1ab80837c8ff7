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
import psutil
import pytest
from mini_exam import write_mini_exam

from tfcourse.checks import FileModel, FixedBudget, Output
from tfcourse.checks.asking import ask_here
from tfcourse.checks.designs import design_of
from tfcourse.checks.model_files import NOT_ISOLATED
from tfcourse.checks.records import ModelFile, ModelRequest
from tfcourse.course import read_course
from tfcourse.errors import CourseError, GraderBroken, LearnerMistake
from tfcourse.exam.session import start
from tfcourse.exam.submission import submit
from tfcourse.examiner import messages, model_job, model_server
from tfcourse.examiner.model_server import ask_model
from tfcourse.kernels import sandbox

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="NO MODEL SERVER TESTED: only Linux has one"),
]
WANTED = FileModel(Output("value"), max_parameters=2_000_000)
X = np.random.default_rng(0).normal(size=(200, 3)).astype("float32")
ATTACKS = Path(__file__).parents[2] / "grader_tests" / "attacks" / "notebooks"


def ask(file, x=X, wanted=WANTED):
    return ask_model(ModelRequest(file, wanted, (x,)))


def wait_until(true, seconds=60.0):
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.05)
    return true()


def processes(path):
    """Return the processes that serve a socket."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            line = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else []
            if line[1:4] == [b"-m", b"tfcourse.examiner.model_server", os.fsencode(path)]:
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
    """Where the sockets of this module's processes are; what still runs is ended."""
    folder = tmp_path_factory.mktemp("run")
    yield folder
    for path in (folder / f"tfcourse-{os.getuid()}").glob("*.sock"):
        end(path)


@pytest.fixture
def shared(folder, monkeypatch):
    """The process that the tests share, as notebooks and exams do."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    return model_server._address()


@pytest.fixture
def short(monkeypatch):
    """A runtime folder whose name leaves room for a socket's, wherever the tests' own folders are."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        yield Path(folder)


@pytest.fixture
def own(short):
    """A place for a process of the test's own."""
    path = model_server._address()
    assert path.is_relative_to(short)
    yield path
    end(path)


@pytest.fixture
def exam_course(own_course):
    """A mini course with an exam."""
    return read_course(write_mini_exam(own_course.root))


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
    here = ask_here(ModelRequest(good[format], WANTED, (X,)))
    there = ask(good[format])
    np.testing.assert_array_equal(there.predictions, here.predictions)
    assert (there.facts.parameters, there.facts.layers) == (4, ("Dense",))
    assert there.note == ("" if sandbox.probe() is None or format == "keras" else NOT_ISOLATED)


def test_a_large_file_and_large_inputs_get_there_whole(shared, tmp_path):
    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(400_000), keras.layers.Dense(1)])
    model.save(tmp_path / "model.keras")
    content = (tmp_path / "model.keras").read_bytes()
    assert len(content) > 5 * 2**20
    x = np.tile(X, (3, 1))
    loaded = ask(ModelFile(content, "keras"), x, FileModel(Output("value"), max_parameters=10**7))
    assert loaded.predictions.shape == (600, 1)
    many = np.zeros((400_000, 3), "float32")
    line = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    line.save(tmp_path / "line.keras")
    small = ModelFile((tmp_path / "line.keras").read_bytes(), "keras")
    assert ask(small, many).predictions.shape == (400_000, 1)


def design_request(epochs=3):
    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(loss="mae")
    wanted = FixedBudget(Output("value"), epochs=epochs)
    return ModelRequest(design_of(model), wanted, (X,), (X[:9],), {"x": X, "y": X.sum(axis=1)}, 7)


def test_a_design_is_trained_there_with_one_thread_and_the_same_seeds(shared):
    told = []
    first = ask_model(design_request(), told.append)
    again = ask_model(design_request())
    np.testing.assert_array_equal(first.predictions, again.predictions)
    assert first.history == again.history
    assert (len(first.history.loss), first.seen.shape) == (3, (9, 1))
    assert told[-1].share == 1.0


def test_a_training_that_nobody_waits_for_any_more_ends(shared):
    ask_model(design_request())
    (server,) = alive(shared)
    before, while_it_trains = below(server), []

    def stop(epoch):
        while_it_trains.append(below(server))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask_model(design_request(epochs=10**7), stop)
    assert while_it_trains[0] - before
    assert wait_until(lambda: below(server) <= before), "its fork ends"
    assert ask_model(design_request()).predictions.shape == (200, 1)


def below(process):
    """Return the processes that a process has started, and those that they have."""
    return {child.pid for child in psutil.Process(process).children(recursive=True)}


def test_many_are_answered_at_once(shared, good):
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda number: ask(good["keras"]), range(12)))
    for each in found:
        np.testing.assert_array_equal(each.predictions, found[0].predictions)
    assert len(alive(shared)) == 1


def test_two_that_find_none_start_one(own, good):
    program = "from tfcourse.examiner import model_server; model_server.warm_up()"
    running = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(3)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda number: model_server.warm_up(), range(2)))
    assert [process.wait(120) for process in running] == [0, 0, 0]
    assert len(alive(own)) == 1


def test_one_that_was_killed_is_replaced(own, good):
    ask(good["keras"])
    (first,) = alive(own)
    server = [child for child in children(first) if child]
    assert server, "the fork server is its child"
    end(own)
    assert own.exists(), "its socket stays behind"
    ask(good["keras"])
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
    assert ask(good["keras"]).facts.parameters == 4
    thread.join()


def test_one_that_cannot_import_tensorflow_is_our_fault_and_not_the_files(own, good, monkeypatch):
    program = (
        "import asyncio, sys; from pathlib import Path; from tfcourse.examiner import model_server;"
        "model_server.PRELOAD = ('no_such_module',); asyncio.run(model_server.serve(Path(sys.argv[1])))"
    )
    started = []

    def start_broken(path):
        started.append(subprocess.Popen([sys.executable, "-c", program, str(path)]))
        assert wait_until(lambda: model_server._connect(path) is not None)
        return model_server._connect(path)

    monkeypatch.setattr(model_server, "_start", start_broken)
    with pytest.raises(GraderBroken, match=r"give a fork of itself; it does not\. What it said is in .*\.log"):
        ask(good["keras"])
    for process in started:
        process.terminate()
        process.wait()


def test_one_that_never_answers_is_our_fault(own, good, monkeypatch):
    monkeypatch.setattr(model_server, "READY_SECONDS", 0.2)
    own.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(own))
        listener.listen(1)
        with pytest.raises(GraderBroken, match="give a fork of itself; it does not"):
            ask(good["keras"])


def test_one_that_does_not_start_is_our_fault_and_starting_an_exam_does_not_fail_for_it(own, monkeypatch):
    monkeypatch.setattr(model_server, "START_SECONDS", 0.2)
    monkeypatch.setattr(model_server.sys, "executable", shutil.which("true"))
    with pytest.raises(GraderBroken, match=r"to listen within 0 s; it does not\."):
        ask(ModelFile(b"", "keras"))
    model_server.warm_up()


def test_it_ends_when_nobody_asks(own):
    program = (
        "import asyncio, sys; from pathlib import Path; from tfcourse.examiner import model_server;"
        "asyncio.run(model_server.serve(Path(sys.argv[1]), idle_seconds=0.5))"
    )
    process = subprocess.Popen([sys.executable, "-c", program, str(own)])
    assert process.wait(120) == 0
    assert not own.exists()


def test_it_does_not_end_while_it_answers(own, good):
    program = (
        "import asyncio, sys; from pathlib import Path; from tfcourse.examiner import model_server;"
        "asyncio.run(model_server.serve(Path(sys.argv[1]), idle_seconds=0.05))"
    )
    # Whoever is in its queue when it starts is answered, however long TensorFlow takes.
    process = subprocess.Popen([sys.executable, "-c", program, str(own)])
    assert wait_until(own.exists)
    with contextlib.suppress(ConnectionRefusedError, FileNotFoundError):
        assert ask(good["keras"]).facts.parameters == 4
    assert process.wait(120) == 0


# ---------------------------------------------------------------------------- its socket


def test_the_sockets_folder_is_its_users_alone(own):
    assert own.parent.stat().st_mode & 0o777 == 0o700
    model_server.warm_up()
    assert own.is_socket()


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o777, 0o701])
def test_a_folder_that_others_can_enter_is_refused(short, mode):
    folder = short / f"tfcourse-{os.getuid()}"
    folder.mkdir()
    folder.chmod(mode)
    with pytest.raises(CourseError, match=r"that nobody else can enter; found another\. Remove it\."):
        ask(ModelFile(b"", "keras"))
    model_server.warm_up()


def test_a_folder_that_another_user_has_taken_is_passed_over(short, tmp_path, monkeypatch):
    """Seen from another user's side: the folder with their number is ours."""
    other = os.getuid() + 1
    monkeypatch.setattr(model_server.os, "getuid", lambda: other)
    (short / f"tfcourse-{other}").mkdir(mode=0o700)
    # Of the places that are left all are this process's, whose files the other user does not own.
    monkeypatch.setattr(model_server.tempfile, "gettempdir", lambda: str(short / "second"))
    (short / "second").mkdir()
    looked_at = []

    def is_private(folder):
        looked_at.append(folder)
        return private(folder) or folder.parent.name == "second"

    private = model_server._is_private
    monkeypatch.setattr(model_server, "_is_private", is_private)
    assert model_server._address().parent == short / "second" / f"tfcourse-{other}"
    assert looked_at == [short / f"tfcourse-{other}", short / "second" / f"tfcourse-{other}"]


def test_a_link_of_another_users_is_passed_over_too(short, monkeypatch):
    other = os.getuid() + 1
    monkeypatch.setattr(model_server.os, "getuid", lambda: other)
    (short / f"tfcourse-{other}").symlink_to(short)
    assert not model_server._is_private(short / f"tfcourse-{other}")


def test_a_link_in_its_place_is_refused(short):
    (short / "elsewhere").mkdir(mode=0o700)
    (short / f"tfcourse-{os.getuid()}").symlink_to(short / "elsewhere")
    with pytest.raises(CourseError, match="Remove it"):
        model_server._address()


@pytest.mark.parametrize("base", ["/no/such/folder", "x" * 120, ""])
def test_a_runtime_folder_that_cannot_be_used_is_passed_over(tmp_path, monkeypatch, base):
    long = tmp_path / base if base.startswith("x") else Path(base)
    if base.startswith("x"):
        long.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(long) if base else "")
    monkeypatch.setattr(model_server.tempfile, "gettempdir", lambda: str(tmp_path))
    path = model_server._address()
    assert len(os.fsencode(path)) <= 107
    assert path.parent.parent in (tmp_path, Path("/tmp"))


def test_another_installation_has_another_socket(own, monkeypatch):
    monkeypatch.setattr(model_server, "_installation", lambda: "another")
    assert model_server._address() != own
    assert model_server._address().parent == own.parent


def test_other_code_has_another_process(monkeypatch):
    """One with older code would answer in the old way."""
    found = set()
    for name, value in (("__version__", "0.0.0"), ("__version__", "0.0.1"), ("__file__", "/another/__init__.py")):
        monkeypatch.setattr(model_server.tfcourse, name, value)
        found.add(model_server._installation.__wrapped__())
    monkeypatch.setattr(model_server, "digest_package", lambda: "other code")
    assert len({*found, model_server._installation.__wrapped__()}) == 4


def test_it_can_be_imported_where_there_is_nothing_of_unix():
    program = (
        "import sys; sys.modules |= dict.fromkeys(['fcntl', 'resource', 'grp', 'pwd', 'termios']);"
        "import tfcourse.exam.commands, tfcourse.exam.notebook, tfcourse.exam.submission, tfcourse.notebook"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)


# ---------------------------------------------------------------------------- whether it is confined

FELL_BACK = (
    "import asyncio, sys; from pathlib import Path; from tfcourse.kernels import sandbox;"
    "sandbox.probe = lambda: 'no bubblewrap yet'; from tfcourse.examiner import model_server;"
    "asyncio.run(model_server.serve(Path(sys.argv[1])))"
)


def test_one_that_was_started_without_a_sandbox_is_not_used_where_one_is_needed(own, good):
    if (reason := sandbox.probe()) is not None:
        pytest.skip(f"NO SANDBOX TESTED: {reason}")
    process = subprocess.Popen([sys.executable, "-c", FELL_BACK, str(own)])
    assert wait_until(lambda: model_server._connect(own) is not None)
    try:
        assert ask(good["h5"]).note == NOT_ISOLATED
        assert model_server.ask_confined(ModelRequest(good["h5"], WANTED, (X,))).note == ""
        assert len(alive(own.with_name(f"{own.stem}-2.sock"))) == 1
        assert process.poll() is None, "whoever uses the shared one is not disturbed"
    finally:
        process.kill()
        process.wait()
        end(own.with_name(f"{own.stem}-2.sock"))


def test_the_shared_one_is_used_where_it_is_confined(shared, good):
    if (reason := sandbox.probe()) is not None:
        pytest.skip(f"NO SANDBOX TESTED: {reason}")
    assert model_server.ask_confined(ModelRequest(good["h5"], WANTED, (X,))).note == ""
    assert not shared.with_name(f"{shared.stem}-2.sock").exists()


@pytest.mark.parametrize("asks", [True, False])
def test_without_one_that_is_confined_nothing_is_loaded(own, good, asks):
    """Both say that they are not; neither is sent anything."""
    received = []

    def admit(listener):
        sock, _ = listener.accept()
        with sock:
            sock.send(model_server.OPEN)
            received.append(sock.recv(1))

    with contextlib.ExitStack() as stack:
        for path in (own, own.with_name(f"{own.stem}-2.sock")):
            listener = stack.enter_context(socket.socket(socket.AF_UNIX))
            listener.bind(str(path))
            listener.listen(1)
            thread = threading.Thread(target=admit, args=(listener,), daemon=True)
            thread.start()
            stack.callback(thread.join, 60)
        with pytest.raises(CourseError, match=r"models to be confined; it is not\. .* is in .*-2\.log"):
            model_server.ask_confined(ModelRequest(good["keras"], WANTED, (X,))) if asks else (
                model_server.require_confined()
            )
    assert received == [b"", b""]


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
    "model_huge": "Expected at most|was ended|Expected a model",
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
        ask(file)
    assert len(str(refused.value)) < 500
    assert not mark.exists()
    assert ask(good["keras"]).facts.parameters == 4, "the next is answered"


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
from tfcourse.examiner import model_server
from tfcourse.examiner import forking
from tfcourse.kernels import sandbox
from tfcourse.kernels.limits import Limits

assert sandbox.probe() is None
folder, paths = str(Path(sys.argv[1]).parent), sandbox.python_paths()
sandbox.python_paths = lambda: [*paths, Path(folder)]
forking.SERVER_ENVIRONMENT["PYTHONPATH"] = folder
forking.ENTRY = "gullible:main"
model_server.PRELOAD = (*model_server.PRELOAD, "gullible")
model_server.MOST_SECONDS = 3.0
model_server.LIMITS = Limits(memory_megabytes=900, disk_megabytes=32)
asyncio.run(model_server.serve(Path(sys.argv[1])))
"""


@pytest.fixture(scope="module")
def gullible(tmp_path_factory):
    """A process whose forks run whatever a file says, as if somebody had found a way round every check.

    Everything around them is as it always is, but for tighter bounds.
    """
    reason = sandbox.probe()
    if reason is not None:
        pytest.skip(f"NO SANDBOX TESTED: {reason}")
    folder = tmp_path_factory.mktemp("gullible")
    (folder / "gullible.py").write_text(GULLIBLE)
    path = folder / "model_server.sock"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-c", SERVE, str(path)], stdout=log, stderr=log)
    assert wait_until(path.exists), (folder / "log").read_text()
    yield path
    process.kill()
    process.wait()


@pytest.fixture
def run(gullible, monkeypatch):
    """Return a function that has a program run as the loading of a file; it returns what the candidate is told."""
    monkeypatch.setattr(model_server, "_address", lambda: gullible)

    def run(program):
        with pytest.raises(LearnerMistake) as refused:
            ask(ModelFile(program.encode(), "keras"))
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
    assert "was ended, for want of memory or time, or because of the file" in run(program)
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


def test_a_file_finds_nothing_of_the_exam_and_nobody_to_talk_to(run, exam_course, monkeypatch):
    monkeypatch.setenv("TFCOURSE_SECRET", "s" * 40)
    found = start(exam_course, seed="a seed of this exam")
    program = f"""
import json, pathlib, socket
told = {{"exam": os.path.exists({str(found.root)!r}), "course": os.path.exists({str(exam_course.root)!r})}}
told["variables"] = sorted(name for name in os.environ if "TFCOURSE" in name or "XDG" in name)
try:
    socket.create_connection(("127.0.0.1", 22), 1)
except OSError as error:
    told["network"] = type(error).__name__
try:
    socket.socket(socket.AF_UNIX).connect({str(model_server._address())!r})
    told["server"] = True
except OSError:
    told["server"] = False
told["arrays"] = [list(array.shape) for array in message.arrays]
told["header"] = sorted(message.header)
say(json.dumps(told))
"""
    told = json.loads(run(program))
    assert told.pop("network") in {"ConnectionRefusedError", "OSError", "PermissionError"}
    assert told == {
        "exam": False,
        "course": False,
        "variables": ["TFCOURSE_GRADED"],
        "server": False,
        "arrays": [[200, 3]],
        "header": ["format", "inputs", "seed", "seen", "train", "wanted"],
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


def test_nothing_of_the_key_travels_to_it(exam_course, monkeypatch, good):
    """Neither the key, nor a seed, nor which exam it is: the file's bytes, the inputs, and what is wanted."""
    sent = []
    send = model_job.send
    monkeypatch.setattr(model_job, "send", lambda sock, *parts: (sent.append(parts), send(sock, *parts))[1])

    def ask(request, tell):
        ours, theirs = socket.socketpair()
        thread = threading.Thread(target=model_job.answer, args=(theirs,), kwargs={"isolated": True})
        thread.start()
        with ours:
            asked = model_job.ask(ours, request, tell)
        thread.join()
        theirs.close()
        return asked

    found = start(exam_course, seed="a seed of this exam")
    submit(exam_course, found, 1, good["keras"], name="m.keras", way="page", ask_model=ask)
    (request, _) = sent
    question = found.question(exam_course, found.places[0])
    header, arrays, blobs = request
    assert set(header) == {"wanted", "format", "inputs", "seen", "train", "seed"}
    assert (header["train"], blobs) == ([], [good["keras"].content])
    assert len(arrays) == 2
    np.testing.assert_array_equal(arrays[0], question.key.inputs[0])
    np.testing.assert_array_equal(arrays[1], question.key.seen[0])
    wire = messages.encode(header, arrays, blobs)
    assert question.key.expected[0][0].tobytes() not in wire
    for word in (found.seed, found.id, str(question.seed), found.places[0].check_id):
        assert word.encode() not in wire
