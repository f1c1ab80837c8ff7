"""The owner's side of the fork server, and the server that a process shares among its kernels."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from tfcourse.kernels import warm
from tfcourse.kernels.errors import KernelsError, PreloadFailed, ServerDied
from tfcourse.kernels.host import ForkServer
from tfcourse.kernels.server import PACKET

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="NO FORK SERVER TESTED: only Linux has one")

WAIT = """
import os, time
def wait(arguments, descriptors):
    time.sleep(arguments["seconds"])
def tell(arguments, descriptors):
    with open(arguments["path"], "wb") as file:
        file.write(os.environb[b"NAME"])
"""


@pytest.fixture
def environment(tmp_path):
    (tmp_path / "waiting.py").write_text(WAIT)
    return {**os.environ, "PYTHONPATH": str(tmp_path)}


@pytest.fixture
def server(environment):
    with ForkServer(["waiting"], environment=environment) as server:
        yield server


def gone(pid, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


def test_a_process_is_known_by_its_number(server):
    process = server.fork("waiting:wait", {"seconds": 60})
    process.wait_started(10)
    assert os.getpgid(process.pid) == process.pid
    assert process.poll() is None
    process.kill()
    assert process.wait(10) == -signal.SIGKILL


def test_waiting_has_an_end(server):
    process = server.fork("waiting:wait", {"seconds": 60})
    assert process.wait(0.1) is None
    assert process.poll() is None


def test_watchers_are_told_once_whether_they_come_before_the_end_or_after(server):
    process = server.fork("waiting:wait", {"seconds": 0.2})
    told = threading.Event()
    calls = []
    process.when_ended(lambda: (calls.append("before"), told.set()))
    assert told.wait(10)
    process.when_ended(lambda: calls.append("after"))
    assert calls == ["before", "after"]


def test_a_function_that_does_not_exist_ends_with_an_error_code(server):
    assert server.fork("waiting:no_such_function", {}, descriptors={"output": os.open(os.devnull, 1)}).wait(10) == 1


def test_a_request_that_is_too_large_is_refused_and_harms_nobody(server):
    with pytest.raises(KernelsError, match="Expected a request"):
        server.fork("waiting:wait", {"seconds": 0}, environment={"LONG": "x" * PACKET})
    assert server.fork("waiting:wait", {"seconds": 0}).wait(10) == 0


def test_an_environment_that_is_not_text_arrives(server, tmp_path):
    value = b"caf\xe9".decode("utf-8", "surrogateescape")
    process = server.fork("waiting:tell", {"path": str(tmp_path / "told")}, environment={"NAME": value})
    assert process.wait(10) == 0
    assert (tmp_path / "told").read_bytes() == b"caf\xe9"


def test_a_server_that_was_killed_says_so(server):
    server.wait_ready(60)
    os.kill(server.pid, signal.SIGKILL)
    server._reader.join(10)
    assert not server.alive
    with pytest.raises(ServerDied, match="has ended"):
        server.fork("waiting:wait", {"seconds": 0})


def test_an_import_that_fails_is_another_error(environment):
    with (
        ForkServer(["no_such_module"], environment=environment) as server,
        pytest.raises(PreloadFailed, match="No mod"),
    ):
        server.wait_ready(60)


@pytest.fixture
def shared(environment):
    server = warm.WarmServer(["waiting"], idle_seconds=60)
    yield server
    server.close()


@pytest.fixture
def fork(shared, environment):
    """Return a function that forks a process from the shared server."""

    def start(seconds=60, **more):
        return shared.fork("waiting:wait", {"seconds": seconds}, environment={**environment, **more}, folder="/")

    return start


def test_it_starts_with_its_first_user_and_is_shared(shared, fork):
    assert shared.pid is None
    one = fork()
    pid = shared.pid
    two = fork()
    assert shared.pid == pid
    assert one.pid != two.pid


def test_a_server_that_died_is_replaced(shared, fork):
    process = fork()
    first = shared.pid
    os.kill(first, signal.SIGKILL)
    assert process.wait(10) == -signal.SIGKILL
    assert fork().poll() is None
    assert shared.pid not in {first, None}


def test_after_two_deaths_it_is_given_up(shared, fork):
    for _ in range(2):
        process = fork()
        os.kill(shared.pid, signal.SIGKILL)
        process.wait(10)
    for _ in range(2):
        with pytest.raises(KernelsError, match="has ended 2 times"):
            fork()
    assert shared.pid is None


def test_an_import_that_fails_is_tried_once(tmp_path, environment):
    (tmp_path / "broken.py").write_text(f"open({str(tmp_path / 'log')!r}, 'a').write('x'); 1 / 0")
    shared = warm.WarmServer(["broken"])
    for _ in range(2):
        with pytest.raises(KernelsError, match=r"could not import(.|\n)*ZeroDivisionError"):
            shared.fork("waiting:wait", {}, environment=environment, folder="/")
    assert (tmp_path / "log").read_text() == "x"


def test_imports_that_take_too_long_are_not_waited_for(tmp_path, environment):
    (tmp_path / "slow.py").write_text("import time; time.sleep(30)")
    shared = warm.WarmServer(["slow"], ready_seconds=0.2)
    with pytest.raises(ServerDied, match="ready within 0"):
        shared.fork("waiting:wait", {}, environment=environment, folder="/")
    # Otherwise closing would wait for the import.
    os.kill(shared.pid, signal.SIGKILL)
    shared.close()


def test_it_ends_a_while_after_its_last_user(shared, fork):
    shared.idle_seconds = 0.5
    one, two = fork(), fork()
    pid = shared.pid
    one.kill()
    one.wait(10)
    time.sleep(1)
    assert shared.pid == pid, "somebody still uses it"
    two.kill()
    assert gone(pid)
    assert shared.pid is None
    assert fork(0).wait(10) == 0, "it comes back, and its end was no death"
    assert shared._deaths == 0


def test_a_user_that_comes_in_time_keeps_it(shared, fork):
    shared.idle_seconds = 1
    fork(0).wait(10)
    pid = shared.pid
    late = fork()
    time.sleep(1.5)
    assert shared.pid == pid
    assert late.poll() is None


def test_what_is_read_at_the_start_must_be_alike(shared, fork):
    """PYTHONHASHSEED cannot be changed in a process that runs."""
    first = fork(PYTHONHASHSEED="1")
    pid = shared.pid
    with pytest.raises(KernelsError, match="PYTHONHASHSEED"):
        fork(PYTHONHASHSEED="2")
    fork(PYTHONHASHSEED="1", MPLBACKEND="agg", TF_NUM_INTRAOP_THREADS="2", ANYTHING="else").kill()
    assert shared.pid == pid
    first.kill()
    first.wait(10)
    while shared._users:
        time.sleep(0.02)
    assert fork(0, PYTHONHASHSEED="2").wait(10) == 0
    assert shared.pid != pid, "where nobody uses it, it is replaced"


def test_many_users_at_once_share_one_server(shared, fork):
    started = []
    threads = [threading.Thread(target=lambda: started.append((fork().pid, shared.pid))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len({pid for pid, _ in started}) == 8
    assert len({server for _, server in started}) == 1


OWNER = """
import os, sys, time
from tfcourse.kernels import warm
server = warm.shared(["waiting"])
process = server.fork("waiting:wait", {"seconds": 60}, environment=os.environ, folder="/")
print(server.pid, process.pid, flush=True)
"""


@pytest.mark.parametrize("end", ["pass", "raise SystemExit(3)", "os._exit(0)", "os.kill(os.getpid(), 9)"])
def test_it_never_outlives_its_owner(environment, end):
    run = subprocess.run(
        [sys.executable, "-c", OWNER + end], env=environment, capture_output=True, text=True, timeout=60
    )
    assert run.stderr == ""
    assert all(gone(int(pid)) for pid in run.stdout.split())


def test_a_fork_of_the_owner_leaves_it_alone(environment):
    """… and has one of its own, where it needs one."""
    forked = """
child = os.fork()
if child == 0:
    own = warm.shared(["waiting"])
    assert own is not server
    own.fork("waiting:wait", {"seconds": 0}, environment=os.environ, folder="/").wait(10)
    sys.exit(0 if own.pid not in {server.pid, None} else 1)
_, status = os.waitpid(child, 0)
print(status, process.poll(), server.fork("waiting:wait", {"seconds": 0}, environment=os.environ, folder="/").wait(10))
"""
    run = subprocess.run(
        [sys.executable, "-c", OWNER + forked], env=environment, capture_output=True, text=True, timeout=60
    )
    assert run.stderr == ""
    assert run.stdout.split()[2:] == ["0", "None", "0"]


def test_where_there_are_none_the_reason_is_named(monkeypatch):
    monkeypatch.delenv(warm.SWITCH, raising=False)
    assert warm.why_not() is None
    assert "TFCOURSE_WARM=0" in warm.why_not({warm.SWITCH: "0"})
    for platform in ("darwin", "win32"):
        monkeypatch.setattr(warm.sys, "platform", platform)
        assert platform in warm.why_not()
