"""The sandbox around the fork server: its command line, what it needs, and what it says where it cannot be had."""

import os
import shutil
import site
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import pytest
from stand_in import PACKAGE, Box

from tfcourse.kernels import isolation, sandbox

INSIDE = "TFCOURSE_TESTS_ARE_ROOTLESS"


def run(argv, *, readable=(), environment=None, folder="/slot", **options):
    line = sandbox.command(argv, folder=folder, readable=readable, environment=environment or {})
    return subprocess.run(line, capture_output=True, text=True, timeout=60, check=False, **options)


@pytest.fixture
def probe():
    """The probe, without its memory."""
    sandbox.probe.cache_clear()
    yield sandbox.probe
    sandbox.probe.cache_clear()


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """Put a bubblewrap of our own first in the search path, which says something and fails."""

    def make(text):
        program = tmp_path / "bwrap"
        program.write_text(f"#!/bin/sh\necho '{text}' >&2\nexit 1\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    return make


@pytest.mark.usefixtures("needs_sandbox")
class TestInside:
    def test_there_are_the_given_variables_and_no_others(self, monkeypatch):
        monkeypatch.setenv("TFCOURSE_SECRET", "the key")
        said = run(["/usr/bin/env"], environment={"ONE": "1", "LANG": "C.UTF-8"}).stdout.split()
        assert sorted(said) == ["LANG=C.UTF-8", "ONE=1", "PWD=/"]

    def test_there_are_a_few_folders_and_those_that_were_asked_for(self, tmp_path):
        readable = Path(__file__).parent
        said = run(["/bin/ls", "/"], readable=[readable]).stdout.split()
        expected = {"bin", "dev", "etc", "lib", "proc", "slot", "sys", "tmp", "usr", "var", readable.parts[1]}
        assert set(said) - {"sbin", "lib32", "lib64", "libx32", "nix"} == expected

    def test_what_may_be_read_cannot_be_written(self):
        said = run(["/bin/sh", "-c", f"echo > '{Path(__file__).parent}/intruder'"], readable=[Path(__file__).parent])
        assert "Read-only file system" in said.stderr

    @pytest.mark.parametrize("folder", ["/", "/usr", "/etc", "/dev", "/var", "/slot"])
    def test_nothing_outside_of_its_scratch_can_be_written(self, folder):
        said = run(["/bin/sh", "-c", f"echo > {folder}/intruder"])
        assert said.returncode != 0

    def test_a_folder_that_does_not_exist_is_left_out(self):
        assert run(["/bin/true"], readable=[Path("/no/such/folder")]).returncode == 0

    def test_descriptors_are_inherited(self):
        told, telling = os.pipe()
        run(["/bin/sh", "-c", f"echo hello > /proc/self/fd/{telling}"], pass_fds=[telling])
        os.close(telling)
        with os.fdopen(told) as pipe:
            assert pipe.read() == "hello\n"

    def test_there_is_no_network(self):
        assert run(["/bin/cat", "/proc/net/dev"]).stdout.count(":") == 1

    def test_this_interpreter_runs_and_imports(self):
        code = "import numpy, tfcourse.kernels, sys; print(sys.prefix)"
        said = run([sys.executable, "-c", code], readable=sandbox.python_paths())
        assert said.stdout.strip() == sys.prefix, said.stderr

    def test_the_server_keeps_no_more_than_a_fork_needs(self):
        said = run(["/bin/cat", "/proc/self/status"]).stdout
        held = next(int(line.split()[1], 16) for line in said.splitlines() if line.startswith("CapEff"))
        chown, kill, setgid, setuid, setpcap, sys_admin = (1 << number for number in (0, 5, 6, 7, 8, 21))
        expected = chown | kill | setgid | setuid | setpcap | sys_admin
        assert held == (expected if sandbox.as_root() else 0)


class TestPythonPaths:
    def test_they_hold_the_environment_its_python_and_this_package(self):
        paths = sandbox.python_paths()
        for needed in (Path(sys.prefix), Path(sys.base_prefix), Path(sandbox.__file__), Path(os.__file__)):
            assert any(needed.is_relative_to(path) for path in [*paths, Path("/usr")]), needed

    def test_the_working_directory_is_not_among_them(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        assert not any(tmp_path.is_relative_to(path) for path in sandbox.python_paths())

    def test_none_lies_in_another(self):
        paths = sandbox.python_paths()
        assert not any(one != other and one.is_relative_to(other) for one in paths for other in paths)

    def test_folders_that_a_pth_file_adds_are_among_them(self, tmp_path):
        added = tmp_path / "added"
        added.mkdir()
        (tmp_path / "our.pth").write_text(f"# a comment\nimport sys\n{added}\nadded\n")
        assert list(sandbox._added_to(tmp_path)) == [added, added]

    def test_each_link_on_the_way_to_the_interpreter_is_named(self, tmp_path):
        (tmp_path / "python3.11").write_text("")
        (tmp_path / "python3").symlink_to("python3.11")
        (tmp_path / "python").symlink_to(tmp_path / "python3")
        assert [path.name for path in sandbox._links(tmp_path / "python")] == ["python", "python3", "python3.11"]


class TestProbe:
    @pytest.mark.usefixtures("needs_sandbox")
    def test_it_is_silent_where_there_is_a_sandbox(self, probe):
        assert probe() is None

    @pytest.mark.usefixtures("needs_sandbox")
    def test_it_is_tried_once(self, probe, monkeypatch):
        probe()
        monkeypatch.setattr(subprocess, "run", lambda *a, **k: pytest.fail("tried twice"))
        probe()

    def test_without_bubblewrap_it_says_how_to_install_it(self, probe, monkeypatch):
        monkeypatch.setenv("PATH", "/nowhere")
        assert "apt-get install bubblewrap" in probe()

    def test_elsewhere_than_on_linux_it_says_so(self, probe, monkeypatch):
        monkeypatch.setattr(sys, "platform", "darwin")
        assert "needs Linux" in probe()

    def test_an_old_bubblewrap_is_named_as_such(self, probe, fake):
        fake("bwrap: Unknown option --clearenv")
        assert "too old" in probe()

    def test_a_container_without_the_rights_is_named_as_such(self, probe, fake, monkeypatch):
        fake("bwrap: Creating new namespace failed: Operation not permitted")
        monkeypatch.setattr(os, "geteuid", lambda: 0)
        monkeypatch.setenv("container", "podman")
        said = probe()
        assert "Operation not permitted" in said
        assert "--cap-add SYS_ADMIN" in said

    @pytest.mark.parametrize(
        ("setting", "value", "remedy"),
        [
            ("kernel/apparmor_restrict_unprivileged_userns", "1", "AppArmor"),
            ("kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone=1"),
            ("user/max_user_namespaces", "0", "user.max_user_namespaces=10000"),
        ],
    )
    def test_a_machine_that_forbids_user_namespaces_is_told_which_setting(
        self, probe, fake, monkeypatch, setting, value, remedy
    ):
        fake("bwrap: No permissions to create new namespace")
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        monkeypatch.setattr(sandbox, "_setting", lambda name: value if name == setting else None)
        assert remedy in probe()

    def test_a_trial_that_hangs_is_given_up(self, probe, monkeypatch, tmp_path):
        program = tmp_path / "bwrap"
        program.write_text("#!/bin/sh\nexec /bin/sleep 60\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        monkeypatch.setattr(sandbox, "SECONDS_TO_TRY", 0.2)
        assert "did not end" in probe()

    @pytest.mark.usefixtures("needs_sandbox")
    @pytest.mark.parametrize("scratch", ["/tmp", "/var/tmp"])
    def test_an_environment_below_a_kernels_scratch_is_as_good_as_any(self, scratch):
        with tempfile.TemporaryDirectory(dir=scratch) as folder:
            venv.create(folder + "/environment", symlinks=True, with_pip=False)
            python = folder + "/environment/bin/python"
            packages = next(Path(folder).glob("environment/lib/*/site-packages"))
            (packages / "ours.pth").write_text(f"{site.getsitepackages()[0]}\n{PACKAGE}\n")
            (packages / "only_here.py").write_text("")
            code = "import only_here; from tfcourse.kernels import sandbox; print(sandbox.probe())"
            said = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
        assert said.stdout == "None\n", said

    @pytest.mark.usefixtures("needs_sandbox")
    def test_a_python_that_a_kernel_could_not_read_is_found(self, probe, monkeypatch):
        """Root may read everything, but kernels are other users: the trial looks as one of them."""
        if not sandbox.as_root():
            pytest.skip("an ordinary user's kernels are that user")
        # Folders above what is shown are made anew in the sandbox; this one is shown itself.
        with tempfile.TemporaryDirectory(dir="/var") as closed:  # mode 700
            paths = [*sandbox.python_paths(), Path(closed)]
            monkeypatch.setattr(sandbox, "python_paths", lambda: paths)
            said = probe()
        assert f"Permission denied: '{closed}'" in said
        assert "install them where everybody may read" in said


class TestAsAnOrdinaryUser:
    @pytest.mark.slow
    @pytest.mark.usefixtures("needs_sandbox")
    def test_all_tests_of_the_sandbox_pass(self, tmp_path_factory):
        """Run this folder's tests again as a user without any privilege; nothing but the reason may be skipped."""
        if os.geteuid() != 0:
            pytest.skip("we are an ordinary user: the tests have just run so")
        if shutil.which("setpriv") is None:
            pytest.skip("setpriv, which would make us an ordinary user, is not installed")
        nobody = str(isolation.unused_uids()[0])
        base, root = Path(sys.base_prefix), Path(__file__).parents[2]
        home = Path("~").expanduser()
        # A Python below root's own folder is out of reach of others: show it to them, and nothing else of it.
        view = ["bwrap", "--die-with-parent", "--dev-bind", "/", "/"]
        if base.is_relative_to(home):
            view += ["--tmpfs", str(home), "--dir", str(base.parent), "--ro-bind", str(base), str(base)]
        user = ["setpriv", "--reuid", nobody, "--regid", nobody, "--clear-groups", "--bounding-set=-all"]
        names = ("test_sandbox.py", "test_isolation.py", "test_seccomp.py", "test_watch.py")
        tests = [str(Path(__file__).parent / name) for name in names]
        temporary = f"/tmp/tfcourse-rootless-{os.getpid()}"
        pytest_ = [sys.executable, "-m", "pytest", *tests, "-q", "-m", "not slow", "-p", "no:cacheprovider"]
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "HOME": "/tmp", INSIDE: "1"}
        environment.pop("PYTEST_XDIST_WORKER", None)
        done = subprocess.run(
            [*view, "--", *user, "--", *pytest_, f"--basetemp={temporary}"],
            cwd=root,
            env=environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        shutil.rmtree(temporary, ignore_errors=True)
        assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
        assert "no sandbox here" not in done.stdout, done.stdout[-5000:]


def test_an_inherited_box_is_a_box(needs_sandbox):
    """The tests' own tool: what it says of a process holds."""
    box = Box()
    try:
        assert box.value("6 * 7") == 42
        with pytest.raises(AssertionError, match="ZeroDivisionError"):
            box.value("1 / 0")
    finally:
        box.close()
