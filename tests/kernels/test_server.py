"""The fork server: what it imports, what a fork of it is, and how it ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tfcourse.kernels.errors import PreloadFailed
from tfcourse.kernels.host import ForkServer

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="NO FORK SERVER TESTED: only Linux has one")

ACTIONS = """
def run(arguments, descriptors):
    exec(arguments["code"], {"descriptors": descriptors})
"""


@pytest.fixture
def environment(tmp_path):
    """Return a server's environment, with a folder of modules for it."""
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / "actions.py").write_text(ACTIONS)
    return {**os.environ, "PYTHONPATH": str(modules), "OMP_NUM_THREADS": "4"}


@pytest.fixture
def serve(environment, tmp_path):
    """Return a function that starts a server with some modules, or with the text of one."""
    servers = []

    def start(*preload, module=None):
        if module is not None:
            (tmp_path / "modules" / "mine.py").write_text(module)
            preload = (*preload, "mine")
        servers.append(ForkServer(["actions", *preload], environment=environment))
        servers[-1].wait_ready(120)
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def read(server, code, **more):
    """Return what a fork prints that runs `code`."""
    output, own_output = os.pipe()
    process = server.fork("actions:run", {"code": code}, descriptors={"output": own_output}, **more)
    os.close(own_output)
    with os.fdopen(output) as pipe:
        text = pipe.read()
    process.wait(10)
    return text.strip()


def tasks(pid):
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(true, seconds=10):
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


def test_it_has_one_thread_when_it_forks(serve):
    """NumPy's BLAS starts more when it is imported, as this test makes sure."""
    count = "import numpy, os; print(len(os.listdir('/proc/self/task')))"
    run = subprocess.run(
        [sys.executable, "-c", count], env={**os.environ, "OMP_NUM_THREADS": "4"}, capture_output=True, check=True
    )
    server = serve("numpy")
    assert tasks(server.pid) == 1
    assert int(run.stdout) > 1 or os.cpu_count() == 1
    assert read(server, "import numpy; print((numpy.ones((99, 99)) @ numpy.ones((99, 99))).sum())") == "970299.0"


@pytest.mark.slow
def test_it_has_one_thread_with_tensorflow(serve):
    assert tasks(serve("tensorflow", "keras", "matplotlib.pyplot").pid) == 1


def test_a_module_that_leaves_a_thread_is_refused(serve):
    module = "import threading, time; threading.Thread(target=time.sleep, args=(60,), daemon=True).start()"
    with pytest.raises(PreloadFailed, match=r"Expected one thread after the preloading.* found 2"):
        serve(module=module)


def test_a_module_that_cannot_be_imported_is_told_with_its_traceback(serve):
    with pytest.raises(PreloadFailed, match=r"mine.py.*line 1(.|\n)*ZeroDivisionError"):
        serve(module="1 / 0")


def test_a_module_that_need_not_exist(serve):
    assert read(serve("no_such_module?"), "print('here')") == "here"
    with pytest.raises(PreloadFailed, match="no_such_module"):
        serve("no_such_module")


def test_a_module_that_need_not_exist_must_work_where_it_does(serve):
    with pytest.raises(PreloadFailed, match="no_such_module"):
        serve("mine?", module="import no_such_module")


def test_importing_is_silent_and_what_comes_after_is_not(environment, tmp_path):
    (tmp_path / "modules" / "loud.py").write_text(
        "import os, sys\nprint('one')\nprint('two', file=sys.stderr)\nos.write(1, b'three')\nos.write(2, b'four')"
    )
    owner = (
        "from tfcourse.kernels.host import ForkServer\n"
        "with ForkServer(['actions', 'loud']) as server:\n"
        "    server.fork('actions:run', {'code': 'print(5)'}).wait()"
    )
    run = subprocess.run([sys.executable, "-c", owner], env=environment, capture_output=True, text=True, timeout=60)
    assert (run.stdout, run.stderr) == ("5\n", "")


def test_two_forks_draw_different_random_numbers(serve):
    server = serve("numpy")
    draw = "import random, numpy; print(random.random(), numpy.random.random(), numpy.random.default_rng().random())"
    one, two = read(server, draw).split(), read(server, draw).split()
    assert not set(one) & set(two)


def test_a_fork_has_an_environment_and_a_folder_of_its_own(serve, tmp_path):
    server = serve()
    show = "import os, time; print(os.environ.get('MINE'), len(os.environ), os.getcwd(), time.tzname[0])"
    assert read(server, show, environment={"MINE": "1", "TZ": "XYZ-3"}, folder=str(tmp_path)) == f"1 2 {tmp_path} XYZ"
    assert read(server, show, environment={"TZ": "UTC"}, folder="/") == "None 1 / UTC"


def test_what_a_module_sets_is_in_the_environment_unless_the_fork_says_otherwise(serve):
    server = serve(module="import os; os.environ['SET'] = 'by module'")
    show = "import os; print(os.environ['SET'])"
    assert read(server, show, environment={}) == "by module"
    assert read(server, show, environment={"SET": "by fork"}) == "by fork"


def test_a_fork_searches_modules_where_any_process_does(serve):
    """`python -m` puts the working folder first, which would be the server's."""
    assert read(serve(), "import sys; print(sys.path[0].endswith('modules'), '/' in sys.path)") == "True False"


def test_a_fork_has_no_descriptor_that_it_was_not_given(serve):
    code = "import os; print(sorted(os.listdir('/proc/self/fd'))[:-1], descriptors)"
    assert read(serve(), code) == "['0', '1', '2'] {}"


def test_stdout_and_stderr_can_be_separate(serve, tmp_path):
    with (tmp_path / "out").open("wb") as out, (tmp_path / "err").open("wb") as err:
        given = {"stdout": out.fileno(), "stderr": err.fileno()}
        code = "import sys; print('one'); print('two', file=sys.stderr)"
        serve().fork("actions:run", {"code": code}, descriptors=given).wait(10)
    assert (tmp_path / "out").read_text() == "one\n"
    assert (tmp_path / "err").read_text() == "two\n"


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("pass", 0),
        ("raise SystemExit(3)", 3),
        ("raise SystemExit('a message')", 1),
        ("import os; os._exit(4)", 4),
        ("import os; os.kill(os.getpid(), 11)", -11),
        ("import os; os.dup2(os.open(os.devnull, 1), 2); 1 / 0", 1),
    ],
)
def test_how_a_fork_ended_is_told(serve, code, status):
    process = serve().fork("actions:run", {"code": code})
    assert process.wait(10) == status
    assert process.poll() == status


def test_a_signal_reaches_the_whole_group_and_interrupts(serve):
    ready, own_ready = os.pipe()
    code = """if True:
        import os, subprocess, time
        child = subprocess.Popen(["sleep", "60"])
        try:
            os.write(descriptors["ready"], b"%d" % child.pid)
            time.sleep(60)  # not child.wait(): an interrupt that comes while it returns loses the child's status
        except KeyboardInterrupt:
            os._exit(7 if child.wait(10) == -2 else 8)
    """
    process = serve().fork("actions:run", {"code": code}, descriptors={"ready": own_ready})
    os.close(own_ready)
    assert alive(int(os.read(ready, 20)))
    os.close(ready)
    process.signal(signal.SIGINT)
    assert process.wait(10) == 7


def test_what_a_fork_leaves_in_its_group_ends_with_it(serve):
    code = "import subprocess; print(subprocess.Popen(['sleep', '60'], stdout=2).pid, flush=True)"
    reading, writing = os.pipe()
    with open(os.devnull, "wb") as nothing:
        given = {"stdout": writing, "stderr": nothing.fileno()}
        assert serve().fork("actions:run", {"code": code}, descriptors=given).wait(10) == 0
    os.close(writing)
    with os.fdopen(reading) as pipe:
        left = int(pipe.read())
    assert wait_until(lambda: not alive(left))


def test_when_the_owner_is_killed_everything_ends(environment):
    """Also where something that the owner forked still holds the owner's end of the socket."""
    owner = """if True:
        import os, time
        from tfcourse.kernels.host import ForkServer
        server = ForkServer(["actions"])
        sleep = {"code": "import subprocess; subprocess.run(['sleep', '60'])"}
        process = server.fork("actions:run", sleep)
        process.wait_started()
        time.sleep(0.3)
        heir = os.fork()
        if heir:
            print(server.pid, process.pid, heir, flush=True)
        time.sleep(60)
    """
    process = subprocess.Popen([sys.executable, "-c", owner], env=environment, stdout=subprocess.PIPE, text=True)
    server, fork, heir = map(int, process.stdout.readline().split())
    try:
        (sleep,) = Path(f"/proc/{fork}/task/{fork}/children").read_text().split()
        assert all(map(alive, (server, fork, heir, int(sleep))))
        process.kill()
        process.wait()
        assert wait_until(lambda: not any(map(alive, (server, fork, int(sleep)))))
        assert alive(heir)
    finally:
        os.kill(heir, signal.SIGKILL)


def test_when_the_server_is_killed_its_forks_end(serve):
    server = serve()
    process = server.fork("actions:run", {"code": "import time; time.sleep(60)"})
    process.wait_started()
    os.kill(server.pid, signal.SIGKILL)
    assert process.wait(10) == -signal.SIGKILL
    assert wait_until(lambda: not alive(process.pid))
