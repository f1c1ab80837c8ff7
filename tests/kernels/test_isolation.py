"""What a confined process can see, reach and use: tried out from within, in real namespaces."""

import ast
import errno
import json
import os
import signal
import socket
import tempfile
from pathlib import Path

import pytest
from stand_in import FOLDER, PACKAGE, Box, alive, wait_until

from tfcourse.kernels import isolation, sandbox, watch
from tfcourse.kernels.limits import MEGABYTE, Limits

DAEMON = """
import os, signal, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
        os.close(1)
        os.close(2)
        time.sleep(300)
    os._exit(0)
time.sleep(0.2)
print("ready", flush=True)
"""


def shown_below_tmp():
    """Return what of the environment a process finds below /tmp: nothing, unless this clone lies there."""
    shown = [path.relative_to("/tmp") for path in [*sandbox.python_paths(), PACKAGE] if path.is_relative_to("/tmp")]
    return sorted({path.parts[0] for path in shown})


def mode():
    return "root" if sandbox.as_root() else "rootless"


class TestItsFiles:
    def test_it_starts_in_an_empty_folder_of_its_own(self, box):
        assert box.value("[os.getcwd(), os.listdir('.')]") == [f"{FOLDER}/work", []]

    def test_it_writes_there_and_where_programs_write_by_habit(self, box):
        said = box.run(
            """
import os, tempfile
for folder in (".", "/tmp", "/var/tmp", "/dev/shm", tempfile.gettempdir()):
    with open(f"{folder}/written", "w") as file:
        file.write("x")
print(sorted(os.listdir("/slot")), os.stat("/tmp").st_dev == os.stat(".").st_dev == os.stat("/dev/shm").st_dev)
"""
        )
        assert said.strip() == "['shm', 'tmp', 'work'] True"

    @pytest.mark.parametrize("scratch", ["/tmp", "/var/tmp"])
    def test_what_is_readable_below_its_scratch_stays_readable_and_nothing_more(self, needs_sandbox, scratch):
        with tempfile.TemporaryDirectory(dir=scratch) as outside:  # mode 700
            environment = Path(outside, "with blanks", "environment")
            (environment / "lib").mkdir(parents=True)
            (environment / "lib" / "module.py").write_text("here")
            (Path(outside) / "neighbour").write_text("hidden")
            single = Path(outside, "single")
            single.write_text("a file")
            box = Box(readable=[environment, single])
            try:
                said = box.run(
                    f"""
import os, shutil
print(open("{environment}/lib/module.py").read(), open("{single}").read())
for spoil in (lambda: open("{environment}/lib/module.py", "w"), lambda: open("{environment}/new", "w"),
              lambda: os.rmdir("{environment}"), lambda: os.unlink("{single}"), lambda: open("{single}", "w")):
    try:
        spoil()
        print("spoiled")
    except OSError:
        pass
print([os.listdir("{outside}"), os.listdir("{scratch}"), os.listdir("{environment}")])
open("{scratch}/own", "w").close()
"""
                )
            finally:
                box.close()
        assert said.splitlines()[0] == "here a file"
        assert "spoiled" not in said
        names = said.splitlines()[1]
        assert "neighbour" not in names
        # /tmp and /var/tmp are the same folder, so that the places of mounts below one show in the other, empty.
        assert sorted(ast.literal_eval(names)[1]) == sorted([Path(outside).name, *shown_below_tmp()])
        assert ast.literal_eval(names)[2] == ["lib"]

    def test_it_writes_nowhere_else(self, box):
        said = box.run(
            f"""
import os
own = ("{FOLDER}", "/tmp", "/var/tmp", "/dev/shm", "/proc")
tried = 0
def try_to_write(folder):
    global tried
    tried += 1
    try:
        with open(folder + "/intruder", "w"):
            print("wrote in", folder)
    except OSError:
        pass
for folder, folders, files in os.walk("/", onerror=None):
    folders[:] = [name for name in folders if not os.path.join(folder, name).startswith(own)]
    if folder.count("/") > 4 and "site-packages" not in folder:
        folders[:] = folders[:3]
    if folder.count("/") > 7:
        folders[:] = []
    try_to_write(folder)
    for name in files[:3]:
        path = os.path.join(folder, name)
        if not path.startswith("/dev/") and os.access(path, os.W_OK):
            print("may write", path)
print(tried)
"""
        ).splitlines()
        assert len(said) == 1, said
        assert int(said[0]) > 100

    def test_what_it_may_write_in_proc_is_its_own(self, box):
        said = box.run(
            """
import os
for path in ("/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/hostname",
             "/proc/sys/vm/overcommit_memory", "/proc/sys/kernel/pid_max", "/proc/self/uid_map",
             "/proc/self/oom_score_adj"):
    try:
        with open(path, "r+") as file:
            file.write("-1000")
        print("wrote", path)
    except OSError:
        pass
"""
        )
        assert said == ""

    def test_its_disk_ends_where_the_limits_say(self, box):
        said = box.run(
            """
import os
written = 0
try:
    for number in range(1000):
        with open(f"{('.', '/tmp', '/dev/shm')[number % 3]}/file{number}", "wb", buffering=0) as file:
            written += file.write(bytes(100_000))
except OSError as error:
    print(error.errno, written)
""",
            Limits(disk_megabytes=3),
        )
        number, written = map(int, said.split())
        assert number == errno.ENOSPC
        assert 2 * MEGABYTE < written <= 3 * MEGABYTE

    def test_one_file_cannot_be_larger_than_its_disk(self, box):
        said = box.run(
            """
import signal
with open("large", "wb", buffering=0) as file:
    file.seek(5 * 2**20)
    try:
        file.write(b"x")
    except OSError as error:
        print(error.errno)
""",
            Limits(disk_megabytes=3),
        )
        assert int(said) == errno.EFBIG

    def test_its_files_are_counted(self, box):
        said = box.run(
            """
made = 0
try:
    for number in range(1000):
        open(f"file{number}", "w").close()
        made += 1
except OSError as error:
    print(error.errno, made)
""",
            Limits(files=100),
        )
        assert said.split() == [str(errno.ENOSPC), "100"]

    def test_it_sees_nothing_of_this_machine_but_the_environment(self, box, tmp_path):
        secret = tmp_path / "secret"
        secret.write_text("the key")
        home = Path("~").expanduser()
        paths = [str(secret), "/etc/shadow", "/etc/hostname", "/etc/ssl", "/home", "/var/log", "/run", "/boot", "/mnt"]
        paths += [str(home / ".bashrc"), str(home / ".ssh"), str(home / ".config")]
        paths += [str(PACKAGE.parent / name) for name in ("source", "grader_tests", "curriculum", "gradebook.db")]
        said = box.run(
            f"""
import os
print([path for path in {paths!r} if os.path.exists(path)])
print(open("/etc/passwd").read().count("\\n"), os.listdir("/tmp"))
"""
        )
        assert said.splitlines() == ["[]", f"2 {shown_below_tmp()}"]

    def test_it_can_still_import_what_was_not_imported_before_the_fork(self, box):
        said = box.run("import tomllib, tfcourse.errors, nbformat; print('imported')")
        assert said.strip() == "imported"

    def test_siblings_have_files_of_their_own(self, box):
        first = box.start("open('/tmp/mine', 'w').write('x'); print('written', flush=True); input()")
        assert first.line() == "written"
        try:
            assert box.value("[os.listdir('/tmp'), os.listdir('/slot/work'), os.listdir('/slot')]") == [
                shown_below_tmp(),
                [],
                ["shm", "tmp", "work"],
            ]
        finally:
            first.kill()

    def test_nothing_is_left_of_it(self, box):
        box.run("open('left', 'w').write('x')")
        assert box.value("os.listdir('.')") == []

    def test_no_program_gets_more_rights_by_its_owner(self, box):
        said = box.run(
            """
import os
print([line.split()[1] for line in open("/proc/self/mounts") if "nosuid" not in line.split()[3].split(",")])
"""
        )
        assert said.strip() == "[]"


class TestWhoItIs:
    def test_it_has_no_capability_and_cannot_get_one(self, box):
        said = box.run("print(open('/proc/self/status').read())")
        status = dict(line.split(":", 1) for line in said.splitlines() if ":" in line)
        for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            assert int(status[name], 16) == 0, name
        assert status["NoNewPrivs"].strip() == "1"
        assert status["Seccomp"].strip() == "2"
        assert status["Pid"].strip() == "1"

    def test_it_is_a_user_without_an_account(self, box):
        ids = box.value("[*os.getresuid(), *os.getresgid()]")
        if mode() == "root":
            assert set(ids) <= set(isolation.unused_uids())
            assert len(set(ids)) == 1
            assert box.value("os.getgroups()") == []
        else:
            assert ids == [os.getuid()] * 3 + [os.getgid()] * 3

    def test_each_has_a_user_of_its_own_where_there_are_users_to_spare(self, box):
        if mode() != "root":
            pytest.skip("an ordinary user has no users to spare; user namespaces of their own keep kernels apart")
        assert box.value("os.getuid()") != box.value("os.getuid()")

    def test_it_cannot_become_root_again(self, box):
        said = box.run(
            """
import os
for become in (lambda: os.setuid(0), lambda: os.setresuid(0, 0, 0), lambda: os.setgid(0), lambda: os.setgroups([0])):
    try:
        become()
        print("became")
    except OSError:
        pass
os.system("su -c id 2>/dev/null; mount -t tmpfs none /mnt 2>/dev/null && echo mounted")
os.system("unshare -Ur id 2>/dev/null; unshare -n true 2>/dev/null && echo unshared")
"""
        )
        assert said == ""

    def test_the_machine_kills_it_before_its_grader_when_memory_runs_out(self, box):
        assert box.value("int(open('/proc/self/oom_score_adj').read())") == 500


class TestItsNamespaces:
    def test_they_are_its_own(self, box):
        names = ["mnt", "pid", "ipc", "uts", "net"] + (["user"] if mode() == "rootless" else [])
        expression = f"[os.readlink('/proc/self/ns/' + name) for name in {names!r}]"
        first = box.start(f"import os, json; print(json.dumps({expression}), flush=True); input()")
        ours = [os.readlink(f"/proc/self/ns/{name}") for name in names]
        servers = [os.readlink(f"/proc/{box.process.pid}/ns/{name}") for name in names]
        one = json.loads(first.line())
        other = box.value(expression)
        first.kill()
        for index, name in enumerate(names):
            assert len({ours[index], one[index], other[index]}) == 3, name
            assert one[index] != servers[index], name

    def test_it_sees_its_own_processes_only(self, box):
        first = box.start("print('here', flush=True); input()")
        assert first.line() == "here"
        pids = box.value("sorted(int(name) for name in os.listdir('/proc') if name.isdigit())")
        first.kill()
        assert pids == [1]

    def test_no_signal_leaves_it(self, box):
        first = box.start("print('here', flush=True); print(input(), flush=True)")
        assert first.line() == "here"
        said = box.run(
            """
import os, signal
for target in (-1, 0):
    for number in (signal.SIGUSR1, signal.SIGKILL):
        try:
            signal.signal(signal.SIGUSR1, signal.SIG_IGN)
            if target == 0 and number == signal.SIGKILL:
                continue
            os.kill(target, number)
        except OSError:
            pass
for target in range(2, 40):
    try:
        os.kill(target, signal.SIGKILL)
        print("killed", target)
    except ProcessLookupError:
        pass
"""
        )
        assert said == ""
        first.say("still here")
        assert first.line() == "still here"
        assert box.value("1") == 1  # the fork server, too

    def test_its_process_group_is_its_own(self, box):
        assert box.value("[os.getpgid(0), os.getsid(0)]") == [1, 1]

    def test_there_is_no_network(self, box):
        listener = socket.create_server(("127.0.0.1", 0))
        abstract = socket.socket(socket.AF_UNIX)
        abstract.bind(f"\0tfcourse-test-{os.getpid()}")
        abstract.listen()
        with listener, abstract:
            said = box.run(
                f"""
import socket
for address in (("127.0.0.1", {listener.getsockname()[1]}), ("8.8.8.8", 53), ("10.0.0.1", 80)):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        try:
            socket.socket(socket.AF_INET, kind).connect(address)
            print("reached", address)
        except OSError as error:
            print(error.errno)
try:
    socket.socket(socket.AF_UNIX).connect("\\0tfcourse-test-{os.getpid()}")
except OSError as error:
    print(error.errno)
print([name for _, name in socket.if_nameindex()])
"""
            ).splitlines()
        assert said == [str(errno.ENETUNREACH)] * 6 + [str(errno.ECONNREFUSED), "['lo']"]

    def test_siblings_do_not_share_abstract_sockets(self, box):
        code = """
import socket
here = socket.socket(socket.AF_UNIX)
here.bind("\\0meeting-point")
here.listen()
print("bound", flush=True)
input()
"""
        first, second = box.start(code), box.start(code)
        assert (first.line(), second.line()) == ("bound", "bound")
        first.kill()
        second.kill()

    def test_terminals_are_its_own(self, box):
        first = box.start("import os; print(os.ttyname(os.openpty()[1]), flush=True); input()")
        assert first.line() == "/dev/pts/0"
        assert box.value("sorted(os.listdir('/dev/pts'))") == ["ptmx"]
        first.kill()


class TestOthersMemory:
    def test_the_fork_server_and_siblings_can_neither_be_read_nor_traced(self, needs_sandbox, monkeypatch):
        """In a sandbox whose /proc cannot be mounted anew, so that their numbers are there to be tried."""
        if mode() != "root":
            pytest.skip("needs root, to make a /proc that cannot be mounted anew")
        # Root that takes itself for an ordinary user covers parts of /proc, and the kernel then refuses a fresh one.
        monkeypatch.setattr(sandbox, "as_root", lambda: False)
        monkeypatch.setattr(isolation, "unused_uids", list)
        box = Box(environment={"SECRET": "the key"})
        try:
            first = box.start("print('here', flush=True); input()")
            assert first.line() == "here"
            said = box.run(
                """
import ctypes, os, signal
me = int(os.readlink("/proc/self"))
others = [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != me]
print(len(others))
library = ctypes.CDLL(None, use_errno=True)
for other in others:
    names = ["environ", "mem", "maps", "root/etc", "cwd", "exe", "auxv", "stack", "syscall"]
    names += ["map_files", "ns/mnt", "io"]
    # How many files a process has open may show; what they are may not.
    names += [f"{folder}/{number}" for folder in ("fd", "fdinfo") for number in range(10)]
    for name in names:
        path = f"/proc/{other}/{name}"
        for look in (os.readlink, os.listdir, lambda path: open(path, "rb").read(10)):
            try:
                if look(path):
                    print("saw", path)
            except OSError:
                pass
    try:
        if other != os.getpid():  # the number that it has in its own namespace
            os.kill(other, 0)
            print("can signal", other)
    except OSError:
        pass
    pidfd = os.open(f"/proc/{other}", os.O_RDONLY | os.O_DIRECTORY)
    if library.syscall(424, pidfd, 0, None, 0) == 0:
        print("can signal", other, "by descriptor")
"""
            ).splitlines()
            first.kill()
            assert said[1:] == []
            assert int(said[0]) >= 4  # bubblewrap, the fork server, both A's, the sibling
        finally:
            box.close()

    def test_nothing_of_itself_is_readable_by_others_of_its_user(self, box):
        said = box.run(
            """
import os, subprocess, sys
code = '''
for name in ("environ", "mem", "maps"):
    try:
        with open("/proc/1/" + name, "rb") as file:
            print(name, len(file.read(10)))
    except OSError:
        print("refused")
'''
print(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout)
"""
        )
        assert said.split() == ["refused"] * 3


class TestItsBounds:
    def test_they_are_those_of_the_limits(self, box):
        limits = Limits(processes=77, disk_megabytes=5, open_files=123)
        said = box.value(
            "[resource.getrlimit(getattr(resource, 'RLIMIT_' + name))"
            " for name in ('NPROC', 'FSIZE', 'NOFILE', 'CORE', 'MEMLOCK', 'MSGQUEUE', 'NICE', 'RTPRIO')]",
            limits,
        )
        expected = [77, 5 * MEGABYTE, 123, 0, 65536, 0, 0, 0]
        assert said == [[bound, bound] for bound in expected]

    def test_it_cannot_raise_them(self, box):
        said = box.run(
            """
import resource
for kind in (resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE, resource.RLIMIT_CORE):
    soft, hard = resource.getrlimit(kind)
    try:
        resource.setrlimit(kind, (soft, hard + 1))
        print("raised", kind)
    except (ValueError, OSError):
        pass
"""
        )
        assert said == ""

    def test_a_fork_bomb_stops(self, box):
        confined = box.start(
            """
import os, time
started = 0
try:
    for _ in range(500):
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
        started += 1
except BlockingIOError:
    print("refused", started)
print("ended")
""",
            Limits(processes=50),
        )
        # It stops at its bound; other kernels do not count, and start as ever.
        refused, started = confined.line().split()
        assert refused == "refused"
        assert 40 <= int(started) <= 50
        assert confined.line() == "ended"
        assert confined.status() == 0

    def test_threads_count_as_processes(self, box):
        said = box.run(
            """
import threading
wait = threading.Event()
threads = []
try:
    for _ in range(200):
        threads.append(threading.Thread(target=wait.wait, daemon=True))
        threads[-1].start()
except RuntimeError:
    print(len(threads))
wait.set()
""",
            Limits(processes=50),
        )
        assert 40 <= int(said) <= 50

    def test_a_bomb_in_one_leaves_the_others_their_processes(self, box):
        code = """
import os, time
try:
    while True:
        if os.fork() == 0:
            time.sleep(60)
except BlockingIOError:
    print("full", flush=True)
time.sleep(60)
"""
        bomb = box.start(code, Limits(processes=50))
        assert bomb.line() == "full"
        assert box.run("import os; print(os.waitpid(os.fork() or os._exit(0), 0)[1])", Limits(processes=50)) == "0\n"
        bomb.kill()


class TestItsEnd:
    def test_its_exit_code_is_passed_on(self, box):
        confined = box.start("raise SystemExit(37)")
        confined.read()
        assert confined.status() == 37

    def test_so_is_a_signal_that_killed_it(self, box):
        confined = box.start("import time; time.sleep(60)")
        confined.kill()
        assert confined.status() == -signal.SIGKILL

    def test_so_is_a_crash(self, box):
        confined = box.start("import ctypes; ctypes.string_at(0)")
        confined.read()
        assert confined.status() == -signal.SIGSEGV

    def test_an_abort_ends_it_too(self, box):
        # PID 1 of a namespace ignores SIGABRT; the C library then makes it crash.
        confined = box.start("import os; os.abort()")
        confined.read()
        assert confined.status() < 0

    def test_a_daemon_that_ignores_every_signal_is_killed_with_it(self, box):
        confined = box.start(f"{DAEMON}\ntime.sleep(300)")
        assert confined.line() == "ready"
        daemons = [process for process in watch.descendants(confined.number) if alive(process)]
        assert len(daemons) == 1
        confined.kill()
        assert wait_until(lambda: not any(alive(daemon) for daemon in daemons))

    def test_so_it_is_when_the_kernel_ends_by_itself(self, box):
        confined = box.start(f"{DAEMON}\ninput()")
        assert confined.line() == "ready"
        daemons = [process for process in watch.descendants(confined.number) if alive(process)]
        assert len(daemons) == 1
        confined.say("")
        assert confined.status() == 0
        assert wait_until(lambda: not any(alive(daemon) for daemon in daemons))

    def test_it_dies_with_the_process_that_waits_for_it(self, box):
        confined = box.start("import time; print('here', flush=True); time.sleep(300)")
        assert confined.line() == "here"
        for line in Path(f"/proc/{confined.number}/status").read_text().splitlines():
            if line.startswith("PPid:"):
                os.kill(int(line.split()[1]), signal.SIGKILL)
        assert wait_until(lambda: not alive(confined.number))

    def test_the_whole_sandbox_dies_with_bubblewrap(self, needs_sandbox):
        box = Box()
        confined = box.start(f"{DAEMON}\ntime.sleep(300)")
        assert confined.line() == "ready"
        everybody = list(watch.descendants(box.process.pid))
        assert confined.number in everybody
        box.process.kill()
        box.process.wait()
        assert wait_until(lambda: not any(alive(process) for process in everybody))

    def test_nothing_keeps_its_pipes_open(self, box):
        confined = box.start("import os; os.close(1); os.close(2); import time; time.sleep(60)")
        assert confined.read() == ""
        assert alive(confined.number), "its pipes were closed before it ended"
        os.kill(confined.number, signal.SIGKILL)


class TestWhenItCannotBeConfined:
    def test_it_says_what_was_refused(self, box):
        said = box.run("raise SystemExit", Limits(disk_megabytes=-1))
        assert "mounting tmpfs on /slot" in said

    def test_it_runs_nothing(self, box):
        assert "unconfined" not in box.run("print('unconfined')", Limits(disk_megabytes=-1))


class TestUnusedUids:
    def test_an_ordinary_user_has_none(self, monkeypatch):
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        assert isolation.unused_uids() == []

    def test_they_have_no_account_and_are_all_different(self, monkeypatch):
        import pwd

        monkeypatch.setattr(os, "geteuid", lambda: 0)
        monkeypatch.setattr(isolation, "_mapped", lambda path: [range(2**32 - 1)])
        uids = isolation.unused_uids()
        assert len(uids) == len(set(uids)) > 4000
        assert not set(uids) & {entry.pw_uid for entry in pwd.getpwall()}
        assert 0 not in uids

    def test_they_exist_in_this_user_namespace(self, monkeypatch):
        monkeypatch.setattr(os, "geteuid", lambda: 0)
        monkeypatch.setattr(isolation, "_mapped", lambda path: [range(1), range(1, 5001)])
        uids = isolation.unused_uids()
        assert uids
        assert max(uids) <= 5000
        assert min(uids) >= 1000

    def test_there_are_none_where_root_is_the_only_user(self, monkeypatch):
        monkeypatch.setattr(os, "geteuid", lambda: 0)
        monkeypatch.setattr(isolation, "_mapped", lambda path: [range(1)])
        assert isolation.unused_uids() == []
