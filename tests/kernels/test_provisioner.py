"""Warm kernels as JupyterLab, nbclient and nbgrader see them: real managers, clients and kernels."""

import asyncio
import contextlib
import json
import logging
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from jupyter_client.connect import LocalPortCache
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager, KernelManager
from jupyter_client.multikernelmanager import AsyncMultiKernelManager
from jupyter_client.provisioning import LocalProvisioner
from nbclient import NotebookClient

from tfcourse.checks.runtime import ENVIRONMENT, QUIET
from tfcourse.kernels import kernelspec, provisioner, warm
from tfcourse.kernels.provisioner import WarmProcess, WarmProvisioner

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="NO WARM KERNEL TESTED: only Linux has them"),
]

LIGHT = ["numpy"]


@pytest.fixture(scope="module", autouse=True)
def _end_servers():
    yield
    warm._close_all()
    warm._servers.clear()


@pytest.fixture(autouse=True)
def said():
    """Forget which reasons were told."""
    provisioner._said.clear()
    return provisioner._said


@pytest.fixture
def specs(tmp_path, monkeypatch):
    """Return a function that writes the kernelspec `light`, and makes Jupyter find it."""

    def write(config=None, **more):
        spec = json.loads((kernelspec.FOLDER / "kernels" / "tfcourse" / "kernel.json").read_text())
        spec["metadata"]["kernel_provisioner"]["config"] = {"preload": LIGHT, **(config or {})}
        folder = tmp_path / "jupyter" / "kernels" / "light"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "kernel.json").write_text(json.dumps({**spec, **more}))

    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.delenv(warm.SWITCH, raising=False)
    write()
    return write


@pytest.fixture
def start(specs):
    """Return a function that starts a kernel and returns its manager and a client."""
    started = []

    def start_kernel(name="light", **more):
        manager = KernelManager(kernel_name=name)
        manager.start_kernel(**more)
        client = manager.client()
        started.append((manager, client))
        client.start_channels()
        client.wait_for_ready(timeout=120)
        return manager, client

    yield start_kernel
    for manager, client in started:
        client.stop_channels()
        if manager.has_kernel:
            manager.shutdown_kernel(now=True)


def run(client, code):
    """Return what a cell writes to stdout; an error is raised."""
    written = []

    def note(message):
        if message["msg_type"] == "stream":
            written.append(message["content"]["text"])

    reply = client.execute_interactive(code, output_hook=note, timeout=60, allow_stdin=False)
    if reply["content"]["status"] != "ok":
        raise RuntimeError(f"{reply['content'].get('ename')}: {''.join(reply['content'].get('traceback', []))}")
    return "".join(written).strip()


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(true, seconds=20):
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.05)
    return true()


def parent(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def is_warm(manager):
    return isinstance(manager.provisioner.process, WarmProcess)


def test_a_kernel_is_a_fork_with_its_modules_imported(start):
    manager, client = start()
    assert is_warm(manager)
    assert run(client, "import os, sys; print(os.getpid(), 'numpy' in sys.modules, 'tensorflow' in sys.modules)") == (
        f"{manager.provisioner.pid} True False"
    )


def test_kernels_share_a_server(start):
    one, two = start()[0], start()[0]
    assert one.provisioner.pid != two.provisioner.pid
    assert parent(one.provisioner.pid) == parent(two.provisioner.pid)


def test_each_kernel_has_an_environment_and_a_folder_of_its_own(start, specs, tmp_path):
    specs({"environment": {"GIVEN": "unless set", "SET": "unless set"}}, env={"SPEC": "${HOME}"})
    show = (
        "import os; print([os.environ.get(n) for n in ('GIVEN', 'SET', 'SPEC', 'MPLBACKEND')], os.getcwd(), flush=True)"
    )
    _, client = start(cwd=str(tmp_path), env={**os.environ, "SET": "by caller", "MPLBACKEND": "svg"})
    assert run(client, show) == f"['unless set', 'by caller', {os.environ['HOME']!r}, 'svg'] {tmp_path}"
    assert run(client, "import matplotlib; print(matplotlib.get_backend())") == "svg"
    _, client = start()
    inline = "module://matplotlib_inline.backend_inline"
    assert run(client, show) == f"['unless set', 'unless set', {os.environ['HOME']!r}, {inline!r}] {Path.cwd()}"


def test_two_kernels_draw_different_random_numbers(start):
    draw = "import random, numpy; print(random.random(), numpy.random.random())"
    one, two = (run(start()[1], draw).split() for _ in range(2))
    assert not set(one) & set(two)


def test_an_interrupt_ends_the_cell_and_not_the_kernel(start):
    manager, client = start()
    for code in (
        "while True: pass",
        "import time; time.sleep(60)",
        "import subprocess; subprocess.run(['sleep', '60'])",
    ):
        # Or the kernel would refuse what comes too soon after an error.
        asked = client.execute(code, stop_on_error=False)
        message = client.get_iopub_msg(timeout=30)
        while (message["msg_type"], message["parent_header"].get("msg_id")) != ("execute_input", asked):
            message = client.get_iopub_msg(timeout=30)
        time.sleep(0.5)
        manager.interrupt_kernel()
        reply = client.get_shell_msg(timeout=30)
        while reply["parent_header"]["msg_id"] != asked:
            reply = client.get_shell_msg(timeout=30)
        assert reply["content"].get("ename") == "KeyboardInterrupt", code
    assert run(client, "print('still here')") == "still here"


@pytest.mark.parametrize("now", [False, True])
def test_a_restart_gives_a_new_kernel_at_the_same_address(start, now):
    manager, client = start()
    run(client, "x = 1")
    pid, server, ports = manager.provisioner.pid, parent(manager.provisioner.pid), manager.ports
    manager.restart_kernel(now=now)
    client.wait_for_ready(timeout=60)
    assert manager.ports == ports
    assert is_warm(manager)
    assert manager.provisioner.pid != pid
    assert parent(manager.provisioner.pid) == server
    assert run(client, "print('x' in dir())") == "False"
    assert not alive(pid)


def test_a_shutdown_is_polite(start, tmp_path):
    """What was registered for the exit runs, as it does in an ordinary kernel."""
    manager, client = start()
    run(client, f"import atexit, pathlib; atexit.register(pathlib.Path({str(tmp_path / 'mark')!r}).touch)")
    pid = manager.provisioner.pid
    connection = Path(manager.connection_file)
    assert connection.exists()
    manager.shutdown_kernel()
    assert not alive(pid)
    assert not manager.has_kernel
    assert (tmp_path / "mark").exists()
    assert not connection.exists()


def test_a_shutdown_does_not_wait_for_a_cell_that_ignores_it(start):
    manager, client = start()
    run(client, "import subprocess; child = subprocess.Popen(['sleep', '60'])")
    child = int(run(client, "print(child.pid)"))
    client.execute("import signal, time; [signal.signal(n, signal.SIG_IGN) for n in (2, 15)]; time.sleep(60)")
    time.sleep(0.5)
    pid = manager.provisioner.pid
    manager.shutdown_kernel(now=True)
    assert not alive(pid)
    assert wait_until(lambda: not alive(child))


def test_ports_are_returned(start):
    manager, _ = start()
    cache = LocalPortCache.instance()
    ports = set(manager.ports)
    assert ports <= cache.currently_used_ports
    manager.shutdown_kernel(now=True)
    assert not ports & cache.currently_used_ports


def test_the_provisioners_interface(start, tmp_path):
    manager, _ = start(cwd=str(tmp_path))
    own = manager.provisioner
    (tmp_path / "here").touch()

    async def use():
        assert own.has_process
        assert await own.poll() is None
        info = await own.get_provisioner_info()
        assert info["pid"] == info["pgid"] == own.pid
        assert info["connection_info"]["shell_port"] == manager.shell_port
        other = WarmProvisioner(kernel_spec=own.kernel_spec)
        await other.load_provisioner_info(json.loads(json.dumps(info, default=str)))
        assert (other.pid, other.pgid, other.kernel_id) == (own.pid, own.pid, own.kernel_id)
        assert own.resolve_path("here") == str(tmp_path / "here")
        assert own.resolve_path("nowhere") is None
        await own.terminate()
        assert await asyncio.wait_for(own.wait(), 10) == -signal.SIGTERM
        assert not own.has_process
        await own.kill()

    asyncio.run(use())


def test_a_kernel_that_dies_is_restarted_by_jupyter(start):
    manager, client = start()
    manager.start_restarter()
    client.execute("import os; os._exit(1)")
    assert wait_until(lambda: not manager.is_alive())
    manager.restart_kernel(now=True)
    client.wait_for_ready(timeout=60)
    assert run(client, "print(1)") == "1"


def test_the_heart_beats(start):
    _, client = start()
    client.hb_channel.unpause()
    time.sleep(1.5)
    assert client.hb_channel.is_beating()


def test_input_is_asked_for(start):
    _, client = start()
    asked = []

    def answer(message):
        asked.append(message["content"]["prompt"])
        client.input("Ada")

    written = []
    client.execute_interactive(
        "name = input('Name? '); print(name)",
        stdin_hook=answer,
        output_hook=lambda message: written.append(message["content"].get("text", "")),
        timeout=30,
    )
    assert asked == ["Name? "]
    assert "".join(written) == "Ada\n"


def test_the_debugger_stops_at_a_breakpoint(start):
    _, client = start()
    code = "def double(x):\n    y = 2 * x\n    return y\ndouble(4)"

    def request(command, **arguments):
        content = {"type": "request", "command": command, "seq": request.seq, "arguments": arguments}
        request.seq += 1
        message = client.session.msg("debug_request", content)
        client.control_channel.send(message)
        while True:
            reply = client.get_control_msg(timeout=30)
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                assert reply["content"].get("success", True), reply["content"]
                return reply["content"]

    request.seq = 1
    request("initialize", clientID="test", adapterID="", pathFormat="path", linesStartAt1=True, columnsStartAt1=True)
    request("attach")
    path = request("dumpCell", code=code)["body"]["sourcePath"]
    assert request("setBreakpoints", source={"path": path}, breakpoints=[{"line": 2}])["body"]["breakpoints"][0][
        "verified"
    ]
    request("configurationDone")
    client.execute(code)
    while True:
        message = client.get_iopub_msg(timeout=30)
        if message["msg_type"] == "debug_event" and message["content"]["event"] == "stopped":
            break
    thread = message["content"]["body"]["threadId"]
    frame = request("stackTrace", threadId=thread)["body"]["stackFrames"][0]
    assert (frame["name"], frame["line"]) == ("double", 2)
    request("continue", threadId=thread)
    request("disconnect", terminateDebuggee=False)
    assert run(client, "print('on')") == "on"


def test_many_kernels_in_an_event_loop_that_is_never_blocked(specs, tmp_path, monkeypatch):
    """The first waits for the imports, and JupyterLab answers meanwhile: here, the imports wait for its answer."""
    begun, answered = tmp_path / "begun", tmp_path / "answered"
    (tmp_path / "slow_module.py").write_text(
        "import time; from pathlib import Path\n"
        f"Path({str(begun)!r}).touch()\n"
        f"while not Path({str(answered)!r}).exists(): time.sleep(0.01)"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    specs({"preload": ["slow_module"]})

    async def answer():
        while not begun.exists():
            await asyncio.sleep(0.01)
        answered.touch()

    async def use():
        kernels = AsyncMultiKernelManager(log=logging.getLogger("test"))
        answering = asyncio.create_task(answer())
        ids = await asyncio.gather(*(kernels.start_kernel(kernel_name="light") for _ in range(3)))
        await answering
        managers = [kernels.get_kernel(id) for id in ids]
        assert all(map(is_warm, managers))
        assert len({parent(manager.provisioner.pid) for manager in managers}) == 1
        client = managers[0].client()
        client.start_channels()
        await client.wait_for_ready(timeout=60)
        await managers[0].restart_kernel()
        await client.wait_for_ready(timeout=60)
        client.stop_channels()
        await kernels.shutdown_all()
        assert not any([await manager.is_alive() for manager in managers])

    asyncio.run(use())


def test_a_start_that_nobody_waits_for_leaves_no_kernel(specs, tmp_path, monkeypatch):
    (tmp_path / "slow_module.py").write_text("import time; time.sleep(1)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    specs({"preload": ["slow_module", "json"]})

    async def use():
        manager = AsyncKernelManager(kernel_name="light")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(manager.start_kernel(), 0.5)
        (server,) = [server for key, server in warm._servers.items() if key[-1] == "json"]
        deadline = time.monotonic() + 30
        while server._users and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        assert server._users == 0
        assert server.pid is not None

    asyncio.run(use())


def test_nbclient_runs_a_notebook_with_it(specs, tmp_path):
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell("import os, sys, numpy as np\nprint(os.getcwd(), sys.flags.safe_path)"),
            nbformat.v4.new_code_cell("import matplotlib.pyplot as plt\nplt.plot([1, 2]);"),
        ]
    )
    client = NotebookClient(notebook, kernel_name="light", resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
    assert notebook.cells[0].outputs[0].text == f"{tmp_path} False\n"
    assert "image/png" in notebook.cells[1].outputs[0].data


def test_stdout_of_the_process_can_be_a_file(start, tmp_path):
    with (tmp_path / "log").open("wb") as log:
        manager, client = start(stdout=log, stderr=log)
    assert is_warm(manager)
    run(client, "import sys; print('into the log', file=sys.__stderr__, flush=True)")


# Ordinary kernels.


def cold(start, caplog, **more):
    """Start a kernel that must be an ordinary one; return its warnings."""
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        manager, client = start(**more)
    assert isinstance(manager.provisioner, LocalProvisioner)
    assert isinstance(manager.provisioner.process, subprocess.Popen)
    assert run(client, "import os; print(os.getppid())") == str(os.getpid())
    return [record.message for record in caplog.records if "ordinary kernel" in record.message]


@pytest.fixture
def caplog(caplog, monkeypatch):
    """Catch what kernels log, which does not go to the root logger."""
    monkeypatch.setattr(logging.getLogger("traitlets"), "propagate", True)
    return caplog


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_elsewhere_an_ordinary_kernel_starts_and_the_reason_is_told_once(start, caplog, monkeypatch, platform):
    monkeypatch.setattr(warm, "why_not", lambda environment=None: f"found {platform}")
    (message,) = cold(start, caplog)
    assert platform in message
    assert cold(start, caplog) == []


def test_a_preload_that_fails_gives_ordinary_kernels(start, specs, caplog):
    specs({"preload": ["no_such_module_anywhere"]})
    (message,) = cold(start, caplog)
    assert "No module named 'no_such_module_anywhere'" in message
    assert cold(start, caplog) == []


def test_a_server_that_died_twice_gives_ordinary_kernels(start, specs, caplog):
    specs({"preload": ["json", "csv"]})
    for _ in range(2):
        manager, _ = start()
        assert is_warm(manager)
        os.kill(parent(manager.provisioner.pid), signal.SIGKILL)
        assert wait_until(lambda manager=manager: not manager.is_alive())
    (message,) = cold(start, caplog)
    assert "ended 2 times" in message


def test_switched_off(start, caplog, monkeypatch):
    monkeypatch.setenv(warm.SWITCH, "0")
    assert cold(start, caplog) == [], "who switches them off need not be warned"


def test_another_interpreter_is_an_ordinary_kernel(start, specs, caplog, tmp_path):
    own = tmp_path / "python"
    own.symlink_to(sys.executable)
    specs(
        argv=[str(own), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    (message,) = cold(start, caplog)
    assert str(own) in message


def test_what_must_be_known_at_the_start_of_python(start, caplog):
    start(env={**os.environ, "PYTHONHASHSEED": "1"})
    (message,) = cold(start, caplog, env={**os.environ, "PYTHONHASHSEED": "2"})
    assert "PYTHONHASHSEED" in message


def test_pipes_are_an_ordinary_kernels(start, caplog):
    assert len(cold(start, caplog, stdout=subprocess.PIPE)) == 1


def test_a_folder_that_does_not_exist_is_the_same_error_as_ever(specs, tmp_path):
    with pytest.raises(FileNotFoundError):
        KernelManager(kernel_name="light").start_kernel(cwd=str(tmp_path / "nowhere"))


# The kernelspecs that we ship.


def test_our_folder_gives_both_names_to_the_warm_kernel(monkeypatch):
    monkeypatch.setenv("JUPYTER_PATH", kernelspec.jupyter_path())
    specs = KernelSpecManager()
    for name in ("python3", kernelspec.NAME):
        spec = specs.get_kernel_spec(name)
        assert Path(spec.resource_dir).parent.parent == kernelspec.FOLDER
        own = spec.metadata["kernel_provisioner"]
        assert own["provisioner_name"] == "tfcourse-warm"
        assert {"tensorflow", "keras", "numpy", "matplotlib.pyplot", "tfcourse.notebook"} == set(
            own["config"]["preload"]
        )
        # A warm kernel has imported tfcourse, which would have set these.
        # Graded work runs on one thread; a learner's own notebook on all cores, and on a GPU where there is one.
        assert own["config"]["environment"] == (ENVIRONMENT if name == kernelspec.NAME else QUIET)
        assert spec.interrupt_mode == "signal"


def test_apart_from_the_provisioner_it_is_the_ordinary_kernelspec():
    from ipykernel.kernelspec import get_kernel_dict

    ours = json.loads((kernelspec.FOLDER / "kernels" / "python3" / "kernel.json").read_text())
    del ours["metadata"]["kernel_provisioner"]
    ordinary = get_kernel_dict()
    assert Path(ordinary["argv"][0]).name.startswith("python")
    ordinary["argv"][0] = "python"
    assert {**ordinary, **ours} == {**ours, **ordinary}


def test_the_path_is_put_first_once():
    ours = str(kernelspec.FOLDER)
    assert kernelspec.jupyter_path({}) == ours
    assert kernelspec.jupyter_path({"JUPYTER_PATH": os.pathsep.join(["/a", ours, "/b"])}) == os.pathsep.join(
        [ours, "/a", "/b"]
    )


def test_stock_nbgrader_uses_it_by_configuration_alone(tmp_path):
    """The course's own `nbgrader_config.py`, and an assignment whose test asks who started it."""
    course = Path(__file__).parents[2]
    test = (
        "import os, sys\n"
        "assert 'tfcourse.kernels.server' in open(f'/proc/{os.getppid()}/cmdline').read()\n"
        "assert 'tensorflow' in sys.modules and '--HistoryManager.hist_file=:memory:' in sys.argv\n"
        "assert os.environ['NBGRADER_EXECUTION'] == 'autograde'"
    )
    marks = {"grade": True, "solution": False, "locked": True, "points": 3, "grade_id": "t", "schema_version": 3}
    marks |= {"cell_type": "code", "task": False}
    cell = nbformat.v4.new_code_cell(test, metadata={"nbgrader": marks})
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel})
    for folder in ("source/small", "submitted/ada/small"):
        (tmp_path / folder).mkdir(parents=True)
        nbformat.write(notebook, tmp_path / folder / "assignment.ipynb")
    environment = {name: value for name, value in os.environ.items() if name not in {warm.SWITCH, "JUPYTER_PATH"}}
    for command in ("generate_assignment", "autograde"):
        arguments = [sys.executable, "-m", "nbgrader", command, "small", f"--CourseDirectory.root={tmp_path}"]
        run = subprocess.run(
            arguments, cwd=course, env=environment, capture_output=True, text=True, timeout=300, check=False
        )
        assert run.returncode == 0, run.stderr
    assert "ordinary kernel" not in run.stderr
    with contextlib.closing(sqlite3.connect(tmp_path / "gradebook.db")) as gradebook:
        assert gradebook.execute("select auto_score from grade").fetchall() == [(3.0,)], run.stderr
